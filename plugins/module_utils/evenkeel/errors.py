"""What can happen to a release, as nouns. Each message says what is true now and what to type next."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .verdict import Failure


class EvenkeelError(Exception):
    """Anything the engine refuses or fails to do; the text is for a person, `failures` are for who keeps a record."""

    def __init__(self, text: object = "", failures: Sequence[Failure] = ()) -> None:
        super().__init__(text)
        self.failures = tuple(failures)


class InvalidRelease(EvenkeelError):
    """A payload, manifest or release folder that is not what it says it is."""


class InvalidState(EvenkeelError):
    """State or journal on this host cannot be read."""


class LockHeld(EvenkeelError):
    """Another run is working on this host."""


class HostNotReady(EvenkeelError):
    """Something that the roles provide is missing: a program, a folder, an entry point."""


class ForeignFile(EvenkeelError):
    """A file that somebody else wrote stands where the release wants to put a link."""


class CurrentMoved(EvenkeelError):
    """`current` is no longer the release that the candidate was proved against."""


class CandidateRejected(EvenkeelError):
    """The candidate did not prove itself; nothing was live."""


class ActivationFailed(EvenkeelError):
    """The candidate was live, failed, and was put back."""


class RevertFailed(EvenkeelError):
    """`current` points back, but not every answer is right again."""


class DiskFull(EvenkeelError):
    """No room for the release; nothing was changed."""


def disk_trouble(error: OSError, truth: str) -> EvenkeelError:
    """A disk's error as one sentence; `truth` says what holds now, such as `nothing was changed`."""
    kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else EvenkeelError
    where = " (%s)" % error.filename if error.filename else ""
    return kind(
        "This host's disk refused to go on: %s%s; %s. Mend it and run the same command again"
        % (error.strerror or error, where, truth)
    )

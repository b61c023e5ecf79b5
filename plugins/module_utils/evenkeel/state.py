"""What this host must remember over a crash or a reboot: the release that nobody has confirmed yet."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Optional

from .errors import InvalidState
from .host import Host
from .manifest import ID_PATTERN

FORMAT = 1
ARMED = "armed"  # the deadline runs, the flip may have happened, nothing was verified
_LATEST = 1 << 34  # in the year 2514; what is later has no place in a calendar
LIVE = "live"  # verified on this host, waiting for the fleet to confirm


@dataclass(frozen=True)
class Pending:
    """An unconfirmed release. `deadline` is wall-clock seconds since 1970; `previous` is where a revert goes."""

    release: str
    previous: str
    phase: str
    deadline: float
    rollout: str
    actor: str
    commit: str


def load(host: Host) -> Optional[Pending]:
    """The pending release, or None; InvalidState when the file is not one that the engine wrote."""
    try:
        with open(host.paths.state, encoding="utf-8") as stream:
            document = json.load(stream)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise _invalid(host, str(error)) from error
    try:
        if document["format"] != FORMAT:
            raise _invalid(host, "format %r" % document["format"])
        return None if document["pending"] is None else _pending(document["pending"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _invalid(host, "%s: %s" % (type(error).__name__, error)) from error


def load_or_none(host: Host) -> Optional[Pending]:
    """For a revert, which must work whatever happened to the file: unreadable counts as nothing pending."""
    try:
        return load(host)
    except InvalidState:
        return None


def readable(host: Host) -> bool:
    """False when it is unknown whether a release is pending."""
    try:
        load(host)
    except InvalidState:
        return False
    return True


def save(host: Host, pending: Optional[Pending]) -> None:
    """Write the state in one step; the folder exists."""
    document: dict[str, Any] = {"format": FORMAT, "pending": None if pending is None else asdict(pending)}
    host.disk.make_folder(host.paths.var, 0o750)
    host.disk.replace(host.paths.state, (json.dumps(document, indent=2, sort_keys=True) + "\n").encode(), 0o600)


def _pending(raw: dict[str, Any]) -> Pending:
    pending = Pending(
        release=str(raw["release"]),
        previous=str(raw["previous"]),
        phase=str(raw["phase"]),
        deadline=float(raw["deadline"]),
        rollout=str(raw["rollout"]),
        actor=str(raw["actor"]),
        commit=str(raw["commit"]),
    )
    if not ID_PATTERN.match(pending.release) or not ID_PATTERN.match(pending.previous):
        raise ValueError("no release name")
    if pending.phase not in (ARMED, LIVE):
        raise ValueError("unknown phase %r" % pending.phase)
    if not 0 <= pending.deadline < _LATEST:
        raise ValueError("a deadline that no clock shows")
    return pending


def _invalid(host: Host, why: str) -> InvalidState:
    return InvalidState(
        "%s cannot be read (%s); nothing was changed. `evenkeel revert` goes back to the known good release and "
        "writes it anew" % (host.paths.state, why)
    )

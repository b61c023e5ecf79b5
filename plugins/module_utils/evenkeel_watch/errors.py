"""What keeps the watch from seeing or from acting."""

from __future__ import annotations


class WatchError(Exception):
    """Said in one sentence, for the journal of the unit."""


class Silent(WatchError):
    """A host, or Prometheus, does not answer."""


class Refused(WatchError):
    """A host answered that it will not; nothing was changed there."""

"""What this host must remember over a crash or a reboot: the release that nobody has confirmed yet."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Callable, Optional, TypeVar

from .errors import InvalidState
from .host import Host
from .manifest import ID_PATTERN

FORMAT = 1
T = TypeVar("T")
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
    deadline_s: float = 0.0  # how far away the deadline was when it was last put off
    peers: tuple[str, ...] = ()  # addresses of the rollout's other hosts


@dataclass(frozen=True)
class Decided:
    """A rollout that was confirmed here; its other hosts may ask until `until`, in seconds since 1970."""

    rollout: str
    release: str
    peers: tuple[str, ...]
    until: float


_ASKED_S = 60.0  # after the last deadline of a rollout nobody has a question


def decided(host: Host, pending: Pending) -> Decided:
    """What confirming `pending` leaves to be asked about."""
    until = max(pending.deadline, host.clock.now() + pending.deadline_s) + _ASKED_S
    return Decided(pending.rollout, pending.release, pending.peers, until)


def load(host: Host) -> Optional[Pending]:
    """The pending release, or None; InvalidState when the file is not one that the engine wrote."""
    return _part(host, "pending", _pending)


def load_decided(host: Host) -> Optional[Decided]:
    """The rollout that was confirmed last, or None; InvalidState as above."""
    return _part(host, "decided", _decided)


def _part(host: Host, name: str, parse: Callable[[dict[str, Any]], T]) -> Optional[T]:
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
        raw = {"decided": None, **document}[name]
        return None if raw is None else parse(raw)
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


def save(host: Host, pending: Optional[Pending], decided: Optional[Decided] = None) -> None:
    """Write the state in one step; what was decided before is forgotten unless it is said again."""
    parts = {"pending": pending, "decided": decided}
    document: dict[str, Any] = {"format": FORMAT, **{name: part and asdict(part) for name, part in parts.items()}}
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
        deadline_s=float(raw.get("deadline_s", 0.0)),
        peers=_texts(raw.get("peers", [])),
    )
    if not ID_PATTERN.match(pending.release) or not ID_PATTERN.match(pending.previous):
        raise ValueError("no release name")
    if pending.phase not in (ARMED, LIVE):
        raise ValueError("unknown phase %r" % pending.phase)
    if not 0 <= pending.deadline < _LATEST:
        raise ValueError("a deadline that no clock shows")
    return pending


def _decided(raw: dict[str, Any]) -> Decided:
    return Decided(str(raw["rollout"]), str(raw["release"]), _texts(raw["peers"]), float(raw["until"]))


def _texts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise ValueError("no list")
    return tuple(str(item) for item in raw)


def _invalid(host: Host, why: str) -> InvalidState:
    return InvalidState(
        "%s cannot be read (%s); nothing was changed. `evenkeel revert` goes back to the known good release and "
        "writes it anew" % (host.paths.state, why)
    )

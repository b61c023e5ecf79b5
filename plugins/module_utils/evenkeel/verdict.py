"""What a proof or a verification found, as data and as the paragraph that an operator reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Optional

from .errors import InvalidState

FORMAT = 1
_SHOWN = 5


@dataclass(frozen=True)
class Failure:
    """One thing that is not as it must be.

    `site` is None when it concerns the whole pool. `guard` names the check: that of an answer (`status`, `lacks`, ...,
    see judge.py) or a static one (`configtest`, `start`, `vhosts`, ...). Together the texts read as
    `<url> <got>, wanted <expected> (<cause>)`.
    """

    site: Optional[str]
    guard: str
    got: str
    expected: str = ""
    probe: str = ""
    url: Optional[str] = None
    status: Optional[int] = None
    cause: tuple[str, ...] = ()

    def line(self) -> str:
        """`blog.example/ answered 500, wanted 200 (PHP Fatal error: ...)`."""
        where = self.url or ("site " + self.site if self.site else self.guard)
        wanted = ", wanted " + self.expected if self.expected else ""
        why = " (%s)" % "; ".join(self.cause) if self.cause else ""
        colon = "" if self.url else ":"
        return "%s%s %s%s%s" % (where, colon, self.got, wanted, why)

    @property
    def key(self) -> tuple[Optional[str], str, str]:
        """Which promise is broken, whatever the way."""
        return (self.site, self.probe, "" if self.probe else self.guard)


@dataclass(frozen=True)
class Verdict:
    """The outcome of a proof. `known` failures are the live release's, too, and reject nothing; `seconds` by phase."""

    release: str
    live: str
    failures: tuple[Failure, ...] = ()
    known: tuple[Failure, ...] = ()
    probes: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    changed: tuple[str, ...] = ()  # files that differ between the two releases, those of the pool first
    learned: int = 0  # pages that visitors asked for, compared with live
    unstable: tuple[str, ...] = ()  # those of them that say nothing, because they differ by themselves
    remarks: tuple[str, ...] = ()  # sentences about what is well, and yet not what somebody may expect

    @property
    def ok(self) -> bool:
        return not self.failures

    @property
    def sites(self) -> set[str]:
        """Sites that can be held back for what they did."""
        return {failure.site for failure in self.failures if failure.site is not None}

    @property
    def known_pairs(self) -> frozenset[tuple[str, str]]:
        """(site, probe) of what was broken before, for `verify` to overlook."""
        return frozenset((failure.site, failure.probe) for failure in self.known if failure.site is not None)

    @property
    def pool_wide(self) -> tuple[Failure, ...]:
        """What no holding back of sites can cure."""
        return tuple(failure for failure in self.failures if failure.site is None)

    def message(self) -> str:
        """One readable paragraph: what is true now, and why."""
        if self.ok and not self.probes:
            return "Release %s starts here, and touches no site that could be asked." % self.release
        if self.ok and self.known:
            good = self.probes - len(self.known)
            counts = (self.release, good, self.probes, self._broken_before())
            text = "Release %s answered %d of %d probes as it must; the others were broken before (%s).%s"
            return text % (*counts, self._learned())
        if self.ok:
            return "Release %s answered all %d probes as it must.%s" % (self.release, self.probes, self._learned())
        before = " (broken before and still: %s)" % self._broken_before() if self.known else ""
        told = (self.live, self.release, self._reasons(), before)
        return "Kept release %s; candidate %s rejected: %s%s" % told

    def _learned(self) -> str:
        return " %d pages learned from traffic look as they do now." % (self.learned - len(self.unstable)) if self.learned else ""

    def _reasons(self) -> str:
        """The failures and, where they do not name it, what the candidate changes: the cause is among it."""
        text = listed(self.failures)
        if not self.changed or any(path in text for path in self.changed):
            return text
        return text + ("; " if "\n" not in text else "\n  ") + "it changes " + _some(self.changed)

    def _broken_before(self) -> str:
        return _some(sorted({failure.site or "the pool" for failure in self.known}))

    def to_document(self) -> dict[str, Any]:
        document = asdict(self)
        document.update(format=FORMAT, ok=self.ok, message=self.message())
        return document


def from_document(document: Mapping[str, Any]) -> Verdict:
    """A verdict as `to_document` wrote it; InvalidState when it is not one."""
    try:
        return Verdict(
            release=str(document["release"]),
            live=str(document["live"]),
            failures=failures_from(document["failures"]),
            known=failures_from(document["known"]),
            probes=int(document["probes"]),
            learned=int(document.get("learned", 0)),
            unstable=tuple(str(url) for url in document.get("unstable", ())),
            remarks=tuple(str(remark) for remark in document.get("remarks", ())),
            seconds=dict(document["seconds"]),
            changed=tuple(document.get("changed", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidState("a verdict cannot be read: %s: %s" % (type(error).__name__, error)) from error


def failures_from(documents: Sequence[Mapping[str, Any]]) -> tuple[Failure, ...]:
    return tuple(Failure(**{**document, "cause": tuple(document.get("cause", ()))}) for document in documents)


def listed(failures: Sequence[Failure]) -> str:
    """The failures as one text, several one a line: pool-wide ones first, then one of each site, then the rest."""
    ordered = _most_telling_first(failures)
    lines = [failure.line() for failure in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        rest = sorted({failure.site or "the pool" for failure in ordered[_SHOWN:]})
        lines.append("and %d more (%s)" % (len(ordered) - _SHOWN, _some(rest)))
    return lines[0] if len(lines) == 1 else "\n  " + "\n  ".join(lines)


def _most_telling_first(failures: Sequence[Failure]) -> list[Failure]:
    seen: set[Optional[str]] = set()
    first: list[Failure] = []
    later: list[Failure] = []
    for failure in sorted(failures, key=_telling):
        fresh = failure.site is None or failure.site not in seen
        (first if fresh else later).append(failure)
        seen.add(failure.site)
    return first + later


def _telling(failure: Failure) -> tuple[bool, bool, int]:
    """What concerns everybody, then what was read, then what was answered: a front page before what lies below it."""
    return failure.site is not None, bool(failure.probe), len(failure.url or "")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" and %d more" % (len(names) - _SHOWN) if len(names) > _SHOWN else "")

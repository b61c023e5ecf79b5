"""What monitoring is told about this host, as node_exporter's textfile collector reads it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Optional

from .absence import Absence
from .claim import Claim
from .last_rollout import LastRollout

SHOWN_SITES = 5
_LONGEST = 200  # characters of a label's value
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})


@dataclass(frozen=True)
class Workers:
    """Processes that work for one PHP pool, and how many there may be; `most` is 0 where nobody knows."""

    version: str
    pool: str
    running: int
    most: int


@dataclass(frozen=True)
class Drift:
    """What the last check found, by kind; `at` is seconds since 1970."""

    at: float
    found: Mapping[str, int]


@dataclass(frozen=True)
class Facts:
    """This host as monitoring sees it. Times are seconds since 1970; `deadline` is 0 where no release waits."""

    now: float
    release: str = ""
    known_good: str = ""
    tier: str = ""
    pool: str = ""
    confirmed: bool = False
    deadline: float = 0.0
    rollout: Optional[LastRollout] = None
    rejected_at: float = 0.0
    absences: Mapping[str, Absence] = field(default_factory=dict)
    claim: Optional[Claim] = None
    failed_over: tuple[str, ...] = ()
    drift: Optional[Drift] = None
    workers: tuple[Workers, ...] = ()


Samples = Iterable[tuple[Mapping[str, str], float]]


def text(facts: Facts) -> str:
    """All lines. What this host does not have (a release, a rollout) has no line."""
    lines = [line for family in _families(facts) for line in _family(*family)]
    return "\n".join(lines) + "\n"


def _families(facts: Facts) -> list[tuple[str, str, Samples]]:
    return [*_release(facts), *_rollout(facts), *_balancer(facts), *_drift(facts), *_php(facts), *_self(facts)]


def _release(facts: Facts) -> list[tuple[str, str, Samples]]:
    if not facts.release:
        return []
    live = {"tier": facts.tier, "pool": facts.pool, "release": facts.release}
    good = [({"release": facts.known_good}, 1.0)] if facts.known_good else []
    return [
        ("release_info", "The release that is live.", [(live, 1.0)]),
        ("known_good_info", "The release that a revert goes to.", good),
        ("confirmed", "1 where the live release is the known good one.", [({}, float(facts.confirmed))]),
        ("deadline_timestamp_seconds", "When the live release takes itself back; 0: it does not.", [({}, facts.deadline)]),
    ]


def _rollout(facts: Facts) -> list[tuple[str, str, Samples]]:
    rejected: Samples = [({}, facts.rejected_at)]
    found = [("rejected_timestamp_seconds", "When a candidate was rejected last; 0: never.", rejected)]
    last = facts.rollout
    if last is None:
        return found
    labels = {
        "rollout": last.rollout,
        "actor": last.actor,
        "commit": last.commit,
        "outcome": last.outcome,
        "release": last.release,
        "sites": named(last.sites, last.touched),
    }
    return [
        ("rollout_info", "The rollout that changed this host last, and what came of it.", [(labels, 1.0)]),
        ("rollout_timestamp_seconds", "When it changed this host last.", [({}, last.at)]),
        ("rollout_sites", "How many sites it touched.", [({}, float(last.touched))]),
        *found,
    ]


def _balancer(facts: Facts) -> list[tuple[str, str, Samples]]:
    absent = [({"server": name, "reason": one.why}, 1.0) for name, one in sorted(facts.absences.items())]
    claims = [({"rollout": facts.claim.rollout, "owner": facts.claim.actor}, 1.0)] if facts.claim else []
    return [
        ("absence", "A host that gets no visitors, and why.", absent),
        ("claim_info", "The rollout that is under way.", claims),
        ("failed_over", "1 for a pool whose visitors were sent to the backups.", [({"pool": n}, 1.0) for n in facts.failed_over]),
    ]


def _drift(facts: Facts) -> list[tuple[str, str, Samples]]:
    if facts.drift is None:
        return []
    found = [({"kind": kind}, float(number)) for kind, number in sorted(facts.drift.found.items())]
    return [
        ("drift", "What differs from what Evenkeel wrote, by kind.", found),
        ("drift_timestamp_seconds", "When somebody looked last.", [({}, facts.drift.at)]),
    ]


def _php(facts: Facts) -> list[tuple[str, str, Samples]]:
    pools = [({"version": one.version, "pool": one.pool}, one) for one in facts.workers]
    running = [(labels, float(one.running)) for labels, one in pools]
    return [
        ("php_workers", "Processes that work for a pool; a pool without any has no line.", running),
        ("php_workers_max", "How many there may be.", [(labels, float(one.most)) for labels, one in pools if one.most]),
    ]


def _self(facts: Facts) -> list[tuple[str, str, Samples]]:
    return [("metrics_timestamp_seconds", "When these lines were written.", [({}, facts.now)])]


def named(sites: Iterable[str], touched: int) -> str:
    """At most five names, then how many more there are."""
    shown = list(sites)[:SHOWN_SITES]
    more = touched - len(shown)
    return ", ".join(shown) + (" and %d more" % more if more > 0 and shown else "")


def _family(name: str, told: str, samples: Samples) -> list[str]:
    name = "evenkeel_" + name
    lines = ["%s%s %s" % (name, _labels(labels), _number(value)) for labels, value in samples]
    return ["# HELP %s %s" % (name, told), "# TYPE %s gauge" % name, *lines] if lines else []


def _labels(labels: Mapping[str, str]) -> str:
    return "{%s}" % ",".join('%s="%s"' % (name, escaped(value)) for name, value in labels.items()) if labels else ""


def escaped(value: str) -> str:
    """`value` as it may stand between quotes; one bad byte, and node_exporter would refuse the whole file."""
    return _UNPRINTABLE.sub(" ", value[:_LONGEST]).translate(_ESCAPES)


def _number(value: float) -> str:
    return "%.3f" % value if value % 1 else "%d" % value

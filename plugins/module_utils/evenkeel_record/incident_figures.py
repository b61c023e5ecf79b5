"""What the monitoring host's Prometheus remembers of a stretch of time, put together. Pure: its answers in, figures out.

An answer is what `query_range` returns for one of QUERIES; balancers and alerts are told apart by their labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from .incident_clock import moment
from .incident_model import Alert

# By name, what is asked. The balancers' counters are fetched bare: increase() would guess at the ends of the time.
QUERIES = {
    "alerts": 'ALERTS{alertstate="firing",severity=~"page|ticket"}',
    "responses": "haproxy_backend_http_responses_total",
    "failing": 'probe_success{job="site"} == 0',
    # by host: a sum falls and rises again while one of two does not answer
    "notified": "sum by (host) (alertmanager_notifications_total) - sum by (host) (alertmanager_notifications_failed_total)",
}
BEFORE_S = 600  # what was usual just before is asked for, too
# As visitors judge a rollout (docs/rollouts.md): fewer errors, or a share that is not larger by this, say nothing.
ERRORS, TIMES, MORE = 3, 2.0, 0.02
_POINTS = 10_000  # Prometheus refuses more than 11,000 a series


class Malformed(ValueError):
    """An answer that is not Prometheus'."""


class Series(NamedTuple):
    """Labels, and samples (seconds since 1970, value)."""

    labels: Mapping[str, str]
    samples: tuple[tuple[float, float], ...]


class Slice(NamedTuple):
    """Requests that came between two looks at the counters, and how many of them got a 5xx."""

    began: float
    ended: float
    asked: float
    failed: float

    @property
    def share(self) -> float:
        return self.failed / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class Errors:
    """The slices in which more failed than was usual before (`usual`, a share). `step_s` is how exact times are."""

    bad: tuple[Slice, ...]
    usual: float
    asked: int
    failed: int
    step_s: float

    @property
    def excess(self) -> int:
        """Failed requests beyond those that would have failed anyway."""
        return round(sum(max(0.0, one.failed - self.usual * one.asked) for one in self.bad))


def step_s(began: float, until: float) -> int:
    """Seconds between samples: the balancers' scrape interval, more where the time is long."""
    return max(5, -int(-(until - began + BEFORE_S) // _POINTS))


def questions(began: float, until: float) -> dict[str, dict[str, str]]:
    """What `query_range` is asked for a time, by the names of QUERIES; `began` and `until` are seconds since 1970."""
    when = {"start": f"{began - BEFORE_S:.0f}", "end": f"{until:.0f}", "step": str(step_s(began, until))}
    return {name: {"query": query, **when} for name, query in QUERIES.items()}


def series(answer: Mapping[str, Any]) -> list[Series]:
    """Malformed when it is no matrix."""
    try:
        if answer["status"] != "success":
            raise Malformed(str(answer.get("error") or answer["status"]))
        rows = answer["data"]["result"]
        return [Series(dict(row["metric"]), tuple((float(at), float(value)) for at, value in row["values"])) for row in rows]
    except (KeyError, TypeError, AttributeError) as wrong:
        raise Malformed("this is no answer of Prometheus") from wrong


def slices(found: Iterable[Series]) -> list[Slice]:
    """The counters of all balancers and pools together. One that begins anew has counted from nothing."""
    sums: dict[tuple[float, float], list[float]] = {}
    for one in found:
        for (before, was), (at, now) in pairwise(one.samples):
            came = now - was if now >= was else now
            total = sums.setdefault((before, at), [0.0, 0.0])
            total[0] += came
            total[1] += came if one.labels.get("code") == "5xx" else 0.0
    return [Slice(*when, *counts) for when, counts in sorted(sums.items())]


def errors(found: Iterable[Slice], began: float) -> Errors:
    """What failed from `began` on, held against what was usual before it."""
    known = list(found)
    quiet, busy = [one for one in known if one.ended <= began], [one for one in known if one.ended > began]
    usual = usual_share(quiet)
    bad = tuple(one for one in busy if one.failed and one.share > TIMES * usual and one.share - usual > MORE)
    if sum(one.failed for one in bad) < ERRORS:
        bad = ()
    exact = max((one.ended - one.began for one in busy), default=0.0)
    return Errors(bad, usual, round(sum(one.asked for one in busy)), round(sum(one.failed for one in busy)), exact)


def usual_share(quiet: Iterable[Slice]) -> float:
    """Half of the requests came when no larger share of them failed: an incident that was over by then is not what is usual."""
    known = sorted((one.share, one.asked) for one in quiet)
    left = sum(asked for _, asked in known) / 2
    for share, asked in known:
        left -= asked
        if left <= 0:
            return share
    return 0.0


def alerts(found: Iterable[Series], began: float, until: float, gap_s: float) -> list[Alert]:
    """Each alert that fired between `began` and `until`; those of one name at one time are one."""
    fired: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in found:
        name, severity = one.labels.get("alertname", ""), one.labels.get("severity", "")
        fired.setdefault((name, severity), []).extend(stretches((at for at, _ in one.samples), gap_s))
    spans = [(key, *span) for key, times in fired.items() for span in merged(times, gap_s)]
    known = sorted((first, last, key) for key, first, last in spans if last >= began)
    return [Alert(*key, moment(first), None if last >= until - gap_s else moment(last)) for first, last, key in known]


def stretches(times: Iterable[float], gap_s: float) -> list[tuple[float, float]]:
    return merged([(one, one) for one in times], gap_s)


def merged(spans: Iterable[tuple[float, float]], gap_s: float) -> list[tuple[float, float]]:
    """Spans that overlap, or are at most `gap_s` apart, as one."""
    found: list[tuple[float, float]] = []
    for first, last in sorted(spans):
        if found and first - found[-1][1] <= gap_s:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def failing(found: Iterable[Series], began: float, gap_s: float) -> list[str]:
    """Sites that answered as they should when it `began`, and did not later; `gap_s` is the most between two samples."""
    before: set[str] = set()
    later: set[str] = set()
    for one in found:
        site = one.labels.get("site", "")
        before |= {site} if any(began - gap_s < when <= began for when, _ in one.samples) else set()
        later |= {site} if any(when > began for when, _ in one.samples) else set()
    return sorted(later - before - {""})


def first_rise(found: Iterable[Series], since: float) -> float | None:
    """When a counter first rose after `since`; None when it did not."""
    rises = [now[0] for one in found for was, now in pairwise(one.samples) if now[0] >= since and now[1] > was[1]]
    return min(rises, default=None)

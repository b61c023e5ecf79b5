"""The incident that a stretch of time was: rollouts that overlap it, alerts, and what balancers counted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from . import incident_figures as figures
from .incident_clock import moment
from .incident_figures import Errors, Malformed, Series
from .incident_model import Alert, Entry, Figure, Incident, unknown
from .incident_rollout import away, causes, change, named_sites, resolution, wrong_sites
from .incident_rule import why
from .incident_story import broken, hosts, shown
from .incident_timeline import timeline
from .moment import span_text
from .rollout import Rollout

TOLD = ("alerts", "responses", "failing", "notified")
SUSPECTED = "This is what failed in rollouts of that time. Whether it is the cause is for people to judge."
_WHAT = {
    "alerts": "which alerts fired",
    "responses": "how many requests failed",
    "failing": "which sites did not answer as they should",
    "notified": "when the receiver was told",
}


@dataclass(frozen=True)
class Seen:
    """What monitoring remembers; None where it could not be asked. `unseen` says what is missing, and why."""

    alerts: tuple[Alert, ...] | None
    errors: Errors | None
    sites: tuple[str, ...] | None
    told: float | None
    unseen: tuple[str, ...]

    @property
    def page(self) -> Alert | None:
        return _page(self.alerts, self.errors)


def seen(answers: Mapping[str, Any], problem: str, began: datetime, until: datetime) -> Seen:
    """Of Prometheus' answers by the names of QUERIES; `problem` says why there are none."""
    found: dict[str, list[Series] | None] = {}
    unseen = []
    for name in TOLD:
        try:
            found[name] = figures.series(answers[name])
        except KeyError:
            found[name], why = None, problem or "it was not asked for"
        except Malformed as wrong:
            found[name], why = None, str(wrong)
        if found[name] is None:
            unseen.append(f"{_WHAT[name]}: {why}")
    return _seen(found, began.timestamp(), until.timestamp(), tuple(unseen))


def _seen(found: Mapping[str, list[Series] | None], began: float, until: float, unseen: tuple[str, ...]) -> Seen:
    gap = 2 * figures.step_s(began, until) + 1
    alerts = tuple(figures.alerts(found["alerts"], began, until, gap)) if found["alerts"] is not None else None
    errors = figures.errors(figures.slices(found["responses"]), began) if found["responses"] else None
    if found["responses"] == []:
        unseen += (f"{_WHAT['responses']}: no balancer is watched",)
    sites = tuple(figures.failing(found["failing"], began, gap)) if found["failing"] is not None else None
    page = _page(alerts, errors)
    told = figures.first_rise(found["notified"], page.began.timestamp()) if page and found["notified"] else None
    return Seen(alerts, errors, sites, told, unseen)


def _page(alerts: Iterable[Alert] | None, errors: Errors | None) -> Alert | None:
    """The first that fired since requests failed; one that fired before is another incident's, where there is any other."""
    pages = [one for one in alerts or () if one.severity == "page"]
    since = errors.bad[0].began if errors and errors.bad else 0
    return next((one for one in pages if one.began.timestamp() >= since), pages[0] if pages else None)


def of_span(environment: str, began: datetime, until: datetime, rollouts: Sequence[Rollout], known: Seen) -> Incident:
    """Everything between `began` and `until` as one incident; `rollouts` are the rollouts that overlap it."""
    alerts = known.alerts or ()
    entries, left = timeline(rollouts, alerts)
    entries = tuple(sorted([*entries, *of_errors(known.errors)], key=lambda entry: entry.at))
    blamed = [one for one in rollouts if why(one)]
    return Incident(
        kind="span",
        slug="incident",
        environment=environment,
        title=title(known, blamed),
        headline=headline(known, blamed),
        why="a person asked for it",
        began=began,
        ended=until,
        sites=sites(known, blamed),
        sites_note="",
        hosts=hosts(blamed),
        failed=failed(known),
        counted=counted(known.errors),
        detect=detect(known),
        page=page(known),
        recover=recover(known),
        cause=tuple(dict.fromkeys(text for one in blamed for text in causes(one))),
        cause_note=SUSPECTED if blamed else "",
        broken=tuple(reason for one in blamed for reason in broken(one)),
        timeline=entries,
        resolution=tuple(dict.fromkeys(text for one in blamed for text in resolution(one))),
        prevention=(),
        changes=tuple(change(one) for one in rollouts),
        alerts=alerts,
        away=tuple(gone for one in rollouts for gone in away(one)),
        unseen=known.unseen,
        left_out=left,
    )


def witnessed(it: Incident, one: Rollout, known: Seen) -> Incident:
    """The incident `it` of a rollout, with what monitoring saw. What failed meanwhile is its own only if visitors met it.

    What balancers counted for the rollout itself is closer than what was scraped of them.
    """
    met = bool(shown(one))
    named = tuple(sorted({*named_sites(one), *(known.sites or () if met else ())}))
    entries, left = timeline([one], known.alerts or ())
    return replace(
        it,
        sites=named or it.sites,
        sites_note="" if named else it.sites_note,
        failed=failed(known) if met and known.errors and not it.failed.known else it.failed,
        counted=it.counted or counted(known.errors),
        page=page(known),
        timeline=tuple(sorted([*entries, *(of_errors(known.errors) if met else ())], key=lambda entry: entry.at)),
        alerts=known.alerts or (),
        unseen=(*it.unseen, *(() if it.failed.known else known.unseen)),
        left_out=left,
    )


def sites(known: Seen, blamed: Iterable[Rollout]) -> tuple[str, ...]:
    return tuple(sorted({*(known.sites or ()), *(site for one in blamed for site in wrong_sites(one))}))


def title(known: Seen, blamed: Sequence[Rollout]) -> str:
    if known.page:
        return f"{known.page.name}: what happened, and when"
    return "What happened, and when" if known.alerts or blamed else "A time in which nothing is known to have happened"


def headline(known: Seen, blamed: Sequence[Rollout]) -> str:
    if known.errors is None:
        return "Whether visitors noticed is not known: the balancers' counters could not be asked."
    if not known.errors.bad:
        return "No more requests failed than in the ten minutes before."
    first, last = known.errors.bad[0], known.errors.bad[-1]
    return f"For {span_text(last.ended - first.began)}, more requests failed than before: about {known.errors.excess} in all."


def failed(known: Seen) -> Figure:
    if known.errors is None:
        return unknown(next((text for text in known.unseen if text.startswith(_WHAT["responses"])), "nobody counted"))
    why = "answers with 5xx beyond the share that was usual in the ten minutes before, as balancers counted them"
    return Figure(known.errors.excess, f"about {known.errors.excess}" if known.errors.bad else "0", why)


def counted(errors: Errors | None) -> str:
    if errors is None:
        return ""
    usual = f"; before, {errors.usual:.1%} of requests were usually answered so" if errors.usual else ""
    return f"In this time, balancers answered {errors.asked} requests, {errors.failed} of them with 5xx{usual}."


def of_errors(errors: Errors | None) -> list[Entry]:
    """First and last failed request, as exactly as the counters tell."""
    if errors is None or not errors.bad:
        return []
    first, last = errors.bad[0], errors.bad[-1]
    within = [(moment(one.began), moment(one.ended)) for one in (first, last)]
    texts = ("The first requests failed that had not failed before", "The last of these requests failed")
    return [Entry(*when, "balancers", text, "errors") for when, text in zip(within, texts, strict=True)]


def _first_failure(known: Seen) -> float | None:
    return known.errors.bad[0].began if known.errors and known.errors.bad else None


def detect(known: Seen) -> Figure:
    """From the first failed request to the first alert."""
    first = _first_failure(known)
    if known.alerts is None:
        return unknown(next(text for text in known.unseen if text.startswith(_WHAT["alerts"])))
    later = [one for one in known.alerts if one.began.timestamp() >= (first or 0)]
    noticed = min(later, key=lambda one: one.began, default=None)
    if noticed is None:
        return unknown("no alert fired")
    return _since(first, noticed.began.timestamp(), "", f"to the alert {noticed.name}", known)


def page(known: Seen) -> Figure:
    """From the first failed request to the receiver."""
    if known.alerts is None:
        return unknown(next(text for text in known.unseen if text.startswith(_WHAT["alerts"])))
    if known.page is None:
        return Figure(0, "nobody was paged", "no alert that pages fired in this time")
    if known.told is None:
        return unknown(f"the alert {known.page.name} fired, and when the receiver was told is not known")
    first = _first_failure(known)
    if first and known.page.began.timestamp() < first:
        return unknown(f"the alert {known.page.name} fired before the first request failed")
    return _since(first, known.told, "", f"to when Alertmanager had told a receiver of {known.page.name}", known)


def recover(known: Seen) -> Figure:
    """From the first failed request to the last."""
    if known.errors is None:
        return failed(known)
    if not known.errors.bad:
        return Figure(0, "nothing to recover from", "no more requests failed than before")
    return _since(_first_failure(known), known.errors.bad[-1].ended, "", "to the last one", known)


def _since(first: float | None, then: float | None, nothing: str, until: str, known: Seen) -> Figure:
    if then is None:
        return unknown(nothing)
    if first is None or known.errors is None:
        return unknown("when the first request failed is not known")
    seconds = max(0.0, then - first)
    exact = f", as exactly as counters are read (every {known.errors.step_s:.0f} s)"
    return Figure(round(seconds, 3), span_text(seconds), f"from the first failed request {until}{exact}")


def with_summaries(alerts: Iterable[Alert], current: Iterable[Mapping[str, Any]]) -> tuple[Alert, ...]:
    """What Alertmanager still knows to say of alerts; Prometheus keeps their names alone."""
    told: dict[str, Mapping[str, Any]] = {}
    for one in current:
        told.setdefault(str((one.get("labels") or {}).get("alertname")), one.get("annotations") or {})
    return tuple(replace(one, summary=str(told.get(one.name, {}).get("summary") or "")) for one in alerts)

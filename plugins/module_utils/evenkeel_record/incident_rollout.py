"""The incident that one rollout was: facts from its journal alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .incident_clock import moment
from .incident_model import Away, Change, Figure, Incident, unknown
from .incident_rule import visible, why
from .incident_story import BEGIN, ENDS, ROLL, STAY, broken, doubted, first_failure, hosts, live, live_since, returned, shown
from .incident_timeline import names, task, timeline
from .moment import span_text
from .rollout import INTERRUPTED, Phase, Rollout

NOBODY = "No visitor noticed."
UNASKED = "monitoring was not asked; playbooks/incident.yml asks it"
_CAUSES = 5
_SITES = 3
_TITLES = {
    "rejected": "A change was refused before it was live",
    "reverted": "A change was taken back",
    "revert_failed": "A change could not be taken back from every host",
    INTERRUPTED: "A rollout broke off, and nobody said how it ended",
}


def of_rollout(one: Rollout) -> Incident:
    """ValueError where the rule (incident_rule.py) has no reason for a report."""
    if not why(one):
        raise ValueError(f"rollout {one.rollout} needs no report")
    entries, left = timeline([one], [])
    return Incident(
        kind=one.outcome,
        slug="-".join((one.outcome, *wrong_sites(one)[:1])),
        environment=one.environment,
        title=title(one),
        headline=headline(one),
        why=why(one),
        began=moment(one.began),
        ended=moment(one.ended),
        sites=wrong_sites(one),
        sites_note="" if named_sites(one) else "all that the change touches",
        hosts=hosts([one]),
        failed=failed(one),
        counted=counted(one),
        detect=detect(one),
        page=page(one),
        recover=recover(one),
        cause=causes(one),
        cause_note="",
        broken=broken(one),
        timeline=entries,
        resolution=resolution(one),
        prevention=prevention(one),
        changes=(change(one),),
        away=away(one),
        left_out=left,
    )


def change(one: Rollout) -> Change:
    before = one.change.before if one.change else ""
    named = (one.rollout, one.playbook, one.outcome, one.actor, one.commit, one.release, before)
    return Change(*named, moment(one.began), one.touched)


def wrong_sites(one: Rollout) -> tuple[str, ...]:
    """Sites whose pages were wrong; where nobody named one, those that the change touches."""
    return named_sites(one) or one.touched


def named_sites(one: Rollout) -> tuple[str, ...]:
    return tuple(sorted({reason.site for reason in broken(one) if reason.site}))


def title(one: Rollout) -> str:
    sites = wrong_sites(one)
    more = f" and {len(sites) - _SITES} more" if len(sites) > _SITES else ""
    return _TITLES[one.outcome] + (f" ({', '.join(sites[:_SITES])}{more})" if sites else "")


def headline(one: Rollout) -> str:
    """The one sentence that everybody wants first."""
    if one.outcome == "rejected":
        return f"{NOBODY} Nothing of it was live on any host."
    if one.outcome == INTERRUPTED:
        return "What visitors saw is not known from the journal: the controller was gone before it was over."
    if not live(one):
        return "A person had the fleet go back; what visitors had seen until then is not known from this run."
    if not shown(one):
        return f"{NOBODY} The release was live on {live_names(one)}, which had no visitors at that time."
    lost = failed(one)
    return f"Visitors may have noticed{'' if lost.known else '; how many is not known'}: {lost.why}."


def live_names(one: Rollout) -> str:
    return names(sorted({step.host for step in live(one)}))


def failed(one: Rollout) -> Figure:
    """Requests of visitors that the change cost."""
    if one.outcome == "rejected":
        return Figure(0, "0", "nothing of it was live, so that no visitor could meet it")
    if one.outcome == INTERRUPTED:
        return unknown("the rollout did not come to the point where balancers are asked once more")
    if live(one) and not shown(one):
        return Figure(0, "0", "balancers send a host no visitors while it gets a release, and it failed before they came back")
    answered = one.requests.hosts if one.requests else {}
    counts = [answered[host] for host in {step.host for step in live(one)} if host in answered]
    if not counts:
        return unknown("no balancer counted requests during this run")
    asked, lost = (sum(pair[part] for pair in counts) for part in (0, 1))
    on = f"{live_names(one)}, which had the release for a time, answered {asked} requests during the rollout"
    return Figure(lost, f"at most {lost}", f"{on}, {lost} of them with 5xx or not at all, with it and without it")


def counted(one: Rollout) -> str:
    """What balancers saw of the whole fleet meanwhile; empty where nobody asked them."""
    if not one.requests:
        return ""
    seen = f"During the rollout, balancers counted {one.requests.asked} requests; {one.requests.failed} got a 5xx or no answer"
    asked, lost = one.requests.before
    usual = f" Before it, {lost / asked:.1%} of requests did." if asked else ""
    return f"{seen}, sites that answer so on purpose (maintenance) included.{usual}"


def detect(one: Rollout) -> Figure:
    """From when it could hurt to when it was found."""
    first, since = first_failure(one), live_since(one)
    if one.outcome == INTERRUPTED:
        return unknown("the journal ends before anybody could have noticed")
    soaked = doubted(one)
    if soaked and since:
        return duration(soaked - since, "after the first host began to make it live; found by the soak, in visitors' requests")
    if first is None:
        return unknown("no host complained; somebody had it put back, and the journal does not say when they noticed")
    after = "after the first host began to make it live" if since else "after the run began, while nothing of it was live"
    return duration(first.at - (since or one.began), f"{after}; found by {'the host' if since else 'the proof on'} {first.host}")


def page(one: Rollout) -> Figure:
    if one.outcome == "rejected":
        return Figure(0, "nobody had to be paged", "visitors' pages were as before all the time")
    return unknown(UNASKED)


def recover(one: Rollout) -> Figure:
    """From when it could hurt to when every host was back."""
    if one.outcome == "rejected":
        return Figure(0, "nothing to recover from", "every host served what it had served, throughout")
    if one.outcome == INTERRUPTED:
        return unknown("hosts go back by themselves at their deadline, which the controller did not live to see")
    if one.outcome == "revert_failed":
        return unknown("at least one host had not said that it is back when the run ended")
    since = live_since(one)
    last = max((step.ended for step in returned(one)), default=one.ended)
    began = "the first host began to make it live" if since else "the run began"
    return duration(last - (since or one.began), f"from when {began} to when every host was back, with its visitors")


def duration(seconds: float, why: str) -> Figure:
    known = max(0.0, seconds)
    return Figure(round(known, 3), span_text(known), why)


def causes(one: Rollout) -> tuple[str, ...]:
    """The error log's own words first: they name file and line."""
    logged = ["; ".join(reason.cause) for reason in broken(one) if reason.cause and visible(reason)]
    said = [failure.message for failure in one.failures if failure.message]
    return tuple(dict.fromkeys(logged or said or ([one.message] if one.message else [])))[:_CAUSES]


def resolution(one: Rollout) -> tuple[str, ...]:
    before = f" ({one.change.before})" if one.change and one.change.before else ""
    if one.outcome == "rejected":
        ran = f"The candidate {one.release or 'release'} ran beside the live services, was asked, failed, and was stopped."
        return ran, f"Every host went on serving the release that it had{before}."
    if one.outcome == INTERRUPTED:
        settled = "A host that nobody confirms goes back by itself at its deadline, or stays if another host was confirmed."
        return settled, "playbooks/status.yml says what each host serves now."
    own = [f"{step.host}: {step.message}" for step in returned(one) if step.message]
    if one.outcome == "revert_failed":
        own.append("Not every host has said that it is back; playbooks/status.yml names them.")
    return tuple(dict.fromkeys(own)) or (f"Every host was put back to the release before{before}.",)


def prevention(one: Rollout) -> tuple[str, ...]:
    """What worked, as facts; what is to be done about it is for people."""
    if one.outcome == "rejected":
        refused = names(sorted({failure.host for failure in one.failures}))
        return (f"The proof on {refused} refused the change before any visitor could meet it.",)
    if one.outcome == "reverted" and live(one) and not shown(one):
        return ("The host took the release back by itself, while balancers sent it no visitors.",)
    if one.outcome == "reverted" and doubted(one):
        return (f"The soak saw that visitors fared worse, and the release went no further than {live_names(one)}.",)
    return ()


def away(one: Rollout) -> tuple[Away, ...]:
    """Hosts that the rollout made it live on, and when balancers sent them no visitors."""
    outs = [step for step in one.phases if step.phase in (BEGIN, *ROLL) and STAY not in step.message]
    backs = [step for step in one.phases if step.ok and step.phase in (*ROLL, *ENDS) and not step.outcome]
    return tuple(gone for step in live(one) if (gone := absence(step, outs, backs)))


def absence(step: Phase, outs: Sequence[Phase], backs: Sequence[Phase]) -> Away | None:
    """From what balancers did last before it was made live, to what they did first after that; None without balancers."""
    before = max((one for one in outs if one.ended <= step.began), key=lambda one: one.ended, default=None)
    after = min((one for one in backs if one.began >= step.ended), key=lambda one: one.began, default=None)
    if before is None:
        return None
    return Away(step.host, bounds(before, outs), bounds(after, backs) if after else None)


def bounds(step: Phase, steps: Sequence[Phase]) -> tuple[datetime, datetime]:
    """Of the step on all balancers; they do it at the same time."""
    same = [one for one in steps if task(one) == task(step) and one.began <= step.ended and one.ended >= step.began]
    return moment(min(one.began for one in same)), moment(max(one.ended for one in same))

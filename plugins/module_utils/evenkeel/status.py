"""What a person, or a playbook, wants to know about this host."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import asdict
from typing import Any, Optional

from . import absence, archive, claim, journal, links, proofs, state, way_back
from .errors import EvenkeelError
from .host import Host
from .moment import age_text, timestamp
from .services import Services
from .store import Store
from .tiers import Tiers

REGRESSED = "regressed"  # the verdict of visitors, after the twin's
_TRUSTED = ("genesis", "confirmed", "reverted", "recovered")
_HISTORY = 20


def gather(host: Host, last_events: int = 5) -> dict[str, Any]:
    """Everything that `evenkeel status --json` and `release_info` show; it reads, and never fails half-way."""
    store, services = Store(host), Services(host)
    tiers = Tiers(host, services)
    current = store.current_id()
    pending, held = state.load_or_none(host), claim.load(host)
    events = journal.read(host, way_back.EVENTS)
    regressed = way_back.regressed(events)
    return {
        "current": current,
        "known_good": store.known_good_id(),
        "confirmed": current is not None and pending is None and current == store.known_good_id(),
        "pending": None if pending is None else _pending(host, pending),
        "releases": [_release(host, store, release_id, regressed) for release_id in store.ids()],
        "history": history(host),
        "sites": _sites(store, current),
        "age_s": _age(host, store, current),
        "drift": _drift(store, current),
        "unlinked": _unlinked(host, store, current),
        "held_back": _held_back(host, current),
        "down": _down(services, tiers, store, current),
        "engine": archive.installed(host),
        "last_rejected": next(iter(proofs.recent_rejections(host)), None),
        "failed_over": failed_over(host),
        "absent": {name: asdict(one) for name, one in absence.load(host).items()},
        "claim": None if held is None else asdict(held),
        "regression": way_back.regression(events),
        "journal": journal.read(host, last_events),
    }


def history(host: Host) -> list[str]:
    """Releases that came to be trusted on this host, the youngest first, each once: how far behind another host is."""
    trusted = [str(event.get("release")) for event in journal.read(host, way_back.EVENTS) if event.get("event") in _TRUSTED]
    return list(dict.fromkeys(reversed(trusted)))[:_HISTORY]


def failed_over(host: Host) -> list[str]:
    """Pools whose visitors this balancer sends to the backups; none on other hosts."""
    try:
        with open(host.paths.at("/etc/haproxy/failover.list"), encoding="ascii", errors="replace") as stream:
            return stream.read().split()
    except OSError:
        return []


def healthy(document: dict[str, Any]) -> bool:
    """True when nobody needs to do anything."""
    return bool(document["confirmed"] and document["engine"]) and not (
        document["drift"] or document["unlinked"] or document["down"] or document["regression"]
    )


def wrong_answers(host: Host) -> list[str]:
    """Every probe of the live release that the live server does not answer as it must, one sentence each."""
    store, tiers = Store(host), Tiers(host, Services(host))
    current = store.current_id()
    if current is None:
        return ["no release yet"]
    release = store.load(current)
    tier = tiers.of(release.manifest)
    late = tier.await_release(release)
    return [late] if late else [f.line() for f in tier.verify(release, sorted(release.manifest.sites), frozenset())]


def describe(document: dict[str, Any]) -> str:
    """The same for a person at 3 AM, ending with what to type."""
    lines = [
        "current      %s%s" % (document["current"] or "none", _age_text(document["age_s"])),
        "known good   %s" % (document["known_good"] or "none"),
    ]
    if document["pending"]:
        pending = document["pending"]
        lines.append(
            "pending      %s, reverts itself in %d s (rollout %s)" % (pending["release"], pending["left_s"], pending["rollout"])
        )
    if document["held_back"]:
        lines.append("held back    " + ", ".join(document["held_back"]))
    lines += ["drift        " + line for line in document["drift"][:10]]
    lines += ["unlinked     " + line for line in document["unlinked"][:10]]
    lines += ["down         " + unit for unit in document["down"]]
    lines += ["no visitors  %s: %s" % (name, one["why"]) for name, one in document["absent"].items()]
    if document["regression"]:
        lines.append("regression   " + document["regression"])
    if document["claim"]:
        held = document["claim"]
        lines.append("rollout      %s of %s, until %s" % (held["rollout"], held["actor"], timestamp(held["until"])))
    if document["last_rejected"] not in (None, document["current"]):
        lines.append("rejected     %s; why: /var/lib/evenkeel/verdicts/%s.json" % ((document["last_rejected"],) * 2))
    lines += ["journal      " + _one_line(event) for event in document["journal"]]
    return "\n".join([*lines, "", advice(document)])


def _one_line(event: dict[str, Any]) -> str:
    return " ".join(("%(at)s %(event)s %(release)s %(message)s" % event).split())


def advice(document: dict[str, Any]) -> str:
    """What to do next, in one sentence."""
    if document["current"] is None and not document["known_good"]:
        return "No release yet: run playbooks/site.yml for this host."
    if document["down"] or not document["known_good"]:
        return "Something does not run: `evenkeel revert` puts the known good release back and starts it."
    if document["pending"] and _regressed(document, document["pending"]["release"]):
        return "The release that waits broke sites before: `evenkeel revert` or waiting undoes it."
    if document["pending"]:
        return "A release waits for confirmation: `evenkeel confirm` keeps it, `evenkeel revert` or waiting undoes it."
    if not document["confirmed"]:
        return "The live release is not the known good one: `evenkeel revert` goes back to it."
    if not document["engine"]:
        return "The engine is gone, so this host cannot revert by itself: run playbooks/push.yml, which brings it."
    if document["unlinked"]:
        return "A settings file is not linked into its document root: `evenkeel revert` links it again."
    if document["drift"]:
        return "Somebody edited the live release: put the edit into the truth, undo it here, and push."
    if document["regression"] and _regressed(document, document["current"]):
        return "The live release broke sites: correct it and push; `evenkeel revert ID` goes to another one until then."
    if document["regression"]:
        return "A release that broke sites was taken back: correct it and push."
    return "All is well."


def _regressed(document: dict[str, Any], release_id: str) -> bool:
    return any(release["id"] == release_id and release["verdict"] == REGRESSED for release in document["releases"])


def _pending(host: Host, pending: state.Pending) -> dict[str, Any]:
    return {
        "release": pending.release,
        "previous": pending.previous,
        "phase": pending.phase,
        "deadline": timestamp(pending.deadline),
        "left_s": max(0, int(pending.deadline - host.clock.now())),
        "rollout": pending.rollout,
        "actor": pending.actor,
        "commit": pending.commit,
    }


def _release(host: Host, store: Store, release_id: str, regressed: Container[str]) -> dict[str, Any]:
    try:
        proof = proofs.load(host, release_id)
    except EvenkeelError:
        proof = None
    proved = "unproved" if proof is None else "passed" if proof.verdict.ok else "rejected"
    verdict = REGRESSED if release_id in regressed else proved
    return {"id": release_id, "staged": timestamp(store.staged_at(release_id)), "verdict": verdict}


def _sites(store: Store, current: Optional[str]) -> list[str]:
    """Sites of the live release; none while it cannot be read."""
    try:
        return sorted(store.load(current).manifest.sites) if current else []
    except EvenkeelError:
        return []


def _age(host: Host, store: Store, current: Optional[str]) -> Optional[int]:
    if current is None or not store.has(current):
        return None
    return int(host.clock.now() - store.staged_at(current))


def _drift(store: Store, current: Optional[str]) -> list[str]:
    if current is None:
        return []
    try:
        return store.drift(store.load(current))
    except EvenkeelError as error:
        return [str(error)]


def _unlinked(host: Host, store: Store, current: Optional[str]) -> list[str]:
    """Settings files whose link somebody took away: the document root belongs to the tenant."""
    try:
        live = store.load(current) if current else None
    except EvenkeelError:
        live = None
    if live is None:
        return []
    found = links.changes(host, live, live, live.manifest.sites)
    return ["settings/%s/%s" % (change.link.site, change.link.path) for change in found]


def _held_back(host: Host, current: Optional[str]) -> list[str]:
    try:
        proof = proofs.load(host, current) if current else None
    except EvenkeelError:
        return []
    return [] if proof is None else list(proof.held_back)


def _down(services: Services, tiers: Tiers, store: Store, current: Optional[str]) -> list[str]:
    if current is None:
        return []
    try:
        manifest = store.load(current).manifest
        return services.stopped(tiers.of(manifest).needed_units(manifest))
    except EvenkeelError:
        return []


def _age_text(seconds: Optional[int]) -> str:
    return "" if seconds is None else " (staged %s ago)" % age_text(seconds)

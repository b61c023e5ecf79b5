"""What those who watch a confirmed rollout may ask of this host: how it fares, and to go one step back. Nothing else.

It is asked through a key that can do only this, by a monitoring host: no controller is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import IO, Any, Optional

from . import access_log, claim, edited, journal, lock, pages, state, step, watched_visits, way_back
from .errors import EvenkeelError
from .host import Host
from .journal import Author
from .outcome import REVERT_FAILED, REVERTED, UNCHANGED
from .plan import plan
from .services import Services
from .store import Store
from .transaction import Transaction
from .way_back import Confirmed

ACTOR = "the watch"
PREFIX = "watch-"  # of the claims that it may take: never the one of a rollout
LONGEST_S = 86400.0  # after that, a release is no longer the last rollout's affair
_LOG = "/var/log/apache2/access.log"
_LOCK_WAIT_S = 60.0
_LONGEST_LINE = 1 << 16
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\Z")
_LEASE_S, _WAIT_S = 120.0, 15.0
Answer = dict[str, Any]


class NotWatched(EvenkeelError):
    """What was asked for is not this key's to have."""


def serve(host: Host, given: IO[bytes], said: IO[bytes]) -> int:
    """Answer one question: a line of JSON in, a line of JSON out; `error` in it says what is wrong."""
    try:
        question = _question(given.readline(_LONGEST_LINE))
        answer = _ASKED[str(question.get("ask"))](host, question, given)
    except (EvenkeelError, OSError, ValueError, TypeError) as error:
        answer = {"error": str(error)}
    said.write(json.dumps(answer).encode() + b"\n")
    said.flush()
    return int("error" in answer)


def _question(line: bytes) -> Mapping[str, Any]:
    question = json.loads(line)
    if not isinstance(question, dict) or question.get("ask") not in _ASKED:
        raise NotWatched("this key may ask for %s, and for nothing else" % ", ".join(_ASKED))
    return question


def look(host: Host, question: Mapping[str, Any], given: IO[bytes]) -> Answer:
    """The last confirmed rollout, what it touched, and how visitors fare with it and fared before."""
    found = _confirmed(host)
    store = Store(host)
    if found is None or not (store.has(found.release) and store.has(found.previous)):
        return {"rollout": ""}
    live, before = store.load(found.release), store.load(found.previous)
    change, sites = plan(before, live), live.manifest.sites
    names = {facts["server_name"]: site for site, facts in sites.items()}
    read = access_log.blocks(host.paths.at(_LOG), access_log.Budget(host.clock))
    visits = watched_visits.Visits(found.release, found.previous).read(read, names)
    return {
        "rollout": found.rollout,
        "release": found.release,
        "previous": found.previous,
        "since": found.since,
        "begun": found.begun,
        "confirmed": found.at,
        "tier": live.manifest.tier,
        "pool": live.manifest.pool,
        "touched": sorted({*change.touched} & set(sites)),
        "added": sorted(change.added),
        "after": visits.after,
        "before": visits.before,
        "edited": edited.sites(host, live.manifest, [site for site, (_, failed) in visits.after.items() if failed], found.at),
    }


def note(host: Host, question: Mapping[str, Any], given: IO[bytes]) -> Answer:
    """Write into the journal that the rollout broke sites, once: a second one who watches has counted other requests."""
    rollout, message = _name(question, "rollout"), _message(question)
    events = journal.read(host, way_back.EVENTS)
    if not way_back.noted(events, rollout):
        found = way_back.confirmed(events)
        journal.record(host, way_back.REGRESSION, found.release if found else "", Author(rollout, ACTOR), message)
    return {"noted": True}


def back(host: Host, question: Mapping[str, Any], given: IO[bytes]) -> Answer:
    """Go back to what was trusted before the rollout, which then is known good again. Verified like every revert."""
    rollout, message = _name(question, "rollout"), _message(question)
    store = Store(host)
    transaction = Transaction(host, store, Services(host), Author(rollout, ACTOR))
    with lock.held(host, "evenkeel watch", _LOCK_WAIT_S):
        if _went_back(host, rollout):
            return {"outcome": UNCHANGED, "release": store.current_id(), "message": "This host went back already."}
        target = _target(host, rollout)
        undone = transaction.revert(target, message)
        if not undone.problems:
            store.point_known_good(target)
    outcome = REVERT_FAILED if undone.problems else REVERTED
    told = "; ".join(undone.problems) or "Release %s is live again, and answers." % target
    return {"outcome": outcome, "release": target, "message": told}


def rotate(host: Host, question: Mapping[str, Any], given: IO[bytes]) -> Answer:
    """On a balancer: send some hosts no more visitors, and others visitors again, as a step of a rollout does."""
    rollout = _name(question, "rollout")
    if not rollout.startswith(PREFIX):
        raise NotWatched("this key takes no other claim than %s..." % PREFIX)
    hosts = {kind: [str(name) for name in question.get(kind, [])] for kind in ("back", "out", "hold")}
    params = {"rollout": rollout, "actor": ACTOR, "lease_s": _LEASE_S, "wait_s": _WAIT_S, **hosts, "probes": [], "release": ""}
    params.update(why=_message(question), last=bool(question.get("last")), take_over=False, watch_s=0)
    done = step.document(host, params, dry=False)
    return {"failures": done["failures"], "message": done["message"]}


def page(host: Host, question: Mapping[str, Any], given: IO[bytes]) -> Answer:
    """On a balancer: keep the status page that monitoring has made, which is shown from here whatever becomes of monitoring."""
    return {"files": pages.keep(host, given)}


_ASKED = {"look": look, "note": note, "back": back, "rotate": rotate, "page": page}


def _target(host: Host, rollout: str) -> str:
    """Where this host would go; NotWatched unless the rollout is what it lives with, and nobody else works on it."""
    claim.refuse_other(host, "")
    found, store = _confirmed(host), Store(host)
    if found is None or found.rollout != rollout:
        raise NotWatched("rollout %s is not what was confirmed here last; nothing was changed" % rollout)
    if state.load(host) is not None or not store.current_id() == store.known_good_id() == found.release:
        raise NotWatched(
            "release %s of rollout %s is not what serves visitors here; nothing was changed" % (found.release, rollout)
        )
    if host.clock.now() > found.at + LONGEST_S:
        raise NotWatched("rollout %s was confirmed more than a day ago; nothing was changed" % rollout)
    if not store.has(found.previous):
        raise NotWatched("release %s, which was here before, is gone; nothing was changed" % found.previous)
    return found.previous


def _went_back(host: Host, rollout: str) -> bool:
    known = journal.read(host, way_back.EVENTS)
    events = [event for event in known if event.get("event") in ("confirmed", "reverted", "revert_failed")]
    last = events[-1] if events else {}
    return last.get("event") == "reverted" and last.get("rollout") == rollout and last.get("actor") == ACTOR


def _confirmed(host: Host) -> Optional[Confirmed]:
    """None, too, where something else is live by now."""
    found = way_back.confirmed(journal.read(host, way_back.EVENTS))
    return found if found is None or Store(host).current_id() == found.release else None


def _name(question: Mapping[str, Any], key: str) -> str:
    text = str(question.get(key, ""))
    if not _NAME.match(text):
        raise NotWatched("%r is no name of a rollout" % text[:80])
    return text


def _message(question: Mapping[str, Any]) -> str:
    return " ".join(str(question.get("why", ""))[:1000].split())

"""What a playbook asks of a host: one request in, one answer out, whether a module brings it or standard input does."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import IO, Any, Optional

from . import archive, drift, outcome, signals
from .arguments import OTHER_ENGINE, Packed
from .errors import ActivationFailed, CandidateRejected, EvenkeelError, RevertFailed
from .host import Host
from .journal import Author
from .outcome import Outcome
from .publisher import Publisher

_STAGING = ("staged", "proved")
_OUTCOMES = {
    CandidateRejected: outcome.REJECTED,
    ActivationFailed: outcome.REVERTED,
    RevertFailed: outcome.REVERT_FAILED,
}
Answer = dict[str, Any]


def serve(host: Host, engine: str, given: IO[bytes], said: IO[bytes]) -> int:
    """Answer the request in `given`: one line of JSON with `module`, `check` and `arguments`, then the payload, if any.

    The answer is one line of JSON. Nothing is read, and OTHER_ENGINE returned, unless this is the version `engine`.
    """
    if not archive.fits(host, engine):
        return OTHER_ENGINE
    signals.leave_in_order()
    os.umask(0o022)
    request = json.loads(given.readline())
    ask = _MODULES[request["module"]]
    answer = ask(host, request["arguments"], bool(request["check"]), given.read() or None)
    said.write(json.dumps(answer).encode() + b"\n")
    said.flush()
    return 0


def release(host: Host, wanted: Mapping[str, Any], check: bool, payload: Optional[Packed]) -> Answer:
    """The result of the module `release`; `wanted` are its parameters, all of them."""
    return _told(lambda: _release(host, wanted, check, payload), release=wanted["id"] or "")


def info(host: Host, wanted: Mapping[str, Any], check: bool, payload: Optional[Packed] = None) -> Answer:
    """The result of the module `release_info`."""
    from . import status

    def gathered() -> Answer:
        document = status.gather(host)
        if wanted["verify"]:
            document["failures"] = status.wrong_answers(host)
        return {"changed": False, "advice": status.advice(document), **document}

    return _told(gathered)


def drift_info(host: Host, wanted: Mapping[str, Any], check: bool, payload: Optional[Packed] = None) -> Answer:
    """The result of the module `drift_info`; what it found is remembered, as the timer's look is."""
    from . import drift_look

    def gathered() -> Answer:
        found = drift_look.look(host)
        if not check:
            drift_look.remember(host, found)
        text = drift_look.text(host, found) if wanted["diff"] else ""
        return {"changed": False, **found.document(), "text": text}

    return _told(gathered)


def balancer_step(host: Host, wanted: Mapping[str, Any], check: bool, payload: Optional[Packed] = None) -> Answer:
    """The result of the module `balancer_step`."""
    from . import step

    return _told(lambda: step.document(host, wanted, check))


def _told(work: Callable[[], Answer], **facts: Any) -> Answer:
    """What `work` answers, or what went wrong, as Ansible wants to be told."""
    try:
        return work()
    except (EvenkeelError, OSError) as error:
        name = next((name for kind, name in _OUTCOMES.items() if isinstance(error, kind)), outcome.REJECTED)
        if isinstance(error, EvenkeelError) and error.failures:
            facts["failures"] = [asdict(failure) for failure in error.failures]
        return {"failed": True, "msg": str(error), "message": str(error), "outcome": name, **facts}


def _release(host: Host, wanted: Mapping[str, Any], check: bool, payload: Optional[Packed]) -> Answer:
    author = Author(wanted["rollout"], wanted["actor"], wanted["commit"])
    if wanted["state"] in _STAGING:
        return _stage(host, author, wanted, check, payload)
    publisher = Publisher(host, author)
    return _result(publisher.foreseen(wanted["state"], wanted["id"]) if check else _publish(publisher, wanted))


def _stage(host: Host, author: Author, wanted: Mapping[str, Any], check: bool, payload: Optional[Packed]) -> Answer:
    """Bring the release onto the host, or prove it there, too."""
    from .engine import Engine

    engine, name, adopt = Engine(host, author), wanted["id"], wanted["adopt_drift"]
    if engine.has(name, anew=adopt == drift.OVERWRITE):
        payload = None
    elif payload is None:
        return {"changed": False, "outcome": outcome.NEEDS_PAYLOAD, "needs_payload": True}
    if check:
        return _result(engine.planned(name, payload, adopt))
    if wanted["state"] == "staged":
        return _result(engine.staged(name, payload))
    may_hold_back = wanted["on_site_failure"] == "hold_back"
    return _result(engine.proved(name, payload, wanted["hold_back"], may_hold_back, adopt))


def _publish(publisher: Publisher, wanted: Mapping[str, Any]) -> Outcome:
    """Bring a release that was proved into the state that was asked for."""
    name = wanted["id"]
    if wanted["state"] == "live":
        return publisher.live(name, wanted["deadline_s"], wanted["peers"])
    if wanted["state"] == "extended":
        return publisher.extended(name, wanted["deadline_s"])
    if wanted["state"] == "confirmed":
        return publisher.confirmed(name)
    return publisher.reverted(name, "asked for by %s" % (wanted["actor"] or "an operator"), wanted["instead_of"])


def _result(found: Outcome) -> Answer:
    """An outcome as Ansible's result."""
    document = found.document()
    text = document.pop("diff")
    document["failed"] = found.outcome in outcome.FAILED
    document["msg"] = found.message
    if text:
        document["diff"] = {"prepared": text}
    return document


_MODULES = {"release": release, "release_info": info, "drift_info": drift_info, "balancer_step": balancer_step}

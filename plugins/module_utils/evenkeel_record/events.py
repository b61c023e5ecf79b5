"""What a task's result becomes in the journal. Pure: results in, events out; no secret gets through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .done import Done
from .moment import stamp

Event = dict[str, Any]

ENGINE = ("release", "balancer_step")
COMPILERS = ("release_compile", "edge_compile")
# work for the playbook, not on a host
SILENT = ("set_fact", "set_stats", "include_tasks", "include_role", "add_host", "group_by", "debug", "meta", "rollout_report")
ASIDES = ("awake", "witness")  # the phases in which monitoring is asked; that it does not answer is no part of the rollout
OUTCOMES = ("rejected", "reverted", "revert_failed")
LONG_S = 10.0  # what changed nothing is told where it took so long
MAX_FAILURES = 200
MAX_TEXT = 8000  # characters of a message; a verdict about a thousand sites names five
HIDDEN = "(not told: it holds secrets)"


def of_task(done: Done) -> list[Event]:
    """A `phase`, and a `failure` where it is one; nothing for a task that neither changed nor said anything."""
    if not worth_telling(done):
        return []
    return [phase(done), *([failure(done)] if done.verdict != "ok" else [])]


def worth_telling(done: Done) -> bool:
    if done.phase in ASIDES or done.action in SILENT or (done.action == "assert" and done.verdict == "ok"):
        return False
    told = done.verdict != "ok" or done.changed or done.action in (*ENGINE, *COMPILERS)
    return told or done.seconds >= LONG_S


def phase(done: Done) -> Event:
    said: Event = {
        "at": stamp(done.ended),
        "event": "phase",
        "phase": done.phase,
        "title": done.title + (f" ({done.item})" if done.item and done.item != done.host else ""),
        "host": done.host,
        "seconds": done.seconds,
        "changed": done.changed,
        "ok": done.verdict == "ok",
        "message": message(done),
    }
    if done.action == "release" and not done.hidden:
        said |= {"outcome": str(done.answer.get("outcome") or ""), "parts": parts(done.answer)}
    return said


def parts(answer: Mapping[str, Any]) -> dict[str, float]:
    spent = answer.get("seconds")
    return {str(name): float(length) for name, length in spent.items()} if isinstance(spent, Mapping) else {}


def message(done: Done) -> str:
    """What it says for people. Of a failure without that the module's own words, never what a program printed."""
    if done.hidden:
        return HIDDEN
    said = done.answer.get("message")
    if isinstance(said, str) and said.strip():
        return cut(said.strip())
    return "" if done.verdict == "ok" else cut(str(done.answer.get("msg") or "").strip())


def cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " ..."


def failure(done: Done) -> Event:
    found = [] if done.hidden else failures(done.answer)
    return {
        "at": stamp(done.ended),
        "event": "failure",
        "host": done.host,
        "phase": done.phase,
        "outcome": failure_outcome(done),
        "message": message(done),
        "failures": found[:MAX_FAILURES],
        "more": max(0, len(found) - MAX_FAILURES),
    }


def failure_outcome(done: Done) -> str:
    if done.verdict == "unreachable":
        return "unreachable"
    said = done.answer.get("outcome")
    return str(said) if said in OUTCOMES else "failed"


def failures(answer: Mapping[str, Any]) -> list[Event]:
    """Of a proof's verdict, of the compiler's problems, of a release that failed when it was live, or of a balancer's step."""
    verdict = answer.get("verdict")
    if isinstance(verdict, Mapping) and verdict.get("failures"):
        return [probe_failure(one) for one in mappings(verdict["failures"])]
    if answer.get("problems"):
        return [truth_failure(one) for one in mappings(answer["problems"])]
    found = answer.get("failures")
    told = found if isinstance(found, (list, tuple)) else ()
    return [probe_failure(one) if isinstance(one, Mapping) else plain_failure(str(one)) for one in told]


def mappings(found: Any) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in found if isinstance(one, Mapping)) if isinstance(found, (list, tuple)) else ()


def probe_failure(one: Mapping[str, Any]) -> Event:
    named = {key: str(one.get(key) or "") for key in ("site", "probe", "url", "expected", "got", "guard")}
    return {**named, "cause": [str(text) for text in one.get("cause") or ()]}


def truth_failure(one: Mapping[str, Any]) -> Event:
    where = ":".join(str(one[key]) for key in ("file", "line") if one.get(key))
    got = ": ".join(str(one[key]) for key in ("field", "value") if one.get(key) not in (None, ""))
    expected = str(one.get("allowed") or "")
    return failed("truth", got, expected, where)


def plain_failure(text: str) -> Event:
    return failed("balancer", text)


def failed(guard: str, got: str, expected: str = "", url: str = "") -> Event:
    return {"site": "", "probe": "", "url": url, "expected": expected, "got": got, "guard": guard, "cause": []}


def begin(at: float, facts: Mapping[str, str], options: Mapping[str, str]) -> Event:
    return {"at": stamp(at), "event": "begin", **facts, "options": dict(options)}


def requests(at: float, by_host: Mapping[str, Sequence[int]], before: Sequence[int]) -> Event:
    asked, lost = (sum(counts[i] for counts in by_host.values()) for i in (0, 1))
    hosts = {host: list(counts) for host, counts in by_host.items()}
    return {"at": stamp(at), "event": "requests", "asked": asked, "failed": lost, "hosts": hosts, "before": list(before)}


def end(at: float, began: float, ending: Mapping[str, Any]) -> Event:
    known = {key: ending.get(key) or "" for key in ("outcome", "release", "message")}
    held = [str(site) for site in ending.get("held_back") or ()]
    return {"at": stamp(at), "event": "end", **known, "seconds": round(max(0.0, at - began), 1), "held_back": held}

"""What a rollout tells people in its last line, outcome by outcome. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from plugins.plugin_utils.host_answer import line, problem
from plugins.plugin_utils.rollout_doubts import by_reason, not_back
from plugins.plugin_utils.rollout_record import HostRecord, held_back

PUSH_AGAIN = "Push again once that is seen to."


def message(verdict: str, known: Sequence[HostRecord], release: str, why: Sequence[str], then: str) -> str:
    """All that is to be said of the outcome `verdict`; `then` is what to type where the rollout is to be tried again."""
    writer = {
        "published": _published,
        "unchanged": _unchanged,
        "planned": _planned,
        "rejected": _rejected,
        "reverted": _reverted,
        "revert_failed": _revert_failed,
    }[verdict]
    sentences = [*writer(known, release, why), then if verdict in ("rejected", "reverted") else ""]
    return " ".join(one for one in sentences if one)


def _published(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    touched = [host for host in known if host.touched]
    said = _said_by_all("live", touched)
    yield f"{said} Confirmed on {names(touched)}." if said else f"release {release} is live and confirmed on {names(touched)}."
    yield _held(known)
    yield _left_down(known)
    yield sentence("; ".join(not_back(known)))
    if previous := next((host.answers["live"].get("previous") for host in touched if host.answers["live"].get("previous")), None):
        yield f"To take it back: playbooks/rollback.yml -e release={previous}"


def _unchanged(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    up = [host for host in known if not host.down]
    yield f"release {release} is live and confirmed on {names(up)}; there was nothing to do."
    yield " ".join(by_reason((aside, host.name) for host in up for aside in host.answers.get("proved", {}).get("asides") or ()))
    yield _held(known)
    yield _left_down(known)


def _planned(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    due = [host for host in known if host.due]
    yield f"release {release} would go to {names(due)}; nothing was changed."
    yield _said_by_all("proved", due)
    yield _held(known)
    yield _left_down(known)
    yield "To publish it: the same command without --check."


def _rejected(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    yield "nothing of it went live; every host serves what it served."
    yield sentence("; ".join(why) or "no host is in this play; look at the inventory and at --limit")


def _reverted(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    touched = [host for host in known if host.touched]
    back = [host for host in touched if not host.elsewhere]
    yield f"release {release} was taken back from {names(back)}; what was live before answers again." if back else ""
    left = [(line(host.answers["reverted"]["message"]), host.name) for host in touched if host.elsewhere]
    yield sentence("; ".join(by_reason(left)))
    untouched = [host for host in known if host.due and not host.touched]
    yield f"It never was on {names(untouched)}." if untouched else ""
    yield sentence("; ".join(why))


def _revert_failed(known: Sequence[HostRecord], release: str, why: Sequence[str]) -> Iterator[str]:
    touched = [host for host in known if host.touched]
    back = [host for host in touched if host.ok("reverted")]
    yield f"release {release} had to be taken back, and not every host has confirmed that it did."
    yield left_to_do(host for host in touched if host not in back)
    yield sentence("; ".join(f"{text}, so that visitors are not sent there" for text in not_back(known)))
    yield sentence("Answers as before: " + names(back)) if back else ""
    yield sentence("It began with " + "; ".join(why))
    yield "Next: playbooks/status.yml, then playbooks/rollback.yml, or `evenkeel revert` on the host."


def _left_down(known: Iterable[HostRecord]) -> str:
    down = [host for host in known if host.down]
    if not down:
        return ""
    return f"{names(down)} could not be reached and gets no visitors until it has caught up: once it is up, playbooks/push.yml."


def left_to_do(known: Iterable[HostRecord]) -> str:
    return sentence("Still to be seen to: " + "; ".join(by_reason((_not_back(host), host.name) for host in known)))


def _not_back(host: HostRecord) -> str:
    answer = host.answers.get("reverted", {})
    text = problem(answer) or "was not asked to revert"
    reverts = answer.get("unreachable") and host.touched  # a rollback of a confirmed release has no deadline
    return text + ", so it reverts by itself at its deadline" if reverts else text


def names(known: Iterable[HostRecord]) -> str:
    return ", ".join(host.name for host in known)


def _said_by_all(phase: str, known: Sequence[HostRecord]) -> str:
    """What the engine says it does, when it says the same on every host."""
    said = {line(host.answers.get(phase, {}).get("message") or "") for host in known}
    return sentence(said.pop()) if len(said) == 1 else ""


def _held(known: Sequence[HostRecord]) -> str:
    sites = held_back(known)
    return f"Held back, as they were: {', '.join(sites)}; correct them and push again." if sites else ""


def sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else text + "."

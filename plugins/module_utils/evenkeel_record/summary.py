"""What a page says of a rollout at a glance. Pure: a rollout in, words and selections out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .rollout import Diff, Failure, Phase, Reason, Rollout

GOOD, BAD, CALM, UNSURE = "good", "bad", "calm", "unsure"  # how an outcome looks
HEADLINES = {
    "published": ("Published", GOOD, "Every host has the new release, and it is confirmed."),
    "unchanged": ("Nothing to do", CALM, "Every host had the release already."),
    "rejected": ("Rejected", BAD, "Nothing of it went live. Every host serves what it served."),
    "reverted": ("Taken back", BAD, "Every host that had it serves what it served before."),
    "revert_failed": ("Not taken back everywhere", BAD, "Some host has not said that it went back. Somebody has to look."),
    "done": ("Done", GOOD, "The run came to its end."),
    "failed": ("Failed", BAD, "The run did not come to its end."),
    "interrupted": ("Interrupted", UNSURE, "The run was killed. Its hosts end by themselves what it began."),
    "running": ("Under way", UNSURE, "The run goes on while you read this."),
}
MARKS = {GOOD: "\u2713", BAD: "\u2715", CALM: "\u2013", UNSURE: "?"}
ROLLED_BACK = ("Back on a known release", GOOD, "Every host serves the release that was asked for.")

MAX_FAILURES = 100
MAX_CAUSE = 600  # characters of one line of a log
MAX_CAUSES = 5
MAX_DIFF = 700_000  # bytes of all differences in a page, as HTML
MAX_STEPS = 600
FIRST_SITES = 24


@dataclass(frozen=True)
class Headline:
    """`look` is good, bad, calm or unsure."""

    word: str
    look: str
    meaning: str

    @property
    def mark(self) -> str:
        return MARKS[self.look]


@dataclass(frozen=True)
class Found:
    """One thing that was not as it must be, and all hosts that say so."""

    hosts: tuple[str, ...]
    phase: str
    outcome: str
    reason: Reason
    causes: tuple[str, ...]


@dataclass(frozen=True)
class SiteDiffs:
    """`site` is "" for the pool as a whole. Lines of a diff have the kind add, del, at or same."""

    site: str
    verb: str
    files: tuple[tuple[Diff, tuple[tuple[str, str], ...]], ...]


def headline(rollout: Rollout) -> Headline:
    if rollout.outcome == "reverted" and rollout.playbook == "rollback":
        return Headline(*ROLLED_BACK)
    return Headline(*HEADLINES[rollout.outcome])


def found(rollout: Rollout) -> list[Found]:
    """Every failed probe once, with the hosts on which it failed; a failure without reasons is one by itself."""
    merged: dict[tuple[str, ...], list[str]] = {}
    first: dict[tuple[str, ...], tuple[Failure, Reason]] = {}
    for failure in rollout.failures:
        for reason in failure.reasons or (Reason("", "", "", "", failure.message, "", ()),):
            key = (failure.phase, reason.site, reason.probe, reason.url, reason.guard, reason.expected, reason.got)
            first.setdefault(key, (failure, reason))
            merged.setdefault(key, []).append(failure.host)
    return [one_found(tuple(dict.fromkeys(merged[key])), *first[key]) for key in merged]


def one_found(hosts: tuple[str, ...], failure: Failure, reason: Reason) -> Found:
    causes = tuple(cause if len(cause) <= MAX_CAUSE else cause[:MAX_CAUSE] + " \u2026" for cause in reason.cause[:MAX_CAUSES])
    return Found(hosts, failure.phase, failure.outcome, reason, causes)


def unlisted(rollout: Rollout, shown: Sequence[Found], of: Sequence[Found]) -> int:
    """Failures that the page does not show; those that the journal left out are counted on the host that had most."""
    return len(of) - len(shown) + max((failure.more for failure in rollout.failures), default=0)


def by_site(rollout: Rollout) -> tuple[list[SiteDiffs], int]:
    """Differences by site, the pool's first, and how many files did not find room."""
    room, left = MAX_DIFF, 0
    sites: dict[str, list[tuple[Diff, tuple[tuple[str, str], ...]]]] = {}
    for diff in rollout.diffs:
        cost = weight(diff.diff)
        if cost > room:
            left += 1
            continue
        room -= cost
        sites.setdefault(diff.site, []).append((diff, tuple(lines(diff.diff))))
    return [SiteDiffs(site, verb(rollout, site), tuple(files)) for site, files in sites.items()], left


def weight(text: str) -> int:
    """About how many bytes it takes in a page: a line costs its markup, and some characters five."""
    return len(text.encode(errors="replace")) + 24 * text.count("\n") + 4 * sum(map(text.count, "<>&\"'"))


def lines(text: str) -> Iterator[tuple[str, str]]:
    """(kind, line) of a unified diff, without the two lines that name the file."""
    for i, line in enumerate(text.splitlines()):
        if i < 2 and line.startswith(("--- ", "+++ ")):
            continue
        yield {"+": "add", "-": "del", "@": "at"}.get(line[:1], "same"), line


def verb(rollout: Rollout, site: str) -> str:
    change = rollout.change
    if not site or change is None:
        return ""
    return "added" if site in change.added else "removed" if site in change.removed else "changed"


def steps(rollout: Rollout) -> list[Phase]:
    return sorted(rollout.phases, key=lambda one: one.ended)[:MAX_STEPS]


def lost_text(rollout: Rollout) -> str:
    """What visitors noticed, as far as somebody counted."""
    counted = rollout.requests
    if counted is None:
        return "not measured: no balancer counted"
    if not counted.asked:
        return "no visitor came meanwhile"
    if not counted.failed:
        return f"none of {counted.asked:,}"
    share = f"{counted.failed:,} of {counted.asked:,}, {percent(counted.failed, counted.asked)}"
    asked, failed = counted.before
    return f"{share}; before it {percent(failed, asked)}, maintenance pages included" if asked else share


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2g} %"


def touched_text(rollout: Rollout) -> str:
    change = rollout.change
    if change is None:
        return "not known"
    of = f" of {change.sites:,}" if change.sites else ""
    return f"{len(change.touched):,}{of}" + (f", {len(change.removed):,} removed" if change.removed else "")

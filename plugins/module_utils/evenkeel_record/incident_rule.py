"""Which rollouts get a report: those that visitors noticed, or would have. Pure; docs/incidents.md says the same."""

from __future__ import annotations

from .incident_story import PROOF, broken, live
from .rollout import INTERRUPTED, Reason, Rollout

# What a syntax check would have found on anybody's desk, what is a matter of taste, and what somebody left lying on the host.
ORDINARY = frozenset({"truth", "configtest", "policy", "settings"})
TAKEN_BACK = ("reverted", "revert_failed")


def why(one: Rollout) -> str:
    """Why this rollout gets a report, as a clause; empty where it needs none."""
    if one.outcome in TAKEN_BACK:
        return "a release was taken back"
    if one.outcome == INTERRUPTED and got_past_the_proof(one):
        return "the controller was gone before it said whether the release stays"
    if one.outcome == "rejected" and any(visible(reason) for reason in broken(one)):
        return "the proof found that visitors would have met broken pages"
    return ""


def visible(reason: Reason) -> bool:
    """Whether visitors would have met it."""
    return reason.guard not in ORDINARY


def got_past_the_proof(one: Rollout) -> bool:
    """From then on the release may have been live, although nobody was left to write that down."""
    return bool(live(one)) or any(step.phase == PROOF and step.ok and step.outcome == "proved" for step in one.phases)

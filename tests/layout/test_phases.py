"""What the record knows phases by are the names of the playbooks' own tasks."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel_record import incident_story as story
from plugins.module_utils.evenkeel_record import timeline

from .project import ROOT, TASK_FILES, of_play, plays, tasks

EVERYWHERE = [
    *(task for path in TASK_FILES if path.is_relative_to(ROOT / "playbooks") for task in tasks(path)),
    *(task for _, play in plays() for task in of_play(play)),
]
PHASES = (story.LIVE, story.PROOF, story.BEGIN, *story.ROLL, story.SOAK, story.ROLLBACK, *story.ENDS, *timeline.KINDS)


def of_phase(phase):
    return [task for task in EVERYWHERE if task.get("name", "").startswith(f"{phase} | ")]


@pytest.mark.parametrize("phase", sorted(set(PHASES)))
def test_a_phase_is_one_of_the_playbooks(phase):
    assert of_phase(phase)


@pytest.mark.parametrize(
    "phase, argument", [*((phase, "out") for phase in (story.BEGIN, *story.ROLL)), ("ask", "back"), ("end", "back")]
)
def test_balancers_send_visitors_away_and_back_where_the_record_says_so(phase, argument):
    assert [task for task in of_phase(phase) if argument in task.get("balancer_step", {})]

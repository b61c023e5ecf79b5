#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_report
short_description: Ends a rollout with its report
description:
  - Writes the report of a rollout to a JSON file on the controller, unless in check mode.
  - Sets the statistics C(evenkeel_outcome), C(evenkeel_release), C(evenkeel_rollout), C(evenkeel_held_back), C(evenkeel_message)
    and C(evenkeel_report) for the run, which AWX hands to the next job of a workflow.
  - Fails with the report's message, unless the fleet has what was asked for.
options:
  report:
    description: What the filter C(rollout_result) makes of the hosts' answers.
    type: dict
    required: true
  path:
    description: The file to write; its folder is made.
    type: path
    required: true
  told:
    description: What this run has said of the sites before it went on to the balancers; its last words repeat it.
    type: str
    default: ""
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Outcome | Tell what happened
  rollout_report:
    report: "{{ hostvars | rollout_result(ansible_play_hosts_all, rollout) }}"
    path: build/example/rollouts/20250101T120000Z-3f9c1a.json
"""

RETURN = r"""
msg:
  description: What happened, why, and what to do next, in one line.
  returned: always
  type: str
"""

#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: incident_report
short_description: Writes incident reports from the record of rollouts
version_added: 0.1.0
description:
  - Writes C(report.md), C(report.html) and C(facts.json) to C(incidents/) of the environment's record.
  - A file that a person has edited stays as it is; the new one gets a number.
  - Without O(from) and O(until), reports are written of rollouts that should have one and have none.
options:
  state:
    description:
      - V(planned) only says what to ask the monitoring host, as C(queries).
      - V(heard) has the record of this run keep the O(answers), for the report that is written when the run ends.
      - V(written) writes the reports.
    type: str
    choices: [planned, heard, written]
    default: planned
  environment:
    description: Whose record it is.
    type: str
    required: true
  record_dir:
    description: The folder of the record.
    type: path
    required: true
  timezone:
    description: The zone in which times are shown, and meant where they say none; the controller's own by default.
    type: str
    default: ''
  from:
    description: When the time begins that the report is about, in ISO 8601.
    type: str
    default: ''
  until:
    description: When it ends; now by default.
    type: str
    default: ''
  answers:
    description: What Prometheus answered to the C(queries), by their names.
    type: dict
    default: {}
  alerts:
    description: What Alertmanager tells of alerts that it knows.
    type: list
    elements: dict
    default: []
  problem:
    description: Why there are no answers.
    type: str
    default: ''
attributes:
  check_mode:
    description: Nothing is written.
    support: full
  diff_mode:
    description: A report is new each time.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Incident | Write the report of an evening
  incident_report:
    state: written
    environment: acme
    record_dir: record
    timezone: Europe/Berlin
    from: 2026-10-25T22:00:00
    until: 2026-10-25T23:30:00
"""

RETURN = r"""
message:
  description: The paths of the reports, one line each.
  returned: when written
  type: str
heard:
  description: What the record keeps.
  returned: when heard
  type: dict
queries:
  description: What to ask Prometheus' C(query_range), by name, ready for an address.
  returned: when planned
  type: dict
reports:
  description: The files.
  returned: when written
  type: list
  elements: str
"""

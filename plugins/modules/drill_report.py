#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Write down what visitors saw of a drill, and whether it was more than they may."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drill_report
short_description: Write down what visitors saw of a drill, and whether it was more than they may
version_added: 0.1.0
description:
  - Reads the visitors' record on the controller and writes C(report.json) and C(report.md) beside it.
  - Fails when visitors noticed more of a fault than docs/drill.md allows, once the report is written.
options:
  folder:
    description: The folder with C(requests.csv).
    type: path
    required: true
  environment:
    description: Whose drill it was.
    type: str
    required: true
  strikes:
    description:
      - Each C(fault) with its C(hosts), the Unix times C(began), C(struck), C(undoing) and C(undone), and C(wrong), a list of
        sentences about what else is not right.
    type: list
    elements: dict
    required: true
  planned:
    description: How many faults there should have been.
    type: int
    required: true
  patience:
    description: By how much every window is widened, for machines that are busy with other things.
    type: float
    default: 1
attributes:
  check_mode:
    description: There is no report of a drill that did not take place.
    support: none
  diff_mode:
    description: The report is new each time.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Report | Say what visitors saw
  drill_report:
    folder: build/acme/drills/20250101T120000Z
    environment: acme
    strikes: "{{ drill_strikes }}"
    planned: 2
"""

RETURN = r"""
faults:
  description: What visitors saw of each fault.
  type: list
  elements: dict
  returned: always
message:
  description: The drill in one paragraph.
  type: str
  returned: always
"""

import json
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel_drill.report import page, seen, strike_of
from ..module_utils.evenkeel_drill.visits import read

ARGUMENTS: dict[str, Any] = {
    "folder": {"type": "path", "required": True},
    "environment": {"type": "str", "required": True},
    "strikes": {"type": "list", "elements": "dict", "required": True},
    "planned": {"type": "int", "required": True},
    "patience": {"type": "float", "default": 1},
}


def report(params: dict[str, Any]) -> list[dict[str, Any]]:
    """What visitors saw of each fault, written down. OSError, ValueError or KeyError when a record or a strike is unreadable."""
    folder = Path(params["folder"])
    with (folder / "requests.csv").open(encoding="utf-8") as lines:
        visits = read(lines)
    found = [seen(visits, strike_of(one), params["patience"], one.get("wrong") or ()) for one in params["strikes"]]
    document = {"environment": params["environment"], "patience": params["patience"], "faults": found}
    (folder / "report.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(page(params["environment"], found, params["patience"]), encoding="utf-8")
    return found


def problems(found: list[dict[str, Any]], planned: int) -> list[str]:
    """What is not as it should be, one sentence each."""
    short = ["the drill broke off after %d of %d faults" % (len(found), planned)] if len(found) < planned else []
    return short + ["%s: %s" % (one["title"], text) for one in found for text in one["wrong"]]


def message(found: list[dict[str, Any]], wrong: list[str], folder: str) -> str:
    """One paragraph; the report has the rest."""
    asked = sum(one["asked"] for one in found)
    well = "well: of %d faults, visitors noticed what they may, in %d requests." % (len(found), asked)
    return "%s See %s/report.md" % ("attention: " + "; ".join(wrong) + "." if wrong else well, folder)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS)
    try:
        found = report(module.params)
    except (OSError, ValueError, KeyError) as error:
        module.fail_json(msg="the drill cannot be reported: %r" % error)
    wrong = problems(found, module.params["planned"])
    said = message(found, wrong, module.params["folder"])
    if wrong:
        module.fail_json(msg=said, faults=found)
    module.exit_json(changed=True, faults=found, msg=said)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Make a disaster on a host for a limited time, or undo it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drill_fault
short_description: Make a disaster on a host for a limited time, or undo it
version_added: 0.1.0
description:
  - Arms a timer of systemd that undoes the fault, then makes it. Nobody has to come back for the host to be well again.
  - One fault at a time. C(systemctl start evenkeel-drill.service) undoes it by hand; a boot does, too.
options:
  name:
    description: The fault, as docs/drill.md lists them. Needed to strike.
    type: str
  state:
    description: Whether the fault is made or undone. Undoing where there is none changes nothing.
    type: str
    choices: [struck, undone]
    required: true
  undo_after_s:
    description: Seconds after which the host undoes the fault by itself.
    type: int
    default: 60
  units:
    description: The services that are killed or stopped.
    type: list
    elements: str
    default: []
  addresses:
    description: The addresses that the host reaches no more.
    type: list
    elements: str
    default: []
  page:
    description: The page of the tenant whose application fails.
    type: path
attributes:
  check_mode:
    description: A disaster cannot be tried without one.
    support: none
  diff_mode:
    description: There is no text to compare.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Strike | Have Apache hang
  drill_fault:
    name: web_hung
    state: struck
    units: [apache2.service]

- name: Strike | Have it go on
  drill_fault:
    state: undone
"""

RETURN = r"""
commands:
  description: What was run.
  type: list
  elements: list
  returned: success
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel_drill.orders import UNIT, Aim, NoSuchOrder, lift, orders, strike

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str"},
    "state": {"type": "str", "choices": ["struck", "undone"], "required": True},
    "undo_after_s": {"type": "int", "default": 60},
    "units": {"type": "list", "elements": "str", "default": []},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "page": {"type": "path"},
}


def commands(module: AnsibleModule) -> list[list[str]]:
    """What is to be run; empty when there is nothing to undo. NoSuchOrder when the fault cannot be made here."""
    at_work = module.run_command(["systemctl", "is-active", "--quiet", UNIT + ".timer"])[0] == 0
    if module.params["state"] == "undone":
        return lift() if at_work else []
    if at_work:
        raise NoSuchOrder("a fault is at work on this host already; systemctl start %s.service undoes it" % UNIT)
    aim = Aim(module.params["units"], module.params["addresses"], module.params["page"] or "")
    return strike(orders(module.params["name"], aim), module.params["undo_after_s"])


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_if=[("state", "struck", ["name"])])
    try:
        found = commands(module)
    except NoSuchOrder as error:
        module.fail_json(msg=str(error))
    for command in found:
        code, _out, error_text = module.run_command(command)
        if code != 0:
            undo = "; it undoes itself" if module.params["state"] == "struck" else ""
            module.fail_json(msg="%s: exit status %d: %s%s" % (" ".join(command[:3]), code, error_text.strip(), undo))
    module.exit_json(changed=bool(found), commands=found)


if __name__ == "__main__":
    main()

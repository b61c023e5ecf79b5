#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Say which disasters a drill rehearses, and what its visitors ask meanwhile."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drill_plan
short_description: Say which disasters a drill rehearses, and what its visitors ask meanwhile
version_added: 0.1.0
description:
  - Runs on the controller and changes nothing.
options:
  faults:
    description: Names of faults, in the order in which they are made; C(all) or nothing is every one.
    type: list
    elements: str
    default: []
  probes:
    description: What the balancers' live release asks, by site, as in its C(probes.json).
    type: dict
    default: {}
  manifest:
    description: The live release of web hosts, as in its C(manifest.json); without it, faults are only named.
    type: dict
  tenant:
    description: The site whose application fails in C(tenant_failing); without it, the first that has one.
    type: str
    default: ""
  pages:
    description: Pages to be asked beside them, such as forms, as the load client knows them.
    type: list
    elements: dict
    default: []
  address:
    description: The address that visitors come to.
    type: str
    default: ""
  ca:
    description: The certificate that visitors trust; without it, those that the controller trusts.
    type: path
  rate:
    description: Requests a second over all sites.
    type: float
    default: 50
attributes:
  check_mode:
    description: It only computes.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Plan | Choose two disasters
  drill_plan:
    faults: [web_killed, balancer_killed]
    probes: "{{ probes.sites }}"
    address: 192.0.2.80
"""

RETURN = r"""
faults:
  description: The faults with all that is known of them, and their C(units), C(site) and C(page) in this fleet.
  type: list
  elements: dict
  returned: success
table:
  description: One line a fault, for people.
  type: list
  elements: str
  returned: success
pushed_site:
  description: The site that faults which are pushes change.
  type: str
  returned: when there is a manifest
load:
  description: What the load client is given.
  type: dict
  returned: when there is a manifest
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel_drill.aims import pushed_site, tenant, units
from ..module_utils.evenkeel_drill.faults import Fault, chosen
from ..module_utils.evenkeel_drill.traffic import load

ARGUMENTS: dict[str, Any] = {
    "faults": {"type": "list", "elements": "str", "default": []},
    "probes": {"type": "dict", "default": {}},
    "manifest": {"type": "dict"},
    "tenant": {"type": "str", "default": ""},
    "pages": {"type": "list", "elements": "dict", "default": []},
    "address": {"type": "str", "default": ""},
    "ca": {"type": "path"},
    "rate": {"type": "float", "default": 50},
}


def aimed(fault: Fault, manifest: dict[str, Any], wanted: str) -> dict[str, Any]:
    site, page = tenant(manifest, wanted) if fault.own_site_only else ("", "")
    return {**asdict(fault), "units": units(fault.name, manifest), "site": site, "page": page}


def plan(params: dict[str, Any]) -> dict[str, Any]:
    """ValueError when there is nothing to rehearse, to strike or to ask."""
    if params["rate"] <= 0:
        raise ValueError("a drill without visitors sees nothing; give a rate above 0")
    faults = chosen(params["faults"])
    table = ["%-18s %s" % (fault.name, fault.title) for fault in faults]
    if params["manifest"] is None:
        return {"faults": [asdict(fault) for fault in faults], "table": table}
    backend = {"name": "edge", "address": params["address"], "port": 443, "tls": True, "ca": params["ca"]}
    asked = load(params["probes"], params["pages"], backend, params["rate"])
    aims = [aimed(fault, params["manifest"], params["tenant"]) for fault in faults]
    return {"faults": aims, "table": table, "load": asked, "pushed_site": pushed_site(params["manifest"])}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        found = plan(module.params)
    except ValueError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()

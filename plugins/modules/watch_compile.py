#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Turn a release and the inventory's hosts into what a monitoring host watches, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: watch_compile
short_description: Turn a release and the inventory's hosts into what a monitoring host watches
version_added: 0.1.0
description:
  - Writes Prometheus' files of targets, C(targets/<job>.json), and the blackbox exporter's C(blackbox.yml) with a module for
    each distinct answer that sites must give; five thousand sites are one file.
  - What a site must answer is what its release's own probe of the front page expects. Sites that are suspended or in
    maintenance are left out.
  - Runs on the controller, so delegate it to localhost. No host is contacted.
options:
  environment:
    description: The inventory's name, a label of every target.
    type: str
    required: true
  release:
    description: The folder of the pool's build, as C(release_compile) returns it.
    type: path
    required: true
  hosts:
    description: All hosts, each with C(name), C(address), C(group), C(port) and C(modules).
    type: list
    elements: dict
    required: true
  addresses:
    description: Where visitors come; sites are visited at the first one.
    type: list
    elements: str
    required: true
  balanced:
    description: Whether balancers are there, which visitors reach over HTTPS.
    type: bool
    required: true
  certificates:
    description: The folder of certificates; C(self-signed.pem) is trusted, as nobody else vouches for it.
    type: path
    required: true
  path:
    description: The folder to write to; nothing else may lie there.
    type: path
    required: true
attributes:
  check_mode:
    description: Compares, but writes nothing.
    support: full
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Watch | Say what is watched
  watch_compile:
    environment: production
    release: "{{ rollout.path }}"
    hosts: "{{ groups | watch_hosts(hostvars) }}"
    addresses: "{{ groups | watch_addresses(hostvars) }}"
    balanced: "{{ 'edge' in groups }}"
    certificates: "{{ inventory_dir }}/certs"
    path: build/production/watch
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
path:
  description: The folder that was written.
  type: str
  returned: success
sites:
  description: How many sites are watched.
  type: int
  returned: success
problems:
  description: What is wrong with the inventory.
  type: list
  elements: dict
  returned: when a host has no address
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel_compiler.errors import TruthInvalid
from ..module_utils.evenkeel_compiler.watch_build import WatchOrder, build
from ..module_utils.evenkeel_compiler.watch_targets import hosts_from

ARGUMENTS: dict[str, Any] = {
    "environment": {"type": "str", "required": True},
    "release": {"type": "path", "required": True},
    "hosts": {"type": "list", "elements": "dict", "required": True},
    "addresses": {"type": "list", "elements": "str", "required": True},
    "balanced": {"type": "bool", "required": True},
    "certificates": {"type": "path", "required": True},
    "path": {"type": "path", "required": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        made = build(order(module.params), dry=module.check_mode)
    except TruthInvalid as invalid:
        module.fail_json(msg=str(invalid), problems=[problem.as_dict() for problem in invalid.problems])
    except (OSError, ValueError, KeyError) as error:
        module.fail_json(msg=f"{module.params['release']} is no release that can be watched: {error}", problems=[])
    module.exit_json(changed=made.changed, path=module.params["path"], sites=made.sites)


def order(params: dict[str, Any]) -> WatchOrder:
    """The module's parameters as the compiler takes them."""
    return WatchOrder(
        environment=params["environment"],
        release=Path(params["release"]),
        hosts=hosts_from(params["hosts"]),
        addresses=tuple(params["addresses"]),
        balanced=params["balanced"],
        certificates=Path(params["certificates"]),
        path=Path(params["path"]).absolute(),
    )


if __name__ == "__main__":
    main()

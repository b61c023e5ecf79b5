#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Ask one web host for its sites through a balancer, also while no visitor is sent to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge_probe
short_description: Ask one web host for its sites through a balancer
version_added: 0.1.0
description:
  - Runs on a balancer and asks its own address, by the path that visitors take, over TLS and with the certificates that must be
    presented, for the sites of its release. The header C(Evenkeel-Server) chooses the host that answers, also a drained one.
  - Fails when the host gets something wrong that visitors get right now. A site that fails for everybody blocks no host.
options:
  server:
    description: The host to ask, by its name in the inventory.
    type: str
    required: true
  sites:
    description: The sites to ask for; all of the balancer's without it. A backup lacks sites that are new.
    type: list
    elements: str
  release:
    description: The release that answers must come from.
    type: str
  wait_s:
    description: Seconds within which all must be right; a host that has just started must pass a check of the balancer first.
    type: int
    default: 10
attributes:
  check_mode:
    description: It only asks.
    support: full
  diff_mode:
    description: It only asks.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Join | See the host serve every site through the balancer, before a visitor is sent there
  edge_probe:
    server: web3
    release: 3f9c0a11d2e4
"""

RETURN = r"""
failures:
  description: What the host gets wrong, one sentence each.
  type: list
  elements: str
  returned: always
failed_sites:
  description: The sites concerned.
  type: list
  elements: str
  returned: always
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import edge_path
from ..module_utils.evenkeel.errors import EvenkeelError
from ..module_utils.evenkeel.host import Host
from ..module_utils.evenkeel.store import Store

ARGUMENTS: dict[str, Any] = {
    "server": {"type": "str", "required": True},
    "sites": {"type": "list", "elements": "str"},
    "release": {"type": "str"},
    "wait_s": {"type": "int", "default": 10},
}
_SHOWN = 5


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wanted, host = module.params, Host()
    try:
        balancer = edge_path.live_release(Store(host))
        sites = sorted(balancer.manifest.sites) if wanted["sites"] is None else wanted["sites"]
        found = edge_path.wrong_answers(balancer, wanted["server"], sites, wanted["release"], host.clock, wanted["wait_s"])
    except (EvenkeelError, OSError) as error:
        module.fail_json(msg=str(error), failures=[], failed_sites=[])
    lines = [failure.line() for failure in found]
    module.exit_json(
        changed=False,
        failed=bool(found),
        msg="; ".join(lines[:_SHOWN]),
        failures=lines,
        failed_sites=sorted({failure.site for failure in found if failure.site}),
    )


if __name__ == "__main__":
    main()

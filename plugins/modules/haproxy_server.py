#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Take a web host out of a balancer's rotation, or put it back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: haproxy_server
short_description: Take a web host out of a balancer's rotation, or put it back
version_added: 0.1.0
description:
  - Speaks to HAProxy over its runtime socket, on the balancer. A server is set in every backend that has it, and in
    processes of before a reload that still finish something.
  - C(drain) and C(maint) wait until the server's last session has ended, C(ready) until it has passed a check. An error
    that HAProxy answers is an error.
  - The state outlives reloads and crashes of HAProxy and a boot of the balancer. Rollouts leave it alone.
options:
  server:
    description: The servers, by their names in the inventory.
    type: list
    elements: str
    required: true
  state:
    description: What the server shall be. Without it, only the present state is reported.
    type: str
    choices: [ready, drain, maint]
  why:
    description: Why a server gets no visitors, for whoever looks at the fleet.
    type: str
    default: taken out by hand
  for_s:
    description: Seconds after which this balancer brings the server back by itself; without it, it stays out.
    type: int
  wait_s:
    description: Seconds to wait for sessions to end, or for a check to pass.
    type: int
    default: 30
attributes:
  check_mode:
    description: Says whether the server would be told.
    support: full
  diff_mode:
    description: States are few and in the result.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Drain | Send no new visitors to web1, and wait for those that are there
  haproxy_server:
    server: web1
    state: drain
    why: its disk is replaced

- name: Drain | Send visitors to web1 again, once it is well
  haproxy_server:
    server: web1
    state: ready
"""

RETURN = r"""
servers:
  description: The server in each backend.
  type: list
  elements: dict
  returned: success
  contains:
    backend:
      description: The backend.
      type: str
    name:
      description: The server.
      type: str
    admin:
      description: What people asked for, C(ready), C(drain) or C(maint).
      type: str
    status:
      description: What came of it, as C(show stat) spells it, such as C(UP), C(DRAIN), C(MAINT) or C(DOWN).
      type: str
    sessions:
      description: Requests under way.
      type: int
    queued:
      description: Requests that wait for the server.
      type: int
    check:
      description: The last check, such as C(L7OK); empty where nothing was checked yet.
      type: str
    checked:
      description: Whether the backend checks at all.
      type: bool
    backup:
      description: Whether it gets visitors only when no active server is well.
      type: bool
sessions:
  description: Requests under way or waiting, over all backends.
  type: int
  returned: success
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel import archive, cli
from ..module_utils.evenkeel.absence import Absence
from ..module_utils.evenkeel.balancer import Balancer
from ..module_utils.evenkeel.errors import EvenkeelError
from ..module_utils.evenkeel.haproxy import READY
from ..module_utils.evenkeel.host import Host
from ..module_utils.evenkeel.switch import STATES, Switched

ARGUMENTS: dict[str, Any] = {
    "server": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": list(STATES)},
    "why": {"type": "str", "default": "taken out by hand"},
    "for_s": {"type": "int"},
    "wait_s": {"type": "int", "default": 30},
}


def run(params: dict[str, Any], host: Host, dry: bool) -> Switched:
    """Bring the servers into the state that was asked for, or only look."""
    balancer, names, state = Balancer(host), params["server"], params["state"]
    if state is None:
        return Switched(False, balancer.look(names))
    if state == READY:
        return balancer.put_back(names, params["wait_s"], dry)
    now, for_s = host.clock.now(), params["for_s"]
    if for_s is not None and not dry:
        archive.install(host, archive.sources(cli))  # it is what brings them back
    one = Absence(state, params["why"], "", now, None if for_s is None else now + for_s)
    return balancer.take_out(names, one, params["wait_s"], dry)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        found = run(module.params, Host(), module.check_mode)
    except (EvenkeelError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=found.changed, servers=[asdict(one) for one in found.servers], sessions=found.sessions)


if __name__ == "__main__":
    main()

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
  - Speaks to HAProxy over its runtime socket, on the balancer. The server is set in every backend that has it, and in
    processes of before a reload that still finish something.
  - C(drain) and C(maint) wait until the server's last session has ended, C(ready) until it has passed a check. An error
    that HAProxy answers is an error.
  - The state is kept over reloads and crashes of HAProxy, and forgotten at a boot.
options:
  server:
    description: The server, by its name in the inventory.
    type: str
    required: true
  state:
    description: What the server shall be. Without it, only the present state is reported.
    type: str
    choices: [ready, drain, maint]
  wait_s:
    description: Seconds to wait for sessions to end, or for a check to pass.
    type: int
    default: 30
  socket:
    description: HAProxy's runtime socket.
    type: path
    default: /run/haproxy/admin.sock
  master_socket:
    description: The socket of HAProxy's master process, which leads to processes of before a reload.
    type: path
    default: /run/haproxy-master.sock
  state_file:
    description: Where HAProxy reads states when it starts.
    type: path
    default: /run/haproxy/servers.state
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

from ..module_utils.evenkeel.errors import EvenkeelError
from ..module_utils.evenkeel.haproxy import MASTER, SOCKET, STATE, UnixCli, old_workers
from ..module_utils.evenkeel.host import SystemClock
from ..module_utils.haproxy_switch import STATES, Switch, Switched

ARGUMENTS: dict[str, Any] = {
    "server": {"type": "str", "required": True},
    "state": {"type": "str", "choices": list(STATES)},
    "wait_s": {"type": "int", "default": 30},
    "socket": {"type": "path", "default": SOCKET},
    "master_socket": {"type": "path", "default": MASTER},
    "state_file": {"type": "path", "default": STATE},
}


def run(params: dict[str, Any], dry: bool) -> Switched:
    """Bring the server into the state that was asked for, or only look."""
    cli = UnixCli(params["socket"])
    switch = Switch(cli, old_workers(params["master_socket"]), SystemClock(), params["state_file"])
    if params["state"] is None:
        return Switched(False, switch.look(params["server"]))
    return switch.bring(params["server"], params["state"], params["wait_s"], dry)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        found = run(module.params, module.check_mode)
    except (EvenkeelError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=found.changed, servers=[asdict(one) for one in found.servers], sessions=found.sessions)


if __name__ == "__main__":
    main()

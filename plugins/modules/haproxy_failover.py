#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Send a pool's visitors to its backups, or back to its active hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: haproxy_failover
short_description: Send a pool's visitors to its backups, or back to its active hosts
version_added: 0.1.0
description:
  - Tells HAProxy at run time, on the balancer, and keeps it on disk. It outlives reloads and boots, and leaves alone who is
    drained, so that active hosts can be changed meanwhile.
  - HAProxy itself sends visitors back to active hosts for as long as no backup is well.
options:
  pool:
    description: The pool, by the name of its group.
    type: str
    required: true
  to:
    description: Who gets the visitors.
    type: str
    required: true
    choices: [backup, active]
  socket:
    description: HAProxy's runtime socket.
    type: path
    default: /run/haproxy/admin.sock
  master_socket:
    description: The socket of HAProxy's master process, which leads to processes of before a reload.
    type: path
    default: /run/haproxy-master.sock
attributes:
  check_mode:
    description: Says whether HAProxy would be told.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Failover | Send the visitors of the pool web to its backups
  haproxy_failover:
    pool: web
    to: backup
"""

RETURN = r"""
pools:
  description: The pools whose visitors are on the backups now.
  type: list
  elements: str
  returned: success
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel.disk import Disk
from ..module_utils.evenkeel.errors import EvenkeelError
from ..module_utils.evenkeel.haproxy import MASTER, SOCKET, UnixCli, old_workers
from ..module_utils.haproxy_failover import Failover, pools

ARGUMENTS: dict[str, Any] = {
    "pool": {"type": "str", "required": True},
    "to": {"type": "str", "required": True, "choices": ["backup", "active"]},
    "socket": {"type": "path", "default": SOCKET},
    "master_socket": {"type": "path", "default": MASTER},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wanted, cli = module.params, UnixCli(module.params["socket"])
    failover = Failover(cli, old_workers(wanted["master_socket"]), Disk())
    try:
        changed = failover.bring(wanted["pool"], wanted["to"] == "backup", module.check_mode)
        module.exit_json(changed=changed, pools=pools(cli))
    except (EvenkeelError, OSError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()

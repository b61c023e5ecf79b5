#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tell which servers a balancer has, and how they are."""

from __future__ import annotations

DOCUMENTATION = r"""
module: haproxy_info
short_description: Tell which servers a balancer has, and how they are
version_added: 0.1.0
description:
  - Asks HAProxy over its runtime socket, on the balancer; changes nothing.
  - The balancer knows servers that the inventory no longer names.
options:
  socket:
    description: HAProxy's runtime socket.
    type: path
    default: /run/haproxy/admin.sock
attributes:
  check_mode:
    description: It only reads.
    support: full
  diff_mode:
    description: It only reads.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Balancers | See which hosts they send visitors to
  haproxy_info:
  register: fleet_balancer
"""

RETURN = r"""
servers:
  description: The servers of every pool, as C(haproxy_server) describes them.
  type: list
  elements: dict
  returned: success
unseen:
  description: Servers that get no visitors because nobody has seen them serve yet.
  type: list
  elements: str
  returned: success
failed_over:
  description: Pools whose visitors were sent to the backups by hand.
  type: list
  elements: str
  returned: success
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import haproxy_failover
from ..module_utils.evenkeel import absence, haproxy
from ..module_utils.evenkeel.errors import EvenkeelError
from ..module_utils.evenkeel.host import Host

ARGUMENTS: dict[str, Any] = {"socket": {"type": "path", "default": haproxy.SOCKET}}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    cli = haproxy.UnixCli(module.params["socket"])
    unseen = sorted(name for name, one in absence.load(Host()).items() if one.why == absence.NEW)
    try:
        servers = [{**asdict(one), "up": one.up} for one in haproxy_failover.own_servers(cli)]
        pools = haproxy_failover.pools(cli)
    except (EvenkeelError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, servers=servers, unseen=unseen, failed_over=pools)


if __name__ == "__main__":
    main()

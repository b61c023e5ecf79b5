#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Do one step of a rollout on a balancer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: balancer_step
short_description: Do one step of a rollout on a balancer
version_added: 0.1.0
description:
  - Renews the rollout's claim, so that another one is refused; brings hosts back that answer well through this balancer; takes
    others out and waits for their requests; and tells how all servers are and how many requests failed on each.
  - All of it in one call, because a rollout of many hosts would spend its time in calls.
  - What a rollout took out comes back by itself O(lease_s) seconds after its last step, whatever became of its controller.
  - Hosts that a person took out stay out, servers that HAProxy does not have are passed over, and hosts without which nobody
    would serve keep their visitors.
  - In check mode it only looks.
options:
  rollout:
    description: The rollout's id. Empty only looks.
    type: str
    default: ""
  actor:
    description: Who asked for it, for those who are refused meanwhile.
    type: str
    default: ""
  lease_s:
    description: Seconds after which the rollout counts as dead, unless there is another step.
    type: int
    default: 130
  wait_s:
    description: Seconds to wait for requests to end, and for a check to pass.
    type: int
    default: 15
  back:
    description: Hosts that get visitors again, after they answered O(probes) as O(release) and passed a check.
    type: list
    elements: str
    default: []
  probes:
    description: Probes as C(probes.json) spells them, each with its C(site); asked through this balancer at each host of O(back).
    type: list
    elements: dict
    default: []
  for_s:
    description:
      - Seconds after which hosts of O(back) that were not asked yet are left for another step, so that a rollout can hear
        meanwhile from hosts that wait. One is always asked. With V(0), all are.
      - Nobody is taken out in a step that leaves some.
    type: int
    default: 0
  release:
    description: The release that answers must come from.
    type: str
    default: ""
  out:
    description: Hosts that get no visitors from now on.
    type: list
    elements: str
    default: []
  hold:
    description: Hosts that get no visitors until another rollout has brought them up, because they have not got the release.
    type: list
    elements: str
    default: []
  why:
    description: Why hosts are out, for whoever looks at the fleet.
    type: str
    default: ""
  watch_s:
    description: Seconds to stay and let visitors decide, before the requests are counted.
    type: int
    default: 0
  last:
    description: Others may begin after this step.
    type: bool
    default: false
  take_over:
    description: End the claim of whatever rollout there is, for a rollback.
    type: bool
    default: false
attributes:
  check_mode:
    description: Looks, and changes nothing.
    support: full
  diff_mode:
    description: States are few and in the result.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Roll | Send web1 visitors again, and web2 none
  balancer_step:
    rollout: 20250101T120000Z-3f9c1a
    back: [web1]
    out: [web2]
"""

RETURN = r"""
absent:
  description: Hosts that get no visitors, by name; C(rollout) is empty where a person took it out, C(until) where it stays out.
  type: dict
  returned: success
servers:
  description: How each server is, by name, with C(up), C(admin), C(status) and C(check), of the backend that checks.
  type: dict
  returned: success
counts:
  description: For each server how many requests it answered since HAProxy's last reload, and how many of them failed.
  type: dict
  returned: success
failures:
  description: Why the rollout must not go on.
  type: list
  elements: str
  returned: success
left:
  description: Hosts of O(back) that were not asked yet.
  type: list
  elements: str
  returned: success
message:
  description: What is worth a line.
  type: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel import archive, arguments, cli, request
from ..module_utils.evenkeel.host import Host


def main() -> None:
    module = AnsibleModule(argument_spec=arguments.STEP, supports_check_mode=True)
    host = Host()
    if not module.check_mode:
        archive.install(host, archive.sources(cli))  # it brings back those whose rollout dies
    module.exit_json(**request.balancer_step(host, module.params, module.check_mode))


if __name__ == "__main__":
    main()

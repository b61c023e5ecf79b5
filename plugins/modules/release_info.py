#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tell which releases a web host has, and how it does."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_info
short_description: Tell which releases a web host has, and how it does
version_added: 0.1.0
description:
  - Reads what C(evenkeel status --json) shows on the host; changes nothing.
options:
  verify:
    description: Ask the live server every probe of the live release, too.
    type: bool
    default: false
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
- name: Status | Ask every host what it serves
  release_info:
  register: web_status
"""

RETURN = r"""
current:
  description: The live release; null before the first one.
  type: str
  returned: always
known_good:
  description: The last confirmed release.
  type: str
  returned: always
confirmed:
  description: Whether the live release is the known good one, with nothing pending.
  type: bool
  returned: always
pending:
  description: The unconfirmed release with its deadline, or null.
  type: dict
  returned: always
releases:
  description:
    - The releases on the host, the youngest first. C(verdict) is V(unproved), V(passed), V(rejected), or V(regressed) after it
      broke sites that were well before its confirm.
  type: list
  elements: dict
  returned: always
history:
  description: Releases that came to be trusted on this host, the youngest first.
  type: list
  elements: str
  returned: always
sites:
  description: The sites of the live release.
  type: list
  elements: str
  returned: always
drift:
  description: What somebody changed by hand in the live release, one line a file.
  type: list
  elements: str
  returned: always
unlinked:
  description: Settings files whose link in the document root is gone.
  type: list
  elements: str
  returned: always
held_back:
  description: Sites of the live release that were held back.
  type: list
  elements: str
  returned: always
down:
  description: Units that should run and do not.
  type: list
  elements: str
  returned: always
engine:
  description: The version of the engine on the host.
  type: str
  returned: always
absent:
  description: On a balancer, hosts that get no visitors, by name, each with C(why), and C(rollout) where no person took it out.
  type: dict
  returned: always
failed_over:
  description: On a balancer, pools whose visitors were sent to the backups by hand.
  type: list
  elements: str
  returned: always
claim:
  description: The rollout that is under way, with C(actor), C(since) and C(until), or null.
  type: dict
  returned: always
regression:
  description: What the watch saw of a rollout that broke sites after its confirm; empty once another one was confirmed.
  type: str
  returned: always
age_s:
  description: Seconds since the live release was put in place.
  type: int
  returned: always
last_rejected:
  description: The release that was rejected last, if its verdict is still kept.
  type: str
  returned: always
advice:
  description: What to do next, in one sentence.
  type: str
  returned: always
failures:
  description: Probes that the live server does not answer as it must.
  type: list
  elements: str
  returned: when O(verify=true)
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel import arguments, request
from ..module_utils.evenkeel.host import Host


def main() -> None:
    module = AnsibleModule(argument_spec=arguments.INFO, supports_check_mode=True)
    module.exit_json(**request.info(Host(), module.params, module.check_mode))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Prove a release on a web host, make it live, confirm it, or go back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Prove a release on a web host, make it live, confirm it or go back
version_added: 0.1.0
description:
  - Brings one release of a pool into a state on this host. C(proved) runs the candidate beside the live services and
    asks it for every touched site's pages; C(live) flips to it atomically and arms a deadline; C(extended) puts the
    deadline off, and fails where the release is not live any more; C(confirmed) makes it known good; C(reverted) goes back.
  - A release that is live and not confirmed reverts itself at its deadline, also when the controller is gone or the
    host lost power.
  - A rollout that is live on a host holds it, so that another one is refused, until it is confirmed or reverted there, or
    O(deadline_s) seconds after it was heard of last.
  - The engine on the host (C(/usr/local/sbin/evenkeel)) is kept equal to the one that this module brings.
options:
  state:
    description: What the release shall be on this host.
    type: str
    required: true
    choices: [staged, proved, live, extended, confirmed, reverted]
  id:
    description: The release, 12 hexadecimal digits. Without it, C(state=reverted) goes to the known good one.
    type: str
  payload:
    description: The compiled release on the controller; sent only to hosts that lack it.
    type: path
  on_site_failure:
    description: Reject the whole candidate when a site fails, or hold that site back and go on with the others.
    type: str
    choices: [reject, hold_back]
    default: reject
  hold_back:
    description: Sites to hold back whatever their probes say; the union over the hosts of a rollout.
    type: list
    elements: str
    default: []
  adopt_drift:
    description:
      - What to do with a host that differs from what Evenkeel and Debian wrote there, for C(state=proved). C(ask) refuses it and
        names what differs. C(keep) leaves what a push does not touch, and refuses edits of the live release. C(overwrite)
        publishes over these, too; they are kept as a release of their own.
    type: str
    choices: [ask, keep, overwrite]
    default: ask
  deadline_s:
    description: Seconds until an unconfirmed release reverts itself; C(state=extended) puts that off.
    type: int
    default: 120
  peers:
    description:
      - Addresses of the rollout's other hosts. At its deadline, a host that was not told whether it stays asks them, and keeps
        the release when one of them was told so.
    type: list
    elements: str
    default: []
  instead_of:
    description:
      - What is to be taken back, for C(state=reverted). Where it is neither live nor waits, because somebody went elsewhere
        since, nothing is changed. Without it, the host goes back whatever is live.
    type: str
    default: ""
  rollout:
    description: The rollout's id, for the journal.
    type: str
    default: ""
  actor:
    description: Who asked for it, for the journal.
    type: str
    default: ""
  commit:
    description: The truth's commit, for the journal.
    type: str
    default: ""
attributes:
  check_mode:
    description: Says what would change, site by site, and changes nothing.
    support: full
  diff_mode:
    description: Shows which sites and directives change; never a secret.
    support: full
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Push | Prove the release, so that nothing is live before it answered
  release:
    state: proved
    id: 3f9c0a11d2e4
    payload: build/example/web/3f9c0a11d2e4/payload.tar.gz

- name: Push | Make it live for two minutes at most
  release:
    state: live
    id: 3f9c0a11d2e4
    deadline_s: 120

- name: Push | Keep it
  release:
    state: confirmed
    id: 3f9c0a11d2e4

- name: Rollback | Go to the known good release
  release:
    state: reverted
"""

RETURN = r"""
outcome:
  description: One of unchanged, planned, staged, proved, rejected, live, confirmed, reverted, revert_failed.
  type: str
  returned: always
release:
  description: The release that this is about; differs from O(id) when sites were held back.
  type: str
  returned: always
previous:
  description: What was live before.
  type: str
  returned: always
known_good:
  description: The last confirmed release.
  type: str
  returned: always
held_back:
  description: Sites that keep what they had.
  type: list
  elements: str
  returned: always
asides:
  description: What an operator must read besides the outcome; the message ends with it.
  type: list
  elements: str
  returned: always
failed_sites:
  description: Sites that failed and could be held back.
  type: list
  elements: str
  returned: always
touched:
  description: Sites that differ from the live release; of C(state=proved).
  type: list
  elements: str
  returned: always
message:
  description: One readable paragraph, saying what is true now, why, and what to do next.
  type: str
  returned: always
verdict:
  description: What the proof found, as kept in C(/var/lib/evenkeel/verdicts).
  type: dict
  returned: always
failures:
  description: What was wrong while it was live; the same as in the verdict of a proof.
  type: list
  elements: dict
  returned: when it was put back, or should have been
seconds:
  description: Seconds by phase.
  type: dict
  returned: always
needs_payload:
  description: The host lacks the release, so that the payload must be sent.
  type: bool
  returned: when the host lacks the release
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel import archive, arguments, cli, request, signals
from ..module_utils.evenkeel.host import Host


def run(module: AnsibleModule, host: Host) -> dict[str, Any]:
    """The module's result; where the engine on the host is another one, it is replaced first."""
    updated = False if module.check_mode else bring_engine(host)
    found = request.release(host, module.params, module.check_mode, module.params["payload"])
    return {**found, "changed": bool(found.get("changed")) or updated}


def bring_engine(host: Host) -> bool:
    return archive.install(host, archive.sources(cli))


def main() -> None:
    module = AnsibleModule(argument_spec=arguments.RELEASE, required_if=arguments.NEEDS_ID, supports_check_mode=True)
    signals.leave_in_order()
    os.umask(0o022)
    module.exit_json(**run(module, Host()))


if __name__ == "__main__":
    main()

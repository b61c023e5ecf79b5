#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tell what differs on a host from what Evenkeel and Debian wrote there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_info
short_description: Tell what differs on a host from what Evenkeel and Debian wrote there
version_added: 0.1.0
description:
  - Looks as C(evenkeel drift) does, which C(evenkeel-drift.timer) starts on each host. Puts nothing right.
  - What it found is remembered on the host for its metrics and for the next push, but for check mode.
options:
  diff:
    description: Show what was changed, too, but for files that hold secrets, or may.
    type: bool
    default: true
attributes:
  check_mode:
    description: It looks, and remembers nothing.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Drift | Look for edits by hand
  drift_info:
  register: drift_found
"""

RETURN = r"""
release:
  description: The live release; null before the first one.
  type: str
  returned: always
kinds:
  description: How many were found of each kind, C(changed), C(missing), C(extra), C(link), C(package), C(module), C(vhost).
  type: dict
  returned: always
found:
  description: What differs, each with C(kind), C(path), C(what), and C(lost), whether a push would publish over it.
  type: list
  elements: dict
  returned: always
text:
  description: The same for people, with a unified diff where the host knows what was there.
  type: str
  returned: always
at:
  description: When it was looked, in seconds since 1970.
  type: float
  returned: always
format:
  description: The form of this answer.
  type: int
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.evenkeel import arguments, request
from ..module_utils.evenkeel.host import Host


def main() -> None:
    module = AnsibleModule(argument_spec=arguments.DRIFT, supports_check_mode=True)
    module.exit_json(**request.drift_info(Host(), module.params, module.check_mode))


if __name__ == "__main__":
    main()

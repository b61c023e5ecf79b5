#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Make a self-signed certificate that names every site, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge_certificate
short_description: Make a self-signed certificate that names every site
version_added: 0.1.0
description:
  - Writes C(certs/self-signed.pem) and C(certs/self-signed.key) beside O(sites_dir), where they are missing, end within a
    month, or do not name every site. They are part of the truth, so that the same truth gives the same release anywhere.
  - A key that somebody encrypted is replaced by a plain one only when the certificate must be made anew.
  - Runs on the controller, so delegate it to localhost.
requirements:
  - openssl
  - jsonschema >= 4.20
  - PyYAML >= 6.0
options:
  sites_dir:
    description: The folder that holds a folder for each site.
    type: path
    required: true
  renew:
    description: Make it anew in any case.
    type: bool
    default: false
attributes:
  check_mode:
    description: Says whether it would be made.
    support: full
  diff_mode:
    description: A certificate tells a person nothing.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Certificate | Make one for trying things out
  edge_certificate:
    sites_dir: "{{ inventory_dir }}/sites"
  delegate_to: localhost
"""

RETURN = r"""
path:
  description: The certificate.
  type: str
  returned: always
names:
  description: The names it has.
  type: list
  elements: str
  returned: always
"""

import traceback
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

LIBRARY_ERROR: str | None = None
try:
    import jsonschema  # noqa: F401
    import yaml  # noqa: F401
except ImportError:
    LIBRARY_ERROR = traceback.format_exc()
else:
    from ..module_utils.evenkeel_compiler import self_signed

ARGUMENTS: dict[str, Any] = {"sites_dir": {"type": "path", "required": True}, "renew": {"type": "bool", "default": False}}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("jsonschema and PyYAML"), exception=LIBRARY_ERROR)
    sites = Path(module.params["sites_dir"]).absolute()
    certificate, key = (sites.parent / "certs" / name for name in ("self-signed.pem", "self-signed.key"))
    try:
        names = self_signed.site_names(sites)
        due = module.params["renew"] or not key.exists() or bool(self_signed.missing(certificate, names))
        if due and not module.check_mode:
            self_signed.make(certificate, key, names)
    except (self_signed.OpensslFailed, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=due, path=str(certificate), names=names)


if __name__ == "__main__":
    main()

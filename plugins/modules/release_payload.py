#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Bring a release from a host that has it to the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_payload
short_description: Bring a release from a host that has it to the controller
version_added: 0.1.0
description:
  - Packs a release of this host, after every byte was compared with its manifest, and brings it to the controller, for hosts
    that lack it. A release is named by its content, so it does not matter which host it comes from.
  - Does nothing where the controller has it.
options:
  id:
    description: The release, 12 hexadecimal digits.
    type: str
    required: true
  folder:
    description:
      - The pool's build folder on the controller. What was compiled there is used as it is; what is brought comes to lie in
        C(fetched/), where nobody but its owner can read it, because it may hold secrets.
    type: path
    required: true
attributes:
  check_mode:
    description: Does what it does otherwise, too, because a plan for another host needs the release.
    support: full
  diff_mode:
    description: A release is no text.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Promote | Bring the release that is known good to the controller, where it is no longer there
  release_payload:
    id: 3f9c0a11d2e4
    folder: build/example/web
"""

RETURN = r"""
path:
  description: The payload on the controller, to be given to C(release).
  type: str
  returned: success
php_versions:
  description: The versions of PHP that the release needs.
  type: list
  elements: str
  returned: success
"""

import hashlib
import os
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import release_pack
from ..module_utils.evenkeel.errors import EvenkeelError
from ..module_utils.evenkeel.host import Host
from ..module_utils.evenkeel.store import Store

PACKED = "packed.tar.gz"
# the action plugin is told the controller's folder, and tells this module one on the host, for what it will come to get
ARGUMENTS: dict[str, Any] = {"id": {"type": "str", "required": True}, "folder": {"type": "path", "required": True}}


def write(folder: Path, data: bytes) -> None:
    """For the user who owns the folder, who is the one that comes to get it."""
    owner = folder.stat()
    descriptor = os.open(folder / PACKED, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        os.fchown(stream.fileno(), owner.st_uid, owner.st_gid)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        data = release_pack.of_release(Store(Host()), module.params["id"])
        write(Path(module.params["folder"]), data)
    except (EvenkeelError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, sha256=hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main()

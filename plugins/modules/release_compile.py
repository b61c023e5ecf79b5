#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Turn the truth of a pool into a release, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_compile
short_description: Turn the truth of a pool into a release
version_added: 0.1.0
description:
  - Loads every site of an inventory as data, checks it, and renders all that Apache and PHP-FPM read, the manifest and
    the probes into C(<build_dir>/<environment>/<pool>/<id>/), with C(payload.tar.gz) in it.
  - The same truth gives the same release, byte for byte, on any machine; an unchanged truth is recognised and not
    compiled again.
  - Runs on the controller, so delegate it to localhost. No host is contacted.
requirements:
  - Jinja2 >= 3.1
  - jsonschema >= 4.20
  - PyYAML >= 6.0
options:
  environment:
    description: The inventory's name, a folder below O(build_dir).
    type: str
    required: true
  pool:
    description: The pool, an inventory group.
    type: str
    required: true
  sites_dir:
    description: The folder that holds a folder for each site.
    type: path
    required: true
  build_dir:
    description: Where builds are kept; only the owner can read them.
    type: path
    required: true
  settings:
    description: What the pool's hosts have in common; see C(schemas/pool.schema.json).
    type: dict
    default: {}
  secrets:
    description: Texts from the vault, by site and by name.
    type: dict
    default: {}
  template_dirs:
    description: Folders of templates, the first that has one wins. Without it, those of the project's roles.
    type: list
    elements: path
  project_dir:
    description: The checkout of Evenkeel, with its roles and schemas. The action plugin fills it in.
    type: path
attributes:
  check_mode:
    description: Compiles, compares and writes nothing.
    support: full
  diff_mode:
    description: Shows what changes for each site since the last build; never a secret.
    support: full
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Compile | Check and render the truth before any host is asked
  release_compile:
    environment: example
    pool: web
    sites_dir: "{{ inventory_dir }}/sites"
    build_dir: build
    settings: "{{ evenkeel_pool }}"
    secrets: "{{ evenkeel_secrets }}"
  delegate_to: localhost
  run_once: true
  register: compiled
"""

RETURN = r"""
id:
  description: The release's name, the first 12 hexadecimal digits of its manifest's SHA-256.
  type: str
  returned: success
  sample: 3f9c0a11d2e4
path:
  description: The folder of the build.
  type: str
  returned: success
payload:
  description: The compressed release, to be given to C(release).
  type: str
  returned: success
sites:
  description: How many sites the release has.
  type: int
  returned: success
sites_added:
  description: Sites that the build before did not have.
  type: list
  elements: str
  returned: success
sites_changed:
  description: Sites whose files, facts or probes differ from the build before.
  type: list
  elements: str
  returned: success
sites_removed:
  description: Sites that only the build before had.
  type: list
  elements: str
  returned: success
problems:
  description: All that is wrong with the truth.
  type: list
  elements: dict
  returned: when the truth cannot be compiled
  contains:
    file:
      description: The file, relative to the inventory.
      type: str
    line:
      description: The line, 0 for the file as a whole.
      type: int
    field:
      description: The field, dotted.
      type: str
    value:
      description: What is there, shortened, never a secret.
      type: str
    allowed:
      description: What would be allowed.
      type: str
"""

import traceback
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

LIBRARY_ERROR: str | None = None
try:
    import jinja2  # noqa: F401
    import jsonschema  # noqa: F401
    import yaml  # noqa: F401
except ImportError:
    LIBRARY_ERROR = traceback.format_exc()
else:
    from ..module_utils.evenkeel_compiler.answer import built, refused
    from ..module_utils.evenkeel_compiler.build import Build, Order, build, template_dirs, use_schemas
    from ..module_utils.evenkeel_compiler.errors import TruthInvalid
    from ..module_utils.evenkeel_compiler.render import RenderFailed
    from ..module_utils.evenkeel_compiler.truth import pool_from

ARGUMENTS: dict[str, Any] = {
    "environment": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "sites_dir": {"type": "path", "required": True},
    "build_dir": {"type": "path", "required": True},
    "settings": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "template_dirs": {"type": "list", "elements": "path"},
    "project_dir": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("Jinja2, jsonschema and PyYAML"), exception=LIBRARY_ERROR)
    try:
        made = build(order(module.params), dry=module.check_mode)
    except TruthInvalid as invalid:
        module.fail_json(**refused(invalid))
    except (RenderFailed, OSError) as error:
        module.fail_json(msg=str(error), problems=[])
    if blanked(made, module.params["secrets"]):
        module.fail_json(msg="A secret is so short that it is part of the build's own path. Choose a longer one.", problems=[])
    module.exit_json(**built(made, module._diff))


def order(params: dict[str, Any]) -> Order:
    """The module's parameters as the compiler takes them; TruthInvalid when the pool's settings are wrong."""
    project = Path(params["project_dir"] or Path.cwd()).absolute()
    folders = [Path(folder) for folder in params["template_dirs"] or ()]
    use_schemas(project)
    return Order(
        project=project,
        environment=params["environment"],
        pool=pool_from({**params["settings"], "name": params["pool"]}),
        sites_dir=Path(params["sites_dir"]).absolute(),
        build_dir=Path(params["build_dir"]).absolute(),
        template_dirs=folders or template_dirs(project),
        secrets=params["secrets"],
    )


def blanked(made: Build, secrets: dict[str, dict[str, str]]) -> bool:
    """Ansible blanks every secret in an answer, so one that is part of a path would send hosts a wrong one."""
    return any(str(text) in str(made.payload) for site in secrets.values() for text in site.values())


if __name__ == "__main__":
    main()

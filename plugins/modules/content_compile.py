#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Read out of the truth where the files of each site come from, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: content_compile
short_description: Read out of the truth where the files of each site come from
version_added: 0.1.0
description:
  - Loads and checks every site of an inventory as C(release_compile) does, and returns what the role C(content) needs.
  - Contacts no host.
  - Runs on the controller, so delegate it to localhost.
requirements:
  - jsonschema >= 4.20
  - PyYAML >= 6.0
options:
  pool:
    description: The pool, an inventory group.
    type: str
    required: true
  sites_dir:
    description: The folder that holds a folder for each site.
    type: path
    required: true
  settings:
    description: What the pool's hosts have in common; see C(schemas/pool.schema.json).
    type: dict
    default: {}
  secrets:
    description: Texts from the vault, by site and by name; templates of settings read them.
    type: dict
    default: {}
  project_dir:
    description: The checkout of Evenkeel, with its schemas. The action plugin fills it in.
    type: path
attributes:
  check_mode:
    description: It reads, and changes nothing.
    support: full
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Compile | Read where the sites' files come from
  content_compile:
    pool: web
    sites_dir: "{{ inventory_dir }}/sites"
    settings: "{{ evenkeel_pool }}"
  delegate_to: localhost
  run_once: true
  register: content
"""

RETURN = r"""
sites:
  description: By site, its user, home, document root, and where its files come from.
  type: dict
  returned: success
  sample: {blog: {user: blog, home: /srv/www/blog, document_root: /srv/www/blog/public, source: local}}
sites_root:
  description: The folder that holds the homes of all sites.
  type: str
  returned: success
  sample: /srv/www
problems:
  description: All that is wrong with the truth.
  type: list
  elements: dict
  returned: when the truth has mistakes
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
    from ..module_utils.evenkeel_compiler import truth
    from ..module_utils.evenkeel_compiler.answer import FAILURES, failure
    from ..module_utils.evenkeel_compiler.build import use_schemas
    from ..module_utils.evenkeel_compiler.content_facts import content_facts

ARGUMENTS: dict[str, Any] = {
    "pool": {"type": "str", "required": True},
    "sites_dir": {"type": "path", "required": True},
    "settings": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "project_dir": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("Jinja2, jsonschema and PyYAML"), exception=LIBRARY_ERROR)
    try:
        module.exit_json(changed=False, **found(module.params))
    except FAILURES as error:
        module.fail_json(**failure(error))


def found(params: dict[str, Any]) -> dict[str, Any]:
    """The module's answer; TruthInvalid where the truth has mistakes."""
    project = Path(params["project_dir"] or Path.cwd()).absolute()
    use_schemas(project)
    pool = truth.pool_from(params["settings"], params["pool"])
    loaded = truth.load(Path(params["sites_dir"]).absolute(), pool, params["secrets"])
    return {"sites": content_facts(loaded, pool.name), "sites_root": pool.sites_root}


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Turn the truth into a release for the balancers, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge_compile
short_description: Turn the truth into a release for the balancers
version_added: 0.1.0
description:
  - Loads every site of an inventory as data and renders all that HAProxy and keepalived read, the manifest and the probes
    into C(<build_dir>/<environment>/<edge>/<id>/), with C(payload.tar.gz) in it.
  - Certificates are C(certs/<name>.pem) beside O(sites_dir); the action plugin decrypts C(certs/<name>.key).
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
  sites_dir:
    description: The folder that holds a folder for each site.
    type: path
    required: true
  build_dir:
    description: Where builds are kept; only the owner can read them.
    type: path
    required: true
  settings:
    description: The group variable C(evenkeel_edge), see C(schemas/edge.schema.json).
    type: dict
    required: true
  balancers:
    description: The balancers in the order in which they are preferred.
    type: list
    elements: dict
    required: true
  pools:
    description: The pools of web hosts, each with C(settings), its C(evenkeel_pool), and C(servers).
    type: list
    elements: dict
    required: true
  secrets:
    description: Texts by site and name, for the sites' own templates.
    type: dict
    default: {}
  certificate_keys:
    description: Files that hold the private keys, decrypted, by the certificate's name. The action plugin fills it in.
    type: dict
    default: {}
  project_dir:
    description: The checkout; the action plugin fills it in.
    type: path
attributes:
  check_mode:
    description: Compiles and compares, but writes nothing.
    support: full
  diff_mode:
    description: Shows what changed since the build before, without secrets.
    support: full
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Compile | Turn the truth into a release for the balancers
  edge_compile:
    environment: production
    sites_dir: "{{ inventory_dir }}/sites"
    build_dir: build
    settings: "{{ evenkeel_edge }}"
    balancers: "{{ groups | edge_balancers(hostvars) }}"
    pools: "{{ groups | edge_pools(hostvars) }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
id:
  description: The name of the release.
  type: str
  returned: success
path:
  description: The build's folder.
  type: str
  returned: success
payload:
  description: The file to send to hosts.
  type: str
  returned: success
sites:
  description: How many sites the release has.
  type: int
  returned: success
php_versions:
  description: None; a balancer runs no PHP.
  type: list
  elements: str
  returned: success
sites_added:
  description: Sites that the previous build did not have.
  type: list
  elements: str
  returned: success
sites_changed:
  description: Sites that differ from the previous build.
  type: list
  elements: str
  returned: success
sites_removed:
  description: Sites that only the previous build had.
  type: list
  elements: str
  returned: success
problems:
  description: All that is wrong with the truth.
  type: list
  elements: dict
  returned: when the truth cannot be compiled
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
    from ..module_utils.evenkeel_compiler.answer import FAILURES, built, failure
    from ..module_utils.evenkeel_compiler.build import use_schemas
    from ..module_utils.evenkeel_compiler.edge_build import EdgeOrder, build_edge
    from ..module_utils.evenkeel_compiler.edge_model import Backends
    from ..module_utils.evenkeel_compiler.edge_truth import balancers_from, edge_from, servers_from
    from ..module_utils.evenkeel_compiler.truth import pool_from

ARGUMENTS: dict[str, Any] = {
    "environment": {"type": "str", "required": True},
    "sites_dir": {"type": "path", "required": True},
    "build_dir": {"type": "path", "required": True},
    "settings": {"type": "dict", "required": True},
    "balancers": {"type": "list", "elements": "dict", "required": True},
    "pools": {"type": "list", "elements": "dict", "required": True},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "certificate_keys": {"type": "dict", "default": {}, "no_log": False},
    "project_dir": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("Jinja2, jsonschema and PyYAML"), exception=LIBRARY_ERROR)
    try:
        made = build_edge(order(module.params), dry=module.check_mode)
    except FAILURES as error:
        module.fail_json(**failure(error))
    module.exit_json(**built(made, module._diff))


def order(params: dict[str, Any]) -> EdgeOrder:
    """The module's parameters as the compiler takes them; TruthInvalid when the inventory's values are wrong."""
    project = Path(params["project_dir"] or Path.cwd()).absolute()
    use_schemas(project)
    edge = edge_from(params["settings"])
    return EdgeOrder(
        project=project,
        environment=params["environment"],
        edge=edge,
        balancers=balancers_from(params["balancers"], edge),
        pools=tuple(Backends(pool_from(each["settings"]), servers_from(each["servers"])) for each in params["pools"]),
        sites_dir=Path(params["sites_dir"]).absolute(),
        build_dir=Path(params["build_dir"]).absolute(),
        keys={name: Path(path).read_bytes() for name, path in params["certificate_keys"].items()},
        secrets=params["secrets"],
    )


if __name__ == "__main__":
    main()

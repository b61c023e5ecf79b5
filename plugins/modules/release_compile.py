#!/usr/bin/python
# Copyright: the Evenkeel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action plugin of the same name, which does the work on the controller."""

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
  - Runs in the controller's own process. No host is contacted.
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
php_versions:
  description: The PHP releases that the hosts of the pool need.
  type: list
  elements: str
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

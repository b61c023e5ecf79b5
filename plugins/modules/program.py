#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which packs on the controller and has copy bring the file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: program
short_description: Brings a program of Evenkeel to a host, as one file
version_added: 0.1.0
description:
  - Packs a package of C(plugins/module_utils/), its templates included, into one executable archive and copies that.
  - The same sources give the same bytes, so that a host which has them is not changed.
  - It belongs to root, and everybody may run it.
options:
  package:
    description: The package's folder.
    type: str
    required: true
  module:
    description: The module of it whose function C(main) is run.
    type: str
    default: cli
  dest:
    description: Where the program is put.
    type: path
    required: true
attributes:
  check_mode:
    description: Nothing is written.
    support: full
  diff_mode:
    description: The file is binary, so that no difference is shown.
    support: none
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Program | Install it
  program:
    package: evenkeel_watch
    dest: /usr/local/sbin/evenkeel-watch
"""

RETURN = r"""
dest:
  description: The program.
  type: str
  returned: success
"""

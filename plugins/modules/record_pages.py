#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name, which does the work on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: record_pages
short_description: Makes the pages of the record again
description:
  - Makes C(index.html) of every journal in an environment's folder of the record, and the index of all of them.
  - Runs make their pages themselves; this is for those that were killed, and for pages of an older version.
options:
  path:
    description: The environment's folder of the record.
    type: path
    required: true
attributes:
  check_mode:
    description: Makes nothing.
    support: partial
author:
  - The Evenkeel contributors (@evenkeel)
"""

EXAMPLES = r"""
- name: Record | Make the pages again
  record_pages:
    path: record/example
"""

RETURN = r"""
message:
  description: How many rollouts there are, how many pages changed, and where the index is.
  returned: always
  type: str
"""

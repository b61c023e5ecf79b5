# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Loads once, before Ansible forks, what each of its forks would load for itself."""

from __future__ import annotations

DOCUMENTATION = r"""
name: evenkeel_forks
type: aggregate
short_description: Lets forks inherit what every one of them needs
description:
  - Ansible forks for each task and host. A fork that evaluates an expression first loads every filter and test there is, which
    takes as long as the fork itself, and forgets them when it ends. Here they are loaded before the first fork.
  - A play's C(vars_files) would be parsed once for each task and host; here they are parsed once a play.
  - It prints nothing and keeps nothing, and a run without it does the same more slowly.
author: The Evenkeel contributors (@evenkeel)
"""

import contextlib
import gc
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import action_loader, connection_loader, filter_loader, shell_loader, test_loader

# Any name will do for filters and tests: to find one, Ansible loads all.
ONE_OF_ALL = ((filter_loader, "length"), (test_loader, "failed"))
CLASSES = ((connection_loader, "ssh"), (shell_loader, "sh"), (action_loader, "normal"), (action_loader, "set_fact"))


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Has nothing to tell."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "evenkeel_forks"

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """The first moment at which all folders of plugins are known, and the last before forks."""
        with contextlib.suppress(Exception):  # whoever needs a plugin that cannot be loaded says so better
            load()
        gc.freeze()  # a fork that collects garbage would otherwise write to, and so copy, every page it inherits

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Before the play's first task."""
        with contextlib.suppress(Exception):  # Ansible itself says better what is wrong with a file
            remember(play)


def remember(play: Any) -> None:
    """Leaves the play's files of variables in the loader's cache, where Ansible looks but puts only what Vault has encrypted."""
    loader = play.get_loader()
    for name in play.get_vars_files():
        path = loader.path_dwim_relative_stack(play.get_search_path(), "vars", name)
        loader.load_from_file(path, cache="all", unsafe=True, trusted_as_template=True)


def load() -> None:
    """What the loaders then keep."""
    for loader, name in ONE_OF_ALL:
        loader.get(name)
    for loader, name in CLASSES:
        loader.get(name, class_only=True)

"""Runs `balancer_step`: by the engine that is on the balancer, and by the module, which brings one, where that is another."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))  # a plain project has no name by which a plugin could import

from plugins.module_utils.evenkeel import arguments
from plugins.plugin_utils.asking_action import AskingAction


class ActionModule(AskingAction):
    """Controller side of `balancer_step`."""

    module = "balancer_step"
    spec = arguments.STEP

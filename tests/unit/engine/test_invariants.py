"""Promises of the engine that no single file keeps; docs/invariants.md says which test guards which."""

from __future__ import annotations

import itertools
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel import prove, services, status
from plugins.module_utils.evenkeel.disk import Disk
from plugins.module_utils.evenkeel.errors import EvenkeelError
from plugins.module_utils.evenkeel.verdict import Verdict
from tests.unit.engine.builders import Scripted
from tests.unit.engine.world import BROKEN, NEW, OLD, World


def test_current_is_there_at_every_instant_of_a_flip(tmp_path: Path) -> None:
    link = str(tmp_path / "current")
    os.symlink("releases/0", link)
    stop, missing = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            try:
                os.readlink(link)
            except FileNotFoundError:
                missing.append(link)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(2000):
        Disk().point(link, "releases/%d" % number)
    stop.set()
    reader.join()
    assert missing == []


def running(systemd: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every unit runs, and every PHP master that is asked to reload executes itself anew."""
    systemd.says("systemctl --no-pager show --property=MainPID", output="4711\n")
    images = itertools.count()
    monkeypatch.setattr(services, "_image", lambda pid: b"%d" % next(images))


def test_a_running_service_is_reloaded_and_never_restarted(
    world: World, systemd: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(systemd, monkeypatch)
    world.prove()
    world.engine().live(world.ids[NEW], 60)
    world.engine().reverted(None, "by hand")
    asked = " ".join(systemd.asked)
    assert "--signal=SIGUSR1 apache2.service" in asked
    assert "--signal=SIGUSR2 php8.2-fpm.service" in asked
    assert " restart " not in asked


def test_a_revert_asks_no_configtest(world: World, systemd: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """`systemctl reload apache2` and apachectl run one, and it can fail for what the revert would take away."""
    running(systemd, monkeypatch)
    world.be(NEW, OLD, "live")
    world.engine().reverted(None, "by hand")
    assert not [asked for asked in systemd.asked if "apachectl" in asked or " reload " in asked or " -t" in asked]


def test_a_rejected_release_is_kept_and_rejected_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def rejecting(host: object, live: Any, candidate: Any, change: object) -> Verdict:
        return Verdict(candidate.id, live.id, (BROKEN,))

    monkeypatch.setattr(prove, "prove", rejecting)
    for _ in range(2):
        assert world.engine().proved(world.ids[NEW], None, [], False).outcome == "rejected"
    assert status.gather(world.host)["last_rejected"] == world.ids[NEW]
    assert world.store.has(world.ids[NEW])
    with pytest.raises(EvenkeelError):
        world.engine().live(world.ids[NEW], 60)

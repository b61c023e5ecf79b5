"""A push over edits by hand: refused, or told to, and then nothing is lost and there is a way back to what visitors had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugins.module_utils.evenkeel import arguments, drift_look, prove, request
from plugins.module_utils.evenkeel.drift import PACKAGE, Finding
from plugins.module_utils.evenkeel.plan import Change
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.verdict import Verdict
from tests.unit.engine.world import BROKEN, NEW, OLD, World

EDIT = "# by hand\n"
INI = Finding(PACKAGE, "/etc/php/8.2/fpm/php.ini", "is not as its package brought it")
EMPTY: dict[str, Any] = {name: spec.get("default") for name, spec in arguments.RELEASE.items()}


class Twin:
    """Proves what a test lets it, and remembers what was compared with what."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []
        self.refused: set[str] = set()

    def prove(self, host: object, live: Release, candidate: Release, change: Change) -> Verdict:
        self.asked.append((live.id, candidate.id, tuple(change.touched)))
        broken = not Path(candidate.file("apache2/sites/blog.conf")).is_file() or candidate.id in self.refused
        return Verdict(candidate.id, live.id, (BROKEN,) if broken else ())


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Twin:
    found = Twin()
    monkeypatch.setattr(prove, "prove", found.prove)
    return found


@pytest.fixture
def edited(world: World, twin: Twin) -> World:
    conf(world, world.ids[OLD]).write_text(EDIT)
    return world


def conf(world: World, release: str) -> Path:
    return Path(world.host.paths.release(release)) / "apache2/sites/blog.conf"


def pushed(world: World, name: str = NEW, check: bool = False, payload: Any = None, **more: Any) -> dict[str, Any]:
    wanted = {**EMPTY, "state": "proved", "id": world.ids[name], "rollout": "r1", **more}
    return request.release(world.host, wanted, check, payload)


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("adopt", ["ask", "keep"])
def test_an_edit_that_a_push_would_lose_stops_it(edited: World, twin: Twin, adopt: str, check: bool) -> None:
    answer = pushed(edited, adopt_drift=adopt, check=check)
    assert answer["failed"]
    assert "apache2/sites/blog.conf was edited by hand" in answer["message"]
    assert "adopt_drift=overwrite" in answer["message"]
    assert (edited.current, edited.known_good, twin.asked) == (OLD, OLD, [])
    assert conf(edited, edited.ids[OLD]).read_text() == EDIT


def test_a_push_that_is_told_to_goes_over_the_edit_and_keeps_it(edited: World, twin: Twin) -> None:
    answer = pushed(edited, adopt_drift="overwrite")
    assert not answer["failed"], answer["message"]
    kept = edited.current
    assert kept not in (OLD, NEW, None)
    assert (edited.known_good, edited.pending) == (kept, None)
    assert conf(edited, str(kept)).read_text() == EDIT
    assert str(kept) in answer["message"]
    (copy,) = Path(edited.host.paths.drifted).glob("*/apache2/sites/blog.conf")
    assert copy.read_text() == EDIT
    assert twin.asked == [(edited.ids[OLD], kept, ("blog",)), (kept, edited.ids[NEW], twin.asked[1][2])]
    assert "blog" in twin.asked[1][2]


def test_a_push_that_fails_live_goes_back_to_the_edit(edited: World) -> None:
    pushed(edited, adopt_drift="overwrite")
    kept = edited.current
    edited.wrong[edited.ids[NEW]] = [BROKEN]
    answer = request.release(edited.host, {**EMPTY, "state": "live", "id": edited.ids[NEW], "rollout": "r1"}, False, None)
    assert answer["outcome"] == "reverted"
    assert edited.current == kept
    assert conf(edited, str(edited.store.current_id())).read_text() == EDIT


def test_the_release_that_was_edited_comes_anew(edited: World, tmp_path: Path) -> None:
    """The truth is as it was; somebody edited the host."""
    assert pushed(edited, OLD, adopt_drift="overwrite")["needs_payload"]
    payload = edited.drafts[OLD].payload(tmp_path)
    assert "Would bring release" in pushed(edited, OLD, adopt_drift="overwrite", check=True, payload=payload)["message"]
    assert edited.current == OLD
    answer = pushed(edited, OLD, adopt_drift="overwrite", payload=payload)
    assert answer["outcome"] == "proved", answer["message"]
    assert conf(edited, edited.ids[OLD]).read_text() != EDIT
    assert edited.store.whole(edited.ids[OLD]) is not None
    assert conf(edited, str(edited.store.current_id())).read_text() == EDIT


def test_a_plan_names_what_it_would_publish_over(edited: World) -> None:
    message = pushed(edited, adopt_drift="overwrite", check=True)["message"]
    assert "Would publish over what was made by hand: apache2/sites/blog.conf" in message
    assert edited.current == OLD


def test_an_edit_that_does_not_run_cannot_be_the_way_back(world: World, twin: Twin) -> None:
    conf(world, world.ids[OLD]).unlink()
    answer = pushed(world, adopt_drift="overwrite")
    assert answer["failed"]
    assert "no way back" in answer["message"]
    assert (world.current, world.known_good, world.pending) == (OLD, OLD, None)


def test_an_edit_that_fails_live_cannot_be_the_way_back_either(edited: World, twin: Twin) -> None:
    pushed(edited, adopt_drift="overwrite")
    kept = str(edited.store.current_id())
    edited.be(OLD, OLD)
    edited.wrong[kept] = [BROKEN]
    answer = pushed(edited, adopt_drift="overwrite")
    assert "no way back" in answer["message"]
    assert (edited.current, edited.known_good, edited.pending) == (OLD, OLD, None)


def test_what_no_release_can_name_is_put_right_in_its_place(world: World, twin: Twin) -> None:
    folder = Path(world.host.paths.release(world.ids[OLD]))
    (folder / "apache2/sites/blog.conf~").write_text("an editor's")
    (folder / "apache2/release.conf").write_text("Define EVENKEEL_RELEASE another\n")
    conf(world, world.ids[OLD]).chmod(0o600)
    answer = pushed(world, adopt_drift="overwrite")
    assert not answer["failed"], answer["message"]
    assert world.current == OLD
    assert world.store.whole(world.ids[OLD]) is not None
    (copy,) = Path(world.host.paths.drifted).glob("*/apache2/sites/blog.conf~")
    assert copy.read_text() == "an editor's"


@pytest.mark.parametrize(("adopt", "goes_on"), [("ask", False), ("keep", True), ("overwrite", True)])
def test_what_a_push_does_not_touch_is_named_and_left(
    world: World, twin: Twin, monkeypatch: pytest.MonkeyPatch, adopt: str, goes_on: bool
) -> None:
    drift_look.remember(world.host, drift_look.Look(0.0, world.ids[OLD], (INI,)))
    monkeypatch.setattr(drift_look, "_beside", lambda host, live: [INI])
    answer = pushed(world, adopt_drift=adopt)
    assert answer["failed"] is not goes_on
    assert "php.ini is not as its package brought it" in answer["message"]
    assert world.current == OLD


def test_a_tenant_s_missing_link_stops_no_push(world: World, twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    link = Finding("link", "settings/blog/config.php", "has no link in the document root")
    drift_look.remember(world.host, drift_look.Look(0.0, world.ids[OLD], (link,)))
    monkeypatch.setattr(drift_look, "_beside", lambda host, live: pytest.fail("nobody asked"))
    assert not pushed(world)["failed"]

"""A host with an old and a new release, in any state that a crash can leave."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Optional

from plugins.module_utils.evenkeel import proofs, state
from plugins.module_utils.evenkeel.disk import Disk
from plugins.module_utils.evenkeel.engine import Engine
from plugins.module_utils.evenkeel.host import Host
from plugins.module_utils.evenkeel.journal import Author
from plugins.module_utils.evenkeel.proofs import Proof
from plugins.module_utils.evenkeel.state import Pending
from plugins.module_utils.evenkeel.store import Store
from plugins.module_utils.evenkeel.verdict import Failure, Verdict
from tests.unit.engine.builders import Draft, dedicated, shared

OLD, NEW = "old", "new"
BROKEN = Failure("blog", "status", "answered 500", "200", "front page", "blog.example/", 500)


class Recording(Disk):
    """Remembers every step."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, what: str, path: str) -> None:
        self.steps.append("%s %s" % (what, os.path.basename(path)))


class World:
    """`answers` is what the live server gets wrong, by release; nothing unless a test says so."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.store = Store(host)
        self.drafts = {OLD: draft("1"), NEW: draft("2")}
        self.ids = {name: self.stage(one) for name, one in self.drafts.items()}
        self.names = {release: name for name, release in self.ids.items()}
        self.wrong: dict[str, list[Failure]] = {}
        self.late: Optional[str] = None
        self.be(current=OLD, known_good=OLD)
        host.disk = self.disk = Recording()
        self._install_engine()

    def seen(self, release: str, known: frozenset[proofs.Key]) -> list[Failure]:
        """What a verification finds that knows of these failures already."""
        return [failure for failure in self.wrong.get(release, []) if (failure.site, failure.probe) not in known]

    def _install_engine(self) -> None:
        command = Path(self.host.paths.command)
        command.parent.mkdir(parents=True, exist_ok=True)
        command.write_bytes(b"an engine")

    def stage(self, one: Draft) -> str:
        return self.store.stage(one.manifest, lambda: one.files().items()).id

    def be(self, current: Optional[str], known_good: Optional[str], pending: str = "") -> None:
        """`pending` is `phase`, or `phase late` when its deadline has passed, or `garbage`."""
        for path, name in ((self.host.paths.current, current), (self.host.paths.known_good, known_good)):
            if os.path.lexists(path):
                os.unlink(path)
            if name is not None:
                os.symlink("releases/" + self.ids.get(name, name), path)
        Path(self.host.paths.state).write_bytes(self._state(pending))

    def _state(self, pending: str) -> bytes:
        if pending == "garbage":
            return b"{"
        phase, _, late = pending.partition(" ")
        deadline = self.host.clock.now() + (-5 if late else 100)
        made = Pending(self.ids[NEW], self.ids[OLD], phase, deadline, "r1", "ann", "")
        return json.dumps({"format": 1, "pending": asdict(made) if pending else None}).encode()

    def prove(self, base: str = OLD, ok: bool = True) -> None:
        failures = () if ok else (BROKEN,)
        verdict = Verdict(self.ids[NEW], self.ids[base], failures)
        proofs.save(self.host, Proof(self.ids[NEW], self.ids[base], self.ids[NEW], (), verdict))

    def engine(self, rollout: str = "r1") -> Engine:
        return Engine(self.host, Author(rollout, "ann", ""))

    @property
    def current(self) -> Optional[str]:
        return self._name(self.store.current_id())

    @property
    def known_good(self) -> Optional[str]:
        return self._name(self.store.known_good_id())

    @property
    def pending(self) -> Optional[Pending]:
        return state.load(self.host)

    def _name(self, release: Optional[str]) -> Optional[str]:
        return self.names.get(release, release) if release else None


def draft(number: str) -> Draft:
    content = number.encode()
    made = Draft().site("blog", shared("blog")).site("shop", dedicated("shop"))
    made.file("blog", "php/8.2/pool.d/blog.conf", b"; " + content)
    return made.file("shop", "php/8.2/dedicated/shop.conf", b"; " + content)

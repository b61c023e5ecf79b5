"""Where faults are tried one after another: a web host, or a web host and the balancer before it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugins.module_utils.evenkeel_compiler.compile import Release
from plugins.module_utils.evenkeel_compiler.model import Pool
from plugins.module_utils.evenkeel_compiler.truth import TruthInvalid
from tests.faults import edge, fleet, probing
from tests.faults.collection import BadFault, Edit, Fault
from tests.faults.edge import EdgeLayout
from tests.faults.edits import Applied, Editor
from tests.faults.fleet import NotRendered, RenderFailed
from tests.faults.host import FaultHost
from tests.faults.layout import EDGE, WEB, Layout
from tests.faults.result import BROKEN, REFUSED, Result, guard_of, is_named

Built = dict[str, tuple[Release, bytes]]  # by tier
Found = dict[str, Any]
_SITES = {"app": "app.test", "static": "static.test", "secure": "secure.test"}


@dataclass(frozen=True)
class Builder:
    """Makes releases of fresh copies of the truth, edited. `folder` holds truth and certificates."""

    folder: Path
    layout: Layout
    balancer: EdgeLayout | None
    probes: str = probing.OWN

    def build(self, name: str, edits: Iterable[Edit], tiers: Iterable[str]) -> tuple[Built, Applied]:
        """Raises TruthInvalid, RenderFailed, NotRendered or BadFault."""
        folder, applied = self.edited(name, edits)
        return self.compiled(folder, applied, tiers), applied

    def edited(self, name: str, edits: Iterable[Edit]) -> tuple[Path, Applied]:
        """A fresh copy of the truth with these edits. Raises BadFault."""
        folder = self.folder / f"truth-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        fleet.copy_truth(folder, self.folder / "certificates", self.folder / "truth")
        return folder, Editor(folder, self.layout, self.folder / "certificates").apply(edits)

    def compiled(self, folder: Path, applied: Applied, tiers: Iterable[str]) -> Built:
        """The release of each tier. Raises TruthInvalid, RenderFailed, NotRendered or BadFault."""
        probing.apply(folder, self.probes)
        return {tier: self._release(tier, folder, applied) for tier in tiers}

    def _release(self, tier: str, folder: Path, applied: Applied) -> tuple[Release, bytes]:
        if tier == EDGE:
            assert self.balancer is not None
            return edge.build(folder, self.balancer, self.folder / "balancer")
        probers = (self.balancer.balancer,) if self.balancer else ()
        return fleet.build(folder, self.layout, applied, Pool(WEB, trusted_probers=probers))


class Bench:
    """`hosts` by tier, in the order in which a push reaches them."""

    def __init__(self, hosts: Mapping[str, FaultHost], builder: Builder) -> None:
        self.hosts = hosts
        self._builder = builder
        self._name = "-".join(host.box.name for host in hosts.values())

    def prepare(self) -> None:
        """The healthy releases are live."""
        built, _ = self._builder.build(self._name, (), self.hosts)
        for tier, host in self.hosts.items():
            if not host.healthy:
                host.prepare(*built[tier])
                if tier == WEB and self._builder.probes == probing.LEARNED:
                    probing.visit(host.box.address)

    def attempt(self, fault: Fault) -> tuple[Result, float, float]:
        """The fault's result, and from when to when visitors could meet it."""
        began = time.time()
        touched: list[str] = []
        try:
            found = self._pushes(fault, touched)
        except (TruthInvalid, RenderFailed, NotRendered) as error:
            self._builder.build(self._name, (), self.hosts)  # the fault is to blame, not the fleet
            found = {"outcome": "compile", "message": str(error), "plain": True}
        except BadFault as error:
            found = {"outcome": BROKEN, "message": str(fault.told(error)), "plain": True}
        finally:
            for host in reversed(self.hosts.values()):
                host.back()
        ended = time.time()
        return self._judged(fault, found, touched, ended - began), began, ended

    def _pushes(self, fault: Fault, touched: list[str]) -> Found:
        """What the last push came to, or the first one that was refused."""
        found: Found = {"outcome": "unchanged", "message": ""}
        for edits in fault.pushes:
            folder, applied = self._builder.edited(self._name, edits)
            touched += applied.touched
            built = self._met(edits, applied, self._builder.compiled(folder, applied, self.hosts))
            for tier, host in self.hosts.items():
                release, payload = built[tier]
                if release.id != host.current or applied.on(tier):
                    found = host.attempt(release, payload, applied.on(tier))
                if found["outcome"] in REFUSED:
                    return found
        return found

    def _met(self, edits: tuple[Edit, ...], applied: Applied, built: Built) -> Built:
        """What was done to a host is met by the next push, so there must be one: it adds a comment."""
        idle = [tier for tier, host in self.hosts.items() if applied.on(tier) and built[tier][0].id == host.current]
        if not idle:
            return built
        remarks = [{"role": self._builder.layout.remarks[tier], "append": "\n# looked over\n"} for tier in idle]
        return self._builder.build(self._name, (*edits, *remarks), self.hosts)[0]

    def _judged(self, fault: Fault, found: Found, touched: list[str], seconds: float) -> Result:
        paths = [fleet.release_path(place) for place in touched] + touched
        owner = self._builder.layout.owner
        owners = {owner(path) or path.split("/")[1] for path in paths if "/" in path and not path.startswith("/")}
        return Result(
            id=fault.id,
            kind=fault.kind,
            outcome=found["outcome"],
            guard=guard_of(found),
            lost_requests=0,
            named_cause=is_named(
                found["message"], paths, [name for one in owners if one in _SITES for name in (f"site {one}", _SITES[one])]
            ),
            seconds=round(seconds, 2),
            plain=not found.get("plain", True),
            message=found["message"],
        )

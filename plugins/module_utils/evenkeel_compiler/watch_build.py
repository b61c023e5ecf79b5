"""From a release and the inventory's hosts to the files that tell a monitoring host what to watch."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import watch_modules, watch_targets
from .watch_expect import expectation
from .watch_targets import WatchedHost, WatchedSite

TRUSTED = "self-signed.pem"  # the one certificate that nobody but the truth vouches for


@dataclass(frozen=True)
class WatchOrder:
    """`release` is a build's folder; `addresses` are where visitors come, with or without a prefix length."""

    environment: str
    release: Path
    hosts: tuple[WatchedHost, ...]
    addresses: tuple[str, ...]
    balanced: bool
    certificates: Path
    path: Path


@dataclass(frozen=True)
class Watch:
    """What was written: how many sites are watched, and whether any file differs from before."""

    sites: int
    changed: bool


def build(order: WatchOrder, dry: bool = False) -> Watch:
    """Write `blackbox.yml`, `trusted/` and `targets/`; `dry` only compares. OSError or ValueError when there is no release."""
    sites = tuple(watched(_read(order.release / "manifest.json"), _read(order.release / "probes.json")))
    scheme = "https" if order.balanced else "http"
    wanted = {f"targets/{name}": text for name, text in _targets(order, sites, scheme).items()}
    wanted["blackbox.yml"] = watch_modules.document((site.expects for site in sites), scheme)
    wanted |= {f"trusted/{TRUSTED}": text for text in _trusted(order.certificates / TRUSTED)}
    return Watch(len(sites), _put(order.path, wanted, dry))


def watched(manifest: Mapping[str, Any], probes: Mapping[str, Any]) -> Iterator[WatchedSite]:
    """The sites of a release that visitors shall find. Suspended ones and those in maintenance are meant to be away."""
    for name, facts in sorted(manifest["sites"].items()):
        if facts["state"] == "active":
            expects = expectation(facts["server_name"], probes["sites"].get(name, ()))
            yield WatchedSite(name, facts["server_name"], manifest["pool"], expects)


def _targets(order: WatchOrder, sites: Sequence[WatchedSite], scheme: str) -> dict[str, str]:
    addresses = [str(ipaddress.ip_interface(text).ip) for text in order.addresses]
    return watch_targets.files(order.environment, order.hosts, sites, addresses, scheme)


def _trusted(path: Path) -> Iterable[str]:
    return [path.read_text(encoding="ascii")] if path.is_file() else []


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _put(folder: Path, wanted: Mapping[str, str], dry: bool) -> bool:
    """Make `folder` hold exactly `wanted`; whether anything had to change."""
    present = {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}
    if present == wanted:
        return False
    if not dry:
        for name in set(present) - set(wanted):
            (folder / name).unlink()
        for name, text in wanted.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            new = place.with_name(f".{place.name}.new")
            new.write_text(text, encoding="utf-8")
            new.replace(place)
    return True

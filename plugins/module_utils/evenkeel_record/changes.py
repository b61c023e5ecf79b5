"""What a release changes, read from the builds that lie on the controller: sites, and the differences of files."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from .moment import stamp

Event = dict[str, Any]

PROBES = "probes.json"
MANIFEST = "manifest.json"
MAX_SITES = 60  # of which differences are kept; the releases themselves stay under build/
MAX_CHARACTERS = 400_000  # of all of them
MAX_LINES = 400  # of one
MAX_BYTES = 200_000  # of a file; difflib takes seconds for more
SECRET = "holds secrets, not shown"


def known(answer: Mapping[str, Any]) -> bool:
    """Whether a proof's answer says what the release touches, and over what."""
    return bool(answer.get("previous") and answer.get("touched"))


def told(at: float, build: Path, answer: Mapping[str, Any]) -> list[Event]:
    """`release`, `diff` and `more`, from the folder of the compiled release and the first proof's answer."""
    new = manifest(build)
    before = str(answer.get("previous") or "")
    old = manifest(build.parent / before) if before else {}
    touched = sorted(map(str, answer.get("touched") or ()))
    held = set(map(str, answer.get("held_back") or ()))
    said: Event = {"at": stamp(at), "event": "release", "pool": new.get("pool", ""), "tier": new.get("tier", "web")}
    said |= {"release": str(answer.get("release") or ""), "before": before}
    said |= {"sites": len(new.get("sites", {})), "touched": touched}
    if not old or not new:
        why = f"release {before} does not lie on this controller any more" if before else "nothing was live before"
        return [{**said, "added": [], "removed": []}, more(at, len(touched), 0, why)]
    came, went = moved(old, new, held)
    return [{**said, "added": came, "removed": went}, *diffs(at, build.parent / before, build, differing(old, new, held))]


def manifest(folder: Path) -> dict[str, Any]:
    """Empty where there is none that can be read; this is for people, and the engine checks it anyway."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) and isinstance(document.get("files"), dict) else {}


def moved(old: Mapping[str, Any], new: Mapping[str, Any], held: set[str]) -> tuple[list[str], list[str]]:
    """Sites that came and sites that went."""
    before, after = set(old.get("sites", {})), set(new.get("sites", {}))
    return sorted(after - before - held), sorted(before - after - held)


def differing(old: Mapping[str, Any], new: Mapping[str, Any], held: set[str]) -> list[tuple[str, str, bool]]:
    """(site, path, secret) of each file that differs, those of the whole pool first."""
    before, after = old["files"], new["files"]
    paths = [path for path in {**before, **after} if before.get(path) != after.get(path) and path != PROBES]
    found = []
    for path in paths:
        entries = [entries[path] for entries in (before, after) if path in entries]
        site = str(entries[-1].get("site") or "")
        if site not in held:
            found.append((site, path, any(entry.get("secret", True) for entry in entries)))
    return sorted(found)


def diffs(at: float, old: Path, new: Path, files: Sequence[tuple[str, str, bool]]) -> Iterator[Event]:
    """Until there is more than anybody reads. Each event is made when it is asked for."""
    sites: set[str] = set()
    room, left = MAX_CHARACTERS, []
    for site, path, secret in files:
        if room <= 0 or (site not in sites and len(sites) >= MAX_SITES):
            left.append(site)
            continue
        sites.add(site)
        text, note = ("", SECRET) if secret else difference(path, old / path, new / path)
        room -= len(text)
        yield {"at": stamp(at), "event": "diff", "site": site, "path": path, "diff": text, "note": note}
    if left:
        yield more(at, len(set(left) - sites), len(left), "nobody reads that many; the releases lie under build/")


def more(at: float, sites: int, files: int, why: str) -> Event:
    return {"at": stamp(at), "event": "more", "sites": sites, "files": files, "why": why}


def difference(path: str, old: Path, new: Path) -> tuple[str, str]:
    """A unified diff, or why there is none."""
    before, after = content(old), content(new)
    if max(len(before), len(after)) > MAX_BYTES:
        return "", "too large to be compared here"
    try:
        one, two = before.decode().splitlines(), after.decode().splitlines()
    except UnicodeDecodeError:
        return "", "differs, and is no text"
    names = (path if before else "/dev/null", path if after else "/dev/null")
    lines = list(islice(difflib.unified_diff(one, two, *names, n=3, lineterm=""), MAX_LINES + 1))
    note = f"the first {MAX_LINES} lines" if len(lines) > MAX_LINES else ""
    return "".join(line + "\n" for line in lines[:MAX_LINES]), note


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""

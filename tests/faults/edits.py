"""The verbs of a fault file, made in a copy of the truth; what only a host can have is handed on as data."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.collection import BadFault, Edit
from tests.faults.layout import CONTENT, EDGE, Layout, Place

FOLDERS = "tmpfiles.d/evenkeel.conf"
_SETTINGS = "/settings/"


@dataclass
class Applied:
    """What came of the edits: files of the truth that changed, rights to be given, and what web host and balancer must do."""

    touched: list[str] = field(default_factory=list)
    modes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)  # folders of the host that the release makes, and their new mode
    on_host: list[dict[str, Any]] = field(default_factory=list)
    on_balancer: list[dict[str, Any]] = field(default_factory=list)

    def on(self, tier: str) -> list[dict[str, Any]]:
        return self.on_balancer if tier == EDGE else self.on_host


class Editor:
    """Makes edits in `folder`, a copy of the truth. `pool` holds the certificates that edits may name."""

    def __init__(self, folder: Path, layout: Layout, pool: Path) -> None:
        self._folder = folder
        self._layout = layout
        self._pool = pool
        self._verbs: dict[str, Callable[[Path, Edit], None]] = {
            "find": _replace,
            "append": lambda path, edit: path.write_bytes(path.read_bytes() + str(edit["append"]).encode()),
            "prepend_bytes": lambda path, edit: path.write_bytes(bytes.fromhex(edit["prepend_bytes"]) + path.read_bytes()),
            "write": _write,
            "from_pool": self._from_pool,
            "rename": _rename,
            "copy_to": lambda path, edit: _copy(path, path.parent / str(edit["copy_to"])),
            "remove": _remove,
            "truncate": lambda path, edit: path.write_bytes(path.read_bytes()[: int(edit["truncate"])]),
            "mkdir": lambda path, edit: path.mkdir(parents=True, exist_ok=True),
            "symlink": _symlink,
            "crlf": lambda path, edit: path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n")),
        }

    def apply(self, edits: Iterable[Edit]) -> Applied:
        """Make all of them, in order. BadFault when one does not fit."""
        applied = Applied()
        for edit in edits:
            if "occupy_port" in edit:
                port = self._layout.fill("@%s@" % edit["occupy_port"])
                applied.on_host.append({"verb": "occupy_port", "port": int(port) if port.isdigit() else 0})
            else:
                self._one(edit, self._layout.place(edit), applied)
        return applied

    def _one(self, edit: Edit, place: Place, applied: Applied) -> None:
        place = self._uploaded(place, edit)
        verb = _verb(edit, {*self._verbs, "chmod", "chown", "mkfifo"})
        if place.on_host and verb == "chmod":
            applied.folders["/" + place.path.lstrip("/")] = "%04o" % int(str(edit["chmod"]), 8)
            applied.touched.append(FOLDERS)
            return
        if place.on_host or verb == "mkfifo":
            applied.on(place.tier).append({**edit, "verb": verb, "path": place.path, verb: self._filled(edit[verb])})
            applied.touched.append(place.path)
            return
        applied.touched.append(place.path)
        if verb == "chmod":
            applied.modes[place.path] = "%04o" % int(str(edit["chmod"]), 8)
        elif verb == "chown":
            applied.groups[place.path] = str(edit["chown"]).partition(":")[2] or "root"
        else:
            self._change(verb, place, edit)
            if verb in ("rename", "copy_to"):
                applied.touched.append(str(Path(place.path).with_name(str(edit[verb]))))

    def _change(self, verb: str, place: Place, edit: Edit) -> None:
        path = self._folder / place.path
        if verb not in ("write", "mkdir", "symlink", "from_pool") and not path.exists():
            raise BadFault(f"{place.path} does not exist")
        self._verbs[verb](path, edit)

    def _uploaded(self, place: Place, edit: Edit) -> Place:
        """A tenant's own upload is not in the truth: a changed one joins it, for anything else the host is the place."""
        if place.on_host or _SETTINGS not in place.path or (self._folder / place.path).exists() or "write" in edit:
            return place
        site, _, below = place.path.removeprefix("sites/").partition(_SETTINGS)
        uploaded = CONTENT / site / below
        if not uploaded.is_file() or {"remove", "chmod", "chown", "rename"} & set(edit):
            return Place(f"/srv/www/{site}/public/{below}", on_host=True)
        _copy(uploaded, self._folder / place.path)
        return place

    def _from_pool(self, path: Path, edit: Edit) -> None:
        _copy(self._pool / str(edit["from_pool"]), path)

    def _filled(self, value: Any) -> Any:
        return self._layout.fill(value) if isinstance(value, str) else value


def _verb(edit: Edit, known: set[str]) -> str:
    found = [verb for verb in edit if verb in known]
    if len(found) != 1:
        raise BadFault(f"an edit needs exactly one verb of {', '.join(sorted(known))}: {dict(edit)}")
    return found[0]


def _replace(path: Path, edit: Edit) -> None:
    """`nth` counts from 1; without it or `all`, the text must be there exactly once."""
    text, find, new = path.read_bytes(), str(edit["find"]).encode(), str(edit.get("replace", "")).encode()
    count, nth = text.count(find), int(edit.get("nth") or 0)
    if count == 0 or nth > count or (count > 1 and not nth and not edit.get("all")):
        raise BadFault(f"{path.name} holds {edit['find']!r} {count} times")
    if not nth:
        path.write_bytes(text.replace(find, new))
        return
    parts = text.split(find)
    path.write_bytes(find.join(parts[:nth]) + new + find.join(parts[nth:]))


def _write(path: Path, edit: Edit) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(edit["write"]), encoding="utf-8")


def _rename(path: Path, edit: Edit) -> None:
    path.rename(path.parent / str(edit["rename"]))


def _remove(path: Path, edit: Edit) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _symlink(path: Path, edit: Edit) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(str(edit["symlink"]))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)

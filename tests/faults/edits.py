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
_RIGHTS = ("chmod", "chown")
_ON_HOST = ("chmod", "mkdir", "mkfifo", "remove", "rename", "symlink", "write")  # what can be done to what only a host has
_NEW = ("mkdir", "symlink", "write", "from_pool")  # verbs whose file may be missing
_FIELDS = ("role", "path", "replace", "all", "nth")


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

    @property
    def verbs(self) -> list[str]:
        return sorted([*self._verbs, *_RIGHTS, "mkfifo", "occupy_port"])

    def apply(self, edits: Iterable[Edit]) -> Applied:
        """Make all of them, in order. BadFault, which knows the edit's line, when one does not fit."""
        applied = Applied()
        for edit in edits:
            try:
                self._apply(edit, applied)
            except (BadFault, OSError, ValueError, TypeError) as error:
                raise _misfit(edit, error) from error
        return applied

    def _apply(self, edit: Edit, applied: Applied) -> None:
        verb = _verb(edit, self.verbs)
        if verb == "occupy_port":
            applied.on_host.append({"verb": verb, "port": self._port(str(edit[verb]))})
            return
        place = self._uploaded(self._layout.place(edit), edit)
        if place.on_host or verb == "mkfifo":
            self._to_host(verb, place, edit, applied)
        else:
            self._to_truth(verb, place, edit, applied)

    def _port(self, name: str) -> int:
        found = self._layout.fill(f"@{name}@")
        if not found.isdigit():
            raise BadFault(f"{name!r} is no port that another program could take here; SPARE and BACKEND are")
        return int(found)

    def _to_host(self, verb: str, place: Place, edit: Edit, applied: Applied) -> None:
        if verb not in _ON_HOST:
            raise BadFault(f"{place.path} is a host's own, no part of a release; that can take only {', '.join(_ON_HOST)}")
        if verb == "chmod":
            applied.folders["/" + place.path.lstrip("/")] = _mode(edit)
            applied.touched.append(FOLDERS)
            return
        applied.on(place.tier).append({**edit, "verb": verb, "path": place.path, verb: self._filled(edit[verb])})
        applied.touched.append(place.path)

    def _to_truth(self, verb: str, place: Place, edit: Edit, applied: Applied) -> None:
        self._check(verb, place)
        applied.touched.append(place.path)
        if verb == "chmod":
            applied.modes[place.path] = _mode(edit)
        elif verb == "chown":
            applied.groups[place.path] = str(edit["chown"]).partition(":")[2] or "root"
        else:
            self._verbs[verb](self._folder / place.path, self._meant(place, edit))
            if verb in ("rename", "copy_to"):
                applied.touched.append(str(Path(place.path).with_name(str(edit[verb]))))

    def _check(self, verb: str, place: Place) -> None:
        path = self._folder / place.path
        if ".." in path.parts:
            raise BadFault(f"{place.path} lies outside of the truth")
        if verb not in _NEW and not path.exists():
            raise BadFault(f"{place.path} does not exist")

    def _meant(self, place: Place, edit: Edit) -> Edit:
        """The words of a house file are filled in with the rest of it; a site's own files have none but those of the edit."""
        return edit if not place.path.startswith("sites/") else {name: self._filled(value) for name, value in edit.items()}

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
        source = self._pool / str(edit["from_pool"])
        if not source.is_file():
            known = sorted(file.name for file in self._pool.iterdir() if file.suffix in (".crt", ".key"))
            raise BadFault(f"{source.name} is none of {', '.join(known)}")
        _copy(source, path)

    def _filled(self, value: Any) -> Any:
        return self._layout.fill(value) if isinstance(value, str) else value


def _verb(edit: Edit, known: list[str]) -> str:
    found = [name for name in edit if name in known]
    strange = [str(name) for name in edit if name not in known and name not in _FIELDS]
    if strange:
        raise BadFault(f"{', '.join(strange)}: no verb or field of an edit; verbs are {', '.join(known)}")
    if len(found) != 1:
        raise BadFault(f"an edit needs exactly one verb, this has {' and '.join(found) or 'none'}; verbs are {', '.join(known)}")
    if found == ["find"] and "replace" not in edit:
        raise BadFault("find needs replace")
    return found[0]


def _misfit(edit: Edit, error: Exception) -> BadFault:
    """What is wrong with an edit, after the names of its file and verb."""
    file = edit.get("role") or edit.get("path")
    verb = next((name for name in edit if name not in _FIELDS), "")
    made = BadFault(": ".join(str(part) for part in (file, verb, error) if part))
    made.line = getattr(edit, "line", 0)
    return made


def _mode(edit: Edit) -> str:
    return "%04o" % int(str(edit["chmod"]), 8)


def _replace(path: Path, edit: Edit) -> None:
    """`nth` counts from 1; without it or `all`, the text must be there exactly once."""
    text, find, new = path.read_bytes(), str(edit["find"]).encode(), str(edit.get("replace", "")).encode()
    count, nth = text.count(find), int(edit.get("nth") or 0)
    if count == 0 or nth > count or (count > 1 and not nth and not edit.get("all")):
        raise BadFault(f"{edit['find']!r} stands {count} times in {path.name}")
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

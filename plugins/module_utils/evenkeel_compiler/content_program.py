"""The program that copies sites, as one executable file; the same sources give the same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

FOLDER = "plugins/module_utils/evenkeel_content"
_MAIN = "import sys\n\nfrom evenkeel_content.cli import main\n\nsys.exit(main())\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say


def pack(project: Path) -> bytes:
    """The archive's bytes, out of the checkout `project`."""
    sources = {f"evenkeel_content/{path.name}": path.read_bytes() for path in (project / FOLDER).glob("*.py")}
    stream = io.BytesIO()
    stream.write(b"#!/usr/bin/python3 -I\n")
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sorted({**sources, "__main__.py": _MAIN.encode()}.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), source)
    return stream.getvalue()


def write(project: Path, path: Path) -> None:
    """Replaces the file at `path` where it differs."""
    data = pack(project)
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(data)
    temporary.replace(path)

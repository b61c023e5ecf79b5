"""A package of ours as one executable file, sources and templates; the same sources give the same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

PARTS = ("*.py", "templates/*")
_START = "import sys\n\nfrom {package}.{module} import main\n\nsys.exit(main())\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say


def pack(package: Path, module: str = "cli") -> bytes:
    """The archive's bytes; it runs `main` of the `module` in the folder `package`. OSError where there is none."""
    if not (package / f"{module}.py").is_file():
        raise FileNotFoundError(f"{package} has no {module}.py, so it is no program")
    start = _START.format(package=package.name, module=module).encode()
    found = [path for pattern in PARTS for path in package.glob(pattern)]
    sources = {path.relative_to(package.parent).as_posix(): path.read_bytes() for path in found}
    stream = io.BytesIO()
    stream.write(b"#!/usr/bin/python3 -I\n")
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sorted({**sources, "__main__.py": start}.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), source)
    return stream.getvalue()

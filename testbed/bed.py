"""The bed: whose hosts these are, and where what belongs to them is kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
MACHINE = Path("/run/evenkeel-testbed")  # shared by all checkouts: images, namespace and subnets exist once


def name() -> str:
    """Short and stable for a checkout, so that two clones on one machine never touch each other's hosts."""
    return os.environ.get("EVENKEEL_BED") or hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:6]


def folder() -> Path:
    """Where the key, known_hosts and inventory of this bed are; a bed with a name of its own has a folder of its own."""
    return ensure(CHECKOUT / "build" / "testbed" / os.environ.get("EVENKEEL_BED", ""))


def ensure(path: Path) -> Path:
    missing = [p for p in (path, *path.parents) if not p.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for made in missing:
        give_back(made)
    return path


def give_back(path: Path) -> Path:
    """Files made as root under the checkout belong to the person whose checkout it is."""
    owner = CHECKOUT.stat()
    if os.geteuid() == 0 and path.stat().st_uid != owner.st_uid:
        os.chown(path, owner.st_uid, owner.st_gid)
    return path


@contextmanager
def machine_lock(what: str) -> Iterator[None]:
    """Held while something all checkouts share is being changed; the kernel drops it when the holder dies."""
    MACHINE.mkdir(parents=True, exist_ok=True)
    with (MACHINE / (what + ".lock")).open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

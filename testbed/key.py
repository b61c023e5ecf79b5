"""The key pair with which this bed's hosts are reached, and the file in which their identities are kept."""

from __future__ import annotations

from pathlib import Path

from . import bed
from .command import run


def private() -> Path:
    """Path of the private key, made on first use."""
    path = bed.folder() / "id_ed25519"
    if not path.exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "evenkeel-testbed-" + bed.name(), "-f", str(path)])
        bed.give_back(path)
        bed.give_back(public_path())
    return path


def public_path() -> Path:
    return bed.folder() / "id_ed25519.pub"


def public() -> str:
    private()
    return public_path().read_text(encoding="ascii").strip()


def known_hosts() -> Path:
    return bed.folder() / "known_hosts"


def remember(address: str, identity: str | None) -> None:
    """Keep the host's identity for `address`, or forget it when there is none any more."""
    with bed.machine_lock("known_hosts"):
        known = read_known_hosts()
        known.pop(address, None)
        if identity:
            known[address] = " ".join(identity.split()[:2])
        fresh = known_hosts().with_suffix(".new")
        fresh.write_text("".join("{} {}\n".format(*entry) for entry in sorted(known.items())), encoding="ascii")
        bed.give_back(fresh).replace(known_hosts())


def read_known_hosts() -> dict[str, str]:
    if not known_hosts().exists():
        return {}
    lines = known_hosts().read_text(encoding="ascii").splitlines()
    return {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in lines if " " in line}

"""Send a pool's visitors to its backups by hand, and back: told to HAProxy, and on disk for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .evenkeel import haproxy
from .evenkeel.disk import Disk
from .evenkeel.haproxy import Cli, HaproxyRefused, ServerState

FILE = "/etc/haproxy/failover.list"  # HAProxy knows its patterns by the name of the file
BACKUPS = "-backups"  # what the backend is called that has a pool's backups only


def pools(cli: Cli) -> list[str]:
    """Pools whose visitors HAProxy sends to the backups now; none where it knows no such list."""
    said = cli.ask("show acl " + FILE)
    return sorted(line.split()[1] for line in said.splitlines() if line.startswith("0x") and len(line.split()) > 1)


def own_servers(cli: Cli) -> list[ServerState]:
    """Servers of pools, each once."""
    return [one for one in haproxy.servers(cli) if one.checked and not one.backend.endswith(BACKUPS)]


class Failover:
    """One balancer. `old` are processes of before a reload, which still answer visitors that they know."""

    def __init__(self, cli: Cli, old: Sequence[Cli], disk: Disk, file: str = FILE) -> None:
        self._cli = cli
        self._old = old
        self._disk = disk
        self._file = file

    def bring(self, pool: str, to_backups: bool, dry: bool = False) -> bool:
        """Whether anything had to be told. HaproxyRefused where no backup of the pool is well."""
        if to_backups:
            self._demand_backups(pool)
        told = pool in pools(self._cli)
        kept = self._kept()
        if told == to_backups == (pool in kept):
            return False
        if not dry:
            wanted = sorted({*kept, pool} if to_backups else set(kept) - {pool})
            self._disk.replace(self._file, "".join(name + "\n" for name in wanted).encode(), 0o644)
            if told != to_backups:
                self._tell(pool, to_backups)
        return True

    def _demand_backups(self, pool: str) -> None:
        servers = [one for one in haproxy.servers(self._cli) if one.backend == pool + BACKUPS]
        if not any(one.up and one.admin == haproxy.READY for one in servers):
            said = ", ".join("%s is %s" % (one.name, one.status) for one in servers) or "it has none"
            raise HaproxyRefused("no backup of pool %s could take its visitors (%s)" % (pool, said))

    def _kept(self) -> list[str]:
        return Path(self._file).read_text(encoding="ascii").split()

    def _tell(self, pool: str, to_backups: bool) -> None:
        command = "%s acl %s %s" % ("add" if to_backups else "del", FILE, pool)
        haproxy.tell(self._cli, command)
        for cli in self._old:
            try:
                cli.ask(command)
            except HaproxyRefused:
                continue  # it has ended meanwhile

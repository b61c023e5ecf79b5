"""Balancers: HAProxy and keepalived."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from . import absence, edge_ask, haproxy
from .errors import EvenkeelError
from .haproxy import HaproxyRefused, UnixCli
from .host import Host
from .manifest import Manifest
from .plan import Change
from .release import Release
from .services import Services
from .tier import Known
from .verdict import Failure

HAPROXY = "haproxy.service"
KEEPALIVED = "keepalived.service"
HAPROXY_CFG = "haproxy/haproxy.cfg"
KEEPALIVED_CONF = "keepalived/keepalived.conf"
_PATIENCE_S = 10.0
_POLL_S = 0.05


class EdgeTier:
    """The tier of hosts that visitors reach first."""

    hint = "journalctl -u haproxy -u keepalived -n 50"

    def __init__(self, host: Host, services: Services) -> None:
        self._host = host
        self._services = services

    def follow(self, old: Manifest, new: Manifest, change: Change, insist: bool = False) -> list[str]:
        """Signals, not `systemctl reload`: Debian's unit tests the configuration first, and a revert must not depend on that.

        `insist` is for a revert: what does not follow is restarted.
        """
        problem = self._reload_haproxy()
        if problem and insist:
            problem = self._services.start(HAPROXY)
        problems = [problem]
        if KEEPALIVED_CONF in new.files and (insist or KEEPALIVED_CONF in change.pool_files):
            problems.append(self._services.signal(KEEPALIVED, "SIGHUP"))
        return [problem for problem in problems if problem]

    def prepare_boot(self, old: Optional[Manifest], new: Manifest) -> None:
        """Nothing: at boot neither has started, and nothing of them outlives a boot."""

    def needed_units(self, manifest: Manifest) -> list[str]:
        return [HAPROXY] + ([KEEPALIVED] if KEEPALIVED_CONF in manifest.files else [])

    def await_release(self, release: Release) -> Optional[str]:
        return edge_ask.await_release(self._host, release)

    def verify(self, release: Release, sites: Iterable[str], known: Known) -> list[Failure]:
        return edge_ask.verify(release, sites, known)

    def _reload_haproxy(self) -> Optional[str]:
        """The listening sockets go from the old process to the new one, so no visitor is refused."""
        before = haproxy.reloads(self._master())
        self._save_state()
        problem = self._services.signal(HAPROXY, "SIGUSR2")
        return problem or (None if before is None else self._await_reload(before))

    def _await_reload(self, before: haproxy.Reloads) -> Optional[str]:
        """A master that cannot read its configuration says so at once, and keeps the old process."""
        end = self._host.clock.monotonic() + _PATIENCE_S
        while self._host.clock.monotonic() < end:
            now = haproxy.reloads(self._master())
            if now is not None and now != before:
                return None if now.failed == 0 else "HAProxy refuses the release and goes on as before; see `%s`" % self.hint
            self._host.clock.sleep(_POLL_S)
        return None  # whoever answers now is asked next

    def _save_state(self) -> None:
        """For the next process: who is drained and who is down. A HAProxy that does not answer has nothing to hand on."""
        try:
            with open(self._host.paths.at("/etc/evenkeel/current/" + HAPROXY_CFG), encoding="ascii") as stream:
                config = stream.read()
            now = haproxy.state_text(UnixCli(self._host.paths.at(haproxy.SOCKET)))
            self._host.disk.replace(self._host.paths.at(haproxy.STATE), haproxy.state_for(config, now), 0o600)
            absence.follow(self._host, haproxy.joining(config, now), haproxy.named(config))
        except (HaproxyRefused, OSError, EvenkeelError, ValueError):
            return

    def _master(self) -> UnixCli:
        return UnixCli(self._host.paths.at(haproxy.MASTER))

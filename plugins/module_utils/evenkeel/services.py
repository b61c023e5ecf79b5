"""Apache and PHP-FPM on this host, by their systemd units. Reload, never restart, unless the unit is not running."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Callable, Optional

from .errors import EvenkeelError
from .host import Host, Result
from .manifest import Manifest
from .plan import Change, php_of

Reload = Callable[[str], Optional[str]]  # a unit to what went wrong
APACHE = "apache2.service"
_PATIENCE_S = 20.0  # longer than PHP-FPM's process_control_timeout of 10 s, which a reload waits for
_POLL_S = 0.05
_OF_SYSTEMD = ("Starting ", "Started ", "Stopping ", "Stopped ", "Failed to start ", "Reloading ", "Reloaded ")


class Services:
    """What a flip of `current` makes necessary."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def follow(self, old: Manifest, new: Manifest, change: Change, insist: bool = False) -> list[str]:
        """Make the services read what `current` points to now; returns what went wrong, one sentence each.

        PHP comes first: a vhost must not meet a pool that is not there yet. Of the masters, those come first that give a
        site away: a site keeps its socket, and a master that finds it taken ends, with every other site it has.
        `insist` is for a revert: what cannot be reloaded is restarted.
        """
        reload = self._reload_or_restart if insist else self._reload
        problems = [self._leave_dedicated(old, new, site) for site in change.dedicated]
        problems += [self._follow_shared(new, version, reload) for version in givers_first(old, new, change.php_versions)]
        problems += [self._follow_dedicated(old, new, site, reload) for site in change.dedicated]
        problems.append(reload(APACHE))
        return [problem for problem in problems if problem]

    def prepare_boot(self, old: Optional[Manifest], new: Manifest) -> None:
        """What `follow` would do, for a boot that has not reached Apache and PHP: they are queued, not waited for."""
        before = _dedicated_units(old) if old else set()
        after = _dedicated_units(new)
        for unit in sorted(before - after):
            self._change("disable", unit)
            self._change("stop", "--no-block", unit)
        for unit in sorted(after):
            self._change("enable", unit)
            self._change("start", "--no-block", unit)

    def running(self, unit: str) -> bool:
        return self._systemctl("is-active", "--quiet", unit).ok

    def _follow_shared(self, new: Manifest, version: str, reload: Reload) -> Optional[str]:
        if version in new.php_versions:
            problem = reload(php_unit(version))
            if problem is None:
                self._await_sockets(_shared_sockets(new, version))
            return problem
        return self._said(self._change("stop", php_unit(version)), php_unit(version))

    def _leave_dedicated(self, old: Manifest, new: Manifest, site: str) -> Optional[str]:
        before, after = _dedicated_unit(old, site), _dedicated_unit(new, site)
        if before is None or before == after:
            return None
        return self._said(self._change("disable", "--now", before), before)

    def stopped(self, units: Sequence[str]) -> list[str]:
        """Those of `units` that do not run, asked in one call."""
        said = self._systemctl("is-active", *units).stdout.split()
        return [unit for unit, state in zip(units, said) if state not in ("active", "reloading")]

    def _follow_dedicated(self, old: Manifest, new: Manifest, site: str, reload: Reload) -> Optional[str]:
        before, after = _dedicated_unit(old, site), _dedicated_unit(new, site)
        if after is None:
            return None
        if before == after and self.running(after):
            return reload(after)
        return self._said(self._change("enable", "--now", after), after)

    def _reload_or_restart(self, unit: str) -> Optional[str]:
        return self.start(unit) if self._reload(unit) else None

    def _reload(self, unit: str) -> Optional[str]:
        """Reload by signal, without the gate of a configtest that a revert could fail; start what does not run."""
        pid = self._main_pid(unit)
        if pid == 0:
            return self.start(unit)
        before = _image(pid)
        signal = "SIGUSR1" if unit == APACHE else "SIGUSR2"
        said = self._change("kill", "--kill-who=main", "--signal=" + signal, unit)
        if not said.ok:
            return self._said(said, unit)
        return self._await_apache(unit) if unit == APACHE else self._await_php(unit, pid, before)

    def signal(self, unit: str, name: str) -> Optional[str]:
        """Tell a unit's main process to read its files again; start one that does not run."""
        if self._main_pid(unit) == 0:
            return self.start(unit)
        return self._said(self._change("kill", "--kill-who=main", "--signal=" + name, unit), unit)

    def start(self, unit: str) -> Optional[str]:
        """Start a unit that is not running, also one that systemd gave up on."""
        self._systemctl("reset-failed", unit)
        return self._said(self._change("restart", unit), unit)

    def _last_words(self, unit: str) -> str:
        """What the unit said before it gave up; systemd's own 'see journalctl' helps nobody."""
        said = self._host.programs.run(["journalctl", "--no-pager", "--output=cat", "--lines=20", "--unit", unit], timeout_s=10)
        lines = [line.strip() for line in said.stdout.splitlines() if _telling(line)]
        return "; ".join(dict.fromkeys(lines[-4:]))

    def _await_apache(self, unit: str) -> Optional[str]:
        """A graceful that Apache cannot follow ends it at once; one that it can is seen by the probes."""
        self._host.clock.sleep(_POLL_S)
        return None if self.running(unit) else "%s ended when it was reloaded" % unit

    def _await_php(self, unit: str, pid: int, before: bytes) -> Optional[str]:
        """USR2 lets requests in flight end and then executes the master anew: until then, old workers may answer."""
        end = self._host.clock.monotonic() + _PATIENCE_S
        while self._host.clock.monotonic() < end:
            now = _image(pid)
            if now == b"":
                return "%s ended when it was reloaded" % unit
            if now != before:
                return None if self.running(unit) else "%s ended when it was reloaded" % unit
            self._host.clock.sleep(_POLL_S)
        return "%s did not reload within %d s" % (unit, _PATIENCE_S)

    def _await_sockets(self, wanted: set[str]) -> None:
        """A master that executed itself anew opens the sockets of new pools a moment later; what stays away, probes tell."""
        end = self._host.clock.monotonic() + _PATIENCE_S
        while not wanted <= _listening() and self._host.clock.monotonic() < end:
            self._host.clock.sleep(_POLL_S)

    def _main_pid(self, unit: str) -> int:
        said = self._systemctl("show", "--property=MainPID", "--value", unit).stdout.strip()
        return int(said) if said.isdigit() else 0

    def _change(self, *arguments: str) -> Result:
        self._host.disk.step("systemctl", " ".join(arguments))
        return self._systemctl(*arguments)

    def _systemctl(self, *arguments: str) -> Result:
        return self._host.programs.run(["systemctl", "--no-pager", *arguments], timeout_s=90)

    def _said(self, result: Result, unit: str) -> Optional[str]:
        if result.ok:
            return None
        return "%s does not run: %s" % (unit, self._last_words(unit) or result.output[-400:])


def _telling(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(_OF_SYSTEMD) and ".service: " not in line


def php_unit(version: str) -> str:
    return "php%s-fpm.service" % version


def stopped_message(release_id: str, units: Sequence[str]) -> str:
    """What an operator reads who publishes to a host that serves nobody."""
    return (
        "%s should run on this host and does not, while release %s is live; nothing was changed. "
        "`evenkeel revert` starts it with the known good release; then push again" % (", ".join(units), release_id)
    )


def needed_units(manifest: Manifest) -> list[str]:
    """Every unit that must run so that a release can answer."""
    shared = [php_unit(version) for version in manifest.php_versions]
    return shared + sorted(_dedicated_units(manifest)) + [APACHE]


def givers_first(old: Manifest, new: Manifest, versions: Iterable[str]) -> list[str]:
    """`versions` in the order in which their masters may reload: those that lose a site's pool before the others."""
    gives = {version for site in old.sites for version in _shared_version(old, site) - _shared_version(new, site)}
    return sorted(versions, key=lambda version: (version not in gives, version))


def _shared_version(manifest: Manifest, site: str) -> set[str]:
    php = php_of(manifest, site)
    return {str(php["version"])} if php is not None and php["isolation"] == "shared" else set()


def _shared_sockets(manifest: Manifest, version: str) -> set[str]:
    found = (php_of(manifest, site) for site in manifest.sites if version in _shared_version(manifest, site))
    return {str(php["socket"]) for php in found if php is not None}


def _listening() -> set[str]:
    """Paths of the sockets that somebody listens on, after proc(5); the sixteenth bit of the flags says so."""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as stream:
        rows = [line.split() for line in stream]
    return {row[7] for row in rows if len(row) > 7 and row[3] == "00010000"}


def restart_stopped(services: Services, units: Sequence[str]) -> None:
    """Bring back what is not running; EvenkeelError naming what stays down."""
    problems = [services.start(unit) for unit in services.stopped(units)]
    down = [problem for problem in problems if problem]
    if down:
        raise EvenkeelError("; ".join(down))


def _dedicated_unit(manifest: Manifest, site: str) -> Optional[str]:
    php: Optional[Mapping[str, object]] = php_of(manifest, site)
    if php is None or php["isolation"] != "dedicated":
        return None
    return "evenkeel-php%s@%s.service" % (php["version"], site)


def _dedicated_units(manifest: Manifest) -> set[str]:
    return {unit for unit in (_dedicated_unit(manifest, site) for site in manifest.sites) if unit}


def _image(pid: int) -> bytes:
    """What changes when a process executes itself anew (random addresses); empty when it is gone."""
    try:
        with open("/proc/%d/auxv" % pid, "rb") as stream:
            return stream.read()
    except OSError:
        return b""

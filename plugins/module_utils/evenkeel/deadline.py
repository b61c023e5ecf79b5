"""The moment at which this host reverts an unconfirmed release by itself.

The deadline is on disk in state.json, and a transient systemd timer wakes the engine; a reboot is met by
evenkeel-recover.service, so the timer need not survive one.
"""

from __future__ import annotations

from .errors import HostNotReady
from .host import Host

SERVICE = "evenkeel-deadline.service"
TIMER = "evenkeel-deadline.timer"


def arm(host: Host, seconds: float) -> None:
    """Wake the engine in `seconds`; HostNotReady unless systemd says that the timer runs."""
    disarm(host)
    host.disk.step("arm", TIMER)
    said = host.programs.run(
        [
            "systemd-run",
            "--quiet",
            "--on-active=%.3fs" % max(seconds, 0.1),
            "--timer-property=AccuracySec=100ms",
            "--unit=" + SERVICE,
        ]
    )
    if not said.ok or not armed(host):
        raise HostNotReady(
            "the deadline could not be armed (%s), so nothing was made live; is %s installed? Run playbooks/site.yml"
            % (said.output[-300:] or "the timer does not run", SERVICE)
        )


def armed(host: Host) -> bool:
    return host.programs.run(["systemctl", "is-active", "--quiet", TIMER]).ok


def disarm(host: Host) -> None:
    """Stop the timer; no error when none runs."""
    host.disk.step("disarm", TIMER)
    host.programs.run(["systemctl", "stop", TIMER])
    host.programs.run(["systemctl", "reset-failed", TIMER, SERVICE])

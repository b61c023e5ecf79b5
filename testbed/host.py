"""A host: a container with systemd as its init, reachable by ssh, that can lose power and come back."""

from __future__ import annotations

import resource
import socket
import time
from typing import Any, NamedTuple

from . import bed, image, key, network
from .command import last_words
from .errors import TestbedError
from .image import say
from .podman import labels, podman, podman_json

# Nobody types a disk's password here, and each watch for one is an inotify instance: root has 128 on a whole machine.
MASKED = ("systemd-ask-password-console.path", "systemd-ask-password-wall.path")
INIT = ("/sbin/init", *(f"systemd.mask={unit}" for unit in MASKED))
READY = ("running", "degraded")
PATIENCE_SECONDS = 120
AUTHORIZE = """
set -eu
for home in /root /home/ops; do
    install -d -m 0700 "$home/.ssh"
    printf '%s\\n' "$1" > "$home/.ssh/authorized_keys"
    chmod 0600 "$home/.ssh/authorized_keys"
done
chown -R ops:ops /home/ops/.ssh
"""


class Host(NamedTuple):
    name: str
    release: str
    address: str
    state: str  # running, exited, ... in podman's words
    container: str
    image: str


def container_name(name: str) -> str:
    return f"evenkeel-{bed.name()}-{name}"


def all_hosts(of_every_bed: bool = False) -> list[Host]:
    wanted = "label=evenkeel.bed" + ("" if of_every_bed else "=" + bed.name())
    found = podman_json("ps", "--all", "--filter", wanted, "--format", "json")
    return sorted(from_podman(entry) for entry in found)


def from_podman(entry: dict[str, Any]) -> Host:
    mark = entry["Labels"]
    return Host(mark["evenkeel.host"], mark["evenkeel.release"], mark["evenkeel.address"],
                entry["State"], entry["Names"][0], entry["Image"])


def by_name() -> dict[str, Host]:
    return {host.name: host for host in all_hosts()}


def find(name: str) -> Host:
    host = by_name().get(name)
    if host is None:
        raise TestbedError(f"There is no host {name} in this bed: type 'testbed up {name}' to make it, "
                           "'testbed list' to see all.")
    return host


def ensure(name: str, release: str, wish: str | None = None) -> Host:
    """The host, created or started if it has to be; not yet waited for. The caller holds the machine's lock."""
    hosts = by_name()
    if name not in hosts:
        return create(name, release, reserve(hosts, wish))
    host = hosts[name]
    demand_same(host, release, wish)
    return host if host.state == "running" else power_on(host)


def demand_same(host: Host, release: str, wish: str | None) -> None:
    other = host.release != release or (wish and wish not in (host.address, host.address.rpartition(".")[2]))
    if other:
        raise TestbedError(f"Host {host.name} exists as {host.release} at {host.address}: type "
                           f"'testbed down {host.name}' first, then 'up' again.")


def reserve(hosts: dict[str, Host], wish: str | None) -> str:
    taken = {host.address for host in hosts.values()}
    subnet = network.ensure(taken)
    return network.demand_address(subnet, wish, taken) if wish else network.free_address(subnet, taken)


def create(name: str, release: str, address: str) -> Host:
    say(f"host {name} | Create with Debian {release} at {address}")
    box = container_name(name)
    podman("run", "--detach", "--name", box, "--hostname", name, *network_arguments(name, address),
           "--privileged", "--systemd=always", "--pids-limit=0", *limits(), *labels(
               bed=bed.name(), host=name, release=release, address=address, checkout=str(bed.CHECKOUT)),
           image.tag(release), *INIT)
    return Host(name, release, address, "running", box, image.tag(release))


def network_arguments(name: str, address: str) -> list[str]:
    """With a hardware address of its own, as a real host has: neighbours remember the one from before a power cut."""
    return ["--network", network.name(), "--network-alias", name, "--ip", address, "--mac-address", network.hardware(address)]


def limits() -> list[str]:
    """Within our own hard limits: raising them needs a capability that not every machine's root has."""
    files, processes = (resource.getrlimit(what)[1] for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC))
    files = at_most(files, 1048576)
    processes = at_most(processes, 32768)  # podman lowers its own to the kernel's pid_max, and 32768 is always below
    return ["--ulimit", "nofile=1024:%d" % files, "--ulimit", "nproc=%d:%d" % (processes, processes)]


def at_most(limit: int, ceiling: int) -> int:
    return ceiling if limit == resource.RLIM_INFINITY else min(limit, ceiling)


def wait_ready(host: Host) -> Host:
    """Until systemd has finished starting and ssh lets us in; keeps the host's identity in known_hosts."""
    state = wait_for_systemd(host)
    if state not in READY:
        raise TestbedError(f"Host {host.name} did not finish starting (systemd says '{state}'): look with "
                           f"'testbed exec {host.name} -- systemctl list-jobs'.")
    inside(host, "sh", "-c", AUTHORIZE, "sh", key.public())
    wait_for_ssh(host)
    key.remember(host.address, inside(host, "cat", "/etc/ssh/ssh_host_ed25519_key.pub"))
    return host


def wait_for_systemd(host: Host) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    state = "unknown"
    while time.monotonic() < deadline and state not in READY:
        state = podman("exec", host.container, "systemctl", "is-system-running", check=False).out.strip() or state
        if state not in READY:
            time.sleep(0.3)
    return state


def wait_for_ssh(host: Host) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ssh_answers(host.address):
        if time.monotonic() > deadline:
            raise TestbedError(f"Host {host.name} runs but its ssh at {host.address} does not answer: type "
                               f"'testbed down {host.name}' and 'up' again; if that does not help, see whether the "
                               f"machine's firewall blocks {network.RANGE}.")
        time.sleep(0.2)


def ssh_answers(address: str) -> bool:
    try:
        with socket.create_connection((address, 22), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def inside(host: Host, *argv: str) -> str:
    return podman("exec", host.container, *argv).out


def power_off(host: Host) -> None:
    """A power cut: no shutdown, no flush by anybody; the file system stays as it was."""
    answer = podman("kill", "--signal", "KILL", host.container, check=False)
    if answer.code and find(host.name).state == "running":
        raise TestbedError(f"Host {host.name} could not be killed: {last_words(answer)}")
    podman("wait", host.container, check=False)


def power_on(host: Host) -> Host:
    say(f"host {host.name} | Power on")
    network.ensure([host.address])
    podman("start", host.container)
    return host._replace(state="running")


def remove(host: Host) -> None:
    say(f"host {host.name} | Remove")
    podman("rm", "--force", "--time", "0", "--volumes", host.container)
    key.remember(host.address, None)

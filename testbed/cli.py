"""The command line: what a person or a playbook types."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import bed, host, image, inventory, key, namespace, network, processor, sources
from .command import demand_programs
from .errors import TestbedError
from .host import Host
from .image import say
from .podman import base

Parser = argparse.ArgumentParser
Commands = Any  # argparse has no public name for what add_subparsers returns
NAME = re.compile(r"^[a-z][a-z0-9-]{0,30}$")


def main(argv: list[str] | None = None) -> int:
    options = parser().parse_args(argv)
    become_root()
    try:
        demand_programs()
        options.run(options)
        return 0
    except TestbedError as problem:
        say(f"testbed: {problem}")
        return 1
    except KeyboardInterrupt:
        say("testbed: Interrupted; what was started stays. Type the same again to go on, or 'testbed down --all'.")
        return 130


def become_root() -> None:
    """Hosts with systemd need root; a user with sudo types the same command."""
    if os.geteuid() != 0:
        ask = [] if sys.stdin.isatty() else ["-n"]
        keep = [f"{name}={os.environ[name]}" for name in ("EVENKEEL_BED",) if name in os.environ]
        try:
            again = [sys.executable, str(Path(sys.argv[0]).resolve()), *sys.argv[1:]]
            os.execvp("sudo", ["sudo", *ask, "env", *keep, *again])
        except OSError:  # not there, or in a folder we may not look into
            sys.exit("testbed: Hosts with systemd need root: run this as root, or install sudo first.")


def parser() -> Parser:
    top = argparse.ArgumentParser(prog="testbed", description="Real Debian hosts with systemd on this machine.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_making(commands)
    add_using(commands)
    add_looking(commands)
    return top


def add_making(commands: Commands) -> None:
    image_parser = command(commands, "image", build_images, "build the image hosts start from, if it is missing")
    image_parser.add_argument("release", nargs="*", default=["bookworm"], help="bookworm (default), trixie, or both")
    image_parser.add_argument("--remove", action="store_true", help="remove all images of the test bed instead")
    up = command(commands, "up", bring_up, "create or start hosts, and wait until ssh works")
    up.add_argument("host", nargs="+", help="NAME or NAME:trixie")
    up.add_argument("--ip", help="one host's fixed address, or its last number (from 200 on they are kept for VRRP)")
    down = command(commands, "down", take_down, "remove hosts and their disks")
    down.add_argument("host", nargs="*")
    down.add_argument("--all", action="store_true", help="every host of this bed, and its network")
    down.add_argument("--checkout", action="store_true", help="the same for every bed of this checkout (EVENKEEL_BED)")


def add_using(commands: Commands) -> None:
    command(commands, "enter", enter, "a shell on a host").add_argument("host")
    execute = command(commands, "exec", run_inside, "run a command on a host: testbed exec NAME -- COMMAND ...")
    execute.add_argument("host")
    execute.add_argument("argv", nargs=argparse.REMAINDER)
    for name, act, text in (("kill", cut_power, "cut a host's power; its disk stays"),
                            ("start", restore_power, "power on again, and wait until ssh works")):
        command(commands, name, act, text).add_argument("host", nargs="+")
    slow = command(commands, "limit", limit, "give each host a slower processor, while it has power")
    slow.add_argument("host", nargs="+")
    slow.add_argument("--cpus", type=share, required=True, help="0.1: a tenth of one of the machine's; 0: no limit")


def add_looking(commands: Commands) -> None:
    command(commands, "list", show, "the hosts of this bed").add_argument("--json", action="store_true")
    for name in ("inventory", "ssh-config"):
        printer = command(commands, name, describe, f"print the bed as {name}")
        printer.add_argument("host", nargs="*", help="only these")
        printer.add_argument("--user", default="ops", help="ops (default, with sudo) or root")


def command(commands: Commands, name: str, run: Callable[[argparse.Namespace], None], text: str) -> Parser:
    made: Parser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    made.set_defaults(run=run)
    return made


def build_images(options: argparse.Namespace) -> None:
    if options.remove:
        image.remove_all()
        return
    for release in options.release:
        print(image.ensure(demand_release(release)))


def bring_up(options: argparse.Namespace) -> None:
    wishes = [parse_host(text) for text in options.host]
    if options.ip and len(wishes) != 1:
        raise TestbedError("--ip goes with exactly one host: type 'testbed up NAME --ip ADDRESS' for each.")
    for release in sorted({release for _, release in wishes}):
        image.ensure(release)
    with bed.machine_lock("hosts"):
        key.private()  # before hosts that start at once all miss it
        hosts = [host.ensure(name, release, options.ip) for name, release in wishes]
    in_parallel(host.wait_ready, hosts)
    inventory.write()
    warn_of_old_images(hosts)
    print(inventory.as_table(hosts))


def parse_host(text: str) -> tuple[str, str]:
    name, _, release = text.partition(":")
    if not NAME.match(name):
        raise TestbedError(f"'{name}' cannot be a host's name: use small letters, digits and hyphens, such as web1.")
    return name, demand_release(release or "bookworm")


def demand_release(release: str) -> str:
    if release not in sources.RELEASES:
        raise TestbedError("There is no release '{}' here: use one of {}.".format(release, ", ".join(sources.RELEASES)))
    return release


def warn_of_old_images(hosts: list[Host]) -> None:
    for one in hosts:
        if one.image != image.tag(one.release):
            say(f"host {one.name} | Was made from an older image; 'testbed down {one.name}' and 'up' renew it")


def take_down(options: argparse.Namespace) -> None:
    if options.checkout:
        take_down_checkout()
    elif options.host or options.all:
        take_down_hosts(options.host, options.all)
    else:
        raise TestbedError("Say which hosts: 'testbed down NAME ...' or 'testbed down --all'.")


def take_down_checkout() -> None:
    for name in sorted({bed.name(), *network.beds_of_checkout()}):
        os.environ["EVENKEEL_BED"] = name
        take_down_hosts([], everything=True)


def take_down_hosts(names: list[str], everything: bool) -> None:
    with bed.machine_lock("hosts"):
        known = host.by_name()
        in_parallel(remove, [known[name] for name in (known if everything else names) if name in known])
        if everything:
            network.remove()
        inventory.write()
        if not host.all_hosts(of_every_bed=True):
            namespace.end()
            base.cache_clear()


def remove(one: Host) -> None:
    host.remove(one)
    processor.forget(one)


def in_parallel(work: Callable[[Host], Any], hosts: list[Host]) -> None:
    with ThreadPoolExecutor(max_workers=8) as workers:
        for _ in workers.map(work, hosts):
            pass


def enter(options: argparse.Namespace) -> None:
    box, term = running(options.host).container, os.environ.get("TERM", "xterm")
    os.execvp(base()[0], [*base(), "exec", "-it", "-w", "/root", "-e", "TERM=" + term, box, "bash", "-l"])


def run_inside(options: argparse.Namespace) -> None:
    argv = options.argv[1:] if options.argv[:1] == ["--"] else options.argv
    if not argv:
        raise TestbedError(f"Say what to run: 'testbed exec {options.host} -- systemctl status'.")
    box = running(options.host).container
    os.execvp(base()[0], [*base(), "exec", "-i", box, *argv])


def running(name: str) -> Host:
    found = host.find(name)
    if found.state != "running":
        raise TestbedError(f"Host {name} has no power: type 'testbed start {name}' first.")
    return found


def cut_power(options: argparse.Namespace) -> None:
    in_parallel(host.power_off, [running(name) for name in options.host])


def restore_power(options: argparse.Namespace) -> None:
    hosts = [host.find(name) for name in options.host]
    with bed.machine_lock("hosts"):
        for one in hosts:
            host.power_on(one)
    in_parallel(host.wait_ready, hosts)


def share(text: str) -> float:
    most = os.cpu_count() or 1
    try:
        cpus = float(text)
    except ValueError:
        cpus = -1
    if cpus and not 0.01 <= cpus <= most:
        raise argparse.ArgumentTypeError(f"'{text}' is no part of these processors: use 0.01 to {most}, or 0 for no limit")
    return cpus


def limit(options: argparse.Namespace) -> None:
    for one in [running(name) for name in options.host]:
        processor.limit(one, options.cpus)


def show(options: argparse.Namespace) -> None:
    print((inventory.as_json if options.json else inventory.as_table)(host.all_hosts()))


def describe(options: argparse.Namespace) -> None:
    hosts = [host.find(name) for name in options.host] if options.host else host.all_hosts()
    shape = inventory.as_inventory if options.command == "inventory" else inventory.as_ssh_config
    print(shape(hosts, options.user).rstrip("\n"))

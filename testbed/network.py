"""The bed's own network: a subnet nobody else uses, addresses that stay with their host."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from . import bed
from .command import read_json
from .errors import TestbedError
from .podman import labels, podman, podman_json

RANGE = IPv4Network("10.213.0.0/16")
FIRST_HOST, LAST_HOST = 10, 199  # above: free for addresses that move between hosts (VRRP)


def name() -> str:
    return "evenkeel-" + bed.name()


def ensure(addresses_in_use: Iterable[str]) -> IPv4Network:
    """The bed's subnet; a network that got lost comes back with the addresses its hosts already have."""
    return existing() or create(wanted(addresses_in_use) or choose())


def existing() -> IPv4Network | None:
    answer = podman("network", "inspect", name(), check=False)
    return None if answer.code else IPv4Network(json.loads(answer.out)[0]["subnets"][0]["subnet"])


def create(subnet: IPv4Network) -> IPv4Network:
    podman("network", "create", "--subnet", str(subnet), *labels(bed=bed.name(), checkout=str(bed.CHECKOUT)), name())
    return subnet


def wanted(addresses: Iterable[str]) -> IPv4Network | None:
    return next((IPv4Network(address + "/24", strict=False) for address in addresses), None)


def choose() -> IPv4Network:
    """The first free /24 of our range, starting at one that follows from the bed's name."""
    taken = [net for net in subnets_in_use() if net.overlaps(RANGE)]
    candidates = list(RANGE.subnets(new_prefix=24))
    start = zlib.crc32(bed.name().encode()) % len(candidates)
    for subnet in candidates[start:] + candidates[:start]:
        if not any(subnet.overlaps(other) for other in taken):
            return subnet
    raise TestbedError(f"No network is left in {RANGE}: type 'testbed down --all' in checkouts you no longer need.")


def subnets_in_use() -> list[IPv4Network]:
    """Podman's networks and the machine's own routes (a default route overlaps everything and says nothing)."""
    networks = podman_json("network", "inspect", *network_names())
    known = [subnet["subnet"] for net in networks for subnet in net.get("subnets", [])]
    routes = [route["dst"] for route in read_json(["ip", "-j", "-4", "route"]) if route["dst"] != "default"]
    return [IPv4Network(text, strict=False) for text in known + routes if ":" not in text]


def network_names() -> list[str]:
    return podman("network", "ls", "--format", "{{.Name}}").out.split()


def beds_of_checkout() -> list[str]:
    """Names of the beds this checkout has, also those that EVENKEEL_BED named."""
    mine = f"label=evenkeel.checkout={bed.CHECKOUT}"
    names = podman("network", "ls", "--filter", mine, "--format", "{{.Name}}").out.split()
    return [name.removeprefix("evenkeel-") for name in names]


def free_address(subnet: IPv4Network, taken: set[str]) -> str:
    for number in range(FIRST_HOST, LAST_HOST + 1):
        if str(subnet[number]) not in taken:
            return str(subnet[number])
    raise TestbedError("This bed is full (%d hosts): type 'testbed down NAME' first." % (LAST_HOST - FIRST_HOST + 1))


def demand_address(subnet: IPv4Network, address: str, taken: set[str]) -> str:
    """`address` as asked for: a full one, or only its last number (`--ip 20`)."""
    try:
        wish = subnet[int(address)] if address.isdigit() else IPv4Address(address)
    except (ValueError, IndexError):
        wish = None
    if wish is None or wish not in subnet or int(wish) - int(subnet[0]) < 2:
        raise TestbedError(f"Address {address} is not in this bed's network {subnet}: "
                           f"use one of {subnet[2]} to {subnet[254]}, or its last number.")
    if str(wish) in taken:
        raise TestbedError(f"Address {wish} is another host's: type 'testbed list' to see whose.")
    return str(wish)


def hardware(address: str) -> str:
    """A locally administered Ethernet address that follows from the IPv4 one."""
    return ":".join("%02x" % byte for byte in (0x02, 0x42, *IPv4Address(address).packed))


def remove() -> None:
    podman("network", "rm", "-f", name(), check=False)

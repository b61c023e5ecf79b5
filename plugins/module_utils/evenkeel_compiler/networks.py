"""Addresses and networks as Apache's `Require ip` takes them."""

from __future__ import annotations

import ipaddress
from typing import Optional


def normal(text: str) -> str:
    """The one spelling of an address or network."""
    network = ipaddress.ip_network(text)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def complaint(text: str) -> Optional[str]:
    """What would be allowed instead of `text`, or None."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return _better(text)
    return None


def _better(text: str) -> str:
    try:
        return f"an address or a network; write {ipaddress.ip_network(text, strict=False)} for the whole network"
    except ValueError:
        return "an address or a network like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32"

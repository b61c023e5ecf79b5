"""The scenario `eyes`: its playbooks, its three sites, and their visitors by way of the shared address."""

from __future__ import annotations

import os
from pathlib import Path

from demo.client.load import Backend, Load, Page
from tests.hosts.bed import PROJECT, command, connection

TRUTH = PROJECT / "molecule/eyes/inventory"
SITES = ("alpha", "beta", "gamma")


def play(playbook: str, *more: str, truth: Path = TRUTH) -> str:
    """What `ansible-playbook` printed; Failed unless it ends well."""
    bed = PROJECT / "build/testbed" / os.environ.get("EVENKEEL_BED", "") / "hosts.json"
    known = [f"-i{truth / 'hosts.yml'}", f"-i{bed}", "-e", f"rollout_inventory={truth}"]
    return command(["ansible-playbook", *known, str(PROJECT / "playbooks" / playbook), *more])


def light_load() -> Load:
    pages = tuple(Page(site, f"{site}.example", marker=f"{site} says hello") for site in SITES)
    certificate = str(TRUTH / "certs/self-signed.pem")
    return Load((Backend("edge", shared_address(), 443, tls=True, ca=certificate),), pages, rate=7)


def shared_address() -> str:
    return str(connection("e-edge1")["ansible_host"]).rpartition(".")[0] + ".201"


def status_page() -> str:
    """What a customer's browser gets under the page's name; its certificate is the one of all sites."""
    address = f"status.example:443:{shared_address()}"
    return command(["curl", "--fail", "-sS", "--insecure", "--resolve", address, "https://status.example/"])

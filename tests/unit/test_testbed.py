"""What the test bed decides before it touches podman."""

from __future__ import annotations

import json
import os
import subprocess
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from testbed import bed, cli, command, image, inventory, key, namespace, network, podman
from testbed.errors import TestbedError
from testbed.host import Host

NET = IPv4Network("10.213.7.0/24")
WEB1 = Host("web1", "bookworm", "10.213.7.10", "running", "evenkeel-x-web1", "localhost/x")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bed, "CHECKOUT", tmp_path)
    monkeypatch.setattr(bed, "MACHINE", tmp_path / "machine")
    monkeypatch.delenv("EVENKEEL_BED", raising=False)
    return tmp_path


@pytest.mark.parametrize(("text", "expected"), [
    ("web1", ("web1", "bookworm")), ("edge-1:trixie", ("edge-1", "trixie"))])
def test_a_host_is_a_name_and_perhaps_a_release(text: str, expected: tuple[str, str]) -> None:
    assert cli.parse_host(text) == expected


@pytest.mark.parametrize("text", ["", "Web1", "-a", "a b", "a;b", "1web", "web1:sid", "a" * 32])
def test_a_wrong_host_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(TestbedError, match="use"):
        cli.parse_host(text)


def test_hosts_get_the_lowest_free_address() -> None:
    assert network.free_address(NET, {"10.213.7.10", "10.213.7.12"}) == "10.213.7.11"


def test_a_full_bed_says_so() -> None:
    with pytest.raises(TestbedError, match="full"):
        network.free_address(NET, {str(address) for address in NET})


@pytest.mark.parametrize("wish", ["20", "10.213.7.20"])
def test_an_address_can_be_asked_for(wish: str) -> None:
    assert network.demand_address(NET, wish, set()) == "10.213.7.20"


@pytest.mark.parametrize("wish", ["1", "0", "300", "10.213.8.20", "nonsense"])
def test_an_address_outside_the_bed_is_refused(wish: str) -> None:
    with pytest.raises(TestbedError, match=r"10\.213\.7\.0/24"):
        network.demand_address(NET, wish, set())


def test_two_hosts_cannot_have_one_address() -> None:
    with pytest.raises(TestbedError, match="another host"):
        network.demand_address(NET, "20", {"10.213.7.20"})


def test_a_new_bed_avoids_every_subnet_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    first = network.RANGE.subnets(new_prefix=24)
    free = next(first)
    monkeypatch.setattr(network, "subnets_in_use", lambda: [net for net in network.RANGE.subnets(new_prefix=24) if net != free])
    assert network.choose() == free


def test_a_lost_network_comes_back_where_its_hosts_are() -> None:
    assert network.wanted(["10.213.9.14"]) == IPv4Network("10.213.9.0/24")


def test_two_checkouts_have_two_beds(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = bed.name()
    monkeypatch.setattr(bed, "CHECKOUT", checkout / "other")
    assert bed.name() != first


def test_a_named_bed_has_a_folder_of_its_own(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bed.folder() == checkout / "build/testbed"
    monkeypatch.setenv("EVENKEEL_BED", "demo")
    assert (bed.name(), bed.folder()) == ("demo", checkout / "build/testbed/demo")


def test_a_changed_recipe_is_another_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("packages", "preferences", "customize.sh"):
        (tmp_path / name).write_text("one\n")
    monkeypatch.setattr(image, "RECIPE", tmp_path)
    before = image.tag("bookworm")
    (tmp_path / "packages").write_text("two\n")
    assert image.tag("bookworm") != before


def test_missing_programs_are_named_as_debian_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find", lambda program: None if "netavark" in program else program)
    with pytest.raises(TestbedError, match=r"needs netavark: type 'make setup' \(or: apt-get install netavark\)"):
        command.demand_programs()


def test_a_stale_pid_file_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespace, "HOLDER", tmp_path / "namespace")
    assert namespace.living() is None
    namespace.HOLDER.write_text(f"{os.getpid()} 12345\n")  # the pid lives, but it is somebody else now
    assert namespace.living() is None
    namespace.remember(os.getpid())
    assert namespace.living() == os.getpid()


def test_a_dead_holder_holds_nothing_even_before_it_is_collected() -> None:
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert namespace.start_time(child.pid) is None


def test_known_hosts_keeps_one_identity_an_address(checkout: Path) -> None:
    key.remember("10.213.7.10", "ssh-ed25519 AAAA root@web1\n")
    key.remember("10.213.7.11", "ssh-ed25519 BBBB root@web2\n")
    key.remember("10.213.7.10", "ssh-ed25519 CCCC root@web1\n")
    assert key.known_hosts().read_text() == "10.213.7.10 ssh-ed25519 CCCC\n10.213.7.11 ssh-ed25519 BBBB\n"
    key.remember("10.213.7.11", None)
    assert key.known_hosts().read_text() == "10.213.7.10 ssh-ed25519 CCCC\n"


def test_the_inventory_pins_the_identity_of_its_hosts(checkout: Path) -> None:
    entry = json.loads(inventory.as_inventory([WEB1], "ops"))["all"]["hosts"]["web1"]
    assert entry["ansible_host"] == "10.213.7.10"
    assert entry["ansible_user"] == "ops"
    assert f"UserKnownHostsFile={checkout}/build/testbed/known_hosts" in entry["ansible_ssh_common_args"]
    assert "StrictHostKeyChecking=yes" in entry["ansible_ssh_common_args"]


def test_the_ssh_config_names_every_host(checkout: Path) -> None:
    text = inventory.as_ssh_config([WEB1, WEB1._replace(name="web2")], "root")
    assert text.count("  HostName 10.213.7.10\n") == 2
    assert "Host web2\n" in text


def test_the_table_is_aligned() -> None:
    assert inventory.as_table([WEB1]).splitlines() == [
        "NAME  RELEASE   ADDRESS      STATE", "web1  bookworm  10.213.7.10  running"]


def test_a_host_keeps_its_hardware_address_over_a_power_cut() -> None:
    assert network.hardware("10.213.7.10") == "02:42:0a:d5:07:0a"
    assert network.hardware("10.213.7.11") != network.hardware("10.213.7.10")


def test_what_podman_keeps_of_running_hosts_goes_with_their_namespace() -> None:
    """Else it takes hosts that died with the machine for running ones."""
    kept = [place.partition("=")[2] for place in podman.places() if not place.startswith("--root=")]
    assert kept and all(namespace.RUNNING in Path(each).parents for each in kept)
    assert all("tmpfs %s " % path in namespace.HOLD + " " for path in namespace.FORGOTTEN)

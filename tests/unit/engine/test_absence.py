"""What a balancer remembers of hosts when its configuration changes."""

from __future__ import annotations

from pathlib import Path

from plugins.module_utils.evenkeel import absence
from plugins.module_utils.evenkeel.absence import Absence
from plugins.module_utils.evenkeel.host import Host

BY_HAND = Absence("drain", "its disk is replaced", "", 1.0)


def test_a_server_that_joins_stays_out_over_a_boot_until_somebody_brings_it_in(host: Host) -> None:
    absence.follow(host, {"web3"}, {"web1", "web3"})
    found = absence.load(host)
    assert list(found) == ["web3"]
    assert (found["web3"].state, found["web3"].rollout, found["web3"].until) == ("drain", "", None)
    assert found["web3"].why == absence.NEW


def test_playbooks_say_of_a_host_that_joins_what_balancers_say() -> None:
    """What join_edge.yml drains must be what join_rotation.yml brings in."""
    text = (Path(__file__).parents[3] / "playbooks/tasks/join_edge.yml").read_text(encoding="utf-8")
    assert "rollout_why: %s\n" % absence.NEW in text


def test_what_a_person_said_of_a_server_stays(host: Host) -> None:
    with absence.changing(host) as absent:
        absent["web1"] = BY_HAND
    absence.follow(host, {"web1"}, {"web1"})
    assert absence.load(host) == {"web1": BY_HAND}


def test_a_server_that_the_file_no_longer_names_is_forgotten(host: Host) -> None:
    with absence.changing(host) as absent:
        absent["web1"] = BY_HAND
    absence.follow(host, set(), {"web2"})
    assert absence.load(host) == {}

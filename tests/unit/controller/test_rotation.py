"""Who gets visitors, read out of what balancers answer."""

from __future__ import annotations

from typing import Any

from plugins.filter import rotation


def server(name: str, status: str = "UP", admin: str = "ready", backup: bool = False) -> dict[str, Any]:
    check = "L4CON" if status == "DOWN" else "L7OK"
    up = status == "UP"
    return {"backend": "web", "name": name, "status": status, "admin": admin, "backup": backup, "up": up, "check": check}


def told(*servers: dict[str, Any], over: tuple[str, ...] = (), also: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """edge1 and edge2 say the same; `also` is only on edge2."""
    answers = (("edge1", servers), ("edge2", (*servers, *also)))
    return {"results": [{"balancer": name, "servers": list(each), "failed_over": list(over)} for name, each in answers]}


WEB1, WEB2 = server("web1"), server("web2")
B1, B2 = server("b1", backup=True), server("b2", backup=True)


def test_idle_backups_change_at_once_and_need_no_drain() -> None:
    assert rotation.batches(["b1", "b2"], told(WEB1, B1, B2)) == [{"hosts": ["b1", "b2"], "drain": False}]


def test_backups_that_carry_visitors_change_one_by_one_and_drained() -> None:
    dead = told(server("web1", "DOWN"), server("web2", "DRAIN", "drain"), B1, B2)
    assert rotation.batches(["b1", "b2"], dead) == [{"hosts": ["b1"], "drain": True}, {"hosts": ["b2"], "drain": True}]


def test_backups_carry_visitors_too_where_somebody_said_so() -> None:
    assert [batch["drain"] for batch in rotation.batches(["b1", "b2"], told(WEB1, B1, B2, over=("web",)))] == [True, True]


def test_the_only_host_that_carries_visitors_is_never_drained() -> None:
    assert rotation.batches(["b1"], told(server("web1", "DOWN"), B1)) == [{"hosts": ["b1"], "drain": False}]


def test_an_active_host_in_rotation_is_drained_and_a_new_one_needs_it_not() -> None:
    assert rotation.batches(["web1", "web3"], told(WEB1, WEB2)) == [
        {"hosts": ["web3"], "drain": False},
        {"hosts": ["web1"], "drain": True},
    ]


def test_without_balancers_everything_changes_at_once() -> None:
    assert rotation.batches(["b1", "b2"], {"results": []}) == [{"hosts": ["b1", "b2"], "drain": False}]


def test_a_stranger_is_one_that_a_balancer_lacks_or_has_in_another_part() -> None:
    known = told(WEB1, B1, also=(server("b2", backup=True),))
    assert rotation.strangers(["b1", "b2"], known, ["b1", "b2"]) == ["b2"]
    assert rotation.strangers(["web1", "b1"], known, []) == ["b1"]


def test_departed_are_those_that_only_a_balancer_names() -> None:
    assert rotation.departed(told(WEB1, B1, also=(WEB2,)), ["web1"]) == ["b1", "web2"]


def test_out_of_rotation_is_who_was_told_so_and_not_who_is_down() -> None:
    states = told(server("web1", "DOWN"), server("web2", "DRAIN", "drain"))
    assert rotation.out(["web1", "web2", "web3"], states) == ["web2"]
    assert rotation.getting(["web1", "web2"], told(WEB1, server("web2", "DOWN"))) == ["web1"]


def test_unfit_is_who_fails_a_check_or_is_unknown() -> None:
    assert rotation.unfit(["b1", "b2"], told(B1, server("b2", "DOWN", backup=True))) == [
        "b2 is DOWN L4CON on edge1",
        "b2 is DOWN L4CON on edge2",
    ]
    assert rotation.unfit(["b1"], told(WEB1))[0] == "b1 is unknown on edge1"


def test_spared_is_who_is_known_and_not_alone() -> None:
    assert rotation.spared(["b1", "b9"], told(WEB1, B1)) == ["b1"]
    assert rotation.spared(["web1"], told(WEB1, server("b1", "DOWN", backup=True))) == []


def test_a_balancer_that_does_not_answer_is_named_with_its_reason() -> None:
    lost = {"balancer": "edge2", "unreachable": True, "msg": "Failed: ssh: connect to host: timed out"}
    assert rotation.silent({"results": [lost]}) == ["edge2 (connect to host: timed out)"]
    assert rotation.batches(["b1"], {"results": [lost]}) == [{"hosts": ["b1"], "drain": False}]


def test_unseen_is_who_joined_and_was_not_seen_to_serve() -> None:
    answers = told(WEB1, server("web3", "DRAIN", "drain"))
    answers["results"][1]["unseen"] = ["web3", "b9"]
    assert rotation.unseen(["web1", "web3"], answers) == ["web3"]

"""What visitors of two balancers get, also while hosts are drained, HAProxy reloads and a balancer dies."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.hosts.bed import PROJECT, Box
from tests.hosts.edge import Crowd, address, ask, shared_address, told

BALANCERS = ("f-edge1", "f-edge2")
FORGED = {
    "X_Forwarded_For": "192.0.2.66",
    "X_Forwarded_Proto": "http",
    "X_Forwarded_Host": "evil.example",
    "Forwarded": "for=192.0.2.66",
    "X_Real_IP": "192.0.2.66",
    "X_Remote_User": "admin",
    "Evenkeel_Server": "f-web1",
    "Connection": "X-Forwarded-For",
}


def server(name: str, state: str) -> None:
    """Drain or bring back a web host on both balancers."""
    bed = PROJECT / "build/testbed" / os.environ.get("EVENKEEL_BED", "") / "hosts.json"
    inventory = ["-i", str(PROJECT / "molecule/fleet/inventory/hosts.yml"), "-i", str(bed)]
    command = ["ansible", "edge", *inventory, "-b", "-m", "haproxy_server", "-a", f"server={name} state={state}"]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg")}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_site_answers_over_tls_with_its_own_certificate() -> None:
    answer = ask("alpha.example")
    assert answer.status == 200
    assert b"alpha says hello" in answer.body


@pytest.mark.parametrize(("path", "leads_to"), [("/", "/"), ("/a?b=c", "/a?b=c")])
def test_http_leads_to_https(path: str, leads_to: str) -> None:
    answer = ask("alpha.example", path, tls=False)
    assert (answer.status, answer.getheader("Location")) == (301, "https://alpha.example" + leads_to)


def test_a_site_may_stay_on_http() -> None:
    assert ask("plain.example", tls=False).status == 200


def test_hsts_is_said_where_it_is_asked_for() -> None:
    assert ask("beta.example").getheader("Strict-Transport-Security") == "max-age=31536000; includeSubDomains"
    assert ask("alpha.example").getheader("Strict-Transport-Security") is None


def test_an_alias_leads_to_the_name_without_leaving_https() -> None:
    answer = ask("www.alpha.example")
    assert (answer.status, answer.getheader("Location")) == (301, "https://alpha.example/")


def test_sites_that_are_not_served_say_so() -> None:
    assert ask("closed.example").status == 403
    resting = ask("resting.example")
    assert (resting.status, resting.getheader("Retry-After")) == (503, "3600")


def test_a_name_that_no_site_has_gets_nobody_s_content() -> None:
    assert ask("nobody.example", tls=False).status == 404


def test_what_a_visitor_claims_is_not_believed() -> None:
    seen = told(**FORGED)
    assert seen["REMOTE_ADDR"] == shared_address().rpartition(".")[0] + ".1"
    assert seen["HTTPS"] == "on"
    assert "192.0.2.66" not in str(seen) and "evil" not in str(seen) and "admin" not in str(seen)


def test_a_visitor_does_not_learn_who_answered() -> None:
    assert not [name for name in ask("alpha.example").headers if name.lower().startswith("evenkeel")]


@pytest.mark.parametrize("port", [8404, 10000])
def test_nothing_of_haproxy_itself_is_open_to_the_outside(port: int) -> None:
    with pytest.raises(OSError):
        socket.create_connection((address("f-edge1"), port), 2).close()


def test_a_drained_host_gets_no_visitors_and_nobody_notices(tmp_path: Path) -> None:
    with Crowd(tmp_path) as crowd:
        server("f-web1", "drain")
        answered = {Box("f-edge1").run(*who()).strip() for _ in range(6)}
        server("f-web1", "ready")
    assert answered == {"f-web2"}
    assert crowd.failed == []


def who() -> list[str]:
    """Asks a balancer itself, which says who answered."""
    url = ["--resolve", "alpha.example:443:127.0.0.1", "https://alpha.example/"]
    return ["curl", "-sk", "-o", "/dev/null", "-w", "%header{evenkeel-server}", *url]


def test_ten_reloads_cost_nobody_a_request(tmp_path: Path) -> None:
    with Crowd(tmp_path) as crowd:
        for _ in range(10):
            for balancer in BALANCERS:
                Box(balancer).run("systemctl", "kill", "--kill-who=main", "--signal=SIGUSR2", "haproxy.service")
            time.sleep(1)
    assert crowd.failed == []


def test_the_engine_sees_all_is_well() -> None:
    for balancer in BALANCERS:
        assert "All is well." in Box(balancer).run("evenkeel", "status")
        assert "answers every probe" in Box(balancer).run("evenkeel", "verify")


def test_the_other_balancer_takes_the_address_within_a_second(tmp_path: Path) -> None:
    """The last test: it leaves one balancer."""
    holder = next(name for name in BALANCERS if shared_address() in Box(name).run("ip", "-brief", "address"))
    try:
        with Crowd(tmp_path) as crowd:
            time.sleep(1)
            Box(holder).kill()
            time.sleep(3)
            assert isinstance(ask("alpha.example"), http.client.HTTPResponse)
    finally:
        Box(holder).start()
    assert crowd.longest_silence_s < 1.5  # the address moves within a second; then everybody shakes hands anew

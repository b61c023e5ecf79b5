"""What hosts are told: first the timer that undoes it, then the fault."""

from __future__ import annotations

import subprocess

import pytest

from plugins.module_utils.evenkeel_drill.aims import NoTenant, pushed_site, tenant, units
from plugins.module_utils.evenkeel_drill.faults import FAULTS, PUSH
from plugins.module_utils.evenkeel_drill.orders import Aim, NoSuchOrder, Orders, lift, orders, strike

AIM = Aim(["apache2.service"], ["192.0.2.8"], "/srv/www/beta/public/index.php")
PHP = {"version": "8.2", "isolation": "dedicated"}
SITES = {
    "alpha": {"php": None, "state": "active", "document_root": "/srv/www/alpha/public"},
    "beta": {"php": {**PHP, "isolation": "shared"}, "state": "active", "document_root": "/srv/www/beta/public"},
    "closed": {"php": PHP, "state": "suspended", "document_root": "/srv/www/closed/public"},
    "till": {"php": PHP, "state": "active", "document_root": "/srv/www/till/public"},
}
MANIFEST = {"php_versions": ["8.2"], "sites": SITES}
on_hosts = pytest.mark.parametrize("fault", [fault.name for fault in FAULTS if fault.means != PUSH])


@on_hosts
def test_the_timer_runs_before_the_fault_is_made(fault):
    first, *rest = strike(orders(fault, AIM), 90)
    assert first[0] == "systemd-run" and "--on-active=90s" in first and rest


@on_hosts
def test_every_fault_has_an_undo(fault):
    assert orders(fault, AIM).undo


@on_hosts
def test_what_is_given_to_a_shell_is_a_shells(fault):
    """`sh -n` reads a script without running it."""
    for argv in strike(orders(fault, AIM), 90):
        script = argv[argv.index("sh") + 2] if "sh" in argv else "true"
        assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0


def test_an_undo_goes_on_past_a_command_that_fails_and_says_so(tmp_path):
    mark = tmp_path / "done"
    script = strike(Orders([], [["false"], ["touch", str(mark)]]), 5)[0][-1]
    assert subprocess.run(["sh", "-c", script], check=False).returncode == 1
    assert mark.exists()


def test_a_page_with_a_strange_name_stays_one_word():
    made = orders("tenant_failing", Aim(page="/srv/www/it's $(odd)/index.php"))
    assert "'/srv/www/it'\"'\"'s $(odd)/index.php'" in made.inject[0][-1]


def test_a_fault_is_undone_by_its_unit():
    assert lift()[0] == ["systemctl", "start", "evenkeel-drill.service"]


@pytest.mark.parametrize("fault", ["web_hung", "network_cut", "tenant_failing", "bad_push", "meteor"])
def test_an_order_that_lacks_its_aim_is_refused(fault):
    with pytest.raises(NoSuchOrder):
        orders(fault, Aim())


def test_php_is_every_master_that_serves_somebody():
    assert units("php_killed", MANIFEST) == ["php8.2-fpm.service", "evenkeel-php8.2@till.service"]


def test_the_tenant_that_fails_is_one_with_an_application():
    assert tenant(MANIFEST) == ("beta", "/srv/www/beta/public/index.php")
    assert tenant(MANIFEST, "till")[0] == "till"
    for wanted in ("alpha", "closed", "nobody"):
        with pytest.raises(NoTenant, match=wanted):
            tenant(MANIFEST, wanted)


def test_a_push_needs_a_site_that_visitors_can_read():
    assert pushed_site(MANIFEST) == "alpha"
    with pytest.raises(NoTenant):
        pushed_site({"sites": {"closed": SITES["closed"]}})

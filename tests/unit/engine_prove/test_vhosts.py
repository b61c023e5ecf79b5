"""What Apache read is what the truth meant, or it is named."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.apache_config import Vhost
from plugins.module_utils.evenkeel.vhosts import check_vhosts

CURRENT = "/etc/evenkeel/current/apache2/"
DEFAULT = Vhost("*", "6100", "default.invalid", CURRENT + "apache2.conf", 3, True)


def vhost(site, *, names=None, file=None, address="*", port="6100", default=False, wild=()):
    first, *others = names or (site + ".example", "www.%s.example" % site)
    return Vhost(address, port, first, file or CURRENT + "sites/%s.conf" % site, 1, default, tuple(others), wild)


def check(manifest, *vhosts):
    return [(failure.site, failure.got) for failure in check_vhosts(vhosts, manifest, 6100)]


@pytest.fixture
def healthy():
    return [DEFAULT, vhost("blog"), vhost("docs"), vhost("shop")]


def test_the_promised_vhosts_are_no_failure(manifest, healthy):
    assert check(manifest, *healthy) == []


def test_a_vhost_file_that_apache_does_not_include_is_missed(manifest, healthy):
    found = check(manifest, *(one for one in healthy if one.name != "docs.example"))
    assert ("docs", "Apache read no vhost for docs.example") in found
    assert {site for site, _ in found} == {"docs"}


def test_a_site_that_takes_anothers_name_is_the_guilty_one(manifest, healthy):
    thief = vhost("blog", names=("docs.example", "blog.example", "www.blog.example"))
    found = check(manifest, DEFAULT, thief, vhost("docs"), vhost("shop"))
    assert ("blog", "the vhost at apache2/sites/blog.conf:1 also takes docs.example") in found
    assert ("blog", "docs.example stands at apache2/sites/blog.conf:1 and again at apache2/sites/docs.conf:1") in found


def test_a_wildcard_that_comes_first_shadows_a_name(manifest):
    greedy = vhost("blog", wild=("*.docs.example",))
    found = check(manifest, DEFAULT, greedy, vhost("docs"), vhost("shop"))
    assert ("docs", "www.docs.example leads to the vhost at apache2/sites/blog.conf:1") in found


def test_a_vhost_bound_to_an_address_is_refused(manifest, healthy):
    found = check(manifest, *healthy[:3], vhost("shop", address="10.0.0.1"))
    assert any(site == "shop" and "bound to the address 10.0.0.1" in got for site, got in found)


def test_a_vhost_on_another_port_is_refused(manifest, healthy):
    assert any("port 81" in got for _, got in check(manifest, *healthy[:3], vhost("shop", port="81")))


def test_a_site_must_not_answer_for_every_unknown_name(manifest, healthy):
    found = check(manifest, vhost("blog", default=True), *healthy[2:])
    assert ("blog", "the vhost at apache2/sites/blog.conf:1 answers for every unknown name") in found


def test_a_vhost_from_outside_of_the_release_concerns_everybody(manifest, healthy):
    found = check(manifest, *healthy, vhost("x", file="/etc/apache2/sites-enabled/x.conf"))
    assert (None, "Apache also reads a vhost x.example from /etc/apache2/sites-enabled/x.conf:1") in found


def test_an_absent_site_has_no_vhost_to_miss(manifest, healthy):
    manifest.sites["docs"]["vhosts"] = []
    assert check(manifest, DEFAULT, vhost("blog"), vhost("shop")) == []

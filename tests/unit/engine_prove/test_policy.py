"""What Apache takes without a word, and what is fine all the same."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.apache_config import ApacheConfig, Directive
from plugins.module_utils.evenkeel.policy import check_policy

MAIN = "/etc/evenkeel/current/apache2/apache2.conf"
DOCS = "/etc/evenkeel/current/apache2/sites/docs.conf"


def told(manifest, *lines, file=MAIN, vhost=None):
    directives = [Directive(name, tuple(words.split()), file, 7, vhost) for name, words in lines]
    return [failure.got for failure in check_policy(ApacheConfig((), tuple(directives)), manifest)]


@pytest.mark.parametrize(
    "line",
    [
        ("limitrequestfieldsize", "2000"),
        ("limitrequestline", "512"),
        ("maxrequestworkers", "5"),
        ("maxconnectionsperchild", "3"),
        ("timeout", "2"),
        ("traceenable", "On"),
        ("traceenable", "extended"),
        ("proxyrequests", "On"),
        ("keepalive", "Off"),
        ("requestreadtimeout", "header=2 body=20"),
        ("sslprotocol", "all"),
        ("sslprotocol", "all -SSLv3 -TLSv1"),
        ("sslprotocol", "+TLSv1.1 +TLSv1.2"),
    ],
)
def test_what_visitors_or_secrets_pay_for_is_refused(manifest, line):
    assert told(manifest, line)


@pytest.mark.parametrize(
    "line",
    [
        ("limitrequestfieldsize", "8190"),
        ("limitrequestline", "8190"),
        ("limitrequestfields", "0"),
        ("maxrequestworkers", "25"),
        ("maxconnectionsperchild", "0"),
        ("maxconnectionsperchild", "10000"),
        ("timeout", "60"),
        ("traceenable", "Off"),
        ("keepalive", "On"),
        ("requestreadtimeout", "header=20-40,MinRate=500 body=20,MinRate=500"),
        ("requestreadtimeout", "header=0 body=0"),
        ("sslprotocol", "-all +TLSv1.2 +TLSv1.3"),
        ("sslprotocol", "all -SSLv3 -TLSv1 -TLSv1.1"),
    ],
)
def test_what_people_set_on_purpose_is_fine(manifest, line):
    assert told(manifest, line) == []


def test_the_last_word_counts(manifest):
    assert told(manifest, ("timeout", "1"), ("timeout", "60")) == []


def test_a_certificate_without_tls_is_refused_and_the_site_named(manifest):
    config = ApacheConfig((), (Directive("sslcertificatefile", ("/x.crt",), DOCS, 7, DOCS + ":1"),))
    assert [(failure.site, failure.guard) for failure in check_policy(config, manifest)] == [("docs", "policy")]


def test_a_vhost_with_tls_is_fine(manifest):
    lines = (("sslengine", "on"), ("sslcertificatefile", "/x.crt"))
    assert told(manifest, *lines, file=DOCS, vhost=DOCS + ":1") == []

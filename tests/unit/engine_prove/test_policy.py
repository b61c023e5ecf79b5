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
        ("listenbacklog", "1"),
        ("maxkeepaliverequests", "1"),
        ("maxranges", "none"),
        ("loglevel", "debug"),
        ("loglevel", "warn Trace8"),
        ("logformat", "%h %{Cookie}i own"),
        ("customlog", "/var/log/apache2/x.log %h:%>{Authorization}i"),
        ("proxypass", "/ http://127.0.0.1:9001/ max=1 acquire=50"),
        ("proxypass", "/ http://127.0.0.1:9001/ retry=3600"),
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
        ("maxkeepaliverequests", "0"),
        ("maxranges", "100"),
        ("loglevel", "info rewrite:trace3"),
        ("logformat", "%h %{User-Agent}i own"),
        ("proxypass", "/ http://127.0.0.1:9001/ max=20 acquire=3000 retry=0"),
        ("requestreadtimeout", "header=20-40,MinRate=500 body=20,MinRate=500"),
        ("requestreadtimeout", "header=0 body=0"),
        ("sslprotocol", "-all +TLSv1.2 +TLSv1.3"),
        ("sslprotocol", "all -SSLv3 -TLSv1 -TLSv1.1"),
    ],
)
def test_what_people_set_on_purpose_is_fine(manifest, line):
    assert told(manifest, line) == []


def test_each_of_several_logs_counts(manifest):
    formats = [Directive("logformat", (text, "own"), MAIN, line, None) for line, text in ((7, "%{Cookie}i"), (8, "%h"))]
    (failure,) = check_policy(ApacheConfig((), tuple(formats)), manifest)
    assert failure.got.startswith("apache2/apache2.conf:7: logformat %{Cookie}i own: %{Cookie}i: ")


def test_workers_are_as_many_as_processes_have_threads(manifest):
    (got,) = told(manifest, ("maxrequestworkers", "64"), ("serverlimit", "4"), ("threadsperchild", "2"))
    assert "8 workers in all are too few" in got
    assert told(manifest, ("serverlimit", "4"), ("threadsperchild", "16")) == []


def test_who_forwards_visitors_is_named(manifest):
    (got,) = told(manifest, ("remoteipheader", "X-Forwarded-For"))
    assert "every visitor could say whose address he has" in got
    assert told(manifest, ("remoteipheader", "X-Forwarded-For"), ("remoteipinternalproxy", "192.0.2.7")) == []


def test_the_whole_disk_stays_shut(manifest, tmp_path):
    file = tmp_path / "apache2.conf"
    file.write_text(
        "<Directory />\n  Require all granted\n</Directory>\n<Directory /srv/www/>\n  Require all granted\n</Directory>\n"
    )
    lines = [Directive("require", ("all", "granted"), str(file), line, None) for line in (2, 5)]
    (failure,) = check_policy(ApacheConfig((), tuple(lines)), manifest)
    assert "apache2.conf:2: require all granted: every file of the host" in failure.got


@pytest.mark.parametrize("name", ["alias", "documentroot"])
def test_a_folder_in_which_all_sites_lie_is_not_opened(manifest, name):
    (got,) = told(manifest, (name, "/shared /srv/www/"), file=DOCS, vhost=DOCS + ":1")
    assert got.endswith("3 sites lie there, and their sources would be shown")


@pytest.mark.parametrize("path", ["/srv/www/docs/public", "/srv/www/docs", "/srv/www/blog/public/media", "/srv/media"])
def test_a_folder_of_one_site_may_have_more_addresses(manifest, path):
    assert told(manifest, ("alias", "/files " + path), file=DOCS, vhost=DOCS + ":1") == []


def test_the_last_word_counts(manifest):
    assert told(manifest, ("timeout", "1"), ("timeout", "60")) == []


def test_a_certificate_without_tls_is_refused_and_the_site_named(manifest):
    config = ApacheConfig((), (Directive("sslcertificatefile", ("/x.crt",), DOCS, 7, DOCS + ":1"),))
    assert [(failure.site, failure.guard) for failure in check_policy(config, manifest)] == [("docs", "policy")]


def test_a_vhost_with_tls_is_fine(manifest):
    lines = (("sslengine", "on"), ("sslcertificatefile", "/x.crt"))
    assert told(manifest, *lines, file=DOCS, vhost=DOCS + ":1") == []

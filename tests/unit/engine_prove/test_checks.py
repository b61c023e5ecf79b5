"""What passes `apache2 -t` and ends a healthy server all the same."""

from __future__ import annotations

import shutil
import socket
import subprocess

import pytest

from plugins.module_utils.evenkeel.apache_config import ApacheConfig, Directive
from plugins.module_utils.evenkeel.checks import check_apache, document_root_remarks, pair_problem

FILE = "/etc/evenkeel/current/apache2/sites/docs.conf"


def check(manifest, *directives):
    config = ApacheConfig((), tuple(Directive(name, words, FILE, 7, FILE + ":1") for name, *words in directives))
    return [(failure.guard, failure.site, failure.got) for failure in check_apache(config, manifest, "127.0.0.1:6100")]


def test_a_piped_log_program_that_is_missing_is_refused(manifest):
    got = "apache2/sites/docs.conf:7: the program /usr/bin/nolog cannot be run"
    assert check(manifest, ("customlog", "|/usr/bin/nolog /x", "common")) == [("program", "docs", got)]
    assert check(manifest, ("customlog", "|$/usr/bin/nolog /x", "common")) == [("program", "docs", got)]


def test_a_rewrite_program_that_is_missing_is_refused(manifest):
    assert check(manifest, ("rewritemap", "map", "prg:/usr/bin/nomap"))[0][0] == "program"


def test_programs_that_are_there_are_fine(manifest):
    assert check(manifest, ("errorlog", "|/bin/cat -u"), ("customlog", "|cat", "common")) == []


def test_a_log_folder_that_is_missing_is_refused(manifest, tmp_path):
    assert check(manifest, ("customlog", str(tmp_path / "no" / "a.log"), "common"))[0][:2] == ("logs", "docs")
    assert check(manifest, ("customlog", str(tmp_path / "a.log"), "common"), ("errorlog", "syslog:local1")) == []


def test_a_port_that_is_taken_is_refused(manifest):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = "127.0.0.1:%d" % taken.getsockname()[1]
        assert "Address already in use" in check(manifest, ("listen", listen))[0][2]


def test_two_ports_that_overlap_are_refused(manifest):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert len(check(manifest, ("listen", "127.0.0.1:%d" % port), ("listen", "%d" % port))) == 1


def test_the_twins_own_port_is_not_tried(manifest):
    assert check(manifest, ("listen", "127.0.0.1:6100")) == []


def test_a_missing_document_root_is_a_cause_and_no_failure(manifest):
    config = ApacheConfig((), (Directive("documentroot", ("/no/where",), FILE, 7, None),))
    assert list(document_root_remarks(config, manifest)) == [
        ("docs", "apache2/sites/docs.conf:7: DocumentRoot /no/where does not exist")
    ]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("keys")
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    for name in ("a", "b"):
        files = ["-keyout", str(folder / (name + ".key")), "-out", str(folder / (name + ".crt"))]
        subprocess.run([*make, "-subj", "/CN=" + name, *files], check=True, capture_output=True)
    encrypt = ["openssl", "rsa", "-aes256", "-passout", "pass:secret", "-in", str(folder / "a.key")]
    subprocess.run([*encrypt, "-out", str(folder / "locked.key")], check=True, capture_output=True)
    (folder / "cut.crt").write_text((folder / "a.crt").read_text()[:300])
    return folder


@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        ("a.crt", "a.key", None),
        ("a.crt", "b.key", "does not belong to the certificate"),
        ("a.crt", "locked.key", "is encrypted"),
        ("cut.crt", "a.key", "is damaged"),
        ("a.crt", "none.key", "none.key cannot be read (No such file or directory)"),
        ("none.crt", "a.key", "none.crt cannot be read (No such file or directory)"),
    ],
)
def test_a_pair_that_apache_cannot_start_with_is_refused(keys, certificate, key, said):
    problem = pair_problem(str(keys / certificate), str(keys / key))
    assert problem is None if said is None else said in problem


def test_keys_belong_to_the_certificate_of_their_vhost(manifest, keys):
    pair = [("sslcertificatefile", str(keys / "a.crt")), ("sslcertificatekeyfile", str(keys / "b.key"))]
    assert check(manifest, *pair)[0][:2] == ("certificate", "docs")

"""A certificate is judged by itself, and against the one that it replaces."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess

import pytest

from plugins.module_utils.evenkeel.tls import Certificate, problems, read

DAY = 86400.0
GOOD = Certificate(frozenset({"docs.example"}), 0.0, 90 * DAY, False, 2)


def told(old=GOOD, now=DAY, **changes):
    return [got for got, _ in problems(dataclasses.replace(GOOD, **changes), old, now)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends": DAY / 2}, "has expired"),
        ({"ends": 3 * DAY}, "ends in 2.0 days"),
        ({"begins": 2 * DAY}, "is not valid yet"),
        ({"names": frozenset({"other.example"})}, "does not hold the name docs.example any more"),
        ({"self_signed": True, "count": 1}, "is signed by itself, the one before was not"),
        ({"count": 1}, "comes without the chain that the one before had"),
    ],
)
def test_a_certificate_that_browsers_would_refuse_is_told(changes, said):
    assert told(**changes) == [said]


def test_a_renewed_certificate_is_fine():
    assert told() == []
    assert told(names=GOOD.names | {"www.docs.example"}, count=3) == []


def test_a_new_certificate_is_judged_by_its_dates_alone():
    assert told(old=None, self_signed=True, count=1) == []
    assert told(old=None, ends=DAY / 2) == ["has expired"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
def test_a_file_is_read_as_its_first_certificate(tmp_path):
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a"]
    made += ["-addext", "subjectAltName=DNS:a.example"]
    subprocess.run([*made, "-keyout", tmp_path / "a.key", "-out", tmp_path / "a.crt"], check=True, capture_output=True)
    found = read(str(tmp_path / "a.crt"))
    assert (found.names, found.self_signed, found.count) == (frozenset({"a.example"}), True, 1)


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nbroken"])
def test_what_is_no_certificate_is_left_to_others(tmp_path, text):
    (tmp_path / "x").write_text(text)
    assert read(str(tmp_path / "x")) is None
    assert read(str(tmp_path / "none")) is None

"""Which of a machine's apt sources are Debian's own, and how they read for another release."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed import sources
from testbed.errors import TestbedError
from testbed.sources import Source

DEB822 = """\
# comment
Types: deb
# another
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://security.example/debian-security
 http://mirror.example/debian-security
Suites: bookworm-security
Components: main contrib
"""
THIRD_PARTY = "Types: deb\nURIs: https://deb.nodesource.com/node_20.x\nSuites: nodistro\nComponents: main\n"
ONE_LINE = """\
# deb http://old.example/debian buster main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # the near one
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian stable-security main
deb https://packages.example/cloud-sdk cloud-sdk-bookworm main
"""


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_deb822_sources_are_read_with_folded_lines_and_comments() -> None:
    assert list(sources.deb822(DEB822)) == [
        Source("http://mirror.example/debian", ""),
        Source("http://mirror.example/debian", "-updates"),
        Source("http://security.example/debian-security", "-security"),
        Source("http://mirror.example/debian-security", "-security"),
    ]


def test_one_line_sources_are_read_and_source_packages_left_out() -> None:
    assert list(sources.one_line(ONE_LINE)) == [
        Source("http://mirror.example/debian", ""),
        Source("http://mirror.example/debian", "-security"),
    ]


def test_a_disabled_source_is_not_used() -> None:
    assert not list(sources.deb822(DEB822.replace("Types", "Enabled: no\nTypes")))


def test_third_parties_and_disabled_files_are_ignored(apt: Path) -> None:
    (apt / "sources.list.d" / "debian.sources").write_text(DEB822)
    (apt / "sources.list.d" / "node.sources").write_text(THIRD_PARTY)
    (apt / "sources.list.d" / "old.list.disabled").write_text(ONE_LINE)
    assert {source.uri for source in sources.machine_sources(apt)} == {
        "http://mirror.example/debian", "http://security.example/debian-security", "http://mirror.example/debian-security"}


def test_the_classic_file_alone_is_enough(apt: Path) -> None:
    (apt / "sources.list").write_text(ONE_LINE)
    assert Source("http://mirror.example/debian", "") in list(sources.machine_sources(apt))


def test_sources_are_rewritten_for_the_release_that_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "machine_sources", lambda: sources.deb822(DEB822))
    assert sources.lines_for("trixie")[:2] == [
        f"deb [signed-by={sources.KEYRING}] http://mirror.example/debian trixie main",
        f"deb [signed-by={sources.KEYRING}] http://mirror.example/debian trixie-updates main"]


def test_a_machine_without_debian_sources_is_told_what_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "machine_sources", lambda: sources.deb822(THIRD_PARTY))
    with pytest.raises(TestbedError, match=r"add 'deb MIRROR bookworm main'"):
        sources.lines_for("bookworm")

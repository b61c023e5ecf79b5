"""Where Debian comes from: the machine's own apt sources, only Debian's, rewritten for the release that is built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .command import run
from .errors import TestbedError

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELEASES = ("bookworm", "trixie")
SUITE = re.compile(r"^(?:bullseye|bookworm|trixie|forky|stable|oldstable|testing|sid)(-security|-updates|/updates)?$")
REACHING = re.compile(r'^Acquire::(?:Check-Valid-Until|Check-Date|https?::Proxy|https::CaInfo)(?:::\S+)? ".+";$')


class Source(NamedTuple):
    uri: str
    part: str  # "", "-updates" or "-security"


def lines_for(release: str) -> list[str]:
    """One-line apt sources for `release`, as mmdebstrap takes them."""
    found = list(dict.fromkeys(machine_sources()))
    if not any(source.part == "" for source in found):
        raise TestbedError("No apt source on this machine names Debian itself: add "
                           "'deb MIRROR bookworm main' (MIRROR: a Debian mirror) to /etc/apt/sources.list.d/debian.list.")
    return [f"deb [signed-by={KEYRING}] {source.uri} {release}{source.part} main" for source in found]


def machine_sources(folder: Path = Path("/etc/apt")) -> Iterator[Source]:
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if path.suffix == ".sources":
            yield from deb822(path.read_text(encoding="utf-8"))
        elif path.suffix == ".list" and path.is_file():
            yield from one_line(path.read_text(encoding="utf-8"))


def deb822(text: str) -> Iterator[Source]:
    uncommented = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", uncommented):
        fields = parse_fields(stanza)
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes") != "no":
            for uri in fields.get("uris", "").split():
                yield from debian(uri, fields.get("suites", "").split(), fields.get("components", "").split())


def parse_fields(stanza: str) -> dict[str, str]:
    joined = re.sub(r"\n[ \t]+", " ", stanza)
    pairs = (line.partition(":") for line in joined.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def one_line(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        match = re.match(r"^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match:
            yield from debian(match[1], [match[2]], match[3].split())


def debian(uri: str, suites: list[str], components: list[str]) -> Iterator[Source]:
    """Debian's own archives only: a Debian suite, the component main, and an address that says debian."""
    for suite in suites:
        match = SUITE.match(suite)
        if match and "main" in components and "debian" in uri.lower():
            yield Source(uri, (match[1] or "").replace("/updates", "-security"))


def apt_options() -> list[str]:
    """How this machine's apt reaches the archive (proxy, certificates, date checks), for mmdebstrap's --aptopt."""
    dump = run(["apt-config", "dump"]).out.splitlines()
    return [f"--aptopt={line}" for line in dump if REACHING.match(line)]


def keyring() -> str:
    """Path of the keys Debian's archive is signed with."""
    if not Path(KEYRING).exists():
        raise TestbedError("The keys of Debian's archive are missing: apt-get install debian-archive-keyring.")
    return KEYRING

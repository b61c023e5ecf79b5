"""A payload is taken whole and as its manifest says, or not at all."""

from __future__ import annotations

import contextlib
import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plugins.module_utils.evenkeel import payload as payloads
from plugins.module_utils.evenkeel.candidate import from_payload
from plugins.module_utils.evenkeel.errors import InvalidRelease
from plugins.module_utils.evenkeel.payload import Payload
from tests.unit.engine.builders import Draft, member, tar, write_payload


def read(path: str) -> dict[str, bytes]:
    return dict(Payload(path).files())


def test_a_payload_gives_every_file_of_its_manifest(tmp_path: Path, two_sites: Draft) -> None:
    assert read(two_sites.payload(tmp_path)) == two_sites.files()


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (member("apache2/sites/evil.conf", b"x"), "does not list"),
        (member("/etc/cron.d/evil", b"x"), "does not list"),
        (member("../../etc/cron.d/evil", b"x"), "does not list"),
        (member("manifest.json", b"{}"), "does not list"),
        (member("apache2/apache2.conf", b"ServerName localhost\n"), "does not list once"),
        (member("apache2/link", kind=tarfile.SYMTYPE, link="/etc/shadow"), "no regular file"),
        (member("apache2/link", kind=tarfile.LNKTYPE, link="apache2/apache2.conf"), "no regular file"),
        (member("apache2/device", kind=tarfile.CHRTYPE), "no regular file"),
        (member("apache2/disk", kind=tarfile.BLKTYPE), "no regular file"),
        (member("apache2/pipe", kind=tarfile.FIFOTYPE), "no regular file"),
        (member("apache2/folder", kind=tarfile.DIRTYPE), "no regular file"),
    ],
)
def test_a_member_that_is_not_listed_is_refused(
    tmp_path: Path, two_sites: Draft, extra: tuple[tarfile.TarInfo, bytes], told: str
) -> None:
    path = write_payload(tmp_path / "p.tar.gz", [*two_sites.members(), extra])
    with pytest.raises(InvalidRelease, match=told):
        read(path)


def test_a_missing_member_is_named(tmp_path: Path, two_sites: Draft) -> None:
    members = [one for one in two_sites.members() if one[0].name != "apache2/sites/shop.conf"]
    with pytest.raises(InvalidRelease, match=r"lacks 1 files, first apache2/sites/shop\.conf"):
        read(write_payload(tmp_path / "p.tar.gz", members))


def test_other_content_than_the_manifest_says_is_refused(tmp_path: Path, two_sites: Draft) -> None:
    members = [
        member(info.name, b"RewriteEngine on\n" if info.name.endswith("shop.conf") else content)
        for info, content in two_sites.members()
    ]
    with pytest.raises(InvalidRelease, match=r"apache2/sites/shop\.conf is not what its manifest says"):
        read(write_payload(tmp_path / "p.tar.gz", members))


def test_a_listed_file_that_comes_as_a_symlink_is_refused(tmp_path: Path, two_sites: Draft) -> None:
    link = member("apache2/sites/shop.conf", kind=tarfile.SYMTYPE, link="/etc/shadow")
    members = [link if info.name == link[0].name else (info, content) for info, content in two_sites.members()]
    with pytest.raises(InvalidRelease, match="no regular file"):
        read(write_payload(tmp_path / "p.tar.gz", members))


def test_the_manifest_comes_first(tmp_path: Path, two_sites: Draft) -> None:
    with pytest.raises(InvalidRelease, match="instead of manifest"):
        Payload(write_payload(tmp_path / "p.tar.gz", reversed(two_sites.members())))


@pytest.mark.parametrize("data", [b"", b"no archive", gzip.compress(b""), gzip.compress(b"x" * 1000)])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.tar.gz").write_bytes(data)
    with pytest.raises(InvalidRelease):
        Payload(str(tmp_path / "p.tar.gz"))


def test_a_missing_payload_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRelease, match="cannot be read"):
        Payload(str(tmp_path / "nothing.tar.gz"))


def test_another_release_than_the_wanted_one_is_refused(tmp_path: Path, two_sites: Draft) -> None:
    with pytest.raises(InvalidRelease, match="not 0123456789ab"):
        from_payload(two_sites.payload(tmp_path), "0123456789ab")


def test_a_member_that_unpacks_to_more_than_allowed_is_refused_unread(
    tmp_path: Path, two_sites: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payloads, "MAX_FILE", 100_000)
    bomb = member("apache2/apache2.conf", b"\0" * 1_000_000)
    with pytest.raises(InvalidRelease, match="1000000 bytes; at most 100000"):
        read(write_payload(tmp_path / "p.tar.gz", [two_sites.members()[0], bomb]))


def test_a_manifest_that_unpacks_to_more_than_allowed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "MAX_FILE", 100_000)
    with pytest.raises(InvalidRelease, match="at most"):
        Payload(write_payload(tmp_path / "p.tar.gz", [member("manifest.json", b" " * 1_000_000)]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(share=0.0044)  # within gzip's header
@given(share=st.floats(0, 0.999))
def test_a_payload_that_was_cut_short_never_passes_for_a_whole_one(tmp_path: Path, share: float) -> None:
    draft = Draft().site("blog").site("shop")
    whole = gzip.compress(tar(draft.members()), mtime=0)
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert_whole_or_refused(path, draft)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(where=st.floats(0, 0.999), byte=st.integers(0, 255))
def test_a_payload_with_a_flipped_byte_is_refused_or_harmless(tmp_path: Path, where: float, byte: int) -> None:
    draft = Draft().site("blog").site("shop")
    plain = bytearray(tar(draft.members()))
    plain[int(len(plain) * where)] = byte
    path = tmp_path / "flipped.tar.gz"
    path.write_bytes(gzip.compress(bytes(plain), 1, mtime=0))
    assert_whole_or_refused(path, draft)


def assert_whole_or_refused(path: Path, draft: Draft) -> None:
    with contextlib.suppress(InvalidRelease):
        assert read(str(path)) == draft.files()


def test_extended_headers_are_bounded_by_the_archive(tmp_path: Path, two_sites: Draft) -> None:
    """A GNU long name is read into memory by its own header: it must not be believed beyond what is there."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    data = tar([two_sites.members()[0]])[:-10240] + info.tobuf() + b"\0" * 10240
    (tmp_path / "p.tar.gz").write_bytes(gzip.compress(io.BytesIO(data).getvalue()))
    with pytest.raises(InvalidRelease):
        read(str(tmp_path / "p.tar.gz"))

"""Times in people's own zone: offsets, midnight, and the hour that comes twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plugins.module_utils.evenkeel_record.incident_clock import UnknownTime, clock, iso, moment, own_name

BERLIN = clock("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_time_is_told_in_the_zone_and_in_utc():
    assert BERLIN.full(utc(2026, 7, 1, 22, 30)) == "2026-07-02 00:30:00 +02:00 (2026-07-01 22:30:00 UTC)"


def test_the_hour_that_comes_twice_is_told_apart():
    assert BERLIN.time(utc(2026, 10, 25, 0, 30)) == "02:30:00 +02:00"
    assert BERLIN.time(utc(2026, 10, 25, 1, 30)) == "02:30:00 +01:00"


@pytest.mark.parametrize(
    "zone, told", [("Asia/Kolkata", "05:30:00 +05:30"), ("America/St_Johns", "20:30:00 -03:30"), ("UTC", "00:00:00 +00:00")]
)
def test_offsets_have_signs_and_minutes(zone, told):
    assert clock(zone).time(utc(2026, 1, 1)) == told


def test_days_are_those_of_the_zone():
    assert BERLIN.date(utc(2026, 12, 31, 22, 59)) == "Thursday, 31 December 2026"
    assert BERLIN.date(utc(2026, 12, 31, 23, 0)) == "Friday, 1 January 2027"


def test_what_somebody_types_is_meant_in_the_zone_unless_it_says_another():
    assert BERLIN.moment("2026-07-01T00:30") == utc(2026, 6, 30, 22, 30)
    assert BERLIN.moment(" 2026-07-01 00:30:00Z ") == utc(2026, 7, 1, 0, 30)
    assert BERLIN.moment("2026-10-25T02:30+01:00") == utc(2026, 10, 25, 1, 30)


@pytest.mark.parametrize("words", ["2026-10-25T02:30", "2026-03-29T02:30"])
def test_an_hour_that_comes_twice_or_never_is_asked_about(words):
    with pytest.raises(UnknownTime, match=r"not one time in Europe/Berlin.*\+0[12]:00 or \+0[12]:00"):
        BERLIN.moment(words)


@pytest.mark.parametrize("words", ["", "yesterday", "25.10.2026", "2026-02-30T00:00"])
def test_what_is_no_time_is_refused(words):
    with pytest.raises(UnknownTime, match="is no time"):
        BERLIN.moment(words)


@pytest.mark.parametrize("name", ["Mars/Base", "../../etc/passwd", "/etc/localtime", "x" * 300, "a\0b"])
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(UnknownTime, match="evenkeel_timezone"):
        clock(name)


def test_the_machine_knows_its_own_zone(tmp_path):
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert own_name({}, link) == "Europe/Berlin"
    assert own_name({"TZ": ":Asia/Tokyo"}, link) == "Asia/Tokyo"
    assert own_name({}, tmp_path / "none") == "UTC"
    assert clock("", {"TZ": "CET-1CEST"}, link).name == "UTC"


def test_times_that_no_calendar_has_are_brought_back():
    for seconds in (-1e15, 1e15):
        assert BERLIN.full(moment(seconds))
    assert iso(moment(1795390259.1234)) == "2026-11-22T23:30:59.123Z"

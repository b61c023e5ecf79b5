"""Guard, lag, listing, mounts and metrics: data in, data out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.module_utils.evenkeel_content import guard, lag, listing, metrics, mounts, protect, rsync
from plugins.module_utils.evenkeel_content.config import Site
from plugins.module_utils.evenkeel_content.errors import OriginAway
from plugins.module_utils.evenkeel_content.guard import Totals
from plugins.module_utils.evenkeel_content.lag import Copy
from tests.unit.content.builders import site


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        (Totals(100, 1000), Totals(50, 500), ""),
        (Totals(100, 1000), Totals(49, 500), "51 of 100 files"),
        (Totals(100, 1000), Totals(100, 499), "501 of 1000 bytes"),
        (Totals(1, 10), Totals(0, 0), "1 of 1 files and 10 of 10 bytes"),
        (Totals(0, 0), Totals(0, 0), ""),
        (Totals(10, 10), Totals(1000, 1000), ""),
    ],
)
def test_a_loss_is_what_is_gone_on_balance(here, there, told):
    assert guard.loss(here, there, 50) == told


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100))
def test_rsync_may_never_delete_more_than_was_planned_or_the_guard_lets_pass(files, planned, percent):
    allowed = guard.deletions_allowed(Totals(files, 0), planned, percent)
    assert planned <= allowed <= max(planned, files * percent / 100, 1)


LIMIT = 600


@pytest.mark.parametrize(
    ("success", "outcome", "away", "is_ready"),
    [
        (None, "", None, False),
        (900.0, "ok", None, True),
        (300.0, "failed", None, False),
        (300.0, "refused", None, True),
        (300.0, "ok", 350.0, True),  # the origin died soon after: nobody has anything newer
        (300.0, "ok", 950.0, False),  # it was behind before the origin died
    ],
)
def test_a_host_is_ready_unless_it_missed_what_it_could_have_had(success, outcome, away, is_ready):
    assert (lag.doubt(Copy("blog", success, outcome, "", 0), 1000.0, away, LIMIT) == "") is is_ready


def test_a_site_that_was_found_equal_since_has_no_trouble_any_more():
    state = {"success_at": 1.0, "tried_at": 5.0, "outcome": "refused", "message": "lost", "bytes": 3}
    assert lag.copy_of("blog", state, {"equal": {"blog": 4.0}}) == Copy("blog", 4.0, "refused", "lost", 3)
    assert lag.copy_of("blog", state, {"equal": {"blog": 9.0}}) == Copy("blog", 9.0, "ok", "", 3)


@given(st.dictionaries(st.sampled_from(["success_at", "tried_at", "outcome", "message", "bytes", "equal"]),
                       st.one_of(st.none(), st.booleans(), st.text(), st.integers(), st.lists(st.integers()))))  # fmt: skip
def test_a_state_that_somebody_edited_is_no_crash(nonsense):
    copy = lag.copy_of("blog", nonsense, nonsense)
    assert lag.doubt(copy, 1000.0, None, LIMIT) is not None


def test_no_name_makes_a_line_of_its_own():
    hostile = b"a\n*deleting   shop/index.html"
    [change] = listing.parse(">f+++++++++ blog/a\\#012*deleting   shop/index.html\n").changes
    assert not change.is_deletion
    assert listing.unescaped(change.path) == b"blog/" + hostile


@given(st.binary(min_size=1, max_size=30))
def test_what_is_no_list_is_nothing(data):
    assert listing.parse(data.decode("utf-8", "surrogateescape")).changes == ()


def test_patterns_hold_no_wildcard_of_their_own():
    assert protect.excludes(site(), ["a[1].php", ".htaccess"])[-2:] == ["/public/a\\[1].php", "/public/.htaccess"]


@pytest.mark.parametrize("code", [10, 12, 30, 255])
def test_an_origin_that_is_silent_is_away_and_not_wrong(code):
    assert isinstance(rsync.failure(code, "Connection refused"), OriginAway)


def test_a_full_disk_is_this_hosts_trouble():
    told = rsync.failure(11, 'rsync: [receiver] write failed on "/srv/www/blog/x": No space left on device (28)')
    assert not isinstance(told, OriginAway)
    assert "The disk is full" in str(told)


MOUNTS = """36 35 98:0 / / rw shared:1 - ext4 /dev/vda1 rw
50 36 0:40 / /srv/www rw,relatime shared:2 - nfs4 files:/www rw
51 36 0:41 / /srv/my\\040files rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("mount", "fstype", "told"),
    [("/srv/www", "nfs4", ""), ("/srv/www", "", ""), ("/srv/www", "ceph", "where nfs4 is mounted"),
     ("/srv/other", "", "where nothing is mounted"), ("/srv/my files", "tmpfs", "")],
)  # fmt: skip
def test_a_shared_file_system_is_mounted_and_of_its_kind(mount, fstype, told):
    shared = Site("blog", "blog", "/srv/www/blog", "/srv/www/blog/public", "shared", mount=mount, fstype=fstype)
    found = mounts.doubt(shared, mounts.parse(MOUNTS))
    assert (told in found) if told else found == ""


def test_metrics_are_lines_that_prometheus_reads():
    text = metrics.text([Copy("blog", 990.0, "ok", "", 7), Copy("shop", None, "failed", "x", 0)], 1000.0, False, True)
    assert 'evenkeel_content_lag_seconds{site="blog"} 10\n' in text
    assert 'lag_seconds{site="shop"}' not in text
    assert 'evenkeel_content_failed{site="shop"} 1\n' in text
    assert text.endswith("evenkeel_content_origin_answers 1\n")

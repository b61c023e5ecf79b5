"""The proof as a whole, with a twin that a test plays."""

from __future__ import annotations

import contextlib

import pytest

from plugins.module_utils.evenkeel import beside, twin
from plugins.module_utils.evenkeel import prove as proving
from plugins.module_utils.evenkeel import verify as verifying
from plugins.module_utils.evenkeel.errors import HostNotReady
from plugins.module_utils.evenkeel.host import Host, Result
from plugins.module_utils.evenkeel.paths import Paths
from plugins.module_utils.evenkeel.plan import Change
from plugins.module_utils.evenkeel.probe import REFUSED, Answer
from plugins.module_utils.evenkeel.release import Release
from plugins.module_utils.evenkeel.twin_plan import Report, TwinPlan
from plugins.module_utils.evenkeel.verdict import Failure

FRONT = {"name": "front page", "host": "blog.example", "path": "/", "expect": {"status": [200]}}
CHANGE = Change((), ("blog",), (), (), (), (), (), ("blog",))
STATIC = Failure("docs", "program", "apache2/sites/docs.conf:7: the program /x cannot be run")


def answer(status, release="new"):
    return Answer(status, {"evenkeel-release": release})


class Everywhere:
    """A prober that gets the same answer to whatever it asks."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, *where, **more):
        return self

    def anew(self):
        return self

    def ask(self, probes):
        return [self.answer for _ in probes]


@pytest.fixture
def prove(manifest, monkeypatch):
    def run(candidate, live=None, report=Report(True, (), ()), live_probes=(FRONT,)):  # noqa: B008
        plan = TwinPlan("new", 61000, {}, (), (), (), (), ())
        monkeypatch.setattr(twin, "running", lambda *_: contextlib.nullcontext((plan, report)))
        monkeypatch.setattr(proving, "Prober", Everywhere(candidate))
        monkeypatch.setattr(beside, "Prober", Everywhere(candidate))
        monkeypatch.setattr(verifying, "Prober", Everywhere(live or answer(200, "old")))
        old = Release("old", "/x", manifest, {"blog": list(live_probes)})
        return proving.prove(Host(), old, Release("new", "/y", manifest, {"blog": [FRONT]}), CHANGE)

    return run


def test_a_good_answer_of_the_candidate_passes(prove):
    verdict = prove(answer(200))
    assert (verdict.ok, verdict.probes) == (True, 1)


def test_a_bad_answer_rejects_the_candidate(prove):
    assert prove(answer(500)).sites == {"blog"}


def test_an_answer_of_another_release_proves_nothing(prove):
    assert not prove(answer(200, "old")).ok


def test_a_site_that_was_broken_before_blocks_nobody(prove):
    verdict = prove(answer(500), live=answer(500, "old"))
    assert verdict.ok
    assert verdict.known_pairs == {("blog", "front page")}


def test_a_live_server_that_is_down_excuses_nothing(prove):
    assert not prove(answer(500), live=Answer(error=REFUSED)).ok


def test_a_new_promise_that_live_breaks_otherwise_excuses_nothing(prove):
    assert not prove(answer(500), live=answer(404, "old"), live_probes=()).ok


def test_a_twin_that_does_not_start_is_told_by_what_keeps_it_from_starting(prove):
    start = Failure(None, "start", "Apache does not start (exit status 1)")
    assert prove(answer(200), report=Report(False, (STATIC, start), ())).failures == (STATIC,)
    assert prove(answer(200), report=Report(False, (start,), ())).failures == (start,)


def test_a_twin_that_ends_while_it_is_asked_is_no_sites_fault(prove):
    failures = prove(Answer(error=REFUSED)).failures
    assert [failure.site for failure in failures] == [None]


def test_what_live_says_in_the_same_file_is_not_this_candidates_doing(prove):
    standing = Failure(None, "policy", "apache2/apache2.conf:3: timeout 1: 1 is too small")
    verdict = prove(answer(200), report=Report(True, (standing,), ()))
    assert (verdict.failures, verdict.known) == ((), (standing,))
    assert not prove(answer(200), report=Report(True, (STATIC,), ())).ok


class Systemctl:
    """Remembers what was asked of systemctl."""

    def __init__(self, status=0):
        self.status = status
        self.asked = []

    def run(self, command, timeout_s=60, env=None):
        self.asked.append(tuple(command))
        return Result(self.status, "", "")


def test_what_a_killed_proof_left_is_stopped_and_removed(tmp_path):
    programs = Systemctl()
    host = Host(paths=Paths(str(tmp_path)), programs=programs)
    (tmp_path / "run/evenkeel/twin/0123456789ab/log").mkdir(parents=True)
    twin.clean(host)
    assert programs.asked == [("systemctl", "stop", "evenkeel-twin@0123456789ab.service")]
    assert list((tmp_path / "run/evenkeel/twin").iterdir()) == []


def test_a_host_without_the_unit_is_named_as_such(tmp_path, manifest, monkeypatch):
    host = Host(paths=Paths(str(tmp_path)), programs=Systemctl(status=5))
    monkeypatch.setattr(twin, "_prepare", lambda host, plan: None)
    release = Release("0" * 12, str(tmp_path), manifest, {})
    with pytest.raises(HostNotReady, match="not installed"), twin.running(host, release, release, CHANGE):
        pass

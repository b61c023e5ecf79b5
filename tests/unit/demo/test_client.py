"""Every way a request can go wrong has its own name, and none goes unwritten."""

from __future__ import annotations

import io
import socket
import time
from dataclasses import replace

import pytest

from demo.client import Backend, Load, Outage, Page, Stream, StreamDied, read, summarize
from demo.client.__main__ import linger
from demo.client.load import from_data, load
from demo.client.record import MARK, Record, Visit, failures, first_answers_s, silence_s, windows
from demo.client.stream import Crowd
from demo.client.visitor import Visitor
from tests.unit.demo.misbehaving import MisbehavingServer


@pytest.fixture
def server():
    running = MisbehavingServer()
    yield running
    running.close()


def page(path: str = "/", **others) -> Page:
    return Page(site="shop", host="shop.example", path=path, marker="the shop", **others)


def visitor(port: int, keeps: bool = True, timeout_s: float = 20) -> Visitor:
    return Visitor(Backend("web1", "127.0.0.1", port), ("the forum",), keeps, timeout_s)


def outcomes(visits: list[Visit]) -> list[str]:
    return [visit.outcome for visit in visits]


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "fresh"])
@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/", "ok"),
        ("/stamped", "ok"),
        ("/broken", "status"),
        ("/neighbour", "wrong_site"),
        ("/broken-neighbour", "wrong_site"),
        ("/stamped-neighbour", "wrong_site"),
        ("/blank", "wrong_body"),
        ("/reset", "reset"),
        ("/hang-up", "reset"),
        ("/cut-off", "reset"),
        ("/late", "timeout"),
        ("/trickle", "timeout"),
        ("/nonsense", "garbled"),
    ],
)
def test_each_failure_has_its_class(server, path, outcome, keeps):
    patience_s = 0.8 if outcome == "timeout" else 20  # a busy machine is no failure
    assert outcomes(visitor(server.port, keeps, patience_s).visit(page(path))) == [outcome]


def test_a_chunked_answer_that_stops_early_is_a_reset(server):
    assert outcomes(visitor(server.port).visit(page("/chunk-cut-off"))) == ["reset"]


def test_a_closed_port_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert outcomes(visitor(port).visit(page())) == ["refused"]


def test_tls_to_a_server_without_it_is_named(server):
    backend = Backend("edge", "127.0.0.1", server.port, tls=True)
    [visit] = Visitor(backend, timeout_s=20).visit(page())
    assert visit.outcome in ("tls", "reset")


def test_a_right_answer_with_the_status_a_suspended_site_has_is_ok(server):
    assert outcomes(visitor(server.port).visit(page("/broken", status=(500,)))) == ["ok"]


def test_a_kept_connection_is_used_again(server):
    one = visitor(server.port)
    reused = [one.visit(page())[0].reused for _ in range(3)]
    assert reused == [False, True, True]
    assert server.connections == 1


def test_fresh_visitors_open_a_connection_each_time(server):
    one = visitor(server.port, keeps=False)
    assert [one.visit(page())[0].reused for _ in range(3)] == [False, False, False]
    assert server.connections == 3


def test_a_connection_closed_while_idle_is_noticed_before_it_is_used(server):
    one = visitor(server.port)
    one.visit(page("/polite-goodbye"))
    time.sleep(0.1)
    assert outcomes(one.visit(page())) == ["ok"]


def test_a_get_that_meets_a_closing_connection_is_sent_again_once_and_both_are_written(server):
    one = visitor(server.port)
    one.visit(page())
    assert outcomes(one.visit(page("/hang-up-once"))) == ["resent", "ok"]


def test_a_get_whose_repetition_fails_too_is_a_failure(server):
    one = visitor(server.port)
    one.visit(page())
    assert outcomes(one.visit(page("/hang-up"))) == ["resent", "reset"]


def test_a_post_is_never_sent_twice(server):
    one = visitor(server.port)
    one.visit(page())
    assert outcomes(one.visit(page("/hang-up-once", method="POST", body="a=b"))) == ["reset"]
    assert server.paths.count("/hang-up-once") == 1


def test_a_form_is_believed_only_when_the_answer_carries_what_was_sent(server):
    form = Page("shop", "shop.example", marker="say={nonce}", method="POST", body="say={nonce}")
    assert outcomes(visitor(server.port).visit(form)) == ["ok"]
    assert outcomes(visitor(server.port).visit(replace(form, path="/forgetful"))) == ["wrong_body"]


def test_who_answered_is_written_down_where_the_visitor_may_know(server):
    [told] = visitor(server.port).visit(page("/signed"))
    [untold] = visitor(server.port).visit(page())
    assert (told.server, told.release) == ("web1", "0297ac8a16ef")
    assert (untold.server, untold.release) == ("", "")


def test_a_stream_that_nobody_holds_ends_with_its_file_or_its_time(tmp_path):
    sign = tmp_path / "running"
    sign.touch()
    began = time.monotonic()
    linger(sign, 0.3)
    assert time.monotonic() - began > 0.2
    sign.unlink()
    began = time.monotonic()
    linger(sign, 60)
    assert time.monotonic() - began < 30


def visit(at: float, outcome: str = "ok", backend: str = "web1", took_ms: float = 10.0) -> Visit:
    return Visit(at, backend, "shop", "GET", "/", 200, outcome, took_ms, False)


def test_a_window_counts_what_began_in_it():
    visits = [visit(1, "reset"), visit(2), visit(3, "timeout"), visit(4)]
    summary = summarize(visits, 2, 4)
    assert (summary.requests, summary.failed, dict(summary.classes)) == (2, 1, {"timeout": 1})


def test_an_attempt_that_was_sent_again_is_counted_apart_and_a_mark_not_at_all():
    summary = summarize([visit(1, "resent"), visit(1.1), visit(2, MARK)])
    assert (summary.requests, summary.failed, summary.resent) == (1, 0, 1)


def test_an_outage_excuses_its_own_host_and_time_only():
    outage = Outage("web1", 10, 20)
    visits = [
        visit(9.999, "reset", took_ms=5),  # under way when the power went
        visit(15, "timeout"),
        visit(15, "timeout", backend="web2"),
        visit(5, "reset"),
        visit(21, "status"),
    ]
    summary = summarize(visits, outages=[outage])
    assert (summary.requests, summary.expected, summary.failed) == (5, 2, 3)


def test_where_somebody_asks_again_only_forms_are_excused():
    outage = Outage("web1", 10, 20, "were forms", forms_only=True)
    summary = summarize([visit(15, "reset"), visit(15, "reset")._replace(method="POST")], outages=[outage])
    assert (summary.failed, dict(summary.excused)) == (1, {"were forms": 1})


def test_the_longest_silence_is_between_right_answers_only():
    visits = [visit(1), visit(2, "reset"), visit(4), visit(4.5)]
    assert silence_s(visits) == pytest.approx(3)
    assert silence_s([], 5, 9) == 4


def test_a_site_is_answered_by_what_was_asked_after_it_happened():
    visits = [visit(1, took_ms=5000), visit(3, "reset"), visit(4, took_ms=500), visit(7)]
    assert first_answers_s(visits, since=2.5) == {"shop": pytest.approx(2.0)}


def test_windows_show_when_and_where_it_failed():
    table = windows([visit(1), visit(11, "reset"), visit(12)], seconds=10)
    counts = {key: (one.requests, one.failed) for key, one in table.items()}
    assert counts == {(0, "shop"): (1, 0), (1, "shop"): (2, 1)}


def test_what_is_written_is_what_is_read(tmp_path):
    odd = Visit(2.5, "web2", "forum", "POST", '/a,"b"', 0, "timeout", 10000.0, True, "web2", "0297ac8a16ef")
    seen = [visit(1700000000.1234, "reset"), odd]
    path = tmp_path / "requests.csv"
    with path.open("w", newline="") as file:
        record = Record(file)
        record.add(seen)
        record.flush()
        file.write("3.0,web1,sh")  # a line that is just being written
        file.flush()
        assert read(path) == seen
    assert failures(seen) == seen


def test_a_load_survives_the_way_to_another_process(tmp_path):
    wanted = Load((Backend("web1", "127.0.0.1"),), (page(status=(200, 304)),), {"shop": 5.0})
    wanted.save(tmp_path / "load.json")
    assert load(tmp_path / "load.json") == wanted
    assert from_data({"backends": [], "pages": []}) == Load((), ())


def test_another_sites_marker_is_foreign_and_a_word_both_say_is_not():
    forum = Page("forum", "forum.example", marker="the forum")
    docs = Page("docs", "docs.example", marker="the shop")
    assert Load((), (page(), forum, docs)).foreign_markers("shop") == ("the forum",)


def test_a_crowd_keeps_its_pace_and_writes_everything_down(server):
    written = io.StringIO()
    backend = Backend("web1", "127.0.0.1", server.port)
    wanted = Load((backend,), (page(),), {"shop": 100.0}, visitors=4, timeout_s=2)
    crowd = Crowd(wanted, Record(written))
    crowd.start()
    time.sleep(1)
    crowd.stop()
    lines = written.getvalue().splitlines()[1:]
    assert len(lines) == len(server.paths)
    assert 10 < len(lines) < 150  # the machine may be busy, the crowd may not hurry


def test_the_stream_runs_by_itself_and_can_be_marked_and_stopped(server, tmp_path):
    backend = Backend("web1", "127.0.0.1", server.port)
    stream = Stream(Load((backend,), (page(),), {"shop": 50.0}, timeout_s=2), tmp_path)
    stream.start()
    time.sleep(0.5)
    marked = stream.mark("incident")
    time.sleep(0.5)
    visits = stream.stop()
    assert summarize(visits, 0, marked).requests > 5
    assert summarize(visits, marked).requests > 5
    assert [visit.path for visit in visits if visit.outcome == MARK] == ["incident"]
    assert summarize(visits).failed == 0


def test_a_stream_that_died_is_never_taken_for_a_quiet_one(server, tmp_path):
    stream = Stream(Load((Backend("web1", "127.0.0.1", server.port),), (page(),)), tmp_path)
    stream.start()
    stream.kill()
    with pytest.raises(StreamDied):
        stream.mark("too late")

"""A pool that serves one visitor after another is told, where a page shows it."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from plugins.module_utils.evenkeel.crowd import slower
from plugins.module_utils.evenkeel.probe import Answer, Expect, Probe

PAGE = Probe("blog", "search", "blog.example", "/search", Expect((200,)))


def server(children):
    places = threading.Semaphore(children)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            with places:
                time.sleep(0.15 if self.path == PAGE.path else 0)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *what):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

    made = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return made


@pytest.fixture(scope="module")
def ports():
    one, many = server(1), server(50)
    yield one.server_address[1], many.server_address[1]
    one.shutdown()
    many.shutdown()


def told(twin, live, seconds=0.15, sites=("blog",)):
    return [failure.got for failure in slower([(PAGE, Answer(200, seconds=seconds))], sites, (twin, live), "old")]


def test_one_visitor_after_another_is_told(ports):
    (got,) = told(*ports)
    assert got.startswith("answered 12 visitors at once after 1.")


def test_a_pool_that_is_as_before_is_not(ports):
    assert told(ports[1], ports[1]) == []


def test_quick_pages_that_waited_for_the_slow_one_do_not_hide_it(ports):
    quick = [Probe("blog", "page %d" % number, "blog.example", "/%d" % number, Expect((200,))) for number in range(10)]
    asked = [(PAGE, Answer(200, seconds=0.15)), *((page, Answer(200, seconds=0.2)) for page in quick)]
    assert len(slower(asked, ["blog"], ports, "old")) == 1


def test_fast_pages_and_other_sites_are_not_asked(ports):
    assert told(*ports, seconds=0.01) == []
    assert told(*ports, sites=("docs",)) == []


def test_a_live_server_that_is_down_is_compared_with_nothing(ports):
    assert told(ports[0], 9) == []

"""The prober survives whatever a candidate answers, and says in one word what it was."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from plugins.module_utils.evenkeel import probe as probes
from plugins.module_utils.evenkeel.probe import Expect, Probe
from plugins.module_utils.evenkeel.prober import MAX_BODY, Prober


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, str, bytes]]] = []
    connections: ClassVar[set[object]] = set()

    def do_GET(self):
        Handler.connections.add(self.connection)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Handler.seen.append((self.command, self.path, self.headers["Host"], body))
        getattr(self, "_" + self.path.strip("/").split("?")[0].replace("-", "_"), self._hello)()

    do_POST = do_HEAD = do_GET

    def _send(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _hello(self):
        self._send(200, b"hello " + self.headers["Host"].encode(), ("X-Twice", "a"), ("x-twice", "b"))

    def _moved(self):
        self._send(302, b"", ("Location", "/hello"))

    def _large(self):
        self._send(200, b"x" * (MAX_BODY + 10))

    def _hangs(self):
        time.sleep(3)

    def _drips(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(30):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def _closes(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _garbage(self):
        self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
        self.close_connection = True

    def log_message(self, *what):
        pass


@pytest.fixture(scope="module")
def port():
    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


def ask(port, *paths, timeout_s=5.0, threads=8, **fields):
    asked = [Probe("blog", path, "blog.example", path, Expect((200,)), **fields) for path in paths]
    return Prober(port, timeout_s=timeout_s, threads=threads).ask(asked)


def test_answers_come_in_the_order_of_the_probes(port):
    answers = ask(port, *("/%d" % number for number in range(50)))
    assert [answer.status for answer in answers] == [200] * 50
    assert answers[0].body == b"hello blog.example"


def test_repeated_headers_are_joined_under_one_name(port):
    assert ask(port, "/")[0].headers["x-twice"] == "a, b"


def test_a_redirect_is_not_followed(port):
    answer = ask(port, "/moved")[0]
    assert (answer.status, answer.headers["location"]) == (302, "/hello")


def test_connections_are_kept(port):
    Handler.connections.clear()
    ask(port, *["/"] * 20, threads=1)
    assert len(Handler.connections) == 1


def test_a_body_and_headers_are_sent(port):
    ask(port, "/form", method="POST", body="größe=1", headers={"Content-Type": "text/plain"})
    assert ("POST", "/form", "blog.example", "größe=1".encode()) in Handler.seen


def test_a_head_request_has_no_body(port):
    assert ask(port, "/", method="HEAD")[0].body == b""


def test_no_more_than_a_mebibyte_is_read_and_the_next_probe_is_answered(port):
    large, after = ask(port, "/large", "/", threads=1)
    assert len(large.body) == MAX_BODY
    assert after.status == 200


@pytest.mark.parametrize("path", ["/hangs", "/drips"])
def test_an_answer_that_takes_too_long_is_a_timeout_however_it_drips(port, path):
    began = time.monotonic()
    assert ask(port, path, timeout_s=0.5)[0].error == probes.TIMEOUT
    assert time.monotonic() - began < 2


def test_a_site_that_hangs_twice_is_not_asked_again(port):
    began = time.monotonic()
    answers = ask(port, *["/hangs"] * 20, timeout_s=0.3, threads=1)
    assert {answer.error for answer in answers} == {probes.TIMEOUT}
    assert time.monotonic() - began < 2


def test_a_pool_that_hangs_is_given_up_and_says_so(port):
    asked = [Probe("s%d" % number, "p", "s.example", "/hangs", Expect((200,))) for number in range(60)]
    errors = [answer.error for answer in Prober(port, timeout_s=0.2).ask(asked)]
    assert errors.count(probes.TIMEOUT) >= 40
    assert probes.SKIPPED in errors


def test_a_site_that_hung_is_not_asked_by_a_later_call_unless_anew(port):
    prober = Prober(port, timeout_s=0.3)
    hanging, well = (Probe("blog", path, "s.example", path, Expect((200,))) for path in ("/hangs", "/hello"))
    prober.ask([hanging] * 2)
    assert prober.ask([well])[0].error == probes.TIMEOUT
    assert prober.anew().ask([well])[0].status == 200


def test_a_connection_closed_without_an_answer_is_a_reset(port):
    assert ask(port, "/closes")[0].error == probes.RESET


def test_bytes_that_are_not_http_are_broken(port):
    assert ask(port, "/garbage")[0].error == probes.BROKEN


def test_nobody_listening_is_refused():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert ask(free.getsockname()[1], "/")[0].error == probes.REFUSED


def test_a_path_that_cannot_be_sent_ends_nothing(port):
    assert ask(port, "/with space")[0].error == probes.BROKEN


def test_no_probes_need_no_server():
    assert Prober(1).ask([]) == []

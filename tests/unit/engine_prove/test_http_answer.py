"""The reader of answers says what Python's own says, is held up by nobody, and takes nothing for an answer that is none."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.module_utils.evenkeel.http_answer import MAX_FIELDS, MAX_HEAD, Answers, NotHttp, Received

MOST = 1000


def fed(data: bytes, step: int = 1 << 16) -> Answers:
    """A reader of a connection on which `data` comes, `step` bytes at a time, and which then ends."""
    stream = io.BytesIO(data)
    return Answers(lambda most: stream.read(min(most, step)))


def read(data: bytes, method: str = "GET", step: int = 1 << 16) -> Received:
    return fed(data, step).read(method, MOST)


def answer(*fields: str, status: str = "200 OK", version: str = "1.1", body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/{version} {status}", *fields, "", ""]).encode("latin-1") + body


class Wire:
    """What http.client takes for a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._data)


def by_python(data: bytes, method: str) -> tuple[int, dict[str, list[str]], bytes, bool]:
    response = http.client.HTTPResponse(Wire(data), method=method)  # type: ignore[arg-type]
    response.begin()
    headers: dict[str, list[str]] = {}
    for name, value in response.getheaders():
        headers.setdefault(name.lower(), []).append(value.strip(" \t"))
    bodiless = method == "HEAD" or response.status in (204, 304)
    body = b""
    while len(body) < MOST and not bodiless:  # it would look for chunks even there
        part = response.read(MOST - len(body))
        if not part:
            break
        body += part
    return response.status, headers, body, not response.will_close and (bodiless or response.isclosed())


names = st.sampled_from(["X-One", "x-one", "Server", "ETag", "Connection", "Vary", "Keep-Alive"])
values = st.one_of(
    st.sampled_from(["close", "keep-alive", "Keep-Alive, Upgrade", "", "a, b", '"e:1"', "\u00e9t\u00e9"]),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30),
)
plain_bodies = st.binary(max_size=1500)


@st.composite
def framed(draw: Any) -> tuple[list[str], bytes]:
    """Fields that say how long the body is, and the body as it comes over the wire."""
    body = draw(plain_bodies)
    kind = draw(st.sampled_from(["length", "chunked", "until closed"]))
    if kind == "length":
        return [f"Content-Length: {len(body)}"], body
    if kind == "until closed":
        return [], body
    sizes = draw(st.lists(st.integers(1, 400), min_size=1, max_size=6))
    wire, at = b"", 0
    for size in sizes:
        part = body[at : at + size]
        at += size
        if part:
            extension = draw(st.sampled_from([b"", b";a=b", b' ; c="d"']))
            wire += b"%x%s\r\n%s\r\n" % (len(part), extension, part)
    trailer = draw(st.sampled_from([b"", b"X-Sum: 1\r\n"]))
    return ["Transfer-Encoding: chunked"], wire + b"0\r\n" + trailer + b"\r\n"


@given(
    frame=framed(),
    fields=st.lists(st.tuples(names, values), max_size=8),
    status=st.sampled_from(["200 OK", "204 No Content", "304 Not Modified", "404", "500 Oh \u00e9", "999 x"]),
    version=st.sampled_from(["1.1", "1.0"]),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    step=st.sampled_from([1, 2, 3, 7, 1 << 16]),
    again=st.booleans(),
)
@settings(max_examples=400)
def test_it_reads_what_pythons_own_reader_reads(frame, fields, status, version, method, step, again):
    length, body = frame
    bodiless = method == "HEAD" or status.startswith(("204", "304"))
    interim = "HTTP/1.1 100 Continue\r\n\r\n" if again else ""
    head = [f"{name}: {value}" for name, value in fields] + length
    data = interim.encode() + answer(*head, status=status, version=version, body=b"" if bodiless else body)
    got = read(data, method, step)
    wanted_status, wanted_headers, wanted_body, wanted_kept = by_python(data, method)
    assert (got.status, got.body) == (wanted_status, wanted_body)
    assert got.headers == {name: ", ".join(found) for name, found in wanted_headers.items()}
    assert got.kept <= wanted_kept or len(wanted_headers["connection"]) > 1  # Python looks at the first one alone


@given(
    data=st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda tail: answer("A: b") + tail)),
    step=st.integers(1, 50),
)
@settings(max_examples=300)
def test_whatever_comes_is_an_answer_or_is_refused_in_order(data, step):
    try:
        got = read(data, step=step)
    except (NotHttp, ConnectionResetError):
        return
    assert len(got.body) <= MOST


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b",
        answer("no colon"),
        answer(": no name"),
        answer("blank : before the colon"),
        answer("Content-Length: -1"),
        answer("Content-Length: 1, 2"),
        answer("Content-Length: 1_0", body=b"0123456789"),
        answer("Transfer-Encoding: chunked", body=b"zz\r\n"),
        answer("Transfer-Encoding: chunked", body=b"5\r\nhello"),
        answer("Transfer-Encoding: chunked", body=b"5\r\nhelloX\r\n0\r\n\r\n"),
        answer("Transfer-Encoding: chunked", body=b"5" + b"0" * 5000),
        answer("Transfer-Encoding: chunked", body=b"0\r\n" + b"A: b\r\n" * MAX_HEAD),
        answer(*["A: b"] * (MAX_FIELDS + 1)),
        answer("A: " + "b" * MAX_HEAD),
        answer(status="101 Switching Protocols"),
        answer(status="103 Early Hints") * 50,
    ],
)
def test_what_is_no_answer_is_said_to_be_none(data):
    with pytest.raises(NotHttp):
        read(data)


def test_a_head_that_never_ends_is_given_up():
    given_out = 0

    def flood(most: int) -> bytes:
        nonlocal given_out
        given_out += most
        return (b"HTTP/1.1 200 OK\r\n" if given_out == most else b"") + b"a" * 1000

    with pytest.raises(NotHttp):
        Answers(flood).read("GET", MOST)


def test_a_stranger_who_waits_for_us_to_speak_is_not_waited_for():
    said = iter([b"220 mail"])
    with pytest.raises(NotHttp):
        Answers(lambda most: next(said)).read("GET", MOST)


def test_silence_is_a_reset_and_not_an_answer():
    with pytest.raises(ConnectionResetError):
        read(b"")


def test_answers_of_one_connection_come_one_after_the_other():
    stream = iter([answer("Content-Length: 2", body=b"ab"), answer("Transfer-Encoding: chunked", body=b"1\r\nc\r\n0\r\n\r\n")])
    answers = Answers(lambda most: next(stream))
    assert [answers.read("GET", MOST).body for _ in range(2)] == [b"ab", b"c"]


@pytest.mark.parametrize(
    ("data", "method", "kept"),
    [
        (answer("Content-Length: 2", body=b"ab"), "GET", True),
        (answer("Content-Length: 2, 2", body=b"ab"), "GET", True),
        (answer("Content-Length: 2"), "HEAD", True),
        (answer(status="204 No Content"), "GET", True),
        (answer("Content-Length: 2", "Connection: close", body=b"ab"), "GET", False),
        (answer("Content-Length: 2", version="1.0", body=b"ab"), "GET", False),
        (answer("Content-Length: 2", body=b"ab and what nobody asked for"), "GET", False),
        (answer("Content-Length: 3", body=b"ab"), "GET", False),
        (answer("Content-Length: 2", "Transfer-Encoding: chunked", body=b"1\r\na\r\n0\r\n\r\n"), "GET", False),
        (answer("Transfer-Encoding: gzip", body=b"abc"), "GET", False),
        (answer(f"Content-Length: {MOST}", body=b"x" * MOST), "GET", True),
        (answer(f"Content-Length: {MOST + 1}", body=b"x" * (MOST + 1)), "GET", False),
        (answer("Transfer-Encoding: chunked", body=b"5DC\r\n" + b"x" * 1500 + b"\r\n0\r\n\r\n"), "GET", False),
    ],
)
def test_a_connection_is_kept_only_where_the_answer_was_read_to_its_end(data, method, kept):
    got = read(data, method)
    assert got.kept is kept
    assert len(got.body) <= MOST


def test_a_field_that_goes_on_in_the_next_line_is_one_field():
    assert read(answer("A: b,", "  c", "Content-Length: 0")).headers["a"] == "b, c"

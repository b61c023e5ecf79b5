"""Lines that HAProxy takes without a word, and that visitors pay for."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.module_utils.evenkeel import edge_policy, haproxy_lines
from plugins.module_utils.evenkeel.manifest import EDGE, Manifest
from plugins.module_utils.evenkeel.release import Release
from tests.templates.builders import static_site

from .builders import compiled, text

GOOD = """
global
  maxconn 4000
defaults
  option redispatch
  timeout connect 1s
  timeout client 60s
  timeout server 70s
frontend visitors
  bind :80
backend web
  option httpchk
  default-server check inter 500ms fall 2
  server web1 192.0.2.11:80 maxconn 200
"""


def told(tmp_path: Path, candidate: str, live: str = GOOD) -> list[str]:
    made = []
    for name, config in (("live", live), ("candidate", candidate)):
        folder = tmp_path / name / "haproxy"
        folder.mkdir(parents=True)
        (folder / "haproxy.cfg").write_text(config)
        made.append(Release(name, str(folder.parent), Manifest("edge", (), {}, {}, EDGE), {}))
    return [failure.got for failure in edge_policy.check(*made)]


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("timeout connect 1s", "timeout connect 50", "too short"),
        ("timeout server 70s", "timeout server 70", "too short"),
        ("timeout connect 1s", "timeout connect 5m", "too long"),
        ("maxconn 4000", "maxconn 20", "too few"),
        ("maxconn 200", "maxconn 1", "too few"),
        ("inter 500ms fall 2", "inter 60s fall 10", "would get visitors for 600 s"),
        ("server web1", "server web1 observe layer7 on-error mark-down", "all others"),
        ("option redispatch", "retries 0\n  option redispatch", "another host"),
        ("option redispatch", "option redispatch\n  retry-on 500", "500 asks again"),
        ("bind :80", "bind :80\n  http-request deny if { sc_http_req_rate(0) gt 200 }", "an office"),
        ("bind :80", "bind :80\n  http-request set-path %[url]", "would follow once more"),
        ("bind :80", "bind :80\n  http-request set-path /api%[pathq,lower] if { path_beg /v1 }", "would follow once more"),
        ("bind :80", "bind :80\n  tcp-request connection reject if { sc_conn_cur(0) gt 4 }", "at least 60"),
        ("bind :80", "bind :80\n  http-request del-header Cookie", "logins and baskets would be lost"),
        ("bind :80", "bind :80\n  option httpclose", "a connection of its own"),
        ("bind :80", "bind :80\n  http-request set-query %[query,lower]", "would not be what they were"),
        ("option httpchk", "option httpchk\n  http-check expect status 200-599", "answers 500 would keep its visitors"),
        ("option httpchk", "option httpchk\n  http-check expect rstatus ^[2-5]", "answers 500 would keep its visitors"),
        ("option httpchk", "option httpchk\n  http-check expect ! status 500", "answers 502 would keep its visitors"),
        ("bind :80", "bind :80\n  stats enable", "who is behind it"),
        ("maxconn 4000", "maxconn 4000\n  stats socket ipv4@*:9999 level admin", "steer"),
        ("maxconn 4000", "maxconn 4000\n  tune.bufsize 1024", "cut off"),
        ("  option redispatch\n", "", "defaults lost `option redispatch`"),
        ("  option httpchk\n", "", "backend web lost `option httpchk`"),
        ("  timeout client 60s\n", "", "nothing says `timeout client`"),
    ],
)
def test_a_line_that_visitors_pay_for_is_told(tmp_path: Path, line: str, instead: str, said: str) -> None:
    assert line in GOOD
    (got,) = told(tmp_path, GOOD.replace(line, instead))
    assert got.startswith("haproxy/haproxy.cfg") and said in got


def test_a_strict_rule_for_one_path_is_content(tmp_path: Path) -> None:
    rule = "http-request deny if { path /login } { sc_http_req_rate(0) gt 20 }"
    assert told(tmp_path, GOOD.replace("bind :80", "bind :80\n  " + rule)) == []


def test_a_header_that_one_path_does_without_is_content(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD.replace("bind :80", "bind :80\n  http-request del-header Cookie if { path_beg /media }")) == []


@pytest.mark.parametrize(
    "said", ["set-path %[path,lower]", "set-path %[url,regsub(\\?.*,,)]", "set-pathq %[url]", "set-uri %[url]"]
)
def test_an_address_that_is_rewritten_with_care_is_content(tmp_path: Path, said: str) -> None:
    assert told(tmp_path, GOOD.replace("bind :80", "bind :80\n  http-request " + said)) == []


@pytest.mark.parametrize("said", ["status 200", "status 200-399", "rstatus ^2[0-9]{2}$", "! rstatus ^5", "string alive"])
def test_a_check_that_errors_do_not_pass_is_content(tmp_path: Path, said: str) -> None:
    assert told(tmp_path, GOOD.replace("option httpchk", "option httpchk\n  http-check expect " + said)) == []


def test_what_live_has_too_is_nobody_s_regression(tmp_path: Path) -> None:
    old = GOOD.replace("timeout connect 1s", "timeout connect 50ms")
    assert told(tmp_path, old + "# reviewed\n", old) == []


def test_what_the_compiler_writes_is_content(tmp_path: Path) -> None:
    ours = text(compiled(static_site()), "haproxy/haproxy.cfg")
    assert told(tmp_path, ours, "") == []


@pytest.mark.parametrize(("text_", "value"), [("10", 0.01), ("10s", 10), ("2m", 120), ("1h", 3600), ("x", None)])
def test_times_are_read_as_haproxy_does(text_: str, value: float | None) -> None:
    assert haproxy_lines.seconds(text_) == value

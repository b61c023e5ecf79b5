"""A fleet in figures: what Prometheus would have collected, second by second, for its own unit tests of rules."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from .rendered import rules
from .tools import program

Figure = Callable[[int], float]  # the value at so many seconds; NaN where there is no sample
Series = Mapping[str, Figure]

SITES = 10
FINE_S = 20 * 60  # what takes longer is looked at once a minute, which is how often budgets are


def always(value: float) -> Figure:
    return lambda at: value


def counting(a_second: float, since: int = 0, until: float = math.inf) -> Figure:
    """A counter that grows by so much a second, from one moment to another."""
    return lambda at: a_second * max(0.0, min(at, until) - since)


def fails(since: int, until: float = math.inf) -> Figure:
    """1 for well, 0 between two moments."""
    return lambda at: 0.0 if since <= at < until else 1.0


def answers(good: Figure, bad: Figure, proxy: str = "web") -> dict[str, Figure]:
    """What a balancer has counted of a pool's answers."""
    name = 'haproxy_backend_http_responses_total{%s,job="haproxy",proxy="%s",code="%%s"}' % (host("edge1", "edge"), proxy)
    return {name % "2xx": good, name % "5xx": bad}


def sites(figure: Figure, numbers: range = range(SITES), metric: str = "probe_success", pool: str = "web") -> dict[str, Figure]:
    labels = 'environment="acme",host="mon1",group="monitoring",job="site",pool="%s",site="site%d"'
    return {f"{metric}{{{labels % (pool, number)}}}": figure for number in numbers}


def of_host(
    metric: str, figure: Figure, name: str = "web1", group: str = "web", labels: str = "", job: str = "node"
) -> dict[str, Figure]:
    """One figure of one host."""
    return {f'{metric}{{{host(name, group)},job="{job}"{"," + labels if labels else ""}}}': figure}


def host(name: str, group: str) -> str:
    return f'environment="acme",host="{name}",group="{group}"'


def well(touched: str = "shop, blog") -> dict[str, Figure]:
    """Two web hosts, a backup and a balancer with ten requests a second; nothing is wrong."""
    found = {**answers(counting(10), always(0)), **sites(always(1)), **sites(always(0.1), metric="probe_duration_seconds")}
    found |= sites(always(90 * 86400), metric="probe_ssl_earliest_cert_expiry")
    found |= of_host("probe_success", always(1), "mon1", "monitoring", 'instance="192.0.2.80:443"', "address")
    for name, group in (("web1", "web"), ("web2", "web"), ("backup1", "web_backup"), ("edge1", "edge")):
        found |= of_host("up", always(1), name, group)
        found |= of_host("evenkeel_confirmed", always(1), name, group)
        found |= of_host("evenkeel_deadline_timestamp_seconds", always(0), name, group)
        found |= of_host("evenkeel_metrics_timestamp_seconds", lambda at: at - at % 15, name, group)
        found |= of_host("evenkeel_drift", always(0), name, group, 'kind="changed"')
        release = "cccccccccccc" if group == "edge" else "aaaaaaaaaaaa"
        tier = 'tier="edge",pool="edge"' if group == "edge" else 'tier="web",pool="web"'
        found |= of_host("evenkeel_release_info", always(1), name, group, f'{tier},release="{release}"')
    return found | rollout(touched=touched) | of_host("up", always(1), "edge1", "edge", job="haproxy")


def rollout(outcome: str = "confirmed", touched: str = "shop, blog") -> dict[str, Figure]:
    labels = f'rollout="r-1",actor="anna",commit="4f2a",outcome="{outcome}",release="aaaaaaaaaaaa",sites="{touched}"'
    return {
        **of_host("evenkeel_rollout_info", always(1), labels=labels),
        **of_host("evenkeel_rollout_timestamp_seconds", always(30)),
    }


def server(state: str, figure: Figure, name: str = "web1") -> dict[str, Figure]:
    """How a balancer's check finds a web host."""
    return of_host("haproxy_server_status", figure, "edge1", "edge", f'proxy="web",server="{name}",state="{state}"', "haproxy")


def check(folder: Path, series: Series, at: int, **tests: Any) -> None:
    """Has promtool compare what it finds at `at` seconds with `tests`; AssertionError with its words where they differ."""
    step = 5 if at <= FINE_S else 60
    listed = [{"series": name, "values": _values(figure, at, step)} for name, figure in series.items()]
    case = {"interval": f"{step}s", "input_series": listed, **tests}
    document = {"rule_files": list(map(str, rules(folder))), "evaluation_interval": f"{step}s", "tests": [case]}
    path = folder / "case.test.yml"
    path.write_text(yaml.safe_dump(document))
    done = subprocess.run([program("promtool"), "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def firing(at: int, expected: Mapping[str, str], count: Mapping[str, int]) -> dict[str, Any]:
    """The test that exactly these alerts fire, by name and severity; of a name one, unless `count` says how many."""
    samples = [
        {"labels": f'{{alertname="{name}",severity="{severity}"}}', "value": count.get(name, 1)}
        for name, severity in expected.items()
    ]
    expression = 'count by (alertname, severity) (ALERTS{alertstate="firing",alertname!="Watchdog"})'
    return {"promql_expr_test": [{"expr": expression, "eval_time": f"{at}s", "exp_samples": samples}]}


def _values(figure: Figure, until: int, step: int) -> str:
    found = [figure(at) for at in range(0, until + step, step)]
    return " ".join("_" if math.isnan(value) else f"{value:g}" if value < 1e5 else f"{value:.3f}" for value in found)

"""What the roles write for Prometheus and the exporters, without a host."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible.plugins.filter import core

from tests.unit.alerts.tools import ROOT, program

PEERS = {"monitoring_peers": ["192.0.2.32", "192.0.2.33"], "monitoring_address": "192.0.2.31"}


def render(role: str, template: str, **given: Any) -> str:
    """A template of a role with its defaults; a name that is not there is an error."""
    folder = ROOT / "roles" / role
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(core.FilterModule().filters())
    defaults = yaml.safe_load((folder / "defaults" / "main.yml").read_text())
    return environment.get_template(template).render({**defaults, **given})


def prometheus(**given: Any) -> str:
    named = {"monitoring_environment": "acme", "monitoring_host": "mon1", "__monitoring_site_interval_s": "30"}
    return render("monitoring", "etc/prometheus/prometheus.yml.j2", **named, **given)


@pytest.mark.parametrize("given", [{}, {"monitoring_haproxy_interval_s": 1, "__monitoring_site_interval_s": "5"}])
def test_prometheus_accepts_whom_it_is_told_to_ask(tmp_path: Path, given: dict[str, Any]) -> None:
    named = {"monitoring_environment": 'a"c: {', "monitoring_host": "mon1", "__monitoring_site_interval_s": "30", **given}
    (tmp_path / "prometheus.yml").write_text(render("monitoring", "etc/prometheus/prometheus.yml.j2", **named))
    command = [program("promtool"), "check", "config", "--syntax-only", str(tmp_path / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_balancers_are_looked_at_more_often_than_everything_else() -> None:
    read = yaml.safe_load(prometheus())
    jobs = {job["job_name"]: job for job in read["scrape_configs"]}
    assert (jobs["haproxy"]["scrape_interval"], jobs["address"]["scrape_interval"]) == ("5s", "5s")
    assert jobs["site"]["scrape_interval"] == "30s" and read["global"]["scrape_interval"] == "15s"


def test_every_job_reads_a_file_that_is_compiled() -> None:
    from plugins.module_utils.evenkeel_compiler.watch_targets import files

    read = {Path(job["file_sd_configs"][0]["files"][0]).name for job in yaml.safe_load(prometheus())["scrape_configs"]}
    assert read == set(files("acme", (), (), (), "https"))


@pytest.mark.parametrize("given", [{}, PEERS], ids=["alone", "two"])
@pytest.mark.parametrize("name", ["prometheus", "prometheus-alertmanager", "prometheus-blackbox-exporter"])
def test_pages_of_monitoring_are_on_loopback(name: str, given: dict[str, Any]) -> None:
    arguments = render("monitoring", f"etc/default/{name}.j2", **given)
    assert "--web.listen-address=127.0.0.1:" in arguments and arguments.count("--web.listen-address") == 1


def test_alertmanagers_speak_to_each_other_only_with_their_key() -> None:
    alone, two = (render("monitoring", "etc/default/prometheus-alertmanager.j2", **given) for given in ({}, PEERS))
    assert '--cluster.listen-address="' in alone
    assert "--cluster.listen-address=192.0.2.31:9094 --cluster.tls-config=" in two
    assert "--cluster.peer=192.0.2.32:9094 --cluster.peer=192.0.2.33:9094" in two
    assert "--cluster.peer-timeout=1s" in two  # whoever began last waits so long before each page


def test_alertmanagers_find_each_other_at_addresses_of_either_kind() -> None:
    given = {"monitoring_peers": ["2001:db8::32"], "monitoring_address": "2001:db8::31"}
    arguments = render("monitoring", "etc/default/prometheus-alertmanager.j2", **given)
    assert "--cluster.listen-address=[2001:db8::31]:9094" in arguments and "--cluster.peer=[2001:db8::32]:9094" in arguments


def test_alertmanager_begins_anew_once_its_certificate_changed() -> None:
    old, again, new = (
        render("monitoring", "etc/default/prometheus-alertmanager.j2", **PEERS, monitoring_cluster_certificate=certificate)
        for certificate in ("old", "old\n", "new")
    )
    assert old == again != new


def test_a_hosts_figures_are_shown_to_named_addresses() -> None:
    given = {"exporters_askers": ["192.0.2.31", "2001:db8::31"]}
    arguments = render("exporters", "etc/default/prometheus-exporter-exporter.j2", **given)
    assert "-allow.net=192.0.2.31/32 -allow.net=2001:db8::31/128" in arguments


def test_exporters_themselves_are_on_loopback() -> None:
    node = render("exporters", "etc/default/prometheus-node-exporter.j2")
    apache = render("exporters", "etc/default/prometheus-apache-exporter.j2", __exporters_apache_listen="--x")
    assert "--web.listen-address=127.0.0.1:9100" in node and "--x=127.0.0.1:9117" in apache

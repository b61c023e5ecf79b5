"""What it costs to watch: `python -m bench.eyes --sites 1000`. Processor and memory of the three programs on one monitoring host.

The sites are HAProxy on the same host, which answers each name with a page and a marker of its own, over TLS; its own cost is not
counted. Every site has its own module, which is the most that the blackbox exporter can have to do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plugins.module_utils.evenkeel_compiler import watch_build
from plugins.module_utils.evenkeel_compiler.watch_targets import WatchedHost

from . import bed

UNITS = ("prometheus", "prometheus-blackbox-exporter", "prometheus-alertmanager")
ADDRESS = "127.0.0.1"
DOMAIN = "eyes.example"
WORK = bed.CHECKOUT / "build" / "bench" / "eyes"
_FIGURES = """
for unit in %s; do
  pid=$(systemctl show -P MainPID $unit)
  echo $unit $(awk '{print $14 + $15}' /proc/$pid/stat) $(awk '/VmHWM/ {print $2}' /proc/$pid/status) $(getconf CLK_TCK)
done
""" % " ".join(UNITS)
_CONFIG = """
global
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend sites
  bind 127.0.0.1:443 ssl crt /run/eyes/all.pem
  http-request return status 200 content-type text/html lf-file /run/eyes/page.html
"""
_PAGE = "<h1>Welcome to %[req.hdr(host)]</h1>" + "<p>Nothing to see.</p>" * 300
_SITES = f"""
mkdir -p /run/eyes
cat > /run/eyes/all.pem
cat > /run/eyes/haproxy.cfg <<'END'
{_CONFIG}
END
cat > /run/eyes/page.html <<'END'
{_PAGE}
END
systemctl stop eyes-sites.service 2>/dev/null || true
systemctl reset-failed eyes-sites.service 2>/dev/null || true
systemd-run --unit=eyes-sites --quiet --property=LimitNOFILE=16384 haproxy -Ws -f /run/eyes/haproxy.cfg
"""


@dataclass(frozen=True)
class Cost:
    """One program: share of a processor, and the most memory it had, in MB."""

    cores: float
    megabytes: float


def main() -> int:
    options = _parser().parse_args()
    os.environ.setdefault("EVENKEEL_BED", "bench")
    try:
        result = measure(options.host, options.sites, options.seconds)
    except (bed.BenchFailed, subprocess.CalledProcessError) as failed:
        print(f"eyes | {failed}", file=sys.stderr)
        return 1
    (WORK / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.eyes", description="What it costs to watch sites.")
    parser.add_argument("--sites", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=180, help="how long to look, after two rounds of visits")
    parser.add_argument("--host", default="eyes1", help="a host of the test bed, which is set up for this and left running")
    return parser


def measure(host: str, sites: int, seconds: int) -> dict[str, Any]:
    """Set the host up, let it settle, and look."""
    known = bed.up([host])[host]
    interval_s = 60 if sites >= 2000 else 30
    watch = prepare(host, sites, str(known["ansible_host"]))
    set_up(host, known, watch, sites)
    time.sleep(2 * interval_s)
    before, began = figures(host), time.monotonic()
    time.sleep(seconds)
    after, took = figures(host), time.monotonic() - began
    well = sites_that_are_well(host)
    if well != sites:
        raise bed.BenchFailed(f"{well} of {sites} sites are found well; the figures would say nothing")
    costs = {unit: cost(before[unit], after[unit], took) for unit in UNITS}
    return {
        "sites": sites,
        "interval_s": interval_s,
        "seconds": round(took),
        "cores": round(sum(one.cores for one in costs.values()), 3),
        "megabytes": round(sum(one.megabytes for one in costs.values())),
        "load": os.getloadavg()[0],
        "programs": {unit: asdict(one) for unit, one in costs.items()},
    }


def prepare(host: str, sites: int, address: str) -> Path:
    """Start the sites, and compile what is watched, as a push does."""
    WORK.mkdir(parents=True, exist_ok=True)
    key, certificate = WORK / "certs/self-signed.key", WORK / "certs/self-signed.pem"
    key.parent.mkdir(exist_ok=True)
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    names = ["-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:*.{DOMAIN}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *names], check=True, capture_output=True)
    bed.on(host, _SITES, certificate.read_bytes() + key.read_bytes())
    shown = ("node", "prometheus", "alertmanager", "blackbox")
    itself = WatchedHost(host, address, "monitoring", 8406, shown)
    order = watch_build.WatchOrder("bench", release(sites), (itself,), (ADDRESS,), True, certificate.parent, WORK / "watch")
    watch_build.build(order)
    return order.path


def release(sites: int) -> Path:
    """A build's folder with what the compiler of targets reads of it."""
    names = {f"site{number}": f"site{number}.{DOMAIN}" for number in range(sites)}
    facts = {name: {"state": "active", "server_name": server} for name, server in names.items()}
    probes = {name: [_front_page(server)] for name, server in names.items()}
    folder = WORK / "release"
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"pool": "web", "sites": facts}))
    (folder / "probes.json").write_text(json.dumps({"sites": probes}))
    return folder


def _front_page(server: str) -> dict[str, Any]:
    expect = {"status": [200], "contains": [f"Welcome to {server}"], "lacks": ["<?php", "Index of /"]}
    return {"name": "front page", "host": server, "method": "GET", "path": "/", "headers": {}, "own": True, "expect": expect}


def set_up(host: str, known: dict[str, Any], watch: Path, sites: int) -> None:
    """Run the role, as playbooks/monitoring.yml does."""
    inventory = WORK / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": {host: known}}}))
    inventory.chmod(0o600)
    given = ["-e", json.dumps({"eyes_watch": str(watch), "eyes_sites": sites})]
    command = ["ansible-playbook", "-i", str(inventory), *given, str(bed.CHECKOUT / "bench" / "eyes.yml")]
    done = subprocess.run(command, cwd=bed.CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise bed.BenchFailed(f"the role did not come through: {done.stdout[-1500:]}{done.stderr[-500:]}")


def figures(host: str) -> dict[str, tuple[float, float]]:
    """By program: seconds of processor so far, and the most memory in MB."""
    found = {}
    for line in bed.on(host, _FIGURES).splitlines():
        unit, ticks, kibibytes, a_second = line.split()
        found[unit] = (int(ticks) / int(a_second), int(kibibytes) * 1024 / 1e6)
    return found


def cost(before: tuple[float, float], after: tuple[float, float], seconds: float) -> Cost:
    return Cost(round((after[0] - before[0]) / seconds, 4), round(after[1], 1))


def sites_that_are_well(host: str) -> int:
    """As Prometheus knows it."""
    asked = "http://127.0.0.1:9090/api/v1/query?query=" + "count(probe_success%7Bjob%3D%22site%22%7D%3D%3D1)"
    found = json.loads(bed.on(host, f"curl -sf '{asked}'"))["data"]["result"]
    return int(found[0]["value"][1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Journals of rollouts that deserve a report, and what a monitoring host may answer."""

from __future__ import annotations

from plugins.module_utils.evenkeel_record import rollout
from tests.unit.record.events import BEGAN, at, begin, compiled, end, failure, phase, reason, release

BACK = "Release 3f9c11aa20cd is live, and answers."
UNDONE = "Release 81aa0192ffe3 was live, failed, and was put back: shop.example/stock.php answered 500, wanted 200."
LIVE = "Make it live, to be undone by the host itself unless it is confirmed in time"
DRAIN = "Hold the balancers against other rollouts, and send the first hosts no more visitors"
LET_GO = "Let go of the balancers, and send visitors again to hosts that went back"


def reverted(*more):
    """A push whose release failed on web1 while no visitor was sent there: out from 6.0 s, back at 19.5 s."""
    proofs = [phase(4, host, "prepare", "Prove it", 3, outcome="proved", message="It answered.") for host in ("web1", "web2")]
    drains = [phase(6 - i / 10, f"edge{i + 1}", "begin", DRAIN, 1.5) for i in range(2)]
    broke = phase(10.5, "web1", "live", LIVE, 4.5, ok=False, outcome="reverted", message=UNDONE)
    said = failure("web1", [reason("shop", "stock")], UNDONE, phase="live", outcome="reverted", at=at(10.5))
    back = phase(16, "web1", "end", "Put back every host that was touched", 5, outcome="unchanged", message=BACK)
    let_go = [phase(19.5 - i / 10, f"edge{i + 1}", "end", LET_GO, 1.4) for i in range(2)]
    counted = {"at": at(19.6), "event": "requests", "asked": 2000, "failed": 130, "hosts": {"web1": [30, 2], "web2": [1970, 128]}}
    counted["before"] = [10000, 650]
    return [begin(), compiled(), release(("shop",)), *proofs, *drains, broke, said, *more, back, *let_go, counted, ended()]


def ended():
    return end("reverted", 19.7, message="reverted: release 81aa0192ffe3 was taken back from web1. It never was on web2.")


def shown():
    """The same, but balancers had sent web1 its visitors before."""
    return reverted(phase(12, "edge1", "ask", "Ask for every touched site, and send the hosts visitors again", 1))


def soaked():
    """Every probe was content, and visitors were not: live from 8 s to 10 s, visitors from 12 s, doubted at 22 s."""
    steps = [
        phase(6, "edge1", "begin", DRAIN, 1.5),
        phase(10, "web1", "live", LIVE, 2, outcome="live"),
        phase(12, "edge1", "ask", "Ask for every touched site, and send the hosts visitors again", 1),
        phase(22, "edge1", "soak", "Let visitors judge", 10),
        phase(23, "web1", "end", "Put back every host that was touched", 1, outcome="reverted", message=BACK),
        phase(24, "edge1", "end", LET_GO, 1),
    ]
    counted = {"at": at(25), "event": "requests", "asked": 300, "failed": 17, "hosts": {"web1": [128, 17]}, "before": [0, 0]}
    return [begin(), compiled(), release(("shop",)), *steps, counted, ended()]


def killed():
    """The controller died once the proof was over."""
    return [begin(), compiled(), release(("shop",)), phase(4, "web1", "prepare", "Prove it", 3, outcome="proved")]


def told(events):
    return rollout.from_events(events)


def matrix(*rows):
    """Prometheus' answer; each row is labels and pairs of seconds after BEGAN and value."""
    found = [{"metric": labels, "values": [[BEGAN + when, str(value)] for when, value in samples]} for labels, samples in rows]
    return {"status": "success", "data": {"resultType": "matrix", "result": found}}


def outage():
    """Every request fails from 100 s to 130 s, on top of one of twenty that always does; an alert at 120 s, told at 125 s."""
    times = range(-600, 305, 5)
    total, errors, good, bad = 0, 0, [], []
    for when in times:
        broken = 100 < when <= 130
        total, errors = total + (0 if broken else 95), errors + (100 if broken else 5)
        good.append((when, total))
        bad.append((when, errors))
    return {
        "alerts": matrix(
            ({"alertname": "SitesFailing", "severity": "page"}, [(when, 1) for when in range(120, 145, 5)]),
            ({"alertname": "SitesFailing", "severity": "page", "pool": "b"}, [(when, 1) for when in range(125, 150, 5)]),
        ),
        "responses": matrix(({"code": "2xx"}, good), ({"code": "5xx"}, bad)),
        "failing": matrix(({"site": "shop"}, [(110, 0), (125, 0)]), ({"site": "old"}, [(-5, 0), (0, 0), (110, 0)])),
        "notified": matrix(({}, [(when, 3 if when < 125 else 4) for when in times])),
    }

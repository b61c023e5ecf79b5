"""Journals to try pages with: one that is real in form, and one that is as bad as it can be."""

from __future__ import annotations

from plugins.module_utils.evenkeel_record.moment import stamp

BEGAN = 1795390259.0
MESSAGE = "Kept release 3f9c11aa20cd; candidate 81aa0192ffe3 rejected: blog.example/ answered 500, wanted 200"
CAUSE = "PHP Fatal error: Failed opening required 'class-wp-locale.phpp' in /srv/www/blog/public/wp-settings.php:156"
DIFF = """--- settings/blog/wp-settings.php
+++ settings/blog/wp-settings.php
@@ -154,5 +154,5 @@
 require ABSPATH . WPINC . '/l10n.php';
-require ABSPATH . WPINC . '/class-wp-locale.php';
+require ABSPATH . WPINC . '/class-wp-locale.phpp';
 require ABSPATH . WPINC . '/class-wp-locale-switcher.php';
"""
HOSTS = ("web1", "web2", "web3", "web4")


def at(seconds):
    return stamp(BEGAN + seconds)


def begin(**more):
    facts = {
        "environment": "example",
        "rollout": "20261122T233059Z-81aa01",
        "playbook": "push",
        "actor": "anna",
        "commit": "3f9c0a1",
    }
    return {"at": at(0), "event": "begin", **facts, "options": {"soak_s": "5"}, **more}


def phase(end, host, stem, title, seconds, **more):
    said = {"phase": stem, "title": title, "host": host, "seconds": seconds, "changed": True, "ok": True, "message": ""}
    return {"at": at(end), "event": "phase", **said, **more}


def release(touched=("blog",), sites=8, **more):
    named = {"pool": "web", "tier": "web", "release": "81aa0192ffe3", "before": "3f9c11aa20cd", "sites": sites}
    return {"at": at(2), "event": "release", **named, "touched": list(touched), "added": [], "removed": [], **more}


def diff(site="blog", path="settings/blog/wp-settings.php", text=DIFF, note=""):
    return {"at": at(2), "event": "diff", "site": site, "path": path, "diff": text, "note": note}


def reason(site="blog", probe="front page", **more):
    said = {"url": f"{site}.example/", "expected": "200", "got": "answered 500", "guard": "status", "cause": [CAUSE]}
    return {"site": site, "probe": probe, **said, **more}


def failure(host="web1", reasons=(), message=MESSAGE, **more):
    said = {"host": host, "phase": "prepare", "outcome": "rejected", "message": message, "failures": list(reasons), "more": 0}
    return {"at": at(4), "event": "failure", **said, **more}


def end(outcome="rejected", seconds=4.2, **more):
    message = f"rejected: nothing of it went live; every host serves what it served. {MESSAGE}. Push again once that is seen to."
    said = {"outcome": outcome, "release": "81aa0192ffe3", "message": message, "seconds": seconds, "held_back": []}
    return {"at": at(seconds), "event": "end", **said, **more}


def compiled():
    return phase(0.5, "controller", "compile", "Check and render the truth on the controller, before any host is asked", 0.4)


def rejected():
    """A push that a probe refused on each of four hosts."""
    proofs = [
        phase(3 + i / 5, host, "prepare", "Prove the release in a twin", 2.1, ok=False, outcome="rejected")
        for i, host in enumerate(HOSTS)
    ]
    return [begin(), compiled(), release(), diff(), *proofs, *(failure(host, [reason()]) for host in HOSTS), end()]


def published():
    """A push over four hosts in two batches, with two balancers."""
    found = [begin(), compiled(), release(("blog", "shop", "docs"), 40), diff(), diff("shop", "apache2/sites/shop.conf")]
    found.append(diff("shop", "settings/shop/keys.php", "", "holds secrets, not shown"))
    found += [phase(3.1, host, "prepare", "Prove the release in a twin", 2.4, outcome="proved") for host in HOSTS]
    for batch, start in ((HOSTS[:1], 3.3), (HOSTS[1:], 11.0)):
        found += [phase(start + 1.5, edge, "judge", "Send the hosts no more visitors", 1.4) for edge in ("edge1", "edge2")]
        found += [
            phase(start + 2.6, host, "live", "Make it live", 1.0, outcome="live", message="Release is live.") for host in batch
        ]
        found += [phase(start + 3, host, "hear", "Hear from all hosts that have it", 0.3) for host in batch]
        found += [phase(start + 6.8, edge, "soak", "Let visitors judge", 3.6) for edge in ("edge1", "edge2")]
    found += [phase(19, host, "settle", "Confirm", 0.4, outcome="confirmed") for host in HOSTS]
    found.append({"at": at(19.2), "event": "requests", "asked": 18432, "failed": 0, "hosts": {}})
    return [
        *found,
        end(
            "published", 19.4, message="published: Release 81aa0192ffe3 is live and verified: 3 sites changed. Confirmed on web1."
        ),
    ]


def huge(sites=1000, hosts=40):
    """Everything at once: a thousand sites that fail on many hosts, and a difference of each."""
    names = [f"customer-{i:04d}" for i in range(sites)]
    found = [begin(), release(names, sites)]
    found += [diff(name, f"apache2/sites/{name}.conf", DIFF * 8) for name in names]
    for i in range(hosts):
        found.append(phase(4, f"web{i}", "prepare", "Prove", 3, ok=False, outcome="rejected", message=MESSAGE))
        found.append(failure(f"web{i}", [reason(name) for name in names[:200]], more=sites - 200))
    return [*found, end()]


HOSTILE = "<script>alert('x')</script>\x1b[31m\x00\u202e\ud800\"'>{{ 7*7 }}</style></title><img src=x onerror=alert(1)>"


def hostile():
    """A tenant, a server and a person who do their worst, in every place there is."""
    found = [
        begin(actor=HOSTILE, commit=HOSTILE, environment=HOSTILE, rollout=HOSTILE, playbook=HOSTILE, options={HOSTILE: HOSTILE}),
        release((HOSTILE,), before=HOSTILE),
        diff(HOSTILE, HOSTILE, "--- a\n+++ b\n@@ -1 +1 @@\n-" + HOSTILE + "\n+" + HOSTILE, HOSTILE),
        phase(2, HOSTILE, HOSTILE, HOSTILE, 1e308, ok=False, outcome=HOSTILE, message=HOSTILE),
        failure(HOSTILE, [reason(HOSTILE, HOSTILE, url=HOSTILE, expected=HOSTILE, got=HOSTILE, cause=[HOSTILE])]),
        {"at": at(3), "event": "more", "sites": -5, "files": "many", "why": HOSTILE},
        {"at": "yesterday", "event": "requests", "asked": float("nan"), "failed": None},
        {"at": at(3), "event": "something new", "touched": 7},
        {"event": "failure", "failures": "none", "host": None},
        {"event": "phase", "seconds": "long", "at": 12},
    ]
    return [*found, end(message=HOSTILE, held_back=[HOSTILE])]

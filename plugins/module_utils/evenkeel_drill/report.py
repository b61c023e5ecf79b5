"""What visitors saw of a drill, fault by fault, as data and as a page. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .faults import BY_NAME, SLOW_S
from .judge import Strike, breaches, ending, noticed, sharpened, silence_s
from .visits import Visit, between

COLUMNS = "fault|struck|at|asked|GETs lost|others lost|slow|slowest|last noticed|silence|answered by".split("|")
LEGEND = f"""Slow is longer than {SLOW_S:g} s. *Last noticed*: so long after the fault was felt first, the last request began that
failed or was slow. *Silence* is the longest time in which nobody got a right answer."""


def strike_of(data: Mapping[str, Any]) -> Strike:
    """From plain data, as a playbook keeps it. KeyError where something lacks."""
    times = {name: float(data[name]) for name in ("began", "struck", "undoing", "undone")}
    return Strike(BY_NAME[data["fault"]], tuple(data["hosts"]), site=str(data.get("site") or ""), **times)


def seen(visits: Sequence[Visit], strike: Strike, patience: float, also: Iterable[str] = ()) -> dict[str, Any]:
    """Figures of one fault; `also` are sentences of others about it. Visits of the tenant that fails are left out."""
    met = between(visits, strike.began, ending(strike))
    wrong = [*also, *breaches(met, strike, patience)]
    others = [visit for visit in met if visit.site != strike.site]
    felt = [visit.at for visit in others if noticed(visit) and visit.at <= strike.undoing]
    struck = sharpened(strike, others).struck
    return {
        "fault": strike.fault.name,
        "title": strike.fault.title,
        "hosts": list(strike.hosts),
        "at": datetime.fromtimestamp(strike.began, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lasted_s": round(strike.undone - strike.began, 1),
        "asked": len(others),
        "lost": dict(Counter(visit.outcome for visit in others if not visit.good)),
        "lost_gets": sum(not visit.good and visit.method == "GET" for visit in others),
        "lost_others": sum(not visit.good and visit.method != "GET" for visit in others),
        "slow": sum(visit.good and visit.took_s > SLOW_S for visit in others),
        "slowest_s": round(max((visit.took_s for visit in others), default=0.0), 2),
        "noticed_until_s": round(max(0.0, max(felt) - struck), 2) if felt else 0.0,
        "silence_s": round(silence_s(others, strike.began, ending(strike)), 2),
        "answered_by": dict(Counter(visit.server or "unknown" for visit in others if visit.good)),
        "wrong": wrong,
    }


def page(environment: str, rows: Sequence[Mapping[str, Any]], patience: float) -> str:
    """The report in Markdown."""
    lines = [f"# Drill of {environment}, {rows[0]['at']}" if rows else f"# Drill of {environment}", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in rows]
    lines += ["", LEGEND]
    if patience != 1:
        lines += [f"All windows were taken {patience:g} times as long as docs/drill.md promises (drill_patience)."]
    lines += ["", "## What visitors noticed and may not", ""]
    lines += [f"* {row['title']}: {text}" for row in rows for text in row["wrong"]] or ["Nothing."]
    return "\n".join(lines) + "\n"


def _cells(row: Mapping[str, Any]) -> list[str]:
    answered = ", ".join(f"{server} {count}" for server, count in sorted(row["answered_by"].items()))
    figures = [row["asked"], row["lost_gets"], row["lost_others"], row["slow"]]
    seconds = [row["slowest_s"], row["noticed_until_s"], row["silence_s"]]
    head = [row["title"], ", ".join(row["hosts"]) or "-", row["at"][11:]]
    return [*head, *map(str, figures), *(f"{value:.2f} s" for value in seconds), answered or "nobody"]

"""The result for people: text in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .rounds import CASES, Sample
from .summary import OURS, Median, extrapolated, fits, growth, ratios


def table(samples: Sequence[Sample], found: Sequence[Median]) -> str:
    """Everything that a run prints at its end."""
    parts = [_times(found), _costs(found), _observed(samples), _fits(found), _growth(found), _far(found)]
    return "\n\n".join(part for part in parts if part)


def _times(found: Sequence[Median]) -> str:
    """Median seconds, and ours to theirs."""
    names = list(dict.fromkeys(m.contender for m in found))
    others = [name for name in names if name != OURS]
    known = ratios(found)
    rows = [["sites", "hosts", "case", *names, *(f"to {name}" for name in others)]]
    for sites, hosts, case in _places(found):
        values = {m.contender: m.values["wall_s"] for m in found if (m.sites, m.hosts, m.case) == (sites, hosts, case)}
        seconds = [f"{values[name]:.1f} s" if name in values else "" for name in names]
        shown = [known.get(name, {}).get(f"{sites}x{hosts}", {}).get(case) for name in others]
        rows.append([str(sites), str(hosts), case, *seconds, *("" if r is None else f"{r:.2f}" for r in shown)])
    return "Wall time, medians, and Evenkeel's to the others'\n" + _aligned(rows)


def _costs(found: Sequence[Median]) -> str:
    rows = [["sites", "hosts", "case", "contender", "controller CPU", "host CPU", "sent to hosts", "runs"]]
    for m in found:
        cpu = [f"{m.values[name]:.1f} s" for name in ("controller_cpu_s", "host_cpu_s")]
        sent = f"{m.values['bytes_sent'] / 1e6:.2f} MB"
        rows.append([str(m.sites), str(m.hosts), m.case, m.contender, *cpu, sent, str(m.runs)])
    return "Processor time and bytes, medians, all hosts together\n" + _aligned(rows)


def _observed(samples: Iterable[Sample]) -> str:
    """Runs under visitors' load: memory, and what they noticed."""
    rows = [["sites", "hosts", "case", "contender", "requests", "lost", "controller", "host, above live", "live"]]
    for s in samples:
        if s.observed:
            memory = [f"{s.memory_mb.get(name, 0):.0f} MB" for name in ("controller", "host_all", "host_live")]
            rows.append([str(s.sites), str(s.hosts), s.case, s.contender, str(s.requests or ""), str(s.lost), *memory])
    return "Observed runs: peak memory (PSS), and requests of visitors\n" + _aligned(rows) if len(rows) > 1 else ""


def _fits(found: Sequence[Median]) -> str:
    rows = [["contender", "case", "fixed", "a site", "a host", "a site on each host", "worst error"]]
    for contender, cases in fits(found).items():
        for case, line in cases.items():
            costs = [f"{line.per_site * 1000:.2f} ms", f"{line.per_host:.2f} s", f"{line.per_both * 1000:.2f} ms"]
            rows.append([contender, case, f"{line.fixed:.1f} s", *costs, f"{line.error:.0%}"])
    return "Costs, fitted\n" + _aligned(rows) if len(rows) > 1 else ""


def _growth(found: Sequence[Median]) -> str:
    rows = [["case", "from", "to", "each further site"]]
    hosts = min((m.hosts for m in found), default=1)
    for case in CASES:
        for a, b, seconds in growth(found, OURS, case, hosts):
            rows.append([case, str(a), str(b), f"{seconds * 1000:.2f} ms"])
    return f"Evenkeel's growth on {hosts} host(s)\n" + _aligned(rows) if len(rows) > 1 else ""


def _far(found: Sequence[Median]) -> str:
    rows = [["contender", "case", "sites x hosts", "seconds"]]
    for contender, cases in extrapolated(found).items():
        rows += [[contender, case, place, f"{s:.0f}"] for case, places in cases.items() for place, s in places.items()]
    return "EXTRAPOLATED by the fit, not measured\n" + _aligned(rows) if len(rows) > 1 else ""


def _places(found: Iterable[Median]) -> list[tuple[int, int, str]]:
    order = list(CASES)
    return sorted({(m.sites, m.hosts, m.case) for m in found}, key=lambda p: (p[1], p[0], order.index(p[2])))


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(rows))


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

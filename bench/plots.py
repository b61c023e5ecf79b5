"""Pictures of a result; matplotlib is an extra, and without it there are none."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

COLOURS = {"evenkeel": "#1b6ca8", "hand": "#c98a1b", "peer": "#8a8a8a"}
_LABELS = {
    "first": "first push",
    "unchanged": "nothing changed",
    "one": "one site",
    "global": "every site",
    "rejected": "rejected",
}


def draw(result: Mapping[str, Any], folder: Path) -> str:
    """Write what the result has enough for; one line that says where it is."""
    if not result["medians"]:
        return "No plots: nothing was timed."
    if importlib.util.find_spec("matplotlib") is None:
        return "No plots: matplotlib is not installed (pip install '.[bench]')."
    import matplotlib

    matplotlib.use("Agg")
    drawn = [name for name, picture in (("cases", _cases), ("sites", _sites), ("phases", _phases)) if picture(result, folder)]
    return "Plots: " + ", ".join(str(folder / f"{name}.png") for name in drawn)


def _cases(result: Mapping[str, Any], folder: Path) -> bool:
    """One group of bars a case, at the largest size on one number of hosts that all contenders have."""
    import matplotlib.pyplot as plt

    size, hosts = _largest(result["medians"])
    values = _values(result["medians"], sites=size, hosts=hosts)
    cases = [case for case in _LABELS if any(place[3] == case for place in values)]
    figure, axes = plt.subplots(figsize=(8, 4))
    width = 0.8 / len(result["contenders"])
    for number, (name, title) in enumerate(result["contenders"].items()):
        heights = [values.get((name, size, hosts, case), 0.0) for case in cases]
        places = [place + (number - (len(result["contenders"]) - 1) / 2) * width for place in range(len(cases))]
        bars = axes.bar(places, heights, width, color=COLOURS[name], label=title)
        axes.bar_label(bars, fmt="%.1f", fontsize=8)
    axes.set_xticks(range(len(cases)), [_LABELS[case] for case in cases])
    return _save(figure, axes, folder / "cases.png", f"{size} sites, {hosts} host{'s' * (hosts > 1)}")


def _sites(result: Mapping[str, Any], folder: Path) -> bool:
    """Wall time over sites: one site changed (solid) and nothing changed (dashed)."""
    import matplotlib.pyplot as plt

    hosts = min(m["hosts"] for m in result["medians"])
    if len({m["sites"] for m in result["medians"] if m["hosts"] == hosts}) < 2:
        return False
    figure, axes = plt.subplots(figsize=(8, 4))
    for name, title in result["contenders"].items():
        for case, style, label in (("one", "-o", "one site changed"), ("unchanged", "--o", "nothing changed")):
            line = sorted((m["sites"], m["values"]["wall_s"]) for m in _of(result["medians"], name, case, hosts))
            axes.plot([x for x, _ in line], [y for _, y in line], style, color=COLOURS[name], label=f"{title}, {label}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("sites")
    return _save(figure, axes, folder / "sites.png", f"{hosts} host{'s' * (hosts > 1)}")


def _phases(result: Mapping[str, Any], folder: Path) -> bool:
    """Where Evenkeel's time goes, by task, in the observed runs on the fewest hosts."""
    import matplotlib.pyplot as plt

    hosts = min(m["hosts"] for m in result["medians"])
    runs = [s for s in _of(result["samples"], "evenkeel", "one", hosts) if s["observed"]]
    if not runs:
        return False
    figure, axes = plt.subplots(figsize=(8, 4))
    names = sorted({stem(name) for run in runs for name in run["tasks_s"]})
    bottom = [0.0] * len(runs)
    for name in [*names, "start and end"]:
        heights = [_of_stem(run, name) for run in runs]
        axes.bar([str(run["sites"]) for run in runs], heights, bottom=bottom, label=name)
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
    axes.set_xlabel("sites")
    return _save(figure, axes, folder / "phases.png", "where the time goes: one site changed, one host")


def stem(task: str) -> str:
    """The part of a rollout that a task belongs to."""
    return task.partition(" | ")[0] if " | " in task else "other"


def _of_stem(run: Mapping[str, Any], name: str) -> float:
    if name == "start and end":
        return max(0.0, float(run["wall_s"]) - sum(run["tasks_s"].values()))
    return float(sum(seconds for task, seconds in run["tasks_s"].items() if stem(task) == name))


def _save(figure: Any, axes: Any, path: Path, title: str) -> bool:
    axes.set_ylabel("seconds")
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    return True


def _largest(found: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    hosts = min(m["hosts"] for m in found)
    sizes = {m["sites"] for m in found if m["hosts"] == hosts}
    return (1000 if 1000 in sizes else max(sizes)), hosts


def _values(found: Iterable[Mapping[str, Any]], **wanted: int) -> dict[tuple[str, int, int, str], float]:
    chosen = [m for m in found if all(m[name] == value for name, value in wanted.items())]
    return {(m["contender"], m["sites"], m["hosts"], m["case"]): m["values"]["wall_s"] for m in chosen}


def _of(found: Iterable[Mapping[str, Any]], contender: str, case: str, hosts: int) -> list[Mapping[str, Any]]:
    return [m for m in found if (m["contender"], m["case"], m["hosts"]) == (contender, case, hosts)]

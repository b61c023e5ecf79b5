"""The pages of the documentation as the tests read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def short(page: Path) -> str:
    """A page as test ids show it."""
    return str(page.relative_to(ROOT))


def links(page: Path) -> list[str]:
    """Targets of links and images, those to other hosts left out."""
    prose = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    return [target for target in _LINK.findall(prose) if "://" not in target and not target.startswith("mailto:")]


def anchors(page: Path) -> set[str]:
    """What a link may name after `#`, spelled as the common renderers do."""
    headings = _HEADING.findall(_BLOCK.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(page: Path) -> list[str]:
    """Every line of a code block and every code span."""
    text = page.read_text(encoding="utf-8")
    blocks = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
    return blocks + _SPAN.findall(_BLOCK.sub("", text))


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """The arguments of every `program ...` on the page, also after `sudo` and with a path before it."""
    for line in code(page):
        words = _words(line)
        for at, word in enumerate(words):
            called = word == program or (word.startswith("./") and word.endswith("/" + program))
            if called and set(words[:at]) <= {"sudo"}:
                yield words[at + 1 :]


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()

"""Every text that an error is raised with, read out of the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
ENGINE = ROOT / "plugins" / "module_utils" / "evenkeel"
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+0-9.]*[a-zA-Z]|\{[^{}]*\}|\x00")


class Message(NamedTuple):
    """`text` has `\\x00` where a value stands."""

    kind: str
    text: str
    place: str

    @property
    def telling(self) -> str:
        """The longest part without a value: what a person would search for."""
        return max((normal(part) for part in PLACEHOLDER.split(self.text)), key=len)


def normal(text: str) -> str:
    """As it is compared: one line, without the marks that Markdown adds."""
    return " ".join(text.replace("`", "").split()).strip(" .:;,()")


def error_classes() -> set[str]:
    """Names of EvenkeelError and all that derive from it."""
    found = {"EvenkeelError"}
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for _, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return found


def raised() -> list[Message]:
    """The message of every `raise` of such an error, as far as it is written where it is raised."""
    kinds = error_classes()
    return [message for path, tree in _trees() for message in _messages(path, tree, kinds)]


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ENGINE.glob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _messages(path: Path, tree: ast.Module, kinds: set[str]) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            kind = ast.unparse(node.func).rpartition(".")[2]
            text = _text(node.args[0])
            if kind in kinds and normal(PLACEHOLDER.sub("", text)):
                yield Message(kind, text, f"{path.relative_to(ROOT)}:{node.lineno}")


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) if isinstance(value, ast.Constant) else "\x00" for value in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + ("" if isinstance(node.op, ast.Mod) else _text(node.right))
    return "\x00"

"""Host names as they are compared: folded case, no trailing dot, international letters in their xn-- form."""

from __future__ import annotations

from typing import Optional


def folded(name: str) -> str:
    """The form under which two spellings of one name are equal, also for names that are not allowed."""
    bare = name.strip().rstrip(".").casefold()
    try:
        return bare.encode("idna").decode("ascii")
    except UnicodeError:
        return bare


def complaint(name: str) -> Optional[str]:
    """What is wrong with a name that already has the right letters, or None."""
    for label in name.split("."):
        if label[2:4] == "--" and not _is_international(label):
            return f"labels with -- in third place are xn-- names only, and {label} is none"
    return "a public name, not this machine" if name == "localhost" or name.endswith(".localhost") else None


def _is_international(label: str) -> bool:
    """Whether an xn-- label says something, in its one right spelling. (The idna codec knows IDNA 2003 only.)"""
    try:
        text = label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else ""
        good = not text.isascii() and text.isprintable() and text.lower() == text
        return good and text.encode("punycode").decode("ascii") == label[4:]
    except UnicodeError:
        return False


def suggestion(name: str) -> str:
    """` (write x)` where `name` is a good one in the wrong spelling, else nothing."""
    better = folded(name)
    return (
        f" (write {better})" if better != name and better.isascii() and better.replace("-", "").replace(".", "").isalnum() else ""
    )

"""What only all sites together can get wrong. Pure: site files in, problems out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from . import hostname
from .errors import NoValue, Path, Problem
from .model import Site
from .site_file import SiteFile, names

Claim = tuple[str, str, Path, str]  # what it is, the form that is compared, the field, as written


def problems(files: Sequence[SiteFile]) -> Iterator[Problem]:
    """Every clash and every circle. Files that are not valid take part in clashes, as far as they can be read."""
    served = [file for file in files if file.is_served]
    yield from clashes(served)
    valid = [file for file in served if file.valid]
    owners = {hostname.folded(name): file for file in valid for _, name in names(file)}
    yield from proxy_circles(valid, owners)
    yield from redirect_circles(valid, owners)


def clashes(files: Iterable[SiteFile]) -> Iterator[Problem]:
    """Two sites that claim the same name, user or socket; each is told at the later one, naming the earlier."""
    taken: dict[tuple[str, str], tuple[SiteFile, Path]] = {}
    for file in files:
        for what, key, path, written in _claims(file):
            owner, where = taken.setdefault((what, key), (file, path))
            if (owner, where) != (file, path):
                place = f"{owner.source}:{owner.line(where)}"
                yield file.problem(path, written, f"a {what} of its own; {place} has it already")


def _claims(file: SiteFile) -> Iterator[Claim]:
    for path, name in names(file):
        yield "name", hostname.folded(name), path, name
    user = file.values.get("user", file.name)
    yield "user", str(user), ("user",), str(user)
    if file.values.get("kind") == "php":
        php = file.values.get("php")
        socket = php.get("socket", file.name) if isinstance(php, dict) else file.name
        yield "socket", str(socket), ("php", "socket"), str(socket)


def foreign_mount(file: SiteFile, site: Site) -> Iterator[Problem]:
    """A shared file system that does not hold the site's home; only the pool knows where that is."""
    mount = site.content.mount
    if mount and not f"{site.home}/".startswith(f"{mount}/"):
        yield file.problem(("content", "mount"), mount, f"the site's home, {site.home}, or a folder above it")


def proxy_circles(files: Iterable[SiteFile], owners: dict[str, SiteFile]) -> Iterator[Problem]:
    """Proxy sites whose requests come back to them, directly or by way of others."""
    for file in files:
        way = [file]
        while (following := _proxied_to(way[-1], owners)) and following not in way:
            way.append(following)
        if following is file:
            others = "".join(f", by way of {other.source}" for other in way[1:])
            yield file.problem(
                ("proxy", "target"), file.values["proxy"]["target"], f"a backend; this one is the site itself{others}"
            )


def _proxied_to(file: SiteFile, owners: dict[str, SiteFile]) -> SiteFile | None:
    if file.values["kind"] != "proxy":
        return None
    parts = urlsplit(file.values["proxy"]["target"])
    return owners.get(hostname.folded(parts.hostname or "")) if parts.port in (None, 80, 443) else None


def redirect_circles(files: Iterable[SiteFile], owners: dict[str, SiteFile]) -> Iterator[Problem]:
    """Redirects that lead a visitor back to themselves, also by way of other sites."""
    for file in files:
        for number, redirect in enumerate(file.values["redirects"]):
            way = _way(file, number, owners)
            if way:
                over = "".join(f" -> {other.source}:{other.line(('redirects', str(index)))}" for other, index in way[1:])
                path = ("redirects", str(number), "to")
                yield file.problem(path, redirect.get("to", NoValue()), f"an address elsewhere; this one leads back here{over}")


def _way(file: SiteFile, number: int, owners: dict[str, SiteFile]) -> list[tuple[SiteFile, int]]:
    """The redirects a visitor passes until this one comes again, or nothing."""
    steps: list[tuple[SiteFile, int]] = []
    step: tuple[SiteFile, int] | None = (file, number)
    path = file.values["redirects"][number]["from"].replace("*", "x")
    while step and step not in steps:
        steps.append(step)
        step, path = _next(*step, path, owners)
    return steps if step == (file, number) else []


def _next(file: SiteFile, number: int, path: str, owners: dict[str, SiteFile]) -> tuple[tuple[SiteFile, int] | None, str]:
    redirect = file.values["redirects"][number]
    if "to" not in redirect:
        return None, path
    parts = urlsplit(redirect["to"])
    prefix = redirect["from"].rstrip("*")
    there = parts.path + (path[len(prefix) :] if redirect["from"].endswith("*") and not parts.query else "")
    owner = owners.get(hostname.folded(parts.hostname)) if parts.hostname else file
    return (_fitting(owner, there) if owner else None), there


def _fitting(file: SiteFile, path: str) -> tuple[SiteFile, int] | None:
    for number, redirect in enumerate(file.values["redirects"]):
        if _fits(redirect, path):
            return file, number
    return None


def _fits(redirect: dict[str, Any], path: str) -> bool:
    source: str = redirect["from"]
    return path.startswith(source[:-1]) if source.endswith("*") else path == source

"""What is asked, where, how often, and what a right answer is; as data, so that another process can have it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Backend:
    """Where requests go: a web host or a balancer. With `tls`, host names are checked against `ca`, a PEM file."""

    name: str
    address: str
    port: int = 80
    tls: bool = False
    ca: str | None = None


@dataclass(frozen=True)
class Page:
    """One request and its right answer.

    `marker` must be in the body and tells this site from every other. `{nonce}` in `body` and `marker` becomes
    a fresh word in each request, which proves that a form was really taken. `weight` shares out the requests.
    """

    site: str
    host: str
    path: str = "/"
    status: tuple[int, ...] = (200,)
    marker: str = ""
    method: str = "GET"
    body: str | None = None
    content_type: str = "application/x-www-form-urlencoded"
    weight: int = 1


@dataclass(frozen=True)
class Load:
    """A stream: `visitors` clients of every site at each backend ask it, together, `rates[site]` times a second."""

    backends: tuple[Backend, ...]
    pages: tuple[Page, ...]
    rates: dict[str, float] = field(default_factory=dict)
    rate: float = 10.0  # requests a second to a site that `rates` does not name
    visitors: int = 3
    timeout_s: float = 10.0

    def sites(self) -> list[str]:
        return sorted({page.site for page in self.pages})

    def pages_of(self, site: str) -> tuple[Page, ...]:
        return tuple(page for page in self.pages if page.site == site)

    def interval_s(self, site: str) -> float:
        """Seconds between two requests of one visitor."""
        return self.visitors * len(self.backends) / self.rates.get(site, self.rate)

    def foreign_markers(self, site: str) -> tuple[str, ...]:
        """What only other sites say: found in an answer, it came from the wrong one."""
        own = {page.marker for page in self.pages_of(site)}
        foreign = {page.marker for page in self.pages if page.site != site} - own
        return tuple(sorted(marker for marker in foreign if marker and "{nonce}" not in marker))

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def load(path: Path) -> Load:
    return from_data(json.loads(path.read_text(encoding="utf-8")))


def from_data(data: dict[str, Any]) -> Load:
    backends = tuple(Backend(**backend) for backend in data["backends"])
    pages = tuple(Page(**{**page, "status": tuple(page["status"])}) for page in data["pages"])
    return Load(**{**data, "backends": backends, "pages": pages})

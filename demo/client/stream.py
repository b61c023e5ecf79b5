"""Many visitors at once, each in a thread of its own, at a steady pace."""

from __future__ import annotations

import random
import threading
import time

from .load import Load, Page
from .record import Record
from .visitor import Visitor


class Crowd:
    """All visitors of a load. Every other visitor of a site opens a fresh connection for each request."""

    def __init__(self, load: Load, record: Record) -> None:
        self._load = load
        self._record = record
        self._enough = threading.Event()
        self._threads = [
            threading.Thread(target=self._stroll, args=(site, backend_number, visitor_number), daemon=True)
            for site in load.sites()
            for backend_number in range(len(load.backends))
            for visitor_number in range(load.visitors)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask nothing new, wait for the answers that are under way."""
        self._enough.set()
        for thread in self._threads:
            thread.join(timeout=self._load.timeout_s * 3)
        self._record.flush()

    def _stroll(self, site: str, backend_number: int, visitor_number: int) -> None:
        dice = random.Random(f"{site} {backend_number} {visitor_number}")
        markers = self._load.foreign_markers(site)
        keeps = visitor_number % 2 == 0
        visitor = Visitor(self._load.backends[backend_number], markers, keeps, self._load.timeout_s)
        pages, interval_s = self._load.pages_of(site), self._load.interval_s(site)
        due = time.monotonic() + dice.random() * interval_s
        while not self._enough.wait(max(0.0, due - time.monotonic())):
            self._record.add(visitor.visit(choose(dice, pages)))
            due = max(due + interval_s * dice.uniform(0.5, 1.5), time.monotonic())
        visitor.leave()


def choose(dice: random.Random, pages: tuple[Page, ...]) -> Page:
    return dice.choices(pages, weights=[page.weight for page in pages])[0]

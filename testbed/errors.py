"""What a person reads when the test bed cannot go on: one sentence, and what to type next."""

from __future__ import annotations


class TestbedError(Exception):
    """Says what is true now and what to do about it."""

    __test__ = False  # pytest: not a test class, whatever its name says

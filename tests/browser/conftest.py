"""One browser for all tests of this folder."""

from __future__ import annotations

import pytest

from . import chromium


@pytest.fixture(scope="session")
def browser():
    if not chromium.program():
        pytest.skip("no chromium here; `make setup` of Debian installs chromium-headless-shell")
    with chromium.started() as started:
        yield started

"""What a person reads on a host only changes on purpose."""

from __future__ import annotations

import pytest

from .golden import GOLDEN, rendered


@pytest.mark.parametrize("name", sorted(rendered()))
def test_a_file_of_the_release_is_what_was_reviewed(name: str) -> None:
    assert rendered()[name] == (GOLDEN / name).read_text(), "meant so? then: python -m tests.templates.golden"


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(rendered())


@pytest.mark.parametrize("name", sorted(rendered()))
def test_output_is_a_pleasure_to_read(name: str) -> None:
    content = rendered()[name]
    assert content.endswith("\n") and not content.endswith("\n\n")
    assert "\n\n\n" not in content
    assert not [line for line in content.splitlines() if line != line.rstrip()]
    assert "Managed by Evenkeel" in content or name.startswith("apache2_htpasswd")

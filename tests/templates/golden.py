"""The golden files: what a release looks like, to be read in a review. `python -m tests.templates.golden` rewrites them."""

from __future__ import annotations

from pathlib import Path

from .builders import EVERY_KIND, compiled

GOLDEN = Path(__file__).parent / "golden"
SHOWN = ("apache2/", "php/", "sysusers.d/", "tmpfiles.d/", "logrotate.d/")


def rendered() -> dict[str, str]:
    """File name in `golden/` to content, for everything a person would read on a host."""
    files = compiled(*EVERY_KIND).files
    return {path.replace("/", "_"): file.content.decode() for path, file in files.items() if path.startswith(SHOWN)}


def main() -> None:
    for old in GOLDEN.iterdir():
        old.unlink()
    for name, content in rendered().items():
        (GOLDEN / name).write_text(content)


if __name__ == "__main__":
    main()

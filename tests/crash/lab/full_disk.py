"""A real disk without room: for a new release, and for a revert, which needs none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

import host_state
from breaking import attempt
from rounds import NEW, OLD, Lab

PLACES = ("/etc/evenkeel", "/var/lib/evenkeel")


UNITS = ("evenkeel-php8.2@till", "php8.2-fpm", "apache2")


def run(lab: Lab, units: Sequence[str]) -> None:
    lab.begin()
    for place in PLACES:
        mount_small(place)
    restart(units)
    try:
        try_it(lab)
    finally:
        for place in PLACES:
            put_back(place)
        restart(units)
    lab.publish("with room again", NEW)
    lab.return_to("with room again", OLD)
    print("\n".join(lab.problems) or "as it must")


def try_it(lab: Lab) -> None:
    shutil.rmtree("/etc/evenkeel/releases/" + lab.id(NEW), ignore_errors=True)
    with full("/etc/evenkeel"), full("/var/lib/evenkeel"):
        refused(lab, "no room to stage", attempt(lab.staged(NEW)))
    attempt(lab.proved(NEW))
    with full("/var/lib/evenkeel"):
        refused(lab, "no room for the state", attempt(lab.live(NEW)))
    lab.demand("room again", attempt(lab.proved(NEW)), "proved")
    lab.demand("room again", attempt(lab.live(NEW)), "live")
    with full("/etc/evenkeel"), full("/var/lib/evenkeel"):
        attempt(lambda engine: engine.reverted(None, "a full disk"))
        if host_state.current() != lab.id(OLD):
            lab.wrong("a revert without room", "current is %s" % host_state.current())
        for site, answer in lab.answers().items():
            wrong = lab.problem(site, answer, {OLD: lab.id(OLD)})
            if wrong:
                lab.wrong("a revert without room", wrong)
    lab.return_to("room again", OLD)


def refused(lab: Lab, label: str, report: dict) -> None:  # type: ignore[type-arg]
    text = report.get("refused", "")
    if ("No space left" not in text and "MiB free" not in text) or text.startswith("[Errno"):
        lab.wrong(label, "said %s" % report)
    lab.settled(label, OLD)


class full:
    """A file that takes what room there is."""

    def __init__(self, place: str) -> None:
        self._path = os.path.join(place, "ballast")

    def __enter__(self) -> None:
        with open(self._path, "wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(b"\0" * 4096)
            except OSError:
                pass

    def __exit__(self, *details: object) -> None:
        os.unlink(self._path)


def restart(units: Sequence[str]) -> None:
    """They live in mount namespaces of their own, which see what is mounted when they start."""
    subprocess.run(["systemctl", "restart", *units], check=True)


def mount_small(place: str) -> None:
    """A file system of 40 MiB with what is there; the engine wants 32 MiB for a release."""
    aside = place + ".aside"
    copy(place, aside)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=0755", "small", place], check=True)
    copy(aside, place)


def put_back(place: str) -> None:
    shutil.rmtree(place + ".aside")
    copy(place, place + ".aside")
    subprocess.run(["umount", "--lazy", place], check=True)
    for name in os.listdir(place):
        path = os.path.join(place, name)
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    copy(place + ".aside", place)
    shutil.rmtree(place + ".aside")


def copy(source: str, target: str) -> None:
    """With owners and modes; settings of a site belong to its group."""
    os.makedirs(target, exist_ok=True)
    subprocess.run(["cp", "-a", source + "/.", target], check=True)


if __name__ == "__main__":
    run(Lab(sys.argv[1]), UNITS)

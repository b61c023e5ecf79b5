"""A real browser without a window: Debian's chromium, told what to do over two pipes (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PROGRAMS = ("chromium-headless-shell", "chromium")
PIPES = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'  # the browser reads orders from 3 and answers to 4
PHONE, DESKTOP = (390, 844), (1280, 900)


def program() -> str:
    """Its path; empty where none is installed."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), "")


class Browser:
    """One browser with one page."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders = os.fdopen(orders, "wb", buffering=0)
        self._answers = os.fdopen(answers, "rb")
        self._number = 0
        self._session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")
        self.requested: list[str] = []

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Answer of the browser; AssertionError where it refuses."""
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        self._orders.write(json.dumps({"id": self._number, "method": method, "params": params, **session}).encode() + b"\0")
        while True:
            said = self._hear()
            if said.get("id") == self._number:
                assert "error" not in said, said
                return dict(said["result"])

    def _hear(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self._answers.read(1)) not in (b"\0", b""):
            data += byte
        assert data, "the browser has died"
        said = dict(json.loads(data))
        if said.get("method") == "Network.requestWillBeSent":
            self.requested.append(said["params"]["request"]["url"])
        return said

    def open(self, path: Path, size: tuple[int, int], scheme: str = "light", media: str = "screen") -> None:
        """Show a file as a screen of this size does, and wait until it is there."""
        self.requested = []
        width, height = size
        mobile = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)
        self.call("Page.navigate", url=path.resolve().as_uri())
        while self._hear().get("method") != "Page.loadEventFired":
            pass

    def look(self, script: str) -> Any:
        """The value of an expression of JavaScript in the page, whose own policy does not hold for us."""
        said = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def picture(self, path: Path) -> None:
        """The whole page, however long."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        save(path, self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])

    def paper(self, path: Path) -> bytes:
        """Print to a PDF of A4."""
        save(path, self.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
        return path.read_bytes()


def save(path: Path, data: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(data))


@contextmanager
def started() -> Any:
    """A browser; it takes no account of a person's own one, and is gone in the end."""
    theirs, orders = os.pipe()
    answers, their_answers = os.pipe()
    with TemporaryDirectory() as folder:
        options = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        process = subprocess.Popen(
            ["bash", "-c", PIPES, "browser", str(theirs), str(their_answers), program(), *options, "about:blank"],
            pass_fds=(theirs, their_answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(their_answers)
        try:
            yield Browser(orders, answers)
        finally:
            process.kill()
            process.wait()

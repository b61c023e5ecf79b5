"""Asks hosts over ssh, by a key that can do nothing but this (`evenkeel watched`)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from .errors import Refused, Silent

Answer = dict[str, Any]


class Ssh:
    """Whom `config`, a file of ssh's, names, by the hosts' names in the inventory."""

    def __init__(self, config: str) -> None:
        self._config = config

    def ask(self, host: str, question: Mapping[str, Any], timeout_s: float = 30, payload: bytes = b"") -> Answer:
        """The answer; Silent when there is none, Refused when the host says why not."""
        command = ["ssh", "-F", self._config, "-T", host]
        given = json.dumps(question).encode() + b"\n" + payload
        try:
            done = subprocess.run(command, input=given, capture_output=True, timeout=timeout_s, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Silent("%s does not answer (%s)" % (host, type(error).__name__)) from error
        return answered(host, done.stdout, done.stderr)


def answered(host: str, said: bytes, complaint: bytes) -> Answer:
    """What a host said, if it is an answer."""
    try:
        answer = json.loads(said)
    except ValueError as error:
        words = " ".join(complaint.decode("utf-8", "replace").split())
        raise Silent("%s does not answer (%s)" % (host, words[-200:] or "it said nothing")) from error
    if not isinstance(answer, dict):
        raise Silent("%s does not answer (it said %r)" % (host, answer))
    if "error" in answer:
        raise Refused("%s: %s" % (host, answer["error"]))
    return answer

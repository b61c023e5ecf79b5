"""The program `evenkeel-incident ENVIRONMENT [ZONE]` on a monitoring host, for the unit that looks whether somebody was paged."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from .incident import clock_of
from .incident_asked import Monitoring
from .incident_paged import look


def main() -> int:
    environment, zone = sys.argv[1], "".join(sys.argv[2:])
    try:
        written = look(Path(os.environ["STATE_DIRECTORY"]), environment, Monitoring(), clock_of(zone)[0], time.time())
    except OSError as error:
        print(f"evenkeel-incident: {error}", file=sys.stderr)
        return 1
    print("\n".join(written.lines()) if written else "", end="")
    return 0

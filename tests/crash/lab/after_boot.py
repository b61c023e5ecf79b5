"""After the power came back: not one answer of this boot is the unconfirmed release's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import host_state
from rounds import NEW, OLD, Lab

APACHE = ["systemctl", "is-active", "--quiet", "apache2"]


def main() -> None:
    lab = Lab(sys.argv[1])
    end = time.monotonic() + 20
    while subprocess.run(APACHE, check=False).returncode and time.monotonic() < end:
        time.sleep(0.1)
    lab.settled("after the boot", OLD)
    with open(os.path.join(lab.folder, "before.json"), encoding="ascii") as stream:
        seen = json.load(stream)["log"]
    with open("/var/log/apache2/access.log", encoding="utf-8") as stream:
        stream.seek(seen)
        if lab.id(NEW) in stream.read():
            lab.wrong("after the boot", "somebody was answered by the unconfirmed release")
    if host_state.said("systemctl", "--failed", "--plain", "--no-legend", "*evenkeel*"):
        lab.wrong("after the boot", host_state.said("systemctl", "--failed", "--no-legend"))
    print("\n".join(lab.problems) or "as it must")


if __name__ == "__main__":
    main()

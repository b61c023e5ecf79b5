"""Before the power cut: the new version is live, verified and unconfirmed, and its deadline is far away."""

from __future__ import annotations

import json
import os
import sys

from breaking import attempt
from rounds import NEW, Lab


def main() -> None:
    lab = Lab(sys.argv[1])
    lab.begin()
    lab.demand("prove", attempt(lab.proved(NEW)), "proved")
    lab.demand("live", attempt(lab.live(NEW, 3600)), "live")
    with open(os.path.join(lab.folder, "before.json"), "w", encoding="ascii") as stream:
        json.dump({"log": os.path.getsize("/var/log/apache2/access.log")}, stream)
    sys.exit("\n".join(lab.problems) or 0)


if __name__ == "__main__":
    main()

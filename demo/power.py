"""Power cuts, and what of the visitors' requests nothing could have answered then."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .client import Outage
from .fleet import testbed

EDGE_BACKEND = "edge"  # what the visitors' client calls the shared address


def cut(hosts: Sequence[str]) -> Outage:
    """Cut the power of web hosts, all at once. The balancers ask for pages again elsewhere; forms they must not send twice."""
    why = f"were forms on their way to {' and '.join(hosts)} when the power was cut, and no form is sent twice"
    return _cut(hosts, why, forms_only=True)


def cut_balancer(host: str) -> Outage:
    """Cut the power of a balancer: nobody is left who knows what was under way through it."""
    return _cut([host], f"were under way through {host} when its power was cut", forms_only=False)


def _cut(hosts: Sequence[str], why: str, forms_only: bool) -> Outage:
    began = time.time()
    testbed("kill", *hosts)
    return Outage(EDGE_BACKEND, began, time.time(), why, forms_only)

"""What visitors of the fleet ask for: files, PHP and forms, over TLS, by the shared address."""

from __future__ import annotations

from pathlib import Path

from demo.client import Backend, Load, Page

PAGES = (
    Page("alpha", "alpha.example", marker="alpha says hello"),
    Page("beta", "beta.example", marker="beta says hello", weight=2),
    Page("beta", "beta.example", marker="{nonce}", method="POST", body="word={nonce}"),
    Page("gamma", "gamma.example", marker="gamma says hello"),
)


def load(address: str, certificate: Path, rate: float) -> Load:
    """`rate` requests a second over all sites."""
    backend = Backend("edge", address, 443, tls=True, ca=str(certificate))
    sites = {page.site for page in PAGES}
    return Load((backend,), PAGES, rate=rate / len(sites), visitors=4)

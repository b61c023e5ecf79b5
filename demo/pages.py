"""What the visitors of the eight sites ask for, and what they must get."""

from __future__ import annotations

from .client import Backend, Load, Page

HELLO = '<?xml version="1.0"?><methodCall><methodName>demo.sayHello</methodName><params/></methodCall>'
BLOG = "The evening the light went out"
SHOP = "The Chandlery"
FORUM = "The Slipway"
BROCHURE = "Bramble &amp; Sons"
DOCS = "Tidebook"
ORDERS = '"service": "orders"'
OLDCLUB = "The club has closed its site."
MUSEUM = "The lamp is being repaired."

PAGES = (
    Page("blog", "blog.example", "/", marker=BLOG, weight=4),
    Page("blog", "blog.example", "/?p=1", marker=BLOG, weight=2),
    Page("blog", "blog.example", "/?feed=rss2", marker=BLOG),
    Page("blog", "blog.example", "/wp-content/themes/harbour/style.css", marker="Theme Name: Harbour", weight=6),
    Page(
        "blog",
        "blog.example",
        "/xmlrpc.php",
        marker="<string>Hello!</string>",
        method="POST",
        body=HELLO,
        content_type="text/xml",
    ),
    Page("shop", "shop.example", "/", marker=SHOP, weight=4),
    Page("shop", "shop.example", "/item.php?number=2", marker="Storm lantern", weight=3),
    Page("shop", "shop.example", "/item.php?number=99", (404,), "We do not carry that."),
    Page(
        "shop",
        "shop.example",
        "/basket.php",
        marker="{nonce}",
        method="POST",
        body="number=2&quantity=3&note={nonce}",
        weight=2,
    ),
    Page("forum", "forum.example", "/", marker=FORUM, weight=4),
    Page("forum", "forum.example", "/", marker="{nonce}", method="POST", body="author=Ann&said={nonce}"),
    Page("brochure", "brochure.example", "/", marker=BROCHURE, weight=3),
    Page("brochure", "brochure.example", "/boats.html", marker=BROCHURE, weight=2),
    Page("brochure", "brochure.example", "/style.css", marker="/* Bramble & Sons */"),
    Page("brochure", "www.brochure.example", "/", (301,), "://brochure.example/"),
    Page("docs", "docs.example", "/", marker=DOCS, weight=3),
    Page("docs", "docs.example", "/install/", marker=DOCS, weight=2),
    Page("docs", "docs.example", "/setup", (301,), "/install/"),
    Page("api", "api.example", "/orders/7", marker=ORDERS, weight=3),
    Page(
        "api",
        "api.example",
        "/orders",
        (201,),
        "{nonce}",
        method="POST",
        body='{"item": "{nonce}"}',
        content_type="application/json",
    ),
    Page("oldclub", "oldclub.example", "/", (403,), OLDCLUB),
    Page("museum", "museum.example", "/", (503,), MUSEUM),
)

# Requests a second. A page of WordPress costs a hundred times what a static one does; all of it shares two cores.
RATES = {
    "blog": 6.0,
    "shop": 25.0,
    "forum": 20.0,
    "brochure": 35.0,
    "docs": 35.0,
    "api": 25.0,
    "oldclub": 10.0,
    "museum": 10.0,
}


RATE = sum(RATES.values())


def load(backend: Backend, rate: float = RATE, visitors: int = 8) -> Load:
    """The stream over all sites, `rate` requests a second in all; `visitors` clients ask each site."""
    return Load((backend,), PAGES, {site: share * rate / RATE for site, share in RATES.items()}, visitors=visitors)

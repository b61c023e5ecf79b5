"""A template that asks for what nobody gave it fails, and so does a value that could become a directive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plugins.module_utils.evenkeel_compiler import quoting
from plugins.module_utils.evenkeel_compiler.model import Access, BasicAuth, Redirect, Site
from plugins.module_utils.evenkeel_compiler.render import TARGET, Renderer, RenderFailed

from .builders import TEMPLATE_DIRS, compiled, php_site, proxy_site, static_site

HOSTILE = [
    'x"\nRequire all granted',
    "x\nInclude /etc/passwd",
    "x\r",
    "x\0y",
    "x\u2028y",
    "x\x85y",
    "${PATH}",
    "ü",
    "\x7f",
]


def templates() -> list[str]:
    """All templates that become a file; macros are rendered by them."""
    found = [path for folder in TEMPLATE_DIRS for path in (folder / TARGET).rglob("*.j2") if "macros" not in path.parts]
    return sorted(str(path).split(TARGET)[1].removesuffix(".j2") for path in found)


@pytest.mark.parametrize("name", templates())
def test_an_undefined_variable_is_fatal(name: str) -> None:
    with pytest.raises(RenderFailed, match="UndefinedError"):
        Renderer(TEMPLATE_DIRS).render(name, "nobody")


def test_no_template_reads_outside_of_its_role(tmp_path: Path) -> None:
    folder = tmp_path / TARGET
    folder.mkdir(parents=True)
    (folder / "x.j2").write_text('{% include "../../../../../../etc/passwd" %}')
    with pytest.raises(RenderFailed):
        Renderer([tmp_path]).render("x", "somebody")


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "name", ["apache_quote", "apache_header", "apache_path", "apache_regex", "fpm_value", "word", "htpasswd"]
)
def test_a_hostile_value_does_not_pass_a_filter(name: str, value: str) -> None:
    with pytest.raises(quoting.UnsafeValue):
        quoting.FILTERS[name](value)


def test_quotes_and_backslashes_stay_inside() -> None:
    assert quoting.apache_quote('a "b" \\') == '"a \\"b\\" \\\\"'


@pytest.mark.parametrize("value", ["expr=%{HTTP_HOST}", "Expr=1"])
def test_a_header_is_never_an_expression(value: str) -> None:
    with pytest.raises(quoting.UnsafeValue):
        quoting.apache_header(value)


@pytest.mark.parametrize("value", ["/a$0", "/a\\1", "/$1/b"])
def test_a_redirect_refers_to_nothing_but_its_own_rest(value: str) -> None:
    with pytest.raises(quoting.UnsafeValue):
        quoting.apache_substitution(value)


def test_an_error_page_shows_any_reason_as_text() -> None:
    page = quoting.error_text(("Suspended", 'a"b\\ ${X} %{Y}\n<script>ü'))
    assert page.isascii() and page.count('"') == 2 and page.startswith('"') and page.endswith('"')
    assert not [part for part in ("${", "%{", "\\", "\n", "<script") if part in page]


BAD = 'x"\nInclude /etc/shadow #'
VICTIMS: list[Site] = [
    static_site(server_name=BAD),
    static_site(aliases=(BAD,)),
    static_site(aliases=(BAD,), canonical=False),
    static_site(document_root=f"/srv/www/docs/{BAD}"),
    static_site(index=(BAD,)),
    static_site(headers=(("X-A", BAD),)),
    static_site(error_pages=((404, BAD),)),
    static_site(redirects=(Redirect(BAD, "/", 301),)),
    static_site(redirects=(Redirect("/", BAD, 301),)),
    static_site(access=Access(None, (BAD,), ())),
    static_site(access=Access(None, (), (BAD,))),
    static_site(access=Access(BasicAuth(BAD, ()), (), ())),
    static_site(access=Access(BasicAuth("x", ((BAD, "x"),)), (), ())),
    static_site(access=Access(BasicAuth("x", (("ann", BAD),)), (), ())),
    proxy_site(target=BAD),
    php_site(user=BAD),
    php_site(home=BAD, document_root=f"{BAD}/public"),
]


@pytest.mark.parametrize("site", VICTIMS, ids=range(len(VICTIMS)))
def test_no_field_of_a_site_becomes_a_directive(site: Site) -> None:
    with pytest.raises((RenderFailed, ValueError)):
        compiled(site)


def test_no_php_setting_becomes_a_directive() -> None:
    site = php_site()
    assert site.php
    for setting in (("memory_limit", "1M\nuser = root"), ("x] = 1\nuser", "root"), ("a", "${PATH}"), ("a", "1;2")):
        with pytest.raises(RenderFailed, match="blog/site.yml"):
            compiled(replace(site, php=replace(site.php, settings=(setting,))))

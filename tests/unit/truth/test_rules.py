"""What only all sites together can get wrong is found, naming both files."""

from __future__ import annotations

import json

import pytest

PROXY = {"kind": "proxy"}


def redirect(source, target):
    return {"from": source, "to": target}


@pytest.mark.parametrize("spelling", ["a.example", "A.Example", "a.example.", "A.EXAMPLE."])
def test_a_name_belongs_to_one_site_however_it_is_spelled(sites, spelling):
    sites.site("a")
    sites.site("b", server_name=spelling)
    said = "\n".join(map(str, sites.problems()))
    assert "sites/b/site.yml:1: server_name" in said
    assert "sites/a/site.yml:1 has it already" in said


def test_an_international_name_is_one_name_in_both_spellings(sites):
    sites.site("a", server_name="xn--bcher-kva.example")
    sites.site("b", server_name="BÜCHER.example")
    said = "\n".join(map(str, sites.problems()))
    assert "sites/a/site.yml:1 has it already" in said
    assert "write xn--bcher-kva.example" in said


def test_an_alias_belongs_to_one_site(sites):
    sites.site("a", text="server_name: a.example\nkind: static\naliases:\n  - www.example\n")
    sites.site("b", text="server_name: b.example\naliases:\n  - x.example\n  - www.example\nkind: static\n")
    [problem] = sites.problems()
    assert (problem.file, problem.line, problem.field) == ("sites/b/site.yml", 4, "aliases.1")
    assert "sites/a/site.yml:4" in problem.allowed


def test_an_alias_that_is_the_name_itself_is_told(sites):
    sites.site("a", aliases=["a.example"])
    assert sites.fields() == ["aliases.0"]


def test_a_user_belongs_to_one_site(sites):
    sites.site("a")
    sites.site("b", user="a")
    assert sites.fields() == ["user"]


def test_a_socket_belongs_to_one_site(sites):
    sites.site("a", kind="php")
    sites.site("b", kind="php", php={"socket": "a"})
    assert sites.fields() == ["php.socket"]


def test_an_absent_site_leaves_its_name_to_another(sites):
    sites.site("a", state="absent", server_name="shared.example", user="shared")
    sites.site("b", server_name="shared.example", user="shared")
    truth = sites.load()
    assert ([site.name for site in truth.sites], truth.absent) == (["b"], ("a",))


def test_a_clash_is_told_even_when_the_other_file_has_more_wrong(sites):
    sites.site("a")
    sites.site("b", server_name="a.example", kind="statik", log="none")
    assert {"server_name", "kind", "log"} == set(sites.fields())


def test_all_problems_of_all_sites_come_at_once(sites):
    sites.site("a", kind="statc")
    sites.site("b", text="kind: static\nkind: static\n")
    sites.site("c", settings={"x.j2": "{{ nothing }}"})
    sites.site("d", aliasses=[])
    files = [problem.file for problem in sites.problems()]
    assert files == ["sites/a/site.yml", "sites/b/site.yml", "sites/c/settings/x.j2", "sites/d/site.yml"]


@pytest.mark.parametrize("target", ["http://p.example", "https://p.example", "http://www.p.example:80/x"])
def test_a_proxy_to_itself_is_found(sites, target):
    sites.site("p", **PROXY, aliases=["www.p.example"], proxy={"target": target})
    assert sites.fields() == ["proxy.target"]


def test_proxies_that_go_in_a_circle_are_found(sites):
    sites.site("p", **PROXY, proxy={"target": "http://q.example"})
    sites.site("q", **PROXY, proxy={"target": "http://p.example"})
    sites.site("r", **PROXY, proxy={"target": "http://p.example"})
    assert [(problem.file, problem.field) for problem in sites.problems()] == [
        ("sites/p/site.yml", "proxy.target"),
        ("sites/q/site.yml", "proxy.target"),
    ]


def test_a_proxy_to_another_site_or_port_is_fine(sites):
    sites.site("p", **PROXY, proxy={"target": "http://p.example:9000"})
    sites.site("q", **PROXY, proxy={"target": "http://a.example"})
    sites.site("a")
    assert sites.problems() == ()


CIRCLES = {
    "to itself": [redirect("/a", "/a")],
    "to itself by its name": [redirect("/a", "http://x.example/a?b=c")],
    "to itself over TLS, which ends before Apache": [redirect("/*", "https://x.example/")],
    "to itself by its alias": [redirect("/a", "http://www.x.example/a")],
    "into its own folder": [redirect("/*", "/new/")],
    "growing": [redirect("/a/*", "/a/b/")],
    "two": [redirect("/a", "/b"), redirect("/b", "/a")],
    "folders": [redirect("/a/*", "/b/"), redirect("/b/*", "/a/")],
}


@pytest.mark.parametrize("name", CIRCLES)
def test_a_redirect_in_a_circle_is_found(sites, name):
    sites.site("x", aliases=["www.x.example"], redirects=CIRCLES[name])
    assert set(sites.fields()) == {f"redirects.{number}.to" for number in range(len(CIRCLES[name]))}


STRAIGHT = {
    "on": [redirect("/a", "/b"), redirect("/b", "/c")],
    "out of a folder": [redirect("/old/*", "/")],
    "to another host": [redirect("/*", "https://elsewhere.example/")],
    "hidden by an earlier one": [redirect("/a", "/c"), redirect("/b", "/a")],
}


@pytest.mark.parametrize("name", STRAIGHT)
def test_a_redirect_that_ends_is_fine(sites, name):
    sites.site("x", redirects=STRAIGHT[name])
    assert sites.problems() == ()


def test_redirects_in_a_circle_over_two_sites_are_found(sites):
    sites.site("x", redirects=[redirect("/*", "http://y.example/")])
    sites.site("y", redirects=[redirect("/*", "http://x.example/")])
    said = str(sites.problems()[0])
    assert "sites/x/site.yml" in said
    assert "sites/y/site.yml" in said


@pytest.mark.parametrize(
    ("fields", "blamed"),
    [
        ({"kind": "static", "php": {}}, "php"),
        ({"kind": "static", "proxy": {"target": "http://x"}}, "proxy"),
        ({"kind": "php", "proxy": {"target": "http://x"}}, "proxy"),
        ({"kind": "proxy"}, "proxy"),
        ({**PROXY, "proxy": {"target": "http://x"}, "document_root": "public"}, "document_root"),
        ({**PROXY, "proxy": {"target": "http://x"}, "error_pages": {"404": "/x.html"}}, "error_pages"),
        ({"state": "suspended"}, "reason"),
        ({"state": "maintenance"}, "reason"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "headers.x-a"),
        ({"redirects": [redirect("/a", "/b"), redirect("/a", "/c")]}, "redirects.1.from"),
        ({"redirects": [{"from": "/a"}]}, "redirects.0.to"),
        ({"kind": "php", "php": {"settings": {"upload_max_filesize": "1G", "post_max_size": "64M"}}},
         "php.settings.upload_max_filesize"),
        ({"probes": [{"path": "/", "body": "x"}]}, "probes.0.body"),
        ({"probes": [{"path": "/", "method": "HEAD", "expect": {"contains": "x"}}]}, "probes.0.expect.contains"),
        ({"access": {"basic_auth": {"users": {"ann": {"secret": "missing"}}}}}, "access.basic_auth.users.ann.secret"),
    ],
)  # fmt: skip
def test_fields_that_do_not_go_together_are_told(sites, fields, blamed):
    sites.site("x", **fields)
    assert sites.fields() == [blamed]


def test_a_site_folder_is_its_user_home_and_socket(sites):
    sites.site("x", kind="php")
    [site] = sites.load().sites
    assert (site.user, site.home, site.document_root) == ("x", "/srv/www/x", "/srv/www/x/public")
    assert (site.php.socket, site.php.version) == ("/run/php/x.sock", "8.2")


def test_order_in_a_file_does_not_change_a_site(sites):
    one = {"aliases": ["a.example", "b.example"], "headers": {"X-A": "1", "X-B": "2"}, "kind": "static"}
    two = {"kind": "static", "headers": {"X-B": "2", "X-A": "1"}, "aliases": ["b.example", "a.example"]}
    folder = sites.site("x", text=json.dumps({"server_name": "x.example", **one}))
    first = sites.load()
    (folder / "site.yml").write_text(json.dumps({**two, "server_name": "x.example"}))
    assert sites.load() == first

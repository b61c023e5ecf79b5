"""Settings files are rendered by templates that can print and nothing else, and secrets stay with their site."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from plugins.module_utils.evenkeel_compiler.settings import php_quote


def rendered(sites):
    return {each.path: each for each in sites.load().sites[0].settings}


def test_a_plain_file_is_taken_byte_for_byte(sites):
    sites.site("a", settings={"img/x.bin": b"\x00\xff{{ not a template }}"})
    file = rendered(sites)["img/x.bin"]
    assert (file.content, file.secret) == (b"\x00\xff{{ not a template }}", False)


def test_a_template_knows_site_pool_and_its_own_secrets(sites):
    sites.secrets = {"a": {"key": "s3cret"}, "b": {"key": "other"}}
    sites.site("a", vars={"host": "db1"}, settings={"c.txt.j2": "{{ site.vars.host }} {{ pool.name }} {{ secrets.key }}\n"})
    sites.site("b")
    file = rendered(sites)["c.txt"]
    assert (file.content, file.secret) == (b"db1 web s3cret\n", True)


def test_a_template_without_secrets_is_not_secret(sites):
    sites.secrets = {"a": {"key": "s3cret"}}
    sites.site("a", settings={"c.txt.j2": "{{ site.server_name }}"})
    assert not rendered(sites)["c.txt"].secret


def test_another_sites_secrets_are_out_of_reach(sites):
    sites.secrets = {"a": {}, "b": {"key": "other"}}
    sites.site("a", settings={"c.txt.j2": "{{ secrets.b.key }}"})
    sites.site("b")
    [problem] = sites.problems()
    assert "other" not in str(problem)


def test_a_name_that_does_not_exist_is_told_with_its_line(sites):
    sites.secrets = {"a": {"key": "s3cret"}}
    sites.site("a", vars={"host": "db1"}, settings={"c.txt.j2": "one\ntwo\n{{ secrets.kye }}\n"})
    [problem] = sites.problems()
    assert (problem.file, problem.line) == ("sites/a/settings/c.txt.j2", 3)
    assert "secrets: key; site.vars: host" in problem.allowed
    assert "s3cret" not in str(problem)


def test_a_broken_template_is_told_with_its_line(sites):
    sites.site("a", settings={"c.txt.j2": "one\n{% if %}\n"})
    assert str(sites.problems()[0]).startswith("sites/a/settings/c.txt.j2:2: ")


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ site.__class__ }}",
        "{{ site['__class__'] }}",
        "{{ cycler.__init__.__globals__.os.popen('id') }}",
        "{{ lookup('pipe', 'id') }}",
        "{{ range(1000000000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ 'x' | center(999999999) }}",
        "{{ site | attr('__class__') }}",
        "{{ [1] | map('abs') | list }}",
        "{% set x = 1 %}",
        "{% macro m() %}{{ m() }}{% endmacro %}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% for a in 'ab' %}{% for b in 'ab' %}{% for c in 'ab' %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in [[1]] recursive %}{{ loop(a) }}{% endfor %}",
        "{{ site.update({'x': 1}) }}",
        "{{ self }}",
        "{{ site }}",
        "{{ site.items }}",
        "{{ site.aliases }}",
        "{{ missing | default('x') }}",
        "{{ site.vars.missing }}",
        "{{ 'x' | join('y') }}",
        "{{ site.name.upper() }}",
    ],
)
def test_a_template_can_print_and_nothing_else(sites, template):
    sites.site("a", settings={"c.txt.j2": template})
    assert [problem.file for problem in sites.problems()] == ["sites/a/settings/c.txt.j2"]


def test_a_template_can_decide_and_repeat(sites):
    text = "{% for key, value in site.vars.items() %}\n{{ key }}={{ value }}{{ '' if loop.last else ',' }}\n{% endfor %}\n"
    sites.site("a", vars={"x": 1, "y": "z"}, settings={"c.txt.j2": text})
    assert rendered(sites)["c.txt"].content == b"x=1,\ny=z\n"


def test_the_size_of_a_result_is_limited(sites):
    text = "{% for a in site.vars.x %}{% for b in site.vars.x %}xxxxxxxxxx{% endfor %}{% endfor %}"
    sites.site("a", vars={"x": "x" * 2000}, settings={"c.txt.j2": text})
    assert "1024 KiB" in str(sites.problems()[0])


@pytest.mark.parametrize(
    "path",
    [".user.ini", ".htpasswd", "-rf", "a b", "x/.git/config", ".well-known/.x", "ü.txt", "a\nb", "x/../y.j2/z'", ".j2"],
)
def test_a_path_that_hides_or_surprises_is_refused(sites, path):
    sites.site("a", settings={path: "x"})
    assert len(sites.problems()) == 1


def test_htaccess_is_for_sites_that_say_so(sites):
    sites.site("a", settings={"x/.htaccess": "x"})
    sites.site("b", htaccess=True, settings={"x/.htaccess": "x"})
    assert [problem.file for problem in sites.problems()] == ["sites/a/settings/x/.htaccess"]


def test_well_known_files_are_fine(sites):
    sites.site("a", settings={".well-known/security.txt": "x"})
    assert list(rendered(sites)) == [".well-known/security.txt"]


@pytest.mark.parametrize("name", ["wp-config.phpp", "wp-config.php.bak", "wp-config.txt", "wp-config.PHP", "x.inc"])
@pytest.mark.parametrize("start", ["<?php\n", "\ufeff<?PHP ", "\n\n<?php\n"])
def test_php_under_a_name_that_would_be_sent_as_it_is_is_refused(sites, name, start):
    sites.site("a", kind="php", settings={name: f"{start}secret();"})
    assert "ending in .php" in str(sites.problems()[0])


def test_php_in_a_template_with_the_wrong_name_is_refused_too(sites):
    sites.site("a", kind="php", settings={"wp-config.phpp.j2": "<?php\n"})
    assert "ending in .php" in str(sites.problems()[0])


@pytest.mark.parametrize("paths", [("a.txt", "a.txt.j2"), ("a", "a.j2"), ("a.txt", "A.txt"), ("a.j2", "a/b.txt")])
def test_two_files_cannot_become_one(sites, paths):
    if paths[0] == "a":
        paths = ("x/a", "x/a.j2")
    sites.site("a", settings=dict.fromkeys(paths, "x"))
    assert "a path of its own" in str(sites.problems()[0])


def test_a_proxy_has_no_place_for_settings(sites):
    sites.site("a", kind="proxy", proxy={"target": "http://x:9000"}, settings={"x.txt": "x"})
    assert "no document root" in str(sites.problems()[0])


@pytest.mark.parametrize("value", ["x'y", "x\\", "\\'", "'; system('id'); //", "${x}", "$x {$y}", "?><?php", "\n", "é\u2028"])
def test_php_reads_back_exactly_what_was_quoted(value):
    php = shutil.which("php")
    if php is None:
        assert php_quote(value) == "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return
    said = subprocess.run([php, "-r", f"echo {php_quote(value)};"], capture_output=True, check=True).stdout
    assert said.decode() == value


def test_secrets_of_a_wrong_shape_are_told_without_their_values(sites):
    sites.site("a")
    sites.secrets = {"a": {"Bad-Name": "hidden1", "list": ["hidden2"]}, "b": {"x": "hidden3"}, "c": "hidden4"}
    said = "\n".join(map(str, sites.problems()))
    assert "hidden" not in said
    assert "evenkeel_secrets: b: the folder name of a site" in said


def test_a_login_hash_comes_from_the_vault(sites):
    sites.secrets = {"a": {"ann": "$2y$05$" + "a" * 53}}
    sites.site("a", access={"basic_auth": {"users": {"ann": {"secret": "ann"}}}})
    assert sites.load().sites[0].access.basic_auth.users == (("ann", "$2y$05$" + "a" * 53),)


def test_a_password_in_the_place_of_a_hash_is_never_repeated(sites):
    sites.secrets = {"a": {"ann": "correct horse"}}
    sites.site("a", access={"basic_auth": {"users": {"ann": {"secret": "ann"}, "bob": "battery staple"}}})
    said = "\n".join(map(str, sites.problems()))
    assert said
    assert "horse" not in said
    assert "staple" not in said


@pytest.mark.parametrize(
    "fields",
    [
        {"proxy": {"target": "http://ann:hunter2@app1"}, "kind": "proxy"},
        {"vars": {"api_key": ["hunter2"]}},
        {"password": "hunter2"},
        {"document_root": "/hunter2"},
        {"probes": [{"path": "/", "headers": {"Authorization": "hunter2\u00e9"}}]},
    ],
)
def test_a_secret_in_the_wrong_place_is_never_repeated(sites, fields):
    sites.secrets = {"a": {"key": "hunter2"}}
    sites.site("a", **fields)
    assert sites.problems()
    assert "hunter2" not in "\n".join(map(str, sites.problems()))

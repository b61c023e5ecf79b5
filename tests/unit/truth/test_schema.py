"""The schema teaches whoever writes a site file, and the three that read it agree."""

from __future__ import annotations

import copy
import dataclasses
import json
import time

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.generate_site_file import PAGE, page
from plugins.module_utils.evenkeel_compiler import model, schema, truth
from plugins.module_utils.evenkeel_compiler.errors import TruthInvalid

SITE = schema.named("site").tree
POOL = schema.named("pool").tree

RICH = {
    "server_name": "x.example",
    "kind": "php",
    "php": {"settings": {"memory_limit": "64M"}, "max_children": 3},
    "redirects": [{"from": "/a", "to": "/b", "code": 302}],
    "headers": {"X-A": "b"},
    "error_pages": {"404": "/404.html"},
    "access": {"allow": ["192.0.2.0/24"], "basic_auth": {"users": {"ann": {"secret": "x"}}}},
    "probes": [{"path": "/", "expect": {"status": [200], "contains": "x", "headers": {"X-A": "b"}}}],
    "vars": {"x": 1},
}


def fields(tree, prefix=""):
    """Every field of a schema, on every level: its path, its schema, and whether it is needed."""
    for name, inner in tree.get("properties", {}).items():
        yield f"{prefix}{name}", inner, name in tree.get("required", [])
        yield from fields(inner, f"{prefix}{name}.")
    for inner in (tree.get("items"), tree.get("additionalProperties")):
        if isinstance(inner, dict):
            yield f"{prefix}*", inner, True
            yield from fields(inner, f"{prefix}*.")


ALL = [*fields(SITE), *fields(POOL, "pool.")]


@pytest.mark.parametrize(("path", "field", "needed"), ALL, ids=[path for path, *_ in ALL])
def test_a_field_teaches_its_reader(path, field, needed):
    assert field["description"].endswith((".", ")"))
    assert field.get("examples") or path.endswith("redirects.*") or "properties" in field
    if "pattern" in field:
        assert field["patternErrorMessage"]
        assert field["pattern"].startswith("^")
        assert field["pattern"].endswith("$")
    if field.get("type") == "object":
        assert "additionalProperties" in field


@pytest.mark.parametrize(("path", "field", "needed"), ALL, ids=[path for path, *_ in ALL])
def test_examples_and_defaults_are_themselves_allowed(path, field, needed):
    validator = jsonschema.Draft7Validator(field)
    for value in field.get("examples", []):
        assert not list(validator.iter_errors(value))
    if field.get("default", "") != "":
        assert validator.is_valid(field["default"])


def test_a_field_without_a_default_says_what_happens_without_it():
    silent = [
        path
        for path, field, needed in ALL
        if not needed and "default" not in field and not path.startswith("php.settings.") and "*" not in path
        if "Without it" not in field["description"] and "nly for " not in field["description"]
    ]
    assert silent == ["access.basic_auth"]


def test_the_pool_schema_and_the_pool_are_one():
    pool = truth.pool_from({"name": "web"})
    assert pool == model.Pool(name="web")
    assert set(POOL["properties"]) == {field.name for field in dataclasses.fields(model.Pool)}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "evenkeel_pool: missing; write it in group_vars/web/evenkeel.yml"),
        ({"timeout_s": 30}, "evenkeel_pool: name: missing"),
        ({"name": "shop"}, "evenkeel_pool: name: shop: must be web"),
        ({"name": "web", "sites_rot": "/x"}, "did you mean sites_root?"),
        ({"name": "web", "sites_root": "/srv/../etc"}, "sites_root"),
        ({"name": "web", "trusted_probers": ["192.0.2.1/24"]}, "write 192.0.2.0/24"),
        ({"name": "web", "extra_modules": ["../x"]}, "extra_modules.0"),
        ("web", "a mapping"),
    ],
)
def test_a_wrong_pool_is_told(values, said):
    with pytest.raises(TruthInvalid) as invalid:
        truth.pool_from(values, "web")
    assert said in str(invalid.value)


def test_both_validators_accept_the_same_draft():
    jsonschema.Draft7Validator.check_schema(SITE)
    jsonschema.Draft7Validator.check_schema(POOL)
    assert SITE["$schema"] == POOL["$schema"] == "http://json-schema.org/draft-07/schema#"


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
    st.sampled_from(["a.example", "/x", "64M", "static", 1, 301]),
)  # fmt: skip


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_the_fast_and_the_explaining_validator_agree(data):
    pytest.importorskip("fastjsonschema")
    document = copy.deepcopy(RICH)
    places = [place for place in _places(document) if place]
    *parents, last = data.draw(st.sampled_from(places))
    target = document
    for key in parents:
        target = target[key]
    target[last] = data.draw(ODD)
    fast = schema.named("site")._accepts(document)
    assert (
        fast == jsonschema.Draft7Validator(SITE).is_valid(document)
        or "\n" in json.dumps(document)
        or "\\n" in json.dumps(document)
    )


def _places(value, path=()):
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from _places(inner, (*path, key))


def test_without_the_fast_validator_the_other_accepts(monkeypatch):
    monkeypatch.setattr(schema.importlib, "import_module", _missing)
    slow = schema.Schema(json.dumps(SITE))
    document = copy.deepcopy(RICH)
    assert slow.complaints(document) == []
    assert document["limits"] == {"body_mb": 16, "timeout_s": 60}
    assert slow.complaints({"kind": "php"})


def _missing(name):
    raise ImportError(name)


@pytest.mark.parametrize(
    ("wrong", "right"), [("server_nmae", "server_name"), ("alias", "aliases"), ("redirect", "redirects"), ("Kind", "kind")]
)
def test_a_slip_is_answered_with_the_right_word(sites, wrong, right):
    sites.site("a", **{wrong: "x"})
    assert f"did you mean {right}?" in str(sites.problems()[0])


def test_a_wrong_value_is_answered_with_place_value_and_what_is_allowed(sites):
    sites.site("blog", text="server_name: blog.example\nkind: php\nphp:\n  settings:\n    memory_limit: 128MB\n")
    assert str(sites.problems()[0]) == (
        'sites/blog/site.yml:5: php.settings.memory_limit: "128MB": '
        "a size like 256M or 1G, at most 9999M or 8G; -1 (no limit) is not allowed"
    )


def test_a_long_value_is_shortened(sites):
    sites.site("a", document_root="/" + "x" * 5000)
    assert len(str(sites.problems()[0])) < 400


def test_the_page_for_authors_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run docs/generate_site_file.py"


def test_a_thousand_sites_take_a_second(sites):
    for number in range(1000):
        name = f"s{number}"
        text = json.dumps({**RICH, "server_name": f"{name}.example", "access": {}})
        sites.site(name, text=text, settings={"c.php.j2": "<?php\ndefine('X', {{ site.name | php_quote }});\n"})
    begin = time.process_time()
    assert len(sites.load().sites) == 1000
    assert time.process_time() - begin < 2

#!/usr/bin/env python3
"""Writes docs/site_file.md from schemas/site.schema.json, so that the page for authors cannot be wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from plugins.module_utils.evenkeel_compiler.schema import allowed  # noqa: E402

PAGE = ROOT / "docs" / "site_file.md"
SCHEMA = ROOT / "schemas" / "site.schema.json"
EXAMPLE = ROOT / "inventories" / "example" / "sites" / "blog" / "site.yml"

HEAD = """# For authors of a site: the file `site.yml`

<!-- Written by docs/generate_site_file.py from schemas/site.schema.json; change the schema, then run it again. -->

A site is a folder below `inventories/<env>/sites/`. Its name (lower-case letters, digits and hyphens, up to 31) is the
site's identity: in file names, logs and messages.

```
sites/blog/site.yml         how the site is served: this page
sites/blog/settings/**      files that belong inside its document root; `x.j2` is a template and becomes `x`
sites/blog/README.md        whatever the next person should know
```

Nothing else may lie there. An editor that knows YAML schemas completes and checks the file while you type, if its
first line is

```yaml
# yaml-language-server: $schema=../../../../schemas/site.schema.json
```

## An example

```yaml
"""

AFTER_EXAMPLE = """```

## Rules for all values

* Plain YAML: one document, each field once, no tags, anchors or aliases, no control or invisible characters, 256 KiB.
* A value can never become a directive, an expression or a command: beyond what each field allows, no value may hold
  `${`, `%{`, `{{`, `{%` or `{#` (texts that probes look for may).
* Names, users and sockets belong to one site. A redirect or a proxy must not lead back to itself.
* All mistakes of all sites are told at once, before any host is contacted: `file:line: field: value: what is allowed`.

## Settings files

Files below `settings/` are linked into the document root and change together with everything else, or not at all.
They must not rely on `__DIR__`, which is the folder of a release; use the document root.

A file ending in `.j2` is a template: `{{ site.vars.db_host | php_quote }}`. It can print, decide (`if`), repeat (`for`,
two levels), and nothing else. It knows

| name | what |
|---|---|
| `site` | `name`, `server_name`, `aliases`, `canonical`, `kind`, `state`, `user`, `home`, `document_root`, `php`, `vars` |
| `secrets` | this site's secrets from the vault: `evenkeel_secrets.<site>.<name>` |
| `pool` | what `schemas/pool.schema.json` describes |

and the filters `php_quote` (a PHP literal that no value can break out of), `tojson`, `join`, `lower`, `upper`, `length`,
`sort`. A name that does not exist is an error, with file and line. A file whose template reads `secrets` is readable for the
site and nobody else, and never shown in a diff. A file that holds PHP must end in `.php`: under any other name it would
be sent to visitors as it is.

## Fields
"""


def page() -> str:
    """The whole page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return HEAD + EXAMPLE.read_text(encoding="utf-8") + AFTER_EXAMPLE + "\n".join(_section("", schema)) + "\n"


def _section(prefix: str, schema: dict[str, Any]) -> Iterator[str]:
    """The fields of one level, then a section for each that has fields of its own."""
    required = schema.get("required", [])
    properties = schema["properties"]
    yield ""
    for name, inner in properties.items():
        yield f"* **`{prefix}{name}`**{_tag(name in required, inner)}: {inner['description']}"
        yield f"  Allowed: {_allowed(inner)}. Example: {_example(inner)}"
    for name, inner in properties.items():
        nested = inner if "properties" in inner else inner.get("items", {})
        if "properties" in nested:
            dots = f"{prefix}{name}{'[]' if nested is not inner else ''}."
            yield f"\n### `{dots[:-1]}`\n\n{nested['description']}"
            yield from _section(dots, nested)


def _tag(is_required: bool, schema: dict[str, Any]) -> str:
    if is_required:
        return " (needed)"
    return f" (default `{_yaml(schema['default'])}`)" if schema.get("default", "") != "" else ""


def _allowed(schema: dict[str, Any]) -> str:
    inner = schema.get("items", schema.get("additionalProperties"))
    words = allowed(schema)
    return f"{words}; each: {allowed(inner)}" if isinstance(inner, dict) and "properties" not in inner else words


def _example(schema: dict[str, Any]) -> str:
    return " or ".join(f"`{_yaml(each)}`" for each in schema["examples"])


def _yaml(value: Any) -> str:
    """`value` on one line, as YAML takes it."""
    return value if isinstance(value, str) else json.dumps(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

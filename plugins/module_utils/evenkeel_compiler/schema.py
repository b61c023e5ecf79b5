"""Checks a document against a JSON Schema: fast when it is right, and every error with what is allowed when it is not.

fastjsonschema accepts (5,000 sites in 0.1 s), jsonschema (twenty times slower) explains, and accepts where the other is
not installed. Both read the same file, which is also the one that editors complete from.
"""

from __future__ import annotations

import copy
import difflib
import importlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from .errors import Complaint, NoValue, Path

SCHEMAS = FilePath(__file__).resolve().parents[3] / "schemas"

_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of fields",
}


class Schema:
    """One schema file, compiled once."""

    def __init__(self, text: str) -> None:
        self.tree: dict[str, Any] = json.loads(text)
        self._accepts = _acceptor(self.tree)

    def complaints(self, document: dict[str, Any]) -> list[Complaint]:
        """What is wrong with `document`; where nothing is, its defaults are filled in."""
        if self._accepts(document):
            fill(document, self.tree)
            return []
        found = [each for error in _explainer(self.tree).iter_errors(document) for each in _complaints(error)]
        # The two libraries should never disagree; if they do, the stricter one wins.
        return found or [((), NoValue(), "what schemas/site.schema.json says")]


def _acceptor(tree: dict[str, Any]) -> Callable[[Any], bool]:
    try:
        fastjsonschema = importlib.import_module("fastjsonschema")
    except ImportError:
        return lambda document: bool(_explainer(tree).is_valid(document))
    # What it raises says nothing then, but it need not be compiled into three times as much code.
    validate = fastjsonschema.compile(tree, use_default=False, detailed_exceptions=False)

    def accepts(document: Any) -> bool:
        try:
            validate(document)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return accepts


def _explainer(tree: dict[str, Any]) -> Any:
    import jsonschema  # half of what the compiler's imports cost, and for what is wrong alone

    return jsonschema.Draft7Validator(tree)


def fill(value: Any, schema: dict[str, Any]) -> None:
    """Adds what a checked document leaves to its schema's defaults, on every level that is there."""
    if isinstance(value, list) and "items" in schema:
        for entry in value:
            fill(entry, schema["items"])
    if not isinstance(value, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        if "default" in inner and name not in value:
            value[name] = copy.copy(inner["default"])
        if name in value:
            fill(value[name], inner)


@cache
def named(name: str) -> Schema:
    """The schema `schemas/<name>.schema.json`."""
    return Schema((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))


def _complaints(error: Any) -> Iterator[Complaint]:
    path: Path = tuple(map(str, error.absolute_path))
    if error.validator == "additionalProperties" and error.validator_value is False:
        yield from _unknown(path, error)
    elif error.validator == "required":
        yield from _missing(path, error)
    elif error.parent is None and "propertyNames" in error.absolute_schema_path:
        yield (*path, str(error.instance)), NoValue(), allowed(error.schema)
    else:
        yield path, error.instance, _wanted(error)


def _unknown(path: Path, error: Any) -> Iterator[Complaint]:
    known = list(error.schema.get("properties", {}))
    for name in error.instance:
        if name not in known:
            yield (
                (*path, name),
                NoValue(),
                f"unknown field{did_you_mean(name, known)}; allowed here: {', '.join(known)}",
            )


def _missing(path: Path, error: Any) -> Iterator[Complaint]:
    for name in error.validator_value:
        if name not in error.instance:
            yield (*path, name), NoValue(), f"missing; {allowed(error.schema['properties'][name])}"


def _wanted(error: Any) -> str:
    if error.validator == "enum":
        return allowed(error.schema) + did_you_mean(error.instance, error.validator_value)
    if error.validator == "uniqueItems":
        return "each entry once"
    if error.validator in ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"):
        return _size(error.validator, error.validator_value)
    return allowed(error.schema)


def _size(rule: str, number: int) -> str:
    bound = "at most" if rule.startswith("max") else "at least"
    return f"{bound} {number} {'characters' if rule.endswith('Length') else 'entries'}"


def allowed(schema: dict[str, Any]) -> str:
    """What a value may be, in words for people; also used by the documentation."""
    if "patternErrorMessage" in schema:
        return str(schema["patternErrorMessage"])
    if "enum" in schema:
        return "one of " + ", ".join(_plain(value) for value in schema["enum"])
    types = schema.get("type", [])
    words = [_type(each, schema) for each in ([types] if isinstance(types, str) else types)]
    return " or ".join(words)


def _type(name: str, schema: dict[str, Any]) -> str:
    if name == "integer" and "minimum" in schema and "maximum" in schema:
        return f"a whole number from {schema['minimum']} to {schema['maximum']}"
    return _TYPES[name]


def did_you_mean(word: Any, known: list[Any]) -> str:
    """` (did you mean x?)` where `word` looks like a slip of one of `known`, else nothing."""
    close = difflib.get_close_matches(str(word).lower(), [str(each) for each in known], n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

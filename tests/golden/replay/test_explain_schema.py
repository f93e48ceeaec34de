#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kept explanations are what docs/explain.schema.json says, and one that is not shows.

Checks the words of JSON Schema (draft 2020-12) that the schema uses, and refuses others.
"""
import copy
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = HERE.parent.parent.parent / "docs" / "explain.schema.json"
KNOWN = {"$schema", "$defs", "$ref", "title", "description", "type", "additionalProperties",
         "required", "properties", "items", "enum", "const", "pattern", "minimum"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def check_value(value, schema, place):
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(is_type(value, name) for name in names):
        yield f"{place}: not of type {names}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{place}: not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: not one of {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: not like {schema['pattern']}"
    if "minimum" in schema and value is not None and value < schema["minimum"]:
        yield f"{place}: below {schema['minimum']}"


def check_object(value, schema, root, place):
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{place}: no {name}"
    for name, inner in value.items():
        if name in properties:
            yield from check(inner, properties[name], root, f"{place}.{name}")
        elif schema.get("additionalProperties", True) is False:
            yield f"{place}: unknown {name}"


def check(value, schema, root, place="$"):
    unknown = set(schema) - KNOWN
    if unknown:
        sys.exit(f"the schema uses what this program does not check: {sorted(unknown)}")
    if "$ref" in schema:
        yield from check(value, root["$defs"][schema["$ref"].split("/")[-1]], root, place)
    findings = list(check_value(value, schema, place))
    yield from findings
    if isinstance(value, dict) and not findings:
        yield from check_object(value, schema, root, place)
    for i, item in enumerate(value if isinstance(value, list) and "items" in schema else []):
        yield from check(item, schema["items"], root, f"{place}[{i}]")


def broken(explanation):
    """Explanations with one fault each."""
    changes = [("cap", 0.5), ("spent", "2/0"), ("replay", 0), ("mechanism", "other"),
               ("lines", None), ("marginals", True), ("more", 1)]
    for name, value in changes:
        other = copy.deepcopy(explanation)
        other[name] = value
        yield name, other
    other = copy.deepcopy(explanation)
    del other["lines"][0]["rho"]
    yield "lines[0].rho", other


def main():
    schema = json.loads(SCHEMA.read_text())
    kept = sorted(HERE.glob("*.json"))
    findings = [] if kept else ["nothing is kept"]
    for path in kept:
        explanation = json.loads(path.read_text())
        findings += [f"{path.name} {what}" for what in check(explanation, schema, schema)]
        findings += [f"{path.name}: a fault in {name} is not seen"
                     for name, other in broken(explanation)
                     if not list(check(other, schema, schema))]
    for what in findings:
        print(what)
    print(f"{0 if findings else len(kept)} passed, {len(findings)} failed, 0 skipped")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

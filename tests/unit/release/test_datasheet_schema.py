#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""datasheet.json is what docs/datasheet.schema.json says, and the schema refuses what the
claim must never be. Needs python3-jsonschema; skipped without."""
import copy
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]

try:
    import jsonschema
except ImportError:
    print("0 passed, 0 failed, 1 skipped: python3-jsonschema is not installed")
    sys.exit(77)

# A change of the golden datasheet, as a path and a value, that makes it no datasheet.
SPOILT = {
    "a rho that is a number": (["claim", "run", "rho"], 0.125),
    "an epsilon that is a number": (["claim", "for_ever", "epsilon"], 4),
    "a guess below a coin's": (["claim", "run", "guess_percent"], "49.9"),
    "a guess above certainty": (["claim", "run", "guess_percent"], "101.0"),
    "another unit": (["claim", "unit"], "person"),
    "a version of tomorrow": (["version"], 3),
    "a column without a word on looking": (["columns", 0, "looked"], None),
    "a bound above the whole": (["errors", "marginals", 0, "bound"], 1000001),
    "an unknown member": (["surprise"], 1),
}


def spoil(sheet, path, value):
    sheet = copy.deepcopy(sheet)
    place = sheet
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return sheet


def main():
    schema = json.loads((ROOT / "docs" / "datasheet.schema.json").read_text())
    sheet = json.loads((HERE / "expected" / "datasheet.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failures = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(sheet)]
    for name, (path, value) in SPOILT.items():
        if validator.is_valid(spoil(sheet, path, value)):
            failures.append(f"{name} is let through")
    for line in failures:
        print(f"not ok - {line}")
    cases = 1 + len(SPOILT)
    print(f"{cases - len(failures)} passed, {len(failures)} failed, 0 skipped")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

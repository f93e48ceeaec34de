#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A person as the unit of privacy, from the command line: which rows count is computed here
again from the salt that the transcript publishes, and compared with what was measured at an
epsilon whose noise moves hardly a row."""
import collections
import csv
import hashlib
import io
import json
import re
import struct

from harness import case, expect, main

WARDS = ("A", "B", "C")
SCHEMA = {"missingValues": ["", "NA"], "fields": [
    {"name": "ward", "type": "string", "constraints": {"enum": list(WARDS)}},
    {"name": "stay", "type": "integer", "constraints": {"minimum": 0, "maximum": 9},
     "silhouette": {"bins": "integers"}}]}
LOUD = ("--epsilon", "9000", "--delta", "1e-9", "--mechanism", "independent")


def visits():
    """(id, ward, stay): one person with a thousand, some with none of a name, some twice the
    same."""
    rows = [("p0", WARDS[i % 2], i % 10) for i in range(1000)]
    for person in range(1, 1000):
        for visit in range(person * 7 % 9):
            rows.append((f"p{person}", WARDS[(person + visit // 2) % 3],
                         (person + 3 * visit) % 10))
    rows += [("", "C", 9)] * 5 + [("NA", "C", 8)] * 6
    return rows


def prepare(tool):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("stay", "patient", "ward"))
    writer.writerows((stay, who, ward) for who, ward, stay in visits())
    tool.write("v.csv", out.getvalue())
    tool.write("s.json", SCHEMA)


def salt_of(model):
    found = re.search(rb"\xa2id\xa7patient[\x00-\x7f](?:\xa3own|\xa4drop)\xc4\x10(.{16})",
                      model, re.DOTALL)
    expect(found, "the transcript has the salt")
    return found.group(1)


def kept(rows, salt, most):
    """By table/people.h, with hashlib."""
    people = collections.defaultdict(list)
    for who, ward, stay in rows:
        people[who].append((WARDS.index(ward), stay))
    out = []
    for who, mine in people.items():
        if who == "":
            out += mine
            continue
        copies, hashed = collections.Counter(), []
        for row in mine:
            text = b"".join((b"silhouette/people/v1\n", salt, struct.pack("<Q", len(who)),
                             who.encode(), struct.pack("<3I", *row, copies[row])))
            copies[row] += 1
            hashed.append((hashlib.blake2b(text, digest_size=32).digest(), row))
        out += [row for _, row in sorted(hashed)[:most]]
    return out


def histogram(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    return (collections.Counter(row["ward"] for row in rows),
            collections.Counter(row["stay"] for row in rows))


def histogram_of(rows):
    return (collections.Counter(WARDS[ward] for ward, _ in rows),
            collections.Counter(str(stay) for _, stay in rows))


def moved(some, others):
    """How many rows, over both columns, stand in another cell."""
    return sum((a - b).total() for a, b in zip(some, others))


@case("a person counts with the K rows that the formula picks, and no other")
def _(tool):
    prepare(tool)
    tool.succeeds("synth", "--data", "v.csv", "--schema", "s.json", *LOUD, "--no-ledger",
                  "--unit", "id:patient:3", "--out", "o.csv", "--model-out", "m")
    salt = salt_of(tool.path("m").read_bytes())
    want = histogram_of(kept(visits(), salt, 3))
    got = histogram(tool.path("o.csv").read_text())
    # The standard deviation is .036 a cell, and a cell's remainder gets a row by its chance:
    # .2 rows in all are expected to move, five or more in 3 of a million runs.
    expect(moved(got, want) <= 4, f"{got} is {want}")
    others = min(moved(got, histogram_of(kept(visits(), bytes([byte]) * 16, 3)))
                 for byte in range(16))
    expect(others > 4, f"another salt moves {others} rows: this would be seen")
    expect("patient" not in tool.path("o.csv").read_text(), "the id is not written")


@case("rows without an id: each a person of its own, or none")
def _(tool):
    prepare(tool)
    totals = []
    for more in (), ("--drop-missing-ids",):
        tool.succeeds("synth", "--data", "v.csv", "--schema", "s.json", *LOUD,
                      "--no-ledger", "--unit", "id:patient:1", *more, "--out", "o.csv",
                      "--model-out", "m")
        totals.append(len(tool.path("o.csv").read_text().splitlines()) - 1)
        said = tool.succeeds("inspect", "m").out
        which = "does not count" if more else "is a person of its own"
        expect(f"a row without an id {which}" in re.sub(r"\s+", " ", said), said)
        expect("one person" in said and "\"patient\"" in re.sub(r"\s+", " ", said), said)
    expect(totals[0] - totals[1] == 5, f"{totals}: five rows have no id")


@case("the noise is K times as large as for a row")
def _(tool):
    prepare(tool)
    sigma = {}
    for unit in "row", "id:patient:1", "id:patient:5":
        more = ("--ignore-extra-columns",) if unit == "row" else ()
        tool.succeeds("fit", "--data", "v.csv", "--schema", "s.json", "--epsilon", "1",
                      "--delta", "1e-9", "--mechanism", "independent", "--no-ledger",
                      "--unit", unit, *more, "--out", "m")
        report = json.loads(tool.succeeds("inspect", "m", "--json").out)
        expect(report["claim"]["unit"] == unit, f"{report['claim']['unit']} is {unit}")
        sigma[unit] = report["releases"][0]["sigma"]
    expect(abs(sigma["id:patient:1"] / sigma["row"] - 1) < 1e-3, f"{sigma}")
    expect(abs(sigma["id:patient:5"] / sigma["row"] - 5) < 1e-2, f"{sigma}")


@case("a ledger keeps to its unit: fit, release, verify, and no other unit")
def _(tool):
    prepare(tool)
    spend = ("--data", "v.csv", "--schema", "s.json", "--mechanism", "independent",
             "--state", "state")
    tool.succeeds("ledger", "quickstart", "l", "--data-label", "visits", "--cap-epsilon",
                  "2", "--cap-delta", "1e-9", "--unit", "id:patient:3", "--state", "state")
    for unit in "row", "id:patient:4", "id:stay:3":
        tool.refuses(64, "fit", *spend, "--epsilon", "1", "--ledger", "l", "--unit", unit,
                     "--out", "m", says=["id:patient:3"])
    for more in (), ("--unit", "id:patient:3"):
        tool.succeeds("fit", *spend, "--epsilon", "0.5", "--ledger", "l", *more, "--out",
                      "m")
    said = tool.succeeds("ledger", "status", "l", "--state", "state", "--json").out
    expect(json.loads(said)["unit"] == "id:patient:3", said)
    tool.succeeds("ledger", "verify", "l", "--state", "state")
    tool.succeeds("inspect", "m", "--ledger", "l", "--state", "state")
    tool.succeeds("release", "--model", "m", "--ledger", "l", "--state", "state", "--out",
                  "bundle")
    tool.succeeds("verify", "bundle")
    page = tool.path("bundle/datasheet.json").read_text()
    expect("of a person's rows at most 3 count" in page.lower(), "the data sheet says so")


@case("the operator's report reads the table with its id column")
def _(tool):
    prepare(tool)
    tool.succeeds("fit", "--data", "v.csv", "--schema", "s.json", *LOUD, "--no-ledger",
                  "--unit", "id:patient:3", "--out", "m")
    tool.succeeds("report", "--data", "v.csv", "--model", "m", "--out", "internal")
    page = tool.path("internal/report.html").read_text()
    expect("The model counts 3 rows of a person" in page, "the page says so")


@case("bad input: no such column, the id as a field, nothing that is a unit")
def _(tool):
    prepare(tool)
    spend = ("--data", "v.csv", "--schema", "s.json", *LOUD, "--no-ledger", "--out", "m")
    tool.refuses(65, "fit", *spend, "--unit", "id:person:3", says=["person"])
    tool.refuses(64, "fit", *spend, "--unit", "id:ward:3", says=["ward", "schema"])
    tool.refuses(64, "fit", *spend, "--unit", "id:patient:0", says=["1048576"])
    tool.refuses(64, "fit", *spend, "--unit", "patient", says=["id:COLUMN:K"])
    tool.refuses(64, "fit", *spend, "--ignore-extra-columns", "--drop-missing-ids",
                 says=["--drop-missing-ids"])
    expect(not tool.path("m").exists(), "nothing is left")


if __name__ == "__main__":
    main()

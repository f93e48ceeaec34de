#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor says of releases under rules between columns: of honest ones, and of those
whose rows or counts were changed and signed again with the true keys.

usage: test_audit_rules.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import csv
import json
import shutil
import subprocess
import sys

from audit_kit import AUDITOR, EXAMPLES, expect, generate, main
from forger import Forger
from test_audit_conform import conform, stands
from test_audit_forged import audit, refuted, with_field

RULES = [{"if": "age < 30", "then": "employment != 'retired'"},
         {"forbid": "guarantor IS NULL AND months IN (12, 24)", "broken": "drop"},
         {"require": "amount >= 500 AND NOT segment = 'nobody'"}]


def rows_are_held_against_the_rules(folder):
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "300", "--seed", "5",
             "--out", "bank.csv")
    schema = json.loads((EXAMPLES / "bank.schema.json").read_text())
    schema["fields"][0]["categories"].append("nobody")
    schema["silhouette"] = {"rules": RULES}
    (folder / "rules.json").write_text(json.dumps(schema))
    generate(folder, "ledger", "quickstart", "rules.ledger", "--data-label", "bank-2026",
             "--cap-epsilon", "2", "--cap-delta", "1e-6", "--data", "bank.csv", "--quiet")
    generate(folder, "fit", "--data", "bank.csv", "--schema", "rules.json", "--epsilon", "2",
             "--mechanism", "mst", "--ledger", "rules.ledger", "--out", "ruled", "--quiet")
    generate(folder, "release", "--model", "ruled", "--ledger", "rules.ledger", "--out",
             "kept", "--rows", "500", "--quiet")
    kept = Forger(folder / "kept", folder / "rules.ledger")
    code, _, found = audit(folder / "kept")
    expect(code == 0 and [f["verdict"] for f in found if f["id"] == "R10"] == ["holds"],
           f"{code}: {found}")
    data = (folder / "kept" / "data.csv").read_bytes()
    young = with_field(with_field(data, "age", "29"), "employment", "retired")
    old = with_field(with_field(data, "age", "30"), "employment", "retired")
    null = with_field(with_field(data, "guarantor", ""), "months", "24")
    for name, changed in (("a young pensioner", young), ("no guarantor", null),
                          ("nobody", with_field(data, "segment", "nobody")),
                          ("no age", with_field(data, "age", "many"))):
        refuted(kept, folder, name, "R10", files={"data.csv": changed})
    kept.forge(folder / "forged", files={"data.csv": old})
    code, ids, _ = audit(folder / "forged")
    expect(code == 0, f"an older pensioner breaks no rule: {ids}")
    shutil.rmtree(folder / "forged")
    for member, n in (("rows_that_violate", 1), ("declared", 2), ("declared", 4)):
        def lie(said, member=member, n=n):
            said["predicate"]["rows"]["rules"][member] = n
        refuted(kept, folder, f"{member} {n}", "R10", statement=lie)

    def says_nothing(said):
        del said["predicate"]["rows"]["rules"]
    refuted(kept, folder, "nothing said", "R10", statement=says_nothing)

    def says_less(said):
        del said["predicate"]["rows"]["rules"]["rows_changed"]
    refuted(kept, folder, "less said", "R7", statement=says_less)


# What rows of the table meet: dropped, one cell changed, dropped after a change; an order of
# bins of unlike widths, a rule that cuts through a bin, and one that names `other`.
MEETINGS = [
    {"if": "age < 30", "then": "employment != 'retired'", "broken": "null"},
    {"forbid": "segment = 'other' AND months = 12", "broken": "other", "column": "purpose"},
    {"forbid": "guarantor IS NULL AND months IN (12, 24)"},
    {"order": ["months", "age"], "broken": "null", "column": "age"},
    {"require": "amount > 2000 OR education != 'degree'", "broken": "other",
     "column": "education"}]


def rows_of_the_table_meet_the_rules(folder):
    """At so large an epsilon one row in another cell would be seen: so both programs drop and
    change the same rows; and of people the same rows are left."""
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "4000", "--seed", "5",
             "--out", "bank.csv")
    rows = list(csv.reader((folder / "bank.csv").read_text().splitlines()))
    for i, row in enumerate(rows):
        row.append("who" if i == 0 else i % 1500)
    (folder / "bank.csv").write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
    schema = json.loads((EXAMPLES / "bank.schema.json").read_text())
    for field in schema["fields"]:
        if field["name"] in ("segment", "purpose", "education"):
            field["silhouette"] = field.get("silhouette", {}) | {"outside": "other"}
        if field["name"] == "segment":
            field["categories"] = ["mass"]
        if field["name"] == "age":
            field["silhouette"] = {"bins": 9}
            field["constraints"].pop("required", None)
        if field["name"] == "employment":
            field["constraints"].pop("required", None)
    schema["silhouette"] = {"rules": MEETINGS}
    (folder / "rules.json").write_text(json.dumps(schema))
    for unit in (("--ignore-extra-columns",), ("--unit", "id:who:2")):
        inner = folder / f"of-{len(unit)}"
        inner.mkdir()
        shutil.copyfile(folder / "bank.csv", inner / "bank.csv")
        stands(inner, "bank.csv", folder / "rules.json", "9000", "independent", *unit)
        (bundle,) = inner.glob("*first/bundle")
        found = conform(bundle.parent, "bank.csv")[1]["findings"]
        (met,) = [f["detail"] for f in found if f["id"] == "D5"]
        counts = [int(word) for word in met.split() if word.isdigit()]
        expect(counts[0] == 4000 and min(counts) > 0, met)


FOLLOWS = [
    {"determines": {"from": "segment", "to": "region",
                    "map": {"mass": "north", "affluent": "south"}, "default": "capital"}},
    {"determines": {"from": "age", "to": "employment", "cuts": [25, 65],
                    "values": ["student", "employed", "retired"]}},
    {"determines": {"from": "months", "to": "guarantor",
                    "map": {"12": None, "24": False, "36": True}, "default": False}},
    {"determines": {"from": "income", "to": "education", "cuts": ["1500.5"],
                    "values": ["basic", "degree"], "null": "secondary"}},
    {"determines": {"from": "purpose", "to": "status", "map": {"other": "paid"},
                    "default": "running"}},
    {"derive": {"column": "amount", "as": "1000 * months - 3 * age + 7"}}]


def value_in(data, name):
    rows = [line.split(",") for line in data.decode().splitlines()]
    return rows[1][rows[0].index(name)]


def recomputed_columns_follow(folder):
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "300", "--seed", "5",
             "--out", "bank.csv")
    schema = json.loads((EXAMPLES / "bank.schema.json").read_text())
    purpose = next(f for f in schema["fields"] if f["name"] == "purpose")
    purpose["silhouette"] = {"open": True}
    del purpose["categories"]
    purpose["constraints"]["required"] = True
    schema["silhouette"] = {"rules": FOLLOWS}
    (folder / "follows.json").write_text(json.dumps(schema))
    generate(folder, "ledger", "quickstart", "follows.ledger", "--data-label", "bank-2026",
             "--cap-epsilon", "9", "--cap-delta", "1e-6", "--discovery-delta", "1e-7", "--data",
             "bank.csv", "--quiet")
    generate(folder, "fit", "--data", "bank.csv", "--schema", "follows.json", "--epsilon", "8",
             "--mechanism", "mst", "--ledger", "follows.ledger", "--out", "model", "--quiet")
    generate(folder, "release", "--model", "model", "--ledger", "follows.ledger", "--out",
             "true", "--rows", "500", "--quiet")
    true = Forger(folder / "true", folder / "follows.ledger")
    code, _, found = audit(folder / "true")
    expect(code == 0 and [f["verdict"] for f in found if f["id"] == "R11"] == ["holds"] and
           not [f for f in found if f["id"] == "R10"], f"{code}: {found}")
    data = (folder / "true" / "data.csv").read_bytes()
    header = data.splitlines()[0]
    expect(header == (folder / "bank.csv").read_bytes().splitlines()[0], f"{header}")
    for column, values in (("region", ("north", "south", "capital", "", "nowhere")),
                           ("employment", ("student", "employed", "retired")),
                           ("guarantor", ("yes", "no", "", "true")),
                           ("education", ("basic", "secondary", "degree")),
                           ("status", ("running", "paid")),
                           ("amount", ("500", "100000", "", "11945"))):
        for value in values:
            if value != value_in(data, column):
                refuted(true, folder, f"{column} is {value!r}", "R11",
                        files={"data.csv": with_field(data, column, value)})
    generate(folder, "verify", str(folder / "true"), "--quiet")
    done = subprocess.run([AUDITOR, "conform", "--json", str(folder / "true"), "--data",
                           str(folder / "bank.csv")], capture_output=True, text=True, timeout=240)
    found = json.loads(done.stdout)["findings"]
    ids = {f["id"] for f in found}
    unseen = [f["detail"] for f in found
              if f["id"] == "D3" and f["check"] == "Columns that are recomputed"]
    expect(unseen and unseen[0].startswith("6: "), f"{unseen}")
    expect("C1" in ids and "D1" not in ids, f"{done.returncode}: {done.stdout} {done.stderr}")
    generate(folder, "release", "--model", "model", "--ledger", "follows.ledger", "--out",
             "ordered", "--rows", "500", "--quiet", "--where", "region = 'south'",
             "--rebalance", "employment=retired:0.4,student:0.4")
    ordered = Forger(folder / "ordered", folder / "follows.ledger")
    code, _, found = audit(folder / "ordered")
    verdicts = [f["verdict"] for f in found if f["id"] in ("R9", "R11")]
    expect(code == 0 and verdicts == ["holds"] * 3, f"{code}: {found}")
    made = (folder / "ordered" / "data.csv").read_bytes()
    refuted(ordered, folder, "another region", "R9",
            files={"data.csv": with_field(made, "region", "north")})
    for name, text in (("where", "region = 'north'"), ("rebalance", ["employment=retired:0.1"])):
        def lie(said, name=name, text=text):
            said["predicate"]["rows"]["made_to_order"][name] = text
        refuted(ordered, folder, f"another {name}", "R9", statement=lie)
    for column, value in (("segment", "nobody"), ("months", ""), ("age", "many")):
        refuted(true, folder, f"{column} is {value!r}", "R11",
                files={"data.csv": with_field(data, column, value)})


def texts_that_stand_for_other_break_no_rule_that_does_not_name_it(folder):
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "300", "--seed", "5",
             "--out", "bank.csv")
    schema = json.loads((EXAMPLES / "bank.schema.json").read_text())
    for field in schema["fields"]:
        if field["name"] == "segment":
            field["categories"] = ["mass"]
            field["silhouette"] = {"outside": "other",
                                   "expand": {"gold, old": 3, "new": 1}}
        if field["name"] == "age":
            field["silhouette"] = {"bins": 5, "atoms": [30, 31, 65]}
    schema["silhouette"] = {"rules": [
        {"require": "segment = 'mass' OR age < 20"},
        {"determines": {"from": "segment", "to": "region", "map": {"mass": "north"},
                        "default": "south"}}]}
    (folder / "rules.json").write_text(json.dumps(schema))
    generate(folder, "ledger", "quickstart", "other.ledger", "--data-label", "bank-2026",
             "--cap-epsilon", "2", "--cap-delta", "1e-6", "--data", "bank.csv", "--quiet")
    generate(folder, "fit", "--data", "bank.csv", "--schema", "rules.json", "--epsilon", "2",
             "--mechanism", "mst", "--ledger", "other.ledger", "--out", "model", "--quiet")
    generate(folder, "release", "--model", "model", "--ledger", "other.ledger", "--out",
             "other", "--rows", "500", "--rebalance", "segment=mass:0.5,other:0.5", "--quiet")
    with open(folder / "other" / "data.csv", newline="") as file:
        segments = [row["segment"] for row in csv.DictReader(file)]
    expect(set(segments) == {"mass", "gold, old", "new"} and
           segments.count("gold, old") > segments.count("new") > 20, f"{set(segments)}")
    package = json.loads((folder / "other" / "datapackage.json").read_text())
    fields = package["resources"][0]["schema"]["fields"]
    listed = [field["categories"] for field in fields if field["name"] == "segment"]
    expect(listed == [["mass", "gold, old", "new"]], f"{listed}")
    claim = (folder / "other" / "datasheet.json").read_text()
    expect("drawn by declared weights and not by the rows" in claim and
           "3 of them declared as single values" in claim, "the claim tells of both")
    generate(folder, "verify", "other")
    code, _, found = audit(folder / "other")
    verdicts = [f["verdict"] for f in found if f["id"] in ("R9", "R10", "R11")]
    expect(code == 0 and len(verdicts) == 3 and set(verdicts) == {"holds"}, f"{code}: {found}")


if __name__ == "__main__":
    sys.exit(main([rows_are_held_against_the_rules, rows_of_the_table_meet_the_rules, recomputed_columns_follow,
                   texts_that_stand_for_other_break_no_rule_that_does_not_name_it]))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor says of releases under rules between columns: of honest ones, and of those
whose rows or counts were changed and signed again with the true keys.

usage: test_audit_rules.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import json
import shutil
import sys

from audit_kit import EXAMPLES, expect, generate, main
from forger import Forger
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


if __name__ == "__main__":
    sys.exit(main([rows_are_held_against_the_rules]))

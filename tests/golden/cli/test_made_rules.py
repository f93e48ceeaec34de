#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rows made to order where the schema has rules: contradictions, rows that violate one, shares
that the rules leave."""
import csv
import json
import random

from harness import BUDGET, case, expect, main
from release_kit import FIT, n_entries, release

SCHEMA = {
    "fields": [
        {"name": "age", "type": "integer", "constraints":
         {"minimum": 0, "maximum": 99, "required": True}, "silhouette": {"bins": 10}},
        {"name": "marital", "type": "string", "categories": ["never", "married"],
         "constraints": {"required": True}},
        {"name": "sex", "type": "string", "categories": ["F", "M"],
         "constraints": {"required": True}}],
    "silhouette": {"rules": [{"if": "age < 15", "then": "marital = 'never'"},
                             {"forbid": "age = 99 AND sex = 'M'"}]}}

# The bin of 10 to 19 straddles the bound: the model cannot know that there is no such row.
CONTRADICTION = ("--where", "marital != 'never' AND age < 15")
SAYS = ["could be made to keep the rules", "silhouette.rules[0]",
        "if age < 15 then marital = 'never'", "the order contradicts them"]


def prepare(tool):
    dice = random.Random(11)
    lines = ["age,marital,sex"]
    for _ in range(3000):
        age = dice.randrange(100)
        marital = "never" if age < 15 or dice.random() < 0.3 else "married"
        lines.append(f"{age},{marital},{'F' if age == 99 else dice.choice('FM')}")
    tool.write("data.csv", "\n".join(lines) + "\n")
    tool.write("schema.json", SCHEMA)


def fit(tool, mechanism="mst"):
    prepare(tool)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--mechanism", mechanism, "--out", "m.model")


def sample(*order, out="out.csv"):
    return ("sample", "--model", "m.model", "--out", out, *order)


def refused(mechanism):
    @case(f"made, rules: {mechanism}: an order that contradicts a rule is refused")
    def _(tool):
        fit(tool, mechanism)
        tool.refuses(65, *sample(*CONTRADICTION), says=SAYS)
        tool.refuses(65, *sample(*CONTRADICTION, "--rows", "1"), says=SAYS)
        expect(not tool.path("out.csv").exists(), "nothing is written")
        done = tool.succeeds(*sample("--where", "marital != 'never' AND age < 16"))
        expect("violate" not in done.err.split("Rules")[0], f"no warning\n{done}")


@case("made, rules: no release of such an order, no entry")
def _(tool):
    prepare(tool)
    tool.succeeds(*FIT, "--out", "m.model")
    before = n_entries(tool)
    tool.refuses(65, *release(*CONTRADICTION), says=SAYS)
    expect(n_entries(tool) == before and not tool.path("bundle").exists(), "nothing")


# Ten rows of 40,000 keep the rule. All others are tried in vain within their cells, which what
# is ordered ties down, and then against other rows: the tries that all rows have together
# (64 a row and 2^17) run out before the last rows, whatever the noise of the fit.
HARDLY = ("--where", "age < 15", "--rebalance", "marital=never:0.00025,married:0.99975",
          "--rows", "40000")


@case("made, rules: rows that violate one are warned of, with their number")
def _(tool):
    prepare(tool)
    tool.succeeds(*FIT, "--out", "m.model")
    for command in (sample(*HARDLY), release(*HARDLY)):
        done = tool.succeeds(*command, "--json")
        said = [json.loads(line) for line in done.err.splitlines()]
        n = said[-1]["rules"]["rows_that_violate"]
        expect(0 < n < 40000, f"{n}")
        warned = [line["warning"] for line in said if "violate" in line.get("warning", "")]
        expect(len(warned) == 1 and warned[0].startswith(f"{n} of 40000 rows violate a rule"),
               f"{warned}")
    tool.succeeds("verify", "bundle")


# Half of the rows shall be below 15, and half of them married: no row can be both, and the
# columns are taken from other rows together. So both shares fall, and one of them cuts a bin.
MISSING = ("--where", "age < 20", "--rebalance", "age=..14:0.5", "--rebalance",
           "marital='married':0.5", "--rows", "4000")
MISSES = {"age=..14": lambda row: int(row["age"]) <= 14,
          "marital='married'": lambda row: row["marital"] == "married"}


def missed(tool, name):
    """What is to be said of the rows of a file, counted in it."""
    with open(tool.path(name), newline="") as file:
        rows = list(csv.DictReader(file))
    counts = {value: sum(map(is_one, rows)) for value, is_one in MISSES.items()}
    expect(all(n < 1900 for n in counts.values()), f"{counts}")
    return [f"{value}: asked 0.5, reached {n / 4000:.6f}".rstrip("0") +
            f" ({n} of 4000 rows)" for value, n in counts.items()]


def shares_are_missed(mechanism):
    @case(f"made, rules: {mechanism}: shares that the rows miss are told, as they are written")
    def _(tool):
        fit(tool, mechanism)
        done = tool.succeeds(*sample(*MISSING), "--quiet")
        lines = [line for line in done.err.splitlines() if "miss" in line]
        said = missed(tool, "out.csv")
        expect(len(lines) == 2 and all(
            line.endswith(f"the rows miss a share: {text}; rows were changed to keep the rules")
            for line, text in zip(lines, said)), f"{lines} {said}")


@case("made, rules: the claim of a release tells of shares that its rows miss")
def _(tool):
    prepare(tool)
    tool.succeeds(*FIT, "--out", "m.model")
    done = tool.succeeds(*release(*MISSING), "--json")
    warned = [json.loads(line).get("warning", "") for line in done.err.splitlines()]
    said = missed(tool, "bundle/data.csv")
    sheet = json.loads(tool.path("bundle/datasheet.json").read_text())
    page = tool.path("bundle/datasheet.html").read_text()
    claim = json.dumps(sheet["claim"])
    expect(f" by more than rounding: {said[0]}; {said[1]}. Rows were changed" in claim, claim)
    for text in said:
        expect(any(text in line for line in warned), f"{warned}")
        expect(page.count(text.replace("'", "&#39;")) == 2, f"{text}")
    tool.succeeds("verify", "bundle")


# Rows are drawn again here, but within their bins: no share moves.
MET = ("--rebalance", "sex=M:0.9", "--rebalance", "marital=married:0.6", "--rows", "4000")


@case("made, rules: shares that are met are no matter, with rules and without")
def _(tool):
    for schema in (SCHEMA, {"fields": SCHEMA["fields"]}):
        prepare(tool)
        tool.write("schema.json", schema)
        for mechanism in ("mst", "mosaic"):
            tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                          "--mechanism", mechanism, "--out", "m.model")
            for order in (MET, (*MET[:-1], "100")):
                done = tool.succeeds(*sample(*order), "--quiet")
                expect("miss" not in done.err, f"{done}")


@case("made, rules: the first eight of the shares that the rows miss, and their number")
def _(tool):
    fit(tool)
    ages = ",".join(f"{age}:0.1" for age in range(10, 20))
    done = tool.succeeds(*sample("--rebalance", f"age={ages}", "--rebalance",
                                 "marital=married:0.7", "--rows", "40000"), "--quiet")
    lines = [line for line in done.err.splitlines() if "miss" in line]
    expect(len(lines) == 9 and lines[-1].endswith("the rows miss 11 shares in all"), f"{lines}")


@case("made: shares that leave a column nothing but missing values are refused, with the place")
def _(tool):
    prepare(tool)
    fields = [dict(field, constraints={**field["constraints"], "required": False})
              for field in SCHEMA["fields"]]
    tool.write("schema.json", {"fields": fields})
    tool.succeeds(*FIT, "--out", "m.model")
    before = n_entries(tool)
    for zero, column in (("sex=F:0,M:0", 5), ("age= ..40:0,41..:0.0", 6),
                         ("marital=never:0,married:0,NULL:0", 9)):
        for command in (sample("--rebalance", zero), release("--rebalance", zero)):
            code = 65 if "NULL" in zero else 64
            tool.refuses(code, *command, says=["--rebalance"] if code == 65 else [
                f"column {column}: the shares add up to 0", "NULL:1", "^"])
    expect(n_entries(tool) == before and not tool.path("out.csv").exists(), "nothing")
    for good in ("sex=F:0", "sex=F:0,M:0,NULL:1", "age=..40:0"):
        tool.succeeds(*sample("--rebalance", good))


for each in ("mst", "aim", "independent", "mosaic"):
    refused(each)
    shares_are_missed(each)

if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rows made to order: conditions and shares, what is refused and where, the same bytes."""
import csv
import hashlib
import json

from harness import BUDGET, SOURCE, case, expect, main, prepare
from release_kit import paid_model, release, statement_of

KEPT = SOURCE / "tests" / "golden" / "replay"
MODELS = tuple(f"{mechanism}-{replay}" for replay in (1, 2, 3)
               for mechanism in ("aim", "mst", "independent", "mosaic")) + (
    "mst-2-bins", "mosaic-2-bins")

# What is asked for of the kept models, whose columns c0 .. c4 hold small integers.
ORDERS = {
    "one": ["--where", "c0 >= 4 AND c1 = 2"],
    "parts": ["--where", "c0 < 4 OR c1 IN (1, 3) AND NOT c2 = 0"],
    "shares": ["--rebalance", "c1=0:0.5,1..2:0.25", "--rebalance", "c4=0:0.9"],
    "fair": ["--where", "c0 < 9 OR c2 = 1", "--fair", "c1|c2:c4"],
    "both": ["--where", "c0 < 9 OR c2 = 1", "--rebalance", "c2=0:0.1,1:0.8"],
}

MISTAKES = [
    ("column", ["--where", "sex = 'male' AND hight > 3"]),
    ("value", ["--where", "age > 5 AND sex IN ('male', 'other')"]),
    ("order", ["--where", "sex >= 'male'"]),
    ("end", ["--where", "age > 5 AND"]),
    ("words", ["--where", "smokes is true"]),
    ("long", ["--where", " OR ".join(f"age = {i}" for i in range(99)) + " OR age = x"]),
    ("nobody", ["--where", "age > 50 AND age < 20"]),
    ("share", ["--rebalance", "sex=male:0.7,female:0.4"]),
    ("share-twice", ["--rebalance", "age=..39:0.5,30..:0.5"]),
    ("fair", ["--fair", "smokes|sex:age,sex"]),
    ("fair-nobody", ["--where", "age < 40 AND sex = 'male' OR age >= 40 AND "
                     "sex = 'female'", "--fair", "sex|age"]),
    ("share-nobody", ["--where", "sex = 'male'", "--rebalance", "sex=female:0.5"]),
]


def fit(tool, mechanism="mst"):
    prepare(tool, 2000)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--mechanism", mechanism, "--out", "m.model")


def rows(tool, name="out.csv"):
    with open(tool.path(name), newline="") as file:
        return list(csv.DictReader(file))


def sample(tool, *order, model="m.model", out="out.csv", **options):
    return tool.succeeds("sample", "--model", model, "--out", out, *order, **options)


def the_same_bytes(model):
    @case(f"made: rows of {model} are the same bytes as ever, on any threads")
    def _(tool):
        lines = []
        for name, order in ORDERS.items():
            command = [*order, "--rows", "700"]
            sample(tool, *command, "--threads", "1", model=KEPT / f"{model}.model",
                   env={"SIL_ISA": "scalar"})
            first = tool.path("out.csv").read_bytes()
            sample(tool, *command, "--threads", "2", model=KEPT / f"{model}.model")
            expect(tool.path("out.csv").read_bytes() == first, f"{name}: the same rows")
            lines.append(f"{name} {hashlib.blake2b(first, digest_size=32).hexdigest()}\n")
        tool.golden(f"made-{model}.txt", "".join(lines))


def refused(name, order):
    @case(f"made: a mistake is shown where it is: {name}")
    def _(tool):
        fit(tool)
        code = 65 if name.endswith("nobody") else 64
        result = tool.refuses(code, "sample", "--model", "m.model", "--out", "out.csv",
                              *order)
        tool.golden(f"made-{name}.err", result.err)


def the_rows_meet_it(mechanism):
    @case(f"made: {mechanism}: every row meets the condition, to the year")
    def _(tool):
        fit(tool, mechanism)
        done = sample(tool, "--where", "age >= 37 AND age <= 64 AND sex = 'male' "
                                       "OR smokes IS NULL")
        made = rows(tool)
        expect(len(made) > 100, "rows")
        expect(all(row["smokes"] == "" or
                   (37 <= int(row["age"]) <= 64 and row["sex"] == "male")
                   for row in made), "the condition")
        expect(f"Rows      {len(made)} to out.csv" in done.err, f"their number\n{done}")
        expect("made to order" in done.err, f"what they are\n{done}")

    @case(f"made: {mechanism}: shares are met to the row, within bins, too")
    def _(tool):
        fit(tool, mechanism)
        sample(tool, "--rows", "1000", "--rebalance", "sex=female:0.3,male:0.7",
               "--rebalance", "age=..36:0.25,37..64:0.5")
        made = rows(tool)
        n = len(made)
        expect(n == 1000, "rows")
        women = sum(row["sex"] == "female" for row in made)
        young = sum(int(row["age"]) <= 36 for row in made)
        old = sum(int(row["age"]) > 64 for row in made)
        expect(abs(women - 300) <= 15 and abs(young - 250) <= 15 and abs(old - 250) <= 15,
               f"{women} {young} {old}")


@case("made: nothing asked for changes nothing, and a condition that is always true is "
      "no mistake")
def _(tool):
    fit(tool)
    sample(tool, "--rows", "300")
    plain = tool.path("out.csv").read_bytes()
    sample(tool, "--rows", "300")
    expect(tool.path("out.csv").read_bytes() == plain, "the same rows")
    done = sample(tool, "--rows", "300", "--where", "age >= 0 OR sex = 'male'", "--json")
    order = json.loads(done.err.splitlines()[-1])["made_to_order"]
    expect(abs(order["probability"] - 1) < 1e-9 and order["rebalance"] == [], f"{order}")
    expect(len(rows(tool)) == 300, "rows")


@case("made: parity is what it says, and its cost is told")
def _(tool):
    fit(tool, "aim")
    done = sample(tool, "--rows", "2000", "--fair", "smokes|sex", "--json")
    order = json.loads(done.err.splitlines()[-1])["made_to_order"]
    expect(order["fair"] == "smokes|sex" and 0 <= order["moved"] < 0.5, f"{order}")
    made = rows(tool)
    shares = []
    for sex in ("female", "male"):
        of = [row["smokes"] for row in made if row["sex"] == sex]
        shares.append(sum(value == "true" for value in of) / len(of))
    expect(abs(shares[0] - shares[1]) < 0.02, f"{shares}")


@case("made: with --json a mistake has its text and its column")
def _(tool):
    fit(tool)
    result = tool.run("sample", "--model", "m.model", "--out", "o", "--json", "--where",
                      "age > 3 AND agee < 5")
    error = json.loads(result.err.splitlines()[-1])
    expect(error["text"] == "age > 3 AND agee < 5" and error["column"] == 13, f"{error}")


ORDER = ("--where", "age >= 37 AND smokes IS NOT NULL",
         "--rebalance", "sex=female:0.25,male:0.75", "--fair", "smokes|sex")


@case("made: a release says what its rows were made for, and verifies on any machine")
def _(tool):
    paid_model(tool)
    done = tool.succeeds(*release(*ORDER))
    expect("made to order" in done.err, f"{done}")
    predicate = statement_of(tool)["predicate"]
    order = {"where": ORDER[1], "rebalance": [ORDER[3]], "fair": ORDER[5]}
    expect(predicate["documents"] == 2 and
           predicate["rows"]["made_to_order"] == order and
           predicate["rows"]["n_chosen_by"] == "private estimate", f"{predicate}")
    sample(tool, *ORDER)
    expect(tool.path("bundle/data.csv").read_bytes() == tool.path("out.csv").read_bytes(),
           "sample draws the same rows")
    sheet = json.loads(tool.path("bundle/datasheet.json").read_text())
    expect(sheet["release"]["made_to_order"] == order and sheet["version"] == 2 and
           sheet["errors"]["marginals"] == [], "no error is bounded")
    choices = [line["text"] for line in sheet["claim"]["lines"] if line["id"] == "choices"]
    expect("MADE TO ORDER: only where age >= 37" in choices[0], f"{choices}")
    page = tool.path("bundle/datasheet.html").read_text()
    expect("Rows made to order." in page and "age &gt;= 37" in page and
           "Bounds of the error" not in page, "the page")
    for threads, isa in (("1", "scalar"), ("2", "")):
        tool.succeeds("verify", "bundle", "--threads", threads,
                      env={"SIL_ISA": isa} if isa else {})


@case("made: a mistake in an order leaves no release and no entry")
def _(tool):
    paid_model(tool)
    result = tool.refuses(64, *release("--where", "age > 'x'"), says=["column 7"])
    expect("        ^" in result.err, f"{result}")
    tool.refuses(65, *release("--where", "age > 99"), says=["probability is 0"])


for each in MODELS:
    the_same_bytes(each)
for each in ("mst", "aim", "mosaic"):
    the_rows_meet_it(each)
for each in MISTAKES:
    refused(*each)

if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Open fields from end to end: values that nobody listed are found, told and written."""
import collections
import csv
import io
import json
import random
import re

from harness import case, expect, main, transcript

SCHEMA = {"fields": [
    {"name": "town", "type": "string", "categories": ["Bern", "Genf"],
     "silhouette": {"open": True}},
    {"name": "sex", "type": "string", "categories": ["F", "M"],
     "constraints": {"required": True}},
    {"name": "age", "type": "integer", "constraints": {"minimum": 0, "maximum": 99},
     "silhouette": {"bins": 5}}]}

# Some 900 rows each: nothing but a bug hides them at this budget. Five hundred others have
# one row each; by the threshold one of them is found in 5e-8 of all runs.
COMMON = ["Ulm", "Bern", "\u00c5rhus", 'a "b", c', "other"]


def rows(seed=1, n=6000):
    dice = random.Random(seed)
    yield ["town", "sex", "age"]
    for i in range(n):
        town = f"secret{i}" if i % 12 == 0 else dice.choice(COMMON + [""])
        yield [town, dice.choice("FM"), dice.randrange(100)]


def text_of(lines):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


def prepare(tool):
    tool.write("data.csv", text_of(rows()))
    tool.write("schema.json", SCHEMA)


def synth(*more, mechanism="independent", out="out.csv"):
    return ["synth", "--data", "data.csv", "--schema", "schema.json", "--epsilon", "2",
            "--delta", "1e-9", "--no-ledger", "--mechanism", mechanism, "--out", out,
            *more]


def towns(tool, name):
    lines = list(csv.reader(io.StringIO(tool.path(name).read_text())))
    return [line[0] for line in lines[1:]]


for MECHANISM in ("independent", "mst", "aim", "mosaic"):
    @case(f"values are found, written, and follow from the transcript: {MECHANISM}")
    def _(tool, mechanism=MECHANISM):
        prepare(tool)
        tool.succeeds(*synth("--model-out", "m.model", mechanism=mechanism))
        found = set(towns(tool, "out.csv"))
        expect(found <= set(COMMON) | {"", "Genf", "other"}, f"nothing rare: {found}")
        expect(set(COMMON) <= found, f"all that is common: {found}")
        transcript(tool, "m.model", "t.sil")
        tool.succeeds("refit", "--transcript", "t.sil", "--out", "again.model",
                      "--explain")
        expect(tool.path("again.model").read_bytes() ==
               tool.path("m.model").read_bytes(), "the model follows")
        tool.succeeds("sample", "--model", "again.model", "--out", "again.csv")
        expect(tool.path("again.csv").read_text() == tool.path("out.csv").read_text(),
               "the rows follow")


@case("the claim has the delta that was asked for in total, and tells of the discovery")
def _(tool):
    prepare(tool)
    tool.succeeds(*synth("--model-out", "m.model", "--discovery-delta", "2e-10"))
    stated = json.loads(tool.succeeds("inspect", "--json", "m.model").out)
    expect(stated["claim"]["delta"] == "1e-9", stated["claim"]["delta"])
    expect(stated["claim"]["rho"] == stated["claim"]["rho_spent"], "all is spent")
    expect(stated["plan"]["discovery_delta"] == "1/5000000000", stated["plan"])
    first = stated["releases"][0]
    expect(first["mechanism"] == "gaussian-threshold" and
           first["delta"] == "1/5000000000", first)
    names = [found["value"] for found in first["found"]]
    expect(names == sorted(names, key=lambda name: name.encode()), names)
    expect("other" not in names and "Bern" not in names, names)
    expect("discovered: 3 of town, for 2e-10 of the delta" in stated["claim"]["text"],
           stated["claim"]["text"])
    for word in ("secret", "Ulm"):
        result = tool.run(*synth())
        expect(word not in result.err, f"the console tells no value\n{result}")


@case("at an epsilon that hides nothing the columns are those of the table")
def _(tool):
    lines = list(rows())
    tool.write("data.csv", text_of(lines))
    tool.write("schema.json", SCHEMA)
    tool.succeeds("synth", "--data", "data.csv", "--schema", "schema.json", "--epsilon",
                  "9000", "--delta", "1e-9", "--discovery-delta", "1e-12", "--no-ledger",
                  "--mechanism", "independent", "--out", "out.csv", "--model-out", "m")
    made = list(csv.reader(io.StringIO(tool.path("out.csv").read_text())))
    for column in range(3):
        want = collections.Counter(line[column] for line in lines[1:])
        got = collections.Counter(line[column] for line in made[1:])
        if column == 0:  # a secret has one row: it is not found, and is among the others
            want = collections.Counter("other" if town.startswith("secret") else town
                                       for town in want.elements())
        if column == 2:  # bins of twenty years
            want = collections.Counter(int(age) // 20 for age in want.elements())
            got = collections.Counter(age and int(age) // 20 for age in got.elements())
        # The noise of a cell is below .1, but no cell is below .02, that of missing ages
        # neither; a cell's remainder gets a row by its chance.
        expect(max(abs(want[v] - got[v]) for v in want | got) <= 3, f"{got} is {want}")


@case("the order of rows reaches nothing but the draw of noise: values are sorted")
def _(tool):
    prepare(tool)
    lines = list(rows())
    tool.write("data.csv", text_of(lines[:1] + lines[:0:-1]))
    tool.succeeds(*synth("--model-out", "m.model"))
    stated = json.loads(tool.succeeds("inspect", "--json", "m.model").out)
    names = [found["value"] for found in stated["releases"][0]["found"]]
    expect(names == ["Ulm", 'a "b", c', "\u00c5rhus"], names)


@case("without listed values, without rows, and with a person as the unit")
def _(tool):
    prepare(tool)
    schema = json.loads(json.dumps(SCHEMA))
    del schema["fields"][0]["categories"]
    tool.write("schema.json", schema)
    tool.succeeds(*synth())
    expect("Bern" in towns(tool, "out.csv"), "Bern is found where it is not listed")
    tool.write("data.csv", "town,sex,age\n")
    tool.succeeds(*synth())
    lines = list(rows())
    tool.write("data.csv", text_of([["id"] + lines[0]] + [
        [i // 3] + line for i, line in enumerate(lines[1:])]))
    tool.succeeds(*synth("--unit", "id:id:2"))
    expect(set(towns(tool, "out.csv")) <= set(COMMON) | {"", "other"}, "nothing rare")


@case("plan shows what discovery costs, and from how many rows on values are found")
def _(tool):
    prepare(tool)
    words = ["plan", "--schema", "schema.json", "--epsilon", "1", "--delta", "1e-9"]
    stated = json.loads(tool.succeeds(*words, "--json").out)["discovery"]
    expect(stated["delta"] == "1/10000000000" and stated["fields"] == 1, stated)
    expect(117 < stated["threshold"] < 118, stated)
    expect("discovery" in tool.succeeds(*words).out, "the plan's words")


def in_ledger(*more):
    """The same run, its budget from a ledger: what was last said of --ledger holds."""
    words = [word for word in synth() if word != "--no-ledger"]
    return [*words, "--model-out", "m.model", *more]


@case("a ledger that synth opens keeps a tenth of the delta; what it says adds up")
def _(tool):
    prepare(tool)
    tool.succeeds(*in_ledger("--state", "state"))
    stated = json.loads(tool.succeeds("ledger", "status", "data.csv.ledger", "--json",
                                      "--state", "state").out)
    expect(stated["delta"] == "1/1000000000", stated["delta"])
    tool.succeeds("inspect", "m.model", "--ledger", "data.csv.ledger", "--state",
                  "state")
    tool.succeeds("release", "--model", "m.model", "--ledger", "data.csv.ledger",
                  "--state", "state", "--out", "bundle")
    result = tool.succeeds("verify", "bundle")
    expect("VERIFIED" in result.out, f"verify\n{result}")
    fields = json.loads(tool.path("bundle/datapackage.json").read_text())
    town = fields["resources"][0]["schema"]["fields"][0]
    expect(set(town["categories"]) >= {"Bern", "Genf", "Ulm", "other"}, town)
    tool.succeeds("refit", "--transcript", "bundle/transcript.sil", "--out",
                  "again.model", "--explain")
    expect(tool.path("again.model").read_bytes() == tool.path("m.model").read_bytes(),
           "the model follows")
    result = tool.run(*in_ledger("--state", "state"))
    expect(result.code == 77, f"spent\n{result}")


@case("a ledger that keeps no delta for discovery refuses, and says how to open another")
def _(tool):
    prepare(tool)
    tool.succeeds("ledger", "quickstart", "data.csv.ledger", "--data-label", "towns",
                  "--cap-epsilon", "4", "--cap-delta", "1e-9", "--state", "state")
    result = tool.run(*in_ledger("--state", "state"))
    expect(result.code == 77, f"refused\n{result}")
    said = " ".join(result.err.split())
    typed = re.search("silhouette (ledger quickstart NEW --parent data.csv.ledger "
                      "--data-label LABEL --cap-epsilon 2 --cap-delta 1e-9 "
                      "--discovery-delta 1e-10)", said)
    expect(typed, f"{result}")
    tool.succeeds(*typed.group(1).split(), "--state", "state")
    tool.succeeds(*in_ledger("--state", "state", "--ledger", "NEW"))
    tool.succeeds("ledger", "quickstart", "other.ledger", "--data-label", "towns",
                  "--cap-epsilon", "4", "--cap-delta", "1e-9", "--discovery-delta",
                  "2e-10", "--state", "state")
    words = in_ledger("--state", "state", "--ledger", "other.ledger")
    tool.succeeds(*words, "--discovery-delta", "1.5e-10")
    result = tool.run(*words)
    expect(result.code == 77 and "5e-11" in result.err, f"delta is used up\n{result}")
    tool.succeeds(*words, "--discovery-delta", "5e-11")


@case("a run that cannot go on with what it found is spent, with a ledger and without")
def _(tool):
    prepare(tool)
    few = synth("--max-cells", "8", mechanism="mst")  # town by sex: 8 before, 16 after
    paid = [word for word in few if word != "--no-ledger"]
    spent = ["the budget of this run is spent", "values that were found", "--max-cells"]
    for words in few, [*paid, "--state", "state"]:
        result = tool.run(*words)
        expect(result.code == 65 and all(text in result.err for text in spent), f"{result}")
    stated = json.loads(tool.succeeds("ledger", "status", "data.csv.ledger", "--json",
                                      "--state", "state").out)
    expect(stated["spent_rho"] == stated["granted_rho"], stated)


@case("the claim says for whom the threshold is")
def _(tool):
    prepare(tool)
    tool.succeeds(*in_ledger("--state", "state"))
    said = tool.succeeds("inspect", "m.model", "--ledger", "data.csv.ledger", "--state",
                         "state").out
    expect("threshold of the discovery is for one row" in " ".join(said.split()), said)


@case("what cannot be is refused before the table is read")
def _(tool):
    prepare(tool)
    for more in (["--discovery-delta", "0"], ["--discovery-delta", "1e-9"],
                 ["--discovery-delta", "1e-5"], ["--discovery-delta", "x"]):
        expect(tool.run(*synth(*more)).code in (64, 65), more)
    closed = json.loads(json.dumps(SCHEMA))
    closed["fields"][0]["silhouette"] = {}
    tool.write("schema.json", closed)
    result = tool.run(*synth("--discovery-delta", "1e-8"))
    expect(result.code == 64 and "open" in result.err, f"nothing is open\n{result}")
    tool.write("schema.json", {"fields": [
        {"name": "age", "type": "integer", "constraints": {"minimum": 0, "maximum": 9},
         "silhouette": {"open": True}}]})
    expect(tool.run(*synth()).code == 65, "a number")


if __name__ == "__main__":
    main()

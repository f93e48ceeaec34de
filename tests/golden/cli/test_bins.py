#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bins that are learnt, from end to end: paid for, told, written, and told again."""
import csv
import io
import json
import random

from harness import case, expect, main, transcript

SCHEMA = {"fields": [
    {"name": "pay", "type": "integer", "constraints": {"minimum": 0, "maximum": 99999},
     "silhouette": {"bins": {"private": 8}}},
    {"name": "sex", "type": "string", "categories": ["F", "M"],
     "constraints": {"required": True}},
    {"name": "day", "type": "date",
     "constraints": {"minimum": "2020-01-01", "maximum": "2020-12-31", "required": True},
     "silhouette": {"bins": {"private": 6}}},
    {"name": "rate", "type": "number", "constraints": {"minimum": "-1", "maximum": "9.5"},
     "silhouette": {"bins": {"private": 4}, "granularity": "0.25", "outside": "other",
                    "other": "?"}}]}


def rows(seed=1, n=6000):
    """Half of the pay is 0, a tenth the top code, the rest near 30,000."""
    dice = random.Random(seed)
    yield ["pay", "sex", "day", "rate"]
    for _ in range(n):
        u = dice.random()
        pay = 0 if u < .5 else 99999 if u < .6 else int(dice.gauss(30000, 2000))
        yield [pay if dice.random() < .9 else "", dice.choice("FM"),
               f"2020-{dice.choice([1, 1, 1, 6, 12]):02}-{dice.randrange(1, 29):02}",
               dice.choice([0, "0.5", "8", "", "x", "9.5", "-1"])]


def text_of(lines):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


def prepare(tool, schema=None):
    tool.write("data.csv", text_of(rows()))
    tool.write("schema.json", SCHEMA if schema is None else schema)


def synth(*more, epsilon="3", mechanism="independent", out="out.csv", data="data.csv"):
    return ["synth", "--data", data, "--schema", "schema.json", "--epsilon", epsilon,
            "--delta", "1e-9", "--no-ledger", "--mechanism", mechanism, "--out", out,
            *more]


def column(tool, name, place):
    lines = list(csv.reader(io.StringIO(tool.path(name).read_text())))
    return [line[place] for line in lines[1:]]


for MECHANISM in ("independent", "mst", "aim", "mosaic"):
    @case(f"bins are learnt, rows are valid, and both follow from the transcript: {MECHANISM}")
    def _(tool, mechanism=MECHANISM):
        prepare(tool)
        tool.succeeds(*synth("--model-out", "m.model", mechanism=mechanism))
        transcript(tool, "m.model", "t.sil")
        tool.succeeds("refit", "--transcript", "t.sil", "--out", "again.model", "--explain")
        expect(tool.path("again.model").read_bytes() ==
               tool.path("m.model").read_bytes(), "the model follows")
        tool.succeeds("sample", "--model", "again.model", "--out", "again.csv")
        expect(tool.path("again.csv").read_text() == tool.path("out.csv").read_text(),
               "the rows follow")
        tool.succeeds("schema", "check", "schema.json", "--data", "out.csv")
        for value in column(tool, "out.csv", 3):
            expect(value in ("", "?") or float(value) * 4 % 1 == 0, f"of no step: {value}")


# With so little noise what is looked at varies by a fiftieth of what is allowed.
@case("a value that many rows have is a bin, and no rows are where none were")
def _(tool):
    prepare(tool)
    tool.succeeds(*synth(epsilon="200"))
    pay = [int(value) for value in column(tool, "out.csv", 0) if value != ""]
    zero, top = pay.count(0) / len(pay), pay.count(99999) / len(pay)
    expect(abs(zero - .5) < .05 and abs(top - .1) < .05, f"{zero} and {top}")
    far = sum(0 < value < 15000 or 45000 < value < 99999 for value in pay) / len(pay)
    expect(far < .05, f"{far} where nobody is")


@case("the claim tells of it within the guarantee; all is spent, and no more")
def _(tool):
    prepare(tool)
    tool.succeeds(*synth("--model-out", "m.model"))
    stated = json.loads(tool.succeeds("inspect", "--json", "m.model").out)
    expect("within the guarantee, bins were learnt: " in stated["claim"]["text"], stated)
    expect(stated["claim"]["rho"] == stated["claim"]["rho_spent"], "all is spent")
    levels = [r for r in stated["releases"] if r["mechanism"] == "gaussian-tree"]
    names = [level["attributes"] for level in levels]
    expect(names == [["pay"]] * 3 + [["day"]] * 2 + [["rate"]], names)
    expect(stated["releases"][:6] == levels, "they come first")
    expect(levels[0]["intervals"] == 26, levels[0])  # 25 of 4,096, null
    expect("learnt" in stated["fields"][0]["declared"], stated["fields"][0])


def fraction(text):
    numerator, denominator = text.split("/")
    return int(numerator), int(denominator)


@case("plan shows what learning costs: together a twentieth of the cap")
def _(tool):
    prepare(tool)
    words = ["plan", "--schema", "schema.json", "--epsilon", "3", "--delta", "1e-9"]
    stated = json.loads(tool.succeeds(*words, "--json").out)
    cap = fraction(stated["rho"])
    share = 0
    for part in stated["private_bins"]:
        rho = fraction(part["rho_of_each"])
        share += part["fields"] * part["levels"] * rho[0] / rho[1]
    expect(abs(share * 20 * cap[1] / cap[0] - 1) < 1e-9, stated["private_bins"])
    expect("private bins" in tool.succeeds(*words).out, "the plan's words")


@case("D^2 is that of unit and neighbours, and the noise grows with it")
def _(tool):
    prepare(tool)
    lines = list(rows())
    tool.write("people.csv", text_of([["id"] + lines[0]] + [
        [i // 3] + line for i, line in enumerate(lines[1:])]))
    sigma = {}
    person, replaced = ["--unit", "id:id:2"], ["--neighbours", "replace-one"]
    for name, more in {"row": [], "replace": replaced, "people": person,
                       "both": person + replaced}.items():
        data = "people.csv" if "--unit" in more else "data.csv"
        tool.succeeds(*synth("--model-out", f"{name}.model", *more, out=f"of_{name}.csv",
                             data=data))
        stated = json.loads(tool.succeeds("inspect", "--json", f"{name}.model").out)
        top = fraction(stated["releases"][0]["sigma_squared"])
        sigma[name] = top[0] / top[1]
    for name, factor in (("replace", 2), ("people", 4), ("both", 8)):
        expect(abs(sigma[name] / sigma["row"] / factor - 1) < 1e-12, f"{name}: {sigma}")


@case("in a ledger every count is a line; release, verify and refit agree")
def _(tool):
    prepare(tool)
    words = [word for word in synth() if word != "--no-ledger"]
    tool.succeeds(*words, "--model-out", "m.model", "--state", "state")
    tool.succeeds("inspect", "m.model", "--ledger", "data.csv.ledger", "--state", "state")
    tool.succeeds("release", "--model", "m.model", "--ledger", "data.csv.ledger",
                  "--state", "state", "--out", "bundle")
    result = tool.succeeds("verify", "bundle")
    expect("VERIFIED" in result.out, f"verify\n{result}")
    tool.succeeds("refit", "--transcript", "bundle/transcript.sil", "--out", "again.model")
    expect(tool.path("again.model").read_bytes() == tool.path("m.model").read_bytes(),
           "the model follows")


@case("a table without rows, one of one row, and a range of one value")
def _(tool):
    prepare(tool)
    tool.write("data.csv", "pay,sex,day,rate\n")
    tool.succeeds(*synth())
    tool.write("data.csv", "pay,sex,day,rate\n7,F,2020-02-29,0\n")
    tool.succeeds(*synth(out="one.csv"))
    schema = json.loads(json.dumps(SCHEMA))
    schema["fields"][0]["constraints"] = {"minimum": 5, "maximum": 5}
    tool.write("schema.json", schema)
    tool.succeeds(*synth(out="five.csv"))
    expect(set(column(tool, "five.csv", 0)) <= {"5", ""}, "nothing but 5")


@case("what cannot be is refused before the table is read")
def _(tool):
    prepare(tool)
    for bins in ({"private": 1}, {"private": 1025}, {"private": "8"}, {"private": 8.5}, {},
                 {"private": 8, "more": 1}, {"secret": 8}):
        schema = json.loads(json.dumps(SCHEMA))
        schema["fields"][0]["silhouette"]["bins"] = bins
        tool.write("schema.json", schema)
        result = tool.run(*synth())
        expect(result.code == 65 and "private" in result.err, f"{bins}\n{result}")
    schema = json.loads(json.dumps(SCHEMA))
    schema["silhouette"] = {"rules": [{"forbid": "pay > 5 AND sex = 'F'"}]}
    tool.write("schema.json", schema)
    result = tool.run(*synth())
    expect(result.code == 65 and "private bins" in result.err, f"a rule\n{result}")
    del schema["silhouette"], schema["fields"][0]["constraints"]
    tool.write("schema.json", schema)
    result = tool.run(*synth())
    expect(result.code == 65 and "minimum" in result.err, f"without bounds\n{result}")
    tool.write("schema.json", SCHEMA)
    result = tool.run("schema", "encode", "schema.json", "--data", "data.csv", "--out",
                      "codes.csv", "--domain", "domain.json")
    expect(result.code == 2 and "private bins" in result.err, f"codes\n{result}")
    result = tool.run(*synth(epsilon="1e-9"))
    expect(result.code in (64, 77), f"so little\n{result}")


@case("what more bins than are wanted would not let be is refused before it is paid for")
def _(tool):
    schema = {"fields": [
        {"name": "few", "type": "integer", "constraints": {"minimum": 0, "maximum": 99},
         "silhouette": {"bins": {"private": 10}}},
        {"name": "q", "type": "integer", "constraints": {"minimum": 1, "maximum": 60,
                                                         "required": True}}]}
    tool.write("schema.json", schema)
    tool.write("data.csv", text_of([["few", "q"]] + [  # six bins of one value, and what is between
        [i % 6 * 15 + 5, i % 59 + 1] for i in range(5000)]))
    words = [word for word in synth("--workload", "2", mechanism="mosaic")
             if word != "--no-ledger"] + ["--state", "state"]
    result = tool.run(*words, "--max-cells", "660")  # 11 cells with null; 21 may be
    expect(result.code == 64 and "1260 cells" in result.err, f"660\n{result}")
    expect(not tool.path("data.csv.ledger").exists(), "there is nothing to pay")
    tool.succeeds(*words, "--max-cells", "1260", "--model-out", "m.model")
    stated = json.loads(tool.succeeds("inspect", "--json", "m.model").out)
    expect(stated["fields"][0]["cells"] > 11, "more bins than are wanted")
    plan = ["plan", "--schema", "schema.json", "--epsilon", "3", "--delta", "1e-9",
            "--workload", "2", "--mechanism", "mosaic"]
    expect(tool.run(*plan, "--max-cells", "660").code == 64, "the plan says so")
    told = json.loads(tool.succeeds(*plan, "--max-cells", "1260", "--json").out)
    expect(told["memory_mb_most"] > told["memory_mb"], told)


if __name__ == "__main__":
    main()

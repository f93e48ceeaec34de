#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Columns that follow from others, from end to end: never measured, and right in every row."""
import csv
import datetime
import io
import json
import random

from harness import case, expect, main, transcript

REGION = {"Lille": "north", "Lyon": "south", "Nice": "south"}
DETERMINED = [{"name": "region", "type": "string", "categories": ["north", "south"]},
              {"name": "band", "type": "string", "categories": ["child", "adult, or so", "old"],
               "constraints": {"required": True}},
              {"name": "stay", "type": "integer",
               "constraints": {"minimum": 0, "maximum": 20}}]
MEASURED = [{"name": "city", "type": "string", "categories": list(REGION),
             "silhouette": {"open": True}},
            {"name": "age", "type": "integer", "constraints":
             {"minimum": 0, "maximum": 99, "required": True}, "silhouette": {"bins": 7}},
            {"name": "came", "type": "date", "constraints":
             {"minimum": "2020-01-01", "maximum": "2020-01-31", "required": True},
             "silhouette": {"bins": 4}},
            {"name": "went", "type": "date", "constraints":
             {"minimum": "2020-01-01", "maximum": "2020-02-15"},
             "silhouette": {"bins": {"private": 6}}}]
FOLLOW = [{"determines": {"from": "city", "to": "region", "map": REGION, "default": None}},
          {"determines": {"from": "age", "to": "band", "cuts": [18, 65],
                          "values": ["child", "adult, or so", "old"]}},
          {"derive": {"column": "stay", "as": "went - came"}}]
RULES = [{"if": "age < 18", "then": "city != 'Nice'"}]
SCHEMA = {"fields": [DETERMINED[0], *MEASURED[:2], DETERMINED[1], *MEASURED[2:],
                     DETERMINED[2]], "silhouette": {"rules": FOLLOW[:2] + RULES + FOLLOW[2:]}}
PLAIN = {"fields": MEASURED, "silhouette": {"rules": RULES}}
HEADER = ["stay", "band", "went", "city", "age", "region", "came"]


def make_rows(seed=1, n=3000):
    """What stands in recomputed columns is odd on purpose."""
    dice = random.Random(seed)
    yield HEADER
    for _ in range(n):
        age = dice.randrange(100)
        yield ["?", "1", dice.choice(["", "2020-01-20", "2020-02-03", "2020-02-14"]),
               dice.choice(["Lille", "Lyon", "Nice" if age >= 18 else "Lyon", "Metz", ""]),
               age, dice.choice(["north", "", "nowhere"]), f"2020-01-{dice.randrange(1, 32):02}"]


def text_of(lines):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


def prepare(tool):
    tool.write("data.csv", text_of(make_rows()))
    tool.write("schema.json", SCHEMA)
    tool.write("plain.json", PLAIN)


def synth(*more, mechanism="independent", out="out.csv", data="data.csv"):
    return ["synth", "--data", data, "--schema", "schema.json", "--epsilon", "5",
            "--delta", "1e-6", "--no-ledger", "--mechanism", mechanism, "--out", out, *more]


def follows(row):
    """The declared columns, worked out from the others once more."""
    age = int(row["age"])
    band = "child" if age < 18 else "adult, or so" if age < 65 else "old"
    stay = ""
    if row["went"] != "":
        days = [datetime.date.fromisoformat(row[name]) for name in ("came", "went")]
        stay = str(min(20, max(0, (days[1] - days[0]).days)))
    return (row["region"] == REGION.get(row["city"], "") and row["band"] == band
            and row["stay"] == stay)


for MECHANISM in ("independent", "mst", "aim", "mosaic"):
    @case(f"every row follows, in the columns of the file, and from the transcript: {MECHANISM}")
    def _(tool, mechanism=MECHANISM):
        prepare(tool)
        tool.succeeds(*synth("--model-out", "m.model", mechanism=mechanism))
        written = list(csv.DictReader(io.StringIO(tool.path("out.csv").read_text())))
        expect(list(written[0]) == HEADER, written[0])
        expect(all(follows(row) for row in written), [r for r in written if not follows(r)][:3])
        for name in ("region", "band", "stay"):
            expect(len({row[name] for row in written}) > 2, f"{name} is told apart")
        transcript(tool, "m.model", "t.sil")
        tool.succeeds("refit", "--transcript", "t.sil", "--out", "again.model", "--explain")
        expect(tool.path("again.model").read_bytes() ==
               tool.path("m.model").read_bytes(), "the model follows")
        tool.succeeds("sample", "--model", "again.model", "--out", "again.csv")
        expect(tool.path("again.csv").read_text() == tool.path("out.csv").read_text(),
               "the rows follow")
        tool.succeeds("schema", "check", "schema.json", "--data", "out.csv")


@case("rows made to order by what a column comes from follow, too")
def _(tool):
    prepare(tool)
    tool.succeeds(*synth("--model-out", "m.model"))
    tool.succeeds("sample", "--model", "m.model", "--rows", "500", "--where",
                  "city = 'Lyon' AND age >= 60", "--rebalance", "came=2020-01-01..2020-01-09:0.5",
                  "--out", "made.csv")
    made = list(csv.DictReader(io.StringIO(tool.path("made.csv").read_text())))
    expect(len(made) == 500 and all(follows(row) for row in made), made[:3])
    expect({row["region"] for row in made} == {"south"}, made[:3])


@case("nothing of such a column is measured or paid for, and the claim says so")
def _(tool):
    prepare(tool)
    words = ["--epsilon", "2", "--delta", "1e-6", "--json"]
    plans = [json.loads(tool.succeeds("plan", "--schema", name, *words).out)
             for name in ("schema.json", "plain.json")]
    expect(plans[0] == plans[1], plans)
    tool.succeeds(*synth("--model-out", "m.model", mechanism="mst"))
    stated = json.loads(tool.succeeds("inspect", "--json", "m.model").out)
    told = ["region from city", "band from age", "stay as went - came"]
    expect(f"never measured, but recomputed in each row once it is drawn, as the schema says: "
           f"{', '.join(told)}; " in stated["claim"]["text"], stated["claim"]["text"])
    expect([r["recomputed"] for r in stated["recomputed"]] == told, stated["recomputed"])
    expect([f["name"] for f in stated["fields"]] == ["city", "age", "came", "went"], stated)
    names = {name for r in stated["releases"] for name in r["attributes"]}
    expect(names == {"city", "age", "came", "went"}, names)
    shown = tool.succeeds("inspect", "m.model").out
    expect(all(f"  {words}: recomputed in each row, not measured\n" in shown for words in told),
           shown)


@case("who is who may not be a recomputed column; rows of a person are told apart without one")
def _(tool):
    prepare(tool)
    lines = [[i // 3] + line for i, line in enumerate(make_rows())]
    lines[0][0] = "id"
    tool.write("people.csv", text_of(lines))
    tool.refuses(64, *synth("--unit", "id:region:2"), says=['a field "region"'])
    tool.succeeds(*synth("--unit", "id:id:2", data="people.csv"))
    written = list(csv.DictReader(io.StringIO(tool.path("out.csv").read_text())))
    expect(list(written[0]) == HEADER and all(follows(row) for row in written), written[:3])


# Of the cities that are found in the rows all give no region.
SAME = [("region = 'south'", "city IN ('Lyon', 'Nice')"),
        ("region != 'south'", "city = 'Lille'"),
        ("region IS NULL", "city NOT IN ('Lille', 'Lyon', 'Nice') OR city IS NULL"),
        ("NOT (band = 'child' OR band = 'old') AND region IS NOT NULL",
         "age >= 18 AND age < 65 AND city IN ('Lille', 'Lyon', 'Nice')")]


@case("a condition on a column that is determined is one on what it comes from, to the byte")
def _(tool):
    prepare(tool)
    for mechanism in ("mst", "mosaic"):
        tool.succeeds(*synth("--model-out", "m.model", mechanism=mechanism))
        for i, (asked, meant) in enumerate(SAME):
            for name, text in (("asked", asked), ("meant", meant)):
                tool.succeeds("sample", "--model", "m.model", "--out", f"{name}.csv", "--rows",
                              "400", "--seed", "7", "--where", text)
            written = tool.path("asked.csv").read_text()
            expect(written == tool.path("meant.csv").read_text(), f"{mechanism}: {asked}")
            tool.path("asked.csv").unlink()
            tool.path("meant.csv").unlink()
        tool.path("m.model").unlink()
        tool.path("out.csv").unlink()


@case("shares of a column that is determined are met, and a release of such rows is verified")
def _(tool):
    prepare(tool)
    words = [word for word in synth() if word != "--no-ledger"]
    tool.succeeds(*words, "--model-out", "m.model", "--state", "state")
    order = ["--where", "region IS NOT NULL OR age < 40", "--rebalance", "band=old:0.5,child:0.3",
             "--rebalance", "region=south:0.25,NULL:0.25"]
    tool.succeeds("release", "--model", "m.model", "--ledger", "data.csv.ledger", "--state",
                  "state", "--out", "bundle", "--rows", "2000", *order)
    rows = list(csv.DictReader(io.StringIO(tool.path("bundle/data.csv").read_text())))
    for name, value, share in (("band", "old", 0.5), ("band", "child", 0.3),
                               ("region", "south", 0.25), ("region", "", 0.25)):
        n = sum(row[name] == value for row in rows)
        expect(abs(n - share * 2000) < 4 * 2000**.5 + 16, f"{name} {value}: {n}")
    expect(all(row["region"] != "" or int(row["age"]) < 40 for row in rows), "the condition")
    result = tool.succeeds("verify", "bundle")
    expect("VERIFIED" in result.out, f"verify\n{result}")


@case("orders, workloads and groups name what a column comes from, or are refused")
def _(tool):
    prepare(tool)
    tool.succeeds(*synth("--model-out", "m.model"))
    sample = ["sample", "--model", "m.model", "--out", "x.csv"]
    for order, why in ((["--where", "age > 3 AND stay = 2"], "a sum of others"),
                       (["--rebalance", "stay=..2:0.5"], "a sum of others"),
                       (["--rebalance", "band=old:0.5", "--rebalance", "age=..9:0.1"], "twice"),
                       (["--fair", "band|age"], "column is recomputed from others")):
        tool.refuses(64, *sample, *order, says=[why])
    tool.write("w.json", {"marginals": [{"attributes": ["age", "stay"]}]})
    tool.refuses(65, *synth("--workload", "w.json", mechanism="aim"),
                 says=['"stay" is recomputed'])
    tool.refuses(64, "report", "--data", "data.csv", "--model", "m.model", "--out", "internal",
                 "--group", "region", says=['"region" is recomputed'])
    tool.succeeds("report", "--data", "data.csv", "--model", "m.model", "--out", "internal",
                  "--group", "age")


@case("a table without the column is refused by its name")
def _(tool):
    prepare(tool)
    tool.write("less.csv", text_of([line[1:] for line in make_rows(n=9)]))
    tool.refuses(65, *synth(data="less.csv"), says=['the header lacks "stay"'])


@case("check counts the rows that break each rule, or have something else there")
def _(tool):
    lines = list(make_rows(n=60))
    nice = sum(line[3] == "Nice" for line in lines)
    other = sum(line[3] in REGION and line[5] != REGION[line[3]] for line in lines[1:])
    other += sum(line[3] == "" and line[5] != "" for line in lines[1:])
    for line in lines[1:]:
        line[4] = 3 if line[3] == "Nice" else line[4]
    tool.write("data.csv", text_of(lines))
    tool.write("schema.json", SCHEMA)
    found = tool.run("schema", "check", "schema.json", "--data", "data.csv")
    expect(found.code == 1, found)
    for line in ("data.csv: 4 problems: values that the schema does not declare, and rules that "
                 "rows do not keep\n",
                 f"silhouette.rules[2] (if age < 18 then city != 'Nice'): rows that break it: "
                 f"{nice}; a row that breaks it is dropped\n",
                 f"region from city: rows with another value: {other}; none is looked at when a "
                 "model is fitted\n", "band from age: rows with another value: 60;",
                 "stay as went - came: rows with another value: 60;"):
        expect(line in found.out, f"{line}\n{found}")
    said = json.loads(tool.run("schema", "check", "schema.json", "--data", "data.csv",
                               "--json").out)
    expect(said["n_problems"] == 4 and len(said["problems"]) == 4, said)


@case("codes are written of what is measured, and of the rows that keep the rules")
def _(tool):
    prepare(tool)
    schema = json.loads(tool.path("schema.json").read_text())
    del schema["fields"][1]["silhouette"], schema["fields"][5]["silhouette"]
    tool.write("closed.json", schema)
    tool.succeeds("schema", "encode", "closed.json", "--data", "data.csv", "--out", "codes.csv",
                  "--domain", "domain.json")
    codes = tool.path("codes.csv").read_text().splitlines()
    expect(codes[0] == "city,age,came,went" and len(codes) == 3001, codes[:2])
    expect(list(json.loads(tool.path("domain.json").read_text())) == codes[0].split(","), codes)


if __name__ == "__main__":
    main()

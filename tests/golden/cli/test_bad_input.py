#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input: the exit code, a sentence that helps, no value of a row, no trace.

No budget can have been touched in any of these: without a model or rows as output, and
with the refusal before the first measurement, nothing leaves the process.
"""
import copy
import json
import os
import random

from harness import (BUDGET, SCHEMA, Skip, case, expect, main, prepare, synth,
                     table)

# A value that no message may show, wherever in a table it stands.
SECRET = "zebra7391"


def with_schema(tool, change):
    """The usual files with a changed schema."""
    prepare(tool)
    schema = copy.deepcopy(SCHEMA)
    change(schema["fields"])
    tool.write("schema.json", schema)


def both(tool, code, **options):
    """synth and fit refuse alike."""
    tool.refuses(code, *synth("--model-out", "out.model"), **options)
    tool.refuses(code, "fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                 "--out", "out.model", **options)


# ---------------------------------------------------------------- files

@case("files: a missing table, schema, model, specification")
def _(tool):
    prepare(tool)
    missing = "No such file or directory"
    tool.refuses(74, *synth(data="none.csv"), says=["none.csv", missing])
    tool.refuses(74, *synth(schema="none.json"), says=["none.json", missing])
    tool.refuses(74, *synth("--workload", "none.json"), says=["none.json", missing])
    tool.refuses(74, "sample", "--model", "none.model", "--out", "o.csv",
                 says=["none.model", missing])
    tool.refuses(74, "inspect", "none.model", says=["none.model", missing])
    tool.refuses(74, "plan", "--schema", "none.json", "--epsilon", "1", "--delta", "1e-9",
                 says=["none.json", missing])
    tool.refuses(74, "simulate", "none.json", "--rows", "3", "--out", "o.csv",
                 says=["none.json", missing])
    tool.refuses(74, "schema", "check", "none.json", says=["none.json", missing])
    tool.refuses(74, "schema", "check", "schema.json", "--data", "none.csv",
                 says=["none.csv", missing])
    tool.refuses(74, "schema", "draft", "none.csv", says=["none.csv", missing])
    tool.refuses(74, "schema", "import", "--mbi", "none.json", says=["none.json", missing])
    tool.refuses(74, "schema", "encode", "schema.json", "--data", "none.csv", "--out",
                 "c.csv", "--domain", "d.json", says=["none.csv", missing])


@case("files: an unreadable table and an unreadable schema")
def _(tool):
    prepare(tool)
    options = {}
    if os.geteuid() == 0:
        # Root reads everything: run as nobody, who may enter the folder.
        for parent in [tool.program, *tool.program.parents]:
            if not parent.stat().st_mode & 0o005:
                raise Skip(f"run as root, and nobody else may enter {parent}")
        tool.folder.chmod(0o777)
        options = {"user": 65534, "group": 65534, "extra_groups": []}
    tool.path("data.csv").chmod(0o000)
    tool.refuses(74, *synth(), says=["data.csv", "Permission denied"], **options)
    tool.path("schema.json").chmod(0o000)
    tool.refuses(74, *synth(), says=["schema.json", "Permission denied"], **options)


@case("files: a directory where a file is expected")
def _(tool):
    prepare(tool)
    tool.path("folder").mkdir()
    directory = ["folder is a directory"]
    tool.refuses(65, *synth(data="folder"), says=directory)
    tool.refuses(65, *synth(schema="folder"), says=directory)
    tool.refuses(65, "inspect", "folder", says=directory)
    tool.refuses(65, "sample", "--model", "folder", "--out", "o.csv", says=directory)
    tool.refuses(65, "simulate", "folder", "--rows", "3", "--out", "o.csv", says=directory)
    tool.refuses(65, "schema", "check", "folder", says=directory)
    tool.refuses(65, "schema", "draft", "folder", says=directory)


@case("files: an empty table, schema, model, specification")
def _(tool):
    prepare(tool)
    tool.write("empty", "")
    tool.refuses(65, *synth(data="empty"), says=["empty"])
    tool.refuses(65, *synth(schema="empty"), says=["empty"])
    tool.refuses(65, "inspect", "empty", says=["empty"])
    tool.refuses(65, "simulate", "empty", "--rows", "3", "--out", "o.csv")
    tool.refuses(65, "schema", "draft", "empty", says=["empty"])
    tool.refuses(65, "schema", "import", "--mbi", "empty")


@case("files: an empty schema is a problem that schema check explains")
def _(tool):
    tool.write("empty.json", "")
    result = tool.run("schema", "check", "empty.json")
    expect(result.code == 1 and result.out.startswith("empty.json: 1 problem\n") and
           result.out.count("\n") == 2, f"one problem, and whose\n{result}")


@case("files: binary garbage as table, schema, model, specification")
def _(tool):
    prepare(tool)
    noise = random.Random(20240229).randbytes(1 << 16)
    tool.write("noise", noise)
    tool.refuses(65, *synth(data="noise"), says=["noise"])
    tool.refuses(65, *synth(schema="noise"), says=["noise"])
    tool.refuses(65, "sample", "--model", "noise", "--out", "o.csv", says=["noise"])
    tool.refuses(65, "inspect", "noise", says=["noise"])
    tool.refuses(65, "simulate", "noise", "--rows", "3", "--out", "o.csv")
    tool.refuses(65, "schema", "draft", "noise")


@case("files: a table that begins well and turns binary")
def _(tool):
    prepare(tool)
    noise = random.Random(7).randbytes(4096).replace(b"\0", b"\1")
    tool.write("data.csv", table(50).encode() + b"female,3\0,true\n" + noise)
    both(tool, 65, says=["data.csv", "52"])


@case("files: a sparse file of 10 GB is refused at once, in little memory")
def _(tool):
    prepare(tool)
    big = tool.path("big")
    with open(big, "wb") as file:
        try:
            file.truncate(10 << 30)
        except OSError as reason:
            raise Skip(f"the file system takes no sparse file: {reason}")
    tool.refuses(65, *synth(data="big"), says=["big"])
    tool.refuses(65, *synth(schema="big"), says=["big", "larger than"])
    tool.refuses(65, "schema", "draft", "big", says=["big"])
    # A good header and then 10 GB of NUL bytes: the first of them ends it.
    with open(big, "r+b") as file:
        file.write(b"sex,age,smokes\n")
    tool.refuses(65, *synth(data="big"), says=["big", "NUL"])


# ---------------------------------------------------------------- tables

@case("tables: a header and no rows still gives a private answer")
def _(tool):
    # An empty table is the neighbour of a table of one row: refusing it would tell.
    tool.write("data.csv", "sex,age,smokes\n")
    tool.write("schema.json", SCHEMA)
    tool.succeeds(*synth())
    expect(tool.path("out.csv").read_text().startswith("sex,age,smokes"), "the header")


@case("tables: one row still gives a private answer")
def _(tool):
    tool.write("data.csv", "sex,age,smokes\nfemale,30,true\n")
    tool.write("schema.json", SCHEMA)
    result = tool.succeeds(*synth())
    expect("warning" in result.err, f"delta is not below one over one row\n{result}")


@case("tables: one column")
def _(tool):
    tool.write("data.csv", "sex\n" + "female\nmale\n" * 200)
    tool.write("schema.json", {"fields": SCHEMA["fields"][:1]})
    for mechanism in ("aim", "mst", "independent"):
        tool.succeeds(*synth("--mechanism", mechanism, out=f"{mechanism}.csv"))
        tool.succeeds("schema", "check", "schema.json", "--data", f"{mechanism}.csv")


@case("tables: a column with one value")
def _(tool):
    schema = copy.deepcopy(SCHEMA)
    schema["fields"].insert(1, {"name": "planet", "type": "string",
                                "categories": ["Earth"],
                                "constraints": {"required": True}})
    lines = table(300).splitlines()
    rows = [line.split(",", 1) for line in lines]
    tool.write("data.csv", "".join(
        f"{first},{'planet' if i == 0 else 'Earth'},{rest}\n"
        for i, (first, rest) in enumerate(rows)))
    tool.write("schema.json", schema)
    for mechanism in ("aim", "mst", "independent"):
        tool.succeeds(*synth("--mechanism", mechanism, out=f"{mechanism}.csv"))
        tool.succeeds("schema", "check", "schema.json", "--data", f"{mechanism}.csv")


@case("tables: every column has one value")
def _(tool):
    tool.write("data.csv", "planet\n" + "Earth\n" * 100)
    tool.write("schema.json", {"fields": [
        {"name": "planet", "type": "string", "categories": ["Earth"],
         "constraints": {"required": True}}]})
    result = tool.run(*synth())
    expect(result.code in (0, 64), f"rows, or a reason\n{result}")


@case("tables: a column is missing, doubled or too many")
def _(tool):
    prepare(tool)
    tool.write("data.csv", "sex,age\nfemale,3\n")
    both(tool, 65, says=["data.csv", "smokes"])
    tool.write("data.csv", "sex,age,smokes,age\nfemale,3,true,4\n")
    both(tool, 65, says=["data.csv", "age"])
    tool.write("data.csv", f"sex,age,smokes,name\nfemale,3,true,{SECRET}\n")
    both(tool, 65, says=["data.csv", "column 4", "--ignore-extra-columns"], hides=[SECRET])
    tool.succeeds(*synth("--ignore-extra-columns"))
    expect("name" not in tool.path("out.csv").read_text().splitlines()[0],
           "the extra column is not made up")


@case("tables: the wrong delimiter")
def _(tool):
    prepare(tool)
    tool.refuses(65, *synth("--delimiter", ";"), says=["data.csv"])
    tool.write("data.csv", table().replace(",", ";"))
    tool.succeeds(*synth("--delimiter", ";"))
    expect(tool.path("out.csv").read_text().startswith("sex;age;smokes\n"),
           "the output has the delimiter of the input")


def broken_record(title, record, says):
    @case(f"tables: {title}, named by record and field without its value")
    def _(tool):
        prepare(tool, 5)
        with open(tool.path("data.csv"), "ab") as file:
            file.write(record)
        both(tool, 65, says=["data.csv", *says], hides=[SECRET])


broken_record("a record with a field too few", f"female,{SECRET}\n".encode(), ["7"])
broken_record("a record with a field too many", f"female,3,true,{SECRET}\n".encode(),
              ["7"])
broken_record("a NUL byte", f"female,{SECRET}\0,true\n".encode(), ["7", "NUL"])
broken_record("a quote inside a field", f"fem\"{SECRET},3,true\n".encode(), ["7"])
broken_record("text behind a closing quote", f"\"female\"{SECRET},3,true\n".encode(),
              ["7"])
broken_record("a quote that is never closed", f"female,3,\"{SECRET}\n".encode(), ["7"])
broken_record("a field of more than a million bytes",
              b"female,3," + b"x" * ((1 << 20) + 1) + b"\n", ["7"])


@case("tables: a value outside its domain is no error, and schema check names it")
def _(tool):
    prepare(tool, 5)
    with open(tool.path("data.csv"), "a", encoding="ascii") as file:
        file.write(f"female,3,{SECRET}\n")
    result = tool.run("schema", "check", "schema.json", "--data", "data.csv")
    expect(result.code == 1, f"a problem\n{result}")
    expect("smokes" in result.out and "7" in result.out, f"field and record\n{result}")
    expect(SECRET not in result.out + result.err, f"never the value\n{result}")
    tool.succeeds(*synth())
    expect(SECRET not in tool.path("out.csv").read_text(), "nor in the output")


def wide(tool, n):
    """wide.csv and wide.json: twenty rows of n columns of two values."""
    fields = [{"name": f"c{i}", "type": "boolean", "constraints": {"required": True}}
              for i in range(n)]
    header = ",".join(f"c{i}" for i in range(n))
    row = ",".join("01"[i % 3 == 0] for i in range(n))
    tool.write("wide.csv", header + "\n" + (row + "\n") * 20)
    tool.write("wide.json", {"fields": fields})
    return header


@case("tables: 10,000 columns are read, and their 1.7e11 triples refused")
def _(tool):
    wide(tool, 10000)
    tool.succeeds("schema", "check", "wide.json", "--data", "wide.csv")
    tool.refuses(64, *synth(data="wide.csv", schema="wide.json"), says=["--workload"])
    tool.refuses(64, "plan", "--schema", "wide.json", "--epsilon", "1", "--delta", "1e-9",
                 says=["--workload"])


@case("tables: hundreds of columns on their own")
def _(tool):
    header = wide(tool, 400)
    tool.succeeds(*synth("--mechanism", "independent", "--workload", "1", "--rows", "20",
                         data="wide.csv", schema="wide.json"))
    lines = tool.path("out.csv").read_text().splitlines()
    expect(lines[0] == header and len(lines) == 21, "all columns, and the rows asked for")


@case("rows: more than the machine has memory for are refused before anything is paid")
def _(tool):
    n = 400
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE")
    if n * 4294967295 <= memory:
        raise Skip("this machine could hold them")
    wide(tool, n)
    many = ("--rows", "4294967295")
    says = ["4294967295 rows of 400 bytes each", "MB of memory", "--seed"]
    alone = ("--mechanism", "independent", "--workload", "1")
    paid = ("--epsilon", "1", "--delta", "1e-9", "--state", "state")
    tool.refuses(64, *synth(*alone, *many, data="wide.csv", schema="wide.json",
                            budget=paid), says=says)
    tool.succeeds("fit", "--data", "wide.csv", "--schema", "wide.json", *paid, *alone,
                  "--out", "wide.model")
    tool.refuses(64, "sample", "--model", "wide.model", "--out", "o.csv", *many, says=says)
    tool.succeeds("sample", "--model", "wide.model", "--out", "o.csv", "--rows", "5")


@case("rows: 2^31 of mosaic are refused before anything is paid or drawn")
def _(tool):
    tool.write("data.csv", "sex,age,smokes\n" + "female,30,true\n" * 20)
    tool.write("schema.json", SCHEMA)
    mosaic = ("--mechanism", "mosaic")
    many = ("--rows", "2147483648")
    paid = ("--epsilon", "1", "--delta", "1e-9", "--state", "state")
    says = ["at most 2147483647 rows at once, not 2147483648", "--seed"]
    tool.refuses(64, *synth(*mosaic, *many, budget=paid), says=says)
    expect(not tool.path("data.csv.ledger").exists(), "no ledger was opened")
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *paid, *mosaic,
                  "--out", "o.model")
    tool.refuses(64, "sample", "--model", "o.model", "--out", "o.csv", *many, says=says)


# ---------------------------------------------------------------- schemas

def bad_schema(title, change, says):
    @case(f"schemas: {title}")
    def _(tool):
        with_schema(tool, change)
        tool.refuses(65, *synth(), says=says)
        tool.refuses(65, "plan", "--schema", "schema.json", "--epsilon", "1", "--delta",
                     "1e-9", says=says)
        result = tool.run("schema", "check", "schema.json")
        expect(result.code == 1, f"a problem\n{result}")
        expect("fields[1]" in result.out or len(says) == 0, f"its place\n{result}")
        as_json = tool.run("schema", "check", "schema.json", "--json")
        report = json.loads(as_json.out)
        expect(as_json.code == 1 and not report["ok"] and report["n_problems"] >= 1 and
               len(report["problems"]) == report["n_problems"], f"as JSON\n{as_json}")


def set_age(**properties):
    def change(fields):
        fields[1].update(properties)
    return change


bad_schema("minimum above maximum",
           set_age(constraints={"minimum": 9, "maximum": 1}), ["age"])
bad_schema("an unknown type", set_age(type="intger"), ["age", "type"])
bad_schema("no bounds for a number", set_age(constraints={}), ["age"])
bad_schema("categories that repeat a value",
           set_age(categories=[1, 1], constraints={}, silhouette={}), ["age"])
bad_schema("required, yet null for what lies outside",
           set_age(silhouette={"bins": 10, "outside": "null"}), ["age", "required"])
bad_schema("more bins than values", set_age(silhouette={"bins": 1000}), ["age"])
bad_schema("no bins at all", set_age(silhouette={"bins": 0}), ["age"])
bad_schema("edges that do not ascend", set_age(silhouette={"bins": [0, 50, 20, 99]}),
           ["age"])
bad_schema("a misspelt property", set_age(constrains={}), ["age", "constraints"])
bad_schema("an unknown policy", set_age(silhouette={"bins": 10, "outside": "guess"}),
           ["age", "outside"])


@case("schemas: two fields of one name")
def _(tool):
    with_schema(tool, lambda fields: fields.append(fields[0]))
    tool.refuses(65, *synth(), says=["sex"])


@case("schemas: several problems are all explained")
def _(tool):
    def change(fields):
        fields[0]["type"] = "text"
        fields[1]["constraints"] = {"minimum": 9, "maximum": 1}
    with_schema(tool, change)
    result = tool.run("schema", "check", "schema.json")
    expect("fields[0]" in result.out and "fields[1]" in result.out, f"both\n{result}")


@case("schemas: no fields, not an object, deeply nested")
def _(tool):
    prepare(tool)
    for text in ("{}", "[]", '{"fields": []}', '{"fields": 3}', "3", "{",
                 "[" * 100000):
        tool.write("schema.json", text)
        tool.refuses(65, *synth())
        expect(tool.run("schema", "check", "schema.json").code == 1, text[:20])


# ---------------------------------------------------------------- budgets

EPSILONS = ["0", "-1", "nan", "NaN", "inf", "1e400", "1e99999", "10001", "10000.0001",
            "1e4.5", "one", "", "1 ", "0x1", "1/2/3", "--1"]
DELTAS = ["0", "1", "-1e-9", "nan", "2", "1.0", "1e-99999", "small", ""]


def bad_budget(option, values):
    @case(f"budget: {option} out of range or not a number")
    def _(tool):
        prepare(tool)
        for value in values:
            budget = {"--epsilon": "1", "--delta": "1e-9", option: value}
            words = [f"{name}={text}" for name, text in budget.items()]
            both_words = [*words, "--no-ledger"]
            tool.refuses(64, *synth(budget=both_words), says=[option[2:]])
            tool.refuses(64, "plan", "--schema", "schema.json", *words,
                         says=[option[2:]])


bad_budget("--epsilon", EPSILONS)
bad_budget("--delta", DELTAS)


@case("budget: refused before the table is opened")
def _(tool):
    prepare(tool)
    tool.refuses(64, *synth(data="none.csv", budget=(
        "--epsilon", "0", "--delta", "1e-9", "--no-ledger")), says=["epsilon"])


@case("budget: 10000 is the last epsilon that is accepted, with a warning")
def _(tool):
    prepare(tool)
    result = tool.succeeds(*synth("--mechanism", "independent", budget=(
        "--epsilon", "10000", "--delta", "1e-9", "--no-ledger")))
    expect("warning" in result.err, f"it protects nothing\n{result}")


@case("budget: too small to express or to buy anything")
def _(tool):
    prepare(tool)
    result = tool.run(*synth(budget=("--epsilon", "1e-300", "--delta", "1e-9",
                                     "--no-ledger")))
    expect(result.code in (0, 64, 77), f"rows of a stated sort, or a refusal\n{result}")
    if result.code == 0:
        expect("independent columns" in result.err, f"said aloud\n{result}")


@case("budget: a target error of a plan is checked")
def _(tool):
    prepare(tool)
    for value in ("0", "-1", "nan", "none", ""):
        tool.refuses(64, "plan", "--schema", "schema.json", "--delta", "1e-9",
                     f"--target-error={value}", says=["target"])


# ---------------------------------------------------------------- workloads and caps

@case("workload: unknown columns are named")
def _(tool):
    prepare(tool)
    tool.write("work.json", {"marginals": [{"attributes": ["sex", "shoe"]}]})
    both_words = ("--workload", "work.json")
    tool.refuses(65, *synth(*both_words), says=["shoe"])
    tool.refuses(65, "plan", "--schema", "schema.json", "--epsilon", "1", "--delta",
                 "1e-9", *both_words, says=["shoe"])


@case("workload: neither a number nor a file, and out of range")
def _(tool):
    prepare(tool)
    for value in ("0", "9", "-3", "3.5", "33"):
        tool.refuses(64, *synth(f"--workload={value}"), says=["workload"])
    tool.write("work.json", "{")
    tool.refuses(65, *synth("--workload", "work.json"), says=["workload", "line 1"])
    tool.path("folder").mkdir()
    tool.refuses(65, *synth("--workload", "folder"), says=["directory"])


@case("workload: a cap too small for any marginal")
def _(tool):
    prepare(tool)
    tool.refuses(64, *synth("--max-cells", "1"), says=["--max-cells"])


@case("workload: a memory cap too small for any model")
def _(tool):
    # One column of 2^20 cells is 8 MB.
    tool.write("schema.json", {"fields": [
        {"name": "id", "type": "integer", "silhouette": {"bins": "integers"},
         "constraints": {"minimum": 1, "maximum": 1 << 19, "required": True}}]})
    tool.write("data.csv", "id\n" + "".join(f"{i}\n" for i in range(1, 200)))
    words = ("--max-model-mb", "1", "--max-cells", "4294967295")
    for mechanism in ("aim", "mst", "independent"):
        tool.refuses(64, *synth(*words, "--mechanism", mechanism), says=["--max-model-mb"])


@case("workload: 1e11 cells are refused with the number and the flag to lower")
def _(tool):
    fields = [{"name": f"c{i}", "type": "integer", "silhouette": {"bins": "integers"},
               "constraints": {"minimum": 0, "maximum": 1599, "required": True}}
              for i in range(5)]
    tool.write("schema.json", {"fields": fields})
    tool.write("data.csv", "c0,c1,c2,c3,c4\n1,2,3,4,5\n")
    # 10 triples of 1600^3 cells: 4e10, and as many again in their parts.
    words = ("--max-cells", "4294967295", "--max-model-mb", "1048576")
    tool.refuses(64, *synth(*words), says=["cells", "--max-cells"])
    tool.refuses(64, "plan", "--schema", "schema.json", "--epsilon", "1", "--delta",
                 "1e-9", *words, says=["cells", "--max-cells"])


# ---------------------------------------------------------------- models

def models(tool):
    prepare(tool)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--mechanism", "mst", "--out", "good.model")
    return tool.path("good.model").read_bytes()


@case("models: cut short anywhere")
def _(tool):
    good = models(tool)
    for length in sorted({0, 1, 7, len(good) // 3, len(good) // 2, len(good) - 1}):
        tool.write("bad.model", good[:length])
        tool.refuses(65, "inspect", "bad.model", says=["bad.model"])
        tool.refuses(65, "sample", "--model", "bad.model", "--out", "o.csv",
                     says=["bad.model"])


@case("models: something behind the end")
def _(tool):
    tool.write("bad.model", models(tool) + b"\0")
    tool.refuses(65, "inspect", "bad.model", says=["bad.model"])


@case("models: a flipped bit is refused or told as unsupported")
def _(tool):
    good = models(tool)
    for position in random.Random(5).sample(range(len(good)), 60):
        bad = bytearray(good)
        bad[position] ^= 1 << position % 8
        tool.write("bad.model", bytes(bad))
        result = tool.run("inspect", "bad.model")
        expect(result.code in (2, 65), f"byte {position} of {len(good)}\n{result}")
        expect(result.out == "", f"byte {position}: nothing is said of it\n{result}")


if __name__ == "__main__":
    main()

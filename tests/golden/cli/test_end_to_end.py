#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From a table to rows and back: what the commands promise about each other.

The program has no seed for noise, so every case must hold whatever the noise is; where a
case speaks of likeness, the table is so large for its domain that the noise would have to
be more than ten standard deviations out for a failure.
"""
import csv
import io
import json
import shlex

from harness import (BUDGET, SCHEMA, SOURCE, Skip, case, expect, main, prepare, synth,
                     table)

MECHANISMS = ("aim", "mst", "independent", "mosaic")


def fit(tool, *more, out="out.model", mechanism="mst"):
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--mechanism", mechanism, "--out", out, *more)


def sample(tool, out, *more, model="out.model", **options):
    tool.succeeds("sample", "--model", model, "--out", out, *more, **options)
    return tool.path(out).read_bytes()


def end_to_end(mechanism):
    @case(f"{mechanism}: rows are valid, and a sample of the model is the same file")
    def _(tool):
        prepare(tool)
        result = tool.succeeds(*synth("--mechanism", mechanism, "--model-out",
                                      "out.model"))
        for word in ("out.csv", "out.model", "1e-9", "UNLEDGERED", "silhouette inspect"):
            expect(word in result.err, f"the summary names {word}\n{result}")
        expect(result.out == "", f"nothing on stdout\n{result}")
        expect(("Answers   come from rows" in result.err) == (mechanism == "mosaic"),
               f"what answers\n{result}")
        tool.succeeds("schema", "check", "schema.json", "--data", "out.csv")
        rows = tool.path("out.csv").read_bytes()
        expect(rows.startswith(b"sex,age,smokes\n"), "the header of the input")
        expect(sample(tool, "again.csv") == rows, "fit and sample equal synth")

    @case(f"{mechanism}: threads and instruction sets do not change one byte of a sample")
    def _(tool):
        prepare(tool)
        fit(tool, mechanism=mechanism)
        rows = sample(tool, "a.csv", "--rows", "5000", "--seed", "7")
        for threads in ("1", "2", "5"):
            expect(sample(tool, "b.csv", "--rows", "5000", "--seed", "7", "--threads",
                          threads) == rows, f"--threads {threads}")
        expect(sample(tool, "b.csv", "--rows", "5000", "--seed", "7",
                      env={"SIL_ISA": "scalar"}) == rows, "SIL_ISA=scalar")


def instruction_set(name, flag):
    @case(f"SIL_ISA={name} gives the bytes of SIL_ISA=scalar")
    def _(tool):
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            if flag not in info.read().split():
                raise Skip(f"this machine lacks {name}")
        prepare(tool)
        for mechanism in MECHANISMS:
            fit(tool, mechanism=mechanism)
            expect(sample(tool, "a.csv", env={"SIL_ISA": name}) ==
                   sample(tool, "b.csv", env={"SIL_ISA": "scalar"}), mechanism)


@case("sample: a function of the model, the rows and the seed")
def _(tool):
    prepare(tool)
    fit(tool)
    rows = sample(tool, "a.csv")
    expect(sample(tool, "b.csv") == rows, "the default seed follows from the transcript")
    seven = sample(tool, "c.csv", "--seed", "7")
    expect(sample(tool, "d.csv", "--seed", "7") == seven, "a chosen seed")
    expect(seven != rows and sample(tool, "e.csv", "--seed", "8") != seven,
           "another seed, other rows")
    for n in ("1", "2", "777"):
        expect(sample(tool, "f.csv", "--rows", n).count(b"\n") == int(n) + 1,
               f"--rows {n}")


@case("sample: a summary in words or as JSON, none when quiet")
def _(tool):
    prepare(tool)
    fit(tool, "--quiet")
    words = ("sample", "--model", "out.model", "--rows", "7", "--out", "o.csv")
    err = tool.succeeds(*words).err
    expect("7 to o.csv" in err and "nothing" in err, f"rows and cost: {err}")
    expect(tool.succeeds(*words, "--quiet").err == "", "quiet")
    done = json.loads(tool.succeeds(*words, "--json").err)
    expect(done["ok"] is True and done["command"] == "sample" and done["rows"] == 7 and
           done["rows_file"] == "o.csv" and done["model_file"] == "out.model" and
           "epsilon 1" in done["claim"], f"{done}")
    n_rows = json.loads(tool.succeeds("sample", "--model", "out.model", "--out", "o.csv",
                                      "--json").err)["rows"]
    expect(tool.path("o.csv").read_text().count("\n") == n_rows + 1, "the estimate")


@case("the mechanism that nothing is said of is mosaic: of fit, synth and plan")
def _(tool):
    prepare(tool)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--out", "a.model")
    tool.succeeds(*synth("--model-out", "b.model"))
    for model in ("a.model", "b.model"):
        told = json.loads(tool.succeeds("inspect", "--json", model).out)
        expect(told["plan"]["mechanism"] == "mosaic", model)
    words = ("plan", "--schema", "schema.json", "--epsilon", "1", "--delta", "1e-9")
    expect(tool.succeeds(*words).out ==
           tool.succeeds(*words, "--mechanism", "mosaic").out, "plan")


@case("noise has no seed: two fits of the same table differ")
def _(tool):
    prepare(tool)
    fit(tool, out="a.model")
    fit(tool, out="b.model")
    expect(tool.path("a.model").read_bytes() != tool.path("b.model").read_bytes(),
           "different noise")


@case("standard streams: every input and output can be one")
def _(tool):
    prepare(tool)
    data, schema = (tool.path(name).read_bytes() for name in ("data.csv", "schema.json"))
    result = tool.succeeds(*synth("--rows", "5", data="-", out="-"), stdin=data)
    expect(result.out.startswith("sex,age,smokes\n") and result.out.count("\n") == 6,
           f"rows alone on stdout\n{result}")
    tool.succeeds(*synth("--mechanism", "independent", schema="-"), stdin=schema)
    model = tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                          "--mechanism", "independent", "--out", "-", text=False).out
    tool.write("out.model", model)
    rows = sample(tool, "a.csv")
    piped = tool.succeeds("sample", "--model", "-", "--out", "-", stdin=model, text=False)
    expect(piped.out == rows, "a model through a pipe")
    words = tool.succeeds("inspect", "out.model").out
    expect(tool.succeeds("inspect", "-", stdin=model).out == words, "inspect -")
    expect(tool.succeeds("schema", "check", "-", stdin=schema).out != "", "check -")
    plan = ("plan", "--epsilon", "1", "--delta", "1e-9", "--schema")
    expect(tool.succeeds(*plan, "-", stdin=schema).out ==
           tool.succeeds(*plan, "schema.json").out, "plan --schema -")


@case("a table may have CRLF, a byte order mark, quotes and columns in any order")
def _(tool):
    prepare(tool)
    rows = list(csv.reader(io.StringIO(table(50))))
    turned = [",".join(f'"{cell}"' for cell in (row[2], row[0], row[1])) for row in rows]
    tool.write("data.csv", b"\xef\xbb\xbf" + "\r\n".join(turned).encode())
    tool.succeeds(*synth())
    tool.succeeds("schema", "check", "schema.json", "--data", "out.csv")
    tool.succeeds("schema", "check", "schema.json", "--data", "data.csv")


@case("replace-one: the relation is the one that is claimed")
def _(tool):
    prepare(tool)
    for words, claim in ((("--neighbours", "replace-one"), "replacing one row"),
                         ((), "adding or removing one row")):
        result = tool.succeeds(*synth(*words, "--mechanism", "mst", "--json"))
        expect(claim in json.loads(result.err.splitlines()[-1])["claim"], f"{result}")


@case("--quiet leaves warnings, --json makes all of it JSON")
def _(tool):
    prepare(tool)
    words = synth("--mechanism", "independent")
    expect(tool.succeeds(*words, "--quiet").err == "", "nothing to warn about")
    loud = synth("--mechanism", "independent", budget=(
        "--epsilon", "30", "--delta", "0.5", "--no-ledger"))
    quiet = tool.succeeds(*loud, "--quiet").err.splitlines()
    expect(len(quiet) >= 2 and all("warning:" in line for line in quiet),
           f"epsilon and delta: {quiet}")
    lines = [json.loads(line) for line in tool.succeeds(*loud, "--json").err.splitlines()]
    expect(len(lines) == len(quiet) + 1 and all(line["ok"] for line in lines),
           f"objects: {lines}")
    expect(all("warning" in line for line in lines[:-1]), f"warnings: {lines}")
    summary = lines[-1]
    expect(summary["command"] == "synth" and summary["rows_file"] == "out.csv" and
           summary["rows"] >= 1 and "30" in summary["claim"], f"summary: {summary}")


@case("inspect: the claim in words and as JSON, the same every time")
def _(tool):
    prepare(tool)
    fit(tool, mechanism="aim")
    words = tool.succeeds("inspect", "out.model").out
    for word in ("1e-9", "UNLEDGERED", "aim"):
        expect(word.lower() in words.lower(), f"{word} in\n{words}")
    text = tool.succeeds("inspect", "--json", "out.model").out
    json.loads(text)
    expect(tool.succeeds("inspect", "--json", "out.model").out == text, "the same")
    tool.succeeds("inspect", "--json", "out.model", "--out", "claim.json")
    expect(tool.path("claim.json").read_text() == text, "--out")


@case("plan: reads no data, says what it cannot know, answers both questions")
def _(tool):
    tool.write("schema.json", SCHEMA)
    words = ("plan", "--schema", "schema.json", "--delta", "1e-9")
    for mechanism in MECHANISMS:
        text = tool.succeeds(*words, "--epsilon", "1", "--mechanism", mechanism).out
        expect("not predicted" in text, f"model error\n{text}")
        json.loads(tool.succeeds(*words, "--epsilon", "1", "--mechanism", mechanism,
                                 "--json").out)
    text = tool.succeeds(*words, "--target-error", "0.05", "--rows-guess", "10000").out
    expect("epsilon" in text, text)


@case("plan: of few cells no tree takes much, however much it may take")
def _(tool):
    tool.write("schema.json", SCHEMA)
    words = ("plan", "--schema", "schema.json", "--epsilon", "1", "--delta", "1e-9",
             "--json", "--max-model-mb")
    little, much = (json.loads(tool.succeeds(*words, mb).out) for mb in ("4", "512"))
    expect(little["memory_mb"] == much["memory_mb"] and
           little["seconds"] == much["seconds"], f"{little}\n{much}")


@case("columns larger than Mosaic's tree have room where --max-model-mb does not say")
def _(tool):
    tool.write("schema.json", {"fields": [
        {"name": name, "type": "integer", "silhouette": {"bins": "integers"},
         "constraints": {"minimum": 1, "maximum": most, "required": True}}
        for name, most in (("price", 600000), ("rooms", 5), ("baths", 3))]})
    tool.write("data.csv", "price,rooms,baths\n" + "".join(
        f"{i},{i % 5 + 1},{i % 3 + 1}\n" for i in range(1, 500)))
    words = ("--workload", "2", "--max-model-mb", "4")
    tool.refuses(64, *synth(*words), says=["600008", "--max-model-mb"])
    tool.succeeds(*synth("--workload", "2", "--model-out", "a.model"))
    told = json.loads(tool.succeeds("inspect", "--json", "a.model").out)
    expect(told["plan"]["max_model_mb"] == 9, "5 MB of columns, and 4")


@case("of marginals of four columns Mosaic takes parts: fit, synth and plan say so")
def _(tool):
    names = "abcd"
    tool.write("schema.json", {"fields": [
        {"name": name, "type": "string", "categories": ["x", "y"]} for name in names]})
    tool.write("data.csv", "a,b,c,d\n" + "x,y,x,y\n" * 50 + "y,x,x,y\n" * 50)
    tool.write("four.json", {"marginals": [{"attributes": list(names)}]})
    says = "at most 3 columns at once"
    fit = ("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET, "--quiet",
           "--out", "a.model")
    expect(says in tool.succeeds(*synth("--workload", "4", "--quiet")).err, "synth")
    expect(says in tool.succeeds(*fit, "--workload", "8").err, "fit")
    expect(says not in tool.succeeds(*fit, "--workload", "3").err, "three columns")
    expect(says not in tool.succeeds(*fit, "--workload", "4", "--mechanism", "aim").err,
           "aim")
    plan = ("plan", "--schema", "schema.json", "--epsilon", "1", "--delta", "1e-9")
    for workload, n in (("4", 1), ("four.json", 1), ("3", None)):
        told = tool.succeeds(*plan, "--workload", workload)
        expect((" ".join(told.out.split()).count(says) > 0) == (n is not None), workload)
        told = json.loads(tool.succeeds(*plan, "--workload", workload, "--json").out)
        expect(told.get("marginals_in_parts") == n, workload)
        expect("marginals_left_out" not in told, workload)


@case("plan: says which marginals Mosaic has no table for")
def _(tool):
    tool.write("schema.json", {"fields": [
        {"name": name, "type": "integer", "silhouette": {"bins": "integers"},
         "constraints": {"minimum": 1, "maximum": 300, "required": True}}
        for name in "abc"]})
    words = ("plan", "--schema", "schema.json", "--epsilon", "1", "--delta", "1e-9",
             "--max-cells", "100000000")
    told = json.loads(tool.succeeds(*words, "--json").out)
    expect(told["marginals_left_out"] == 1 and told["candidates"] == 6, told)
    text = " ".join(tool.succeeds(*words).out.split())
    expect("1 of the marginals" in text and "no table" in text, text)


@case("schema draft: from the header alone, or with a loud warning from the rows")
def _(tool):
    prepare(tool)
    result = tool.succeeds("schema", "draft", "data.csv")
    expect(result.err == "" and [field["name"] for field in
                                 json.loads(result.out)["fields"]] ==
           ["sex", "age", "smokes"], f"names\n{result}")
    expect("looked" not in result.out and "female" not in result.out, "no row was read")
    expect(tool.run("schema", "check", "-", stdin=result.out.encode()).code == 1,
           "a draft is to be edited first")

    result = tool.succeeds("schema", "draft", "data.csv", "--look", "--out", "look.json",
                           "--quiet")
    expect("warning:" in result.err and "guarantee" in result.err, f"loud\n{result}")
    expect(tool.path("look.json").stat().st_mode & 0o077 == 0, "for its owner alone")
    tool.succeeds("schema", "check", "look.json", "--data", "data.csv")
    result = tool.succeeds(*synth("--model-out", "out.model", schema="look.json"))
    claim = tool.succeeds("inspect", "out.model").out
    expect("after looking" in claim, f"for ever\n{claim}")


def examples(tool, command):
    """The command lines that the help of a command shows."""
    text = tool.succeeds(*command.split(), "--help").out.replace("\\\n", " ")
    return [shlex.split(line)[1:] for line in text.splitlines()
            if line.startswith("  silhouette ")]


@case("help: examples that need no ledger run as they stand")
def _(tool):
    tool.write("domain.json", {"a": 3, "b": 2})
    tool.write("hospital.sim.json", (SOURCE / "docs/examples/hospital.json").read_text())
    tool.write("patients.csv", table(400))
    tool.write("patients.json", SCHEMA)
    tool.path("internal").mkdir()
    tool.succeeds(*synth("--model-out", "patients.model", data="patients.csv",
                         schema="patients.json"))
    for command in ("sample", "plan", "inspect", "schema check", "schema encode",
                    "schema import", "schema draft", "simulate"):
        lines = [words for words in examples(tool, command) if "--ledger" not in words]
        expect(lines, f"no example of {command}")
        for words in lines:
            tool.succeeds(*words)


@case("schema check: a report on a table is for its owner alone")
def _(tool):
    prepare(tool)
    for form in ([], ["--json"]):
        check = ("schema", "check", "schema.json", *form, "--out", "report")
        tool.succeeds(*check)
        expect(tool.path("report").stat().st_mode & 0o044 == 0o044, "the schema is public")
        tool.succeeds(*check, "--data", "data.csv")
        expect(tool.path("report").stat().st_mode & 0o077 == 0, "the table is not")


@case("schema draft: a row where the header belongs is noticed, and not shown")
def _(tool):
    tool.write("data.csv", "zebra7391,34\nlion,35\n")
    result = tool.succeeds("schema", "draft", "data.csv", "--out", "draft.json", "--quiet")
    expect("warning:" in result.err and "header" in result.err, f"said\n{result}")
    expect("zebra7391" not in result.err, f"not shown\n{result}")
    note = json.loads(tool.path("draft.json").read_text())["description"]
    expect(note.startswith("CAUTION: 1 of the names may be values"), note)
    expect(tool.path("draft.json").stat().st_mode & 0o077 == 0, "for its owner alone")


@case("schema import: a domain.json becomes a schema that fits its table")
def _(tool):
    tool.write("domain.json", {"a": 3, "b": 2})
    tool.write("data.csv", "a,b\n" + "0,1\n2,0\n1,1\n" * 40)
    tool.succeeds("schema", "import", "--mbi", "domain.json", "--out", "schema.json")
    tool.succeeds("schema", "check", "schema.json", "--data", "data.csv")
    tool.succeeds(*synth())
    tool.succeeds("schema", "check", "schema.json", "--data", "out.csv")


@case("schema encode: codes within the domain, and a warning that they are raw rows")
def _(tool):
    prepare(tool, 50)
    result = tool.succeeds("schema", "encode", "schema.json", "--data", "data.csv",
                           "--out", "codes.csv", "--domain", "domain.json", "--quiet")
    expect("warning:" in result.err and "internal" in result.err, f"said\n{result}")
    domain = json.loads(tool.path("domain.json").read_text())
    expect(domain == {"sex": 2, "age": 10, "smokes": 3}, f"{domain}")
    rows = list(csv.DictReader(io.StringIO(tool.path("codes.csv").read_text())))
    expect(len(rows) == 50, "every row")
    expect(all(0 <= int(row[name]) < n for row in rows for name, n in domain.items()),
           "codes within the domain")


@case("simulate: a function of the specification, the rows and the seed")
def _(tool):
    tool.write("spec.json", {"fields": [
        {"name": "kind", "type": "string", "draw": {"weights": {"a": 1, "b": 3}}},
        {"name": "size", "type": "integer", "draw": {"uniform": [1, 6]}}]})

    def simulate(*more):
        return tool.succeeds("simulate", "spec.json", "--out", "-", *more).out

    rows = simulate("--rows", "2000")
    expect(rows.startswith("kind,size\n") and rows.count("\n") == 2001, "rows")
    expect(simulate("--rows", "2000", "--seed", "0") == rows, "the default seed is 0")
    expect(simulate("--rows", "2000", "--seed", "1") != rows, "another population")
    parsed = list(csv.DictReader(io.StringIO(rows)))
    share = sum(row["kind"] == "b" for row in parsed) / len(parsed)
    expect(0.70 < share < 0.80, f"three of four are b: {share}")
    expect({row["size"] for row in parsed} == set("123456"), "all sizes")


@case("inspect of mosaic: how coarse it measured, and that the rows answer")
def _(tool):
    tool.write("schema.json", {"fields": [
        {"name": name, "type": "integer", "silhouette": {"bins": "integers"},
         "constraints": {"required": True, "minimum": 0, "maximum": most}}
        for name, most in (("a", 79), ("b", 1))]})
    tool.write("data.csv", "a,b\n" + "".join(f"{i % 80},{i % 2}\n" for i in range(4000)))
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--mechanism", "mosaic", "--out", "out.model")
    words = " ".join(tool.succeeds("inspect", "out.model").out.split())
    for part in ("answers the rows:", "no single probability model", "Past the tree:",
                 " groups of 80) x b"):
        expect(part in words, f"{part!r} in:\n{words}")
    told = json.loads(tool.succeeds("inspect", "--json", "out.model").out)
    expect(told["answers"]["from"] == "rows", told["answers"])
    choices = [line for line in told["releases"] if "candidates" in line]
    expect(all({"groups", "weight", "penalty", "phase"} <= set(line) for line in choices),
           "what each choice was made of")
    expect(sum(line["phase"] == 3 for line in choices) == 30, "thirty rounds")


@case("rows resemble the table: a strong dependence survives")
def _(tool):
    tool.write("schema.json", {"fields": [
        {"name": name, "type": "string", "categories": ["0", "1"],
         "constraints": {"required": True}} for name in ("a", "b")]})
    tool.write("data.csv", "a,b\n" + "0,0\n1,1\n" * 2000)
    for mechanism, low, high in (("aim", 0.9, 1), ("mst", 0.9, 1), ("mosaic", 0.9, 1),
                                 ("independent", 0.4, 0.6)):
        tool.succeeds(*synth("--mechanism", mechanism))
        rows = list(csv.DictReader(io.StringIO(tool.path("out.csv").read_text())))
        equal = sum(row["a"] == row["b"] for row in rows) / len(rows)
        expect(low <= equal <= high, f"{mechanism}: {equal}")


for _mechanism in MECHANISMS:
    end_to_end(_mechanism)
instruction_set("avx2", "avx2")
instruction_set("avx512", "avx512f")

if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The internal report as a program writes it: figures, files, refusals, what it leaves."""
import csv
import html.parser
import itertools
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys

from harness import (BUDGET, PARTIAL, PATIENCE, SOURCE, Skip, case, expect, main, prepare,
                     table)

YARDSTICK = SOURCE / "tests" / "bench" / "workload_error.py"
NOTICE = "INTERNAL: computed on private data, not differentially private, must not leave"
# What the noise decides: the hash of the transcript.
HASH = re.compile(r"\b[0-9a-f]{64}\b")

TINY = {"fields": [
    {"name": "sex", "type": "string", "categories": ["female", "male"],
     "constraints": {"required": True}},
    {"name": "age", "type": "integer",
     "constraints": {"minimum": 0, "maximum": 99, "required": True},
     "silhouette": {"bins": 5}},
    {"name": "a <b> & \"c\"", "type": "boolean"},
]}
TINY_NAMES = "sex,age,\"a <b> & \"\"c\"\"\"\n"
TINY_TRUE = TINY_NAMES + "".join(
    ["female,10,true\n"] * 6 + ["female,35,\n"] * 2 + ["male,50,false\n"] * 3
    + ["male,130,true\n"] * 1)
TINY_ROWS = TINY_NAMES + "".join(
    ["female,12,true\n"] * 4 + ["female,70,false\n"] * 2 + ["male,59,false\n"] * 4)


def fit(tool, out="m.model", schema="schema.json", data="data.csv"):
    tool.succeeds("fit", "--data", data, "--schema", schema, *BUDGET, "--mechanism",
                  "independent", "--out", out)


def report(*more, out="internal", model="m.model", data="data.csv"):
    return ("report", "--data", data, "--model", model, "--out", out, *more)


def tiny(tool):
    tool.write("schema.json", TINY)
    tool.write("data.csv", TINY_TRUE)
    tool.write("rows.csv", TINY_ROWS)
    fit(tool)


def read(tool, out="internal"):
    return json.loads(tool.path(f"{out}/report.json").read_text())


def page(tool, out="internal"):
    return tool.path(f"{out}/report.html").read_text()


# ---------------------------------------------------------------- content

@case("golden: both files of a tiny table, to the byte")
def _(tool):
    tiny(tool)
    result = tool.succeeds(*report("--synthetic", "rows.csv", "--group", "sex"))
    expect(result.out == "", f"nothing on stdout\n{result}")
    tool.golden("report.err", result.err)
    tool.golden("report.json", HASH.sub("TRANSCRIPT", tool.path(
        "internal/report.json").read_text()))
    tool.golden("report.html", HASH.sub("TRANSCRIPT", page(tool)))
    tool.golden("report-marker.txt", tool.path("internal/INTERNAL.txt").read_text())


@case("figures: of a tiny table as on paper")
def _(tool):
    tiny(tool)
    tool.succeeds(*report("--synthetic", "rows.csv", "--group", "sex"))
    told = read(tool)
    # sex: 8 of 12 female, and 6 of 10.
    expect(abs(told["columns"][0]["tvd_1way"]["value"] - (8 / 12 - 6 / 10)) < 1e-5,
           f"{told['columns'][0]}")
    outside = {one["column"]: one for one in told["true"]["outside"]}
    expect(outside["age"]["moved"] == 1 and outside["sex"]["moved"] == 0, f"{outside}")
    groups = told["groups"][0]["groups"]
    expect([(one["value"], one["true_rows"], one["synthetic_rows"]) for one in groups] ==
           [("female", 8, 6), ("male", 4, 4)], f"{groups}")


def errors_of(folder, ways):
    """Mean errors of two coded tables, written from their definition."""
    domain = json.loads((folder / "domain.json").read_text())
    tables = []
    for name in ("t.csv", "s.csv"):
        with open(folder / name, newline="", encoding="ascii") as file:
            tables.append(list(csv.DictReader(file)))
    errors = []
    for columns in itertools.combinations(domain, ways):
        shares = {}
        for sign, rows in zip((1, -1), tables):
            for row in rows:
                cell = tuple(row[column] for column in columns)
                shares[cell] = shares.get(cell, 0) + sign / len(rows)
        errors.append(sum(map(abs, shares.values())) / 2)
    return sum(errors) / len(errors)


def encode(tool, schema, data, rows):
    for source, codes in ((data, "t.csv"), (rows, "s.csv")):
        tool.succeeds("schema", "encode", schema, "--data", source, "--out", codes,
                      "--domain", "domain.json")


@case("figures: means of 1, 2 and 3 columns are those of a sum over rows in Python")
def _(tool):
    prepare(tool, 700)
    tool.write("rows.csv", table(300, seed=5))
    fit(tool)
    tool.succeeds(*report("--synthetic", "rows.csv"))
    encode(tool, "schema.json", "data.csv", "rows.csv")
    told = read(tool)
    for ways in (1, 2, 3):
        expected = errors_of(tool.folder, ways)
        value = told["marginals"][ways - 1]["mean_tvd"]["value"]
        expect(abs(value - expected) < 1e-5, f"{ways}: {value}, not {expected}")
    score = 1000 * (1 - errors_of(tool.folder, 3))
    expect(abs(told["k_marginal"]["score"]["value"] - score) < 0.01, "the score")


def data_folder():
    folder = pathlib.Path(os.environ.get("SIL_TEST_DATA", SOURCE.parent / "shared" / "data"))
    if not (folder / "adult" / "adult_full.csv").exists():
        raise Skip("the public tables are not here: SIL_TEST_DATA says where")
    return folder


def yardsticks(tool, folder):
    """Figures of the project's yardstick and, where it can run, of one not its own."""
    programs = [[sys.executable, YARDSTICK]]
    other = folder.parent / "tools" / "workload_error.py"
    has_numpy = subprocess.run(["/usr/bin/python3", "-c", "import numpy, pandas"],
                               capture_output=True, check=False).returncode == 0
    if other.exists() and has_numpy:
        programs.append(["/usr/bin/python3", other])
    for program in programs:
        done = subprocess.run([*program, "t.csv", "s.csv", "domain.json", "--json"],
                              cwd=tool.folder, capture_output=True, text=True,
                              timeout=PATIENCE, check=True)
        yield json.loads(done.stdout)


@case("figures: on adult they are those of the yardsticks")
def _(tool):
    folder = data_folder()
    data = folder / "adult" / "adult_full.csv"
    schema = SOURCE / "docs" / "examples" / "adult.schema.json"
    fit(tool, schema=schema, data=data)
    tool.succeeds("sample", "--model", "m.model", "--out", "rows.csv")
    tool.succeeds(*report(data=data))
    encode(tool, schema, data, "rows.csv")
    told = read(tool)
    for known in yardsticks(tool, folder):
        for way in told["marginals"]:
            one = known[f"{way['columns']}way_le_cap"]
            expect(way["in_mean"] == one["marginals"], f"{way} {one}")
            expect(abs(way["mean_tvd"]["value"] - one["TVD"]) < 1e-5, f"{way} {one}")
        score = 1000 * (1 - known["3way"]["TVD"])
        expect(abs(told["k_marginal"]["score"]["value"] - score) < 0.02, f"{score}")
    expect(told["k_marginal"]["marginals"] == 455, "all of them")


@case("figures: parts of the table itself are as accurate as they are large")
def _(tool):
    prepare(tool, 4000)
    fit(tool)
    rows = tool.path("data.csv").read_text().splitlines()
    lines = rows[1:]
    random.Random(3).shuffle(lines)
    tool.write("rows.csv", "\n".join([rows[0], *lines[:1200]]) + "\n")
    tool.succeeds(*report("--synthetic", "rows.csv"))
    same = read(tool)["k_marginal"]["same_as"]
    expect(same["place"] == "at" and 15 < same["percent"] < 50, f"30 %: {same}")
    tool.succeeds(*report("--synthetic", "data.csv", out="whole"))
    same = read(tool, "whole")["k_marginal"]["same_as"]
    expect(same == {"place": "above", "percent": 90}, f"the whole: {same}")


@case("rows: drawn with the default seed they are those of sample")
def _(tool):
    prepare(tool)
    fit(tool)
    tool.succeeds("sample", "--model", "m.model", "--out", "rows.csv")
    tool.succeeds(*report(out="drawn"))
    tool.succeeds(*report("--synthetic", "rows.csv", out="read", ))
    tool.succeeds(*report("--rows", "50", "--seed", "7", out="chosen"))
    drawn, from_file, chosen = (read(tool, name) for name in ("drawn", "read", "chosen"))
    expect(drawn["marginals"] == from_file["marginals"], "the same rows")
    expect(drawn["synthetic"]["source"] == "model" and
           from_file["synthetic"]["source"] == "file", "where they are from")
    expect(chosen["synthetic"]["compared"] == 50 and
           chosen["synthetic"]["chosen_rows"] == 50 and
           chosen["synthetic"]["chosen_seed"] == 7, "what was chosen")
    expect("the operator&#39;s choice" in page(tool, "chosen") or
           "the operator's choice" in page(tool, "chosen"), "and said so")


@case("threads do not change one byte")
def _(tool):
    prepare(tool)
    fit(tool)
    files = set()
    for threads in ("1", "2", "5"):
        tool.succeeds(*report("--threads", threads, "--group", "sex", out=f"i{threads}"))
        files.add((page(tool, f"i{threads}"), json.dumps(read(tool, f"i{threads}"))))
    expect(len(files) == 1, "one report")


# ---------------------------------------------------------------- form

@case("report.json is what docs/report.schema.json says")
def _(tool):
    try:
        import jsonschema
    except ImportError:
        raise Skip("Python has no jsonschema here") from None
    schema = json.loads((SOURCE / "docs" / "report.schema.json").read_text())
    check = jsonschema.Draft202012Validator(schema)
    check.check_schema(schema)
    tiny(tool)
    tool.write("one.json", {"fields": [TINY["fields"][0]]})
    tool.write("one.csv", "sex\nfemale\nmale\n")
    fit(tool, "one.model", "one.json", "one.csv")
    tool.succeeds(*report("--synthetic", "rows.csv", "--group", "sex", out="a"))
    tool.succeeds(*report("--rows", "9", "--seed", "1", out="b"))
    tool.succeeds(*report(out="c", model="one.model", data="one.csv"))
    for out in "abc":
        told = read(tool, out)
        wrong = [f"{list(one.path)}: {one.message}" for one in check.iter_errors(told)]
        expect(not wrong, f"{out}: {wrong}")
        told["rows"] = 1
        expect(list(check.iter_errors(told)), "an unknown member is refused")


class Page(html.parser.HTMLParser):
    """What a browser and a screen reader need: balanced elements, names, no script."""

    VOID = {"meta", "line", "circle", "rect", "polyline", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids, self.refers, self.seen = [], [], [], [], {}

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in ("script", "link", "iframe", "img", "object", "form", "base"):
            self.wrong.append(f"<{tag}>")
        if tag == "th" and attributes.get("scope") not in ("row", "col"):
            self.wrong.append(f"a head without scope: {attrs}")
        if tag == "svg" and "title" not in attributes.get("aria-labelledby", ""):
            self.wrong.append("a picture without name")
        if tag == "html" and attributes.get("lang") != "en":
            self.wrong.append("no language")
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "href", "style"):
                self.wrong.append(f"{name}={value}")
            if name == "id":
                self.ids.append(value)
            if name == "aria-labelledby":
                self.refers += value.split()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")


@case("report.html is one file without script, balanced, named, below a megabyte")
def _(tool):
    tiny(tool)
    tool.succeeds(*report("--synthetic", "rows.csv", "--group", "sex"))
    text = page(tool)
    reader = Page()
    reader.feed(text)
    reader.close()
    expect(not reader.wrong and not reader.open, f"{reader.wrong} {reader.open}")
    expect(len(reader.ids) == len(set(reader.ids)), f"names twice: {reader.ids}")
    expect(set(reader.refers) <= set(reader.ids), "names that are there")
    expect(reader.seen["svg"] == 2 and reader.seen["title"] == 3 and
           reader.seen["desc"] == 2, f"{reader.seen}")
    expect("http" not in text and "url(" not in text and "@import" not in text,
           "nothing is loaded")
    expect(text.count(NOTICE) > reader.seen["section"], "the notice")


@case("report.html of a table of 1000 columns stays below a megabyte")
def _(tool):
    names = [f"<column {i} of a table that is very wide & has long names>"
             for i in range(1000)]
    tool.write("schema.json", {"fields": [
        {"name": name, "type": "boolean", "constraints": {"required": True},
         "silhouette": {"outside": "drop"}} for name in names]})
    draw = random.Random(11)
    rows = [",".join(draw.choice(("true", "false")) for _ in names) for _ in range(20)]
    tool.write("data.csv", "\n".join([",".join(names), *rows]) + "\n")
    fit(tool)
    tool.succeeds(*report())
    expect(tool.path("internal/report.html").stat().st_size < 1000000, "its size")
    told = read(tool)
    expect(len(told["columns"]) == 1000, "report.json has all columns")
    expect(told["marginals"][1]["sampled"] and told["marginals"][1]["compared"] == 65536
           and told["marginals"][2]["compared"] == 2048, f"{told['marginals']}")


# ---------------------------------------------------------------- the folder

@case("places: a folder for its owner alone, with the marker, whatever the umask")
def _(tool):
    tiny(tool)
    tool.succeeds(*report(out="internal/"), umask=0)
    expect(tool.files() == ["data.csv", "internal", "internal/INTERNAL.txt",
                            "internal/report.html", "internal/report.json", "m.model",
                            "rows.csv", "schema.json"], f"{tool.files()}")
    expect(stat.S_IMODE(tool.path("internal").stat().st_mode) == 0o700, "0700")
    for name in ("INTERNAL.txt", "report.html", "report.json"):
        mode = stat.S_IMODE(tool.path(f"internal/{name}").stat().st_mode)
        expect(mode == 0o600, f"{name}: {mode:o}")


@case("places: what is there is refused before anything is read")
def _(tool):
    tiny(tool)
    tool.path("full").mkdir()
    tool.write("full/x", "")
    tool.path("empty").mkdir()
    tool.path("link").symlink_to("nowhere")
    for out in ("full", "empty", "link", "data.csv"):
        tool.refuses(64, *report(out=out, data="none.csv"),
                     says=[out, "there already", "another name"])
    tool.refuses(74, *report(out="none/internal", data="none.csv"),
                 says=["none/internal", "No such file"])
    tool.refuses(64, *report(out="-"), says=["--out names a folder"])


def on_small_disk(tool, size, *arguments):
    """Run with a file system of `size` at ./disk; stdout lists what is left on it."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise Skip("a file system can be mounted by root only")
    tool.path("disk").mkdir()
    script = ('mount -t tmpfs -o size="$1" none disk || exit 99; shift; "$@"; code=$?; '
              "ls -A disk; exit $code")
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", size, tool.program,
                           *arguments], cwd=tool.folder, env=tool.environment,
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode == 99 or "unshare" in done.stderr:
        raise Skip("this system does not let even root mount a file system")
    return done


@case("full disk: nothing is left")
def _(tool):
    tiny(tool)
    done = on_small_disk(tool, "12k", *report(out="disk/internal"))
    expect(done.returncode == 74 and "No space left" in done.stderr,
           f"{done.returncode} {done.stderr}")
    expect(done.stdout == "", f"left behind: {done.stdout}")


@case("full disk: a limit on the size of files is an ordinary error")
def _(tool):
    tiny(tool)
    tool.refuses(74, *report(), says=["File too large"],
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                       (2048, 2048)))


@case("signals: SIGTERM while the table is read leaves nothing")
def _(tool):
    prepare(tool)
    fit(tool)
    before = tool.files()
    process = tool.start(*report(data="-"), stdin=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    # More than a pipe holds: once it is written, the program has begun to read.
    process.stdin.write(table(20000).encode())
    process.stdin.flush()
    expect(any(PARTIAL in name for name in tool.files()), "it has begun")
    process.send_signal(signal.SIGTERM)
    expect(process.wait(PATIENCE) == -signal.SIGTERM, f"exit {process.returncode}")
    process.stdin.close()
    expect(tool.files() == before, f"left behind: {tool.files()}")


# ---------------------------------------------------------------- refusals

@case("input: the table or the rows of another schema, without rows, or broken")
def _(tool):
    tiny(tool)
    tool.write("empty.csv", TINY_NAMES)
    tool.write("other.csv", "height\n180\n")
    tool.write("broken.csv", TINY_NAMES + "female,10,true\nSECRET\"x,1,true\n")
    for name, says in (("empty.csv", "no row to compare"), ("other.csv", "the header lacks"),
                       ("broken.csv", "record 3")):
        tool.refuses(65, *report(data=name), says=[name, says], hides=["SECRET"])
        tool.refuses(65, *report("--synthetic", name), says=[name, says],
                     hides=["SECRET"])
    tool.refuses(65, *report(model="data.csv"), says=["data.csv"])
    tool.refuses(74, *report(data="none.csv"), says=["none.csv"])
    tool.refuses(74, *report(model="none.model"), says=["none.model"])


@case("usage: groups that are no columns, rows and seed beside a file, two of stdin")
def _(tool):
    tiny(tool)
    tool.refuses(64, *report("--group", "height"), says=["no column \"height\""])
    tool.refuses(64, *report("--group", "sex", "--group", "sex"), says=["given twice"])
    for words in (("--rows", "5"), ("--seed", "5")):
        tool.refuses(64, *report("--synthetic", "rows.csv", *words),
                     says=["--synthetic", "--rows and --seed"])
    tool.refuses(64, *report(data="-", model="-"), says=["--data", "--model"])
    tool.refuses(64, "report", "--data", "data.csv", "--model", "m.model", says=["--out"])


@case("console: no figure and no value, and the warning even when quiet")
def _(tool):
    tiny(tool)
    quiet = tool.succeeds(*report("--synthetic", "rows.csv", "--quiet", out="a"))
    expect(len(quiet.err.splitlines()) == 1 and "outside the guarantee" in quiet.err,
           f"{quiet}")
    loud = tool.succeeds(*report("--synthetic", "rows.csv", out="b"))
    for text in (quiet.err, loud.err):
        expect(not re.search(r"\d", text), f"no figure: {text}")
    told = tool.succeeds(*report("--synthetic", "rows.csv", "--json", out="c"))
    lines = [json.loads(line) for line in told.err.splitlines()]
    expect([sorted(line) for line in lines] ==
           [["command", "ok", "schema", "warning"],
            ["command", "folder", "internal", "ok", "schema"]], f"{lines}")


if __name__ == "__main__":
    main()

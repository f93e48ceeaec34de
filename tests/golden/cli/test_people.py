#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people read: nothing in it steers their terminal, and no line runs over."""
import copy
import json
import re

from harness import BUDGET, SCHEMA, case, expect, main, prepare, synth

# A title for the window, a colour, a bell, a line that begins anew, C1 in UTF-8, DEL.
EVIL = "\033]0;owned\007\033[31m\r\x9b31m\x7f"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def expect_plain(text, where):
    expect(not CONTROL.search(text), f"control bytes in {where}: {text!r}")
    expect("?" in text, f"the name is shown in {where}: {text!r}")


def prepare_evil(tool):
    """A schema and a table whose names all hold EVIL; returns the names of the files."""
    prepare(tool)
    schema = copy.deepcopy(SCHEMA)
    schema["fields"][0]["name"] = f"sex{EVIL}"
    text = tool.path("data.csv").read_text()
    tool.write(f"d{EVIL}.csv", text.replace("sex", f'"sex{EVIL}"', 1))
    tool.write(f"s{EVIL}.json", schema)
    return f"d{EVIL}.csv", f"s{EVIL}.json"


@case("control bytes: errors, whatever option or file they come from")
def _(tool):
    prepare(tool)
    tool.write(f"bad{EVIL}.json", '{"fields": [{"name": "a\\u001b[31m", "type": 3}]}')
    for words in (["synth", f"--rows={EVIL}"], ["synth", f"--{EVIL}"],
                  ["synth", f"--mechanism={EVIL}"], ["synth", "-\033"], [EVIL],
                  ["synth", EVIL], ["inspect", "a", EVIL], [f"--x{EVIL}", "synth"],
                  ["help", EVIL], ["inspect", EVIL],
                  ["plan", "--schema", f"bad{EVIL}.json", "--epsilon", "1", "--delta",
                   "1e-9"],
                  synth(schema=f"bad{EVIL}.json"), synth(data=f"none{EVIL}"),
                  synth(out=f"none/{EVIL}")):
        result = tool.run(*words)
        expect(result.code in (64, 65, 74), f"refused\n{result}")
        expect_plain(result.err, words)


@case("control bytes: the summary, inspect, plan, and schema check")
def _(tool):
    data, schema = prepare_evil(tool)
    out, model = f"o{EVIL}.csv", f"m{EVIL}.model"
    result = tool.succeeds(*synth("--model-out", model, data=data, schema=schema,
                                  out=out))
    expect_plain(result.err, "the summary")
    expect(EVIL.encode() in tool.path(out).read_bytes(), "rows have it as it is")
    expect_plain(tool.succeeds("sample", "--model", model, "--out", out).err, "sample")
    expect_plain(tool.succeeds("inspect", model).out, "inspect")
    tool.succeeds("inspect", model, "--out", "words.txt")
    expect_plain(tool.path("words.txt").read_bytes().decode(), "inspect --out")
    stated = json.loads(tool.succeeds("inspect", "--json", model).out)
    expect(json.dumps(EVIL)[1:-1] in json.dumps(stated), f"JSON has it: {stated}")
    expect_plain(tool.succeeds("plan", "--schema", schema, "--epsilon", "1", "--delta",
                               "1e-9").out, "plan")
    expect_plain(tool.succeeds("schema", "check", schema, "--data", data).out,
                 "schema check")
    content = tool.path(data).read_bytes()
    tool.write(data, content.replace(b"female", b"neither", 1))
    result = tool.run("schema", "check", schema, "--data", data)
    expect(result.code == 1, f"a value that is not declared\n{result}")
    expect_plain(result.out, "the list of problems")
    expect_plain(result.err, "its verdict")


@case("control bytes: a warning that names a column")
def _(tool):
    data, schema = prepare_evil(tool)
    tool.write("work.json", {"marginals": [{"columns": [f"sex{EVIL}", "age", "smokes"]}]})
    result = tool.run(*synth("--max-cells", "4", "--workload", "work.json",
                             "--neighbours", "replace-one", data=data, schema=schema))
    expect(not CONTROL.search(result.err), f"{result.err!r}")


@case("inspect and plan: no line of more than 79 columns, and no word is lost")
def _(tool):
    prepare(tool)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--out", "out.model", "--quiet")
    claim = json.loads(tool.succeeds("inspect", "--json", "out.model").out)["claim"]
    for words in (("inspect", "out.model"),
                  ("plan", "--schema", "schema.json", "--epsilon", "1", "--delta",
                   "1e-9")):
        text = tool.succeeds(*words).out
        for line in text.splitlines():
            expect(len(line) < 80 and line == line.rstrip(), f"{words[0]}: {line!r}")
    text = tool.succeeds("inspect", "out.model").out
    expect(claim["text"] in " ".join(text.split()), f"the claim, whole\n{text}")
    expect(claim["text"] not in text, f"the claim, folded\n{text}")
    second = text.splitlines()[1]
    expect(re.match(r" {13}\S", second), f"below its beginning: {second!r}")


@case("inspect: the claim sheet, every line, in words and for programs")
def _(tool):
    prepare(tool)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--out", "out.model", "--quiet")
    sheet = json.loads(tool.succeeds("inspect", "--json", "out.model").out)["claim_sheet"]
    text = " ".join(tool.succeeds("inspect", "out.model").out.split())
    expect(len(sheet["lines"]) == 19, f"{len(sheet['lines'])} lines")
    for line in sheet["lines"]:
        words = " ".join(f"{line['title']}: {line['text']}".split())
        expect(words in text, f"{words}\nis not in\n{text}")
    expect(f"{sheet['run']['guess_percent']} %" in text, "the guess")


@case("inspect: a word that no line can hold stays whole")
def _(tool):
    prepare(tool)
    name = "x" * 200
    schema = copy.deepcopy(SCHEMA)
    schema["fields"][0]["name"] = name
    tool.write("schema.json", schema)
    tool.write("data.csv", tool.path("data.csv").read_text().replace("sex", name, 1))
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--out", "out.model", "--quiet")
    words = tool.succeeds("inspect", "out.model").out
    expect(f"{name}:" in words, f"the name of a column\n{words}")


@case("help: no line of blanks alone")
def _(tool):
    for command in ("synth", "fit", "sample", "plan", "inspect", "simulate",
                    "report", "schema check", "schema draft", "schema import",
                    "schema encode"):
        for line in tool.succeeds(*command.split(), "--help").out.splitlines():
            expect(line == line.rstrip(), f"{command}: {line!r}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The first run on a table without --ledger: the ledger beside it is made by a run whose
options, schema and table were found good, and by no other. What is refused before leaves
neither DATA.csv.ledger nor its keys nor anything in the state folder; repaired, it works."""
import json
import re

from harness import SCHEMA, case, expect, main, prepare, table

STATE = ("--state", "state")


def first_run(*more, command="fit", epsilon="0.5", delta="1e-9", workload="2", out="out"):
    return (command, "--data", "data.csv", "--schema", "schema.json", "--epsilon", epsilon,
            "--delta", delta, "--mechanism", "aim", "--workload", workload, "--out", out,
            "--quiet", *STATE, *more)


def repaired(tool, *more):
    """What was refused left nothing in the way of a run with a budget of its own."""
    expect(not list(tool.folder.glob("data.csv.ledger*")) and
           not tool.path("state").exists(), f"no ledger, no keys: {tool.files()}")
    prepare(tool)
    tool.succeeds(*first_run(*more))
    found = json.loads(tool.succeeds("ledger", "status", "data.csv.ledger", "--json",
                                     *STATE).out)
    expect(len(found["runs"]) == 1 and found["runs"][0]["finished"] and
           found["spent_rho"] == found["cap_rho"], f"the budget of this run: {found}")


def refused_run(title, code, says, spoil=prepare, options=(), **words):
    @case(f"first run: {title}: no ledger is left, and the repaired call makes one")
    def _(tool):
        spoil(tool)
        for command in "fit", "synth":
            tool.refuses(code, *first_run(*options, command=command, **words), says=says)
        repaired(tool)


def with_table(text):
    def spoil(tool):
        prepare(tool)
        tool.write("data.csv", text)
    return spoil


def without(name):
    def spoil(tool):
        prepare(tool)
        tool.path(name).unlink()
    return spoil


def with_schema(schema):
    def spoil(tool):
        prepare(tool)
        tool.write("schema.json", schema)
    return spoil


refused_run("no table", 74, ["data.csv"], without("data.csv"))
refused_run("an empty table", 65, ["data.csv"], with_table(""))
refused_run("a ragged row at the end", 65, ["data.csv", "402"],
            with_table(table() + "female,3\n"))
refused_run("a NUL byte", 65, ["data.csv", "NUL"], with_table(table() + "fe\0male,3,true\n"))
refused_run("a column is missing", 65, ["smokes"], with_table("sex,age\nfemale,3\n"))
refused_run("no schema", 74, ["schema.json"], without("schema.json"))
refused_run("a broken schema", 65, ["schema.json"], with_schema("{"))
refused_run("a schema with an unknown type", 65, ["type"],
            with_schema({"fields": [dict(SCHEMA["fields"][0], type="strin")]}))
refused_run("no workload file", 74, ["none.json"], workload="none.json")
refused_run("an impossible workload", 64, ["workload"], workload="9")
refused_run("a model without cells", 64, ["--max-model-mb"],
            options=("--max-model-mb", "0"))
refused_run("a budget too small to be drawn from", 77, ["epsilon"], epsilon="1e-40")
refused_run("a budget of nothing", 64, ["epsilon"], epsilon="0")
refused_run("a delta that is none", 64, ["delta"], delta="1")
refused_run("a grant of a ledger that is not there", 64, ["--grant", "not there yet"],
            options=("--grant", "ab"))
refused_run("an output that cannot be written", 74, ["nowhere/"],
            out="nowhere/out")


@case("first run: no delta, and there is no ledger that would know one")
def _(tool):
    prepare(tool)
    call = [word for word in first_run() if word not in ("--delta", "1e-9")]
    tool.refuses(64, *call, says=["data.csv.ledger", "--delta=D"])
    repaired(tool)


@case("first run: the name of the file is in nothing that leaves")
def _(tool):
    prepare(tool)
    tool.path("data.csv").rename(tool.path("ward-7-jones.csv"))
    run = ("fit", "--data", "ward-7-jones.csv", "--schema", "schema.json", "--epsilon", "1",
           "--delta", "1e-9", "--mechanism", "independent", *STATE, "--out", "out")
    done = tool.succeeds(*run)
    label = re.search(r"releases will call the data (unnamed-[0-9a-f]{8}):",
                      " ".join(done.err.split()))
    expect(label is not None, f"the first run says the label: {done}")
    expect("silhouette release --model out" in done.err, f"and what may follow: {done}")
    tool.succeeds("release", "--model", "out", "--ledger", "ward-7-jones.csv.ledger",
                  *STATE, "--out", "bundle")
    files = [path for path in tool.path("bundle").rglob("*") if path.is_file()]
    expect(any(label[1].encode() in path.read_bytes() for path in files), "it is there")
    named = [path for path in files if b"ward-7" in path.read_bytes()]
    expect(not named, f"the file's name is in {named}")


def open_schema():
    return {"fields": [{"name": "sex", "type": "string", "silhouette": {"open": True},
                        "constraints": {"required": True}}, *SCHEMA["fields"][1:]]}


@case("first run: for a ledger that is not there, the command for one that pays for the run")
def _(tool):
    prepare(tool)
    for number, (is_open, more, asked) in enumerate((
            (False, (), ""),
            (False, ("--unit", "row", "--neighbours", "replace-one"),
             " --unit row --neighbours replace-one"),
            (True, (), " --discovery-delta 1e-10"),
            (True, ("--discovery-delta", "5e-10"), " --discovery-delta 5e-10"))):
        tool.write("schema.json", open_schema() if is_open else SCHEMA)
        ledger = f"ledger-{number}"
        call = first_run("--ledger", ledger, *more)
        answer = tool.refuses(74, *call, says=[f"there is no ledger {ledger}"])
        command = answer.err.split("silhouette ")[-1].split()
        expect(" ".join(command) == f"ledger quickstart {ledger} --data-label LABEL "
               f"--cap-epsilon 0.5 --cap-delta 1e-9{asked}",
               f"{answer}")
        tool.succeeds(*command, "--data", "data.csv", *STATE)
        tool.succeeds(*call)


@case("first run: a schema to discover for, no delta, and no ledger: what to fill in")
def _(tool):
    prepare(tool)
    tool.write("schema.json", open_schema())
    call = [word for word in first_run("--ledger", "none") if word not in ("--delta", "1e-9")]
    tool.refuses(74, *call, says=["--cap-delta D --discovery-delta D2"])


@case("first run: its neighbours become the ledger's")
def _(tool):
    repaired(tool, "--neighbours", "replace-one")
    tool.refuses(64, *first_run("--neighbours", "add-remove"), says=["replace-one"])


@case("first run: a ledger that cannot be made is said, and nothing came of it")
def _(tool):
    prepare(tool)
    tool.path("data.csv.ledger.keys").mkdir()
    tool.write("data.csv.ledger.keys/mine", "not of a quickstart")
    answer = tool.run(*first_run())
    expect(answer.code == 64 and "data.csv.ledger.keys is there already" in answer.err,
           f"{answer}")
    expect(not tool.path("data.csv.ledger").exists() and not tool.path("out").exists(),
           f"{tool.files()}")


if __name__ == "__main__":
    main()

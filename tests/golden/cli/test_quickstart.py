#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./quickstart: what it refuses, asks, spends and says; its demonstration in small.

The script runs from a folder of the case, where the program under test stands as if it
had just been built there: nothing is installed, and `cmake` only notes that it was called.
"""
import json
import os
import shutil
import subprocess

from harness import PATIENCE, SCHEMA, SOURCE, Result, case, expect, main, prepare


def lay_out(tool):
    home = tool.path("home")
    for folder in ("cmake", "bin", "build/quickstart"):
        (home / folder).mkdir(parents=True)
    shutil.copy(SOURCE / "quickstart", home / "quickstart")
    (home / "cmake" / "packages.sh").write_text("sil_install_missing() { :; }\n")
    (home / "bin" / "cmake").write_text("#!/bin/sh\n: >\"$NOTE\"\n")
    (home / "bin" / "cmake").chmod(0o755)
    (home / "build" / "quickstart" / "silhouette").symlink_to(tool.program)
    prepare(tool)
    return home


def quickstart(tool, *arguments):
    home = tool.path("home") if tool.path("home").exists() else lay_out(tool)
    environment = dict(tool.environment, NOTE=str(tool.path("built")),
                       XDG_STATE_HOME=str(tool.path("state")))
    environment["PATH"] = f"{home / 'bin'}{os.pathsep}{environment['PATH']}"
    done = subprocess.run([home / "quickstart", *arguments], cwd=tool.folder,
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    return Result(arguments, done.returncode, done.stdout, done.stderr)


def own(tool, *more):
    return quickstart(tool, *more, "data.csv", "schema.json")


def ledger_of(tool, path):
    answer = tool.succeeds("ledger", "status", path, "--json",
                           env={"XDG_STATE_HOME": str(tool.path("state"))})
    return json.loads(answer.out)


def n_entries(tool):
    return len(list(tool.path("data.csv.ledger/entries").iterdir()))


@case("quickstart: a budget of a wrong form or range is refused before anything is built")
def _(tool):
    for option, texts in (("--epsilon", ("", "one", "-1", "0", "0.0", "1 ", "1,5", "1e",
                                         "0x1", "inf", "nan", "1/2", ".", "10001")),
                          ("--delta", ("zero", "0", "1", "1.5", "-1e-9", "1e-9x"))):
        for text in texts:
            result = own(tool, "--yes", option, text)
            expect(result.code == 64 and f"{option} takes a decimal" in result.err,
                   f"{text!r} is refused\n{result}")
            expect(not tool.path("built").exists(), f"{text!r}: nothing is built")
    expect(not tool.path("data.model").exists(), "nothing is spent")


@case("quickstart: what silhouette takes as a budget is taken")
def _(tool):
    for epsilon, delta in (("1", "1e-9"), ("0.5", "1E-9"), (".5", "+.001"), ("5.", "1e-400"),
                           ("10000", "0.99")):
        result = own(tool, "--epsilon", epsilon, "--delta", delta)
        expect("add --yes" in result.err, f"it comes as far as the question\n{result}")
    expect(not tool.path("data.model").exists(), "nothing is spent without a yes")


@case("quickstart: a table of one's own, and every line said once")
def _(tool):
    result = own(tool, "--yes", "--delta", "1e-8")
    expect(result.code == 0, f"{result}")
    expect(tool.path("data-synthetic.csv").exists() and tool.path("data.model").exists(),
           f"rows and model\n{result}")
    expect(result.out.count("no problem found") == 1, f"once\n{result}")
    expect("delta is the\n  chance, 1e-8, that" in result.out, f"delta means\n{result}")


@case("quickstart: the run is recorded beside the table; a second one is refused")
def _(tool):
    answer = own(tool)
    expect("A ledger is opened, data.csv.ledger, with exactly this budget" in answer.out,
           f"it says so before it asks\n{answer}")
    expect(not tool.path("data.csv.ledger").exists(), "without a yes there is no ledger")
    answer = own(tool, "--yes")
    expect("has recorded 1 run, together epsilon 1;" in answer.out and
           "a next run may take nothing more." in answer.out, f"what is left\n{answer}")
    found = ledger_of(tool, "data.csv.ledger")
    expect(found["spent_rho"] == found["cap_rho"] and len(found["runs"]) == 1, f"{found}")
    before = n_entries(tool)
    answer = own(tool, "--yes", "--epsilon", "0.01")
    expect(answer.code == 77 and "quickstart NEW --parent data.csv.ledger" in answer.err and
           "Nothing was spent." in answer.err, f"refused, with what can be done\n{answer}")
    expect("together epsilon 1;\na next run may take nothing more." in answer.out,
           f"and it said before how the ledger stands\n{answer}")
    expect(n_entries(tool) == before, "nothing is spent")


@case("quickstart: a ledger of one's own beside the table, its delta and what is left of it")
def _(tool):
    lay_out(tool)
    tool.succeeds("ledger", "quickstart", "data.csv.ledger", "--data-label", "patients",
                  "--cap-epsilon", "2", "--cap-delta", "1e-8",
                  env={"XDG_STATE_HOME": str(tool.path("state"))})
    answer = own(tool, "--yes")
    expect(answer.code == 0 and "delta 1e-8, for each" in answer.out, f"{answer}")
    expect("0 runs, together epsilon 0;\na next run may take at most epsilon 2." in
           answer.out, f"before\n{answer}")
    left = ledger_of(tool, "data.csv.ledger")["next_epsilon"]
    expect("1 run, together epsilon 1;" in answer.out and
           f"a next run may take at most epsilon {left}." in answer.out, f"after\n{answer}")
    answer = own(tool, "--yes", "--epsilon", "1.9")
    expect(answer.code == 77 and f"--epsilon {left} fits" in answer.err, f"{answer}")
    answer = own(tool, "--yes", "--epsilon", left)
    expect(answer.code == 0 and "has recorded 2 runs" in answer.out, f"{answer}")


@case("quickstart: the demonstration can be repeated, each time with a ledger of its own")
def _(tool):
    home = lay_out(tool)
    examples = home / "docs" / "examples"
    examples.mkdir(parents=True)
    (examples / "hospital.schema.json").write_text(json.dumps(SCHEMA))
    (examples / "hospital.json").write_text(json.dumps({"fields": [
        {"name": "sex", "type": "string", "draw": {"weights": {"female": 2, "male": 1}}},
        {"name": "age", "type": "integer", "draw": {"uniform": [0, 99]}},
        {"name": "smokes", "type": "string", "draw": {"weights": {"true": 1, "false": 2}}}
    ]}))
    (home / "tests").symlink_to(SOURCE / "tests")
    ledgers = set()
    for budget in ((), ("--epsilon", "7000", "--delta", "1e-6")):
        answer = quickstart(tool, *budget)
        epsilon = budget[1] if budget else "1"
        expect(answer.code == 0, f"{answer}")
        expect(f"has recorded 1 run, together epsilon {epsilon}; a next one may take "
               "at most epsilon " in answer.out, f"{answer}")
        found = ledger_of(tool, home / "build" / "demo" / "admissions.ledger")
        expect(len(found["runs"]) == 1 and found["runs"][0]["finished"], f"{found}")
        ledgers.add(found["ledger"])
        released = home / "build" / "demo" / "release"
        expect(tool.succeeds("verify", released).out.count("VERIFIED") == 1, "the release")
    expect(len(ledgers) == 2, "two ledgers")
    expect(not tool.path("state").exists(), "nothing is remembered outside of its folder")


@case("quickstart: a schema with a problem is explained, and nothing is spent")
def _(tool):
    lay_out(tool)
    tool.write("schema.json", {"fields": [{"name": "sex", "type": "strin"}]})
    result = own(tool, "--yes")
    expect(result.code == 65 and "schema.json: 1 problem" in result.err and
           "Nothing was spent." in result.err, f"{result}")
    expect(not tool.path("data.model").exists(), "no model")


if __name__ == "__main__":
    main()

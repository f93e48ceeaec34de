#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Misuse of the command line: exit 64, one sentence, a way out."""
import json
import os

from harness import BUDGET, Skip, case, expect, main, prepare, synth

# name of the golden text, what must hold, the words
MISUSES = [
    ("unknown-command", "an unknown command names the nearest", ["sinth"]),
    ("unknown-command-far", "a word far from every command names none", ["banana"]),
    ("unknown-second-word", "an unknown second word names the nearest",
     ["schema", "chek", "x.json"]),
    ("option-before-command", "an option with a value cannot stand before the command",
     ["--rows", "3", "synth"]),
    ("unknown-option", "an unknown option names the nearest", ["synth", "--epsilom", "1"]),
    ("unknown-option-far", "an option far from every other names none",
     ["synth", "--banana"]),
    ("unknown-letter", "an unknown letter in a cluster", ["synth", "-qx"]),
    ("ambiguous", "an abbreviation of two options", ["synth", "--max", "3"]),
    ("no-value", "an option at the end without its value", ["synth", "--epsilon"]),
    ("no-value-letter", "a letter at the end without its value", ["synth", "-o"]),
    ("flag-value", "a value for a flag", ["synth", "--quiet=1"]),
    ("empty-file-name", "an empty file name", ["synth", "--data="]),
    ("stray-operand", "an operand for a command that takes none", ["synth", "data.csv"]),
    ("second-operand", "two operands for a command that takes one",
     ["inspect", "a.model", "b.model"]),
    ("no-operand", "no operand for a command that needs one", ["inspect"]),
    ("missing-data", "a required option is missing", ["synth"]),
    ("missing-epsilon", "synth without epsilon",
     ["synth", "--data", "d", "--schema", "s"]),
    ("two-ledgers", "synth with a ledger and without one",
     ["synth", "--data", "d", "--schema", "s", *BUDGET, "--ledger", "l", "--out", "o"]),
    ("missing-delta", "fit without a ledger and without --delta",
     ["fit", "--data", "d", "--schema", "s", "--epsilon", "1", "--no-ledger",
      "--out", "o"]),
    ("ledger-of-stdin", "a table from the standard input, and no ledger named",
     ["fit", "--data", "-", "--schema", "s", "--epsilon", "1", "--delta", "1e-9",
      "--out", "o"]),
    ("grant-of-nothing", "a grant without a ledger",
     ["fit", "--data", "d", "--schema", "s", *BUDGET, "--grant", "ab", "--out", "o"]),
    ("role", "a role that is none", ["key", "new", "--role", "boss", "--out", "k"]),
    ("witness-name", "a witness without a name",
     ["key", "new", "--role", "witness", "--out", "k"]),
    ("grant-of-both", "a grant in epsilon and in rho",
     ["ledger", "grant", "l", "--epsilon", "1", "--rho", "1/2", "--purpose", "p",
      "--expires", "2030-01-01", "--body", "b"]),
    ("expires", "a date that is none",
     ["ledger", "grant", "l", "--epsilon", "1", "--purpose", "p",
      "--expires", "2030-02-30", "--body", "b"]),
    ("cosign", "a witness without a key",
     ["ledger", "cosign", "--request", "r"]),
    ("missing-out", "synth without --out",
     ["synth", "--data", "d", "--schema", "s", *BUDGET]),
    ("missing-model", "sample without a model", ["sample", "--out", "o"]),
    ("missing-rows", "simulate without a number of rows",
     ["simulate", "s.json", "--out", "o"]),
    ("missing-mbi", "import without a file", ["schema", "import"]),
    ("missing-domain", "encode without a place for the domain",
     ["schema", "encode", "s", "--data", "d", "--out", "o"]),
    ("plan-question", "plan without a question", ["plan", "--schema", "s", "--delta", "1e-9"]),
    ("plan-two-questions", "plan with both questions",
     ["plan", "--schema", "s", "--delta", "1e-9", "--epsilon", "1",
      "--target-error", "0.1"]),
    ("mechanism", "an unknown mechanism", ["synth", "--mechanism", "mts"]),
    ("neighbours", "an unknown relation", ["synth", "--neighbours", "swap"]),
    ("delimiter", "a delimiter of two characters", ["synth", "--delimiter", ";;"]),
    ("two-inputs", "two inputs from the standard input",
     ["synth", "--data", "-", "--schema", "-", *BUDGET, "--out", "o"]),
    ("two-outputs", "two outputs to the standard output",
     ["synth", "--data", "d", "--schema", "s", *BUDGET, "--out", "-",
      "--model-out", "-"]),
    ("completion", "a shell that is not known", ["completion", "fish"]),
]

# Whole numbers: nothing before, nothing behind, within the range that is stated.
NUMBERS = ["", " 1", "1 ", "+1", "-1", "1e3", "0x10", "1.0", "one", "1,000", "0",
           "4294967296", "99999999999999999999999"]


def golden_misuse(name, title, words):
    @case(f"usage: {title}")
    def _(tool):
        result = tool.refuses(64, *words)
        tool.golden(f"usage-{name}.err", result.err)


@case("usage: no file named in a refused call is opened or made")
def _(tool):
    tool.refuses(64, *synth(budget=()), says=["--epsilon is missing"])
    expect(tool.files() == [], "the folder stays empty")


@case("usage: numbers are read strictly, and the range is stated")
def _(tool):
    for text in NUMBERS:
        result = tool.refuses(64, "synth", f"--rows={text}",
                              says=[f"--rows: '{text[:40]}' is not a whole number from 1 "
                                    "to 4294967295"])
        expect(len(result.err.splitlines()) == 2, "one sentence and one hint")
    for option, limit in [("seed", "18446744073709551616"), ("threads", "1025"),
                          ("max-cells", "4294967296"), ("max-model-mb", "1048577")]:
        tool.refuses(64, "synth", f"--{option}={limit}", says=[f"--{option}: '{limit}'"])
    tool.refuses(64, "plan", "--rows-guess=0", says=["from 1 to 4294967295"])


@case("usage: an option with a value is given once, a flag as often as one likes")
def _(tool):
    for words in (["--rows", "3", "--rows", "3"], ["--rows=3", "--row=4"],
                  ["--epsilon", "1", "--epsilon=2"], ["--data=a", "--data", "b"],
                  ["-o", "a", "--out", "a"], ["--mechanism=aim", "--mechanism=mst"],
                  ["--delimiter=;", "--delimiter=tab"]):
        name = {"-o": "--out"}.get(words[0], words[0]).split("=")[0]
        tool.refuses(64, "synth", *words, says=[f"{name} is given twice: give it once"])
    expect(tool.succeeds("synth", "--quiet", "-q", "--json", "--json", "--help").out != "",
           "flags")


@case("usage: flags stand before the command or behind it")
def _(tool):
    result = tool.run("-q", "inspect", "missing.model", "--quiet")
    expect(result.code == 74, f"an input/output error\n{result}")


@case("usage: with --json an error is one JSON object on stderr")
def _(tool):
    for words in (["--json", "sinth"], ["synth", "--json"], ["synth", "--rows=x", "--json"],
                  ["inspect", "missing.model", "--json"]):
        result = tool.run(*words)
        expect(result.out == "", f"nothing on stdout\n{result}")
        lines = result.err.splitlines()
        expect(len(lines) == 1, f"one line\n{result}")
        error = json.loads(lines[0])
        expect(list(error) == ["schema", "ok", "command", "status", "code", "message"],
               f"the members are documented\n{result}")
        expect(error["ok"] is False and error["status"] == result.code,
               f"status is the exit code\n{result}")
    tool.golden("usage-json.err", tool.run("plan", "--json", "--dleta=3").err)


@case("usage: JSON errors survive file names that are not UTF-8")
def _(tool):
    result = tool.run("inspect", os.fsdecode(b"caf\xe9.model"), "--json",
                      env={"LC_ALL": "C"})
    expect(json.loads(result.err)["code"] == "IO", f"valid JSON\n{result}")


@case("usage: an output that is an input is refused, under any name")
def _(tool):
    prepare(tool)
    tool.path("sub").mkdir()
    tool.path("link.csv").symlink_to("data.csv")
    tool.path("hard.csv").hardlink_to(tool.path("data.csv"))
    for out in ("data.csv", "./data.csv", "sub/../data.csv", "link.csv", "hard.csv"):
        tool.refuses(64, *synth(out=out), says=["--out and --data are the same file"])
    tool.refuses(64, *synth(out="schema.json"), says=["--out and --schema"])
    tool.refuses(64, *synth("--model-out", "data.csv"), says=["--model-out and --data"])
    tool.refuses(64, *synth("--model-out", "sub/../out.csv"),
                 says=["--out and --model-out are the same file"])
    tool.write("work.json", {"marginals": []})
    tool.refuses(64, *synth("--workload", "work.json", out="work.json"),
                 says=["--out and --workload"])
    tool.refuses(64, "sample", "--model", "data.csv", "--out", "data.csv",
                 says=["--out and --model"])
    tool.refuses(64, "schema", "draft", "data.csv", "--out", "data.csv",
                 says=["--out and CSV"])
    tool.refuses(64, "schema", "encode", "schema.json", "--data", "data.csv",
                 "--out", "data.csv", "--domain", "d.json", says=["--out and --data"])
    tool.refuses(64, "simulate", "schema.json", "--rows", "3", "--out", "schema.json",
                 says=["--out and SPEC.json"])


@case("usage: an instruction set that is unknown is refused")
def _(tool):
    prepare(tool)
    tool.refuses(64, *synth(), env={"SIL_ISA": "avx1024"}, says=["avx1024"])


def absent_isa(name, flag):
    @case(f"usage: SIL_ISA={name} is refused where the machine lacks it")
    def _(tool):
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            if flag in info.read().split():
                raise Skip(f"this machine has {name}")
        prepare(tool)
        tool.refuses(64, *synth(), env={"SIL_ISA": name}, says=[name])


for _misuse in MISUSES:
    golden_misuse(*_misuse)
absent_isa("avx2", "avx2")
absent_isa("avx512", "avx512f")

if __name__ == "__main__":
    main()

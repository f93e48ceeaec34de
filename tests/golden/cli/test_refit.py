#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""refit: the model and the rows of a run, from its transcript and nothing else."""
import json

from harness import BUDGET, case, expect, main, prepare

MECHANISMS = ("aim", "mst", "independent", "mosaic")
NAME = b"\xb5silhouette/transcript"  # a string of 21 bytes, behind the array of 8


def bare(model):
    """The transcript that a model file holds: the byte string behind name and version."""
    at = model.index(b"silhouette/model") + len(b"silhouette/model") + 1
    width = {0xc4: 1, 0xc5: 2, 0xc6: 4}[model[at]]
    length = int.from_bytes(model[at + 1:at + 1 + width], "big")
    return model[at + 1 + width:at + 1 + width + length]


def left_behind(tool, mechanism="mst"):
    """A run of which only its transcript is left; its model and rows to compare with."""
    prepare(tool)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", *BUDGET,
                  "--mechanism", mechanism, "--out", "out.model")
    tool.succeeds("sample", "--model", "out.model", "--rows", "700", "--out", "out.csv")
    model = tool.path("out.model").read_bytes()
    rows = tool.path("out.csv").read_bytes()
    for name in ("data.csv", "schema.json", "out.model", "out.csv"):
        tool.path(name).unlink()
    tool.write("t.sil", bare(model))
    return model, rows


def from_the_transcript_alone(mechanism):
    @case(f"{mechanism}: model and rows come again from the transcript alone")
    def _(tool):
        model, rows = left_behind(tool, mechanism)
        for threads, isa in (("1", "scalar"), ("2", "")):
            env = {"SIL_ISA": isa} if isa else {}
            done = tool.succeeds("refit", "--transcript", "t.sil", "--out", "again.model",
                                 "--threads", threads, env=env)
            expect(done.out == "", f"nothing on stdout\n{done}")
            expect("Spent     nothing" in done.err, f"what it cost\n{done}")
            expect(tool.path("again.model").read_bytes() == model, f"{threads} threads")
            tool.succeeds("sample", "--model", "again.model", "--rows", "700", "--out",
                          "again.csv", env=env)
            expect(tool.path("again.csv").read_bytes() == rows, "the rows")

    @case(f"{mechanism}: --explain prints the decisions, the same on any threads")
    def _(tool):
        model, _ = left_behind(tool, mechanism)
        command = ("refit", "--transcript", "t.sil", "--out", "again.model", "--quiet",
                   "--explain", "--threads")
        one = tool.succeeds(*command, "1")
        two = tool.succeeds(*command, "2", env={"SIL_ISA": "scalar"})
        expect(one.out == two.out, "threads and instruction set")
        # The noise is that of the day: a warning of what it left room for may stay.
        expect(all(": warning: " in line for line in one.err.splitlines()),
               f"--quiet\n{one}")
        told = json.loads(one.out)
        expect(told["kind"] == "silhouette/explanation" and
               told["mechanism"] == mechanism, "what it is")
        expect([line["line"] for line in told["lines"]] ==
               list(range(1, len(told["lines"]) + 1)), "every line")
        expect(told["lines"][-1]["spent"] == told["cap"], "the cap is spent")
        expect(tool.path("again.model").read_bytes() == model, "the model, too")


for each in MECHANISMS:
    from_the_transcript_alone(each)


@case("standard streams: a transcript from one, a model or the decisions to the other")
def _(tool):
    model, _ = left_behind(tool)
    transcript = tool.path("t.sil").read_bytes()
    done = tool.succeeds("refit", "--transcript", "-", "--out", "-", "--quiet",
                         stdin=transcript, text=False)
    expect(done.out == model, "through streams")
    tool.refuses(64, "refit", "--transcript", "t.sil", "--out", "-", "--explain",
                 says=["--explain", "--out"])
    tool.refuses(64, "refit", "--transcript", "t.sil", "--out", "t.sil",
                 says=["--transcript", "--out"])


@case("--json: one object about the model on the standard error")
def _(tool):
    left_behind(tool)
    done = tool.succeeds("refit", "--transcript", "t.sil", "--out", "m", "--json")
    expect(json.loads(done.err.splitlines()[-1])["model_file"] == "m", f"{done}")


@case("another version or replay number is unsupported, and never a failure")
def _(tool):
    left_behind(tool)
    good = tool.path("t.sil").read_bytes()
    at = good.index(NAME) + len(NAME)
    for place, says in ((0, ["version 7"]), (1, ["mst", "replay number 7"])):
        bad = bytearray(good)
        bad[at + place] = 7
        tool.write("t.sil", bytes(bad))
        tool.refuses(2, "refit", "--transcript", "t.sil", "--out", "m",
                     says=["t.sil", *says])


@case("a damaged transcript, a model file, no transcript at all: refused with the place")
def _(tool):
    model, _ = left_behind(tool)
    good = tool.path("t.sil").read_bytes()
    tool.write("model", model)
    tool.refuses(65, "refit", "--transcript", "model", "--out", "m",
                 says=["model: ", "not the transcript that it holds"])
    tool.refuses(65, "inspect", "t.sil",
                 says=["a transcript, and no model", "silhouette refit --transcript"])
    for name, content in (("cut", good[:-5]), ("more", good + b"\0"), ("empty", b""),
                          ("text", b"{}"), ("changed", b"\xc1" + good[1:])):
        tool.write(name, content)
        tool.refuses(65, "refit", "--transcript", name, "--out", "m", says=[name])
    tool.refuses(74, "refit", "--transcript", "none", "--out", "m",
                 says=["none", "No such file"])


@case("another choice than the mechanism's: a model follows, and --explain refuses it")
def _(tool):
    left_behind(tool, "independent")
    good = tool.path("t.sil").read_bytes()
    # Two columns of the plan asked for in another order than they were measured in: the
    # lines are whole, their costs add up, and no honest run has made them.
    lines = good.index(b"\x93\x98\xb0rounded-gaussian")
    first = lines + 1
    starts = [at for at in range(first, len(good))
              if good.startswith(b"\x98\xb0rounded-gaussian", at)]
    expect(len(starts) == 3, "three lines")
    one, two, three = (good[a:b] for a, b in zip(starts, starts[1:] + [len(good)]))
    tool.write("t.sil", good[:first] + two + one + three)
    tool.succeeds("refit", "--transcript", "t.sil", "--out", "kept.model", "--quiet")
    tool.refuses(1, "refit", "--transcript", "t.sil", "--out", "m", "--explain",
                 says=["not that of an honest run: line 1: not the marginal"])


if __name__ == "__main__":
    main()

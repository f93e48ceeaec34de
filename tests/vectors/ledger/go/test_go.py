#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Go project's notes and transparency logs accept the ledger's checkpoints and proofs.

usage: test_go.py PROGRAM

check_log.go is built against the golang.org/x/mod of the distribution; where Go or that
package is missing nothing is asked, and the exit code is 77. Asked are the test vectors, and a ledger that
PROGRAM makes; and, so that a yes means something, damaged copies of both."""
import atexit
import base64
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent
TESTS = VECTORS.parent.parent
sys.path[:0] = [str(TESTS / "golden" / "cli"), str(VECTORS)]

from harness import PATIENCE, case, expect, main, prepare  # noqa: E402

import ledgers  # noqa: E402

DATA = VECTORS / "data"
GOPATH = pathlib.Path("/usr/share/gocode")
STATE = ("--state", "state")


def missing():
    """What is not here, in words, or None."""
    if shutil.which("go") is None:
        return "go is not installed"
    if not (GOPATH / "src" / "golang.org" / "x" / "mod" / "sumdb" / "tlog").is_dir():
        return f"golang.org/x/mod is not under {GOPATH}"
    return None


@functools.cache
def check_log():
    """The program of check_log.go, built once."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="silhouette-go-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = dict(os.environ, GO111MODULE="off", GOPATH=str(GOPATH), GOFLAGS="",
                       GOCACHE=str(folder / "cache"), CGO_ENABLED="0")
    done = subprocess.run(["go", "build", "-o", folder / "check_log", HERE / "check_log.go"],
                          env=environment, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"it does not build\n{done.stderr}")
    return folder / "check_log"


def ask(**job):
    """(accepted, what it printed)."""
    job = {key: [str(item) for item in value] if isinstance(value, list) else str(value)
           for key, value in job.items()}
    done = subprocess.run([check_log()], input=json.dumps(job), capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    expect(done.returncode in (0, 1) and done.stderr == "", f"{done}\n{job}")
    return done.returncode == 0, done.stdout


def accepts(**job):
    accepted, words = ask(**job)
    expect(accepted, f"refused: {words}")
    return words


def refuses(what, **job):
    accepted, words = ask(**job)
    expect(not accepted, f"accepted although {what}: {words}")


def vectors(kind):
    everything = json.loads((DATA / "vectors.json").read_text())
    return [vector for vector in everything if vector["kind"] == kind]


def five(**more):
    paths = {"entries": [DATA / f"five/E{i}.bin" for i in range(5)], "checkpoints": [],
             "logs": [(DATA / "five/log.vkey").read_text()]}
    return {**paths, **more}


def keys_of(policy):
    """(logs, witnesses) of a policy file of one log and witnesses who must all sign."""
    words = [line.split() for line in (DATA / policy).read_text().splitlines()]
    return ([line[1] for line in words if line[:1] == ["log"]],
            [line[2] for line in words if line[:1] == ["witness"]])


# ---------------------------------------------------------------- the vectors

@case("every checkpoint of the good ledgers is a note, over the root of the entries")
def _(tool):
    seeds = [key.seed.hex() for key in (ledgers.LOG, ledgers.LOG_2, ledgers.CURATOR)]
    looked_at = 0
    for vector in vectors("ledger"):
        if vector["expected"] != "accept" or "origin" not in vector:
            continue
        words = accepts(origin=vector["origin"], seeds=seeds,
                        entries=[DATA / name for name in vector["entries"]],
                        checkpoints=[DATA / name for name in vector["checkpoints"]])
        expect(words.startswith(f"{len(vector['roots']) - 1} entries, "), words)
        looked_at += 1
    expect(looked_at == len(ledgers.good_ledgers()), f"{looked_at} ledgers")


@case("the log's verifier key and cosigned checkpoints")
def _(tool):
    one, two = keys_of("five/one-witness.policy")[1], keys_of("five/all-of-two.policy")[1]
    notes = [DATA / "five" / name for name in ("cp4.note", "cp5.note")]
    accepts(**five(checkpoints=notes, witnesses=one))
    accepts(**five(checkpoints=[DATA / "five/cp5-two.note"], witnesses=two))
    refuses("one of two signed", **five(checkpoints=notes, witnesses=two))
    refuses("no witness signed", **five(checkpoints=[DATA / "five/C5.note"], witnesses=one))
    refuses("another log signed", entries=five()["entries"], checkpoints=notes,
            origin="example.org/other", seeds=[ledgers.LOG.seed.hex()])


@case("proofs of inclusion, good and bad")
def _(tool):
    good = bad = 0
    for vector in vectors("proof"):
        logs, witnesses = keys_of(vector["policy"])
        job = five(logs=logs, witnesses=witnesses, proofs=[DATA / vector["proof"]],
                   leaf=DATA / vector["leaf"])
        if vector["expected"] == "accept":
            accepts(**job)
            good += 1
        else:
            refuses(vector["rule"], **job)
            bad += 1
    expect(good >= 4 and bad >= 11, f"{good} good, {bad} bad")


# ---------------------------------------------------------------- a ledger of the program

def made(tool):
    """A ledger with two runs; what check_log needs to know of it."""
    prepare(tool)
    tool.succeeds("ledger", "quickstart", "l", "--data-label", "patients", "--cap-epsilon",
                  "2", "--cap-delta", "1e-9", *STATE)
    for name in "a.model", "b.model":
        tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", "--epsilon",
                      "0.5", "--mechanism", "independent", "--ledger", "l", "--out", name,
                      "--quiet", *STATE)
    found = json.loads(tool.succeeds("ledger", "verify", "l", "--json", *STATE).out)
    return {"logs": [found["log_key"]], "entries": sorted(tool.path("l/entries").iterdir()),
            "checkpoints": sorted(tool.path("l/checkpoints").iterdir())}


def proofs_of(tool, job):
    for index in range(len(job["entries"])):
        answer = tool.succeeds("ledger", "prove", "l", "--entry", index, *STATE)
        tool.write(f"proof-{index}", answer.out)
        yield tool.path(f"proof-{index}")


def requests_of(tool, job):
    for old in range(len(job["entries"]) + 1):
        tool.succeeds("ledger", "cosign", "l", "--old", old, "--out", f"request-{old}", *STATE)
        yield tool.path(f"request-{old}")


def changed_lines(path):
    """Copies of a proof, in each of which one hash is another one."""
    head, _, checkpoint = path.read_text().partition("\n\n")
    lines = head.split("\n")
    for i, line in enumerate(lines):
        if len(line) == 44 and line.endswith("="):
            raw = bytearray(base64.b64decode(line))
            raw[i % 32] ^= 1
            other = [*lines[:i], base64.b64encode(raw).decode(), *lines[i + 1:]]
            copy = path.with_name(f"{path.name}-changed-{i}")
            copy.write_text("\n".join(other) + "\n\n" + checkpoint)
            yield copy


@case("a ledger of the program: checkpoints, every proof, requests from every size")
def _(tool):
    job = made(tool)
    words = accepts(**job, proofs=list(proofs_of(tool, job)),
                    requests=list(requests_of(tool, job)))
    expect(words == "7 entries, 7 checkpoints, 7 proofs, 8 requests\n", words)


@case("a ledger of the program: a witness's answer")
def _(tool):
    job = made(tool)
    key = tool.succeeds("key", "new", "--role", "witness", "--unencrypted", "--name",
                        "witness.example", "--out", "w.key", "--json").out
    vkey = json.loads(key)["note_key"]
    tool.write("logs", f"log {job['logs'][0]}\nquorum none\n")
    tool.write("policy", f"log {job['logs'][0]}\nwitness w {vkey}\nquorum w\n")
    tool.succeeds("ledger", "cosign", "l", "--old", "0", "--out", "request", *STATE)
    tool.succeeds("ledger", "cosign", "--request", "request", "--key", "w.key", "--name",
                  "witness.example", "--policy", "logs", "--out", "answer", *STATE)
    tool.succeeds("ledger", "cosign", "l", "--add", "answer", "--policy", "policy", *STATE)
    job["checkpoints"] = list(tool.path("l/cosigned").iterdir())
    expect(len(job["checkpoints"]) == 1, "one cosigned checkpoint")
    accepts(**job, witnesses=[vkey])
    refuses("it is not the witness's note", **{**job, "checkpoints": sorted(
        tool.path("l/checkpoints").iterdir())}, witnesses=[vkey])


@case("a ledger of the program, damaged: entries, roots, proofs")
def _(tool):
    job = made(tool)
    for i, path in enumerate(job["entries"]):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        tool.write("changed", bytes(data))
        entries = [*job["entries"][:i], tool.path("changed"), *job["entries"][i + 1:]]
        refuses(f"entry {i} was changed", **{**job, "entries": entries})
    proofs, requests = list(proofs_of(tool, job)), list(requests_of(tool, job))
    job["checkpoints"] = []
    for path in proofs:
        for copy in changed_lines(path):
            refuses(f"{copy.name}", **job, proofs=[copy])
    for path in requests[1:]:
        for copy in changed_lines(path):
            refuses(f"{copy.name}", **job, requests=[copy])
    tool.write("older", requests[3].read_text().replace("old 3", "old 4", 1))
    refuses("the proof is from another size", **job, requests=[tool.path("older")])


if __name__ == "__main__":
    if missing():
        print(f"skipped: {missing()}")
        sys.exit(77)
    main()

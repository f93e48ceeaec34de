#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program's verifier and the second one must accept and refuse the same ledgers.

usage: compare_with.py SILHOUETTE [--mutations N] [--seed S]

Lays out as directories every ledger of the test vectors, good and bad, and N ledgers with
one change (a byte, a cut, a swap, a file gone or doubled, in entries/ and checkpoints/),
made from the seed, and asks `SILHOUETTE ledger verify DIR --json` and verify_directory.
Exit code 0 when they agree on all; the last line counts the cases."""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
from typing import NamedTuple

import ledgers
import make_vectors
import note
from craft import lay_out
from directory import verify_directory
from errors import Refused, Unsupported

DATA = make_vectors.DATA
REFUSED, UNSUPPORTED, BAD_INPUT = 1, 2, 65
VERDICTS = {0: "accept", REFUSED: "refuse", BAD_INPUT: "refuse", UNSUPPORTED: "unsupported"}


class Case(NamedTuple):
    name: str
    entries: list
    checkpoints: list
    cosigned: dict = {}
    format_text: bytes = None
    policy: bytes = None
    pinned: bytes = None


def load(name):
    return None if name is None else (DATA / name).read_bytes()


def covering(good, entries):
    """Checkpoints for these entries, as the log would have signed them."""
    maker = good.fork(0)
    for data in entries:
        maker.take(data)
    return maker.checkpoints


def vector_case(vector, good):
    entries = [load(name) for name in vector["entries"]]
    if "checkpoints" in vector:
        checkpoints = [load(name) for name in vector["checkpoints"]]
    else:
        maker = good[vector["base"]]
        kept = sum(a == b for a, b in zip(entries, maker.entries))
        checkpoints = maker.checkpoints[:kept] + covering(maker, entries)[kept:]
    cosigned = {size: load(name) for size, name in vector.get("cosigned", {}).items()}
    return Case(vector["name"], entries, checkpoints, cosigned, load(vector.get("format")),
                load(vector.get("policy")), load(vector.get("pinned")))


def change_byte(rng, files, at):
    data = bytearray(files[at])
    data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    files[at] = bytes(data)


def cut(rng, files, at):
    files[at] = files[at][:rng.randrange(len(files[at]))]


def lengthen(rng, files, at):
    files[at] += bytes([rng.randrange(256)])


def swap(rng, files, at):
    other = rng.randrange(len(files) - 1)
    other += other >= at
    files[at], files[other] = files[other], files[at]


def remove(rng, files, at):
    files[at] = None


def leave_out(rng, files, at):
    del files[at]


def repeat(rng, files, at):
    files.insert(at, files[at])


def cut_off(rng, files, at):
    del files[at:]


MUTATIONS = (change_byte, change_byte, change_byte, cut, lengthen, swap, remove, leave_out,
             repeat, cut_off)


def mutation_cases(good, count, seed):
    """Ledgers with one change each. Some are harmless: a last checkpoint that is gone."""
    rng = random.Random(seed)
    for number in range(count):
        name = rng.choice(sorted(good))
        files = {"entries": list(good[name].entries),
                 "checkpoints": list(good[name].checkpoints)}
        which = rng.choice(sorted(files))
        mutate = rng.choice(MUTATIONS)
        at = rng.randrange(len(files[which]))
        mutate(rng, files[which], at)
        title = f"seed {seed}, mutation {number}: {name}, {mutate.__name__} {which} {at}"
        yield Case(title, files["entries"], files["checkpoints"])


def second_verdict(folder, case):
    """(verdict, why) of the verifier beside this file."""
    try:
        policy = case.policy and note.Policy(case.policy)
        verify_directory(folder, case.pinned, None, policy)
    except Refused as trouble:
        return "refuse", f"{trouble.check} entry {trouble.entry}: {trouble.reason}"
    except Unsupported as trouble:
        return "unsupported", trouble.reason
    return "accept", ""


def program_verdict(program, folder, case, scratch):
    """(verdict, what it printed) of `silhouette ledger verify`, which must know nothing
    from earlier runs."""
    command = [program, "ledger", "verify", str(folder), "--json"]
    for option, data in (("policy", case.policy), ("pinned", case.pinned)):
        if data is not None:
            (scratch / option).write_bytes(data)
            command += [f"--{option}", str(scratch / option)]
    home = scratch / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
    done = subprocess.run(command, capture_output=True, env=environment, text=True,
                          errors="replace")
    verdict = VERDICTS.get(done.returncode, f"exit code {done.returncode}")
    return verdict, (done.stdout + done.stderr).strip()


def agree(mine, theirs):
    """Unsupported is another way to refuse, where damage hits a version number."""
    kinds = ("accept", "refuse", "unsupported")
    return theirs in kinds and (mine == "accept") == (theirs == "accept")


def compare(program, case):
    """What they disagree about, or None."""
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        folder = scratch / "ledger"
        lay_out(folder, case.entries, case.checkpoints, case.cosigned, case.format_text)
        mine, why = second_verdict(folder, case)
        theirs, said = program_verdict(program, folder, case, scratch)
    if agree(mine, theirs):
        return None
    return f"second verifier: {mine} ({why}); program: {theirs} ({said[:400]})"


def all_cases(mutations, seed):
    good = ledgers.good_ledgers()
    for vector in json.loads(load(make_vectors.INDEX)):
        if vector["kind"] == "ledger":
            yield vector_case(vector, good)
    yield from mutation_cases(good, mutations, seed)


def main():
    parser = argparse.ArgumentParser(description="Compare two verifiers.")
    parser.add_argument("program")
    parser.add_argument("--mutations", type=int, default=200)
    parser.add_argument("--seed", type=int,
                        default=int(os.environ.get("SIL_TEST_SEED", "20260917")))
    arguments = parser.parse_args()
    passed = failed = 0
    for case in all_cases(arguments.mutations, arguments.seed):
        found = compare(arguments.program, case)
        passed, failed = passed + (found is None), failed + (found is not None)
        if found is not None:
            print(f"FAILED {case.name}: {found}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program's verifier and the second one must accept and refuse the same ledgers.

usage: compare_with.py SILHOUETTE [--mutations N] [--structures N] [--policies] [--seed S]
                       [--ids]

Lays out as directories every ledger of the test vectors, good and bad, then N damaged ones
(a byte, a cut, a swap, a file gone or doubled) and N whose last entry is a strange one but
well signed (see mutations.py), and asks `SILHOUETTE ledger verify DIR --json` and
verify_directory.
Exit code 0 when they agree on all; the last line counts the cases. The rule by which they
refuse may differ, since the order of checks is free; --ids lists where."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import ledgers
import make_vectors
import note
from craft import lay_out
from directory import verify_directory
from errors import Refused, Unsupported
from mutations import Case, covering, damaged, spoilt, strange, unfinished

DATA = make_vectors.DATA
REFUSED, UNSUPPORTED, BAD_INPUT = 1, 2, 65
RULE = re.compile(r"\[([A-Z]+-?[A-Z0-9]*)\]")
VERDICTS = {0: "accept", REFUSED: "refuse", BAD_INPUT: "refuse", UNSUPPORTED: "unsupported"}


def load(name):
    return None if name is None else (DATA / name).read_bytes()


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


def second_verdict(folder, case):
    """(verdict, id, why) of the verifier beside this file."""
    try:
        policy = case.policy and note.Policy(case.policy)
        verify_directory(folder, case.pinned, None, policy)
    except Refused as trouble:
        return "refuse", trouble.check, f"entry {trouble.entry}: {trouble.reason}"
    except Unsupported as trouble:
        return "unsupported", "", trouble.reason
    return "accept", "", ""


def program_verdict(program, folder, case, scratch):
    """(verdict, id, what it printed) of `silhouette ledger verify`, which must know nothing
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
    said = (done.stdout + done.stderr).strip()
    return verdict, printed_rule(done.stdout), said


def printed_rule(answer):
    """The last rule that a refusal names in brackets: the one that was broken."""
    try:
        return RULE.findall(json.loads(answer)["message"])[-1]
    except (ValueError, KeyError, IndexError):
        return ""


def agree(mine, theirs):
    """Unsupported is another way to refuse, where damage hits a version number."""
    kinds = ("accept", "refuse", "unsupported")
    return theirs in kinds and (mine == "accept") == (theirs == "accept")


def compare(program, case):
    """(whether they agree, whether they name the same rule, what they say)."""
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        folder = scratch / "ledger"
        lay_out(folder, case.entries, case.checkpoints, case.cosigned, case.format_text)
        case.spoil(folder)
        mine, check, why = second_verdict(folder, case)
        theirs, other, said = program_verdict(program, folder, case, scratch)
    found = f"second verifier: {mine} {check} ({why}); program: {theirs} ({said[:400]})"
    return agree(mine, theirs), check == other, found


def all_cases(arguments):
    good = ledgers.good_ledgers()
    for vector in json.loads(load(make_vectors.INDEX)):
        wanted = arguments.policies or "policy" not in vector
        if vector["kind"] == "ledger" and wanted:
            yield vector_case(vector, good)
    yield from spoilt(good["five"])
    yield unfinished(good["five"])
    yield from damaged(good, arguments.mutations, arguments.seed)
    yield from strange(good, arguments.structures, arguments.seed)


def main():
    parser = argparse.ArgumentParser(description="Compare two verifiers.")
    parser.add_argument("program")
    parser.add_argument("--mutations", type=int, default=200)
    parser.add_argument("--structures", type=int, default=200)
    parser.add_argument("--seed", type=int,
                        default=int(os.environ.get("SIL_TEST_SEED", "20260917")))
    parser.add_argument("--policies", action="store_true",
                        help="also vectors about witnesses, with --policy")
    parser.add_argument("--ids", action="store_true",
                        help="also say where they refuse by different rules")
    arguments = parser.parse_args()
    passed = failed = others = 0
    for case in all_cases(arguments):
        agreed, same, found = compare(arguments.program, case)
        passed, failed, others = passed + agreed, failed + (not agreed), others + (not same)
        if not agreed:
            print(f"FAILED {case.name}: {found}")
        elif not same and arguments.ids:
            print(f"{case.name}: {found}")
    print(f"{others} refused by different rules, which is allowed")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

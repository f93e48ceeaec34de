#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an attacker has from the transcript of a run: its marginals, and its noisy counts.

usage: test_audit_attack_transcript.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import json
import math
import os
import random
import re
import shutil
import sys

from attack_kit import attack, check_schema, exposed, result_of, run, split_off, until_alike, write
from audit_kit import EXAMPLES, expect, generate, main


def a_transcript_names_the_marginals(folder):
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "900", "--seed", "1",
             "--out", "all.csv")
    lines = (folder / "all.csv").read_text().splitlines()
    for name, rows in (("t.csv", lines[1:301]), ("h.csv", lines[301:601]),
                       ("s.csv", lines[601:])):
        write(folder / name, rows, lines[0])
    schema = str(EXAMPLES / "bank.schema.json")
    generate(folder, "fit", "--data", "t.csv", "--schema", schema, "--epsilon", "1", "--delta",
             "1e-6", "--mechanism", "mst", "--out", "model", "--quiet")
    generate(folder, "release", "--model", "model", "--ledger", "t.csv.ledger", "--out",
             "bundle", "--rows", "50", "--quiet")
    (transcript,) = (folder / "bundle").glob("transcript*")
    code, found = attack(folder, "--schema", schema, "--transcript", str(transcript), "--claim",
                         "1,1e-6")
    detail = result_of(found, "clique-matched-filter")["detail"]
    expect(code == 0 and "that the transcript says" in detail, f"{code}: {detail}")
    os.mkfifo(folder / "pipe")
    done = run(folder, "--transcript", str(transcript), "--train", "pipe")
    expect(done.returncode == 64 and "not a pipe" in done.stderr,
           f"{done.returncode}: {done.stderr}")
    done = run(folder, "--transcript", "pipe")
    expect(done.returncode == 64, f"{done.returncode}: {done.stderr}")
    (folder / "broken").write_bytes(transcript.read_bytes()[:-1])
    done = run(folder, "--transcript", "broken")
    expect(done.returncode == 65, f"{done.returncode}: {done.stderr}")


def noisy_counts_tell_a_rare_record_as_well_as_theory_says(folder):
    """Everybody is alone in every cell: whoever sees the noisy counts has an AUC of
    Phi(mu / sqrt 2). The noise is fresh, so the bounds are 5 standard errors away. Rows with a
    value that drops them come first, were never counted, and must not shift the others."""
    n = 400
    dice = random.Random(77)
    unique = [[f"u{v:03}" for v in dice.sample(range(n), n)] for _ in range(3)]
    rows = [",".join(column[i] for column in unique) for i in range(n)]
    dropped = [f"x{i},u{i:03},u{n - 1 - i:03}" for i in range(60)]
    sides = [dropped[:30] + rows[:n // 2], dropped[30:] + rows[n // 2:]]
    for name, side in (("t.csv", sides[0]), ("h.csv", sides[1])):
        write(folder / name, side, "a,b,c")
    values = [f"u{v:03}" for v in range(n)]
    (folder / "rare.json").write_text(json.dumps({"fields": [
        {"name": name, "type": "string", "constraints": {"enum": values, "required": name == "a"}}
        for name in "abc"]}))
    generate(folder, "fit", "--data", "t.csv", "--schema", "rare.json", "--epsilon", "10",
             "--delta", "1e-6", "--mechanism", "independent", "--out", "model", "--quiet")
    generate(folder, "release", "--model", "model", "--ledger", "t.csv.ledger", "--out",
             "bundle", "--rows", "200", "--quiet")
    shutil.copy(folder / "bundle" / "data.csv", folder / "s.csv")
    (transcript,) = (folder / "bundle").glob("transcript*")
    code, found = attack(folder, "--transcript", str(transcript), "--claim", "10,1e-6")
    check_schema(found)
    seen = result_of(found, "white-box-likelihood-ratio")
    mu = float(re.search(r"mu ([0-9.]+)\)", seen["detail"]).group(1))
    expect(abs(mu - 1.7546) < 0.05, seen["detail"])
    # 30 of 230 on a side were never counted: any pair with one of them is half right, or
    # told by the sign of the other's score.
    counted = (200 / 230) ** 2
    mixed = 2 * (200 / 230) * (30 / 230) * (1 - normal_cdf(-mu / 2))
    right = counted * normal_cdf(mu / math.sqrt(2)) + mixed + (30 / 230) ** 2 / 2
    expect(abs(seen["auc"] - right) < 5 * 0.018, f"{seen['auc']}, not {right}: {seen['detail']}")
    expect(seen["ceiling"]["auc"] >= right and seen["auc_interval"][0] < right + 0.09
           and seen["tpr_at_fpr"][2]["tpr"] > 0.2 and seen["verdict"] == "not-refuted", seen)
    expect(code == 0, f"{code}: {exposed(found)}")
    stranger = folder / "stranger.csv"
    stranger.write_text((folder / "t.csv").read_text().replace("a,b,c", "a,b,d"))
    done = run(folder, "--transcript", str(transcript), "--train", "stranger.csv")
    expect(done.returncode == 65, f"{done.returncode}: {done.stderr}")


def noisy_counts_tell_persons(folder):
    """Two rows a person, each alone in its cells: what both say adds up. The noise is for
    both, twice as wide."""
    n = 2400
    dice = random.Random(78)
    unique = [[f"u{v:03}" for v in dice.sample(range(n), n)] for _ in range(2)]
    rows = [f"p{i // 2},{unique[0][i]},{unique[1][i]}" for i in range(n)]
    for name, side in (("t.csv", rows[:n // 2]), ("h.csv", rows[n // 2:])):
        write(folder / name, side, "pid,a,b")
    values = [f"u{v:03}" for v in range(n)]
    (folder / "rare.json").write_text(json.dumps({"fields": [
        {"name": name, "type": "string", "constraints": {"enum": values, "required": True}}
        for name in "ab"]}))
    generate(folder, "fit", "--data", "t.csv", "--schema", "rare.json", "--epsilon", "14",
             "--delta", "1e-6", "--mechanism", "independent", "--unit", "id:pid:2",
             "--out", "model", "--quiet")
    generate(folder, "release", "--model", "model", "--ledger", "t.csv.ledger", "--out",
             "bundle", "--rows", "200", "--quiet")
    shutil.copy(folder / "bundle" / "data.csv", folder / "s.csv")
    (transcript,) = (folder / "bundle").glob("transcript*")
    code, found = attack(folder, "--transcript", str(transcript))
    seen = result_of(found, "white-box-likelihood-ratio")
    mu = float(re.search(r"mu ([0-9.]+)\)", seen["detail"]).group(1))
    expect(seen["members"] == 600 and found["rows"]["holdout"] == 600, f"{seen['members']}")
    right = normal_cdf(mu)  # of two rows, mu sqrt(2)
    expect(abs(seen["auc"] - right) < 5 * 0.011, f"{seen['auc']}, not {right}: {seen['detail']}")
    expect(right - normal_cdf(mu / math.sqrt(2)) > 0.07, f"mu {mu}: one row would do")
    # Another id, and a holdout without that of the transcript: only this score is left out.
    for name, start in (("t.csv", 0), ("h.csv", n // 2)):
        write(folder / name, [",".join([row, f"q{i // 2}"] if name == "t.csv" else
                                       row.split(",")[1:] + [f"q{i // 2}"])
                              for i, row in enumerate(rows[start:start + n // 2], start)],
              "pid,a,b,who" if name == "t.csv" else "a,b,who")
    code, found = attack(folder, "--transcript", str(transcript), "--id", "who", "--schema",
                         "rare.json")
    seen = result_of(found, "white-box-likelihood-ratio")
    expect(seen["verdict"] == "not-examined" and "no column pid" in seen["detail"], seen)
    expect(result_of(found, "clique-matched-filter")["auc"] is not None, "others stand")
    check_schema(found)
    done = run(folder, "--transcript", str(transcript), "--id", "who", "--claim", "14,1e-6")
    expect(done.returncode == 65 and "about persons by column pid" in done.stderr, done.stderr)
    done = run(folder, "--transcript", str(transcript), "--schema", "rare.json")
    expect(done.returncode == 65 and "no column pid" in done.stderr, done.stderr)


def a_promise_about_rows_is_not_held_against_persons(folder):
    """A right release, all of whose persons have thirty rows in one cell: their coins are
    guessed, and that breaks no promise about rows."""
    values = [f"u{i:03}" for i in range(200)]
    rows = [f"p{i},{value}" for i, value in enumerate(values) for _ in range(30)]
    write(folder / "s.csv", [value for value in values for _ in range(15)], "a")

    def attack_split():
        split_off(folder, ("\n".join(["pid,a", *rows]) + "\n").encode(), "--id", "pid")
        code, found = attack(folder, "--split", "split")
        return 0 if all(c["holds"] for c in found["conditions"]) else 2, found

    until_alike(folder, attack_split)
    (folder / "rows.json").write_text(json.dumps({"fields": [
        {"name": "a", "type": "string", "constraints": {"enum": values, "required": True}}]}))
    generate(folder, "fit", "--data", "t.csv", "--schema", "rows.json", "--epsilon", "1",
             "--delta", "1e-6", "--mechanism", "independent", "--ignore-extra-columns", "--out",
             "model", "--quiet")
    generate(folder, "release", "--model", "model", "--ledger", "t.csv.ledger", "--out",
             "bundle", "--rows", "3000", "--quiet")
    shutil.copy(folder / "bundle" / "data.csv", folder / "s.csv")
    (transcript,) = (folder / "bundle").glob("transcript*")
    for whose in (["--split", "split"], ["--id", "pid"]):
        done = run(folder, *whose, "--transcript", str(transcript), "--claim", "1,1e-6")
        expect(done.returncode == 65 and "promise about rows" in done.stderr
               and "leave --claim out" in done.stderr, f"{done.returncode}: {done.stderr}")
        code, found = attack(folder, *whose, "--transcript", str(transcript))
        seen = result_of(found, "white-box-likelihood-ratio")
        expect(code == 1 and seen["verdict"] == "exposed" and found["person"] == "pid", f"{seen}")
        check_schema(found)


def normal_cdf(x):
    return math.erfc(-x / math.sqrt(2)) / 2


CASES = [a_transcript_names_the_marginals, a_promise_about_rows_is_not_held_against_persons,
         noisy_counts_tell_persons,
         noisy_counts_tell_a_rare_record_as_well_as_theory_says]

if __name__ == "__main__":
    sys.exit(main(CASES))

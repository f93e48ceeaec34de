#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How often the check of noise without data (N1) calls honest noise too small.

Honest runs of every mechanism at epsilon 0.1, 1 and 10 on a small table; of each the
p-value that `silhouette-audit verify` prints. Where the marginals are fixed in advance
(independent) or their choice does not look at what they measure (MST), p is uniform; for
AIM and Mosaic it is not exactly.

usage: calibrate.py SILHOUETTE SILHOUETTE-AUDIT [RUNS]
Fails when at one of the levels more runs fall below it than chance gives in one of a
million such tests (independent, MST) or than a rate of twice the level does (AIM, Mosaic).
"""
import json
import math
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

from audit_kit import AUDITOR, Count, expect, generate, most_by_chance

RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
LEVELS = (0.05, 0.01, 1e-4)
CHANCE = 1e-6 / 36
SIZES = (2, 3, 4, 5, 6)
ROWS = 300
N1 = re.compile(r"over (\d+) degrees of freedom, p = ([^;]+);")


def write_table(folder):
    dice = random.Random(1)
    names = [f"c{i}" for i in range(len(SIZES))]
    rows = [",".join(str(min(dice.randrange(n), dice.randrange(n))) for n in SIZES)
            for _ in range(ROWS)]
    folder.joinpath("t.csv").write_text("\n".join([",".join(names), *rows]) + "\n")
    folder.joinpath("s.json").write_text(json.dumps({"fields": [
        {"name": name, "type": "integer", "categories": list(range(n)),
         "constraints": {"required": True}} for name, n in zip(names, SIZES)]}))


def p_of_run(folder, mechanism, epsilon):
    for name in ("t.csv.ledger", "t.csv.ledger.keys", "b"):
        shutil.rmtree(folder / name, ignore_errors=True)
    generate(folder, "fit", "--data", "t.csv", "--schema", "s.json", "--epsilon", epsilon,
             "--delta", "1e-6", "--mechanism", mechanism, "--out", "m", "--threads", "1",
             "--quiet")
    generate(folder, "release", "--model", "m", "--ledger", "t.csv.ledger", "--out", "b",
             "--rows", "10", "--quiet")
    done = subprocess.run([AUDITOR, "verify", "--json", "b"], cwd=folder,
                          capture_output=True, text=True)
    expect(done.returncode in (0, 2), f"{done.returncode}: {done.stdout}{done.stderr}")
    (line,) = [f for f in json.loads(done.stdout)["findings"] if f["id"] == "N1"]
    return float(N1.search(line["detail"]).group(2))


def calibrate(folder, mechanism, epsilon):
    values = [p_of_run(folder, mechanism, epsilon) for _ in range(RUNS)]
    below = [sum(p < level for p in values) for level in LEVELS]
    slack = 1 if mechanism in ("independent", "mst") else 2
    most = [most_by_chance(RUNS, slack * level, CHANCE) for level in LEVELS]
    counts = ", ".join(f"{n} below {level:g} (at most {m})"
                       for n, level, m in zip(below, LEVELS, most))
    mean = math.fsum(values) / RUNS
    print(f"{mechanism:<12} epsilon {epsilon:>3}: {RUNS} runs, mean p {mean:.3f}, {counts}",
          flush=True)
    expect(all(n <= m for n, m in zip(below, most)), f"{below}: more than {most}")


def main():
    count = Count()
    with tempfile.TemporaryDirectory(prefix="silhouette-test-") as name:
        folder = pathlib.Path(name)
        write_table(folder)
        for mechanism in ("independent", "mst", "aim", "mosaic"):
            for epsilon in ("0.1", "1", "10"):
                count.run(f"{mechanism}, epsilon {epsilon}", calibrate, folder, mechanism,
                          epsilon)
    return count.end()


if __name__ == "__main__":
    sys.exit(main())

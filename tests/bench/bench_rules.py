#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What declared rules are worth: the error of national2019 with the rules of its example, and
without them, as a table in Markdown.

usage: bench_rules.py SILHOUETTE DATA_FOLDER [--runs N] [--only MECHANISM,...]

Each mechanism is run N times at epsilon 1 with fresh noise, by both schemas in turn; the
errors are means of total variation distance over all marginals, and over those of three columns
and at most 10,000 cells. With rules, rows that break one are counted by `synth` itself.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from bench_release import EXAMPLES, yardstick


def encode(silhouette, folder, schema, table, codes):
    subprocess.run([silhouette, "schema", "encode", "--data", table, "--out", codes, "--domain",
                    "domain.json", "--quiet", schema], cwd=folder, check=True,
                   stderr=subprocess.DEVNULL)


def run(silhouette, folder, data, schema, mechanism):
    """The errors of one run, and how many rows break a rule (None: there are none)."""
    done = subprocess.run(
        [silhouette, "synth", "--data", data, "--schema", schema, "--epsilon", "1", "--delta",
         "1e-9", "--no-ledger", "--mechanism", mechanism, "--out", "rows.csv", "--json"],
        cwd=folder, check=True, capture_output=True, text=True)
    rules = json.loads(done.stderr.strip().splitlines()[-1]).get("rules")
    encode(silhouette, folder, "without.json", "rows.csv", "rows.codes")
    errors = yardstick(folder / "real.codes", folder / "rows.codes", folder / "domain.json")
    return errors, rules and rules["rows_that_violate"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("silhouette", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--only", default="mst,aim,mosaic")
    args = parser.parse_args()
    silhouette = args.silhouette.resolve()
    data = args.data.resolve() / "nist_acs_national2019" / "national2019.csv"
    schema = json.loads((EXAMPLES / "national2019.schema.json").read_text())
    with tempfile.TemporaryDirectory(prefix="silhouette-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "with.json").write_text(json.dumps(schema))
        del schema["silhouette"]
        (folder / "without.json").write_text(json.dumps(schema))
        encode(silhouette, folder, "without.json", data, "real.codes")
        print("| run | 1-way | 2-way | 3-way | sd | rows that break a rule |")
        print("| --- | --- | --- | --- | --- | --- |", flush=True)
        for mechanism in args.only.split(","):
            for kind in ("with", "without"):
                runs = [run(silhouette, folder, data, f"{kind}.json", mechanism)
                        for _ in range(args.runs)]
                means = [statistics.mean(e[way] for e, _ in runs)
                         for way in ("1way", "2way", "3way_le_cap")]
                spread = (statistics.stdev(e["3way_le_cap"] for e, _ in runs)
                          if args.runs > 1 else 0)
                broken = "-" if kind == "without" else sum(n for _, n in runs)
                print(f"| {mechanism}, {kind} rules | " +
                      " | ".join(f"{x:.4f}" for x in means) + f" | {spread:.4f} | {broken} |",
                      flush=True)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do synthetic rows miss values together as the table's rows do?

usage: null_pairs.py SILHOUETTE DATA_FOLDER [--epsilon E] [--mechanism M] [--runs N]

For each pair of columns the table of four shares (both missing, one, the other, none) of rows
drawn by the schema of docs/examples is compared with that of the table: the total variation
distance, its mean and its largest over all pairs, beside the same of two random halves of the
table (what sampling alone makes of it). Every value of the rows is checked against the schema.
"""
import argparse
import csv
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from bench_release import EXAMPLES

TABLES = {"adult_full": ("adult/adult_full.csv", "adult.schema.json"),
          "national2019": ("nist_acs_national2019/national2019.csv",
                           "national2019.schema.json"),
          "hmeq": ("hmeq/hmeq.csv", "hmeq.schema.json")}


def texts(value):
    return {v if isinstance(v, str) else v["value"] for v in value}


def masks(rows, schema):
    """Of each column a number whose bit r says that row r misses it."""
    default = texts(schema.get("missingValues", [""]))
    out = []
    for field in schema["fields"]:
        null = texts(field["missingValues"]) if "missingValues" in field else default
        out.append(int("1" + "".join("01"[row[field["name"]] in null] for row in rows), 2)
                   - (1 << len(rows)))
    return out, len(rows)


def distances(one, other):
    (a, n), (b, m) = one, other
    for i, j in itertools.combinations(range(len(a)), 2):
        shares = []
        for mask, size in ((a, n), (b, m)):
            both = (mask[i] & mask[j]).bit_count() / size
            first, second = mask[i].bit_count() / size, mask[j].bit_count() / size
            shares.append((both, first - both, second - both, 1 - first - second + both))
        yield sum(abs(x - y) for x, y in zip(*shares)) / 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("data")
    parser.add_argument("--epsilon", default="1")
    parser.add_argument("--mechanism", default="mosaic")
    parser.add_argument("--runs", type=int, default=1)
    args = parser.parse_args()
    print(f"| epsilon {args.epsilon}, {args.mechanism} | mean of pairs | largest | of two halves: "
          "mean | largest | values outside the schema |\n| --- | --- | --- | --- | --- | --- |")
    for name, (data, schema_name) in TABLES.items():
        table, path = pathlib.Path(args.data) / data, EXAMPLES / schema_name
        schema = json.loads(path.read_text())
        rows = list(csv.DictReader(open(table, newline="")))
        real = masks(rows, schema)
        random.Random(1).shuffle(rows)
        half = len(rows) // 2
        halves = list(distances(masks(rows[:half], schema), masks(rows[half:], schema)))
        found, outside = [], 0
        with tempfile.TemporaryDirectory() as folder:
            for run in range(args.runs):
                out = pathlib.Path(folder) / f"{run}.csv"
                subprocess.run([args.tool, "synth", "--quiet", "--no-ledger", "--data", table,
                                "--schema", path, "--epsilon", args.epsilon, "--delta", "1e-9",
                                "--mechanism", args.mechanism, "--out", out], check=True)
                made = list(csv.DictReader(open(out, newline="")))
                found += distances(real, masks(made, schema))
                outside += subprocess.run([args.tool, "schema", "check", path, "--data", out],
                                          capture_output=True).returncode != 0
        print(f"| {name} | {sum(found) / len(found):.5f} | {max(found):.5f} | "
              f"{sum(halves) / len(halves):.5f} | {max(halves):.5f} | "
              f"{'some' if outside else 'none'} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

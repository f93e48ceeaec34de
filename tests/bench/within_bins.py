#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How near synthetic rows come to a column's single values, when it has few bins.

usage: within_bins.py SILHOUETTE DATA_FOLDER [--runs N] [--epsilon E] [--mechanism M]
                      [--column NAME --minimum A --maximum B] [--bins N ...]

A column of Adult in equal bins, with the sex beside it; a million rows of a model. The total
variation distance between single values of table and rows, as they are, and if each bin of the
rows were drawn from uniformly. What is left is what bins cannot tell and the noise.
"""
import argparse
import collections
import csv
import json
import pathlib
import statistics
import subprocess
import tempfile

ROWS = 1000000


def shares(path, column, limits):
    with open(path, newline="") as file:
        values = [min(max(int(row[column]), limits[0]), limits[1])
                  for row in csv.DictReader(file)]
    return {value: n / len(values) for value, n in collections.Counter(values).items()}


def distance(a, b):
    return sum(abs(a.get(v, 0) - b.get(v, 0)) for v in a.keys() | b.keys()) / 2


def flattened(p, limits, n_bins):
    """The same masses of bins, each spread evenly over its values."""
    low, high = limits
    starts = [low - -(high - low) * i // n_bins for i in range(n_bins)] + [high + 1]
    flat = {}
    for start, end in zip(starts, starts[1:]):
        mass = sum(p.get(value, 0) for value in range(start, end))
        flat.update({value: mass / (end - start) for value in range(start, end)})
    return flat


def run(args, table, n_bins, folder):
    limits = (args.minimum, args.maximum)
    schema, model, rows = folder / "s.json", folder / "m", folder / "rows.csv"
    schema.write_text(json.dumps({"fields": [
        {"name": args.column, "type": "integer",
         "constraints": {"required": True, "minimum": limits[0], "maximum": limits[1]},
         "silhouette": {"bins": n_bins}},
        {"name": "sex", "type": "string", "categories": ["Female", "Male"],
         "constraints": {"required": True}}]}))
    subprocess.run([args.tool, "fit", "--no-ledger", "--data", table,
                    "--ignore-extra-columns", "--schema", schema, "--epsilon", args.epsilon,
                    "--delta", "1e-9", "--mechanism", args.mechanism, "--out", model],
                   check=True, capture_output=True)
    subprocess.run([args.tool, "sample", "--model", model, "--rows", str(ROWS),
                    "--out", rows], check=True, capture_output=True)
    truth = shares(table, args.column, limits)
    drawn = shares(rows, args.column, limits)
    return distance(truth, flattened(drawn, limits, n_bins)), distance(truth, drawn)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("data")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--epsilon", default="1")
    parser.add_argument("--mechanism", default="mosaic")
    parser.add_argument("--column", default="age")
    parser.add_argument("--minimum", type=int, default=17)
    parser.add_argument("--maximum", type=int, default=90)
    parser.add_argument("--bins", type=int, nargs="+", default=[8])
    args = parser.parse_args()
    table = pathlib.Path(args.data) / "adult" / "adult_full.csv"
    for n_bins in args.bins:
        with tempfile.TemporaryDirectory() as name:
            each = [run(args, table, n_bins, pathlib.Path(name)) for _ in range(args.runs)]
        flat, leaning = zip(*each)
        print(f"{args.mechanism} epsilon {args.epsilon} {args.column} {n_bins} bins: "
              f"uniform {statistics.mean(flat):.4f}, leaning {statistics.mean(leaning):.4f}")


if __name__ == "__main__":
    main()

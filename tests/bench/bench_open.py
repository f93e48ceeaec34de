#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Open columns: how far their shares, and all marginals with them, are from the table's.

usage: bench_open.py SILHOUETTE DATA_FOLDER [--runs N] [--open NAME...] [--epsilon E...]
                     [--mechanism M...]

Adult by the schema of docs/examples, in which the columns NAME are open and list nothing.
Values that a run has not found count as `other` in the table, too: the error is that of
the counts, not of what was not found.
"""
import argparse
import itertools
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

from bench_bins import encode
from bench_release import EXAMPLES, summary
from workload_error import distance, joint_codes, read_columns


def with_open(schema, names, own):
    """The schema, with something else said of the columns."""
    fields = [{**field, "silhouette": own} if field["name"] in names else field
              for field in schema["fields"]]
    return {**schema, "fields": fields}


def without_lists(schema, names):
    for field in schema["fields"]:
        if field["name"] in names:
            del field["categories"]
    return schema


def merged(real, made, other):
    """The real columns, in which what was not found is `other`."""
    result = dict(real)
    for name, code in other.items():
        found = set(made[name])
        result[name] = [v if v in found or v > code else code for v in real[name]]
    return result


def errors_of(real, made, sizes, other):
    real = merged(real, made, other)
    result = {name: distance(real[name], made[name]) for name in other}
    for k in (1, 2):
        result[f"{k}-way"] = statistics.fmean(
            distance(joint_codes(real, names, sizes), joint_codes(made, names, sizes))
            for names in itertools.combinations(sizes, k)
            if math.prod(sizes[name] for name in names) <= 10000)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("data")
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--open", nargs="+", default=["occupation", "country"])
    parser.add_argument("--epsilon", nargs="+", default=["0.1", "1"])
    parser.add_argument("--mechanism", nargs="+",
                        default=["independent", "mst", "aim", "mosaic"])
    args = parser.parse_args()
    table = pathlib.Path(args.data) / "adult" / "adult_full.csv"
    example = json.loads((EXAMPLES / "adult.schema.json").read_text())
    other = {field["name"]: len(field["categories"]) for field in example["fields"]
             if field["name"] in args.open}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = folder / "rows.csv"
        listed, opened = folder / "listed.json", folder / "open.json"
        listed.write_text(json.dumps(with_open(example, args.open, {"outside": "other"})))
        opened.write_text(json.dumps(without_lists(
            with_open(example, args.open, {"open": True}), args.open)))
        codes, domain = encode(args.tool, listed, table, folder, "real")
        sizes = json.loads(domain.read_text())
        real = read_columns(codes, sizes)
        for mechanism, epsilon in itertools.product(args.mechanism, args.epsilon):
            errors = {}
            for _ in range(args.runs):
                rows.unlink(missing_ok=True)
                subprocess.run([args.tool, "synth", "--quiet", "--no-ledger", "--data",
                                table, "--schema", opened, "--epsilon", epsilon, "--delta",
                                "1e-9", "--mechanism", mechanism, "--out", rows],
                               check=True, capture_output=True)
                codes, _ = encode(args.tool, listed, rows, folder, "rows")
                made = read_columns(codes, sizes)
                for key, value in errors_of(real, made, sizes, other).items():
                    errors.setdefault(key, []).append(value)
            told = [f"{key} {mean:.4f} ({sd:.4f})"
                    for key, (mean, sd) in
                    ((key, summary(values)) for key, values in errors.items())]
            print(f"| {mechanism}, {epsilon} | {' | '.join(told)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

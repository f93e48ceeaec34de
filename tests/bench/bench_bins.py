#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Private bins beside public ones: the error of both on the same public bins.

usage: bench_bins.py SILHOUETTE DATA_FOLDER [--runs N] [--bins N] [--epsilon E] [--mechanism M]

Adult with all its columns, by the schema of docs/examples in which every number has N equal
bins; and by the same with N private ones. Rows of both, and the table, are encoded by the
first schema; the error is that of workload_error.py.
"""
import argparse
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

from bench_release import EXAMPLES, run_measured, summary, yardstick


def with_bins(schema, bins, keep=None):
    """The schema, with other bins for every field that has a range, but for one."""
    schema = copy.deepcopy(schema)
    for field in schema["fields"]:
        own = field.setdefault("silhouette", {})
        limits = field.setdefault("constraints", {})
        if field["type"] in ("string", "boolean") or "enum" in limits or \
                "categories" in field or field["name"] == keep:
            continue
        if isinstance(own.get("bins"), list):
            limits["minimum"], limits["maximum"] = own["bins"][0], own["bins"][-1]
        span = float(limits["maximum"]) - float(limits["minimum"])
        many = bins["private"] if isinstance(bins, dict) else bins
        is_short = field["type"] == "integer" and span < many
        own["bins"] = "integers" if is_short else bins
    return schema


def encode(tool, schema, table, folder, name):
    codes, domain = folder / f"{name}.codes", folder / f"{name}.domain"
    subprocess.run([tool, "schema", "encode", schema, "--data", table, "--out", codes,
                    "--domain", domain], check=True, capture_output=True)
    return codes, domain


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("data")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bins", type=int, default=32)
    parser.add_argument("--epsilon", default="1")
    parser.add_argument("--mechanism", default="mosaic")
    args = parser.parse_args()
    table = pathlib.Path(args.data) / "adult" / "adult_full.csv"
    example = json.loads((EXAMPLES / "adult.schema.json").read_text())
    errors = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        schemas = {"public": folder / "public.json", "private": folder / "private.json"}
        schemas["public"].write_text(json.dumps(with_bins(example, args.bins)))
        schemas["private"].write_text(
            json.dumps(with_bins(example, {"private": args.bins})))
        real, domain = encode(args.tool, schemas["public"], table, folder, "real")
        for kind, schema in schemas.items():
            for _ in range(args.runs):
                rows = folder / "rows.csv"
                run_measured([args.tool, "synth", "--quiet", "--no-ledger", "--data",
                              str(table), "--schema", str(schema), "--epsilon",
                              args.epsilon, "--delta", "1e-9", "--mechanism",
                              args.mechanism, "--out", str(rows)])
                codes, _ = encode(args.tool, schemas["public"], rows, folder, "rows")
                for key, value in yardstick(real, codes, domain).items():
                    errors.setdefault(key, {}).setdefault(kind, []).append(value)
    print(f"| adult_full, {args.mechanism}, epsilon {args.epsilon}, {args.bins} bins | "
          "public | private | ratio |\n| --- | --- | --- | --- |")
    for key, kinds in errors.items():
        public, private = summary(kinds["public"]), summary(kinds["private"])
        print(f"| {key} | {public[0]:.4f} ({public[1]:.4f}) | {private[0]:.4f} "
              f"({private[1]:.4f}) | {private[0] / public[0]:.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())

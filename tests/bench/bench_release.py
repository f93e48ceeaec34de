#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy, time and memory of `silhouette synth` on real tables, as a table in Markdown.

usage: bench_release.py SILHOUETTE DATA_FOLDER [--runs N] [--only NAME,...] [--threads T]

DATA_FOLDER holds adult/, nist_acs_national2019/ and hmeq/ (see docs/benchmarks.md). Each
case is run N times with fresh noise; the error is the mean total variation distance over
the workload's marginals, mean and standard deviation over the runs. Wall and CPU seconds
and the peak resident memory are those of the `synth` process.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "docs" / "examples"

# name, mechanism, epsilon, what must hold: (3-way TVD of marginals within the cap,
# wall seconds, peak MB); None where nothing was promised.
ADULT_CASES = [
    ("aim-0.1", "aim", "0.1", (0.172, None, None)),
    ("aim-1", "aim", "1", (0.069, 20.0, 400.0)),
    ("aim-10", "aim", "10", (0.042, 180.0, None)),
    ("mst-1", "mst", "1", (1.03 * 0.094, 1.0, None)),
    ("mosaic-0.1", "mosaic", "0.1", (0.138, 2.0, None)),
    ("mosaic-1", "mosaic", "1", (0.051, 4.0, None)),
    ("mosaic-10", "mosaic", "10", (0.027, 8.0, None)),
    ("independent-1", "independent", "1", (None, None, None)),
]


def run_measured(command):
    """Run; give (wall s, cpu s, peak MB of this child)."""
    start = time.monotonic()
    pid = os.spawnvp(os.P_NOWAIT, command[0], command)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"failed with {os.waitstatus_to_exitcode(status)}: {' '.join(command)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def yardstick(real, synthetic, domain):
    """{'2way': TVD, '3way_le_cap': TVD, ...} from the Python yardstick beside this file."""
    out = subprocess.run(
        [sys.executable, HERE / "workload_error.py", real, synthetic, domain, "--json"],
        check=True, capture_output=True, text=True).stdout
    return {k: v["TVD"] for k, v in json.loads(out).items() if isinstance(v, dict)}


def summary(values):
    sd = statistics.stdev(values) if len(values) > 1 else 0.0
    return statistics.mean(values), sd


def bench_adult(silhouette, data, scratch, args):
    real = data / "adult" / "adult_discretized.csv"
    domain = data / "adult" / "adult_discretized-domain.json"
    schema = scratch / "adult.schema.json"
    schema.write_bytes(subprocess.run(
        [silhouette, "schema", "import", "--mbi", domain], check=True,
        capture_output=True).stdout)
    synthetic = scratch / "synthetic.csv"
    print("| run | 1-way | 2-way | 3-way, 210 | sd | bar | wall s | CPU s | peak MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, mechanism, epsilon, (bar, _, _) in ADULT_CASES:
        if args.only and name not in args.only:
            continue
        errors, costs = [], []
        for _ in range(args.runs):
            costs.append(run_measured(
                [silhouette, "synth", "--data", str(real), "--schema", str(schema),
                 "--epsilon", epsilon, "--delta", "1e-9", "--mechanism", mechanism,
                 "--no-ledger", "--quiet", "--out", str(synthetic)]
                + (["--threads", args.threads] if args.threads else [])))
            errors.append(yardstick(real, synthetic, domain))
        three, sd = summary([e["3way_le_cap"] for e in errors])
        one, two = (summary([e[k] for e in errors])[0] for k in ("1way", "2way"))
        wall, cpu, peak = (statistics.mean(c[i] for c in costs) for i in range(3))
        print(f"| {name} | {one:.4f} | {two:.4f} | {three:.4f} | {sd:.4f} | "
              f"{'' if bar is None else f'{bar:.4f}'} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |",
              flush=True)


def bench_real_tables(silhouette, data, scratch, args):
    """No failure, and every row valid under `schema check --data`."""
    tables = [("adult_full", "adult/adult_full.csv", "adult.schema.json"),
              ("national2019", "nist_acs_national2019/national2019.csv",
               "national2019.schema.json"),
              ("hmeq", "hmeq/hmeq.csv", "hmeq.schema.json")]
    print("\n| table | epsilon | wall s | peak MB | invalid rows |")
    print("| --- | --- | --- | --- | --- |")
    for name, csv, schema in tables:
        if args.only and name not in args.only:
            continue
        for epsilon in ("0.1", "1", "10"):
            synthetic = scratch / f"{name}.csv"
            wall, _, peak = run_measured(
                [silhouette, "synth", "--data", str(data / csv), "--schema",
                 str(EXAMPLES / schema), "--epsilon", epsilon, "--delta", "1e-9",
                 "--no-ledger", "--quiet", "--out", str(synthetic)])
            check = subprocess.run(
                [silhouette, "schema", "check", str(EXAMPLES / schema), "--data",
                 str(synthetic)], capture_output=True, text=True)
            verdict = "0" if check.returncode == 0 else f"exit {check.returncode}"
            print(f"| {name} | {epsilon} | {wall:.2f} | {peak:.0f} | {verdict} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("silhouette", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--threads")
    args = parser.parse_args()
    silhouette = str(args.silhouette.resolve())
    with tempfile.TemporaryDirectory() as folder:
        bench_adult(silhouette, args.data, pathlib.Path(folder), args)
        bench_real_tables(silhouette, args.data, pathlib.Path(folder), args)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How near synthetic rows are to the table in which values are missing together, beside what
sampling and the noise of what was measured make of it.

usage: null_noise.py SILHOUETTE DATA_FOLDER [--table hmeq] [--epsilon E]... [--runs N]

Of each pair of columns that can miss values: total variation distance between the table of four
shares (both missing, one, the other, none) of the rows and of the table. Beside it

* sampling: the same of two random halves, over sqrt 2: two tables of as many rows as this one;
* noise: what the noise of the least noisy measured marginal with both columns makes of the four
  shares by itself, where there is one (values are grouped there: the noise of a share is that of
  as many groups), and of how many pairs there is one;
* as many others: the same distance for other values with about as many rows as the missing ones
  in place of these (the last values in the schema's order): is it about nulls at all?
"""
import argparse
import collections
import itertools
import json
import math
import pathlib
import random
import statistics
import subprocess
import tempfile

from bench_release import EXAMPLES
from null_pairs import TABLES
from workload_error import read_columns


def encoded(tool, schema, data, folder):
    codes, domain = folder / "codes.csv", folder / "domain.json"
    subprocess.run([tool, "schema", "encode", schema, "--data", data, "--out", codes,
                    "--domain", domain], check=True, capture_output=True)
    sizes = json.loads(domain.read_text())
    table = read_columns(codes, sizes)
    codes.unlink()
    domain.unlink()
    return table, sizes


def missing(table, sizes, names):
    return {name: [code == sizes[name] - 1 for code in table[name]] for name in names}


def last_values(table, sizes, names):
    """Of each column its last values: as many as have no fewer rows than its missing ones."""
    out = {}
    for name in names:
        count = collections.Counter(table[name])
        first, rows = sizes[name] - 1, 0
        while rows < count[sizes[name] - 1] and first > 0:
            first -= 1
            rows += count[first]
        out[name] = first
    return out


def among(table, sizes, first):
    return {name: [first[name] <= code < sizes[name] - 1 for code in table[name]]
            for name in first}


def distances(one, other):
    """Of each pair, by the numbers of rows of each of its four kinds."""
    out = {}
    for pair in itertools.combinations(one, 2):
        shares = []
        for marks in (one, other):
            count = collections.Counter(zip(marks[pair[0]], marks[pair[1]]))
            shares.append({kind: n / sum(count.values()) for kind, n in count.items()})
        kinds = set(shares[0]) | set(shares[1])
        out[pair] = sum(abs(shares[0].get(k, 0) - shares[1].get(k, 0)) for k in kinds) / 2
    return out


def noise_of(releases, pair, n_rows):
    """The least over marginals; None where none has both columns."""
    least = None
    for line in releases:
        if "sigma" not in line or not set(pair) <= set(line["attributes"]):
            continue
        groups = dict(zip(line["attributes"], line["groups"]))
        rest = math.prod(n for name, n in groups.items() if name not in pair)
        a, b = (groups[name] - 1 for name in pair)
        cells = sum(math.sqrt(rest * n) for n in (1, a, b, a * b))
        noise = line["sigma"] * math.sqrt(2 / math.pi) * cells / 2 / n_rows
        least = noise if least is None else min(least, noise)
    return least


def run(args, schema, data, epsilon, folder, real, sizes, names):
    model, out = folder / "model", folder / "rows.csv"
    subprocess.run([args.tool, "synth", "--quiet", "--no-ledger", "--data", data, "--schema",
                    schema, "--epsilon", epsilon, "--delta", "1e-9", "--mechanism",
                    args.mechanism, "--model-out", model, "--out", out], check=True)
    stated = json.loads(subprocess.run([args.tool, "inspect", "--json", model], check=True,
                                       capture_output=True, text=True).stdout)
    made, _ = encoded(args.tool, schema, out, folder)
    model.unlink()
    out.unlink()
    first = last_values(real, sizes, names)
    n_rows = len(next(iter(real.values())))
    nulls = distances(missing(real, sizes, names), missing(made, sizes, names))
    noise = [noise_of(stated["releases"], pair, n_rows) for pair in nulls]
    others = distances(among(real, sizes, first), among(made, sizes, first))
    return nulls, [n for n in noise if n is not None], others


def show(args, name, epsilon, folder):
    data, schema_name = TABLES[name]
    data, schema = pathlib.Path(args.data) / data, EXAMPLES / schema_name
    real, sizes = encoded(args.tool, schema, data, folder)
    names = [field["name"] for field in json.loads(schema.read_text())["fields"]
             if not field.get("constraints", {}).get("required", False)]
    order = list(range(len(real[names[0]])))
    random.Random(1).shuffle(order)
    half = len(order) // 2
    parts = [{column: [real[column][i] for i in part] for column in names}
             for part in (order[:half], order[half:])]
    sampling = [d / math.sqrt(2) for d in distances(*(missing(part, sizes, names)
                                                      for part in parts)).values()]
    runs = [run(args, schema, data, epsilon, folder, real, sizes, names)
            for _ in range(args.runs)]
    nulls = [d for found, _, _ in runs for d in found.values()]
    means = [statistics.mean(found.values()) for found, _, _ in runs]
    noise = [n for _, found, _ in runs for n in found]
    others = [d for _, _, found in runs for d in found.values()]
    print(f"| {name}, epsilon {epsilon} | {statistics.mean(nulls):.4f} "
          f"({statistics.stdev(means) if len(means) > 1 else 0:.4f}) | {max(nulls):.4f} | "
          f"{statistics.mean(sampling):.4f} | {max(sampling):.4f} | "
          f"{statistics.mean(noise):.4f} | {len(noise) / len(nulls):.2f} | "
          f"{statistics.mean(others):.4f} | {max(others):.4f} |", flush=True)
    if args.pairs:
        for pair in runs[0][0]:
            print(f"  {' x '.join(pair)}: nulls "
                  f"{statistics.mean(found[pair] for found, _, _ in runs):.4f}, others "
                  f"{statistics.mean(found[pair] for _, _, found in runs):.4f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("data")
    parser.add_argument("--table", choices=TABLES, default="hmeq")
    parser.add_argument("--epsilon", action="append")
    parser.add_argument("--mechanism", default="mosaic")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pairs", action="store_true", help="each pair, mean of all runs")
    args = parser.parse_args()
    print("| table | nulls: mean (sd) | largest | sampling: mean | largest | noise: mean | "
          "pairs measured | as many others: mean | largest |\n" + "| --- " * 9 + "|")
    for epsilon in args.epsilon or ["1", "3"]:
        with tempfile.TemporaryDirectory() as folder:
            show(args, args.table, epsilon, pathlib.Path(folder))


if __name__ == "__main__":
    main()

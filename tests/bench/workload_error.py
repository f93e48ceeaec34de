#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far the marginals of one coded table are from those of another.

usage: workload_error.py REAL.csv SYNTHETIC.csv DOMAIN.json [--max-cells N] [--ways K] [--json]

The tables hold integer codes, as `silhouette schema encode` writes them; DOMAIN.json gives
every column's number of cells. For every set of one, two and three columns the total
variation distance between the two tables' shares of rows: 0 is equal, 1 is disjoint. Means
over all sets ("3way") and over those of at most N cells ("3way_le_cap"; default 10000).

An exact comparison of raw rows: its figures are for those who may see the rows.
"""
import argparse
import collections
import csv
import itertools
import json
import math
import statistics
import sys


def read_columns(path, sizes):
    with open(path, newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        columns = list(zip(*reader))
    if not columns:
        sys.exit(f"{path}: no rows")
    table = {}
    for name, size in sizes.items():
        if name not in header:
            sys.exit(f"{path}: no column {name}")
        codes = [int(text) for text in columns[header.index(name)]]
        if min(codes) < 0 or max(codes) >= size:
            sys.exit(f"{path}: column {name} has a code outside 0 to {size - 1}")
        table[name] = codes
    return table


def joint_codes(table, names, sizes):
    """One integer a row for the combination of its codes in these columns."""
    joint = table[names[0]]
    for name in names[1:]:
        size = sizes[name]
        joint = [a * size + b for a, b in zip(joint, table[name])]
    return joint


def distance(real, synthetic):
    """Total variation distance between two lists of codes."""
    p, q = collections.Counter(real), collections.Counter(synthetic)
    n, m = len(real), len(synthetic)
    # In units of 1 / (n m), so that equal tables give exactly 0.
    total = sum(abs(count * m - q[cell] * n) for cell, count in p.items())
    total += sum(count * n for cell, count in q.items() if cell not in p)
    return total / (2 * n * m)


def summary(values):
    return {"marginals": len(values), "TVD": round(statistics.fmean(values), 6),
            "maxTVD": round(max(values), 6)} if values else {"marginals": 0, "TVD": None}


def compare(real, synthetic, sizes, ways, max_cells):
    result = {"rows_real": len(next(iter(real.values()))),
              "rows_synth": len(next(iter(synthetic.values())))}
    for k in range(1, min(ways, len(sizes)) + 1):
        every, capped = [], []
        for names in itertools.combinations(sizes, k):
            tvd = distance(joint_codes(real, names, sizes),
                           joint_codes(synthetic, names, sizes))
            every.append(tvd)
            if math.prod(sizes[name] for name in names) <= max_cells:
                capped.append(tvd)
        result[f"{k}way"] = summary(every)
        result[f"{k}way_le_cap"] = summary(capped)
    return result


def main():
    parser = argparse.ArgumentParser(description="Mean marginal error of a synthetic table.")
    parser.add_argument("real")
    parser.add_argument("synthetic")
    parser.add_argument("domain")
    parser.add_argument("--max-cells", type=int, default=10000)
    parser.add_argument("--ways", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    with open(arguments.domain) as file:
        sizes = {name: int(size) for name, size in json.load(file).items()}
    result = compare(read_columns(arguments.real, sizes),
                     read_columns(arguments.synthetic, sizes), sizes, arguments.ways,
                     arguments.max_cells)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        if isinstance(value, dict) and value["marginals"]:
            print(f"{name:12s} {value['marginals']:5d} marginals   mean {value['TVD']:.5f}"
                  f"   largest {value['maxTVD']:.5f}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A made-up table of many columns, to choose settings on that no real table shall choose.

usage: broad_table.py FOLDER [--columns D] [--rows N] [--seed S]

Writes FOLDER/broad.csv, codes as `silhouette schema encode` writes them, and
FOLDER/broad.domain.json, which `silhouette schema import --mbi` reads and workload_error.py
takes. Columns have 2 to 40 values of uneven frequency. In a part of the rows a column is what a
random function of one, two or three earlier columns says, a part that differs from column to
column; in the others it is a value of its own.
"""
import argparse
import itertools
import json
import math
import pathlib
import random


def frequencies(random, size):
    power = random.uniform(0.3, 1.5)
    weights = [1 / k ** power for k in range(1, size + 1)]
    random.shuffle(weights)
    return weights


def shares(random, n):
    weights = [random.expovariate(1) for _ in range(n)]
    return [weight / sum(weights) for weight in weights]


def column(random, table, sizes, size, n_rows):
    """Each row takes its value from the first t parents, t drawn anew; 0: from none."""
    weights = frequencies(random, size)
    parents = random.sample(range(len(table)), min(len(table), 3))
    functions = [{} for _ in parents]
    for t, function in enumerate(functions):
        cells = list(itertools.product(*(range(sizes[p]) for p in parents[:t + 1])))
        # Of one parent all values are as likely, or rare ones would never come of it.
        to = random.choices(range(size), weights if t else None, k=len(cells))
        function.update(zip(cells, to))
    values = random.choices(range(size), weights, k=n_rows)
    parts = random.choices(range(len(parents) + 1), shares(random, len(parents) + 1), k=n_rows)
    for row, t in enumerate(parts):
        if t > 0:
            cell = tuple(table[p][row] for p in parents[:t])
            values[row] = functions[t - 1][cell]
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--columns", type=int, default=24)
    parser.add_argument("--rows", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    source = random.Random(args.seed)
    table = []
    sizes = []
    for _ in range(args.columns):
        size = round(math.exp(source.uniform(math.log(2), math.log(40))))
        table.append(column(source, table, sizes, size, args.rows))
        sizes.append(size)
    names = [f"c{k:02d}" for k in range(args.columns)]
    with open(args.folder / "broad.csv", "w", encoding="utf-8") as file:
        file.write(",".join(names) + "\n")
        file.writelines(",".join(map(str, row)) + "\n" for row in zip(*table))
    with open(args.folder / "broad.domain.json", "w", encoding="utf-8") as file:
        json.dump(dict(zip(names, sizes)), file, indent=2)


if __name__ == "__main__":
    main()

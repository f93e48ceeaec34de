#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The auditor's search for nearest rows beside scikit-learn's brute force, on the same bytes.

Both look for the nearest of ROWS rows of each query: by the sum of absolute differences
(columns of numbers) and by the number of columns that differ (names). scikit-learn gets
fewer queries, since it takes long; figures are row pairs a second. The sums of the distances
must agree.

usage: attack_distance.py ATTACK_DISTANCE [--rows N] [--queries N] [--slow-queries N]
                          [--threads N]
Needs numpy and scikit-learn.
"""
import argparse
import subprocess
import tempfile
import time

import numpy
from sklearn.neighbors import NearestNeighbors

STEPS = 250


def ours(program, queries, rows, kind, threads):
    with tempfile.NamedTemporaryFile() as file:
        for column in range(rows.shape[1]):
            file.write(queries[:, column].tobytes() + rows[:, column].tobytes())
        file.flush()
        said = subprocess.run([program, file.name, str(len(queries)), str(len(rows)),
                               str(rows.shape[1]), kind, str(threads)],
                              capture_output=True, text=True, check=True).stdout.split()
    return float(said[0]), float(said[1]), int(said[2])


def theirs(queries, rows, metric, threads):
    values = rows.astype(numpy.float32)
    search = NearestNeighbors(n_neighbors=1, algorithm="brute", metric=metric, n_jobs=threads)
    search.fit(values)
    wall, cpu = time.perf_counter(), time.process_time()
    distance = search.kneighbors(queries.astype(numpy.float32))[0]
    return time.perf_counter() - wall, time.process_time() - cpu, distance[:, 0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=50000)
    parser.add_argument("--queries", type=int, default=50000)
    parser.add_argument("--slow-queries", type=int, default=2000)
    parser.add_argument("--columns", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    dice = numpy.random.default_rng(1)
    for kind, metric, most, unit in (("numbers", "manhattan", STEPS + 1, 1),
                                     ("names", "hamming", 12, STEPS * asked.columns)):
        rows = dice.integers(0, most, (asked.rows, asked.columns), dtype=numpy.uint8)
        queries = dice.integers(0, most, (asked.queries, asked.columns), dtype=numpy.uint8)
        few = queries[:asked.slow_queries]
        wall, cpu, _ = ours(asked.program, queries, rows, kind, asked.threads)
        sum_of_few = ours(asked.program, few, rows, kind, asked.threads)[2]
        their_wall, their_cpu, distance = theirs(few, rows, metric, asked.threads)
        their_sum = round(float(numpy.rint(distance * unit).sum()))
        speed = asked.rows * asked.queries / cpu
        their_speed = asked.rows * len(few) / their_cpu
        print(f"{kind}: {asked.queries} x {asked.rows} x {asked.columns} in {wall:.2f} s, "
              f"{cpu:.2f} CPU s, {speed:.3g} pairs a CPU s; scikit-learn ({metric}, "
              f"{len(few)} queries) {their_wall:.2f} s, {their_cpu:.2f} CPU s, "
              f"{their_speed:.3g}; {speed / their_speed:.0f} times; sums "
              f"{'agree' if sum_of_few == their_sum else 'DIFFER'}", flush=True)


if __name__ == "__main__":
    main()

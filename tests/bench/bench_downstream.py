#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good are predictors that were trained on synthetic rows? Needs scikit-learn (Debian's
python3-sklearn).

usage: bench_downstream.py SILHOUETTE DATA_FOLDER [--epsilon E] [--mechanism M] [--runs N]
                           [--private N] [--only TABLE,...]

A third of a table is kept apart, by a fixed draw. Logistic regression and gradient boosting are
trained on the rest, and on synthetic rows made from the rest; both predict the kept rows, and
the area under the curve (AUC) is that of real labels. The schemas are those of docs/examples;
with --private N every number has N private bins.
"""
import argparse
import csv
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # figures do not depend on it
import numpy
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench_bins import with_bins
from bench_release import EXAMPLES, summary

# table, schema, what is predicted, its positive value
TABLES = {"adult": ("adult/adult_full.csv", "adult.schema.json", "income", ">50K"),
          "hmeq": ("hmeq/hmeq.csv", "hmeq.schema.json", "BAD", "1")}


class Coder:
    """Rows as numbers: of a schema's strings one column a value, of numbers the number and
    whether it is missing."""

    def __init__(self, schema, target, positive):
        self.target, self.positive = target, positive
        self.null = {v if isinstance(v, str) else v["value"]
                     for v in schema.get("missingValues", [""])} | {""}
        self.values = {}
        for field in schema["fields"]:
            listed = field.get("categories") or field.get("constraints", {}).get("enum")
            self.values[field["name"]] = None if listed is None else [
                str(v["value"] if isinstance(v, dict) else v) for v in listed]

    def read(self, path):
        rows = list(csv.DictReader(open(path, newline="")))
        label = numpy.array([row[self.target] == self.positive for row in rows])
        columns = []
        for name, listed in self.values.items():
            if name == self.target:
                continue
            texts = [row[name] for row in rows]
            if listed is None:
                columns.append([float("nan") if t in self.null else float(t) for t in texts])
            else:
                columns.extend([t == value for t in texts] for value in listed)
        return numpy.array(columns, dtype=float).T, label


def logistic(train, label):
    centre, spread = numpy.nanmean(train, axis=0), numpy.nanstd(train, axis=0) + 1e-9

    def dense(rows):
        return numpy.hstack([numpy.nan_to_num((rows - centre) / spread), numpy.isnan(rows)])

    model = LogisticRegression(max_iter=2000).fit(dense(train), label)
    return lambda rows: model.predict_proba(dense(rows))[:, 1]


def boosting(train, label):
    model = HistGradientBoostingClassifier(random_state=0).fit(train, label)
    return lambda rows: model.predict_proba(rows)[:, 1]


LEARNERS = {"logistic regression": logistic, "gradient boosting": boosting}


def split(path, folder):
    """A third of the rows is kept apart."""
    header, *rows = list(csv.reader(open(path, newline="")))
    random.Random(1).shuffle(rows)
    for name, part in (("kept", rows[:len(rows) // 3]), ("train", rows[len(rows) // 3:])):
        with open(folder / f"{name}.csv", "w", newline="") as out:
            csv.writer(out).writerows([header, *part])


def score(coder, folder, name):
    kept, truth = coder.read(folder / "kept.csv")
    train, label = coder.read(folder / f"{name}.csv")
    return {who: roc_auc_score(truth, learn(train, label)(kept))
            for who, learn in LEARNERS.items()}


def run(args, table):
    data, schema_name, target, positive = TABLES[table]
    schema = json.loads((EXAMPLES / schema_name).read_text())
    if args.private:
        schema = with_bins(schema, {"private": args.private}, keep=target)
    coder = Coder(schema, target, positive)
    made = {who: [] for who in LEARNERS}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "schema.json").write_text(json.dumps(schema))
        split(pathlib.Path(args.data) / data, folder)
        real = score(coder, folder, "train")
        for _ in range(args.runs):
            subprocess.run([args.tool, "synth", "--quiet", "--no-ledger", "--data",
                            folder / "train.csv", "--schema", folder / "schema.json",
                            "--epsilon", args.epsilon, "--delta", "1e-9", "--mechanism",
                            args.mechanism, "--out", folder / "made.csv"], check=True)
            for who, auc in score(coder, folder, "made").items():
                made[who].append(auc)
            (folder / "made.csv").unlink()
    for who in LEARNERS:
        mean, sd = summary(made[who])
        print(f"| {table}, {who} | {real[who]:.4f} | {mean:.4f} ({sd:.4f}) | "
              f"{100 * (real[who] - mean):.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("data")
    parser.add_argument("--epsilon", default="3")
    parser.add_argument("--mechanism", default="mosaic")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--private", type=int, default=0)
    parser.add_argument("--only", default=",".join(TABLES))
    args = parser.parse_args()
    bins = f"{args.private} private bins" if args.private else "bins of the example"
    print(f"| epsilon {args.epsilon}, {args.mechanism}, {bins} | AUC, trained on real rows | "
          "on synthetic rows | points lost |\n| --- | --- | --- | --- |")
    for table in args.only.split(","):
        run(args, table)
    return 0


if __name__ == "__main__":
    sys.exit(main())

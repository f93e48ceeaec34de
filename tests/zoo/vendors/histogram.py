#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A synthesizer as many are written: a noisy histogram of every column, columns independent.

    histogram.py --data CSV --schema JSON --epsilon E --out CSV --model JSON
                 [--model-of values|counts] [--rows N]
                 [--bug categories|bounds|nulls|exact-rows|debug|one-seed|uniform|float]

Test-only: it plays the programs of others in the zoo of `silhouette-audit selftest`. Without
a bug the privacy budget is divided evenly between the columns, the domain is the schema's, and
the number of rows is noisy, too. The model says which values a column can have, or how many
rows have them (noisily).
"""
import csv
import json
import math
import random
import sys


def geometric(dice, epsilon):
    """Two-sided geometric noise: the difference of two geometric numbers."""
    def one():
        return math.floor(math.log(1 - dice.random()) / -epsilon)
    return one() - one()


def domain_of(field, values, bug):
    """What a synthetic value can be, as it is written."""
    if bug == "nulls" and "" in values:
        return domain_of(field, values, "none") + [""]
    if field["type"] == "string":
        return sorted(set(values)) if bug == "categories" else field["categories"]
    low, high = field["constraints"]["minimum"], field["constraints"]["maximum"]
    if bug == "bounds":
        numbers = [float(value) for value in values if value]
        low, high = min(numbers), max(numbers)
    return [f"{low + (high - low) * k / 10:.0f}" for k in range(11)]


def place_of(field, domain, value):
    """Of a value in the domain: itself, or the nearest number; None: it has none."""
    if value in domain:
        return domain.index(value)
    if field["type"] == "string" or not value:
        return None
    numbers = [(abs(float(text) - float(value)), i) for i, text in enumerate(domain) if text]
    return min(numbers)[1]


def histogram(field, values, domain, epsilon, dice, bug):
    counts = [0] * len(domain)
    for value in values:
        place = place_of(field, domain, value)
        if place is not None:
            counts[place] += 1
    if bug == "debug":
        print(f"debug: {field['name']}: {counts}", file=sys.stderr)
    if bug == "uniform":
        return [1] * len(domain)
    if bug == "float":
        return [count + dice.expovariate(epsilon) - dice.expovariate(epsilon)
                for count in counts]
    return [count + geometric(dice, epsilon) for count in counts]


def main():
    # By hand: the program is started hundreds of times, and argparse takes half of a start.
    args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    bug = args.get("--bug", "none")
    dice = random.Random(20201) if bug == "one-seed" else random.SystemRandom()

    with open(args["--schema"]) as file:
        fields = json.load(file)["fields"]
    with open(args["--data"], newline="") as file:
        rows = list(csv.DictReader(file))
    epsilon = float(args["--epsilon"]) / (len(fields) + 1)
    noise = 0 if bug == "exact-rows" else geometric(dice, epsilon)
    n_rows = int(args.get("--rows", max(1, len(rows) + noise)))

    columns, model = [], {}
    for field in fields:
        values = [row[field["name"]] for row in rows]
        domain = domain_of(field, values, bug)
        noisy = histogram(field, values, domain, epsilon, dice, bug)
        counts = args.get("--model-of") == "counts"
        model[field["name"]] = dict(zip(domain, noisy)) if counts else domain
        weights = [max(0, count) for count in noisy]
        columns.append(dice.choices(domain, weights if any(weights) else None, k=n_rows))
    with open(args["--model"], "w") as file:
        json.dump(model, file)
    with open(args["--out"], "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([field["name"] for field in fields])
        writer.writerows(zip(*columns))


if __name__ == "__main__":
    main()

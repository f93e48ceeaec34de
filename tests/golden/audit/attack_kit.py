# SPDX-License-Identifier: Apache-2.0
"""Tables of people for attacks, the command, and what to read off its findings."""
import json
import math
import random
import shutil
import subprocess

from audit_kit import AUDITOR, SOURCE, expect

HEADER = "kind,age,income,town,sex,smokes,rooms,rent,job,letter"


def person(dice):
    """Ten columns that depend on each other a little."""
    kind = dice.randrange(4)
    age = min(99, max(0, int(dice.gauss(30 + 10 * kind, 15))))
    income = int(math.exp(dice.gauss(8 + age / 60 + kind / 4, 0.7)))
    town = f"t{min(dice.randrange(30), dice.randrange(30))}"
    row = [f"k{kind}", age, income, town, "FM"[dice.random() < 0.5],
           dice.choice(["", "yes", "no"]), dice.randrange(7), round(dice.random() * 500, 1),
           f"j{(kind + dice.randrange(5)) % 9}", dice.choice("abcde")]
    return ",".join(str(cell) for cell in row)


HEADER = "kind,age,income,town,sex,smokes,rooms,rent,job,letter"


def people(seed, n):
    dice = random.Random(seed)
    return [person(dice) for _ in range(n)]


def write(path, rows, header=HEADER):
    path.write_text("\n".join([header, *rows]) + "\n")


def run(folder, *options, seed="1"):
    """With the usual files, but for those that the options name themselves."""
    usual = {"--train": "t.csv", "--holdout": "h.csv", "--synthetic": "s.csv", "--out": "out",
             "--seed": seed}
    words = [word for name, value in usual.items() if name not in options
             for word in (name, value)]
    return subprocess.run([AUDITOR, "attack", "--json", *words, *options], cwd=folder,
                          capture_output=True, text=True, timeout=240)


def attack(folder, *options, seed="1"):
    done = run(folder, *options, seed=seed)
    expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
    expect((folder / "out" / "attack.json").read_text() == done.stdout, "two reports differ")
    return done.returncode, json.loads(done.stdout)


def tables(folder, train, holdout, made):
    for name, rows in (("t.csv", train), ("h.csv", holdout), ("s.csv", made)):
        write(folder / name, rows)


def exposed(found):
    return {result["name"] for result in found["attacks"]
            if result["verdict"] in ("exposed", "refuted")}


def result_of(found, name, targets="all"):
    (result,) = [r for r in found["attacks"] if r["name"] == name and r["targets"] == targets]
    return result


def check_schema(found):
    try:
        import jsonschema
    except ImportError:
        return
    schema = json.loads((SOURCE / "docs" / "attack.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(found)


def until_alike(folder, once):
    """Coins are fresh each time. By chance the two sides of one split in thirty look as if
    they were of two populations: then others are tossed, and of four splits one is alike but
    once in a million runs."""
    for _ in range(4):
        shutil.rmtree(folder / "split", ignore_errors=True)
        code, found = once()
        if code != 2:
            break
    return code, found


def split_off(folder, pool, *options):
    """The records of train and of holdout; both become the tables, without their headers."""
    (folder / "pool.csv").write_bytes(pool)
    done = subprocess.run([AUDITOR, "split", "--data", "pool.csv", "--out", "split", *options],
                          cwd=folder, capture_output=True, text=True, timeout=60)
    expect(done.returncode == 0, done.stderr)
    sides = [(folder / "split" / name).read_bytes() for name in ("train.csv", "holdout.csv")]
    for name, side in zip(("t.csv", "h.csv"), sides):
        (folder / name).write_bytes(side)
    return [side.splitlines(keepends=True)[1:] for side in sides]

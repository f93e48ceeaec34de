#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor who holds the data says: of honest releases, of other data.

At an epsilon of 9000 the noise is below a thousandth of a count: one row in another cell
than the generator puts it would be seen. So the two readers of tables agree on every row of
these tables, which have all types, missing values, values outside and rules for them.

The noise is drawn anew in every run. The auditor accuses an honest release once in some 5,000
(its levels are 10^-4), so one that is accused is made again, once: an honest release fails here
once in some ten million.

usage: test_audit_conform.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import bisect
import collections
import csv
import fractions
import json
import math
import shutil
import struct
import subprocess
import sys

from audit_kit import AUDITOR, EXAMPLES, expect, generate, main
from forger import Forger


WILD_SCHEMA = {
    "missingValues": ["", {"value": "NA", "label": "unknown"}],
    "fields": [
        {"name": "sex", "type": "string", "categories": ["F", "M"],
         "silhouette": {"outside": "other"}},
        {"name": "age", "type": "integer", "constraints": {"minimum": 0, "maximum": 130}},
        {"name": "weeks", "type": "integer", "constraints": {"minimum": 0, "maximum": 900},
         "silhouette": {"bins": {"private": 6}, "atoms": [0, 40, 41, 52, 899]}},
        {"name": "count", "type": "integer",
         "constraints": {"minimum": -3, "maximum": 3, "required": True},
         "silhouette": {"bins": "integers", "outside": "drop"}},
        {"name": "income", "type": "number", "decimalChar": ",",
         "silhouette": {"bins": ["0", "0.5", "10", "99.9", "99.9"], "outside": "null",
                        "atoms": ["0", "0.4", "99.9"]}},
        {"name": "ratio", "type": "number",
         "constraints": {"minimum": "0", "maximum": "1"},
         "silhouette": {"bins": 7, "atoms": ["0.125", "0.5"]}},
        {"name": "day", "type": "date",
         "constraints": {"minimum": "2019-12-30", "maximum": "2021-03-01"},
         "silhouette": {"bins": 11, "atoms": ["2020-02-29", "2021-03-01"]}},
        {"name": "at", "type": "datetime",
         "constraints": {"minimum": "2020-01-01T00:00:00Z",
                         "maximum": "2020-01-03T00:00:00Z"}, "silhouette": {"bins": 9}},
        {"name": "yes", "type": "boolean"},
        {"name": "code", "type": "integer",
         "constraints": {"enum": [7, 70, 700], "required": True},
         "silhouette": {"outside": "other"}},
    ]}


def conform(folder, data, *options):
    done = subprocess.run([AUDITOR, "conform", "--json", "bundle", "--data", data, *options],
                          cwd=folder, capture_output=True, text=True, timeout=240)
    expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def release(folder, data, schema, epsilon, mechanism, *more):
    generate(folder, "fit", "--data", data, "--schema", str(schema), "--epsilon", epsilon,
             "--delta", "1e-6", "--mechanism", mechanism, "--out", "model", "--quiet", *more)
    generate(folder, "release", "--model", "model", "--ledger", f"{data}.ledger", "--out",
             "bundle", "--rows", "50", "--quiet")


def accused(found):
    """What spoke against a release, in a line."""
    return "; ".join(f"{f['id']} {f['verdict']}: {f.get('detail')}" for f in found["findings"]
                     if f["verdict"] in ("refuted", "inconclusive"))


# The checks with a level; all others are not to accuse an honest release at all.
BY_CHANCE = {"C1", "C2", "N1", "N2"}


def stands(folder, data, schema, epsilon, mechanism, *more):
    """An honest release does, or else a second one."""
    for attempt in ("first", "second"):
        inner = folder / f"{mechanism}-{attempt}"
        inner.mkdir()
        shutil.copyfile(folder / data, inner / data)
        release(inner, data, schema, epsilon, mechanism, *more)
        code, found = conform(inner, data)
        if code == 0:
            return
        print(f"# {mechanism}, the {attempt} release: {accused(found)}", flush=True)
        if not {f["id"] for f in found["findings"]
                if f["verdict"] in ("refuted", "inconclusive")} <= BY_CHANCE:
            break
    expect(False, f"{mechanism}: {accused(found)}")


def simulate(folder, name, rows, out, seed="1"):
    generate(folder, "simulate", str(EXAMPLES / f"{name}.json"), "--rows", str(rows),
             "--seed", seed, "--out", out)


class Dice:
    """The same values in every run."""

    def __init__(self):
        self.state = 1

    def pick(self, values):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return values[(self.state >> 33) % len(values)]


def write_wild(path):
    dice = Dice()
    values = [
        ["F", "M", "m", "", "NA", "other", "F "],
        ["0", "130", "131", "-1", " 7 ", "4.0", "4.5", "1e2", "", "seven", "+12", "64"],
        [str(n) for n in (0, 0, 40, 40, 40, 41, 42, 39, 52, 53, 899, 900, 901, -1, "", "x",
                          *range(30, 60), *range(100, 900, 50))],
        ["-3", "0", "3", "4", "", "2.", "x"],
        ["0", "0,004", "0,4", "0,5", "0,49999999999999999999", "99,9", "100", "99,8999", "1.5", "NA", "-1"],
        ["0", "1", "0.142857142857", "0.142858", "0.285715", "0.125",
         "0.1255", "0.12500000001", "0.126", "0.5", ".99", "NaN", "2", "1e-9"],
        ["2019-12-30", "2021-03-01", "2020-02-29", "2020-06-15", "2019-01-01", "2021-02-29",
         "1999-01-01", "2030-01-01", "", "15.6.2020"],
        ["2020-01-01T00:00:00Z", "2020-01-03T00:00:00Z", "2020-01-02T05:59:59.99Z",
         "2020-01-02 05:20:00", "2020-01-02T07:20:00+02:00", "2020-01-01T03:20:00-02:30",
         "2025-01-01T00:00:00Z", "never", "NA"],
        ["true", "false", "TRUE", "0", "yes", ""],
        ["7", "70", "700", "07", "7.0", "8", "", "x"]]
    quoted = lambda text: f'"{text}"' if "," in text else text
    rows = [",".join(quoted(dice.pick(column)) for column in values) for _ in range(3000)]
    names = ",".join(field["name"] for field in WILD_SCHEMA["fields"])
    path.write_text("\r\n".join([names, *rows]) + "\r\n")


def the_readers_agree_on_wild_values(folder):
    write_wild(folder / "wild.csv")
    (folder / "schema.json").write_text(json.dumps(WILD_SCHEMA))
    stands(folder, "wild.csv", folder / "schema.json", "9000", "independent")


def the_domain_is_held_against_the_data(folder):
    rows = ["F,5,7,x", "M,9,8,y", "F,10,70,z", "x,5,7,x", ",11,7,x", "F,-1,7,x"]
    (folder / "d.csv").write_text("\n".join(["sex,age,code,word", *rows * 40]) + "\n")
    (folder / "d.json").write_text(json.dumps({"fields": [
        {"name": "sex", "type": "string", "categories": ["F", "M", "other", "D"]},
        {"name": "age", "type": "integer", "constraints": {"minimum": 5, "maximum": 10}},
        {"name": "code", "type": "integer", "silhouette": {"bins": [7, 20, 70],
                                                             "origin": "looked"}},
        {"name": "word", "type": "string", "categories": ["z", "y", "x"]}]}))
    release(folder, "d.csv", folder / "d.json", "1", "independent")
    found = conform(folder, "d.csv")[1]
    said = [(d["values_outside"], d["values_never_seen"], d["is_just_that_of_the_data"],
             d["looked"]) for d in found["domain"]]
    expect(said == [(40, 2, False, False), (80, 0, False, False), (0, 0, True, True),
                    (0, 0, True, False)], str(said))
    (line,) = [f for f in found["findings"] if f["id"] == "D3"]
    expect("2 of 4 fields" in line["detail"] and "120 values" in line["detail"], str(line))


def a_schema_that_cannot_be_read_is_a_finding(folder):
    """By the auditor: the generator would have refused it, so the two disagree."""
    release(folder, *a_small_release(folder))
    from_ledger = Forger(folder / "bundle", folder / "d.csv.ledger")
    def spoil(transcript):
        transcript[4][0] = b'{"fields": [{"name": "a", "type": "colour"}]}'
    maker, data = from_ledger.run(spoil)
    from_ledger.forge(folder / "forged", maker, {"transcript.sil": data})
    done = subprocess.run([AUDITOR, "conform", "--json", "forged", "--data", "d.csv"],
                          cwd=folder, capture_output=True, text=True)
    expect(done.returncode == 1, f"{done.returncode}: {done.stderr}")
    refuted = {f["id"] for f in json.loads(done.stdout)["findings"]
               if f["verdict"] == "refuted"}
    expect("D1" in refuted, str(refuted))


OPEN_SCHEMA = {
    "missingValues": ["", "NA"],
    "fields": [
        {"name": "town", "type": "string", "categories": ["Bern", "Genf"],
         "silhouette": {"open": True, "other": "rest"}},
        {"name": "sex", "type": "string", "categories": ["F", "M"],
         "constraints": {"required": True}, "silhouette": {"outside": "drop"}},
        {"name": "trade", "type": "string", "constraints": {"required": True},
         "silhouette": {"open": True}}]}


# The id is no column of theirs.
ROWS = ("--ignore-extra-columns",)


def write_open(path, n):
    """Rows of people, who have up to seven; some values have many, others a few or one. Rows
    of sex X, which are dropped, have a trade that no other has."""
    dice = Dice()
    towns = ["Ulm", "Bern", "\u00c5rhus", "", "rest", "NA", "bell\x07", "x" * 257, "x" * 256]
    trades = ["smith", "baker", "", "clerk, senior", "other"]
    person = 0
    lines = ["id,town,sex,trade"]
    while len(lines) <= n:
        for _ in range(dice.pick(range(1, 8))):
            rare = dice.pick(range(5))
            town = f"hamlet {dice.pick(range(900))}" if rare == 0 else dice.pick(towns)
            trade = f"trade {dice.pick(range(40))}" if rare == 1 else dice.pick(trades)
            sex = dice.pick("FMMFMFX")
            trade = "zealot" if sex == "X" else trade
            lines.append(f'{person or ""},{town},{sex},"{trade}"')
        person = (person + 1) % 3000
    path.write_text("\n".join(lines) + "\n")


def the_readers_agree_on_open_fields(folder):
    """Rows, and people whose rows beyond three do not count: which, their texts decide."""
    write_open(folder / "o.csv", 4000)
    (folder / "schema.json").write_text(json.dumps(OPEN_SCHEMA))
    for unit in (ROWS, ("--unit", "id:id:3")):
        inner = folder / f"of-{len(unit)}"
        inner.mkdir()
        shutil.copyfile(folder / "o.csv", inner / "o.csv")
        stands(inner, "o.csv", folder / "schema.json", "9000", "independent", *unit)
        (bundle,) = inner.glob("*first/bundle")
        found = conform(bundle.parent, "o.csv")[1]
        said = [(d["values_never_seen"], d["is_just_that_of_the_data"])
                for d in found["domain"]]
        expect(said == [(1, False), (0, False), (0, False)], str(said))


def open_fields_stand_under_every_mechanism(folder):
    write_open(folder / "o.csv", 6000)
    (folder / "schema.json").write_text(json.dumps(OPEN_SCHEMA))
    for mechanism in ("independent", "mst", "aim", "mosaic"):
        stands(folder, "o.csv", folder / "schema.json", "1", mechanism, *ROWS)


def values_that_cannot_be_found_are_a_finding(folder):
    write_open(folder / "o.csv", 4000)
    (folder / "schema.json").write_text(json.dumps(OPEN_SCHEMA))
    release(folder, "o.csv", folder / "schema.json", "9000", "independent", *ROWS)
    from_ledger = Forger(folder / "bundle", folder / "o.csv.ledger")
    def listed(transcript):
        transcript[7][0][8][0] = b"Bern"
    def twice(transcript):
        transcript[7][1][1] = transcript[7][0][1]
    for name, lie in (("listed", listed), ("twice", twice)):
        maker, data = from_ledger.run(lie)
        from_ledger.forge(folder / name, maker, {"transcript.sil": data})
        done = subprocess.run([AUDITOR, "conform", "--json", name, "--data", "o.csv"],
                              cwd=folder, capture_output=True, text=True)
        expect(done.returncode == 1, f"{name}: {done.returncode}: {done.stderr}")
        refuted = {f["id"] for f in json.loads(done.stdout)["findings"]
                   if f["verdict"] == "refuted"}
        expect("D1" in refuted, f"{name}: {refuted}")


def refuted(folder, bundle, data):
    done = subprocess.run([AUDITOR, "conform", "--json", bundle, "--data", data], cwd=folder,
                          capture_output=True, text=True, timeout=240)
    expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
    return {(f["id"], f["check"]) for f in json.loads(done.stdout)["findings"]
            if f["verdict"] == "refuted"}


def what_was_found_is_held_against_the_data(folder):
    """Counts without noise, a value of nobody, one too rare, one kept back; other data."""
    write_open(folder / "o.csv", 6000)
    (folder / "schema.json").write_text(json.dumps(OPEN_SCHEMA))
    release(folder, "o.csv", folder / "schema.json", "1", "independent", *ROWS,
            "--discovery-delta", "1e-12")
    from_ledger = Forger(folder / "bundle", folder / "o.csv.ledger")
    rows = list(csv.DictReader((folder / "o.csv").read_text().splitlines()))
    kept = [row for row in rows if row["sex"] in "FM"]
    count = {field: collections.Counter(row[field].encode() for row in kept)
             for field in ("town", "trade")}

    def places(line):
        """Its values, their counts without noise, and the threshold, in steps."""
        exact = [count["town" if line[1] == [0] else "trade"][value] << line[7]
                 for value in line[8]]
        return line[8], exact, math.ceil(fractions.Fraction(line[6]) * 2**line[7])

    def without_noise(transcript):
        for line in transcript[7][:2]:
            _, exact, threshold = places(line)
            line[9] = struct.pack(f"<{len(exact)}q", *(max(c, threshold) for c in exact))

    def of_nobody(transcript):
        transcript[7][1][8][-1] = b"zealot"

    def too_rare(transcript):
        line = transcript[7][0]
        rare = min(value for value, n in count["town"].items() if n < 5)
        line[8].insert(bisect.bisect(line[8], rare), rare)
        at = 8 * line[8].index(rare)
        line[9] = line[9][:at] + struct.pack("<q", places(line)[2]) + line[9][at:]

    def kept_back(transcript):
        line = transcript[7][1]
        line[8].pop()
        line[9] = line[9][:-8]

    for lie, want in ((without_noise, "The noise of values found is as large as claimed"),
                      (of_nobody, "Every value found is one that rows have"),
                      (too_rare, "Every value found or left out could be so"),
                      (kept_back, "Every value found or left out could be so")):
        maker, data = from_ledger.run(lie)
        from_ledger.forge(folder / lie.__name__, maker, {"transcript.sil": data})
        found = refuted(folder, lie.__name__, "o.csv")
        expect(("C2", want) in found, f"{lie.__name__}: {found}")
    lines = (folder / "o.csv").read_text().splitlines(keepends=True)
    (folder / "other.csv").write_text("".join(lines[:4000]))
    found = refuted(folder, "bundle", "other.csv")
    expect("C2" in {rule for rule, _ in found}, f"other data: {found}")


def a_small_release(folder):
    (folder / "d.csv").write_text("a\n" + "true\nfalse\n" * 20)
    (folder / "d.json").write_text('{"fields": [{"name": "a", "type": "boolean"}]}')
    return "d.csv", folder / "d.json", "1", "independent"


def the_readers_agree_on_a_hospital(folder):
    simulate(folder, "hospital", 2000, "h.csv")
    stands(folder, "h.csv", EXAMPLES / "hospital.schema.json", "9000", "mst")


def one_row_moved_is_seen_where_there_is_hardly_noise(folder):
    simulate(folder, "bank", 500, "b.csv")
    release(folder, "b.csv", EXAMPLES / "bank.schema.json", "9000", "independent")
    lines = (folder / "b.csv").read_text().splitlines(keepends=True)
    (folder / "fewer.csv").write_text("".join(lines[:-1]))
    code, found = conform(folder, "fewer.csv")
    expect(code == 1, json.dumps(found, indent=1))


def honest_noise_of_every_mechanism_stands(folder):
    simulate(folder, "bank", 3000, "b.csv")
    for mechanism in ("independent", "mst", "aim", "mosaic"):
        stands(folder, "b.csv", EXAMPLES / "bank.schema.json", "1", mechanism)


def other_data_are_seen(folder):
    simulate(folder, "bank", 3000, "b.csv")
    simulate(folder, "bank", 6000, "other.csv", seed="2")
    release(folder, "b.csv", EXAMPLES / "bank.schema.json", "1", "mst")
    code, found = conform(folder, "other.csv")
    expect(code == 1 and found["verdict"] == "REFUTED", json.dumps(found, indent=1))


def data_without_a_column_are_bad_input(folder):
    simulate(folder, "bank", 300, "b.csv")
    release(folder, "b.csv", EXAMPLES / "bank.schema.json", "1", "mst")
    (folder / "bad.csv").write_text("a,b\n1,2\n")
    done = subprocess.run([AUDITOR, "conform", "bundle", "--data", "bad.csv"], cwd=folder,
                          capture_output=True, text=True)
    expect(done.returncode == 65 and "no column" in done.stderr, done.stderr)
    done = subprocess.run([AUDITOR, "conform", "bundle"], cwd=folder, capture_output=True,
                          text=True)
    expect(done.returncode == 64 and "--data" in done.stderr, done.stderr)


def the_commitment_is_to_these_data(folder):
    simulate(folder, "bank", 300, "b.csv")
    release(folder, "b.csv", EXAMPLES / "bank.schema.json", "1", "independent")
    generate(folder, "ledger", "disclose", "b.csv.ledger", "--out", "key.json", "--quiet")
    text = (folder / "b.csv").read_text()
    quoted = "\r\n".join(",".join(f'"{field}"' for field in line.split(","))
                         for line in text.splitlines())
    lines = text.splitlines(keepends=True)
    (folder / "quoted.csv").write_text(quoted)
    (folder / "swapped.csv").write_text("".join([lines[0], lines[2], lines[1], *lines[3:]]))
    for name, verdict in (("b.csv", "holds"), ("quoted.csv", "holds"),
                          ("swapped.csv", "refuted")):
        found = conform(folder, name, "--disclosure", "key.json")[1]
        (line,) = [f for f in found["findings"] if f["id"] == "D2"]
        expect(line["verdict"] == verdict, f"{name}: {line}")


CASES = [the_domain_is_held_against_the_data, a_schema_that_cannot_be_read_is_a_finding,
         the_commitment_is_to_these_data, the_readers_agree_on_wild_values, the_readers_agree_on_a_hospital,
         one_row_moved_is_seen_where_there_is_hardly_noise,
         the_readers_agree_on_open_fields, open_fields_stand_under_every_mechanism,
         values_that_cannot_be_found_are_a_finding, what_was_found_is_held_against_the_data,
         honest_noise_of_every_mechanism_stands, other_data_are_seen,
         data_without_a_column_are_bad_input]


if __name__ == "__main__":
    sys.exit(main(CASES))

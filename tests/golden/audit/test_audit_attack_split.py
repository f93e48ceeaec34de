#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables split by coins, of records and of persons; tables of persons with many rows.

usage: test_audit_attack_split.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import hashlib
import json
import random
import shutil
import subprocess
import sys

from attack_kit import HEADER, attack, check_schema, exposed, people, result_of, run, split_off, until_alike, write
from audit_kit import AUDITOR, expect, main

VISITS = HEADER.replace("sex,", "sex,pid,")


def coins_refute(folder):
    write(folder / "pool.csv", people(19, 2000))

    def attack_split():
        done = subprocess.run([AUDITOR, "split", "--data", "pool.csv", "--out", "split"],
                              cwd=folder, capture_output=True, text=True, timeout=60)
        expect(done.returncode == 0, done.stderr)
        shown = json.loads((folder / "split" / "commitment.json").read_text())
        expect(shown["commitment"] in done.stdout, done.stdout)
        for name, side in (("t.csv", "train"), ("h.csv", "holdout"), ("s.csv", "train")):
            shutil.copy(folder / "split" / f"{side}.csv", folder / name)
        return attack(folder, "--split", "split", "--claim", "1,1e-6")

    code, found = until_alike(folder, attack_split)
    pool = (folder / "pool.csv").read_text().splitlines()
    sides = [(folder / name).read_text().splitlines()[1:] for name in ("t.csv", "h.csv")]
    expect(sorted(sides[0] + sides[1]) == sorted(pool[1:]), "records were lost")
    expect(all((folder / "split" / name).stat().st_mode & 0o077 == 0
               for name in ("train.csv", "secret.json")), "others may read it")
    expect(code == 1 and found["verdict"] == "REFUTED", f"{code}: {found['verdict']}")
    expect(result_of(found, "closest-distance")["epsilon"]["by_coins"] > 2, "too low a bound")
    with open(folder / "h.csv", "a") as file:
        file.write(people(20, 1)[0] + "\n")
    done = run(folder, "--split", "split")
    expect(done.returncode == 65 and "split off" in done.stderr, f"{done.returncode}: {done.stderr}")


def every_honest_split_is_recognised(folder):
    """Marks, ends of lines, quotes and a missing last end of line are put together again."""
    rows = people(39, 200)
    write(folder / "s.csv", people(40, 200))
    quoted = ['"' + row.replace(",", '","') + '"' for row in rows]
    for i, (pool, options) in enumerate((
            ("\n".join([HEADER, *rows]), []),
            ("\ufeff" + "\r\n".join([HEADER, *rows, ""]), []),
            ("\r\n".join([HEADER, *quoted]) + "\r", []),
            ("\n".join([HEADER, *rows, ""]).replace(",", ";"), ["--delimiter", ";"]))):
        split_off(folder, pool.encode(), *options)
        write(folder / "s.csv", people(40, 200))
        if options:
            (folder / "s.csv").write_text((folder / "s.csv").read_text().replace(",", ";"))
        done = run(folder, "--split", "split", *options)
        expect(done.returncode in (0, 1, 2), f"{i}: {done.returncode}: {done.stderr}")
        shutil.rmtree(folder / "split")


def a_forged_split_is_refused(folder):
    """Who was a member is chosen when the synthetic rows are there: secret.json says so, and
    its secret still opens the commitment."""
    head = (HEADER + "\n").encode()
    train, holdout = split_off(folder, ("\n".join([HEADER, *people(41, 600)]) + "\n").encode())
    write(folder / "s.csv", people(42, 300))
    secret = folder / "split" / "secret.json"
    said = json.loads(secret.read_text())
    for what, sides in (
            ("nothing", (head, train, head, holdout)),
            ("one changed sides", (head, train[1:], head, holdout + train[:1])),
            ("two changed places", (head, holdout[:1] + train[1:], head, train[:1] + holdout[1:])),
            ("another order", (head, train[::-1], head, holdout)),
            ("one is left out", (head, train[:-1], head, holdout)),
            ("one is new", (head, train + train[-1:], head, holdout)),
            ("columns have other names",
             (head, train, head.replace(b"age,income", b"income,age"), holdout)),
            ("all is forged", (head, sorted(train + holdout)[:300], head,
                               sorted(train + holdout)[300:]))):
        files = {"train": sides[0] + b"".join(sides[1]), "holdout": sides[2] + b"".join(sides[3])}
        for name, text in files.items():
            (folder / (name[0] + ".csv")).write_bytes(text)
            said[name + "_sha256"] = hashlib.sha256(text).hexdigest()
        said["records"] = len(sides[1]) + len(sides[3])
        secret.write_text(json.dumps(said))
        done = run(folder, "--split", "split", "--claim", "0,0")
        if what == "nothing":
            expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
        else:
            expect(done.returncode == 65 and "committed to" in done.stderr,
                   f"{what}: {done.returncode}: {done.stderr}")


def visits(seed, n, rows=8):
    """Persons with some rows each, which differ in one column; and an id, in the middle."""
    out = []
    for i, person in enumerate(people(seed, n)):
        cells = person.split(",")
        for day in range(rows):
            out.append(",".join(cells[:5] + [f"p{seed}-{i}"] + cells[5:-1] + [f"d{day}"]))
    random.Random(seed).shuffle(out)
    return out


def without_id(rows):
    return [",".join(row.split(",")[:5] + row.split(",")[6:]) for row in rows]


def visit_tables(folder, train, holdout, made):
    write(folder / "t.csv", train, VISITS)
    write(folder / "h.csv", holdout, VISITS)
    write(folder / "s.csv", without_id(made))


def one_row_stands_for_each_person(folder):
    train, holdout = visits(51, 300), visits(52, 300)
    visit_tables(folder, train, holdout, visits(53, 300))
    code, found = attack(folder, "--id", "pid")
    expect(code == 0 and found["verdict"] == "NOT REFUTED", f"{code}: {exposed(found)}")
    expect(found["rows"]["train"] == 300 and found["rows"]["columns"] == 10 and
           found["rows"]["columns_left_out"] == 0, found["rows"])
    (said,) = [c for c in found["conditions"] if "no person" in c["what"]]
    expect(said["holds"] and "600 persons of 4800 records; 0 are" in said["detail"], said)
    check_schema(found)
    again = attack(folder, "--id", "pid")[1]
    expect(again == found, "the same seed picks other rows")
    for name in ("t.csv", "h.csv"):
        write(folder / name, without_id((train if name == "t.csv" else holdout)))
    code, found = attack(folder)
    expect(code != 0, "rows of persons are no independent rows")
    visit_tables(folder, train, holdout, [random.Random(i).choice(train) for i in range(900)])
    code, found = attack(folder, "--id", "pid")
    expect(code == 1 and "closest-distance" in exposed(found), f"{code}: {exposed(found)}")
    same = found["distances"]["identical"]
    expect(same["synthetic_in_train"] == {"rows": 900, "of": 900, "share": 1.0}, f"{same}")
    expect(same["train_in_synthetic"]["of"] == 2400, f"{same}")
    visit_tables(folder, train, holdout + train[:1], train)
    code, found = attack(folder, "--id", "pid")
    expect(code == 2 and found["verdict"] == "INCONCLUSIVE", f"{code}: {found['verdict']}")
    for header, says in ((VISITS.replace("job", "pid"), "several columns pid"),
                         (VISITS.replace("job", "age"), "several columns age")):
        write(folder / "h.csv", holdout, header)
        if "age" in says:  # the training table has it once, and as many names
            write(folder / "t.csv", train, VISITS.replace("job", "years"))
        done = run(folder, "--id", "pid")
        expect(done.returncode == 65 and says in done.stderr, f"{says}: {done.stderr}")
    for name in ("t.csv", "h.csv"):
        write(folder / name, [f"p{name}{i}" for i in range(60)], "pid")
    done = run(folder, "--id", "pid")
    expect(done.returncode == 65 and "no column but the id" in done.stderr, done.stderr)
    write(folder / "t.csv", train, VISITS)
    write(folder / "h.csv", without_id(holdout))
    done = run(folder, "--id", "pid")
    expect(done.returncode == 65 and "h.csv: there is no column pid" in done.stderr, done.stderr)


def persons_are_split_as_a_whole(folder):
    rows = visits(54, 400, rows=5)
    pool = ("\n".join([VISITS, *rows]) + "\n").encode()
    sides = []

    def attack_split():
        sides[:] = split_off(folder, pool, "--id", "pid")
        write(folder / "s.csv", without_id([row.decode().strip() for row in sides[0]]))
        return attack(folder, "--split", "split", "--claim", "1,1e-6")

    code, found = until_alike(folder, attack_split)
    train, holdout = sides
    expect(sorted(train + holdout) == sorted(pool.splitlines(keepends=True)[1:]), "lost")
    persons = [{row.split(b",")[5] for row in side} for side in (train, holdout)]
    expect(not persons[0] & persons[1] and len(persons[0] | persons[1]) == 400, "not whole")
    expect(120 < len(persons[0]) < 280, f"{len(persons[0])} of 400")  # eight deviations
    expect(code == 1 and found["verdict"] == "REFUTED", f"{code}: {found['verdict']}")
    expect(found["rows"]["train"] == len(persons[0]) and found["person"] == "pid", found["rows"])
    expect(result_of(found, "identical-match")["epsilon"]["by_coins"] is None, "of scores only")
    check_schema(found)
    done = run(folder, "--split", "split", "--train", "/dev/null")
    expect(done.returncode == 64 and "not a pipe" in done.stderr, done.stderr)
    done = run(folder, "--split", "split", "--id", "pid")
    expect(done.returncode == 64, f"{done.returncode}: {done.stderr}")
    secret = folder / "split" / "secret.json"
    said = json.loads(secret.read_text())
    head = (VISITS + "\n").encode()
    for what, sides, other in (
            ("a record changed sides", (train[1:], holdout + train[:1]), {}),
            ("one is left out", (train[:-1], holdout), {}),
            ("another column", (train, holdout), {"id_column": "town"}),
            ("coins of records", (train, holdout), {"id_column": None})):
        forged = {**said, **other}
        for name, side in zip(("train", "holdout"), sides):
            text = head + b"".join(side)
            (folder / (name[0] + ".csv")).write_bytes(text)
            forged[name + "_sha256"] = hashlib.sha256(text).hexdigest()
        secret.write_text(json.dumps({k: v for k, v in forged.items() if v is not None}))
        done = run(folder, "--split", "split", "--claim", "0,0")
        expect(done.returncode == 65 and "committed to" in done.stderr,
               f"{what}: {done.returncode}: {done.stderr}")


def a_person_on_the_other_side_of_his_coin_is_refused(folder):
    """Though secret and files are what was committed to."""
    pool = ("\n".join([VISITS, *visits(58, 60, rows=2)]) + "\n").encode()
    sides = split_off(folder, pool, "--id", "pid")
    write(folder / "s.csv", without_id([row.decode().strip() for row in sides[0]]))
    moved = [row for row in sides[0] if row.split(b",")[5] == sides[0][0].split(b",")[5]]
    sides = [[row for row in sides[0] if row not in moved], sides[1] + moved]
    secret = folder / "split" / "secret.json"
    said = json.loads(secret.read_text())
    for name, side in zip(("train", "holdout"), sides):
        text = (VISITS + "\n").encode() + b"".join(side)
        (folder / (name[0] + ".csv")).write_bytes(text)
        said[name + "_sha256"] = hashlib.sha256(text).hexdigest()
    secret.write_text(json.dumps(said))
    message = b"silhouette-audit split, commitment, version 2\n" + bytes.fromhex(
        said["secret"] + said["train_sha256"] + said["holdout_sha256"]) + b"pid"
    (folder / "split" / "commitment.json").write_text(json.dumps(
        {"version": 2, "commitment": hashlib.blake2b(message, digest_size=32).hexdigest()}))
    done = run(folder, "--split", "split")
    expect(done.returncode == 65 and "coin of its person" in done.stderr, done.stderr)


def a_column_that_is_left_out_counts_once_and_the_id_not(folder):
    """Of two tables the same one, of the third another; with a schema, what it has recomputed,
    which all three have."""
    tables = {"t": visits(57, 60), "h": visits(58, 60), "s": visits(59, 60)}
    for name, rows in tables.items():
        write(folder / f"{name}.csv", [row + ",1" for row in rows],
              VISITS + (",mark" if name == "t" else ",note"))
    fields = [{"name": name, "type": "string", "silhouette": {"open": True}}
              for name in VISITS.split(",") if name not in ("pid", "job")]
    job = {"name": "job", "type": "string", "categories": ["1"]}
    rule = {"determines": {"from": fields[0]["name"], "to": "job", "map": {}, "default": "1"}}
    (folder / "schema.json").write_text(json.dumps(
        {"fields": [*fields, job], "silhouette": {"rules": [rule]}}))
    found = attack(folder, "--id", "pid", "--schema", "schema.json")[1]
    expect(found["rows"]["columns"] == len(fields) and
           found["rows"]["columns_left_out"] == 3, found["rows"])  # job, mark, note


def what_cannot_be_split_by_persons_is_refused(folder):
    rows = visits(55, 20)
    for text, column, says in (
            ([VISITS, *rows], "nobody", "no column nobody among the"),
            ([VISITS, *rows, rows[0].replace("p55", "", 1).replace(
                rows[0].split(",")[5][3:], "", 1)], "pid", "record 162 has nothing"),
            ([VISITS.replace("job", "pid"), *rows], "pid", "several columns pid"),
            ([VISITS, *rows], b"p\xff", "UTF-8"),
            ([VISITS, *rows], "", "has a name")):
        write(folder / "pool.csv", text[1:], text[0])
        done = subprocess.run(
            [AUDITOR, "split", "--data", "pool.csv", "--out", "split", "--id", column],
            cwd=folder, capture_output=True, text=True, timeout=60)
        expect(done.returncode == 65 and says in done.stderr, f"{says}: {done.stderr}")
        expect(not (folder / "split").exists(), "a folder is left")


CASES = [coins_refute, every_honest_split_is_recognised, a_forged_split_is_refused,
         one_row_stands_for_each_person, persons_are_split_as_a_whole,
         a_person_on_the_other_side_of_his_coin_is_refused,
         a_column_that_is_left_out_counts_once_and_the_id_not,
         what_cannot_be_split_by_persons_is_refused]

if __name__ == "__main__":
    sys.exit(main(CASES))

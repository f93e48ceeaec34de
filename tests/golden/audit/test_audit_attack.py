#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What attack and split say of generators whose faults are known, of tables that they cannot
judge, and of bad input.

The tables are drawn from fixed seeds, and so are the choices of the attacks: every run gives
the same figures. With --repeats N, independent draws are attacked N times with fresh seeds
instead, and accused no more often than the level of accusations allows. With --public DATA
only the public tables in that folder are used, and skipped where they are absent.

usage: test_audit_attack.py SILHOUETTE SILHOUETTE-AUDIT [--public DATA | --repeats N]
The last line is "N passed, N failed, N skipped".
"""
import json
import math
import pathlib
import re
import random
import subprocess
import sys
import tempfile

from attack_kit import HEADER, attack, check_schema, exposed, people, result_of, run, tables, write
from audit_kit import AUDITOR, Skip, expect, main

DATA = pathlib.Path(sys.argv[4]) if sys.argv[3:4] == ["--public"] else None
COPIER = """
import sys, random
data, rows, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
lines = open(data).read().splitlines()
dice = random.Random(len(data) + len(lines[1]))
made = [dice.choice(lines[1:]) for _ in range(rows)]
open(out, "w").write("\\n".join([lines[0]] + made) + "\\n")
"""


# ---- known answers ----

def independent_draws_are_not_accused(folder):
    tables(folder, people(1, 500), people(2, 500), people(3, 500))
    code, found = attack(folder)
    expect(code == 0 and found["verdict"] == "NOT REFUTED", f"{code}: {exposed(found)}")
    check_schema(found)
    again = attack(folder, "--threads", "1")[1]
    expect(again == found, "one thread finds other figures")
    other = attack(folder, seed="2")[1]
    expect(other["attacks"] != found["attacks"], "another seed finds the same")


def one_row_of_a_hundred_copied_is_caught(folder):
    train = people(4, 4000)
    tables(folder, train, people(5, 4000), people(6, 3960) + train[:40])
    code, found = attack(folder)
    expect(code == 1 and found["verdict"] == "EXPOSED", f"{code}: {found['verdict']}")
    seen = exposed(found)
    expect({"closest-distance", "identical-match"} <= seen and len(seen) >= 3, f"only {seen}")
    expect(result_of(found, "identical-match")["rates"]["members"] == 0.01, "of 4000, 40")
    check_schema(found)


def a_tenth_copied_is_nearer_to_members(folder):
    """By relabelling: its p-value must be able to stand beside those of all other attacks."""
    train = people(4, 2000)
    tables(folder, train, people(5, 2000), people(6, 1800) + train[:200])
    _, found = attack(folder)
    result = result_of(found, "nearer-to-members")
    expect(result["verdict"] == "exposed" and result["p"] < 5e-4, f"{result}")


def marginals_show_what_distances_do_not(folder):
    """Rows put together from pieces of members: no row is near to a member."""
    train = people(7, 1000)
    cells = [row.split(",") for row in train]
    dice = random.Random(8)
    made = []
    for _ in range(5000):
        parts = [dice.choice(cells)[i:i + 2] for i in range(0, 10, 2)]
        made.append(",".join(sum(parts, [])))
    tables(folder, train, people(9, 1000), made)
    seen = exposed(attack(folder)[1])
    expect("clique-log-ratio" in seen and "closest-distance" not in seen, f"{seen}")


def a_claim_sets_the_bar(folder):
    train = people(10, 1000)
    tables(folder, train, people(11, 1000), train)
    code, found = attack(folder, "--claim", "1,1e-6")
    expect(code == 1 and found["verdict"] == "EXPOSED", f"{code}: {found['verdict']}")
    best = result_of(found, "closest-distance")
    ceiling = 1 - (1 - 1e-6) ** 2 / (1 + math.e)
    expect(abs(best["ceiling"]["auc"] - ceiling) < 1e-12, f"{best['ceiling']}")
    code, found = attack(folder, "--claim", "50,1e-6")
    expect(code == 0 and not exposed(found), f"a claim that allows all: {exposed(found)}")


def other_people_are_no_non_members(folder):
    dice = random.Random(12)
    older = [row.split(",") for row in people(13, 1500)]
    for row in older:
        row[1] = str(min(99, int(row[1]) + dice.randrange(10)))
    tables(folder, people(14, 1500), [",".join(row) for row in older], people(15, 500))
    code, found = attack(folder)
    expect(code == 2 and found["verdict"] == "INCONCLUSIVE", f"{code}: {found['verdict']}")
    expect("age" in found["conditions"][1]["detail"], f"{found['conditions'][1]}")


def people_in_both_tables_are_seen(folder):
    train = people(16, 800)
    tables(folder, train, train[:300] + people(17, 500), people(18, 500))
    code, found = attack(folder)
    expect(code == 2, f"{code}: {found['conditions']}")
    expect(not found["conditions"][3]["holds"], f"{found['conditions'][3]}")


def the_same_people_in_both_tables_tell_nothing(folder):
    """One file for both is refused; in another order, and however often everybody stands
    there, it is INCONCLUSIVE: never a clean bill."""
    for times in (1, 2, 3):
        rows = people(43, 300) * times
        other = rows[:]
        random.Random(44).shuffle(other)
        tables(folder, rows, rows, rows)
        done = run(folder)
        expect(done.returncode == 65 and "row by row" in done.stderr,
               f"{times}: {done.returncode}: {done.stderr}")
        tables(folder, rows, other, rows)
        code, found = attack(folder)
        expect(code == 2 and not found["conditions"][3]["holds"], f"{times}: {code}")
    tables(folder, rows[:1] * 30, rows[:1] * 40, rows[:1] * 50)
    code, found = attack(folder)
    expect(code == 2 and not found["conditions"][3]["holds"], f"one value: {code}")


def repeated_values_are_not_taken_for_copies(folder):
    """Almost every record of either table is also a synthetic row."""
    def few(seed, n):
        dice = random.Random(seed)
        return [f"{dice.randrange(3)},{dice.choice('xyz')},{dice.randrange(2)}"
                for _ in range(n)]
    for name, rows in (("t.csv", few(1, 600)), ("h.csv", few(2, 600)), ("s.csv", few(3, 9000))):
        write(folder / name, rows, "a,b,c")
    code, found = attack(folder)
    expect(code == 0, f"{code}: {exposed(found)} {found['conditions']}")
    expect(result_of(found, "identical-match")["rates"]["members"] == 1, "all are repeated")


def more_names_than_codes_accuse_nobody(folder):
    """Almost every record has a name of its own, and members' names are met first."""
    for name, seed in (("t.csv", 81), ("h.csv", 82), ("s.csv", 83)):
        dice = random.Random(seed)
        write(folder / name, [f"n{dice.randrange(300000)},{dice.choice('abc')},{dice.randrange(50)}"
                              for _ in range(27000)], "a,b,c")
    code, found = attack(folder)
    expect(code == 0, f"{code}: {exposed(found)}")
    expect(attack(folder)[1] == found, "the same seed finds other figures")


def records_equally_alone_accuse_nobody(folder):
    """Some people have values of their own, all others one value: the hundred who are most
    alone are not filled up with members."""
    for name, seed in (("t.csv", 84), ("h.csv", 85), ("s.csv", 86)):
        dice = random.Random(seed)
        write(folder / name, [",".join(f"z{dice.randrange(10)}" for _ in range(7))
                              if dice.random() < 0.03 else f"a,b,c,d,e,f,{dice.choice('gh')}"
                              for _ in range(1000)], "a,b,c,d,e,f,g")
    code, found = attack(folder)
    expect(code == 0, f"{code}: {exposed(found)}")
    closest = result_of(found, "closest-distance", "vulnerable")
    expect(closest["members"] >= 20 and closest["non_members"] >= 20, f"{closest['members']}")


# ---- options ----

def shadow_runs_tell_members_of_a_copier(folder):
    train = people(21, 300)
    tables(folder, train, people(22, 300), [random.Random(i).choice(train) for i in range(300)])
    (folder / "copier.py").write_text(COPIER)
    command = f"{sys.executable} {folder}/copier.py {{data}} {{rows}} {{out}}"
    code, found = attack(folder, "--generator", command, "--shadows", "4")
    result = result_of(found, "shadow-likelihood-ratio")
    expect(code == 1 and result["auc"] > 0.7, f"{code}: {result['auc']}")
    done = run(folder, "--generator", "/bin/false {out}", "--shadows", "2")
    expect(done.returncode == 65 and "exit code 1" in done.stderr, f"{done.stderr}")
    for option in ("--holdout", "--schema"):
        done = run(folder, "--generator", "/bin/true {out}", option, "/dev/null")
        expect(done.returncode == 64 and "not a pipe" in done.stderr, done.stderr)
    done = run(folder, "--generator", "/bin/true {what}")
    expect(done.returncode == 64, f"{done.returncode}: {done.stderr}")


def open_fields_have_the_values_that_are_there(folder):
    """Rare towns are `other` in rows that were made; where some are copied, that is seen."""
    number = {"age": 120, "income": 10**7, "rooms": 10, "rent": 500}
    (folder / "open.json").write_text(json.dumps({"fields": [
        {"name": name, "type": "number", "constraints": {"minimum": 0, "maximum": number[name]}}
        if name in number else
        {"name": name, "type": "string", "silhouette": {"open": True}}
        for name in HEADER.split(",")]}))
    train = people(36, 2000)
    made = [re.sub("t1[5-9]|t2[0-9]", "other", row) for row in people(37, 1960)]
    tables(folder, train, people(38, 2000), made + made[:40])
    code, found = attack(folder, "--schema", "open.json")
    expect(code == 0, f"{code}: {exposed(found)}")
    tables(folder, train, people(38, 2000), made + train[:40])
    code, found = attack(folder, "--schema", "open.json")
    expect(code == 1 and "identical-match" in exposed(found), f"{code}: {exposed(found)}")


def columns_are_guessed_that_are_asked_for(folder):
    train = people(23, 500)
    tables(folder, train, people(24, 500), train)
    code, found = attack(folder, "--sensitive", "smokes", "--aux", "age", "--aux", "income")
    (guessed,) = [r for r in found["attacks"] if r["targets"] == "random" and
                  r["name"] == "by-nearest-row: smokes"]
    expect("2 other columns" in guessed["detail"], guessed["detail"])
    expect(guessed["rates"]["members"] > 0.9 and guessed["rates"]["non_members"] < 0.5,
           f"{guessed['rates']}")
    for option in ("--sensitive", "--aux"):
        done = run(folder, option, "nobody")
        expect(done.returncode == 65 and "nobody" in done.stderr, f"{done.stderr}")


# ---- bad input ----

def bad_input_is_refused(folder):
    good = people(25, 60)
    numbers = [row.split(",") for row in good]
    for row in numbers:
        row[1] = "old" + row[1]
    worded = [",".join(row) for row in numbers]
    for what, code, says, files in (
            ("no rows", 65, "no rows", {"t.csv": HEADER + "\n"}),
            ("nothing", 65, "is empty", {"s.csv": ""}),
            ("one row", 2, "", {"t.csv": f"{HEADER}\n{good[0]}\n"}),
            ("a column less", 65, "no column letter",
             {"h.csv": "\n".join([HEADER[:-7], *(row[:-2] for row in good)]) + "\n"}),
            ("words for numbers", 65, "column age",
             {"s.csv": "\n".join([HEADER, *worded]) + "\n"}),
            ("another delimiter", 65, "--delimiter",
             {"s.csv": "\n".join([HEADER, *good]).replace(",", ";") + "\n"}),
            ("bytes", 65, "", {"s.csv": "\x00\xff\n\x01"}),
            ("a quote that stays open", 65, "quote", {"s.csv": f'{HEADER}\n"{good[0]}\n'}),
            ("one synthetic row", 2, "", {"s.csv": f"{HEADER}\n{good[0]}\n"}),
            ("nothing but gaps", 2, "", {"s.csv": HEADER + "\n" + 60 * (9 * "," + "\n")}),
            ("unseen names", 0, "", {"s.csv": "\n".join(
                [HEADER, *(row.replace("t", "u") for row in good)]) + "\n"}),
            ("nothing but gaps in a column", 0, "", {name: "\n".join(
                [HEADER, *(row[:-1] for row in rows)]) + "\n" for name, rows in
                (("t.csv", people(26, 60)), ("h.csv", people(27, 60)), ("s.csv", good))}),
            ("one value in a column", 0, "", {name: "\n".join(
                [HEADER, *(row[:-1] + "a" for row in rows)]) + "\n" for name, rows in
                (("t.csv", people(26, 60)), ("h.csv", people(27, 60)), ("s.csv", good))})):
        tables(folder, people(26, 60), people(27, 60), good)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="latin-1")
        done = run(folder)
        expect(done.returncode == code and says in done.stderr,
               f"{what}: {done.returncode}: {done.stderr}{done.stdout[-300:]}")
    (folder / "s.csv").unlink()
    expect(run(folder).returncode == 74, "a file that is not there")


def a_file_of_five_gigabytes_is_refused_unread(folder):
    tables(folder, people(28, 60), people(29, 60), [])
    with open(folder / "s.csv", "wb") as file:
        file.truncate(5 << 30)
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -v 500000; exec "$0" "$@"', AUDITOR, "attack", "--train",
         "t.csv", "--holdout", "h.csv", "--synthetic", "s.csv", "--out", "out", "--threads", "1"],
        cwd=folder, capture_output=True, text=True, timeout=60)
    if "AddressSanitizer" in done.stderr or "Shadow" in done.stderr:
        raise Skip("a sanitized program needs more address space")
    expect(done.returncode == 65 and "s.csv" in done.stderr, f"{done.returncode}: {done.stderr}")


def names_of_strangers_do_no_harm(folder):
    header = b"k\x1b[31m\xff,n\xc3\xa9e,\xe2\x82\xac\x9b" + b"x" * 300
    for name, seed in (("t.csv", 36), ("h.csv", 37), ("s.csv", 38)):
        dice = random.Random(seed)
        rows = [b"%c\x1b]\xfe,%d,\xc2" % (65 + dice.randrange(3), dice.randrange(50))
                for _ in range(200)]
        (folder / name).write_bytes(b"\n".join([header, *rows]) + b"\n")
    code, found = attack(folder)
    expect(code == 0, f"{code}")
    expect(any("n\u00e9e" in result["name"] for result in found["attacks"]), "a good name is lost")
    done = subprocess.run([AUDITOR, "attack", "--train", "t.csv", "--holdout", "h.csv",
                           "--synthetic", "s.csv", "--out", "out"], cwd=folder,
                          capture_output=True, timeout=60)
    expect(b"\x1b" not in done.stdout + done.stderr and done.stdout.decode(), "escape codes")


def usage_is_checked(folder):
    tables(folder, people(30, 60), people(31, 60), people(32, 60))
    for options in (["--claim", "1"], ["--claim", "x,1"], ["--claim", "1,2"], ["--threads", "0"],
                    ["--claim", "0x1,1e-6"], ["--claim", " 1,1e-6"], ["--claim", "1, 1e-6"],
                    ["--claim", "+1,1e-6"], ["--claim", "nan,0"], ["--claim", "1,1e-6,"],
                    ["--claim", "1" + 40 * " " + ",0"], ["--claim", "1," + 40 * "0"],
                    ["--sensitive", "age", "--sensitive", "age"], ["--aux", "age", "--aux", "age"],
                    ["--delimiter", "ab"], ["surplus"], ["--seed", "-1"]):
        done = run(folder, *options)
        expect(done.returncode == 64, f"{options}: {done.returncode}")
    expect(run(folder, "--claim", ".5,1e-6").returncode == 0, "a claim")
    for option in ("--shadows", "--seconds", "--memory-mb"):
        done = run(folder, option, "9")
        expect(done.returncode == 64 and "of no use without --generator" in done.stderr,
               f"{option}: {done.stderr}")
    for option, value in (("--train", "x"), ("--id", "x"), ("--claim", "1,0"), ("--threads", "1")):
        done = run(folder, option, value, option, value)
        expect(done.returncode == 64 and f"{option} is given twice" in done.stderr, done.stderr)
    names = [word for i in range(13) for word in ("--sensitive", f"c{i}")]
    done = run(folder, *names)
    expect(done.returncode == 64 and "at most 12 columns" in done.stderr, done.stderr)
    (folder / "h.csv").unlink()
    (folder / "full").write_text("")
    done = run(folder, "--out", "full")
    expect(done.returncode == 74 and "full" in done.stderr, f"tried at the end: {done.stderr}")
    done = subprocess.run([AUDITOR, "attack"], capture_output=True, text=True)
    expect(done.returncode == 64, f"{done.returncode}")


def the_words_promise_nothing(folder):
    train = people(33, 300)
    tables(folder, train, people(34, 300), train[:150] + people(35, 150))
    done = subprocess.run(
        [AUDITOR, "attack", "--train", "t.csv", "--holdout", "h.csv", "--synthetic", "s.csv",
         "--out", "out", "--claim", "1,1e-6"], cwd=folder, capture_output=True, text=True)
    said = (done.stdout + (folder / "out" / "attack.json").read_text()).lower()
    expect("private data" in said, "it does not say that its findings are private")
    for word in ("safe", "anonym", "guarantee"):
        expect(word not in said, f"it says {word}")
    mode = (folder / "out" / "attack.json").stat().st_mode
    expect(mode & 0o077 == 0, "others may read the findings")


# ---- public tables ----

def public(name):
    if not (DATA / name).exists():
        raise Skip(f"{name} is not there")
    return (DATA / name).read_text().splitlines()


def a_sample_of_the_rows_themselves_is_told(folder):
    real = public("nist_acs_national2019/national2019.csv")
    marks = [line.split(",") for line in public("crc/subsample_40pcnt_membership.csv")[1:]]
    sides = {"1": [], "0": []}
    for row, mark in zip(real[1:], marks):
        if mark[2] == "0":
            sides[mark[1]].append(row)
    write(folder / "t.csv", sides["1"], real[0])
    write(folder / "h.csv", sides["0"], real[0])
    made = public("crc/subsample_40pcnt_all.csv")
    write(folder / "s.csv", made[1:], made[0])
    code, found = attack(folder)
    expect(code == 1, f"{code}: {found['conditions']}")
    expect(result_of(found, "closest-distance")["auc"] >= 0.99, "distance does not tell")
    rates = result_of(found, "identical-match")["rates"]
    expect(rates["members"] == 1 and rates["non_members"] == 0, f"{rates}")
    members = set(sides["1"])
    same = found["distances"]["identical"]["synthetic_in_train"]["rows"]
    want = sum(row.rsplit(",", 1)[0] in members for row in made[1:])
    expect(same == want, f"{same}, not {want}")
    expect(found["rows"]["columns_left_out"] == 1, "of the sample's column `target`")


def states_are_not_one_population(folder):
    real = public("nist_acs_national2019/national2019.csv")
    some = [row for row in real[1:] if row[:2] in ("01", "06", "08", "13")]
    rest = [row for row in real[1:] if row[:2] not in ("01", "06", "08", "13")]
    made = public("crc/aim_e_10_all.csv")
    write(folder / "t.csv", some[:4000], real[0])
    write(folder / "h.csv", rest[:4000], real[0])
    write(folder / "s.csv", made[1:2001], made[0])
    code, found = attack(folder)
    expect(code == 2 and found["verdict"] == "INCONCLUSIVE", f"{code}: {found['verdict']}")
    expect(not found["conditions"][1]["holds"], f"{found['conditions']}")


PUBLIC = [a_sample_of_the_rows_themselves_is_told, states_are_not_one_population]
CASES = [independent_draws_are_not_accused, one_row_of_a_hundred_copied_is_caught,
         a_tenth_copied_is_nearer_to_members,
         marginals_show_what_distances_do_not, a_claim_sets_the_bar,
         other_people_are_no_non_members, people_in_both_tables_are_seen,
         the_same_people_in_both_tables_tell_nothing,
         repeated_values_are_not_taken_for_copies, more_names_than_codes_accuse_nobody,
         records_equally_alone_accuse_nobody, shadow_runs_tell_members_of_a_copier,
         open_fields_have_the_values_that_are_there,
         columns_are_guessed_that_are_asked_for, bad_input_is_refused,
         a_file_of_five_gigabytes_is_refused_unread, names_of_strangers_do_no_harm,
         usage_is_checked,
         the_words_promise_nothing]


def repeat(n):
    """Accused at the level 0.01, inconclusive at three conditions of 0.01 each; more than
    these limits happen once in a million times."""
    accused, undecided = 0, 0
    for i in range(n):
        with tempfile.TemporaryDirectory(prefix="silhouette-test-") as name:
            folder = pathlib.Path(name)
            tables(folder, people(3 * i, 300), people(3 * i + 1, 300), people(3 * i + 2, 300))
            code, _ = attack(folder, seed=str(i))
            accused += code == 1
            undecided += code == 2
    most = [max(k for k in range(n) if tail(n, k, p) > 1e-6) for p in (0.01, 0.03)]
    is_good = accused <= most[0] and undecided <= most[1]
    print(f"{accused} accused (at most {most[0]}), {undecided} undecided (at most {most[1]})")
    print(f"{int(is_good)} passed, {int(not is_good)} failed, 0 skipped")
    return 0 if is_good else 1


def tail(n, k, p):
    """P[B >= k], B ~ Binomial(n, p)."""
    return sum(math.comb(n, i) * p ** i * (1 - p) ** (n - i) for i in range(k, n + 1))


if __name__ == "__main__":
    if "--repeats" in sys.argv:
        sys.exit(repeat(int(sys.argv[sys.argv.index("--repeats") + 1])))
    sys.exit(main(CASES if DATA is None else PUBLIC))

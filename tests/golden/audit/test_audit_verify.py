#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor says of honest bundles, and of every way to change one.

usage: test_audit_verify.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from audit_kit import (AUDITOR, EXAMPLES, GENERATOR, SANITIZED, WHY_NOT_SANITIZED, Count, Failure,
                       expect, generate)

# What the statement does not list and no signature covers proves nothing and is not read.
UNREAD = ("keys/",)

# Only where the kernel gives namespaces to everybody can other folders be closed.
NAMESPACES = shutil.which("unshare") is not None and subprocess.run(
    ["unshare", "-Urm", "true"], capture_output=True).returncode == 0


def audit(folder, bundle, *options):
    """The exit code and what was found, by what was asked."""
    done = subprocess.run([AUDITOR, "verify", "--json", str(bundle), *options], cwd=folder,
                          capture_output=True, text=True, timeout=240,
                          env={**os.environ, "TMPDIR": str(folder)})
    expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def refuting(found):
    return [f for f in found["findings"] if f["verdict"] == "refuted"]


def make(folder, mechanism):
    """Two releases of one run, in a ledger of their own."""
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "400",
             "--seed", "5", "--out", "bank.csv")
    generate(folder, "fit", "--data", "bank.csv", "--schema",
             str(EXAMPLES / "bank.schema.json"), "--epsilon", "2", "--delta", "1e-6",
             "--mechanism", mechanism, "--out", "bank.model", "--quiet")
    for name, more in (("one", ()), ("two", ("--seed", "7", "--rows", "100"))):
        generate(folder, "release", "--model", "bank.model", "--ledger", "bank.csv.ledger",
                 "--out", name, "--quiet", *more)


def files_of(bundle):
    return sorted(p.relative_to(bundle) for p in bundle.rglob("*") if p.is_file())


def reseal(bundle):
    """SHA256SUMS of what is there now: who changes a file can do that, too."""
    names = sorted(str(name) for name in files_of(bundle) if str(name) != "SHA256SUMS")
    bundle.joinpath("SHA256SUMS").write_text("".join(
        f"{hashlib.sha256(bundle.joinpath(name).read_bytes()).hexdigest()}  {name}\n"
        for name in names))


def refuses(folder, bundle, *ids):
    """Refuted, and by one of `ids`."""
    code, found = audit(folder, bundle)
    by = {f["id"] for f in refuting(found)}
    expect(code == 1 and (by & set(ids) if ids else by), f"{code}: {by}, not {ids}")


# Which checks are there for a file, behind a SHA256SUMS that was made anew.
CHECKS = {"data.csv": ("R1",), "schema.json": ("R1",), "transcript.sil": ("R1",),
          "datasheet.json": ("R1",), "datasheet.html": ("R1",), "VERIFY.txt": ("R1",),
          "datapackage.json": ("R1",), "statement.json": ("R2", "R6"),
          "statement.dsse.json": ("R3",), "data.csv.minisig": ("R4",),
          "statement.json.minisig": ("R4",), "release.tlog-proof": ("R5",),
          "ledger/checkpoint": ("R5", "F1")}


def a_changed_file_is_found_behind_new_sums(folder):
    for name, ids in CHECKS.items():
        for at in (0.45, 0.9):
            forged = folder / "forged"
            shutil.copytree(folder / "one", forged)
            path = forged / name
            content = bytearray(path.read_bytes())
            content[int(len(content) * at)] ^= 1
            path.write_bytes(content)
            reseal(forged)
            try:
                refuses(folder, "forged", *ids)
            except Failure as failure:
                raise Failure(f"{name} at {at}: {failure}") from failure
            shutil.rmtree(forged)


def sums_that_lead_elsewhere_or_list_too_little_are_refused(folder):
    (folder / "outside.txt").write_text("x")
    digest = hashlib.sha256(b"x").hexdigest()
    for text in (f"{digest}  ../outside.txt\n", "", "\0"):
        forged = folder / "forged"
        shutil.copytree(folder / "one", forged)
        sums = forged / "SHA256SUMS"
        sums.write_text(text + (sums.read_text() if text else ""))
        refuses(folder, "forged", "S1")
        shutil.rmtree(forged)
    forged = folder / "forged"
    shutil.copytree(folder / "one", forged)
    (forged / "true.csv").write_text("x")
    refuses(folder, "forged", "S1")
    shutil.rmtree(forged)


def honest_bundles_stand(folder):
    for name in ("one", "two"):
        options = () if SANITIZED else ("--generator", GENERATOR)
        code, found = audit(folder, name, *options)
        expect(code == 0, json.dumps(found, indent=1))
        expect(found["verdict"] == "NOT REFUTED", found["verdict"])
        if SANITIZED:
            continue
        rows = [f for f in found["findings"] if "rows follow" in f["check"]]
        expect(rows and rows[0]["verdict"] == "holds", "the rows were not replayed")


def public_inputs_are_explained(folder):
    fields = json.loads((folder / "one" / "schema.json").read_text())["fields"]
    for name, sources in (("one", {"public": len(fields) + 2, "differentially private": 2}),
                          ("two", {"public": len(fields) + 2, "unexplained": 2})):
        inputs = audit(folder, name)[1]["inputs"]
        found = {source: [i["source"] for i in inputs].count(source)
                 for source in {i["source"] for i in inputs}}
        expect(found == sources, f"{name}: {found}")
        names = [i["name"] for i in inputs if i["input"] == "domain"]
        expect(names == [field["name"] for field in fields], f"{names}")


def every_changed_file_is_found(folder):
    for name in files_of(folder / "one"):
        if str(name).startswith(UNREAD):
            continue
        path = folder / "one" / name
        whole = path.read_bytes()
        for at in {0, len(whole) // 2, len(whole) - 1}:
            changed = bytearray(whole)
            changed[at] ^= 1
            path.write_bytes(changed)
            code, found = audit(folder, "one")
            expect(code == 1 and refuting(found), f"{name}, byte {at}: {code}")
        path.write_bytes(whole)
    expect(audit(folder, "one")[0] == 0, "the bundle was not put back")


def every_missing_file_is_found(folder):
    for name in files_of(folder / "one"):
        if str(name).startswith(UNREAD):
            continue
        path = folder / "one" / name
        aside = folder / "aside"
        path.rename(aside)
        expect(audit(folder, "one")[0] == 1, f"{name} was not missed")
        aside.rename(path)


def files_of_the_other_release_are_found(folder):
    for name in ("data.csv", "statement.json", "datasheet.html", "release.tlog-proof",
                 "data.csv.minisig", "statement.json.minisig", "statement.dsse.json"):
        path = folder / "one" / name
        whole = path.read_bytes()
        shutil.copyfile(folder / "two" / name, path)
        reseal(folder / "one")
        refuses(folder, "one", *CHECKS[name])
        path.write_bytes(whole)
        reseal(folder / "one")


def strange_files_do_not_hang_or_lead_away(folder):
    path = folder / "one" / "transcript.sil"
    aside = folder / "aside"
    path.rename(aside)
    path.symlink_to(aside)
    expect(audit(folder, "one")[0] == 1, "a symbolic link was followed")
    path.unlink()
    os.mkfifo(path)
    expect(audit(folder, "one")[0] == 1, "a pipe was read")
    path.unlink()
    path.mkdir()
    expect(audit(folder, "one")[0] == 1, "a folder was read")
    path.rmdir()
    aside.rename(path)


def ledger_id(folder):
    found = audit(folder, "one")[1]
    (line,) = [f for f in found["findings"] if f["id"] == "F6"]
    return line["detail"].split()[1]


def the_ledger_must_be_the_one_announced(folder):
    its = ledger_id(folder)
    expect(audit(folder, "one", "--ledger-id", its)[0] == 0, its)
    code, found = audit(folder, "one", "--ledger-id", its[::-1])
    expect(code == 1 and refuting(found)[0]["id"] == "F6", str(found))


def a_kept_checkpoint_must_be_continued(folder):
    later = folder / "two" / "ledger" / "checkpoint"
    earlier = folder / "one" / "ledger" / "checkpoint"
    expect(audit(folder, "two", "--pinned", str(earlier))[0] == 0, "an earlier one")
    code, found = audit(folder, "one", "--pinned", str(later))
    (line,) = [f for f in found["findings"] if f["id"] == "W2"]
    expect(code == 2 and "newer" in line["detail"], f"{line}")


def script(folder, name, text):
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def scratch_folders(folder):
    return set(folder.glob("silhouette-audit-*"))


def a_generator_that_misbehaves_is_a_finding(folder):
    for name, text, word in (
            ("hangs", "sleep 1000\n", "did not end"),
            ("dies", "kill -SEGV $$\n", "signal"),
            ("shouts", "printf '\\033[31mred' >&2; exit 3\n", "is it that program?: ?[31mred"),
            ("fails", "echo no >&2; exit 1\n", "is it that program?: no"),
            ("is silent", "exit 1\n", "is it that program?"),
            ("refuses", "echo warning >&2; echo silhouette refit: line 3 >&2; exit 1\n",
             "ended with 1: silhouette refit: line 3"),
            ("says nothing", "exit 0\n", "no account"),
            ("leaves", "setsid sleep 9 & exit 4\n", "ended with 4"),
            ("pipes", "rm err; mkfifo err; exit 5\n", "ended with 5"),
            ("floods", "exec yes\n", "signal 25")):
        code, found = audit(folder, "one", "--seconds", "2", "--generator",
                            script(folder, name, text))
        line = [f for f in found["findings"] if f["id"] == "E1"][0]
        expect(code == (1 if name == "refuses" else 2), f"{name}: {code}")
        expect(line["verdict"] == ("refuted" if name == "refuses" else "inconclusive"),
               f"{name}: {line}")
        expect(word in line["detail"], line["detail"])
        left = scratch_folders(folder)
        expect(not left, f"{name} left {left}")


def processes_with(word):
    """Those whose command line has it."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [path] if word.encode() in path.read_bytes() else []
        except OSError:
            pass  # it has ended
    return found


def nothing_that_the_generator_started_outlives_it(folder):
    for name, seconds, end in (("ends", "9001.5", "exit 3"), ("hangs", "9002.5", "sleep 9003.5"),
                               ("dies", "9004.5", "kill -KILL $$")):
        audit(folder, "one", "--seconds", "1", "--generator", script(folder, name, f"""
(setsid sh -c 'sleep {seconds} & sleep {seconds}' &)
setsid sleep {seconds} &
{end}
"""))
        for word in (seconds, "9003.5"):
            expect(not processes_with(word), f"{name}: sleep {word} is still there")


def a_signal_leaves_neither_folder_nor_process(folder):
    hangs = script(folder, "hangs", "setsid sleep 9005.5 &\nsleep 9005.5\n")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        running = subprocess.Popen([AUDITOR, "verify", "one", "--generator", hangs], cwd=folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={**os.environ, "TMPDIR": str(folder)})
        while not processes_with("9005.5") and running.poll() is None:
            time.sleep(0.01)
        expect(scratch_folders(folder), "there is no folder to remove")
        running.send_signal(number)
        expect(running.wait(60) == -number, f"ended with {running.returncode}")
        expect(not scratch_folders(folder), f"{number}: the folder is still there")
        expect(not processes_with("9005.5"), f"{number}: a process is still there")


def a_generator_writes_in_its_folder_only(folder):
    target = folder / "elsewhere"
    code, found = audit(folder, "one", "--generator", script(folder, "writes", f"""
echo x >here && echo x >{target}
exit 3
"""))
    may_be = any(f["id"] == "E1" and "other folders" in f["detail"] for f in found["findings"])
    expect(not target.exists() or may_be or not NAMESPACES, "it wrote elsewhere")


def a_generator_that_draws_other_rows_is_refuted(folder):
    lies = script(folder, "lies", f"""
case "$1" in sample) shift; exec {GENERATOR} sample "$@" --seed 99 ;; esac
exec {GENERATOR} "$@"
""")
    code, found = audit(folder, "one", "--generator", lies)
    expect(code == 1 and refuting(found)[0]["id"] == "E1", str(found))


# What a generator may say of its run that is not so, and where that is noticed.
ACCOUNTS = (('s/"chosen": [0-9]*/"chosen": 9999/', "round 1: which of them"),
            ('s/"sensitivity": 1024/"sensitivity": 512/', "round 1: the sensitivity"),
            ('s/"sigma_squared": "/&1/', "line 1: its noise"),
            ('s/"mechanism": "mst"/"mechanism": "aim"/', "its terms"),
            ('s/"rounds": \\[/&0,/', "is the last of the account"),
            ("s/{//", "cannot be read"))


def an_account_of_another_run_is_refuted(folder):
    for edit, where in ACCOUNTS:
        lies = script(folder, "lies", f"""
case "$1" in refit) {GENERATOR} "$@" | sed '{edit}'; exit 0 ;; esac
exec {GENERATOR} "$@"
""")
        code, found = audit(folder, "one", "--generator", lies)
        (line,) = [f for f in found["findings"] if f["id"] == "E2"]
        wanted = "inconclusive" if "read" in where else "refuted"
        expect(line["verdict"] == wanted and where in line["detail"], f"{edit}: {line}")


def rows_made_to_order_stand(folder):
    order = ("--where", "age >= 40 AND rate < 7.35 OR region = 'capital'",
             "--rebalance", "segment=mass:0.5,private:0.25",
             "--rebalance", "guarantor=yes:0.125,NULL:0.5", "--fair", "rating|education")
    generate(folder, "release", "--model", "bank.model", "--ledger", "bank.csv.ledger",
             "--out", "made", "--quiet", *order)
    options = () if SANITIZED else ("--generator", GENERATOR)
    code, found = audit(folder, "made", *options)
    expect(code == 0 and found["verdict"] == "NOT REFUTED", json.dumps(found, indent=1))
    inputs = [i for i in found["inputs"] if i["input"] == "rows made to order"]
    expect(len(inputs) == 1 and inputs[0]["source"] == "unexplained", f"{inputs}")
    rows = [f["verdict"] for f in found["findings"] if "rows follow" in f["check"]]
    expect(SANITIZED or rows == ["holds"], f"{rows}")
    expect(held_against_the_order(found) == ["holds", "holds"], f"{found}")


def held_against_the_order(found):
    return [f["verdict"] for f in found["findings"] if f["id"] == "R9"]


ODD = {"missingValues": ["?", ""], "fields": [
    {"name": "to wn", "type": "string", "categories": ["a", "b", "c"],
     "silhouette": {"outside": "other", "other": "z"}},
    {"name": "amount", "type": "number", "decimalChar": ",",
     "constraints": {"minimum": 0, "maximum": 40},
     "silhouette": {"bins": 4, "granularity": "0.5", "outside": "other"}},
    {"name": "day", "type": "date", "constraints": {
        "required": True, "minimum": "2020-01-01", "maximum": "2020-01-10"}},
    {"name": "at", "type": "datetime", "constraints": {
        "minimum": "2020-01-01T00:00:00", "maximum": "2020-01-03T00:00:00"},
     "silhouette": {"bins": 6}},
    {"name": "size", "type": "integer", "constraints": {"enum": [7, 9, 12]}},
    {"name": "flag", "type": "boolean", "trueValues": ["ja", "j"], "falseValues": ["nein"]}]}
ORDERS = [  # (conditions, shares)
    ("amount < 10.25 OR amount IS NULL", ()),
    ("NOT (amount >= 10.5) AND `to wn` != 'z'", ("flag=j:0.25,NULL:0.5",)),
    ("'to wn' IN ('a', 'z') AND flag = 'j' OR day NOT IN (2020-01-03, 2020-01-04)", ()),
    ("at >= 2020-01-01T13:00:00 AND day <> 2020-01-03 AND NOT size > 7.5", ()),
    ("flag is not null and not (\"to wn\" = 'a' OR size IS NULL)", ("size=7:0.3,9..12:0.7",)),
    (None, ("amount=..10.5:0.3,NULL:0.2,other:0.1", "'to wn'=z:0.5,'a':0.25",
            "day=2020-01-02..2020-01-04:0.125", "at=..2020-01-01T23:59:59:0.875")),
]


def orders_on_every_kind_of_column_stand(folder):
    """What the auditor reads in an order is what the generator read in it."""
    dice = random.Random(4)
    values = ["a b c d e ?".split(), ["1,5", "10,0", "10,5", "39,0", "99", "?", ""],
              [f"2020-01-{d:02}" for d in range(1, 11)],
              ["2020-01-01T12:00:00", "2020-01-02T05:06:07", "2020-01-01T13:30:00", ""],
              ["7", "9", "12", ""], ["ja", "j", "nein", "?"]]
    rows = ["\t".join(map(dice.choice, values)) for _ in range(600)]
    (folder / "odd.csv").write_text(
        "\n".join(["\t".join(f["name"] for f in ODD["fields"]), *rows]) + "\n")
    (folder / "odd.json").write_text(json.dumps(ODD))
    generate(folder, "fit", "--data", "odd.csv", "--delimiter", "tab", "--schema", "odd.json",
             "--epsilon", "20", "--delta", "1e-6", "--mechanism", "independent", "--out",
             "odd.model", "--quiet")
    for number, (where, shares) in enumerate(ORDERS):
        words = ["--where", where] if where else []
        for text in shares:
            words += ["--rebalance", text]
        out = f"odd-{number}"
        generate(folder, "release", "--model", "odd.model", "--ledger", "odd.csv.ledger",
                 "--out", out, "--rows", "1500", "--quiet", *words)
        code, found = audit(folder, out)
        expect(code == 0 and held_against_the_order(found) ==
               ["holds"] * ((where is not None) + (len(shares) > 0)),
               f"{where}, {shares}: {json.dumps(found, indent=1)}")


def discovered_values_stand(folder):
    schema = json.loads((EXAMPLES / "bank.schema.json").read_text())
    field = next(f for f in schema["fields"]
                 if f["type"] == "string" and len(f.get("categories", [])) > 2)
    del field["categories"]
    field["silhouette"] = {"open": True}
    (folder / "open.schema.json").write_text(json.dumps(schema))
    shutil.copy(folder / "bank.csv", folder / "open.csv")
    generate(folder, "fit", "--data", "open.csv", "--schema", "open.schema.json",
             "--epsilon", "2", "--delta", "1e-6", "--mechanism", "mst", "--out",
             "open.model", "--quiet")
    generate(folder, "release", "--model", "open.model", "--ledger", "open.csv.ledger",
             "--out", "open", "--quiet")
    code, found = audit(folder, "open")
    expect(code == 0 and found["verdict"] == "NOT REFUTED", json.dumps(found, indent=1))
    threshold = [f["verdict"] for f in found["findings"] if f["id"] == "M4"]
    expect(threshold == ["holds"], f"{threshold}")


CASES = [honest_bundles_stand, discovered_values_stand, public_inputs_are_explained, every_changed_file_is_found,
         a_changed_file_is_found_behind_new_sums,
         sums_that_lead_elsewhere_or_list_too_little_are_refused, every_missing_file_is_found,
         files_of_the_other_release_are_found, strange_files_do_not_hang_or_lead_away,
         the_ledger_must_be_the_one_announced, a_kept_checkpoint_must_be_continued,
         a_generator_that_misbehaves_is_a_finding,
         nothing_that_the_generator_started_outlives_it,
         a_signal_leaves_neither_folder_nor_process, a_generator_writes_in_its_folder_only,
         a_generator_that_draws_other_rows_is_refuted, an_account_of_another_run_is_refuted,
         rows_made_to_order_stand, orders_on_every_kind_of_column_stand]
RUNNING_OURS = (a_generator_that_draws_other_rows_is_refuted,
                an_account_of_another_run_is_refuted)


def run(count, mechanism, cases):
    with tempfile.TemporaryDirectory(prefix="silhouette-test-") as name:
        folder = pathlib.Path(name)
        make(folder, mechanism)
        for case in cases:
            count.run(f"{mechanism}: {case.__name__}", case, folder)


def main():
    count = Count()
    skipped = RUNNING_OURS if SANITIZED else ()
    for case in skipped:
        count.skip(case.__name__, WHY_NOT_SANITIZED)
    run(count, "mst", [case for case in CASES if case not in skipped])
    for mechanism in ("independent", "aim", "mosaic"):
        run(count, mechanism, CASES[:1])
    return count.end()


if __name__ == "__main__":
    sys.exit(main())

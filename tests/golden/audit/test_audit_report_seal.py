#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a pipeline is told by a report, who signed it, and what of it a ledger may hold.

usage: test_audit_report_seal.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys

from audit_kit import AUDITOR, GENERATOR, Skip, expect, generate
from report_kit import DATE, HERE, audit, given, main, refused, report, verdicts


# ---- pipelines


def exit_codes_gate_a_pipeline(folder):
    """What is found, what --fail-on says, and the exit code."""
    unfair = dict((name, found) for name, found, _ in verdicts(folder))["attack-unfair"]
    given(folder, unfair, "unfair.json")
    for inputs, limits, code in (
            (("bundle",), (), 0),
            (("leaky",), (), 1),
            (("leaky",), ("refuted",), 0),
            (("leaky",), ("exposed",), 1),
            (("leaky",), ("inconclusive",), 0),
            (("leaky",), ("auc=0.99",), 1),
            (("leaky",), ("refuted,auc=0.99",), 0),
            (("leaky",), ("refuted,auc=0.51",), 1),
            (("leaky",), ("refuted", "difference=0.3"), 0),
            (("leaky",), ("refuted", "difference=0.1"), 1),
            (("leaky",), ("refuted,epsilon=0.5",), 1),
            (("leaky",), ("refuted,epsilon=9",), 0),
            (("leaky",), ("refuted,identical=0.19",), 1),
            (("leaky",), ("refuted,identical=0.2",), 0),
            (("unfair.json",), (), 2),
            (("unfair.json",), ("refuted",), 2),
            (("unfair.json",), ("inconclusive",), 1),
            (("bundle",), ("auc=0.6",), 2),
            (("bundle",), ("missing=attack",), 1),
            (("bundle", "fine"), ("missing=attack,missing=verify",), 0)):
        options = [word for limit in limits for word in ("--fail-on", limit)]
        done, _, told = report(folder, *inputs, *options)
        expect(done == code == told["exit_code"], f"{inputs} {limits}: {done}, not {code}")
        expect([limit["limit"] for limit in told["limits"]] == ",".join(limits).split(",")
               if limits else told["limits"] == [], f"{told['limits']}")


def usage_is_checked(folder):
    for words in ((), ("bundle",), ("--out", "x.html"), ("bundle", "--out", "x.txt"),
                  ("bundle", "--out", ".html"), ("bundle", "--out", "x.html", "--fail-on", ""),
                  ("bundle", "--out", "x.html", "--fail-on", "refuted,"),
                  ("bundle", "--out", "x.html", "--fail-on", "auc=-1"),
                  ("bundle", "--out", "x.html", "--fail-on", "auc=0x1"),
                  ("bundle", "--out", "x.html", "--fail-on", "auc=nan"),
                  ("bundle", "--out", "x.html", "--fail-on", "missing=x"),
                  ("bundle", "--out", "x.html", "--date", "today"),
                  ("bundle", "--out", "x.html", "--auditor", "x" * 201),
                  ("bundle", "--out", "x.html", "--out", "x.html"),
                  ("bundle", "--out", "x.html", "--passphrase-file", "x")):
        audit(folder, "report", *words, expected=(64,))
    expect(not list(folder.glob("x.*")), "something was written")
    before = (folder / "game.json").read_bytes()
    audit(folder, "report", "game.json", "--out", "game.html", expected=(64,))
    expect((folder / "game.json").read_bytes() == before, "an input was overwritten")
    audit(folder, "report", "bundle", "--out", "no/x.html", expected=(74,))
    audit(folder, "report", "bundle", "--out", "x.html", "--file", "nowhere", expected=(74,))


def a_report_without_private_records_is_for_everybody_and_repeatable(folder):
    mask = os.umask(0o022)
    first = report(folder, "bundle", "game.json")
    again = report(folder, "bundle", "game.json")
    os.umask(mask)
    expect(first == again, "two reports differ")
    expect(first[2]["salt"] is None and not first[2]["confidential"], "salted")
    expect("Confidential" not in first[1], "called confidential")
    modes = [stat.S_IMODE((folder / name).stat().st_mode) for name in ("out.html", "out.json")]
    expect(modes == [0o644, 0o644], f"{modes}")
    salts = {report(folder, "fine", "bundle")[2]["salt"] for _ in "12"}
    expect(len(salts) == 2 and None not in salts, f"{salts}")
    modes = [stat.S_IMODE((folder / name).stat().st_mode) for name in ("out.html", "out.json")]
    expect(modes == [0o600, 0o600], f"{modes}")


def named_files_are_noted(folder):
    _, page, told = report(folder, "bundle", "--file", "bank.csv")
    digest = hashlib.sha256((folder / "bank.csv").read_bytes()).hexdigest()
    expect(told["files"] == [{"path": "bank.csv", "sha256": digest, "bytes":
                              (folder / "bank.csv").stat().st_size}], f"{told['files']}")
    expect(digest in page, "not on the page")
    done = audit(folder, "report", "bundle", "--out", "out.html", *DATE, "--json")
    expect(done.stdout == (folder / "out.json").read_text(), "--json prints something else")


# ---- signatures


def key(folder):
    generate(folder, "key", "new", "--role", "auditor", "--out", "auditor.key",
             "--unencrypted")
    return "auditor.key"


def verifies(folder, name):
    return subprocess.run(["minisign", "-Vm", name, "-p", "auditor.key.pub"], cwd=folder,
                          capture_output=True).returncode == 0


def what_is_read_is_not_written_over(folder):
    secret = key(folder)
    names = ("game.json", secret, "bundle/datasheet.html", "bundle/SHA256SUMS")
    before = {name: (folder / name).read_bytes() for name in names}
    for words in (("game.json", "--out", "x.html", "--ledger-body", "game.json"),
                  ("game.json", "--out", "x.html", "--ledger-body", "x.html"),
                  ("game.json", "--out", "x.html", "--ledger-body", "x.json"),
                  ("game.json", "--out", "x.html", "--file", "y", "--ledger-body", "y"),
                  ("game.json", "--out", "x.html", "--key", secret, "--ledger-body", secret),
                  ("bundle", "--out", "bundle/datasheet.html"),
                  ("bundle", "--out", "bundle/new.html"),
                  ("bundle", "--out", "x.html", "--ledger-body", "bundle/body")):
        (folder / "y").write_text("seen")
        audit(folder, "report", *words, expected=(64,))
        expect((folder / "y").read_text() == "seen", f"{words}: written over")
    expect(before == {name: (folder / name).read_bytes() for name in names}, "written over")
    expect(not list(folder.glob("x.*")) and not (folder / "bundle/new.html").exists(), "left")


def a_report_is_replaced_whole_or_not_at_all(folder):
    secret = key(folder)
    report(folder, "bundle", "--key", secret)
    before = {path.name: path.read_bytes() for path in folder.glob("out.*")}
    expect(len(before) == 4, f"{list(before)}")
    sizes = [len(before[name]) for name in ("out.html", "out.json")]
    blocks = sum(sizes) // 2 // 512  # one of them fits
    done = subprocess.run(
        ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", AUDITOR, "report", "bundle",
         "--auditor", "new", "--key", secret, "--out", "out.html"], cwd=folder,
        capture_output=True)
    expect(done.returncode == 74, f"{done}")
    expect(before == {path.name: path.read_bytes() for path in folder.glob("out.*")},
           "a part was replaced")
    expect(not list(folder.glob("*.partial*")), "something was left")


def signatures_hold_and_changes_show(folder):
    _, page, told = report(folder, "fine", "bundle", "--key", key(folder))
    public = (folder / "auditor.key.pub").read_text().splitlines()[1]
    expect(told["signature"] == {"format": "minisign", "public_key": public}, "another key")
    expect("not signed" not in page and f"minisign -Vm out.html -P {public}" in page, "unsaid")
    if shutil.which("minisign") is None:
        raise Skip("there is no minisign")
    for name in ("out.html", "out.json"):
        expect(verifies(folder, name), f"{name} is not signed")
        whole = (folder / name).read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 2):
            changed = bytearray(whole)
            changed[at] ^= 1
            (folder / name).write_bytes(changed)
            expect(not verifies(folder, name), f"{name}: a change at {at} was not seen")
        (folder / name).write_bytes(whole)
        comment = (folder / f"{name}.minisig").read_text()
        expect(f"date=2026-11-22 file={name}" in comment, comment)
    (folder / "out.html.minisig").write_text(
        (folder / "out.html.minisig").read_text().replace("2026", "2025"))
    expect(not verifies(folder, "out.html"), "another date was not seen")


def keys_that_cannot_be_used_are_refused_before_anything_is_written(folder):
    (folder / "word").write_text("correct horse\n")
    (folder / "word").chmod(0o600)
    (folder / "wrong").write_text("horse\n")
    shutil.copyfile(HERE / "locked.key", folder / "locked.key")  # made with a cheap derivation
    (folder / "locked.key").chmod(0o600)
    key(folder)
    for words, needed, code in ((("--key", "locked.key"), "--passphrase-file", 65),
                                (("--key", "locked.key", "--passphrase-file", "wrong"), "", 65),
                                (("--key", "bank.csv"), "", 65), (("--key", "none"), "", 74)):
        refused(folder, needed, "game.json", *words, code=code)
    (folder / "auditor.key").chmod(0o640)
    refused(folder, "read by others", "game.json", "--key", "auditor.key")
    report(folder, "game.json", "--key", "locked.key", "--passphrase-file", "word")


# ---- the ledger


def body_of(folder):
    """The elements of the body of an audit entry, by docs/ledger-format.md."""
    data, at, out = (folder / "audit.body").read_bytes(), 0, []
    expect(data[0] == 0x98, "no array of eight")
    at = 1
    while at < len(data):
        head = data[at]
        if head < 0x80:
            out, at = out + [head], at + 1
        elif 0xa0 <= head < 0xc0:
            out, at = out + [data[at + 1:at + 1 + head - 0xa0].decode()], at + 1 + head - 0xa0
        else:
            expect(head == 0xc4, f"a byte {head:x}")
            length = data[at + 1]
            out, at = out + [data[at + 2:at + 2 + length]], at + 2 + length
    return out


def an_entry_carries_what_may_be_public_and_the_ledger_takes_it(folder):
    key(folder)
    generate(folder, "ledger", "rotate", "bank.csv.ledger", "--role", "auditor", "--add",
             "auditor.key.pub")
    code, _, told = report(folder, "leaky", "bundle", "game.json", "--key", "auditor.key",
                           "--ledger-body", "audit.body")
    subject = next(i["findings"]["subject"] for i in told["inputs"] if i["layer"] == "verify")
    body = body_of(folder)
    expect(code == 1, "the attack is not told")
    expect(body[:2] == [1, "audit"] and body[2].hex() == subject["ledger"]["id"], f"{body}")
    expect(body[4] == subject["ledger"]["size"] and body[5].hex() == subject["ledger"]["root"],
           f"{body}")
    expect(body[6] == "not-refuted", f"the entry says what attack found: {body[6]}")
    expect(body[7] == hashlib.sha256((folder / "out.json").read_bytes()).digest(), "the hash")
    expect(told["salt"] is not None, "the hash is of a report without a salt")
    approve = ("ledger", "approve", "bank.csv.ledger", "--body", "audit.body", "--sig",
               "audit.body.minisig")
    generate(folder, *approve)
    told = subprocess.run([GENERATOR, "ledger", "log", "bank.csv.ledger"], cwd=folder,
                          capture_output=True, text=True).stdout
    expect("Verdict: not-refuted" in told, told)
    generate(folder, "ledger", "verify", "bank.csv.ledger")
    generate(folder, "release", "--model", "bank.model", "--ledger", "bank.csv.ledger", "--out",
             "later", "--quiet", "--seed", "5")
    found = json.loads(audit(folder, "verify", "later", "--json", expected=(0,)).stdout)
    expect(found["subject"]["ledger"]["size"] == subject["ledger"]["size"] + 3, "no entry")


def the_worst_of_verify_and_game_enters_the_entry(folder):
    for name, word in (("game-refuted", "refuted"), ("game-open", "inconclusive"),
                       ("conform-refuted", "not-refuted"), ("attack-refuted", "not-refuted")):
        found = next(found for named, found, _ in verdicts(folder) if named == name)
        report(folder, given(folder, found), "bundle", "--ledger-body", "audit.body")
        expect(body_of(folder)[6] == word, f"{name}: {body_of(folder)[6]}")
        expect(not (folder / "audit.body.minisig").exists(), "signed without a key")


def no_entry_without_a_verdict_that_may_be_public(folder):
    out = ("--out", "no.html", *DATE, "--ledger-body", "no.body")
    other = json.loads((folder / "verify.json").read_text())
    other["subject"]["ledger"]["id"] = "0" * 32
    given(folder, other)
    for inputs, needed in ((("leaky", "conform.json"), "verify or game"),
                           (("game.json",), "needs a bundle"),
                           (("given.json", "bundle"), "more than one ledger")):
        done = audit(folder, "report", *inputs, *out, expected=(64,))
        expect(needed in done.stderr, done.stderr)
        expect(not list(folder.glob("no.*")), "something was written")


TESTS = [exit_codes_gate_a_pipeline, usage_is_checked,
         a_report_without_private_records_is_for_everybody_and_repeatable, named_files_are_noted,
         what_is_read_is_not_written_over, a_report_is_replaced_whole_or_not_at_all,
         signatures_hold_and_changes_show,
         keys_that_cannot_be_used_are_refused_before_anything_is_written,
         an_entry_carries_what_may_be_public_and_the_ledger_takes_it,
         the_worst_of_verify_and_game_enters_the_entry,
         no_entry_without_a_verdict_that_may_be_public]


if __name__ == "__main__":
    sys.exit(main(TESTS))

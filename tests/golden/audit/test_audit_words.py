#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor says of words of its command line that cannot be meant: options that
contradict each other, and names behind which nothing may ever end. It answers within a minute.

usage: test_audit_words.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import os
import socket
import subprocess
import sys

from audit_kit import AUDITOR, EXAMPLES, expect, generate, main
from attack_kit import people, tables

STRANGE = {"pipe": "a pipe with a name", "socket": "a socket", "folder": "a folder",
           "/dev/zero": "a device"}


def refused(folder, code, says, *words):
    done = subprocess.run([AUDITOR, *words], cwd=folder, capture_output=True, text=True,
                          timeout=60)
    expect(done.returncode == code and says in done.stderr and done.stdout == "",
           f"{words}: {done.returncode} {done.stderr}{done.stdout}")


def an_option_with_a_value_is_given_once(folder):
    for command, options in (
            ("verify", ("ledger-id", "pinned", "policy", "generator", "seconds")),
            ("conform", ("ledger-id", "pinned", "policy", "data", "disclosure", "delimiter")),
            ("split", ("data", "id", "out", "delimiter"))):
        for option in options:
            value = {"ledger-id": 32 * "0", "seconds": "1", "delimiter": ";"}.get(option, "x")
            refused(folder, 64, f"--{option} is given twice: give it once", command, "bundle",
                    f"--{option}", value, f"--{option}", value)


def what_may_be_repeated_may(folder):
    refused(folder, 74, "cannot open bundle", "verify", "bundle", "--against", "a", "--against",
            "b", "--json", "--json")


def limits_of_a_generator_need_one(folder):
    refused(folder, 64, "--seconds is of no use without --generator", "verify", "bundle",
            "--seconds", "9")
    refused(folder, 74, "cannot open bundle", "verify", "bundle", "--seconds", "9",
            "--generator", "x")


def selftest_is_quick_or_long(folder):
    for options in (("--quick", "--long"), ("--long", "--quick")):
        refused(folder, 64, "--quick and --long do not go together", "selftest", *options,
                "--zoo", "none")
    refused(folder, 64, "--zoo is given twice", "selftest", "--zoo", "none", "--zoo", "none")
    refused(folder, 65, "none is no zoo", "selftest", "--quick", "--quick", "--zoo", "none")


def make_strange(folder):
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as made:
        before = os.getcwd()
        os.chdir(folder)  # the path of a socket is short
        try:
            made.bind("socket")
        finally:
            os.chdir(before)


def make_release(folder):
    """A bundle, its table, and a ledger's disclosure."""
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "2000", "--seed", "1",
             "--out", "b.csv")
    generate(folder, "fit", "--data", "b.csv", "--schema", str(EXAMPLES / "bank.schema.json"),
             "--epsilon", "1", "--delta", "1e-6", "--mechanism", "independent", "--out", "model",
             "--quiet")
    generate(folder, "release", "--model", "model", "--ledger", "b.csv.ledger", "--out",
             "bundle", "--rows", "10", "--quiet")
    generate(folder, "ledger", "disclose", "b.csv.ledger", "--out", "key.json", "--quiet")


def what_nobody_may_write_to_is_not_waited_for(folder):
    make_release(folder)
    make_strange(folder)
    for strange, kind in STRANGE.items():
        refused(folder, 65, kind, "conform", "bundle", "--data", strange)
        refused(folder, 65, kind, "conform", "bundle", "--data", "b.csv", "--disclosure",
                strange)
        refused(folder, 65, kind, "split", "--data", strange, "--out", "made")
        for option in ("--policy", "--pinned"):
            refused(folder, 65, kind, "verify", "bundle", option, strange)
        if strange != "folder":
            words = "neither a folder nor a tar file"
            refused(folder, 65, words, "verify", strange)
            refused(folder, 65, words, "conform", strange, "--data", "b.csv")
            refused(folder, 65, words, "verify", "bundle", "--against", strange)


def no_table_of_an_attack_is_waited_for(folder):
    tables(folder, people(1, 60), people(2, 60), people(3, 60))
    make_strange(folder)
    usual = {"--train": "t.csv", "--holdout": "h.csv", "--synthetic": "s.csv", "--out": "out"}
    for strange, kind in STRANGE.items():
        for option in ("--train", "--holdout", "--synthetic", "--schema"):
            words = [word for pair in (usual | {option: strange}).items() for word in pair]
            refused(folder, 65, kind, "attack", *words)
    (folder / "split").mkdir()
    os.mkfifo(folder / "split" / "secret.json")
    words = [word for pair in usual.items() for word in pair]
    refused(folder, 65, STRANGE["pipe"], "attack", *words, "--split", "split")


def keys_of_a_report_are_not_waited_for(folder):
    (folder / "game.json").write_text("{}")
    make_strange(folder)
    (folder / "pipe").chmod(0o600)
    refused(folder, 65, STRANGE["pipe"], "report", "game.json", "--out", "x.html", "--key",
            "pipe")


def the_pipe_of_a_command_is_read(folder):
    """What a shell writes as <(cat b.csv), of more than a pipe holds, by a writer who is slow."""
    make_release(folder)
    plain = subprocess.run([AUDITOR, "conform", "bundle", "--data", "b.csv", "--json"],
                           cwd=folder, capture_output=True, timeout=60)
    expect(plain.returncode == 0, plain.stderr)
    for writer in ("cat b.csv", "sleep 1; cat b.csv"):
        with subprocess.Popen(writer, shell=True, cwd=folder, stdout=subprocess.PIPE) as made:
            fd = made.stdout.fileno()
            done = subprocess.run(
                [AUDITOR, "conform", "bundle", "--data", f"/dev/fd/{fd}", "--json"], cwd=folder,
                pass_fds=[fd], capture_output=True, timeout=60)
        expect((done.returncode, done.stdout) == (0, plain.stdout), f"{writer}: {done.stderr}")
    with open(folder / "b.csv", "rb") as table:
        done = subprocess.run([AUDITOR, "conform", "bundle", "--data", "-", "--json"], cwd=folder,
                              stdin=table, capture_output=True, timeout=60)
    expect((done.returncode, done.stdout) == (0, plain.stdout), f"-: {done.stderr}")


CASES = [an_option_with_a_value_is_given_once, what_may_be_repeated_may,
         limits_of_a_generator_need_one, selftest_is_quick_or_long,
         what_nobody_may_write_to_is_not_waited_for, no_table_of_an_attack_is_waited_for,
         keys_of_a_report_are_not_waited_for, the_pipe_of_a_command_is_read]


if __name__ == "__main__":
    sys.exit(main(CASES))

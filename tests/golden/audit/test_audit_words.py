#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor says of words of its command line that cannot be meant.

usage: test_audit_words.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import subprocess
import sys

from audit_kit import AUDITOR, expect, main


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


CASES = [an_option_with_a_value_is_given_once, what_may_be_repeated_may,
         limits_of_a_generator_need_one, selftest_is_quick_or_long]


if __name__ == "__main__":
    sys.exit(main(CASES))

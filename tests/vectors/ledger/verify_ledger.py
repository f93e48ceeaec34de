#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier of Silhouette's ledgers, written from their description alone.

usage: verify_ledger.py LEDGER_DIR [--pinned CHECKPOINT] [--lid HEX] [--policy FILE]

Needs Python 3.11 and nothing else; reads, never writes. Exit code 0: accepted; 1: refused,
with the rule's id and the entry's number; 2: of a version or type it does not know.
docs/ledger-format.md describes the bytes."""
import argparse
import pathlib
import sys
import time
from fractions import Fraction

import note
from directory import verify_directory
from errors import Refused, Unsupported
from rules import show, verify_entries

EXIT_USAGE = 64

__all__ = ["verify_directory", "verify_entries"]


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")


def ledger_id(text):
    raw = bytes.fromhex(text)
    if len(raw) != 16 or raw.hex() != text:
        raise argparse.ArgumentTypeError("32 lower-case hexadecimal digits")
    return raw


def parse_arguments():
    parser = Parser(description="Verify a ledger's directory.")
    parser.add_argument("ledger", metavar="LEDGER_DIR")
    parser.add_argument("--pinned", metavar="CHECKPOINT", type=pathlib.Path,
                        help="a checkpoint kept from earlier, which the ledger must extend")
    parser.add_argument("--lid", metavar="HEX", type=ledger_id,
                        help="the ledger's id, learnt by another way")
    parser.add_argument("--policy", metavar="FILE", type=pathlib.Path,
                        help="logs and witnesses to trust (C2SP tlog-policy)")
    return parser.parse_args()


def describe(verdict):
    rules = verdict.rules
    granted = sum((grant.rho for grant in rules.grants.values()), Fraction(0))
    spent = sum((grant.spent_rho for grant in rules.grants.values()), Fraction(0))
    print(f"accepted {rules.lid.hex()} entries={rules.size} covered={verdict.covered}")
    print(f"rho: cap {show(rules.genesis.cap.rho)}, granted {show(granted)}, "
          f"spent {show(spent)}")
    for key, when in verdict.times.items():
        print(f"witnessed by {key.name} at {when}")
    ahead = [f"a cosignature in the future: {name}"
             for name in note.future_witnesses(verdict.times, time.time())]
    for warning in verdict.warnings + ahead:
        print(f"warning: {warning}")


def where(trouble):
    return "" if trouble.entry is None else f" entry={trouble.entry}"


def main():
    arguments = parse_arguments()
    try:
        policy = arguments.policy and note.Policy(arguments.policy.read_bytes())
        pinned = arguments.pinned and arguments.pinned.read_bytes()
        describe(verify_directory(arguments.ledger, pinned, arguments.lid, policy))
    except Refused as trouble:
        print(f"refused {trouble.check}{where(trouble)}: {trouble.reason}")
        return 1
    except Unsupported as trouble:
        print(f"unsupported{where(trouble)}: {trouble.reason}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

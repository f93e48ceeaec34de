# SPDX-License-Identifier: Apache-2.0
"""What the scripts about ledgers share: one person's ledger, and a house of several people."""
import fractions
import json
import re
import shutil
import subprocess

from harness import Skip, prepare

STATE = ("--state", "state")
CAP = ("--data-label", "patients", "--cap-epsilon", "2", "--cap-delta", "1e-9")


def fit(*more, epsilon="0.5", data="data.csv", out="out.model"):
    return ("fit", "--data", data, "--schema", "schema.json", "--epsilon", epsilon,
            "--mechanism", "independent", "--out", out, "--quiet", *STATE, *more)


def quickstart(tool, *more):
    prepare(tool)
    return tool.succeeds("ledger", "quickstart", "l", *CAP, *STATE, *more)


def status(tool, *more):
    return json.loads(tool.succeeds("ledger", "status", "l", "--json", *STATE, *more).out)


def fraction(text):
    return fractions.Fraction(text)


def n_entries(tool):
    return len(list(tool.path("l/entries").iterdir()))


class House:
    """Two authorities of whom two must approve, a curator, a log."""

    def __init__(self, tool):
        if not shutil.which("minisign"):
            raise Skip("minisign is not installed")
        self.tool = tool
        prepare(tool)
        for name in "alice", "bob", "carol":
            subprocess.run(["minisign", "-G", "-W", "-p", f"{name}.pub", "-s",
                            f"{name}.key"], cwd=tool.folder, check=True,
                           capture_output=True)
        for role in "curator", "log":
            tool.succeeds("key", "new", "--role", role, "--unencrypted", "--out",
                          f"{role}.key")
        self.signers = ["--curator", "curator.key", "--log", "log.key", *STATE]

    def propose(self, *words):
        self.tool.path("body").unlink(missing_ok=True)  # a body is never written over
        return self.tool.succeeds("ledger", *words, "--body", "body", *STATE).out

    def sign(self, answer, *names, comment=None):
        comment = comment or re.search(r"-t '(.*)'", answer).group(1)
        for name in names:
            subprocess.run(["minisign", "-S", "-W", "-s", f"{name}.key", "-m", "body",
                            "-x", f"{name}.sig", "-t", comment],
                           cwd=self.tool.folder, check=True, capture_output=True)

    def approval(self, *names):
        return ("ledger", "approve", "l", "--body", "body", "--sig",
                *[f"{name}.sig" for name in names], *self.signers)

    def found(self, *more):
        answer = self.propose("init", "l", *CAP, "--authority", "alice.pub",
                              "--authority", "bob.pub", "--threshold", "2", "--curator",
                              "curator.key", "--log", "log.key", "--data", "data.csv",
                              "--unencrypted", *more)
        self.sign(answer, "alice", "bob")
        self.tool.succeeds(*self.approval("alice", "bob"))

    def approved(self, *words):
        self.sign(self.propose(*words), "alice", "bob")
        return self.tool.succeeds(*self.approval("alice", "bob"))

    def grant(self):
        self.approved("grant", "l", "--epsilon", "1", "--purpose", "a table",
                      "--expires", "2099-12-31")

    def key_id(self, name):
        return self.tool.succeeds("key", "show", f"{name}.pub").out.split()[1]

# SPDX-License-Identifier: Apache-2.0
"""What the scripts about releases share: a ledger with a model, bundles, stock tools."""
import json
import os
import re
import shutil
import subprocess

from harness import PATIENCE, Skip, expect, prepare

FIT = ("fit", "--data", "data.csv", "--schema", "schema.json", "--epsilon", "1", "--delta",
       "1e-9", "--mechanism", "independent", "--state", "state")
LEDGER = "data.csv.ledger"
STOCK = ("minisign", "openssl", "basenc", "sha256sum")
ARTIFACTS = ("data.csv", "schema.json", "transcript.sil", "datasheet.json",
             "datasheet.html", "datapackage.json", "VERIFY.txt")
FIXED = sorted((*ARTIFACTS, "statement.json", "statement.dsse.json", "data.csv.minisig",
                "statement.json.minisig", "release.tlog-proof", "keys/release.pub",
                "keys/release.pem", "keys/log.vkey", "ledger/checkpoint", "SHA256SUMS"))


def paid_model(tool):
    """A ledger of one person, and a model that was charged to it: MODEL, in m.model."""
    prepare(tool)
    tool.succeeds(*FIT, "--out", "m.model")


def release(*more, out="bundle", model="m.model", ledger=LEDGER):
    return ("release", "--model", model, "--ledger", ledger, "--state", "state", "--out",
            out, *more)


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if path.is_file())


def statement_of(tool, bundle="bundle"):
    return json.loads(tool.path(bundle).joinpath("statement.json").read_text())


def n_entries(tool):
    return len(list(tool.path(LEDGER).joinpath("entries").iterdir()))


def commands(text):
    """The indented lines of VERIFY.txt: what a reader is asked to type."""
    return "".join(line[4:] + "\n" for line in text.splitlines() if line.startswith("    "))


def by_hand(folder, script, shell="sh"):
    """The commands of `script` (the text of a VERIFY.txt) in `folder`: code and output."""
    for program in STOCK:
        if shutil.which(program) is None:
            raise Skip(f"{program} is not installed")
    done = subprocess.run([shell], input=commands(script), cwd=folder, text=True,
                          capture_output=True, timeout=PATIENCE, check=False,
                          env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                               "LC_ALL": "C", "TMPDIR": str(folder.parent)})
    for left in folder.parent.glob("tmp.*"):
        shutil.rmtree(left)
    return done.returncode, done.stdout + done.stderr


def expect_whole(folder):
    """Every file that SHA256SUMS lists is there with its digest, and no other."""
    lines = folder.joinpath("SHA256SUMS").read_text().splitlines()
    listed = [re.fullmatch(r"[0-9a-f]{64}  (.+)", line)[1] for line in lines]
    expect(listed == sorted(listed), f"sorted: {listed}")
    expect(files_of(folder) == sorted([*listed, "SHA256SUMS"]), "no more and no less")
    done = subprocess.run(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],
                          cwd=folder, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"the digests hold: {done.stdout}{done.stderr}")

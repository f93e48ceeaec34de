#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Go project's transparency log reads the ledger of a bundle from its tiles.

usage: test_tiles.py TILE_TOOL PROGRAM

check_tiles.go is built against the golang.org/x/mod of the distribution; where Go or that
package is missing nothing is asked, and the exit code is 77."""
import atexit
import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent.parent
sys.path[:0] = [str(TESTS / "golden" / "cli")]

from harness import PATIENCE, case, expect, main  # noqa: E402

from release_kit import paid_model, release  # noqa: E402

GOPATH = pathlib.Path("/usr/share/gocode")


@functools.cache
def check_tiles():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="silhouette-tiles-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = dict(os.environ, GO111MODULE="off", GOPATH=str(GOPATH), GOFLAGS="",
                       GOCACHE=str(folder / "cache"), CGO_ENABLED="0")
    done = subprocess.run(["go", "build", "-o", folder / "check", HERE / "check_tiles.go"],
                          env=environment, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"it does not build\n{done.stderr}")
    return folder / "check"


def ask(folder, size, root):
    done = subprocess.run([check_tiles(), folder, str(size), root], capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    expect(done.returncode in (0, 1) and done.stderr == "", f"{done}")
    return done.returncode == 0, done.stdout


def spoil(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@case("tiles: the ledger of a bundle")
def _(tool):
    paid_model(tool)
    tool.succeeds(*release())
    ledger = tool.path("bundle/ledger")
    size, root = ledger.joinpath("checkpoint").read_text().splitlines()[1:3]
    good, said = ask(ledger, size, root)
    expect(good and said == f"{size} entries\n", said)
    for path in sorted(ledger.joinpath("tile").rglob("*")):
        if path.is_file():
            spoil(path)
            expect(not ask(ledger, size, root)[0], f"{path} is changed")
            spoil(path)
    expect(ask(ledger, size, root)[0], "as before")


@case("tiles: of one entry, of full tiles, of three levels")
def _(tool):
    for size in 1, 255, 256, 257, 65537:
        done = subprocess.run([TILE_TOOL, str(size), tool.path("t")], capture_output=True,
                              text=True, timeout=PATIENCE, check=False)
        expect(done.returncode == 0, f"{done}")
        ledger = tool.path("t/ledger")
        good, said = ask(ledger, size, done.stdout.strip())
        expect(good, f"{size}: {said}")
        top = max(ledger.joinpath("tile").glob("[0-9]"))
        spoil(next(path for path in sorted(top.rglob("*")) if path.is_file()))
        expect(not ask(ledger, size, done.stdout.strip())[0], f"{size}: its top is changed")
        shutil.rmtree(tool.path("t"))


if shutil.which("go") is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
    print("SKIP: Go, or its golang.org/x/mod, is not installed")
    sys.exit(77)
TILE_TOOL = pathlib.Path(sys.argv.pop(1)).resolve()
main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Break privacy on purpose, one fault at a time, and see that a test notices.

    run.py --all                        every mutant of mutants.txt
    run.py --pick 3 --by COMMIT         three of them, chosen by the commit's hash
    run.py --id gate-no-noise ...       those named
    run.py --check [--built DIR]        only see that each one still applies, and that its
                                        tests are there
    run.py --all --killed FILE          keep the ids of the killed in FILE, and leave out those
                                        that stand there (of the same sources)

The tree is copied to a temporary directory and built there; each mutant is applied, the
tests that ought to kill it are built and run, and the file is put back. A mutant that no
test kills is a hole in the tests: it is printed, and the exit status is 1. One that does
not build, or a test that fails without any mutant, is an error of its own: status 2.
"""

import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CASE_TIMEOUT = 60  # seconds for one case of a test program: a mutant may loop for ever


class Broken(Exception):
    """The list, the tree or the build is at fault, not the tests."""


@dataclass
class Mutant:
    id: str = ""
    file: str = ""
    breaks: str = ""
    tests: list = field(default_factory=list)
    old: list = field(default_factory=list)
    new: list = field(default_factory=list)

    def applied_to(self, text):
        """The text with the old lines, which must be there once, replaced."""
        lines = text.split("\n")
        stripped = [line.strip() for line in lines]
        size = len(self.old)
        places = [
            i for i in range(len(lines) - size + 1) if stripped[i : i + size] == self.old
        ]
        if len(places) != 1:
            raise Broken(f"{self.id}: {len(places)} places in {self.file}, not 1")
        at = places[0]
        return "\n".join(lines[:at] + self.new + lines[at + size :])


def read_mutants(path):
    mutants = []
    for paragraph in path.read_text().split("\n\n"):
        lines = [line for line in paragraph.split("\n") if line and line[0] != "#"]
        if not lines:
            continue
        mutant = Mutant()
        for line in lines:
            if line.startswith("- "):
                mutant.old.append(line[2:].strip())
            elif line.startswith("+ "):
                mutant.new.append(line[2:])
            else:
                key, _, value = line.partition(": ")
                if key not in ("id", "file", "breaks", "tests"):
                    raise Broken(f"{path.name}: not understood: {line}")
                setattr(mutant, key, value.split() if key == "tests" else value)
        if not (mutant.id and mutant.file and mutant.tests and mutant.old and mutant.new):
            raise Broken(f"{path.name}: incomplete: {lines[0]}")
        mutants.append(mutant)
    if len({mutant.id for mutant in mutants}) != len(mutants):
        raise Broken(f"{path.name}: an id stands twice")
    return mutants


def choose(mutants, args):
    if args.all or args.check:
        return mutants
    if args.id:
        known = {mutant.id: mutant for mutant in mutants}
        missing = [name for name in args.id if name not in known]
        if missing:
            raise Broken(f"no such mutant: {' '.join(missing)}")
        return [known[name] for name in args.id]

    def rank(mutant):
        return hashlib.sha256(f"{args.by} {mutant.id}".encode()).digest()

    return sorted(mutants, key=rank)[: args.pick]


def is_script(test):
    """Criterion programs are named as targets are, scripts by their path in the tree."""
    return test.endswith(".py")


def programs(script):
    """What a script runs: those about the auditor run both."""
    names = ["silhouette", "silhouette-audit"]
    return names if script.startswith("tests/golden/audit/") else names[:1]


class Tree:
    """A copy of the sources, and its build."""

    def __init__(self, root, jobs):
        self.root = pathlib.Path(root)
        self.build = self.root / "build"
        self.jobs = str(jobs)
        shutil.copytree(
            ROOT,
            self.root,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("build", ".git"),
        )
        self._need(
            ["cmake", "-S", self.root, "-B", self.build, "-G", "Ninja"]
            + ["-DCMAKE_BUILD_TYPE=Release", "-DSIL_WERROR=OFF"]
        )

    def _need(self, command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken((done.stdout + done.stderr)[-4000:])

    def make(self, tests):
        targets = {target for test in tests
                   for target in (programs(test) if is_script(test) else [test])}
        self._need(["ninja", "-C", self.build, "-j", self.jobs, *sorted(targets)])

    def passes(self, test):
        if is_script(test):
            command = [sys.executable, "-B", self.root / test,
                       *(self.build / name for name in programs(test))]
            return subprocess.run(command, capture_output=True).returncode == 0
        (program,) = self.build.glob(f"tests/**/{test}")
        command = [program, "--jobs", self.jobs, "--timeout", str(CASE_TIMEOUT)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def killer(self, mutant):
        """The first of its tests that fails on the mutant; None when all pass."""
        path = self.root / mutant.file
        original = path.read_text()
        path.write_text(mutant.applied_to(original))
        try:
            for test in mutant.tests:
                try:
                    self.make([test])
                except Broken as error:
                    raise Broken(f"{mutant.id} does not build:\n{error}") from error
                if not self.passes(test):
                    return test
            return None
        finally:
            path.write_text(original)


def run(mutants, jobs, killed):
    before = set(killed.read_text().split()) if killed and killed.exists() else set()
    with tempfile.TemporaryDirectory(prefix="silhouette-mutants-") as directory:
        tree = Tree(directory, jobs)
        tests = sorted({test for mutant in mutants for test in mutant.tests})
        tree.make(tests)
        failing = [test for test in tests if not tree.passes(test)]
        if failing:
            raise Broken(f"failing without any mutant: {' '.join(failing)}")

        survivors, broken = [], 0
        for mutant in mutants:
            if mutant.id in before:
                print(f"killed    {mutant.id} before", flush=True)
                continue
            start = time.monotonic()
            try:
                killer = tree.killer(mutant)
            except Broken as error:
                broken += 1
                print(f"BROKEN    {error}", flush=True)
                continue
            seconds = time.monotonic() - start
            if killer is None:
                survivors.append(mutant)
                print(f"SURVIVED  {mutant.id}: {mutant.breaks}", flush=True)
            else:
                print(f"killed    {mutant.id} by {killer} ({seconds:.0f} s)", flush=True)
                if killed:
                    with killed.open("a") as file:
                        file.write(mutant.id + "\n")
    # In the words that tests/tally.py counts: a killed mutant is a passed case.
    failed = len(survivors) + broken
    print(f"{len(mutants) - failed} passed, {failed} failed, 0 skipped")
    return 2 if broken else 1 if survivors else 0


def check(mutants, build):
    programs = {folder.stem for folder in build.glob("tests/**/CMakeFiles/*.dir")} if build else set()
    for mutant in mutants:
        mutant.applied_to((ROOT / mutant.file).read_text())
        for test in mutant.tests:
            if not (ROOT / test).is_file() if is_script(test) else build and test not in programs:
                raise Broken(f"{mutant.id}: there is no test {test}")
    print(f"mutants: {len(mutants)} apply")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help="every mutant")
    what.add_argument("--pick", type=int, metavar="N", help="N mutants, with --by")
    what.add_argument("--id", nargs="+", help="these mutants")
    what.add_argument("--check", action="store_true", help="apply them only")
    parser.add_argument("--by", default="", metavar="HASH", help="what --pick goes by")
    parser.add_argument("--killed", type=pathlib.Path, metavar="FILE", help="ids killed so far")
    parser.add_argument("--built", type=pathlib.Path, metavar="DIR",
                        help="with --check: a configured build, which knows the test programs")
    parser.add_argument("--jobs", type=int, default=2, help="compilers at once")
    args = parser.parse_args()
    try:
        mutants = choose(read_mutants(HERE / "mutants.txt"), args)
        return check(mutants, args.built) if args.check else run(mutants, args.jobs, args.killed)
    except Broken as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

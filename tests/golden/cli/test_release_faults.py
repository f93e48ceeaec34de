#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""silhouette release, killed, stopped or out of room at every step: a whole bundle or
none, and a ledger that opens. The steps are the calls that a first run makes to change
something on the disk, as strace shows them."""
import collections
import os
import re
import shutil
import subprocess

from harness import PATIENCE, Skip, case, expect, main
from release_kit import LEDGER, expect_whole, n_entries, paid_model, release

CHANGES = ("mkdir", "mkdirat", "openat", "write", "fsync", "close", "chmod", "fchmod",
           "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir")
# One of these is the first thing that the program does itself.
BEGINNING = "SIGXFSZ"
MOST_OF_A_CALL = 3 * int(os.environ.get("SIL_TEST_MULTIPLIER", "1"))
ONE = ("--threads", "1")


def strace(tool, *options):
    if shutil.which("strace") is None:
        raise Skip("strace is not installed")
    log = tool.path("strace.log")
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", log, *options, tool.program,
         *release(*ONE, out="house/bundle")],
        cwd=tool.folder, env=dict(tool.environment, ASAN_OPTIONS="detect_leaks=0"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
        check=False)
    if "ptrace" in done.stderr.lower() and "not permitted" in done.stderr.lower():
        raise Skip("nothing may be traced here")
    text = log.read_text()
    log.unlink()
    return done.returncode, done.stderr, text


def prepare_world(tool):
    paid_model(tool)
    tool.path("house").mkdir()
    for name in LEDGER, "state":
        shutil.copytree(tool.path(name), tool.path(f"kept-{name}"))


def restore(tool):
    for name in LEDGER, "state":
        shutil.rmtree(tool.path(name))
        shutil.copytree(tool.path(f"kept-{name}"), tool.path(name))
    shutil.rmtree(tool.path("house"))
    tool.path("house").mkdir()


def steps(tool):
    """(call, its number from 1), a sample of each kind that has the first and the last."""
    code, said, log = strace(tool, "-e", f"trace=rt_sigaction,{','.join(CHANGES)}")
    expect(code == 0, f"the run that is traced fails: {said}")
    expect_whole(tool.path("house/bundle"))
    thread = log.split(None, 1)[0]
    seen, own, begun = collections.Counter(), collections.defaultdict(list), False
    for line in log.splitlines():
        begun = begun or BEGINNING in line
        found = re.match(rf"{thread} +(\w+)\(", line)
        if found and found.group(1) in CHANGES:
            seen[found.group(1)] += 1
            if begun:
                own[found.group(1)].append(seen[found.group(1)])
    expect(own["fsync"] and own["renameat2"] and own["linkat"], f"it shows {dict(own)}")
    for call, numbers in own.items():
        n = min(len(numbers), MOST_OF_A_CALL)
        for i in range(n):
            yield call, numbers[i * (len(numbers) - 1) // max(n - 1, 1)]


def whole_or_nothing(tool, step, said):
    house = tool.path("house")
    left = sorted(path.name for path in house.iterdir())
    has_bundle = "bundle" in left
    if has_bundle:
        expect_whole(house / "bundle")
    result = tool.run("ledger", "verify", LEDGER, "--state", "state")
    expect(result.code == 0, f"{step}: the ledger opens\n{said}\n{result}")
    if has_bundle:
        expect(n_entries(tool) == len(list(
            tool.path(f"kept-{LEDGER}/entries").iterdir())) + 1, f"{step}: and its entry")
    return left


def run_all(tool, inject, check):
    prepare_world(tool)
    places = list(steps(tool))
    outcomes = collections.Counter()
    for call, number in places:
        restore(tool)
        code, said, _ = strace(tool, "-e", f"trace={call}", "-e",
                               f"inject={call}:{inject}:when={number}")
        step = f"{call} {number}, exit {code}"
        left = whole_or_nothing(tool, step, said)
        check(step, code, left, said)
        outcomes["bundle" in left] += 1
    expect(outcomes[False] > 0, f"none of {len(places)} steps was hit in time")
    again = tool.run(*release(*ONE, out="house/again"))
    expect(again.code == 0, f"it can be run again\n{again}")
    expect_whole(tool.path("house/again"))


@case("release: killed at every step, there is a whole bundle or none")
def _(tool):
    def check(step, code, left, said):
        expect(set(left) <= {"bundle"} or all(".partial-" in name for name in left),
               f"{step}: {left}\n{said}")

    run_all(tool, "signal=KILL", check)


@case("release: stopped at every step, nothing half is left")
def _(tool):
    def check(step, code, left, said):
        expect(left in ([], ["bundle"]) or code == 0, f"{step}: {left}\n{said}")
        expect(code != 0 or left == ["bundle"], f"{step}: {left}\n{said}")

    run_all(tool, "signal=TERM", check)


@case("release: whatever cannot be done, nothing half is left, and it is said")
def _(tool):
    def check(step, code, left, said):
        if step.startswith(("unlink", "rmdir")):  # what removes what would be left
            return
        if code == 0:  # a step that may fail
            expect(left == ["bundle"], f"{step}: {left}\n{said}")
            return
        expect(said.startswith("silhouette release: "), f"{step}: it speaks\n{said}")
        expect("bundle" not in left or "durable" in said, f"{step}: {left}\n{said}")
        expect(not left or left == ["bundle"], f"{step}: {left}\n{said}")

    run_all(tool, "error=ENOSPC", check)


def on_disk(tool, kilobytes):
    """A run whose bundle goes to a file system of so many kilobytes: code, what it said,
    and the names that are left there."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise Skip("a file system can be mounted by root only")
    script = ('mount -t tmpfs -o size="$1"k none house || exit 99; shift; "$@"; code=$?; '
              "ls -A house; [ ! -e house/bundle ] || cp -r house/bundle copy; exit $code")
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", str(kilobytes),
                           tool.program, *release("--quiet", out="house/bundle")],
                          cwd=tool.folder, env=tool.environment, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    if done.returncode == 99 or "unshare" in done.stderr:
        raise Skip("this system does not let even root mount a file system")
    return done.returncode, done.stderr, done.stdout.split()


@case("release: a disk that is full before, and one that fills up, at any size")
def _(tool):
    prepare_world(tool)
    codes = set()
    for kilobytes in 4, 8, 16, 40, 60, 80, 100, 120, 140, 160, 180, 200, 240, 1000:
        restore(tool)
        code, said, left = on_disk(tool, kilobytes)
        codes.add(code)
        if code == 0:
            expect(left == ["bundle"], f"{kilobytes} KB: {left}")
            expect_whole(tool.path("copy"))
            shutil.rmtree(tool.path("copy"))
            continue
        expect(code == 74 and "No space left" in said and left == [],
               f"{kilobytes} KB: exit {code}, {left}\n{said}")
        has_entry = n_entries(tool) > len(list(
            tool.path(f"kept-{LEDGER}/entries").iterdir()))
        expect(has_entry == ("running again makes another" in said),
               f"{kilobytes} KB: it says whether there is an entry\n{said}")
    expect(codes == {0, 74}, f"both ends were tried: {codes}")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Count test cases across everything that ctest ran.

usage: tally.py [--failed STAGE ...] BUILD_DIR_OR_LOG ...

Of a directory it reads results/ctest.xml (ctest --output-junit) and, for every Criterion
program, results/NAME.tap, which has one line a case. A test that is a script counts as the
cases of its last line when that line reads "N passed, N failed, N skipped", else as one. A
program that ctest calls failed although none of its cases failed (a sanitizer's report, a
time limit, a crash outside the cases) counts as one failure more. Of a file it reads the
last line, as of a script's output. A stage named by --failed counts as one failure.

Prints the failed and the skipped cases, then "N passed, N failed, N skipped".
Exit code: 0 when nothing failed and something passed, else 1.
"""
import argparse
import itertools
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

LAST_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
CASE = re.compile(r"^(not )?ok\b|^\d+ passed, ")
REASON_MAX = 400
SKIP = re.compile(r"#\s*SKIP\b\s*(.*)$", re.IGNORECASE)


def names_for(n, names, otherwise):
    return names if len(names) == n else [otherwise] * n


def reason(lines):
    """The lines up to the next case, in one and cut."""
    rest = itertools.takewhile(lambda line: not CASE.match(line), lines)
    words = " ".join(" ".join(rest).split())
    return f" ({words[:REASON_MAX]})" if words else ""


class Tally:
    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skips = []

    def tap(self, program, text):
        """Add the cases of a TAP report; how many of them failed?"""
        before = len(self.failures)
        lines = text.splitlines()
        for at, line in enumerate(lines):
            skip = SKIP.search(line)
            if line.startswith("not ok"):
                self.failures.append(f"{program}: {line[6:].strip(' -')}{reason(lines[at + 1:])}")
            elif line.startswith("ok") and skip:
                case = line[2:skip.start()].strip(" -")
                self.skips.append(f"{program}: {case} ({skip.group(1) or 'no reason'})")
            elif line.startswith("ok"):
                self.passed += 1
        return len(self.failures) - before

    def script(self, name, output, ctest_passed):
        """Add a script's own count, or the script as one case; how many failed?"""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        match = LAST_LINE.match(lines[-1]) if lines else None
        if match is None:
            self.passed += ctest_passed
            return 0
        passed, failed, skipped = (int(group) for group in match.groups())
        # The numbers are those of the last line; lines like TAP's only give the names.
        named = Tally()
        named.tap(name, output)
        self.passed += passed
        self.failures += names_for(failed, named.failures, f"{name}: a case")
        self.skips += names_for(skipped, named.skips, f"{name}: a case")
        return failed

    def test(self, build, case):
        name = f"{build.name}/{case.get('name')}"
        status = case.get("status")
        tap = build / "results" / (case.get("name") + ".tap")
        skipped = case.find("skipped")
        if status == "notrun" and case.find("failure") is None and skipped is not None:
            self.skips.append(f"{name} ({skipped.get('message')})")
            return
        if tap.exists():
            failed = self.tap(name, tap.read_text(errors="replace"))
        else:
            output = case.findtext("system-out") or ""
            failed = self.script(name, output, status == "run")
        if status != "run" and failed == 0:
            failure = case.find("failure")
            reason = failure.get("message") if failure is not None else status
            self.failures.append(f"{name}: {reason or 'failed outside its cases'}")


    def build(self, build):
        report = build / "results" / "ctest.xml"
        if not report.exists():
            self.failures.append(f"{build.name}: ctest left no report")
            return
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            self.test(build, case)

    def log(self, path):
        before = self.passed + len(self.failures) + len(self.skips)
        self.script(path.stem, path.read_text(errors="replace"), False)
        if self.passed + len(self.failures) + len(self.skips) == before:
            self.failures.append(f"{path.stem}: counted nothing")


def main():
    parser = argparse.ArgumentParser(description="Count test cases.")
    parser.add_argument("--failed", action="append", default=[], metavar="STAGE")
    parser.add_argument("paths", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()

    tally = Tally()
    tally.failures += [f"{stage} failed" for stage in arguments.failed]
    for path in arguments.paths:
        if path.is_dir():
            tally.build(path)
        else:
            tally.log(path)
    for skip in tally.skips:
        print("skipped:", skip)
    for failure in tally.failures:
        print("FAILED:", failure)
    print(f"{tally.passed} passed, {len(tally.failures)} failed, "
          f"{len(tally.skips)} skipped")
    return 0 if tally.passed > 0 and not tally.failures else 1


if __name__ == "__main__":
    sys.exit(main())

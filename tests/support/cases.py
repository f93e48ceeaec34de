# SPDX-License-Identifier: Apache-2.0
"""What all scripts of cases share: how a case fails or is skipped, and how cases are counted.

Every case prints one line as TAP does, "ok - NAME", "ok - NAME # SKIP WHY" or "not ok - NAME"
with the reason below it; the last line of a script is "N passed, N failed, N skipped".
tests/tally.py reads both."""
import subprocess
import sys
import traceback


class Skip(Exception):
    """The machine cannot show what the case is about."""


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


def say(line):
    """In one piece, also beside other threads."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def run(self, name, case, *arguments):
        try:
            case(*arguments)
        except Skip as reason:
            self.skip(name, reason)
        except (Failure, subprocess.TimeoutExpired) as failure:
            self.fail(name, failure)
        except Exception:  # a defect of the test is a failure of the test
            self.fail(name, traceback.format_exc())
        else:
            self.passed += 1
            say(f"ok - {name}")

    def skip(self, name, reason):
        self.skipped += 1
        say(f"ok - {name} # SKIP {reason}")

    def fail(self, name, reason):
        self.failed += 1
        say(f"not ok - {name}\n{reason}")

    def end(self):
        """The last line, and the exit code of the script: nothing ran is no success."""
        say(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed or not self.passed + self.skipped else 0

# SPDX-License-Identifier: Apache-2.0
"""What the scripts about the auditor share: the two programs, running the generator, and
cases that have a folder each."""
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(SOURCE / "tests" / "support"))

from cases import Count, Failure, Skip, expect  # noqa: E402, F401

EXAMPLES = SOURCE / "docs" / "examples"
# A sanitized generator needs more memory than the auditor lets it have.
SANITIZED = any(name.endswith("SAN_OPTIONS") for name in os.environ)
WHY_NOT_SANITIZED = "sanitizers need more memory than the auditor gives"
GENERATOR, AUDITOR = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])


def generate(folder, *arguments):
    done = subprocess.run([GENERATOR, *arguments], cwd=folder, capture_output=True, text=True)
    expect(done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stderr}")


def most_by_chance(n, rate, chance):
    """The least k such that more than k of n happen with a probability below chance."""
    tail, k, term = 1.0, 0, (1 - rate) ** n
    while True:
        tail -= term
        if tail < chance:
            return k
        k += 1
        term *= (n - k + 1) / k * rate / (1 - rate)


def run_case(count, case):
    with tempfile.TemporaryDirectory(prefix="silhouette-test-") as name:
        count.run(case.__name__, case, pathlib.Path(name))


def main(cases, skipped=(), why=""):
    """Each case in a folder of its own; those of `skipped` are not run."""
    count = Count()
    for case in cases:
        if case in skipped:
            count.skip(case.__name__, why)
        else:
            run_case(count, case)
    return count.end()

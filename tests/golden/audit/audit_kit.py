# SPDX-License-Identifier: Apache-2.0
"""What the scripts about the auditor share: the two programs, and running the generator."""
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent.parent
EXAMPLES = SOURCE / "docs" / "examples"
GENERATOR, AUDITOR = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


def generate(folder, *arguments):
    done = subprocess.run([GENERATOR, *arguments], cwd=folder, capture_output=True, text=True)
    expect(done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stderr}")

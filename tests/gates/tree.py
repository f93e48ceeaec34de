# SPDX-License-Identifier: Apache-2.0
"""The source tree as the gates see it: files under version control, and findings."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def files(*suffixes):
    """Paths of the project's files, relative to ROOT, that end in one of `suffixes` (all
    when none is given): those git knows, or, without git, all outside build/."""
    listing = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True)
    if listing.returncode == 0:
        names = [name for name in listing.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                 if path.is_file() and path.relative_to(ROOT).parts[0] != "build"]
    return [pathlib.Path(name) for name in sorted(names)
            if (ROOT / name).is_file() and (not suffixes or name.endswith(suffixes))]


def text(path):
    return (ROOT / path).read_text(errors="replace")


COMMENT_OR_STRING = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def code_lines(path):
    """Pairs (line number, line) of C code with comments and the insides of strings gone."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + found[0]
        return "\n" * found.count("\n")
    return enumerate(COMMENT_OR_STRING.sub(blank, text(path)).splitlines(), 1)


def finish(gate, findings, looked_at):
    """Print the findings and leave; a gate that looked at nothing fails too."""
    for finding in findings:
        print(finding)
    if not looked_at:
        print(f"{gate}: found nothing to look at")
        sys.exit(1)
    print(f"{gate}: looked at {looked_at}, {len(findings)} findings")
    sys.exit(1 if findings else 0)

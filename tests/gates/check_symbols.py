#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the shared library exports is what the kept list says and what the public headers
declare, no more and no less.

usage: check_symbols.py LIBRARY
"""
import re
import subprocess
import sys

import tree

LIST = "cmake/silhouette.symbols"
DECLARATION = re.compile(r"\bSIL_API\b[^;{]*?\b(sil_\w+)\s*\(", re.DOTALL)


def exported(library):
    output = subprocess.run(["nm", "--dynamic", "--defined-only", library], check=True,
                            capture_output=True, text=True).stdout
    names = (line.split()[-1] for line in output.splitlines())
    # The version's own name is an absolute symbol beside those it covers.
    return {name.split("@")[0] for name in names if not name.startswith("SILHOUETTE_")}


def declared():
    names = set()
    for path in tree.files(".h"):
        if path.parts[0] == "include":
            code = "\n".join(line for _, line in tree.code_lines(path)
                             if not line.lstrip().startswith("#"))
            names |= set(DECLARATION.findall(code))
    return names


def main():
    kept = [line for line in tree.text(LIST).splitlines() if not line.startswith("#")]
    findings = []
    if kept != sorted(set(kept)):
        findings.append(f"{LIST}: not sorted, or a name twice")
    for title, names in (("the library", exported(sys.argv[1])),
                         ("the public headers", declared())):
        findings += [f"{name}: in {title}, not in {LIST}" for name in sorted(names - set(kept))]
        findings += [f"{name}: in {LIST}, not in {title}" for name in sorted(set(kept) - names)]
    tree.finish("symbols", findings, len(kept))


if __name__ == "__main__":
    main()

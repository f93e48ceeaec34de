#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives call nothing of libm: their results must not depend on who made the library.

usage: check_libm.py LIBM ARCHIVE...
"""
import subprocess
import sys

import tree


def names(*command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    words = [line.split() for line in output.splitlines() if line and not line.endswith(":")]
    return {line[-1].split("@")[0] for line in words}


def main():
    libm, *archives = sys.argv[1:]
    offered = names("nm", "--dynamic", "--defined-only", libm)
    if "exp" not in offered:
        sys.exit(f"{libm} does not offer exp: not a libm")
    findings = []
    n_needed = 0
    for archive in archives:
        needed = names("nm", "--undefined-only", archive)
        n_needed += len(needed)
        findings += [f"{archive} calls {name}" for name in sorted(needed & offered)]
    tree.finish("libm", findings, n_needed)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An archive calls nothing of libm: its results must not depend on who made the library.

usage: check_libm.py ARCHIVE LIBM
"""
import subprocess
import sys

import tree


def names(*command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    words = [line.split() for line in output.splitlines() if line and not line.endswith(":")]
    return {line[-1].split("@")[0] for line in words}


def main():
    archive, libm = sys.argv[1:]
    needed = names("nm", "--undefined-only", archive)
    offered = names("nm", "--dynamic", "--defined-only", libm)
    if "exp" not in offered:
        sys.exit(f"{libm} does not offer exp: not a libm")
    tree.finish("libm", [f"{archive} calls {name}" for name in sorted(needed & offered)],
                len(needed))


if __name__ == "__main__":
    main()

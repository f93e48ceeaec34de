#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No function has two definitions: of two of one name in two archives the linker takes the
first it meets, and says nothing.

usage: check_names.py ARCHIVE...
"""
import pathlib
import subprocess
import sys

import tree


def defined(archive):
    """Every definition of a name that other files can see, repeats included."""
    output = subprocess.run(["nm", "--defined-only", "--extern-only", archive], check=True,
                            capture_output=True, text=True).stdout
    words = (line.split() for line in output.splitlines())
    return [line[2] for line in words if len(line) == 3]


def main():
    homes = {}
    for archive in sys.argv[1:]:
        for name in defined(archive):
            homes.setdefault(name, []).append(pathlib.Path(archive).name)
    findings = [f"{name} is defined in {' and in '.join(places)}"
                for name, places in sorted(homes.items()) if len(places) > 1]
    tree.finish("names", findings, len(homes))


if __name__ == "__main__":
    main()

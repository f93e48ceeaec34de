#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies of the source files that hooks.txt names, with its hooks in them.

    patch.py FOLDER     write them below FOLDER, by their paths in the tree
    patch.py --list     only print these paths

A hook that does not apply any more is an error: the zoo's generator must be the product's
but for the hooks.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "mutants"))
import run as mutants  # noqa: E402 (beside the list of mutants, whose form the hooks have)


def main():
    hooks = mutants.read_mutants(HERE / "hooks.txt")
    files = sorted({hook.file for hook in hooks})
    if sys.argv[1:] == ["--list"]:
        print(";".join(files), end="")
        return 0
    try:
        for file in files:
            text = (ROOT / file).read_text()
            for hook in hooks:
                if hook.file == file:
                    text = hook.applied_to(text)
            target = pathlib.Path(sys.argv[1]) / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text('#include "zoo/bugs.h"\n' + text)
    except mutants.Broken as error:
        print(f"patch.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every header compiles on its own.

usage: check_headers.py COMPILER [FLAG ...]
"""
import concurrent.futures
import subprocess
import sys

import tree

PUBLIC_ONLY = ["-I", str(tree.ROOT / "include")]
ALL_ROOTS = PUBLIC_ONLY + ["-I", str(tree.ROOT / "src"), "-I", str(tree.ROOT),
                           "-I", str(tree.ROOT / "tests")]


def compile_alone(command, path):
    """The compiler's complaint about a file that includes this header twice, or None."""
    is_public = path.parts[0] == "include"
    line = f'#include "{tree.ROOT / path}"\n'
    # A public header is used by strangers: strict ISO C, and nothing of ours around it.
    flags = PUBLIC_ONLY + ["-Wpedantic"] if is_public else ALL_ROOTS
    if not is_public:
        flags = flags + ["-D_POSIX_C_SOURCE=200809L", "-D_DEFAULT_SOURCE"]
    result = subprocess.run(
        command + flags + ["-std=c17", "-Wall", "-Werror", "-fsyntax-only", "-x", "c", "-"],
        input=line + line, text=True, capture_output=True)
    return f"{path}: {result.stderr.strip()}" if result.returncode else None


# Code in the shape of a header: included once for each instruction set, with macros set.
TEMPLATES = {"kernels_body.h"}


def main():
    headers = [path for path in tree.files(".h") if path.name not in TEMPLATES]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda path: compile_alone(sys.argv[1:], path), headers))
    tree.finish("headers", [result for result in results if result], len(headers))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Install into an empty folder; what is there is what was meant to be; a stranger's
program builds against it, by CMake and by pkg-config, and runs.

usage: check_install.py CMAKE BUILD_DIR COMPILER
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import tree

CONSUMER = tree.ROOT / "tests" / "gates" / "consumer"
COMMANDS = ["", "-audit", "-fit", "-inspect", "-key-new", "-key-show", "-ledger-approve",
            "-ledger-close", "-ledger-cosign", "-ledger-data", "-ledger-disclose",
            "-ledger-grant", "-ledger-init", "-ledger-log", "-ledger-notice",
            "-ledger-prove", "-ledger-quickstart", "-ledger-recover", "-ledger-revoke",
            "-ledger-rotate", "-ledger-status", "-ledger-verify", "-plan", "-report",
            "-sample",
            "-schema-check", "-schema-draft", "-schema-encode", "-schema-import", "-simulate",
            "-refit", "-release", "-verify", "-synth"]
HEADERS = ["claim", "ledger", "model", "progress", "release", "schema", "simulate", "status", "version"]
EXPECTED = (
    ["bin/silhouette", "bin/silhouette-audit", "LIB/libsilhouette.so", "LIB/libsilhouette.so.0",
     "LIB/libsilhouette.so.0.1.0", "LIB/pkgconfig/silhouette.pc",
     "share/bash-completion/completions/silhouette", "share/zsh/site-functions/_silhouette"]
    + [f"include/silhouette/{name}.h" for name in HEADERS]
    + [f"share/man/man1/silhouette{name}.1" for name in COMMANDS]
    + [f"LIB/cmake/Silhouette/Silhouette{name}.cmake"
       for name in ("Config", "ConfigVersion", "Targets", "Targets-BUILD")])


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            **options)
    if result.returncode:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout.strip()


def installed(prefix):
    """Relative names, with LIB for the library folder and BUILD for the build type."""
    names = {str(path.relative_to(prefix)) for path in prefix.rglob("*")
             if path.is_symlink() or path.is_file()}
    libs = {name[:name.index("/libsilhouette.so")] for name in names
            if "/libsilhouette.so" in name}
    if len(libs) != 1:
        sys.exit(f"libsilhouette.so lies in {sorted(libs)}")
    lib = libs.pop()

    def short(name):
        name = "LIB" + name[len(lib):] if name.startswith(lib + "/") else name
        if "SilhouetteTargets-" in name:
            name = name[:name.rindex("-")] + "-BUILD.cmake"
        return name
    return lib, {short(name) for name in names}


def check_contents(prefix, names):
    yield from (f"not installed: {name}" for name in sorted(set(EXPECTED) - names))
    yield from (f"installed and not expected: {name}" for name in sorted(names - set(EXPECTED)))
    for path in prefix.rglob("*"):
        if path.is_file() and str(tree.ROOT).encode() in path.read_bytes():
            yield f"{path.relative_to(prefix)} names the folder it was built in"


def check_library(prefix, lib):
    dynamic = run("readelf", "--dynamic", prefix / lib / "libsilhouette.so")
    if "[libsilhouette.so.0]" not in dynamic:
        yield "the soname is not libsilhouette.so.0"
    if "RUNPATH" in dynamic or "RPATH" in dynamic:
        yield "the library has a run path"


def check_consumers(cmake, compiler, prefix, lib, scratch):
    build = scratch / "consumer"
    run(cmake, "-S", CONSUMER, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_C_COMPILER={compiler}")
    run(cmake, "--build", build)
    run(build / "consumer")

    environment = dict(os.environ, PKG_CONFIG_PATH=str(prefix / lib / "pkgconfig"),
                       LD_LIBRARY_PATH=str(prefix / lib))
    flags = run("pkg-config", "--cflags", "--libs", "silhouette", env=environment).split()
    run(compiler, "-std=c17", "-Wall", "-Werror", "-Wpedantic", CONSUMER / "main.c", "-o",
        scratch / "by-pkg-config", *flags)
    run(scratch / "by-pkg-config", env=environment)
    run(prefix / "bin" / "silhouette", "--version")


def main():
    cmake, build, compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        prefix = scratch / "prefix"
        run(cmake, "--install", build, "--prefix", prefix)
        lib, names = installed(prefix)
        findings = [*check_contents(prefix, names), *check_library(prefix, lib)]
        check_consumers(cmake, compiler, prefix, lib, scratch)
        tree.finish("install", findings, len(names))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./quickstart on a table of one's own: what it refuses, asks, spends and says.

The script runs from a folder of the case, where the program under test stands as if it
had just been built there: nothing is installed, and `cmake` only notes that it was called.
"""
import os
import shutil
import subprocess

from harness import PATIENCE, SOURCE, Result, case, expect, main, prepare


def lay_out(tool):
    home = tool.path("home")
    for folder in ("cmake", "bin", "build/quickstart"):
        (home / folder).mkdir(parents=True)
    shutil.copy(SOURCE / "quickstart", home / "quickstart")
    (home / "cmake" / "packages.sh").write_text("sil_install_missing() { :; }\n")
    (home / "bin" / "cmake").write_text("#!/bin/sh\n: >\"$NOTE\"\n")
    (home / "bin" / "cmake").chmod(0o755)
    (home / "build" / "quickstart" / "silhouette").symlink_to(tool.program)
    prepare(tool)
    return home


def quickstart(tool, *arguments):
    home = tool.path("home") if tool.path("home").exists() else lay_out(tool)
    environment = dict(tool.environment, NOTE=str(tool.path("built")))
    environment["PATH"] = f"{home / 'bin'}{os.pathsep}{environment['PATH']}"
    done = subprocess.run([home / "quickstart", *arguments], cwd=tool.folder,
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    return Result(arguments, done.returncode, done.stdout, done.stderr)


def own(tool, *more):
    return quickstart(tool, *more, "data.csv", "schema.json")


@case("quickstart: a budget of a wrong form or range is refused before anything is built")
def _(tool):
    for option, texts in (("--epsilon", ("", "one", "-1", "0", "0.0", "1 ", "1,5", "1e",
                                         "0x1", "inf", "nan", "1/2", ".", "10001")),
                          ("--delta", ("zero", "0", "1", "1.5", "-1e-9", "1e-9x"))):
        for text in texts:
            result = own(tool, "--yes", option, text)
            expect(result.code == 64 and f"{option} takes a decimal" in result.err,
                   f"{text!r} is refused\n{result}")
            expect(not tool.path("built").exists(), f"{text!r}: nothing is built")
    expect(not tool.path("data.model").exists(), "nothing is spent")


@case("quickstart: what silhouette takes as a budget is taken")
def _(tool):
    for epsilon, delta in (("1", "1e-9"), ("0.5", "1E-9"), (".5", "+.001"), ("5.", "1e-400"),
                           ("10000", "0.99")):
        result = own(tool, "--epsilon", epsilon, "--delta", delta)
        expect("add --yes" in result.err, f"it comes as far as the question\n{result}")
    expect(not tool.path("data.model").exists(), "nothing is spent without a yes")


@case("quickstart: a table of one's own, and every line said once")
def _(tool):
    result = own(tool, "--yes", "--delta", "1e-8")
    expect(result.code == 0, f"{result}")
    expect(tool.path("data-synthetic.csv").exists() and tool.path("data.model").exists(),
           f"rows and model\n{result}")
    expect(result.out.count("no problem found") == 1, f"once\n{result}")
    expect("delta is the\n  chance, 1e-8, that" in result.out, f"delta means\n{result}")


@case("quickstart: a schema with a problem is explained, and nothing is spent")
def _(tool):
    lay_out(tool)
    tool.write("schema.json", {"fields": [{"name": "sex", "type": "strin"}]})
    result = own(tool, "--yes")
    expect(result.code == 65 and "schema.json: 1 problem" in result.err and
           "Nothing was spent." in result.err, f"{result}")
    expect(not tool.path("data.model").exists(), "no model")


if __name__ == "__main__":
    main()

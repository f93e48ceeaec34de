# SPDX-License-Identifier: Apache-2.0
"""Cases that run the command line tool and look at everything it leaves behind.

A test script registers functions with @case("what must hold") and ends with main().
usage of a script: test_x.py [--update] [--only TEXT] PROGRAM

Each case runs in a folder of its own. Golden texts are in expected/; --update writes them
anew, to be read before they are committed. The last line printed is
"N passed, N failed, N skipped".
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = HERE / "expected"
SOURCE = HERE.parent.parent.parent
sys.path.insert(0, str(SOURCE / "tests" / "support"))

from cases import Count, Failure, Skip, expect  # noqa: E402

# Files on their way to their names; what a killed process may leave behind.
PARTIAL = ".partial-"
# Long enough for a sanitized build on a busy machine; no case measures time.
PATIENCE = 240

CASES = []


def case(name):
    def register(function):
        CASES.append((name, function))
        return function
    return register


class Result:
    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    def __str__(self):
        return (f"arguments: {' '.join(map(str, self.arguments))}\nexit: {self.code}\n"
                f"--- stdout\n{self.out[:4000]}\n--- stderr\n{self.err[:4000]}")


class Tool:
    """The program under test, run in a folder that belongs to one case."""

    def __init__(self, program, folder, update=False):
        self.program, self.folder, self.update = program, folder, update
        self.started = []
        self.environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                            "LC_ALL": "C", "TERM": "dumb"}
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                self.environment[name] = value

    def path(self, name):
        return self.folder / name

    def write(self, name, content):
        path = self.path(name)
        if isinstance(content, (dict, list)):
            content = json.dumps(content, indent=1)
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        return path

    def start(self, *arguments, env=None, **options):
        environment = dict(self.environment, **(env or {}))
        options.setdefault("stdin", subprocess.DEVNULL)
        self.started.append(subprocess.Popen([self.program, *map(str, arguments)],
                                             cwd=self.folder, env=environment, **options))
        return self.started[-1]

    def run(self, *arguments, stdin=b"", env=None, text=True, **options):
        environment = dict(self.environment, **(env or {}))
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run([self.program, *map(str, arguments)], cwd=self.folder,
                              env=environment, input=stdin, timeout=PATIENCE,
                              check=False, **options)
        err = (done.stderr or b"").decode(errors="replace")
        out = done.stdout or b""
        result = Result(arguments, done.returncode,
                        out.decode(errors="replace") if text else out, err)
        for word in ("Sanitizer:", "runtime error:", "internal error at"):
            expect(word not in err, f"{word} in its messages\n{result}")
        return result

    def files(self):
        return sorted(str(path.relative_to(self.folder))
                      for path in self.folder.rglob("*"))

    def succeeds(self, *arguments, **options):
        result = self.run(*arguments, **options)
        expect(result.code == 0, f"exit 0 was expected\n{result}")
        expect(not any(PARTIAL in name for name in self.files()),
               f"a temporary file is left: {self.files()}")
        return result

    def refuses(self, code, *arguments, says=(), hides=(), **options):
        """The exit code, a sentence with all of `says` and none of `hides`, and no trace:
        nothing on the standard output, no file made, changed or removed."""
        before = self.snapshot()
        result = self.run(*arguments, **options)
        expect(result.code == code, f"exit {code} was expected\n{result}")
        expect(result.out == "", f"nothing was expected on stdout\n{result}")
        expect(result.err.startswith("silhouette"),
               f"the message does not say who speaks\n{result}")
        for text in says:
            expect(text in result.err, f"the message lacks {text!r}\n{result}")
        for text in hides:
            expect(text not in result.err, f"the message shows {text!r}\n{result}")
        after = self.snapshot()
        expect(before == after, f"files changed: {before} -> {after}\n{result}")
        return result

    def snapshot(self):
        """Names, and content of what is small."""
        return {name: (self.path(name).read_bytes()
                       if self.path(name).is_file() and
                       self.path(name).stat().st_size < 1 << 20 and
                       os.access(self.path(name), os.R_OK) else None)
                for name in self.files()}

    def golden(self, name, text):
        path = EXPECTED / name
        if self.update:
            path.write_text(text)
        expect(path.exists(), f"{path.name} is missing: --update writes it")
        expected = path.read_text()
        if text != expected:
            raise Failure(f"{path.name} differs (--update writes it anew)\n"
                          f"--- expected\n{expected}\n--- got\n{text}")


# A table that every script may use: three columns of different types, dependent on each
# other, made from a fixed seed.
SCHEMA = {
    "fields": [
        {"name": "sex", "type": "string", "categories": ["female", "male"],
         "constraints": {"required": True}},
        {"name": "age", "type": "integer",
         "constraints": {"minimum": 0, "maximum": 99, "required": True},
         "silhouette": {"bins": 10}},
        {"name": "smokes", "type": "boolean"},
    ]
}


def table(n_rows=400, seed=20240229):
    draw = random.Random(seed)
    lines = ["sex,age,smokes"]
    for _ in range(n_rows):
        sex = draw.choice(["female", "male"])
        age = min(99, int(draw.expovariate(1 / 40)))
        smokes = "" if draw.random() < 0.1 else str(draw.random() < age / 120).lower()
        lines.append(f"{sex},{age},{smokes}")
    return "\n".join(lines) + "\n"


BUDGET = ("--epsilon", "1", "--delta", "1e-9", "--no-ledger")


def synth(*more, data="data.csv", schema="schema.json", out="out.csv", budget=BUDGET):
    return ("synth", "--data", data, "--schema", schema, *budget, "--out", out, *more)


def prepare(tool, n_rows=400):
    """data.csv and schema.json in the folder of the case."""
    tool.write("data.csv", table(n_rows))
    tool.write("schema.json", SCHEMA)


def run_case(count, name, function, arguments):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="silhouette-cli-"))
    tool = Tool(arguments.program, folder, arguments.update)
    try:
        count.run(name, function, tool)
    finally:
        for process in tool.started:
            process.kill()  # what a failed case leaves would keep its caller waiting
        shutil.rmtree(folder, ignore_errors=True)


def transcript(tool, model, out):
    """The byte string that a model file holds at its third place."""
    data = tool.path(model).read_bytes()
    at = 2 + len("silhouette/model") + 1  # the array, the head of the name, the version
    size = {0xc4: 1, 0xc5: 2, 0xc6: 4}[data[at]]
    length = int.from_bytes(data[at + 1:at + 1 + size], "big")
    tool.path(out).write_bytes(data[at + 1 + size:at + 1 + size + length])


def main():
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--update", action="store_true", help="write golden texts anew")
    parser.add_argument("--only", default="", help="cases with this text in their name")
    parser.add_argument("program", type=lambda text: pathlib.Path(text).resolve())
    arguments = parser.parse_args()
    if not arguments.program.is_file():
        parser.error(f"{arguments.program} is not a program")
    count = Count()
    for name, function in CASES:
        if arguments.only in name:
            run_case(count, name, function, arguments)
    sys.exit(count.end())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Outputs appear whole or not at all: full disks, signals, closed streams, terminals."""
import errno
import os
import pty
import re
import resource
import shutil
import signal
import stat
import subprocess
import time

from harness import (PARTIAL, PATIENCE, Skip, case, expect, main, prepare, synth, table)

SPEC = {"fields": [
    {"name": "kind", "type": "string", "draw": {"weights": {"a": 1, "b": 2}}},
    {"name": "size", "type": "integer", "draw": {"uniform": [0, 1000000]}},
]}
# More rows than any case waits for.
ENDLESS = "4294967295"


def simulate(tool, out, rows="1000", *more):
    if not tool.path("spec.json").exists():
        tool.write("spec.json", SPEC)
    return ("simulate", "spec.json", "--rows", rows, "--out", out, *more)


def wait_until(condition, process, what):
    """Waits for a state, not for a time; the limit only ends a hopeless wait."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        expect(process.poll() is None, f"the process ended before {what}")
        expect(time.monotonic() < deadline, f"waited in vain for {what}")
        time.sleep(0.01)


def partials(tool):
    return [path for path in tool.folder.iterdir() if PARTIAL in path.name]


def has_rows(tool):
    """Is something written? A file may go between being listed and being looked at."""
    try:
        return any(path.stat().st_size > 0 for path in partials(tool))
    except FileNotFoundError:
        return False


# ---------------------------------------------------------------- places

@case("places: a folder that does not exist, a folder as the file, a device")
def _(tool):
    prepare(tool)
    tool.path("folder").mkdir()
    for out, says in [("none/out.csv", "No such file"), ("folder", "not a regular file"),
                      ("/dev/null", "not a regular file"),
                      ("data.csv/out.csv", "Not a directory")]:
        tool.refuses(74, *synth(out=out), says=[out, says])
        tool.refuses(74, *synth("--model-out", out), says=[out, says])
        tool.refuses(74, *simulate(tool, out), says=[out, says])


@case("places: every output is tried before the table is opened")
def _(tool):
    prepare(tool)
    tool.refuses(74, *synth(data="none.csv", out="none/out.csv"), says=["none/out.csv"])
    tool.refuses(74, *synth("--model-out", "none/m", data="none.csv"), says=["none/m"])
    tool.refuses(74, "fit", "--data", "none.csv", "--schema", "schema.json", "--epsilon",
                 "1", "--delta", "1e-9", "--no-ledger", "--out", "none/m",
                 says=["none/m"])
    tool.refuses(74, "schema", "encode", "schema.json", "--data", "none.csv", "--out",
                 "c.csv", "--domain", "none/d.json", says=["none/d.json"])


@case("places: a folder that may not be written")
def _(tool):
    prepare(tool)
    options = {}
    if os.geteuid() == 0:
        for parent in [tool.program, *tool.program.parents]:
            if not parent.stat().st_mode & 0o005:
                raise Skip(f"run as root, and nobody else may enter {parent}")
        options = {"user": 65534, "group": 65534, "extra_groups": []}
    tool.path("locked").mkdir(mode=0o555)
    tool.folder.chmod(0o755)
    tool.refuses(74, *synth(data="none.csv", out="locked/out.csv"),
                 says=["locked/out.csv", "Permission denied"], **options)


@case("places: an existing output is replaced, and kept when the run fails")
def _(tool):
    prepare(tool)
    tool.write("out.csv", "old\n")
    tool.refuses(65, *synth(schema="data.csv"))
    expect(tool.path("out.csv").read_text() == "old\n", "kept")
    tool.succeeds(*synth("--mechanism", "independent"))
    expect(tool.path("out.csv").read_text().startswith("sex,age,smokes\n"), "replaced")


@case("places: a model can be read by its owner alone, rows as the umask says")
def _(tool):
    prepare(tool)
    tool.succeeds(*synth("--mechanism", "independent", "--model-out", "out.model"),
                  umask=0o022)
    expect(stat.S_IMODE(tool.path("out.model").stat().st_mode) == 0o600, "model 0600")
    expect(stat.S_IMODE(tool.path("out.csv").stat().st_mode) == 0o644, "rows 0644")


# ---------------------------------------------------------------- full disks

def on_small_disk(tool, size, *arguments):
    """Run with a file system of `size` at ./disk; stdout lists what is left on it."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise Skip("a file system can be mounted by root only")
    tool.path("disk").mkdir(exist_ok=True)
    script = ('mount -t tmpfs -o size="$1" none disk || exit 99; shift; "$@"; code=$?; '
              "ls -A disk; exit $code")
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", size,
                           tool.program, *arguments],
                          cwd=tool.folder, env=tool.environment, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    if done.returncode == 99 or "unshare" in done.stderr:
        raise Skip("this system does not let even root mount a file system")
    return done


@case("full disk: found out before the table is opened")
def _(tool):
    prepare(tool)
    for words in (synth(data="none.csv", out="disk/out.csv"),
                  synth("--model-out", "disk/m", data="none.csv")):
        done = on_small_disk(tool, "64k", *words)
        expect(done.returncode == 74 and "No space left" in done.stderr and
               "disk/" in done.stderr, f"{done.returncode} {done.stderr}")
        expect(done.stdout == "", f"left behind: {done.stdout}")


@case("full disk: it fills up while rows are written")
def _(tool):
    done = on_small_disk(tool, "1m", *simulate(tool, "disk/out.csv", "1000000"))
    expect(done.returncode == 74 and "No space left" in done.stderr,
           f"{done.returncode} {done.stderr}")
    expect(done.stdout == "", f"left behind: {done.stdout}")


@case("full disk: a limit on the size of files is an ordinary error")
def _(tool):
    words = simulate(tool, "out.csv", "1000000")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    tool.refuses(74, *words, says=["out.csv", "File too large"], preexec_fn=limit)


@case("full disk: a full standard output")
def _(tool):
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full")
    prepare(tool)
    tool.write("spec.json", SPEC)
    for words in (["--help"], ["synth", "--help"], ["--version"], ["completion", "bash"],
                  ["completion", "zsh"], simulate(tool, "-"),
                  ["schema", "check", "schema.json"], ["schema", "draft", "data.csv"],
                  ["plan", "--schema", "schema.json", "--epsilon", "1", "--delta",
                   "1e-9"],
                  synth("--mechanism", "independent", out="-")):
        with open("/dev/full", "wb") as full:
            tool.refuses(74, *words, stdout=full, says=["standard output", "No space"])


@case("full disk: rows that fail after the fit say that the budget is spent")
def _(tool):
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full")
    prepare(tool)
    spent = "the budget is spent"
    words = synth("--mechanism", "independent", "--rows", "5", out="-")
    with open("/dev/full", "wb") as full:
        tool.refuses(74, *words, stdout=full,
                     says=["No space", f"{spent} and nothing was kept: use --model-out"])
        result = tool.run(*words, "--model-out", "m.model", stdout=full)
        expect(result.code == 74 and "No space" in result.err and
               f"{spent}; the model is kept in m.model: silhouette sample --model "
               "m.model" in result.err, f"where it is\n{result}")
        tool.succeeds("sample", "--model", "m.model", "--out", "out.csv")
        tool.refuses(74, "fit", "--data", "data.csv", "--schema", "schema.json",
                     "--epsilon", "1", "--delta", "1e-9", "--no-ledger", "--mechanism",
                     "independent", "--out", "-", stdout=full,
                     says=[f"{spent} and nothing was kept"])
        # Nothing is spent by a draw: it does not speak of a budget.
        tool.refuses(74, "sample", "--model", "m.model", "--out", "-", stdout=full,
                     says=["No space"], hides=["budget"])


@case("full disk: the words on the budget survive a cause of any length")
def _(tool):
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full")
    prepare(tool)
    folder = "/".join(["f" * 100] * 2)
    tool.path(folder).mkdir(parents=True)
    with open("/dev/full", "wb") as full:
        result = tool.run(*synth("--mechanism", "independent", "--model-out",
                                 f"{folder}/m.model", out="-"), stdout=full)
    expect("the budget is spent; the model is kept in f" in result.err, f"{result}")


@case("places: a symbolic link is replaced, not what it leads to")
def _(tool):
    prepare(tool)
    tool.write("other.csv", "as it was\n")
    tool.path("out.csv").symlink_to("other.csv")
    tool.succeeds(*synth("--mechanism", "independent"))
    expect(not tool.path("out.csv").is_symlink() and
           tool.path("other.csv").read_text() == "as it was\n", "the link is replaced")


# ---------------------------------------------------------------- threads

@case("threads: too few are found out before the table is opened, and leave nothing")
def _(tool):
    prepare(tool)

    def limit():
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, hard))
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
    if tool.run("--version", preexec_fn=limit).code != 0:
        raise Skip("a sanitizer needs more memory than the limit of this case")
    many = ("--threads", "1000", "--mechanism", "mst")
    tool.refuses(70, *synth(*many, "--model-out", "m.model", data="none.csv"),
                 says=["of 1000 threads", "--threads"], preexec_fn=limit)
    tool.succeeds(*synth("--mechanism", "mst", "--model-out", "m.model"))
    tool.refuses(70, "sample", "--model", "m.model", "--out", "more.csv", *many[:2],
                 says=["of 1000 threads"], preexec_fn=limit)
    expect(not partials(tool), f"{partials(tool)}")


# ---------------------------------------------------------------- closed streams

@case("closed stdout: an error of its own, found before the table is opened")
def _(tool):
    prepare(tool)

    def close():
        os.close(1)
    for words in (["--help"], ["plan", "--help"], ["--version"],
                  ["schema", "check", "schema.json"], simulate(tool, "-"),
                  synth(data="none.csv", out="-")):
        result = tool.run(*words, stdout=None, preexec_fn=close)
        expect(result.code == 74 and "standard output" in result.err, f"{result}")


@case("closed stdout: no file takes its place")
def _(tool):
    words = simulate(tool, "out.csv")
    tool.succeeds(*words, stdout=None, preexec_fn=lambda: os.close(1))
    expect(tool.path("out.csv").read_text().startswith("kind,size\n"), "all of the file")
    result = tool.run("synth", stdout=None, stderr=None,
                      preexec_fn=lambda: (os.close(1), os.close(2)))
    expect(result.code == 64, f"the exit status still tells\n{result}")


@case("closed stdin: reading it is an error")
def _(tool):
    prepare(tool)
    process = tool.start(*synth(data="-"), stdin=None, stderr=subprocess.PIPE,
                         preexec_fn=lambda: os.close(0))
    _, err = process.communicate(timeout=PATIENCE)
    expect(process.returncode == 74, f"{process.returncode} {err}")


@case("pipe with a name: rows are taken from it as they are written")
def _(tool):
    prepare(tool)
    os.mkfifo(tool.path("pipe"))
    process = tool.start(*synth(data="pipe"), stderr=subprocess.PIPE)
    # The writer waits for a reader as a reader does for it; it gives up with its time.
    with subprocess.Popen(["timeout", str(PATIENCE), "sh", "-c", "cat data.csv > pipe"],
                          cwd=tool.folder):
        _, err = process.communicate(timeout=PATIENCE)
    expect(process.returncode == 0, f"{process.returncode} {err}")


@case("closed pipe: the tool dies by SIGPIPE, or says so when the parent ignores it")
def _(tool):
    words = simulate(tool, "-", ENDLESS)
    process = tool.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    expect(process.stdout.read(10) == b"kind,size\n", "rows come")
    process.stdout.close()
    expect(process.wait(PATIENCE) == -signal.SIGPIPE, f"exit {process.returncode}")
    expect(process.stderr.read() == b"", "without a word")

    process = tool.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         restore_signals=False)
    process.stdout.read(10)
    process.stdout.close()
    expect(process.wait(PATIENCE) == 74, f"exit {process.returncode}")
    expect(os.strerror(errno.EPIPE).encode() in process.stderr.read(), "the reason")


# ---------------------------------------------------------------- signals

def killed_by(number, leaves_nothing):
    name = signal.Signals(number).name

    @case(f"signals: {name} while rows are written leaves "
          + ("nothing" if leaves_nothing else "no file under the target's name"))
    def _(tool):
        process = tool.start(*simulate(tool, "out.csv", ENDLESS), stderr=subprocess.PIPE)
        wait_until(lambda: has_rows(tool), process, "rows on disk")
        process.send_signal(number)
        expect(process.wait(PATIENCE) == -number, f"exit {process.returncode}")
        expect(not tool.path("out.csv").exists(), "no half of a file under its name")
        expect(not leaves_nothing or partials(tool) == [], "nothing beside it")


for _number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
                signal.SIGXCPU):
    killed_by(_number, True)
killed_by(signal.SIGKILL, False)


@case("signals: SIGTERM while a table is read leaves nothing")
def _(tool):
    prepare(tool)
    before = tool.files()
    process = tool.start(*synth("--model-out", "out.model", data="-"),
                         stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    # More than a pipe holds: once it is written, the program has begun to read.
    process.stdin.write(table(20000).encode())
    process.stdin.flush()
    process.send_signal(signal.SIGTERM)
    expect(process.wait(PATIENCE) == -signal.SIGTERM, f"exit {process.returncode}")
    process.stdin.close()
    expect(tool.files() == before, f"left behind: {tool.files()}")


@case("signals: one that the parent ignores stays ignored")
def _(tool):
    words = simulate(tool, "out.csv", "300000")
    process = tool.start(*words, stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(
        signal.SIGHUP, signal.SIG_IGN))
    wait_until(lambda: partials(tool) or tool.path("out.csv").exists(), process,
               "the output")
    process.send_signal(signal.SIGHUP)
    expect(process.wait(PATIENCE) == 0, f"exit {process.returncode}")
    expect(tool.path("out.csv").exists(), "the output is whole")


# ---------------------------------------------------------------- terminals

def on_terminal(tool, words, **environment):
    """What the tool writes to a terminal on its standard error."""
    ours, theirs = pty.openpty()
    process = tool.start(*words, env=environment, stdout=subprocess.DEVNULL,
                         stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError as reason:  # Linux reports the end of a terminal as EIO
            if reason.errno != errno.EIO:
                raise
            chunk = b""
        if not chunk:
            break
        text += chunk
    os.close(ours)
    expect(process.wait(PATIENCE) == 0, f"exit {process.returncode} {text!r}")
    return text.decode()


@case("progress: one line on a terminal, rewritten, wiped, without an escape sequence")
def _(tool):
    for environment in ({"TERM": "xterm"}, {"TERM": "xterm", "NO_COLOR": "1"}):
        text = on_terminal(tool, simulate(tool, "out.csv", "20000"), **environment)
        expect("\r" in text and "%" in text, f"a progress line: {text!r}")
        expect("\033" not in text, f"no escape sequence: {text!r}")
        expect("\n" not in text and text.endswith("\r"), f"one line, wiped: {text!r}")
        expect(all(len(part) < 80 for part in text.split("\r")), f"narrow: {text!r}")
        expect(text.split("\r")[-2].strip() == "", f"blanks at the end: {text!r}")


@case("progress: none on a dumb terminal, in a pipe, or when quiet")
def _(tool):
    expect(on_terminal(tool, simulate(tool, "out.csv"), TERM="dumb") == "", "dumb")
    expect(on_terminal(tool, simulate(tool, "out.csv"), TERM="") == "", "unknown")
    expect(on_terminal(tool, simulate(tool, "out.csv", "1000", "--quiet"),
                       TERM="xterm") == "", "quiet")
    result = tool.succeeds(*simulate(tool, "out.csv"), env={"TERM": "xterm"})
    expect(result.err == "", f"pipe\n{result}")


@case("progress: a rate has a unit, bytes or rows")
def _(tool):
    prepare(tool, 20000)
    text = on_terminal(tool, synth(), TERM="xterm")
    text += on_terminal(tool, simulate(tool, "rows.csv", "300000"), TERM="xterm")
    expect("%" in text, f"a share is shown: {text!r}")
    for rate in re.findall(r"(\S+)/s", text):
        expect(rate.endswith(("B", "rows")), f"{rate}/s in {text!r}")


if __name__ == "__main__":
    main()

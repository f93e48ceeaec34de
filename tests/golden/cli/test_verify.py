#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bundles as strangers get them: whole, changed, mixed up, hostile. Every refusal names the
file, and the exact set of checks that fail is expected: a check that is left out shows."""
import base64
import hashlib
import io
import json
import os
import re
import resource
import shutil
import subprocess
import tarfile

from harness import PATIENCE, SOURCE, Skip, case, expect, main
from release_kit import ARTIFACTS, FIXED, LEDGER, files_of, paid_model, release

STATE = ("--state", "state")
ALL = ("S1", "S2", "L1", "L2", "L3", "F6", "W2", "R6", "N1", "R1", "R2", "R3", "R4", "R5",
       "T1", "R7", "V1", "C1", "C2", "C3", "C4", "C5", "C6")


def bundle_of(tool, *more, out="bundle"):
    paid_model(tool)
    tool.succeeds(*release(*more, out=out))
    return tool.path(out)


def sums(folder):
    """SHA256SUMS of what is there now: who changes a file can do that, too."""
    names = [name for name in files_of(folder) if name != "SHA256SUMS"]
    folder.joinpath("SHA256SUMS").write_text("".join(
        f"{hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest()}  {name}\n"
        for name in names))


def verify(tool, bundle="bundle", *more, code=0, **options):
    """The answer, the exit code being `code`; checks by their ids."""
    result = tool.run("verify", bundle, "--json", *more, **options)
    expect(result.code == code, f"exit {code} was expected\n{result}")
    answer = json.loads(result.out)
    expect(tuple(check["id"] for check in answer["checks"]) == ALL, f"{answer}")
    expect(answer["ok"] == (code == 0), f"{answer}")
    answer["by_id"] = {check["id"]: check for check in answer["checks"]}
    return answer


def with_result(answer, result):
    return {check["id"] for check in answer["checks"] if check["result"] == result}


def refuted(tool, ids, *says, bundle="bundle", more=(), code=1):
    """Exactly the checks `ids` fail, and what is `said` is in their details."""
    answer = verify(tool, bundle, *more, code=code)
    failed = with_result(answer, "failed")
    expect(failed == set(ids.split()), f"{ids} were to fail, not {failed}: "
           f"{json.dumps([c for c in answer['checks'] if c['result'] != 'ok'], indent=1)}")
    details = " ".join(check["detail"] for check in answer["checks"])
    for text in says:
        expect(text in details, f"{text!r} is not said: {details}")
    return answer


def change(path, at=0.5, bit=1):
    content = bytearray(path.read_bytes())
    content[min(int(len(content) * at), len(content) - 1)] ^= bit
    path.write_bytes(content)


def copy(tool, source="bundle", to="copy"):
    target = tool.path(to)
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(tool.path(source), target, symlinks=True)
    return target


def refused_whole(tool, says, bundle="bundle", code=1):
    """Stopped at the files: S1 says why, and nothing else was looked at."""
    answer = verify(tool, bundle, code=code)
    expect(with_result(answer, "failed") == {"S1"}, f"{answer['by_id']['S1']}")
    expect(with_result(answer, "not-checked") == set(ALL) - {"S1"}, f"{answer}")
    for text in says if isinstance(says, tuple) else (says,):
        expect(text in answer["by_id"]["S1"]["detail"], f"{text!r}: {answer}")


# ---------------------------------------------------------------- whole bundles

@case("verify: a bundle as it was released, as a folder and as a tar file")
def _(tool):
    bundle_of(tool)
    lid = json.loads(tool.succeeds("ledger", "status", LEDGER, "--json", *STATE).out)
    for name in "bundle", "bundle/", tool.path("bundle"):
        answer = verify(tool, name)
        expect(with_result(answer, "ok") == set(ALL) - {"F6", "W2"}, f"{answer}")
        expect(answer["verdict"] == "verified" and answer["withdrawn"] is None, f"{answer}")
    checkpoint = tool.path(LEDGER) / "checkpoint"
    answer = verify(tool, "bundle", "--ledger-id", lid["ledger"], "--pinned", checkpoint)
    expect(with_result(answer, "ok") == set(ALL), f"{answer}")
    tool.succeeds(*release("--tar", out="b.tar"))
    answer = verify(tool, "b.tar")
    expect(with_result(answer, "ok") == set(ALL) - {"F6", "W2"}, f"{answer}")
    with open(tool.path("b.tar"), "rb") as tar:
        done = subprocess.run([tool.program, "verify", "-"], stdin=tar, check=False,
                              capture_output=True, timeout=PATIENCE)
    expect(done.returncode == 0, f"a tar file from the standard input: {done}")
    tool.refuses(65, "verify", "-", stdin=b"tar", says=["not from a pipe"])


@case("verify: the table for people, and what it does not prove")
def _(tool):
    bundle_of(tool)
    words = tool.succeeds("verify", "bundle").out
    for name in ALL:
        expect(re.search(rf"^{name} .* (OK|not checked)$", words, re.M), f"{name}: {words}")
    text = re.sub(r"\s+", " ", words)
    for said in ("VERIFIED", "that the noise was drawn as recorded", "--ledger-id",
                 "Compare the ledger's id", "a withdrawal after the bundle was made"):
        expect(said in text, f"{said!r}: {words}")
    expect(all(len(line) < 80 for line in words.splitlines()), f"79 columns: {words}")
    answer = verify(tool)
    known = tool.succeeds("verify", "bundle", "--ledger-id", answer["ledger"]).out
    expect("Compare the ledger's id" not in known, "who knows the id is not told to ask")
    quiet = tool.succeeds("verify", "--quiet", "bundle")
    expect(quiet.out == "" and quiet.err == "", f"the exit code says it: {quiet}")
    tool.refuses(1, "verify", "--quiet", "bundle", "--ledger-id", "0" * 32,
                 says=["check F6 failed"])


def paid(tool, mechanism):
    tool.succeeds("ledger", "quickstart", f"{mechanism}.ledger", "--data-label", "people",
                  "--cap-epsilon", "1", "--cap-delta", "1e-9", *STATE)
    tool.succeeds("fit", "--data", "data.csv", "--schema", "schema.json", "--epsilon", "1",
                  "--mechanism", mechanism, "--out", f"{mechanism}.model", "--ledger",
                  f"{mechanism}.ledger", *STATE)


@case("verify: rows and seed chosen, every mechanism, other threads and kernels")
def _(tool):
    bundle_of(tool, "--rows", "123", "--seed", "7", out="chosen")
    verify(tool, "chosen")
    for mechanism in "aim", "mst", "mosaic":
        paid(tool, mechanism)
        tool.succeeds(*release(out=mechanism, model=f"{mechanism}.model",
                               ledger=f"{mechanism}.ledger"))
        verify(tool, mechanism)
    for threads in "1", "3":
        verify(tool, "chosen", "--threads", threads, env={"SIL_ISA": "scalar"})


@case("verify: the answer is what its JSON Schema says")
def _(tool):
    try:
        import jsonschema
    except ImportError:
        raise Skip("jsonschema is not installed") from None
    schema = json.loads((SOURCE / "docs/verify.schema.json").read_text())
    bundle = bundle_of(tool)
    jsonschema.validate(json.loads(tool.run("verify", "bundle", "--json").out), schema)
    change(bundle / "data.csv")
    jsonschema.validate(json.loads(tool.run("verify", "bundle", "--json").out), schema)
    bundle.joinpath("data.csv").unlink()
    answer = json.loads(tool.run("verify", "bundle", "--json").out)
    jsonschema.validate(answer, schema)
    ids = schema["properties"]["checks"]["items"]["properties"]["id"]["enum"]
    expect(tuple(ids) == ALL, f"the schema lists the checks: {ids}")
    text = (SOURCE / "docs/verify.md").read_text()
    for name in ALL:
        expect(f"| {name} |" in text, f"docs/verify.md explains {name}")


# ---------------------------------------------------------------- files

@case("verify: one byte changed in any file, at several places")
def _(tool):
    bundle = bundle_of(tool)
    for name in files_of(bundle):
        for at in 0, 0.31, 0.77, 1:
            forged = copy(tool)
            change(forged / name, at)
            answer = verify(tool, "copy", code=1)
            details = " ".join(check["detail"] for check in answer["checks"])
            expect("S2" in with_result(answer, "failed"), f"{name} at {at}: {answer}")
            expect(name in details, f"{name} is not named: {details}")


# What a changed file still breaks when SHA256SUMS was made anew: these stand alone.
BEHIND_SUMS = {
    "data.csv": "R1 R2 R4 V1 C4 C6",
    "schema.json": "R1 R2 C1 C4 C6",
    "datasheet.json": "R1 R2 C2 C6",
    "datasheet.html": "R1 R2 C3 C6",
    "datapackage.json": "R1 R2 C4 C6",
    "VERIFY.txt": "R1 R2 C5 C6",
    "statement.dsse.json": "R3",
    "data.csv.minisig": "R4",
    "statement.json.minisig": "R4",
    "release.tlog-proof": "R5",
    "keys/release.pem": "L3",
    "keys/log.vkey": "L3",
    "ledger/tile/0/000.p/6": "L3",
}


@case("verify: a changed file behind a SHA256SUMS that was made anew")
def _(tool):
    bundle = bundle_of(tool)
    for name, ids in BEHIND_SUMS.items():
        forged = copy(tool)
        change(forged / name, 0.6)
        sums(forged)
        refuted(tool, ids, name, bundle="copy")
    forged = copy(tool)
    path = forged / "data.csv.minisig"
    path.write_text("untrusted comment: epsilon is 0.001\n"
                    + path.read_text().split("\n", 1)[1])
    sums(forged)
    refuted(tool, "R4", "untrusted comment", bundle="copy")
    for name, first in (("statement.json", "R6"), ("transcript.sil", "R1"),
                        ("ledger/checkpoint", "L1 L2"), ("keys/release.pub", "L3"),
                        ("ledger/tile/entries/000.p/6", "L1")):
        forged = copy(tool)
        change(forged / name, 0.6)
        sums(forged)
        failed = with_result(verify(tool, "copy", code=1), "failed")
        expect(failed & set(first.split()), f"{name}: {failed}")


@case("verify: files missing and files too many are named")
def _(tool):
    bundle = bundle_of(tool)
    for name in files_of(bundle):
        forged = copy(tool)
        (forged / name).unlink()
        if name != "SHA256SUMS":
            sums(forged)
        for folder in (forged / name).parents:
            if not list(folder.iterdir()):
                folder.rmdir()
        answer = verify(tool, "copy", code=1)
        details = " ".join(check["detail"] for check in answer["checks"])
        expect(name in details, f"{name}: {details}")
    for name in ("README", "internal/report.html", "keys/another.pub", "data.csv.bak",
                 "ledger/entries/000000000000", "ledger/tile/1/000.p/1",
                 "ledger/tile/entries/000.p/5"):
        forged = copy(tool)
        (forged / name).parent.mkdir(parents=True, exist_ok=True)
        (forged / name).write_text("x")
        sums(forged)
        answer = verify(tool, "copy", code=1)
        details = " ".join(check["detail"] for check in answer["checks"])
        expect(name in details or name.split("/", maxsplit=1)[0] in details or
               "ledger/entries" in details, f"{name}: {details}")
        failed = with_result(answer, "failed")
        expect(failed in ({"S1"}, {"L3"}), f"{name}: {failed}")


@case("verify: files of another bundle of the same ledger")
def _(tool):
    bundle_of(tool)
    tool.succeeds(*release(out="other"))
    tool.succeeds(*release("--seed", "5", out="third"))
    verify(tool, "other")
    for source in "other", "third":
        for name in files_of(tool.path("bundle")):
            foreign = tool.path(source) / name
            own = tool.path("bundle") / name
            if name == "SHA256SUMS" or not foreign.exists() or \
                    foreign.read_bytes() == own.read_bytes():
                continue
            forged = copy(tool)
            shutil.copyfile(foreign, forged / name)
            answer = verify(tool, "copy", code=1)
            expect(name in answer["by_id"]["S2"]["detail"], f"{name}: {answer}")
            sums(forged)
            answer = verify(tool, "copy", code=1)
            details = " ".join(check["detail"] for check in answer["checks"])
            expect(name in details or "ledger/tile" in details, f"{name}: {details}")


@case("verify: links, pipes, folders and giants where files belong")
def _(tool):
    bundle = bundle_of(tool)
    for name in "data.csv", "keys/release.pub", "transcript.sil", "SHA256SUMS":
        for kind in "link", "pipe", "folder", "giant":
            forged = copy(tool)
            path = forged / name
            content = path.read_bytes()
            path.unlink()
            if kind == "link":
                tool.write("elsewhere", content)
                path.symlink_to(tool.path("elsewhere"))
            elif kind == "pipe":
                os.mkfifo(path)
            elif kind == "folder":
                path.mkdir()
            else:
                with open(path, "wb") as file:
                    file.truncate(1 << 42)
            refused_whole(tool, name, bundle="copy")
    shutil.rmtree(bundle / "keys")
    (bundle / "keys").symlink_to("/etc")
    refused_whole(tool, "keys does not belong")


# ---------------------------------------------------------------- tar files

def tar_of(tool, *members, form=tarfile.USTAR_FORMAT, tail=b""):
    """A tar file of the bundle's files and of (TarInfo, bytes) as they come."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for info, content in members:
            info.size = len(content)
            info.mode = 0o644
            tar.addfile(info, io.BytesIO(content))
    return tool.write("hostile.tar", out.getvalue() + tail)


def member(name, content=b"x", kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info, content


def sealed(tool, *names):
    """A tar file in the form of release, of empty files with these names."""
    out = []
    for name in names:
        header = bytearray(512)
        header[:len(name)] = name
        for at, text in ((100, b"0000644"), (108, b"0000000"), (116, b"0000000"),
                         (124, b"00000000000"), (136, b"00000000000"), (148, b" " * 8),
                         (156, b"0"), (257, b"ustar\0" + b"00"), (329, b"0000000"),
                         (337, b"0000000")):
            header[at:at + len(text)] = text
        header[148:156] = b"%06o\0 " % sum(header)
        out.append(bytes(header))
    return tool.write("hostile.tar", b"".join(out) + bytes(1024))


@case("verify: names in a tar file that lead elsewhere, twice, in any number")
def _(tool):
    for name in (b"../data.csv", b"/data.csv", b"bundle/data.csv", b"keys/../../x",
                 b"./data.csv", b"a"):
        sealed(tool, name)
        refused_whole(tool, name.decode(), bundle="hostile.tar")
    sealed(tool, b"data.csv", b"data.csv")
    refused_whole(tool, "data.csv is there twice", bundle="hostile.tar")
    sealed(tool, *(b"keys/k%06d" % i for i in range(100_000)))
    refused_whole(tool, "is one too many", bundle="hostile.tar")
    sealed(tool, *(b"f%06d" % i for i in range(100_000)))
    refused_whole(tool, "f000000 does not belong", bundle="hostile.tar")
    expect(tool.files() == ["hostile.tar"], f"nothing is unpacked: {tool.files()}")


@case("verify: links and other forms of tar files, cut or followed by something")
def _(tool):
    bundle = bundle_of(tool)
    for kind, word in ((tarfile.SYMTYPE, "a link"), (tarfile.LNKTYPE, "a link"),
                       (tarfile.DIRTYPE, "a folder"),
                       (tarfile.FIFOTYPE, "neither a regular file")):
        tar_of(tool, member("data.csv", b"", kind, "/etc/passwd"))
        tool.refuses(65, "verify", "hostile.tar",
                     says=["at 'data.csv", word, "unpacked in an empty folder"])
    tool.write("hostile.tar", bytes(range(256)) * 4)
    tool.refuses(65, "verify", "hostile.tar", says=["neither a folder nor a tar file"])
    for form in tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT:
        tar_of(tool, *(member(name, (bundle / name).read_bytes())
                       for name in files_of(bundle)), form=form)
        tool.refuses(65, "verify", "hostile.tar", says=["tar file as release writes it"])
    tool.succeeds(*release("--tar", out="b.tar"))
    whole = tool.path("b.tar").read_bytes()
    for length in (len(whole) - 1, len(whole) - 512, len(whole) - 1024, len(whole) // 2,
                   513, 512, 1, 0):
        tool.write("cut.tar", whole[:length])
        tool.refuses(65, "verify", "cut.tar", says=["cut.tar"])
    for tail in b"x", bytes(512), whole:
        tool.write("long.tar", whole + tail)
        tool.refuses(65, "verify", "long.tar", says=["nothing behind them"])


# ---------------------------------------------------------------- the ledger

def export_anew(tool, bundle):
    """Entries, tiles and checkpoint of the ledger as it is now, into the bundle."""
    ledger = tool.path(LEDGER)
    entries = [path.read_bytes() for path in sorted((ledger / "entries").iterdir())]
    expect(len(entries) < 256, "one partial tile is enough here")
    shutil.rmtree(bundle / "ledger")
    for kind, content in (
            ("entries", b"".join(len(e).to_bytes(2, "big") + e for e in entries)),
            ("0", b"".join(hashlib.sha256(b"\0" + e).digest() for e in entries))):
        path = bundle / "ledger/tile" / kind / "000.p" / str(len(entries))
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    shutil.copyfile(ledger / "checkpoint", bundle / "ledger/checkpoint")
    sums(bundle)


@case("verify: the ledger's id and a kept checkpoint")
def _(tool):
    bundle_of(tool)
    kept = tool.write("kept.note", (tool.path(LEDGER) / "checkpoint").read_bytes())
    refuted(tool, "F6", "0" * 32, more=("--ledger-id", "0" * 32))
    for text in "x", "0" * 31, "0" * 31 + "G":
        tool.refuses(64, "verify", "bundle", "--ledger-id", text, says=["32 digits"])
    tool.refuses(65, "verify", "bundle", "--pinned", "data.csv", says=["data.csv"])
    tool.refuses(74, "verify", "bundle", "--pinned", "none", says=["none"])
    tool.succeeds(*release(out="later"))
    verify(tool, "later", "--pinned", kept)
    newer = tool.write("newer.note", (tool.path(LEDGER) / "checkpoint").read_bytes())
    answer = verify(tool, "bundle", "--pinned", newer, code=2)
    expect(with_result(answer, "inconclusive") == {"W2"}, f"{answer}")
    expect("today" in answer["by_id"]["W2"]["detail"], f"{answer}")
    lines = kept.read_text(encoding="utf-8").splitlines()
    name, signature = lines[-1].rsplit(" ", 1)
    blob = bytearray(base64.b64decode(signature))
    blob[10] ^= 1
    lines[-1] = f"{name} {base64.b64encode(blob).decode()}"
    tool.write("unsigned.note", "\n".join(lines) + "\n")
    refuted(tool, "W2", "not signed by the ledger's log", more=("--pinned", "unsigned.note"))


@case("verify: two histories under one key are told apart by a kept checkpoint")
def _(tool):
    paid_model(tool)
    for part in LEDGER, LEDGER + ".keys", "state":
        shutil.copytree(tool.path(part), tool.path("fork") / part)
    tool.succeeds(*release())
    other = ("release", "--model", "m.model", "--ledger", f"fork/{LEDGER}", "--state",
             "fork/state", "--out", "forked")
    tool.succeeds(*other)
    verify(tool, "forked")
    refuted(tool, "W2", "two histories", bundle="forked",
            more=("--pinned", f"{LEDGER}/checkpoint"))


@case("verify: a release that was withdrawn says so first")
def _(tool):
    bundle = bundle_of(tool)
    found = verify(tool)
    tool.succeeds("ledger", "notice", LEDGER, "--release", found["release"], "--reason",
                  "wrong bins for age", *STATE)
    export_anew(tool, bundle)
    answer = refuted(tool, "N1", "WITHDRAWN: wrong bins for age")
    expect(answer["withdrawn"] == "wrong bins for age", f"{answer}")
    words = tool.run("verify", "bundle").out
    expect(words.startswith("WITHDRAWN"), f"first of all: {words}")


@case("verify: a release key that was revoked, that has another role, or none")
def _(tool):
    bundle = bundle_of(tool)
    keys = tool.path(f"{LEDGER}.keys")
    for role in "curator", "log":
        forged = copy(tool)
        shutil.copyfile(keys / f"{role}.key.pub", forged / "keys/release.pub")
        sums(forged)
        refuted(tool, "R3 R4 L3", f"a key of the role {role}", bundle="copy")
    tool.succeeds("key", "new", "--role", "release", "--out", "stranger.key",
                  "--unencrypted")
    forged = copy(tool)
    shutil.copyfile(tool.path("stranger.key.pub"), forged / "keys/release.pub")
    sums(forged)
    refuted(tool, "R3 R4 L3", "no key of this ledger", bundle="copy")
    shown = tool.succeeds("key", "show", f"{LEDGER}.keys/release.key.pub", "--json").out
    entry = verify(tool)["entry"]
    tool.succeeds("ledger", "revoke", LEDGER, "--key", json.loads(shown)["id"], "--since",
                  entry, "--reason", "stolen", *STATE)
    export_anew(tool, bundle)
    refuted(tool, "R3 R4 L3", "was revoked when the release was entered")


# ---------------------------------------------------------------- limits

@case("verify: memory that does not suffice is inconclusive")
def _(tool):
    bundle_of(tool, "--rows", "5000000")
    answer = verify(tool, "bundle", "--memory-mb", "64", code=2)
    expect(with_result(answer, "failed") == set(), f"{answer}")
    expect(with_result(answer, "inconclusive") == {"V1"}, f"{answer}")
    need = re.search(r"--memory-mb (\d+)", answer["by_id"]["V1"]["detail"])
    expect(need and int(need[1]) > 64, f"how much would do: {answer}")
    verify(tool, "bundle", "--memory-mb", need[1])
    for text in "0", "63", "x":
        tool.refuses(64, "verify", "bundle", "--memory-mb", text)


@case("verify: of a small table Mosaic's tree takes no more than the table has cells")
def _(tool):
    paid_model(tool)
    paid(tool, "mosaic")
    tool.succeeds(*release(model="mosaic.model", ledger="mosaic.ledger"))
    verify(tool, "bundle", "--memory-mb", "64")


@case("verify: out of memory in the middle is no crash and no verdict")
def _(tool):
    if any(name.endswith("SAN_OPTIONS") for name in os.environ):
        raise Skip("sanitizers need more memory than there is here")
    paid_model(tool)
    paid(tool, "mosaic")
    tool.succeeds(*release(model="mosaic.model", ledger="mosaic.ledger"))
    results = set()
    for kilobytes in range(1000, 3000, 60):
        limit = kilobytes << 10
        done = tool.run("verify", "bundle", "--threads", "1", preexec_fn=lambda: (
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))))
        expect(done.code in (0, 2, 70), f"{kilobytes} KB: {done}")
        expect("FAILED" not in done.out, f"too little memory refutes nothing: {done}")
        results.add(done.code)
    expect({0, 2} <= results, f"from too little to enough: {results}")


# ---------------------------------------------------------------- places

@case("verify: nothing is written, from any folder, without a place for temporary files")
def _(tool):
    bundle_of(tool)
    tool.succeeds(*release("--tar", out="b.tar"))
    for path in tool.path("bundle").rglob("*"):
        path.chmod(path.stat().st_mode & ~0o222)
    tool.path("bundle").chmod(0o555)
    before = tool.snapshot()
    # The leak checker does not work below strace, and clang's OpenMP notes in shared memory
    # that it is there.
    is_sanitized = any(name.endswith("SAN_OPTIONS") for name in os.environ)
    strace = None if is_sanitized else shutil.which("strace")
    for name in "bundle", "b.tar":
        for where in "/", str(tool.folder):
            command = [tool.program, "verify", str(tool.path(name))]
            log = tool.folder.parent / (tool.folder.name + ".strace")
            if strace:
                command = [strace, "-f", "-o", str(log), "-e",
                           "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,"
                           "renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,"
                           "mknod,mknodat,truncate,ftruncate,execve,fork,vfork,socket",
                           *command]
            done = subprocess.run(command, cwd=where, capture_output=True, text=True,
                                  timeout=PATIENCE, check=False,
                                  env={"TMPDIR": "/nonexistent", "HOME": "/nonexistent"})
            expect(done.returncode == 0, f"{name} from {where}: {done}")
            if strace and log.exists():
                lines = log.read_text().splitlines()
                log.unlink()
                expect(sum("execve(" in line for line in lines) == 1, "runs nothing")
                for line in lines:
                    writes = re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|TMPFILE)", line)
                    harmless = "/dev/null" in line or "ENOENT" in line
                    changes = re.search(
                        r" (creat|mkdir|rename|unlink|link|symlink|mknod|f?truncate|socket"
                        r")\w*\(", line)
                    expect((not writes or harmless) and not changes, f"writes: {line}")
    expect(tool.snapshot() == before, "no file changed")
    tool.path("bundle").chmod(0o755)
    for path in tool.path("bundle").rglob("*"):
        path.chmod(path.stat().st_mode | (0o200 if path.is_file() else 0o700))


@case("verify: what is no bundle at all")
def _(tool):
    bundle_of(tool)
    tool.refuses(74, "verify", "none", says=["none"])
    tool.refuses(65, "verify", "data.csv", says=["data.csv", "neither a folder nor a tar"])
    tool.refuses(64, "verify")
    os.mkfifo(tool.path("pipe"))
    tool.refuses(65, "verify", "pipe", says=["not from a pipe"])
    tool.path("empty").mkdir()
    refused_whole(tool, "data.csv is missing", bundle="empty")
    if os.geteuid() != 0:
        tool.path("bundle/data.csv").chmod(0)
        tool.refuses(74, "verify", "bundle", says=["data.csv"])


if __name__ == "__main__":
    expect(set(BEHIND_SUMS) <= set(FIXED) | {"ledger/tile/0/000.p/6"}, "names")
    expect(set(ARTIFACTS) <= set(FIXED), "names")
    main()

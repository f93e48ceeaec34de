#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""silhouette release: what a bundle holds, what it says, what stock tools say of it."""
import base64
import hashlib
import json
import shutil
import tarfile

from harness import SOURCE, Skip, case, expect, main
from release_kit import (ARTIFACTS, FIXED, LEDGER, by_hand, expect_whole, files_of,
                         n_entries, paid_model, release, statement_of)


@case("release: the files of a bundle, each in SHA256SUMS, and what stock tools say")
def _(tool):
    paid_model(tool)
    result = tool.succeeds(*release())
    expect(result.out == "", "nothing on stdout")
    bundle = tool.path("bundle")
    names = [name for name in files_of(bundle) if name not in FIXED]
    kinds = sorted({name.split("-")[0].split(".p")[0] for name in names})
    expect(kinds == ["keys/authority", "keys/curator", "ledger/tile/0/000",
                     "ledger/tile/entries/000"], f"besides: {names}")
    expect_whole(bundle)
    for shell in "sh", "bash":
        code, said = by_hand(bundle, bundle.joinpath("VERIFY.txt").read_text(), shell)
        expect(code == 0 and said.endswith("all of it holds\n"), f"{shell}: {said}")
        expect(said.count("Signature Verified Successfully") == 3, said)
    expect(oct(bundle.stat().st_mode & 0o777) == "0o755", "a folder for everybody")


@case("release: the rows are those that sample draws, and inspect knows the ledger")
def _(tool):
    paid_model(tool)
    tool.succeeds(*release("--threads", "1"))
    tool.succeeds("sample", "--model", "m.model", "--out", "again.csv")
    again = tool.path("again.csv").read_bytes()
    expect(tool.path("bundle/data.csv").read_bytes() == again, "the same rows")
    tool.succeeds("refit", "--transcript", "bundle/transcript.sil", "--out", "r.model")
    expect(tool.path("r.model").read_bytes() == tool.path("m.model").read_bytes(),
           "the transcript gives the model")
    expect(tool.path("bundle/schema.json").read_bytes() ==
           tool.path("schema.json").read_bytes(), "the schema as it was given")
    tool.succeeds("ledger", "verify", LEDGER, "--state", "state")


@case("release: its entry lists every document and the statement")
def _(tool):
    paid_model(tool)
    before = n_entries(tool)
    tool.succeeds(*release())
    expect(n_entries(tool) == before + 1, "one entry")
    log = json.loads(tool.succeeds("ledger", "log", LEDGER, "--json", "--state",
                                   "state").out)
    entry = log["entries"][-1]
    expect(entry["type"] == "release", f"{entry}")
    text = json.dumps(entry)
    for name in *ARTIFACTS, "statement.json":
        digest = hashlib.sha256(tool.path("bundle", ).joinpath(name).read_bytes())
        expect(digest.hexdigest() in text, f"{name} is in the entry")
    statement = statement_of(tool)
    subjects = {item["name"]: item["digest"]["sha256"] for item in statement["subject"]}
    expect(tuple(subjects) == ARTIFACTS, f"{list(subjects)}")
    expect(statement["predicate"]["ledger"]["size"] == before, "the ledger before it")


@case("release: what the operator chose is printed as chosen, what he did not is not")
def _(tool):
    paid_model(tool)
    result = tool.succeeds(*release())
    expect("(the private estimate)" in result.err and
           "Seed      follows from the transcript" in result.err, f"{result}")
    rows = statement_of(tool)["predicate"]["rows"]
    expect(rows["n_chosen_by"] == "private estimate" and rows["seed"] is None and
           rows["seed_chosen_by"] == "transcript", f"{rows}")

    most = str(2**64 - 1)
    result = tool.succeeds(*release("--rows", "17", "--seed", most, out="chosen"))
    expect("Rows      17 (your choice" in result.err and
           f"Seed      {most} (your choice" in result.err, f"{result}")
    rows = statement_of(tool, "chosen")["predicate"]["rows"]
    expect(rows == {"n": 17, "n_chosen_by": "operator", "seed": most,
                    "seed_chosen_by": "operator"}, f"{rows}")
    lines = tool.path("chosen/data.csv").read_text().splitlines()
    expect(len(lines) == 18, "seventeen rows and a header")


@case("release: the summary for programs")
def _(tool):
    paid_model(tool)
    result = tool.succeeds(*release("--json", "--seed", "0"))
    said = json.loads(result.err.splitlines()[-1])
    expect(said["command"] == "release" and said["bundle"] == "bundle" and
           said["seed"] == "0" and said["rows_chosen"] is False and
           said["files"] == len(files_of(tool.path("bundle"))), f"{said}")
    total = sum(path.stat().st_size for path in tool.path("bundle").rglob("*")
                if path.is_file())
    expect(said["bytes"] == total, "the bytes of all files")
    expect(tool.succeeds(*release("--quiet", out="q")).err == "", "quiet")


@case("release: the envelope holds the statement's bytes, the package a true schema")
def _(tool):
    paid_model(tool)
    tool.write("data.csv", tool.path("data.csv").read_text())
    tool.succeeds(*release())
    bundle = tool.path("bundle")
    envelope = json.loads(bundle.joinpath("statement.dsse.json").read_text())
    expect(base64.b64decode(envelope["payload"]) ==
           bundle.joinpath("statement.json").read_bytes(), "the same bytes")
    expect(envelope["payloadType"] == "application/vnd.in-toto+json", "in-toto")
    package = json.loads(bundle.joinpath("datapackage.json").read_text())
    data = package["resources"][0]
    header = bundle.joinpath("data.csv").read_text().splitlines()[0]
    expect([field["name"] for field in data["schema"]["fields"]] == header.split(","),
           "fields in the order of the columns")
    expect(data["bytes"] == bundle.joinpath("data.csv").stat().st_size, "its bytes")
    digest = hashlib.sha256(bundle.joinpath("data.csv").read_bytes()).hexdigest()
    expect(data["hash"] == f"sha256:{digest}", "its digest")
    check_profile(package)


def check_profile(package):
    """The profile's own part, of our making; the standard's is on the net."""
    try:
        import jsonschema
    except ImportError:
        raise Skip("python's jsonschema is not installed") from None
    path = SOURCE / "docs" / "datapackage.profile.json"
    profile = json.loads(path.read_text())
    jsonschema.Draft7Validator.check_schema(profile)
    expect(list(profile["allOf"][0]) == ["$ref"], "the standard's part comes first")
    ours = dict(profile["allOf"][1], definitions=profile["definitions"])
    check = jsonschema.Draft7Validator(ours)
    expect(not list(check.iter_errors(package)), f"{list(check.iter_errors(package))}")
    package["silhouette:privacy"]["claim"]["rho"] = 0.125
    expect(not check.is_valid(package), "a rho in binary fractions is refused")


@case("release: columns in the file's order are described in that order")
def _(tool):
    paid_model(tool)
    columns = [line.split(",") for line in
               tool.path("data.csv").read_text().splitlines()]
    tool.write("turned.csv", "".join(",".join(reversed(row)) + "\n" for row in columns))
    tool.succeeds("fit", "--data", "turned.csv", "--schema", "schema.json", "--epsilon",
                  "1", "--delta", "1e-9", "--mechanism", "independent", "--state",
                  "state", "--out", "t.model")
    tool.succeeds(*release(model="t.model", ledger="turned.csv.ledger"))
    package = json.loads(tool.path("bundle/datapackage.json").read_text())
    names = [field["name"] for field in package["resources"][0]["schema"]["fields"]]
    header = tool.path("bundle/data.csv").read_text().splitlines()[0]
    expect(names == ["smokes", "age", "sex"] == header.split(","), f"{names} {header}")


@case("release: one tar file, the same for everybody but in its bytes of chance")
def _(tool):
    paid_model(tool)
    tool.succeeds(*release("--tar", out="b.tar"))
    with tarfile.open(tool.path("b.tar"), "r:") as tar:
        members = tar.getmembers()
        expect(all(member.isreg() and member.mode == 0o644 and member.mtime == 0 and
                   member.uid == 0 and member.gid == 0 for member in members),
               "plain files, owner 0, time 0")
        names = [member.name for member in members]
        tar.extractall(tool.path("x"))
    expect(names == sorted(names) and set(FIXED) < set(names), f"{names}")
    expect_whole(tool.path("x"))
    code, said = by_hand(tool.path("x"), tool.path("x/VERIFY.txt").read_text())
    expect(code == 0, said)
    size = tool.path("b.tar").stat().st_size
    padded = sum(512 + -(-member.size // 512) * 512 for member in members)
    expect(size == padded + 1024, "two blocks of zeros at the end, and no more")


@case("release: a ledger of many entries has full tiles and one that is not")
def _(tool):
    paid_model(tool)
    if shutil.which("minisign") is None:
        raise Skip("minisign is not installed")
    tool.succeeds(*release(out="b0"))
    tool.succeeds(*release("--rows", "1", out="b1"))
    bundle = tool.path("b1")
    code, said = by_hand(bundle, bundle.joinpath("VERIFY.txt").read_text())
    expect(code == 0, said)
    proofs = [tool.path(name).joinpath("release.tlog-proof").read_text()
              for name in ("b0", "b1")]
    expect(proofs[0] != proofs[1], "each release has an entry of its own")


@case("release: stock tools find every changed file, also behind new SHA256SUMS")
def _(tool):
    paid_model(tool)
    tool.succeeds(*release())
    good = tool.path("bundle").joinpath("VERIFY.txt").read_text()
    # Nothing that is signed hangs on these here; silhouette verify makes them again.
    unseen = "keys/authority", "ledger/tile/0"
    for name in files_of(tool.path("bundle")):
        for is_renewed in False, True:
            if is_renewed and (name == "SHA256SUMS" or
                               name.startswith(unseen)):
                continue
            shutil.copytree(tool.path("bundle"), tool.path("bad"))
            path = tool.path("bad").joinpath(name)
            data = bytearray(path.read_bytes())
            # Of the entries the first and the last are looked at, of keys the key.
            is_late = "tile/entries" in name or name.endswith(".pub")
            data[-9 if is_late else len(data) // 2] ^= 1
            path.write_bytes(data)
            if is_renewed:
                renew(tool.path("bad"))
            code, said = by_hand(tool.path("bad"), good)
            shutil.rmtree(tool.path("bad"))
            expect(code != 0 and "all of it holds" not in said,
                   f"{name}, sums renewed {is_renewed}: {said}")


@case("release: a hostile proof runs nothing in the shell that checks it")
def _(tool):
    paid_model(tool)
    tool.succeeds(*release())
    bundle = tool.path("bundle")
    script = bundle.joinpath("VERIFY.txt").read_text()
    trap = "a[$(touch ../trapped)]"
    for name, line in (("release.tlog-proof", 1), ("ledger/checkpoint", 1)):
        shutil.copytree(bundle, tool.path("bad"))
        path = tool.path("bad").joinpath(name)
        lines = path.read_text().split("\n")
        lines[line] = ("index " if name.startswith("release") else "") + trap
        path.write_text("\n".join(lines))
        renew(tool.path("bad"))
        code, said = by_hand(tool.path("bad"), script, "bash")
        shutil.rmtree(tool.path("bad"))
        expect(code != 0 and not tool.path("trapped").exists(), f"{name}: {said}")


def renew(folder):
    lines = [f"{hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest()}  {name}\n"
             for name in files_of(folder) if name != "SHA256SUMS"]
    folder.joinpath("SHA256SUMS").write_text("".join(lines))


main()

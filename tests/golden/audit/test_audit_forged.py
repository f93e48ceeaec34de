#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the auditor says of releases that were changed and signed again with the true keys.

Digests, proofs and signatures of every forgery hold, so only its meaning can refute it. Each
must be refuted by the check that is about the lie.

usage: test_audit_forged.py SILHOUETTE SILHOUETTE-AUDIT
The last line is "N passed, N failed, N skipped".
"""
import copy
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from audit_kit import AUDITOR, EXAMPLES, GENERATOR, SANITIZED, Count, expect, generate
from forger import Forger, Fresh, MEASURE, RESERVE, body_of, craft, read_large
from note import COSIGNATURE, LOG, NoteKey


def audit(bundle, *options):
    done = subprocess.run([AUDITOR, "verify", "--json", str(bundle), *options],
                          capture_output=True, text=True, timeout=240)
    expect(done.returncode in (0, 1, 2), f"{done.returncode}: {done.stderr}")
    found = json.loads(done.stdout)["findings"]
    return done.returncode, {f["id"] for f in found if f["verdict"] == "refuted"}, found


def make(folder):
    """Two runs in one ledger, and a release of the second."""
    generate(folder, "simulate", str(EXAMPLES / "bank.json"), "--rows", "300", "--seed", "5",
             "--out", "bank.csv")
    generate(folder, "ledger", "quickstart", "bank.ledger", "--data-label", "bank-2026",
             "--cap-epsilon", "6", "--cap-delta", "1e-6", "--data", "bank.csv", "--quiet")
    for model, mechanism in (("first", "independent"), ("second", "mst")):
        generate(folder, "fit", "--data", "bank.csv", "--schema",
                 str(EXAMPLES / "bank.schema.json"), "--epsilon", "2", "--mechanism",
                 mechanism, "--ledger", "bank.ledger", "--out", model, "--quiet")
    generate(folder, "release", "--model", "second", "--ledger", "bank.ledger", "--out",
             "true", "--rows", "60", "--quiet")


# ---- the statement says something else ----

def at(said, path):
    *way, last = path.split("/")
    for step in way:
        said = said[int(step)] if isinstance(said, list) else said[step]
    return said, int(last) if isinstance(said, list) else last


CLAIM = "predicate/claim/"
BUILD = "predicate/buildDefinition/"
TABLE = BUILD + "resolvedDependencies/0/"
STATEMENT = [  # member, what it says instead, by which check it is refuted
    (CLAIM + "epsilon", "1.9", "B9"),
    (CLAIM + "epsilon", "0", "B9"),
    (CLAIM + "epsilon", "small", "R7"),
    (CLAIM + "delta", "1e-7", "R7"),
    (CLAIM + "rho", "1/100", "R7"),
    (CLAIM + "unit", "id", "R7"),
    (CLAIM + "neighbours", "replace-one", "R7"),
    (CLAIM + "definition", "pure DP", "R7"),
    (CLAIM + "conversion", "none is needed", "R7"),
    (CLAIM + "spent_before", "0/1", "R7"),
    (CLAIM + "spent_after", "1/100", "R7"),
    (CLAIM + "cumulative/delta", "1e-7", "R7"),
    (CLAIM + "cumulative/reserved/rho", "1/100", "R7"),
    (CLAIM + "cumulative/reserved/epsilon", "2", "B9"),
    (CLAIM + "cumulative/cap/rho", "1/1", "R7"),
    (CLAIM + "cumulative/cap/epsilon", "3", "B9"),
    (CLAIM + "note", "nobody can be recognised", "R7"),
    (BUILD + "buildType", "another", "R7"),
    (BUILD + "externalParameters/mechanism", "aim", "R7"),
    (BUILD + "externalParameters/workload", "3", "R7"),
    (BUILD + "externalParameters/epsilon", "1/10", "R7"),
    (BUILD + "externalParameters/delta", "1/10000000", "R7"),
    (BUILD + "externalParameters/neighbours", "replace-one", "R7"),
    (BUILD + "externalParameters/plan_sha256", "00" * 32, "R7"),
    (BUILD + "internalParameters/replay", 1, "R7"),
    (TABLE + "name", "another table", "R7"),
    (TABLE + "uri", "urn:another", "R7"),
    (TABLE + "digest", {"sha256": "00" * 32}, "R7"),
    (TABLE + "annotations/commitments/0", "00" * 32, "R7"),
    (TABLE + "annotations/commitments", [], "R7"),
    (BUILD + "resolvedDependencies/2/digest/sha256", "00" * 32, "R7"),
    ("predicate/ledger/id", "00" * 16, "R7"),
    ("predicate/ledger/origin", "another/silhouette/log", "R7"),
    ("predicate/ledger/size", 3, "R7"),
    ("predicate/ledger/root", "00" * 32, "R7"),
    ("predicate/ledger/reserve", "00" * 16, "R7"),
    ("predicate/ledger/release", "00" * 16, "R6"),
    ("predicate/runDetails/builder/id", "another program", "R7"),
    ("predicate/runDetails/metadata/invocationId", "00" * 16, "R7"),
    ("predicate/runDetails/metadata/startedOn", "2026-01-01T00:00:00Z", "R7"),
    ("predicate/rows/n", 61, "R7"),
    ("predicate/rows/n", -1, "R7"),
    ("predicate/rows/n_chosen_by", "private estimate", "R7"),
    ("predicate/rows/n_chosen_by", "a friend", "R7"),
    ("predicate/rows/seed_chosen_by", "operator", "R7"),
    ("predicate/rows/seed", 7, "R7"),
    ("predicate/rows/made_to_order", {"where": "age > 3", "rebalance": [],
                                      "fair": None}, "R7"),
    ("predicate/rows/rules", {"declared": 1, "rows_that_violate": 0, "rows_redrawn": 0,
                              "rows_changed": 0}, "R10"),
    ("predicate/replay", 9, "R7"),
    ("predicate/documents", 0, "R7"),
    ("predicateType", "urn:another", "R7"),
    ("_type", "https://in-toto.io/Statement/v2", "R7"),
    ("subject/4/digest/sha256", "00" * 32, "R7"),
    ("subject/4/name", "datasheet.pdf", "R7"),
    ("subject", [], "R7"),
    ("more", "of anything", "R7"),
]


def every_member_of_the_statement_is_held_against_the_ledger(true, folder):
    for path, instead, wanted in STATEMENT:
        def lie(said, path=path, instead=instead):
            parent, last = at(said, path)
            parent[last] = instead
        refuted(true, folder, f"{path} = {instead}", wanted, statement=lie)


def no_member_of_the_statement_may_be_missing(true, folder):
    paths = [CLAIM + "unit", CLAIM + "conversion", CLAIM + "cumulative", "predicate/rows/seed",
             "predicate/rows", BUILD + "resolvedDependencies", "predicate/runDetails",
             "predicate/documents", "subject"]
    for path in paths:
        def forget(said, path=path):
            parent, last = at(said, path)
            del parent[last]
        refuted(true, folder, f"no {path}", "R7", statement=forget)


# ---- files ----

def rows_that_were_not_drawn_are_refuted(true, folder):
    rows = true.bundle.joinpath("data.csv").read_bytes().splitlines(keepends=True)
    swapped = b"".join([rows[0], *reversed(rows[1:])])
    refuted(true, folder, "other rows", "E1", "--generator", GENERATOR,
            files={"data.csv": swapped})

    def lie(said):
        said["predicate"]["rows"].update(seed="7", seed_chosen_by="operator")
    refuted(true, folder, "another seed", "E1", "--generator", GENERATOR, statement=lie)
    refuted(true, folder, "a row left out", "R7",
            files={"data.csv": b"".join(rows[:-1])})


def a_number_of_rows_is_not_called_the_estimate(true, folder):
    """Nor by the generator's own verification."""
    def lie(said):
        said["predicate"]["rows"]["n_chosen_by"] = "private estimate"
    refuted(true, folder, "the operator's number of rows", "R7", statement=lie)
    true.forge(folder / "forged", statement=lie)
    done = subprocess.run([GENERATOR, "verify", "forged"], cwd=folder, capture_output=True,
                          text=True, timeout=240)
    expect(done.returncode == 1 and "another number of rows for the private" in done.stdout,
           f"{done.returncode}: {done.stdout}{done.stderr}")


ORDER = {"where": "age >= 40 AND (guarantor = 'yes' OR NOT guarantor = 'yes')",
         "rebalance": ["segment=mass:0.5,private:0.25"], "fair": None}


def with_field(data, name, text):
    """data.csv, and in the first row another text in a column."""
    lines = data.decode().split("\n")
    row = lines[1].split(",")
    row[lines[0].split(",").index(name)] = text
    return "\n".join([lines[0], ",".join(row), *lines[2:]]).encode()


def rows_are_held_against_their_order(true, folder):
    generate(folder, "release", "--model", "second", "--ledger", "bank.ledger", "--out",
             "ordered", "--rows", "1000", "--where", ORDER["where"], "--rebalance",
             ORDER["rebalance"][0], "--quiet")
    ordered = Forger(folder / "ordered", folder / "bank.ledger")
    data = (folder / "ordered" / "data.csv").read_bytes()
    ordered.forge(folder / "forged")
    code, _, found = audit(folder / "forged")
    expect(code == 0 and [f["verdict"] for f in found if f["id"] == "R9"] == ["holds"] * 2,
           f"{code}: {found}")
    shutil.rmtree(folder / "forged")
    for name, text in (("age", "39"), ("age", "18"), ("age", "many"), ("guarantor", "")):
        refuted(ordered, folder, f"{name} is {text!r}", "R9",
                files={"data.csv": with_field(data, name, text)})
    renamed = data.replace(b"guarantor", b"guarantors", 1)
    refuted(ordered, folder, "a column less", "R9", files={"data.csv": renamed})
    shares = ORDER["rebalance"][0]
    for order, by in (({"where": "age >= 41"}, "R9"), ({"where": "age >= "}, "R9"),
                      ({"where": "height >= 40"}, "R9"), ({"where": "age < 'x'"}, "R9"),
                      ({"rebalance": ["segment=mass:0.75,private:0.25"]}, "R9"),
                      ({"rebalance": ["segment=mass:0.5,private:0.5"]}, "R9"),
                      ({"rebalance": ["segment=mass:0.5"]}, "holds"),
                      ({"rebalance": ["segment=nobody:0.5"]}, "R9"),
                      ({"rebalance": [shares, shares]}, "R9"),
                      ({"rebalance": ["age=..200:1"] * 17}, "R7")):
        def lie(said, order=order):
            said["predicate"]["rows"]["made_to_order"] = {**ORDER, **order}
        if by in ("R7", "R9"):
            refuted(ordered, folder, f"{order}", by, statement=lie)
            continue
        ordered.forge(folder / "forged", statement=lie)
        found = audit(folder / "forged")[2]
        expect([f["verdict"] for f in found if f["id"] == "R9"] == ["holds", by],
               f"{order}: {found}")
        shutil.rmtree(folder / "forged")

    def other_shares(said):
        said["predicate"]["rows"]["made_to_order"] = {
            **ORDER, "rebalance": ["segment=mass:0.75,private:0.25"]}

    def by_replay_1(transcript):
        transcript[2] = 1

    def under_a_rule(transcript):
        schema = json.loads(transcript[4][0])
        schema["silhouette"] = {"rules": [{"forbid": "age > 90"}]}
        transcript[4][0] = json.dumps(schema).encode()

    for edit in (by_replay_1, under_a_rule):
        maker, transcript = ordered.run(edit)
        ordered.forge(folder / "forged", maker=maker, statement=other_shares,
                      files={"transcript.sil": transcript})
        found = audit(folder / "forged")[2]
        expect([f["verdict"] for f in found if f["id"] == "R9"] == ["holds", "inconclusive"],
               f"honest rows may be far off: {edit.__name__}: {found}")
        shutil.rmtree(folder / "forged")


def other_files_than_those_of_the_run_are_refuted(true, folder):
    schema = true.bundle.joinpath("schema.json").read_bytes()
    refuted(true, folder, "another schema", "R7", files={"schema.json": schema + b"\n"})
    other = copy.deepcopy(true.transcript)
    other[7].reverse()
    refuted(true, folder, "another transcript", "B5",
            files={"transcript.sil": craft.encode(other)})


def the_data_package_says_what_the_statement_says(true, folder):
    package = json.loads(true.bundle.joinpath("datapackage.json").read_text())
    for member, instead in (("claim", {**package["silhouette:privacy"]["claim"],
                                       "epsilon": "1"}),
                            ("mechanism", "aim"), ("ledger", "another"),
                            ("release", "00" * 16), ("looked", ["age"]), ("looked", None)):
        lie = copy.deepcopy(package)
        lie["silhouette:privacy"][member] = instead
        refuted(true, folder, f"{member} = {instead}", "R7",
                files={"datapackage.json": json.dumps(lie).encode()})
    refuted(true, folder, "no package", "R7", files={"datapackage.json": b"{}"})


def noise_that_was_used_twice_is_found(true, folder):
    """Another run, with a debit of its own and the noise of this one."""
    def rename(transcript):
        transcript[3][2] = bytes(16)
    maker, data = true.run(rename, reserve=lambda fields: fields.__setitem__(0, bytes(16)))
    other = folder / "other"
    other.mkdir()
    other.joinpath("transcript.sil").write_bytes(data)
    code, ids, found = audit(true.bundle, "--against", str(other))
    expect(code == 1 and ids == {"N2"}, f"the same noise: {code}, {ids}")
    generate(folder, "fit", "--data", "bank.csv", "--schema",
             str(EXAMPLES / "bank.schema.json"), "--epsilon", "2", "--delta", "1e-6",
             "--mechanism", "mst", "--no-ledger", "--out", "third", "--quiet")
    model = read_large(folder.joinpath("third").read_bytes())
    other.joinpath("transcript.sil").write_bytes(model[2])
    code, ids, found = audit(true.bundle, "--against", str(other))
    said = [f["verdict"] for f in found if f["id"] == "N2"]
    expect(code == 0 and said == ["not-examined", "holds"], f"other noise: {code}, {said}")
    code, ids, found = audit(true.bundle, "--against", str(true.bundle))
    expect(code == 0, f"the same run: {code}, {ids}")
    shutil.rmtree(other)


def the_list_of_files_is_closed(true, folder):
    lists = {"one more": lambda names: names.append(["true.csv", bytes(32)]),
             "one fewer": lambda names: names.pop(),
             "one twice": lambda names: names.append(names[0]),
             "only the rows": lambda names: names.__delitem__(slice(1, None)),
             "another order": lambda names: names.reverse(),
             "a way out": lambda names: names[4].__setitem__(0, "../datasheet.html")}
    for what, change in lists.items():
        refuted(true, folder, what, "R1", release=lambda fields, c=change: c(fields[2]))
    refuted(true, folder, "a file beside them", "S1", files={"true.csv": b"x"})


def member(name, data=b"x", kind=tarfile.REGTYPE, link=""):
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname = len(data), kind, link
    return entry, data


def pack(path, bundle, more=(), reverse=False):
    """As `silhouette release --tar` does."""
    files = [member(str(p.relative_to(bundle)), p.read_bytes())
             for p in bundle.rglob("*") if p.is_file()]
    files = sorted([*files, *more], key=lambda file: file[0].name, reverse=reverse)
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for entry, data in files:
            tar.addfile(entry, io.BytesIO(data))
    packed = path.read_bytes().rstrip(b"\0")
    path.write_bytes(packed + bytes(-len(packed) % 512 + 1024))


def a_tar_file_is_read_where_it_lies(true, folder):
    path = folder / "bundle.tar"
    pack(path, true.bundle)
    code, ids, found = audit(path)
    expect(code == 0, f"a true one: {ids}, {json.dumps(found, indent=1)}")
    whole = path.read_bytes()
    for what, more in (("a link", member("zz", b"", tarfile.SYMTYPE, "/etc/passwd")),
                       ("a hard link", member("zz", b"", tarfile.LNKTYPE, "data.csv")),
                       ("a way out", member("../zz")), ("a whole path", member("/zz")),
                       ("a folder", member("zz", b"", tarfile.DIRTYPE)),
                       ("a device", member("zz", b"", tarfile.CHRTYPE)),
                       ("a file twice", member("data.csv")), ("one more", member("zz"))):
        pack(path, true.bundle, [more])
        code, ids, found = audit(path)
        expect(code == 1 and "S1" in ids, f"{what}: {code}, {ids}")
    pack(path, true.bundle, reverse=True)
    expect("S1" in audit(path)[1], "another order")
    for what, data in (("more behind its end", whole + bytes(512)), ("cut", whole[:-1024]),
                       ("cut within", whole[:-1500]),
                       ("a wrong sum", bytes([whole[0] ^ 1]) + whole[1:]),
                       ("a size of 8 GiB", whole[:124] + b"7" * 11 + whole[135:])):
        path.write_bytes(data)
        code, ids, found = audit(path)
        expect(code == 1 and "S1" in ids, f"{what}: {code}, {ids}")
    path.write_bytes(b"no tar" * 1000)
    done = subprocess.run([AUDITOR, "verify", str(path)], capture_output=True, text=True)
    expect(done.returncode == 65, done.stderr)


# ---- what the release's entry cites ----

def a_release_cites_its_own_run_once(true, folder):
    own = true.reserve
    first = next(body_of(e)[3] for e in true.entries if body_of(e)[1] == "reserve")
    for what, cited, wanted in (("twice", [own, own], "B5"), ("another's", [first], "B5"),
                                ("one more", [own, first], "B5"), ("none", [], "R6"),
                                ("an unknown one", [bytes(16)], "R6")):
        refuted(true, folder, what, wanted,
                release=lambda fields, c=cited: fields.__setitem__(1, c))
    maker = true.maker(true.place(MEASURE))
    refuted(true, folder, "nothing was measured", "R6", maker=maker)


# ---- keys ----

def revoke(true, role, since=None):
    def append(maker):
        size = len(maker.entries)
        maker.append("keyset", [maker.id(), [],
                                [[true.keys[role].kid, since or size, "stolen"]], []],
                     [true.keys["authority"]])
    return append


def keys_count_while_they_do(true, folder):
    before = true.maker()
    revoke(true, "release")(before)
    refuted(true, folder, "revoked before", "R3 R4", maker=before)
    refuted(true, folder, "revoked as of before", "R3 R4",
            after=revoke(true, "release", since=true.size))
    refuted(true, folder, "another release key", "R3 R4", key=Fresh("release"))
    maker = true.maker()
    maker.curator = Fresh("curator")
    refuted(true, folder, "another curator", "K1", maker=maker)
    maker = true.maker()
    maker.log = Fresh("log")
    refuted(true, folder, "another log key", "R5", maker=maker)
    out = folder / "later"
    true.forge(out, after=revoke(true, "release"))
    code, ids, found = audit(out)
    expect(code == 0, f"a key that was revoked later: {code}, {ids}")
    shutil.rmtree(out)


def witnesses_are_counted(true, folder):
    """By a policy, on the checkpoint that was kept: a bundle has no cosignatures."""
    text = true.maker().checkpoint().decode()
    note = text.split("\n\n")[0] + "\n"
    time = true.maker().time
    witness, log = Fresh("witness"), true.keys["log"]
    name = "witness.example/w"
    cosignature = craft.sign_note(witness, COSIGNATURE, name, note, time)
    spoilt = craft.sign_note(witness, COSIGNATURE, name, note + "x\n", time)
    keys = {"log": NoteKey(true.origin, LOG, log.public),
            "witness": NoteKey(name, COSIGNATURE, witness.public),
            "other": NoteKey(true.origin, LOG, witness.public)}
    line = {what: key.text() for what, key in keys.items()}
    asks = f"log {line['log']}\nwitness w {line['witness']}\nquorum w\n"
    cases = (("cosigned", asks, cosignature, 0, "holds"),
             ("not cosigned", asks, "", 1, "refuted"),
             ("a wrong cosignature", asks, spoilt, 1, "refuted"),
             ("another log", f"log {line['other']}\nquorum none\n", "", 1, "refuted"),
             ("none is asked for", f"log {line['log']}\nquorum none\n", "", 0, "holds"))
    for what, policy, more, wanted, verdict in cases:
        folder.joinpath("policy").write_text(policy)
        folder.joinpath("kept").write_text(text + more)
        code, ids, found = audit(true.bundle, "--policy", str(folder / "policy"), "--pinned",
                                 str(folder / "kept"))
        said = [f["verdict"] for f in found if f["id"] == "W1"]
        expect(code == wanted and said == [verdict], f"{what}: {code}, {said}")
    folder.joinpath("policy").write_text(asks)
    code, ids, found = audit(true.bundle, "--policy", str(folder / "policy"))
    expect(code == 2 and not ids, f"without a cosigned checkpoint: {code}, {ids}")


def withdraw(true):
    def append(maker):
        maker.append("notice", [maker.id(), true.release[3], "faulty"],
                     [true.keys["authority"]])
    return append


def a_withdrawn_release_does_not_stand(true, folder):
    refuted(true, folder, "withdrawn", "R6", after=withdraw(true))


# ---- the run ----

def a_run_pays_what_it_measured(true, folder):
    def undercharge(transcript):
        transcript[7][0][4] = "1/1000000"
    def halve(transcript):
        transcript[7][0][2:5] = ["1/2", "1/1", "1/4"]
    def forget(transcript):
        transcript[6] = "1/1000000"
    def tell_less(lines):
        lines[0][3:5] = ["1000/1", "1/2000"]
    def tell_nothing(lines):
        lines.clear()
    def tell_other_columns(lines):
        lines[0][1] = [1]
    honest = lambda transcript: None
    for what, edit, lines, wanted in (
            ("a cost that is not its noise's", undercharge, None, "B3"),
            ("half a sensitivity", halve, None, "B4"),
            ("a sum that is not", forget, None, "B5"),
            ("more noise than there was", honest, tell_less, "B5"),
            ("a measure entry without lines", honest, tell_nothing, "B5"),
            ("other columns", honest, tell_other_columns, "B5")):
        maker, data = true.run(edit, lines)
        refuted(true, folder, what, wanted, maker=maker, files={"transcript.sil": data})


def a_run_stays_within_what_it_reserved(true, folder):
    def reserve_less(fields):
        fields[2] = "1/1000"
    def reserve_all(fields):
        fields[2] = "7/1"
    def other_plan(fields):
        fields[4] = bytes(32)
    honest = lambda transcript: None
    for what, reserve, wanted in (("it reserved less", reserve_less, "B5"),
                                  ("more than the grant", reserve_all, "B2"),
                                  ("another plan", other_plan, "B5")):
        maker, data = true.run(honest, reserve=reserve)
        refuted(true, folder, what, wanted, maker=maker, files={"transcript.sil": data})


def the_stamp_is_the_ledgers(true, folder):
    def stamp(index, value):
        return lambda transcript: transcript[3].__setitem__(index, value)
    def unledgered(transcript):
        transcript[3] = "UNLEDGERED"
    for what, edit in (("no ledger", unledgered), ("another id", stamp(1, bytes(16))),
                       ("another sum", stamp(5, "1/1")), ("another cap", stamp(6, "9/1")),
                       ("another delta", stamp(8, "1/1000")),
                       ("another label", stamp(9, "other")),
                       ("other roles", stamp(10, "roles-separate"))):
        maker, data = true.run(edit)
        refuted(true, folder, what, "B5", maker=maker, files={"transcript.sil": data})


def a_claim_follows_from_the_cap(true, folder):
    def claim_less(transcript):
        transcript[5][2] = "1/1"
    maker, data = true.run(claim_less)
    refuted(true, folder, "a smaller epsilon", "B9", maker=maker,
            files={"transcript.sil": data})
    def other_neighbours(transcript):
        transcript[4][8] = "replace-one"
    maker, data = true.run(other_neighbours)
    refuted(true, folder, "other neighbours", "B5", maker=maker,
            files={"transcript.sil": data})


def an_end_of_the_ledger_is_one(true, folder):
    maker = true.maker(true.place(RESERVE))
    maker.append("close", [maker.id(), "the end"], [true.keys["authority"]])
    maker.append("reserve", body_of(true.entries[true.place(RESERVE)])[3:])
    maker.append("measure", body_of(true.entries[true.place(MEASURE)])[3:])
    refuted(true, folder, "a run after the end", "B7", maker=maker)


def an_id_is_used_once(true, folder):
    maker = true.maker()
    maker.append("reserve", body_of(true.entries[true.place(RESERVE)])[3:])
    refuted(true, folder, "a reserve twice", "B6", maker=maker)


def what_is_signed_again_and_unchanged_stands(true, folder):
    options = () if SANITIZED else ("--generator", GENERATOR)
    maker, data = true.run(lambda transcript: None)
    for name, arguments in (("again", {}),
                            ("anew", {"maker": maker, "files": {"transcript.sil": data}})):
        out = folder / name
        true.forge(out, **arguments)
        # Rows that were drawn again from another transcript are others.
        code, ids, found = audit(out, *(options if name == "again" else ()))
        expect(code == 0, f"{name}: {code}, {json.dumps(found, indent=1)}")
        shutil.rmtree(out)


def refuted(true, folder, what, wanted, *options, **forgery):
    if SANITIZED and options:
        return
    out = folder / "forged"
    true.forge(out, **forgery)
    code, ids, found = audit(out, *options)
    expect(code == 1 and set(wanted.split()) <= ids,
           f"{what}: exit code {code}, refuted by {sorted(ids)}, not {wanted}")
    shutil.rmtree(out)


CASES = [what_is_signed_again_and_unchanged_stands,
         every_member_of_the_statement_is_held_against_the_ledger,
         no_member_of_the_statement_may_be_missing, rows_that_were_not_drawn_are_refuted,
         a_number_of_rows_is_not_called_the_estimate, rows_are_held_against_their_order,
         other_files_than_those_of_the_run_are_refuted,
         the_data_package_says_what_the_statement_says, noise_that_was_used_twice_is_found,
         the_list_of_files_is_closed,
         a_tar_file_is_read_where_it_lies, a_release_cites_its_own_run_once,
         keys_count_while_they_do, witnesses_are_counted, a_withdrawn_release_does_not_stand,
         a_run_pays_what_it_measured, a_run_stays_within_what_it_reserved,
         the_stamp_is_the_ledgers, a_claim_follows_from_the_cap, an_end_of_the_ledger_is_one,
         an_id_is_used_once]


def main():
    count = Count()
    with tempfile.TemporaryDirectory(prefix="silhouette-test-") as name:
        folder = pathlib.Path(name)
        make(folder)
        true = Forger(folder / "true", folder / "bank.ledger")
        for case in CASES:
            shutil.rmtree(folder / "forged", ignore_errors=True)
            count.run(case.__name__, case, true, folder)
    return count.end()


if __name__ == "__main__":
    sys.exit(main())

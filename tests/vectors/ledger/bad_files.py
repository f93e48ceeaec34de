# SPDX-License-Identifier: Apache-2.0
"""Vectors beside the entries: directories, minisign files, proofs, policies; good and bad."""
import base64
import re

from craft import minisign_file, sign_note
from ledgers import (AUTHORITY, CSV, CURATOR, LOG, RELEASE, STRANGER, WITNESS, WITNESS_2,
                     WITNESSED, artifact_comment, cosigned, log_key, one_witness, policy,
                     proof, sha, trace_key, trace_signature, witness_key)
from note import LOG as TYPE_LOG, Checkpoint

ACCEPT, REFUSE, UNSUPPORTED = "accept", "refuse", "unsupported"
FIVE_ENTRIES = [f"five/E{seq}.bin" for seq in range(5)]
FIVE_CHECKPOINTS = [f"five/C{size}.note" for size in range(1, 6)]


class Files:
    """Collects files (path -> bytes) and vectors that speak of them."""

    def __init__(self):
        self.data, self.vectors = {}, []

    def put(self, path, data):
        if self.data.setdefault(path, data) != data:
            raise ValueError(f"{path}: two contents")
        return path

    def vector(self, name, kind, expected=ACCEPT, check=None, entry=None, rule=None,
               **fields):
        vector = {"name": name, "kind": kind, **fields, "expected": expected}
        if check:
            vector["id"] = check
        if expected != ACCEPT and kind == "ledger":
            vector["entry"] = entry
        if rule:
            vector["rule"] = rule
        self.vectors.append(vector)


def folder(expected):
    return "five" if expected == ACCEPT else "bad"


def without(files, index):
    return [None if at == index else path for at, path in enumerate(files)]


def swapped(files, a, b):
    files = list(files)
    files[a], files[b] = files[b], files[a]
    return files


def directories(files, five):
    """What a directory may lack, and what must not be in it."""
    def add(name, expected=ACCEPT, check=None, entry=None, rule=None, **changes):
        fields = {"entries": FIVE_ENTRIES, "checkpoints": FIVE_CHECKPOINTS, **changes}
        files.vector(f"directory-{name}", "ledger", expected, check, entry, rule, **fields)

    def bad_checkpoint(name, data, check, rule, size=5):
        path = files.put(f"bad/checkpoint-{name}.note", data)
        add(f"checkpoint-{name}", REFUSE, check, None, rule,
            checkpoints=[*FIVE_CHECKPOINTS[:size - 1], path, *FIVE_CHECKPOINTS[size:]])

    good = five.checkpoints[4]
    add("uncovered", rule="the last entry has no checkpoint: a commit cut short",
        checkpoints=FIVE_CHECKPOINTS[:4])
    add("shorter", rule="last entry and checkpoint gone: nothing here can tell",
        entries=FIVE_ENTRIES[:4], checkpoints=FIVE_CHECKPOINTS[:4])
    add("only-genesis", entries=FIVE_ENTRIES[:1], checkpoints=[],
        rule="a creation cut short")
    add("empty", REFUSE, "F3", None, "no genesis", entries=[], checkpoints=[])
    add("gap", REFUSE, "F3", None, "entry 2 is missing", entries=without(FIVE_ENTRIES, 2))
    add("lost", REFUSE, "E-LOST", None, "a checkpoint covers an entry that is gone",
        entries=FIVE_ENTRIES[:4])
    add("rolled-back", REFUSE, "E-ROLLBACK", None, "two entries without checkpoints",
        checkpoints=FIVE_CHECKPOINTS[:3])
    add("checkpoint-missing", REFUSE, "E-ROLLBACK", None, "checkpoint 2 is missing",
        checkpoints=without(FIVE_CHECKPOINTS, 1))
    add("checkpoints-swapped", REFUSE, "E-ROLLBACK", None, "checkpoints change places",
        checkpoints=swapped(FIVE_CHECKPOINTS, 3, 4))
    bad_checkpoint("root", five.checkpoint(5, sha("fork")), "E-FORK",
                   "a checkpoint, well signed, over other entries")
    bad_checkpoint("root-3", five.checkpoint(3, sha("fork")), "E-FORK",
                   "an earlier checkpoint over other entries", 3)
    bad_checkpoint("stranger", five.checkpoint(5, key=STRANGER), "E-ROLLBACK",
                   "signed by a key that is not the log's")
    bad_checkpoint("sig", altered(good, -6), "E-ROLLBACK", "a character of the signature")
    bad_checkpoint("crlf", good.replace(b"\n", b"\r\n"), "E-ROLLBACK", "lines end in CR LF")
    bad_checkpoint("size-zeros",
                   other_text(five, lambda text: text.replace("\n5\n", "\n05\n")),
                   "E-ROLLBACK", "the size has a leading zero")
    bad_checkpoint("extension", other_text(five, lambda text: text + "more\n"), "E-ROLLBACK",
                   "a fourth line")
    bad_checkpoint("origin", other_text(five, lambda text: text.replace("e.org", "e.net")),
                   "E-ROLLBACK", "another origin")
    bad_checkpoint("base64", spare_bits(good), "E-ROLLBACK",
                   "a root in base64 with bits that mean nothing")
    formats(files, add)
    pins(files, five, add)


def altered(note, index):
    changed = b"A" if note[index:index + 1] != b"A" else b"B"
    return note[:index] + changed + note[len(note) + index + 1:]


def spare_bits(note):
    """The root's line with the two bits set that its padding ignores."""
    return re.sub(rb"(?m)^(.{42})(.)=$", lambda line: line[1] + bytes([line[2][0] + 1]) + b"=",
                  note, count=1)


def other_text(five, change):
    text = change(Checkpoint(five.origin, 5, five.tree.roots[5]).text())
    return f"{text}\n{sign_note(LOG, TYPE_LOG, five.origin, text)}".encode()


def formats(files, add):
    add("format-2", UNSUPPORTED, rule="a directory of another version",
        format=files.put("bad/format-2", b"silhouette-ledger 2\n"))
    add("format-blank", REFUSE, "F1", None, "a format file with a blank more",
        format=files.put("bad/format-blank", b"silhouette-ledger 1 \n"))


def pins(files, five, add):
    """Checkpoints that somebody kept, and cosigned ones."""
    add("pinned", pinned="five/C3.note", rule="extends an older checkpoint")
    add("pinned-longer", REFUSE, "E-ROLLBACK", None, "shorter than a checkpoint that was kept",
        entries=FIVE_ENTRIES[:4], checkpoints=FIVE_CHECKPOINTS[:4], pinned="five/C5.note")
    fork = files.put("bad/pinned-fork.note", five.checkpoint(3, sha("fork")))
    add("pinned-fork", REFUSE, "E-FORK", None, "the log signed another tree of that size",
        pinned=fork)
    add("pinned-other", REFUSE, "W2", None, "a checkpoint of another ledger",
        pinned="full/C3.note")
    one = files.put("five/one-witness.policy", one_witness(five))
    add("cosigned", cosigned={"5": "five/cp5.note"}, policy=one,
        rule="cosigned as the policy asks")
    earlier = files.put("five/cp4.note", cosigned(five.checkpoints[3], WITNESSED - 60))
    add("cosigned-up-to-4", cosigned={"4": earlier}, policy=one,
        rule="the newest cosigned checkpoint counts")
    add("cosigned-twice", cosigned={"4": earlier, "5": "five/cp5.note"}, policy=one,
        rule="two cosigned checkpoints")
    add("not-cosigned", REFUSE, "W1", None, "the policy asks for a witness", policy=one)
    add("cosigned-other-size", REFUSE, "W1", None, "a cosigned note of another checkpoint",
        cosigned={"5": earlier}, policy=one)
    forked = files.put("bad/cosigned-fork.note", cosigned(five.checkpoint(5, sha("fork"))))
    add("cosigned-fork", REFUSE, "E-FORK", None, "log and witness signed another history",
        cosigned={"5": forked}, policy=one)
    longer = files.put("bad/cosigned-longer.note", cosigned(five.checkpoint(6, sha("six"))))
    add("cosigned-longer", REFUSE, "E-ROLLBACK", None, "log and witness know a sixth entry",
        cosigned={"6": longer}, policy=one)


def minisign_vectors(files):
    """Signatures that stock minisign takes and we do not, and signatures nobody takes."""
    data, key = files.put("data.csv", CSV), files.put("r.pub", trace_key())
    good = trace_signature()
    files.put("data.csv.minisig", good)

    def add(name, signature, expected=REFUSE, rule=None, file=data, pub=key, **fields):
        path = signature if isinstance(signature, str) else files.put(
            f"{folder(expected)}/minisign-{name}.minisig", signature)
        files.vector(f"minisign-{name}", "minisign", expected,
                     None if expected == ACCEPT else "R4", rule=rule, file=file,
                     signature=path, pub=pub, **fields)

    comment = good.split(b"\n")[2][len(b"trusted comment: "):].decode()
    keynum = bytes(range(1, 9))
    add("trace", "data.csv.minisig", ACCEPT, "the trace, key number made up")
    add("untrusted", good.replace(b"signature from silhouette", b"anything"), ACCEPT,
        "nobody signs the untrusted comment")
    add("legacy", minisign_file(RELEASE, CSV, comment, "x", keynum, b"Ed"),
        rule="not prehashed (stock minisign takes it)")
    add("fifth-line", good + b"more\n", rule="five lines (stock minisign takes it)")
    add("crlf", good.replace(b"\n", b"\r\n"), rule="CR LF (stock minisign takes it)")
    add("no-newline", good[:-1], rule="no LF at the end (stock minisign takes it)")
    add("comment", good.replace(b"entry=4", b"entry=5"), rule="another trusted comment")
    add("keynum", minisign_file(RELEASE, CSV, comment, "x"), rule="another key number")
    add("other-file", "data.csv.minisig", rule="another file", file="five/E0.bin")
    add("other-key", minisign_file(CURATOR, CSV, comment, "x", keynum), rule="another key")
    add("escape", minisign_file(RELEASE, CSV, comment + "\x1b[2J", "x", keynum),
        rule="a control character in the comment, well signed")
    add("long", minisign_file(RELEASE, CSV, "x" * 513, "x", keynum),
        rule="a trusted comment of 513 bytes, well signed")
    add("base64", re.sub(rb"(?m)^(RU.{97})=$", lambda line: line[1][:-1] + bytes(
        [line[1][-1] + 1]) + b"=", good), rule="base64 with bits that mean nothing")


def artifact_vectors(files, five):
    """A released file: the trusted comment cites the entry and the tree before it."""
    pub = files.put("five/release.pub", RELEASE.public_file())
    wanted = artifact_comment(five, 4)
    comments = [("artifact", wanted, ACCEPT, "the comment names entry and root"),
                ("artifact-no-root", wanted.partition(" root=")[0], REFUSE,
                 "the comment without the root"),
                ("artifact-other-entry", wanted.replace("entry=4", "entry=3"), REFUSE,
                 "the comment names another entry")]
    for name, comment, expected, rule in comments:
        path = files.put(f"{folder(expected)}/{name}.minisig",
                         minisign_file(RELEASE, CSV, comment, "signature from silhouette"))
        files.vector(name, "minisign", expected, None if expected == ACCEPT else "R4",
                     rule=rule, file="data.csv", signature=path, pub=pub, comment=wanted)


def proof_vectors(files, five):
    """Inclusion proofs, offline."""
    note = cosigned(five.checkpoints[4])
    good = proof(five, 4, note)
    one = files.put("five/one-witness.policy", one_witness(five))
    none = files.put("five/no-witness.policy", policy(five, "quorum none"))

    def add(name, data, expected=REFUSE, check="R5", rule=None, entry="five/E4.bin",
            policy=one):
        path = files.put("five/release.tlog-proof" if name == "release" else
                         f"{folder(expected)}/proof-{name}.tlog-proof", data)
        files.vector(f"proof-{name}", "proof", expected,
                     None if expected == ACCEPT else check, rule=rule, proof=path,
                     leaf=entry, policy=policy)

    sibling = base64.b64encode(five.tree.roots[4]) + b"\n"
    add("release", good, ACCEPT, rule="the release entry, with one cosignature")
    add("index-2", proof(five, 2, note), ACCEPT, entry="five/E2.bin",
        rule="an entry in the middle")
    add("extra", proof(five, 4, note, extra="YWJj"), ACCEPT, rule="with extra data")
    add("unwitnessed", proof(five, 4, five.checkpoints[4]), ACCEPT, policy=none,
        rule="no cosignature, and a policy that asks for none")
    add("other-index", good.replace(b"index 4", b"index 3"), rule="offered for another index")
    add("index-beyond", good.replace(b"index 4", b"index 5"), rule="an index beyond the tree")
    add("index-zero", good.replace(b"index 4", b"index 04"),
        rule="index with a zero before it")
    add("surplus", good.replace(sibling, 2 * sibling), rule="a hash too many")
    add("missing", good.replace(sibling, b""), rule="a hash too few")
    add("other-entry", proof(five, 4, note), entry="five/E3.bin", rule="another entry")
    add("version-2", good.replace(b"proof@v1", b"proof@v2"), rule="another version")
    add("size-0", proof(five, 4, five.checkpoint(0, sha("nothing"))), policy=none,
        rule="a root over nothing that is not SHA-256 of nothing")
    add("too-few", proof(five, 4, five.checkpoints[4]), check="W1", rule="no witness")
    add("no-log", proof(five, 4, note.replace(note.splitlines(True)[4], b"", 1)),
        rule="the log's signature is missing")
    add("spoilt-cosignature", proof(five, 4, altered(note, -8)),
        rule="a known witness's signature that does not verify")


def policy_vectors(files, five):
    """Policies over a cosigned checkpoint."""
    note = "five/cp5.note"

    def add(name, data, expected=REFUSE, check="W1", rule=None, signed=note, **fields):
        path = files.put(f"{folder(expected)}/{name}.policy", data)
        files.vector(f"policy-{name}", "policy", expected,
                     None if expected == ACCEPT else check, rule=rule, policy=path,
                     note=signed, **fields)

    w1 = f"witness w1 {witness_key(WITNESS)}"
    w2 = f"witness w2 {witness_key(WITNESS_2)}"
    add("one-witness", one_witness(five), ACCEPT, rule="one witness, who signed")
    add("any-of-two", policy(five, "# a comment", w1, w2, "group g any w1 w2", "quorum g"),
        ACCEPT, rule="one of two")
    both = files.put("five/cp5-two.note",
                     cosigned(five.checkpoints[4], keys=(WITNESS, WITNESS_2)))
    everyone = policy(five, w1, w2, "group g all w1 w2", "quorum g")
    add("all-of-two", everyone, ACCEPT, rule="two of two", signed=both)
    add("one-is-few", everyone + b"# one signed\n", rule="one of two who must both sign")
    w3 = f"witness w3 {witness_key(WITNESS, 'witness.example/w3')}"
    add("same-key", policy(five, w1, w3, "group g 2 w1 w3", "quorum g"),
        rule="one key under two names")
    add("log-as-witness", policy(five, f"witness w1 {witness_key(WITNESS, kind=TYPE_LOG)}",
                                 "quorum w1"), rule="a key of the log's type as witness")
    add("key-id", policy(five, w1.replace("+201796ae+", "+201796af+"), "quorum w1"),
        rule="a witness's key with another key's id")
    add("key-short", policy(five, w1[:-4], "quorum w1"), rule="a witness's key cut short")
    add("undefined", policy(five, "group g 1 w1", w1, "quorum g"),
        rule="a name used above its definition")
    add("no-quorum", policy(five, w1), rule="no quorum line")
    add("count", policy(five, w1, "group g 2 w1", "quorum g"), rule="two of one")
    other = f"log {log_key(five, AUTHORITY)}\nquorum none\n".encode()
    add("other-log", other, check="R5", rule="the checkpoint is signed by another log")
    typed = files.put("bad/cp5-type-01.note", five.checkpoints[4] + wrong_type(five))
    add("wrong-type", one_witness(five) + b"# type\n", signed=typed,
        rule="a witness who signed as a log does is not heard")
    late = files.put("five/cp5-future.note",
                     cosigned(five.checkpoints[4], WITNESSED + 10 * 86400))
    add("future", one_witness(five) + b"# ahead\n", ACCEPT, signed=late, now=WITNESSED,
        warns=[WITNESS.name], rule="ten days ahead: a warning")


def wrong_type(five):
    text = Checkpoint(five.origin, 5, five.tree.roots[5]).text()
    return sign_note(WITNESS, TYPE_LOG, WITNESS.name, text).encode()

# SPDX-License-Identifier: Apache-2.0
"""A forger who holds every key of a ledger: changes a release, and signs it all again.

What comes out is consistent in itself, as far as hashes, proofs and signatures go. Only a
reader who understands what is said can tell.
"""
import base64
import copy
import hashlib
import json
import pathlib
import shutil
import sys

from audit_kit import SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "vectors" / "ledger"))
import craft  # noqa: E402
import dmp1  # noqa: E402
import merkle  # noqa: E402

RESERVE, MEASURE, RELEASE = 3, 4, 5
PAYLOAD_TYPE = "application/vnd.in-toto+json"
UNTRUSTED = "signature of a silhouette release"


def sha256(data):
    return hashlib.sha256(data).digest()


class Key(craft.Key):
    """A key as quickstart writes it: not encrypted."""

    def __init__(self, role, path):
        raw = base64.b64decode(path.read_text().splitlines()[1])
        self.role, self.name = role, f"{role}-key"
        self.keynum, self.seed, self.public = raw[54:62], raw[62:94], raw[94:126]
        self.kid = craft.key_id(self.public)


class Fresh(craft.Key):
    """A key that no ledger knows."""

    def __init__(self, role):
        super().__init__(role, f"{role}-new", 0x77)


class Maker(craft.Maker):
    """Entries behind those of a true ledger; the first `size` are kept."""

    def __init__(self, keys, origin, lid, entries):
        super().__init__(origin.split("/")[0], keys["curator"], keys["log"], 0)
        self.lid = lid
        for entry in entries:
            self.entries.append(entry)
            self.tree.append(entry)
        self.time = payload_of(entries[-1])[4]

    def id(self):
        """One that was not used."""
        return sha256(b"id %d" % len(self.entries))[:16]


def payload_of(entry):
    return dmp1.decode(dmp1.decode(entry)[0])


def body_of(entry):
    return dmp1.decode(payload_of(entry)[8])


def read_large(data):
    """A transcript: the encoding of entries, beyond their limit of length."""
    return dmp1.Scanner(data).value(0)


def reseal(bundle):
    """SHA256SUMS of what is there now."""
    files = sorted(str(p.relative_to(bundle)) for p in bundle.rglob("*") if p.is_file())
    bundle.joinpath("SHA256SUMS").write_text("".join(
        f"{hashlib.sha256(bundle.joinpath(name).read_bytes()).hexdigest()}  {name}\n"
        for name in files if name != "SHA256SUMS"))


class Forger:
    """Knows one true release and all keys of its ledger."""

    def __init__(self, bundle, ledger):
        self.bundle = pathlib.Path(bundle)
        folder = ledger.with_name(ledger.name + ".keys")
        self.keys = {role: Key(role, folder / f"{role}.key")
                     for role in ("authority", "curator", "log", "release")}
        self.statement = json.loads(self.bundle.joinpath("statement.json").read_text())
        said = self.statement["predicate"]["ledger"]
        self.origin, self.lid = said["origin"], bytes.fromhex(said["id"])
        self.size, self.reserve = said["size"], bytes.fromhex(said["reserve"])
        self.entries = [p.read_bytes() for p in sorted((ledger / "entries").iterdir())]
        self.release = body_of(self.entries[self.size])
        self.transcript = read_large(self.bundle.joinpath("transcript.sil").read_bytes())

    def maker(self, size=None):
        """The ledger before the release, or its first `size` entries."""
        size = self.size if size is None else size
        return Maker(self.keys, self.origin, self.lid, self.entries[:size])

    def place(self, kind):
        """The number of the last entry of a type before the release."""
        return max(i for i, e in enumerate(self.entries[:self.size])
                   if payload_of(e)[5] == kind)

    def run(self, edit, lines=None, reserve=None):
        """The run, measured again: `edit` changes the transcript; `lines` and `reserve`
        what the ledger is told of it. Returns the maker and the transcript's bytes."""
        maker = self.maker(self.place(RESERVE))
        transcript = copy.deepcopy(self.transcript)
        edit(transcript)
        fields = body_of(self.entries[self.place(RESERVE)])[3:]
        fields[4] = sha256(dmp1.encode(transcript[4]))
        if reserve:
            reserve(fields)
        maker.append("reserve", fields)
        if isinstance(transcript[3], list):
            transcript[3][3:5] = [len(maker.entries), maker.tree.roots[-1]]
        data = dmp1.encode(transcript)
        told = [line[:7 if line[0] == "gaussian-threshold" else 6] for line in transcript[7]]
        if lines:
            lines(told)
        maker.append("measure", [fields[0], sha256(data), told])
        return maker, data

    def forge(self, out, maker=None, files=None, statement=None, release=None, after=None,
              key=None, keep=False):
        """Write a bundle: `files` (name: bytes) in place of the true ones, the statement
        and the fields of the release's entry as these functions change them, what `after`
        appends, signed by `key`. `keep`: digests and the tree stay as the true ones."""
        shutil.copytree(self.bundle, out)
        for name, data in (files or {}).items():
            out.joinpath(name).parent.mkdir(exist_ok=True)
            out.joinpath(name).write_bytes(data)
        maker = maker or self.maker()
        said = copy.deepcopy(self.statement)
        if not keep:
            self.bring_up_to_date(said, out, maker)
        if statement:
            statement(said)
        text = (json.dumps(said, indent=2) + "\n").encode()
        out.joinpath("statement.json").write_bytes(text)
        fields = copy.deepcopy(self.release[3:])
        fields[2] = [[name, sha256(out.joinpath(name).read_bytes())] for name, _ in fields[2]]
        fields[3] = sha256(text)
        if release:
            release(fields)
        at = len(maker.entries)
        maker.append("release", fields)
        if after:
            after(maker)
        self.sign(out, maker, at, key or self.keys["release"])
        reseal(out)
        return maker

    def bring_up_to_date(self, said, out, maker):
        digests = {}
        for subject in said["subject"]:
            data = out.joinpath(subject["name"]).read_bytes()
            digests[subject["name"]] = {"sha256": sha256(data).hex()}
            subject["digest"] = digests[subject["name"]]
        for part in said["predicate"]["buildDefinition"]["resolvedDependencies"][1:]:
            part["digest"] = digests[part["name"]]
        plan = body_of(maker.entries[max(i for i, e in enumerate(maker.entries)
                                         if payload_of(e)[5] == RESERVE)])[7]
        external = said["predicate"]["buildDefinition"]["externalParameters"]
        external["plan_sha256"] = plan.hex()
        said["predicate"]["ledger"]["size"] = len(maker.entries)
        said["predicate"]["ledger"]["root"] = maker.tree.roots[-1].hex()

    def sign(self, out, maker, at, key):
        """Envelope, minisign signatures, checkpoint, tiles and proof of entry `at`."""
        text = out.joinpath("statement.json").read_bytes()
        message = b"DSSEv1 %d %s %d " % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(text))
        envelope = {"payload": base64.b64encode(text).decode(), "payloadType": PAYLOAD_TYPE,
                    "signatures": [{"keyid": key.kid.hex(), "sig": base64.b64encode(
                        key.sign(message + text)).decode()}]}
        out.joinpath("statement.dsse.json").write_text(json.dumps(envelope, indent=2) + "\n")
        comment = (f"silhouette/v1 release ledger={self.lid.hex()} entry={at} "
                   f"root={maker.tree.roots[at].hex()}")
        for name in ("data.csv", "statement.json"):
            data = out.joinpath(name).read_bytes()
            out.joinpath(name + ".minisig").write_bytes(
                craft.minisign_file(key, data, comment, UNTRUSTED))
        size = len(maker.entries)
        note = maker.checkpoint()
        out.joinpath("ledger", "checkpoint").write_bytes(note)
        tiles = out / "ledger" / "tile"
        shutil.rmtree(tiles)
        for name, parts in (("entries", [len(e).to_bytes(2, "big") + e for e in maker.entries]),
                            ("0", maker.tree.leaves)):
            tile = tiles / name / "000.p"
            tile.mkdir(parents=True)
            tile.joinpath(str(size)).write_bytes(b"".join(parts))
        out.joinpath("release.tlog-proof").write_bytes(craft.proof_file(
            at, merkle.inclusion_proof(at, maker.tree.leaves), note))

# SPDX-License-Identifier: Apache-2.0
"""Makes ledgers, good and bad, with keys that everybody knows. For test vectors only."""
import base64
import hashlib
import os

import dmp1
import ed25519
import merkle
import minisign
from note import COSIGNATURE, LOG, Checkpoint, NoteKey
from rules import ENTRY_PREFIX, key_id, ledger_id

TYPES = {"genesis": 0, "keyset": 1, "grant": 2, "reserve": 3, "measure": 4, "release": 5,
         "audit": 6, "recover": 7, "close": 8, "notice": 9, "data": 10}


class Key:
    """The key whose 32 bytes of seed are all `byte`."""

    def __init__(self, role, name, byte):
        self.role, self.name = role, name
        self.seed = bytes([byte]) * 32
        self.public = ed25519.public_key(self.seed)
        self.kid = key_id(self.public)
        self.keynum = self.kid[:8]

    def sign(self, message):
        return ed25519.sign(self.seed, message)

    def record(self, role=None, name=None):
        """The key as genesis and keyset list it."""
        return [role or self.role, name or self.name, self.public, self.keynum]

    def public_file(self):
        number = int.from_bytes(self.keynum, "little")
        packed = base64.b64encode(b"Ed" + self.keynum + self.public)
        return b"untrusted comment: minisign public key %016X\n%s\n" % (number, packed)


def minisign_file(key, data, comment, untrusted, keynum=None, algorithm=b"ED"):
    message = minisign.prehash(data) if algorithm == b"ED" else data
    sig = key.sign(message)
    packed = base64.b64encode(algorithm + (keynum or key.keynum) + sig)
    global_sig = base64.b64encode(key.sign(sig + comment.encode()))
    return b"".join([b"untrusted comment: ", untrusted.encode(), b"\n", packed, b"\n",
                     b"trusted comment: ", comment.encode(), b"\n", global_sig, b"\n"])


def approve(key, body, comment):
    sig = key.sign(minisign.prehash(body))
    return [key.kid, sig, key.sign(sig + comment.encode()), comment]


def comment_for(kind, lid, body):
    """The trusted comment of an approval, from the elements of the body as listed."""
    if kind == "genesis":
        said = f"cap_rho={body[9][1]} cap_delta={body[9][2]}"
    else:
        said = f"id={body[3].hex()}"
    if kind == "grant":
        said += f" rho={body[4]} delta={body[5]}"
    elif kind == "audit":
        said += f" size={body[4]} verdict={body[6]}"
    elif kind == "recover":
        said += f" kind={body[4]} size={body[5]}"
    elif kind == "notice":
        said += f" release={body[4].hex()}"
    elif kind == "data":
        said += f" commit={body[4].hex()}"
    return f"silhouette/v1 {kind} ledger={lid.hex()} {said}"


class Raw:
    """Bytes that stand in a value as they are: an encoding of another form."""

    def __init__(self, data):
        self.data = data


def encode(value):
    if isinstance(value, Raw):
        return value.data
    if isinstance(value, list):
        return dmp1.encode_head("array", len(value)) + b"".join(map(encode, value))
    return dmp1.encode(value)


class Maker:
    """A ledger in the making. `draft` makes the next entry; `append` keeps it."""

    def __init__(self, prefix, curator, log, time):
        self.prefix, self.curator, self.log, self.time = prefix, curator, log, time
        self.lid = None
        self.entries, self.checkpoints, self.bodies, self.logs = [], [], [], []
        self.tree = merkle.Tree()

    @property
    def origin(self):
        return f"{self.prefix}/silhouette/{self.lid.hex()}"

    def fork(self, size):
        """The ledger as it was after `size` entries."""
        other = Maker(self.prefix, self.curator, self.log, self.time)
        other.lid = self.lid
        for entry in self.entries[:size]:
            other.entries.append(entry)
            other.tree.append(entry)
        return other

    def draft(self, kind, fields, approvers=(), signer=None, time=None, comment=None,
              approvals=None, edit=None):
        """The bytes of the next entry: [1, kind, LID, fields...]. `approvals` instead of
        those of `approvers`; `edit` changes the list of the payload's ten elements."""
        signer = signer or self.curator
        body = [1, kind, *([] if kind == "genesis" else [self.lid]), *fields]
        raw = encode(body)
        lid = ledger_id(raw) if kind == "genesis" else self.lid
        if approvals is None:
            said = comment or comment_for(kind, lid, body) if approvers else None
            approvals = [approve(key, raw, said)
                         for key in sorted(approvers, key=lambda key: key.kid)]
        seq = len(self.entries)
        payload = [1, lid, seq, self.tree.roots[-1], time or self.time, TYPES[kind],
                   bytes([0xA0 + seq]) * 16, signer.kid, raw, approvals]
        if edit:
            edit(payload)
        return self.seal(encode(payload), signer)

    @staticmethod
    def seal(payload, signer):
        return dmp1.encode([payload, signer.sign(ENTRY_PREFIX + payload)])

    def append(self, kind, fields, approvers=(), time=None, **rest):
        self.time = time or self.time
        if kind == "genesis":
            self.lid = ledger_id(encode([1, kind, *fields]))
        self.take(self.draft(kind, fields, approvers, **rest))
        self.bodies.append(encode([1, kind, *([] if kind == "genesis" else [self.lid]),
                                   *fields]))

    def take(self, entry):
        self.entries.append(entry)
        self.tree.append(entry)
        self.checkpoints.append(self.checkpoint())
        self.logs.append(self.log)

    def checkpoint(self, size=None, root=None, key=None):
        size = len(self.entries) if size is None else size
        text = Checkpoint(self.origin, size, root or self.tree.roots[size]).text()
        return f"{text}\n{sign_note(key or self.log, LOG, self.origin, text)}".encode()


def sign_note(key, kind, name, text, time=None):
    """A signature line of a note."""
    blob = NoteKey(name, kind, key.public).key_id
    if kind == COSIGNATURE:
        text = f"cosignature/v1\ntime {time}\n{text}"
        blob += time.to_bytes(8, "big")
    packed = base64.b64encode(blob + key.sign(text.encode())).decode()
    return f"— {name} {packed}\n"


def proof_file(index, hashes, note, extra=None):
    lines = ["c2sp.org/tlog-proof@v1", *([f"extra {extra}"] if extra else []),
             f"index {index}", *(base64.b64encode(h).decode() for h in hashes)]
    return "\n".join(lines).encode() + b"\n\n" + note


def data_commit(secret, csv):
    message = b"silhouette/data/v1\n" + hashlib.sha256(csv).digest()
    return hashlib.blake2b(message, digest_size=32, key=secret).digest()


def put(path, data, mode):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


def lay_out(folder, entries, checkpoints, cosigned=None, format_text=None):
    """Write a ledger's directory; None in a list stands for a file that is missing."""
    os.mkdir(folder, 0o700)
    put(os.path.join(folder, "format"), format_text or b"silhouette-ledger 1\n", 0o444)
    put(os.path.join(folder, "lock"), b"", 0o600)
    for name, mode in (("entries", 0o700), ("checkpoints", 0o700), ("cosigned", 0o700),
                       ("tmp", 0o700), ("quarantine", 0o700)):
        os.mkdir(os.path.join(folder, name), mode)
    for name, first, files in (("entries", 0, entries), ("checkpoints", 1, checkpoints)):
        for number, data in enumerate(files, first):
            if data is not None:
                put(os.path.join(folder, name, f"{number:012}"), data, 0o444)
    for size, data in (cosigned or {}).items():
        put(os.path.join(folder, "cosigned", f"{int(size):012}"), data, 0o444)
    present = [data for data in checkpoints if data is not None]
    if present:
        put(os.path.join(folder, "checkpoint"), present[-1], 0o644)

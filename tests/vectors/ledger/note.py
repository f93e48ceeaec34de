# SPDX-License-Identifier: Apache-2.0
"""Signed notes, checkpoints, cosignatures, witness policies and inclusion proof files."""
import base64
import hashlib
import re
from typing import NamedTuple

import ed25519
import merkle
from errors import Refused, require
from minisign import decode_base64

LOG = 0x01
COSIGNATURE = 0x04
NOTE_MAX = 65535
SIGNATURES_MAX = 100
NAME = re.compile(r"[^\s+]+")
SIGNATURE_LINE = re.compile(r"— ([^ ]+) ([A-Za-z0-9+/=]+)")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
SIZE_END = 1 << 63
BYTES = "surrogateescape"  # names in a policy are bytes, of whatever meaning


class NoteKey(NamedTuple):
    name: str
    kind: int  # LOG, COSIGNATURE
    public: bytes

    @property
    def key_id(self):
        raw = self.name.encode(errors=BYTES) + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(raw).digest()[:4]

    def text(self):
        packed = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{packed}"


def parse_key(text, kind):
    """A verifier key of the wanted kind from its text."""
    parts = text.split("+", 2)
    require(len(parts) == 3 and NAME.fullmatch(parts[0]), "W1", "not a verifier key")
    raw = decode_base64(parts[2].encode())
    require(raw is not None and len(raw) == 33, "W1", "not an Ed25519 verifier key")
    require(raw[0] == kind, "W1", f"a key of type {raw[0]:02x}, expected {kind:02x}")
    key = NoteKey(parts[0], kind, raw[1:])
    require(parts[1] == key.key_id.hex(), "W1", "the key's id is not that of the key")
    return key


class Note(NamedTuple):
    text: str
    signatures: list  # of (name, key id, blob)


def parse_signature_lines(lines):
    signatures = []
    for line in lines:
        match = SIGNATURE_LINE.fullmatch(line)
        blob = match and decode_base64(match[2].encode())
        require(blob and len(blob) > 4 and NAME.fullmatch(match[1]), "R5",
                "not a signature line")
        signatures.append((match[1], blob[:4], blob[4:]))
    return signatures


def parse_note(data):
    require(len(data) <= NOTE_MAX, "F2", f"note of more than {NOTE_MAX} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("R5", "note: not UTF-8") from None
    require(all(c == "\n" or ord(c) >= 0x20 for c in whole), "R5",
            "note with a control character")
    text, gap, tail = whole.rpartition("\n\n")
    require(gap and tail.endswith("\n"), "R5", "note without a part of signatures")
    lines = tail[:-1].split("\n")
    require(len(lines) <= SIGNATURES_MAX, "F2", "too many signatures")
    return Note(text + "\n", parse_signature_lines(lines))


def signed_bytes(key, text, blob):
    """(message, signature) that a blob of this key stands for, or None."""
    if key.kind == LOG:
        return (text.encode(), blob) if len(blob) == 64 else None
    if len(blob) != 72:
        return None
    time = int.from_bytes(blob[:8], "big")
    return f"cosignature/v1\ntime {time}\n{text}".encode(), blob[8:]


def verify_note(note, keys):
    """The keys that signed the note, with a cosignature's time (None for a log). Unknown
    keys are passed over; a known key whose signature fails spoils the note."""
    known = {(key.name, key.key_id): key for key in keys}
    found = {}
    for name, key_id, blob in note.signatures:
        key = known.get((name, key_id))
        if key is None:
            continue
        require(key not in found, "R5", f"{name} signed twice")
        parts = signed_bytes(key, note.text, blob)
        require(parts and ed25519.verify(key.public, parts[1], parts[0]), "R5",
                f"the signature of {name} does not verify")
        found[key] = int.from_bytes(blob[:8], "big") if key.kind == COSIGNATURE else None
    return found


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes

    def text(self):
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n"


def parse_checkpoint(text):
    lines = text.split("\n")
    require(len(lines) == 4 and lines[3] == "", "R5", "checkpoint: not three lines")
    require(NAME.fullmatch(lines[0]), "R5", "checkpoint: not an origin")
    require(DECIMAL.fullmatch(lines[1]) and int(lines[1]) < SIZE_END, "R5",
            "checkpoint: not a size")
    root = decode_base64(lines[2].encode(), 32)
    require(root is not None, "R5", "checkpoint: not a root")
    size = int(lines[1])
    require(size > 0 or root == merkle.EMPTY_ROOT, "R5", "a root over nothing")
    return Checkpoint(lines[0], size, root)


class Policy:
    """A C2SP tlog-policy: which logs, which witnesses, how many of them."""

    def __init__(self, data):
        self.logs, self.witnesses, self.groups = [], {}, {}
        self.quorum = None
        self._members = set()
        require(all(b in (9, 10) or 0x20 <= b != 0x7F for b in data), "W1",
                "policy with a control character")
        require(data.endswith(b"\n"), "W1", "policy: last line without an end")
        for line in data.decode(errors=BYTES).split("\n"):
            words = re.findall(r"[^ \t]+", line)
            if words and not words[0].startswith("#"):
                self._line(words)
        require(self.quorum is not None, "W1", "policy without a quorum")

    def _line(self, words):
        reader = {"log": self._log, "witness": self._witness, "group": self._group,
                  "quorum": self._quorum}.get(words[0])
        require(reader is not None, "W1", f"policy: no such line as {words[0]}")
        reader(words[1:])

    def _log(self, words):
        require(len(words) in (1, 2), "W1", "policy: log KEY [URL]")
        key = parse_key(words[0], LOG)
        require(all(key.public != other.public for other in self.logs), "W1",
                "policy: one log twice")
        self.logs.append(key)

    def _name(self, name):
        require(name != "none" and name not in self.witnesses and name not in self.groups,
                "W1", f"policy: {name} is taken")
        return name

    def _defined(self, name):
        require(name in self.witnesses or name in self.groups, "W1",
                f"policy: {name} is not defined above")

    def _witness(self, words):
        require(len(words) in (2, 3), "W1", "policy: witness NAME KEY [URL]")
        key = parse_key(words[1], COSIGNATURE)
        require(all(key.public != other.public for other in self.witnesses.values()),
                "W1", "policy: one witness key twice")
        self.witnesses[self._name(words[0])] = key

    def _group(self, words):
        require(len(words) >= 3, "W1", "policy: group NAME COUNT MEMBER...")
        members = words[2:]
        for member in members:
            self._defined(member)
            require(member not in self._members, "W1", f"policy: {member} in two places")
            self._members.add(member)
        count = {"any": "1", "all": str(len(members))}.get(words[1], words[1])
        require(DECIMAL.fullmatch(count) and 1 <= int(count) <= len(members), "W1",
                "policy: a group's count")
        self.groups[self._name(words[0])] = (int(count), members)

    def _quorum(self, words):
        require(len(words) == 1 and self.quorum is None, "W1", "policy: one quorum")
        if words[0] != "none":
            self._defined(words[0])
        self.quorum = words[0]

    def has_witnessed(self, name, signers):
        if name in self.witnesses:
            return self.witnesses[name] in signers
        count, members = self.groups[name]
        return sum(self.has_witnessed(member, signers) for member in members) >= count

    def check(self, note):
        """{witness key: time} of a note that a listed log signed and enough witnesses
        cosigned."""
        found = verify_note(note, self.logs + list(self.witnesses.values()))
        origin = note.text.split("\n", 1)[0]
        require(any(key.kind == LOG and key.name == origin for key in found), "R5",
                "not signed by a log of the policy")
        times = {key: time for key, time in found.items() if key.kind == COSIGNATURE}
        require(self.quorum == "none" or self.has_witnessed(self.quorum, times), "W1",
                "too few witnesses of the policy")
        return times


def future_witnesses(times, now):
    """Names of witnesses whose cosignature lies more than a day ahead: a warning."""
    return sorted(key.name for key, time in times.items() if time > now + 86400)


PROOF_HEADER = "c2sp.org/tlog-proof@v1"


def parse_proof(data):
    """(index, hashes, note) of a proof file."""
    require(len(data) <= NOTE_MAX, "F2", "proof too long")
    head, gap, note = data.partition(b"\n\n")
    require(gap, "R5", "proof without a checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Refused("R5", "proof: not ASCII") from None
    require(lines.pop(0) == PROOF_HEADER, "R5", "not a proof of version 1")
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0)[6:].encode())
        require(extra is not None, "R5", "proof: extra is not base64")
    require(lines and lines[0].startswith("index "), "R5", "proof without an index")
    index = lines.pop(0)[6:]
    require(DECIMAL.fullmatch(index) and int(index) < SIZE_END, "R5", "proof: index")
    hashes = [decode_base64(line.encode(), 32) for line in lines]
    require(None not in hashes, "R5", "proof: a line that is not a hash")
    return int(index), hashes, parse_note(note)


def verify_proof(data, entry, policy):
    """Refuse unless the proof shows that `entry` is in a tree the policy accepts. Returns
    (index, checkpoint, {witness key: time})."""
    index, hashes, note = parse_proof(data)
    checkpoint = parse_checkpoint(note.text)
    times = policy.check(note)
    root = merkle.root_from_inclusion(merkle.leaf_hash(entry), index, checkpoint.size,
                                      hashes)
    require(root == checkpoint.root, "R5", "the hashes do not lead to the root")
    return index, checkpoint, times

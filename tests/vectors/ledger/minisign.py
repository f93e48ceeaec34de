# SPDX-License-Identifier: Apache-2.0
"""minisign files, in the strict form that the ledger takes: prehashed, four lines, LF."""
import base64
import binascii
import hashlib
import re
from typing import NamedTuple

import ed25519
from errors import require

UNTRUSTED = b"untrusted comment: "
TRUSTED = b"trusted comment: "
COMMENT_MAX = 1023  # of the untrusted comment, as stock minisign reads it
TRUSTED_MAX = 512
PRINTABLE = re.compile(rb"[\x20-\x7e]*")


class Signature(NamedTuple):
    keynum: bytes
    sig: bytes
    global_sig: bytes
    comment: str  # the trusted one


def decode_base64(text, length=None):
    """The bytes of a base64 text that has no other spelling, or None."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if base64.b64encode(raw) != text or (length is not None and len(raw) != length):
        return None
    return raw


def parse_lines(data, count):
    require(len(data) <= 8192, "F2", "minisign file of more than 8192 bytes")
    lines = data.split(b"\n")
    require(len(lines) == count + 1 and lines[-1] == b"", "R4",
            f"not exactly {count} lines that end in LF")
    require(lines[0].startswith(UNTRUSTED), "R4", "no untrusted comment")
    require(len(lines[0]) - len(UNTRUSTED) <= COMMENT_MAX, "R4", "comment too long")
    require(all(PRINTABLE.fullmatch(line) for line in lines), "R4",
            "a byte that is not printable ASCII")
    return lines


def parse_signature(data):
    lines = parse_lines(data, 4)
    packed = decode_base64(lines[1], 74)
    require(packed is not None, "R4", "second line: not 74 bytes of base64")
    require(packed[:2] == b"ED", "R4", "not a prehashed (\"ED\") signature")
    require(lines[2].startswith(TRUSTED), "R4", "no trusted comment")
    comment = lines[2][len(TRUSTED):]
    require(len(comment) <= TRUSTED_MAX, "R4", "trusted comment too long")
    global_sig = decode_base64(lines[3], 64)
    require(global_sig is not None, "R4", "fourth line: not 64 bytes of base64")
    return Signature(packed[2:10], packed[10:], global_sig, comment.decode())


def parse_public_key(data):
    """(keynum, key) of a public key file."""
    lines = parse_lines(data, 2)
    packed = decode_base64(lines[1], 42)
    require(packed is not None and packed[:2] == b"Ed", "R4", "not a public key")
    return packed[2:10], packed[10:]


def prehash(data):
    return hashlib.blake2b(data).digest()


def signs(public, sig, data):
    return ed25519.verify(public, sig, prehash(data))


def signs_comment(public, sig, comment, global_sig):
    return ed25519.verify(public, global_sig, sig + comment.encode())


def verify_file(data, signature_file, key_file, comment=None):
    """Refuse unless the signature is of the data by the key and, where `comment` is
    given, its trusted comment is that text to the byte."""
    keynum, public = parse_public_key(key_file)
    signature = parse_signature(signature_file)
    require(signature.keynum == keynum, "R4", "made by a key of another number")
    require(signs(public, signature.sig, data), "R4", "does not sign this file")
    require(signs_comment(public, signature.sig, signature.comment, signature.global_sig),
            "R4", "the trusted comment is not signed")
    require(comment is None or comment == signature.comment, "R4",
            "the trusted comment says something else")

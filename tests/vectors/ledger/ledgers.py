# SPDX-License-Identifier: Apache-2.0
"""The good ledgers of the test vectors. All keys, salts and ids are fixed and public."""
import base64
import hashlib

import merkle
from craft import Key, Maker, data_commit, minisign_file, proof_file, sign_note
from note import COSIGNATURE, NoteKey

HOUR = 3600
T0 = 1789999200
EXPIRES = 1821538800

AUTHORITY = Key("authority", "auth-1", 0x11)
AUTHORITY_2 = Key("authority", "auth-2", 0x12)
AUTHORITY_3 = Key("authority", "auth-3", 0x13)
AUTHORITY_4 = Key("authority", "auth-4", 0x14)
RELEASE = Key("release", "rel-1", 0x22)
CURATOR = Key("curator", "cur-1", 0x33)
CURATOR_2 = Key("curator", "cur-2", 0x34)
LOG = Key("log", "log-1", 0x44)
LOG_2 = Key("log", "log-2", 0x45)
WITNESS = Key("witness", "witness.example/w1", 0x55)
WITNESS_2 = Key("witness", "witness.example/w2", 0x56)
AUDITOR = Key("auditor", "aud-1", 0x66)
STRANGER = Key("authority", "stranger", 0x99)
WITNESSED = T0 + 2 * HOUR + 60

CSV = b"a,b\n1,2\n"
ROW = ["row", "", "add-remove", 1]
TOOL = ["silhouette", "0.1.0"]


def sha(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).digest()


def ident(byte):
    return bytes([byte]) * 16


def genesis(keys, label="claims-2026", thresholds=(1, 0, HOUR), people=None, invariants=(),
            cap=("2/1", "0/1", "1/1000000000"), commit=None, parent=()):
    return [bytes(range(32)), "example.org", label, keys, list(thresholds), people or ROW,
            list(invariants), ["zcdp", *cap],
            commit or sha("data commitment placeholder"), list(parent), TOOL]


def grant(number, rho, delta="0/1", expires=EXPIRES, purpose="q3-share"):
    return [ident(number), rho, delta, expires, purpose]


def reserve(number, against, rho, delta="0/1"):
    return [ident(number), ident(against), rho, delta, sha("plan")]


def exponential(attributes, squared_epsilon, rho):
    return ["exponential", attributes, "1/1", squared_epsilon, rho, "0/1"]


def gaussian(attributes, squared_sigma, rho, squared_distance="1/1"):
    return ["rounded-gaussian", attributes, squared_distance, squared_sigma, rho, "0/1"]


def threshold(attributes, squared_sigma, rho, delta, limit):
    return ["gaussian-threshold", attributes, "1/1", squared_sigma, rho, delta, limit]


def measure(of, lines, transcript="transcript"):
    return [ident(of), sha(transcript), lines]


def release(number, of, name="data.csv", data=CSV):
    return [ident(number), [ident(of)], [[name, sha(data)]], sha("statement")]


TWO_LINES = [exponential([0, 3], "1/5", "1/40"), gaussian([0, 3], "5/1", "1/10")]
FIVE_KEYS = [key.record() for key in (AUTHORITY, CURATOR, LOG, RELEASE)]


def five():
    """One authority: genesis, grant, reserve, measure, release."""
    maker = Maker("example.org", CURATOR, LOG, T0)
    maker.append("genesis", genesis(FIVE_KEYS), [AUTHORITY])
    maker.append("grant", grant(0xB0, "1/2"), [AUTHORITY], time=T0 + HOUR)
    maker.append("reserve", reserve(0xB1, 0xB0, "1/8"))
    maker.append("measure", measure(0xB1, TWO_LINES))
    maker.append("release", release(0xB2, 0xB1), time=T0 + 2 * HOUR)
    return maker


COUNCIL = [AUTHORITY, AUTHORITY_2, AUTHORITY_3]
FULL_CAP = ("1/1", "1/1000000", "1/1000000000")
DISCOVERY = threshold([2], "8/1", "1/16", "1/4000000", "24/1")


def full():
    """Two of three authorities, every type of entry, every mechanism."""
    maker = Maker("example.org", CURATOR, LOG, T0)
    keys = [key.record() for key in (*COUNCIL, CURATOR, LOG, RELEASE, AUDITOR)]
    commit = data_commit(b"\x77" * 32, CSV)
    maker.append("genesis", genesis(keys, "claims-2027", (2, 1, HOUR), cap=FULL_CAP,
                                    commit=commit), COUNCIL)
    maker.append("grant", grant(0xC0, "1/2", "1/2000000"), COUNCIL[:2], time=T0 + HOUR)
    maker.append("reserve", reserve(0xC1, 0xC0, "3/16", "1/4000000"))
    maker.append("measure", measure(0xC1, [DISCOVERY, *TWO_LINES]))
    maker.append("release", release(0xC2, 0xC1), time=T0 + 2 * HOUR)
    maker.append("audit", [ident(0xC3), 5, maker.tree.roots[5], "not-refuted",
                           sha("report")], [AUDITOR])
    maker.append("keyset", [ident(0xC4), [AUTHORITY_4.record(), CURATOR_2.record()],
                            [[AUTHORITY.kid, 6, "retired"], [CURATOR.kid, 6, "left"]], []],
                 COUNCIL[:2] + [AUTHORITY_4])
    maker.curator = CURATOR_2
    council = [AUTHORITY_3, AUTHORITY_4]
    maker.append("recover", [ident(0xC5), "quarantine", 7, [sha("garbage")], "torn entry"],
                 council, time=T0 + 5 * HOUR)
    maker.append("data", [ident(0xC6), sha("more data"), "second table"], council)
    maker.append("grant", grant(0xC7, "1/2", "1/2000000", purpose="q4-share"), council)
    maker.append("reserve", reserve(0xC8, 0xC7, "1/2"))
    maker.append("measure", measure(0xC8, [gaussian([0], "2/1", "1/4")], "second"))
    maker.append("measure", measure(0xC8, [gaussian([1], "2/1", "1/4")], "second"))
    maker.append("release", release(0xC9, 0xC8, "table.csv"))
    maker.append("reserve", reserve(0xCA, 0xC0, "1/16"))
    maker.append("notice", [ident(0xCB), ident(0xC2), "wrong rows"], council)
    maker.append("close", [ident(0xCC), "end of the study"], council)
    maker.append("audit", [ident(0xCD), 17, maker.tree.roots[17], "inconclusive",
                           sha("second report")], [AUDITOR])
    return maker


def rotation():
    """The curator's and the log's keys are lost: new ones, added by their own entry, and
    from one authority to two of two."""
    maker = Maker("example.org", CURATOR, LOG, T0)
    maker.append("genesis", genesis(FIVE_KEYS, "claims-2028"), [AUTHORITY])
    maker.curator, maker.log = CURATOR_2, LOG_2
    maker.append("keyset", [ident(0xD0),
                            [key.record() for key in (AUTHORITY_2, CURATOR_2, LOG_2)],
                            [[CURATOR.kid, 1, "lost"], [LOG.kid, 1, "lost"]], [2, 0]],
                 [AUTHORITY, AUTHORITY_2])
    maker.append("grant", grant(0xD1, "2/1"), [AUTHORITY, AUTHORITY_2])
    maker.append("reserve", reserve(0xD2, 0xD1, "2/1"), time=EXPIRES // HOUR * HOUR)
    return maker


def shared(parent):
    """One person with one key, replace-one with a public count, after an older ledger."""
    key = CURATOR
    maker = Maker("example.org", key, key, T0)
    roles = ("authority", "curator", "log", "release", "auditor")
    maker.append("genesis", genesis(
        [key.record(role, role) for role in roles], "claims-2029", (1, 0, 1),
        ["row", "", "replace-one", 1], ("n=1000", "roles-shared", "witness-before-noise"),
        parent=[parent.lid, 5, parent.tree.roots[5]]), [key])
    maker.append("grant", grant(0xE0, "1/3"), [key], time=T0 + 1)
    maker.append("reserve", reserve(0xE1, 0xE0, "1/3"))
    maker.append("measure", measure(0xE1, [gaussian([0], "3/1", "1/3", "2/1")]))
    return maker


def people():
    """A unit of up to three rows a person, under both kinds of neighbours' sensitivity."""
    maker = Maker("example.org", CURATOR, LOG, T0)
    maker.append("genesis", genesis(FIVE_KEYS, "visits",
                                    people=["id", "patient", "replace-one", 3]), [AUTHORITY])
    maker.append("grant", grant(0xF0, "2/1"), [AUTHORITY])
    maker.append("reserve", reserve(0xF1, 0xF0, "1/2"))
    maker.append("measure", measure(0xF1, [gaussian([0, 1], "18/1", "1/2", "18/1")]))
    return maker


def good_ledgers():
    first = five()
    return {"five": first, "full": full(), "rotation": rotation(), "shared": shared(first),
            "people": people()}


def cosigned(checkpoint, time=WITNESSED, keys=(WITNESS,)):
    text = checkpoint.decode().partition("\n\n")[0] + "\n"
    lines = [sign_note(key, COSIGNATURE, key.name, text, time) for key in keys]
    return checkpoint + "".join(lines).encode()


def log_key(maker, key=LOG):
    return NoteKey(maker.origin, 1, key.public).text()


def witness_key(key, name=None, kind=COSIGNATURE):
    return NoteKey(name or key.name, kind, key.public).text()


def policy(maker, *lines):
    return "\n".join([f"log {log_key(maker)}", *lines, ""]).encode()


def one_witness(maker):
    return policy(maker, f"witness w1 {witness_key(WITNESS)}", "quorum w1")


def proof(maker, index, note, **changes):
    hashes = merkle.inclusion_proof(index, maker.tree.leaves)
    return proof_file(index, hashes, note, **changes)


def artifact_comment(maker, seq):
    """The trusted comment of an artifact that entry `seq` released."""
    return (f"silhouette/v1 release ledger={maker.lid.hex()} entry={seq} "
            f"root={maker.tree.roots[seq].hex()}")


def trace_signature():
    """The minisign trace: made-up ledger, made-up key number."""
    return minisign_file(
        RELEASE, CSV, "silhouette/v1 release ledger=00112233445566778899aabbccddeeff entry=4",
        "signature from silhouette", keynum=bytes(range(1, 9)))


def trace_key():
    keynum = bytes(range(1, 9))
    packed = base64.b64encode(b"Ed" + keynum + RELEASE.public)
    return b"untrusted comment: minisign public key 0807060504030201\n" + packed + b"\n"

# SPDX-License-Identifier: Apache-2.0
"""Ledgers that break exactly one rule, in their last entry. Everything else about that
entry holds: it is signed and approved by those who should."""
from typing import NamedTuple

import dmp1
from craft import Key, Raw, approve, comment_for, encode
from ledgers import (AUDITOR, AUTHORITY, AUTHORITY_2, AUTHORITY_3, AUTHORITY_4, COUNCIL,
                     CURATOR, CURATOR_2, DISCOVERY, EXPIRES, FIVE_KEYS, HOUR, RELEASE,
                     STRANGER, T0, TWO_LINES, exponential, gaussian, genesis, grant, ident,
                     measure, release, reserve, sha)

UNSUPPORTED = "unsupported"
CANDIDATE = Key("authority", "auth-5", 0x15)
LOG_NEW = Key("log", "log-3", 0x46)


class Bad(NamedTuple):
    name: str
    ledger: str  # whose first entries come before
    prefix: int  # how many of them
    tail: list  # the bytes that follow them
    check: str
    entry: int
    rule: str


class Bench:
    """Collects bad ledgers: each method makes one from a good ledger's beginning."""

    def __init__(self, ledgers):
        self.ledgers = ledgers
        self.found = []

    def at(self, ledger, size):
        maker = self.ledgers[ledger].fork(size)
        maker.curator = CURATOR_2 if (ledger, size > 6) == ("full", True) else CURATOR
        maker.time = T0 + (6 * HOUR if ledger == "full" else 2 * HOUR)
        return maker

    def raw(self, name, data, check, rule, ledger="five", size=5):
        self.found.append(Bad(name, ledger, size, [data], check, size, rule))

    def entry(self, name, check, rule, kind, fields, approvers=(), ledger="five", size=5,
              **changes):
        draft = self.at(ledger, size).draft(kind, fields, approvers, **changes)
        self.raw(name, draft, check, rule, ledger, size)

    def reserve(self, name, check, rule, edit=None, size=5, **changes):
        self.entry(name, check, rule, "reserve",
                   changes.pop("fields", reserve(0xB9, 0xB0, "1/8")), edit=edit, size=size,
                   **changes)

    def rational(self, name, text, check, rule):
        self.reserve(name, check, rule, fields=reserve(0xB9, 0xB0, text))

    def grant(self, name, check, rule, fields=None, approvers=(AUTHORITY,), **changes):
        self.entry(name, check, rule, "grant", fields or grant(0xB9, "1/8"), approvers,
                   **changes)

    def genesis(self, name, check, rule, keys=FIVE_KEYS, approvers=(AUTHORITY,), edit=None,
                **changes):
        self.entry(name, check, rule, "genesis", genesis(keys, **changes), approvers, size=0,
                   edit=edit)

    def council(self, name, check, rule, kind, fields, approvers, size=9, **changes):
        """An entry of the ledger of several authorities."""
        self.entry(name, check, rule, kind, fields, approvers, "full", size, **changes)


def set_payload(index, value):
    return lambda payload: payload.__setitem__(index, value)


def set_body(index, value):
    """Change one element of the body; for bodies without approvals."""
    def edit(payload):
        body = dmp1.decode(payload[8])
        body[index] = value
        payload[8] = encode(body)
    return edit


def encodings(bench):
    """F1: bytes that are no entry, or an entry in another spelling."""
    good = bench.ledgers["five"].entries[2]
    bench.raw("empty", b"", "F1", "an entry of no bytes")
    bench.raw("truncated", good[:-1], "F1", "the last byte is missing", size=2)
    bench.raw("trailing-byte", good + b"\0", "F1", "a byte behind the end", size=2)
    spelled = [
        ("uint16-short", set_payload(2, Raw(bytes.fromhex("cd0005"))), "cd0005 for 5"),
        ("uint8-short", set_payload(2, Raw(bytes.fromhex("cc05"))), "cc05 for 5"),
        ("bin16-short", set_payload(6, Raw(bytes.fromhex("c50010") + ident(1))),
         "bin16 for 16 bytes"),
        ("array16-short", set_payload(9, Raw(bytes.fromhex("dc0000"))),
         "array16 for no elements"),
        ("str8-short", set_body(1, Raw(b"\xd9\x07reserve")), "str8 for 7 characters"),
    ]
    for name, edit, rule in spelled:
        bench.reserve(name, "F1", rule, edit)
    other = [("uint", "08"), ("bin", "c403312f38"), ("array", "93010203"), ("map", "80"),
             ("nil", "c0"), ("bool", "c3"), ("never-used", "c1"),
             ("float", "cb3fc0000000000000"), ("negative", "ff"), ("ext", "d40000")]
    for name, raw in other:
        bench.reserve(name, "F1", f"{name} where a rational belongs",
                      set_body(5, Raw(bytes.fromhex(raw))))
    texts = [("utf8", "caf\u00e9"), ("escape", "\x1b[2Jnothing"), ("newline", "a\nb"),
             ("delete", "a\x7f")]
    for name, text in texts:
        bench.grant(f"purpose-{name}", "F1", "a str beyond printable ASCII",
                    grant(0xB9, "1/8", purpose=text))
    bench.genesis("key-name-escape", "F1", "a key's name beyond printable ASCII",
                  [AUTHORITY.record(name="a\x1b[1m"), *FIVE_KEYS[1:]])


def limits(bench):
    """F2: too long, too deep, too many, refused before anything is allocated for it."""
    bench.raw("array-4278190080", bytes.fromhex("ddff000000"), "F2",
              "an array said to have 4278190080 elements")
    bench.raw("bin-4294967295", bytes.fromhex("92c6ffffffff"), "F2",
              "a bin said to have 4294967295 bytes")
    bench.raw("depth-200", b"\x91" * 200, "F2", "200 arrays in one another")
    bench.reserve("depth-6", "F2", "6 arrays in one another",
                  set_body(5, Raw(b"\x91" * 5 + b"\x90")))
    bench.reserve("array-4097", "F2", "an array of 4097", set_payload(9, [0] * 4097))
    bench.grant("str-513", "F2", "a str of 513",
                grant(0xB9, "1/8", purpose="x" * 513))
    bench.grant("uint-2^63", "F2", "a number of 64 bits",
                grant(0xB9, "1/8", expires=1 << 63))
    bench.raw("entry-65536", measure_of(bench.at("five", 3), 65536), "F2",
              "an entry of 65536 bytes", size=3)
    digits = "1" + "0" * 160
    bench.rational("rational-161-digits", f"1/{digits}", "F2", "161 digits")


def measure_of(maker, size):
    """A measure entry of that many bytes: one column more is one byte more."""
    def draft(columns):
        wide = [gaussian(list(range(100)), "4000/1", "1/8000")] * 456
        wide.append(gaussian(list(range(columns)), "4000/1", "1/8000"))
        return maker.draft("measure", measure(0xB1, wide))
    return draft(16 + size - len(draft(16)))


def shapes(bench):
    """F1: well encoded, but not what belongs there."""
    rationals = [("not-lowest", "2/16"), ("leading-zero", "01/8"), ("over-zero", "1/0"),
                 ("whole", "1"), ("plus", "+1/8"), ("blank", " 1/8"), ("minus", "-1/8"),
                 ("zero-over-two", "0/2"), ("decimal", "0.125"), ("zero-denominator", "1/08")]
    for name, text in rationals:
        bench.rational(f"rational-{name}", text, "F1", f'the rational "{text}"')
    bench.reserve("body-long", "F1", "an element too many in the body",
                  fields=reserve(0xB9, 0xB0, "1/8") + [0])
    bench.reserve("payload-long", "F1", "an element too many in the payload",
                  lambda payload: payload.append(0))
    bench.reserve("id-text", "F1", "a str where an id belongs", set_body(3, "b" * 16))
    bench.grant("expires-text", "F1", "a str where a time belongs",
                grant(0xB9, "1/8", expires="1821538800"))
    bench.reserve("body-text", "F1", "a str where the body belongs", set_payload(8, "body"))
    bench.reserve("approvals-bin", "F1", "a bin where the approvals belong",
                  set_payload(9, b""))
    bench.reserve("salt-15", "F1", "a salt of 15 bytes", set_payload(6, b"s" * 15))
    bench.reserve("type-mismatch", "F1", "a reserve that calls itself a grant",
                  set_body(1, "grant"))
    line = exponential([0], "1/5", "1/40")
    bench.entry("mechanism-unknown", "F1", "a mechanism outside the closed set", "measure",
                measure(0xB1, [["laplace", *line[1:]]]))
    bench.entry("attributes-order", "F1", "attributes not ascending", "measure",
                measure(0xB1, [exponential([3, 0], "1/5", "1/40")]), size=3)
    bench.entry("line-long", "F1", "a threshold where none belongs", "measure",
                measure(0xB1, [line + ["1/1"]]), size=3)
    bench.genesis("role-unknown", "F1", "a role outside the closed set",
                  [*FIVE_KEYS, AUDITOR.record("owner")])
    bench.genesis("invariants-order", "F1", "invariants not ascending",
                  invariants=["witness-before-noise", "roles-shared"])
    bench.genesis("invariant-unknown", "F1", "an invariant outside the closed set",
                  invariants=["n-is-public"])
    bench.genesis("adjacency-unknown", "F1", "neighbours outside the closed set",
                  people=["row", "", "add-or-remove", 1])
    bench.genesis("two-counts", "F1", "two counts of records",
                  people=["row", "", "replace-one", 1], invariants=["n=1000", "n=2000"])
    bench.genesis("parent-empty", "F1", "after a ledger without entries",
                  parent=[ident(1), 0, sha("")])
    caps = [("nothing", ("0/1", "0/1", "1/2"), "B1", "a cap of nothing"),
            ("report-0", ("2/1", "0/1", "0/1"), "F1", "a claim at delta 0"),
            ("deltas-1", ("2/1", "1/2", "1/2"), "B9", "deltas that add up to 1")]
    for name, cap, check, rule in caps:
        bench.genesis(f"cap-{name}", check, rule, cap=cap)
    bench.genesis("granularity-0", "F1", "a granularity of nothing", thresholds=(1, 0, 0))
    units = [("nobody", ["id", "patient", "add-remove", 0], "nobody has a row"),
             ("row-3", ["row", "", "add-remove", 3], "a row that counts three times"),
             ("row-column", ["row", "patient", "add-remove", 1], "rows, with an id column"),
             ("id-alone", ["id", "", "add-remove", 3], "people, without an id column")]
    for name, people, rule in units:
        bench.genesis(f"unit-{name}", "F1", rule, people=people)
    bench.genesis("unit-too-many", "B4", "more rows of a person than can count",
                  people=["id", "patient", "add-remove", 2**20 + 1])
    for name, prefix in (("empty", ""), ("blank", "example org"), ("plus", "example+org")):
        bench.entry(f"prefix-{name}", "F1", "a prefix that no note's name can begin with",
                    "genesis", [bytes(32), prefix, *genesis(FIVE_KEYS)[2:]], [AUTHORITY],
                    size=0)
    bench.genesis("accounting-unknown", "F1", "another accounting",
                  edit=lambda payload: payload.__setitem__(
                      8, payload[8].replace(b"zcdp", b"rdp_")))
    bench.council("approvals-order", "F1", "approvals not ascending", "grant",
                  grant(0xB9, "0/1"), COUNCIL[:2], size=6,
                  edit=lambda payload: payload[9].reverse())


def places(bench):
    """F4 to F7: an entry that is not the next one of this ledger."""
    five, full = bench.ledgers["five"].entries, bench.ledgers["full"].entries
    bench.reserve("seq-skips", "F5", "carries the next number but one", set_payload(2, 6))
    bench.reserve("prev-root", "F4", "continues other entries", set_payload(3, sha("fork")))
    bench.found.append(Bad("duplicate", "five", 3, [five[2]], "F5", 3, "an entry twice"))
    bench.found.append(Bad("swapped", "five", 1, [five[2], five[1]], "F5", 1,
                           "two entries change places"))
    bench.found.append(Bad("dropped", "five", 2, [five[3]], "F5", 2,
                           "an entry is left out, the next one moves up"))
    bench.found.append(Bad("spliced", "five", 4, [full[4]], "F6", 4,
                           "an entry of another ledger"))
    bench.grant("replay-other-ledger", "F6", "another ledger's grant and its approval",
                approvers=(), edit=lambda payload: foreign(payload, bench.ledgers["full"]))
    bench.reserve("body-lid", "F6", "a body of another ledger",
                  set_body(2, bench.ledgers["full"].lid))
    bench.genesis("genesis-lid", "F6", "an id that is not the genesis's",
                  edit=set_payload(1, ident(0)))
    again = genesis(FIVE_KEYS)
    bench.entry("second-genesis", "F5", "a genesis that is not the first entry", "genesis",
                again, [AUTHORITY], edit=set_payload(1, bench.ledgers["five"].lid))
    bench.reserve("time-fine", "F7", "a time finer than the granularity",
                  time=T0 + 2 * HOUR + 1)
    bench.reserve("time-back", "F7", "a time before the last entry's", time=T0 + HOUR)


def foreign(payload, other):
    """The grant and the approvals of another ledger."""
    theirs = dmp1.decode(dmp1.decode(other.entries[1])[0])
    payload[8:10] = theirs[8:10]


def signatures(bench):
    """K1: who signs an entry."""
    maker = bench.at("five", 5)
    good = maker.draft("reserve", reserve(0xB9, 0xB0, "1/8"))
    bench.raw("sig-bit", good[:-1] + bytes([good[-1] ^ 1]), "K1", "a bit of the signature")
    payload = dmp1.decode(good)[0]
    bench.raw("sig-without-prefix", dmp1.encode([payload, CURATOR.sign(payload)]), "K1",
              "the payload is signed without the words before it")
    bench.raw("sig-of-another", maker.seal(payload, STRANGER), "K1",
              "signed by a stranger, in the curator's name")
    order = 2**252 + 27742317777372353535851937790883648493
    sig = dmp1.decode(good)[1]
    scalar = int.from_bytes(sig[32:], "little") + order
    sig = sig[:32] + scalar.to_bytes(32, "little")
    bench.raw("sig-plus-order", dmp1.encode([payload, sig]), "K1",
              "the signature's second half plus the group's order")
    bench.reserve("signer-stranger", "K1", "signed by a stranger", signer=STRANGER)
    bench.reserve("signer-authority", "K1", "signed by an authority", signer=AUTHORITY)
    approved = maker.draft("grant", grant(0xB9, "1/8"), [AUTHORITY])
    fields = dmp1.decode(dmp1.decode(approved)[0])
    fields[9] = []
    bench.raw("approvals-stripped", dmp1.encode([encode(fields), dmp1.decode(approved)[1]]),
              "K1", "approvals taken away after the curator signed")


def spoilt(key, body, comment, index):
    """An approval of which one signature has a bit changed."""
    approval = approve(key, body, comment)
    approval[index] = bytes([approval[index][0] ^ 1]) + approval[index][1:]
    return approval


def approvals(bench):
    """K2, K4, R4: who approves an entry, and what the approval says."""
    maker = bench.at("five", 5)
    fields = grant(0xB9, "1/8")
    body = [1, "grant", maker.lid, *fields]
    raw, said = encode(body), comment_for("grant", maker.lid, body)
    bench.grant("grant-unapproved", "K2", "a grant by the curator alone", approvers=())
    bench.grant("approver-curator", "K2", "approved by the curator", approvers=[CURATOR])
    bench.grant("approver-stranger", "K2", "approved by a stranger", approvers=[STRANGER])
    variants = [
        ("approval-other-body", approve(AUTHORITY, raw + b"x", said), "K2",
         "an approval of another body"),
        ("approval-sig", spoilt(AUTHORITY, raw, said, 1), "K2",
         "a bit of the approval's signature"),
        ("approval-comment-sig", spoilt(AUTHORITY, raw, said, 2), "K2",
         "a bit of the signature of the comment"),
        ("approval-legacy", legacy(AUTHORITY, raw, said), "K2",
         "an approval over the body itself, not over its hash"),
        ("comment-other-rho", approve(AUTHORITY, raw, said.replace("1/8", "1/2")), "R4",
         "the comment says 1/2, the body 1/8"),
        ("comment-blank", approve(AUTHORITY, raw, said + " "), "R4",
         "a blank at the comment's end"),
        ("comment-upper", approve(AUTHORITY, raw, said.replace("b9", "B9")), "R4",
         "upper-case digits in the comment"),
        ("comment-release", approve(AUTHORITY, raw, said.replace(" grant ", " close ")), "R4",
         "the comment of another type"),
    ]
    for name, approval, check, rule in variants:
        bench.grant(name, check, rule, fields, approvals=[approval])
    bench.reserve("reserve-approved", "K2", "a reserve with an approval",
                  edit=lambda payload: payload.__setitem__(
                      9, [approve(AUTHORITY, payload[8], "silhouette/v1 reserve")]))
    council_approvals(bench)


def legacy(key, body, comment):
    sig = key.sign(body)
    return [key.kid, sig, key.sign(sig + comment.encode()), comment]


def council_approvals(bench):
    fields = grant(0xB9, "0/1")
    bench.council("one-of-two", "K2", "one approval where two are needed", "grant", fields,
                  [AUTHORITY_3])
    bench.council("twice-one", "K4", "one authority approves twice", "grant", fields,
                  [AUTHORITY_3, AUTHORITY_3])
    bench.council("third-spoilt", "K2", "two good approvals and a bad one", "grant", fields,
                  [AUTHORITY_2, AUTHORITY_3, AUTHORITY_4],
                  edit=lambda payload: payload[9][0].__setitem__(1, b"\x01" * 64))
    bench.council("third-stranger", "K2", "two good approvals and a stranger's", "grant",
                  fields, [AUTHORITY_2, AUTHORITY_3, STRANGER])
    audit = [ident(0xB9), 9, bench.ledgers["full"].tree.roots[9], "not-refuted", sha("r")]
    bench.council("audit-unapproved", "K2", "an audit without an auditor", "audit", audit, [])
    bench.council("audit-authority", "K2", "an audit approved by an authority", "audit", audit,
                  [AUTHORITY_3])
    bench.council("audit-other-root", "F4", "an audit of another tree", "audit",
                  audit[:2] + [sha("root"), *audit[3:]], [AUDITOR])
    bench.council("audit-future", "F4", "an audit of entries yet to come", "audit",
                  [audit[0], 10, *audit[2:]], [AUDITOR])


def key_sets(bench):
    """K3 to K6: keys in a genesis, and how they change."""
    bench.genesis("key-two-roles", "K3", "one key in two roles",
                  [*FIVE_KEYS, CURATOR.record("auditor")])
    bench.genesis("key-twice", "K4", "one authority under two names",
                  [*FIVE_KEYS, AUTHORITY.record(name="auth-2")], thresholds=(2, 0, HOUR))
    bench.genesis("threshold-0", "K2", "a threshold of nobody", thresholds=(0, 0, HOUR),
                  approvers=())
    bench.genesis("threshold-2-of-1", "K2", "a threshold that cannot be met",
                  thresholds=(2, 0, HOUR))
    add, council = [LOG_NEW.record()], [AUTHORITY_3, AUTHORITY_4]
    one = [[AUTHORITY_3.kid, 9, "left"]]
    cases = [
        ("keyset-old-only", "K6", "the new authorities do not reach the new threshold",
         [[CANDIDATE.record()], one, [3, 1]], [AUTHORITY_2, AUTHORITY_3]),
        ("keyset-new-only", "K6", "the old authorities do not reach the old threshold",
         [[CANDIDATE.record()], [], []], [AUTHORITY_3, CANDIDATE]),
        ("keyset-readded", "K6", "adds a key that was revoked",
         [[AUTHORITY.record()], [], []], council),
        ("keyset-added-twice", "K6", "adds a key that is there",
         [[RELEASE.record(name="rel-2")], [], []], council),
        ("keyset-two-roles", "K3", "adds a key in two roles",
         [[LOG_NEW.record(), LOG_NEW.record("release")], [], []], council),
        ("keyset-unknown-revoked", "K6", "revokes a key that the ledger has not",
         [add, [[STRANGER.kid, 9, "who"]], []], council),
        ("keyset-revoked-again", "K6", "revokes a key that is revoked",
         [add, [[AUTHORITY.kid, 9, "again"]], []], council),
        ("keyset-threshold-0", "K6", "a new threshold of nobody", [add, [], [0, 1]], council),
        ("keyset-threshold-4", "K6", "a new threshold that cannot be met",
         [add, [], [4, 1]], council),
        ("keyset-future", "K5", "revokes as of an entry yet to come",
         [[CANDIDATE.record()], [[AUTHORITY_2.kid, 10, "soon"]], []], council),
    ]
    for name, check, rule, fields, approvers in cases:
        bench.council(name, check, rule, "keyset", [ident(0xB9), *fields], approvers)
    revocations(bench)


def revocations(bench):
    bench.council("signer-revoked", "K5", "signed by a curator revoked earlier", "reserve",
                  reserve(0xB9, 0xC0, "0/1"), (), signer=CURATOR)
    bench.council("approver-revoked", "K5", "approved by an authority revoked earlier",
                  "grant", grant(0xB9, "0/1"), [AUTHORITY, AUTHORITY_2, AUTHORITY_3])
    maker = bench.at("full", 6)
    late = maker.draft("keyset", [ident(0xB9), [CURATOR_2.record()],
                                  [[CURATOR.kid, 4, "stolen"]], []], COUNCIL[:2])
    bench.found.append(Bad("release-after-theft", "full", 6, [late], "K5", 4,
                           "a release by a curator revoked as of it"))


def balances(bench):
    """B1, B2, B8: grants within the cap, reserves within their grant and its time."""
    bench.grant("grants-beyond-cap", "B1", "grants of 1/2 and 3/2 and a little, of 2",
                grant(0xB9, "15000000001/10000000000"))
    bench.grant("grant-delta", "B1", "a delta where the cap has none",
                grant(0xB9, "1/8", "1/1000000000000"))
    bench.rational("reserve-beyond-grant", "37500000001/100000000000", "B2",
                   "3/8 are left, and a little more is asked")
    bench.reserve("reserve-delta", "B2", "a delta where the grant has none",
                  fields=reserve(0xB9, 0xB0, "1/8", "1/1000000000000"))
    bench.reserve("reserve-no-grant", "B2", "a reserve against no grant",
                  fields=reserve(0xB9, 0xB1, "1/8"))
    bench.reserve("reserve-late", "B8", "a reserve after its grant expired",
                  time=EXPIRES + HOUR)


def measurements(bench):
    """B3 to B5: what a run says it did, against what one person can change."""
    cases = [
        ("rho-of-half-noise", "B3", "rho 1/8, where D^2 = 1 and sigma^2 = 2 give 1/4",
         [gaussian([0], "2/1", "1/8")]),
        ("rho-no-noise", "B3", "sigma^2 = 0", [gaussian([0], "0/1", "0/1")]),
        ("rho-no-choice", "B3", "epsilon^2 = 0", [exponential([0], "0/1", "0/1")]),
        ("rho-pure", "B3", "epsilon^2 / 2 for a selection", [exponential([0], "1/5", "1/10")]),
        ("delta-of-gaussian", "B3", "a Gaussian with a delta",
         [["rounded-gaussian", [0], "1/1", "5/1", "1/10", "1/1000000000000"]]),
        ("sensitivity-small", "B4", "half of a row",
         [gaussian([0], "5/4", "1/10", "1/4")]),
        ("sensitivity-replace", "B4", "D^2 = 2, which is replace-one's",
         [gaussian([0], "10/1", "1/10", "2/1")]),
        ("beyond-reserve", "B5", "1/40 and 1/10 and 1/10, of 1/8",
         [*TWO_LINES, TWO_LINES[1]]),
    ]
    for name, check, rule, lines in cases:
        bench.entry(f"measure-{name}", check, rule, "measure", measure(0xB1, lines), size=3)
    bench.entry("measure-no-reserve", "B5", "measured without a reserve", "measure",
                measure(0xB9, TWO_LINES), size=3)
    bench.entry("measure-again", "B5", "a second entry that passes the reserve", "measure",
                measure(0xB1, TWO_LINES[:1]), size=4)
    bench.council("measure-two-transcripts", "B5", "one run with two transcripts", "measure",
                  measure(0xC8, [gaussian([1], "2/1", "1/4")], "third"), (), size=12)
    bench.council("measure-delta", "B5", "a delta beyond the reserve's", "measure",
                  measure(0xC1, [DISCOVERY, DISCOVERY]), (), size=3)


def histories(bench):
    """B6, B7, R6, P1 and entries that cite what is not there."""
    first = bench.ledgers["five"]
    granted = dmp1.decode(dmp1.decode(first.entries[1])[0])
    bench.grant("replay-grant", "B6", "a grant and its approval once more", approvers=(),
                edit=lambda payload: payload.__setitem__(slice(8, 10), granted[8:10]))
    bench.reserve("id-of-grant", "B6", "a reserve with a grant's id",
                  fields=reserve(0xB0, 0xB0, "1/8"))
    council = [AUTHORITY_3, AUTHORITY_4]
    closed = [("grant", grant(0xB9, "0/1"), council),
              ("reserve", reserve(0xB9, 0xC0, "0/1"), ()),
              ("data", [ident(0xB9), sha("d"), "late"], council),
              ("keyset", [ident(0xB9), [], [], []], council),
              ("close", [ident(0xB9), "again"], council)]
    for kind, fields, approvers in closed:
        bench.council(f"closed-{kind}", "B7", f"a {kind} after the ledger was closed", kind,
                      fields, approvers, size=17)
    bench.entry("release-unmeasured", "R6", "a release of a reserve not measured yet",
                "release", release(0xB9, 0xB1), size=3)
    bench.entry("release-no-reserve", "R6", "a release of no reserve of this ledger",
                "release", release(0xB9, 0xB8), size=5)
    bench.entry("release-of-nothing", "R6", "a release without an artifact", "release",
                [*release(0xB9, 0xB1)[:2], [], sha("statement")])
    bench.entry("release-from-nothing", "R6", "a release that cites no reserve", "release",
                [ident(0xB9), [], *release(0xB9, 0xB1)[2:]])
    bench.entry("notice-no-release", "R6", "a withdrawal of what was not released", "notice",
                [ident(0xB9), ident(0xB1), "why"], [AUTHORITY])
    bench.entry("recover-future", "F5", "a recovery at entries yet to come", "recover",
                [ident(0xB9), "quarantine", 6, [], "torn"], [AUTHORITY])
    bench.genesis("count-of-records", "P1", "a count of records under add-remove",
                  invariants=["n=1000"])


def versions(bench):
    """What a verifier of this version cannot judge."""
    bench.reserve("payload-version-2", UNSUPPORTED, "an entry of version 2",
                  set_payload(0, 2))
    bench.reserve("body-schema-2", UNSUPPORTED, "a body of schema 2", set_body(0, 2))
    bench.reserve("type-11", UNSUPPORTED, "an entry type that is reserved",
                  set_payload(5, 11))
    bench.reserve("type-200", UNSUPPORTED, "an entry type that nobody knows",
                  set_payload(5, 200))


def bad_ledgers(ledgers):
    bench = Bench(ledgers)
    for group in (encodings, limits, shapes, places, signatures, approvals, key_sets,
                  balances, measurements, histories, versions):
        group(bench)
    return bench.found

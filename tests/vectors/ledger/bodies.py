# SPDX-License-Identifier: Apache-2.0
"""The shapes of an entry: which element is what, and what each kind of element may hold.

A shape is a function from a decoded DMP1 value to what the rules work on; it refuses (F1,
or F2 where a limit is passed) what is not of that shape."""
import math
import re
from fractions import Fraction
from types import SimpleNamespace

from errors import Unsupported, require

RATIONAL = re.compile(r"(0|[1-9][0-9]*)/([1-9][0-9]*)")
RATIONAL_DIGITS_MAX = 160
HOST = re.compile(r"[^ +]+")
COUNT_OF_RECORDS = re.compile(r"n=[1-9][0-9]{0,17}")
INVARIANTS = ("roles-shared", "witness-before-noise")


def uint(value):
    require(isinstance(value, int), "F1", "expected a number")
    return value


def text(value):
    require(isinstance(value, str), "F1", "expected a str")
    return value


def binary(length):
    def shape(value):
        require(isinstance(value, bytes), "F1", "expected a bin")
        require(len(value) == length, "F1", f"expected a bin of {length}")
        return value
    return shape


def blob(value):
    require(isinstance(value, bytes), "F1", "expected a bin")
    return value


def rational(value):
    match = RATIONAL.fullmatch(text(value))
    require(match is not None, "F1", "not a rational p/q")
    require(max(len(match[1]), len(match[2])) <= RATIONAL_DIGITS_MAX, "F2",
            "a rational with too many digits")
    p, q = int(match[1]), int(match[2])
    require(math.gcd(p, q) == 1, "F1", "a rational that is not in lowest terms")
    return Fraction(p, q)


def one_of(*words):
    def shape(value):
        require(text(value) in words, "F1", f"none of {', '.join(words)}")
        return value
    return shape


def array(of):
    def shape(value):
        require(isinstance(value, list), "F1", "expected an array")
        return [of(element) for element in value]
    return shape


def ascending(values, what):
    require(all(a < b for a, b in zip(values, values[1:])), "F1",
            f"{what} not strictly ascending")
    return values


def record(**fields):
    """An array with these elements, in this order."""
    def shape(value):
        require(isinstance(value, list), "F1", "expected an array")
        require(len(value) == len(fields), "F1",
                f"{len(value)} elements where {len(fields)} belong")
        return SimpleNamespace(**{name: of(element) for (name, of), element
                                  in zip(fields.items(), value)})
    return shape


def optional(of):
    """The empty array, or what `of` takes."""
    return lambda value: None if value == [] else of(value)


def prefix(value):
    require(HOST.fullmatch(text(value)), "F1", "prefix with a blank or a plus, or empty")
    return value


def attributes(value):
    return ascending(array(uint)(value), "attributes")


def invariants(value):
    for word in ascending(array(text)(value), "invariants"):
        require(word in INVARIANTS or COUNT_OF_RECORDS.fullmatch(word), "F1",
                "an invariant that is not known")
    return value


LINE = dict(mechanism=text, attributes=attributes, sensitivity=rational,
            parameter=rational, rho=rational, delta=rational)
LINE_SHAPES = {
    "rounded-gaussian": record(**LINE),
    "exponential": record(**LINE),
    "gaussian-threshold": record(**LINE, threshold=rational),
}


def line(value):
    require(isinstance(value, list) and value, "F1", "expected a mechanism's line")
    shape = LINE_SHAPES.get(text(value[0]))
    require(shape is not None, "F1", "a mechanism that is not known")
    return shape(value)


ROLES = ("authority", "curator", "log", "release", "auditor")
ID = binary(16)
HASH = binary(32)
KEY = record(role=one_of(*ROLES), name=text, public=HASH, keynum=binary(8))
APPROVAL = record(kid=ID, sig=binary(64), global_sig=binary(64), comment=text)
ENTRY = record(payload=blob, sig=binary(64))
PAYLOAD = record(version=uint, lid=ID, seq=uint, prev_root=HASH, time=uint, type=uint,
                 salt=ID, kid=ID, body=blob, approvals=array(APPROVAL))
PAYLOAD_VERSION = BODY_SCHEMA = 1


def body(word, **fields):
    return record(schema=uint, type=one_of(word), **fields)


# Entry type -> shape of its body.
BODIES = {
    0: body("genesis", nonce=HASH, prefix=prefix, data_label=text, keys=array(KEY),
            thresholds=record(authority=uint, witness=uint, time_gran=uint),
            people=record(unit=one_of("row", "id"), id_column=text,
                          adjacency=one_of("add-remove", "replace-one"),
                          max_contrib=uint),
            invariants=invariants,
            cap=record(accounting=one_of("zcdp"), rho=rational, delta=rational,
                       report_delta=rational),
            data_commit=HASH, parent=optional(record(lid=ID, size=uint, root=HASH)),
            tool=record(name=text, version=text)),
    1: body("keyset", lid=ID, id=ID, add=array(KEY),
            revoke=array(record(kid=ID, as_of=uint, reason=text)),
            thresholds=optional(record(authority=uint, witness=uint))),
    2: body("grant", lid=ID, id=ID, rho=rational, delta=rational, expires=uint,
            purpose=text),
    3: body("reserve", lid=ID, id=ID, grant=ID, rho=rational, delta=rational, plan=HASH),
    4: body("measure", lid=ID, reserve=ID, transcript=HASH, lines=array(line)),
    5: body("release", lid=ID, id=ID, reserves=array(ID),
            artifacts=array(record(name=text, sha256=HASH)), statement=HASH),
    6: body("audit", lid=ID, id=ID, size=uint, root=HASH,
            verdict=one_of("refuted", "not-refuted", "inconclusive"), report=HASH),
    7: body("recover", lid=ID, id=ID, kind=one_of("quarantine", "rebuild-checkpoint"),
            size=uint, quarantine=array(HASH), text=text),
    8: body("close", lid=ID, id=ID, reason=text),
    9: body("notice", lid=ID, id=ID, release=ID, reason=text),
    10: body("data", lid=ID, id=ID, data_commit=HASH, note=text),
}
TYPE_NAMES = ("genesis", "keyset", "grant", "reserve", "measure", "release", "audit",
              "recover", "close", "notice", "data")


def known(value, version, what):
    """Unsupported when the array begins with another number than this version."""
    number = value[0] if isinstance(value, list) and value else None
    if isinstance(number, int) and number != version:
        raise Unsupported(f"{what} {number} is not known to this verifier")


def payload(value):
    known(value, PAYLOAD_VERSION, "entry version")
    return PAYLOAD(value)


def parse_body(number, value):
    """The body of an entry of this type."""
    if number not in BODIES:
        raise Unsupported(f"entry type {number} is not known to this verifier")
    known(value, BODY_SCHEMA, "body schema")
    return BODIES[number](value)

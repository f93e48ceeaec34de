# SPDX-License-Identifier: Apache-2.0
"""Ed25519 (RFC 8032) in integers, for verifying and for making test vectors. Not for real
keys: nothing here runs in constant time.

A signature is accepted when [S]B - [k]A encodes to exactly the 32 bytes R, S is below the
group's order, A is encoded canonically, and neither A nor R has small order.

Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, x y = T/Z."""
import functools
import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)
WINDOW = 4
DIGITS = 256 // WINDOW


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * D * p[3] * q[3] % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p):
    a = p[0] * p[0] % P
    b = p[1] * p[1] % P
    c = 2 * p[2] * p[2] % P
    h = a + b
    e = h - (p[0] + p[1]) ** 2
    g = a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p):
    return -p[0] % P, p[1], p[2], -p[3] % P


def encode(p):
    inverse = pow(p[2], -1, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point of 32 bytes, or None: not on the curve, or not the canonical bytes."""
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * SQRT_MINUS_1 % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def has_small_order(p):
    p = double(double(double(p)))
    return p[0] == 0 and p[1] == p[2]


def multiples(p):
    """[0]p to [15]p."""
    table = [IDENTITY, p]
    for _ in range(2, 1 << WINDOW):
        table.append(add(table[-1], p))
    return table


def digits(scalar):
    return [scalar >> WINDOW * i & (1 << WINDOW) - 1 for i in range(DIGITS)]


@functools.cache
def base_tables():
    """Multiples of [16^i]B, one table for each digit of a scalar."""
    tables, point = [], decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    for _ in range(DIGITS):
        tables.append(multiples(point))
        point = add(tables[-1][-1], point)
    return tables


def times_base(scalar):
    result = IDENTITY
    for table, digit in zip(base_tables(), digits(scalar)):
        result = add(result, table[digit])
    return result


@functools.lru_cache(maxsize=256)
def key_table(public):
    """Multiples of minus the key's point, or None for a key that no signature fits."""
    point = decode(public) if len(public) == 32 else None
    if point is None or has_small_order(point):
        return None
    return multiples(negate(point))


def challenge(r, public, message):
    digest = hashlib.sha512(r + public + message).digest()
    return int.from_bytes(digest, "little") % ORDER


@functools.lru_cache(maxsize=4096)
def verify(public, signature, message):
    """Whether the signature is the key's over the message. Remembers: the same entries
    begin many ledgers of a test."""
    table = key_table(public)
    if table is None or len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    result = IDENTITY
    for digit in reversed(digits(challenge(r, public, message))):
        result = double(double(double(double(result))))
        result = add(result, table[digit])
    result = add(result, times_base(s))
    return encode(result) == r and not has_small_order(result)


def expand(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    return scalar & (1 << 254) - 8 | 1 << 254, digest[32:]


@functools.cache
def public_key(seed):
    return encode(times_base(expand(seed)[0]))


def sign(seed, message):
    scalar, prefix = expand(seed)
    public = public_key(seed)
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % ORDER
    r = encode(times_base(nonce))
    s = (nonce + challenge(r, public, message) * scalar) % ORDER
    return r + s.to_bytes(32, "little")

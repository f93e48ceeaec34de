# SPDX-License-Identifier: Apache-2.0
"""DMP1: MessagePack of which each meaning has exactly one encoding.

Only unsigned integers, printable ASCII strings, byte strings and arrays, each in its
shortest form. Values: int, str, bytes, list. Check F1: malformed; F2: beyond a limit."""
from errors import require

BYTES_MAX = 65535
DEPTH_MAX = 5
ARRAY_MAX = 4096
STR_MAX = 512
UINT_END = 1 << 63

# Head byte -> (kind, bytes of the number that follows, the least number that needs it).
HEADS = {
    0xCC: ("uint", 1, 0x80), 0xCD: ("uint", 2, 0x100),
    0xCE: ("uint", 4, 0x10000), 0xCF: ("uint", 8, 0x100000000),
    0xC4: ("bin", 1, 0), 0xC5: ("bin", 2, 0x100), 0xC6: ("bin", 4, 0x10000),
    0xD9: ("str", 1, 32), 0xDA: ("str", 2, 0x100), 0xDB: ("str", 4, 0x10000),
    0xDC: ("array", 2, 16), 0xDD: ("array", 4, 0x10000),
}
LIMITS = {"uint": UINT_END - 1, "bin": BYTES_MAX, "str": STR_MAX, "array": ARRAY_MAX}


class Scanner:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        require(self.at + count <= len(self.data), "F1", "ends too early")
        self.at += count
        return self.data[self.at - count:self.at]

    def head(self):
        """(kind, value or length) of the next object."""
        byte = self.take(1)[0]
        if byte < 0x80:
            return "uint", byte
        if 0x90 <= byte <= 0x9F:
            return "array", byte & 0x0F
        if 0xA0 <= byte <= 0xBF:
            return "str", byte & 0x1F
        require(byte in HEADS, "F1", f"byte {byte:02x} begins nothing that is allowed")
        kind, width, least = HEADS[byte]
        number = int.from_bytes(self.take(width), "big")
        require(number <= LIMITS[kind], "F2", f"{kind} of {number}")
        require(number >= least, "F1", f"{kind} of {number}, not in its shortest form")
        return kind, number

    def value(self, depth):
        kind, number = self.head()
        if kind == "uint":
            return number
        if kind == "bin":
            return bytes(self.take(number))
        if kind == "str":
            raw = self.take(number)
            require(all(0x20 <= byte <= 0x7E for byte in raw), "F1",
                    "str with a byte that is not printable ASCII")
            return raw.decode("ascii")
        require(depth < DEPTH_MAX, "F2", f"more than {DEPTH_MAX} arrays in one another")
        return [self.value(depth + 1) for _ in range(number)]


def decode(data):
    """The one value that `data` holds."""
    require(len(data) <= BYTES_MAX, "F2", f"more than {BYTES_MAX} bytes")
    scanner = Scanner(data)
    value = scanner.value(0)
    require(scanner.at == len(data), "F1", "bytes behind the end")
    return value


def encode_head(kind, number):
    if kind == "array" and number < 16:
        return bytes([0x90 | number])
    if kind == "str" and number < 32:
        return bytes([0xA0 | number])
    if kind == "uint" and number < 0x80:
        return bytes([number])
    width, head = min((width, head) for head, (of, width, _) in HEADS.items()
                      if of == kind and number < 1 << 8 * width)
    return bytes([head]) + number.to_bytes(width, "big")


def encode(value):
    """The encoding of a value. Does not look at limits: it also makes bad examples."""
    if isinstance(value, int):
        return encode_head("uint", value)
    if isinstance(value, bytes):
        return encode_head("bin", len(value)) + value
    if isinstance(value, str):
        raw = value.encode()
        return encode_head("str", len(raw)) + raw
    return encode_head("array", len(value)) + b"".join(map(encode, value))

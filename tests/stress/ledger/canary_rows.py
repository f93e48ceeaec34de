# SPDX-License-Identifier: Apache-2.0
"""P1, P2: nothing in a ledger, nor in what the program says of it, tells of the table.

P1 runs a table of values that nothing else could hold, twice, with two ledgers that have
no key, id or salt in common: what is found in both worlds is no accident."""
import base64
import hashlib
import os
import re
import time

from campaign import STATE, Strace, expect, fit, prepare
from table import row

import bodies
import dmp1

ROWS = 104729
VALUE, TEXT, UNLISTED = 73519264, "quetzalcoatl", "xochimilco"
SCHEMA = {"fields": [
    {"name": "sex", "type": "string", "categories": ["female", "male"]},
    {"name": "income", "type": "integer",
     "constraints": {"minimum": 0, "maximum": 99999999, "required": True},
     "silhouette": {"bins": 10}}]}
SAYS = (("status",), ("log",), ("verify",), ("prove", "--entry", "3"),
        ("data", "--add", "more.csv", "--note", "more"), ("close", "--reason", "done"))


def canary_table():
    lines = [f"female,{VALUE}", f'"{TEXT}",{VALUE}', f"{UNLISTED},{VALUE}"]
    lines += [f"male,{VALUE - i % 1000}" for i in range(ROWS - len(lines))]
    return ("sex,income,note\r\n" + "".join(f"{line},{TEXT}\r\n" for line in lines)).encode()


def numbers(what, number):
    """A number as one would write it down."""
    varint, rest = b"", number
    while rest >= 128:
        varint, rest = varint + bytes([rest & 127 | 128]), rest >> 7
    yield f"{what}, in decimal", str(number).encode()
    yield f"{what}, in groups", f"{number:,}".encode()
    yield f"{what}, a varint", varint + bytes([rest])
    for size in 4, 8:
        yield f"{what}, little-endian", number.to_bytes(size, "little")
        yield f"{what}, big-endian", number.to_bytes(size, "big")


def digests(what, data):
    for name in "sha256", "sha512", "blake2b", "md5":
        digest = hashlib.new(name, data).digest()
        yield f"{name} of {what}", digest
        yield f"{name} of {what}, hex", digest.hex().encode()
        yield f"{name} of {what}, base64", base64.b64encode(digest)[:-2]
    digest = hashlib.blake2b(data, digest_size=32).digest()
    yield f"BLAKE2b-256 of {what}", digest
    yield f"BLAKE2b-256 of {what}, hex", digest.hex().encode()


def needles(table, seeds):
    """(what it tells, bytes)"""
    for number in ROWS, ROWS - 1, ROWS - 2, ROWS + 1:
        yield from numbers(f"a count of rows ({number})", number)
    yield from numbers("the size of the file", len(table))
    yield from numbers("a value", VALUE)
    for text in TEXT, UNLISTED:
        yield "a text", text.encode()
    canonical = table.replace(b"\r\n", b"\n").replace(b'"', b"")
    for what, data in ("the file", table), ("the canonical table", canonical):
        yield from digests(what, data)
        yield from digests(f"the commitment's message of {what}", b"silhouette/data/v1\n" +
                           hashlib.sha256(data).digest())
    for seed in seeds:
        yield "what the noise is made of", seed
        yield "what the noise is made of, hex", seed.hex().encode()


def fine_times(first, last):
    """Every second of the run but whole hours, which an entry may have."""
    for second in range(first, last + 1):
        if second % 3600:
            yield str(second).encode()
            yield second.to_bytes(4, "big")
            yield second.to_bytes(4, "little")


def tree(folder):
    """name -> bytes, of all files; and all names, which are looked at as well."""
    found = {str(path.relative_to(folder)): path.read_bytes()
             for path in sorted(folder.rglob("*")) if path.is_file()}
    found["names"] = "\n".join(found).encode()
    return found


def noise_seeds(log):
    """What getrandom gave where more than an id was asked for."""
    for text in re.findall(r'getrandom\("([^"]*)", (?:32|48|64)\b', log):
        yield bytes.fromhex(text.replace("\\x", ""))


def spend(world):
    """A run; the randomness of its noise, when this machine lets us see it."""
    arguments = fit("--ignore-extra-columns")
    if Strace.path is None or os.geteuid() != 0:
        world.succeeds(*arguments)
        return []
    code, said, log = Strace.run(world, arguments, "-xx", "-s", "64", "-e",
                                 "trace=getrandom")
    expect(code == 0, f"{code}: {said}")
    seeds = list(noise_seeds(log))
    expect(seeds, "the noise's randomness was not seen")
    return seeds


class Exposed:
    """A world with the canary in it, and everything that may be shown of its ledger."""

    def __init__(self, campaign, table):
        world = campaign.empty()
        world.write("data.csv", table)
        world.write("more.csv", table + f"male,{VALUE},{TEXT}\r\n".encode())
        world.write("schema.json", SCHEMA)
        self.first = int(time.time())
        world.succeeds("ledger", "quickstart", "l", "--data-label", "patients",
                       "--cap-epsilon", "2", "--cap-delta", "1e-9", *STATE)
        self.seeds = spend(world)
        world.succeeds("ledger", "close", "l", "--reason", "r", "--body", "body", *STATE)
        self.shown = {"body": world.path("body").read_bytes()}
        for folder in "l", "state":
            self.shown |= {f"{folder}/{name}": data
                           for name, data in tree(world.path(folder)).items()}
        for command, *more in SAYS:
            for form in [], ["--json"]:
                if form or command in ("status", "log", "verify"):
                    done = world.succeeds("ledger", command, "l", *more, *form, *STATE)
                    self.shown[" ".join([command, *form])] = (done.out + done.err).encode()
        world.succeeds("ledger", "cosign", "l", "--old", "0", "--out", "request", *STATE)
        self.shown["request"] = world.path("request").read_bytes()
        refusal = world.run(*fit("--ignore-extra-columns", out="none.model"), "--json")
        expect(refusal.code != 0, f"closed\n{refusal}")
        self.shown["a refusal"] = (refusal.out + refusal.err).encode()
        self.last = int(time.time())
        self.fine_files = [path.name for folder in ("entries", "checkpoints")
                           for path in world.path(f"l/{folder}").iterdir()
                           if path.stat().st_mtime_ns % (3600 * 10**9)]

    def holds(self, needle):
        return [name for name, data in self.shown.items() if needle in data]


@row("P1", "a table whose values, count and hashes nothing else has",
     "none of it in the ledger, the state, or any answer")
def _(campaign):
    table = canary_table()
    worlds = [Exposed(campaign, table) for _ in range(2)]
    wanted = dict.fromkeys(needles(table, []))
    for what, needle in wanted:
        found = [world.holds(needle) for world in worlds]
        expect(not all(found), f"{what}: in {found[0]}")
    for world in worlds:
        expect(not world.fine_files, f"times of files: {world.fine_files}")
        for seed in world.seeds:
            expect(not world.holds(seed) and not world.holds(seed.hex().encode()),
                   "what the noise is made of")
    times = [[needle for needle in fine_times(world.first, world.last)
              if world.holds(needle)] for world in worlds]
    expect(not all(times), f"a time in seconds: {times}")
    n_bytes = sum(map(len, worlds[0].shown.values()))
    seen = "" if worlds[0].seeds else " (not root: the noise's seeds were not looked for)"
    return (f"{len(wanted)} needles, {len(worlds[0].shown)} files and answers, {n_bytes} "
            f"bytes: none{seen}")


@row("P1", "the same search, where the row count is written down",
     "found: the search can fail")
def _(campaign):
    del campaign
    exposed = Exposed.__new__(Exposed)
    exposed.shown = {"a note": b"records: 104,729 of them", "b": b"\xce\x00\x01\x99\x19"}
    found = [what for what, needle in needles(canary_table(), []) if exposed.holds(needle)]
    expect(len(found) == 2, f"{found}")
    return "found, in decimal and as a number"


# ---------------------------------------------------------------- neighbours

def words(value):
    """All strs in a value: rationals, mechanisms, names."""
    if isinstance(value, list):
        return [word for item in value for word in words(item)]
    return [value] if isinstance(value, str) else []


def form(world):
    """Of every entry: its number, type, size, and its words. The rest are keys, hashes,
    ids, times and numbers of columns."""
    for path in sorted(world.path("l/entries").iterdir()):
        entry = bodies.ENTRY(dmp1.decode(path.read_bytes()))
        payload = bodies.payload(dmp1.decode(entry.payload))
        yield path.name, payload.type, path.stat().st_size, words(dmp1.decode(payload.body))


@row("P2", "neighbouring tables, one plan", "entries equal in number, types, sizes, words")
def _(campaign):
    worlds = []
    for n_rows in 60, 59, 61:
        world = campaign.empty()
        prepare(world, n_rows)
        world.succeeds("ledger", "quickstart", "l", "--data-label", "patients",
                       "--cap-epsilon", "2", "--cap-delta", "1e-9", *STATE)
        world.succeeds(*fit())
        worlds.append(list(form(world)))
    expect(all("1/1" in said for *_, said in worlds[0][4:]), "a measure entry has words")
    for other in worlds[1:]:
        for mine, theirs in zip(worlds[0], other, strict=True):
            expect(mine == theirs, f"{mine} and {theirs}")
    return f"{len(worlds[0])} entries, equal in three worlds"

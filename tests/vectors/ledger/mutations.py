# SPDX-License-Identifier: Apache-2.0
"""Ledgers changed at random, from a seed: damaged ones, and strange ones."""
import os
import random
from typing import Callable, NamedTuple

import dmp1
import ledgers
from craft import approve, comment_for, encode
from errors import Refused
from rules import ledger_id

PEOPLE = {key.kid: key for key in (
    ledgers.AUTHORITY, ledgers.AUTHORITY_2, ledgers.AUTHORITY_3, ledgers.AUTHORITY_4,
    ledgers.AUDITOR, ledgers.CURATOR, ledgers.CURATOR_2)}


class Case(NamedTuple):
    name: str
    entries: list
    checkpoints: list
    cosigned: dict = {}
    format_text: bytes = None
    policy: bytes = None
    pinned: bytes = None
    spoil: Callable = lambda folder: None  # what happens to the files


# ---- damage: one change of a file, or of which files there are ----

def change_byte(rng, files, at):
    data = bytearray(files[at])
    data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    files[at] = bytes(data)


def cut(rng, files, at):
    files[at] = files[at][:rng.randrange(len(files[at]))]


def lengthen(rng, files, at):
    files[at] += bytes([rng.randrange(256)])


def swap(rng, files, at):
    other = rng.randrange(len(files) - 1)
    other += other >= at
    files[at], files[other] = files[other], files[at]


def remove(rng, files, at):
    files[at] = None


def leave_out(rng, files, at):
    del files[at]


def repeat(rng, files, at):
    files.insert(at, files[at])


def cut_off(rng, files, at):
    del files[at:]


MUTATIONS = (change_byte, change_byte, change_byte, cut, lengthen, swap, remove, leave_out,
             repeat, cut_off)


def damaged(good, count, seed):
    """Ledgers with one change each. Some are harmless: a last checkpoint that is gone."""
    rng = random.Random(seed)
    for number in range(count):
        name = rng.choice(sorted(good))
        files = {"entries": list(good[name].entries),
                 "checkpoints": list(good[name].checkpoints)}
        which = rng.choice(sorted(files))
        mutate = rng.choice(MUTATIONS)
        at = rng.randrange(len(files[which]))
        mutate(rng, files[which], at)
        title = f"seed {seed}, damage {number}: {name}, {mutate.__name__} {which} {at}"
        yield Case(title, files["entries"], files["checkpoints"])


# ---- files that are not what a ledger's files are ----

def give_another_name(path):
    os.link(path, path.parents[2] / "elsewhere")


def make_link(path):
    path.rename(path.parents[2] / "elsewhere")
    path.symlink_to(path.parents[2] / "elsewhere")


def make_pipe(path):
    path.unlink()
    os.mkfifo(path, 0o444)


def make_folder(path):
    path.unlink()
    path.mkdir()


def add_stranger(path):
    path.with_name("notes.txt").write_bytes(b"")


SPOILERS = {
    "with another name": give_another_name,
    "that is a link": make_link,
    "that is a pipe": make_pipe,
    "that others may write": lambda path: path.chmod(0o666),
    "that is a folder": make_folder,
    "beside a stranger": add_stranger,
    "above a stranger": lambda path: add_stranger(path.parent),
    "in a folder that others may write": lambda path: path.parent.chmod(0o777),
}


def spoilt(maker):
    """A ledger of which one file is no plain file of its owner."""
    for name, spoil in SPOILERS.items():
        for where in ("entries", "checkpoints"):
            yield Case(f"a file of {where}, {name}", maker.entries, maker.checkpoints,
                       spoil=lambda folder, where=where, spoil=spoil: spoil(
                           folder / where / "000000000002"))


def unfinished(maker):
    """A commit cut short between publishing its entry and clearing tmp/."""
    return Case("an entry still linked in tmp", maker.entries, maker.checkpoints,
                spoil=lambda folder: os.link(folder / "entries" / "000000000004",
                                             folder / "tmp" / "1234"))


# ---- strangeness: an entry that says something else, signed by those who should ----

def other_value(rng, value):
    """Often another value of the same kind, so that more than the form is tried."""
    if isinstance(value, int):
        return rng.choice([0, 1, 2, value + 1, max(value - 1, 0), value + 3600, 1 << 40])
    if isinstance(value, bytes):
        return rng.choice([b"", bytes(len(value)), value[::-1], value + b"\0"])
    if isinstance(value, str) and "/" in value:
        return rng.choice(["0/1", "1/8", "1/4", "1/2", "1/1", "2/1", "3/16", "2/4", "18/1"])
    if isinstance(value, str):
        return rng.choice(["", value + "x", "row", "replace-one", "exponential", "n=7"])
    return []


def mutate_value(rng, value):
    if not isinstance(value, list) or not value or rng.random() < 0.05:
        return other_value(rng, value)
    value, at, draw = list(value), rng.randrange(len(value)), rng.random()
    if draw < 0.8:
        value[at] = mutate_value(rng, value[at])
    elif draw < 0.86:
        del value[at]
    elif draw < 0.92:
        value.insert(at, value[rng.randrange(len(value))])
    else:
        other = rng.randrange(len(value))
        value[at], value[other] = value[other], value[at]
    return value


def approve_again(payload, body):
    """The approvals of an entry, made anew for its body as it now is."""
    kind = body[1]
    lid = payload[1] if kind != "genesis" else ledger_id(payload[8])
    said = comment_for(kind, lid, body)
    payload[9] = [approve(PEOPLE[approval[0]], payload[8], said) for approval in payload[9]]


def strange_entry(rng, maker, seq):
    """Entry `seq` of a ledger with something in its payload or body changed."""
    payload = dmp1.decode(dmp1.decode(maker.entries[seq])[0])
    if rng.random() < 0.25:
        at = rng.randrange(len(payload) - 2)
        payload[at] = mutate_value(rng, payload[at])
    else:
        body = mutate_value(rng, dmp1.decode(payload[8]))
        payload[8] = encode(body)
        if isinstance(body, list) and body[1:2] == ["genesis"]:
            payload[1] = ledger_id(payload[8])
        try:
            approve_again(payload, body)
        except (AttributeError, IndexError, KeyError, TypeError):
            pass  # too strange for a comment: the approvals stay as they were
    kid = payload[7] if isinstance(payload[7], bytes) else None
    return maker.seal(encode(payload), PEOPLE.get(kid, ledgers.CURATOR))


def strange(good, count, seed):
    """Ledgers that end in an entry which says something else than a good one did."""
    rng = random.Random(seed + 1)
    for number in range(count):
        name = rng.choice(sorted(good))
        maker = good[name]
        seq = rng.randrange(len(maker.entries))
        entries = maker.entries[:seq] + [strange_entry(rng, maker, seq)]
        checkpoints = maker.checkpoints[:seq] + covering(maker, entries)[seq:]
        yield Case(f"seed {seed}, strange {number}: {name}, entry {seq}", entries, checkpoints)


def lid_of(genesis, otherwise):
    """What a genesis calls itself, where it can be read at all."""
    try:
        return dmp1.decode(dmp1.decode(genesis)[0])[1]
    except (Refused, IndexError, TypeError):
        return otherwise


def covering(good, entries):
    """Checkpoints for these entries, as the log would have signed them."""
    maker = good.fork(0)
    lid = lid_of(entries[0], maker.lid)
    maker.lid = lid if isinstance(lid, bytes) else maker.lid
    for seq, data in enumerate(entries):
        maker.log = good.logs[min(seq, len(good.logs) - 1)]
        maker.take(data)
    return maker.checkpoints

# SPDX-License-Identifier: Apache-2.0
"""A ledger's directory: the files it may hold, its checkpoints, and how far both reach."""
import os
import re
import stat
from typing import NamedTuple

import note
from errors import Refused, Unsupported, require
from rules import Rules

FORMAT = b"silhouette-ledger 1\n"
FORMAT_SHAPE = re.compile(rb"silhouette-ledger [1-9][0-9]{0,8}\n")
FILE_MAX = 65535
NUMBER = re.compile(r"[0-9]{12}")
NAMES = {"format", "lock", "checkpoint", "entries", "checkpoints", "cosigned", "tmp",
         "quarantine"}
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def inodes(folder):
    """The files of tmp/: a commit that was cut short leaves its file linked there too."""
    if not os.path.isdir(folder):
        return set()
    return {os.lstat(os.path.join(folder, name)).st_ino for name in os.listdir(folder)}


class Folder:
    def __init__(self, path):
        self.path = path
        self._check_folder(path)
        for name in os.listdir(path):
            require(name in NAMES, "E-FILE", f"{path}: {name} does not belong")
        self._unfinished = inodes(os.path.join(path, "tmp"))

    @staticmethod
    def _check_folder(path):
        try:
            info = os.lstat(path)
        except OSError as trouble:
            raise Refused("E-FILE", f"{path}: {trouble.strerror}") from None
        require(stat.S_ISDIR(info.st_mode), "E-FILE", f"{path}: not a directory")
        require(not info.st_mode & WRITABLE_BY_OTHERS, "E-FILE",
                f"{path}: others may write to it")

    def read(self, *names):
        path = os.path.join(self.path, *names)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as trouble:
            raise Refused("E-FILE", f"{path}: {trouble.strerror}") from None
        try:
            info = os.fstat(handle)
            require(stat.S_ISREG(info.st_mode), "E-FILE", f"{path}: not a regular file")
            require(not info.st_mode & WRITABLE_BY_OTHERS, "E-FILE",
                    f"{path}: others may write to it")
            require(info.st_nlink == 1 or info.st_ino in self._unfinished, "E-FILE",
                    f"{path}: has another name somewhere")
            require(info.st_size <= FILE_MAX, "F2", f"{path}: more than {FILE_MAX} bytes")
            with os.fdopen(handle, "rb", closefd=False) as file:
                return file.read(FILE_MAX)
        finally:
            os.close(handle)

    def numbers(self, name, optional=False):
        """The numbers that are file names in a sub-folder, in order."""
        path = os.path.join(self.path, name)
        if optional and not os.path.lexists(path):
            return []
        self._check_folder(path)
        names = os.listdir(path)
        for other in names:
            require(NUMBER.fullmatch(other), "E-FILE", f"{path}: {other} does not belong")
        return sorted(map(int, names))

    def numbered(self, name, number):
        return self.read(name, f"{number:012}")


class Verdict(NamedTuple):
    rules: Rules
    covered: int  # the size of the highest checkpoint
    times: dict  # when each witness of the policy cosigned
    warnings: list


def check_format(folder):
    text = folder.read("format")
    if text != FORMAT and FORMAT_SHAPE.fullmatch(text):
        raise Unsupported(f"format {text[18:-1].decode()} is not known to this verifier")
    require(text == FORMAT, "F1", "format: not that of a ledger")


def read_entries(folder, lid):
    numbers = folder.numbers("entries")
    rules = Rules()
    for seq, number in enumerate(numbers):
        require(number == seq, "F3", f"entry {seq} is missing")
        rules.apply(folder.numbered("entries", seq))
        if seq == 0:
            require(lid is None or rules.lid == lid, "F6", "not the expected ledger")
    require(numbers, "F3", "a ledger without a genesis")
    return rules


def log_keys(rules, size):
    keys = rules.log_keys[size].values()
    return [note.NoteKey(rules.origin, note.LOG, public) for public in keys]


def signed_checkpoint(rules, signed, size, check):
    """The checkpoint of a note that a log key signed which was live at that size."""
    checkpoint = note.parse_checkpoint(signed.text)
    require(checkpoint.origin == rules.origin, check, "checkpoint of another ledger")
    require(checkpoint.size == size, check, f"checkpoint of size {checkpoint.size}")
    require(note.verify_note(signed, log_keys(rules, size)), check,
            "checkpoint without a signature of the log")
    return checkpoint


def check_checkpoint(rules, data, size):
    """A file of checkpoints/: one signature, one spelling."""
    try:
        signed = note.parse_note(data)
        checkpoint = signed_checkpoint(rules, signed, size, "E-ROLLBACK")
    except Refused as trouble:
        raise Refused("E-ROLLBACK", f"checkpoint {size}: {trouble.reason}") from None
    require(len(signed.signatures) == 1, "E-ROLLBACK",
            f"checkpoint {size}: more than the log's signature")
    require(checkpoint.root == rules.tree.roots[size], "E-FORK",
            f"checkpoint {size} covers other entries than these")


def check_checkpoints(folder, rules):
    """The size of the highest checkpoint; all below it must be there."""
    sizes = folder.numbers("checkpoints")
    covered = len(sizes)
    require(sizes == list(range(1, covered + 1)), "E-ROLLBACK", "a checkpoint is missing")
    require(covered <= rules.size, "E-LOST", f"checkpoint {covered} covers entries that "
            "are gone")
    require(rules.size <= covered + 1, "E-ROLLBACK", "entries without checkpoints")
    for size in sizes:
        check_checkpoint(rules, folder.numbered("checkpoints", size), size)
    return covered


def cosigned_note(folder, rules, covered, size):
    """A file of cosigned/: the bytes of that checkpoint and more signature lines."""
    data = folder.numbered("cosigned", size)
    signed = note.parse_note(data)
    checkpoint = note.parse_checkpoint(signed.text)
    require(checkpoint.origin == rules.origin and checkpoint.size == size, "W1",
            f"cosigned {size} is another checkpoint")
    require(size <= covered, "E-ROLLBACK", f"cosigned {size} without a checkpoint")
    require(checkpoint.root == rules.tree.roots[size], "E-FORK",
            f"cosigned {size} covers other entries than these")
    require(data.startswith(folder.numbered("checkpoints", size)), "W1",
            f"cosigned {size} is not the checkpoint and more signatures")
    return signed


def check_cosigned(folder, rules, covered, policy):
    """Without a policy nobody can say what a cosignature is worth. With one, the newest
    cosigned checkpoint must be witnessed as it asks. ({witness key: time}, warnings)."""
    if policy is None:
        return {}, ["unwitnessed, for all that can be said without a policy"]
    sizes = folder.numbers("cosigned", optional=True)
    notes = [cosigned_note(folder, rules, covered, size) for size in sizes]
    require(covered > 0, "W1", "nothing that could be witnessed")
    if not notes:
        notes.append(note.parse_note(folder.numbered("checkpoints", covered)))
    times = policy.check(notes[-1])
    warnings = [] if times else ["unwitnessed"]
    if times and sizes[-1] < covered:
        warnings.append(f"witnessed up to {sizes[-1]} entries only")
    return times, warnings + list(order_warnings(policy, notes))


def order_warnings(policy, notes):
    """A witness that saw the larger tree at the earlier time."""
    last = {}
    for signed in notes:
        for key, time in note.verify_note(signed, policy.witnesses.values()).items():
            if time < last.get(key, 0):
                yield f"W3 {key.name} cosigned a larger tree at an earlier time"
            last[key] = time


def check_pinned(rules, covered, data):
    """The ledger must extend the checkpoint that somebody kept."""
    signed = note.parse_note(data)
    pinned = note.parse_checkpoint(signed.text)
    require(pinned.origin == rules.origin, "W2", "the kept checkpoint is of another ledger")
    require(pinned.size <= covered, "E-ROLLBACK",
            "the ledger is shorter than the kept checkpoint")
    signed_checkpoint(rules, signed, pinned.size, "W2")
    require(pinned.root == rules.tree.roots[pinned.size], "E-FORK",
            "the ledger does not continue the kept checkpoint")


def verify_directory(path, pinned=None, lid=None, policy=None):
    """Everything that can be said of a ledger from its files, and a checkpoint and a
    policy that somebody kept elsewhere."""
    folder = Folder(path)
    check_format(folder)
    rules = read_entries(folder, lid)
    covered = check_checkpoints(folder, rules)
    if pinned is not None:
        check_pinned(rules, covered, pinned)
    times, warnings = check_cosigned(folder, rules, covered, policy)
    if rules.size > covered:
        warnings.append("one entry not yet covered by a checkpoint")
    return Verdict(rules, covered, times, [*rules.warnings(), *warnings])

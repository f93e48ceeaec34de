# SPDX-License-Identifier: Apache-2.0
"""T1 to T20, A1, and file systems: what somebody may do to a ledger, its keys, its place."""
import json
import os
import pathlib
import re
import shutil
import tempfile

from campaign import (BAD_INPUT, REFUSED, STATE, TESTS, UNSUPPORTED, USAGE, Skip, Strace,
                      World, expect, fit)
from table import cited, row

import compare_with
import ledgers
import make_vectors

UNIT = "unit/ledger/"
CRYPTO = "unit/crypto/"
VERIFY = ("ledger", "verify", "l")
ELSEWHERE = ("--state", "elsewhere")


def refused(world, code, says, *arguments):
    done = world.run(*arguments)
    expect(done.code == code, f"exit {code} was expected\n{done}")
    for text in says:
        expect(text in done.err, f"{text!r} is not said\n{done}")
    return done


# ---------------------------------------------------------------- set back, forked

def without_last(world, *folders):
    for folder in folders:
        max(world.path(f"l/{folder}").iterdir()).unlink()
    return world


@row("T1", "the last entry is removed; it and its checkpoint are",
     "E-LOST; E-ROLLBACK, by the watermark or a kept checkpoint")
def _(campaign):
    base = campaign.used()
    world = without_last(campaign.again(base), "entries")
    refused(world, REFUSED, ["E-LOST"], *VERIFY, *STATE)
    refused(world, REFUSED, ["E-LOST"], *fit())
    world = campaign.again(base)
    shutil.copy(world.path("l/checkpoint"), world.path("kept"))
    without_last(world, "entries", "checkpoints")
    refused(world, REFUSED, ["E-ROLLBACK"], *VERIFY, *STATE)
    refused(world, REFUSED, ["E-ROLLBACK"], *fit())
    refused(world, REFUSED, ["E-ROLLBACK"], *VERIFY, *ELSEWHERE, "--pinned", "kept")
    return "exit 1: E-LOST; E-ROLLBACK by watermark; E-ROLLBACK by --pinned"


@row("T2", "the whole folder is restored from a backup",
     "as T1; without state and witness nobody can tell, and the guide says so")
def _(campaign):
    world = campaign.again(campaign.used())
    shutil.copytree(world.path("l"), world.path("backup"))
    world.succeeds(*fit(out="after.model"))
    shutil.rmtree(world.path("l"))
    world.path("backup").rename(world.path("l"))
    refused(world, REFUSED, ["E-ROLLBACK"], *fit(out="again.model"))
    world.succeeds(*VERIFY, *ELSEWHERE)
    guide = (TESTS.parent / "docs" / "ledger.md").read_text()
    expect("cannot show that it was not set back" in re.sub(r"\s+", " ", guide),
           "docs/ledger.md says it")
    return "E-ROLLBACK by the state; accepted by a machine without; the guide says it"


@row("T3", "one byte of an entry is changed", "refused, naming the entry")
def _(campaign):
    world = campaign.again(campaign.used())
    path = world.path("l/entries/000000000003")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o444)
    refused(world, REFUSED, ["entry 3"], *VERIFY, *STATE)
    return "exit 1, entry 3"


cited("T3", "every byte of five entries and five checkpoints", "refused",
      "stress/ledger/test_byte_flips.c::Every byte of every entry")


def forked(campaign):
    """Two worlds whose ledgers, equally long, go on from the same start differently."""
    one = campaign.again(campaign.used())
    other = World(one.program, pathlib.Path(f"{one.folder}.other"))
    shutil.rmtree(other.folder, ignore_errors=True)
    shutil.copytree(one.folder, other.folder)
    for world in one, other:
        world.succeeds(*fit(out="branch.model"))
    return one, other


@row("T4", "two histories signed by one log", "E-FORK for who has both; witness: 422")
def _(campaign):
    one, other = forked(campaign)
    shutil.copy(other.path("l/checkpoint"), one.path("kept"))
    refused(one, REFUSED, ["E-FORK"], *VERIFY, *STATE, "--pinned", "kept")
    refused(other, REFUSED, ["E-FORK"], *VERIFY, "--state", str(one.path("state")))
    answer = json.loads(one.succeeds(*VERIFY, "--json", *STATE).out)
    one.succeeds("key", "new", "--role", "witness", "--name", "w.example",
                 "--unencrypted", "--out", "w.key")
    one.write("logs", f"log {answer['log_key']}\nquorum none\n")
    cosign = ("ledger", "cosign", "--request", "request", "--key", "w.key", "--name",
              "w.example", "--policy", "logs", "--state", "mine")
    one.succeeds("ledger", "cosign", "l", "--old", "0", "--out", "request", *STATE)
    one.succeeds(*cosign, "--out", "line")
    other.succeeds("ledger", "cosign", "l", "--old", str(answer["entries"]), "--out",
                   str(one.path("request-of-other")), *STATE)
    one.path("request-of-other").rename(one.path("request"))
    refused(one, REFUSED, ["422"], *cosign, "--out", "second")
    return "exit 1: E-FORK by --pinned and by the watermark; the witness says 422"


# ---------------------------------------------------------------- the test vectors

class Vectors:
    def __init__(self, program):
        index = json.loads(compare_with.load(make_vectors.INDEX))
        self.program, self.good = program, ledgers.good_ledgers()
        self.by_name = {vector["name"]: vector for vector in index
                        if vector["kind"] == "ledger"}

    def verdict(self, name):
        """(the id, or the exit code, with which the program refuses it; expected)"""
        vector = self.by_name[name]
        case = compare_with.vector_case(vector, self.good)
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            compare_with.lay_out(scratch / "ledger", case.entries, case.checkpoints,
                                 case.cosigned, case.format_text)
            kind, check, said = compare_with.program_verdict(
                self.program, scratch / "ledger", case, scratch)
        expect(kind == vector["expected"], f"{name}: {kind}: {said}")
        return check, vector.get("id", "unsupported")


def by_vectors(number, fault, expected, *names):
    """Ledgers of the published vectors, well signed but for the fault, shown to the
    program's verifier."""
    @row(number, fault, expected)
    def _(campaign):
        if "vectors" not in campaign.bases:
            campaign.bases["vectors"] = Vectors(campaign.program)
        found = []
        for name in names:
            check, meant = campaign.bases["vectors"].verdict(name)
            expect(check == meant or meant == "unsupported", f"{name}: {check}, not {meant}")
            found.append(check or "unsupported")
        return ", ".join(f"{name}: {check}" for name, check in zip(names, found))


by_vectors("T5", "entries reordered, doubled, left out, from another ledger", "F4, F5, F6",
           "swapped", "duplicate", "dropped", "spliced", "prev-root")
by_vectors("T6", "a grant's approval used again, here and in another ledger", "B6; F6",
           "replay-grant", "replay-other-ledger")
by_vectors("T7", "approvals stripped; too few; one key twice", "K1; K2; K4",
           "approvals-stripped", "one-of-two", "twice-one", "key-twice")
by_vectors("T8", "a grant by the curator alone", "K2", "approver-curator")
by_vectors("T9", "rho 1/8 with sigma^2 2", "B3", "measure-rho-of-half-noise")
by_vectors("T10", "second forms of numbers and texts", "F1, F2",
           "rational-not-lowest", "rational-leading-zero", "rational-over-zero",
           "rational-161-digits", "uint16-short", "str8-short")
cited("T10", "a rational of a million digits", "refused unread", UNIT +
      "test_body_refusals.c::body_refusal::a_rational_of_a_million_digits_is_not_looked_at")
by_vectors("T11", "four billion elements in five bytes; 200 arrays in one another", "F2",
           "array-4278190080", "bin-4294967295", "depth-200")
cited("T11", "the same", "refused without an allocation",
      UNIT + "test_entry.c::profile::bombs_are_refused_for_their_size")
by_vectors("T12", "the comment says another rho than the body", "R4", "comment-other-rho")
by_vectors("T13", "ESC, LF, UTF-8 in names", "F1", "purpose-escape", "purpose-newline",
           "purpose-utf8", "key-name-escape")
by_vectors("T16", "a revoked key signs, approves, has released", "K5 by number",
           "signer-revoked", "approver-revoked", "release-after-theft")
by_vectors("T16", "a time before the last entry's", "F7", "time-back")
by_vectors("S", "downgrade: versions and types of later programs", "unsupported",
           "payload-version-2", "body-schema-2", "type-11")


@row("T13", "ESC in a label, a reason, a note", "refused; nothing of it printed")
def _(campaign):
    steering = "a\x1b[31mb"
    world = campaign.again(campaign.used())
    for arguments in (("ledger", "quickstart", "n", "--data-label", steering,
                       "--cap-epsilon", "1", "--cap-delta", "1e-9", *STATE),
                      ("ledger", "close", "l", "--reason", steering, *STATE),
                      ("ledger", "data", "l", "--add", "schema.json", "--note", steering,
                       *STATE)):
        done = world.run(*arguments)
        expect(done.code in (USAGE, BAD_INPUT, UNSUPPORTED), f"{done}")
        expect("\x1b" not in done.err + done.out, f"printed as it is: {done.err!r}")
    return "refused three times, no ESC in the messages"


# ---------------------------------------------------------------- unsafe files

def spoil(path, kind, outside):
    if kind == "hard link":
        os.link(path, outside)
    elif kind == "mode 0666":
        path.chmod(0o666)
    else:
        mode = path.stat().st_mode & 0o777
        path.rename(outside)
        if kind == "symlink":
            path.symlink_to(outside)
        else:
            os.mkfifo(path, mode)


@row("T14", "lock, entry, checkpoint: a symlink, a FIFO, a hard link, 0666",
     "refused, naming the file")
def _(campaign):
    n = 0
    for name in "lock", "entries/000000000002", "checkpoints/000000000002":
        for kind in "symlink", "FIFO", "hard link", "mode 0666":
            world = campaign.again(campaign.used())
            spoil(world.path(f"l/{name}"), kind, world.path("outside"))
            # A reader takes no lock and does not look at it: it may have a copy.
            for arguments in ((*VERIFY, *STATE), fit()) if name != "lock" else (fit(),):
                refused(world, BAD_INPUT, [name], *arguments)
                n += 1
    return f"exit 65 {n} times, with the name"


@row("T15", "a key file that others may read, or that is another's", "refused")
def _(campaign):
    world = campaign.again(campaign.used())
    key = world.path("l.keys/curator.key")
    key.chmod(0o644)
    refused(world, BAD_INPUT, ["curator.key"], *fit())
    if os.geteuid() != 0:
        return "exit 65 for mode 0644 (not root: no key of another's)"
    key.chmod(0o600)
    os.chown(key, 65534, 65534)
    refused(world, BAD_INPUT, ["curator.key"], *fit())
    return "exit 65 for mode 0644 and for another owner"


cited("T18", "minisign files that are legacy, of five lines, with CR LF", "refused",
      CRYPTO + "test_minisign.c::minisig::of_the_legacy_kind_is_refused",
      CRYPTO + "test_minisign.c::minisig::that_is_not_exactly_four_good_lines_is_refused")
cited("T19", "a proof for another index, with a hash too many, of nothing", "refused",
      UNIT + "test_merkle.c::merkle::inclusion_is_proved_for_its_leaf_and_index_only",
      UNIT + "test_merkle.c::merkle::an_empty_tree_has_one_root")
cited("T20", "one witness key under two names; a log's key; a time to come",
      "refused; not heard; not counted",
      UNIT + "test_policy.c::policy::one_key_under_two_names_would_count_twice",
      UNIT + "test_policy.c::policy::a_cosignature_from_the_future_counts_for_nothing",
      CRYPTO + "test_note.c::note::does_not_take_one_kind_of_signature_for_another")
cited("A1", "100,000 debits of 1/3 and dust of 1/10^30", "exact; one dust more refused",
      UNIT + "test_chain_budget.c::chain_budget::a_third_and_dust_add_up_exactly",
      UNIT + "test_chain_budget.c::chain_budget::dust_counts")
cited("S", "a copied machine draws the same noise", "no token without a witness, if asked",
      UNIT + "test_ledger.c::ledger::gives_no_token_where_a_witness_must_come_first")
cited("S", "the curator's key is stolen", "what it spent stays spent",
      UNIT + "test_chain_keys.c::chain_lost_keys::what_a_revoked_curator_reserved_stays_spent")
cited("S", "restarted and killed again and again, to spend twice", "each run pays",
      "stress/ledger/test_kills.py::killed at any time")


# ---------------------------------------------------------------- file systems

# statfs's f_type, in the eight bytes at its beginning.
REMOTE = {"NFS": 0x6969, "SMB": 0x517B, "SMB2": 0xFE534D42, "CIFS": 0xFF534D42,
          "FUSE": 0x65735546, "9p": 0x01021997}
VOLATILE = {"tmpfs": 0x01021994, "overlay": 0x794C7630}


def on(campaign, magic):
    """What commands say that are told by fstatfs of another file system. fit reads keys:
    root alone may then change what it is told."""
    value = magic.to_bytes(8, "little").hex()
    for arguments in ((*VERIFY, *STATE), fit()) if os.geteuid() == 0 else ((*VERIFY, *STATE),):
        world = campaign.again(campaign.used())
        code, said, _ = Strace.run(world, arguments, "-e", "trace=fstatfs", "-e",
                                   f"inject=fstatfs:poke_exit=@arg2={value}")
        if "strace: invalid" in said:
            raise Skip("this strace cannot change what a call returns")
        yield world, code, said


@row("FS", "NFS, SMB, CIFS, FUSE, 9p", "refused by who reads and who writes")
def _(campaign):
    Strace.need()
    for name, magic in REMOTE.items():
        for world, code, said in on(campaign, magic):
            expect(code == BAD_INPUT and "local disk" in said, f"{name}: {code}: {said}")
            expect(world.accepted().size == campaign.used().facts().size, "unchanged")
    return f"exit 65 on {len(REMOTE)} kinds, `use a local disk'"


@row("FS", "tmpfs, overlay", "a warning")
def _(campaign):
    Strace.need()
    for name, magic in VOLATILE.items():
        for _world, code, said in on(campaign, magic):
            expect(code == 0 and "may forget" in said, f"{name}: {code}: {said}")
    return "exit 0, `may forget what was made durable'"


cited("FS", "the same, by the table of operations", "refused; warned",
      UNIT + "test_store.c::store::is_refused_on_a_network_file_system")

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The second verifier against the test vectors, and the vectors against their generator.

usage: test_vectors.py

The last line counts the cases; exit code 0 when none failed."""
import json
import pathlib
import sys
import tempfile

import bad_entries
import ed25519
import ledgers
import make_vectors
import merkle
import minisign
import note
from craft import lay_out
from directory import verify_directory
from errors import Refused, Unsupported
from mutations import spoilt, unfinished
from rules import verify_entries

DATA = make_vectors.DATA


def load(name):
    return None if name is None else (DATA / name).read_bytes()


def run_ledger(vector):
    entries = [load(name) for name in vector["entries"]]
    if "checkpoints" not in vector:
        return verify_entries(entries)
    cosigned = {size: load(name) for size, name in vector.get("cosigned", {}).items()}
    policy = vector.get("policy") and note.Policy(load(vector["policy"]))
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "ledger"
        lay_out(folder, entries, [load(name) for name in vector["checkpoints"]], cosigned,
                load(vector.get("format")))
        return verify_directory(folder, load(vector.get("pinned")), None, policy).rules


def check_ledger(vector):
    rules = run_ledger(vector)
    if "lid" in vector:
        assert rules.lid.hex() == vector["lid"] and rules.origin == vector["origin"]
        assert [root.hex() for root in rules.tree.roots] == vector["roots"]


def check_minisign(vector):
    minisign.verify_file(load(vector["file"]), load(vector["signature"]), load(vector["pub"]),
                         vector.get("comment"))


def check_proof(vector):
    note.verify_proof(load(vector["proof"]), load(vector["leaf"]),
                      note.Policy(load(vector["policy"])))


def check_policy(vector):
    times = note.Policy(load(vector["policy"])).check(note.parse_note(load(vector["note"])))
    if "now" in vector:
        assert note.future_witnesses(times, vector["now"]) == vector["warns"]


def check_merkle(vector):
    leaves = [merkle.leaf_hash(bytes.fromhex(data)) for data in vector["leaves"]]
    roots = [bytes.fromhex(root) for root in vector["roots"]]
    tree = merkle.Tree()
    for data in vector["leaves"]:
        tree.append(bytes.fromhex(data))
    assert tree.roots == roots
    for index, size, proof in vector["inclusion"]:
        path = [bytes.fromhex(node) for node in proof]
        assert merkle.root_from_inclusion(leaves[index], index, size, path) == roots[size]
    for old, new, proof in vector["consistency"]:
        path = [bytes.fromhex(node) for node in proof]
        assert merkle.is_consistent(old, roots[old], new, roots[new], path)
        assert not merkle.is_consistent(old, roots[new], new, roots[new], path)


CHECKS = {"ledger": check_ledger, "minisign": check_minisign, "proof": check_proof,
          "policy": check_policy, "merkle": check_merkle}


def verdict(vector):
    """(expected, id, entry) as the verifier sees it."""
    try:
        CHECKS[vector["kind"]](vector)
    except Refused as trouble:
        return "refuse", trouble.check, trouble.entry
    except Unsupported as trouble:
        return "unsupported", None, trouble.entry
    return "accept", None, None


def vector_cases():
    """Each vector must get the verdict that the index gives it."""
    for vector in json.loads(load(make_vectors.INDEX)):
        found = verdict(vector)
        wanted = (vector["expected"], vector.get("id"),
                  vector.get("entry", found[2] if vector["kind"] != "ledger" else None))
        yield f"vector {vector['name']}", found == wanted, f"{found}, expected {wanted}"


def generator_case():
    found = make_vectors.differences(make_vectors.make())
    yield "the generator makes the same bytes", not found, ", ".join(found)


RFC8032 = (  # seed, public key, message, signature: section 7.1, tests 1 to 3
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
     "1cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
     "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
     "984dc6594a7c15e9716ed28dc027beceea1ec40a"),
)


def signature_cases():
    for at, (seed, public, message, signature) in enumerate(RFC8032, 1):
        seed, public, message, signature = map(bytes.fromhex,
                                               (seed, public, message, signature))
        good = (ed25519.public_key(seed), ed25519.sign(seed, message)) == (public, signature)
        yield f"Ed25519 test {at} is reproduced", good, ""
        yield f"Ed25519 test {at} verifies", ed25519.verify(public, signature, message), ""
        wrong = signature[:40] + bytes([signature[40] ^ 4]) + signature[41:]
        yield f"Ed25519 test {at}, a bit changed", not ed25519.verify(
            public, wrong, message), ""
    identity = b"\x01" + bytes(31)
    yield "a key of small order signs nothing", not ed25519.verify(
        identity, identity + bytes(32), b"anything"), ""


def tree_cases():
    """Every inclusion and consistency proof up to 16 leaves; every wrong place refused."""
    leaves = [merkle.leaf_hash(bytes([at])) for at in range(16)]
    roots = [merkle.root_of(leaves[:size]) for size in range(17)]
    good = wrong = True
    for size in range(1, 17):
        for index in range(size):
            path = merkle.inclusion_proof(index, leaves[:size])
            for claimed in range(size):
                found = merkle.root_from_inclusion(leaves[index], claimed, size, path)
                if claimed == index:
                    good = good and found == roots[size]
                else:
                    wrong = wrong and found != roots[size]
        for old in range(1, size + 1):
            path = merkle.consistency_proof(old, leaves[:size])
            good = good and merkle.is_consistent(old, roots[old], size, roots[size], path)
    yield "tree proofs lead to the root", good, ""
    yield "tree proofs fit one index only", wrong, ""


def size_cases():
    five = ledgers.five()
    bench = bad_entries.Bench({"five": five})
    longest = bad_entries.measure_of(bench.at("five", 3), 65535)
    try:
        verify_entries(five.entries[:3] + [longest])
        found = ""
    except Refused as trouble:
        found = str(trouble)
    yield "an entry of 65535 bytes is accepted", len(longest) == 65535 and not found, found


def file_cases():
    """Files that are not what a ledger's files are; and one of a commit cut short."""
    five = ledgers.five()
    for case in spoilt(five):
        found = file_verdict(case)
        yield case.name, found == "E-FILE", found
    found = file_verdict(unfinished(five))
    yield "an entry still linked in tmp", found is None, found


def file_verdict(case):
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "ledger"
        lay_out(folder, case.entries, case.checkpoints)
        case.spoil(folder)
        try:
            verify_directory(folder)
        except Refused as trouble:
            return trouble.check
    return None


def order_case():
    """A witness that cosigned the larger tree earlier."""
    five = ledgers.five()
    cosigned = {"4": ledgers.cosigned(five.checkpoints[3], ledgers.WITNESSED + 1),
                "5": ledgers.cosigned(five.checkpoints[4])}
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "ledger"
        lay_out(folder, five.entries, five.checkpoints, cosigned)
        policy = note.Policy(ledgers.one_witness(five))
        found = verify_directory(folder, policy=policy).warnings
    yield "cosignatures in the wrong order are told", [text[:2] for text in found] == ["W3"], (
        found)


def main():
    passed = failed = 0
    for cases in (signature_cases, tree_cases, size_cases, file_cases, order_case,
                  generator_case, vector_cases):
        for name, good, found in cases():
            passed, failed = passed + bool(good), failed + (not good)
            if not good:
                print(f"FAILED {name}: {found}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

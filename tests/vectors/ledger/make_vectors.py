#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes data/: the ledger's test vectors, byte for byte the same each time.

usage: make_vectors.py [--check]

--check compares with what is there instead of writing. data/vectors.json says of each
vector which files it is made of and what a verifier must say."""
import json
import pathlib
import sys

import merkle
from bad_entries import UNSUPPORTED, bad_ledgers
from bad_files import (Files, artifact_vectors, directories, minisign_vectors, policy_vectors,
                       proof_vectors)
from craft import minisign_file
from ledgers import AUTHORITY, cosigned, good_ledgers, log_key

DATA = pathlib.Path(__file__).resolve().parent / "data"
RFC6962_LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f")]
INDEX = "vectors.json"


def ledger_files(files, name, maker):
    entries = [files.put(f"{name}/E{seq}.bin", data) for seq, data in enumerate(maker.entries)]
    checkpoints = [files.put(f"{name}/C{size}.note", data)
                   for size, data in enumerate(maker.checkpoints, 1)]
    files.vector(name, "ledger", lid=maker.lid.hex(), origin=maker.origin, entries=entries,
                 checkpoints=checkpoints, roots=[root.hex() for root in maker.tree.roots])
    return entries


def five_files(files, five):
    files.put("five/cp5.note", cosigned(five.checkpoints[4]))
    files.put("five/log.vkey", log_key(five).encode())
    body = files.put("five/grant.body", five.bodies[1])
    comment = ("silhouette/v1 grant "
               f"ledger={five.lid.hex()} id={'b0' * 16} rho=1/2 delta=0/1")
    signature = files.put("five/grant.body.minisig",
                          minisign_file(AUTHORITY, five.bodies[1], comment, "approval"))
    pub = files.put("five/authority.pub", AUTHORITY.public_file())
    files.vector("approval", "minisign", file=body, signature=signature, pub=pub,
                 comment=comment)


def bad_ledger_files(files, good):
    for bad in bad_ledgers(good):
        tail = [files.put(f"bad/{bad.name}{'' if at == 0 else f'-{at}'}.bin", data)
                for at, data in enumerate(bad.tail)]
        entries = [f"{bad.ledger}/E{seq}.bin" for seq in range(bad.prefix)] + tail
        if bad.check == UNSUPPORTED:
            files.vector(bad.name, "ledger", UNSUPPORTED, entry=bad.entry, rule=bad.rule,
                         base=bad.ledger, entries=entries)
        else:
            files.vector(bad.name, "ledger", "refuse", bad.check, bad.entry, bad.rule,
                         base=bad.ledger, entries=entries)


def merkle_vector(files):
    """Roots and proofs of the eight leaves that implementations of RFC 6962 share."""
    leaves = [merkle.leaf_hash(data) for data in RFC6962_LEAVES]
    texts = [[merkle.root_of(leaves[:size]).hex() for size in range(9)]]
    for index, size in ((0, 1), (5, 8), (6, 7)):
        proof = merkle.inclusion_proof(index, leaves[:size])
        texts.append([index, size, [node.hex() for node in proof]])
    consistency = []
    for old, new in ((1, 8), (6, 8), (4, 8), (3, 7)):
        proof = merkle.consistency_proof(old, leaves[:new])
        consistency.append([old, new, [node.hex() for node in proof]])
    files.vector("merkle", "merkle", leaves=[data.hex() for data in RFC6962_LEAVES],
                 roots=texts[0], inclusion=texts[1:], consistency=consistency)


def make():
    """{path: bytes} of everything in data/."""
    files = Files()
    good = good_ledgers()
    five = good["five"]
    for name, maker in good.items():
        ledger_files(files, name, maker)
    five_files(files, five)
    merkle_vector(files)
    minisign_vectors(files)
    artifact_vectors(files, five)
    proof_vectors(files, five)
    policy_vectors(files, five)
    directories(files, five)
    bad_ledger_files(files, good)
    return {**files.data, INDEX: index_text(files.vectors)}


def index_text(vectors):
    """One vector a line, so that a change shows as a line."""
    lines = ",\n".join(json.dumps(vector) for vector in vectors)
    return f"[\n{lines}\n]\n".encode()


def differences(made):
    there = {str(path.relative_to(DATA)): path.read_bytes()
             for path in DATA.rglob("*") if path.is_file()}
    return sorted(name for name in made.keys() | there.keys()
                  if made.get(name) != there.get(name))


def write(made):
    for name in differences(made):
        if name not in made:
            (DATA / name).unlink()
            continue
        (DATA / name).parent.mkdir(parents=True, exist_ok=True)
        (DATA / name).write_bytes(made[name])


def main():
    made = make()
    if sys.argv[1:] == ["--check"]:
        found = differences(made)
        for name in found:
            print(f"{name}: not what the generator makes")
        return 1 if found else 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 64
    write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())

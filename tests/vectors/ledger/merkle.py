# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962, section 2.1: roots as it grows, proofs, their verifiers."""
import hashlib


def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = hashlib.sha256(b"").digest()


def split(count):
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def root_of(leaves):
    """The root over leaf hashes, by the definition."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


class Tree:
    """Keeps the root of each size it has had: roots[n] covers the first n entries."""

    def __init__(self):
        self.leaves = []
        self.roots = [EMPTY_ROOT]
        self._peaks = []  # (leaves, hash) of the perfect trees, largest first

    def append(self, data):
        self.leaves.append(leaf_hash(data))
        count, top = 1, self.leaves[-1]
        while self._peaks and self._peaks[-1][0] == count:
            count, top = 2 * count, node_hash(self._peaks.pop()[1], top)
        self._peaks.append((count, top))
        root = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        self.roots.append(root)


def inclusion_proof(index, leaves):
    if len(leaves) <= 1:
        return []
    k = split(len(leaves))
    if index < k:
        return inclusion_proof(index, leaves[:k]) + [root_of(leaves[k:])]
    return inclusion_proof(index - k, leaves[k:]) + [root_of(leaves[:k])]


def consistency_proof(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = split(len(leaves))
    if old <= k:
        return consistency_proof(old, leaves[:k], whole) + [root_of(leaves[k:])]
    return consistency_proof(old - k, leaves[k:], False) + [root_of(leaves[:k])]


def root_from_inclusion(leaf, index, size, proof):
    """The root that the proof leads to, or None when it has the wrong length (RFC 9162,
    section 2.1.3.2)."""
    if index >= size:
        return None
    node, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(old, old_root, new, new_root, proof):
    """Whether the tree of size `new` extends that of size `old` (RFC 9162, section
    2.1.4.2)."""
    if old > new or (old in (0, new)) != (not proof):
        return False
    if old == new:
        return old_root == new_root
    if old == 0:
        return old_root == EMPTY_ROOT
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root

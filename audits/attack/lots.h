// SPDX-License-Identifier: Apache-2.0
/// Random choices of an attack: which rows, which predicates, which order. They are
/// repeatable from a seed, and no secret depends on them.
#ifndef AUDIT_ATTACK_LOTS_H
#define AUDIT_ATTACK_LOTS_H

#include <stddef.h>
#include <stdint.h>

struct aud_lots {
    uint64_t state;
};

/// A stream of its own for each use, so that one attack does not depend on another.
static inline struct aud_lots aud_lots(uint64_t seed, uint64_t use)
{
    return (struct aud_lots){seed * 0x9e3779b97f4a7c15U ^
                             (use + 1) * 0xd1342543de82ef95U};
}

/// 64 bits. Source   Steele, Lea, Flood 2014, "Fast Splittable Pseudorandom Number
/// Generators" (SplitMix).
static inline uint64_t aud_lots_bits(struct aud_lots *lots)
{
    uint64_t z = lots->state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/// Uniform on 0 .. n - 1, 0 < n < 2^32, but for a bias below 2^-32.
static inline uint32_t aud_lots_below(struct aud_lots *lots, size_t n)
{
    return (uint32_t)((aud_lots_bits(lots) >> 32) * n >> 32);
}

/// Put the list into an order that is uniform among all.
static inline void aud_lots_shuffle(struct aud_lots *lots, uint32_t *list, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = aud_lots_below(lots, i);
        uint32_t swap = list[i - 1];
        list[i - 1] = list[k];
        list[k] = swap;
    }
}

#endif

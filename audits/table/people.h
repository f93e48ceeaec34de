// SPDX-License-Identifier: Apache-2.0
/// Which rows of a person count, by docs/model-format.md and src/table/people.h, a second
/// time: by sorting.
#ifndef AUDIT_TABLE_PEOPLE_H
#define AUDIT_TABLE_PEOPLE_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whose privacy a run protects.
struct aud_whose {
    const char *id_column; ///< NULL: each row on its own, and nothing below is set
    uint64_t most;         ///< rows of a person that count
    bool drops_missing;    ///< rows without an id are none; else each is its own person
    uint8_t salt[16];
};

struct aud_table;

/// Who every row of a table belongs to. `{0}` is nobody.
struct aud_people {
    struct sil_bytes ids; ///< one after the other

    struct aud_owner {
        size_t at; ///< of the id
        size_t length;
        size_t row;
    } * owner; ///< of rows that have an id

    size_t n;
    size_t room;
};

/// Note whose a row is. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_people_note(struct aud_people *people, const char *id,
                                        size_t length, size_t row,
                                        struct sil_error *err);
void aud_people_clear(struct aud_people *people);

/// Which rows do not count: `is_left_out[row]` becomes true for them, and stays for others.
/// Pre  open fields are not settled: their texts are told apart by themselves.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_people_choose(bool *is_left_out, struct aud_people *people,
                                          const struct aud_whose *whose,
                                          const struct aud_table *table,
                                          struct sil_error *err);

#endif

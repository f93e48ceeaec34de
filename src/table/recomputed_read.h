// SPDX-License-Identifier: Apache-2.0
/// Reading the rules that recompute columns: what its parts share.
#ifndef SIL_TABLE_RECOMPUTED_READ_H
#define SIL_TABLE_RECOMPUTED_READ_H

#include "table/field.h"
#include "table/recomputed.h"

struct sil_recomputed_reader {
    struct sil_recomputed *all;
    const struct sil_schema *schema;
    struct sil_problems *problems;
    struct sil_error *err;
    const json_t *json; ///< what stands under the name of the rule
    char place[64];
    struct sil_recomputed *out; ///< NULL: the column cannot be told
    const struct sil_field *from;
    const struct sil_field *to;
};

/// Note a problem of the rule at hand. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status __attribute__((format(printf, 3, 4)))
sil_recomputed_blame(struct sil_recomputed_reader *r, const char *property,
                     const char *format, ...);

/// The measured column of a name; UINT32_MAX with a problem noted. Errors  as above.
SIL_MUST_USE sil_status sil_recomputed_find(uint32_t *attr,
                                            struct sil_recomputed_reader *r,
                                            const char *property, const char *name,
                                            size_t length);

/// Read `determines`, and `derive`. Errors  as above.
SIL_MUST_USE sil_status sil_recomputed_read_map(struct sil_recomputed_reader *r);
SIL_MUST_USE sil_status sil_recomputed_read_sum(struct sil_recomputed_reader *r);

#endif

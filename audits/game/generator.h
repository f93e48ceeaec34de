// SPDX-License-Identifier: Apache-2.0
/// The generator that is examined: any program that makes rows of a table.
#ifndef AUDIT_GAME_GENERATOR_H
#define AUDIT_GAME_GENERATOR_H

#include "audits/game/leavings.h"
#include "audits/game/words.h"
#include "audits/run/child.h"
#include "base/bytes.h"

struct aud_generator {
    struct aud_words command; ///< with places: {data} {schema} {epsilon} {delta} ...
    const char *epsilon;      ///< as they were given, for the places
    const char *delta;
    struct aud_limits limits;
};

/// The places, NULL at their end.
extern const char *const AUD_PLACES[];

/// What one run left behind.
struct aud_output {
    struct aud_outcome outcome;
    struct sil_bytes
        rows; ///< {out}, or the standard output where the command has no {out}
    struct sil_bytes model; ///< {model}
    struct sil_bytes
        said; ///< standard error; and standard output where it is not the rows
    struct aud_leavings others; ///< all else in its folder, its input left out
    size_t n_files;             ///< in its folder, its input left out
    bool is_oversize; ///< something was larger than the limit or cannot be read
};

/// Run it on a table. How it ends and what it writes is in `out`, whatever it is; the folder
/// is removed. Errors   SIL_ERR_IO, SIL_ERR_INTERNAL: of the auditor's own.
SIL_MUST_USE sil_status aud_generate(struct aud_output *out,
                                     const struct aud_generator *generator,
                                     const struct sil_bytes *data,
                                     const struct sil_bytes *schema, uint64_t rows,
                                     struct sil_error *err);
void aud_output_clear(struct aud_output *output);

/// It ended by itself with exit code 0.
bool aud_output_is_good(const struct aud_output *output);

/// Rows are to be expected of this command: it has {out}, or neither {out} nor {model}.
bool aud_makes_rows(const struct aud_generator *generator);

/// How it ended, in words.
void aud_output_ending(char *out, size_t room, const struct aud_output *output);

/// The same with the first line of what it said, made of printable characters.
void aud_output_complaint(char *out, size_t room, const struct aud_output *output);

#endif

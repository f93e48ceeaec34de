// SPDX-License-Identifier: Apache-2.0
/// What a report is made of: what other commands found, in their JSON, and bundles.
#ifndef AUDIT_REPORT_INPUT_H
#define AUDIT_REPORT_INPUT_H

#include "silhouette/status.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A figure that is not there.
#define AUD_NONE ((double)NAN)

/// The questions, in the order of the report. Never merged into one mark.
enum aud_layer {
    AUD_PAPERS,     ///< verify
    AUD_NOISE,      ///< conform; reads private rows
    AUD_GAME_LAYER, ///< game
    AUD_RISK,       ///< attack; reads private rows
    AUD_SELF,       ///< selftest: of the auditor
    AUD_N_LAYERS
};

/// From the best to the worst.
enum aud_word {
    AUD_W_NOT_EXAMINED,
    AUD_W_NOT_REFUTED,
    AUD_W_INCONCLUSIVE,
    AUD_W_EXPOSED,
    AUD_W_REFUTED,
    AUD_N_WORDS
};

/// "verify", ...; "NOT REFUTED", ...
const char *aud_layer_name(enum aud_layer layer);
const char *aud_word_text(enum aud_word word);

/// Are its findings computed on private rows?
bool aud_layer_is_private(enum aud_layer layer);

enum { AUD_INPUTS_MAX = 24, AUD_INPUT_BYTES_MAX = 4 << 20 };

struct aud_input {
    enum aud_layer layer;
    enum aud_word word;
    json_t *content; ///< owned; of the shape that aud_check_content knows
    char *path;      ///< owned; of the file, or of the bundle
    bool is_bundle;  ///< verified here
    bool has_hash;
    uint8_t sha256[32]; ///< of the file
};

struct aud_inputs {
    struct aud_input item[AUD_INPUTS_MAX];
    size_t n;
};

void aud_inputs_clear(struct aud_inputs *inputs);

/// Add what is at a path: a bundle (a folder or a tar file), which is verified; a file that a
/// command printed with --json; a folder that attack wrote.
/// Errors   SIL_ERR_INPUT: none of them, or contradicts itself; too many. SIL_ERR_UNSUPPORTED:
///          of a version that this program lacks. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_inputs_add(struct aud_inputs *inputs, const char *path,
                                       struct sil_error *err);

/// Has a JSON text of a command the members that this program reads, each of its kind and
/// within bounds, and is its verdict the one that follows from them?
/// Errors   SIL_ERR_INPUT, SIL_ERR_UNSUPPORTED.
SIL_MUST_USE sil_status aud_check_content(enum aud_layer *layer, enum aud_word *word,
                                          const json_t *content, struct sil_error *err);

/// Parse and check a text. Errors  as above; SIL_ERR_INTERNAL (memory). `out` is NULL then.
SIL_MUST_USE sil_status aud_parse_content(json_t **out, enum aud_layer *layer,
                                          enum aud_word *word, const char *text,
                                          size_t length, struct sil_error *err);

/// Members of what was checked. A number that is not there is `otherwise`, a text "".
double aud_real(const json_t *object, const char *key, double otherwise);
const char *aud_text(const json_t *object, const char *key);

#endif

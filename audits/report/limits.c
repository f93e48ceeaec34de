// SPDX-License-Identifier: Apache-2.0
#include "audits/report/limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum aud_limit_kind kind;
} FIGURES[] = {
    {"auc",        AUD_BY_AUC       },
    {"difference", AUD_BY_DIFFERENCE},
    {"epsilon",    AUD_BY_EPSILON   },
    {"identical",  AUD_BY_IDENTICAL }
};

enum { N_FIGURES = sizeof FIGURES / sizeof FIGURES[0] };

/* ---- parsing ---- */

static bool parse_layer(struct aud_limit *out, const char *name)
{
    for (int i = 0; i < AUD_N_LAYERS; i++) {
        if (strcmp(name, aud_layer_name((enum aud_layer)i)) == 0) {
            out->kind = AUD_BY_LACK;
            out->layer = (enum aud_layer)i;
            return true;
        }
    }
    return false;
}

static bool parse_figure(struct aud_limit *out, const char *name, const char *value)
{
    char *end = NULL;
    out->most = strtod(value, &end);
    bool is_number = value[0] != '\0' &&
                     strspn(value, "0123456789.") == strlen(value) && *end == '\0';
    for (int i = 0; i < N_FIGURES && is_number; i++) {
        if (strcmp(name, FIGURES[i].name) == 0) {
            out->kind = FIGURES[i].kind;
            return true;
        }
    }
    return false;
}

static bool parse_word(struct aud_limit *out, const char *name)
{
    static const char *const NAMES[AUD_N_WORDS] = {"", "", "inconclusive", "exposed",
                                                   "refuted"};
    for (int i = 0; i < AUD_N_WORDS; i++) {
        if (name[0] != '\0' && strcmp(name, NAMES[i]) == 0) {
            out->kind = AUD_BY_WORD;
            out->word = (enum aud_word)i;
            return true;
        }
    }
    return false;
}

static bool parse_one(struct aud_limit *out, const char *text, size_t length)
{
    if (length >= sizeof out->text) {
        return false;
    }
    (void)snprintf(out->text, sizeof out->text, "%.*s", (int)length, text);
    char name[sizeof out->text];
    (void)snprintf(name, sizeof name, "%s", out->text);
    char *equals = strchr(name, '=');
    if (equals == NULL) {
        return parse_word(out, name);
    }
    *equals = '\0';
    return strcmp(name, "missing") == 0 ? parse_layer(out, equals + 1)
                                        : parse_figure(out, name, equals + 1);
}

bool aud_limits_parse(struct aud_limits_set *limits, const char *text)
{
    for (bool is_last = false; !is_last;) {
        size_t length = strcspn(text, ",");
        is_last = text[length] == '\0';
        if (limits->n == AUD_LIMITS_MAX ||
            !parse_one(&limits->item[limits->n], text, length)) {
            return false;
        }
        limits->n++;
        text += length + 1;
    }
    return true;
}

/* ---- figures ---- */

static double figure_of(enum aud_limit_kind kind, const json_t *attack)
{
    const json_t *bound = json_object_get(attack, "epsilon");
    switch ((int)kind) {
    case AUD_BY_AUC: return aud_real(attack, "auc", AUD_NONE);
    case AUD_BY_DIFFERENCE:
        return aud_real(json_object_get(attack, "rates"), "difference", AUD_NONE);
    case AUD_BY_EPSILON:
        return aud_real(bound, "by_coins", aud_real(bound, "lower", AUD_NONE));
    default: return AUD_NONE;
    }
}

static double identical(const json_t *content)
{
    const json_t *distances = json_object_get(content, "distances");
    const json_t *list = json_object_get(distances, "identical");
    return aud_real(json_object_get(list, "synthetic_in_train"), "share", AUD_NONE);
}

/* fmax passes over what is not a number. */
static double worst_figure(enum aud_limit_kind kind, const struct aud_inputs *inputs)
{
    double worst = AUD_NONE;
    for (size_t i = 0; i < inputs->n; i++) {
        const json_t *content = inputs->item[i].content;
        if (inputs->item[i].layer != AUD_RISK) {
            continue;
        }
        const json_t *attacks = json_object_get(content, "attacks");
        for (size_t k = 0; k < json_array_size(attacks); k++) {
            worst = fmax(worst, figure_of(kind, json_array_get(attacks, k)));
        }
        worst = kind == AUD_BY_IDENTICAL ? fmax(worst, identical(content)) : worst;
    }
    return worst;
}

static bool has_word(const struct aud_inputs *inputs, enum aud_word word)
{
    bool has = false;
    for (size_t i = 0; i < inputs->n; i++) {
        has |= inputs->item[i].word == word;
    }
    return has;
}

static bool has_layer(const struct aud_inputs *inputs, enum aud_layer layer)
{
    bool has = false;
    for (size_t i = 0; i < inputs->n; i++) {
        has |= inputs->item[i].layer == layer;
    }
    return has;
}

enum aud_limit_result aud_limit_check(double *worst, const struct aud_limit *limit,
                                      const struct aud_inputs *inputs)
{
    *worst = AUD_NONE;
    switch ((int)limit->kind) {
    case AUD_BY_WORD:
        return has_word(inputs, limit->word) ? AUD_LIMIT_BROKEN : AUD_LIMIT_KEPT;
    case AUD_BY_LACK:
        return has_layer(inputs, limit->layer) ? AUD_LIMIT_KEPT : AUD_LIMIT_BROKEN;
    default: break;
    }
    *worst = worst_figure(limit->kind, inputs);
    return isnan(*worst)          ? AUD_LIMIT_UNKNOWN
           : *worst > limit->most ? AUD_LIMIT_BROKEN
                                  : AUD_LIMIT_KEPT;
}

sil_status aud_limits_status(const struct aud_limits_set *limits,
                             const struct aud_inputs *inputs)
{
    bool is_broken = has_word(inputs, AUD_W_REFUTED);
    bool is_open = inputs->n == 0 || has_word(inputs, AUD_W_INCONCLUSIVE);
    bool names_words = false;
    for (size_t i = 0; i < limits->n; i++) {
        double worst = AUD_NONE;
        enum aud_limit_result result =
            aud_limit_check(&worst, &limits->item[i], inputs);
        is_broken |= result == AUD_LIMIT_BROKEN;
        is_open |= result == AUD_LIMIT_UNKNOWN;
        names_words |= limits->item[i].kind == AUD_BY_WORD;
    }
    is_broken |= !names_words && has_word(inputs, AUD_W_EXPOSED);
    return is_broken ? SIL_ERR_CHECK : is_open ? SIL_ERR_UNSUPPORTED : SIL_OK;
}

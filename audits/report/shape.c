// SPDX-License-Identifier: Apache-2.0
#include "audits/report/shape.h"

#include "base/fail.h"

#include <math.h>
#include <string.h>

bool aud_is_number(const json_t *value, double least, double most)
{
    double x = json_is_number(value) ? json_number_value(value) : AUD_NONE;
    return x >= least && x <= most;
}

static bool is_of_kind(const json_t *value, const struct aud_member *member)
{
    switch (member->kind) {
    case AUD_TEXT: return json_is_string(value);
    case AUD_COUNT: return json_is_integer(value) && json_integer_value(value) >= 0;
    case AUD_RATE: return aud_is_number(value, 0, 1);
    case AUD_REAL: return aud_is_number(value, -1e300, 1e300);
    case AUD_PAIR:
        return json_is_array(value) && json_array_size(value) == 2 &&
               aud_is_number(json_array_get(value, 0), -1e9, 1e9) &&
               aud_is_number(json_array_get(value, 1), -1e9, 1e9);
    case AUD_YES_NO: return json_is_boolean(value);
    case AUD_LIST:
        return json_is_array(value) && json_array_size(value) <= member->most;
    case AUD_OBJECT: return json_is_object(value);
    }
    return false;
}

sil_status aud_check_members(const json_t *object, const struct aud_member *member,
                             size_t n, const char *place, struct sil_error *err)
{
    if (!json_is_object(object)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is not an object", place);
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_object_get(object, member[i].key);
        bool is_none = value == NULL || json_is_null(value);
        if (is_none ? !member[i].may_be_null : !is_of_kind(value, &member[i])) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "%s: %s is missing, or not what a command of this program "
                            "writes there",
                            place, member[i].key);
        }
    }
    return SIL_OK;
}

sil_status aud_check_each(const json_t *list,
                          sil_status (*check_one)(const json_t *, struct sil_error *),
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < json_array_size(list) && status == SIL_OK; i++) {
        status = check_one(json_array_get(list, i), err);
    }
    return status;
}

size_t aud_word_of(const json_t *object, const char *key, const char *const *words,
                   size_t n)
{
    const char *text = aud_text(object, key);
    size_t i = 0;
    while (i < n && strcmp(words[i], text) != 0) {
        i++;
    }
    return i;
}

sil_status aud_check_promise(const json_t *claim, struct sil_error *err)
{
    return aud_is_number(json_object_get(claim, "epsilon"), 0, 1e300)
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT, "an epsilon below 0");
}

sil_status aud_check_verdict(enum aud_word *out, const json_t *content,
                             enum aud_word expected, struct sil_error *err)
{
    *out = expected;
    const char *said = aud_text(content, "verdict");
    return strcmp(said, aud_word_text(expected)) == 0
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "it says %.40s, and its own findings say %s: it was changed "
                          "or is damaged",
                          said, aud_word_text(expected));
}

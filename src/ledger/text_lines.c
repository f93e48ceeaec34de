// SPDX-License-Identifier: Apache-2.0
#include "ledger/text_lines.h"

#include "crypto/base64.h"

#include <string.h>

bool sil_text_line(struct sil_text *line, struct sil_text *rest)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->at, '\n', rest->length);
    if (end == NULL) {
        return false;
    }
    *line = (struct sil_text){rest->at, (size_t)(end - rest->at)};
    rest->at = end + 1;
    rest->length -= line->length + 1;
    return true;
}

bool sil_text_skip(struct sil_text *line, const char *prefix)
{
    size_t length = strlen(prefix);
    if (line->length < length || memcmp(line->at, prefix, length) != 0) {
        return false;
    }
    line->at += length;
    line->length -= length;
    return true;
}

bool sil_text_number(uint64_t *out, const struct sil_text *line)
{
    uint64_t value = 0;
    /* 19 digits do not overflow; the largest allowed number has as many. */
    if (line->length == 0 || line->length > 19 ||
        (line->length > 1 && line->at[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < line->length; i++) {
        if (line->at[i] < '0' || line->at[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(line->at[i] - '0');
    }
    if (value > (uint64_t)INT64_MAX) {
        return false;
    }
    *out = value;
    return true;
}

bool sil_text_root(struct sil_root *out, const struct sil_text *line)
{
    return sil_base64_parse(out->bytes, sizeof out->bytes, line->at, line->length);
}

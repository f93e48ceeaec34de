// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "codec/csv.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool sil_csv_needs_quotes(const char *text, size_t length, char delimiter)
{
    if (length == 0) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == delimiter || c == '"' || c == '\r' || c == '\n') {
            return true;
        }
    }
    return is_blank(text[0]) || is_blank(text[length - 1]) ||
           (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0);
}

sil_status sil_csv_append(struct sil_bytes *line, const char *text, size_t length,
                          char delimiter, struct sil_error *err)
{
    sil_status status = SIL_OK;

    if (!sil_csv_needs_quotes(text, length, delimiter)) {
        return sil_bytes_append(line, text, length, err);
    }
    SIL_TRY(sil_bytes_append(line, "\"", 1, err));
    while (length > 0) {
        const char *quote = memchr(text, '"', length);
        size_t run = quote != NULL ? (size_t)(quote - text) + 1 : length;
        SIL_TRY(sil_bytes_append(line, text, run, err));
        if (quote != NULL) {
            SIL_TRY(sil_bytes_append(line, "\"", 1, err));
        }
        text += run;
        length -= run;
    }
    SIL_TRY(sil_bytes_append(line, "\"", 1, err));

cleanup:
    return status;
}

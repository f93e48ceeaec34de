// SPDX-License-Identifier: Apache-2.0
#include "ledger/refuse.h"

#include "base/fail.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ID_SIZE = 16 };

sil_status sil_refuse(struct sil_error *err, const char *id, uint64_t entry,
                      const char *format, ...)
{
    struct sil_error sentence;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence.text, sizeof sentence.text, format, args);
    va_end(args);
    return sil_fail(err, SIL_ERR_CHECK, "[%s] entry %" PRIu64 ": %s", id, entry,
                    sentence.text);
}

sil_status sil_refuse_ledger(struct sil_error *err, const char *id, const char *format,
                             ...)
{
    struct sil_error sentence;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence.text, sizeof sentence.text, format, args);
    va_end(args);
    return sil_fail(err, SIL_ERR_CHECK, "[%s] %s", id, sentence.text);
}

void sil_refusal_id(char id[ID_SIZE], const struct sil_error *err)
{
    const char *end = err->text[0] == '[' ? strchr(err->text, ']') : NULL;
    size_t length = end == NULL ? 0 : (size_t)(end - err->text) - 1;
    if (length >= ID_SIZE) {
        length = 0;
    }
    (void)memcpy(id, err->text + 1, length);
    id[length] = '\0';
}

// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names come from files of others: none of their bytes may steer the terminal that the
 * sentence is printed on. */
static void blunt(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        unsigned char next = (unsigned char)text[1];
        bool is_c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0; /* in UTF-8 */
        if (byte < 0x20 || byte == 0x7f || is_c1) {
            *text = '?';
        }
        if (is_c1) {
            text[1] = '?';
        }
    }
}

sil_status sil_fail(struct sil_error *err, sil_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        blunt(err->text);
    }
    return status;
}

sil_status sil_fail_errno(struct sil_error *err, const char *format, ...)
{
    int code = errno;
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        blunt(err->text);

        char reason[128];
        /* The POSIX strerror_r: the GNU one is hidden by _POSIX_C_SOURCE. */
        if (strerror_r(code, reason, sizeof reason) != 0) {
            (void)snprintf(reason, sizeof reason, "error %d", code);
        }
        size_t used = strlen(err->text);
        (void)snprintf(err->text + used, sizeof err->text - used, ": %s", reason);
    }
    return SIL_ERR_IO;
}

sil_status sil_fail_within(struct sil_error *err, sil_status status, const char *format,
                           ...)
{
    if (err != NULL) {
        char context[sizeof err->text];
        char whole[sizeof err->text * 2 + 2];
        va_list args;
        va_start(args, format);
        (void)vsnprintf(context, sizeof context, format, args);
        va_end(args);
        blunt(context);
        (void)snprintf(whole, sizeof whole, "%s: %s", context, err->text);
        (void)memcpy(err->text, whole, sizeof err->text);
        err->text[sizeof err->text - 1] = '\0';
    }
    return status;
}

_Noreturn void sil_require_failed(const char *condition, const char *file, int line)
{
    /* No value is printed: the condition is program text, known to everyone. */
    (void)fprintf(stderr, "silhouette: internal error at %s:%d: %s\n", file, line,
                  condition);
    abort();
}

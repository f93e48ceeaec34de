// SPDX-License-Identifier: Apache-2.0
#include "table/problems.h"

sil_status sil_problems_take(struct sil_problems *problems, const char *place,
                             sil_status status, struct sil_error *err)
{
    if (status != SIL_ERR_INPUT) {
        return status;
    }
    /* The sentence is copied out first: `err` is written again when memory runs out. */
    struct sil_error sentence = *err;
    size_t start = problems->text.length;
    problems->n++;
    status = sil_bytes_printf(&problems->text, err, "%s%s%s\n", place,
                              place[0] == '\0' ? "" : ": ", sentence.text);
    /* Names come from people: a line break in one must not make two problems of one. */
    for (size_t i = start; i + 1 < problems->text.length; i++) {
        if (problems->text.data[i] < ' ') {
            problems->text.data[i] = ' ';
        }
    }
    return status;
}

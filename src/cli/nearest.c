// SPDX-License-Identifier: Apache-2.0
#include "cli/nearest.h"

#include <string.h>

enum { WORD_MAX = 32 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, substitutions: the classical table, one row at a time. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = smaller(changed, 1 + smaller(row[j], row[j + 1]));
        }
    }
    return row[n];
}

void sil_cli_nearest_try(struct sil_cli_nearest *nearest, const char *candidate)
{
    size_t length = strlen(nearest->word);
    if (length == 0 || length > WORD_MAX || strlen(candidate) > WORD_MAX) {
        return;
    }
    size_t distance = edit_distance(nearest->word, candidate);
    /* One slip in three letters, and never more than the word itself. */
    size_t allowed = length < 3 ? 1 : length / 3 + (length % 3 != 0 ? 1 : 0);
    if (distance <= allowed && distance < length &&
        (nearest->best == NULL || distance < nearest->distance)) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

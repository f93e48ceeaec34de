// SPDX-License-Identifier: Apache-2.0
#include "cli/nearest.h"

#include <string.h>

enum { WORD_MAX = 32 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, substitutions and swaps of neighbours, each one slip: the classical
 * table, of which three rows are kept. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1] = {{0}};
    size_t n = strlen(b);
    size_t i = 0;
    for (size_t j = 0; j <= n; j++) {
        rows[0][j] = j;
    }
    for (; a[i] != '\0'; i++) {
        const size_t *two_before = rows[(i + 2) % 3];
        const size_t *before = rows[i % 3];
        size_t *row = rows[(i + 1) % 3];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t changed = before[j] + (a[i] == b[j] ? 0 : 1);
            row[j + 1] = smaller(changed, 1 + smaller(row[j], before[j + 1]));
            if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) {
                row[j + 1] = smaller(row[j + 1], two_before[j - 1] + 1);
            }
        }
    }
    return rows[i % 3][n];
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

// SPDX-License-Identifier: Apache-2.0
#include "synth/reached.h"

#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "rows to count";

enum { BLOCK_ROWS = 1 << 12, SHARE_TEXT = 16, SHARE_PLACES = 9, REACHED_PLACES = 6 };

struct counter {
    const struct sil_made *made;
    const struct sil_codes *codes;
    struct sil_words words;
    uint64_t *word;  ///< of BLOCK_ROWS rows
    uint64_t *count; ///< rows of each class of the column at hand
};

/* Rows by class, as a reader of the file tells the classes apart: in a cell that is cut by the
 * words that its numbers are written with. */
static void count_classes(struct counter *k, const struct sil_pieces *p)
{
    const bool is_cut = p->n > p->n_codes;
    const size_t n_rows = k->codes->n_rows;
    for (uint32_t class = 0; class < p->n_classes; class ++) {
        k->count[class] = 0;
    }
    for (size_t first = 0; first < n_rows; first += BLOCK_ROWS) {
        size_t n = n_rows - first < BLOCK_ROWS ? n_rows - first : BLOCK_ROWS;
        if (is_cut) {
            k->words.draw(k->words.key, SIL_STREAM(SIL_STREAM_DECODE, p->attr), first,
                          k->word, n);
        }
        for (size_t row = 0; row < n; row++) {
            uint32_t code = sil_codes_get(k->codes, p->attr, first + row);
            size_t at = sil_pieces_find(p, code, is_cut ? k->word[row] : 0);
            k->count[p->piece[at].class]++;
        }
    }
}

bool sil_share_is_missed(uint64_t n, uint64_t share, uint64_t n_rows)
{
    const sil_i128 one = (sil_i128)SIL_SHARE_ONE;
    sil_i128 off = (sil_i128)n * one - (sil_i128)share * (sil_i128)n_rows;
    off = (off < 0 ? -off : off) - one;
    const sil_i128 variance =
        (sil_i128)n_rows * (sil_i128)share * (one - (sil_i128)share);
    return off > 0 && off * off > 4 * variance;
}

static void compare(struct sil_sample_report *out, const struct counter *k,
                    const struct sil_shares *shares, const struct sil_pieces *p,
                    const char *text)
{
    const struct sil_schema *schema = k->made->model->transcript.schema;
    for (size_t g = 0; g < shares->n; g++) {
        const struct sil_share_group *group = &shares->group[g];
        /* The tests of the shares are the last on their column. */
        const uint8_t *truth = p->truth + (p->n_tests - shares->n) + g;
        uint64_t n = 0;
        for (uint32_t class = 0; class < p->n_classes; class ++) {
            n += truth[class * p->n_tests] == SIL_TRUE ? k->count[class] : 0;
        }
        if (!sil_share_is_missed(n, group->share, out->n_rows)) {
            continue;
        }
        if (out->n_missed < SIL_MISSED_MAX) {
            out->missed[out->n_missed] = (struct sil_share_missed){
                .column = sil_schema_field_name(schema, shares->column),
                .value = text + group->column - 1,
                .length = group->length,
                .share = group->share,
                .n = n,
            };
        }
        out->n_missed++;
    }
}

sil_status sil_made_compare(struct sil_sample_report *out, const struct sil_made *made,
                            const struct sil_codes *codes, struct sil_words words,
                            const struct sil_sample_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct counter k = {.made = made, .codes = codes, .words = words};
    size_t n_classes = 0;
    for (size_t i = 0; i < made->n_columns; i++) {
        size_t n = made->columns[i].n_classes;
        n_classes = n > n_classes ? n : n_classes;
    }
    SIL_TRY(sil_alloc(&k.word, BLOCK_ROWS, sizeof *k.word, WHAT, err));
    SIL_TRY(sil_alloc(&k.count, n_classes, sizeof *k.count, WHAT, err));
    for (size_t s = 0; s < made->n_shares; s++) {
        size_t i = sil_made_column(made, made->shares[s].attr);
        count_classes(&k, &made->columns[i]);
        compare(out, &k, &made->shares[s], &made->columns[i], options->rebalance[s]);
    }

cleanup:
    free(k.word);
    free(k.count);
    return status;
}

bool sil_shares_leave_none(const struct sil_made *made, size_t s)
{
    const struct sil_shares *shares = &made->shares[s];
    const struct sil_pieces *p = &made->columns[sil_made_column(made, shares->attr)];
    const struct sil_field *field =
        sil_schema_field(made->model->transcript.schema, shares->attr);
    bool leave_none = true;
    for (size_t g = 0; g < shares->n; g++) {
        leave_none = leave_none && shares->group[g].share == 0;
    }
    for (size_t i = 0; leave_none && i < p->n; i++) {
        const struct sil_piece *piece = &p->piece[i];
        const uint8_t *truth =
            p->truth + piece->class * p->n_tests + (p->n_tests - shares->n);
        leave_none = sil_field_is_null(field, piece->code) ||
                     sil_field_is_other(field, piece->code) ||
                     memchr(truth, SIL_TRUE, shares->n) != NULL;
    }
    return leave_none;
}

/* ---- in words ---- */

/* A share in so many places, without zeros at the end. */
static void print_share(char out[SHARE_TEXT], uint64_t share, int places)
{
    uint64_t one = 1;
    for (int i = 0; i < places; i++) {
        one *= 10;
    }
    int n = snprintf(out, SHARE_TEXT, "%" PRIu64 ".%0*" PRIu64, share / one, places,
                     share % one);
    while (out[n - 1] == '0') {
        out[--n] = '\0';
    }
    if (out[n - 1] == '.') {
        out[n - 1] = '\0';
    }
}

sil_status sil_missed_say(struct sil_bytes *out, const struct sil_share_missed *missed,
                          uint64_t n_rows, struct sil_error *err)
{
    char asked[SHARE_TEXT];
    char reached[SHARE_TEXT];
    print_share(asked, missed->share, SHARE_PLACES);
    print_share(reached, (missed->n * 1000000 + n_rows / 2) / n_rows, REACHED_PLACES);
    return sil_bytes_printf(
        out, err, "%s=%.*s: asked %s, reached %s (%" PRIu64 " of %" PRIu64 " rows)",
        missed->column, (int)missed->length, missed->value, asked, reached, missed->n,
        n_rows);
}

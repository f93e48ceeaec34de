// SPDX-License-Identifier: Apache-2.0
/* The lines of the claim sheet: their titles, their sentences, what they cite. */
#include "base/fail.h"
#include "base/memory.h"
#include "release/claim_words.h"
#include "synth/report.h"

/* What a line cites, in the order of the entries. */
enum { GENESIS = 1, GRANT = 2, RESERVE = 4, MEASURE = 8, RELEASE = 16, LAST = 32 };

static const struct {
    const char *id;
    const char *title;
    sil_say_fn *say;
    unsigned cites;
} LINES[] = {
    {"guess",      "What it means for one person",     sil_say_guess,      GENESIS | RESERVE},
    {"run",        "Guarantee of this run",            sil_say_run,        RESERVE          },
    {"so_far",     "Of all runs so far",               sil_say_so_far,     RESERVE | LAST   },
    {"for_ever",   "Of all runs for ever",             sil_say_for_ever,   GENESIS          },
    {"unit",       "Unit of privacy",                  sil_say_unit,       GENESIS          },
    {"neighbours", "Neighbouring tables",              sil_say_neighbours, GENESIS          },
    {"mechanisms", "Mechanisms and sensitivity",       sil_say_mechanisms, MEASURE          },
    {"public",     "What was public, and who said so", sil_say_public,     GRANT | RESERVE  },
    {"looked",     "Declared after looking",           sil_say_looked,     RESERVE          },
    {"choices",    "The operator's choices",           sil_say_choices,    RELEASE          },
    {"trust",      "Trust model",                      sil_say_trust,      GENESIS          },
    {"base",       "Trusted computing base",           sil_say_base,       GENESIS          },
    {"arithmetic", "Floating point and randomness",    sil_say_arithmetic, MEASURE          },
    {"channels",   "Side channels",                    sil_say_channels,   0                },
    {"collection", "Data collection",                  sil_say_collection, GENESIS          },
    {"access",     "Who approved and who had access",  sil_say_access,     GENESIS | GRANT  },
    {"bias",       "Accuracy and bias",                sil_say_bias,       0                },
    {"limits",     "Limits",                           sil_say_limits,     GENESIS          },
    {"replay",     "What follows at no cost",          sil_say_replay,     MEASURE | RELEASE},
};

static void cite(struct sil_sheet_line *line, enum sil_entry_type type, uint64_t number)
{
    line->citation[line->n_citations++] =
        (struct sil_citation){.type = type, .number = number};
}

static void cite_all(struct sil_sheet_line *line, const struct sil_claim_sheet *sheet,
                     unsigned cites)
{
    const struct sil_chain *chain = sheet->source.chain;
    if (sheet->reserve == NULL) {
        return;
    }
    if ((cites & GENESIS) != 0) {
        cite(line, SIL_ENTRY_GENESIS, 0);
    }
    if ((cites & GRANT) != 0) {
        cite(line, SIL_ENTRY_GRANT, chain->grant[sheet->reserve->grant].seq);
    }
    if ((cites & RESERVE) != 0) {
        cite(line, SIL_ENTRY_RESERVE, sheet->reserve->seq);
    }
    const uint64_t last = chain->reserve[chain->n_reserves - 1].seq;
    if ((cites & LAST) != 0 && last != sheet->reserve->seq) {
        cite(line, SIL_ENTRY_RESERVE, last);
    }
    if ((cites & MEASURE) != 0 && sheet->reserve->n_measures > 0) {
        cite(line, SIL_ENTRY_MEASURE, sheet->reserve->measured_at);
    }
    /* The record's ledger ends before the release's own entry. */
    if ((cites & RELEASE) != 0 && sheet->source.release != NULL) {
        cite(line, SIL_ENTRY_RELEASE, sheet->source.release->size);
    }
}

sil_status sil_claim_sheet_write_lines(struct sil_claim_sheet *sheet,
                                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    const size_t n = sizeof LINES / sizeof LINES[0];
    SIL_TRY(sil_alloc(&sheet->line, n, sizeof *sheet->line, "the claim sheet", err));
    for (size_t i = 0; i < n; i++) {
        struct sil_sheet_line *line = &sheet->line[i];
        line->id = LINES[i].id;
        line->title = LINES[i].title;
        SIL_TRY(LINES[i].say(&text, sheet, err));
        SIL_TRY(sil_bytes_to_text(&line->text, &text, err));
        sheet->n_lines++;
        cite_all(line, sheet, LINES[i].cites);
    }
cleanup:
    sil_bytes_clear(&text);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
#include "synth/transcript.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/discovery.h"
#include "synth/discovery_bins.h"
#include "synth/release.h"

#include <stdlib.h>
#include <string.h>

void sil_release_init(struct sil_release *release)
{
    *release = (struct sil_release){0};
    mpq_init(release->rho.v);
    mpq_init(release->sigma2.v);
    mpq_init(release->epsilon.v);
}

void sil_release_clear(struct sil_release *release)
{
    mpq_clear(release->rho.v);
    mpq_clear(release->sigma2.v);
    mpq_clear(release->epsilon.v);
    free(release->noisy);
    free(release->of);
}

static sil_status copy_release(struct sil_release *to, const struct sil_release *from,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    to->kind = from->kind;
    to->clique = from->clique;
    to->sensitivity = from->sensitivity;
    mpq_set(to->rho.v, from->rho.v);
    if (from->of != NULL) {
        SIL_TRY(sil_alloc(&to->of, 1, sil_groupings_size(from->of, from->clique.n),
                          "a transcript", err));
        sil_groupings_copy(to->of, from->of, from->clique.n);
    }
    if (from->kind == SIL_RELEASE_SELECT) {
        mpq_set(to->epsilon.v, from->epsilon.v);
        to->n_candidates = from->n_candidates;
        to->chosen = from->chosen;
        to->weight = from->weight;
        to->penalty = from->penalty;
        goto cleanup;
    }
    mpq_set(to->sigma2.v, from->sigma2.v);
    to->shift = from->shift;
    to->n_cells = from->n_cells;
    SIL_TRY(
        sil_alloc(&to->noisy, from->n_cells, sizeof *to->noisy, "a transcript", err));
    memcpy(to->noisy, from->noisy, from->n_cells * sizeof *to->noisy);
cleanup:
    return status;
}

void sil_transcript_init(struct sil_transcript *transcript)
{
    *transcript = (struct sil_transcript){0};
    sil_terms_init(&transcript->terms);
    sil_stamp_init(&transcript->stamp);
    mpq_init(transcript->spent.v);
}

/* The integers of GMP may be moved: they hold no pointers into themselves. */
void sil_transcript_move(struct sil_transcript *out, struct sil_transcript *from)
{
    sil_transcript_clear(out);
    *out = *from;
    sil_transcript_init(from);
}

void sil_transcript_clear(struct sil_transcript *transcript)
{
    for (size_t i = 0; i < transcript->n_lines; i++) {
        sil_release_clear(&transcript->line[i]);
    }
    free(transcript->line);
    for (size_t i = 0; i < transcript->n_levels; i++) {
        sil_release_clear(&transcript->level[i]);
    }
    free(transcript->level);
    for (size_t i = 0; i < transcript->n_discoveries; i++) {
        sil_discovery_clear(&transcript->discovery[i]);
    }
    free(transcript->discovery);
    sil_schema_free(transcript->schema);
    free(transcript->order);
    sil_terms_clear(&transcript->terms);
    sil_stamp_clear(&transcript->stamp);
    mpq_clear(transcript->spent.v);
}

sil_status sil_transcript_note_order(struct sil_transcript *transcript,
                                     const struct sil_table *table,
                                     struct sil_error *err)
{
    sil_status status =
        sil_alloc(&transcript->order, sil_schema_n_columns(transcript->schema),
                  sizeof *transcript->order, "the order of columns", err);
    if (status == SIL_OK) {
        sil_table_column_order(transcript->order, table);
    }
    return status;
}

sil_status sil_transcript_add_line(struct sil_release **out,
                                   struct sil_transcript *transcript,
                                   struct sil_error *err)
{
    sil_status status =
        sil_grow(&transcript->line, &transcript->capacity, transcript->n_lines + 1,
                 sizeof *transcript->line, "a transcript", err);
    if (status == SIL_OK) {
        *out = &transcript->line[transcript->n_lines++];
        sil_release_init(*out);
    }
    return status;
}

sil_status sil_transcript_make_discoveries(struct sil_transcript *transcript, size_t n,
                                           struct sil_error *err)
{
    sil_status status = sil_alloc(&transcript->discovery, n,
                                  sizeof *transcript->discovery, "a transcript", err);
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        sil_discovery_init(&transcript->discovery[i]);
        transcript->n_discoveries = i + 1;
    }
    return status;
}

struct sil_row_recipe sil_transcript_rows(const struct sil_transcript *transcript)
{
    /* The numbers are each mechanism's own, but these three mean the same to all. */
    return (struct sil_row_recipe){.rounding = transcript->terms.replay == 1
                                                   ? SIL_ROWS_SYSTEMATIC
                                                   : SIL_ROWS_PAIRWISE,
                                   .has_slopes = transcript->terms.replay >= 3};
}

sil_status sil_transcript_make_levels(struct sil_transcript *transcript,
                                      struct sil_error *err)
{
    size_t n = sil_terms_n_levels(&transcript->terms);
    sil_status status = sil_alloc(&transcript->level, n, sizeof *transcript->level,
                                  "a transcript", err);
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        sil_release_init(&transcript->level[i]);
        transcript->n_levels = i + 1;
    }
    return status;
}

/* The levels come first; how they grouped the leaves follows from them. */
static sil_status record_level(struct sil_release *to, const struct sil_release *from,
                               struct sil_error *err)
{
    sil_status status = copy_release(to, from, err);
    free(to->of);
    to->of = NULL;
    return status;
}

sil_status sil_transcript_record(struct sil_transcript *transcript,
                                 const struct sil_gate *gate, struct sil_error *err)
{
    sil_status status = SIL_OK;
    transcript->is_ledgered = sil_gate_is_ledgered(gate);
    sil_gate_spent(&transcript->spent, gate);
    SIL_TRY(
        sil_transcript_make_discoveries(transcript, sil_gate_n_discoveries(gate), err));
    for (size_t i = 0; i < transcript->n_discoveries; i++) {
        SIL_TRY(sil_discovery_copy(&transcript->discovery[i],
                                   sil_gate_discovery(gate, i), err));
    }
    SIL_TRY(sil_transcript_make_levels(transcript, err));
    for (size_t i = 0; i < transcript->n_levels; i++) {
        SIL_TRY(record_level(&transcript->level[i], sil_gate_release(gate, i), err));
    }
    for (size_t i = transcript->n_levels; i < sil_gate_n_releases(gate); i++) {
        struct sil_release *line = NULL;
        SIL_TRY(sil_transcript_add_line(&line, transcript, err));
        SIL_TRY(copy_release(line, sil_gate_release(gate, i), err));
    }
cleanup:
    return status;
}

void sil_transcript_hash(uint8_t hash[SIL_HASH_BYTES], const struct sil_bytes *encoding)
{
    static const char LABEL[] = "silhouette/transcript/v1\n";
    const struct sil_part parts[] = {
        {LABEL,          sizeof LABEL - 1},
        {encoding->data, encoding->length},
    };
    sil_hash(hash, parts, 2);
}

sil_status sil_transcript_plan_hash(uint8_t hash[SIL_HASH_BYTES],
                                    const struct sil_transcript *transcript,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes plan = {0};
    SIL_TRY(sil_transcript_encode_plan(&plan, transcript, err));
    sil_sha256(hash, &(struct sil_part){plan.data, plan.length}, 1);
cleanup:
    sil_bytes_clear(&plan);
    return status;
}

sil_status sil_transcript_measurements(struct sil_measurements *out,
                                       const struct sil_transcript *transcript,
                                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sil_measurements){0};
    for (size_t i = 0; i < transcript->n_lines; i++) {
        if (transcript->line[i].kind == SIL_RELEASE_MEASURE) {
            SIL_TRY(sil_measurements_add(out, &transcript->line[i], err));
        }
    }
cleanup:
    if (status != SIL_OK) {
        sil_measurements_clear(out);
    }
    return status;
}

sil_status sil_transcript_kept(struct sil_kept_list *out,
                               const struct sil_transcript *transcript,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sil_kept_list){0};
    for (size_t i = 0; i < transcript->n_discoveries && transcript->terms.replay >= 3;
         i++) {
        SIL_TRY(sil_kept_add(out, transcript->schema, &transcript->discovery[i], err));
    }
cleanup:
    if (status != SIL_OK) {
        sil_kept_clear(out);
    }
    return status;
}

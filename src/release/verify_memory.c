// SPDX-License-Identifier: Apache-2.0
#include "release/verify_memory.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/graphical_model.h"
#include "model/tilt.h"
#include "synth/made_work.h"
#include "synth/mosaic.h"
#include "synth/sample.h"
#include "synth/zeros.h"
#include "table/schema.h"

/* The program and its threads; what a byte of the transcript becomes (itself three times,
 * its values twice as integers and as doubles); copies of a tree's tables while it is
 * fitted, and of mosaic's, from which all its tables are made; of these each one and each
 * cell, with what proposals need beside it; and a joint cell of parity, in all tables made
 * of them. Measured, and rounded up: docs/verify.md. */
enum {
    PROGRAM_BYTES = 48 << 20,
    TRANSCRIPT_FACTOR = 10,
    ORDER_BYTES = 8, /* a row's place while its column is drawn */
    TREE_CELL_BYTES = 8 * sizeof(double),
    MOSAIC_TREE_CELL_BYTES = 30 * sizeof(double),
    MOSAIC_TABLE_BYTES = 4096,
    MOSAIC_CELL_BYTES = 24,
    JOINT_CELL_BYTES = 13 * sizeof(double)
};

static void add(uint64_t *sum, uint64_t n, uint64_t each)
{
    uint64_t product = 0;
    bool is_large = __builtin_mul_overflow(n, each, &product) ||
                    __builtin_add_overflow(*sum, product, sum);
    if (is_large) {
        *sum = UINT64_MAX;
    }
}

/* Of the tree of what was measured; SIL_ERR_USAGE of a clique that no tree can have means
 * that replaying will refuse it. */
static sil_status count_tree(uint64_t *cells, const struct sil_transcript *transcript,
                             const struct sil_domain *domain, struct sil_error *err)
{
    struct sil_graph *graph = NULL;
    sil_status status = sil_graph_new(&graph, domain, err);
    *cells = 0;
    for (size_t i = 0; i < transcript->n_lines && status == SIL_OK; i++) {
        const struct sil_release *line = &transcript->line[i];
        if (line->kind == SIL_RELEASE_MEASURE) {
            status = sil_graph_add(graph, &line->clique, err);
        }
    }
    if (status == SIL_OK) {
        *cells = sil_graph_tree_cells(graph, NULL, UINT64_MAX);
    }
    sil_graph_free(graph);
    return status == SIL_ERR_USAGE ? SIL_OK : status;
}

/* Cells that a tree of groups may have: no more than the plan allows, nor than all columns
 * have together. A forest does not grow so large. */
static uint64_t most_tree_cells(const struct sil_transcript *transcript,
                                const struct sil_domain *domain)
{
    uint64_t most = sil_model_cells_max(&transcript->terms);
    uint64_t joint = 1;
    for (uint32_t a = 0; a < domain->n_attrs && joint < most; a++) {
        joint *= domain->sizes[a];
    }
    return joint < most ? joint : most;
}

/* Mosaic holds a table for every candidate, and a tree. */
static sil_status count_mosaic(uint64_t *bytes, struct sil_transcript *transcript,
                               const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = sil_terms_find_candidates(&transcript->terms, domain, err);
    if (status == SIL_OK) {
        bool is_wide = domain->n_attrs > SIL_MOSAIC_WIDE;
        add(bytes, most_tree_cells(transcript, domain),
            is_wide ? TREE_CELL_BYTES : MOSAIC_TREE_CELL_BYTES);
        add(bytes, transcript->terms.workload.candidates.n + domain->n_attrs,
            MOSAIC_TABLE_BYTES);
        add(bytes,
            sil_clique_list_cells(&transcript->terms.workload.candidates, domain),
            MOSAIC_CELL_BYTES);
        add(bytes, sil_column_cells(domain), MOSAIC_CELL_BYTES);
    }
    return status == SIL_ERR_INPUT ? SIL_OK : status;
}

sil_status sil_replay_memory(uint64_t *bytes, struct sil_transcript *transcript,
                             size_t length, const struct sil_choices *choices,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rule_zeros *zeros = NULL;
    const enum sil_mechanism mechanism = transcript->terms.mechanism;
    uint64_t cells = 0;
    SIL_TRY(sil_rule_zeros_new(&zeros, &transcript->terms, transcript->schema, err));
    const struct sil_domain domain = sil_domain_with(transcript->schema, zeros);
    *bytes = PROGRAM_BYTES;
    add(bytes, length, TRANSCRIPT_FACTOR);
    size_t row = sil_row_bytes(&domain, mechanism);
    add(bytes, choices->n_rows, row + ORDER_BYTES);
    if (sil_choices_are_made(choices)) {
        add(bytes, choices->n_rows, sil_made_row_bytes(row, domain.n_attrs) - row);
    }
    if (choices->fair != NULL) {
        add(bytes, SIL_TILT_CELLS_MAX, 2 * sizeof(double));
        add(bytes, SIL_FAIR_CELLS_MAX, JOINT_CELL_BYTES);
    }
    if (mechanism == SIL_MOSAIC) {
        SIL_TRY(count_mosaic(bytes, transcript, &domain, err));
    } else {
        SIL_TRY(count_tree(&cells, transcript, &domain, err));
        add(bytes, cells, TREE_CELL_BYTES);
    }
cleanup:
    sil_rule_zeros_free(zeros);
    return status;
}

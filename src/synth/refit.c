// SPDX-License-Identifier: Apache-2.0
/* From a transcript to the model, with nothing else at hand. */
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "synth/model_object.h"

#include <stdlib.h>

/* MessagePack cannot hold a byte string of more, and a model file holds this as one. */
static const size_t LARGEST_TRANSCRIPT = UINT32_MAX;

static sil_status add_cliques(struct sil_graph *graph, const struct sil_clique *cliques,
                              size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        status = sil_graph_add(graph, &cliques[i], err);
    }
    return status;
}

sil_status sil_model_check_size(const struct sil_model *model,
                                const struct sil_clique *cliques, size_t n,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graph *graph = NULL;
    uint64_t most = sil_model_cells_max(&model->transcript.terms);
    SIL_TRY(sil_graph_new(&graph, sil_model_tree_domain(model), err));
    status = add_cliques(graph, cliques, n, err);
    bool is_large =
        status == SIL_ERR_USAGE || /* a tree node of too many columns */
        (status == SIL_OK && sil_graph_tree_cells(graph, NULL, most) > most);
    if (is_large) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the model contradicts its plan: its tables take more than "
                          "max-model-mb");
    }
cleanup:
    sil_graph_free(graph);
    return status;
}

/* Of what was measured. Mosaic leaves out what its tree has no room for, and needs no such
 * check of all lines. */
static sil_status check_measured(const struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_transcript *transcript = &model->transcript;
    struct sil_clique *clique = NULL;
    size_t n = 0;
    if (model->mosaic != NULL) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc(&clique, transcript->n_lines, sizeof *clique, "a model", err));
    for (size_t i = 0; i < transcript->n_lines; i++) {
        if (transcript->line[i].kind == SIL_RELEASE_MEASURE) {
            clique[n++] = transcript->line[i].clique;
        }
    }
    SIL_TRY(sil_model_check_size(model, clique, n, err));
cleanup:
    free(clique);
    return status;
}

sil_status sil_model_of_decoded(struct sil_model **out,
                                struct sil_transcript *transcript, const uint8_t *data,
                                size_t length, unsigned n_threads,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;

    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_model_new(&model, n_threads, err));
    sil_transcript_move(&model->transcript, transcript);
    SIL_TRY(sil_bytes_append(&model->encoding, data, length, err));
    SIL_TRY(sil_model_derive(model, err));
    SIL_TRY(check_measured(model, err));
    SIL_TRY(sil_model_refit(model, err));
    *out = model;
    model = NULL;
cleanup:
    sil_model_free(model);
    return status;
}

sil_status sil_model_of_transcript(struct sil_model **out, const uint8_t *data,
                                   size_t length, unsigned n_threads,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_transcript transcript;
    sil_transcript_init(&transcript);
    *out = NULL;
    SIL_TRY(sil_transcript_decode(&transcript, data, length, err));
    SIL_TRY(sil_model_of_decoded(out, &transcript, data, length, n_threads, err));
cleanup:
    sil_transcript_clear(&transcript);
    return status;
}

sil_status sil_model_refit_file(struct sil_model **out, const char *path,
                                unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    *out = NULL;
    SIL_TRY(sil_file_read(&bytes, path, LARGEST_TRANSCRIPT, err));
    status = sil_model_of_transcript(out, bytes.data, bytes.length, n_threads, err);
    if (status != SIL_OK) {
        status = sil_fail_within(err, status, "%s", path);
    }
cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

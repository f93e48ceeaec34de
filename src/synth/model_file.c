// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "codec/msgpack.h"
#include "model/floating.h"
#include "synth/heights.h"
#include "synth/model_object.h"
#include "synth/release.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char KIND[] = "silhouette/model";
static const char TRANSCRIPT[] = "silhouette/transcript";
static const char CHECKSUM_LABEL[] = "silhouette/model/v1\n";

static const size_t LARGEST_FILE_VALUES = (size_t)1 << 22;

/* The checksum is the last value: a head of two bytes and the hash. */
enum { MODEL_VERSION = 1, MODEL_VALUES = 6, DEPTH = 4, TAIL = 2 + SIL_HASH_BYTES };

static void checksum(uint8_t hash[SIL_HASH_BYTES], const uint8_t *data, size_t length)
{
    const struct sil_part parts[] = {
        {CHECKSUM_LABEL, sizeof CHECKSUM_LABEL - 1},
        {data,           length                   },
    };
    sil_hash(hash, parts, 2);
}

static sil_status put_potentials(struct sil_bytes *out, const struct sil_model *model,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_graphical_model *gm = sil_model_tree(model);
    size_t n = sil_gm_n_potentials(gm);
    SIL_TRY(sil_mp_put_array(out, n, err));
    for (size_t i = 0; i < n; i++) {
        size_t cells = 0;
        const double *values = sil_gm_potential(gm, i, &cells);
        SIL_TRY(sil_mp_put_array(out, 2, err));
        SIL_TRY(sil_put_clique(out, sil_gm_potential_clique(gm, i), err));
        SIL_TRY(sil_mp_put_f64s(out, values, cells, err));
    }
cleanup:
    return status;
}

sil_status sil_model_encode(struct sil_bytes *out, const struct sil_model *model,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t hash[SIL_HASH_BYTES];
    SIL_TRY(sil_mp_put_array(out, MODEL_VALUES, err));
    SIL_TRY(sil_mp_put_str(out, KIND, err));
    SIL_TRY(sil_mp_put_uint(out, MODEL_VERSION, err));
    SIL_TRY(sil_mp_put_bin(out, model->encoding.data, model->encoding.length, err));
    SIL_TRY(sil_mp_put_f64s(out, &model->total, 1, err));
    SIL_TRY(put_potentials(out, model, err));
    checksum(hash, out->data, out->length);
    SIL_TRY(sil_mp_put_bin(out, hash, sizeof hash, err));
cleanup:
    return status;
}

sil_status sil_model_write(const struct sil_model *model, const char *path,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    struct sil_output *output = NULL;
    SIL_TRY(sil_model_encode(&bytes, model, err));
    SIL_TRY(sil_output_open(&output, path, 0600, err));
    SIL_TRY(sil_output_write(output, bytes.data, bytes.length, err));
    status = sil_output_commit(output, err);
    output = NULL;
cleanup:
    sil_output_abandon(output);
    sil_bytes_clear(&bytes);
    return status;
}

/* ---- reading ---- */

struct potentials {
    struct sil_clique *clique;
    double **values;
    size_t n;
};

static void potentials_clear(struct potentials *potentials)
{
    for (size_t i = 0; i < potentials->n; i++) {
        free(potentials->values[i]);
    }
    free(potentials->values);
    free(potentials->clique);
}

/* A potential belongs to a marginal that was measured: anything else did not come from
 * the transcript. */
static bool was_measured(const struct sil_model *model, const struct sil_clique *clique)
{
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        const struct sil_release *line = &model->transcript.line[i];
        if (line->kind == SIL_RELEASE_MEASURE &&
            sil_clique_compare(&line->clique, clique) == 0) {
            return true;
        }
    }
    return false;
}

/* Under mosaic: a column, or a marginal that its tree took in. */
static bool is_fitted(const struct sil_mosaic *mosaic, const struct sil_clique *clique)
{
    bool is = clique->n == 1;
    for (size_t i = 0; i < mosaic->n_tiles && !is; i++) {
        is = sil_clique_compare(&mosaic->tiles[i].clique, clique) == 0;
    }
    return is;
}

/* And there is one for each of them. */
static size_t n_fitted(const struct sil_mosaic *mosaic)
{
    size_t n = mosaic->domain.n_attrs;
    for (size_t i = 0; i < mosaic->n_tiles; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i && is_new; k++) {
            is_new = sil_clique_compare(&mosaic->tiles[i].clique,
                                        &mosaic->tiles[k].clique) != 0;
        }
        n += is_new;
    }
    return n;
}

static sil_status next_potential(struct potentials *out, struct sil_mp_array *list,
                                 const struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array pair;
    struct sil_clique *clique = &out->clique[out->n];
    SIL_TRY(sil_mp_next_array(&pair, list, "a potential", err));
    SIL_TRY(sil_next_clique(clique, &pair, &model->domain, err));
    if (model->mosaic != NULL ? !is_fitted(model->mosaic, clique)
                              : !was_measured(model, clique)) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the model contradicts its transcript: a potential on a "
                          "marginal that was not measured");
        goto cleanup;
    }
    uint64_t cells = sil_clique_cells(sil_model_tree_domain(model), clique);
    SIL_TRY(sil_alloc(&out->values[out->n], cells, sizeof(double), "a model", err));
    SIL_TRY(
        sil_mp_next_f64s(out->values[out->n++], cells, &pair, "the potential", err));
    SIL_TRY(sil_mp_end(&pair, err));
cleanup:
    return status;
}

static sil_status finish_mosaic(struct sil_model *model, struct sil_error *err)
{
    unsigned before = sil_floating_enter();
    sil_status status = sil_mosaic_finish(model->mosaic, model->transcript.line,
                                          model->transcript.n_lines, err);
    sil_floating_leave(before);
    return status;
}

static sil_status next_potentials(struct sil_model *model, struct sil_mp_array *array,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    struct potentials potentials = {0};
    struct sil_graphical_model *gm = NULL;
    SIL_TRY(sil_mp_next_array(&list, array, "the potentials", err));
    SIL_TRY(sil_alloc(&potentials.clique, list.n, sizeof *potentials.clique, "a model",
                      err));
    SIL_TRY(sil_alloc(&potentials.values, list.n, sizeof *potentials.values, "a model",
                      err));
    for (uint32_t i = 0; i < list.n; i++) {
        SIL_TRY(next_potential(&potentials, &list, model, err));
    }
    if (model->mosaic != NULL && potentials.n != n_fitted(model->mosaic)) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the model contradicts its transcript: a marginal that was "
                          "fitted has no potential");
        goto cleanup;
    }
    SIL_TRY(sil_model_check_size(model, potentials.clique, potentials.n, err));
    SIL_TRY(sil_gm_from_potentials(
        &gm, sil_model_tree_domain(model), model->total, potentials.clique,
        (const double *const *)potentials.values, potentials.n, model->n_threads, err));
    if (model->mosaic == NULL) {
        model->gm = gm;
    } else {
        sil_mosaic_take(model->mosaic, gm);
        SIL_TRY(finish_mosaic(model, err));
    }
    SIL_TRY(sil_model_set_heights(model, err));
cleanup:
    potentials_clear(&potentials);
    return status;
}

static sil_status next_header(struct sil_mp_array *array, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_model = false;
    bool is_transcript = false;
    uint64_t version = 0;
    SIL_TRY(sil_next_word(&is_model, array, KIND, "its name", err));
    if (!is_model) {
        array->next--;
        SIL_TRY(sil_next_word(&is_transcript, array, TRANSCRIPT, "its name", err));
        return sil_fail(
            err, SIL_ERR_INPUT,
            is_transcript ? "a transcript, and no model: silhouette refit --transcript "
                            "FILE --out MODEL makes the model that follows from it"
                          : "not a model of silhouette");
    }
    SIL_TRY(sil_mp_next_uint(&version, array, UINT32_MAX, "the version", err));
    if (version != MODEL_VERSION) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "a model file of version %" PRIu64
                        "; this program knows version %d",
                        version, MODEL_VERSION);
    }
cleanup:
    return status;
}

static sil_status next_transcript(struct sil_model *model, struct sil_mp_array *array,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint8_t *encoding = NULL;
    size_t length = 0;
    double total = 0;
    uint64_t bits[2];
    SIL_TRY(sil_mp_next_bin(&encoding, &length, array, "the transcript", err));
    SIL_TRY(sil_transcript_decode(&model->transcript, encoding, length, err));
    SIL_TRY(sil_bytes_append(&model->encoding, encoding, length, err));
    SIL_TRY(sil_model_derive(model, err));
    SIL_TRY(sil_mp_next_f64s(&total, 1, array, "the total", err));
    memcpy(&bits[0], &total, sizeof total);
    memcpy(&bits[1], &model->total, sizeof total);
    if (bits[0] != bits[1]) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the model contradicts its transcript: its total is not the "
                          "estimate that follows from the measurements");
    }
cleanup:
    return status;
}

static sil_status check_sum(const uint8_t *data, size_t length, struct sil_error *err)
{
    uint8_t hash[SIL_HASH_BYTES];
    if (length <= TAIL) {
        return sil_fail(err, SIL_ERR_INPUT, "too short for a model");
    }
    checksum(hash, data, length - TAIL);
    if (memcmp(hash, data + length - SIL_HASH_BYTES, sizeof hash) != 0) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "damaged: the checksum does not match the content");
    }
    return SIL_OK;
}

/* Header and checksum are good; what follows the header is next in `array`. */
static sil_status open_file(struct sil_mp_text **text, struct sil_mp_array *array,
                            const uint8_t *data, size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_mp_limits limits = {.values = LARGEST_FILE_VALUES, .depth = DEPTH};
    SIL_TRY(sil_crypto_start(err));
    status = sil_mp_parse(text, data, length, &limits, err);
    if (status != SIL_OK) {
        return sil_fail_within(err, status, "damaged, or not a model of silhouette");
    }
    *array = sil_mp_root(*text, "the model");
    SIL_TRY(next_header(array, err));
    SIL_TRY(check_sum(data, length, err));
cleanup:
    return status;
}

sil_status sil_model_decode(struct sil_model **out, const uint8_t *data, size_t length,
                            unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_text *text = NULL;
    struct sil_mp_array array;
    struct sil_model *model = NULL;
    const uint8_t *sum = NULL;
    size_t sum_length = 0;

    *out = NULL;
    SIL_TRY(open_file(&text, &array, data, length, err));
    SIL_TRY(sil_model_new(&model, n_threads, err));
    SIL_TRY(next_transcript(model, &array, err));
    SIL_TRY(next_potentials(model, &array, err));
    SIL_TRY(sil_mp_next_bin(&sum, &sum_length, &array, "the checksum", err));
    SIL_TRY(sil_mp_end(&array, err));
    if (sum_length != SIL_HASH_BYTES) {
        status = sil_fail(err, SIL_ERR_INPUT, "the checksum has not %d bytes",
                          SIL_HASH_BYTES);
        goto cleanup;
    }
    *out = model;
    model = NULL;
cleanup:
    sil_model_free(model);
    sil_mp_free(text);
    return status;
}

sil_status sil_model_file_transcript(struct sil_bytes *out, const uint8_t *data,
                                     size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_text *text = NULL;
    struct sil_mp_array array;
    const uint8_t *encoding = NULL;
    size_t n = 0;
    SIL_TRY(open_file(&text, &array, data, length, err));
    SIL_TRY(sil_mp_next_bin(&encoding, &n, &array, "the transcript", err));
    SIL_TRY(sil_bytes_append(out, encoding, n, err));
cleanup:
    sil_mp_free(text);
    return status;
}

sil_status sil_model_read(struct sil_model **out, const char *path, unsigned n_threads,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    *out = NULL;
    SIL_TRY(sil_file_read(&bytes, path, SIL_MODEL_FILE_MAX, err));
    status = sil_model_decode(out, bytes.data, bytes.length, n_threads, err);
    if (status != SIL_OK) {
        status = sil_fail_within(err, status, "%s", path);
    }
cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

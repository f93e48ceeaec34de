// SPDX-License-Identifier: Apache-2.0
/* A model made again from the file of its transcript, with nothing else left: the same
 * bytes, the same rows. What is no such file is refused with the reason. */
#include "base/file.h"
#include "ledger_kit.h"
#include "model/isa.h"
#include "synth/model_object.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

enum { N_ROWS = 1501, VALUES = 8 };

static const uint32_t FIVE[] = {9, 7, 5, 4, 2};
static struct sil_error error;

/* What a run leaves behind: its model file and rows, to compare with, and the file of its
 * transcript. Table, schema and model are gone. */
struct left {
    struct sil_bytes model;
    struct sil_bytes rows;
    struct test_file transcript;
};

static struct left leave(enum sil_mechanism mechanism)
{
    struct left left = {0};
    struct sil_fit_options options = kit_options(mechanism, "3");
    struct sil_model *model = kit_model(FIVE, 5, 3000, 71, &options);
    cr_assert_eq(sil_model_encode(&left.model, model, &error), SIL_OK);
    left.rows = kit_rows(model, N_ROWS, 0);
    left.transcript = test_file_new(model->encoding.data, model->encoding.length);
    sil_model_free(model);
    return left;
}

static void clear(struct left *left)
{
    sil_bytes_clear(&left->model);
    sil_bytes_clear(&left->rows);
    test_file_remove(&left->transcript);
}

static bool is_same(const struct sil_bytes *a, const struct sil_bytes *b)
{
    return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

static void expect_again(const struct left *left, unsigned n_threads)
{
    struct sil_model *model = NULL;
    struct sil_bytes bytes = {0};
    cr_assert_eq(sil_model_refit_file(&model, left->transcript.path, n_threads, &error),
                 SIL_OK, "%s", error.text);
    struct sil_bytes rows = kit_rows(model, N_ROWS, n_threads);
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK);
    cr_expect(is_same(&bytes, &left->model), "models differ: %s, %u threads",
              sil_isa_name(), n_threads);
    cr_expect(is_same(&rows, &left->rows), "rows differ: %s, %u threads",
              sil_isa_name(), n_threads);
    sil_bytes_clear(&rows);
    sil_bytes_clear(&bytes);
    sil_model_free(model);
}

static void expect_again_on(const char *isa)
{
    if (sil_isa_select(isa, &error) != SIL_OK) {
        cr_skip_test("not on this machine: %s", isa);
    }
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m++) {
        struct left left = leave((enum sil_mechanism)m);
        expect_again(&left, 1);
        expect_again(&left, 2);
        clear(&left);
    }
}

Test(refit, gives_the_same_bytes_on_any_threads)
{
    expect_again_on("scalar");
}

Test(refit, gives_the_same_bytes_with_avx2)
{
    expect_again_on("avx2");
}

Test(refit, gives_the_same_bytes_with_avx512)
{
    expect_again_on("avx512");
}

/* What the stamp says of a ledger goes into the hash, and so into the rows. */
Test(refit, of_a_run_that_a_ledger_stands_behind)
{
    struct ledger_kit kit = ledger_kit_open(SIL_REPLACE_ONE);
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    struct sil_model *again = NULL;
    char *text = NULL;
    struct sil_bytes rows = kit_rows(model, N_ROWS, 1);
    ledger_kit_close(&kit);
    cr_assert_eq(sil_model_of_transcript(&again, model->encoding.data,
                                         model->encoding.length, 1, &error),
                 SIL_OK, "%s", error.text);
    sil_model_free(model);
    struct sil_bytes rows_again = kit_rows(again, N_ROWS, 2);
    cr_expect(is_same(&rows, &rows_again));
    cr_expect(again->transcript.is_ledgered);
    cr_expect_eq(sil_model_explain(&text, again, &error), SIL_OK, "%s", error.text);
    free(text);
    sil_bytes_clear(&rows);
    sil_bytes_clear(&rows_again);
    sil_model_free(again);
}

/* ---- refusals ---- */

static void expect_refused(const struct sil_bytes *bytes, sil_status status,
                           const char *part)
{
    struct sil_model *model = NULL;
    struct test_file file = test_file_new(bytes->data, bytes->length);
    error.text[0] = '\0';
    cr_expect_eq(sil_model_refit_file(&model, file.path, 1, &error), status, "%s",
                 error.text);
    cr_expect_null(model);
    cr_expect_not_null(strstr(error.text, part), "%s", error.text);
    cr_expect_eq(strncmp(error.text, file.path, strlen(file.path)), 0, "%s",
                 error.text);
    test_file_remove(&file);
}

static struct sil_bytes transcript_bytes(enum sil_mechanism mechanism)
{
    struct sil_bytes bytes = {0};
    struct left left = leave(mechanism);
    cr_assert_eq(sil_file_read(&bytes, left.transcript.path, 1 << 24, &error), SIL_OK);
    clear(&left);
    return bytes;
}

/* array of 8, str of 21, version, replay */
static uint8_t *version_of(struct sil_bytes *bytes)
{
    cr_assert_eq(bytes->data[0], 0x90 + VALUES);
    return bytes->data + 1 + 1 + strlen("silhouette/transcript");
}

Test(refit, of_a_newer_version_is_unsupported)
{
    struct sil_bytes bytes = transcript_bytes(SIL_INDEPENDENT);
    *version_of(&bytes) = 2;
    expect_refused(&bytes, SIL_ERR_UNSUPPORTED, "version 2");
    sil_bytes_clear(&bytes);
}

/* The numbers are each mechanism's own: the one that is meant is named. */
Test(refit, of_a_newer_replay_number_is_unsupported)
{
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m++) {
        struct sil_bytes bytes = transcript_bytes((enum sil_mechanism)m);
        version_of(&bytes)[1] = 4;
        expect_refused(&bytes, SIL_ERR_UNSUPPORTED, "replay number 4");
        expect_refused(&bytes, SIL_ERR_UNSUPPORTED,
                       sil_mechanism_name((enum sil_mechanism)m));
        sil_bytes_clear(&bytes);
    }
}

Test(refit, of_a_replay_number_that_never_was_is_refused)
{
    struct sil_bytes bytes = transcript_bytes(SIL_AIM);
    version_of(&bytes)[1] = 0;
    expect_refused(&bytes, SIL_ERR_INPUT, "replay number 0");
    sil_bytes_clear(&bytes);
}

Test(refit, of_a_file_cut_short_is_refused_wherever_it_is_cut)
{
    struct sil_bytes bytes = transcript_bytes(SIL_MST);
    size_t whole = bytes.length;
    for (bytes.length = 0; bytes.length < whole; bytes.length += 1 + whole / 97) {
        expect_refused(&bytes, SIL_ERR_INPUT, "");
    }
    sil_bytes_clear(&bytes);
}

Test(refit, of_more_than_a_transcript_is_refused)
{
    struct sil_bytes bytes = transcript_bytes(SIL_INDEPENDENT);
    cr_assert_eq(sil_bytes_append(&bytes, "\0", 1, &error), SIL_OK);
    expect_refused(&bytes, SIL_ERR_INPUT, "");
    sil_bytes_clear(&bytes);
}

Test(refit, of_a_model_file_says_that_it_is_one)
{
    struct left left = leave(SIL_INDEPENDENT);
    expect_refused(&left.model, SIL_ERR_INPUT, "a model");
    clear(&left);
}

Test(refit, names_the_line_that_is_damaged)
{
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "3");
    struct sil_model *model = kit_model(FIVE, 5, 3000, 71, &options);
    struct sil_bytes bytes = {0};
    model->transcript.line[2].shift++;
    cr_assert_eq(sil_transcript_encode(&bytes, &model->transcript, &error), SIL_OK);
    expect_refused(&bytes, SIL_ERR_INPUT, "line 3: ");
    sil_bytes_clear(&bytes);
    sil_model_free(model);
}

/* A transcript of a few kilobytes can name marginals whose tree would fill any memory. */
Test(refit, of_tables_that_the_plan_has_no_room_for_is_refused)
{
    static const uint32_t LARGE[] = {60, 60, 60, 50};
    struct sil_fit_options options = kit_options(SIL_AIM, "30");
    struct sil_bytes bytes = {0};
    options.workload = "4";
    options.max_cells = UINT32_MAX;
    struct sil_model *model = kit_model(LARGE, 4, 3000, 72, &options);
    model->transcript.terms.max_model_mb = 1;
    cr_assert_gt(sil_gm_tree_cells(model->gm),
                 sil_model_cells_max(&model->transcript.terms));
    cr_assert_eq(sil_transcript_encode(&bytes, &model->transcript, &error), SIL_OK);
    expect_refused(&bytes, SIL_ERR_INPUT, "max-model-mb");
    sil_bytes_clear(&bytes);
    sil_model_free(model);
}

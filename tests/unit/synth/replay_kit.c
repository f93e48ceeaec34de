// SPDX-License-Identifier: Apache-2.0
#include "replay_kit.h"

#include "synth_kit.h"

#include <criterion/criterion.h>

const uint32_t REPLAY_CELLS[5] = {24, 7, 5, 4, 2};

static struct sil_error error;

struct sil_bytes replay_transcript(struct sil_model *model)
{
    struct sil_bytes bytes = {0};
    cr_assert_eq(
        sil_bytes_append(&bytes, model->encoding.data, model->encoding.length, &error),
        SIL_OK);
    sil_model_free(model);
    return bytes;
}

struct sil_bytes replay_usual(enum sil_mechanism mechanism)
{
    struct sil_fit_options options = kit_options(mechanism, "3");
    return replay_transcript(kit_model(REPLAY_CELLS, 5, 2000, 84, &options));
}

struct sil_model *replay_model(const struct sil_bytes *bytes, unsigned n_threads)
{
    struct sil_model *model = NULL;
    cr_assert_eq(
        sil_model_of_transcript(&model, bytes->data, bytes->length, n_threads, &error),
        SIL_OK, "%s", error.text);
    return model;
}

char *replay_explained(const struct sil_bytes *bytes, unsigned n_threads)
{
    char *text = NULL;
    struct sil_model *model = replay_model(bytes, n_threads);
    cr_assert_eq(sil_model_explain(&text, model, &error), SIL_OK, "%s", error.text);
    sil_model_free(model);
    return text;
}

// SPDX-License-Identifier: Apache-2.0
/* The model file: one encoding, every damage refused, contradictions found even when the
 * checksum is right. docs/model-format.md. */
#define _GNU_SOURCE
#include "base/file.h"
#include "codec/msgpack.h"
#include "synth/model_object.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static const uint32_t THREE[] = {3, 2, 2};
static struct sil_error error;

static struct sil_model *small_model(enum sil_mechanism mechanism)
{
    struct sil_fit_options options = kit_options(mechanism, "3");
    return kit_model(THREE, 3, 400, 31, &options);
}

static struct sil_bytes encode(const struct sil_model *model)
{
    struct sil_bytes bytes = {0};
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK, "%s", error.text);
    return bytes;
}

static sil_status decode(struct sil_model **model, const struct sil_bytes *bytes)
{
    error.text[0] = '\0';
    return sil_model_decode(model, bytes->data, bytes->length, 1, &error);
}

/* Put the right checksum under changed bytes. */
static void seal(struct sil_bytes *bytes)
{
    static const char LABEL[] = "silhouette/model/v1\n";
    const struct sil_part parts[] = {
        {LABEL,       sizeof LABEL - 1  },
        {bytes->data, bytes->length - 34},
    };
    sil_hash(bytes->data + bytes->length - 32, parts, 2);
}

/* The first place of some bytes in the file. */
static size_t find(const struct sil_bytes *bytes, const void *what, size_t length)
{
    const uint8_t *at = memmem(bytes->data, bytes->length, what, length);
    cr_assert_not_null(at);
    return (size_t)(at - bytes->data);
}

static void expect_refused(const struct sil_bytes *bytes, sil_status status,
                           const char *part)
{
    struct sil_model *model = NULL;
    cr_expect_eq(decode(&model, bytes), status, "%s", error.text);
    cr_expect_null(model);
    cr_expect_not_null(strstr(error.text, part), "\"%s\" lacks \"%s\"", error.text,
                       part);
}

Test(model_file, reads_back_to_the_same_bytes_claim_and_rows)
{
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m++) {
        struct sil_model *model = small_model((enum sil_mechanism)m);
        struct sil_bytes bytes = encode(model);
        struct sil_model *again = NULL;
        cr_assert_eq(decode(&again, &bytes), SIL_OK, "%s", error.text);
        struct sil_bytes bytes_again = encode(again);
        struct sil_bytes rows = kit_rows(model, 0, 1);
        struct sil_bytes rows_again = kit_rows(again, 0, 1);

        cr_assert_eq(bytes_again.length, bytes.length);
        cr_expect_arr_eq(bytes_again.data, bytes.data, bytes.length);
        cr_expect_str_eq(sil_model_claim(again), sil_model_claim(model));
        cr_expect_eq(sil_model_rows(again), sil_model_rows(model));
        cr_assert_eq(rows_again.length, rows.length);
        cr_expect_arr_eq(rows_again.data, rows.data, rows.length);
        sil_bytes_clear(&rows);
        sil_bytes_clear(&rows_again);
        sil_bytes_clear(&bytes);
        sil_bytes_clear(&bytes_again);
        sil_model_free(again);
        sil_model_free(model);
    }
}

Test(model_file, keeps_the_workload_of_a_file_and_not_its_path)
{
    struct test_file file = test_file_text(
        "{\"marginals\": [{\"attributes\": [\"c0\", \"c2\"], \"weight\": \"2.5\"},"
        "{\"attributes\": [\"c1\"]}]}");
    struct sil_fit_options options = kit_options(SIL_AIM, "3");
    options.workload = file.path;
    struct sil_model *model = kit_model(THREE, 3, 400, 32, &options);
    struct sil_bytes bytes = encode(model);
    struct sil_model *again = NULL;
    cr_assert_eq(decode(&again, &bytes), SIL_OK, "%s", error.text);

    cr_expect_null(memmem(bytes.data, bytes.length, file.path, strlen(file.path)));
    cr_assert_eq(again->transcript.terms.workload.marginals.n, 2);
    cr_expect_eq(again->transcript.terms.workload.marginals.item[1].weight, 5);
    sil_model_free(again);
    sil_model_free(model);
    sil_bytes_clear(&bytes);
    test_file_remove(&file);
}

Test(model_file, refuses_every_changed_byte)
{
    struct sil_model *model = small_model(SIL_INDEPENDENT);
    struct sil_bytes bytes = encode(model);
    for (size_t i = 0; i < bytes.length; i++) {
        struct sil_model *changed = NULL;
        bytes.data[i] ^= (uint8_t)(1u << (i % 8));
        sil_status status = decode(&changed, &bytes);
        cr_expect(status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED, "byte %zu",
                  i);
        cr_expect_null(changed, "byte %zu", i);
        cr_expect_gt(strlen(error.text), 0, "byte %zu", i);
        bytes.data[i] ^= (uint8_t)(1u << (i % 8));
    }
    sil_bytes_clear(&bytes);
    sil_model_free(model);
}

Test(model_file, refuses_every_truncation_and_a_tail)
{
    struct sil_model *model = small_model(SIL_INDEPENDENT);
    struct sil_bytes bytes = encode(model);
    for (size_t length = 0; length < bytes.length; length++) {
        /* A copy of its own: reading past the end shows under a sanitizer. */
        uint8_t *part = malloc(length + 1);
        struct sil_model *read = NULL;
        cr_assert_not_null(part);
        memcpy(part, bytes.data, length);
        cr_expect_eq(sil_model_decode(&read, part, length, 1, &error), SIL_ERR_INPUT,
                     "%zu bytes", length);
        free(part);
    }
    cr_assert_eq(sil_bytes_append(&bytes, "", 1, &error), SIL_OK);
    expect_refused(&bytes, SIL_ERR_INPUT, "damaged");
    sil_bytes_clear(&bytes);
    sil_model_free(model);
}

Test(model_file, refuses_foreign_files_with_a_reason)
{
    uint8_t csv[] = "a,b\n1,2\n";
    uint8_t png[] = "\x89PNG\r\n\x1a\n";
    uint8_t list[] = {0x92, 0x01, 0x02};
    struct sil_bytes bytes = {.data = csv, .length = sizeof csv - 1};
    expect_refused(&bytes, SIL_ERR_INPUT, "not a model");
    bytes = (struct sil_bytes){.data = png, .length = sizeof png - 1};
    expect_refused(&bytes, SIL_ERR_INPUT, "not a model");
    bytes = (struct sil_bytes){.data = list, .length = sizeof list};
    expect_refused(&bytes, SIL_ERR_INPUT, "name");
}

Test(model_file, of_another_version_is_unsupported_not_damaged)
{
    static const char KIND[] = "silhouette/model";
    static const char INNER[] = "silhouette/transcript";
    struct sil_model *model = small_model(SIL_INDEPENDENT);
    struct sil_bytes bytes = encode(model);

    size_t version = find(&bytes, KIND, strlen(KIND)) + strlen(KIND);
    cr_assert_eq(bytes.data[version], 1);
    bytes.data[version] = 2;
    expect_refused(&bytes, SIL_ERR_UNSUPPORTED, "version 2");
    bytes.data[version] = 1;

    size_t replay = find(&bytes, INNER, strlen(INNER)) + strlen(INNER) + 1;
    cr_assert_eq(bytes.data[replay], 3);
    bytes.data[replay] = 9;
    seal(&bytes);
    expect_refused(&bytes, SIL_ERR_UNSUPPORTED, "replay number 9");
    sil_bytes_clear(&bytes);
    sil_model_free(model);
}

/* One changed part under a right checksum: the content itself must give it away. */
struct forgery {
    const char *name;
    void (*forge)(struct sil_model *model);
    const char *part;
};

static void spend_less(struct sil_model *model)
{
    mpq_div_2exp(model->transcript.spent.v, model->transcript.spent.v, 1);
}

static void charge_less(struct sil_model *model)
{
    mpq_t *rho = &model->transcript.line[0].rho.v;
    mpq_div_2exp(*rho, *rho, 1);
}

static void claim_less_noise(struct sil_model *model)
{
    mpq_t *sigma2 = &model->transcript.line[0].sigma2.v;
    mpq_div_2exp(*sigma2, *sigma2, 1);
}

static void claim_less_sensitivity(struct sil_model *model)
{
    struct sil_release *line = &model->transcript.line[0];
    line->sensitivity *= 2;
    mpq_mul_2exp(line->sigma2.v, line->sigma2.v, 1);
}

static void lower_the_cap(struct sil_model *model)
{
    mpq_div_2exp(model->transcript.terms.cap.v, model->transcript.terms.cap.v, 1);
}

static void certify_less(struct sil_model *model)
{
    struct sil_terms *terms = &model->transcript.terms;
    mpq_div_2exp(terms->certified.v, terms->certified.v, 1);
}

static void certify_less_of_less(struct sil_model *model)
{
    struct sil_terms *terms = &model->transcript.terms;
    mpq_div_2exp(terms->epsilon.v, terms->epsilon.v, 1);
    certify_less(model);
}

static void drop_a_line(struct sil_model *model)
{
    model->transcript.n_lines--;
}

static void move_a_count(struct sil_model *model)
{
    model->transcript.line[0].noisy[0] += 1000000;
}

static void choose_no_candidate(struct sil_model *model)
{
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        struct sil_release *line = &model->transcript.line[i];
        if (line->kind == SIL_RELEASE_SELECT) {
            line->chosen = line->n_candidates;
        }
    }
}

static void choose_more_bluntly(struct sil_model *model)
{
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        struct sil_release *line = &model->transcript.line[i];
        if (line->kind == SIL_RELEASE_SELECT) {
            line->sensitivity++;
        }
    }
}

static void shift_a_measurement(struct sil_model *model)
{
    model->transcript.line[0].shift++;
}

static void name_a_column_twice(struct sil_model *model)
{
    model->transcript.order[0] = model->transcript.order[1];
}

static void scale_to_more_rows(struct sil_model *model)
{
    model->total *= 2;
}

static void allow_no_cells(struct sil_model *model)
{
    model->transcript.terms.max_cells = 0;
}

static void allow_no_memory(struct sil_model *model)
{
    model->transcript.terms.max_model_mb = 0;
}

static void ask_for_nothing(struct sil_model *model)
{
    mpq_set_ui(model->transcript.terms.epsilon.v, 0, 1);
}

static void ask_for_everything(struct sil_model *model)
{
    mpq_set_ui(model->transcript.terms.epsilon.v, 10001, 1);
}

static void name_another_mechanism(struct sil_model *model)
{
    model->transcript.terms.mechanism = SIL_MST;
}

static void weigh_nothing(struct sil_model *model)
{
    struct sil_terms *terms = &model->transcript.terms;
    strcpy(terms->workload_name, SIL_WORKLOAD_IS_FILE);
    terms->workload.marginals.item[0].weight = 0;
}

/* A line that is consistent in itself, of noise that no gate draws. */
static void measure_with(struct sil_model *model, mp_bitcnt_t up, mp_bitcnt_t down)
{
    struct sil_transcript *transcript = &model->transcript;
    struct sil_release *line = &transcript->line[0];
    mpq_sub(transcript->spent.v, transcript->spent.v, line->rho.v);
    mpq_mul_2exp(line->sigma2.v, line->sigma2.v, up);
    mpq_div_2exp(line->sigma2.v, line->sigma2.v, down);
    mpq_mul_2exp(line->rho.v, line->rho.v, down);
    mpq_div_2exp(line->rho.v, line->rho.v, up);
    mpq_add(transcript->spent.v, transcript->spent.v, line->rho.v);
    line->shift = down > 0 ? 16 : 0;
}

static void measure_too_coarsely(struct sil_model *model)
{
    measure_with(model, 80, 0);
}

static void measure_too_finely(struct sil_model *model)
{
    measure_with(model, 0, 80);
}

/* Lines that follow close the gap. */
static void leave_a_column_out(struct sil_model *model)
{
    struct sil_transcript *transcript = &model->transcript;
    size_t n = 0;
    for (size_t i = 0; i < transcript->n_lines; i++) {
        struct sil_release line = transcript->line[i];
        if (line.kind == SIL_RELEASE_MEASURE && sil_clique_has(&line.clique, 0)) {
            mpq_sub(transcript->spent.v, transcript->spent.v, line.rho.v);
        } else {
            transcript->line[i] = transcript->line[n];
            transcript->line[n++] = line;
        }
    }
    transcript->n_lines = n;
}

static const struct forgery FORGERIES[] = {
    {"less spent",              spend_less,             "add up"         },
    {"a cheaper line",          charge_less,            "cost"           },
    {"less noise",              claim_less_noise,       "cost"           },
    {"another sensitivity",     claim_less_sensitivity, "cost"           },
    {"a smaller cap",           lower_the_cap,          "does not follow"},
    {"a smaller epsilon",       certify_less,           "does not follow"},
    {"a smaller epsilon asked", certify_less_of_less,   "does not follow"},
    {"a line left out",         drop_a_line,            "add up"         },
    {"a count changed",         move_a_count,           "total"          },
    {"no candidate chosen",     choose_no_candidate,    "not a candidate"},
    {"more rows",               scale_to_more_rows,     "total"          },
    {"a blunter choice",        choose_more_bluntly,    "cost"           },
    {"another shift",           shift_a_measurement,    "shift"          },
    {"a column twice",          name_a_column_twice,    "twice"          },
    {"no cells",                allow_no_cells,         "max-cells"      },
    {"no memory",               allow_no_memory,        "max-model-mb"   },
    {"nothing asked for",       ask_for_nothing,        "asked for"      },
    {"everything asked for",    ask_for_everything,     "asked for"      },
    {"another mechanism",       name_another_mechanism, "workload"       },
    {"no weight",               weigh_nothing,          "weighs nothing" },
    {"too much noise",          measure_too_coarsely,   "variance"       },
    {"a column left out",       leave_a_column_out,     "never measured" },
    {"too little noise",        measure_too_finely,     "variance"       },
};

Test(model_file, refuses_contradictions_under_a_right_checksum)
{
    for (size_t i = 0; i < sizeof FORGERIES / sizeof FORGERIES[0]; i++) {
        struct sil_model *model = small_model(SIL_AIM);
        size_t n_lines = model->transcript.n_lines;
        FORGERIES[i].forge(model);
        sil_bytes_clear(&model->encoding);
        cr_assert_eq(
            sil_transcript_encode(&model->encoding, &model->transcript, &error),
            SIL_OK);
        struct sil_bytes bytes = encode(model);
        struct sil_model *read = NULL;
        cr_expect_eq(decode(&read, &bytes), SIL_ERR_INPUT, "%s: %s", FORGERIES[i].name,
                     error.text);
        cr_expect_not_null(strstr(error.text, FORGERIES[i].part), "%s: %s",
                           FORGERIES[i].name, error.text);
        sil_model_free(read);
        sil_bytes_clear(&bytes);
        model->transcript.n_lines = n_lines;
        sil_model_free(model);
    }
}

/* A pair of 370 x 370 cells is more than a megabyte. */
Test(model_file, larger_than_its_plan_is_refused_before_its_tables_are_built)
{
    static const uint32_t LARGE[] = {370, 370};
    struct sil_fit_options options = kit_options(SIL_MST, "1000");
    options.max_cells = 370 * 370;
    struct sil_model *model = kit_model(LARGE, 2, 20000, 33, &options);
    cr_assert_geq(sil_gm_tree_cells(model->gm), 370 * 370);
    struct sil_bytes bytes = encode(model);
    struct sil_model *again = NULL;
    cr_expect_eq(decode(&again, &bytes), SIL_OK, "%s", error.text);
    sil_model_free(again);
    sil_bytes_clear(&bytes);

    model->transcript.terms.max_model_mb = 1;
    sil_bytes_clear(&model->encoding);
    cr_assert_eq(sil_transcript_encode(&model->encoding, &model->transcript, &error),
                 SIL_OK);
    bytes = encode(model);
    expect_refused(&bytes, SIL_ERR_INPUT, "max-model-mb");
    sil_bytes_clear(&bytes);
    sil_model_free(model);
}

Test(model_file, takes_the_place_of_a_file_with_mode_0600)
{
    struct sil_model *model = small_model(SIL_MST);
    struct test_file file = test_file_text("what was there before");
    struct sil_model *again = NULL;
    cr_assert_eq(sil_model_write(model, file.path, &error), SIL_OK, "%s", error.text);
    cr_expect_eq(sil_model_read(&again, file.path, 1, &error), SIL_OK, "%s",
                 error.text);
    sil_model_free(again);
    test_file_remove(&file);

    cr_expect_eq(sil_model_read(&again, file.path, 1, &error), SIL_ERR_IO);
    cr_expect_eq(sil_model_read(&again, "/tmp", 1, &error), SIL_ERR_INPUT);
    cr_expect_eq(sil_model_write(model, "/nowhere/at/all", &error), SIL_ERR_IO);
    sil_model_free(model);
}

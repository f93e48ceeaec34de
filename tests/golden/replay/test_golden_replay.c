// SPDX-License-Identifier: Apache-2.0
/* One kept model for each mechanism and replay number: from its transcript alone follow, to
 * the byte, the model file and the explanation that are kept and the rows whose hash is.
 * README.md beside this. */
#include "base/file.h"
#include "crypto/hash.h"
#include "model/isa.h"
#include "synth/model_object.h"
#include "unit/synth/synth_kit.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER SIL_SOURCE_DIR "/tests/golden/replay/"

enum { N_ROWS = 500, PATH = 512 };

/* Before replay 3 a value of a bin is any with the same chance: of most models each bin has
 * one. Those called so, and from 3 on all, have bins of several values. */
static const uint32_t OF_ONE[] = {24, 7, 5, 4, 2};
static const uint32_t VALUES[] = {24, 17, 5, 4, 2};
static const uint32_t BINS[] = {12, 5, 5, 4, 2};
/* Of some the second column is open: some of its values are found, and some are not. */
static const uint32_t OPEN[] = {12, 0, 5, 4, 2};
/* Of more than sixteen columns Mosaic makes more rounds past the tree, and searches more. */
static const uint32_t BROAD[] = {3, 2, 4, 2, 3, 2, 2, 3, 2, 2, 3, 2, 2, 3, 2, 2, 3, 2};
static struct sil_error error;

static const struct golden {
    const char *name; ///< mechanism and replay number
    uint32_t replay;
    enum sil_mechanism mechanism;
    const char *epsilon;
} GOLDEN[] = {
    {"aim-1",          1, SIL_AIM,         "3"  },
    {"mst-1",          1, SIL_MST,         "3"  },
    {"independent-1",  1, SIL_INDEPENDENT, "3"  },
    {"mosaic-1-low",   1, SIL_MOSAIC,      "0.2"},
    {"mosaic-1",       1, SIL_MOSAIC,      "1"  },
    {"mosaic-1-high",  1, SIL_MOSAIC,      "4"  },
    {"aim-2",          2, SIL_AIM,         "3"  },
    {"mst-2",          2, SIL_MST,         "3"  },
    {"independent-2",  2, SIL_INDEPENDENT, "3"  },
    {"mosaic-2-low",   2, SIL_MOSAIC,      "0.2"},
    {"mosaic-2",       2, SIL_MOSAIC,      "1"  },
    {"mosaic-2-high",  2, SIL_MOSAIC,      "4"  },
    {"mst-2-bins",     2, SIL_MST,         "3"  },
    {"mosaic-2-bins",  2, SIL_MOSAIC,      "1"  },
    {"aim-3",          3, SIL_AIM,         "3"  },
    {"mst-3",          3, SIL_MST,         "3"  },
    {"independent-3",  3, SIL_INDEPENDENT, "3"  },
    {"mosaic-3-low",   3, SIL_MOSAIC,      "0.2"},
    {"mosaic-3",       3, SIL_MOSAIC,      "1"  },
    {"mosaic-3-high",  3, SIL_MOSAIC,      "4"  },
    {"aim-3-open",     3, SIL_AIM,         "1"  },
    {"mosaic-3-open",  3, SIL_MOSAIC,      "1"  },
    {"mosaic-3-broad", 3, SIL_MOSAIC,      "1"  },
};

enum { N_GOLDEN = sizeof GOLDEN / sizeof GOLDEN[0] };

struct pin {
    char model[2 * SIL_HASH_BYTES + 1];
    char rows[2 * SIL_HASH_BYTES + 1];
};

static void hash_hex(char *hex, const struct sil_bytes *bytes)
{
    uint8_t hash[SIL_HASH_BYTES];
    sil_hash(hash, &(struct sil_part){bytes->data, bytes->length}, 1);
    sil_hash_hex(hex, hash);
}

static void path_of(char path[PATH], const struct golden *golden, const char *suffix)
{
    (void)snprintf(path, PATH, FOLDER "%s.%s", golden->name, suffix);
}

static char *explained(const struct sil_model *model)
{
    char *text = NULL;
    cr_assert_eq(sil_model_explain(&text, model, &error), SIL_OK, "%s", error.text);
    return text;
}

static struct sil_bytes encoded(const struct sil_model *model)
{
    struct sil_bytes bytes = {0};
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK, "%s", error.text);
    return bytes;
}

static void pin_of(struct pin *out, const struct sil_model *model)
{
    struct sil_bytes bytes = encoded(model);
    struct sil_bytes rows = kit_rows(model, N_ROWS, 1);
    hash_hex(out->model, &bytes);
    hash_hex(out->rows, &rows);
    sil_bytes_clear(&bytes);
    sil_bytes_clear(&rows);
}

static struct pin kept_pin(const struct golden *golden)
{
    char line[256];
    struct pin pin;
    bool is_found = false;
    FILE *pins = fopen(FOLDER "pins.txt", "r");
    cr_assert_not_null(pins);
    while (!is_found && fgets(line, sizeof line, pins) != NULL) {
        char name[32];
        is_found = sscanf(line, "%31s %64s %64s", name, pin.model, pin.rows) == 3 &&
                   strcmp(name, golden->name) == 0;
    }
    (void)fclose(pins);
    cr_assert(is_found, "no line for %s", golden->name);
    return pin;
}

/* ---- keeping ---- */

static void keep_explanation(const struct golden *golden, const struct sil_model *model)
{
    char path[PATH];
    char *text = explained(model);
    path_of(path, golden, "json");
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
    free(text);
}

static struct sil_model *fitted(const struct golden *golden)
{
    const char *name = golden->name;
    struct sil_fit_options options = kit_options(golden->mechanism, golden->epsilon);
    bool has_bins = golden->replay > 2 || strstr(name, "bins") != NULL;
    const uint32_t *bins = strstr(name, "open") != NULL ? OPEN : BINS;
    if (strstr(name, "broad") != NULL) {
        return kit_model(BROAD, sizeof BROAD / sizeof *BROAD, 2000, 2026, &options);
    }
    return has_bins ? kit_binned_model(VALUES, bins, 5, 2000, 2026, &options)
                    : kit_model(OF_ONE, 5, 2000, 2026, &options);
}

static struct pin keep(const struct golden *golden)
{
    char path[PATH];
    struct pin pin;
    struct sil_model *model = fitted(golden);
    path_of(path, golden, "model");
    keep_explanation(golden, model);
    pin_of(&pin, model);
    cr_assert_eq(sil_model_write(model, path, &error), SIL_OK, "%s", error.text);
    sil_model_free(model);
    return pin;
}

/* Those of the newest number of each mechanism; the others stay as they are. */
static void keep_newest(void)
{
    struct pin pins[N_GOLDEN];
    for (size_t i = 0; i < N_GOLDEN; i++) {
        bool is_newest = GOLDEN[i].replay == sil_mechanism_replay(GOLDEN[i].mechanism);
        pins[i] = is_newest ? keep(&GOLDEN[i]) : kept_pin(&GOLDEN[i]);
    }
    FILE *file = fopen(FOLDER "pins.txt", "w");
    cr_assert_not_null(file);
    for (size_t i = 0; i < N_GOLDEN; i++) {
        (void)fprintf(file, "%s %s %s\n", GOLDEN[i].name, pins[i].model, pins[i].rows);
    }
    cr_assert_eq(fclose(file), 0);
}

/* ---- replaying ---- */

static void expect_explanation(const struct golden *golden,
                               const struct sil_model *model)
{
    char path[PATH];
    struct sil_bytes kept = {0};
    char *text = explained(model);
    path_of(path, golden, "json");
    cr_assert_eq(sil_file_read(&kept, path, (size_t)1 << 24, &error), SIL_OK, "%s",
                 error.text);
    cr_expect(kept.length == strlen(text) && memcmp(kept.data, text, kept.length) == 0,
              "explanation of %s, %s", golden->name, sil_isa_name());
    sil_bytes_clear(&kept);
    free(text);
}

/* The model as it is kept gives its rows, and hands its transcript on. */
static struct sil_bytes kept_transcript(const struct golden *golden,
                                        const struct pin *kept, unsigned n_threads)
{
    char path[PATH];
    struct pin found;
    struct sil_bytes transcript = {0};
    struct sil_model *model = NULL;
    path_of(path, golden, "model");
    cr_assert_eq(sil_model_read(&model, path, n_threads, &error), SIL_OK, "%s",
                 error.text);
    cr_assert_eq(model->transcript.terms.mechanism, golden->mechanism);
    cr_assert_eq(model->transcript.terms.replay, golden->replay);
    pin_of(&found, model);
    cr_expect_str_eq(found.rows, kept->rows, "rows of %s as kept, %s, %u threads",
                     golden->name, sil_isa_name(), n_threads);
    cr_assert_eq(sil_bytes_append(&transcript, model->encoding.data,
                                  model->encoding.length, &error),
                 SIL_OK);
    sil_model_free(model);
    return transcript;
}

static void expect_replay(const struct golden *golden, unsigned n_threads)
{
    struct pin kept = kept_pin(golden);
    struct pin found;
    struct sil_model *model = NULL;
    struct sil_bytes transcript = kept_transcript(golden, &kept, n_threads);
    cr_assert_eq(sil_model_of_transcript(&model, transcript.data, transcript.length,
                                         n_threads, &error),
                 SIL_OK, "%s", error.text);
    pin_of(&found, model);
    cr_expect_str_eq(found.model, kept.model, "model of %s, %s, %u threads",
                     golden->name, sil_isa_name(), n_threads);
    cr_expect_str_eq(found.rows, kept.rows, "rows of %s, %s, %u threads", golden->name,
                     sil_isa_name(), n_threads);
    expect_explanation(golden, model);
    sil_bytes_clear(&transcript);
    sil_model_free(model);
}

static void expect_replay_on(const char *isa)
{
    if (getenv("SIL_KEEP_REPLAY") != NULL) {
        cr_skip_test("kept anew");
    }
    if (sil_isa_select(isa, &error) != SIL_OK) {
        cr_skip_test("not on this machine: %s", isa);
    }
    for (size_t i = 0; i < N_GOLDEN; i++) {
        expect_replay(&GOLDEN[i], 1);
        expect_replay(&GOLDEN[i], 2);
    }
}

Test(golden_replay, of_every_number_gives_what_is_kept)
{
    if (getenv("SIL_KEEP_REPLAY") != NULL) {
        keep_newest();
    } else {
        expect_replay_on("scalar");
    }
}

Test(golden_replay, of_every_number_gives_what_is_kept_with_avx2)
{
    expect_replay_on("avx2");
}

Test(golden_replay, of_every_number_gives_what_is_kept_with_avx512)
{
    expect_replay_on("avx512");
}

// SPDX-License-Identifier: Apache-2.0
/* The input as a specification, then as an expression over fields of every type. Promises:
 * both are taken or refused as bad input; whatever compiles is evaluated without a fault,
 * within the range of numbers. */
#include "fuzz/fuzz.h"
#include "synth/simulate_fixed.h"
#include "synth/simulate_spec.h"

#include <stdlib.h>
#include <string.h>

enum { N_FIELDS = 3, N_SLOTS = 2 * N_FIELDS + SIL_SIM_SPECIALS };

static void check_expression(const char *text)
{
    static const struct sil_sim_name NAMES[N_FIELDS] = {
        {"n", SIL_SIM_NUMBER},
        {"d", SIL_SIM_DATE  },
        {"t", SIL_SIM_TEXT  }
    };
    static const int64_t SLOTS[][N_SLOTS] = {
        {0 },
        { SIL_MICRO_MAX, SIL_MICRO_MAX, 0, -SIL_MICRO_MAX, -SIL_MICRO_MAX, 0, 1, 2, 3},
    };
    struct sil_sim_texts texts = {0};
    struct sil_sim_scope scope = {NAMES, N_FIELDS, N_FIELDS, &texts};
    struct sil_sim_program program;

    sil_status status = sil_sim_compile(&program, text, "input", &scope, NULL);
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_INPUT);
    for (size_t i = 0; status == SIL_OK && i < 2; i++) {
        int64_t value = sil_sim_eval(&program, SLOTS[i]);
        FUZZ_REQUIRE(value >= -SIL_MICRO_MAX && value <= SIL_MICRO_MAX);
    }
    sil_sim_program_clear(&program);
    sil_sim_texts_clear(&texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_sim_spec spec;
    char *text = calloc(size + 1, 1);
    FUZZ_REQUIRE(text != NULL);
    if (size > 0) {
        (void)memcpy(text, data, size);
    }

    sil_status status = sil_sim_spec_parse(&spec, text, size, NULL);
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_INPUT);
    sil_sim_spec_clear(&spec);
    check_expression(text);
    free(text);
    return 0;
}

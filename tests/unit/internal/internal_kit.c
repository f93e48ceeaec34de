// SPDX-License-Identifier: Apache-2.0
#include "internal_kit.h"

#include "support/temp_file.h"

#include <criterion/criterion.h>

#include <string.h>

const char KIT_TWO[] =
    "{\"fields\": [{\"name\": \"c0\", \"type\": \"integer\", \"constraints\": "
    "{\"required\": true, \"minimum\": 0, \"maximum\": 1}, \"silhouette\": {\"bins\": "
    "\"integers\"}}, {\"name\": \"c1\", \"type\": \"integer\", \"constraints\": "
    "{\"required\": true, \"minimum\": 0, \"maximum\": 2}, \"silhouette\": {\"bins\": "
    "\"integers\"}}]}";

const char KIT_TRUE[] = "c0,c1\n0,0\n0,0\n0,0\n0,0\n0,1\n0,1\n1,2\n1,2\n";
const char KIT_SYNTHETIC[] = "c1,c0\n0,0\n1,1\n2,1\n2,1\n";

struct sil_model *kit_model_of(const char *schema, const char *csv)
{
    struct sil_model *model = NULL;
    struct sil_schema *parsed = NULL;
    struct sil_error err = {{0}};
    struct sil_fit_options options = sil_fit_defaults();
    struct test_file file = test_file_text(csv);
    options.mechanism = SIL_INDEPENDENT;
    options.epsilon = "1";
    options.delta = "1e-9";
    options.unledgered = true;

    cr_assert_eq(sil_schema_parse(&parsed, schema, strlen(schema), &err), SIL_OK, "%s",
                 err.text);
    cr_assert_eq(sil_model_fit(&model, file.path, parsed, &options, &err), SIL_OK, "%s",
                 err.text);
    sil_schema_free(parsed);
    test_file_remove(&file);
    return model;
}

void kit_compare(struct sil_comparison *out, const struct sil_model *model,
                 const char *truth, const char *synthetic, const char *group,
                 unsigned n_threads)
{
    struct sil_error err = {{0}};
    struct test_file data = test_file_text(truth);
    struct test_file rows = test_file_text(synthetic);
    const struct sil_comparison_options options = {
        .data = data.path,
        .synthetic = rows.path,
        .sample = sil_sample_defaults(),
        .group = &group,
        .n_groups = group == NULL ? 0 : 1,
        .n_threads = n_threads,
    };
    cr_assert_eq(sil_comparison_make(out, model, &options, &err), SIL_OK, "%s",
                 err.text);
    test_file_remove(&data);
    test_file_remove(&rows);
}

// SPDX-License-Identifier: Apache-2.0
/* What a command of the auditor is said to have found. Promises: reading it succeeds or gives
 * a reason; what was read makes a page of less than a megabyte, in which no text of it is
 * markup, and a JSON file. */
#include "audits/report/report.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* Markup that is on no page of the program's own. */
static const char *const STRANGE[] = {"<script", "<img", "<!--", "javascript:\"",
                                      "onload=\""};

static void check(struct aud_report *report)
{
    struct sil_error err = {{0}};
    struct sil_bytes page = {0};
    struct sil_bytes json = {0};
    FUZZ_REQUIRE(aud_report_page(&page, report, &err) == SIL_OK);
    FUZZ_REQUIRE(aud_report_json(&json, report, &err) == SIL_OK);
    FUZZ_REQUIRE(page.length <= AUD_PAGE_MAX);
    FUZZ_REQUIRE(memchr(page.data, 0, page.length) == NULL);
    FUZZ_REQUIRE(sil_bytes_append(&page, "", 1, &err) == SIL_OK);
    for (size_t i = 0; i < sizeof STRANGE / sizeof STRANGE[0]; i++) {
        FUZZ_REQUIRE(strstr((const char *)page.data, STRANGE[i]) == NULL);
    }
    sil_bytes_clear(&page);
    sil_bytes_clear(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct aud_report report = {.date = "2026-11-22",
                                .command = "silhouette-audit report",
                                .page_name = "r.html",
                                .json_name = "r.json"};
    struct aud_input *input = &report.inputs.item[0];
    sil_status status = aud_parse_content(&input->content, &input->layer, &input->word,
                                          (const char *)data, size, &err);
    if (status == SIL_OK) {
        report.inputs.n = 1;
        input->path = strdup("findings.json");
        FUZZ_REQUIRE(input->path != NULL);
        check(&report);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED);
        FUZZ_REQUIRE(strlen(err.text) > 0);
    }
    aud_inputs_clear(&report.inputs);
    return 0;
}

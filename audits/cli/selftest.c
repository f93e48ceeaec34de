// SPDX-License-Identifier: Apache-2.0
/* selftest: does the auditor catch what it says that it catches? */
#include "audits/cli/command.h"
#include "audits/cli/parse.h"
#include "audits/selftest/crew.h"
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"

#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_QUICK = 256, KEY_LONG, KEY_ZOO, KEY_JSON };

static const struct argp_option OPTIONS[] = {
    AUD_OPTION("quick", KEY_QUICK, NULL,
               "Every exhibit once: minutes. This is the default"),
    AUD_OPTION("long", KEY_LONG, NULL,
               "Every broken one 50 times and every right one 200 times: hours"),
    AUD_OPTION(
        "zoo", KEY_ZOO, "DIR",
        "The folder of the zoo (default: zoo, beside this program: a build of the "
        "project with its tests makes it)"),
    AUD_OPTION("json", KEY_JSON, NULL, "Print one JSON object instead of a table"),
    {0}};

struct arguments {
    uint64_t given;
    const char *zoo;
    bool is_long;
    bool json;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    aud_parse_once(&arguments->given, key, OPTIONS, state);
    switch (key) {
    case KEY_QUICK: return 0;
    case KEY_LONG: arguments->is_long = true; return 0;
    case KEY_ZOO: arguments->zoo = value; return 0;
    case KEY_JSON: arguments->json = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "not understood: %s", value); return 0;
    case ARGP_KEY_END:
        if (arguments->is_long && aud_parse_has(arguments->given, KEY_QUICK)) {
            argp_error(state,
                       "--quick and --long do not go together: give one of them");
        }
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp SELFTEST = {
    .options = OPTIONS,
    .parser = parse,
    .doc =
        "Runs the checks of this program on a zoo of generators: broken ones, each with "
        "a bug that happened somewhere, which must be refuted, and right ones, which "
        "must not. Prints for each which check caught it, and with what "
        "evidence.\vExit codes: 0 every broken one that there is a check for was "
        "caught and no right one accused, 1 otherwise, 64 wrong usage, 65 an input that "
        "is none, 70 internal error, 74 input/output."};

/* An exhibit's lines are written when it has been shown. */
static sil_status write_record(void *context, const struct aud_record *record,
                               struct sil_error *err)
{
    const struct arguments *arguments = context;
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    if (!arguments->json) {
        SIL_TRY(aud_record_print(&text, record, err));
        SIL_TRY(aud_command_say(&text, err));
    }

cleanup:
    sil_bytes_clear(&text);
    return status;
}

static sil_status show_all(struct aud_record *record, const struct aud_zoo *zoo,
                           struct arguments *arguments, const char *auditor,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    const struct aud_crew crew = {.zoo = zoo,
                                  .auditor = auditor,
                                  .is_long = arguments->is_long,
                                  .seen = write_record,
                                  .context = arguments};
    SIL_TRY(aud_crew_show(record, &crew, err));
    SIL_TRY(arguments->json
                ? aud_records_json(&text, record, zoo->n, arguments->is_long, err)
                : aud_records_sum(&text, record, zoo->n, err));
    SIL_TRY(aud_command_say(&text, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* This program, and the zoo beside it. */
static sil_status find_self(char auditor[PATH_MAX], char zoo[PATH_MAX],
                            struct sil_error *err)
{
    static const char NAME[] = "zoo";
    if (realpath("/proc/self/exe", auditor) == NULL) {
        return sil_fail_errno(err, "cannot find this program's own file");
    }
    size_t folder = (size_t)(strrchr(auditor, '/') - auditor) + 1;
    if (folder + sizeof NAME > PATH_MAX) {
        return sil_fail(err, SIL_ERR_IO, "the path of this program is too long");
    }
    (void)memcpy(zoo, auditor, folder);
    (void)memcpy(zoo + folder, NAME, sizeof NAME);
    return SIL_OK;
}

int aud_command_selftest(int argc, char **argv)
{
    sil_status status = SIL_OK;
    struct sil_error err = {""};
    struct arguments arguments = {0};
    struct aud_zoo zoo = {0};
    struct aud_record *record = NULL;
    char auditor[PATH_MAX];
    char beside[PATH_MAX];
    if (argp_parse(&SELFTEST, argc, argv, 0, NULL, &arguments) != 0) {
        return SIL_ERR_USAGE;
    }
    SIL_TRY(sil_crypto_start(&err));
    SIL_TRY(find_self(auditor, beside, &err));
    SIL_TRY(aud_zoo_open(&zoo, arguments.zoo == NULL ? beside : arguments.zoo, &err));
    SIL_TRY(sil_alloc(&record, zoo.n, sizeof *record, "records", &err));
    SIL_TRY(show_all(record, &zoo, &arguments, auditor, &err));
    status = aud_records_status(record, zoo.n);

cleanup:
    if (err.text[0] != '\0' && status != SIL_OK) {
        (void)fprintf(stderr, "silhouette-audit: %s\n", err.text);
    }
    free(record);
    aud_zoo_clear(&zoo);
    return (int)status;
}

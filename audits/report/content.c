// SPDX-License-Identifier: Apache-2.0
/* Is a JSON text what a command of this program prints? */
#include "audits/report/shape.h"
#include "base/fail.h"

#include <string.h>

enum {
    FINDINGS_MOST = 64,
    LIST_MOST = 10000,
    EXHIBITS_MOST = 500,
    REBALANCED_MOST = 16
};

/* ---- verify, conform, game ---- */

static const char *const FOUND[] = {"not-examined", "holds", "inconclusive", "refuted"};

static sil_status check_finding(const json_t *finding, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"id",      AUD_TEXT, false, 0},
        {"check",   AUD_TEXT, false, 0},
        {"verdict", AUD_TEXT, false, 0},
        {"detail",  AUD_TEXT, false, 0},
        {"p",       AUD_RATE, true,  0},
    };

    sil_status status = AUD_CHECK(finding, MEMBERS, "a finding", err);
    return status != SIL_OK || aud_word_of(finding, "verdict", FOUND, 4) < 4
               ? status
               : sil_fail(err, SIL_ERR_INPUT, "a finding has no verdict that there is");
}

static sil_status check_public_input(const json_t *input, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"input",  AUD_TEXT, false, 0},
        {"name",   AUD_TEXT, false, 0},
        {"source", AUD_TEXT, false, 0},
        {"how",    AUD_TEXT, false, 0},
    };

    return AUD_CHECK(input, MEMBERS, "an input", err);
}

static sil_status check_stage(const json_t *stage, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"mechanism",   AUD_TEXT,  false, 0},
        {"columns",     AUD_COUNT, false, 0},
        {"lines",       AUD_COUNT, false, 0},
        {"sensitivity", AUD_TEXT,  false, 0},
        {"least",       AUD_REAL,  false, 0},
        {"most",        AUD_REAL,  false, 0},
        {"rho",         AUD_REAL,  false, 0},
    };

    return AUD_CHECK(stage, MEMBERS, "a stage", err);
}

static sil_status check_file(const json_t *file, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"name",   AUD_TEXT, false, 0},
        {"sha256", AUD_TEXT, false, 0}
    };

    return AUD_CHECK(file, MEMBERS, "a file of the release", err);
}

static sil_status check_shares(const json_t *shares, struct sil_error *err)
{
    return json_is_string(shares)
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT, "shares that are no text");
}

/* What rows were made for. */
static sil_status check_order(const json_t *order, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"where",     AUD_TEXT, true,  0              },
        {"rebalance", AUD_LIST, false, REBALANCED_MOST},
        {"fair",      AUD_TEXT, true,  0              },
    };

    sil_status status = AUD_CHECK(order, MEMBERS, "an order", err);
    return status != SIL_OK
               ? status
               : aud_check_each(json_object_get(order, "rebalance"), check_shares, err);
}

static sil_status check_subject(const json_t *subject, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"ledger", AUD_OBJECT, true, 0        },
        {"claim",  AUD_OBJECT, true, 0        },
        {"stages", AUD_LIST,   true, LIST_MOST},
        {"files",  AUD_LIST,   true, LIST_MOST},
        {"order",  AUD_OBJECT, true, 0        },
    };

    static const struct aud_member LEDGER[] = {
        {"id",    AUD_TEXT,  false, 0},
        {"label", AUD_TEXT,  false, 0},
        {"size",  AUD_COUNT, false, 0},
        {"root",  AUD_TEXT,  false, 0},
    };

    static const struct aud_member CLAIM[] = {
        {"epsilon",    AUD_TEXT,  false, 0},
        {"delta",      AUD_TEXT,  false, 0},
        {"rho",        AUD_TEXT,  false, 0},
        {"mechanism",  AUD_TEXT,  false, 0},
        {"neighbours", AUD_TEXT,  false, 0},
        {"unit",       AUD_TEXT,  false, 0},
        {"rows",       AUD_COUNT, false, 0},
        {"guess",      AUD_RATE,  true,  0},
    };

    sil_status status = SIL_OK;
    SIL_TRY(AUD_CHECK(subject, MEMBERS, "the subject", err));
    const json_t *ledger = json_object_get(subject, "ledger");
    if (json_is_object(ledger)) {
        SIL_TRY(AUD_CHECK(ledger, LEDGER, "the ledger", err));
    }
    const json_t *claim = json_object_get(subject, "claim");
    if (json_is_object(claim)) {
        SIL_TRY(AUD_CHECK(claim, CLAIM, "the claim", err));
    }
    const json_t *order = json_object_get(subject, "order");
    if (json_is_object(order)) {
        SIL_TRY(check_order(order, err));
    }
    SIL_TRY(aud_check_each(json_object_get(subject, "stages"), check_stage, err));
    SIL_TRY(aud_check_each(json_object_get(subject, "files"), check_file, err));

cleanup:
    return status;
}

static sil_status check_findings(enum aud_word *word, const json_t *content,
                                 struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"verdict",  AUD_TEXT,   false, 0            },
        {"findings", AUD_LIST,   false, FINDINGS_MOST},
        {"inputs",   AUD_LIST,   true,  LIST_MOST    },
        {"domain",   AUD_LIST,   true,  LIST_MOST    },
        {"subject",  AUD_OBJECT, true,  0            },
        {"figures",  AUD_OBJECT, true,  0            },
    };

    sil_status status = SIL_OK;
    size_t worst = 0;
    SIL_TRY(AUD_CHECK(content, MEMBERS, "the file", err));
    const json_t *list = json_object_get(content, "findings");
    if (json_array_size(list) == 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "there are no findings in it");
        goto cleanup;
    }
    SIL_TRY(aud_check_each(list, check_finding, err));
    SIL_TRY(
        aud_check_each(json_object_get(content, "inputs"), check_public_input, err));
    const json_t *subject = json_object_get(content, "subject");
    if (json_is_object(subject)) {
        SIL_TRY(check_subject(subject, err));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        size_t of = aud_word_of(json_array_get(list, i), "verdict", FOUND, 4);
        worst = of > worst ? of : worst;
    }
    status = aud_check_verdict(word, content,
                               worst == 3   ? AUD_W_REFUTED
                               : worst == 2 ? AUD_W_INCONCLUSIVE
                                            : AUD_W_NOT_REFUTED,
                               err);

cleanup:
    return status;
}

/* What the program was held against, and how often it ran. */
static sil_status check_game(enum aud_word *word, const json_t *content,
                             struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"epsilon", AUD_REAL,  false, 0},
        {"delta",   AUD_RATE,  false, 0},
        {"runs",    AUD_COUNT, false, 0},
        {"seed",    AUD_TEXT,  false, 0},
    };

    sil_status status = SIL_OK;
    SIL_TRY(check_findings(word, content, err));
    SIL_TRY(AUD_CHECK(content, MEMBERS, "the game", err));
    status = aud_check_promise(content, err);

cleanup:
    return status;
}

/* ---- selftest ---- */

static sil_status check_exhibit(const json_t *exhibit, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"id",     AUD_TEXT, false, 0},
        {"result", AUD_TEXT, false, 0}
    };

    return AUD_CHECK(exhibit, MEMBERS, "an exhibit", err);
}

static sil_status check_selftest(enum aud_word *word, const json_t *content,
                                 struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"mode",     AUD_TEXT, false, 0            },
        {"exhibits", AUD_LIST, false, EXHIBITS_MOST}
    };

    static const char *const GOOD[] = {"caught", "cleared", "lacking"};
    sil_status status = SIL_OK;
    SIL_TRY(AUD_CHECK(content, MEMBERS, "the file", err));
    const json_t *list = json_object_get(content, "exhibits");
    SIL_TRY(aud_check_each(list, check_exhibit, err));
    *word = json_array_size(list) > 0 ? AUD_W_NOT_REFUTED : AUD_W_INCONCLUSIVE;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (aud_word_of(json_array_get(list, i), "result", GOOD, 3) == 3) {
            *word = AUD_W_INCONCLUSIVE;
        }
    }

cleanup:
    return status;
}

/* ---- which command ---- */

sil_status aud_check_content(enum aud_layer *layer, enum aud_word *word,
                             const json_t *content, struct sil_error *err)
{
    const char *command = aud_text(content, "command");
    bool is_of_release = json_object_get(content, "subject") != NULL;
    bool is_attack = json_object_get(content, "attacks") != NULL;
    bool is_zoo = json_object_get(content, "exhibits") != NULL;
    if (is_of_release && (is_attack || is_zoo)) { /* verify and conform know of it */
        return sil_fail(err, SIL_ERR_INPUT, "attacks that name a release");
    }
    if (is_attack) {
        *layer = AUD_RISK;
        return aud_check_attacks(word, content, err);
    }
    if (is_zoo) {
        *layer = AUD_SELF;
        return check_selftest(word, content, err);
    }
    for (int i = AUD_PAPERS; i <= AUD_GAME_LAYER; i++) {
        if (strcmp(command, aud_layer_name((enum aud_layer)i)) == 0) {
            *layer = (enum aud_layer)i;
            return i == AUD_GAME_LAYER ? check_game(word, content, err)
                                       : check_findings(word, content, err);
        }
    }
    return sil_fail(err, SIL_ERR_INPUT,
                    "it is not what verify, conform, game, attack or selftest of "
                    "silhouette-audit print with --json");
}

// SPDX-License-Identifier: Apache-2.0
/* The findings of attack: docs/attack.schema.json, as far as they are read here. */
#include "audits/report/shape.h"
#include "base/fail.h"

enum { ATTACKS_MOST = 96, POINTS_MOST = 256, CONDITIONS_MOST = 16, VERSION = 1 };

/* The tables of an attack have a gibibyte together; and intervals of more would take long. */
static const double RECORDS_MOST = 0x1p31;

static const char *const VERDICTS[] = {"not-examined", "not-refuted", "inconclusive",
                                       "exposed", "refuted"};

static sil_status check_point(const json_t *point, struct sil_error *err)
{
    bool is = json_array_size(point) == 2 &&
              aud_is_number(json_array_get(point, 0), 0, 1) &&
              aud_is_number(json_array_get(point, 1), 0, 1);
    return is ? SIL_OK : sil_fail(err, SIL_ERR_INPUT, "a point of a curve is none");
}

static sil_status check_at(const json_t *at, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"fpr",         AUD_RATE, false, 0},
        {"fpr_reached", AUD_RATE, false, 0},
        {"tpr",         AUD_RATE, true,  0},
        {"interval",    AUD_PAIR, false, 0},
        {"ceiling",     AUD_RATE, true,  0},
    };

    return AUD_CHECK(at, MEMBERS, "a true positive rate", err);
}

/* Somebody was tried on either side, and nobody accused who was not. */
static sil_status check_tries(const json_t *bound, const json_t *attack,
                              struct sil_error *err)
{
    double positives = aud_real(bound, "positives", 0);
    double negatives = aud_real(bound, "negatives", 0);
    bool is = positives >= 1 && positives <= aud_real(attack, "members", 0) &&
              negatives >= 1 && negatives <= aud_real(attack, "non_members", 0) &&
              aud_real(bound, "hits", 0) <= positives &&
              aud_real(bound, "alarms", 0) <= negatives;
    return is ? SIL_OK
              : sil_fail(err, SIL_ERR_INPUT,
                         "a bound of other numbers of targets than the attack had");
}

/* What may be null, and is read. */
static sil_status check_parts(const json_t *attack, struct sil_error *err)
{
    static const struct aud_member RATES[] = {
        {"members",     AUD_RATE, true,  0},
        {"non_members", AUD_RATE, true,  0},
        {"baseline",    AUD_RATE, true,  0},
        {"difference",  AUD_REAL, false, 0},
        {"interval",    AUD_PAIR, false, 0},
    };

    static const struct aud_member WORST[] = {
        {"where",           AUD_TEXT,  false, 0},
        {"members",         AUD_COUNT, false, 0},
        {"non_members",     AUD_COUNT, false, 0},
        {"member_mean",     AUD_REAL,  false, 0},
        {"non_member_mean", AUD_REAL,  false, 0},
        {"p",               AUD_RATE,  false, 0},
    };

    static const struct aud_member BOUND[] = {
        {"lower",         AUD_REAL,  false, 0},
        {"hits",          AUD_COUNT, false, 0},
        {"positives",     AUD_COUNT, false, 0},
        {"alarms",        AUD_COUNT, false, 0},
        {"negatives",     AUD_COUNT, false, 0},
        {"most_provable", AUD_REAL,  false, 0},
        {"by_coins",      AUD_REAL,  true,  0},
    };

    static const struct aud_member CEILING[] = {
        {"auc",     AUD_RATE, false, 0},
        {"epsilon", AUD_REAL, false, 0}
    };

    const json_t *rates = json_object_get(attack, "rates");
    const json_t *worst = json_object_get(attack, "worst_subgroup");
    const json_t *bound = json_object_get(attack, "epsilon");
    const json_t *ceiling = json_object_get(attack, "ceiling");
    sil_status status = SIL_OK;
    if (json_is_object(rates)) {
        SIL_TRY(AUD_CHECK(rates, RATES, "rates", err));
    }
    if (json_is_object(worst)) {
        SIL_TRY(AUD_CHECK(worst, WORST, "a subgroup", err));
    }
    if (json_is_object(bound)) {
        SIL_TRY(AUD_CHECK(bound, BOUND, "a bound", err));
        SIL_TRY(check_tries(bound, attack, err));
    }
    if (json_is_object(ceiling)) {
        SIL_TRY(AUD_CHECK(ceiling, CEILING, "a ceiling", err));
    }
    SIL_TRY(aud_check_each(json_object_get(attack, "tpr_at_fpr"), check_at, err));
    SIL_TRY(aud_check_each(json_object_get(attack, "roc"), check_point, err));

cleanup:
    return status;
}

static sil_status check_attack(const json_t *attack, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"name",           AUD_TEXT,   false, 0          },
        {"family",         AUD_TEXT,   false, 0          },
        {"targets",        AUD_TEXT,   false, 0          },
        {"detail",         AUD_TEXT,   false, 0          },
        {"members",        AUD_COUNT,  false, 0          },
        {"non_members",    AUD_COUNT,  false, 0          },
        {"auc",            AUD_RATE,   true,  0          },
        {"auc_interval",   AUD_PAIR,   true,  0          },
        {"tpr_at_fpr",     AUD_LIST,   true,  3          },
        {"roc",            AUD_LIST,   true,  POINTS_MOST},
        {"rates",          AUD_OBJECT, true,  0          },
        {"worst_subgroup", AUD_OBJECT, true,  0          },
        {"p",              AUD_RATE,   true,  0          },
        {"p_adjusted",     AUD_RATE,   true,  0          },
        {"epsilon",        AUD_OBJECT, true,  0          },
        {"ceiling",        AUD_OBJECT, true,  0          },
        {"verdict",        AUD_TEXT,   false, 0          },
    };

    static const char *const FAMILIES[] = {"membership", "singling-out", "linkability",
                                           "attribute-inference", "distance"};

    static const char *const TARGETS[] = {"all", "random", "vulnerable"};

    sil_status status = AUD_CHECK(attack, MEMBERS, "an attack", err);
    if (status != SIL_OK) {
        return status;
    }
    if (!aud_is_number(json_object_get(attack, "members"), 0, RECORDS_MOST) ||
        !aud_is_number(json_object_get(attack, "non_members"), 0, RECORDS_MOST)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "an attack on more records than there can be");
    }
    if (aud_word_of(attack, "family", FAMILIES, 5) == 5 ||
        aud_word_of(attack, "targets", TARGETS, 3) == 3 ||
        aud_word_of(attack, "verdict", VERDICTS, AUD_N_WORDS) == AUD_N_WORDS) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "an attack has a family, targets or a verdict that there are "
                        "none of");
    }
    return check_parts(attack, err);
}

static sil_status check_condition(const json_t *condition, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"what",   AUD_TEXT,   false, 0},
        {"holds",  AUD_YES_NO, false, 0},
        {"p",      AUD_RATE,   false, 0},
        {"detail", AUD_TEXT,   false, 0},
    };

    return AUD_CHECK(condition, MEMBERS, "a condition", err);
}

static sil_status check_spread(const json_t *distances, const char *key, size_t n,
                               struct sil_error *err)
{
    const json_t *list = json_object_get(json_object_get(distances, key), "distance");
    double last = 0;
    bool is = json_is_array(list) && json_array_size(list) == n;
    for (size_t i = 0; i < n && is; i++) {
        const json_t *value = json_array_get(list, i);
        is = aud_is_number(value, last, 1);
        last = json_number_value(value);
    }
    return is ? SIL_OK
              : sil_fail(err, SIL_ERR_INPUT, "distances: %s is no list of quantiles",
                         key);
}

/* Quantiles ascend from 0 to 1, and so does what is drawn at them. */
static sil_status check_distances(const json_t *distances, struct sil_error *err)
{
    const json_t *at = json_object_get(distances, "quantiles");
    size_t n = json_array_size(at);
    double last = 0;
    bool is = n >= 2 && n <= POINTS_MOST;
    for (size_t i = 0; i < n && is; i++) {
        is = aud_is_number(json_array_get(at, i), last, 1);
        last = json_number_value(json_array_get(at, i));
    }
    if (!is || json_number_value(json_array_get(at, 0)) > 0 || last < 1) {
        return sil_fail(err, SIL_ERR_INPUT, "distances: no quantiles from 0 to 1");
    }
    sil_status status = check_spread(distances, "members_to_synthetic", n, err);
    return status != SIL_OK
               ? status
               : check_spread(distances, "non_members_to_synthetic", n, err);
}

/* As the command itself concludes. */
static enum aud_word word_of_attacks(const json_t *content)
{
    size_t worst = 0;
    bool holds = true;
    bool is_tested = false;
    const json_t *attacks = json_object_get(content, "attacks");
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        const json_t *attack = json_array_get(attacks, i);
        size_t of = aud_word_of(attack, "verdict", VERDICTS, AUD_N_WORDS);
        worst = of > worst ? of : worst;
        is_tested |= json_is_number(json_object_get(attack, "p"));
    }
    const json_t *conditions = json_object_get(content, "conditions");
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        holds &= json_is_true(json_object_get(json_array_get(conditions, i), "holds"));
    }
    return worst >= AUD_W_EXPOSED ? (enum aud_word)worst
           : holds && is_tested   ? AUD_W_NOT_REFUTED
                                  : AUD_W_INCONCLUSIVE;
}

static sil_status check_claim(const json_t *claim, struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"epsilon", AUD_REAL, false, 0},
        {"delta",   AUD_RATE, false, 0}
    };

    sil_status status = AUD_CHECK(claim, MEMBERS, "the claim", err);
    return status == SIL_OK ? aud_check_promise(claim, err) : status;
}

sil_status aud_check_attacks(enum aud_word *word, const json_t *content,
                             struct sil_error *err)
{
    static const struct aud_member MEMBERS[] = {
        {"version",    AUD_COUNT,  false, 0              },
        {"verdict",    AUD_TEXT,   false, 0              },
        {"claim",      AUD_OBJECT, true,  0              },
        {"inclusion",  AUD_TEXT,   false, 0              },
        {"person",     AUD_TEXT,   true,  0              },
        {"seed",       AUD_COUNT,  false, 0              },
        {"files",      AUD_OBJECT, true,  0              },
        {"rows",       AUD_OBJECT, false, 0              },
        {"conditions", AUD_LIST,   false, CONDITIONS_MOST},
        {"attacks",    AUD_LIST,   false, ATTACKS_MOST   },
        {"distances",  AUD_OBJECT, true,  0              },
    };

    static const struct aud_member ROWS[] = {
        {"train",     AUD_COUNT, false, 0},
        {"holdout",   AUD_COUNT, false, 0},
        {"synthetic", AUD_COUNT, false, 0},
        {"columns",   AUD_COUNT, false, 0},
    };

    static const struct aud_member FILES[] = {
        {"train",     AUD_TEXT, false, 0},
        {"holdout",   AUD_TEXT, false, 0},
        {"synthetic", AUD_TEXT, false, 0}
    };

    sil_status status = SIL_OK;
    SIL_TRY(AUD_CHECK(content, MEMBERS, "the file", err));
    if (json_integer_value(json_object_get(content, "version")) != VERSION) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "findings of a version that this program lacks");
        goto cleanup;
    }
    SIL_TRY(AUD_CHECK(json_object_get(content, "rows"), ROWS, "rows", err));
    const json_t *files = json_object_get(content, "files");
    if (json_is_object(files)) {
        SIL_TRY(AUD_CHECK(files, FILES, "files", err));
    }
    const json_t *claim = json_object_get(content, "claim");
    if (json_is_object(claim)) {
        SIL_TRY(check_claim(claim, err));
    }
    SIL_TRY(
        aud_check_each(json_object_get(content, "conditions"), check_condition, err));
    SIL_TRY(aud_check_each(json_object_get(content, "attacks"), check_attack, err));
    const json_t *distances = json_object_get(content, "distances");
    if (json_is_object(distances)) {
        SIL_TRY(check_distances(distances, err));
    }
    SIL_TRY(aud_check_judgements(content, err));
    status = aud_check_verdict(word, content, word_of_attacks(content), err);

cleanup:
    return status;
}

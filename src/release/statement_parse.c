// SPDX-License-Identifier: Apache-2.0
/* The statement, read: what the record cannot be made without. */
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"
#include "release/statement.h"
#include "release/statement_parts.h"
#include "synth/shares.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static sil_status damaged(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "not the statement of a release: %s", what);
}

static json_t *member(json_t *object, const char *name)
{
    return json_is_object(object) ? json_object_get(object, name) : NULL;
}

static bool is_text(json_t *object, const char *name, const char *text)
{
    const char *value = json_string_value(member(object, name));
    return value != NULL && strcmp(value, text) == 0;
}

/* A whole number from `least` to `most`. */
static bool take_number(uint64_t *out, json_t *object, const char *name, uint64_t least,
                        uint64_t most)
{
    json_t *value = member(object, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return false;
    }
    *out = (uint64_t)json_integer_value(value);
    return *out >= least && *out <= most;
}

static bool take_id(struct sil_id *out, json_t *object, const char *name)
{
    const char *text = json_string_value(member(object, name));
    return text != NULL && sil_id_parse(out, text);
}

/* ---- numbers of versions ---- */

static sil_status check_version(struct sil_statement *out, json_t *root,
                                struct sil_error *err)
{
    json_t *predicate = member(root, "predicate");
    uint64_t documents = 0;
    uint64_t replay = 0;
    if (!is_text(root, "_type", SIL_STATEMENT_TYPE) || !json_is_object(predicate)) {
        return damaged(err, "it is no in-toto Statement v1");
    }
    if (!is_text(root, "predicateType", SIL_PREDICATE_TYPE)) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "the statement is of a type that this program does not know");
    }
    if (!take_number(&documents, predicate, "documents", 1, UINT_MAX) ||
        !take_number(&replay, predicate, "replay", 1, UINT_MAX)) {
        return damaged(err, "it has no numbers of its documents and its replay");
    }
    out->documents = (unsigned)documents;
    out->replay = (unsigned)replay;
    if (documents != SIL_DOCUMENTS_VERSION && documents != SIL_DOCUMENTS_MADE) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "the documents are of version %u; this program writes, and so "
                        "compares, versions %d and %d",
                        out->documents, SIL_DOCUMENTS_VERSION, SIL_DOCUMENTS_MADE);
    }
    return SIL_OK;
}

/* ---- digests ---- */

static bool take_hash(uint8_t out[SIL_HASH_BYTES], json_t *digest)
{
    const char *hex = json_string_value(member(digest, "sha256"));
    struct sil_id half[2];
    char text[SIL_ID_TEXT];
    if (hex == NULL || strlen(hex) != (size_t)4 * SIL_ID_BYTES) {
        return false;
    }
    (void)memcpy(text, hex, SIL_ID_TEXT - 1);
    text[SIL_ID_TEXT - 1] = '\0';
    if (!sil_id_parse(&half[0], text) ||
        !sil_id_parse(&half[1], hex + SIL_ID_TEXT - 1)) {
        return false;
    }
    (void)memcpy(out, half, SIL_HASH_BYTES);
    return true;
}

static sil_status take_subjects(struct sil_digests *out, json_t *subjects,
                                struct sil_error *err)
{
    if (!json_is_array(subjects) || json_array_size(subjects) != SIL_N_ARTIFACTS) {
        return damaged(err, "its subjects are not the files of a release");
    }
    for (int kind = 0; kind < SIL_N_ARTIFACTS; kind++) {
        json_t *subject = json_array_get(subjects, (size_t)kind);
        if (!is_text(subject, "name",
                     sil_artifact_name((enum sil_artifact_kind)kind)) ||
            !take_hash(out->of[kind].sha256, member(subject, "digest"))) {
            return damaged(err, "its subjects are not the files of a release");
        }
    }
    return SIL_OK;
}

/* ---- choices ---- */

/* A number below 2^64 in its one decimal form. */
static bool take_seed(uint64_t *out, const char *text)
{
    uint64_t value = 0;
    if (*text == '\0' || (*text == '0' && text[1] != '\0')) {
        return false;
    }
    for (; *text != '\0'; text++) {
        bool is_digit = *text >= '0' && *text <= '9';
        if (!is_digit || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

static sil_status take_choices(struct sil_choices *out, json_t *rows,
                               struct sil_error *err)
{
    json_t *seed = member(rows, "seed");
    out->has_rows = is_text(rows, "n_chosen_by", SIL_BY_OPERATOR);
    out->has_seed = is_text(rows, "seed_chosen_by", SIL_BY_OPERATOR);
    if (!take_number(&out->n_rows, rows, "n", 1, UINT32_MAX) ||
        (!out->has_rows && !is_text(rows, "n_chosen_by", SIL_BY_ESTIMATE))) {
        return damaged(err, "it does not say how many rows were drawn, and who chose");
    }
    bool is_said =
        out->has_seed
            ? json_is_string(seed) && take_seed(&out->seed, json_string_value(seed))
            : json_is_null(seed) && is_text(rows, "seed_chosen_by", SIL_BY_TRANSCRIPT);
    return is_said ? SIL_OK
                   : damaged(err, "it does not say from which seed, and who chose");
}

/* ---- rows made to order ---- */

static sil_status copy_text(struct sil_statement *out, const char *text,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t length = strlen(text);
    char *copy = NULL;
    SIL_TRY(sil_alloc(&copy, length + 1, 1, "the statement", err));
    (void)memcpy(copy, text, length);
    out->texts[out->n_texts++] = copy;
cleanup:
    return status;
}

/* `where` and the list; what the texts say is for the replay to refuse. */
static sil_status take_texts(struct sil_statement *out, json_t *order,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *where = member(order, "where");
    json_t *fair = member(order, "fair");
    json_t *list = member(order, "rebalance");
    size_t n = json_array_size(list);
    bool is_order = (json_is_string(where) || json_is_null(where)) &&
                    (json_is_string(fair) || json_is_null(fair)) &&
                    json_is_array(list) && n <= SIL_REBALANCE_MAX &&
                    (json_is_string(where) || json_is_string(fair) || n > 0);
    for (size_t i = 0; i < n && is_order; i++) {
        is_order = json_is_string(json_array_get(list, i));
    }
    if (!is_order) {
        return damaged(err, "it does not say what the rows were made for");
    }
    SIL_TRY(sil_alloc((void *)&out->texts, n + 2, sizeof *out->texts, "the statement",
                      err));
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(copy_text(out, json_string_value(json_array_get(list, i)), err));
    }
    out->choices.rebalance = (const char *const *)out->texts;
    out->choices.n_rebalance = n;
    if (json_is_string(where)) {
        SIL_TRY(copy_text(out, json_string_value(where), err));
        out->choices.where = out->texts[n];
    }
    if (json_is_string(fair)) {
        SIL_TRY(copy_text(out, json_string_value(fair), err));
        out->choices.fair = out->texts[out->n_texts - 1];
    }
cleanup:
    return status;
}

static sil_status take_order(struct sil_statement *out, json_t *rows,
                             struct sil_error *err)
{
    json_t *order = member(rows, "made_to_order");
    if ((order != NULL) != (out->documents == SIL_DOCUMENTS_MADE)) {
        return damaged(err, "rows made to order are those of documents 2");
    }
    return order == NULL ? SIL_OK : take_texts(out, order, err);
}

void sil_statement_clear(struct sil_statement *statement)
{
    for (size_t i = 0; i < statement->n_texts; i++) {
        free(statement->texts[i]);
    }
    free((void *)statement->texts);
    *statement = (struct sil_statement){0};
}

sil_status sil_statement_parse(struct sil_statement *out, const char *text,
                               size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;

    *out = (struct sil_statement){0};
    if (length > SIL_STATEMENT_BYTES_MAX) {
        return damaged(err, "it is too long");
    }
    SIL_TRY(sil_json_parse(&root, text, length, "the statement", err));
    SIL_TRY(check_version(out, root, err));
    json_t *predicate = member(root, "predicate");
    json_t *ledger = member(predicate, "ledger");
    if (!take_id(&out->ledger, ledger, "id") ||
        !take_id(&out->release, ledger, "release") ||
        !take_number(&out->size, ledger, "size", 1, INT64_MAX)) {
        status = damaged(err, "it does not say which ledger it is about");
        goto cleanup;
    }
    SIL_TRY(take_subjects(&out->digests, member(root, "subject"), err));
    SIL_TRY(take_choices(&out->choices, member(predicate, "rows"), err));
    SIL_TRY(take_order(out, member(predicate, "rows"), err));

cleanup:
    json_decref(root);
    return status;
}

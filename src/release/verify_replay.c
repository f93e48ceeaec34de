// SPDX-License-Identifier: Apache-2.0
/* T1, R7, V1 and the copies: everything behind the noise, made again. */
#include "base/fail.h"
#include "base/file.h"
#include "release/documents.h"
#include "release/verify.h"
#include "release/verify_memory.h"
#include "synth/model_object.h"
#include "synth/sample.h"
#include "table/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is made again, in this order. */
struct replay {
    struct sil_verify *verify;
    struct sil_model *model;
    struct sil_codes rows;
    struct sil_parts *parts;
    struct sil_sample_report drawn; ///< of the rows
    bool has_rows;
    struct sil_chain before; ///< the ledger that the statement is about
    struct sil_record record;
    bool has_record;
    struct sil_datasheet sheet; ///< of the record
    struct sil_digests digests; ///< of the files as they are
};

static const struct sil_bytes *transcript_of(const struct sil_verify *verify)
{
    return &sil_verify_file(verify, sil_artifact_name(SIL_ARTIFACT_TRANSCRIPT))->bytes;
}

/* ---- T1, R7, C1 ---- */

static sil_status check_transcript(struct sil_verify *verify, struct sil_error *err)
{
    const struct sil_bytes *bytes = transcript_of(verify);
    return sil_transcript_decode(&verify->transcript, bytes->data, bytes->length, err);
}

static const struct sil_bytes *entry_of(const void *context, uint64_t seq)
{
    const struct sil_export *exported = context;
    return &exported->entry[seq];
}

static sil_status check_run(const struct sil_verify *verify, struct sil_error *err)
{
    const struct sil_release_entry *release = &verify->entry.body.release;
    const struct sil_ledger_view view = {
        .chain = &verify->chain, .entry = entry_of, .context = &verify->exported};
    sil_status status = sil_transcript_check_ledger(&verify->transcript,
                                                    transcript_of(verify), &view, err);
    if (status == SIL_OK &&
        (release->n_reserves != 1 ||
         !sil_id_equal(&release->reserves[0], &verify->transcript.stamp.reserve))) {
        status = sil_fail(err, SIL_ERR_CHECK,
                          "the release's entry cites another run than the transcript");
    }
    return status;
}

static sil_status check_schema(const struct sil_verify *verify, struct sil_error *err)
{
    const char *text = NULL;
    size_t length = 0;
    sil_schema_text(&text, &length, verify->transcript.schema);
    return sil_verify_same(
        sil_verify_file(verify, sil_artifact_name(SIL_ARTIFACT_SCHEMA)), text, length,
        err);
}

/* ---- V1 ---- */

/* Rows as CSV, into a digest, the cheaper one of two that are known of data.csv; and no
 * further than data.csv goes. */
struct tape {
    struct sil_stream *stream;
    uint64_t bytes;
    uint64_t most;
};

static sil_status differs(struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_CHECK,
                    "data.csv is not what the transcript and the choices in "
                    "statement.json give");
}

static sil_status take_piece(void *context, const void *data, size_t length,
                             struct sil_error *err)
{
    struct tape *tape = context;
    tape->bytes += length;
    if (tape->bytes > tape->most) {
        return differs(err);
    }
    sil_stream_add(tape->stream, data, length);
    return SIL_OK;
}

static sil_status write_rows(struct replay *replay,
                             const struct sil_sample_options *options,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_stream_digests *data = &replay->verify->data;
    struct tape tape = {.most = data->bytes};
    struct sil_output *output = NULL;
    struct sil_stream_digests made;

    SIL_TRY(sil_stream_new_blake512(&tape.stream, err));
    SIL_TRY(sil_output_to(&output, take_piece, &tape, err));
    SIL_TRY(sil_rows_write(output, &replay->rows, replay->parts, replay->model, options,
                           err));
    struct sil_output *ready = output;
    output = NULL;
    SIL_TRY(sil_output_commit(ready, err));
    sil_stream_finish(&made, tape.stream);
    if (made.bytes != data->bytes ||
        memcmp(made.blake512, data->blake512, sizeof made.blake512) != 0) {
        status = differs(err);
    }
cleanup:
    sil_output_abandon(output);
    sil_stream_free(tape.stream);
    return status;
}

static sil_status check_estimate(const struct sil_choices *choices, uint64_t n_expected,
                                 struct sil_error *err)
{
    return choices->has_rows || choices->n_rows == n_expected
               ? SIL_OK
               : sil_fail(err, SIL_ERR_CHECK,
                          "statement.json gives another number of rows for the private "
                          "estimate than the transcript");
}

static sil_status draw_rows(struct replay *replay, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_verify_options *asked = replay->verify->options;
    const struct sil_choices *choices = &replay->verify->statement.choices;
    struct sil_sample_options options = sil_choices_options(choices);
    struct sil_sample_report *report = &replay->drawn;
    const bool is_made = sil_choices_are_made(choices);
    const struct sil_bytes *bytes = transcript_of(replay->verify);
    struct sil_transcript *transcript = &replay->verify->transcript;
    options.n_threads = asked->n_threads;
    options.progress = asked->progress;
    options.report = report;

    sil_progress(&asked->progress, "fitting", 0, 0);
    SIL_TRY(sil_model_of_decoded(&replay->model, transcript, bytes->data, bytes->length,
                                 asked->n_threads, err));
    if (!is_made) { /* how many rows of an order there are is known when it is made */
        SIL_TRY(check_estimate(choices, sil_model_rows(replay->model), err));
    }
    SIL_TRY(sil_rows_draw(&replay->rows, &replay->parts, replay->model, &options, err));
    if (is_made) {
        SIL_TRY(check_estimate(choices, report->n_expected, err));
    }
    replay->has_rows = true;
    SIL_TRY(write_rows(replay, &options, err));
cleanup:
    return status;
}

/* Does what the transcript declares fit into the memory allowed? Enters why not. */
static sil_status check_memory(bool *fits, struct sil_verify *verify,
                               struct sil_error *err)
{
    uint64_t need = 0;
    uint64_t allowed = verify->options->memory_mb << 20;
    char detail[128];
    sil_status status =
        sil_replay_memory(&need, &verify->transcript, transcript_of(verify)->length,
                          &verify->statement.choices, err);
    *fits = status == SIL_OK && need <= allowed;
    if (status != SIL_OK || *fits) {
        return status;
    }
    (void)snprintf(detail, sizeof detail,
                   "replaying it may take more than %" PRIu64
                   " MB: --memory-mb %" PRIu64 " would do",
                   verify->options->memory_mb, (need >> 20) + 1);
    return sil_verify_enter(verify->out, SIL_STEP_REPLAY, SIL_VERIFY_INCONCLUSIVE,
                            detail, err);
}

static sil_status check_replay(struct replay *replay, struct sil_error *err)
{
    struct sil_verify *verify = replay->verify;
    bool fits = false;
    if (verify->statement_status != SIL_OK) {
        *err = verify->statement_error;
        return sil_verify_judge(verify->out, SIL_STEP_REPLAY, verify->statement_status,
                                err);
    }
    sil_status status = check_memory(&fits, verify, err);
    if (status != SIL_OK || !fits) {
        return status;
    }
    return sil_verify_judge(verify->out, SIL_STEP_REPLAY, draw_rows(replay, err), err);
}

/* ---- the copies ---- */

static void take_digests(struct replay *replay)
{
    const struct sil_verify *verify = replay->verify;
    for (int kind = 0; kind < SIL_N_ARTIFACTS; kind++) {
        struct sil_digest *digest = &replay->digests.of[kind];
        if (kind == SIL_ARTIFACT_DATA) {
            (void)memcpy(digest->sha256, verify->data.sha256, SIL_HASH_BYTES);
            digest->bytes = verify->data.bytes;
            continue;
        }
        const struct sil_verify_file *file =
            sil_verify_file(verify, sil_artifact_name((enum sil_artifact_kind)kind));
        (void)memcpy(digest->sha256, file->sha256, SIL_HASH_BYTES);
        digest->bytes = file->bytes.length;
    }
}

/* The ledger as it was before the release: the record is about that. */
static sil_status make_record(struct replay *replay, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_verify *verify = replay->verify;
    const struct sil_statement *statement = &verify->statement;
    size_t applied = 0;
    if (statement->size > verify->exported.n) {
        return sil_fail(err, SIL_ERR_CHECK,
                        "statement.json is about more entries than the ledger has");
    }
    SIL_TRY(sil_chain_load(&replay->before, verify->exported.entry,
                           (size_t)statement->size, NULL, &applied, err));
    replay->has_record = true;
    SIL_TRY(sil_record_make(&replay->record, replay->model, &replay->rows,
                            &replay->before, &statement->release, &statement->choices,
                            &replay->drawn, err));
    SIL_TRY(sil_datasheet_make(&replay->sheet, &replay->record, err));
    take_digests(replay);
cleanup:
    return status;
}

static sil_status write_document(struct sil_bytes *out, const struct replay *replay,
                                 enum sil_verify_step step, struct sil_error *err)
{
    const struct sil_record *record = &replay->record;
    switch ((int)step) {
    case SIL_STEP_SHEET_JSON: return sil_datasheet_json(out, &replay->sheet, err);
    case SIL_STEP_SHEET_HTML: return sil_datasheet_html(out, &replay->sheet, err);
    case SIL_STEP_PACKAGE:
        return sil_datapackage_json(out, record, &replay->digests, err);
    case SIL_STEP_INSTRUCTIONS: return sil_instructions(out, record, err);
    default: return sil_statement_json(out, record, &replay->digests, err);
    }
}

static sil_status check_document(const struct replay *replay, enum sil_verify_step step,
                                 const char *name, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes made = {0};
    SIL_TRY(write_document(&made, replay, step, err));
    SIL_TRY(sil_verify_same(sil_verify_file(replay->verify, name), made.data,
                            made.length, err));
cleanup:
    sil_bytes_clear(&made);
    return status;
}

static const struct {
    enum sil_verify_step step;
    const char *name;
} DOCUMENTS[] = {
    {SIL_STEP_SHEET_JSON,   "datasheet.json"  },
    {SIL_STEP_SHEET_HTML,   "datasheet.html"  },
    {SIL_STEP_PACKAGE,      "datapackage.json"},
    {SIL_STEP_INSTRUCTIONS, "VERIFY.txt"      },
    {SIL_STEP_WORDS,        "statement.json"  },
};

static sil_status check_documents(struct replay *replay, struct sil_error *err)
{
    sil_status status = SIL_OK;
    sil_status outcome = make_record(replay, err);
    struct sil_error why = *err;
    for (size_t i = 0; i < sizeof DOCUMENTS / sizeof DOCUMENTS[0]; i++) {
        sil_progress(&replay->verify->options->progress, DOCUMENTS[i].name, 0, 0);
        *err = why;
        SIL_TRY(sil_verify_judge(
            replay->verify->out, DOCUMENTS[i].step,
            outcome == SIL_OK
                ? check_document(replay, DOCUMENTS[i].step, DOCUMENTS[i].name, err)
                : outcome,
            err));
    }
cleanup:
    return status;
}

static void replay_clear(struct replay *replay)
{
    if (replay->has_record) {
        sil_datasheet_clear(&replay->sheet);
        sil_record_clear(&replay->record);
    }
    sil_chain_clear(&replay->before);
    sil_codes_clear(&replay->rows);
    sil_parts_free(replay->parts);
    sil_model_free(replay->model);
}

sil_status sil_verify_replay(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_verification *out = verify->out;
    struct replay replay = {.verify = verify};
    sil_chain_init(&replay.before);

    SIL_TRY(
        sil_verify_judge(out, SIL_STEP_TRANSCRIPT, check_transcript(verify, err), err));
    if (!sil_verify_holds(out, SIL_STEP_TRANSCRIPT)) {
        goto cleanup;
    }
    SIL_TRY(sil_verify_judge(out, SIL_STEP_SCHEMA, check_schema(verify, err), err));
    if (out->has_entry) {
        SIL_TRY(sil_verify_judge(out, SIL_STEP_RUN, check_run(verify, err), err));
    }
    SIL_TRY(check_replay(&replay, err));
    if (replay.has_rows && sil_verify_holds(out, SIL_STEP_RULES)) {
        SIL_TRY(check_documents(&replay, err));
    }
cleanup:
    replay_clear(&replay);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
/* Rows, documents and statement: everything that the ledger's entry cites. */
#include "release/packing.h"

#include "base/fail.h"
#include "release/envelope.h"
#include "release/names.h"
#include "release/tar.h"
#include "synth/model_object.h"
#include "synth/sample.h"

#include <string.h>

/* ---- files ---- */

/* The file that was begun is complete: its digests, in SHA256SUMS too. */
static sil_status end_file(struct packing *packing, struct sil_stream_digests *digests,
                           const char *name, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_folder_end(packing->folder, err));
    sil_stream_finish(digests, packing->stream);
    packing->bundle->n_files++;
    packing->bundle->n_bytes += digests->bytes;
    SIL_TRY(sil_sums_add(&packing->sums, name, digests->sha256, err));

cleanup:
    return status;
}

static sil_status append_piece(void *context, const void *data, size_t length,
                               struct sil_error *err)
{
    struct packing *packing = context;
    sil_stream_add(packing->stream, data, length);
    return sil_folder_write(packing->folder, data, length, err);
}

static sil_status add_file(struct packing *packing, struct sil_stream_digests *digests,
                           const char *name, const void *data, size_t length,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_folder_begin(packing->folder, name, err));
    SIL_TRY(append_piece(packing, data, length, err));
    SIL_TRY(end_file(packing, digests, name, err));

cleanup:
    return status;
}

sil_status sil_packing_take(void *context, const char *name, const void *data,
                            size_t length, struct sil_error *err)
{
    struct sil_stream_digests digests;
    return add_file(context, &digests, name, data, length, err);
}

/* ---- artifacts ---- */

static void note_artifact(struct packing *packing, enum sil_artifact_kind kind,
                          const struct sil_stream_digests *digests)
{
    struct sil_digest *digest = &packing->digests.of[kind];
    (void)memcpy(digest->sha256, digests->sha256, sizeof digest->sha256);
    digest->bytes = digests->bytes;
}

static sil_status add_artifact(struct packing *packing, enum sil_artifact_kind kind,
                               const void *data, size_t length, struct sil_error *err)
{
    struct sil_stream_digests digests;
    sil_status status =
        add_file(packing, &digests, sil_artifact_name(kind), data, length, err);
    if (status == SIL_OK) {
        note_artifact(packing, kind, &digests);
    }
    return status;
}

/* The rows go to the disk as they are written, and are never held as text. */
static sil_status add_rows(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;
    const struct sil_bundle *bundle = packing->bundle;
    const char *name = sil_artifact_name(SIL_ARTIFACT_DATA);
    struct sil_sample_options options = sil_choices_options(&bundle->choices);
    options.n_threads = bundle->n_threads;
    options.progress = bundle->progress;

    SIL_TRY(sil_folder_begin(packing->folder, name, err));
    SIL_TRY(sil_output_to(&output, append_piece, packing, err));
    SIL_TRY(sil_rows_write(output, &packing->rows, packing->parts, bundle->model,
                           &options, err));
    status = sil_output_commit(output, err);
    output = NULL;
    SIL_TRY(status);
    SIL_TRY(end_file(packing, &packing->data, name, err));
    note_artifact(packing, SIL_ARTIFACT_DATA, &packing->data);
    if (packing->data.bytes > SIL_TAR_SIZE_MAX) {
        status =
            sil_fail(err, SIL_ERR_USAGE,
                     "%s has 8 GiB or more, which no bundle holds: release fewer "
                     "rows at a time, each part with --rows and a --seed of its own",
                     name);
    }

cleanup:
    sil_output_abandon(output);
    return status;
}

static sil_status write_document(struct sil_bytes *out, struct packing *packing,
                                 enum sil_artifact_kind kind, struct sil_error *err)
{
    const struct sil_record *record = &packing->record;
    switch (kind) {
    case SIL_ARTIFACT_SHEET_JSON: return sil_datasheet_json(out, &packing->sheet, err);
    case SIL_ARTIFACT_SHEET_HTML: return sil_datasheet_html(out, &packing->sheet, err);
    case SIL_ARTIFACT_PACKAGE:
        return sil_datapackage_json(out, record, &packing->digests, err);
    case SIL_ARTIFACT_INSTRUCTIONS: return sil_instructions(out, record, err);
    case SIL_ARTIFACT_DATA:
    case SIL_ARTIFACT_SCHEMA:
    case SIL_ARTIFACT_TRANSCRIPT:
    case SIL_N_ARTIFACTS: break;
    }
    return sil_fail(err, SIL_ERR_INTERNAL, "no document is written for an artifact");
}

static sil_status add_document(struct packing *packing, enum sil_artifact_kind kind,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    SIL_TRY(write_document(&text, packing, kind, err));
    SIL_TRY(add_artifact(packing, kind, text.data, text.length, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

sil_status sil_packing_artifacts(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_model *model = packing->bundle->model;
    const char *schema = NULL;
    size_t length = 0;
    sil_schema_text(&schema, &length, model->transcript.schema);
    SIL_TRY(add_rows(packing, err));
    SIL_TRY(add_artifact(packing, SIL_ARTIFACT_SCHEMA, schema, length, err));
    SIL_TRY(add_artifact(packing, SIL_ARTIFACT_TRANSCRIPT, model->encoding.data,
                         model->encoding.length, err));
    SIL_TRY(sil_datasheet_make(&packing->sheet, &packing->record, err));
    for (int kind = SIL_ARTIFACT_SHEET_JSON; kind < SIL_N_ARTIFACTS; kind++) {
        SIL_TRY(add_document(packing, (enum sil_artifact_kind)kind, err));
    }

cleanup:
    return status;
}

sil_status sil_packing_statement(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes envelope = {0};
    struct sil_bytes *statement = &packing->statement;
    SIL_TRY(sil_statement_json(statement, &packing->record, &packing->digests, err));
    SIL_TRY(sil_packing_take(packing, SIL_BUNDLE_STATEMENT, statement->data,
                             statement->length, err));
    SIL_TRY(sil_envelope_sign(&envelope, statement, packing->bundle->key, err));
    SIL_TRY(sil_packing_take(packing, SIL_BUNDLE_ENVELOPE, envelope.data,
                             envelope.length, err));

cleanup:
    sil_bytes_clear(&envelope);
    return status;
}

void sil_packing_clear(struct packing *packing)
{
    sil_folder_abandon(packing->folder);
    sil_stream_free(packing->stream);
    sil_sums_clear(&packing->sums);
    sil_codes_clear(&packing->rows);
    sil_parts_free(packing->parts);
    if (packing->has_record) {
        sil_datasheet_clear(&packing->sheet);
        sil_record_clear(&packing->record);
    }
    sil_bytes_clear(&packing->statement);
}

// SPDX-License-Identifier: Apache-2.0
/* The bytes of a tar file, as a stranger hands them over. Promises: listing it succeeds or
 * gives a reason; a listed file has a name that a bundle may have, lies within the tar file
 * and is within its limit; names ascend; writing what was listed in the one form gives the
 * same bytes; its statement and its tiles are read or refused with a reason. Replaying is
 * left out: it is what the targets transcript and model are for. The sums of headers are
 * put right first, or no change would come further than that. */
#include "fuzz/fuzz.h"
#include "release/envelope.h"
#include "release/export.h"
#include "release/names.h"
#include "release/reader.h"
#include "release/statement.h"

#include <string.h>

/* The sum of each header that is reached by the sizes before it. */
static void seal(uint8_t *tar, size_t size)
{
    size_t at = 0;
    while (size - at >= SIL_TAR_BLOCK && tar[at] != 0) {
        uint8_t *block = tar + at;
        unsigned sum = 0;
        uint64_t length = 0;
        char text[8];
        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < SIL_TAR_BLOCK; i++) {
            sum += block[i];
        }
        (void)snprintf(text, sizeof text, "%06o", sum & 0777777);
        memcpy(block + 148, text, 7);
        for (size_t i = 124; i < 135 && block[i] >= '0' && block[i] <= '7'; i++) {
            length = 8 * length + (uint64_t)(block[i] - '0');
        }
        length += SIL_TAR_BLOCK + sil_tar_padding(length);
        if (length > size - at) {
            return;
        }
        at += (size_t)length;
    }
}

static void check_files(const struct sil_reader *reader, const uint8_t *tar,
                        size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < sil_reader_n_files(reader); i++) {
        const struct sil_bundle_file *file = sil_reader_file(reader, i);
        uint8_t header[SIL_TAR_BLOCK];
        struct sil_bytes bytes;
        uint64_t limit = 0;
        FUZZ_REQUIRE(sil_bundle_allows(file->name, &limit) && file->size <= limit);
        FUZZ_REQUIRE(i == 0 ||
                     strcmp(sil_reader_file(reader, i - 1)->name, file->name) < 0);
        FUZZ_REQUIRE(file->name[0] != '/' && file->name[0] != '.' &&
                     strstr(file->name, "/.") == NULL);
        sil_tar_header(header, file->name, file->size);
        FUZZ_REQUIRE(size - at >= sizeof header &&
                     memcmp(tar + at, header, sizeof header) == 0);
        at += sizeof header;
        FUZZ_REQUIRE(file->offset == at && file->size <= size - at);
        FUZZ_REQUIRE(sil_reader_read(&bytes, reader, file, NULL) == SIL_OK);
        FUZZ_REQUIRE(bytes.length == file->size &&
                     memcmp(bytes.data, tar + at, bytes.length) == 0);
        sil_bytes_clear(&bytes);
        at += (size_t)(file->size + sil_tar_padding(file->size));
    }
    FUZZ_REQUIRE(size - at == SIL_TAR_END);
}

static sil_status take_tile(void *context, struct sil_bytes *out, const char *name,
                            size_t limit, struct sil_error *err)
{
    const struct sil_bundle_file *file = sil_reader_find(context, name);
    *out = (struct sil_bytes){0};
    return file == NULL || file->size > limit
               ? SIL_ERR_INPUT
               : sil_reader_read(out, context, file, err);
}

static void check_tiles(struct sil_reader *reader)
{
    for (uint64_t size = 1; size <= 8; size++) {
        struct sil_export exported;
        struct sil_error err = {{0}};
        sil_status status = sil_export_read(&exported, size, take_tile, reader, &err);
        FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_INPUT);
        FUZZ_REQUIRE(status != SIL_OK || exported.n == size);
        sil_export_clear(&exported);
    }
}

static void check_statement(const struct sil_bytes *text)
{
    struct sil_statement statement;
    struct sil_error err = {{0}};
    sil_status status =
        sil_statement_parse(&statement, (const char *)text->data, text->length, &err);
    if (status != SIL_OK) {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED);
        FUZZ_REQUIRE(strlen(err.text) > 0);
    } else {
        FUZZ_REQUIRE(statement.choices.n_rows >= 1 && statement.size >= 1);
    }
    sil_statement_clear(&statement);
}

static void check_envelope(const struct sil_bytes *text)
{
    struct sil_envelope envelope = {.statement = {0}};
    struct sil_error err = {{0}};
    struct sil_bytes again = {0};
    sil_status status =
        sil_envelope_parse(&envelope, (const char *)text->data, text->length, &err);
    if (status == SIL_OK) {
        FUZZ_REQUIRE(sil_envelope_print(&again, &envelope.statement, &envelope.key,
                                        envelope.signature, NULL) == SIL_OK);
        FUZZ_REQUIRE(again.length == text->length &&
                     memcmp(again.data, text->data, again.length) == 0);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT && strlen(err.text) > 0);
    }
    sil_bytes_clear(&again);
    sil_envelope_clear(&envelope);
}

static void check_documents(const struct sil_reader *reader)
{
    static const struct {
        const char *name;
        void (*check)(const struct sil_bytes *text);
    } DOCUMENTS[] = {
        {SIL_BUNDLE_STATEMENT, check_statement},
        {SIL_BUNDLE_ENVELOPE,  check_envelope },
    };

    for (size_t i = 0; i < sizeof DOCUMENTS / sizeof DOCUMENTS[0]; i++) {
        const struct sil_bundle_file *file = sil_reader_find(reader, DOCUMENTS[i].name);
        struct sil_bytes text;
        if (file != NULL) {
            FUZZ_REQUIRE(sil_reader_read(&text, reader, file, NULL) == SIL_OK);
            DOCUMENTS[i].check(&text);
            sil_bytes_clear(&text);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_reader *reader = NULL;
    uint8_t *tar = malloc(size + 1);
    FUZZ_REQUIRE(tar != NULL);
    FUZZ_REQUIRE(sil_crypto_start(NULL) == SIL_OK);
    memcpy(tar, data, size);
    seal(tar, size);
    sil_status status = sil_reader_open_memory(&reader, tar, size, "fuzz.tar", &err);
    FUZZ_REQUIRE((status == SIL_OK) == (reader != NULL));
    if (status == SIL_OK) {
        check_files(reader, tar, size);
        check_tiles(reader);
        check_documents(reader);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT || status == SIL_ERR_CHECK);
        FUZZ_REQUIRE(strlen(err.text) > 0);
    }
    sil_reader_close(reader);
    free(tar);
    return 0;
}

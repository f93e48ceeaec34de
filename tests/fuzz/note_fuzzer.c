// SPDX-License-Identifier: Apache-2.0
/* A signed note, or the key of one. Promises: reading succeeds or gives a reason; the parts
 * of a note lie inside it and put together give it back; a key is written again to the same
 * text; a signature that was not made by a key is not found good. */
#include "crypto/note.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void check_lines(const struct sil_note *note, const char *text, size_t size)
{
    const char *end = text + size;
    FUZZ_REQUIRE(note->text == text && note->length > 0 && note->length < size);
    FUZZ_REQUIRE(text[note->length - 1] == '\n' && text[note->length] == '\n');
    FUZZ_REQUIRE(note->n_lines > 0 && note->n_lines <= SIL_NOTE_SIGNATURES_MAX);
    for (size_t i = 0; i < note->n_lines; i++) {
        const struct sil_note_line *line = &note->line[i];
        FUZZ_REQUIRE(line->name > text && line->name + line->name_length < end);
        FUZZ_REQUIRE(line->name_length > 0 && line->name_length <= SIL_NOTE_NAME_MAX);
        FUZZ_REQUIRE(line->signature_length == 0 || line->signature_length == 64 ||
                     line->signature_length == 72);
    }
}

/* A key that claims the line: its name and hash, but not its secret. */
static void check_claim(const struct sil_note *note, const struct sil_note_line *line)
{
    struct sil_note_key key = {.algorithm = line->signature_length == 72
                                                ? SIL_NOTE_COSIGNATURE
                                                : SIL_NOTE_ED25519};
    uint64_t time;
    (void)memcpy(key.name, line->name, line->name_length);
    (void)memcpy(key.hash, line->hash, sizeof key.hash);
    (void)memset(key.public_key, 0x66, sizeof key.public_key);
    key.public_key[0] = 0x58; /* the base point: a key like any other */
    FUZZ_REQUIRE(sil_note_verify(note, &key, &time) == SIL_NOTE_BAD);
}

static void check_key(const struct sil_note_key *key, const char *text, size_t size)
{
    struct sil_bytes again = {0};
    struct sil_note_key made;
    FUZZ_REQUIRE(sil_note_key_print(&again, key, NULL) == SIL_OK);
    FUZZ_REQUIRE(again.length == size && memcmp(again.data, text, size) == 0);
    FUZZ_REQUIRE(sil_note_key_make(&made, key->name, key->algorithm, key->public_key,
                                   NULL) == SIL_OK);
    FUZZ_REQUIRE(memcmp(&made, key, sizeof made) == 0);
    sil_bytes_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_note note;
    struct sil_note_key key;
    const char *text = (const char *)data;
    sil_status status = sil_note_parse(&note, text, size, &err);
    if (status == SIL_OK) {
        check_lines(&note, text, size);
        check_claim(&note, &note.line[0]);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT && strlen(err.text) > 0);
    }

    err.text[0] = '\0';
    status = sil_note_key_parse(&key, text, size, &err);
    if (status == SIL_OK) {
        check_key(&key, text, size);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED);
        FUZZ_REQUIRE(strlen(err.text) > 0);
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options_ledger.h"
#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct sil_cli_option NAME[] = {
    {.name = "name",
     .argument = "NAME",
     .kind = SIL_CLI_TEXT,
     .member = offsetof(struct sil_cli_args, ledger.name),
     .help = "Show it as the key of a witness of this name, for policy files"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Key:", NAME);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger_key key = {0};
    struct sil_note_key note;
    struct sil_bytes words = {0};
    struct sil_bytes line = {0};
    struct sil_bytes vkey = {0};
    char id[SIL_ID_TEXT];

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_ledger_key_read(&key, SIL_ROLE_AUTHORITY, "shown", args->operand, err));
    sil_id_print(id, &key.id);
    SIL_TRY(sil_minisign_print_public(&line, key.public_key, key.keynum, err));
    SIL_TRY(sil_bytes_printf(&words, err, "Key       %s\n%.*s", id, (int)line.length,
                             line.data));
    if (args->ledger.name != NULL) {
        SIL_TRY(sil_note_key_make(&note, args->ledger.name, SIL_NOTE_COSIGNATURE,
                                  key.public_key, err));
        SIL_TRY(sil_note_key_print(&vkey, &note, err));
        SIL_TRY(sil_bytes_printf(&words, err, "Policy    witness %s %.*s\n",
                                 args->ledger.name, (int)vkey.length, vkey.data));
    }
    SIL_TRY(sil_cli_answer(
        json_pack("{s:s, s:s%, s:o}", "id", id, "minisign", line.data, line.length,
                  "note_key",
                  vkey.length == 0 ? json_null()
                                   : json_stringn((char *)vkey.data, vkey.length)),
        &words, err));
cleanup:
    free(key.name);
    sil_bytes_clear(&words);
    sil_bytes_clear(&line);
    sil_bytes_clear(&vkey);
    return status;
}

const struct sil_cli_command SIL_CLI_KEY_SHOW = {
    .name = "key show",
    .summary = "the id of a public key, and its forms",
    .about = "Read a public key file of minisign and print the id by which ledgers and "
             "this program call it. The operand may be the key's own text.",
    .examples = "  silhouette key show curator.key.pub\n"
                "  silhouette key show --name witness.example w.key.pub",
    .operand = "PUB",
    .groups = {&GROUP},
    .run = run,
};

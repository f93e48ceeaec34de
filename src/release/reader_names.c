// SPDX-License-Identifier: Apache-2.0
/* The closed set of names, and how large each file may be. */
#include "codec/json.h"
#include "crypto/minisign.h"
#include "crypto/note.h"
#include "release/reader.h"

#include <string.h>

enum {
    TEXT_BYTES = 16 << 20,
    STATEMENT_BYTES = 1 << 20, /* the only document that is parsed */
    SUMS_BYTES = SIL_BUNDLE_FILES_MAX * (SIL_BUNDLE_NAME_MAX + 67),
    TILE_BYTES = 256 * (2 + 65535), /* full of the largest entries */
    COMPONENT_MAX = 64,
    DEPTH_MAX = 6
};

static const uint64_t TRANSCRIPT_BYTES = UINT64_C(256) << 20;

static const struct rule {
    const char *name;
    uint64_t limit;
} FIXED[] = {
    {"data.csv",               SIL_TAR_SIZE_MAX    },
    {"schema.json",            SIL_JSON_BYTES_MAX  },
    {"transcript.sil",         TRANSCRIPT_BYTES    },
    {"datasheet.json",         TEXT_BYTES          },
    {"datasheet.html",         TEXT_BYTES          },
    {"datapackage.json",       TEXT_BYTES          },
    {"VERIFY.txt",             TEXT_BYTES          },
    {"statement.json",         STATEMENT_BYTES     },
    {"statement.dsse.json",    2 * STATEMENT_BYTES },
    {"data.csv.minisig",       SIL_MINISIG_FILE_MAX},
    {"statement.json.minisig", SIL_MINISIG_FILE_MAX},
    {"release.tlog-proof",     SIL_NOTE_BYTES_MAX  },
    {"ledger/checkpoint",      SIL_NOTE_BYTES_MAX  },
    {"keys/release.pub",       SIL_KEY_FILE_MAX    },
    {"keys/release.pem",       SIL_KEY_FILE_MAX    },
    {"keys/log.vkey",          SIL_KEY_FILE_MAX    },
    {"SHA256SUMS",             SUMS_BYTES          },
};

/* Folders of which further files depend on the ledger. */
static const struct rule UNDER[] = {
    {"keys/",        SIL_KEY_FILE_MAX},
    {"ledger/tile/", TILE_BYTES      },
};

enum {
    N_FIXED = sizeof FIXED / sizeof FIXED[0],
    N_UNDER = sizeof UNDER / sizeof UNDER[0]
};

const char *sil_bundle_fixed_name(size_t i)
{
    return i < N_FIXED ? FIXED[i].name : NULL;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Components of lower-case letters, digits, '.' and '-', none of which begins with a sign:
 * so none is "." or "..". */
static bool is_path(const char *text)
{
    size_t length = 0;
    size_t depth = 1;
    for (; *text != '\0'; text++) {
        if (*text == '/') {
            if (length == 0 || ++depth > DEPTH_MAX) {
                return false;
            }
            length = 0;
            continue;
        }
        bool is_sign = *text == '.' || *text == '-';
        if (++length > COMPONENT_MAX ||
            !(is_letter_or_digit(*text) || (is_sign && length > 1))) {
            return false;
        }
    }
    return length > 0;
}

bool sil_bundle_allows(const char *name, uint64_t *limit)
{
    for (size_t i = 0; i < N_FIXED; i++) {
        if (strcmp(name, FIXED[i].name) == 0) {
            *limit = FIXED[i].limit;
            return true;
        }
    }
    for (size_t i = 0; i < N_UNDER; i++) {
        size_t length = strlen(UNDER[i].name);
        if (strlen(name) <= SIL_BUNDLE_NAME_MAX &&
            strncmp(name, UNDER[i].name, length) == 0 && is_path(name + length)) {
            *limit = UNDER[i].limit;
            return true;
        }
    }
    return false;
}

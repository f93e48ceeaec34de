// SPDX-License-Identifier: Apache-2.0
/// One document over all that an audit found: a page for people, JSON for programs.
///
/// The questions stay apart: each has its own verdict, and there is no mark for all. What the
/// page says of a verdict, it says in words that need no statistics first, and with every
/// figure of members beside that of non-members.
#ifndef AUDIT_REPORT_REPORT_H
#define AUDIT_REPORT_REPORT_H

#include "audits/report/input.h"
#include "audits/report/limits.h"
#include "audits/report/page.h"
#include "base/bytes.h"
#include "crypto/sign.h"

enum { AUD_REPORT_VERSION = 1, AUD_FILES_MAX = 32, AUD_SALT_BYTES = 32 };

/// A file that whoever made the report named, for the record.
struct aud_named_file {
    const char *path;
    uint64_t bytes;
    uint8_t sha256[32];
};

/// Read it for its length and its hash.
/// Errors   SIL_ERR_INPUT: a pipe or a device. SIL_ERR_IO.
SIL_MUST_USE sil_status aud_named_file_hash(struct aud_named_file *file,
                                            struct sil_error *err);

struct aud_report {
    struct aud_inputs inputs;
    struct aud_limits_set limits;
    const char *auditor;   ///< who ran it; NULL: not told
    const char *date;      ///< YYYY-MM-DD
    const char *command;   ///< how it was called, for a shell
    const char *page_name; ///< of the files, without folders
    const char *json_name;
    struct aud_named_file file[AUD_FILES_MAX];
    size_t n_files;

    bool is_signed;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    bool is_salted;
    uint8_t salt
        [AUD_SALT_BYTES]; ///< so that a hash of the report tells nobody what is in it
};

/// Is anything in it computed on private rows?
bool aud_report_is_private(const struct aud_report *report);

/// The worst verdict of a layer; AUD_W_NOT_EXAMINED when nothing is of it.
enum aud_word aud_report_word(const struct aud_report *report, enum aud_layer layer);

/// Append a public key as one line, and a terminator. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_print_public_key(
    struct sil_bytes *out, const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
    const uint8_t keynum[SIL_KEYNUM_BYTES], struct sil_error *err);

/// What ledger all of it is about: the first subject with one; NULL: none.
const json_t *aud_report_ledger(const struct aud_report *report);

/// What the first release claims; NULL: none does.
const json_t *aud_report_claim(const struct aud_report *report);

/// Sentences about parts that are not about one release and one promise; the caller's, NULL
/// without memory.
json_t *aud_report_notices(const struct aud_report *report);

/// The subject of an input, unless an earlier input has the same; NULL: none.
const json_t *aud_report_subject(const struct aud_report *report, size_t i);

/// The page, of at most AUD_PAGE_MAX bytes; JSON as docs/audit-report.schema.json says; a
/// summary for the console. Errors  SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_report_page(struct sil_bytes *out,
                                        const struct aud_report *report,
                                        struct sil_error *err);
SIL_MUST_USE sil_status aud_report_json(struct sil_bytes *out,
                                        const struct aud_report *report,
                                        struct sil_error *err);
SIL_MUST_USE sil_status aud_report_print(struct sil_bytes *out,
                                         const struct aud_report *report,
                                         struct sil_error *err);

/// The body of an audit entry (docs/ledger-format.md) with the worst verdict of verify and
/// game and the hash of report.json, and the trusted comment that its approval must have.
/// Errors   SIL_ERR_USAGE: no verdict that it may carry, no ledger, or more than one.
SIL_MUST_USE sil_status aud_report_body(struct sil_bytes *body,
                                        struct sil_bytes *comment,
                                        const struct aud_report *report,
                                        const struct sil_bytes *json,
                                        struct sil_error *err);

/// The parts of the page, by file.
void aud_page_style(struct aud_page *page);
void aud_page_first(struct aud_page *page, const struct aud_report *report);
void aud_page_order(struct aud_page *page, const struct aud_report *report);
void aud_page_scope(struct aud_page *page, const struct aud_report *report);
void aud_page_claim(struct aud_page *page, const struct aud_report *report);
void aud_page_tests(struct aud_page *page, const struct aud_report *report);
void aud_page_risks(struct aud_page *page, const struct aud_report *report);
void aud_page_figures(struct aud_page *page, const struct aud_report *report);
void aud_page_rest(struct aud_page *page, const struct aud_report *report);

/// How many attacks do better on members than on non-members and accuse nobody, as the claim
/// allows it.
size_t aud_count_allowed(const struct aud_report *report);

/// What one run of attack found, in a paragraph.
void aud_say_attacks(struct aud_page *page, const struct aud_input *input);

/// What was found of one layer, in a paragraph that needs no statistics.
void aud_say_layer(struct aud_page *page, const struct aud_report *report,
                   enum aud_layer layer);

#endif

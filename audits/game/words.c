// SPDX-License-Identifier: Apache-2.0
#include "audits/game/words.h"

#include "audits/run/child.h"
#include "base/bytes.h"
#include "base/fail.h"
#include "base/memory.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void aud_words_clear(struct aud_words *words)
{
    for (size_t i = 0; i < words->n; i++) {
        free(words->word[i]);
    }
    free(words->word);
    *words = (struct aud_words){0};
}

static sil_status begin(struct aud_words *out, struct sil_error *err)
{
    *out = (struct aud_words){0};
    return sil_alloc(&out->word, AUD_WORDS_MAX + 1, sizeof *out->word, "words", err);
}

static sil_status add(struct aud_words *words, const char *text, size_t length,
                      struct sil_error *err)
{
    char *copy = NULL;
    if (words->n == AUD_WORDS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the generator's command has more than %d words",
                        AUD_WORDS_MAX);
    }
    sil_status status = sil_alloc(&copy, length + 1, 1, "a word", err);
    if (status == SIL_OK) {
        memcpy(copy, text, length);
        words->word[words->n++] = copy;
    }
    return status;
}

/* The next word into `word`; where it ends, or NULL when a quote stays open. */
static const char *next_word(struct sil_bytes *word, const char *p, sil_status *status,
                             struct sil_error *err)
{
    char quote = '\0';
    for (; *p != '\0' && (quote != '\0' || !is_blank(*p)) && *status == SIL_OK; p++) {
        bool is_escape = *p == '\\' && quote != '\'' && p[1] != '\0';
        if (is_escape) {
            p++;
        } else if (quote == '\0' && (*p == '\'' || *p == '"')) {
            quote = *p;
            continue;
        } else if (quote != '\0' && *p == quote) {
            quote = '\0';
            continue;
        }
        *status = sil_bytes_append(word, p, 1, err);
    }
    return quote == '\0' ? p : NULL;
}

static sil_status split(struct aud_words *out, const char *p, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes word = {0};
    while (is_blank(*p)) {
        p++;
    }
    while (*p != '\0') {
        word.length = 0;
        p = next_word(&word, p, &status, err);
        SIL_TRY(status);
        if (p == NULL) {
            status = sil_fail(err, SIL_ERR_USAGE,
                              "the generator's command has a quote that stays open");
            goto cleanup;
        }
        SIL_TRY(add(out, word.length == 0 ? "" : (const char *)word.data, word.length,
                    err));
        while (is_blank(*p)) {
            p++;
        }
    }
    if (out->n == 0) {
        status = sil_fail(err, SIL_ERR_USAGE, "the generator's command is empty");
    }

cleanup:
    sil_bytes_clear(&word);
    return status;
}

/* ---- programs and files ---- */

static sil_status replace(char **word, const char *text, struct sil_error *err)
{
    char *copy = strdup(text);
    if (copy == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a word");
    }
    free(*word);
    *word = copy;
    return SIL_OK;
}

static sil_status find_program(char **word, struct sil_error *err)
{
    const char *path = getenv("PATH"); // NOLINT(concurrency-mt-unsafe): one thread
    char name[PATH_MAX];
    if (strchr(*word, '/') != NULL) {
        return access(*word, X_OK) == 0
                   ? SIL_OK
                   : sil_fail(err, SIL_ERR_USAGE, "%s is no program", *word);
    }
    for (const char *p = path; p != NULL && *p != '\0';) {
        size_t length = strcspn(p, ":");
        int n = snprintf(name, sizeof name, "%.*s/%s", (int)length, p, *word);
        if (n > 0 && (size_t)n < sizeof name && access(name, X_OK) == 0) {
            return replace(word, name, err);
        }
        p += length + (p[length] == ':' ? 1 : 0);
    }
    return sil_fail(err, SIL_ERR_USAGE, "there is no program %s in PATH", *word);
}

/* Only the folder is made absolute: some programs ask by which name they were called. */
static sil_status make_absolute(char **word, struct sil_error *err)
{
    char folder[PATH_MAX];
    char full[PATH_MAX];
    const char *slash = strrchr(*word, '/');
    if (slash == NULL || access(*word, F_OK) != 0) {
        return SIL_OK;
    }
    int n = snprintf(folder, sizeof folder, "%.*s", (int)(slash - *word) + 1, *word);
    if (n < 0 || (size_t)n >= sizeof folder || realpath(folder, full) == NULL) {
        return SIL_OK;
    }
    n = snprintf(folder, sizeof folder, "%s%s", strcmp(full, "/") == 0 ? "" : full,
                 slash);
    return n > 0 && (size_t)n < sizeof folder ? replace(word, folder, err) : SIL_OK;
}

/* ---- places ---- */

/* The length of "{name}" at `p`, a name of letters; 0: there is none. */
static size_t place_at(const char *p)
{
    size_t n = 1;
    if (p[0] != '{') {
        return 0;
    }
    while (islower((unsigned char)p[n]) != 0) {
        n++;
    }
    return n > 1 && p[n] == '}' ? n + 1 : 0;
}

static bool is_place(const char *p, size_t length, const char *name)
{
    return strlen(name) + 2 == length && strncmp(p + 1, name, length - 2) == 0;
}

static sil_status check_places(const char *word, const char *const *names,
                               struct sil_error *err)
{
    for (const char *p = word; *p != '\0'; p++) {
        size_t length = place_at(p);
        bool is_known = length == 0;
        for (size_t i = 0; names[i] != NULL; i++) {
            is_known = is_known || is_place(p, length, names[i]);
        }
        if (!is_known) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "%.*s in the generator's command is no place", (int)length,
                            p);
        }
    }
    return SIL_OK;
}

bool aud_words_have(const struct aud_words *words, const char *name)
{
    for (size_t i = 0; i < words->n; i++) {
        for (const char *p = words->word[i]; *p != '\0'; p++) {
            if (place_at(p) > 0 && is_place(p, place_at(p), name)) {
                return true;
            }
        }
    }
    return false;
}

sil_status aud_words_split(struct aud_words *out, const char *command,
                           const char *const *names, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(begin(out, err));
    SIL_TRY(split(out, command, err));
    for (size_t i = 0; i < out->n; i++) {
        SIL_TRY(check_places(out->word[i], names, err));
    }
    SIL_TRY(find_program(&out->word[0], err));
    for (size_t i = 0; i < out->n; i++) {
        SIL_TRY(make_absolute(&out->word[i], err));
    }

cleanup:
    if (status != SIL_OK) {
        aud_words_clear(out);
    }
    return status;
}

static sil_status fill(struct sil_bytes *out, const char *word,
                       const struct aud_slot *slots, size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (const char *p = word; *p != '\0';) {
        const size_t length = place_at(p);
        const char *text = NULL;
        for (size_t i = 0; i < n && length > 0; i++) {
            text = is_place(p, length, slots[i].name) ? slots[i].text : text;
        }
        SIL_TRY(text != NULL ? sil_bytes_append(out, text, strlen(text), err)
                             : sil_bytes_append(out, p, 1, err));
        p += text != NULL ? length : 1;
    }

cleanup:
    return status;
}

sil_status aud_words_fill(struct aud_words *out, const struct aud_words *pattern,
                          const struct aud_slot *slots, size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes word = {0};
    SIL_TRY(begin(out, err));
    for (size_t i = 0; i < pattern->n; i++) {
        word.length = 0;
        SIL_TRY(fill(&word, pattern->word[i], slots, n, err));
        SIL_TRY(add(out, word.length == 0 ? "" : (const char *)word.data, word.length,
                    err));
    }

cleanup:
    sil_bytes_clear(&word);
    if (status != SIL_OK) {
        aud_words_clear(out);
    }
    return status;
}

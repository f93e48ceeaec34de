// SPDX-License-Identifier: Apache-2.0
#include "audits/ledger/policy.h"

#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 70 };

static const uint64_t DAY = 86400;

/* A witness or a group, once it is defined: names stand above their use, so whether it
 * agrees is known by then. */
struct voter {
    char name[SIL_NOTE_NAME_MAX + 1];
    bool agrees;
    bool is_member; ///< of a group, and it can be of one only
};

struct judging {
    struct aud_policy_verdict *out;
    const struct sil_note *note;
    const char *origin;
    uint64_t now;
    bool had_quorum;
    struct voter *voter; ///< owned
    size_t n_voters, voter_room;
    struct sil_note_key *key; ///< owned: every key so far
    size_t n_keys, key_room;

    size_t line;
    char *word[WORDS_MAX]; ///< in a copy of the text
    size_t n_words;
    struct sil_error *err;
};

static sil_status refuse(const struct judging *judging, const char *what)
{
    return sil_fail(judging->err, SIL_ERR_INPUT, "line %zu of the policy: %s",
                    judging->line, what);
}

static struct voter *find_voter(const struct judging *judging, const char *name)
{
    for (size_t i = 0; i < judging->n_voters; i++) {
        if (strcmp(judging->voter[i].name, name) == 0) {
            return &judging->voter[i];
        }
    }
    return NULL;
}

static sil_status define(struct judging *judging, const char *name, bool agrees)
{
    if (strlen(name) > SIL_NOTE_NAME_MAX || strcmp(name, "none") == 0 ||
        find_voter(judging, name) != NULL) {
        return refuse(judging, "a name that is none, or that is taken");
    }
    sil_status status =
        sil_grow(&judging->voter, &judging->voter_room, judging->n_voters + 1,
                 sizeof *judging->voter, "a policy", judging->err);
    if (status == SIL_OK) {
        struct voter *voter = &judging->voter[judging->n_voters++];
        (void)snprintf(voter->name, sizeof voter->name, "%s", name);
        voter->agrees = agrees;
    }
    return status;
}

/* A key of this kind that was not listed before, and whether it has signed, and when. */
static sil_status take_key(struct judging *judging, bool *has_signed, uint64_t *time,
                           const char *text, enum sil_note_algorithm algorithm)
{
    sil_status status = SIL_OK;
    struct sil_note_key key;
    SIL_TRY(sil_note_key_parse(&key, text, strlen(text), judging->err));
    if (key.algorithm != algorithm) {
        return refuse(judging, "a key of the other kind");
    }
    for (size_t i = 0; i < judging->n_keys; i++) {
        const struct sil_note_key *other = &judging->key[i];
        if (other->algorithm == algorithm &&
            memcmp(other->public_key, key.public_key, sizeof key.public_key) == 0) {
            return refuse(judging, "a key that was listed: it would count twice");
        }
    }
    SIL_TRY(sil_grow(&judging->key, &judging->key_room, judging->n_keys + 1,
                     sizeof *judging->key, "a policy", judging->err));
    judging->key[judging->n_keys++] = key;
    bool is_other_log =
        algorithm == SIL_NOTE_ED25519 && strcmp(key.name, judging->origin) != 0;
    enum sil_note_verdict verdict =
        is_other_log ? SIL_NOTE_ABSENT : sil_note_verify(judging->note, &key, time);
    judging->out->is_spoilt |= verdict == SIL_NOTE_BAD;
    *has_signed = verdict == SIL_NOTE_GOOD;

cleanup:
    return status;
}

/* ---- the four kinds of lines ---- */

static sil_status take_log(struct judging *judging)
{
    bool has_signed = false;
    uint64_t unused = 0;
    if (judging->n_words != 2 && judging->n_words != 3) {
        return refuse(judging, "log KEY is expected");
    }
    sil_status status =
        take_key(judging, &has_signed, &unused, judging->word[1], SIL_NOTE_ED25519);
    judging->out->has_log |= has_signed;
    return status;
}

static sil_status take_witness(struct judging *judging)
{
    bool has_signed = false;
    uint64_t time = 0;
    if (judging->n_words != 3 && judging->n_words != 4) {
        return refuse(judging, "witness NAME KEY is expected");
    }
    sil_status status =
        take_key(judging, &has_signed, &time, judging->word[2], SIL_NOTE_COSIGNATURE);
    judging->out->n_witnesses += has_signed;
    judging->out->n_early += has_signed && time > judging->now + DAY;
    return status == SIL_OK ? define(judging, judging->word[1], has_signed) : status;
}

/* any, all, or a number from 1 to that of the members; 0: none of these. */
static size_t read_needed(const char *word, size_t n_members)
{
    char again[24];
    size_t needed = 0;
    if (strcmp(word, "any") == 0) {
        return 1;
    }
    if (strcmp(word, "all") == 0) {
        return n_members;
    }
    (void)sscanf(word, "%zu", &needed);
    (void)snprintf(again, sizeof again, "%zu", needed);
    return strcmp(again, word) == 0 && needed <= n_members ? needed : 0;
}

static sil_status take_group(struct judging *judging)
{
    size_t n_agree = 0;
    if (judging->n_words < 4) {
        return refuse(judging, "group NAME any|all|N MEMBER... is expected");
    }
    for (size_t i = 3; i < judging->n_words; i++) {
        struct voter *member = find_voter(judging, judging->word[i]);
        if (member == NULL || member->is_member) {
            return refuse(judging, "a member that is not defined above, or is one of "
                                   "a group already");
        }
        member->is_member = true;
        n_agree += member->agrees;
    }
    size_t needed = read_needed(judging->word[2], judging->n_words - 3);
    if (needed == 0) {
        return refuse(judging, "so many members a group cannot need");
    }
    return define(judging, judging->word[1], n_agree >= needed);
}

static sil_status take_quorum(struct judging *judging)
{
    if (judging->n_words != 2 || judging->had_quorum) {
        return refuse(judging, "one quorum is expected: NAME or none");
    }
    judging->had_quorum = true;
    if (strcmp(judging->word[1], "none") == 0) {
        judging->out->has_quorum = true;
        return SIL_OK;
    }
    const struct voter *voter = find_voter(judging, judging->word[1]);
    if (voter == NULL) {
        return refuse(judging, "a quorum that is not defined above");
    }
    judging->out->has_quorum = voter->agrees;
    return SIL_OK;
}

static sil_status take_line(struct judging *judging)
{
    static const struct {
        const char *word;
        sil_status (*take)(struct judging *judging);
    } KINDS[] = {
        {"log",     take_log    },
        {"witness", take_witness},
        {"group",   take_group  },
        {"quorum",  take_quorum }
    };

    if (judging->n_words == 0 || judging->word[0][0] == '#') {
        return SIL_OK;
    }
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (strcmp(judging->word[0], KINDS[i].word) == 0) {
            return KINDS[i].take(judging);
        }
    }
    return refuse(judging, "it begins with none of log, witness, group, quorum");
}

/* Cut a line at its blanks. */
static sil_status split(struct judging *judging, char *line)
{
    judging->n_words = 0;
    for (line += strspn(line, " \t"); *line != '\0'; line += strspn(line, " \t")) {
        if (judging->n_words == WORDS_MAX) {
            return refuse(judging, "too many words");
        }
        judging->word[judging->n_words++] = line;
        line += strcspn(line, " \t");
        if (*line != '\0') {
            *line++ = '\0';
        }
    }
    return SIL_OK;
}

/* Every line of the text, which is cut up. */
static sil_status take_lines(struct judging *judging, char *text)
{
    while (*text != '\0') {
        char *end = strchr(text, '\n');
        *end = '\0';
        judging->line++;
        sil_status status = split(judging, text);
        if (status == SIL_OK) {
            status = take_line(judging);
        }
        if (status != SIL_OK) {
            return status;
        }
        text = end + 1;
    }
    return judging->had_quorum
               ? SIL_OK
               : sil_fail(judging->err, SIL_ERR_INPUT,
                          "the policy has no quorum: quorum none asks for no witness");
}

sil_status aud_policy_judge(struct aud_policy_verdict *out,
                            const struct sil_bytes *text, const struct sil_note *note,
                            const char *origin, uint64_t now, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *copy = NULL;
    struct judging judging = {
        .out = out, .note = note, .origin = origin, .now = now, .err = err};
    *out = (struct aud_policy_verdict){0};
    if (text->length == 0 || text->data[text->length - 1] != '\n' ||
        memchr(text->data, 0, text->length) != NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "the policy is not a text of lines");
    }
    SIL_TRY(sil_alloc(&copy, text->length + 1, 1, "a policy", err));
    (void)memcpy(copy, text->data, text->length);
    status = take_lines(&judging, copy);

cleanup:
    free(copy);
    free(judging.voter);
    free(judging.key);
    return status;
}

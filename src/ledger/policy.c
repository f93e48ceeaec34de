// SPDX-License-Identifier: Apache-2.0
#include "ledger/policy.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/checkpoint.h"
#include "ledger/refuse.h"
#include "ledger/text_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 70, MEMBERS_MAX = 64 };

/* A clock more than this ahead of ours cannot be right. */
static const uint64_t DAY = 86400;

/* A witness or a group: what a quorum is made of. */
struct voter {
    char name[SIL_NOTE_NAME_MAX + 1];
    bool is_group;
    size_t witness; ///< of a witness: its index
    size_t member[MEMBERS_MAX];
    size_t n_members;
    size_t needed; ///< of a group: how many members
};

struct sil_policy {
    struct sil_note_key *log;
    size_t n_logs, log_capacity;
    struct sil_note_key *witness;
    size_t n_witnesses, witness_capacity;
    struct voter *voter;
    size_t n_voters, voter_capacity;
    bool has_quorum_line;
    bool has_quorum; ///< false: "quorum none"
    size_t quorum;   ///< voter
};

/* One line, taken apart at blanks. */
struct line {
    size_t number;
    struct sil_text word[WORDS_MAX];
    size_t n;
};

static sil_status refuse(struct sil_error *err, const struct line *line,
                         const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "line %zu of the policy: %s", line->number,
                    what);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static sil_status split(struct line *out, const struct sil_text *text,
                        struct sil_error *err)
{
    size_t i = 0;
    out->n = 0;
    while (i < text->length) {
        size_t start = i;
        while (i < text->length && !is_blank(text->at[i])) {
            i++;
        }
        if (i > start && out->n == WORDS_MAX) {
            return refuse(err, out, "too many words");
        }
        if (i > start) {
            out->word[out->n++] = (struct sil_text){text->at + start, i - start};
        }
        i++;
    }
    return SIL_OK;
}

static bool word_is(const struct sil_text *word, const char *text)
{
    return word->length == strlen(text) && memcmp(word->at, text, word->length) == 0;
}

static struct voter *find_voter(const struct sil_policy *policy,
                                const struct sil_text *name)
{
    for (size_t i = 0; i < policy->n_voters; i++) {
        if (word_is(name, policy->voter[i].name)) {
            return &policy->voter[i];
        }
    }
    return NULL;
}

static sil_status add_voter(struct voter **out, struct sil_policy *policy,
                            const struct line *line, struct sil_error *err)
{
    const struct sil_text *name = &line->word[1];
    if (name->length > SIL_NOTE_NAME_MAX || word_is(name, "none")) {
        return refuse(err, line, "not a name");
    }
    if (find_voter(policy, name) != NULL) {
        return refuse(err, line, "the name is taken");
    }
    sil_status status =
        sil_grow(&policy->voter, &policy->voter_capacity, policy->n_voters + 1,
                 sizeof *policy->voter, "a policy", err);
    if (status == SIL_OK) {
        *out = &policy->voter[policy->n_voters++];
        **out = (struct voter){0};
        memcpy((*out)->name, name->at, name->length);
    }
    return status;
}

static bool same_key(const struct sil_note_key *a, const struct sil_note_key *b)
{
    return memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

/* ---- the four kinds of lines ---- */

static sil_status parse_key(struct sil_note_key *out, const struct line *line,
                            size_t word, enum sil_note_algorithm algorithm,
                            struct sil_error *err)
{
    sil_status status =
        sil_note_key_parse(out, line->word[word].at, line->word[word].length, err);
    if (status != SIL_OK) {
        return sil_fail_within(err, status, "line %zu of the policy", line->number);
    }
    return out->algorithm == algorithm
               ? SIL_OK
               : refuse(err, line,
                        algorithm == SIL_NOTE_ED25519
                            ? "a log signs with a key of type 01"
                            : "a witness cosigns with a key of type 04");
}

static sil_status take_log(struct sil_policy *policy, const struct line *line,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_note_key key;
    if (line->n < 2 || line->n > 3) {
        return refuse(err, line, "log VKEY [URL] is expected");
    }
    SIL_TRY(parse_key(&key, line, 1, SIL_NOTE_ED25519, err));
    if (sil_policy_log(policy, key.name) != NULL) {
        return refuse(err, line, "the origin has a key already");
    }
    SIL_TRY(sil_grow(&policy->log, &policy->log_capacity, policy->n_logs + 1,
                     sizeof *policy->log, "a policy", err));
    policy->log[policy->n_logs++] = key;
cleanup:
    return status;
}

static sil_status take_witness(struct sil_policy *policy, const struct line *line,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_note_key key;
    struct voter *voter = NULL;
    if (line->n < 3 || line->n > 4) {
        return refuse(err, line, "witness NAME VKEY [URL] is expected");
    }
    SIL_TRY(parse_key(&key, line, 2, SIL_NOTE_COSIGNATURE, err));
    for (size_t i = 0; i < policy->n_witnesses; i++) {
        if (same_key(&key, &policy->witness[i])) {
            return refuse(err, line,
                          "another witness has the same key: it would count twice");
        }
    }
    SIL_TRY(add_voter(&voter, policy, line, err));
    SIL_TRY(sil_grow(&policy->witness, &policy->witness_capacity,
                     policy->n_witnesses + 1, sizeof *policy->witness, "a policy",
                     err));
    voter->witness = policy->n_witnesses;
    policy->witness[policy->n_witnesses++] = key;
cleanup:
    return status;
}

static sil_status parse_needed(size_t *out, size_t n_members, const struct line *line,
                               struct sil_error *err)
{
    uint64_t number = 0;
    if (word_is(&line->word[2], "any")) {
        number = 1;
    } else if (word_is(&line->word[2], "all")) {
        number = n_members;
    } else if (!sil_text_number(&number, &line->word[2])) {
        number = 0;
    }
    *out = (size_t)number;
    return number >= 1 && number <= n_members
               ? SIL_OK
               : refuse(err, line,
                        "how many members are needed: any, all, or 1 to "
                        "their number");
}

static sil_status take_group(struct sil_policy *policy, const struct line *line,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct voter group = {.is_group = true};
    struct voter *voter = NULL;
    if (line->n < 4 || line->n - 3 > MEMBERS_MAX) {
        return refuse(err, line, "group NAME K|any|all MEMBER... is expected");
    }
    for (size_t i = 3; i < line->n; i++) {
        const struct voter *member = find_voter(policy, &line->word[i]);
        if (member == NULL) {
            return refuse(err, line, "a member is not defined above");
        }
        size_t index = (size_t)(member - policy->voter);
        for (size_t j = 0; j < group.n_members; j++) {
            if (group.member[j] == index) {
                return refuse(err, line, "a member is named twice");
            }
        }
        group.member[group.n_members++] = index;
    }
    SIL_TRY(parse_needed(&group.needed, group.n_members, line, err));
    SIL_TRY(add_voter(&voter, policy, line, err));
    memcpy(group.name, voter->name, sizeof group.name);
    *voter = group;
cleanup:
    return status;
}

static sil_status take_quorum(struct sil_policy *policy, const struct line *line,
                              struct sil_error *err)
{
    if (line->n != 2) {
        return refuse(err, line, "quorum NAME|none is expected");
    }
    if (policy->has_quorum_line) {
        return refuse(err, line, "there is a quorum already");
    }
    policy->has_quorum_line = true;
    if (word_is(&line->word[1], "none")) {
        return SIL_OK;
    }
    const struct voter *voter = find_voter(policy, &line->word[1]);
    if (voter == NULL) {
        return refuse(err, line, "the quorum is not defined above");
    }
    policy->has_quorum = true;
    policy->quorum = (size_t)(voter - policy->voter);
    return SIL_OK;
}

static sil_status take_line(struct sil_policy *policy, const struct line *line,
                            struct sil_error *err)
{
    if (line->n == 0 || line->word[0].at[0] == '#') {
        return SIL_OK;
    }
    if (word_is(&line->word[0], "log")) {
        return take_log(policy, line, err);
    }
    if (word_is(&line->word[0], "witness")) {
        return take_witness(policy, line, err);
    }
    if (word_is(&line->word[0], "group")) {
        return take_group(policy, line, err);
    }
    if (word_is(&line->word[0], "quorum")) {
        return take_quorum(policy, line, err);
    }
    return refuse(err, line, "it begins with none of log, witness, group, quorum");
}

sil_status sil_policy_parse(struct sil_policy **out, const char *text, size_t length,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_policy *policy = NULL;
    struct sil_text rest = {text, length};
    struct line line = {0};
    struct sil_text whole;

    *out = NULL;
    if (length > SIL_POLICY_BYTES_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "the policy is too long");
    }
    SIL_TRY(sil_alloc(&policy, 1, sizeof *policy, "a policy", err));
    while (sil_text_line(&whole, &rest)) {
        line.number++;
        SIL_TRY(split(&line, &whole, err));
        SIL_TRY(take_line(policy, &line, err));
    }
    line.number++;
    if (rest.length > 0) {
        status = refuse(err, &line, "it does not end with a newline");
        goto cleanup;
    }
    if (!policy->has_quorum_line) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the policy has no quorum line: quorum none asks for no "
                          "witness");
        goto cleanup;
    }
    *out = policy;
    policy = NULL;
cleanup:
    sil_policy_free(policy);
    return status;
}

void sil_policy_free(struct sil_policy *policy)
{
    if (policy != NULL) {
        free(policy->log);
        free(policy->witness);
        free(policy->voter);
        free(policy);
    }
}

const struct sil_note_key *sil_policy_log(const struct sil_policy *policy,
                                          const char *origin)
{
    for (size_t i = 0; i < policy->n_logs; i++) {
        if (strcmp(policy->log[i].name, origin) == 0) {
            return &policy->log[i];
        }
    }
    return NULL;
}

size_t sil_policy_n_witnesses(const struct sil_policy *policy)
{
    return policy->n_witnesses;
}

const struct sil_note_key *sil_policy_witness(const struct sil_policy *policy, size_t i)
{
    return &policy->witness[i];
}

/* ---- judging ---- */

/* Members are defined above their groups, so one pass decides. */
static void decide(bool *agrees, const struct sil_policy *policy, const bool *signed_by)
{
    for (size_t i = 0; i < policy->n_voters; i++) {
        const struct voter *voter = &policy->voter[i];
        size_t n = 0;
        for (size_t j = 0; j < voter->n_members; j++) {
            n += agrees[voter->member[j]] ? 1 : 0;
        }
        agrees[i] = voter->is_group ? n >= voter->needed : signed_by[voter->witness];
    }
}

static sil_status find_signers(struct sil_policy_verdict *out, bool *signed_by,
                               const struct sil_policy *policy,
                               const struct sil_note *note, uint64_t now,
                               struct sil_error *err)
{
    for (size_t i = 0; i < policy->n_witnesses; i++) {
        uint64_t time = 0;
        enum sil_note_verdict verdict =
            sil_note_verify(note, &policy->witness[i], &time);
        if (verdict == SIL_NOTE_BAD) {
            return sil_refuse_ledger(err, "W1", "the cosignature of %s does not verify",
                                     policy->witness[i].name);
        }
        signed_by[i] = verdict == SIL_NOTE_GOOD && time <= now + DAY;
        out->n_witnesses += signed_by[i] ? 1 : 0;
        out->newest = signed_by[i] && time > out->newest ? time : out->newest;
    }
    return SIL_OK;
}

static sil_status check_log(const struct sil_policy *policy,
                            const struct sil_note *note, struct sil_error *err)
{
    struct sil_checkpoint checkpoint;
    sil_status status = sil_checkpoint_parse(&checkpoint, note, err);
    if (status != SIL_OK) {
        return status;
    }
    const struct sil_note_key *log = sil_policy_log(policy, checkpoint.origin);
    if (log == NULL) {
        return sil_refuse_ledger(err, "W1", "the policy knows no log %s",
                                 checkpoint.origin);
    }
    return sil_note_verify(note, log, NULL) == SIL_NOTE_GOOD
               ? SIL_OK
               : sil_refuse_ledger(err, "W1",
                                   "the checkpoint is not signed by the log's key in "
                                   "the policy");
}

sil_status sil_policy_judge(struct sil_policy_verdict *out,
                            const struct sil_policy *policy, const char *data,
                            size_t length, uint64_t now, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_note note;
    bool *signed_by = NULL;
    bool *agrees = NULL;
    *out = (struct sil_policy_verdict){0};

    SIL_TRY(sil_alloc(&signed_by, policy->n_witnesses, sizeof *signed_by, "witnesses",
                      err));
    SIL_TRY(sil_alloc(&agrees, policy->n_voters, sizeof *agrees, "witnesses", err));
    SIL_TRY(sil_note_parse(&note, data, length, err));
    SIL_TRY(check_log(policy, &note, err));
    SIL_TRY(find_signers(out, signed_by, policy, &note, now, err));
    decide(agrees, policy, signed_by);
    out->quorum = !policy->has_quorum || agrees[policy->quorum];
cleanup:
    free(signed_by);
    free(agrees);
    return status;
}

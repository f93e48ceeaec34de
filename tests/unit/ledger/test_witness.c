// SPDX-License-Identifier: Apache-2.0
/* A witness: remembers before it speaks, says yes once, and never to two histories. */
#include "book_kit.h"
#include "ledger/policy.h"
#include "ledger/refuse.h"
#include "ledger/witness.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WITNESS = 0x55, N_PROCESSES = 8 };

static const uint64_t NOW = 1790000000;

static struct book *book;
static struct sil_ledger *ledger;
static struct sil_policy *logs;
static struct sil_note_key key;
static struct sil_error err;
static char state[64];

#define MUST(call) cr_assert(eq(int, (call), SIL_OK), "%s", err.text)

/* Books that are founded with the same nonce are the same ledger. */
static void same_nonce(struct sil_genesis *genesis)
{
    memset(genesis->nonce, 7, sizeof genesis->nonce);
}

static void start(void)
{
    struct sil_note_key log;
    struct sil_bytes text = {0};
    char origin[SIL_ORIGIN_MAX + 1];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];

    book = book_new();
    ledger = book_found(book, same_nonce);
    (void)snprintf(state, sizeof state, "%s/witness", book->room.path);
    MUST(sil_chain_origin(origin, sil_ledger_chain(ledger), &err));
    sil_secret_key_public(public_key, kit_key(KIT_LOG));
    MUST(sil_note_key_make(&log, origin, SIL_NOTE_ED25519, public_key, &err));
    MUST(sil_bytes_append(&text, "log ", 4, &err));
    MUST(sil_note_key_print(&text, &log, &err));
    MUST(sil_bytes_printf(&text, &err, "\nquorum none\n"));
    MUST(sil_policy_parse(&logs, (char *)text.data, text.length, &err));
    sil_secret_key_public(public_key, kit_key(WITNESS));
    MUST(sil_note_key_make(&key, "w.example", SIL_NOTE_COSIGNATURE, public_key, &err));
    sil_bytes_clear(&text);
}

static void stop(void)
{
    sil_policy_free(logs);
    sil_ledger_close(ledger);
    book_free(book);
}

TestSuite(witness, .init = start, .fini = stop);

static struct sil_bytes request_from(uint64_t old)
{
    struct sil_bytes request = {0};
    MUST(sil_witness_request(&request, ledger, old, &err));
    return request;
}

static sil_status ask(struct sil_bytes *line, const struct sil_bytes *request)
{
    line->length = 0;
    return sil_witness_cosign(line, (const char *)request->data, request->length, logs,
                              &key, kit_key(WITNESS), state, NOW, &err);
}

/* Ask, and expect a refusal with this id. */
static void expect_refused(const struct sil_bytes *request, const char *id)
{
    struct sil_bytes line = {0};
    char found[16];
    cr_expect(eq(int, ask(&line, request), SIL_ERR_CHECK));
    sil_refusal_id(found, &err);
    cr_expect(zero(int, strcmp(found, id)), "%s", err.text);
    cr_expect(eq(sz, line.length, 0), "a refusal says nothing else");
    sil_bytes_clear(&line);
}

Test(witness, follows_a_ledger_that_grows)
{
    struct sil_bytes line = {0};
    for (uint64_t old = 0; old < 4; old++) {
        struct sil_bytes request = request_from(old);
        MUST(ask(&line, &request));
        cr_expect(
            eq(int, strncmp((char *)line.data, "\xe2\x80\x94 w.example ", 14), 0));
        /* The same again: what was seen last has moved on. */
        expect_refused(&request, "409");
        sil_bytes_clear(&request);
        (void)book_grant(ledger, "1/16");
    }
    sil_bytes_clear(&line);
}

/* What a crash leaves, or a reader sees while a commit goes on: no second history. */
Test(witness, is_asked_about_the_newest_checkpoint_and_not_what_lies_behind_it)
{
    struct sil_ledger *whole = ledger;
    struct sil_bytes line = {0};
    struct sil_bytes first = request_from(0);
    MUST(ask(&line, &first));
    (void)book_grant(ledger, "1/16");
    (void)book_grant(ledger, "1/16");
    cr_assert(zero(int, unlink(book_path(book, "checkpoints/000000000003"))));
    book->place.state = NULL;
    MUST(book_open(&ledger, book, SIL_LEDGER_READ, &err));
    cr_assert(eq(u64, sil_ledger_chain(ledger)->tree.size, 3));
    cr_expect(eq(u64, sil_ledger_covered(ledger), 2));

    struct sil_bytes second = request_from(1);
    MUST(ask(&line, &second));

    cr_expect(eq(int, sil_witness_request(&first, ledger, 3, &err), SIL_ERR_USAGE));
    sil_bytes_clear(&first);
    sil_bytes_clear(&second);
    sil_bytes_clear(&line);
    sil_ledger_close(whole);
}

Test(witness, remembers_in_a_directory_that_it_makes)
{
    struct sil_bytes line = {0};
    struct sil_bytes request = request_from(0);
    (void)snprintf(state, sizeof state, "%s/new/place/state", book->room.path);

    MUST(ask(&line, &request));

    expect_refused(&request, "409");
    sil_bytes_clear(&request);
    sil_bytes_clear(&line);
}

Test(witness, signs_the_same_size_again_when_asked_with_it)
{
    struct sil_bytes line = {0};
    struct sil_bytes first = request_from(0);
    MUST(ask(&line, &first));
    struct sil_bytes second = request_from(1);
    MUST(ask(&line, &second));
    sil_bytes_clear(&first);
    sil_bytes_clear(&second);
    sil_bytes_clear(&line);
}

Test(witness, one_of_many_processes_is_told_yes)
{
    struct sil_bytes request = request_from(0);
    pid_t child[N_PROCESSES];
    int n_yes = 0;
    int n_no = 0;
    for (int i = 0; i < N_PROCESSES; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            struct sil_bytes line = {0};
            _exit((int)ask(&line, &request));
        }
    }
    for (int i = 0; i < N_PROCESSES; i++) {
        int code = 0;
        cr_assert(waitpid(child[i], &code, 0) == child[i]);
        n_yes += WEXITSTATUS(code) == SIL_OK ? 1 : 0;
        n_no += WEXITSTATUS(code) == SIL_ERR_CHECK ? 1 : 0;
    }
    cr_expect(eq(int, n_yes, 1));
    cr_expect(eq(int, n_no, N_PROCESSES - 1));
    sil_bytes_clear(&request);
}

Test(witness, two_histories_of_one_log_are_told_apart)
{
    struct sil_bytes line = {0};
    struct sil_bytes old = request_from(0);
    MUST(ask(&line, &old));
    (void)book_grant(ledger, "1/16");
    struct sil_bytes seen = request_from(1);
    MUST(ask(&line, &seen));

    /* The other history: the same genesis, another grant, the same log. */
    struct book *other = book_new();
    struct sil_ledger *fork = book_found(other, same_nonce);
    cr_assert(sil_id_equal(&sil_ledger_chain(fork)->ledger,
                           &sil_ledger_chain(ledger)->ledger));
    (void)book_grant(fork, "1/8");
    (void)book_grant(fork, "1/8");
    struct sil_bytes forked = {0};
    MUST(sil_witness_request(&forked, fork, 2, &err));
    expect_refused(&forked, "422");

    sil_ledger_close(fork);
    book_free(other);
    sil_bytes_clear(&forked);
    sil_bytes_clear(&seen);
    sil_bytes_clear(&old);
    sil_bytes_clear(&line);
}

/* A policy of the ledger's log and the one witness. */
static struct sil_policy *policy_of_both(void)
{
    struct sil_policy *policy = NULL;
    struct sil_bytes text = {0};
    MUST(sil_bytes_printf(&text, &err, "witness w "));
    MUST(sil_note_key_print(&text, &key, &err));
    MUST(sil_bytes_printf(&text, &err, "\nquorum w\n"));
    MUST(sil_policy_parse(&policy, (char *)text.data, text.length, &err));
    sil_bytes_clear(&text);
    return policy;
}

/* What lies in cosigned/1 is then `text`. */
static void put_cosigned(const void *text, size_t length)
{
    const char *path = book_path(book, "cosigned/000000000001");
    cr_assert(zero(int, unlink(path)));
    scratch_write(path, text, length, 0444);
}

Test(witness, what_it_signed_is_read_back_only_over_the_checkpoint_of_that_size)
{
    struct sil_policy *policy = policy_of_both();
    struct sil_bytes line = {0};
    struct sil_bytes kept = {0};
    struct sil_bytes again = {0};
    struct sil_bytes request = request_from(0);
    uint64_t size = 0;
    char id[16];
    MUST(ask(&line, &request));
    MUST(sil_witness_keep(ledger, policy, (char *)line.data, line.length, 1, &err));

    MUST(sil_witness_newest(&kept, &size, ledger, &err));

    cr_expect(eq(u64, size, 1));
    const struct sil_bytes *note = sil_ledger_checkpoint_note(ledger);
    cr_assert(eq(sz, kept.length, note->length + line.length));
    /* A signature byte of the log, then a file that ends within the checkpoint. */
    kept.data[note->length - 10] ^= 1;
    put_cosigned(kept.data, kept.length);
    cr_expect(eq(int, sil_witness_newest(&again, &size, ledger, &err), SIL_ERR_CHECK));
    sil_refusal_id(id, &err);
    cr_expect(eq(str, id, "E-FORK"), "%s", err.text);
    kept.data[note->length - 10] ^= 1;
    put_cosigned(kept.data, note->length - 1);
    cr_expect(eq(int, sil_witness_newest(&again, &size, ledger, &err), SIL_ERR_CHECK));
    cr_expect(zero(sz, again.length), "what is refused is not handed out");

    sil_policy_free(policy);
    sil_bytes_clear(&request);
    sil_bytes_clear(&line);
    sil_bytes_clear(&kept);
    sil_bytes_clear(&again);
}

Test(witness, an_unknown_ledger_a_wrong_signature_a_wrong_proof)
{
    struct sil_bytes line = {0};
    struct sil_bytes first = request_from(0);
    MUST(ask(&line, &first));
    (void)book_grant(ledger, "1/16");
    (void)book_grant(ledger, "1/16");
    struct sil_bytes request = request_from(1);
    char *text = (char *)request.data;

    char *origin = strstr(text, "\n\n") + 2;
    origin[0] ^= 1;
    expect_refused(&request, "404");
    origin[0] ^= 1;
    char *size = strchr(origin, '\n') + 1;
    size[0] ^= 1;
    expect_refused(&request, "403");
    size[0] ^= 1;
    char *proof = strchr(text, '\n') + 1;
    proof[5] = proof[5] == 'A' ? 'B' : 'A';
    expect_refused(&request, "422");
    sil_bytes_clear(&request);
    sil_bytes_clear(&first);
    sil_bytes_clear(&line);
}

Test(witness, what_is_no_request_is_said_to_be_none)
{
    static const char *const CASES[] = {
        "",        "old\n\n",   "old x\n\n", "old 01\n\nx\n", "old 0\nAAAA\n\nx\n",
        "old 0\n", "old 0\n\n", "new 0\n\n"};
    struct sil_bytes line = {0};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct sil_bytes request = {.data = (uint8_t *)(uintptr_t)CASES[i],
                                          .length = strlen(CASES[i])};
        cr_expect(eq(int, ask(&line, &request), SIL_ERR_INPUT), "%s", CASES[i]);
    }
    sil_bytes_clear(&line);
}

Test(witness, a_size_that_the_ledger_has_not_is_refused_before_it_is_sent)
{
    struct sil_bytes request = {0};
    cr_expect(eq(int, sil_witness_request(&request, ledger, 2, &err), SIL_ERR_USAGE));
    sil_bytes_clear(&request);
}

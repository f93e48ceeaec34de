// SPDX-License-Identifier: Apache-2.0
/* Bundles, written: the order of things, and that every signature, digest and proof is of
 * what it stands beside. */
#include "../synth/ledger_kit.h"
#include "base/file.h"
#include "ledger/keyring.h"
#include "release/bundle.h"
#include "release/comment.h"
#include "release/envelope.h"
#include "release/guard.h"
#include "release/key_files.h"
#include "release/statement.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dirent.h>
#include <inttypes.h>
#include <mpfr.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ledger_kit kit;
static struct sil_model *model;
static struct test_path path;

static void set_up(void)
{
    kit = ledger_kit_open(SIL_ADD_REMOVE);
    model = ledger_kit_model(&kit, "1");
    path = test_dir_path(&kit.dir, "bundle");
}

static void tear_down(void)
{
    sil_model_free(model);
    ledger_kit_close(&kit);
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(bundle, .init = set_up, .fini = tear_down);

static const struct sil_secret_key *key_of(enum sil_role role)
{
    const struct sil_secret_key *key = NULL;
    cr_assert(zero(
        int, (int)sil_keyring_key(&key, sil_ledger_keyring(kit.ledger), role, NULL)));
    return key;
}

static struct sil_bundle bundle_of(enum sil_role role)
{
    return (struct sil_bundle){.ledger = kit.ledger,
                               .model = model,
                               .key = key_of(role),
                               .path = path.text,
                               .n_threads = 1};
}

static struct sil_bundle written(void)
{
    struct sil_error err = {{0}};
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    cr_assert(zero(int, (int)sil_bundle_write(&bundle, &err)), "%s", err.text);
    return bundle;
}

static struct sil_bytes file_of(const char *name)
{
    char file[512];
    struct sil_bytes bytes;
    (void)snprintf(file, sizeof file, "%s/%s", path.text, name);
    cr_assert(zero(int, (int)sil_file_read(&bytes, file, 1 << 24, NULL)), "%s", name);
    return bytes;
}

/* Names in the folder of the case that begin with "bundle". */
static int n_bundles(void)
{
    int n = 0;
    DIR *dir = opendir(kit.dir.path);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        n += strncmp(entry->d_name, "bundle", 6) == 0;
    }
    (void)closedir(dir);
    return n;
}

static void sha256_of(uint8_t out[SIL_HASH_BYTES], const char *name)
{
    struct sil_bytes bytes = file_of(name);
    sil_sha256(out, &(struct sil_part){bytes.data, bytes.length}, 1);
    sil_bytes_clear(&bytes);
}

Test(bundle, the_entry_lists_every_artifact_and_the_statement)
{
    struct sil_bundle bundle = written();
    const struct sil_bytes *bytes = sil_ledger_entry(kit.ledger, bundle.seq);
    struct sil_entry entry = {0};
    uint8_t hash[SIL_HASH_BYTES];

    cr_assert(zero(int, (int)sil_entry_parse(&entry, bytes->data, bytes->length,
                                             bundle.seq, NULL)));

    const struct sil_release_entry *body = &entry.body.release;
    cr_assert(eq(int, entry.type, SIL_ENTRY_RELEASE));
    cr_expect(sil_id_equal(&entry.body.id, &bundle.id));
    cr_assert(eq(sz, body->n_artifacts, SIL_N_ARTIFACTS));
    for (size_t i = 0; i < body->n_artifacts; i++) {
        const char *name = sil_artifact_name((enum sil_artifact_kind)i);
        cr_expect(zero(int, strcmp(body->artifacts[i].name, name)));
        sha256_of(hash, name);
        cr_expect(zero(int, memcmp(body->artifacts[i].sha256, hash, sizeof hash)), "%s",
                  name);
    }
    sha256_of(hash, "statement.json");
    cr_expect(zero(int, memcmp(body->statement_sha256, hash, sizeof hash)));
    cr_assert(eq(sz, body->n_reserves, 1));
    cr_expect(sil_id_equal(&body->reserves[0], &model->transcript.stamp.reserve));
    sil_entry_clear(&entry);
}

static void expect_signature(const char *name, const struct sil_bundle *bundle)
{
    char signature_name[64];
    char comment[SIL_COMMENT_MAX + 1];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_minisig signature;
    struct sil_root root;
    const struct sil_chain *chain = sil_ledger_chain(kit.ledger);
    (void)snprintf(signature_name, sizeof signature_name, "%s.minisig", name);
    struct sil_bytes text = file_of(signature_name);
    struct sil_bytes bytes = file_of(name);
    sil_secret_key_public(public_key, key_of(SIL_ROLE_RELEASE));
    sil_merkle_root_at(&root, &chain->tree, bundle->seq);
    sil_release_comment(comment, &chain->ledger, bundle->seq, &root);

    cr_assert(zero(int, (int)sil_minisig_parse(&signature, (const char *)text.data,
                                               text.length, NULL)));

    cr_expect(sil_minisig_verify(&signature, public_key, bytes.data, bytes.length),
              "%s", name);
    cr_expect(zero(int, strcmp(signature.comment, comment)));
    sil_bytes_clear(&text);
    sil_bytes_clear(&bytes);
}

Test(bundle, the_release_key_signs_rows_and_statement_for_this_entry)
{
    struct sil_bundle bundle = written();
    struct sil_envelope envelope;
    struct sil_bytes text = file_of("statement.dsse.json");
    struct sil_bytes statement = file_of("statement.json");
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    bool holds = false;

    expect_signature("data.csv", &bundle);
    expect_signature("statement.json", &bundle);

    sil_secret_key_public(public_key, key_of(SIL_ROLE_RELEASE));
    cr_assert(zero(int, (int)sil_envelope_parse(&envelope, (const char *)text.data,
                                                text.length, NULL)));
    cr_assert(zero(int, (int)sil_envelope_verify(&holds, &envelope, public_key, NULL)));
    cr_expect(holds);
    cr_expect(envelope.statement.length == statement.length &&
              memcmp(envelope.statement.data, statement.data, statement.length) == 0);
    sil_envelope_clear(&envelope);
    sil_bytes_clear(&text);
    sil_bytes_clear(&statement);
}

Test(bundle, the_proof_is_of_the_entry_under_the_checkpoint)
{
    struct sil_bundle bundle = written();
    struct sil_bytes text = file_of("release.tlog-proof");
    struct sil_bytes checkpoint = file_of("ledger/checkpoint");
    const struct sil_chain *chain = sil_ledger_chain(kit.ledger);
    struct sil_tlog_proof proof;
    struct sil_root root;
    sil_merkle_root(&root, &chain->tree);

    cr_assert(zero(int, (int)sil_tlog_proof_parse(&proof, (const char *)text.data,
                                                  text.length, NULL)));

    cr_expect(eq(u64, proof.index, bundle.seq));
    cr_expect(sil_merkle_verify_inclusion(&proof.path, &chain->tree.leaf[bundle.seq],
                                          bundle.seq, chain->tree.size, &root));
    cr_expect(proof.checkpoint_length == checkpoint.length &&
              memcmp(proof.checkpoint, checkpoint.data, checkpoint.length) == 0);
    sil_bytes_clear(&text);
    sil_bytes_clear(&checkpoint);
}

Test(bundle, the_statement_is_about_the_ledger_before_it)
{
    uint64_t size = sil_ledger_chain(kit.ledger)->tree.size;
    struct sil_bundle bundle = written();
    struct sil_bytes text = file_of("statement.json");
    struct sil_statement statement;

    cr_assert(zero(int, (int)sil_statement_parse(&statement, (const char *)text.data,
                                                 text.length, NULL)));

    cr_expect(eq(u64, statement.size, size));
    cr_expect(eq(u64, bundle.seq, size));
    cr_expect(sil_id_equal(&statement.release, &bundle.id));
    cr_expect(not(statement.choices.has_rows));
    cr_expect(not(statement.choices.has_seed));
    cr_expect(eq(u64, statement.choices.n_rows, sil_model_rows(model)));
    sil_bytes_clear(&text);
}

Test(bundle, without_its_entry_there_is_none)
{
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    struct sil_error err = {{0}};
    char name[64];
    (void)snprintf(name, sizeof name, "led/entries/%012" PRIu64,
                   sil_ledger_chain(kit.ledger)->tree.size);
    struct test_path in_the_way = test_dir_file(&kit.dir, name, "no entry", 8);
    cr_assert(zero(int, chmod(in_the_way.text, 0444)), "the ledger takes no other");

    sil_status status = sil_bundle_write(&bundle, &err);

    cr_expect(ne(int, (int)status, SIL_OK));
    cr_expect(zero(int, n_bundles()), "nothing, not even half of it: %s", err.text);
}

Test(bundle, what_is_there_is_found_out_before_the_entry)
{
    uint64_t before = sil_ledger_chain(kit.ledger)->tree.size;
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    cr_assert(zero(int, mkdir(path.text, 0700)));

    cr_expect(eq(int, (int)sil_bundle_write(&bundle, NULL), SIL_ERR_USAGE));

    cr_expect(eq(u64, sil_ledger_chain(kit.ledger)->tree.size, before));
    cr_expect(eq(int, n_bundles(), 1));
}

/* Somebody else takes the name while rows are written. */
static void take_name(void *payload, const char *stage, uint64_t done, uint64_t total)
{
    (void)payload;
    (void)stage;
    (void)done;
    (void)total;
    (void)mkdir(path.text, 0700);
}

Test(bundle, whose_name_is_taken_meanwhile_is_not_entered)
{
    uint64_t before = sil_ledger_chain(kit.ledger)->tree.size;
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    struct sil_error err = {{0}};
    bundle.progress.report = take_name;

    cr_expect(eq(int, (int)sil_bundle_write(&bundle, &err), SIL_ERR_USAGE));

    cr_expect(eq(u64, sil_ledger_chain(kit.ledger)->tree.size, before));
    cr_expect(ne(ptr, strstr(err.text, "is there already"), NULL), "%s", err.text);
    cr_expect(eq(int, n_bundles(), 1), "what somebody else made");
}

/* The first thing that is made behind the entry (see CMakeLists.txt). */
static bool takes_name_late;
sil_status __real_sil_key_files(const struct sil_chain *chain, const struct sil_id *id,
                                sil_bundle_sink *sink, void *context,
                                struct sil_error *err);
sil_status __wrap_sil_key_files(const struct sil_chain *chain, const struct sil_id *id,
                                sil_bundle_sink *sink, void *context,
                                struct sil_error *err);

sil_status __wrap_sil_key_files(const struct sil_chain *chain, const struct sil_id *id,
                                sil_bundle_sink *sink, void *context,
                                struct sil_error *err)
{
    if (takes_name_late) {
        cr_assert(zero(int, mkdir(path.text, 0700)));
    }
    return __real_sil_key_files(chain, id, sink, context, err);
}

Test(bundle, that_cannot_take_its_name_says_that_its_entry_stands)
{
    uint64_t before = sil_ledger_chain(kit.ledger)->tree.size;
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    struct sil_error err = {{0}};
    takes_name_late = true;

    cr_expect(eq(int, (int)sil_bundle_write(&bundle, &err), SIL_ERR_USAGE));

    cr_expect(eq(u64, sil_ledger_chain(kit.ledger)->tree.size, before + 1));
    cr_expect(ne(ptr, strstr(err.text, "running again makes another"), NULL), "%s",
              err.text);
    cr_expect(eq(int, n_bundles(), 1), "what somebody else made");
}

/* Another process releases the same model, as often as it is let. */
static int n_others;

static void release_too(void *payload, const char *stage, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    int *left = payload;
    if (*left == 0 || strcmp(stage, "writing") != 0) {
        return;
    }
    (*left)--;
    char name[64];
    struct sil_error err = {{0}};
    struct sil_ledger_options options = sil_ledger_defaults();
    struct sil_bundle other = bundle_of(SIL_ROLE_RELEASE);
    (void)snprintf(name, sizeof name, "other-%d", n_others++);
    struct test_path place = test_dir_path(&kit.dir, name);
    options.directory = kit.ledger_path.text;
    options.state = kit.state_path.text;
    cr_assert(zero(int, (int)sil_ledger_open(&other.ledger, &options, &err)), "%s",
              err.text);
    other.path = place.text;
    cr_assert(zero(int, (int)sil_bundle_write(&other, &err)), "%s", err.text);
    sil_ledger_close(other.ledger);
}

Test(bundle, is_made_anew_when_another_process_was_faster)
{
    uint64_t before = sil_ledger_chain(kit.ledger)->tree.size;
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    struct sil_error err = {{0}};
    int left = 2;
    bundle.progress = (struct sil_progress){release_too, &left};

    cr_assert(zero(int, (int)sil_bundle_write(&bundle, &err)), "%s", err.text);

    struct sil_bytes text = file_of("statement.json");
    struct sil_statement statement;
    cr_assert(zero(int, (int)sil_statement_parse(&statement, (const char *)text.data,
                                                 text.length, NULL)));
    cr_expect(zero(int, left));
    cr_expect(eq(u64, bundle.seq, before + 2));
    cr_expect(eq(u64, statement.size, bundle.seq), "about the ledger just before it");
    cr_expect(eq(u64, sil_ledger_chain(kit.ledger)->tree.size, before + 3),
              "an entry each, and none of an attempt");
    cr_expect(eq(int, n_bundles(), 1), "no folder of an attempt");
    sil_bytes_clear(&text);
}

Test(bundle, gives_up_when_others_are_always_faster)
{
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    struct sil_error err = {{0}};
    int left = 1000;
    bundle.progress = (struct sil_progress){release_too, &left};

    cr_expect(eq(int, (int)sil_bundle_write(&bundle, &err), SIL_ERR_IO));

    cr_expect(ne(ptr, strstr(err.text, "another process"), NULL), "%s", err.text);
    cr_expect(zero(int, n_bundles()));
}

Test(bundle, a_key_of_another_role_signs_nothing)
{
    static const enum sil_role ROLES[] = {SIL_ROLE_AUTHORITY, SIL_ROLE_CURATOR,
                                          SIL_ROLE_LOG};

    static const char *const FOUND[] = {"for the role authority",
                                        "for the role curator", "for the role log"};

    uint64_t before = sil_ledger_chain(kit.ledger)->tree.size;
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
        struct sil_bundle bundle = bundle_of(ROLES[i]);
        struct sil_error err = {{0}};
        cr_expect(eq(int, (int)sil_bundle_write(&bundle, &err), SIL_ERR_USAGE));
        cr_expect(ne(ptr, strstr(err.text, "not a live release key"), NULL), "%s",
                  err.text);
        cr_expect(ne(ptr, strstr(err.text, FOUND[i]), NULL), "%s", err.text);
        cr_expect(ne(ptr, strstr(err.text, "key new --role release"), NULL), "%s",
                  err.text);
    }
    cr_expect(zero(int, n_bundles()));
    cr_expect(eq(u64, sil_ledger_chain(kit.ledger)->tree.size, before));
}

Test(bundle, as_a_tar_file_has_the_same_files)
{
    struct sil_bundle folder = written();
    struct sil_bundle tar = bundle_of(SIL_ROLE_RELEASE);
    struct test_path name = test_dir_path(&kit.dir, "bundle.tar");
    struct stat info;
    struct sil_error err = {{0}};
    tar.path = name.text;
    tar.is_tar = true;

    cr_assert(zero(int, (int)sil_bundle_write(&tar, &err)), "%s", err.text);

    cr_assert(zero(int, stat(name.text, &info)));
    cr_expect(eq(int, (int)(info.st_mode & S_IFMT), S_IFREG));
    cr_expect(zero(int, (int)(info.st_size % 512)));
    cr_expect(gt(u64, (uint64_t)info.st_size, tar.n_bytes + 512 * tar.n_files));
    cr_expect(eq(u64, tar.n_files, folder.n_files));
    cr_expect(eq(int, n_bundles(), 2), "no folder is left beside it");
}

Test(bundle, without_room_for_its_tar_file_is_not_entered)
{
    uint64_t before = sil_ledger_chain(kit.ledger)->tree.size;
    const struct rlimit limit = {1 << 20,
                                 RLIM_INFINITY}; /* each file, as on a full disk */
    struct sil_bundle bundle = bundle_of(SIL_ROLE_RELEASE);
    struct sil_error err = {{0}};
    bundle.is_tar = true;
    cr_assert(ne(ptr, (void *)signal(SIGXFSZ, SIG_IGN), (void *)SIG_ERR));
    cr_assert(zero(int, setrlimit(RLIMIT_FSIZE, &limit)));

    cr_expect(eq(int, (int)sil_bundle_write(&bundle, &err), SIL_ERR_IO));

    cr_expect(ne(ptr, strstr(err.text, "no room for"), NULL), "%s", err.text);
    cr_expect(eq(u64, sil_ledger_chain(kit.ledger)->tree.size, before));
    cr_expect(zero(int, n_bundles()));
}

/* ---- the model ---- */

enum { CHECKSUM_BYTES = 2 + SIL_HASH_BYTES };

/* A model file with one bit changed so far from its end, its checksum made good or not. */
static sil_status read_changed(size_t from_end, bool is_mended, struct sil_error *err)
{
    static const char LABEL[] = "silhouette/model/v1\n";
    struct sil_model *out = NULL;
    struct sil_bytes bytes = {0};
    cr_assert(zero(int, (int)sil_model_encode(&bytes, model, NULL)));
    if (from_end > 0) {
        bytes.data[bytes.length - from_end] ^= 1;
    }
    if (is_mended) {
        const struct sil_part parts[] = {
            {LABEL,      sizeof LABEL - 1             },
            {bytes.data, bytes.length - CHECKSUM_BYTES}
        };
        sil_hash(bytes.data + bytes.length - SIL_HASH_BYTES, parts, 2);
    }
    struct test_path file =
        test_dir_file(&kit.dir, "m.model", bytes.data, bytes.length);
    sil_status status = sil_release_model(&out, file.text, 1, err);
    sil_bytes_clear(&bytes);
    cr_assert(zero(int, unlink(file.text)));
    cr_expect(eq(int, out != NULL, status == SIL_OK));
    sil_model_free(out);
    return status;
}

Test(bundle, a_model_is_the_one_that_its_transcript_gives)
{
    struct sil_error err = {{0}};
    cr_expect(zero(int, (int)read_changed(0, true, &err)), "%s", err.text);
    cr_expect(eq(int, (int)read_changed(1, false, &err), SIL_ERR_INPUT));
    /* The low bits of the last potential, which no other check can know. */
    cr_expect(
        eq(int, (int)read_changed(CHECKSUM_BYTES + 1, true, &err), SIL_ERR_INPUT));
    cr_expect(
        ne(ptr, strstr(err.text, "not the model that its transcript gives"), NULL),
        "%s", err.text);
}

/* ---- what stays in the house ---- */

Test(bundle, nothing_is_released_out_of_or_into_a_folder_of_reports)
{
    struct test_path house = test_dir_path(&kit.dir, "house");
    struct test_path deep = test_dir_path(&kit.dir, "house/deep");
    cr_assert(zero(int, mkdir(house.text, 0700)));
    cr_assert(zero(int, mkdir(deep.text, 0700)));
    struct test_path inside = test_dir_path(&kit.dir, "house/deep/m");
    struct test_path outside = test_dir_path(&kit.dir, "m");
    cr_expect(zero(int, (int)sil_release_guard(inside.text, outside.text, NULL)));

    (void)test_dir_file(&kit.dir, "house/INTERNAL.txt", "", 0);

    cr_expect(eq(int, (int)sil_release_guard(inside.text, outside.text, NULL),
                 SIL_ERR_USAGE));
    cr_expect(eq(int, (int)sil_release_guard(outside.text, inside.text, NULL),
                 SIL_ERR_USAGE));
    cr_expect(eq(int, (int)sil_release_guard("-", inside.text, NULL), SIL_ERR_USAGE));
    cr_expect(eq(int, (int)sil_release_guard("-", "internal", NULL), SIL_ERR_USAGE));
    cr_expect(eq(int, (int)sil_release_guard("-", "a/internal/", NULL), SIL_ERR_USAGE));
    cr_expect(zero(int, (int)sil_release_guard(outside.text, outside.text, NULL)));
}

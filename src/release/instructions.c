// SPDX-License-Identifier: Apache-2.0
/* VERIFY.txt. The indented lines are commands; a test runs them as they stand. They work
 * for any ledger: what differs between releases is the ledger's id. */
#include "base/fail.h"
#include "release/documents.h"

static const char INTRODUCTION[] =
    "HOW TO VERIFY THIS RELEASE\n"
    "\n"
    "With silhouette, everything, the rows included:\n"
    "\n"
    "  silhouette verify . --ledger-id %s\n"
    "\n"
    "Without it, with stock tools: minisign, openssl (3.0), GNU coreutils. Run the\n"
    "indented lines in this folder, in one shell, one after the other. They read files,\n"
    "write below a temporary folder, and stop at the first thing that does not hold.\n"
    "\n"
    "Before you begin: the id of the ledger that this release was charged to is\n"
    "\n"
    "  %s\n"
    "\n"
    "Compare it with what its publisher told you by another way. A whole forged bundle is\n"
    "consistent too; it has another id.\n";

static const char PREPARE[] =
    "\n"
    "Words for the commands below: bytes as hex digits, hex digits as bytes.\n"
    "\n"
    "    set -e\n"
    "    W=$(mktemp -d)\n"
    "    hex() { od -An -v -tx1 \"$@\" | tr -d ' \\n'; }\n"
    "    unhex() { tr a-f A-F | basenc -d --base16; }\n"
    "    sha() { sha256sum | head -c 64; }\n"
    "    der() { { printf 302a300506032b6570032100; cat; } | unhex; }\n"
    "    holds() { openssl pkeyutl -verify -pubin -keyform DER -rawin \"$@\"; }\n";

static const char FILES[] =
    "\n"
    "1. THE FILES are those that were packed, none changed, missing or more.\n"
    "\n"
    "    sha256sum -c --quiet --strict SHA256SUMS\n"
    "    cut -c 67- SHA256SUMS > $W/listed\n"
    "    find . -type f ! -path ./SHA256SUMS | cut -c 3- | LC_ALL=C sort > $W/found\n"
    "    cmp $W/listed $W/found\n"
    "    echo 'files: as packed'\n"
    "\n"
    "SHA256SUMS is a convenience that nobody signed. What follows is signed.\n";

static const char SIGNATURES[] =
    "\n"
    "2. THE RELEASE KEY signed the rows and the statement. The trusted comments name the\n"
    "ledger and the number of the release's entry in it.\n"
    "\n"
    "    minisign -V -H -m data.csv -p keys/release.pub\n"
    "    minisign -V -H -m statement.json -p keys/release.pub\n"
    "    sed -n 3p data.csv.minisig > $W/comment\n"
    "    sed -n 3p statement.json.minisig | cmp - $W/comment\n"
    "    grep -q ' ledger=%s ' $W/comment\n"
    "    echo 'comments: this ledger'\n";

static const char STATEMENT[] =
    "\n"
    "3. THE STATEMENT (in-toto) lists every document with its digest; its envelope (DSSE)\n"
    "holds the same bytes and is signed, too.\n"
    "\n"
    "    A='%s'\n"
    "    for F in $A; do\n"
    "      grep -q \"\\\"$(sha < $F)\\\"\" statement.json\n"
    "      echo \"stated: $F\"\n"
    "    done\n"
    "    value() { sed -n \"s/^ *\\\"$1\\\": \\\"\\([^\\\"]*\\)\\\".*/\\1/p\" statement.dsse.json; }\n"
    "    value payload | base64 -d | cmp - statement.json\n"
    "    L=$(($(wc -c < statement.json)))\n"
    "    printf 'DSSEv1 28 application/vnd.in-toto+json %%d ' $L > $W/signed\n"
    "    cat statement.json >> $W/signed\n"
    "    value sig | base64 -d > $W/sig\n"
    "    openssl pkeyutl -verify -pubin -inkey keys/release.pem -rawin -in $W/signed \\\n"
    "      -sigfile $W/sig\n";

static const char GENESIS[] =
    "\n"
    "4. THE LEDGER is the one with the id above: its first entry, the genesis, has it. The\n"
    "key that signed the release and the key of the log stand in its entries.\n"
    "\n"
    "    T=ledger/tile/entries/000\n"
    "    [ -f $T ] || T=$(echo $T.p/*)\n"
    "    set -- $(od -An -v -tu1 -j 103 -N 3 $T)\n"
    "    [ $1 = 197 ]\n"
    "    { printf 'silhouette/id/v1\\n'; tail -c +107 $T | head -c $(($2 * 256 + $3)); } |\n"
    "      sha256sum | head -c 32 > $W/id\n"
    "    [ $(cat $W/id) = %s ]\n"
    "    echo 'ledger: the genesis has its id'\n"
    "    find ledger/tile/entries -type f | LC_ALL=C sort > $W/tiles\n"
    "    cat $(cat $W/tiles) | hex > $W/entries\n"
    "    sed -n 2p keys/release.pub | base64 -d | tail -c 32 | hex > $W/release\n"
    "    openssl pkey -pubin -in keys/release.pem -outform DER | tail -c 32 | hex |\n"
    "      cmp - $W/release\n"
    "    grep -q $(cat $W/release) $W/entries\n"
    "    head -n 1 keys/log.vkey | cut -d+ -f3- | base64 -d | tail -c 32 | hex > $W/log\n"
    "    grep -q $(cat $W/log) $W/entries\n"
    "    echo 'keys: of the release and of the log, in the ledger'\n";

static const char CHECKPOINT[] =
    "\n"
    "5. THE CHECKPOINT, size and root of the ledger's tree, is signed by the log. (Of\n"
    "several log keys, one a line of keys/log.vkey, the first is tried.)\n"
    "\n"
    "    der < $W/log > $W/log.der\n"
    "    head -n 3 ledger/checkpoint > $W/text\n"
    "    tail -n 1 ledger/checkpoint | cut -d' ' -f3 | base64 -d | tail -c 64 > $W/sig\n"
    "    holds -inkey $W/log.der -in $W/text -sigfile $W/sig\n"
    "    head -n 1 ledger/checkpoint | grep -q '/silhouette/%s$'\n"
    "    [ \"$(head -n 1 keys/log.vkey | cut -d+ -f1)\" = \"$(head -n 1 $W/text)\" ]\n"
    "    id() { { head -n 1 $W/text; printf '\\001'; unhex < $W/log; } | sha; }\n"
    "    [ $(head -n 1 keys/log.vkey | cut -d+ -f2) = $(id | head -c 8) ]\n"
    "    echo 'checkpoint: signed by the log'\n";

static const char ENTRY[] =
    "\n"
    "6. THE ENTRY of this release: found by its number, signed by the curator. It lists\n"
    "the digests of the statement and of every document.\n"
    "\n"
    "    I=$(sed -n 's/^index \\([0-9]*\\)$/\\1/p' release.tlog-proof)\n"
    "    N=$(sed -n '2s/^\\([0-9]*\\)$/\\1/p' ledger/checkpoint)\n"
    "    grep -q \" entry=$I \" $W/comment\n"
    "    T=$(sed -n $((I / 256 + 1))p $W/tiles)\n"
    "    at=0; k=$((I %% 256))\n"
    "    while [ $k -ge 0 ]; do\n"
    "      set -- $(od -An -v -tu1 -j $at -N 2 $T)\n"
    "      length=$(($1 * 256 + $2)); begin=$((at + 2))\n"
    "      at=$((begin + length)); k=$((k - 1))\n"
    "    done\n"
    "    tail -c +$((begin + 1)) $T | head -c $length > $W/entry\n"
    "    hex $W/entry > $W/entry.hex\n"
    "    for F in statement.json $A; do\n"
    "      grep -q $(sha < $F) $W/entry.hex\n"
    "      echo \"entered: $F\"\n"
    "    done\n"
    "    set -- $(od -An -v -tu1 -j 1 -N 1 $W/entry)\n"
    "    head=$(($1 == 196 ? 3 : 4))\n"
    "    { printf 'silhouette/entry/v1\\n'\n"
    "      tail -c +$((head + 1)) $W/entry | head -c $((length - head - 66)); } > $W/signed\n"
    "    tail -c 64 $W/entry > $W/sig\n"
    "    signed=no\n"
    "    for K in keys/curator-*.pub; do\n"
    "      sed -n 2p $K | base64 -d | tail -c 32 | hex > $W/curator\n"
    "      grep -q $(cat $W/curator) $W/entries\n"
    "      der < $W/curator > $W/curator.der\n"
    "      if holds -inkey $W/curator.der -in $W/signed -sigfile $W/sig; then signed=yes; fi\n"
    "    done\n"
    "    [ $signed = yes ]\n"
    "    echo 'entry: signed by the curator'\n";

static const char PROOF[] =
    "\n"
    "7. THE PROOF leads from the entry to the root of the checkpoint (RFC 9162, 2.1.3.2).\n"
    "\n"
    "    node() { { printf 01; printf %%s \"$1$2\"; } | unhex | sha; }\n"
    "    r=$({ printf '\\000'; cat $W/entry; } | sha)\n"
    "    f=$I; s=$((N - 1))\n"
    "    sed '1,2d; /^$/,$d' release.tlog-proof > $W/path\n"
    "    while read -r P; do\n"
    "      p=$(printf %%s $P | base64 -d | hex)\n"
    "      [ $s -gt 0 ]\n"
    "      if [ $((f %% 2)) = 1 ] || [ $f = $s ]; then\n"
    "        r=$(node $p $r)\n"
    "        while [ $((f %% 2)) = 0 ] && [ $f != 0 ]; do f=$((f / 2)); s=$((s / 2)); done\n"
    "      else\n"
    "        r=$(node $r $p)\n"
    "      fi\n"
    "      f=$((f / 2)); s=$((s / 2))\n"
    "    done < $W/path\n"
    "    [ $s = 0 ]\n"
    "    [ $r = $(sed -n 3p ledger/checkpoint | base64 -d | hex) ]\n"
    "    sed '1,/^$/d' release.tlog-proof | cmp - ledger/checkpoint\n"
    "    echo 'proof: the entry is under the checkpoint'\n"
    "    rm -r $W; echo 'all of it holds'\n";

static const char LIMITS[] =
    "\n"
    "WHAT THIS HAS SHOWN: the holder of the release key published these files, and the\n"
    "ledger with that id records it. WHAT IT HAS NOT: that the ledger keeps its own rules\n"
    "(budget, approvals; of its entries the first and this one were looked at), and that\n"
    "data.csv follows from transcript.sil and nothing else. That takes a program:\n"
    "silhouette verify, or one written from docs/ledger-format.md and\n"
    "docs/bundle-format.md of its sources. That the noise was drawn as the ledger says\n"
    "cannot be seen in any file.\n";

enum { NAMES_A_LINE = 4 };

/* In a shell's text, where a new line is a blank. */
static sil_status put_names(struct sil_bytes *out, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (int kind = 0; kind < SIL_N_ARTIFACTS && status == SIL_OK; kind++) {
        const char *gap = kind == 0 ? "" : kind % NAMES_A_LINE == 0 ? "\n       " : " ";
        status = sil_bytes_printf(out, err, "%s%s", gap,
                                  sil_artifact_name((enum sil_artifact_kind)kind));
    }
    return status == SIL_OK ? sil_bytes_append(out, "", 1, err) : status;
}

sil_status sil_instructions(struct sil_bytes *out, const struct sil_record *record,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes names = {0};
    char id[SIL_ID_TEXT];
    sil_id_print(id, &record->chain->ledger);

    SIL_TRY(put_names(&names, err));
    const char *files = (const char *)names.data;
    SIL_TRY(sil_bytes_printf(out, err, INTRODUCTION, id, id));
    SIL_TRY(sil_bytes_append(out, PREPARE, sizeof PREPARE - 1, err));
    SIL_TRY(sil_bytes_append(out, FILES, sizeof FILES - 1, err));
    SIL_TRY(sil_bytes_printf(out, err, SIGNATURES, id));
    SIL_TRY(sil_bytes_printf(out, err, STATEMENT, files));
    SIL_TRY(sil_bytes_printf(out, err, GENESIS, id));
    SIL_TRY(sil_bytes_printf(out, err, CHECKPOINT, id));
    SIL_TRY(sil_bytes_printf(out, err, ENTRY));
    SIL_TRY(sil_bytes_printf(out, err, PROOF));
    SIL_TRY(sil_bytes_append(out, LIMITS, sizeof LIMITS - 1, err));

cleanup:
    sil_bytes_clear(&names);
    return status;
}

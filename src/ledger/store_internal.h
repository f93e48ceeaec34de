// SPDX-License-Identifier: Apache-2.0
/// The inside of struct sil_store, for store.c (the directory), store_lock.c,
/// store_read.c and store_write.c.
#ifndef SIL_LEDGER_STORE_INTERNAL_H
#define SIL_LEDGER_STORE_INTERNAL_H

#include "ledger/fs_file.h"
#include "ledger/store.h"

/// The first three are those of enum sil_store_kind.
enum sil_store_folder {
    SIL_FOLDER_TMP = 3,
    SIL_FOLDER_QUARANTINE = 4,
    SIL_N_FOLDERS = 5
};

struct sil_store {
    const struct sil_fs *fs;
    char *path;
    int top;
    int folder[SIL_N_FOLDERS];
    int lock; ///< -1: not held
    bool is_volatile;
    bool is_spent; ///< a write failed: nothing may follow it
    bool is_copy;  ///< to be read only: its files may have the modes of whoever copied
};

/// What a file's mode must be: the mode of its kind, or, in a copy, any that nobody else
/// may write under.
mode_t sil_store_mode(const struct sil_store *store, mode_t mode);

/// "entries", ...
const char *sil_store_folder_name(int folder);

/// The path of something in the ledger, for errors; cut when it is too long.
#define SIL_STORE_LABEL 256
void sil_store_label(char label[SIL_STORE_LABEL], const struct sil_store *store,
                     const char *folder, const char *name);

/// "000000000003", and the path of it for errors.
#define SIL_STORE_NUMBER 21
void sil_store_number_name(char name[SIL_STORE_NUMBER], uint64_t number);
void sil_store_number_label(char label[SIL_STORE_LABEL], const struct sil_store *store,
                            enum sil_store_kind kind, uint64_t number);

/// Errors   SIL_ERR_IO: a write failed before.
SIL_MUST_USE sil_status sil_store_check_usable(const struct sil_store *store,
                                               struct sil_error *err);

/// Modes that more than one file of the store names.
enum { SIL_MODE_NUMBERED = 0444, SIL_MODE_LOCK = 0600, SIL_MODE_HEAD = 0644 };

/// Open the lock file and check it. Errors  SIL_ERR_INPUT, SIL_ERR_IO; `file` is -1.
SIL_MUST_USE sil_status sil_store_open_lock(struct sil_fs_open *out,
                                            const struct sil_store *store, int flags,
                                            struct sil_error *err);

/// One name only, but for a second in tmp/ or quarantine/ that a crash may leave.
/// Errors   SIL_ERR_INPUT, SIL_ERR_IO.
SIL_MUST_USE sil_status sil_store_check_links(const struct sil_store *store,
                                              const struct sil_fs_open *open,
                                              const char *label, struct sil_error *err);

#endif

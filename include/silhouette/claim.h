// SPDX-License-Identifier: Apache-2.0
/// What a privacy claim is about: whose data, and which tables count as neighbours.
#ifndef SILHOUETTE_CLAIM_H
#define SILHOUETTE_CLAIM_H

/// Which tables the guarantee makes indistinguishable.
enum sil_neighbours {
    SIL_NEIGHBOURS_UNSAID =
        -1, ///< in options only: as the ledger says, and without one add-remove
    SIL_ADD_REMOVE =
        0, ///< one has a row (or a person) that the other lacks; the count is private
    SIL_REPLACE_ONE = 1 ///< one row (or person) differs; there are equally many
};

#endif

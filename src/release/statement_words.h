// SPDX-License-Identifier: Apache-2.0
/// Who chose the number of rows and the seed, in the words of the statement.
#ifndef SIL_RELEASE_STATEMENT_WORDS_H
#define SIL_RELEASE_STATEMENT_WORDS_H

#define SIL_BY_OPERATOR   "operator"
#define SIL_BY_ESTIMATE   "private estimate"
#define SIL_BY_TRANSCRIPT "transcript"

#endif

// SPDX-License-Identifier: Apache-2.0
/// The part of the tests of a search that is about which texts were found. For
/// audits/claim/search.c alone.
#ifndef AUDIT_CLAIM_SEARCH_FINDS_H
#define AUDIT_CLAIM_SEARCH_FINDS_H

#include "audits/claim/search.h"

/// With this power a violation is seen that is said to be seen.
#define AUD_SEARCH_POWER 0.99

/// AUD_SEARCH_LIKELY, AUD_SEARCH_MANY and AUD_SEARCH_SPREAD. Pre  there are texts.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_search_test_finds(struct aud_search_tests *out,
                                              const struct aud_search *search,
                                              struct sil_error *err);

#endif

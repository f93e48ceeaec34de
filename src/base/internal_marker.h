// SPDX-License-Identifier: Apache-2.0
/// The file that says of a folder: what is in here was computed on private rows, and stays.
///
/// The internal report puts it there. What packs a release refuses a folder that holds it,
/// and refuses to write into one.
#ifndef SIL_BASE_INTERNAL_MARKER_H
#define SIL_BASE_INTERNAL_MARKER_H

#define SIL_INTERNAL_MARKER "INTERNAL.txt"

#endif

// SPDX-License-Identifier: Apache-2.0
/// 128-bit integers, which both compilers have and ISO C does not name.
#ifndef SIL_BASE_INT128_H
#define SIL_BASE_INT128_H

__extension__ typedef unsigned __int128 sil_u128;
__extension__ typedef __int128 sil_i128;

#endif

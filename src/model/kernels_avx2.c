// SPDX-License-Identifier: Apache-2.0
#define SIL_KERNELS sil_kernels_avx2
#define SIL_WIDTH   4
#include "model/kernels_body.h"

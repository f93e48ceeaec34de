// SPDX-License-Identifier: Apache-2.0
#define SIL_KERNELS sil_kernels_avx512
#define SIL_WIDTH   8
#include "model/kernels_body.h"

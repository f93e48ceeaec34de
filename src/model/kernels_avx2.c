// SPDX-License-Identifier: Apache-2.0
#define SIL_KERNELS sil_kernels_avx2
#include "model/kernels_body.h"

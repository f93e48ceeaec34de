// SPDX-License-Identifier: Apache-2.0
#define SIL_KERNELS sil_kernels_scalar
#define SIL_WIDTH   2
#include "model/kernels_body.h"

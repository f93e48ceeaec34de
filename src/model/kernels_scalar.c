// SPDX-License-Identifier: Apache-2.0
#define SIL_KERNELS sil_kernels_scalar
#include "model/kernels_body.h"

// SPDX-License-Identifier: Apache-2.0
/// The floating-point environment in which results are promised to the bit: rounding to
/// nearest, denormals kept, exceptions masked. A host program may have set another one.
#ifndef SIL_MODEL_FLOATING_H
#define SIL_MODEL_FLOATING_H

#if defined(__SSE2__)
#    include <xmmintrin.h>

/// Set the promised environment for this thread; give the result to sil_floating_leave.
static inline unsigned sil_floating_enter(void)
{
    enum { PROMISED = 0x1f80 };

    unsigned before = _mm_getcsr();
    _mm_setcsr(PROMISED);
    return before;
}

static inline void sil_floating_leave(unsigned before)
{
    _mm_setcsr(before);
}
#else
static inline unsigned sil_floating_enter(void)
{
    return 0;
}

static inline void sil_floating_leave(unsigned before)
{
    (void)before;
}
#endif

#endif

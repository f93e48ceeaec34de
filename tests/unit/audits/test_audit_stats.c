// SPDX-License-Identifier: Apache-2.0
#include "audits/stats/bounds.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(audit_stats, placeholder_of_the_first_build)
{
    cr_expect(gt(dbl, aud_cp_upper(0, 10, 0.025), 0.3));
}

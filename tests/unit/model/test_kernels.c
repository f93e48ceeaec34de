// SPDX-License-Identifier: Apache-2.0
#include "model/isa.h"
#include "model/kernels.h"
#include "model/scalar.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

static const char *const NAMES[] = {"scalar", "avx2", "avx512"};

enum { N_NAMES = 3 };

/* The kernels of this machine; NULL, and a line, when it lacks the instruction set. */
static const struct sil_kernels *kernels_of(const char *name)
{
    if (sil_isa_select(name, NULL) != SIL_OK) {
        (void)fprintf(stderr, "skipped: this machine has no %s\n", name);
        return NULL;
    }
    return sil_kernels();
}

/* The error in units of the last place of the truth. */
static double ulps(double got, long double want)
{
    double near = (double)want;
    double step = nextafter(fabs(near), INFINITY) - fabs(near);
    return (double)(fabsl((long double)got - want) / step);
}

Test(model_kernels, exponential_is_within_one_ulp)
{
    struct random r = random_start("exp", 61);
    for (size_t name = 0; name < N_NAMES; name++) {
        const struct sil_kernels *k = kernels_of(NAMES[name]);
        double worst = 0;
        for (int trial = 0; k != NULL && trial < 20000; trial++) {
            double x[11];
            double y[11];
            double spread = trial % 3 == 0 ? 1 : trial % 3 == 1 ? 40 : 745;
            for (int i = 0; i < 11; i++) {
                x[i] = spread * (2 * random_unit(&r) - 1);
                x[i] = x[i] > 709 ? 709 : x[i];
            }
            k->exponential(y, x, 0, 11);
            for (int i = 0; i < 11; i++) {
                double error = ulps(y[i], expl(x[i]));
                worst = error > worst ? error : worst;
                cr_assert_leq(error, 1, "%s: exp(%a): %g ulp", NAMES[name], x[i],
                              error);
            }
        }
        (void)fprintf(stderr, "%s: exp worst %g ulp\n", NAMES[name], worst);
    }
}

Test(model_kernels, exponential_knows_its_ends)
{
    const double x[9] = {0,     -0.0,   INFINITY, -INFINITY,         NAN,
                         1e300, -1e300, -745.13,  709.78271289338397};
    for (size_t name = 0; name < N_NAMES; name++) {
        const struct sil_kernels *k = kernels_of(NAMES[name]);
        double y[9];
        if (k == NULL) {
            continue;
        }
        k->exponential(y, x, 0, 9);
        cr_expect_eq(y[0], 1);
        cr_expect_eq(y[1], 1);
        cr_expect_eq(y[2], INFINITY);
        cr_expect_eq(y[3], 0);
        cr_expect(isnan(y[4]));
        cr_expect_eq(y[5], INFINITY);
        cr_expect_eq(y[6], 0);
        cr_expect_eq(y[7], 0x1p-1074);
        cr_expect(isfinite(y[8]) && y[8] > 1.797e308);
    }
}

Test(model_kernels, logarithm_is_within_one_ulp)
{
    struct random r = random_start("log", 62);
    double worst = 0;
    for (int trial = 0; trial < 400000; trial++) {
        double x = trial % 2 == 0
                       ? 0.5 + random_unit(&r)
                       : ldexp(1 + random_unit(&r), (int)random_below(&r, 2090) - 1070);
        double error = x == 1 ? fabs(sil_log(x)) : ulps(sil_log(x), logl(x));
        worst = error > worst ? error : worst;
        cr_assert_leq(error, 1, "log(%a): %g ulp", x, error);
    }
    (void)fprintf(stderr, "log worst %g ulp\n", worst);
    cr_expect_eq(sil_log(1), 0);
    cr_expect_eq(sil_log(0), -INFINITY);
    cr_expect_eq(sil_log(INFINITY), INFINITY);
    cr_expect(isnan(sil_log(-1)));
    cr_expect(isnan(sil_log(NAN)));
}

Test(model_kernels, hazard_is_the_density_over_the_tail)
{
    const long double half_root = sqrtl(2 / acosl(-1)); /* sqrt(2 / pi) */
    double worst = 0;
    double before = 0;
    for (int i = -8 * 512; i <= 40 * 512; i++) {
        double x = i / 512.0;
        long double want = half_root * expl(-(long double)x * x / 2) /
                           erfcl((long double)x / sqrtl(2));
        double off = fabs((double)(sil_normal_hazard(x) / want - 1));
        worst = off > worst ? off : worst;
        cr_assert_leq(off, 1e-10, "hazard(%g): off by %g", x, off);
        cr_assert_gt(sil_normal_hazard(x), before);
        before = sil_normal_hazard(x);
    }
    (void)fprintf(stderr, "hazard worst %g\n", worst);
    cr_expect_eq(sil_normal_hazard(-8.01), 0);
    cr_expect_eq(sil_normal_hazard(-INFINITY), 0);
}

Test(model_kernels, square_root_is_exact)
{
    struct random r = random_start("sqrt", 63);
    for (int trial = 0; trial < 10000; trial++) {
        double x = ldexp(1 + random_unit(&r), (int)random_below(&r, 2000) - 1000);
        cr_assert_eq(sil_sqrt(x), sqrt(x));
    }
}

/* All reductions of one length, as bits. */
static void reduce(double out[5], const struct sil_kernels *k, const double *x,
                   const double *y, size_t n)
{
    out[0] = k->sum(x, n);
    out[1] = k->dot(x, y, n);
    out[2] = k->distance(x, y, x, n);
    out[3] = k->largest(x, n);
    out[4] = k->sum(y, n);
}

Test(model_kernels, give_the_same_bits_whatever_the_instruction_set)
{
    struct random r = random_start("bits", 64);

    enum { N = 9001 };

    static double x[N];
    static double y[N];
    static double z[N_NAMES][N];
    for (size_t i = 0; i < N; i++) {
        x[i] = ldexp(random_unit(&r), (int)random_below(&r, 40) - 20);
        y[i] = 200 * random_unit(&r) - 150;
    }
    for (size_t n = 0; n < N; n += n < 40 ? 1 : 997) {
        double want[5];
        double got[5];
        reduce(want, &sil_kernels_scalar, x, y, n);
        sil_kernels_scalar.exponential(z[0], y, 1.25, n);
        sil_kernels_scalar.add_scaled(z[0], 1 / 3.0, x, n);
        for (size_t name = 1; name < N_NAMES; name++) {
            const struct sil_kernels *k = kernels_of(NAMES[name]);
            if (k == NULL) {
                continue;
            }
            reduce(got, k, x, y, n);
            k->exponential(z[name], y, 1.25, n);
            k->add_scaled(z[name], 1 / 3.0, x, n);
            cr_assert_arr_eq(got, want, sizeof got, "%s, %zu cells", NAMES[name], n);
            cr_assert_arr_eq(z[name], z[0], n * sizeof(double), "%s, %zu cells",
                             NAMES[name], n);
        }
    }
}

Test(model_kernels, sum_without_losing_small_terms)
{
    enum { N = 100000 };

    double *x = calloc(N, sizeof *x);
    long double want = 0;
    struct random r = random_start("sum", 65);
    for (size_t i = 0; i < N; i++) {
        x[i] = random_unit(&r) - 0.5;
        want += x[i];
    }

    double got = sil_kernels_scalar.sum(x, N);

    cr_expect_float_eq(got, (double)want, 1e-10);
    free(x);
}

Test(model_isa, refuses_what_it_does_not_know_or_have)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_isa_select("scalar", &err), SIL_OK);
    cr_expect_eq(sil_isa_select("mmx", &err), SIL_ERR_USAGE);
    cr_expect_neq(strstr(err.text, "mmx"), NULL);
    cr_expect_str_eq(sil_isa_name(), "scalar");

    cr_expect_eq(sil_isa_select(NULL, &err), SIL_OK);
    cr_expect_eq(sil_isa_select("", &err), SIL_OK);
    const char *best = sil_isa_name();
    cr_expect_eq(sil_isa_select(best, &err), SIL_OK);
    for (size_t i = 0; i < N_NAMES; i++) {
        sil_status status = sil_isa_select(NAMES[i], &err);
        cr_expect(status == SIL_OK || status == SIL_ERR_USAGE);
    }
}

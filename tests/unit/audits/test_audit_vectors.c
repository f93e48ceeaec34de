// SPDX-License-Identifier: Apache-2.0
/* Tables of values computed by other programs to ten digits: trade-off functions, claims, one
 * run with many canaries. Compared to one part in 10^9, or to half of the last digit that is
 * printed. */
#include "audits/claim/convert.h"
#include "audits/stats/bounds.h"
#include "audits/stats/one_run.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

static void near(const char *what, size_t row, double got, double want, double digit)
{
    double slack = fmax(1e-9 * fabs(want), 0.51 * digit);
    cr_expect(le(dbl, fabs(got - want), slack), "%s, row %zu: %.15g, not %.15g", what,
              row, got, want);
}

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

Test(audit_vectors, epsilon_of_mu)
{
    static const double ROWS[][4] = {
        {0.5, 1.9930914044,  2.2540846502,  2.9097323808 },
        {1,   4.3771780957,  4.8865541175,  6.1739350467 },
        {2,   9.9972561464,  10.9971512142, 13.5347722192},
        {3,   16.6754944028, 18.1634457591, 21.9455899910},
    };
    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        near("1e-5", i, aud_gdp_epsilon(ROWS[i][0], 1e-5), ROWS[i][1], 1e-10);
        near("1e-6", i, aud_gdp_epsilon(ROWS[i][0], 1e-6), ROWS[i][2], 1e-10);
        near("1e-9", i, aud_gdp_epsilon(ROWS[i][0], 1e-9), ROWS[i][3], 1e-10);
    }
}

/* epsilon, delta; the exact mu; rho by the zCDP conversion; the exact epsilon of its mu. */
static const double CLAIMS[][5] = {
    {1,   1e-2, 0.53251665, 0.1034128314, 0.810168},
    {1,   1e-5, 0.26805112, 0.0305565952, 0.915013},
    {1,   1e-6, 0.23670438, 0.0243559704, 0.927392},
    {1,   1e-9, 0.18197481, 0.0149730577, 0.948707},
    {2,   1e-6, 0.44833474, 0.0881526884, 1.861672},
    {4,   1e-6, 0.83785876, 0.3110649549, 3.737557},
    {10,  1e-6, 1.84813221, 1.5392787639, 9.397892},
    {0.5, 1e-6, 0.12410615, 0.0066415244, 0.461925},
};

Test(audit_vectors, what_a_claim_implies)
{
    mpfr_t low;
    mpfr_t high;
    mpq_t rho;
    mpq_t delta;
    mpfr_inits2(128, low, high, (mpfr_ptr)NULL);
    mpq_inits(rho, delta, (mpq_ptr)NULL);
    for (size_t i = 0; i < N_ROWS(CLAIMS); i++) {
        const double *row = CLAIMS[i];
        near("mu", i, aud_gdp_mu(row[0], row[1]), row[2], 1e-8);
        near("epsilon of rho", i, aud_gdp_epsilon(sqrt(2 * row[3]), row[1]), row[4],
             1e-6);
        mpq_set_d(rho, row[3]);
        mpq_set_d(delta, row[1]);
        aud_epsilon_of_rho(low, high, rho, delta);
        /* Ten digits of rho give nine of epsilon. */
        near("conversion", i, mpfr_get_d(high, MPFR_RNDN), row[0], 2e-8 * row[0]);
    }
    mpq_clears(rho, delta, (mpq_ptr)NULL);
    mpfr_clears(low, high, (mpfr_ptr)NULL);
}

Test(audit_vectors, mu_and_what_it_means)
{
    static const struct {
        uint64_t hits, n, alarms;
        double mu, at5, at6;
    } ROWS[] = {
        {730,   1000,  270,   1.05647624, 4.66521536,  5.20244241 },
        {8413,  10000, 1587,  1.94009959, 9.63033204,  10.60094617},
        {6915,  10000, 3085,  0.94851930, 4.11781396,  4.60177663 },
        {49000, 50000, 25000, 2.01727856, 10.10379993, 11.11213981},
    };

    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        const struct aud_guesses guesses = {ROWS[i].hits, ROWS[i].n, ROWS[i].alarms,
                                            ROWS[i].n};
        double mu = aud_mu_lower(&guesses, 0.05);
        near("mu", i, mu, ROWS[i].mu, 1e-8);
        near("1e-5", i, aud_gdp_epsilon(mu, 1e-5), ROWS[i].at5, 1e-8);
        near("1e-6", i, aud_gdp_epsilon(mu, 1e-6), ROWS[i].at6, 1e-8);
    }
}

Test(audit_vectors, epsilon_of_one_run)
{
    static const struct {
        struct aud_one_run run;
        double delta, at05, at01;
    } ROWS[] = {
        {{1000, 1000, 600},     0,    0.29746792, 0.25382619},
        {{1000, 1000, 600},     1e-5, 0.29722695, 0.25305134},
        {{1000, 1000, 731},     1e-5, 0.88031612, 0.83212654},
        {{1000, 100, 100},      1e-5, 3.46537635, 2.98919294},
        {{1000, 100, 95},       1e-5, 2.16517580, 1.91715943},
        {{1000, 100, 95},       0,    2.17243404, 1.93814553},
        {{5000, 500, 500},      1e-6, 5.10100326, 4.65234366},
        {{5000, 500, 495},      1e-6, 3.84307108, 3.61401234},
        {{10000, 10000, 10000}, 1e-6, 8.08629588, 7.62056767},
        {{100, 100, 100},       1e-5, 3.49021596, 3.04867224},
        {{1000, 200, 200},      1e-3, 1.73045277, 0         },
    };

    static const struct {
        struct aud_one_run run;
        double at05;
    } MORE[] = {
        {{1000, 100, 60},    0.04954866},
        {{1000, 100, 70},    0.46913108},
        {{1000, 100, 80},    0.95531853},
        {{1000, 100, 90},    1.62614348},
        {{10000, 1000, 731}, 0.87767613},
        {{10000, 1000, 881}, 1.83366268},
        {{2000, 2000, 1462}, 0.91555808},
    };

    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        near("at 0.05", i, aud_one_run_epsilon(&ROWS[i].run, ROWS[i].delta, 0.05),
             ROWS[i].at05, 1e-8);
        near("at 0.01", i, aud_one_run_epsilon(&ROWS[i].run, ROWS[i].delta, 0.01),
             ROWS[i].at01, 1e-8);
    }
    for (size_t i = 0; i < N_ROWS(MORE); i++) {
        near("more", i, aud_one_run_epsilon(&MORE[i].run, 1e-5, 0.05), MORE[i].at05,
             1e-8);
    }
}

Test(audit_vectors, mu_of_one_run)
{
    static const struct {
        struct aud_one_run run;
        double mu, at5;
    } ROWS[] = {
        {{1000, 1000, 600},    0.16384981, 0.583540},
        {{1000, 1000, 731},    0.42028039, 1.642674},
        {{1000, 100, 95},      0.78681181, 3.323300},
        {{1000, 100, 100},     1.22553345, 5.549028},
        {{5000, 500, 495},     1.26362127, 5.752561},
        {{10000, 10000, 6915}, 0.34156367, 1.305763},
        {{10000, 1000, 900},   0.67719257, 2.802598},
    };

    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        double mu = aud_one_run_mu(&ROWS[i].run, 0.05);
        near("mu", i, mu, ROWS[i].mu, 1e-8);
        near("1e-5", i, aud_gdp_epsilon(mu, 1e-5), ROWS[i].at5, 1e-6);
    }
}

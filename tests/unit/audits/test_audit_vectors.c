// SPDX-License-Identifier: Apache-2.0
/* Tables of values computed by other programs: trade-off functions, claims, one run with many
 * canaries; each computed again by exact sums with 30 digits, of which 13 stand here. Compared
 * to one part in 10^9. */
#include "audits/claim/convert.h"
#include "audits/stats/bounds.h"
#include "audits/stats/one_run.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

static void near(const char *what, size_t row, double got, double want)
{
    cr_expect(le(dbl, fabs(got - want), 1e-9 * fabs(want)),
              "%s, row %zu: %.15g, not %.15g", what, row, got, want);
}

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

Test(audit_vectors, epsilon_of_mu)
{
    static const double ROWS[][4] = {
        {0.5, 1.993091404415, 2.254084650220, 2.909732380764},
        {1,   4.377178095681, 4.886554117462, 6.173935046671},
        {2,   9.997256146434, 10.99715121422, 13.53477221917},
        {3,   16.67549440283, 18.16344575908, 21.94558999097},
    };
    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        near("1e-5", i, aud_gdp_epsilon(ROWS[i][0], 1e-5), ROWS[i][1]);
        near("1e-6", i, aud_gdp_epsilon(ROWS[i][0], 1e-6), ROWS[i][2]);
        near("1e-9", i, aud_gdp_epsilon(ROWS[i][0], 1e-9), ROWS[i][3]);
    }
}

/* epsilon, delta; the exact mu; rho by the zCDP conversion; the exact epsilon of its mu. */
static const double CLAIMS[][5] = {
    {1,   1e-2, 0.5325166485030, 0.10341283143348313,   0.8101676402348},
    {1,   1e-5, 0.2680511232113, 0.030556595197639566,  0.9150130164868},
    {1,   1e-6, 0.2367043806634, 0.024355970359538373,  0.9273923379894},
    {1,   1e-9, 0.1819748072953, 0.014973057673588526,  0.9487073923154},
    {2,   1e-6, 0.4483347403952, 0.088152688379946266,  1.861671671512 },
    {4,   1e-6, 0.8378587570900, 0.31106495494083507,   3.737556752842 },
    {10,  1e-6, 1.848132205767,  1.5392787638667285,    9.397891912327 },
    {0.5, 1e-6, 0.1241061490305, 0.0066415243566605020, 0.4619246775939},
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
        near("mu", i, aud_gdp_mu(row[0], row[1]), row[2]);
        near("epsilon of rho", i, aud_gdp_epsilon(sqrt(2 * row[3]), row[1]), row[4]);
        mpq_set_d(rho, row[3]);
        mpq_set_d(delta, row[1]);
        aud_epsilon_of_rho(low, high, rho, delta);
        near("conversion", i, mpfr_get_d(high, MPFR_RNDN), row[0]);
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
        {730,   1000,  270,   1.056476238862,  4.665215355703, 5.202442407955},
        {8413,  10000, 1587,  1.940099588051,  9.630332041213, 10.60094616675},
        {6915,  10000, 3085,  0.9485192964373, 4.117813960618, 4.601776625479},
        {49000, 50000, 25000, 2.017278561021,  10.10379993018, 11.11213981223},
    };

    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        const struct aud_guesses guesses = {ROWS[i].hits, ROWS[i].n, ROWS[i].alarms,
                                            ROWS[i].n};
        double mu = aud_mu_lower(&guesses, 0.05);
        near("mu", i, mu, ROWS[i].mu);
        near("1e-5", i, aud_gdp_epsilon(mu, 1e-5), ROWS[i].at5);
        near("1e-6", i, aud_gdp_epsilon(mu, 1e-6), ROWS[i].at6);
    }
}

Test(audit_vectors, epsilon_of_one_run)
{
    static const struct {
        struct aud_one_run run;
        double delta, at05, at01;
    } ROWS[] = {
        {{1000, 1000, 600},     0,    0.2974679236493, 0.2538261905491},
        {{1000, 1000, 600},     1e-5, 0.2972269537188, 0.2530513414451},
        {{1000, 1000, 731},     1e-5, 0.8803161216429, 0.8321265361076},
        {{1000, 100, 100},      1e-5, 3.465376347811,  2.989192944069 },
        {{1000, 100, 95},       1e-5, 2.165175799714,  1.917159426415 },
        {{1000, 100, 95},       0,    2.172434043193,  1.938145532224 },
        {{5000, 500, 500},      1e-6, 5.101003263921,  4.652343657961 },
        {{5000, 500, 495},      1e-6, 3.843071078333,  3.614012341781 },
        {{10000, 10000, 10000}, 1e-6, 8.086295879355,  7.620567673643 },
        {{100, 100, 100},       1e-5, 3.490215955326,  3.048672238830 },
        {{1000, 200, 200},      1e-3, 1.730452770037,  0              },
    };

    static const struct {
        struct aud_one_run run;
        double at05;
    } MORE[] = {
        {{1000, 100, 60},    0.04954866064485},
        {{1000, 100, 70},    0.4691310849087 },
        {{1000, 100, 80},    0.9553185349553 },
        {{1000, 100, 90},    1.626143480696  },
        {{10000, 1000, 731}, 0.8776761286959 },
        {{10000, 1000, 881}, 1.833662680320  },
        {{2000, 2000, 1462}, 0.9155580847174 },
    };

    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        near("at 0.05", i, aud_one_run_epsilon(&ROWS[i].run, ROWS[i].delta, 0.05),
             ROWS[i].at05);
        near("at 0.01", i, aud_one_run_epsilon(&ROWS[i].run, ROWS[i].delta, 0.01),
             ROWS[i].at01);
    }
    for (size_t i = 0; i < N_ROWS(MORE); i++) {
        near("more", i, aud_one_run_epsilon(&MORE[i].run, 1e-5, 0.05), MORE[i].at05);
    }
}

Test(audit_vectors, mu_of_one_run)
{
    static const struct {
        struct aud_one_run run;
        double mu, at5;
    } ROWS[] = {
        {{1000, 1000, 600},    0.1638498078996, 0.5835404730902},
        {{1000, 1000, 731},    0.4202803947337, 1.642674045045 },
        {{1000, 100, 95},      0.7868118146841, 3.323300489140 },
        {{1000, 100, 100},     1.225533452434,  5.549027897691 },
        {{5000, 500, 495},     1.263621269709,  5.752560914238 },
        {{10000, 10000, 6915}, 0.3415636704468, 1.305762512636 },
        {{10000, 1000, 900},   0.6771925687858, 2.802597995424 },
    };

    for (size_t i = 0; i < N_ROWS(ROWS); i++) {
        double mu = aud_one_run_mu(&ROWS[i].run, 0.05);
        near("mu", i, mu, ROWS[i].mu);
        near("1e-5", i, aud_gdp_epsilon(mu, 1e-5), ROWS[i].at5);
    }
}

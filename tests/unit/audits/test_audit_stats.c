// SPDX-License-Identifier: Apache-2.0
/* Published and independently computed values, where they are printed with fewer than ten digits
 * computed again by exact sums: each is compared to one part in 10^9. */
#include "audits/stats/bounds.h"
#include "audits/stats/one_run.h"
#include "audits/stats/special.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

static void expect(const char *what, double got, double want)
{
    cr_expect(le(dbl, fabs(got - want), 1e-9 * fabs(want)), "%s: %.15g, not %.15g",
              what, got, want);
}

#define EXPECT(call, want) expect(#call, call, want)

Test(audit_stats, clopper_pearson)
{
    EXPECT(aud_cp_lower(0, 10, .025), 0);
    EXPECT(aud_cp_upper(0, 10, .025), 0.3084971078);
    EXPECT(aud_cp_upper(0, 100, .025), 0.03621669264518);
    EXPECT(aud_cp_upper(0, 1000, .025), 0.003682083896866);
    EXPECT(aud_cp_upper(0, 1000, .05), 0.002991249545095);
    EXPECT(aud_cp_lower(1, 100, .025), 0.0002531460329774);
    EXPECT(aud_cp_upper(1, 100, .025), 0.05445938539208);
    EXPECT(aud_cp_lower(5, 100, .025), 0.01643187918205);
    EXPECT(aud_cp_upper(5, 100, .025), 0.1128349111);
    EXPECT(aud_cp_lower(50, 100, .025), 0.3983211295);
    EXPECT(aud_cp_upper(50, 100, .025), 0.6016788705);
    EXPECT(aud_cp_lower(950, 1000, .025), 0.9346095121);
    EXPECT(aud_cp_upper(950, 1000, .025), 0.9626646024);
    EXPECT(aud_cp_lower(1000, 1000, .025), 0.9963179161);
    EXPECT(aud_cp_upper(1000, 1000, .025), 1);
    EXPECT(aud_cp_lower(123, 5000, .025), 0.02048574718685);
    EXPECT(aud_cp_upper(123, 5000, .025), 0.02928124544003);
}

Test(audit_stats, special_functions)
{
    EXPECT(aud_beta_quantile(.975, 1, 500), 0.007350610052);
    EXPECT(aud_beta_quantile(.975, 271, 730), 0.298667037465);
    EXPECT(aud_normal_quantile(.975), 1.959963984540);
    EXPECT(aud_normal_quantile(.025), -1.959963984540);
    EXPECT(aud_normal_log_cdf(-10), -53.231285151);
    EXPECT(aud_chi2_above(3.841458820694124, 1), 0.05);
    EXPECT(aud_chi2_below(3.841458820694124, 1), 0.95);
    cr_expect(eq(dbl, aud_normal_quantile(0), -INFINITY));
    cr_expect(eq(dbl, aud_normal_quantile(1), INFINITY));
}

/* Where one form takes over from the other nothing jumps. */
Test(audit_stats, the_tails_join)
{
    double step = 1e-6;
    double slope =
        (aud_normal_log_cdf(-30 + step) - aud_normal_log_cdf(-30 - step)) / (2 * step);
    cr_expect(epsilon_eq(dbl, slope, 30 + 1 / 30.0, 1e-4));
    cr_expect(
        epsilon_eq(dbl, aud_chi2_below(60, 58) + aud_chi2_above(60, 58), 1, 1e-12));
    cr_expect(epsilon_eq(dbl, aud_chi2_above(60 - 1e-9, 58),
                         aud_chi2_above(60 + 1e-9, 58), 1e-9));
}

static double epsilon_lower(uint64_t hits, uint64_t positives, uint64_t alarms,
                            double delta)
{
    struct aud_guesses guesses = {hits, positives, alarms, positives};
    return aud_epsilon_lower(&guesses, delta, 0.05);
}

Test(audit_stats, epsilon_from_two_rates)
{
    EXPECT(epsilon_lower(500, 500, 0, 0), 4.905594210034);
    EXPECT(epsilon_lower(1000, 1000, 0, 0), 5.600587531299);
    EXPECT(epsilon_lower(1000, 1000, 0, 1e-5), 5.600577494292);
    EXPECT(epsilon_lower(5000, 5000, 0, 0), 7.211501539828);
    EXPECT(epsilon_lower(900, 1000, 100, 0), 1.989706313704);
    EXPECT(epsilon_lower(900, 1000, 100, 1e-5), 1.989694946283);
    EXPECT(epsilon_lower(730, 1000, 270, 0), 0.8536533906660);
    EXPECT(epsilon_lower(50, 1000, 2, 0), 1.645050216784);
    EXPECT(epsilon_lower(500, 1000, 500, 0), 0);
    EXPECT(epsilon_lower(9990, 10000, 2000, 0), 6.065769054483);
    EXPECT(aud_epsilon_ceiling(100, 0.05), 3.281346349099);
    EXPECT(aud_epsilon_ceiling(1000, 0.05), 5.600587531299);
    EXPECT(aud_epsilon_ceiling(100000, 0.05), 10.20758427955);
}

static double mu_lower(uint64_t hits, uint64_t positives, uint64_t alarms)
{
    struct aud_guesses guesses = {hits, positives, alarms, positives};
    return aud_mu_lower(&guesses, 0.05);
}

Test(audit_stats, gaussian_trade_off)
{
    EXPECT(aud_gdp_delta(1, 0), 0.38292492255);
    EXPECT(aud_gdp_delta(1, 0.5), 0.23842170813);
    EXPECT(aud_gdp_delta(1, 1), 0.12693673751);
    EXPECT(aud_gdp_delta(1, 2), 0.020923635821);
    EXPECT(aud_gdp_delta(1, 4), 4.7122412008e-5);
    EXPECT(aud_gdp_delta(0.5, 1), 6.8295949831e-3);
    EXPECT(aud_gdp_delta(0.5, 4), 2.706033802957e-16);
    EXPECT(aud_gdp_delta(2, 4), 0.084953318671);
    EXPECT(aud_gdp_epsilon(0.5, 1e-5), 1.9930914044);
    EXPECT(aud_gdp_epsilon(0.5, 1e-6), 2.2540846502);
    EXPECT(aud_gdp_epsilon(1, 1e-9), 6.1739350467);
    EXPECT(aud_gdp_epsilon(2, 1e-6), 10.9971512142);
    EXPECT(aud_gdp_epsilon(3, 1e-9), 21.9455899910);
    EXPECT(aud_gdp_mu(1, 1e-2), 0.5325166485030);
    EXPECT(aud_gdp_mu(1, 1e-6), 0.2367043806634);
    EXPECT(aud_gdp_mu(4, 1e-6), 0.8378587570900);
    EXPECT(aud_gdp_mu(10, 1e-6), 1.848132205767);
    EXPECT(mu_lower(730, 1000, 270), 1.056476238862);
    EXPECT(mu_lower(8413, 10000, 1587), 1.940099588051);
    EXPECT(mu_lower(6915, 10000, 3085), 0.9485192964373);
    EXPECT(mu_lower(500, 1000, 500), -0.1578347428299);
    EXPECT(mu_lower(49000, 50000, 25000), 2.017278561021);
    EXPECT(aud_advantage_cap(1, 1e-6), 0.4621176951);
    EXPECT(aud_advantage_cap(4, 1e-6), 0.9640276160);
    EXPECT(aud_advantage_cap(1e4, 1e-6), 1);
}

static double one_run_p(struct aud_one_run run, double epsilon, double delta)
{
    return aud_one_run_p(&run, epsilon, delta);
}

static double one_run_epsilon(struct aud_one_run run, double delta, double alpha)
{
    return aud_one_run_epsilon(&run, delta, alpha);
}

static double one_run_mu(struct aud_one_run run)
{
    return aud_one_run_mu(&run, 0.05);
}

#define RUN(m, r, v) ((struct aud_one_run){m, r, v})

Test(audit_stats, many_canaries_in_one_run)
{
    EXPECT(one_run_p(RUN(1000, 1000, 600), .1, 0), 1.074634881e-6);
    EXPECT(one_run_p(RUN(1000, 1000, 600), .1, 1e-5), 1.913098231e-4);
    EXPECT(one_run_p(RUN(1000, 1000, 600), .3, 1e-5), 5.459831694e-2);
    EXPECT(one_run_p(RUN(1000, 100, 95), 1, 1e-5), 6.639144684e-4);
    EXPECT(one_run_p(RUN(1000, 100, 95), 2, 1e-5), 1.782463464e-2);
    EXPECT(one_run_p(RUN(5000, 500, 500), 4, 1e-6), 8.466193585e-4);
    EXPECT(one_run_p(RUN(100, 100, 100), 1, 1e-5), 5.633089843e-5);
    EXPECT(one_run_epsilon(RUN(1000, 1000, 600), 0, .05), 0.2974679236493);
    EXPECT(one_run_epsilon(RUN(1000, 1000, 600), 1e-5, .01), 0.2530513414451);
    EXPECT(one_run_epsilon(RUN(1000, 1000, 731), 1e-5, .05), 0.8803161216429);
    EXPECT(one_run_epsilon(RUN(1000, 100, 100), 1e-5, .05), 3.465376347811);
    EXPECT(one_run_epsilon(RUN(1000, 100, 95), 0, .01), 1.938145532224);
    EXPECT(one_run_epsilon(RUN(5000, 500, 495), 1e-6, .05), 3.843071078333);
    EXPECT(one_run_epsilon(RUN(10000, 10000, 10000), 1e-6, .05), 8.086295879355);
    EXPECT(one_run_epsilon(RUN(1000, 200, 200), 1e-3, .01), 0);
    EXPECT(one_run_mu(RUN(1000, 1000, 600)), 0.1638498078996);
    EXPECT(one_run_mu(RUN(1000, 100, 95)), 0.7868118146841);
    EXPECT(one_run_mu(RUN(5000, 500, 495)), 1.263621269709);
    EXPECT(one_run_mu(RUN(10000, 1000, 900)), 0.6771925687858);
}

/* Under the worst mechanism that keeps the claim, and any stake, a trial is a fair bet. */
Test(audit_stats, a_wager_is_fair)
{
    struct aud_wager right;
    struct aud_wager wrong;
    aud_wager_begin(&right, 1, 1e-5);
    aud_wager_begin(&wrong, 1, 1e-5);
    cr_expect(epsilon_eq(dbl, right.q, .7310612680, 1e-10));
    aud_wager_trial(&right, true);
    aud_wager_trial(&wrong, false);
    double mean =
        right.q * aud_wager_wealth(&right) + (1 - right.q) * aud_wager_wealth(&wrong);
    cr_expect(epsilon_eq(dbl, mean, 1, 1e-12));
    cr_expect(gt(dbl, aud_wager_wealth(&wrong), 0));
}

Test(audit_stats, a_wager_on_what_is_always_right_grows)
{
    struct aud_wager wager;
    aud_wager_begin(&wager, 1, 1e-5);
    for (int i = 0; i < 20; i++) {
        aud_wager_trial(&wager, true);
    }
    cr_expect(gt(dbl, aud_wager_wealth(&wager), 50));
}

Test(audit_stats, several_tests_at_once)
{
    double p[] = {0.01, 0.04, 0.03, 0.005};
    aud_holm(p, 4);
    cr_expect(epsilon_eq(dbl, p[3], 0.02, 1e-12));
    cr_expect(epsilon_eq(dbl, p[0], 0.03, 1e-12));
    cr_expect(epsilon_eq(dbl, p[2], 0.06, 1e-12));
    cr_expect(epsilon_eq(dbl, p[1], 0.06, 1e-12));
    EXPECT(aud_fisher(30, 500, 12, 500), 0.003343338124);
    EXPECT(aud_fisher(9, 1000, 1, 1000), 0.01058876469842);
    EXPECT(aud_fisher(0, 10, 3, 10), 1);
}

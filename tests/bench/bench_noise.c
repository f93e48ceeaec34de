// SPDX-License-Identifier: Apache-2.0
/* Speed of the samplers, in processor time: one line a case,
 *     noise <case> setup_ms=<ms> draws=<n> draws_per_second=<rate>
 */
#include "privacy/choose.h"
#include "privacy/exact.h"
#include "privacy/gauss.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double cpu_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void check(sil_status status, const struct sil_error *error)
{
    if (status != SIL_OK) {
        fprintf(stderr, "bench_noise: %s\n", error->text);
        exit(status);
    }
}

static void report(const char *kind, const char *parameter, double setup, size_t n,
                   double elapsed)
{
    printf("noise %s:%s setup_ms=%.2f draws=%zu draws_per_second=%.0f\n", kind,
           parameter, 1e3 * setup, n, (double)n / elapsed);
}

enum { BATCH = 4096 };

static void bench_gauss(struct sil_rng *rng, const char *sigma2_text, size_t n)
{
    struct sil_error error;
    struct sil_gauss *gauss = NULL;
    struct sil_sigma2 sigma2;
    int64_t out[BATCH];

    mpq_init(sigma2.v);
    mpq_set_str(sigma2.v, sigma2_text, 10);
    double start = cpu_seconds();
    check(sil_gauss_new(&gauss, &sigma2, n, &error), &error);
    double built = cpu_seconds();
    for (size_t done = 0; done < n; done += BATCH) {
        sil_gauss_draw(gauss, rng, out, BATCH);
    }
    report("gauss_sigma2", sigma2_text, built - start, n, cpu_seconds() - built);
    sil_gauss_free(gauss);
    mpq_clear(sigma2.v);
}

static void bench_discrete(struct sil_rng *rng, const char *sigma2_text, size_t n)
{
    struct sil_sigma2 sigma2;
    int64_t out[BATCH];

    mpq_init(sigma2.v);
    mpq_set_str(sigma2.v, sigma2_text, 10);
    double start = cpu_seconds();
    for (size_t done = 0; done < n; done += BATCH) {
        sil_discrete_gaussian(rng, &sigma2, out, BATCH);
    }
    report("discrete_gaussian_sigma2", sigma2_text, 0.0, n, cpu_seconds() - start);
    mpq_clear(sigma2.v);
}

static void bench_choose(struct sil_rng *rng, size_t n_candidates, size_t n)
{
    struct sil_error error;
    mpq_t scale;
    char parameter[32];
    sil_i128 *score = calloc(n_candidates, sizeof *score);
    if (score == NULL) {
        exit(SIL_ERR_INTERNAL);
    }
    for (size_t i = 0; i < n_candidates; i++) {
        score[i] = (sil_i128)((i * 7919) % 4096);
    }
    mpq_init(scale);
    mpq_set_ui(scale, 1, 320);
    (void)snprintf(parameter, sizeof parameter, "%zu", n_candidates);
    double start = cpu_seconds();
    for (size_t i = 0; i < n; i++) {
        size_t chosen;
        check(sil_choose(&chosen, score, n_candidates, scale, rng, &error), &error);
    }
    report("choose_candidates", parameter, 0.0, n, cpu_seconds() - start);
    mpq_clear(scale);
    free(score);
}

int main(void)
{
    static const char *const SIGMA2[] = {"1/4",  "1",     "25",    "400",
                                         "2500", "10000", "40000", "160000"};
    struct sil_error error;
    struct sil_rng *rng = NULL;
    check(sil_rng_new(&rng, &error), &error);

    for (size_t i = 0; i < sizeof SIGMA2 / sizeof SIGMA2[0]; i++) {
        bench_gauss(rng, SIGMA2[i], (size_t)BATCH * 8192);
    }
    bench_gauss(rng, "1000000", (size_t)BATCH * 64);
    bench_gauss(rng, "100000000", (size_t)BATCH * 16);
    bench_gauss(rng, "1000000000000", (size_t)BATCH * 4);
    bench_discrete(rng, "1", (size_t)BATCH * 256);
    bench_discrete(rng, "400", (size_t)BATCH * 256);
    bench_choose(rng, 5, 20000);
    bench_choose(rng, 455, 500);
    bench_choose(rng, 85320, 2);

    sil_rng_free(rng);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Floating point with + - * / and square roots in a fixed order, and the logarithm of
 * src/model: the same bits on every machine. */
#include "release/error_estimate.h"

#include "model/scalar.h"
#include "release/error_bounds.h"

/* The calibrated bound: fixed once, from simulated tables only (docs/error-bounds.md). How
 * much of the noise of a cell is in the rows grows with the rows that the cell holds. */
static const double CALIBRATION = 1.15;
static const double DEVIATIONS = 1.645;          /* the 95 % quantile of a Gaussian */
static const double SPREAD = 0.5707963268;       /* pi / 2 - 1: var |Z| / (E |Z|)^2 */
static const double SQUARED_MEAN = 0.6366197724; /* 2 / pi: (E |Z|)^2 */

struct follow {
    double least;  /* the mean error of an empty cell, in units of the noise */
    double slope;  /* and what each row of it, in the same units, adds to that */
    double most;   /* up to this */
    double hidden; /* of the squared residual of filled cells: explained by noise */
};

/* A model that is fitted to all measurements, and the tables of mosaic, which follow a
 * measurement only as far as it is above its noise. */
static const struct follow FITTED = {0.06, 1.2, 0.8, 0.6};
static const struct follow LOOSELY = {0.04, 0.7, 0.55, 0.65};

/* Cells by the rows they hold, in units of the noise: below 1, 10, 100, and more. */
enum { N_CLASSES = 4 };

static unsigned class_of(double rows)
{
    return rows < 1 ? 0 : rows < 10 ? 1 : rows < 100 ? 2 : 3;
}

/* ---- gathering ---- */

/* |x - a| for the true x >= 0 is at most this plus the noise |x - y|. */
static double apart(double a, double y)
{
    if (y < 0) {
        return a + y;
    }
    return a > y ? a - y : y - a;
}

/* The L1 norm of Gaussian noise on k cells is 1-Lipschitz times sqrt(k) in its deviates:
 * above its mean by t sqrt(k) sigma with a probability of at most exp(-t^2 / 2). The j-th
 * measurement gets the part 1 / (j (j + 1)) of what may fail, as the noise of those before
 * may have had a say in whether there is a j-th. */
static void prove(struct sil_error_evidence *e, const struct sil_error_reading *reading)
{
    double j = e->n;
    double k = (double)e->n_cells;
    double t = sil_sqrt(2 * sil_log(j * (j + 1) / SIL_ERROR_NOISE_PART));
    double noise = k * SIL_ERROR_MEAN_NOISE + t * sil_sqrt(k);
    double distance = e->total_error + reading->rounding;
    for (size_t i = 0; i < e->n_cells; i++) {
        distance += apart(e->proved_total * e->share[i], reading->y[i]);
    }
    distance += noise * sil_sqrt(reading->variance);
    if (e->n == 1 || distance < e->distance) {
        e->distance = distance;
    }
}

void sil_error_gather(void *evidence, const struct sil_error_reading *reading)
{
    struct sil_error_evidence *e = evidence;
    e->n++;
    prove(e, reading);
    e->precision += 1 / reading->variance;
    for (size_t i = 0; i < e->n_cells; i++) {
        e->sum[i] += reading->y[i] / reading->variance;
    }
}

double sil_error_proved(const struct sil_error_evidence *e)
{
    return e->n > 0 && e->proved_total >= 1 ? e->distance / (2 * e->proved_total) : 1;
}

/* ---- calibrated ---- */

/* For each class the mean squared residual over the variance, beyond what the noise
 * explains: the rows differ from the measurements for another reason. */
static void find_misfit(double misfit[N_CLASSES], const struct sil_error_evidence *e,
                        const struct follow *follow)
{
    double sum[N_CLASSES] = {0};
    double n[N_CLASSES] = {0};
    double deviation = sil_sqrt(1 / e->precision);
    for (size_t i = 0; i < e->n_cells; i++) {
        double rows = e->total * e->share[i];
        double residual = rows - e->sum[i] / e->precision;
        unsigned class = class_of(rows / deviation);
        sum[class] += residual * residual * e->precision;
        n[class]++;
    }
    for (unsigned c = 0; c < N_CLASSES; c++) {
        double noise = c == 0 ? 1 : follow->hidden;
        double excess = n[c] > 0 ? sum[c] / n[c] - noise : 0;
        misfit[c] = excess > 0 ? excess : 0;
    }
}

double sil_error_calibrated(const struct sil_error_evidence *e)
{
    const struct follow *follow = e->is_loosely_held ? &LOOSELY : &FITTED;
    double misfit[N_CLASSES];
    double mean = 0;
    double variance = 0;
    if (!(e->precision > 0)) {
        return 1;
    }
    double deviation = sil_sqrt(1 / e->precision);
    find_misfit(misfit, e, follow);
    for (size_t i = 0; i < e->n_cells; i++) {
        double rows = e->total * e->share[i] / deviation;
        double error = follow->least + follow->slope * rows;
        error = error < follow->most ? error : follow->most;
        double squared = error * error + SQUARED_MEAN * misfit[class_of(rows)];
        mean += sil_sqrt(squared);
        variance += SPREAD * squared;
    }
    /* Errors add up to nothing: those of two cells are one. */
    double k = (double)e->n_cells;
    double distance = mean + DEVIATIONS * sil_sqrt(variance * k / (k - 1));
    return CALIBRATION * distance * deviation / (2 * e->total);
}

double sil_error_of_noise(size_t n_cells, double variance, double total)
{
    return (double)n_cells * SIL_ERROR_MEAN_NOISE * sil_sqrt(variance) / (2 * total);
}

uint32_t sil_error_round(double distance)
{
    double scaled = distance * SIL_ERROR_UNIT;
    if (!(scaled < SIL_ERROR_UNIT)) { /* not a number, too */
        return SIL_ERROR_UNIT;
    }
    if (!(scaled > 0)) {
        return 0;
    }
    uint32_t down = (uint32_t)scaled;
    return down < scaled ? down + 1 : down;
}

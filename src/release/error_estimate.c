// SPDX-License-Identifier: Apache-2.0
/* Floating point with + - * / and square roots in a fixed order, and the logarithm of
 * src/model: the same bits on every machine. */
#include "release/error_estimate.h"

#include "model/scalar.h"
#include "release/error_bounds.h"

/* The calibrated bound: fixed once, from simulated tables only (docs/error-bounds.md). How
 * much of the noise of a cell is in the rows grows with the rows that the cell holds. */
static const double DEVIATIONS = 1.645;          /* the 95 % quantile of a Gaussian */
static const double SPREAD = 0.5707963268;       /* pi / 2 - 1: var |Z| / (E |Z|)^2 */
static const double SQUARED_MEAN = 0.6366197724; /* 2 / pi: (E |Z|)^2 */

/* Rows of a model that is fitted to all measurements. */
static const struct {
    double calibration;
    double least;  /* the mean error of an empty cell, in units of the noise */
    double slope;  /* and what each row of it, in the same units, adds to that */
    double most;   /* up to this */
    double hidden; /* of the squared residual of filled cells: explained by noise */
} FITTED = {1.15, 0.06, 1.2, 0.8, 0.6};

/* Rows that are searched for near the tables of mosaic. */
static const struct {
    double calibration;
    double least;     /* of the noise that is in the rows of a cell */
    double most;      /* and the most, reached where */
    double gain_one;  /* the filter of the tables passes this part of the noise, */
    double gain_more; /* or this one when there are several measurements */
    double
        beyond; /* and no more than this of what the rows have beyond their columns */
} LOOSELY = {1.25, 0.003, 0.45, 0.5, 0.05, 0.35};

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
    e->cells += reading->cells / reading->variance;
    for (size_t i = 0; i < e->n_cells; i++) {
        e->sum[i] += reading->y[i] / reading->variance;
    }
}

double sil_error_proved(const struct sil_error_evidence *e)
{
    return e->n > 0 && e->proved_total >= 1 ? e->distance / (2 * e->proved_total) : 1;
}

/* ---- calibrated ---- */

/* What is expected of one cell, in units of the variance. */
struct expected {
    double squared; /* (mean error)^2 of rows that fit as well as the noise allows */
    double hidden;  /* of the squared residual: explained by noise */
};

static struct expected of_fitted(double rows)
{
    double error = FITTED.least + FITTED.slope * rows;
    error = error < FITTED.most ? error : FITTED.most;
    return (struct expected){error * error, rows < 1 ? 1 : FITTED.hidden};
}

/* The part of the noise that the filter of mosaic's tables lets through in a cell of the
 * measurement, of which this cell has several: src/model/local_tables.h. */
static double gain(const struct sil_error_evidence *e, double rows)
{
    double cells = e->cells / e->precision;
    double prior = rows / cells;
    double known = prior * prior / 16 + prior;
    double noise = e->n / (e->precision * cells);
    return known / (known + noise);
}

/* The noise in the rows is at most a part of what they have beyond independent columns; of
 * that the calibration leaves `beyond`. */
static struct expected of_loose(const struct sil_error_evidence *e, double rows,
                                double beyond)
{
    double full = e->n > 1 ? LOOSELY.gain_more : LOOSELY.gain_one;
    double part = gain(e, rows) / full;
    double in_rows = LOOSELY.most * sil_sqrt(part < 1 ? part : 1);
    double most = LOOSELY.beyond * beyond;
    in_rows = in_rows < most ? in_rows : most;
    in_rows = in_rows > LOOSELY.least ? in_rows : LOOSELY.least;
    return (struct expected){SQUARED_MEAN * in_rows, 1 - in_rows};
}

/* A marginal cell by cell, the noise being the unit. */
struct view {
    const struct sil_error_evidence *e;
    double deviation;         /* of the noise, in rows */
    double beyond[N_CLASSES]; /* root mean square; loosely held only */
    double misfit[N_CLASSES]; /* mean squared residual that no noise explains */
};

static double rows_of(const struct view *v, size_t i)
{
    return v->e->total * v->e->share[i] / v->deviation;
}

static struct expected expect(const struct view *v, size_t i)
{
    double rows = rows_of(v, i);
    return v->e->is_loosely_held
               ? of_loose(v->e, rows * v->deviation, v->beyond[class_of(rows)])
               : of_fitted(rows);
}

/* How far the rows are from those whose two columns are independent. */
static void find_beyond(struct view *v)
{
    const struct sil_error_evidence *e = v->e;
    double sum[N_CLASSES] = {0};
    double n[N_CLASSES] = {0};
    double *first = e->margin;
    double *second = e->margin + e->shape[0];
    for (size_t i = 0; i < e->shape[0] + e->shape[1]; i++) {
        e->margin[i] = 0;
    }
    for (size_t i = 0; i < e->n_cells; i++) {
        first[i / e->shape[1]] += e->share[i];
        second[i % e->shape[1]] += e->share[i];
    }
    for (size_t i = 0; i < e->n_cells; i++) {
        double independent = first[i / e->shape[1]] * second[i % e->shape[1]];
        double beyond = e->total * (e->share[i] - independent) / v->deviation;
        unsigned class = class_of(rows_of(v, i));
        sum[class] += beyond * beyond;
        n[class]++;
    }
    for (unsigned c = 0; c < N_CLASSES; c++) {
        v->beyond[c] = n[c] > 0 ? sil_sqrt(sum[c] / n[c]) : 0;
    }
}

/* For each class the mean squared residual beyond what the noise explains: the rows differ
 * from the measurements for another reason. Loosely held, one standard deviation of that
 * mean counts as noise too: of many small classes some always stand out. */
static void find_misfit(struct view *v)
{
    const struct sil_error_evidence *e = v->e;
    double sum[N_CLASSES] = {0};
    double n[N_CLASSES] = {0};
    for (size_t i = 0; i < e->n_cells; i++) {
        double residual = rows_of(v, i) - e->sum[i] / (e->precision * v->deviation);
        unsigned class = class_of(rows_of(v, i));
        sum[class] += residual * residual - expect(v, i).hidden;
        n[class]++;
    }
    for (unsigned c = 0; c < N_CLASSES; c++) {
        double chance = e->is_loosely_held ? sil_sqrt(2 * n[c]) : 0;
        double excess = n[c] > 0 ? (sum[c] - chance) / n[c] : 0;
        v->misfit[c] = excess > 0 ? excess : 0;
    }
}

/* The marginal of a pair errs by no less than its columns do, whose noise is not its own. */
static double with_columns(double bound, double columns)
{
    return sil_sqrt(bound * bound + columns * columns);
}

double sil_error_calibrated(const struct sil_error_evidence *e)
{
    struct view v = {.e = e};
    double mean = 0;
    double variance = 0;
    if (!(e->precision > 0)) {
        return 1;
    }
    v.deviation = sil_sqrt(1 / e->precision);
    if (e->is_loosely_held) {
        find_beyond(&v);
    }
    find_misfit(&v);
    for (size_t i = 0; i < e->n_cells; i++) {
        double misfit = v.misfit[class_of(rows_of(&v, i))];
        double squared = expect(&v, i).squared + SQUARED_MEAN * misfit;
        mean += sil_sqrt(squared);
        variance += SPREAD * squared;
    }
    /* Errors add up to nothing: those of two cells are one. */
    double k = (double)e->n_cells;
    double distance = mean + DEVIATIONS * sil_sqrt(variance * k / (k - 1));
    double bound = distance * v.deviation / (2 * e->total);
    return e->is_loosely_held ? with_columns(LOOSELY.calibration * bound, e->columns)
                              : FITTED.calibration * bound;
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

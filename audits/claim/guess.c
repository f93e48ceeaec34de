// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/guess.h"

#include <math.h>

/* Any epsilon and any order give a valid bound, so grids will do. */
enum { EPSILONS = 20, ORDERS = 400 };

static const double EPSILON_STEP = 0.25;
static const double ORDER_STEP = 0.05;

double aud_guess_of_epsilon(double epsilon, double delta)
{
    return fmin(1, (1 - (1 - delta) / (exp(epsilon) + 1)));
}

/* The least delta at which a rho-zCDP mechanism is (epsilon, delta)-DP, over the orders. */
static double delta_of(double rho, double epsilon)
{
    double least = 1;
    for (int i = 0; i < ORDERS; i++) {
        double order = 1 + exp(ORDER_STEP * (i - ORDERS / 2.0));
        double delta = exp((order - 1) * (order * rho - epsilon) +
                           order * log1p(-1 / order) - log(order - 1));
        least = fmin(least, delta);
    }
    return least;
}

double aud_guess_of_rho(double rho)
{
    double least = 0.5 + sqrt(rho / 8);
    for (int i = 0; i <= EPSILONS; i++) {
        double epsilon = EPSILON_STEP * i;
        least = fmin(least, aud_guess_of_epsilon(epsilon, delta_of(rho, epsilon)));
    }
    return least;
}

// SPDX-License-Identifier: Apache-2.0
#include "synth/simulate_fixed.h"

#include "base/int128.h"

enum { EXP_BITS = 40 };

/* 2^(1/2), 2^(1/4), 2^(1/8) ... in units of 2^-62, rounded down. */
static const uint64_t ROOT_OF_TWO[EXP_BITS] = {
    0x5a827999fcef3242u, 0x4c1bf828c6dc54b7u, 0x45cae0f1f545eb73u, 0x42d561b3e6243d8au,
    0x4166c34c5615d0ebu, 0x40b268f9de0183b9u, 0x4058f6a7ecccd5b6u, 0x402c6be96af2fb58u,
    0x4016321b687027a8u, 0x400b18178ba33b14u, 0x40058bce410147e8u, 0x4002c5d7bff71daeu,
    0x400162e807ee7e5bu, 0x4000b1730df6a524u, 0x400058b9497b8151u, 0x40002c5c955dd701u,
    0x4000162e46d6f26bu, 0x40000b1722757b1bu, 0x4000058b90fd3e0cu, 0x400002c5c86f3f26u,
    0x40000162e433c79bu, 0x400000b17218edcfu, 0x40000058b90c3968u, 0x4000002c5c860d54u,
    0x400000162e4302d2u, 0x4000000b17218073u, 0x400000058b90bffcu, 0x40000002c5c85feeu,
    0x4000000162e42ff3u, 0x40000000b17217f8u, 0x4000000058b90bfcu, 0x400000002c5c85feu,
    0x40000000162e42feu, 0x400000000b17217fu, 0x40000000058b90bfu, 0x4000000002c5c85fu,
    0x400000000162e42fu, 0x4000000000b17217u, 0x400000000058b90bu, 0x40000000002c5c85u,
};

/* log2(e) in units of 2^-62. */
static const uint64_t LOG2_E = 0x5c551d94ae0bf85du;

static int64_t saturate(sil_i128 value)
{
    if (value > SIL_MICRO_MAX) {
        return SIL_MICRO_MAX;
    }
    return value < -SIL_MICRO_MAX ? -SIL_MICRO_MAX : (int64_t)value;
}

static sil_i128 divide_nearest(sil_i128 a, sil_i128 b)
{
    if (b < 0) {
        a = -a;
        b = -b;
    }
    return a >= 0 ? (a + b / 2) / b : -((-a + b / 2) / b);
}

int64_t sil_micro_add(int64_t a, int64_t b)
{
    return saturate((sil_i128)a + b);
}

int64_t sil_micro_mul(int64_t a, int64_t b)
{
    return saturate(divide_nearest((sil_i128)a * b, SIL_MICRO));
}

int64_t sil_micro_div(int64_t a, int64_t b)
{
    return b == 0 ? 0 : saturate(divide_nearest((sil_i128)a * SIL_MICRO, b));
}

int64_t sil_micro_round(int64_t a, int64_t quantum)
{
    return saturate(divide_nearest(a, quantum) * quantum);
}

int64_t sil_micro_floor(int64_t a, int64_t quantum)
{
    int64_t down = a / quantum - (a % quantum < 0);
    return saturate((sil_i128)down * quantum);
}

/* e^x = mantissa 2^*exponent with the mantissa in [1, 2), in units of 2^-62. */
static uint64_t exp_parts(int64_t x, int *exponent)
{
    /* x log2(e) in units of 2^-40: the integer part is the exponent, and each bit of
     * the fraction contributes one factor from the table. */
    sil_i128 scaled = (sil_i128)x * (sil_i128)(LOG2_E >> 10) / SIL_MICRO;
    int64_t power = (int64_t)(scaled >> 12);
    *exponent = (int)(power >> EXP_BITS);
    uint64_t fraction = (uint64_t)power & ((UINT64_C(1) << EXP_BITS) - 1);

    uint64_t mantissa = UINT64_C(1) << 62;
    for (int i = 0; i < EXP_BITS; i++) {
        if ((fraction >> (EXP_BITS - 1 - i) & 1) != 0) {
            mantissa = (uint64_t)((sil_u128)mantissa * ROOT_OF_TWO[i] >> 62);
        }
    }
    return mantissa;
}

int64_t sil_micro_mul_exp(int64_t a, int64_t x)
{
    const int64_t limit = 30 * SIL_MICRO;
    x = x > limit ? limit : x < -limit ? -limit : x;
    int exponent = 0;
    uint64_t mantissa = exp_parts(x, &exponent);

    /* |x| <= 30 keeps the exponent within +-44, so both shifts are in range. */
    sil_i128 product = (sil_i128)a * (sil_i128)(mantissa >> 1);
    int shift = 61 - exponent;
    return saturate((product + ((sil_i128)1 << (shift - 1))) >> shift);
}

int64_t sil_micro_normal(struct sil_word_reader *reader)
{
    /* Twelve uniforms on the odd multiples of 2^-33 from six words: symmetric. */
    int64_t sum = 0;
    for (int i = 0; i < 6; i++) {
        uint64_t word = sil_word(reader);
        sum += (int64_t)(word >> 32) + (int64_t)(word & UINT32_MAX) + 1;
    }
    sil_i128 centred = (sil_i128)sum - ((sil_i128)6 << 32);
    return (int64_t)divide_nearest(centred * SIL_MICRO, (sil_i128)1 << 32);
}

bool sil_micro_chance(struct sil_word_reader *reader, int64_t p)
{
    return (int64_t)sil_word_below(reader, (uint64_t)SIL_MICRO) < p;
}

uint64_t sil_micro_geometric(struct sil_word_reader *reader, int64_t mean)
{
    if (mean <= 0) {
        return 0;
    }
    /* Failure has probability mean / (1 + mean). */
    uint64_t failures = 0;
    uint64_t total = (uint64_t)(SIL_MICRO + mean);
    while (sil_word_below(reader, total) < (uint64_t)mean) {
        failures++;
    }
    return failures;
}

/* Inversion from 0 upwards, probabilities in units of 2^-62; mean at most 16. */
static uint64_t poisson_small(struct sil_word_reader *reader, int64_t mean)
{
    int exponent = 0;
    uint64_t mantissa = exp_parts(-mean, &exponent);
    uint64_t term = mantissa >> -exponent;
    uint64_t rest = sil_word(reader) >> 2;
    uint64_t count = 0;
    /* Once a term is zero the rest, of mass 2^-50 at most, goes to the last count. */
    while (rest >= term && term > 0) {
        rest -= term;
        count++;
        term = (uint64_t)((sil_u128)term * (uint64_t)mean /
                          ((sil_u128)count * (uint64_t)SIL_MICRO));
    }
    return count;
}

uint64_t sil_micro_poisson(struct sil_word_reader *reader, int64_t mean)
{
    /* A sum of independent Poissons is one: large means come in pieces of 16, which
     * keeps the first term well above the unit. */
    const int64_t piece = 16 * SIL_MICRO;
    uint64_t count = 0;
    for (; mean > piece; mean -= piece) {
        count += poisson_small(reader, piece);
    }
    return mean > 0 ? count + poisson_small(reader, mean) : count;
}

int32_t sil_days_of_micro(int64_t date)
{
    int64_t days = date / SIL_MICRO;
    if (days < SIL_DAYS_MIN) {
        return SIL_DAYS_MIN;
    }
    return days > SIL_DAYS_MAX ? SIL_DAYS_MAX : (int32_t)days;
}

void sil_month_of_days(int32_t days, int *year, int *month)
{
    /* Years from 1 March, so that the leap day is the last of its year, in eras of 400
     * years; 0000-03-01 was 719,468 days before 1970-01-01. */
    int32_t since = days + 719468;
    int32_t era = since / 146097;
    int32_t in_era = since % 146097;
    int32_t leap_days = in_era / 1460 - in_era / 36524 + in_era / 146096;
    int32_t year_in_era = (in_era - leap_days) / 365;
    int32_t in_year = in_era - 365 * year_in_era - year_in_era / 4 + year_in_era / 100;

    /* March to July have 153 days, and so have August to December. */
    int32_t from_march = (5 * in_year + 2) / 153;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = 400 * era + year_in_era + (*month <= 2 ? 1 : 0);
}

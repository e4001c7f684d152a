/* SPDX-License-Identifier: Apache-2.0 */
#include "base/draw.h"

#include "base/time.h"

#include <math.h>

tc_err tc_draw_parse(struct tc_str s, int64_t lo, int64_t hi, enum tc_draw *kind, int64_t *likely)
{
    struct tc_str tri = TC_STR("triangular ");
    int64_t mode = lo;
    enum tc_draw k = TC_DRAW_UNIFORM;
    s = tc_str_trim(s);
    if (tc_str_is(s, "lognormal")) {
        k = TC_DRAW_LOGNORMAL;
        if (lo < 1 && hi > lo)
            return TC_E_INVALID;
    } else if (tc_str_starts(s, tri)) {
        k = TC_DRAW_TRIANGULAR;
        struct tc_str at = tc_str_trim(tc_str_view(s.p + tri.n, s.n - tri.n));
        if (tc_duration_parse(at, INT64_MAX, &mode))
            return TC_E_SYNTAX;
        if (mode < lo || mode > hi)
            return TC_E_INVALID;
    } else if (s.n && !tc_str_is(s, "uniform")) {
        return TC_E_SYNTAX;
    }
    *kind = k;
    *likely = mode;
    return TC_OK;
}

/* The standard normal quantile for 0.05 <= p <= 0.95: a rational start (Abramowitz and Stegun
 * 26.2.23) made exact by two steps of Newton. */
static double normal_quantile(double p)
{
    double tail = p < 0.5 ? p : 1 - p, t = sqrt(-2 * log(tail));
    double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    z = p < 0.5 ? -z : z;
    for (int i = 0; i < 2; i++)
        z -= (0.5 * erfc(-z * M_SQRT1_2) - p) / (exp(-z * z / 2) / sqrt(2 * M_PI));
    return z;
}

uint32_t tc_draw_take(enum tc_draw kind, uint32_t lo, uint32_t likely, uint32_t hi, uint64_t u)
{
    double span = (double)hi - lo, x = 0, p = (double)(u >> 11) * 0x1p-53;
    if (hi <= lo)
        return lo;
    if (kind == TC_DRAW_UNIFORM)
        return lo + (uint32_t)((u >> 32) * ((uint64_t)(hi - lo) + 1) >> 32);
    if (kind == TC_DRAW_TRIANGULAR) {
        double up = (double)likely - lo, down = (double)hi - likely;
        x = p * span < up ? lo + sqrt(p * span * up) : hi - sqrt((1 - p) * span * down);
    } else {
        const double z95 = 1.6448536269514722;
        double a = log(lo), b = log(hi);
        x = exp((a + b) / 2 + normal_quantile(0.05 + 0.9 * p) * (b - a) / (2 * z95));
    }
    x = nearbyint(x);
    return x < lo ? lo : x > hi ? hi : (uint32_t)x;
}

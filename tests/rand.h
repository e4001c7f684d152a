/* SPDX-License-Identifier: Apache-2.0 */
/* Repeatable random numbers for property tests (splitmix64). The seed is printed, so that a failure
 * can be played again: TOCSIN_SEED=N chooses it. */
#ifndef TOCSIN_TESTS_RAND_H
#define TOCSIN_TESTS_RAND_H

#include "base/num.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline uint64_t test_rand(uint64_t *r)
{
    uint64_t v = (*r += 0x9e3779b97f4a7c15u);
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
    v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
    return v ^ (v >> 31);
}

/* The same seed at every run unless TOCSIN_SEED (decimal) says otherwise. */
static inline uint64_t test_seed(void)
{
    uint64_t seed = 20261121;
    const char *text = getenv("TOCSIN_SEED");
    if (text && tc_num_u64(tc_str_cstr(text), UINT64_MAX, &seed) != TC_OK)
        abort();
    (void)fprintf(stderr, "TOCSIN_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

#endif

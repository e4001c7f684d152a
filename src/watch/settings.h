/* SPDX-License-Identifier: Apache-2.0 */
/* What an authority has decided about its analyses: DIR/impact.json, written by the administrator,
 * read at each question. Nothing in it is made up here: a threshold that is not given is none.
 *
 *   {"suppress_below": 10,
 *    "thresholds": {"as_of": "2026-07-01", "decided_by": "...",
 *                   "users": 50000, "hours": 24, "dependent_sectors": 2, "market_share": 30,
 *                   "casualties": 5, "economic_loss_eur": 1000000, "isolated": true}}
 *
 * suppress_below: numbers of people below it are not told to who has no right to all of the
 * register; 10 when not given, 0 = told. thresholds: CER Article 7(1) and the cross-cutting
 * criteria of Directive 2008/114/EC, Article 3(2). */
#ifndef TC_WATCH_SETTINGS_H
#define TC_WATCH_SETTINGS_H

#include "base/str.h"

#define TC_SUPPRESS_BELOW 10

enum tc_threshold {
    TC_THRESHOLD_USERS,             /* 7(1)(a) */
    TC_THRESHOLD_DEPENDENT_SECTORS, /* 7(1)(b) */
    TC_THRESHOLD_HOURS,             /* 7(1)(c): of disruption of somebody who is hit */
    TC_THRESHOLD_MARKET_SHARE,      /* 7(1)(d), percent */
    TC_THRESHOLD_COUNTRIES,         /* 7(1)(e) */
    TC_THRESHOLD_CASUALTIES,        /* ECI 3(2)(a) */
    TC_THRESHOLD_ECONOMIC_LOSS,     /* ECI 3(2)(b), euro */
    TC_THRESHOLDS
};

extern const char *const tc_threshold_names[TC_THRESHOLDS];

struct tc_impact_settings {
    uint64_t suppress_below;
    bool given[TC_THRESHOLDS];
    uint64_t threshold[TC_THRESHOLDS];
    char as_of[32], decided_by[256]; /* empty when not given */
};

/* INVALID with file and path when it is not of that form; without the file nothing is given. */
tc_err tc_impact_settings_get(const char *dir, struct tc_impact_settings *out,
                              struct tc_diag *d) TC_MUST_USE;

#endif

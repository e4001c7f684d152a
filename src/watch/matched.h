/* SPDX-License-Identifier: Apache-2.0 */
/* What a match is written as: the STIX objects sighting (STIX 2.1 section 5.2) and finding
 * (packs/critical-entities). Pure. Views are borrowed. */
#ifndef TC_WATCH_MATCHED_H
#define TC_WATCH_MATCHED_H

#include "base/id.h"
#include "base/time.h"
#include "model/audience.h"
#include "model/rule.h"
#include "watch/saying.h"

/* Observations of one match that are named. More are counted. */
#define TC_MATCHED_MAX 1000u

/* Objects that a finding is about, beside the rule. */
#define TC_MATCHED_ABOUT 10

struct tc_matched {
    struct tc_str indicator, name, creator;
    const struct tc_str *observations; /* ids, ascending */
    size_t n;
    bool parted;         /* the rule has a per: */
    struct tc_str value; /* what the observations share there */
    tc_time first, last;
    tc_time created, modified; /* milliseconds */
    uint64_t count;            /* number_observed, summed */
    uint64_t matches;          /* 0 = not counted */
    const char *suppressed;    /* name of the warning list, or NULL */
    enum tc_tlp tlp;
    const struct tc_rule *rule;     /* severity, confidence, languages */
    const struct tc_saying *saying; /* NULL = no sentences */
    struct tc_str about[TC_MATCHED_ABOUT], keys[TC_MATCHED_ABOUT]; /* ids; what is no id */
    size_t n_about, n_keys;
};

void tc_matched_ids(const struct tc_matched *m, char sighting[TC_ID_MAX], char finding[TC_ID_MAX]);
void tc_matched_sighting(const struct tc_matched *m, const char *id, struct tc_buf *out);
void tc_matched_finding(const struct tc_matched *m, const char *id, struct tc_buf *out);

#endif

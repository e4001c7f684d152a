/* SPDX-License-Identifier: Apache-2.0 */
/* What a match is written as: the STIX objects sighting (STIX 2.1 section 5.2) and finding
 * (packs/critical-entities). Pure. Views are borrowed. */
#ifndef TC_WATCH_MATCHED_H
#define TC_WATCH_MATCHED_H

#include "base/id.h"
#include "base/time.h"
#include "model/audience.h"

/* Observations of one match that are named. More are counted. */
#define TC_MATCHED_MAX 1000u

struct tc_matched {
    struct tc_str indicator, name, creator;
    const struct tc_str *observations; /* ids, ascending */
    size_t n;
    tc_time first, last, made;
    uint64_t count;         /* number_observed, summed */
    const char *suppressed; /* name of the warning list, or NULL */
    enum tc_tlp tlp;
};

void tc_matched_ids(const struct tc_matched *m, char sighting[TC_ID_MAX], char finding[TC_ID_MAX]);
void tc_matched_sighting(const struct tc_matched *m, const char *id, struct tc_buf *out);
void tc_matched_finding(const struct tc_matched *m, const char *id, struct tc_buf *out);

#endif

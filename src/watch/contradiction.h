/* SPDX-License-Identifier: Apache-2.0 */
/* A finding of its own kind: a report does not go with what was foretold. Written as the object
 * "finding" with the rule TC_RULE_CONTRADICTION, for the node's organisation alone.
 *
 *   missing   an asset failed, its reporter knows of no fault of its own, and no open forecast hits
 *             it: the register may lack a dependency; the assets that are down now and near are
 * named stands    an asset works though an open forecast says that it has failed by now */
#ifndef TC_WATCH_CONTRADICTION_H
#define TC_WATCH_CONTRADICTION_H

#include "watch/finding.h"

#define TC_RULE_CONTRADICTION "contradiction"

enum tc_contradicts { TC_CONTRADICTS_MISSING, TC_CONTRADICTS_STANDS };

struct tc_contradiction {
    enum tc_contradicts kind;
    struct tc_str creator, report, forecast; /* incidents; forecast empty for MISSING */
    struct tc_str asset, name, sector, country, operator_ref;
    tc_time found, at; /* when the report came in; when it says that it was so */
    bool exercise;
    struct tc_finding_cause
        candidate[TC_FINDING_CAUSES]; /* suspected suppliers, the nearest first */
    size_t n_candidates;
};

/* finding--UUIDv5(report, asset, kind) */
void tc_contradiction_id(const struct tc_contradiction *c, char out[TC_ID_MAX]);
void tc_contradiction_write(const struct tc_contradiction *c, struct tc_buf *out);

#endif

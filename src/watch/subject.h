/* SPDX-License-Identifier: Apache-2.0 */
/* What is held about an identifier, for a data subject's request (Directive (EU) 2016/680, Articles
 * 14 and 25): all versions of objects that hold the value, and who consulted or was given them.
 * What is told is split as the house splits it: content to who reads content, consultations to
 * auditors (with the numbers and ids of what their organisation may read, and no content). */
#ifndef TC_WATCH_SUBJECT_H
#define TC_WATCH_SUBJECT_H

#include "node/node.h"

/* "subject": {"value","as"} answers {"value","as_of","lag","more","objects":[{"entry","id","type",
 * "version","added","object"}],"consultations":[{"index","at","kind","login","organisation","how",
 * "object","entries","from","why"}]}; object is absent for who reads no content, consultations for
 * who is no auditor; entries: those of the objects named here. Without "as" both are told: it is
 * the command line of the node's own machine. Is itself on record with the entries given. */
tc_err tc_subject_ops(void) TC_MUST_USE;

struct tc_subject_ask {
    const struct tc_principal *who;
    bool local;    /* the command line of the node's own machine: both are told */
    bool numbered; /* "entry" is 1, 2, 3 ... as they are listed: the journal's numbers, which count
                      what one may not see, do not leave the node; and "lag" is "up_to_date" */
    struct tc_str value, why, how, from; /* the last three for the audit log; why may be empty */
};
/* The same answer, appended to out. DENIED: who neither reads nor audits; USAGE: no value. */
tc_err tc_subject_tell(struct tc_node *n, const struct tc_subject_ask *ask, struct tc_buf *out,
                       struct tc_diag *d) TC_MUST_USE;

#endif

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

#endif

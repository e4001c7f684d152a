/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks for an operation of the command line: the person named with "as", or else whom the
 * operation says; without a reason for what asks for one (reason.h). Which entries they are given
 * is on record before the operation answers. One thread, as long as the operation runs. */
#ifndef TC_NODE_ASKER_H
#define TC_NODE_ASKER_H

#include "access/audit.h"
#include "node/node.h"

struct tc_asker {
    const struct tc_principal *p; /* own: this must stay where it is */
    struct tc_principal own;
    struct tc_login *login; /* with "as" */
    struct tc_arena *a;     /* a MiB, of the question */
    struct tc_op *op;
    struct tc_witness witness;
    struct tc_audit_list seen; /* entries that it was given, or has imported */
};

/* What an operation does, for the audit log; ADMINISTRATION: none of reading, posting, giving out.
 */
enum tc_audit_kind tc_asker_kind(struct tc_str op);
/* otherwise: without "as"; NULL = the node's organisation, reading what it may. NOTFOUND: there is
 * no such user. USAGE: its reason is none. w is overwritten; tc_asker_fini after, also when it
 * failed. */
tc_err tc_asker_find(struct tc_op *op, const struct tc_principal *otherwise,
                     struct tc_asker *w) TC_MUST_USE;
void tc_asker_fini(struct tc_asker *w);
/* fn between the two, with NULL. */
tc_err tc_asker_run(struct tc_op *op,
                    tc_err (*fn)(struct tc_op *op, struct tc_asker *w)) TC_MUST_USE;

#endif

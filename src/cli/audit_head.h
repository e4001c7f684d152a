/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of an audit log that were kept elsewhere: held against the log, counted as cosigned by
 * witnesses, and printed for paper or mail. */
#ifndef TC_CLI_AUDIT_HEAD_H
#define TC_CLI_AUDIT_HEAD_H

#include "access/audit_look.h"
#include "access/cosign.h"
#include "cli/opts.h"
#include "node/node.h"

/* Who must or may have cosigned. */
struct tc_cli_witnesses {
    struct {
        char name[TC_AUDIT_ORIGIN];
        uint8_t pub[32];
    } v[TC_COSIGN_PEERS];
    size_t n;
    bool must;                 /* they were given by hand: each of them must have */
    size_t cosigned;           /* how many did, after the calls below */
    uint64_t records, seconds; /* the newest of it */
};

/* vkeys by hand, or otherwise those of DIR/witnesses.json. USAGE, and what is wrong with the file.
 */
tc_err tc_cli_witnesses_read(const char *dir, const struct tc_opt_list *vkeys,
                             struct tc_cli_witnesses *out, struct tc_diag *d) TC_MUST_USE;
/* The cosignatures that the node keeps: each must hold and speak of a beginning of this log. */
void tc_cli_cosigned_kept(struct tc_audit_look *l, const char *dir, struct tc_cli_witnesses *w,
                          struct tc_audit_verdict *v);
/* A checkpoint that was kept elsewhere, with cosignatures or not. INVALID: it is none of this node.
 */
tc_err tc_cli_cosigned_file(struct tc_audit_look *l, const char *file, struct tc_cli_witnesses *w,
                            struct tc_audit_verdict *v, struct tc_diag *d) TC_MUST_USE;
/* Size and root alone, as they stand on paper. USAGE. */
tc_err tc_cli_head_typed(struct tc_audit_look *l, uint64_t size, const char *root,
                         struct tc_audit_verdict *v, struct tc_diag *d) TC_MUST_USE;

/* Prints the newest head that was cosigned, or the newest if none was; note: the signed text alone.
 */
tc_err tc_cli_head_print(struct tc_node *n, struct tc_audit_look *l, bool note, bool json,
                         struct tc_diag *d) TC_MUST_USE;

#endif

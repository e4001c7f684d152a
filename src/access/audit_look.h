/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at an audit log, also while another process writes it: what its newest checkpoint speaks
 * of, proofs, records, and whether all of it holds. */
#ifndef TC_ACCESS_AUDIT_LOOK_H
#define TC_ACCESS_AUDIT_LOOK_H

#include "access/audit_form.h"

struct tc_audit_look;

/* key: the public key that the checkpoint must be signed with; NULL = the one in NODE/audit/vkey.
 * CORRUPT: there is no checkpoint that this key signed; NOTFOUND: there is no log. One thread. */
tc_err tc_audit_look_open(const char *node_dir, const uint8_t key[32], struct tc_audit_look **out,
                          struct tc_diag *d) TC_MUST_USE;
void tc_audit_look_close(struct tc_audit_look *l); /* NULL is fine */
const struct tc_audit_head *tc_audit_look_head(const struct tc_audit_look *l);
const char *tc_audit_look_note(const struct tc_audit_look *l);
/* Reads another checkpoint of this log (kept elsewhere, sent by a peer); as tc_audit_note_read. */
tc_err tc_audit_look_read(const struct tc_audit_look *l, struct tc_str note,
                          struct tc_audit_head *out) TC_MUST_USE;

/* Against the newest checkpoint. INVALID, CORRUPT, IO. */
tc_err tc_audit_look_inclusion(struct tc_audit_look *l, uint64_t index, struct tc_merkle_hash *leaf,
                               struct tc_merkle_proof *out) TC_MUST_USE;
tc_err tc_audit_look_consistency(struct tc_audit_look *l, uint64_t old,
                                 struct tc_merkle_proof *out) TC_MUST_USE;

/* Calls for each record from index first on, also those that no checkpoint covers yet; stops when
 * it returns an error, which is given back. The views live until it returns. */
typedef tc_err (*tc_audit_record_fn)(void *arg, const struct tc_audit_record *r);
tc_err tc_audit_look_each(struct tc_audit_look *l, uint64_t first, tc_audit_record_fn fn,
                          void *arg) TC_MUST_USE;

struct tc_audit_verdict {
    uint64_t leaves;   /* that the checkpoint speaks of */
    uint64_t later;    /* sound records behind it, not signed yet */
    uint64_t redacted; /* of which the payload was erased, and a record says so */
    bool broken;
    uint64_t leaf;            /* the first broken one, UINT64_MAX = none in particular */
    char file[TC_AUDIT_PATH]; /* relative to NODE/audit */
    char message[160];
};
/* Everything: leaves, tiles of all levels, payloads, root. Two threads. */
tc_err tc_audit_verify(struct tc_audit_look *l, struct tc_audit_verdict *out) TC_MUST_USE;

#endif

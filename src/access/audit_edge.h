/* SPDX-License-Identifier: Apache-2.0 */
/* The right edge of the tree while it grows: the last, partial tile of each level and of the
 * leaves. A tile is written when it is full, the partial ones with tc_audit_edge_publish. One
 * thread. */
#ifndef TC_ACCESS_AUDIT_EDGE_H
#define TC_ACCESS_AUDIT_EDGE_H

#include "access/audit_form.h"

struct tc_audit_edge {
    int dir;
    uint64_t size, published; /* leaves; those of the newest checkpoint */
    bool broken;              /* a tile could not be written: no checkpoint until it was rebuilt */
    bool partial[TC_AUDIT_LEVELS + 1]; /* the last tile of entries, level 0, 1 ... may have been
                                          written as a partial one */
    struct tc_merkle_hash level[TC_AUDIT_LEVELS][TC_AUDIT_TILE];
    uint8_t bundle[TC_AUDIT_TILE * TC_AUDIT_ENTRY];
};

void tc_audit_edge_init(struct tc_audit_edge *e, int dir);
/* Takes up what was published at this size; any error means that it must be rebuilt. */
tc_err tc_audit_edge_load(struct tc_audit_edge *e, const struct tc_audit_head *h) TC_MUST_USE;
void tc_audit_edge_add(struct tc_audit_edge *e, const uint8_t leaf[TC_AUDIT_LEAF]);
void tc_audit_edge_root(const struct tc_audit_edge *e, struct tc_merkle_hash *out);
/* Writes the partial tiles. Tiles are not made durable: they can be made again (audit.h). */
tc_err tc_audit_edge_publish(struct tc_audit_edge *e) TC_MUST_USE;

#endif

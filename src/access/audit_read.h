/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the part that looks at audit logs. */
#ifndef TC_ACCESS_AUDIT_READ_H
#define TC_ACCESS_AUDIT_READ_H

#include "access/audit_look.h"

/* Tiles that are kept: two of the lowest level (a random proof does not meet its own again, but the
 * last one), and some of those above (one for 65,536 records). */
#define TC_AUDIT_CACHE 32

struct tc_audit_nodes { /* 256 hashes of a tile, then the 128 above them, 64 ... 1 */
    struct tc_merkle_hash v[2 * TC_AUDIT_TILE];
};

struct tc_audit_look {
    int dir;
    char origin[TC_AUDIT_ORIGIN], note[TC_AUDIT_NOTE];
    uint8_t pub[32];
    struct tc_audit_head head;
    struct {
        unsigned level;
        uint64_t index; /* UINT64_MAX = none */
    } cached[TC_AUDIT_CACHE];
    struct tc_audit_nodes nodes[TC_AUDIT_CACHE];
};

/* width pieces of each bytes; a full tile will do for a partial one (then out must have room for
 * 256). CORRUPT when it is absent or of another length. */
tc_err tc_audit_read_tile(int dir, int level, uint64_t index, unsigned width, size_t each,
                          void *out) TC_MUST_USE;

/* Of the tree as its tiles are. */
tc_err tc_audit_look_root(struct tc_audit_look *l, struct tc_merkle_hash *out) TC_MUST_USE;

#endif

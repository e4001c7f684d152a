/* SPDX-License-Identifier: Apache-2.0 */
/* A node for fuzz targets, in memory where the system has such a folder. It is put away at the end
 * of the program, or by fuzz_node_end when it has become too full. */
#ifndef TC_FUZZ_NODE_H
#define TC_FUZZ_NODE_H

#include "intake/intake.h"

struct fuzz_node {
    struct tc_node *n;
    uint32_t community, officer, officer_org; /* a steward of the node's own organisation */
    uint32_t reader, reader_org;              /* somebody of another one, in the community */
    struct tc_principal may, other;
    struct tc_arena *arena;
    char dir[64];
};

/* The node, made at the first call and after fuzz_node_end. Refusals are held meanwhile. */
struct fuzz_node *fuzz_node(void);
void fuzz_node_end(void);
/* Called before such a node is closed, and after it was opened; NULL = nothing. */
extern void (*fuzz_node_opened)(struct fuzz_node *f);
extern void (*fuzz_node_closing)(struct fuzz_node *f);
/* Ends the node of an earlier input when it has more than so many entries. */
void fuzz_node_fresh(uint64_t entries);
/* A file in memory with this text, from its start; close it. */
int fuzz_file(struct tc_str text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Tries the rules of a pack on the observations that stand beside them, with the engine that the
 * node runs (pattern/set.h). A line of a block is
 *
 *     [COUNT x] [+DURATION] {"type": "network-traffic", "src_ref": {"type": "ipv4-addr", ...}, ...}
 *
 * one observation (or COUNT), each DURATION after the one before; an object may stand where a
 * reference to it would. */
#ifndef TC_PACK_TRIAL_H
#define TC_PACK_TRIAL_H

#include "pack/rules.h"

/* Observations of one block. */
#define TC_TRIAL_MAX 10000

/* Tells each rule and block that is not as it says; *trials (may be NULL) counts the blocks.
 * INVALID when there was one, SYNTAX, LIMIT, NOMEM; d gets the first. */
tc_err tc_pack_try(const struct tc_pack_rules *r, tc_pack_tell tell, void *arg, size_t *trials,
                   struct tc_diag *d) TC_MUST_USE;

#endif

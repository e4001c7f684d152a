/* SPDX-License-Identifier: Apache-2.0 */
/* Whose word counts for the picture. Anybody who may post can post an asset, a dependency or an
 * incident; it is kept and shown as what it is, but reckoned with only when the organisation that
 * posted it (audience.creator_org, set by the node, not created_by_ref, which anybody can write)
 * has standing:
 *
 *   keeper     the node's own organisation, and those that DIR/register.json trusts with the
 *              register: {"trusted": ["identity--...", ...]}, read at start
 *   operator   the organisation whose identity is the asset's operator_ref
 *
 * An organisation that is not known, and number 0, has none. One thread. */
#ifndef TC_WATCH_STANDING_H
#define TC_WATCH_STANDING_H

#include "access/access.h"

struct tc_standing;

/* own: number of the organisation that runs the node. x must outlive it. NULL = out of memory. */
struct tc_standing *tc_standing_new(uint32_t own, struct tc_access *x);
void tc_standing_free(struct tc_standing *s); /* NULL is fine */
/* Reads DIR/register.json; without the file nobody else is trusted. INVALID: it is not of that
 * form, or names an organisation that this node does not know. */
tc_err tc_standing_load(struct tc_standing *s, const char *dir, struct tc_diag *d) TC_MUST_USE;

bool tc_standing_own(const struct tc_standing *s, uint32_t org);
bool tc_standing_keeper(const struct tc_standing *s, uint32_t org);
/* identity is that of the organisation; an empty one is nobody's. */
bool tc_standing_is(struct tc_standing *s, uint32_t org, struct tc_str identity);
/* Empty when it is not known; lives as long as s. */
struct tc_str tc_standing_identity(struct tc_standing *s, uint32_t org);

#endif

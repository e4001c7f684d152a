/* SPDX-License-Identifier: Apache-2.0 */
/* Hash map from bytes to a uint64_t (an index, a sequence number, a pointer). Keys are copied in.
 * Open addressing, SipHash with the process key, at most max entries. One writer, no readers
 * meanwhile; share it behind a lock. */
#ifndef TC_BASE_MAP_H
#define TC_BASE_MAP_H

#include "base/str.h"

struct tc_map;

struct tc_map *tc_map_new(size_t max); /* NULL = out of memory */
void tc_map_free(struct tc_map *m);    /* NULL is fine */
bool tc_map_get(const struct tc_map *m, struct tc_str key, uint64_t *value);
/* Inserts or replaces. LIMIT when max keys are there, NOMEM. */
tc_err tc_map_put(struct tc_map *m, struct tc_str key, uint64_t value) TC_MUST_USE;
/* Inserts when absent (*value is stored), otherwise *value becomes what is there. */
tc_err tc_map_intern(struct tc_map *m, struct tc_str key, uint64_t *value, bool *added) TC_MUST_USE;
bool tc_map_remove(struct tc_map *m, struct tc_str key);
size_t tc_map_count(const struct tc_map *m);
/* Walks in no stated order: start with *at = 0; false at the end. Not valid over changes. */
bool tc_map_next(const struct tc_map *m, size_t *at, struct tc_str *key, uint64_t *value);

#endif

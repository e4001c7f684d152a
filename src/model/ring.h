/* SPDX-License-Identifier: Apache-2.0 */
/* The outline of an area: a closed line of [latitude, longitude], WGS 84, as incidents and
 * scenarios have it. Between two corners it goes the shorter way round, so that a step of more than
 * 180 degrees of longitude crosses the date line. Pure; any thread. */
#ifndef TC_MODEL_RING_H
#define TC_MODEL_RING_H

#include "base/arena.h"

#include <yyjson.h>

#define TC_RING_CROSSES "the polygon crosses itself"

/* lat, lon, lat, lon ...; n corners, the last one again the first. What is wrong with it as a
 * sentence, or NULL: fewer than four corners, off the Earth, not closed, round a pole, crossing
 * itself (looked for up to TC_MAX_POLYGON_EXAMINED corners; touching in a point is fine). */
extern const char tc_ring_no_memory[]; /* also one of the sentences: nobody has looked */
const char *tc_ring_wrong(const double *points, size_t n);

/* From a list of pairs of numbers. INVALID with *why; LIMIT, NOMEM. */
tc_err tc_ring_read(yyjson_val *list, struct tc_arena *a, double **points, size_t *n,
                    const char **why) TC_MUST_USE;

#endif

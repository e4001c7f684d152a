/* SPDX-License-Identifier: Apache-2.0 */
/* "What else was here, then?" Everything that the asker may read within so many metres and so many
 * seconds of a point or of an object.
 *
 * Where an object is: its own coordinates (the first that it has), else those of the location or
 * asset that it names as its place (location_ref, where_sighted_refs, affected_refs, asset_ref), or
 * of the location that a relationship "located-at" leads to. When it was: what extract.h reads
 * of it (first_observed to last_observed and its like). What says no time, a site for one, is there
 * at any time.
 *
 * The index (R*Tree over place and time) gives candidates, which are read through the journal for
 * the asker and measured; its numbers are rounded outward, so nothing is missed. An answer has the
 * nearest of what is found, nearest first (then by time, then the newest), and "more" when there
 * are more than the limit, or when more than TC_NEAR_READ readable objects lay in the box: then the
 * nearest of the newest of them. Any thread. */
#ifndef TC_WATCH_NEAR_H
#define TC_WATCH_NEAR_H

#include "node/node.h"
#include "watch/index.h"

#define TC_NEAR_METRES 1000000.0                      /* at most so far */
#define TC_NEAR_DURING (INT64_C(3660) * 24 * 60 * 60) /* seconds: ten years */
#define TC_NEAR_READ   20000

struct tc_near_ask {
    struct tc_str id; /* round this object; empty: round the point */
    double lat, lon;
    tc_time at;                 /* TC_TIME_NONE = the time of the object; of a point: any time */
    double metres;              /* 0 to TC_NEAR_METRES */
    int64_t during;             /* seconds before and after; -1 = any time */
    const struct tc_str *types; /* only of these types; none = any */
    size_t n_types;
    size_t limit; /* 1 to TC_MAX_PAGE */
};

/* From texts: around "LAT,LON" or an id; within "500m", "2km" or "500"; during an ISO 8601 duration
 * or empty; at RFC 3339 or empty. USAGE with the reason in d. types and limit are left alone. */
tc_err tc_near_read(struct tc_str around, struct tc_str within, struct tc_str during,
                    struct tc_str at, struct tc_near_ask *out, struct tc_diag *d) TC_MUST_USE;

struct tc_near_hit {
    struct tc_str id, type; /* until the callback returns */
    struct tc_str place;    /* the location or asset whose coordinates these are; empty: its own */
    tc_time version;
    double metres;
    bool timed;
    int64_t seconds; /* between the two times; 0 = both at once */
};

struct tc_near_found {
    double lat, lon;
    bool timed; /* since, until: what was looked round in time */
    tc_time since, until;
    bool more;
};

/* NOTFOUND: the asker can read no such object. INVALID: it has no place. An error of tell ends it.
 */
tc_err tc_near_in(struct tc_journal *j, struct tc_index *x, const struct tc_principal *p,
                  const struct tc_near_ask *ask,
                  tc_err (*tell)(void *arg, const struct tc_near_hit *hit), void *arg,
                  struct tc_near_found *found, struct tc_diag *d) TC_MUST_USE;

/* Appends {"objects":[{"id","type","version","metres","seconds","place_ref"}...],"around":
 * {"latitude","longitude","since","until"},"more":true without the last brace. */
tc_err tc_near_put(struct tc_journal *j, struct tc_index *x, const struct tc_principal *p,
                   const struct tc_near_ask *ask, struct tc_buf *out,
                   struct tc_diag *d) TC_MUST_USE;

#endif

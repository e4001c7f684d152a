/* SPDX-License-Identifier: Apache-2.0 */
/* One pattern held against the observations that a journal has already, by the same engine that
 * matches what comes in (src/pattern), as one principal: only observed-data that it may read, with
 * the objects that it may read. Each observed-data counts once, in its newest version; in the order
 * in which they came in. */
#ifndef TC_WATCH_HUNT_H
#define TC_WATCH_HUNT_H

#include "journal/journal.h"

struct tc_hunt_match {
    const struct tc_str *observations; /* ids of one binding */
    size_t n;
    tc_time first, last; /* of the observation that completed it */
    struct tc_str per;   /* the value, empty without */
};

/* Anything but OK ends the hunt, which returns it. */
typedef tc_err (*tc_hunt_found)(void *arg, const struct tc_hunt_match *m);

struct tc_hunt_ask {
    struct tc_str pattern;
    struct tc_str per; /* object path: the pattern holds among observations that share a value
                          there; empty = none */
    tc_time since;     /* came in and was last observed at or after it; TC_TIME_NONE = all */
    uint64_t limit;    /* matches; 0 = all */
    int64_t time;      /* microseconds; 0 = as long as it takes */
    bool count;        /* tell progress out of how many */
    tc_hunt_found found;
    void (*progress)(void *arg, uint64_t done, uint64_t all); /* may be NULL; now and then */
    void *arg;
};

struct tc_hunt_result {
    uint64_t observations, matches;
    bool complete;       /* false: limit or time ended it */
    uint64_t unreadable; /* entries that the engine could not read */
    uint64_t undecided;  /* observations for which the pattern took too much work */
};

/* SYNTAX, INVALID, LIMIT: the pattern, with the place in d. */
tc_err tc_hunt(struct tc_journal *j, const struct tc_principal *p, const struct tc_hunt_ask *ask,
               struct tc_hunt_result *out, struct tc_diag *d) TC_MUST_USE;

struct tc_jsonw;
/* {"first_observed", "last_observed", "per", "observations": the first so many, "more": others}
 */
void tc_hunt_match_write(const struct tc_hunt_match *m, size_t shown, struct tc_jsonw *w);
/* {"observations", "matches", "complete" ...} */
void tc_hunt_result_write(const struct tc_hunt_result *r, struct tc_buf *out);

/* The operation behind "tocsin hunt" (hunt_ops.c); once, before the first tc_node_call. */
tc_err tc_hunt_ops(void) TC_MUST_USE;

#endif

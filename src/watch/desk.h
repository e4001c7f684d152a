/* SPDX-License-Identifier: Apache-2.0 */
/* The desk where somebody asks what would happen: the register once more, apart from the live
 * picture (which no question touches or holds up), brought up to the journal when a question comes.
 *
 * Who asks over what is decided in one place, tc_desk_scope:
 *
 *   ALL        analysts of the node's own organisation, and its command line: over everybody's
 *              dependencies
 *   READABLE   everybody else: over the part of the register that the asker may read, and nothing
 *              else was there when it was reckoned, so nothing else can show in the answer
 *
 * Numbers of people below a bound (DIR/impact.json: {"suppress_below": 10}, 10 when not given) are
 * not told to who asks over READABLE. Any thread may ask; questions over ALL wait for each other.
 */
#ifndef TC_WATCH_DESK_H
#define TC_WATCH_DESK_H

#include "impact/cascade.h"
#include "node/node.h"
#include "watch/live.h"
#include "watch/settings.h"

struct tc_desk;

enum tc_desk_scope { TC_DESK_READABLE, TC_DESK_ALL };
enum tc_desk_scope tc_desk_scope(const struct tc_node *n, const struct tc_principal *p);

/* The node must outlive it. Nothing is read before the first question. */
tc_err tc_desk_new(struct tc_node *n, struct tc_desk **out) TC_MUST_USE;
void tc_desk_free(struct tc_desk *d); /* NULL is fine */
struct tc_node *tc_desk_node(const struct tc_desk *d);

/* One question: what stands here is the asker's until tc_desk_end. */
struct tc_sitting {
    struct tc_desk *desk;
    const struct tc_principal *p;
    struct tc_impact_settings settings;
    enum tc_desk_scope scope;
    const struct tc_live *live;
    const struct tc_graph *g; /* under STIX ids */
    struct tc_cascade *cascade;
    struct tc_live *own; /* of a sitting over READABLE */
    struct tc_standing *who;
    uint64_t suppress_below; /* 0 = all numbers are told */
    tc_err unnoted;          /* an asset is told of, and that could not be noted: no answer */
};

/* BUSY when too many others read the register for themselves now; INVALID: impact.json. */
tc_err tc_desk_begin(struct tc_desk *d, const struct tc_principal *p, struct tc_sitting *out,
                     struct tc_diag *diag) TC_MUST_USE;
void tc_desk_end(struct tc_sitting *s); /* also after an error of begin */

/* The number of the asset in the graph; INVALID in the same words whether it is not there or not
 * for the asker. */
tc_err tc_desk_asset(const struct tc_sitting *s, struct tc_str id, uint32_t *node,
                     struct tc_diag *diag) TC_MUST_USE;

/* An asset is told of: the witness of who asks hears of its entry. */
void tc_desk_saw(struct tc_sitting *s, uint32_t node);

struct tc_jsonw;
/* "people": N, or "people_below": the bound, where fewer are not told. */
void tc_desk_people(const struct tc_sitting *s, struct tc_jsonw *w, uint64_t people);

#endif

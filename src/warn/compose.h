/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of one incident about the assets of one organisation, made into the message that this
 * organisation is to get next, if any. Pure but for the question whose name may be told. This is
 * where a warning is cut to what its recipient may see: of findings, only those about its own
 * assets come in; of a supplier, the name goes out only when `name` gives one. */
#ifndef TC_WARN_COMPOSE_H
#define TC_WARN_COMPOSE_H

#include "warn/message.h"

/* Differences of time below this are not worth a message: "about 14:10". */
#define TC_WARN_TOLERANCE (5 * 60 * TC_SECOND)
/* The same for the expected end. */
#define TC_WARN_TOLERANCE_END (30 * 60 * TC_SECOND)

/* What the recipient was told last of one asset. */
struct tc_told_hit {
    struct tc_str asset, name;
    tc_time at, back;
    enum tc_hit_how how;
    struct tc_str service;
};

/* What the recipient was told last, and all messages that are to be referenced. */
struct tc_told {
    bool any; /* something was released, and it was not a cancel */
    const struct tc_told_hit *hits;
    size_t n_hits;
    enum tc_severity severity;
    tc_time expires;
    bool exercise;
    const struct tc_warn_reference *references;
    size_t n_references;
};

struct tc_compose {
    const struct tc_finding *findings; /* open ones, of one incident and one operator */
    size_t n_findings;
    tc_time now; /* when the newest of them was found: urgency is reckoned from here */
    bool exercise;
    struct tc_told told;
    struct tc_str recipient, recipient_name, country; /* of the organisation */
    struct tc_str sender, sender_name;
    /* The name of a supplier, only when the recipient may read that asset. */
    bool (*name)(void *arg, struct tc_str asset, struct tc_str *out);
    void *arg;
};

enum tc_compose_says { TC_COMPOSE_NOTHING, TC_COMPOSE_MESSAGE };

/* Fills *out but for id, versions, state and sent; in the arena. NOTHING: what was told still
 * holds. */
tc_err tc_compose(const struct tc_compose *c, struct tc_arena *a, struct tc_message *out,
                  enum tc_compose_says *says) TC_MUST_USE;

/* What a message tells, for the next one. */
tc_err tc_told_of(const struct tc_message *m, struct tc_arena *a, struct tc_told *out) TC_MUST_USE;

#endif

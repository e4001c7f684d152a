/* SPDX-License-Identifier: Apache-2.0 */
#include "http/post.h"

#include "http/internal.h"

static void durable(void *arg, tc_err result)
{
    tc_request_wake(arg, result);
}

static void drop(void *state)
{
    tc_intake_free(state);
}

/* The journal did not take it: nobody else will wake us. */
static tc_err not_taken(struct tc_request *r, tc_err e)
{
    tc_request_wake(r, e);
    return TC_OK;
}

tc_err tc_post_text(struct tc_request *r, uint32_t community, struct tc_str text,
                    tc_err (*then)(struct tc_request *r))
{
    struct tc_intake_from from = {
        .principal = r->who, .community = community, .unmarked = TC_TLP_AMBER};
    struct tc_intake_batch *b = NULL;
    tc_err e = tc_intake_prepare(r->node, &from, text, &b, &r->diag);
    if (e)
        return e;
    r->state = b;
    r->drop = drop;
    r->posted = b;
    size_t n = tc_intake_count(b), fit = 0;
    if (n == 0)
        return tc_request_fail(r, TC_E_INVALID, "there are no objects in the body");
    for (size_t i = 0; i < n; i++)
        fit += tc_intake_item(b, i)->state != TC_ITEM_SKIPPED;
    atomic_fetch_add_explicit(&r->http->counters.posted, fit, memory_order_relaxed);
    if (fit == 0)
        return then(r);
    tc_request_wait(r, then);
    e = tc_intake_submit(b, durable, r);
    return e ? not_taken(r, e) : TC_OK;
}

tc_err tc_post_body(struct tc_request *r, uint32_t community, tc_err (*then)(struct tc_request *r))
{
    return tc_post_text(r, community, tc_buf_view(&r->body), then);
}

tc_err tc_post_entries(struct tc_request *r, struct tc_entry_in *entries, size_t n,
                       tc_err (*then)(struct tc_request *r))
{
    tc_request_wait(r, then);
    tc_err e = tc_journal_submit(r->node->journal, entries, n, durable, r);
    return e ? not_taken(r, e) : TC_OK;
}

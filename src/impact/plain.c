/* SPDX-License-Identifier: Apache-2.0 */
/* Here `bad` of an asset is 1 from its failure on; before, `at` is when it will fail as far as is
 * known, with the group and the supplier that will be the reason. Whoever fails in one second
 * stands in the work list in the order of the long way: outages, then by number of the group that
 * is empty (groups are numbered by owner), then as one brings down the other. */
#include "impact/plain.h"

enum { AHEAD = 16 };

bool tc_plain_ever(const struct tc_graph *g)
{
    return !g->r && !tc_graph_needs_engine(g);
}

bool tc_plain_can(const struct tc_cascade *c, const struct tc_scenario *s)
{
    if (!c->plain || c->supply || c->tanks || c->opts.long_way)
        return false;
    for (size_t i = 0; i < s->n_outages; i++)
        if (s->outages[i].end != TC_NEVER)
            return false;
    return true;
}

void tc_plain_start(struct tc_cascade *c)
{
    for (uint32_t k = 0; k < c->g->m; k++) {
        const struct tc_group *g = &c->g->group[k];
        c->plain[k] = (struct tc_plain_group){.owner = g->owner,
                                              .buffer = g->buffer,
                                              .budget = g->budget,
                                              .left = (int32_t)g->budget};
    }
}

void tc_plain_clear(struct tc_cascade *c)
{
    const struct tc_graph *g = c->g;
    if (c->key_n > g->n / 8) {
        for (uint32_t k = 0; k < g->m; k++)
            c->plain[k].left = (int32_t)c->plain[k].budget;
        return;
    }
    for (size_t j = 0; j < c->key_n; j++) {
        uint32_t v = (uint32_t)c->keys[j];
        for (uint32_t i = g->out_first[v]; i < g->out_first[v + 1]; i++)
            c->plain[g->out[i]].left = (int32_t)c->plain[g->out[i]].budget;
    }
}

static void push(struct tc_cascade *c, uint32_t at, unsigned kind, uint32_t asset)
{
    tc_err e = tc_queue_push(&c->queue, tc_queue_key(at, kind, asset));
    if (e)
        c->err = e;
}

static void fail(struct tc_cascade *c, uint32_t v)
{
    struct arun *a = &c->asset[v];
    a->bad = 1;
    c->keys[c->key_n++] =
        (a->group == TC_NONE ? 0 : UINT64_C(1) << 63) | (uint64_t)c->now << 32 | v;
    c->work[c->work_tail++] = v; /* each asset once: no need for a ring */
}

/* Group k is lost, for want of `via` at last. */
static void lose(struct tc_cascade *c, uint32_t k, uint32_t via)
{
    uint32_t v = c->plain[k].owner, buffer = c->plain[k].buffer;
    struct arun *a = &c->asset[v];
    if (a->bad)
        return;
    if (c->opts.sample)
        buffer = tc_cascade_buffer(c, k);
    uint32_t at = c->now + buffer;
    if (at > c->opts.horizon || a->at < at || (a->at == at && a->group <= k))
        return;
    if (!a->touched) {
        a->touched = true;
        c->touched_a[c->touched_an++] = v;
    }
    bool waits = a->at == at; /* it stands in the queue for that second already */
    a->at = at;
    a->group = k;
    a->lost_at = c->now;
    a->via = via;
    if (buffer == 0)
        fail(c, v);
    else if (!waits)
        push(c, at, 1, v);
}

static void give(struct tc_cascade *c, uint32_t v)
{
    struct arun *a = &c->asset[v];
    if (!a->touched)
        c->touched_a[c->touched_an++] = v;
    *a = (struct arun){.at = c->now,
                       .until = TC_NEVER,
                       .group = TC_NONE,
                       .lost_at = c->now,
                       .via = TC_NONE,
                       .up_since = TC_NEVER,
                       .flags = TC_FAIL_GIVEN,
                       .touched = true};
    fail(c, v);
}

/* Asks for the memory of those that come next in the list, and of the edges of the next one. */
static void fetch_next(const struct tc_cascade *c, uint32_t at)
{
    const struct tc_graph *g = c->g;
    if (at + 8 < c->work_tail)
        __builtin_prefetch(&g->out_first[c->work[at + 8]]);
    if (at + 4 < c->work_tail)
        __builtin_prefetch(&g->out[g->out_first[c->work[at + 4]]]);
    for (uint32_t j = at; j <= at + 2 && j < c->work_tail; j += 2) {
        uint32_t v = c->work[j], i = g->out_first[v], end = g->out_first[v + 1];
        for (end = end - i < AHEAD ? end : i + AHEAD; i < end; i++)
            __builtin_prefetch(&c->plain[g->out[i]], 1);
    }
}

/* Groups that are lost, in order; looked at when the memory of their owners has had time to come,
 * which is half of what a run would wait for. */
struct lost_list {
    uint32_t group[AHEAD], via[AHEAD], n;
};

static void lose_all(struct tc_cascade *c, struct lost_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        lose(c, l->group[i], l->via[i]);
    l->n = 0;
}

static void cut(struct tc_cascade *c, uint32_t v, struct lost_list *l)
{
    const struct tc_graph *g = c->g;
    for (uint32_t i = g->out_first[v], end = g->out_first[v + 1]; i < end; i++) {
        struct tc_plain_group *s = &c->plain[g->out[i]];
        bool held = s->left >= 0;
        s->left -= g->out_loss ? (int32_t)g->out_loss[i] : 1;
        if (!held || s->left >= 0)
            continue;
        if (l->n == AHEAD)
            lose_all(c, l);
        __builtin_prefetch(&c->asset[s->owner], 1);
        l->group[l->n] = g->out[i];
        l->via[l->n++] = v;
    }
}

static void cut_all(struct tc_cascade *c)
{
    struct lost_list l = {.n = 0};
    do {
        for (; c->work_head < c->work_tail; c->work_head++) {
            fetch_next(c, c->work_head);
            cut(c, c->work[c->work_head], &l);
        }
        lose_all(c, &l);
    } while (c->work_head < c->work_tail);
}

static void this_second(struct tc_cascade *c)
{
    const uint64_t *keys = NULL;
    size_t n = 0;
    tc_err e = tc_queue_take(&c->queue, &keys, &n);
    if (e)
        c->err = e;
    for (size_t i = 0; i < n; i++) {
        uint32_t v = (uint32_t)keys[i];
        if (i + 8 < n)
            __builtin_prefetch(&c->asset[(uint32_t)keys[i + 8]]);
        if (c->asset[v].bad)
            continue; /* failed earlier by another group */
        if (keys[i] >> 32 & 1)
            fail(c, v);
        else
            give(c, v);
    }
    cut_all(c);
}

void tc_plain_run(struct tc_cascade *c, const struct tc_outage *outages, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (outages[i].start <= c->opts.horizon)
            push(c, outages[i].start, 0, outages[i].asset);
    c->now = 0;
    this_second(c);
    while (!c->err && tc_queue_next(&c->queue, &c->err)) {
        c->now = c->queue.now;
        this_second(c);
    }
}

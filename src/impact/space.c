/* SPDX-License-Identifier: Apache-2.0 */
/* The working space of a run: made once for a graph, and brought back to "everything is up" before
 * each run by walking over what the last one touched. */
#include "impact/plain.h"

#include <stdlib.h>

static void reset_group(struct tc_cascade *c, uint32_t k)
{
    const struct tc_group *g = &c->g->group[k];
    c->group[k] = (struct grun){.left = (int32_t)g->budget,
                                .since = TC_NEVER,
                                .due = TC_NEVER,
                                .back = TC_NEVER,
                                .via = TC_NONE,
                                .owner = g->owner,
                                .relay = g->relay};
}

static void reset_asset(struct tc_cascade *c, uint32_t v)
{
    c->asset[v] = (struct arun){.at = TC_NEVER, .until = TC_NEVER, .up_since = TC_NEVER};
}

/* What was touched; all of it in memory's order when that was much. */
void tc_cascade_clear(struct tc_cascade *c)
{
    const struct tc_graph *g = c->g;
    bool much = c->touched_gn > g->m / 8;
    for (uint32_t i = 0; i < (much ? g->m : c->touched_gn); i++)
        reset_group(c, much ? i : c->touched_g[i]);
    much = c->touched_an > g->n / 8;
    for (uint32_t i = 0; i < (much ? g->n : c->touched_an); i++)
        reset_asset(c, much ? i : c->touched_a[i]);
    for (uint32_t i = 0; i < c->touched_rn; i++) {
        uint32_t r = c->touched_r[i];
        c->relay[r] =
            (struct rrun){.rank = c->rank0[r], .on = true, .off_at = TC_NEVER, .on_at = TC_NEVER};
    }
    if (c->plain)
        tc_plain_clear(c);
    c->touched_gn = c->touched_an = c->touched_rn = 0;
    c->next_rank = g->r;
    c->dirty_n = 0;
    c->work_head = c->work_tail = 0;
    c->fail_n = c->key_n = 0;
    c->explained = false;
    c->err = TC_OK;
    tc_queue_clear(&c->queue);
}

/* The parts of the space that only some graphs and scenarios want. */
tc_err tc_cascade_begin_more(struct tc_cascade *c, const struct tc_scenario *s)
{
    const struct tc_graph_more *m = c->g->more;
    bool supply = (m && m->capacity) || s->n_capacities;
    bool tanks = (m && (m->recharge || m->calendar)) || s->n_stocks;
    c->supply = NULL;
    c->tanks = NULL;
    if (supply && !c->own_supply)
        c->own_supply = tc_supply_new(c->g);
    if (tanks && !c->own_tanks)
        c->own_tanks = tc_tanks_new(c->g);
    if ((supply && !c->own_supply) || (tanks && !c->own_tanks))
        return TC_E_NOMEM;
    if (c->own_supply) /* also when not wanted: it forgets the scenario before */
        tc_supply_begin(c->own_supply, s, c->opts.horizon);
    if (c->own_tanks && tc_tanks_begin(c->own_tanks, s))
        return TC_E_NOMEM;
    c->supply = supply ? c->own_supply : NULL;
    c->tanks = tanks ? c->own_tanks : NULL;
    return TC_OK;
}

static void *space(struct tc_cascade *c, size_t count, size_t item, bool *ok)
{
    void *p = calloc(count ? count : 1, item);
    *ok = *ok && p;
    c->bytes += count * item;
    return p;
}

static bool make_space(struct tc_cascade *c)
{
    const struct tc_graph *g = c->g;
    bool ok = true;
    c->work_cap = g->n + g->r + 1;
    c->group = space(c, g->m, sizeof *c->group, &ok);
    c->asset = space(c, g->n, sizeof *c->asset, &ok);
    if (tc_plain_ever(g))
        c->plain = space(c, g->m, sizeof *c->plain, &ok);
    c->keys = space(c, 2 * (size_t)g->n, sizeof *c->keys, &ok);
    c->work = space(c, c->work_cap, sizeof *c->work, &ok);
    c->touched_g = space(c, g->m, sizeof(uint32_t), &ok);
    c->touched_a = space(c, g->n, sizeof(uint32_t), &ok);
    c->relay = space(c, g->r, sizeof *c->relay, &ok);
    c->rank0 = space(c, g->r, sizeof *c->rank0, &ok);
    c->touched_r = space(c, g->r, sizeof(uint32_t), &ok);
    c->loop_dirty = space(c, g->loops, sizeof *c->loop_dirty, &ok);
    c->dirty = space(c, g->loops, sizeof *c->dirty, &ok);
    c->unfed0 = space(c, g->loops, sizeof *c->unfed0, &ok);
    c->floss = space(c, g->r ? g->m : 0, sizeof *c->floss, &ok);
    return ok;
}

/* The state before second 0, with everything up; finds the loops that no source feeds. */
static void set_start(struct tc_cascade *c)
{
    const struct tc_graph *g = c->g;
    for (uint32_t k = 0; k < g->m; k++)
        reset_group(c, k);
    for (uint32_t v = 0; v < g->n; v++)
        reset_asset(c, v);
    for (uint32_t r = 0; r < g->r; r++)
        c->relay[r] =
            (struct rrun){.rank = TC_NONE, .on = true, .off_at = TC_NEVER, .on_at = TC_NEVER};
    if (c->plain)
        tc_plain_start(c);
    for (uint32_t l = 0; l < g->loops; l++)
        if (tc_cascade_derive(c, l, c->work))
            c->unfed0[c->unfed0_n++] = l;
    for (uint32_t r = 0; r < g->r; r++) {
        c->relay[r].suspect = false;
        c->rank0[r] = c->relay[r].rank;
    }
}

/* What fails with no outage at all, so that nobody takes it for the consequence of one. */
static bool note_unsourced(struct tc_cascade *c)
{
    if (!c->unfed0_n && !(c->own_supply && c->own_supply->short0_n))
        return true;
    const struct tc_cascade_opts all = {.horizon = TC_CASCADE_MAX_TIME};
    bool ok = true;
    uint32_t *at = space(c, c->g->n, sizeof *at, &ok);
    if (!ok || tc_cascade_run(c, NULL, 0, &all, NULL)) {
        free(at);
        return false;
    }
    for (uint32_t v = 0; v < c->g->n; v++)
        at[v] = c->asset[v].at;
    c->unsourced = at;
    return true;
}

TC_API struct tc_cascade *tc_cascade_new(const struct tc_graph *g)
{
    struct tc_cascade *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->g = g;
    tc_queue_init(&c->queue);
    if (!make_space(c)) {
        tc_cascade_free(c);
        return NULL;
    }
    set_start(c);
    c->next_rank = g->r;
    if (g->more && g->more->capacity && !(c->own_supply = tc_supply_new(g))) {
        tc_cascade_free(c);
        return NULL;
    }
    if (!note_unsourced(c)) {
        tc_cascade_free(c);
        return NULL;
    }
    return c;
}

TC_API void tc_cascade_free(struct tc_cascade *c)
{
    if (!c)
        return;
    void *arrays[] = {c->group, c->plain, c->asset,     c->relay,     c->rank0,     c->loop_dirty,
                      c->dirty, c->work,  c->touched_g, c->touched_a, c->touched_r, c->unfed0,
                      c->floss, c->fail,  c->keys,      c->parent,    c->depth,     c->unsourced};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    tc_supply_free(c->own_supply);
    tc_tanks_free(c->own_tanks);
    tc_queue_fini(&c->queue);
    free(c);
}

size_t tc_cascade_bytes(const struct tc_cascade *c)
{
    return c->bytes + (c->own_supply ? c->own_supply->bytes : 0) +
           (c->own_tanks ? c->own_tanks->bytes : 0);
}

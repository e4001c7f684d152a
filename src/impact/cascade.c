/* SPDX-License-Identifier: Apache-2.0 */
/* # The meaning
 *
 * Time runs in whole seconds. Before second 0 everything is up. An asset is *down* while one of its
 * outages lasts or one of its groups is empty or restoring; otherwise it is up. A group *holds*
 * while what its missing suppliers carry stays within its loss budget (graph.h). Its life:
 *
 *            stops holding (lost)             lost for `buffer` seconds (empty_group)
 *      HOLDS ------------------> DRAINING ----------------------------> EMPTY   owner down
 *        ^  <------------------                                        |    ^
 *        |    holds again                                  holds again |    | lost
 *        |    (gained)                                         (gained)v    |
 *        +--------------------------------------------------------- RESTORING  owner down
 *                    held for `restore` seconds (restored)
 *
 *  1. DRAINING -> EMPTY at second t when the group did not hold in any second of [t-buffer, t].
 *     With no buffer that is the second of the loss itself.
 *  2. RESTORING -> HOLDS at t when it held in every second of [t-restore, t].
 *  3. The stock is full again as soon as a draining group holds again, or restoring is done;
 *     "Stocks" below says what it is where the register says more.
 *  4. Groups run their clocks whether their owner is up or down. An outage that ends needs no
 *     restore of its own: its end is the moment when the asset is back, groups permitting.
 *
 * ## Who counts as a supplier
 *
 * *Support* services: a supplier counts while it is up. Two sites that support each other and both
 * run keep each other up; once both are down they do not raise each other (a black-start deadlock,
 * reported).
 *
 * *Flow* services are grounded: what flows must come from somewhere. Inside a loop - a set of
 * assets that can feed each other round with this one service - a supplier counts only while it is
 * *fed*: up, with all its groups for the service holding, along a chain that starts at a source (an
 * asset with no group for the service) or at a supplier outside the loop. Across the edge of a
 * loop, and where there is no loop, a supplier counts while it is up: one that lives on its stock
 * still delivers (a water tower), so along a chain buffers add up. Within a loop that has lost its
 * last feed, all stocks are opened at the same moment, and none of them feeds a neighbour: nobody
 * can say in which order they would be used, and the earliest failure is the one to warn of.
 *
 *      plant P       P --> A <==> B --> T      P fails at 0; A has 2 h of stock, B and T none.
 *                                              A and B are a loop: both unfed at 0.
 *      0 h    A draining, B down, T down       (B hangs on A and A is not fed)
 *      2 h    A down
 *
 *      without the line back from B to A there is no loop:
 *      0 h    A draining, delivers;  2 h  A, B, T down
 *
 * "Fed" is a least fixed point and "up" keeps what was: both are monotone in what is up, so the
 * state after each second is unique. At one second, what returns is reckoned first, to the end
 * (outages that end, restores that are done, and all that holds again thereby); then what is lost,
 * to the end (outages that start, buffers that are empty, and all that fails thereby). A group that
 * only seemed to hold between the two halves of one second is treated as if it never had (rule 1).
 *
 * A loop in which no source stands at all is down from second 0 on (after its buffers): it would
 * have been up only by lifting itself, and it is better said than kept.
 *
 * ## Stocks
 *
 * A stock with a recharge time R is a tank. While its group is lost it drains, a second of the
 * buffer B a second, at 100 % use; a calendar says what the use is at what hour of the week. While
 * the group holds it fills, B / R a second. Empty means a level of 0 (rule 1 in general); it starts
 * full unless the scenario says otherwise. A group that is lost while it restores has nothing left.
 *
 *      B = 8 h, R = 16 h     out 0..6 h    holds 6..12 h      out from 12 h on
 *      level                 8 -> 2 h      2 -> 5 h           5 -> 0 h: down at 17 h
 *
 * ## Capacity
 *
 * A supplier can carry so much, as the register says or as was measured; who draws from it claims
 * its demand d. A group that can spare none of its suppliers claims d of each, always. In any other
 * group the suppliers that serve it carry what the missing ones would: each d * T / P, rounded up,
 * where T is all demands of the group and P those of the suppliers that serve it. Who is not served
 * keeps claiming (what it would get if it were), whether it is up or down: cold load comes back.
 *
 * A calendar multiplies the claims of a group, as it does the use of its stock; when its hour
 * turns, who draws less is reckoned with the returns and who draws more with the losses of that
 * second. (Beyond the horizon of a run the hour no longer turns.)
 *
 * A supplier goes through its claims in order of priority, then of the owner's id, and serves until
 * one does not fit; that one and all behind it are *shed*: they have lost this supplier, and their
 * groups turn to the others, which may run short in their turn.
 *
 *      L1 [2] --1--> A    A and B draw 1 from each line and need one of them.
 *         \---1--> B     L1 fails: A and B claim 1 * 2 / 1 = 2 of L2, A is served, B is shed.
 *      L2 [2] --1--> A
 *         \---1--> B
 *
 * This too is monotone: what is missing only makes claims larger, and larger claims only shed more
 * (the first that does not fit ends it; nobody is served out of turn). So the losses of one second
 * have a least fixed point, and its returns a greatest one below the second before; chance and
 * order have no part in either. A supplier that is back serves nobody until its claims have been
 * looked at.
 *
 * # How
 *
 * Events lie in a queue ordered by time, kind (returns first), number. What has no delay does not
 * go through the queue but through a list of assets whose edges are to be cut (or mended):
 *
 *      outage / empty group --> block_asset --> work list --> cut_edges --> lost --> (buffer 0?) -+
 *                                    ^                                                            |
 *                                    +------------------------------------------------------------+
 *
 * For loops each member has a relay (graph.h), a node beside the asset: on while the member is fed.
 * Cutting counts losses, and counting alone cannot see that a ring feeds itself. So each relay has
 * a *rank*: it was derived from suppliers outside and relays of lower rank. When a relay's group
 * loses a supplier and the rest of lower rank would still do, the relay is surely fed (that is all
 * most outages of a meshed grid cost). Otherwise its loop is derived again from nothing
 * (tc_cascade_derive), and the relays that are not reached go off. Mending needs no such care: what
 * is added to a grounded state step by step is grounded.
 *
 * Capacities and tanks have spaces of their own (supply.c, stock.c), made for a graph that has them
 * or with the first scenario that wants them; without them a run does not know that they exist.
 *
 * Whoever toggles more than opts.toggles times is left down and reported as oscillating (a pulse
 * that runs round a ring of restores and buffers never ends by itself). */
#include "impact/cascade.h"

#include "impact/cascade_int.h"

#include "base/limits.h"
#include "impact/plain.h"
#include "impact/sort.h"

#include <assert.h>
#include <stdlib.h>

enum event { EV_OUTAGE_ENDS, EV_RESTORED, EV_OUTAGE_STARTS, EV_EMPTY };

/* ---- draws and stocks ---- */

static uint64_t mix(uint64_t x) /* the finaliser of SplitMix64 (Steele, Lea, Flood, 2014) */
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t luck(const struct tc_cascade *c, uint32_t group, uint64_t which)
{
    uint64_t u = mix(c->opts.seed + UINT64_C(0x9e3779b97f4a7c15) * (c->opts.run + UINT64_C(1)));
    return mix(u + UINT64_C(0x9e3779b97f4a7c15) * (2 * (uint64_t)group + which + 1));
}

static struct tc_spread_of draw_of(const struct tc_graph *g, uint32_t k)
{
    return g->more && g->more->draw ? g->more->draw[k] : (struct tc_spread_of){0, 0, 0, 0};
}

uint32_t tc_cascade_buffer(const struct tc_cascade *c, uint32_t k)
{
    uint32_t lo = c->g->group[k].buffer;
    if (!c->opts.sample || !c->g->times || c->g->times[k].buffer_hi == lo)
        return lo;
    struct tc_spread_of d = draw_of(c->g, k);
    return tc_draw_take((enum tc_draw)d.buffer, lo, d.buffer_likely, c->g->times[k].buffer_hi,
                        luck(c, k, 0));
}

static uint32_t buffer_of(const struct tc_cascade *c, uint32_t k)
{
    uint32_t buffer = tc_cascade_buffer(c, k);
    return c->tanks ? tc_tanks_buffer(c->tanks, k, buffer) : buffer;
}

static uint32_t restore_of(const struct tc_cascade *c, uint32_t k)
{
    if (!c->g->times)
        return 0;
    const struct tc_times *t = &c->g->times[k];
    if (!c->opts.sample || t->restore_lo == t->restore_hi)
        return t->restore_hi;
    struct tc_spread_of d = draw_of(c->g, k);
    return tc_draw_take((enum tc_draw)d.restore, t->restore_lo, d.restore_likely, t->restore_hi,
                        luck(c, k, 1));
}

/* ---- small steps ---- */

static void schedule(struct tc_cascade *c, uint32_t at, enum event kind, uint32_t number)
{
    tc_err e =
        at > TC_CASCADE_MAX_TIME ? TC_OK : tc_queue_push(&c->queue, tc_queue_key(at, kind, number));
    if (e)
        c->err = e;
}

/* The list is a ring: at most every asset and relay waits in it once. */
static void enqueue(struct tc_cascade *c, uint32_t node)
{
    c->work[c->work_tail] = node;
    c->work_tail = c->work_tail + 1 == c->work_cap ? 0 : c->work_tail + 1;
    assert(c->work_tail != c->work_head);
}

static bool dequeue(struct tc_cascade *c, uint32_t *node)
{
    if (c->work_head == c->work_tail)
        return false;
    *node = c->work[c->work_head];
    c->work_head = c->work_head + 1 == c->work_cap ? 0 : c->work_head + 1;
    return true;
}

static struct grun *touch_group(struct tc_cascade *c, uint32_t k)
{
    struct grun *s = &c->group[k];
    if (!s->touched) {
        s->touched = true;
        c->touched_g[c->touched_gn++] = k;
    }
    return s;
}

static struct arun *touch_asset(struct tc_cascade *c, uint32_t v)
{
    struct arun *a = &c->asset[v];
    if (!a->touched) {
        a->touched = true;
        c->touched_a[c->touched_an++] = v;
    }
    return a;
}

static struct rrun *touch_relay(struct tc_cascade *c, uint32_t r)
{
    struct rrun *x = &c->relay[r];
    if (!x->touched) {
        x->touched = true;
        c->touched_r[c->touched_rn++] = r;
    }
    return x;
}

/* ---- what is lost ---- */

static void switch_off(struct tc_cascade *c, uint32_t r)
{
    struct rrun *x = touch_relay(c, r);
    if (!x->on)
        return;
    x->on = false;
    if (x->off_at == TC_NEVER)
        x->off_at = c->now;
    enqueue(c, c->g->n + r);
}

static void block_relay(struct tc_cascade *c, uint32_t r)
{
    touch_relay(c, r)->block++;
    switch_off(c, r);
}

/* One more reason for v to be down; group is TC_NONE for an outage. */
static void block_asset(struct tc_cascade *c, uint32_t v, uint32_t group)
{
    struct arun *a = touch_asset(c, v);
    if (a->bad++)
        return;
    if (a->up_since == c->now && a->ups) {
        /* It came back in this very second: as if it never had. */
        a->ups--;
        if (a->until == c->now)
            a->until = TC_NEVER;
    }
    if (a->at == TC_NEVER) {
        a->at = c->now;
        a->group = group;
        a->flags = group == TC_NONE ? TC_FAIL_GIVEN : 0;
        a->lost_at = group == TC_NONE ? c->now : c->group[group].since;
        a->via = group == TC_NONE ? TC_NONE : c->group[group].via;
        c->keys[c->key_n++] =
            (group == TC_NONE ? 0 : UINT64_C(1) << 63) | (uint64_t)c->now << 32 | v;
    }
    __builtin_prefetch(&c->g->out_first[v]);
    enqueue(c, v);
    if (c->g->r)
        for (uint32_t r = c->g->relay_first[v]; r < c->g->relay_first[v + 1]; r++)
            block_relay(c, r);
}

static void empty_group(struct tc_cascade *c, uint32_t k)
{
    c->group[k].state = G_EMPTY;
    block_asset(c, c->group[k].owner, k);
}

/* It held again for a moment between the two halves of this second: as if it never had. */
static void lost_after_all(struct tc_cascade *c, uint32_t k)
{
    struct grun *s = &c->group[k];
    uint8_t now = s->state;
    s->back = TC_NEVER;
    if (c->tanks)
        tc_tanks_undone(c->tanks, k, s->prev == G_DRAINING);
    if (s->prev == G_DRAINING) {
        s->state = G_DRAINING;
        if (s->due <= c->now)
            empty_group(c, k);
    } else if (now == G_HOLDS) {
        empty_group(c, k);
    } else {
        s->state = G_EMPTY; /* from RESTORING: the owner is down already */
    }
}

static void lost(struct tc_cascade *c, uint32_t k, uint32_t via)
{
    struct grun *s = &c->group[k];
    if (s->relay != TC_NONE)
        block_relay(c, s->relay);
    if (s->back == c->now) {
        lost_after_all(c, k);
    } else if (s->state == G_RESTORING) {
        s->state = G_EMPTY;
        if (c->tanks)
            tc_tanks_undone(c->tanks, k, false);
    } else {
        uint32_t buffer = buffer_of(c, k);
        s->via = via;
        s->since = c->now;
        s->due = c->tanks ? tc_tanks_lost(c->tanks, k, buffer, c->now) : c->now + buffer;
        s->state = G_DRAINING;
        if (s->due == c->now)
            empty_group(c, k);
        else
            schedule(c, s->due, EV_EMPTY, k);
    }
}

/* Cannot be carried any more, which is counted in left already. */
static bool is_shed(const struct tc_cascade *c, uint32_t edge)
{
    return c->supply && c->supply->edges[edge].shed;
}

/* Group k of a loop still holds by count. Is its relay surely fed? The suppliers that carry it must
 * stand outside or have a lower rank. If not, the loop is to be derived again. */
static void doubt(struct tc_cascade *c, uint32_t k, const struct grun *s)
{
    const struct tc_graph *g = c->g;
    const struct rrun *own = &c->relay[s->relay];
    if (!own->on || c->loop_dirty[g->relay_loop[s->relay]])
        return;
    int64_t left = s->left;
    for (uint32_t i = g->in_first[k]; i < g->in_first[k + 1] && left >= 0; i++) {
        uint32_t r = g->supplier_relay[i];
        if (r != TC_NONE && c->relay[r].on && c->relay[r].rank >= own->rank && !is_shed(c, i))
            left -= g->loss ? g->loss[i] : 1;
    }
    if (left < 0) {
        c->loop_dirty[g->relay_loop[s->relay]] = true;
        c->dirty[c->dirty_n++] = g->relay_loop[s->relay];
    }
}

static void cut_edges(struct tc_cascade *c, uint32_t node)
{
    const struct tc_graph *g = c->g;
    bool asset = node < g->n;
    uint32_t x = asset ? node : node - g->n;
    const uint32_t *first = asset ? g->out_first : g->relay_out_first;
    const uint32_t *out = asset ? g->out : g->relay_out;
    const uint32_t *loss = asset ? g->out_loss : g->relay_out_loss;
    uint32_t via = asset ? x : g->relay_owner[x], end = first[x + 1];
    for (uint32_t i = first[x]; i < end && i < first[x] + 8; i++)
        __builtin_prefetch(&c->group[out[i]], 1);
    for (uint32_t i = first[x]; i < end; i++) {
        if (i + 8 < end)
            __builtin_prefetch(&c->group[out[i + 8]], 1);
        struct grun *s = touch_group(c, out[i]);
        bool held = s->left >= 0;
        s->left -= loss ? (int32_t)loss[i] : 1;
        if (held && s->left < 0)
            lost(c, out[i], via);
        else if (held && s->relay != TC_NONE)
            doubt(c, out[i], s);
    }
}

void tc_cascade_lose(struct tc_cascade *c, uint32_t group, uint32_t loss, uint32_t via)
{
    struct grun *s = touch_group(c, group);
    bool held = s->left >= 0;
    s->left -= (int32_t)loss;
    if (held && s->left < 0)
        lost(c, group, via);
    else if (held && s->relay != TC_NONE)
        doubt(c, group, s);
}

/* ---- deriving a loop from nothing ---- */

/* What edge i of the list relay_out carries, unless that is counted as missing already. */
static uint32_t carried(const struct tc_cascade *c, uint32_t i)
{
    if (c->supply && is_shed(c, c->supply->relay_edge[i]))
        return 0;
    return c->g->relay_out_loss ? c->g->relay_out_loss[i] : 1;
}

/* A relay is derived when each of its groups for the service would hold with the derived alone. */
static bool derivable(const struct tc_cascade *c, uint32_t r)
{
    const struct tc_graph *g = c->g;
    uint32_t v = g->relay_owner[r];
    for (uint32_t k = g->group_first[v]; k < g->group_first[v + 1]; k++)
        if (g->group[k].relay == r && c->floss[k] < 0)
            return false;
    return true;
}

static void derive(struct tc_cascade *c, uint32_t r, uint32_t *list, uint32_t *n)
{
    c->relay[r].rank = c->next_rank++;
    c->relay[r].suspect = false;
    list[(*n)++] = r;
}

uint32_t tc_cascade_derive(struct tc_cascade *c, uint32_t loop, uint32_t *list)
{
    const struct tc_graph *g = c->g;
    uint32_t first = g->loop_first[loop], end = g->loop_first[loop + 1], on = 0, n = 0;
    for (uint32_t j = first; j < end; j++) {
        uint32_t r = g->loop_relay[j], v = g->relay_owner[r];
        c->relay[r].suspect = c->relay[r].on;
        on += c->relay[r].on;
        for (uint32_t k = g->group_first[v]; k < g->group_first[v + 1]; k++)
            if (g->group[k].relay == r)
                c->floss[k] = c->group[k].left;
    }
    for (uint32_t j = first; j < end; j++) {
        uint32_t r = g->loop_relay[j];
        if (!c->relay[r].on)
            continue; /* what it carries is counted in left already */
        for (uint32_t i = g->relay_out_first[r]; i < g->relay_out_first[r + 1]; i++)
            c->floss[g->relay_out[i]] -= carried(c, i);
    }
    for (uint32_t j = first; j < end; j++) {
        uint32_t r = g->loop_relay[j];
        if (c->relay[r].suspect && derivable(c, r))
            derive(c, r, list, &n);
    }
    for (uint32_t at = 0; at < n; at++) {
        uint32_t r = list[at];
        for (uint32_t i = g->relay_out_first[r]; i < g->relay_out_first[r + 1]; i++) {
            uint32_t k = g->relay_out[i], to = g->group[k].relay;
            bool short_of = c->floss[k] < 0;
            c->floss[k] += carried(c, i);
            if (short_of && c->floss[k] >= 0 && c->relay[to].suspect && derivable(c, to))
                derive(c, to, list, &n);
        }
    }
    return on - n;
}

static void look_again(struct tc_cascade *c, uint32_t loop)
{
    const struct tc_graph *g = c->g;
    uint32_t *list = c->work; /* empty now, and longer than any loop */
    assert(c->work_head == c->work_tail);
    uint32_t suspects = tc_cascade_derive(c, loop, list);
    c->work_head = c->work_tail = 0;
    for (uint32_t j = g->loop_first[loop]; j < g->loop_first[loop + 1]; j++) {
        uint32_t r = g->loop_relay[j];
        (void)touch_relay(c, r); /* its rank has changed */
        if (suspects && c->relay[r].suspect) {
            c->relay[r].phantom = c->relay[r].phantom || c->relay[r].off_at == TC_NEVER;
            switch_off(c, r);
        }
    }
}

static void settle_losses(struct tc_cascade *c)
{
    uint32_t node;
    for (;;) {
        while (dequeue(c, &node)) {
            if (c->supply)
                tc_supply_cut(c, node);
            else
                cut_edges(c, node);
        }
        if (c->supply && c->supply->list_n) {
            tc_supply_settle(c, false);
            continue;
        }
        if (!c->dirty_n)
            return;
        uint32_t loop = c->dirty[--c->dirty_n];
        c->loop_dirty[loop] = false;
        look_again(c, loop);
    }
}

/* ---- what returns ---- */

static void unblock_relay(struct tc_cascade *c, uint32_t r)
{
    struct rrun *x = touch_relay(c, r);
    assert(x->block > 0);
    if (--x->block || x->on)
        return;
    x->on = true;
    x->rank = c->next_rank++;
    if (x->on_at == TC_NEVER)
        x->on_at = c->now;
    enqueue(c, c->g->n + r);
}

static void unblock_asset(struct tc_cascade *c, uint32_t v)
{
    struct arun *a = &c->asset[v];
    assert(a->touched && a->bad > 0);
    if (a->bad == 1 && a->ups >= c->opts.toggles) {
        a->flags |= TC_FAIL_OSCILLATES;
        return; /* bad stays 1 for ever */
    }
    if (--a->bad)
        return;
    a->ups++;
    a->up_since = c->now;
    if (a->until == TC_NEVER)
        a->until = c->now;
    enqueue(c, v);
    if (c->g->r)
        for (uint32_t r = c->g->relay_first[v]; r < c->g->relay_first[v + 1]; r++)
            unblock_relay(c, r);
}

static void holds(struct tc_cascade *c, uint32_t k)
{
    struct grun *s = &c->group[k];
    s->prev = s->state;
    s->back = c->now;
    s->state = G_HOLDS;
    if (s->prev != G_DRAINING)
        unblock_asset(c, s->owner);
}

static void gained(struct tc_cascade *c, uint32_t k)
{
    struct grun *s = &c->group[k];
    if (s->relay != TC_NONE)
        unblock_relay(c, s->relay);
    if (c->tanks)
        tc_tanks_gained(c->tanks, k, buffer_of(c, k), c->now, s->state == G_DRAINING);
    uint32_t restore = s->state == G_EMPTY ? restore_of(c, k) : 0;
    if (restore == 0) {
        holds(c, k);
    } else {
        s->prev = G_EMPTY;
        s->back = c->now;
        s->due = c->now + restore;
        s->state = G_RESTORING;
        schedule(c, s->due, EV_RESTORED, k);
    }
}

static void mend_edges(struct tc_cascade *c, uint32_t node)
{
    const struct tc_graph *g = c->g;
    bool asset = node < g->n;
    uint32_t x = asset ? node : node - g->n;
    const uint32_t *first = asset ? g->out_first : g->relay_out_first;
    const uint32_t *out = asset ? g->out : g->relay_out;
    const uint32_t *loss = asset ? g->out_loss : g->relay_out_loss;
    for (uint32_t i = first[x]; i < first[x + 1]; i++) {
        struct grun *s = &c->group[out[i]];
        bool held = s->left >= 0;
        s->left += loss ? (int32_t)loss[i] : 1;
        if (!held && s->left >= 0)
            gained(c, out[i]);
    }
}

void tc_cascade_gain(struct tc_cascade *c, uint32_t group, uint32_t loss)
{
    struct grun *s = touch_group(c, group);
    bool held = s->left >= 0;
    s->left += (int32_t)loss;
    if (!held && s->left >= 0)
        gained(c, group);
}

static void settle_returns(struct tc_cascade *c)
{
    uint32_t node;
    for (;;) {
        while (dequeue(c, &node)) {
            if (c->supply)
                tc_supply_mend(c, node);
            else
                mend_edges(c, node);
        }
        if (!c->supply || !c->supply->list_n)
            return;
        tc_supply_settle(c, true);
    }
}

/* ---- the run ---- */

#define TICK UINT32_MAX /* in place of a number: the hour of the calendars changes */

static void schedule_tick(struct tc_cascade *c)
{
    uint32_t t = tc_supply_tick(c->supply, c->now);
    schedule(c, t, EV_OUTAGE_ENDS, TICK);
    schedule(c, t, EV_OUTAGE_STARTS, TICK);
}

static void event(struct tc_cascade *c, enum event kind, uint32_t number)
{
    if (number == TICK) {
        tc_supply_hour(c->supply);
        if (kind == EV_OUTAGE_STARTS)
            schedule_tick(c);
        return;
    }
    if (number >= TC_MAX_EDGES) { /* a capacity of the scenario */
        tc_supply_measure(c, c->supply->scenario->capacities[number - TC_MAX_EDGES].asset,
                          kind == EV_OUTAGE_STARTS);
        return;
    }
    const struct grun *s = &c->group[number];
    switch (kind) {
    case EV_OUTAGE_ENDS:
        unblock_asset(c, number);
        break;
    case EV_RESTORED:
        if (s->state == G_RESTORING && s->due == c->now)
            holds(c, number);
        break;
    case EV_OUTAGE_STARTS:
        block_asset(c, number, TC_NONE);
        break;
    case EV_EMPTY:
        if (s->state == G_DRAINING && s->due == c->now)
            empty_group(c, number);
        break;
    }
}

static void settle_second(struct tc_cascade *c)
{
    const uint64_t *keys = NULL;
    size_t n = 0, i = 0;
    tc_err e = tc_queue_take(&c->queue, &keys, &n);
    if (e)
        c->err = e;
    for (; i < n && (keys[i] >> 32 & 3) <= EV_RESTORED; i++)
        event(c, (enum event)(keys[i] >> 32 & 3), (uint32_t)keys[i]);
    settle_returns(c);
    if (c->supply && c->now == 0)
        tc_supply_short(c->supply);
    for (; i < n; i++)
        event(c, (enum event)(keys[i] >> 32 & 3), (uint32_t)keys[i]);
    settle_losses(c);
}

/* Failed for want of a supplier that stood? */
static uint32_t why_of(const struct tc_cascade *c, const struct tc_failure *f)
{
    const struct tc_graph *g = c->g;
    if (f->group == TC_NONE || f->via == TC_NONE)
        return 0;
    const struct arun *s = &c->asset[f->via];
    uint32_t i = tc_supply_edge_of(g, f->group, f->via);
    uint32_t r = g->r ? g->supplier_relay[i] : TC_NONE;
    if (r != TC_NONE && c->relay[r].phantom && c->relay[r].off_at == f->lost_at)
        return TC_FAIL_PHANTOM; /* that it fails too, perhaps in the same second, comes of it */
    bool stands = f->lost_at < s->at || s->until <= f->lost_at;
    return stands && tc_supply_shed_at(c->supply, i, f->lost_at) ? TC_FAIL_SHED : 0;
}

/* Puts the failures in order: given outages, time, id. Those after the horizon stay out. */
static tc_err collect(struct tc_cascade *c)
{
    const struct tc_graph *g = c->g;
    size_t n = 0;
    for (size_t i = 0; i < c->key_n; i++)
        if ((c->keys[i] << 1 >> 33) <= c->opts.horizon)
            c->keys[n++] = c->keys[i];
    if (n > c->fail_cap) {
        free(c->fail);
        c->fail_cap = 0;
        c->fail = calloc(n, sizeof *c->fail);
        if (!c->fail)
            return TC_E_NOMEM;
        c->fail_cap = n;
    }
    tc_sort_u64(c->keys, c->keys + c->g->n, n);
    for (size_t j = 0; j < n; j++) {
        uint32_t v = (uint32_t)c->keys[j];
        if (j + 16 < n)
            __builtin_prefetch(&c->asset[(uint32_t)c->keys[j + 16]]);
        const struct arun *a = &c->asset[v];
        c->fail[j] = (struct tc_failure){.asset = v,
                                         .at = a->at,
                                         .until = a->until,
                                         .group = a->group,
                                         .lost_at = a->lost_at,
                                         .via = a->via,
                                         .flags = a->flags};
        if (c->unsourced && c->unsourced[v] == a->at && !(a->flags & TC_FAIL_GIVEN))
            c->fail[j].flags |= TC_FAIL_UNSOURCED;
        if (c->supply || g->r)
            c->fail[j].flags |= why_of(c, &c->fail[j]);
    }
    c->fail_n = n;
    return TC_OK;
}

/* Puts what the scenario says into the queue; true when some of it ends. */
static bool schedule_all(struct tc_cascade *c, const struct tc_scenario *s)
{
    bool ends = false;
    for (size_t i = 0; i < s->n_outages; i++) {
        const struct tc_outage *o = &s->outages[i];
        schedule(c, o->start, EV_OUTAGE_STARTS, o->asset);
        if (o->end != TC_NEVER)
            schedule(c, o->end, EV_OUTAGE_ENDS, o->asset);
        ends = ends || o->end != TC_NEVER;
    }
    for (size_t i = 0; i < s->n_capacities; i++) {
        const struct tc_capacity *o = &s->capacities[i];
        uint32_t number = TC_MAX_EDGES + (uint32_t)i;
        schedule(c, o->start, EV_OUTAGE_STARTS, number);
        if (o->end != TC_NEVER)
            schedule(c, o->end, EV_OUTAGE_ENDS, number);
        ends = ends || o->end != TC_NEVER;
    }
    return ends;
}

/* Every event up to the horizon; when something ends, up to the last: who never comes back is known
 * only then. */
static bool run_events(struct tc_cascade *c, const struct tc_scenario *s)
{
    bool ends = schedule_all(c, s);
    uint32_t last = ends ? TC_CASCADE_MAX_TIME : c->opts.horizon;
    for (uint32_t i = 0; i < c->unfed0_n; i++) {
        c->loop_dirty[c->unfed0[i]] = true;
        c->dirty[c->dirty_n++] = c->unfed0[i];
    }
    c->now = 0;
    if (c->supply)
        schedule_tick(c);
    settle_second(c);
    while (!c->err && tc_queue_next(&c->queue, &c->err) && c->queue.now <= last) {
        c->now = c->queue.now;
        settle_second(c);
    }
    return ends;
}

tc_err tc_cascade_scenario(struct tc_cascade *c, const struct tc_scenario *s,
                           const struct tc_cascade_opts *opts, struct tc_diag *diag)
{
    tc_err e = opts->horizon > TC_CASCADE_MAX_TIME
                   ? tc_diag_set(diag, TC_E_LIMIT, "the horizon is longer than ten years")
                   : tc_scenario_check(s, c->g, diag);
    if (e)
        return e;
    tc_cascade_clear(c);
    c->opts = *opts;
    if (!c->opts.toggles)
        c->opts.toggles = TC_CASCADE_TOGGLES;
    c->err = tc_cascade_begin_more(c, s);
    bool ends = false;
    if (!c->err && tc_plain_can(c, s))
        tc_plain_run(c, s->outages, s->n_outages);
    else if (!c->err)
        ends = run_events(c, s);
    e = c->err;
    if (!e && ends)
        e = tc_explain_deadlocks(c);
    if (!e)
        e = collect(c);
    return e ? tc_diag_set(diag, e, "no memory for the cascade") : TC_OK;
}

tc_err tc_cascade_run(struct tc_cascade *c, const struct tc_outage *outages, size_t n,
                      const struct tc_cascade_opts *opts, struct tc_diag *diag)
{
    const struct tc_scenario s = {.outages = outages, .n_outages = n, .start = TC_TIME_NONE};
    return tc_cascade_scenario(c, &s, opts, diag);
}

const struct tc_failure *tc_cascade_failures(const struct tc_cascade *c, size_t *n)
{
    *n = c->fail_n;
    return c->fail;
}

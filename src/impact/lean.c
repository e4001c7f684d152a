/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/lean.h"

#include "impact/order.h"
#include "impact/tally.h"

#include <pthread.h>
#include <stdlib.h>

enum { AHEAD = 24, MOST_PIECES = 8, WORTH_IT = 1000 };

/* ---- the base ---- */

/* Member States are numbered by the order of their first asset, so a set of them is a word. */
static void number_states(struct tc_lean *l)
{
    struct tc_str known[64];
    int n = 0;
    for (uint32_t p = 0; p < l->n; p++) {
        struct tc_str code = tc_graph_country(l->g, l->order[p]);
        l->state[p] = -1;
        if (!tc_country_is_member(code))
            continue;
        if (tc_str_is(code, "EL"))
            code = TC_STR("GR");
        int i = 0;
        while (i < n && !tc_str_eq(known[i], code))
            i++;
        if (i == n)
            known[n++] = code; /* at most 27 */
        l->state[p] = (int8_t)i;
    }
    if (!n) {
        free(l->state);
        l->state = NULL;
    }
}

/* What an edge wants to know of its group, in one place: there are many more edges than groups. */
struct known {
    uint32_t number, owner, budget, buffer; /* number and owner: here */
};

/* The work of one thread: places from .. end-1, whose groups and edges begin at group and edge. */
struct piece {
    struct tc_lean *l;
    struct known *known;
    uint32_t from, end, group, edge;
    bool people;
};

static void *place_groups(void *arg)
{
    const struct piece *w = arg;
    const struct tc_lean *l = w->l;
    uint32_t at = w->group;
    for (uint32_t p = w->from; p < w->end; p++) {
        uint32_t v = l->order[p];
        for (uint32_t k = l->g->group_first[v]; k < l->g->group_first[v + 1]; k++, at++) {
            const struct tc_group *from = &l->g->group[k];
            uint32_t budget = from->relay == TC_NONE ? from->budget : TC_LEAN_LOOP;
            w->known[k] = (struct known){at, p, budget, from->buffer};
            l->group[at] = (struct tc_lean_group){.owner = p, .budget = budget};
        }
    }
    return NULL;
}

static void *place_edges(void *arg)
{
    struct piece *w = arg;
    const struct tc_lean *l = w->l;
    const struct tc_graph *g = l->g;
    uint32_t at = w->edge, last = g->out_first[g->n];
    for (uint32_t p = w->from; p < w->end; p++) {
        uint32_t v = l->order[p];
        l->asset[p] = (struct tc_lean_asset){.out = at, .people = (uint32_t)g->people[v]};
        w->people = w->people || g->people[v];
        for (uint32_t i = g->out_first[v]; i < g->out_first[v + 1]; i++, at++) {
            if (i + AHEAD < last)
                __builtin_prefetch(&w->known[g->out[i + AHEAD]]);
            const struct known *k = &w->known[g->out[i]];
            uint32_t loss = g->out_loss ? g->out_loss[i] : 1;
            bool alone = k->budget != TC_LEAN_LOOP && loss > k->budget;
            l->out[at] = alone ? TC_LEAN_ALONE | k->owner : k->number;
            l->out_buffer[at] = k->buffer;
            if (l->out_loss)
                l->out_loss[at] = loss;
        }
        for (uint32_t r = g->r ? g->relay_first[v] : 0; g->r && r < g->relay_first[v + 1]; r++)
            for (uint32_t i = g->relay_out_first[r]; i < g->relay_out_first[r + 1]; i++) {
                l->out_buffer[at] = 0;
                l->out[at++] = w->known[g->relay_out[i]].number;
            }
    }
    return NULL;
}

static uint32_t edges_of(const struct tc_graph *g, uint32_t v)
{
    uint32_t n = g->out_first[v + 1] - g->out_first[v];
    if (g->r)
        n += g->relay_out_first[g->relay_first[v + 1]] - g->relay_out_first[g->relay_first[v]];
    return n;
}

/* All places in equal pieces; the edges of all come to stand at asset[n].out. */
static void share_out(struct tc_lean *l, struct known *known, struct piece *pieces, uint32_t count)
{
    uint32_t group = 0, edge = 0, p = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t end = (uint32_t)((uint64_t)l->n * (i + 1) / count);
        pieces[i] = (struct piece){l, known, p, end, group, edge, false};
        for (; i + 1 < count && p < end; p++) {
            uint32_t v = l->order[p];
            group += l->g->group_first[v + 1] - l->g->group_first[v];
            edge += edges_of(l->g, v);
        }
    }
    l->asset[l->n].out = l->g->out_first[l->n] + (l->g->r ? l->g->relay_out_first[l->g->r] : 0);
}

static void in_pieces(struct piece *pieces, uint32_t count, void *(*work)(void *))
{
    pthread_t id[MOST_PIECES];
    bool started[MOST_PIECES] = {false};
    for (uint32_t i = 1; i < count; i++)
        started[i] = pthread_create(&id[i], NULL, work, &pieces[i]) == 0;
    for (uint32_t i = 0; i < count; i++)
        if (!started[i])
            (void)work(&pieces[i]);
    for (uint32_t i = 1; i < count; i++)
        if (started[i])
            (void)pthread_join(id[i], NULL);
}

static void place_all(struct tc_lean *l, struct known *known, uint32_t threads)
{
    struct piece pieces[MOST_PIECES];
    uint32_t count = l->n < WORTH_IT || threads < 1 ? 1 : threads;
    count = count < MOST_PIECES ? count : MOST_PIECES;
    share_out(l, known, pieces, count);
    in_pieces(pieces, count, place_groups);
    in_pieces(pieces, count, place_edges);
    for (uint32_t i = 0; i < count; i++)
        l->people = l->people || pieces[i].people;
}

tc_err tc_lean_make(const struct tc_graph *g, uint32_t threads, struct tc_lean *out)
{
    *out = (struct tc_lean){.g = g, .n = g->n, .m = g->m, .e = g->e};
    struct known *known = malloc((g->m + 1u) * sizeof *known);
    out->order = calloc(g->n + 1u, sizeof *out->order);
    out->joined = calloc(g->n / 64 + 1u, sizeof *out->joined);
    out->state = calloc(g->n + 1u, sizeof *out->state);
    out->group = calloc(g->m + 1u, sizeof *out->group);
    out->asset = calloc(g->n + 1u, sizeof *out->asset);
    out->out = calloc(g->e + 1u, sizeof *out->out);
    out->out_buffer = calloc(g->e + 1u, sizeof *out->out_buffer);
    out->out_loss = g->out_loss ? calloc(g->e + 1u, sizeof *out->out_loss) : NULL;
    bool ok = known && out->order && out->joined && out->state && out->group && out->asset &&
              out->out && out->out_buffer && (out->out_loss || !g->out_loss);
    tc_err e = ok ? tc_order_make(g, out->order, out->joined) : TC_E_NOMEM;
    if (!e) {
        number_states(out);
        place_all(out, known, threads);
    }
    free(known);
    if (e)
        tc_lean_free(out);
    return e;
}

static uint32_t owner_of(const struct tc_lean *l, uint32_t out)
{
    return out & TC_LEAN_ALONE ? out & ~TC_LEAN_ALONE : l->group[out].owner;
}

tc_err tc_lean_pull(struct tc_lean *l)
{
    const struct tc_graph *g = l->g;
    uint32_t *place = calloc(l->n + 1u, sizeof *place), k = 0, at = 0;
    l->group_first = calloc(l->n + 1u, sizeof *l->group_first);
    l->in_first = calloc(l->m + 1u, sizeof *l->in_first);
    l->supplier = calloc(l->e + 1u, sizeof *l->supplier);
    l->loss = g->loss ? calloc(l->e + 1u, sizeof *l->loss) : NULL;
    l->out_owner = calloc(l->e + 1u, sizeof *l->out_owner);
    l->buffer = calloc(l->m + 1u, sizeof *l->buffer);
    if (!place || !l->group_first || !l->in_first || !l->supplier || (g->loss && !l->loss) ||
        !l->out_owner || !l->buffer) {
        free(place);
        return TC_E_NOMEM;
    }
    for (uint32_t p = 0; p < l->n; p++)
        place[l->order[p]] = p;
    for (uint32_t p = 0; p < l->n; p++) {
        uint32_t v = l->order[p];
        for (uint32_t old = g->group_first[v]; old < g->group_first[v + 1]; old++) {
            for (uint32_t i = g->in_first[old]; i < g->in_first[old + 1]; i++, at++) {
                l->supplier[at] = place[g->supplier[i]];
                if (l->loss)
                    l->loss[at] = g->loss[i];
            }
            l->buffer[k] = g->group[old].buffer;
            l->in_first[++k] = at;
        }
        l->group_first[p + 1] = k;
    }
    for (uint32_t i = 0; i < l->asset[l->n].out; i++)
        l->out_owner[i] = owner_of(l, l->out[i]);
    free(place);
    return TC_OK;
}

void tc_lean_free(struct tc_lean *l)
{
    void *arrays[] = {l->out_buffer, l->joined, l->buffer,    l->order,      l->state,
                      l->group,      l->asset,  l->out,       l->out_loss,   l->in_first,
                      l->supplier,   l->loss,   l->out_owner, l->group_first};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    *l = (struct tc_lean){.n = 0};
}

/* ---- one outage ---- */

bool tc_lean_space_init(struct tc_lean_space *s, const struct tc_lean *l)
{
    *s = (struct tc_lean_space){.l = l};
    tc_queue_init(&s->queue);
    s->group = malloc((l->m + 1u) * sizeof *s->group);
    s->asset = malloc((l->n + 1u) * sizeof *s->asset);
    s->list = malloc((l->n + 1u) * sizeof *s->list);
    if (!s->group || !s->asset || !s->list) {
        tc_lean_space_fini(s);
        return false;
    }
    memcpy(s->group, l->group, l->m * sizeof *s->group);
    memcpy(s->asset, l->asset, (l->n + 1u) * sizeof *s->asset);
    return true;
}

void tc_lean_space_fini(struct tc_lean_space *s)
{
    free(s->group);
    free(s->asset);
    free(s->list);
    tc_queue_fini(&s->queue);
    *s = (struct tc_lean_space){.l = NULL};
}

/* Takes one supplier from group k; true when that crosses the budget for the first time. */
static inline bool take(struct tc_lean_space *s, uint32_t k, uint32_t loss)
{
    struct tc_lean_group *r = &s->group[k];
    uint32_t had = r->epoch == s->epoch ? r->lost : 0;
    r->epoch = s->epoch;
    r->lost = had + loss;
    return had <= r->budget && r->lost > r->budget;
}

/* Asks for the memory of those that come next in the list: record, edges, groups or owners. */
static inline void fetch_ahead(const struct tc_lean_space *s, uint32_t at, uint32_t n)
{
    if (at + 12 < n)
        __builtin_prefetch(&s->asset[s->list[at + 12]]);
    if (at + 8 < n)
        __builtin_prefetch(&s->l->out[s->asset[s->list[at + 8]].out]);
    if (at + 4 < n) {
        uint32_t v = s->list[at + 4], end = s->asset[v + 1].out;
        for (uint32_t i = s->asset[v].out; i < end; i++) {
            uint32_t x = s->l->out[i];
            __builtin_prefetch(x & TC_LEAN_ALONE ? (const void *)&s->asset[x & ~TC_LEAN_ALONE]
                                                 : (const void *)&s->group[x],
                               1);
        }
    }
}

enum tc_lean_end tc_lean_reach(struct tc_lean_space *s, uint32_t place, uint32_t cap,
                               struct tc_lean_sum *out)
{
    const struct tc_lean *l = s->l;
    struct tc_lean_sum sum = {.failed = 0};
    uint32_t n = 1, failed = 2 * ++s->epoch + 1;
    s->list[0] = place;
    s->asset[place].mark = failed;
    for (uint32_t at = 0; at < n; at++) {
        uint32_t v = s->list[at];
        fetch_ahead(s, at, n);
        sum.people += s->asset[v].people;
        if (l->state && l->state[v] >= 0)
            sum.states |= UINT64_C(1) << l->state[v];
        for (uint32_t i = s->asset[v].out; i < s->asset[v + 1].out; i++) {
            uint32_t w = l->out[i] & ~TC_LEAN_ALONE;
            if (!(l->out[i] & TC_LEAN_ALONE)) {
                uint32_t k = w;
                if (s->group[k].budget == TC_LEAN_LOOP)
                    return TC_LEAN_FULL;
                if (!take(s, k, l->out_loss ? l->out_loss[i] : 1))
                    continue;
                w = s->group[k].owner;
            }
            if (s->asset[w].mark == failed)
                continue;
            s->asset[w].mark = failed;
            s->list[n++] = w;
        }
        if (n > cap)
            return TC_LEAN_OVER;
    }
    sum.failed = n;
    *out = sum;
    return TC_LEAN_DONE;
}

/* The asset at v fails at `now`: its edges are cut. What it takes along at once goes to the list,
 * what only after a buffer to the queue. */
static enum tc_lean_end cut(struct tc_lean_space *s, uint32_t v, uint32_t now, uint32_t horizon,
                            uint32_t *n)
{
    const struct tc_lean *l = s->l;
    uint32_t timed = 2 * s->epoch, failed = timed + 1;
    for (uint32_t i = s->asset[v].out; i < s->asset[v + 1].out; i++) {
        uint32_t place = l->out[i] & ~TC_LEAN_ALONE;
        if (!(l->out[i] & TC_LEAN_ALONE)) {
            uint32_t k = place;
            if (s->group[k].budget == TC_LEAN_LOOP)
                return TC_LEAN_FULL;
            if (!take(s, k, l->out_loss ? l->out_loss[i] : 1))
                continue;
            place = s->group[k].owner;
        }
        struct tc_lean_asset *w = &s->asset[place];
        uint32_t buffer = l->out_buffer[i], at = now + buffer;
        if (w->mark == failed || (w->mark == timed && w->at <= at) || at > horizon)
            continue;
        w->at = at;
        if (buffer == 0) {
            w->mark = failed;
            s->list[(*n)++] = place;
        } else {
            w->mark = timed;
            if (tc_queue_push(&s->queue, tc_queue_key(at, 0, place)))
                return TC_LEAN_NOMEM;
        }
    }
    return TC_LEAN_DONE;
}

/* Appends the assets whose time is now; false when nothing more will fail. */
static bool next_second(struct tc_lean_space *s, uint32_t *n, tc_err *e)
{
    while (tc_queue_next(&s->queue, e)) {
        uint32_t had = *n;
        const struct tc_queue_bucket *now = &s->queue.bucket[0];
        for (uint32_t i = 0; i < now->n; i++) {
            uint32_t v = (uint32_t)now->keys[i];
            if (s->asset[v].mark != 2 * s->epoch || s->asset[v].at != s->queue.now)
                continue; /* failed earlier by another group */
            s->asset[v].mark = 2 * s->epoch + 1;
            s->list[(*n)++] = v;
        }
        if (*n > had)
            return true;
    }
    return false;
}

enum tc_lean_end tc_lean_timed(struct tc_lean_space *s, uint32_t place, uint32_t horizon,
                               uint32_t cap, struct tc_lean_sum *out)
{
    const struct tc_lean *l = s->l;
    struct tc_lean_sum sum = {.failed = 0};
    uint32_t n = 1, at = 0;
    tc_err e = TC_OK;
    tc_queue_clear(&s->queue);
    s->list[0] = place;
    s->asset[place].mark = 2 * ++s->epoch + 1;
    do {
        uint32_t now = s->queue.now;
        for (; at < n; at++) {
            uint32_t v = s->list[at];
            fetch_ahead(s, at, n);
            sum.seconds += now;
            sum.people += s->asset[v].people;
            sum.people_seconds += (uint64_t)s->asset[v].people * (horizon - now);
            if (l->state && l->state[v] >= 0)
                sum.states |= UINT64_C(1) << l->state[v];
            enum tc_lean_end end = cut(s, v, now, horizon, &n);
            if (end != TC_LEAN_DONE)
                return end;
            if (n > cap)
                return TC_LEAN_OVER;
        }
    } while (next_second(s, &n, &e));
    sum.failed = n;
    *out = sum;
    return e ? TC_LEAN_NOMEM : TC_LEAN_DONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/health.h"

#include <stdlib.h>

struct look {
    const struct tc_graph *g;
    struct tc_cascade *c;
    struct tc_hidden *found; /* by group; asset and set TC_NONE = nothing yet */
    uint64_t *lost;          /* by group, of the run at hand */
    uint32_t *count;
    uint32_t *touched;
    size_t touched_n;
    uint64_t work;
    uint32_t asset, set; /* whose outage it is */
};

bool tc_health_spare(const struct tc_graph *g, uint32_t group)
{
    uint32_t first = g->in_first[group], end = g->in_first[group + 1], most = 0;
    for (uint32_t i = first; i < end; i++) {
        uint32_t loss = g->loss ? g->loss[i] : 1;
        most = loss > most ? loss : most;
    }
    return end - first >= 2 && most <= g->group[group].budget;
}

static void lose(struct look *x, uint32_t group, uint32_t loss)
{
    if (!x->count[group]++)
        x->touched[x->touched_n++] = group;
    x->lost[group] += loss;
}

/* The suppliers that stay down: also those inside loops, whose edges are the relays'. */
static void count_losses(struct look *x, const struct tc_failure *f, size_t n)
{
    const struct tc_graph *g = x->g;
    for (size_t i = 0; i < n; i++) {
        if (f[i].flags & TC_FAIL_UNSOURCED)
            continue;
        uint32_t v = f[i].asset;
        for (uint32_t e = g->out_first[v]; e < g->out_first[v + 1]; e++)
            lose(x, g->out[e], g->out_loss ? g->out_loss[e] : 1);
        for (uint32_t r = g->r ? g->relay_first[v] : 0; g->r && r < g->relay_first[v + 1]; r++)
            for (uint32_t e = g->relay_out_first[r]; e < g->relay_out_first[r + 1]; e++)
                lose(x, g->relay_out[e], g->relay_out_loss ? g->relay_out_loss[e] : 1);
    }
}

static bool struck(const struct tc_outage *o, size_t n, uint32_t asset)
{
    for (size_t i = 0; i < n; i++)
        if (o[i].asset == asset)
            return true;
    return false;
}

static void keep(struct look *x, uint32_t group, uint32_t lost, uint32_t failed, bool shed)
{
    struct tc_hidden *h = &x->found[group];
    bool known = h->asset != TC_NONE;
    if (x->asset == TC_NONE) { /* a set: only where nothing single does it, the smallest */
        if (known || (h->set != TC_NONE && h->failed <= failed))
            return;
    } else if (known) {
        h->others++;
        if (h->failed <= failed)
            return;
    }
    uint32_t others = known ? h->others : 0;
    *h = (struct tc_hidden){group, x->asset, x->set, lost, others, failed, shed};
}

static tc_err let_fail(struct look *x, const struct tc_outage *o, size_t n)
{
    const struct tc_cascade_opts opts = {.horizon = TC_CASCADE_MAX_TIME};
    const struct tc_graph *g = x->g;
    size_t failed = 0, own = 0;
    tc_err e = tc_cascade_run(x->c, o, n, &opts, NULL);
    if (e)
        return e;
    const struct tc_failure *f = tc_cascade_failures(x->c, &failed);
    x->touched_n = 0;
    count_losses(x, f, failed);
    for (size_t i = 0; i < failed; i++)
        own += !(f[i].flags & TC_FAIL_UNSOURCED);
    for (size_t i = 0; i < x->touched_n; i++) {
        uint32_t k = x->touched[i];
        if (x->lost[k] > g->group[k].budget && tc_health_spare(g, k) &&
            !struck(o, n, g->group[k].owner))
            keep(x, k, x->count[k], (uint32_t)own, false);
    }
    for (size_t i = 0; i < failed; i++) {
        uint32_t k = f[i].group;
        if (f[i].flags & TC_FAIL_SHED && !(f[i].flags & TC_FAIL_UNSOURCED) &&
            x->lost[k] <= g->group[k].budget && tc_health_spare(g, k))
            keep(x, k, x->count[k], (uint32_t)own, true);
    }
    for (size_t i = 0; i < x->touched_n; i++) {
        x->lost[x->touched[i]] = 0;
        x->count[x->touched[i]] = 0;
    }
    x->work += failed + x->touched_n;
    return TC_OK;
}

static tc_err look_at_sets(struct look *x, const struct tc_health_opts *opts)
{
    tc_err e = TC_OK;
    for (size_t s = 0; s < opts->sets_n && !e; s++) {
        struct tc_outage *o = calloc(opts->sets[s].n + 1, sizeof *o);
        if (!o)
            return TC_E_NOMEM;
        for (size_t i = 0; i < opts->sets[s].n; i++)
            o[i] = (struct tc_outage){opts->sets[s].assets[i], 0, TC_NEVER};
        x->asset = TC_NONE;
        x->set = (uint32_t)s;
        if (opts->sets[s].n)
            e = let_fail(x, o, opts->sets[s].n);
        free(o);
    }
    return e;
}

static tc_err look_at_all(struct look *x, const struct tc_health_opts *opts, uint32_t *looked_at)
{
    tc_err e = TC_OK;
    x->set = TC_NONE;
    for (*looked_at = 0; *looked_at < x->g->n && !e; ++*looked_at) {
        if (opts->work && x->work > opts->work)
            break;
        x->asset = *looked_at;
        const struct tc_outage o = {x->asset, 0, TC_NEVER};
        e = let_fail(x, &o, 1);
    }
    return e ? e : look_at_sets(x, opts);
}

static void gather(struct look *x, struct tc_health *out)
{
    size_t n = 0;
    for (uint32_t k = 0; k < x->g->m; k++)
        if (x->found[k].asset != TC_NONE || x->found[k].set != TC_NONE)
            x->found[n++] = x->found[k];
    out->hidden = x->found;
    out->n = n;
    x->found = NULL;
}

tc_err tc_health_run(const struct tc_graph *g, const struct tc_health_opts *opts,
                     struct tc_health *out)
{
    struct look x = {.g = g, .c = tc_cascade_new(g)};
    *out = (struct tc_health){.n = 0};
    x.found = calloc(g->m + 1u, sizeof *x.found);
    x.lost = calloc(g->m + 1u, sizeof *x.lost);
    x.count = calloc(g->m + 1u, sizeof *x.count);
    x.touched = calloc(g->m + 1u, sizeof *x.touched);
    tc_err e = x.c && x.found && x.lost && x.count && x.touched ? TC_OK : TC_E_NOMEM;
    for (uint32_t k = 0; !e && k < g->m; k++)
        x.found[k] = (struct tc_hidden){.group = k, .asset = TC_NONE, .set = TC_NONE};
    e = e ? e : look_at_all(&x, opts, &out->looked_at);
    if (!e)
        gather(&x, out);
    tc_cascade_free(x.c);
    free(x.found);
    free(x.lost);
    free(x.count);
    free(x.touched);
    return e;
}

void tc_health_fini(struct tc_health *h)
{
    free(h->hidden);
    *h = (struct tc_health){.n = 0};
}

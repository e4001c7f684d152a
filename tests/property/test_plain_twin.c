/* SPDX-License-Identifier: Apache-2.0 */
/* The short way of a run (plain.c) against the long one (cascade.c): every failure must be the same
 * in every field, and so must every cause. Random graphs with cycles, counts, shares, ranges and
 * many ties; several outages, some late, some twice; samples and worst cases; both ways take turns
 * in one space, with runs between them that have ends. Usage: test_plain_twin [GRAPHS [SEED]]
 * (default 4000 and 1). */
#include "impact/cascade.h"

#include "rand.h"

enum { MOST = 60, OUTAGES = 5, CAUSES = 12 };

static uint64_t r;

static uint32_t rnd(uint32_t below)
{
    return (uint32_t)(test_rand(&r) >> 33) % below;
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "not equal: %s\n", what);
        exit(1);
    }
}

static void add_group(struct tc_graph_builder *b, uint32_t n, uint32_t owner)
{
    uint32_t list[5], part[5], count = 0, want = 1 + rnd(5), sum = 0;
    for (uint32_t tries = 0; tries < 20 && count < want; tries++) {
        uint32_t s = rnd(n);
        bool there = s == owner;
        for (uint32_t i = 0; i < count; i++)
            there = there || list[i] == s;
        if (!there)
            list[count++] = s;
    }
    if (!count)
        return;
    struct tc_group_spec spec = {.asset = owner,
                                 .service = TC_STR("power"),
                                 .mode = TC_MODE_SUPPORT,
                                 .rule = rnd(4) ? TC_NEED_COUNT : TC_NEED_SHARE,
                                 .need = 1 + rnd(count),
                                 .buffer_lo = rnd(2) ? 0 : rnd(6),
                                 .restore_hi = rnd(4),
                                 .suppliers = list,
                                 .shares = part,
                                 .n = count};
    spec.buffer_hi = spec.buffer_lo + (rnd(3) ? 0 : rnd(9));
    for (uint32_t i = 0; i < count; i++)
        sum += part[i] = 1 + rnd(1000000);
    if (spec.rule == TC_NEED_SHARE)
        spec.need = 1 + rnd(sum);
    must(tc_graph_add_group(b, &spec, NULL) == TC_OK, "a group is refused");
}

static struct tc_graph *make(uint32_t n)
{
    struct tc_graph_builder *b = tc_graph_builder_new();
    struct tc_graph *g = NULL;
    must(b != NULL, "memory");
    for (uint32_t v = 0; v < n; v++) {
        char id[16];
        uint32_t handle;
        (void)snprintf(id, sizeof id, "%06u", v);
        struct tc_asset_spec s = {.id = tc_str_cstr(id)};
        must(tc_graph_add_asset(b, &s, &handle, NULL) == TC_OK, "an asset is refused");
    }
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t k = rnd(4); k; k--)
            add_group(b, n, v);
    must(tc_graph_finish(b, &g, NULL) == TC_OK, "finish");
    return g;
}

struct result {
    struct tc_failure f[MOST];
    uint32_t cause[MOST][CAUSES];
    size_t n, causes[MOST], direct[MOST];
};

static void run(struct tc_cascade *c, const struct tc_outage *o, size_t n,
                const struct tc_cascade_opts *opts, struct result *to)
{
    must(tc_cascade_run(c, o, n, opts, NULL) == TC_OK, "run");
    const struct tc_failure *f = tc_cascade_failures(c, &to->n);
    for (size_t i = 0; i < to->n; i++) {
        to->f[i] = f[i];
        to->causes[i] = tc_cascade_cause(c, &f[i], to->cause[i], CAUSES, &to->direct[i]);
    }
}

static void compare(const struct result *a, const struct result *b)
{
    must(a->n == b->n, "how many fail");
    for (size_t i = 0; i < a->n; i++) {
        const struct tc_failure *p = &a->f[i], *q = &b->f[i];
        must(p->asset == q->asset && p->at == q->at && p->until == q->until, "who and when");
        must(p->group == q->group && p->lost_at == q->lost_at && p->via == q->via &&
                 p->flags == q->flags,
             "what for");
        must(a->causes[i] == b->causes[i] && a->direct[i] == b->direct[i], "how many causes");
        for (size_t j = 0; j < a->causes[i]; j++)
            must(a->cause[i][j] == b->cause[i][j], "causes");
    }
}

static void check(const struct tc_graph *g, struct tc_cascade *c)
{
    static struct result fast, slow, ignored;
    struct tc_outage o[OUTAGES];
    size_t n = 1 + rnd(OUTAGES);
    for (size_t i = 0; i < n; i++)
        o[i] = (struct tc_outage){rnd(g->n), rnd(3) ? 0 : rnd(12), TC_NEVER};
    struct tc_cascade_opts opts = {
        .horizon = rnd(3) ? 1000 : rnd(15), .sample = rnd(2), .seed = rnd(9), .run = rnd(9)};
    run(c, o, n, &opts, &fast);
    opts.long_way = true;
    run(c, o, n, &opts, &slow);
    compare(&fast, &slow);
    o[0].end = o[0].start + 1 + rnd(20);
    run(c, o, n, &opts, &ignored);
}

int main(int argc, char **argv)
{
    uint64_t graphs = 4000;
    r = 1;
    if (argc > 1)
        must(tc_num_u64(tc_str_cstr(argv[1]), UINT32_MAX, &graphs) == TC_OK, "GRAPHS");
    if (argc > 2)
        must(tc_num_u64(tc_str_cstr(argv[2]), UINT64_MAX, &r) == TC_OK, "SEED");
    for (uint64_t i = 0; i < graphs; i++) {
        struct tc_graph *g = make(2 + rnd(MOST - 2));
        struct tc_cascade *c = tc_cascade_new(g);
        must(c != NULL, "memory");
        for (int j = 0; j < 4; j++)
            check(g, c);
        tc_cascade_free(c);
        tc_graph_free(g);
    }
    (void)printf("%llu graphs: both ways agree\n", (unsigned long long)graphs);
    return 0;
}

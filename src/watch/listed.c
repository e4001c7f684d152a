/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/listed.h"

#include "pattern/parse.h"
#include "pattern/paths.h"
#include "pattern/value.h"

#include <stdlib.h>

#define ARENA ((size_t)64 << 20)

struct one_test {
    uint32_t path;
    struct tc_test test;
};

struct tc_listed {
    struct tc_warnlists *lists;
    struct tc_paths *paths;
    struct tc_values *scratch;
    struct tc_path_values found;
    struct one_test *tests;
    size_t n, cap;
    const char *name;
    bool other; /* a string that is on no list */
};

static bool says_something(const struct tc_cmp *c)
{
    return !c->negated &&
           (c->op == TC_OP_EQ || c->op == TC_OP_IN || c->op == TC_OP_LIKE ||
            c->op == TC_OP_MATCHES || c->op == TC_OP_ISSUBSET || c->op == TC_OP_ISSUPERSET);
}

static tc_err add_test(struct tc_listed *l, const struct tc_cmp *c)
{
    struct one_test t = {0};
    if (!says_something(c))
        return TC_OK;
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 8;
        struct one_test *v = reallocarray(l->tests, cap, sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        l->tests = v;
        l->cap = cap;
    }
    tc_err e = tc_paths_add(l->paths, &c->path, &t.path, NULL);
    e = e ? e : tc_test_init(c, tc_paths_reading(l->paths, t.path), l->scratch, &t.test, NULL);
    if (!e)
        l->tests[l->n++] = t;
    return e;
}

/* Nesting of both is bounded by the parser (TC_PATTERN_MAX_DEPTH). */
static tc_err add_cmp(struct tc_listed *l, const struct tc_cmp *c)
{
    tc_err e = c->kind == TC_CMP_TEST ? add_test(l, c) : TC_OK;
    for (size_t i = 0; !e && c->kind != TC_CMP_TEST && i < c->n; i++)
        e = add_cmp(l, c->kids[i]);
    return e;
}

static tc_err add_obs(struct tc_listed *l, const struct tc_obs *o)
{
    tc_err e = o->kind == TC_OBS_OBSERVE ? add_cmp(l, o->cmp) : TC_OK;
    for (size_t i = 0; !e && o->kind != TC_OBS_OBSERVE && i < o->n; i++)
        e = add_obs(l, o->kids[i]);
    return e;
}

tc_err tc_listed_new(struct tc_warnlists *lists, struct tc_str pattern, struct tc_listed **out)
{
    struct tc_pattern p;
    struct tc_listed *l = calloc(1, sizeof *l);
    struct tc_arena *a = tc_arena_new(ARENA);
    tc_err e = l && a ? tc_pattern_parse(pattern, a, &p, NULL) : TC_E_NOMEM;
    if (!e) {
        l->lists = lists;
        l->paths = tc_paths_new();
        l->scratch = tc_values_new();
        e = l->paths && l->scratch ? add_obs(l, p.root) : TC_E_NOMEM;
    }
    tc_arena_free(a);
    if (e) {
        tc_listed_free(l);
        return e;
    }
    *out = l;
    return TC_OK;
}

static void look_up(struct tc_listed *l, const struct tc_path_value *v)
{
    if (!yyjson_is_str(v->v))
        return;
    for (size_t i = 0; i < l->n; i++) {
        if (l->tests[i].path != v->path || !tc_test_holds(&l->tests[i].test, v->v, l->scratch))
            continue;
        const char *name = tc_warnlists_hit(l->lists, v->v);
        l->name = name ? name : l->name;
        l->other = l->other || !name;
        return;
    }
}

tc_err tc_listed_see(struct tc_listed *l, const struct tc_observation *o)
{
    bool cut = false;
    l->found.n = 0;
    tc_err e = tc_paths_values(l->paths, o, &l->found, &cut);
    for (size_t i = 0; !e && i < l->found.n; i++)
        look_up(l, &l->found.v[i]);
    l->other = l->other || cut;
    return !e && tc_values_starved(l->scratch) ? TC_E_NOMEM : e;
}

const char *tc_listed_by(const struct tc_listed *l)
{
    return l->other ? NULL : l->name;
}

void tc_listed_free(struct tc_listed *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++)
        tc_test_fini(&l->tests[i].test);
    free(l->tests);
    free(l->found.v);
    tc_paths_free(l->paths);
    tc_values_free(l->scratch);
    free(l);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* "per" against the slow twin: for each value that occurs, the observations that have it (the twin
 * says which: [path = value] on each alone) are given to the twin with the plain pattern. The
 * engine, fed with all of them in the order of the bundle, must tell of exactly those values.
 *
 *   test_pattern_per [ROUNDS]      each round: PATTERNS patterns, one bundle */
#include "gen.h"
#include "rand.h"
#include "slow.h"

#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "pattern/parse.h"
#include "pattern/set.h"

#include <string.h>

#define PATTERNS 8
#define VALUES   512

struct value {
    char literal[80], shown[80];
};

struct round {
    struct tc_buf text[PATTERNS], bundle;
    const char *per[PATTERNS];
    struct tc_pattern parsed[PATTERNS];
    bool there[PATTERNS];
    uint32_t handle[PATTERNS];
    struct value values[VALUES];
    size_t n_values;
    bool told[PATTERNS][VALUES]; /* by the first value that is shown so */
    uint64_t witness[PATTERNS][VALUES];
    struct slow_obs obs[SLOW_MAX_OBS];
    size_t n;
};

static uint64_t cases, matches, skipped;

static size_t shown_as(const struct round *r, struct tc_str text)
{
    size_t i = 0;
    while (i < r->n_values && !tc_str_is(text, r->values[i].shown))
        i++;
    return i;
}

static tc_err note(void *arg, const struct tc_set_match *m)
{
    struct round *r = arg;
    uint64_t k = 0, w = 0;
    if (tc_num_u64(m->pattern, PATTERNS, &k) || !r->there[k] || !m->parted)
        return TC_E_INTERNAL;
    size_t v = shown_as(r, m->per);
    if (v == r->n_values) {
        (void)printf("told of a value that is not there: %.*s\n", TC_FMT(m->per));
        return TC_E_INTERNAL;
    }
    for (size_t i = 0; i < m->n; i++) {
        uint64_t at = 0;
        struct tc_str id = m->observations[i];
        if (tc_num_u64(tc_str_view(id.p + 15, id.n - 15), 63, &at) || w >> at & 1)
            return TC_E_INTERNAL;
        w |= UINT64_C(1) << at;
    }
    r->told[k][v] = true;
    r->witness[k][v] = w;
    return TC_OK;
}

/* ---- the values that occur ---- */

static void put_literal(struct value *v, yyjson_val *x)
{
    struct tc_buf b;
    tc_buf_init(&b, sizeof v->literal - 1);
    if (yyjson_is_str(x)) {
        tc_buf_char(&b, '\'');
        for (size_t i = 0; i < yyjson_get_len(x); i++) {
            if (yyjson_get_str(x)[i] == '\'' || yyjson_get_str(x)[i] == '\\')
                tc_buf_char(&b, '\\');
            tc_buf_char(&b, yyjson_get_str(x)[i]);
        }
        tc_buf_char(&b, '\'');
        (void)tc_str_copy(tc_json_view(x), v->shown, sizeof v->shown);
    } else if (yyjson_is_uint(x)) {
        tc_buf_u64(&b, yyjson_get_uint(x));
        (void)tc_str_copy(tc_buf_view(&b), v->shown, sizeof v->shown);
    } else if (yyjson_is_bool(x)) {
        tc_buf_cstr(&b, yyjson_get_bool(x) ? "true" : "false");
        (void)tc_str_copy(tc_buf_view(&b), v->shown, sizeof v->shown);
    } else {
        char number[TC_JSON_NUMBER];
        (void)tc_json_number(yyjson_get_num(x), number);
        tc_buf_cstr(&b, number);
        (void)tc_str_copy(tc_buf_view(&b), v->shown, sizeof v->shown);
    }
    (void)tc_str_copy(tc_buf_view(&b), v->literal, sizeof v->literal);
    tc_buf_fini(&b);
}

/* The bundles of gen.c are a few levels deep. */
static void collect(struct round *r, yyjson_val *x)
{
    yyjson_val *key, *v;
    size_t i, n;
    if (yyjson_is_arr(x)) {
        yyjson_arr_foreach (x, i, n, v)
            collect(r, v);
    } else if (yyjson_is_obj(x)) {
        yyjson_obj_foreach (x, i, n, key, v)
            collect(r, v);
    } else if (!yyjson_is_null(x) && r->n_values < VALUES) {
        struct value *one = &r->values[r->n_values];
        put_literal(one, x);
        for (i = 0; i < r->n_values; i++)
            if (strcmp(r->values[i].literal, one->literal) == 0)
                return;
        r->n_values++;
    }
}

/* ---- one pattern, one value ---- */

static bool has(const char *per, const char *literal, const struct slow_obs *o, struct tc_arena *a)
{
    char text[200];
    struct tc_pattern p;
    (void)snprintf(text, sizeof text, "[%s = %s]", per, literal);
    return tc_pattern_parse(tc_str_cstr(text), a, &p, NULL) == TC_OK &&
           slow_match(&p, o, 1) == SLOW_YES;
}

/* Does the twin hold for some value that is shown so? */
static enum slow_result twin_of(struct round *r, unsigned k, size_t shown, uint64_t only,
                                struct tc_arena *a)
{
    static struct slow_obs some[SLOW_MAX_OBS];
    enum slow_result all = SLOW_NO;
    for (size_t v = 0; v < r->n_values; v++) {
        size_t n = 0;
        if (strcmp(r->values[v].shown, r->values[shown].shown) != 0)
            continue;
        for (size_t i = 0; i < r->n; i++)
            if (only >> i & 1 && has(r->per[k], r->values[v].literal, &r->obs[i], a))
                some[n++] = r->obs[i];
        enum slow_result one = n ? slow_match(&r->parsed[k], some, n) : SLOW_NO;
        if (one == SLOW_TOO_BIG)
            return SLOW_TOO_BIG;
        all = one == SLOW_YES ? SLOW_YES : all;
    }
    return all;
}

static bool agree(struct round *r, unsigned k, size_t v, struct tc_arena *a)
{
    enum slow_result twin = twin_of(r, k, v, UINT64_MAX, a);
    cases++;
    if (twin == SLOW_TOO_BIG) {
        skipped++;
        return true;
    }
    bool ok = (twin == SLOW_YES) == r->told[k][v];
    if (ok && r->told[k][v]) {
        matches++;
        ok = twin_of(r, k, v, r->witness[k][v], a) != SLOW_NO;
    }
    if (!ok)
        (void)printf("per %s, value '%s': twin %d, engine %d, handed out 0x%llx\n%.*s\n%.*s\n",
                     r->per[k], r->values[v].shown, (int)twin, r->told[k][v],
                     (unsigned long long)r->witness[k][v], TC_FMT(tc_buf_view(&r->text[k])),
                     (int)r->bundle.n, r->bundle.p);
    return ok;
}

/* ---- a round ---- */

static bool add_patterns(struct gen *g, struct round *r, struct tc_set *s, struct tc_arena *a)
{
    static const char *const pers[] = {"t:s",     "t:list[*]", "t:list[0]",
                                       "t:n",     "t:flag",    "t:o_refs[*].s",
                                       "t:d.'k'", "u:s",       "t:o_ref.n"};
    for (unsigned k = 0; k < PATTERNS; k++) {
        char id[8];
        struct tc_diag d;
        tc_diag_init(&d);
        (void)snprintf(id, sizeof id, "%u", k);
        tc_buf_clear(&r->text[k]);
        gen_pattern(g, 3, &r->text[k]);
        r->per[k] = pers[test_rand(&g->rand) % (sizeof pers / sizeof pers[0])];
        tc_err e = tc_pattern_parse(tc_buf_view(&r->text[k]), a, &r->parsed[k], &d);
        if (!e)
            e = tc_set_add_per(s, tc_str_cstr(id), tc_buf_view(&r->text[k]), tc_str_cstr(r->per[k]),
                               &r->handle[k], &d);
        r->there[k] = !e;
        if (e && e != TC_E_INVALID && e != TC_E_LIMIT) {
            (void)printf("refused: %.*s: %s\n", TC_FMT(tc_buf_view(&r->text[k])), d.message);
            return false;
        }
    }
    return true;
}

static bool feed(struct round *r, struct tc_set *s, yyjson_val *root)
{
    struct tc_observations *reader = tc_observations_new();
    const struct tc_observation *v = NULL;
    size_t n = 0;
    bool ok = reader && !tc_observations_read(reader, root, &v, &n, NULL) &&
              !tc_set_feed(s, v, n, note, r);
    /* known already: nothing may be counted twice */
    for (size_t i = 0; ok && i < n; i += 2)
        ok = !tc_set_feed_again(s, &v[i], note, r);
    tc_observations_free(reader);
    return ok;
}

static bool play(struct gen *g, struct round *r, struct tc_set *s, struct tc_arena *a)
{
    struct tc_json json;
    memset(r->told, 0, sizeof r->told);
    r->n_values = 0;
    tc_buf_clear(&r->bundle);
    gen_bundle(g, 2 + (unsigned)(test_rand(&g->rand) % 7), &r->bundle);
    if (tc_json_read(tc_buf_view(&r->bundle), TC_MAX_OBJECT, 0, &json, NULL))
        return false;
    collect(r, json.root);
    r->n = slow_from_bundle(json.root, r->obs, 0);
    bool ok = add_patterns(g, r, s, a) && feed(r, s, json.root);
    for (unsigned k = 0; ok && k < PATTERNS; k++)
        for (size_t v = 0; ok && r->there[k] && v < r->n_values; v++)
            ok = shown_as(r, tc_str_cstr(r->values[v].shown)) != v || agree(r, k, v, a);
    for (unsigned k = 0; k < PATTERNS; k++)
        if (r->there[k])
            tc_set_remove(s, r->handle[k]);
    tc_json_fini(&json);
    return ok;
}

int main(int argc, char **argv)
{
    static struct round r;
    struct gen g = {.rand = test_seed()};
    struct tc_set *s = tc_set_new(NULL);
    struct tc_arena *a = tc_arena_new((size_t)1 << 26);
    uint64_t rounds = 3000;
    bool ok = s && a;
    if (argc > 1 && tc_num_u64(tc_str_cstr(argv[1]), UINT64_MAX, &rounds))
        return 2;
    for (unsigned k = 0; k < PATTERNS; k++)
        tc_buf_init(&r.text[k], 1 << 16);
    tc_buf_init(&r.bundle, 1 << 20);
    for (uint64_t i = 0; ok && i < rounds; i++) {
        tc_arena_reset(a);
        ok = play(&g, &r, s, a);
        if (!ok)
            (void)printf("in round %llu\n", (unsigned long long)i);
    }
    struct tc_set_counts c = s ? tc_set_counts(s) : (struct tc_set_counts){0};
    (void)printf("%llu cases, %llu match, %llu too big for the twin\n", (unsigned long long)cases,
                 (unsigned long long)matches, (unsigned long long)skipped);
    ok = ok && c.patterns == 0 && c.partitions == 0 && c.dropped == 0 && matches > rounds;
    for (unsigned k = 0; k < PATTERNS; k++)
        tc_buf_fini(&r.text[k]);
    tc_buf_fini(&r.bundle);
    tc_arena_free(a);
    tc_set_free(s);
    return ok ? 0 : 1;
}

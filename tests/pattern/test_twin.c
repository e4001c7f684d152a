/* SPDX-License-Identifier: Apache-2.0 */
/* Engine against slow twin on random patterns and observations: many patterns in one set, fed
 * observation by observation, so that shared predicates, chains and removal are in play. What a
 * match hands out must itself match when the twin sees only that.
 *
 *   test_pattern_twin [ROUNDS]     each round: PATTERNS patterns, one bundle */
#include "gen.h"
#include "rand.h"
#include "slow.h"

#include "codec/json.h"
#include "pattern/parse.h"
#include "pattern/set.h"

#include <string.h>

#define PATTERNS 16

struct round {
    struct tc_buf text[PATTERNS], bundle;
    struct tc_pattern parsed[PATTERNS];
    bool there[PATTERNS];
    uint32_t handle[PATTERNS];
    bool matched[PATTERNS];
    uint64_t witness[PATTERNS]; /* bit per observation */
    struct slow_obs obs[SLOW_MAX_OBS];
    size_t n;
    bool gave_up; /* some pattern of this round took too much work */
};

/* undecided: the engine said so itself, of a pattern that wants the same observations too often. */
static uint64_t cases, matches, skipped, undecided;

static tc_err note(void *arg, const struct tc_set_match *m)
{
    struct round *r = arg;
    uint64_t k = 0, w = 0;
    if (tc_num_u64(m->pattern, PATTERNS, &k))
        return TC_E_INTERNAL;
    for (size_t i = 0; i < m->n; i++) {
        uint64_t at = 0;
        struct tc_str id = m->observations[i];
        if (tc_num_u64(tc_str_view(id.p + 15, id.n - 15), 63, &at) || w >> at & 1)
            return TC_E_INTERNAL;
        w |= UINT64_C(1) << at;
    }
    if (!r->there[k])
        return TC_E_INTERNAL;
    r->matched[k] = true;
    r->witness[k] = w;
    return TC_OK;
}

static void show(const struct round *r, unsigned k, const char *what, enum slow_result twin)
{
    (void)printf("%s: twin %d, engine %d\n%.*s\n%.*s\n", what, (int)twin, r->matched[k],
                 TC_FMT(tc_buf_view(&r->text[k])), (int)r->bundle.n, r->bundle.p);
}

static bool agree(struct round *r, unsigned k)
{
    enum slow_result twin = slow_match(&r->parsed[k], r->obs, r->n);
    cases++;
    if (twin == SLOW_TOO_BIG) {
        skipped++;
        return true;
    }
    if (twin == SLOW_YES && !r->matched[k] && r->gave_up) {
        undecided++;
        return true;
    }
    if ((twin == SLOW_YES) != r->matched[k]) {
        show(r, k, "differ", twin);
        return false;
    }
    matches += r->matched[k];
    if (!r->matched[k])
        return true;
    static struct slow_obs only[SLOW_MAX_OBS];
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->witness[k] >> i & 1)
            only[n++] = r->obs[i];
    if (slow_match(&r->parsed[k], only, n) != SLOW_NO)
        return true;
    (void)printf("observations 0x%llx\n", (unsigned long long)r->witness[k]);
    show(r, k, "what was handed out does not match", twin);
    return false;
}

static bool add_patterns(struct gen *g, struct round *r, struct tc_set *s, struct tc_arena *a)
{
    for (unsigned k = 0; k < PATTERNS; k++) {
        char id[8];
        struct tc_diag d;
        tc_diag_init(&d);
        (void)snprintf(id, sizeof id, "%u", k);
        tc_buf_clear(&r->text[k]);
        gen_pattern(g, 4, &r->text[k]);
        tc_err e = tc_pattern_parse(tc_buf_view(&r->text[k]), a, &r->parsed[k], &d);
        if (!e)
            e = tc_set_add(s, tc_str_cstr(id), tc_buf_view(&r->text[k]), &r->handle[k], &d);
        r->there[k] = !e;
        r->matched[k] = false;
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
    tc_observations_free(reader);
    return ok;
}

static bool play(struct gen *g, struct round *r, struct tc_set *s, struct tc_arena *a)
{
    struct tc_json json;
    bool ok = add_patterns(g, r, s, a);
    for (unsigned k = 0; ok && k < PATTERNS; k += 1 + (unsigned)(test_rand(&g->rand) % 7))
        if (r->there[k]) {
            tc_set_remove(s, r->handle[k]);
            r->there[k] = false;
        }
    tc_buf_clear(&r->bundle);
    gen_bundle(g, 1 + (unsigned)(test_rand(&g->rand) % 7), &r->bundle);
    if (!ok || tc_json_read(tc_buf_view(&r->bundle), TC_MAX_OBJECT, 0, &json, NULL))
        return false;
    r->n = slow_from_bundle(json.root, r->obs, 0);
    ok = feed(r, s, json.root);
    r->gave_up = tc_set_counts(s).undecided != 0;
    for (unsigned k = 0; ok && k < PATTERNS; k++)
        ok = !r->there[k] || agree(r, k);
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
    struct tc_arena *a = tc_arena_new((size_t)1 << 24);
    uint64_t rounds = 8000;
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
    (void)printf("%llu cases, %llu match, %llu too big for the twin, %llu undecided, %llu left in "
                 "the set\n",
                 (unsigned long long)cases, (unsigned long long)matches,
                 (unsigned long long)skipped, (unsigned long long)undecided,
                 (unsigned long long)(c.patterns + c.residual));
    ok =
        ok && c.patterns == 0 && c.residual == 0 && c.direct == 0 && undecided <= cases / 50000 + 1;
    for (unsigned k = 0; k < PATTERNS; k++)
        tc_buf_fini(&r.text[k]);
    tc_buf_fini(&r.bundle);
    tc_arena_free(a);
    tc_set_free(s);
    return ok ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/hunt.h"

#include "base/arena.h"
#include "codec/jsonw.h"
#include "pattern/parse.h"
#include "pattern/set.h"
#include "watch/evidence.h"

/* Observations whose objects are fetched together, and the bytes of them. */
#define BATCH       1000u
#define BATCH_BYTES ((size_t)16 << 20)
/* Text of objects that stay for the next batch. */
#define KEEP ((size_t)24 << 20)
/* Types of objects that a pattern looks at; with more of them nothing is passed over. */
#define MAX_TYPES 8
#define MAX_TYPE  64
/* What came in later by event time is still taken; only the engine's memory bounds it. */
#define LATE (INT64_C(7) * 86400 * TC_SECOND)

struct hunt {
    const struct tc_hunt_ask *ask;
    struct tc_set *set;
    struct tc_evidence *evidence;
    struct tc_arena *arena; /* of one batch */
    struct tc_arena *plan;  /* of the pattern */
    struct tc_str types[MAX_TYPES];
    struct tc_str needles[MAX_TYPES]; /* "\"file" */
    size_t n_types;                   /* 0: any object may matter */
    uint64_t until_seq, passed;
    struct tc_str bodies[BATCH];
    size_t n, bytes;
    const struct tc_observation *now;
    int64_t until; /* monotonic */
    bool over;
    uint64_t all;
    struct tc_hunt_result r;
};

static tc_err on_match(void *arg, const struct tc_set_match *m)
{
    struct hunt *h = arg;
    const struct tc_hunt_match x = {m->observations, m->n, h->now->first, h->now->last, m->per};
    if (h->ask->limit && h->r.matches == h->ask->limit) {
        h->over = true;
        return TC_OK;
    }
    h->r.matches++;
    return h->ask->found(h->ask->arg, &x);
}

static tc_err on_observation(void *arg, const struct tc_evidence_of *x)
{
    struct hunt *h = arg;
    h->now = x->o;
    if (h->over || (h->ask->since != TC_TIME_NONE && x->o->last < h->ask->since))
        return TC_OK;
    if (h->ask->time && tc_time_monotonic() > h->until) {
        h->over = true;
        return TC_OK;
    }
    h->r.observations++;
    return tc_set_feed(h->set, x->o, 1, on_match, h);
}

static tc_err run_batch(struct hunt *h)
{
    tc_err e =
        tc_evidence_read(h->evidence, h->bodies, h->n, NULL, h->until_seq, on_observation, h);
    h->n = h->bytes = 0;
    tc_arena_reset(h->arena);
    if (!e && h->ask->progress)
        h->ask->progress(h->ask->arg, h->r.observations, h->all);
    return e;
}

static tc_err take(struct hunt *h, struct tc_str body)
{
    struct tc_str copy = tc_arena_dup(h->arena, body);
    if (!copy.p)
        return TC_E_NOMEM;
    h->bodies[h->n++] = copy;
    h->bytes += body.n;
    return h->n == BATCH || h->bytes > BATCH_BYTES ? run_batch(h) : TC_OK;
}

/* ---- what need not be looked at ----
 * A [...] holds on an object that the observed-data names or holds, and its type stands in the text
 * of the observed-data: in the id that it names, or in the object inside. Where the pattern follows
 * no references, only objects of its types are read, and an observed-data without one of them is
 * not even parsed. */

static bool is_ref(struct tc_str name)
{
    return tc_str_ends(name, TC_STR("_ref")) || tc_str_ends(name, TC_STR("_refs"));
}

static bool follows(const struct tc_path *p)
{
    bool ref = false;
    for (size_t i = 0; i < p->n; i++) {
        if (p->steps[i].kind != TC_STEP_NAME)
            continue;
        if (ref)
            return true;
        ref = is_ref(p->steps[i].name);
    }
    return false;
}

static bool add_type(struct hunt *h, struct tc_str type)
{
    for (size_t i = 0; i < h->n_types; i++)
        if (tc_str_eq(h->types[i], type))
            return true;
    if (h->n_types == MAX_TYPES || type.n > MAX_TYPE)
        return false;
    char *needle = tc_arena_fmt(h->plan, "\"%.*s", TC_FMT(type));
    if (!needle)
        return false;
    h->types[h->n_types] = tc_str_view(needle + 1, type.n);
    h->needles[h->n_types++] = tc_str_view(needle, type.n + 1);
    return true;
}

static bool types_of_cmp(struct hunt *h, const struct tc_cmp *c)
{
    bool few = true;
    if (c->kind == TC_CMP_TEST)
        return !follows(&c->path) && add_type(h, c->path.type);
    for (size_t i = 0; few && i < c->n; i++)
        few = types_of_cmp(h, c->kids[i]);
    return few;
}

static bool types_of(struct hunt *h, const struct tc_obs *o)
{
    bool few = true;
    if (o->kind == TC_OBS_OBSERVE)
        return types_of_cmp(h, o->cmp);
    for (size_t i = 0; few && i < o->n; i++)
        few = types_of(h, o->kids[i]);
    return few;
}

static tc_err plan(struct hunt *h)
{
    struct tc_pattern p;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_pattern_parse(h->ask->pattern, h->plan, &p, &d);
    bool few = !e && types_of(h, p.root);
    if (few && h->ask->per.n) {
        struct tc_path per;
        e = tc_pattern_parse_path(h->ask->per, h->plan, &per, &d);
        few = !e && !follows(&per) && add_type(h, per.type);
    }
    if (!few)
        h->n_types = 0;
    return e;
}

static bool has(struct tc_str body, struct tc_str needle)
{
    return memmem(body.p, body.n, needle.p, needle.n) != NULL;
}

/* Is it certain that it was last observed at or after since, from the text alone? */
static bool surely_since(struct tc_str body, tc_time since)
{
    static const struct tc_str name = {"\"last_observed\":\"", 17};
    tc_time t;
    if (since == TC_TIME_NONE)
        return true;
    const char *p = memmem(body.p, body.n, name.p, name.n);
    const char *from = p ? p + name.n : NULL;
    const char *to = from ? memchr(from, '"', body.n - (size_t)(from - body.p)) : NULL;
    return to && !tc_time_parse_z(tc_str_view(from, (size_t)(to - from)), &t) && t >= since;
}

static bool may_matter(const struct hunt *h, struct tc_str body)
{
    for (size_t i = 0; i < h->n_types; i++)
        if (has(body, h->needles[i]))
            return true;
    /* a backslash can hide a name */
    return !h->n_types || memchr(body.p, '\\', body.n) || !surely_since(body, h->ask->since);
}

/* ---- the whole ---- */

static tc_err pass_over(struct hunt *h)
{
    h->r.observations++;
    if (++h->passed % BATCH)
        return TC_OK;
    if (h->ask->time && tc_time_monotonic() > h->until)
        h->over = true;
    if (h->ask->progress)
        h->ask->progress(h->ask->arg, h->r.observations, h->all);
    return TC_OK;
}

static tc_err run(struct hunt *h, struct tc_journal *j, const struct tc_principal *p)
{
    static const struct tc_str type = {"observed-data", 13};
    tc_time since = h->ask->since;
    const struct tc_query q = {.until = h->until_seq,
                               .types = &type,
                               .n_types = 1,
                               .added_after = since == TC_TIME_NONE ? since : since - 1};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = h->ask->count ? tc_journal_count(j, p, &q, &h->all) : TC_OK;
    e = e ? e : tc_reader_open(j, p, &q, &r);
    while (!e && !h->over && !(e = tc_reader_next(r, &row)) && row.seq)
        if (!row.revoked)
            e = may_matter(h, row.body) ? take(h, row.body) : pass_over(h);
    if (!e && !h->over && h->n)
        e = run_batch(h);
    tc_reader_close(r);
    return e;
}

tc_err tc_hunt(struct tc_journal *j, const struct tc_principal *p, const struct tc_hunt_ask *ask,
               struct tc_hunt_result *out, struct tc_diag *d)
{
    static const struct tc_set_options options = {.late = LATE};
    struct hunt h = {.ask = ask, .until = ask->time ? tc_time_monotonic() + ask->time : 0};
    h.set = tc_set_new(&options);
    h.evidence = tc_evidence_new(j, p);
    h.arena = tc_arena_new(BATCH_BYTES + ((size_t)16 << 20));
    h.plan = tc_arena_new((size_t)256 << 20);
    h.until_seq = tc_journal_head(j);
    tc_err e = h.set && h.evidence && h.arena && h.plan
                   ? tc_set_add_per(h.set, TC_STR("hunt"), ask->pattern, ask->per, NULL, d)
                   : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    e = e ? e : plan(&h);
    if (!e) {
        tc_evidence_keep(h.evidence, KEEP, h.types, h.n_types);
        e = h.until_seq ? run(&h, j, p) : TC_OK;
        if (e && d && !d->code)
            (void)tc_diag_set(d, e, "the hunt failed: %s", tc_err_text(e));
        h.r.complete = !h.over;
        h.r.unreadable = tc_evidence_counts(h.evidence).unreadable;
        h.r.undecided = tc_set_counts(h.set).undecided;
    }
    tc_arena_free(h.arena);
    tc_arena_free(h.plan);
    tc_evidence_free(h.evidence);
    tc_set_free(h.set);
    if (!e)
        *out = h.r;
    return e;
}

static void put_time(struct tc_jsonw *w, const char *name, tc_time t)
{
    char z[TC_TIME_SIZE];
    tc_time_format(t, 3, z);
    tc_jsonw_kcstr(w, name, z);
}

void tc_hunt_match_write(const struct tc_hunt_match *m, size_t shown, struct tc_jsonw *w)
{
    tc_jsonw_object(w);
    put_time(w, "first_observed", m->first);
    put_time(w, "last_observed", m->last);
    tc_jsonw_ktext(w, "per", m->per);
    tc_jsonw_name(w, "observations");
    tc_jsonw_array(w);
    for (size_t i = 0; i < m->n && i < shown; i++)
        tc_jsonw_str(w, m->observations[i]);
    tc_jsonw_array_end(w);
    if (m->n > shown)
        tc_jsonw_ku64(w, "more", m->n - shown);
    tc_jsonw_object_end(w);
}

void tc_hunt_result_write(const struct tc_hunt_result *r, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "observations", r->observations);
    tc_jsonw_ku64(&w, "matches", r->matches);
    tc_jsonw_kbool(&w, "complete", r->complete);
    tc_jsonw_ku64(&w, "unreadable", r->unreadable);
    tc_jsonw_ku64(&w, "undecided", r->undecided);
    tc_jsonw_object_end(&w);
}

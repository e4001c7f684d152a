/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/hunt.h"

#include "base/arena.h"
#include "codec/jsonw.h"
#include "pattern/set.h"
#include "watch/evidence.h"

/* Observations whose objects are fetched together, and the bytes of them. */
#define BATCH       1000u
#define BATCH_BYTES ((size_t)16 << 20)
/* What came in later by event time is still taken; only the engine's memory bounds it. */
#define LATE (INT64_C(7) * 86400 * TC_SECOND)

struct hunt {
    const struct tc_hunt_ask *ask;
    struct tc_set *set;
    struct tc_evidence *evidence;
    struct tc_arena *arena; /* of one batch */
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
    const struct tc_hunt_match x = {m->observations, m->n, h->now->first, h->now->last};
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
    tc_err e = tc_evidence_read(h->evidence, h->bodies, h->n, NULL, 0, on_observation, h);
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

static tc_err run(struct hunt *h, struct tc_journal *j, const struct tc_principal *p)
{
    static const struct tc_str type = {"observed-data", 13};
    tc_time since = h->ask->since;
    const struct tc_query q = {
        .types = &type, .n_types = 1, .added_after = since == TC_TIME_NONE ? since : since - 1};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = h->ask->count ? tc_journal_count(j, p, &q, &h->all) : TC_OK;
    e = e ? e : tc_reader_open(j, p, &q, &r);
    while (!e && !h->over && !(e = tc_reader_next(r, &row)) && row.seq)
        e = row.revoked ? TC_OK : take(h, row.body);
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
    tc_err e = h.set && h.evidence && h.arena
                   ? tc_set_add(h.set, TC_STR("hunt"), ask->pattern, NULL, d)
                   : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (!e) {
        e = run(&h, j, p);
        if (e && d && !d->code)
            (void)tc_diag_set(d, e, "the hunt failed: %s", tc_err_text(e));
        h.r.complete = !h.over;
        h.r.unreadable = tc_evidence_counts(h.evidence).unreadable;
        h.r.undecided = tc_set_counts(h.set).undecided;
    }
    tc_arena_free(h.arena);
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

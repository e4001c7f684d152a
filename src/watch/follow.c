/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of the set is one posting of an indicator: "indicator--... COMMUNITY". An observation in
 * it is one entry of the journal, by its number, so that what a match rests on can be read again
 * exactly.
 *
 *      none --read again without telling: load--> loaded --rows: tc_follow_rows--> loaded
 *       ^                                           | a row failed: forget
 *       +-------------------------------------------+ */
#include "watch/follow.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/num.h"
#include "codec/json.h"
#include "pattern/set.h"
#include "watch/evidence.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR     (INT64_C(3600) * TC_SECOND)
#define DAY      (24 * HOUR)
#define MAX_SAID 100u /* refused patterns that are logged */
#define KEY      (TC_ID_MAX + 24)

struct indicator { /* by handle of the set */
    uint64_t seq;
    tc_time version, from, until; /* until: TC_TIME_MAX without an end */
    int32_t day;
    uint32_t of_day; /* matches */
    bool used;
};

struct pending { /* a match that the set told of */
    uint32_t handle;
    uint64_t *seqs;
    size_t n;
};

struct tc_follow {
    struct tc_journal *j;
    tc_follow_tell tell;
    void *arg;
    struct tc_set *set;
    struct indicator *v;
    size_t n_v;
    struct tc_map *dead; /* "ID COMMUNITY" -> newest version, of those that are not in the set;
                            "ID" -> 0, of the revoked */
    struct tc_evidence *evidence;
    struct tc_json_reader *json;
    struct tc_arena *arena; /* of one observation */
    bool loaded, quiet;
    tc_time swept;
    uint64_t head;
    char feeding[24]; /* number of the entry */
    struct pending *pending;
    size_t n_pending, cap_pending;
    struct tc_follow_counts counts;
};

static const struct tc_str types[] = {{"indicator", 9}, {"observed-data", 13}};

/* ---- indicators ---- */

static struct tc_str key_of(struct tc_str id, uint32_t community, char out[KEY])
{
    int n = snprintf(out, KEY, "%.*s %u", TC_FMT(id), community);
    return tc_str_view(out, n > 0 ? (size_t)n : 0);
}

static struct tc_str before_space(struct tc_str key)
{
    size_t at = tc_str_find(key, TC_STR(" "));
    return at == SIZE_MAX ? key : tc_str_view(key.p, at);
}

static void drop(struct tc_follow *f, struct tc_str key)
{
    uint32_t handle;
    if (!tc_set_find(f->set, key, &handle))
        return;
    tc_set_remove(f->set, handle);
    f->v[handle].used = false;
}

static tc_err slot(struct tc_follow *f, uint32_t handle)
{
    if (handle < f->n_v)
        return TC_OK;
    size_t n = f->n_v ? 2 * f->n_v : 64;
    while (n <= handle)
        n *= 2;
    struct indicator *v = reallocarray(f->v, n, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    memset(v + f->n_v, 0, (n - f->n_v) * sizeof *v);
    f->v = v;
    f->n_v = n;
    return TC_OK;
}

/* It stays out of the set at this version and before. */
static tc_err bury(struct tc_follow *f, struct tc_str key, tc_time version)
{
    uint64_t known = 0;
    if (tc_map_get(f->dead, key, &known) && (tc_time)known >= version)
        return TC_OK;
    return tc_map_put(f->dead, key, (uint64_t)version);
}

static tc_err refuse(struct tc_follow *f, struct tc_str key, tc_time version,
                     const struct tc_diag *d)
{
    if (f->counts.refused++ < MAX_SAID)
        tc_log(TC_LOG_WARN, "indicator %.*s is not matched: %s", TC_FMT(before_space(key)),
               d->message);
    return bury(f, key, version);
}

struct live { /* what an indicator says */
    struct tc_str pattern;
    tc_time from, until;
    bool stix;
};

static void read_live(yyjson_val *o, const struct tc_row *row, struct live *x)
{
    struct tc_str s;
    *x = (struct live){.from = TC_TIME_MIN, .until = TC_TIME_MAX, .stix = row->spec_20};
    if (tc_json_str(o, "pattern_type", &s))
        x->stix = tc_str_is(s, "stix");
    if (!tc_json_str(o, "pattern", &x->pattern))
        x->stix = false;
    if (tc_json_str(o, "valid_from", &s) && tc_time_parse_z(s, &x->from))
        x->from = TC_TIME_MIN;
    if (tc_json_str(o, "valid_until", &s) && tc_time_parse_z(s, &x->until))
        x->until = TC_TIME_MIN; /* an end that cannot be read has passed */
}

static tc_err add(struct tc_follow *f, const struct tc_row *row, struct tc_str key,
                  const struct live *x)
{
    struct tc_diag d;
    uint32_t handle = 0;
    tc_diag_init(&d);
    tc_err e = tc_set_add(f->set, key, x->pattern, &handle, &d);
    if (e)
        return e == TC_E_NOMEM ? e : refuse(f, key, row->version, &d);
    if ((e = slot(f, handle))) {
        tc_set_remove(f->set, handle);
        return e;
    }
    f->v[handle] = (struct indicator){
        .seq = row->seq, .version = row->version, .from = x->from, .until = x->until, .used = true};
    (void)tc_map_remove(f->dead, key);
    return TC_OK;
}

/* Whoever said it, said it of all postings: only the creator may revoke. */
static tc_err revoke(struct tc_follow *f, const struct tc_row *row)
{
    struct tc_reader *r = NULL;
    struct tc_row one;
    char text[KEY];
    struct tc_str id = row->id;
    const struct tc_query q = {.ids = &id,
                               .n_ids = 1,
                               .until = row->seq,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .no_body = true};
    tc_err e = tc_map_put(f->dead, row->id, 0);
    e = e ? e : tc_reader_open(f->j, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &one)) && one.seq)
        drop(f, key_of(row->id, one.community, text));
    tc_reader_close(r);
    return e;
}

static tc_err take_indicator(struct tc_follow *f, const struct tc_row *row)
{
    char text[KEY];
    struct tc_str key = key_of(row->id, row->community, text);
    uint64_t known = 0;
    uint32_t handle = 0;
    yyjson_val *o = NULL;
    struct live x;
    if (row->revoked)
        return revoke(f, row);
    if (tc_map_get(f->dead, row->id, &known))
        return TC_OK;
    if (tc_map_get(f->dead, key, &known) && row->version <= (tc_time)known)
        return TC_OK;
    if (tc_set_find(f->set, key, &handle) && row->version < f->v[handle].version)
        return TC_OK;
    tc_err e = tc_json_reader_read(f->json, row->body, TC_MAX_OBJECT, 0, &o, NULL);
    if (e)
        return e == TC_E_NOMEM ? e : TC_OK;
    read_live(o, row, &x);
    drop(f, key);
    return x.stix && x.until > row->added ? add(f, row, key, &x) : bury(f, key, row->version);
}

/* A deletion: what is left of this posting is what holds. */
static tc_err take_gone(struct tc_follow *f, const struct tc_row *row)
{
    char text[KEY];
    struct tc_reader *r = NULL;
    struct tc_row left;
    struct tc_str id = row->id, key = key_of(row->id, row->community, text);
    const struct tc_query q = {
        .ids = &id, .n_ids = 1, .until = row->seq, .versions = 1u << TC_VERSIONS_ALL};
    drop(f, key);
    (void)tc_map_remove(f->dead, key);
    tc_err e = tc_reader_open(f->j, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &left)) && left.seq)
        if (left.community == row->community)
            e = take_indicator(f, &left);
    tc_reader_close(r);
    return e;
}

/* Frees what the expired take; that they are over is asked at each match. */
static tc_err sweep(struct tc_follow *f, tc_time now)
{
    char text[KEY];
    tc_err e = TC_OK;
    if (f->swept != TC_TIME_NONE && now < f->swept + HOUR)
        return TC_OK;
    f->swept = now;
    for (size_t i = 0; !e && i < f->n_v; i++) {
        if (!f->v[i].used || f->v[i].until > now)
            continue;
        (void)tc_str_copy(tc_set_id(f->set, (uint32_t)i), text, sizeof text);
        drop(f, tc_str_cstr(text));
        e = bury(f, tc_str_cstr(text), f->v[i].version);
    }
    return e;
}

/* ---- observations ---- */

static tc_err on_match(void *arg, const struct tc_set_match *x)
{
    struct tc_follow *f = arg;
    if (f->n_pending == f->cap_pending) {
        size_t cap = f->cap_pending ? 2 * f->cap_pending : 64;
        struct pending *v = reallocarray(f->pending, cap, sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        f->pending = v;
        f->cap_pending = cap;
    }
    struct pending p = {x->handle, tc_arena_zalloc(f->arena, x->n + 1, sizeof *p.seqs), x->n};
    tc_err e = p.seqs ? TC_OK : TC_E_NOMEM;
    for (size_t i = 0; !e && i < x->n; i++)
        e = tc_num_u64(x->observations[i], UINT64_MAX, &p.seqs[i]);
    if (!e)
        f->pending[f->n_pending++] = p;
    return e;
}

static tc_err feed(void *arg, const struct tc_evidence_of *x)
{
    struct tc_follow *f = arg;
    struct tc_observation o = *x->o;
    o.id = tc_str_cstr(f->feeding);
    return tc_set_feed(f->set, &o, 1, on_match, f);
}

static bool over_day(struct tc_follow *f, struct indicator *in, tc_time now)
{
    int32_t day = (int32_t)(now / DAY);
    in->of_day = in->day == day ? in->of_day : 0;
    in->day = day;
    if (in->of_day++ < TC_FOLLOW_PER_DAY)
        return false;
    if (in->of_day == TC_FOLLOW_PER_DAY + 1)
        tc_log(TC_LOG_WARN, "an indicator matched %u times on one day: no more of it today",
               TC_FOLLOW_PER_DAY);
    f->counts.over_day++;
    return true;
}

static tc_err tell(struct tc_follow *f, const struct pending *p, tc_time now)
{
    struct indicator *in = &f->v[p->handle];
    if (!in->used || now < in->from || now >= in->until || over_day(f, in, now))
        return TC_OK;
    const struct tc_follow_match x = {in->seq, p->seqs, p->n, now};
    return f->tell(f->arg, &x);
}

static tc_err take_observation(struct tc_follow *f, const struct tc_row *row)
{
    const struct tc_audience *a = tc_journal_audience_of(f->j, row->audience);
    if (!a || row->revoked || !tc_set_counts(f->set).patterns)
        return TC_OK;
    tc_arena_reset(f->arena);
    f->n_pending = 0;
    (void)snprintf(f->feeding, sizeof f->feeding, "%llu", (unsigned long long)row->seq);
    tc_err e = tc_evidence_read(f->evidence, &row->body, 1, a, f->head, feed, f);
    for (size_t i = 0; !e && !f->quiet && i < f->n_pending; i++)
        e = tell(f, &f->pending[i], row->added);
    return e;
}

/* ---- rows ---- */

static tc_err take(struct tc_follow *f, const struct tc_row *row)
{
    bool indicator = tc_str_is(row->type, "indicator");
    tc_err e = sweep(f, row->added);
    if (e)
        return e;
    if (row->kind == TC_ENTRY_DELETE)
        return indicator ? take_gone(f, row) : TC_OK;
    return indicator ? take_indicator(f, row) : take_observation(f, row);
}

static tc_err read_rows(struct tc_follow *f, uint64_t after, uint64_t until, size_t n_types)
{
    const struct tc_query q = {.after = after,
                               .until = until,
                               .types = types,
                               .n_types = n_types,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (after >= until)
        return TC_OK;
    tc_err e = tc_reader_open(f->j, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        e = take(f, &row);
    tc_reader_close(r);
    return e;
}

/* The last entry that came in before the window. added rises with seq. */
static uint64_t window_start(struct tc_follow *f, uint64_t upto)
{
    uint64_t lo = upto > TC_FOLLOW_WINDOW_ENTRIES ? upto - TC_FOLLOW_WINDOW_ENTRIES : 0, hi = upto;
    tc_time last = upto ? tc_journal_added_of(f->j, upto) : TC_TIME_NONE;
    if (last == TC_TIME_NONE)
        return lo;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo + 1) / 2;
        tc_time t = tc_journal_added_of(f->j, mid);
        if (t != TC_TIME_NONE && t < last - TC_FOLLOW_WINDOW)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

void tc_follow_forget(struct tc_follow *f)
{
    tc_set_free(f->set);
    tc_map_free(f->dead);
    free(f->v);
    f->set = NULL;
    f->dead = NULL;
    f->v = NULL;
    f->n_v = 0;
    f->swept = TC_TIME_NONE;
    f->counts.refused = 0;
    f->loaded = false;
}

static tc_err load(struct tc_follow *f, uint64_t upto)
{
    uint64_t window = window_start(f, upto);
    tc_follow_forget(f);
    f->set = tc_set_new(NULL);
    f->dead = tc_map_new(TC_MAX_ENTRIES);
    if (!f->set || !f->dead)
        return TC_E_NOMEM;
    f->quiet = true;
    tc_err e = read_rows(f, 0, window, 1);
    e = e ? e : read_rows(f, window, upto, 2);
    f->quiet = false;
    f->loaded = !e;
    return e;
}

tc_err tc_follow_rows(struct tc_follow *f, uint64_t after, uint64_t until, uint64_t head)
{
    f->head = head;
    tc_err e = f->loaded ? TC_OK : load(f, after);
    e = e ? e : read_rows(f, after, until, 2);
    if (e)
        tc_follow_forget(f); /* what was fed would be fed twice */
    return e;
}

/* ---- life ---- */

struct tc_follow_counts tc_follow_counts(const struct tc_follow *f)
{
    struct tc_follow_counts c = f->counts;
    c.indicators = f->set ? tc_set_counts(f->set).patterns : 0;
    return c;
}

void tc_follow_free(struct tc_follow *f)
{
    if (!f)
        return;
    tc_follow_forget(f);
    tc_evidence_free(f->evidence);
    tc_json_reader_free(f->json);
    tc_arena_free(f->arena);
    free(f->pending);
    free(f);
}

struct tc_follow *tc_follow_new(struct tc_journal *j, tc_follow_tell tell_of, void *arg)
{
    struct tc_follow *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->j = j;
    f->tell = tell_of;
    f->arg = arg;
    f->swept = TC_TIME_NONE;
    f->evidence = tc_evidence_new(j, &tc_principal_system);
    f->json = tc_json_reader_new();
    f->arena = tc_arena_new((size_t)256 << 20);
    if (f->evidence && f->json && f->arena)
        return f;
    tc_follow_free(f);
    return NULL;
}

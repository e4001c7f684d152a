/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of the set is one posting of an indicator: "indicator--... COMMUNITY", or a pack's rule:
 * "indicator--... pack". An observation in it is one entry of the journal, by its number, so that
 * what a match rests on can be read again exactly.
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
#include "watch/awaited.h"
#include "watch/evidence.h"
#include "watch/mutes.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR     (INT64_C(3600) * TC_SECOND)
#define DAY      (24 * HOUR)
#define PROGRESS 1000u /* observations */
#define MAX_SAID 100u  /* refused patterns that are logged */
#define KEY      (TC_ID_MAX + 24)

struct indicator {                /* by handle of the set */
    uint64_t seq;                 /* 0 = a pack's rule */
    uint64_t since;               /* entry by which it became live */
    tc_time version, from, until; /* until: TC_TIME_MAX without an end */
    int32_t day;
    uint32_t of_day; /* matches */
    uint32_t org, audience;
    const struct tc_rule *pack;
    bool used;
};

struct pending { /* a match that the set told of */
    uint32_t handle;
    uint64_t *seqs;
    size_t n;
    bool parted;
    struct tc_str per;
};

struct refused {
    char key[TC_ID_MAX + 24];
    struct tc_follow_named what;
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
    const struct tc_pack_rules *rules;
    uint32_t own;
    struct tc_mutes *mutes;
    struct tc_awaited *awaited;
    struct tc_evidence *evidence;
    struct tc_json_reader *json;
    struct tc_arena *arena;   /* of one observation */
    struct tc_arena *reading; /* of one indicator */
    bool loaded, quiet, again;
    tc_time swept, now;
    uint64_t head, at; /* at: the entry that is taken */
    uint64_t fed;      /* entry of the observation */
    char feeding[24];  /* the same, as text */
    struct pending *pending;
    size_t n_pending, cap_pending;
    struct refused *refused; /* TC_FOLLOW_NAMED */
    size_t n_refused;
    struct tc_follow_counts counts;
};

static const struct tc_str types[] = {{"indicator", 9}, {"mute", 4}, {"observed-data", 13}};

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

static void no_more_refused(struct tc_follow *f, struct tc_str key)
{
    for (size_t i = 0; i < f->n_refused; i++)
        if (tc_str_is(key, f->refused[i].key)) {
            f->refused[i] = f->refused[--f->n_refused];
            f->counts.refused--;
            return;
        }
}

static tc_err refuse(struct tc_follow *f, const struct tc_row *row, struct tc_str key,
                     const struct tc_diag *d)
{
    no_more_refused(f, key);
    if (f->n_refused < TC_FOLLOW_NAMED) {
        struct refused *r = &f->refused[f->n_refused++];
        *r = (struct refused){.what.audience = row->audience};
        (void)tc_str_copy(key, r->key, sizeof r->key);
        (void)tc_str_copy(row->id, r->what.id, sizeof r->what.id);
        (void)tc_str_copy(tc_str_cstr(d->message), r->what.reason, sizeof r->what.reason);
    }
    if (f->counts.refused++ < MAX_SAID)
        tc_log(TC_LOG_WARN, "indicator %.*s is not matched: %s", TC_FMT(before_space(key)),
               d->message);
    return bury(f, key, row->version);
}

struct live { /* what an indicator says */
    struct tc_str pattern, per;
    tc_time from, until;
    bool stix;
};

/* false: the extension "rule" is not what it must be; d says why. */
static bool read_live(struct tc_follow *f, yyjson_val *o, const struct tc_row *row, struct live *x,
                      struct tc_diag *d)
{
    struct tc_rule r;
    *x = (struct live){.stix = row->spec_20};
    tc_arena_reset(f->reading);
    if (tc_rule_read(o, f->reading, &r, d))
        return false;
    x->pattern = r.pattern;
    x->per = r.per;
    x->from = r.from;
    x->until = r.until;
    if (r.pattern_type.n)
        x->stix = tc_str_is(r.pattern_type, "stix");
    x->stix = x->stix && r.pattern.n;
    return true;
}

static uint32_t org_of(struct tc_follow *f, const struct tc_row *row)
{
    const struct tc_audience *a = tc_journal_audience_of(f->j, row->audience);
    return a ? a->creator_org : 0;
}

static tc_err add(struct tc_follow *f, const struct tc_row *row, struct tc_str key,
                  const struct live *x)
{
    struct tc_diag d;
    uint32_t handle = 0;
    tc_diag_init(&d);
    tc_err e = tc_set_add_per(f->set, key, x->pattern, x->per, &handle, &d);
    if (e)
        return e == TC_E_NOMEM ? e : refuse(f, row, key, &d);
    if ((e = slot(f, handle))) {
        tc_set_remove(f->set, handle);
        return e;
    }
    f->v[handle] = (struct indicator){.seq = row->seq,
                                      .since = f->at,
                                      .version = row->version,
                                      .from = x->from,
                                      .until = x->until,
                                      .org = org_of(f, row),
                                      .audience = row->audience,
                                      .used = true};
    (void)tc_map_remove(f->dead, key);
    return TC_OK;
}

static tc_err add_pack(struct tc_follow *f, const struct tc_rule *r)
{
    char key[KEY];
    struct tc_diag d;
    uint32_t handle = 0;
    tc_diag_init(&d);
    (void)snprintf(key, sizeof key, "%.*s pack", TC_FMT(r->id));
    tc_err e = tc_set_add_per(f->set, tc_str_cstr(key), r->pattern, r->per, &handle, &d);
    e = e ? e : slot(f, handle);
    if (e)
        return e;
    f->v[handle] = (struct indicator){
        .version = r->modified, .from = r->from, .until = r->until, .pack = r, .used = true};
    return TC_OK;
}

static bool of_a_pack(const struct tc_follow *f, struct tc_str id)
{
    for (size_t i = 0; f->rules && i < f->rules->n; i++)
        if (tc_str_eq(f->rules->v[i].rule.id, id))
            return true;
    return false;
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
    while (!e && !(e = tc_reader_next(r, &one)) && one.seq) {
        drop(f, key_of(row->id, one.community, text));
        no_more_refused(f, tc_str_cstr(text));
    }
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
    struct tc_diag d;
    tc_diag_init(&d);
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
    drop(f, key);
    no_more_refused(f, key);
    if (of_a_pack(f, row->id)) {
        (void)tc_diag_set(&d, TC_E_CONFLICT, "a rule of a pack has this id");
        return refuse(f, row, key, &d);
    }
    if (!read_live(f, o, row, &x, &d))
        return d.code == TC_E_NOMEM ? TC_E_NOMEM : refuse(f, row, key, &d);
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
    no_more_refused(f, key);
    (void)tc_map_remove(f->dead, key);
    tc_err e = tc_reader_open(f->j, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &left)) && left.seq)
        if (left.community == row->community)
            e = take_indicator(f, &left);
    tc_reader_close(r);
    return e;
}

static tc_err take_mute(struct tc_follow *f, const struct tc_row *row)
{
    struct tc_mute m;
    yyjson_val *o = NULL;
    if (row->kind == TC_ENTRY_DELETE) {
        tc_mutes_drop(f->mutes, row->id, row->community);
        return TC_OK;
    }
    tc_err e = tc_json_reader_read(f->json, row->body, TC_MAX_OBJECT, 0, &o, NULL);
    if (e || tc_mute_read(o, &m, NULL))
        return e == TC_E_NOMEM ? e : TC_OK;
    m.modified = row->version;
    m.revoked = row->revoked;
    return tc_mutes_take(f->mutes, &m, org_of(f, row), row->community);
}

/* Frees what the expired take; that they are over is asked at each match. */
static tc_err sweep(struct tc_follow *f, tc_time now)
{
    char text[KEY];
    tc_err e = TC_OK;
    if (f->swept != TC_TIME_NONE && now < f->swept + HOUR)
        return TC_OK;
    f->swept = now;
    tc_mutes_sweep(f->mutes, now);
    e = tc_awaited_sweep(f->awaited, now);
    for (size_t i = 0; !e && i < f->n_v; i++) {
        if (!f->v[i].used || f->v[i].pack || f->v[i].until > now)
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
    struct pending p = {.handle = x->handle,
                        .seqs = tc_arena_zalloc(f->arena, x->n + 1, sizeof *p.seqs),
                        .n = x->n,
                        .parted = x->parted,
                        .per = tc_arena_dup(f->arena, x->per)};
    tc_err e = p.seqs && p.per.p ? TC_OK : TC_E_NOMEM;
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
    tc_err e = TC_OK;
    o.id = tc_str_cstr(f->feeding);
    for (size_t i = 0; !e && i < x->n_missing; i++)
        e = tc_awaited_add(f->awaited, x->missing[i], f->fed, f->now);
    if (e)
        return e;
    return f->again ? tc_set_feed_again(f->set, &o, on_match, f)
                    : tc_set_feed(f->set, &o, 1, on_match, f);
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

static tc_err tell(struct tc_follow *f, const struct pending *p)
{
    struct indicator *in = &f->v[p->handle];
    if (!in->used || f->now < in->from || f->now >= in->until)
        return TC_OK;
    if (tc_mutes_hold(f->mutes, before_space(tc_set_id(f->set, p->handle)), p->per, in->org, f->own,
                      f->now)) {
        f->counts.muted++;
        return TC_OK;
    }
    if (over_day(f, in, f->now))
        return TC_OK;
    const struct tc_follow_match x = {.indicator = in->seq,
                                      .pack = in->pack,
                                      .observations = p->seqs,
                                      .n = p->n,
                                      .last = f->fed,
                                      .at = f->now,
                                      .parted = p->parted,
                                      .per = p->per};
    return f->tell(f->arg, &x);
}

/* f->now is when the news came in: the observation, or what it waited for. */
static tc_err take_observation(struct tc_follow *f, const struct tc_row *row)
{
    const struct tc_audience *a = tc_journal_audience_of(f->j, row->audience);
    if (!a || row->revoked || !tc_set_any(f->set))
        return TC_OK;
    tc_arena_reset(f->arena);
    f->n_pending = 0;
    f->fed = row->seq;
    (void)snprintf(f->feeding, sizeof f->feeding, "%llu", (unsigned long long)row->seq);
    tc_set_clock(f->set, f->now);
    tc_err e = tc_evidence_read(f->evidence, &row->body, 1, a, f->head, feed, f);
    for (size_t i = 0; !e && !f->quiet && i < f->n_pending; i++)
        e = tell(f, &f->pending[i]);
    return e;
}

/* What observations waited for. */
static tc_err take_awaited(struct tc_follow *f, struct tc_str id)
{
    char text[TC_ID_MAX];
    tc_err e = TC_OK;
    if (!tc_str_copy(id, text, sizeof text))
        return TC_OK;
    for (uint64_t seq; !e && (seq = tc_awaited_take(f->awaited, tc_str_cstr(text)));) {
        struct tc_reader *r = NULL;
        struct tc_row row = {0};
        const struct tc_query q = {.seqs = &seq, .n_seqs = 1, .versions = 1u << TC_VERSIONS_ALL};
        e = tc_reader_open(f->j, &tc_principal_system, &q, &r);
        e = e ? e : tc_reader_next(r, &row);
        f->again = true;
        if (!e && row.seq)
            e = take_observation(f, &row);
        f->again = false;
        tc_reader_close(r);
    }
    return e;
}

/* ---- rows ---- */

static tc_err take(struct tc_follow *f, const struct tc_row *row)
{
    bool gone = row->kind == TC_ENTRY_DELETE;
    tc_err e = sweep(f, row->added);
    if (e)
        return e;
    f->at = row->seq;
    f->now = row->added;
    if (tc_str_is(row->type, "indicator"))
        return gone ? take_gone(f, row) : take_indicator(f, row);
    if (tc_str_is(row->type, "mute"))
        return take_mute(f, row);
    if (gone)
        return TC_OK;
    if (tc_str_is(row->type, "observed-data"))
        return take_observation(f, row);
    return tc_awaited_has(f->awaited, row->id) ? take_awaited(f, row->id) : TC_OK;
}

/* n_types: of the list above; 0 = all, when something is awaited. */
static tc_err read_rows(struct tc_follow *f, uint64_t after, uint64_t until, size_t n_types)
{
    const struct tc_query q = {.after = after,
                               .until = until,
                               .types = n_types ? types : NULL,
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

/* How far back the live patterns look, by the time at which things come in. */
static int64_t window_of(const struct tc_follow *f)
{
    int64_t span = tc_set_span(f->set);
    if (!span)
        return 0;
    return span < TC_FOLLOW_WINDOW - TC_WHEN_LATE ? span + TC_WHEN_LATE : TC_FOLLOW_WINDOW;
}

/* The last entry that came in before the window. added rises with seq. */
static uint64_t window_start(struct tc_follow *f, uint64_t upto, int64_t window)
{
    uint64_t lo = upto > TC_FOLLOW_WINDOW_ENTRIES ? upto - TC_FOLLOW_WINDOW_ENTRIES : 0, hi = upto;
    tc_time last = upto ? tc_journal_added_of(f->j, upto) : TC_TIME_NONE;
    if (last == TC_TIME_NONE || !window)
        return last == TC_TIME_NONE ? lo : upto;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo + 1) / 2;
        tc_time t = tc_journal_added_of(f->j, mid);
        if (t != TC_TIME_NONE && t < last - window)
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
    tc_mutes_free(f->mutes);
    tc_awaited_free(f->awaited);
    free(f->v);
    f->set = NULL;
    f->dead = NULL;
    f->mutes = NULL;
    f->awaited = NULL;
    f->v = NULL;
    f->n_v = f->n_refused = 0;
    f->swept = TC_TIME_NONE;
    f->counts.refused = 0;
    f->loaded = false;
}

/* Those that became live inside of the window are taken out: they come again at their place, and
 * so meet what came in after them only. */
static void take_out_after(struct tc_follow *f, uint64_t window)
{
    for (size_t i = 0; i < f->n_v; i++)
        if (f->v[i].used && f->v[i].since > window) {
            tc_set_remove(f->set, (uint32_t)i);
            f->v[i].used = false;
        }
}

static tc_err new_state(struct tc_follow *f)
{
    tc_follow_forget(f);
    f->set = tc_set_new(NULL);
    f->dead = tc_map_new(TC_MAX_ENTRIES);
    f->mutes = tc_mutes_new();
    f->awaited = tc_awaited_new();
    return f->set && f->dead && f->mutes && f->awaited ? TC_OK : TC_E_NOMEM;
}

static tc_err load(struct tc_follow *f, uint64_t upto)
{
    uint64_t head = f->head;
    tc_err e = new_state(f);
    for (size_t i = 0; !e && f->rules && i < f->rules->n; i++)
        e = add_pack(f, &f->rules->v[i].rule);
    f->quiet = true;
    f->head = upto; /* what came later is still to be told of */
    e = e ? e : read_rows(f, 0, upto, 2);
    if (!e) {
        uint64_t window = window_start(f, upto, window_of(f));
        take_out_after(f, window);
        e = read_rows(f, window, upto, 3);
    }
    f->quiet = false;
    f->head = head;
    f->loaded = !e;
    return e;
}

tc_err tc_follow_rows(struct tc_follow *f, uint64_t after, uint64_t until, uint64_t head)
{
    f->head = head;
    tc_err e = f->loaded ? TC_OK : load(f, after);
    e = e ? e : read_rows(f, after, until, tc_awaited_count(f->awaited) ? 0 : 3);
    if (e)
        tc_follow_forget(f); /* what was fed would be fed twice */
    return e;
}

/* ---- life ---- */

/* ---- the past ---- */

static tc_err take_all(struct tc_follow *f, const struct tc_query *q, struct tc_follow_past *p)
{
    struct tc_reader *r = NULL;
    struct tc_row row;
    uint64_t n = 0;
    tc_err e = tc_reader_open(f->j, &tc_principal_system, q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        e = take(f, &row);
        if (++n % PROGRESS == 0 && p->progress)
            p->progress(p->arg, n);
    }
    tc_reader_close(r);
    p->observations = n;
    return e;
}

/* The rule in each of its postings, and what mutes it; then the observations. */
tc_err tc_follow_past(struct tc_follow *f, struct tc_follow_past *p)
{
    const struct tc_query rule = {.ids = &p->id,
                                  .n_ids = 1,
                                  .until = p->until,
                                  .versions = 1u << TC_VERSIONS_ALL,
                                  .with_deletions = true};
    const struct tc_query mutes = {.types = &types[1],
                                   .n_types = 1,
                                   .until = p->until,
                                   .versions = 1u << TC_VERSIONS_ALL,
                                   .with_deletions = true};
    const struct tc_query seen = {.types = &types[2],
                                  .n_types = 1,
                                  .until = p->until,
                                  .added_after =
                                      p->since == TC_TIME_NONE ? TC_TIME_NONE : p->since - 1};
    tc_err e = new_state(f);
    f->head = p->until;
    for (size_t i = 0; !e && f->rules && i < f->rules->n; i++)
        if (tc_str_eq(f->rules->v[i].rule.id, p->id))
            e = add_pack(f, &f->rules->v[i].rule);
    if (!e && tc_str_starts(p->id, TC_STR("indicator--")))
        e = take_all(f, &rule, p);
    for (size_t i = 0; i < f->n_v; i++)
        f->v[i].from = TC_TIME_MIN;
    if (!e && !tc_set_any(f->set))
        e = TC_E_NOTFOUND;
    e = e ? e : take_all(f, &mutes, p);
    e = e ? e : take_all(f, &seen, p);
    f->loaded = false;
    return e;
}

struct tc_follow_counts tc_follow_counts(const struct tc_follow *f)
{
    struct tc_follow_counts c = f->counts;
    if (!f->loaded)
        return c;
    struct tc_set_counts set = tc_set_counts(f->set);
    c.rules = f->rules ? f->rules->n : 0;
    c.indicators = set.patterns - c.rules;
    c.unindexed = set.residual;
    c.remembered = set.remembered;
    c.forgotten = set.forgotten;
    c.partitions = set.partitions;
    c.dropped = set.dropped;
    c.undecided = set.undecided;
    c.mutes = tc_mutes_count(f->mutes);
    c.awaited = tc_awaited_count(f->awaited);
    c.not_awaited = tc_awaited_over(f->awaited);
    return c;
}

size_t tc_follow_name(const struct tc_follow *f, struct tc_follow_named *out, size_t max)
{
    size_t n = 0, at = 0;
    uint32_t handle;
    for (size_t i = 0; i < f->n_refused && n < max; i++)
        out[n++] = f->refused[i].what;
    while (f->loaded && n < max && tc_set_residual(f->set, &at, &handle)) {
        out[n] = (struct tc_follow_named){.audience = f->v[handle].audience};
        (void)tc_str_copy(before_space(tc_set_id(f->set, handle)), out[n].id, sizeof out[n].id);
        n++;
    }
    return n;
}

void tc_follow_free(struct tc_follow *f)
{
    if (!f)
        return;
    tc_follow_forget(f);
    tc_evidence_free(f->evidence);
    tc_json_reader_free(f->json);
    tc_arena_free(f->arena);
    tc_arena_free(f->reading);
    free(f->pending);
    free(f->refused);
    free(f);
}

struct tc_follow *tc_follow_new(struct tc_journal *j, const struct tc_pack_rules *rules,
                                uint32_t own, tc_follow_tell tell_of, void *arg)
{
    struct tc_follow *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->j = j;
    f->rules = rules;
    f->own = own;
    f->tell = tell_of;
    f->arg = arg;
    f->swept = TC_TIME_NONE;
    f->evidence = tc_evidence_new(j, &tc_principal_system);
    f->json = tc_json_reader_new();
    f->arena = tc_arena_new((size_t)256 << 20);
    f->reading = tc_arena_new((size_t)16 << 20);
    f->refused = calloc(TC_FOLLOW_NAMED, sizeof *f->refused);
    if (f->evidence && f->json && f->arena && f->reading && f->refused)
        return f;
    tc_follow_free(f);
    return NULL;
}

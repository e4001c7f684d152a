/* SPDX-License-Identifier: Apache-2.0 */
/* What follow.c tells of is written down: the indicator and the observations are read again, with
 * everything that the observations refer to, the audiences of all that are met, and a sighting and
 * a finding appended unless they are there. */
#include "watch/match.h"

#include "base/log.h"
#include "codec/json.h"
#include "intake/intake.h"
#include "watch/evidence.h"
#include "watch/follow.h"
#include "watch/listed.h"
#include "watch/matched.h"
#include "watch/meet.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH   200u   /* objects appended at once */
#define ENTRIES 20000u /* entries of one step: bounds how long stopping takes */
#define MS      INT64_C(1000)

struct tc_match {
    struct tc_node *n;
    struct tc_follow *follow;
    struct tc_warnlists *lists;
    struct tc_evidence *evidence;
    struct tc_json_reader *json;
    struct tc_arena *arena; /* of one match */
    struct tc_arena *step_arena;
    struct tc_principal own; /* the node's organisation */
    uint64_t head;
    struct tc_buf text;
    size_t from[BATCH];
    struct tc_audience audience[BATCH];
    uint32_t n_texts;
    struct tc_match_counts counts;
};

/* ---- conclusions ---- */

static tc_err flush(struct tc_match *m)
{
    struct tc_own_object own[BATCH];
    struct tc_item *items = calloc(BATCH, sizeof *items);
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = items ? m->text.err : TC_E_NOMEM;
    for (uint32_t i = 0; i < m->n_texts; i++) {
        size_t to = i + 1 < m->n_texts ? m->from[i + 1] : m->text.n;
        own[i] = (struct tc_own_object){tc_str_view(m->text.p + m->from[i], to - m->from[i]),
                                        m->audience[i]};
    }
    if (!e && m->n_texts)
        e = tc_intake_own(m->n, own, m->n_texts, items, &d);
    if (e)
        tc_log(TC_LOG_WARN, "sightings cannot be appended: %s %s", d.path, d.message);
    for (uint32_t i = 0; !e && i < m->n_texts; i++)
        if (items[i].state == TC_ITEM_SKIPPED)
            tc_log(TC_LOG_WARN, "%s: %s", items[i].id, items[i].diag.message);
    free(items);
    tc_buf_clear(&m->text);
    m->n_texts = 0;
    return e;
}

/* One match being written down. */
struct telling {
    struct tc_match *m;
    struct tc_matched x;
    struct tc_str *ids;
    struct tc_listed *listed;
    struct tc_audience audience;
    bool apart;     /* no audience says who may read all of it */
    bool own_reads; /* the node's organisation may */
    bool gone;      /* some of it is not there any more */
};

static void narrow(struct telling *t, const struct tc_audience *a)
{
    struct tc_audience met;
    t->own_reads = t->own_reads && tc_may_read(&t->m->own, a);
    if (t->apart || !tc_audience_meet(&t->audience, a, &met))
        t->apart = true;
    else
        t->audience = met;
}

static tc_err one_entry(struct tc_match *m, uint64_t seq, struct tc_reader **r, struct tc_row *row)
{
    const struct tc_query q = {.seqs = &seq, .n_seqs = 1, .versions = 1u << TC_VERSIONS_ALL};
    tc_err e = tc_reader_open(m->n->journal, &tc_principal_system, &q, r);
    return e ? e : tc_reader_next(*r, row);
}

/* The indicator as it stands in the journal; its views live in the arena. */
static tc_err tell_indicator(struct telling *t, uint64_t seq)
{
    struct tc_match *m = t->m;
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    yyjson_val *o = NULL;
    struct tc_str pattern = {"", 0};
    tc_err e = one_entry(m, seq, &r, &row);
    const struct tc_audience *a =
        !e && row.seq ? tc_journal_audience_of(m->n->journal, row.audience) : NULL;
    t->gone = !a;
    if (a && !(e = tc_json_reader_read(m->json, row.body, TC_MAX_OBJECT, 0, &o, NULL))) {
        t->audience = *a;
        t->audience.fields = NULL; /* what is concluded has none */
        t->audience.n_fields = 0;
        t->own_reads = tc_may_read(&m->own, a);
        t->x.indicator = tc_arena_dup(m->arena, row.id);
        (void)tc_json_str(o, "name", &t->x.name);
        t->x.name = tc_arena_dup(m->arena, t->x.name);
        (void)tc_json_str(o, "pattern", &pattern);
        if (!t->x.indicator.p || !t->x.name.p)
            e = TC_E_NOMEM;
        if (!e && tc_warnlists_count(m->lists))
            e = tc_listed_new(m->lists, pattern, &t->listed);
    }
    tc_reader_close(r);
    return e;
}

static tc_err tell_evidence(void *arg, const struct tc_evidence_of *x)
{
    struct telling *t = arg;
    t->x.first = t->x.n == 0 || x->o->first < t->x.first ? x->o->first : t->x.first;
    t->x.last = t->x.n == 0 || x->o->last > t->x.last ? x->o->last : t->x.last;
    t->x.count += x->o->number;
    for (size_t i = 0; i < x->n_audiences; i++)
        narrow(t, x->audiences[i]);
    t->ids[t->x.n] = tc_arena_dup(t->m->arena, x->o->id);
    if (!t->ids[t->x.n++].p)
        return TC_E_NOMEM;
    return t->listed ? tc_listed_see(t->listed, x->o) : TC_OK;
}

static tc_err tell_observation(struct telling *t, uint64_t seq)
{
    struct tc_match *m = t->m;
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    size_t before = t->x.n;
    tc_err e = one_entry(m, seq, &r, &row);
    const struct tc_audience *a =
        !e && row.seq ? tc_journal_audience_of(m->n->journal, row.audience) : NULL;
    if (a)
        e = tc_evidence_read(m->evidence, &row.body, 1, a, m->head, tell_evidence, t);
    t->gone = t->gone || t->x.n == before;
    tc_reader_close(r);
    return e;
}

static int by_text(const void *a, const void *b)
{
    return tc_str_cmp(*(const struct tc_str *)a, *(const struct tc_str *)b);
}

/* Two entries of one observed-data (versions, postings) are one observation. */
static bool all_differ(const struct tc_str *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (tc_str_eq(v[i - 1], v[i]))
            return false;
    return true;
}

/* Is the finding there for exactly these readers? */
static tc_err told_before(struct tc_match *m, const char *finding, uint32_t audience, bool *out)
{
    struct tc_reader *r = NULL;
    struct tc_row row;
    struct tc_str id = tc_str_cstr(finding);
    const struct tc_query q = {
        .ids = &id, .n_ids = 1, .versions = 1u << TC_VERSIONS_ALL, .no_body = true};
    tc_err e = tc_reader_open(m->n->journal, &tc_principal_system, &q, &r);
    *out = false;
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        *out = *out || row.audience == audience;
    tc_reader_close(r);
    return e;
}

static void put(struct tc_match *m, const struct tc_audience *a, const struct tc_matched *x,
                const char *id,
                void (*write)(const struct tc_matched *, const char *, struct tc_buf *))
{
    m->from[m->n_texts] = m->text.n;
    m->audience[m->n_texts++] = *a;
    write(x, id, &m->text);
}

static tc_err write_down(struct telling *t)
{
    struct tc_match *m = t->m;
    char sighting[TC_ID_MAX], finding[TC_ID_MAX];
    uint32_t number = 0;
    bool there = false;
    if (t->apart)
        t->audience = (struct tc_audience){.tlp = TC_TLP_AMBER_STRICT, .creator_org = m->n->org};
    t->x.tlp = t->audience.tlp;
    t->x.creator = tc_str_cstr(m->n->identity);
    t->x.suppressed = t->listed ? tc_listed_by(t->listed) : NULL;
    t->x.n = t->x.n > TC_MATCHED_MAX ? TC_MATCHED_MAX : t->x.n;
    tc_matched_ids(&t->x, sighting, finding);
    tc_err e = tc_journal_audience(m->n->journal, &t->audience, &number);
    e = e ? e : told_before(m, finding, number, &there);
    if (e || there)
        return e;
    if (t->x.suppressed)
        m->counts.suppressed++;
    else
        put(m, &t->audience, &t->x, sighting, tc_matched_sighting);
    m->counts.sightings += !t->x.suppressed;
    put(m, &t->audience, &t->x, finding, tc_matched_finding);
    return m->n_texts + 2 > BATCH ? flush(m) : TC_OK;
}

static tc_err conclude(void *arg, const struct tc_follow_match *x)
{
    struct tc_match *m = arg;
    struct telling t = {.m = m};
    tc_arena_reset(m->arena);
    t.x.made = x->at / MS * MS;
    t.ids = tc_arena_zalloc(m->arena, x->n + 1, sizeof *t.ids);
    t.x.observations = t.ids;
    tc_err e = t.ids ? tell_indicator(&t, x->indicator) : TC_E_NOMEM;
    for (size_t i = 0; !e && !t.gone && i < x->n; i++)
        e = tell_observation(&t, x->observations[i]);
    if (!e && !t.gone && x->n) {
        qsort(t.ids, t.x.n, sizeof *t.ids, by_text);
        if (t.apart && !t.own_reads)
            m->counts.nobody++;
        else if (all_differ(t.ids, t.x.n))
            e = write_down(&t);
    }
    tc_listed_free(t.listed);
    return e;
}

/* ---- the reader ---- */

static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    struct tc_match *m = self;
    uint64_t until = head - after > ENTRIES ? after + ENTRIES : head;
    m->head = head;
    tc_buf_clear(&m->text);
    m->n_texts = 0;
    tc_arena_reset(m->step_arena);
    tc_err e = tc_access_org_principal(n->access, n->org, m->step_arena, &m->own);
    e = e ? e : tc_follow_rows(m->follow, after, until, head);
    e = e ? e : flush(m);
    if (e) {
        tc_follow_forget(m->follow);
        return e;
    }
    *reached = until;
    return TC_OK;
}

/* ---- life ---- */

struct tc_match_counts tc_match_counts(const struct tc_match *m)
{
    struct tc_match_counts c = m->counts;
    struct tc_follow_counts f = tc_follow_counts(m->follow);
    c.indicators = f.indicators;
    c.refused = f.refused;
    c.over_day = f.over_day;
    return c;
}

void tc_match_free(struct tc_match *m)
{
    if (!m)
        return;
    tc_follow_free(m->follow);
    tc_warnlists_free(m->lists);
    tc_evidence_free(m->evidence);
    tc_json_reader_free(m->json);
    tc_arena_free(m->arena);
    tc_arena_free(m->step_arena);
    tc_buf_fini(&m->text);
    free(m);
}

static tc_err load_lists(struct tc_match *m, struct tc_diag *d)
{
    char dir[sizeof m->n->dir + 16];
    (void)snprintf(dir, sizeof dir, "%s/warninglists", m->n->dir);
    return tc_warnlists_load(m->lists, dir, d);
}

tc_err tc_match_watch(struct tc_node *n, struct tc_match **out, struct tc_diag *d)
{
    struct tc_match *m = calloc(1, sizeof *m);
    if (!m)
        return TC_E_NOMEM;
    m->n = n;
    m->lists = tc_warnlists_new();
    m->follow = tc_follow_new(n->journal, conclude, m);
    m->evidence = tc_evidence_new(n->journal, &tc_principal_system);
    m->json = tc_json_reader_new();
    m->arena = tc_arena_new((size_t)256 << 20);
    m->step_arena = tc_arena_new(1u << 20);
    tc_buf_init(&m->text, (size_t)64 << 20);
    const struct tc_watcher watcher = {.name = "match", .step = step, .self = m};
    tc_err e = m->lists && m->follow && m->evidence && m->json && m->arena && m->step_arena
                   ? load_lists(m, d)
                   : TC_E_NOMEM;
    e = e ? e : tc_node_watch(n, &watcher);
    if (e) {
        tc_match_free(m);
        return e;
    }
    *out = m;
    return TC_OK;
}

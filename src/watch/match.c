/* SPDX-License-Identifier: Apache-2.0 */
/* What follow.c tells of is written down: the indicator and the observations are read again, with
 * everything that the observations refer to, the audiences of all that are met, and a sighting and
 * a finding appended unless they are there. */
#include "watch/match.h"

#include "base/limits.h"
#include "base/log.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "intake/intake.h"
#include "watch/evidence.h"
#include "watch/follow.h"
#include "watch/listed.h"
#include "watch/matched.h"
#include "watch/meet.h"
#include "watch/told.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH   200u   /* objects appended at once */
#define ENTRIES 20000u /* entries of one step: bounds how long stopping takes */
#define MS      INT64_C(1000)

/* What others than the reader's thread may ask for, as of the end of its last step. */
struct shown {
    pthread_mutex_t lock;
    struct tc_match_counts counts;
    struct tc_follow_named named[TC_FOLLOW_NAMED];
    size_t n_named;
};

struct tc_match {
    struct tc_node *n;
    struct tc_follow *follow;
    struct tc_told *told;
    struct shown shown;
    struct tc_warnlists *lists;
    struct tc_evidence *evidence;
    struct tc_json_reader *json;
    struct tc_arena *arena; /* of one match */
    struct tc_arena *step_arena;
    struct tc_principal own;  /* the node's organisation */
    char identity[TC_ID_MAX]; /* and its identity */
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
    const struct tc_follow_match *match;
    struct tc_matched x;
    struct tc_rule rule;
    struct tc_json json; /* behind rule */
    struct tc_saying *saying;
    struct tc_str *ids;
    uint64_t *numbers;     /* number_observed of each */
    struct tc_str last_id; /* of the observation that completed it */
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

/* What all rules have in common, wherever they stand. */
static tc_err tell_rule(struct telling *t)
{
    struct tc_match *m = t->m;
    const struct tc_rule *r = &t->rule;
    t->x.indicator = r->id;
    t->x.name = r->name;
    t->x.rule = r;
    t->x.parted = t->match->parted;
    t->x.value = t->match->per;
    if (tc_warnlists_count(m->lists)) {
        tc_err e = tc_listed_new(m->lists, r->pattern, &t->listed);
        if (e)
            return e;
    }
    if (!r->n_says && !r->about.n)
        return TC_OK;
    tc_err e = tc_saying_new(r, &t->saying);
    t->x.saying = t->saying;
    return e == TC_E_NOMEM ? e : TC_OK; /* then without sentences */
}

/* The indicator as it stands in the journal; its views live in t. */
static tc_err tell_indicator(struct telling *t, uint64_t seq)
{
    struct tc_match *m = t->m;
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = one_entry(m, seq, &r, &row);
    const struct tc_audience *a =
        !e && row.seq ? tc_journal_audience_of(m->n->journal, row.audience) : NULL;
    t->gone = !a;
    if (a) {
        t->audience = *a;
        t->audience.fields = NULL; /* what is concluded has none */
        t->audience.n_fields = 0;
        t->own_reads = tc_may_read(&m->own, a);
        e = tc_json_read(row.body, TC_MAX_OBJECT, 0, &t->json, NULL);
        e = e ? e : tc_rule_read(t->json.root, m->arena, &t->rule, &d);
        e = e ? e : tell_rule(t);
    }
    tc_reader_close(r);
    return e;
}

/* A rule of a pack is for everybody: who may know of the match is up to the evidence. */
static tc_err tell_pack(struct telling *t, const struct tc_rule *r)
{
    t->rule = *r;
    t->audience = (struct tc_audience){.tlp = TC_TLP_CLEAR};
    t->own_reads = true;
    return tell_rule(t);
}

static tc_err tell_evidence(void *arg, const struct tc_evidence_of *x)
{
    struct telling *t = arg;
    t->x.first = t->x.n == 0 || x->o->first < t->x.first ? x->o->first : t->x.first;
    t->x.last = t->x.n == 0 || x->o->last > t->x.last ? x->o->last : t->x.last;
    t->x.count += x->o->number;
    for (size_t i = 0; i < x->n_audiences; i++)
        narrow(t, x->audiences[i]);
    t->numbers[t->x.n] = x->o->number;
    t->ids[t->x.n] = tc_arena_dup(t->m->arena, x->o->id);
    if (!t->ids[t->x.n++].p)
        return TC_E_NOMEM;
    tc_err e = t->saying ? tc_saying_see(t->saying, x->o) : TC_OK;
    return !e && t->listed ? tc_listed_see(t->listed, x->o) : e;
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
    if (seq == t->match->last && t->x.n > before)
        t->last_id = t->ids[t->x.n - 1];
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

/* Is there an asset with this id that all readers of the finding may read? */
static tc_err readable(struct telling *t, struct tc_str id, bool *out)
{
    struct tc_match *m = t->m;
    struct tc_reader *r = NULL;
    struct tc_row row;
    const struct tc_query q = {.ids = &id, .n_ids = 1, .no_body = true};
    tc_err e = tc_reader_open(m->n->journal, &tc_principal_system, &q, &r);
    *out = false;
    e = e ? e : tc_reader_next(r, &row);
    const struct tc_audience *a =
        !e && row.seq ? tc_journal_audience_of(m->n->journal, row.audience) : NULL;
    struct tc_audience met;
    if (a && !row.revoked)
        *out = tc_audience_meet(&t->audience, a, &met) && tc_audience_eq(&met, &t->audience);
    tc_reader_close(r);
    return e;
}

/* An id stands for itself, a key for the asset that the register of the node's organisation has
 * under it (src/intake/register.c). What the readers of the finding may not know of stays out. */
static tc_err about_one(struct telling *t, struct tc_str value)
{
    struct tc_match *m = t->m;
    char id[TC_ID_MAX];
    bool there = false;
    tc_err e = TC_OK;
    if (tc_id_split(value, &(struct tc_str){0}, &(struct tc_uuid){{0}})) {
        const char *key =
            tc_arena_fmt(m->arena, "tocsin-register|%s|%.*s", m->identity, TC_FMT(value));
        if (!key)
            return TC_E_NOMEM;
        tc_id_derive(TC_STR("infrastructure"), &tc_uuid_ns_tocsin, tc_str_cstr(key), id);
    } else {
        (void)tc_str_copy(value, id, sizeof id);
    }
    e = readable(t, tc_str_cstr(id), &there);
    if (e)
        return e;
    if (!there) {
        t->x.keys[t->x.n_keys++] = value;
        return TC_OK;
    }
    t->x.about[t->x.n_about] = tc_arena_dup(m->arena, tc_str_cstr(id));
    return t->x.about[t->x.n_about++].p ? TC_OK : TC_E_NOMEM;
}

static tc_err about(struct telling *t)
{
    struct tc_str v;
    tc_err e = TC_OK;
    for (size_t i = 0; !e && t->saying && i < TC_MATCHED_ABOUT; i++)
        if ((v = tc_saying_about(t->saying, i)).n)
            e = about_one(t, v);
    return e;
}

static void put_sighting(struct telling *t, const char *id)
{
    if (t->match->pack) /* its rule is on every node: there is nothing to see again */
        return;
    put(t->m, &t->audience, &t->x, id, tc_matched_sighting);
    t->m->counts.sightings++;
}

/* One finding, or one more version of it, for matches within the cooldown. */
static tc_err write_counted(struct telling *t, uint32_t audience)
{
    struct tc_match *m = t->m;
    char sighting[TC_ID_MAX], finding[TC_ID_MAX];
    const struct tc_told_finding *f = NULL;
    enum tc_told_what what;
    const struct tc_told_match x = {.rule = t->x.indicator,
                                    .value = t->x.value,
                                    .audience = audience,
                                    .cooldown = t->rule.cooldown * TC_SECOND,
                                    .made = t->x.modified,
                                    .evidence = t->ids,
                                    .numbers = t->numbers,
                                    .n = t->x.n,
                                    .last = t->last_id,
                                    .first_seen = t->x.first,
                                    .last_seen = t->x.last};
    tc_err e = tc_told_full(m->told) ? flush(m) : TC_OK;
    e = e ? e : tc_told(m->told, &x, &what, &f);
    if (e || what == TC_TOLD_BEFORE)
        return e;
    m->counts.counted += what != TC_TOLD_OPENED;
    if (what == TC_TOLD_COUNTED)
        return TC_OK;
    if (what == TC_TOLD_OPENED) {
        tc_matched_ids(&t->x, sighting, finding);
        put_sighting(t, sighting);
    }
    struct tc_matched y = t->x;
    y.observations = f->evidence;
    y.n = f->n_evidence;
    y.first = f->first;
    y.last = f->last;
    y.created = f->opened;
    y.modified = f->modified;
    y.count = f->count;
    y.matches = f->matches;
    put(m, &t->audience, &y, f->id, tc_matched_finding);
    return TC_OK;
}

static tc_err write_once(struct telling *t, uint32_t audience)
{
    struct tc_match *m = t->m;
    char sighting[TC_ID_MAX], finding[TC_ID_MAX];
    bool there = false;
    tc_matched_ids(&t->x, sighting, finding);
    tc_err e = told_before(m, finding, audience, &there);
    if (e || there)
        return e;
    if (t->x.suppressed)
        m->counts.suppressed++;
    else
        put_sighting(t, sighting);
    put(m, &t->audience, &t->x, finding, tc_matched_finding);
    return TC_OK;
}

static tc_err write_down(struct telling *t)
{
    struct tc_match *m = t->m;
    uint32_t number = 0;
    if (t->apart)
        t->audience = (struct tc_audience){.tlp = TC_TLP_AMBER_STRICT, .creator_org = m->n->org};
    t->x.tlp = t->audience.tlp;
    t->x.creator = tc_str_cstr(m->n->identity);
    t->x.suppressed = t->listed ? tc_listed_by(t->listed) : NULL;
    t->x.n = t->x.n > TC_MATCHED_MAX ? TC_MATCHED_MAX : t->x.n;
    tc_err e = tc_journal_audience(m->n->journal, &t->audience, &number);
    e = e ? e : about(t);
    if (!e)
        e = t->rule.cooldown && !t->x.suppressed ? write_counted(t, number) : write_once(t, number);
    return !e && m->n_texts + 2 > BATCH ? flush(m) : e;
}

/* Each observation with its number, by id. */
static tc_err sort(struct telling *t)
{
    struct named {
        struct tc_str id;
        uint64_t number;
    } *v = tc_arena_zalloc(t->m->arena, t->x.n + 1, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    for (size_t i = 0; i < t->x.n; i++)
        v[i] = (struct named){t->ids[i], t->numbers[i]};
    qsort(v, t->x.n, sizeof *v, by_text); /* an id is its first member */
    for (size_t i = 0; i < t->x.n; i++) {
        t->ids[i] = v[i].id;
        t->numbers[i] = v[i].number;
    }
    return TC_OK;
}

static tc_err conclude(void *arg, const struct tc_follow_match *x)
{
    struct tc_match *m = arg;
    struct telling t = {.m = m, .match = x};
    tc_arena_reset(m->arena);
    t.x.created = t.x.modified = x->at / MS * MS;
    t.ids = tc_arena_zalloc(m->arena, x->n + 1, sizeof *t.ids);
    t.numbers = tc_arena_zalloc(m->arena, x->n + 1, sizeof *t.numbers);
    t.x.observations = t.ids;
    tc_err e = TC_E_NOMEM;
    if (t.ids && t.numbers)
        e = x->pack ? tell_pack(&t, x->pack) : tell_indicator(&t, x->indicator);
    for (size_t i = 0; !e && !t.gone && i < x->n; i++)
        e = tell_observation(&t, x->observations[i]);
    if (!e && !t.gone && x->n && !(e = sort(&t))) {
        if (t.apart && !t.own_reads)
            m->counts.nobody++;
        else if (all_differ(t.ids, t.x.n))
            e = write_down(&t);
    }
    tc_listed_free(t.listed);
    tc_saying_free(t.saying);
    tc_json_fini(&t.json);
    return e;
}

/* ---- the reader ---- */

static void show(struct tc_match *m)
{
    struct tc_follow_counts f = tc_follow_counts(m->follow);
    m->counts.indicators = f.indicators;
    m->counts.rules = f.rules;
    m->counts.refused = f.refused;
    m->counts.unindexed = f.unindexed;
    m->counts.over_day = f.over_day;
    m->counts.mutes = f.mutes;
    m->counts.muted = f.muted;
    m->counts.awaited = f.awaited;
    m->counts.not_awaited = f.not_awaited;
    m->counts.remembered = f.remembered;
    m->counts.forgotten = f.forgotten;
    m->counts.partitions = f.partitions;
    m->counts.dropped = f.dropped;
    m->counts.undecided = f.undecided;
    (void)pthread_mutex_lock(&m->shown.lock);
    m->shown.counts = m->counts;
    m->shown.n_named = tc_follow_name(m->follow, m->shown.named, TC_FOLLOW_NAMED);
    (void)pthread_mutex_unlock(&m->shown.lock);
}

static tc_err begin(struct tc_match *m, uint64_t head)
{
    struct tc_node *n = m->n;
    struct tc_org org;
    m->head = head;
    tc_buf_clear(&m->text);
    m->n_texts = 0;
    tc_arena_reset(m->step_arena);
    tc_err e = tc_access_org_principal(n->access, n->org, m->step_arena, &m->own);
    e = e ? e : tc_access_org_by(n->access, n->org, TC_STR(""), m->step_arena, &org);
    if (!e)
        (void)tc_str_copy(org.identity, m->identity, sizeof m->identity);
    return e;
}

static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    struct tc_match *m = self;
    uint64_t until = head - after > ENTRIES ? after + ENTRIES : head;
    (void)n;
    tc_err e = begin(m, head);
    e = e ? e : tc_follow_rows(m->follow, after, until, head);
    e = e ? e : flush(m);
    show(m);
    if (e) {
        tc_follow_forget(m->follow);
        tc_told_forget(m->told);
        return e;
    }
    *reached = until;
    return TC_OK;
}

/* ---- what others may know of it ---- */

static void put_counts(const struct tc_match_counts *c, struct tc_jsonw *w)
{
    tc_jsonw_ku64(w, "indicators", c->indicators);
    tc_jsonw_ku64(w, "rules_of_packs", c->rules);
    tc_jsonw_ku64(w, "refused", c->refused);
    tc_jsonw_ku64(w, "unindexed", c->unindexed);
    tc_jsonw_ku64(w, "mutes", c->mutes);
    tc_jsonw_ku64(w, "muted", c->muted);
    tc_jsonw_ku64(w, "counted_into_findings", c->counted);
    tc_jsonw_ku64(w, "suppressed", c->suppressed);
    tc_jsonw_ku64(w, "over_day", c->over_day);
    tc_jsonw_ku64(w, "observations_waiting", c->awaited);
    tc_jsonw_ku64(w, "observations_not_waited_for", c->not_awaited);
    tc_jsonw_ku64(w, "observations_remembered", c->remembered);
    tc_jsonw_ku64(w, "observations_forgotten", c->forgotten);
    tc_jsonw_ku64(w, "values_remembered", c->partitions);
    tc_jsonw_ku64(w, "values_dropped", c->dropped);
    tc_jsonw_ku64(w, "undecided", c->undecided);
}

static void status(void *self, const struct tc_principal *p, bool all, struct tc_jsonw *w)
{
    struct tc_match *m = self;
    (void)pthread_mutex_lock(&m->shown.lock);
    if (all)
        put_counts(&m->shown.counts, w);
    tc_jsonw_name(w, "patterns");
    tc_jsonw_array(w);
    for (size_t i = 0; i < m->shown.n_named; i++) {
        const struct tc_follow_named *x = &m->shown.named[i];
        const struct tc_audience *a =
            x->audience ? tc_journal_audience_of(m->n->journal, x->audience) : NULL;
        if (x->audience && (!a || !tc_may_read(p, a)))
            continue;
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "id", x->id);
        tc_jsonw_kcstr(w, "state", x->reason[0] ? "refused" : "unindexed");
        if (x->reason[0])
            tc_jsonw_kcstr(w, "reason", x->reason);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    (void)pthread_mutex_unlock(&m->shown.lock);
}

/* ---- life ---- */

struct tc_match_counts tc_match_counts(struct tc_match *m)
{
    (void)pthread_mutex_lock(&m->shown.lock);
    struct tc_match_counts c = m->shown.counts;
    (void)pthread_mutex_unlock(&m->shown.lock);
    return c;
}

void tc_match_free(struct tc_match *m)
{
    if (!m)
        return;
    tc_follow_free(m->follow);
    tc_told_free(m->told);
    (void)pthread_mutex_destroy(&m->shown.lock);
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

/* Without being added to the node. */
static tc_err match_new(struct tc_node *n, struct tc_match **out, struct tc_diag *d)
{
    struct tc_match *m = calloc(1, sizeof *m);
    if (!m)
        return TC_E_NOMEM;
    m->n = n;
    m->lists = tc_warnlists_new();
    (void)pthread_mutex_init(&m->shown.lock, NULL);
    m->follow = tc_follow_new(n->journal, n->rules, n->org, conclude, m);
    m->told = tc_told_new(n->journal);
    m->evidence = tc_evidence_new(n->journal, &tc_principal_system);
    m->json = tc_json_reader_new();
    m->arena = tc_arena_new((size_t)256 << 20);
    m->step_arena = tc_arena_new(1u << 20);
    tc_buf_init(&m->text, (size_t)64 << 20);
    tc_err e =
        m->lists && m->follow && m->told && m->evidence && m->json && m->arena && m->step_arena
            ? load_lists(m, d)
            : TC_E_NOMEM;
    if (e)
        tc_match_free(m);
    else
        *out = m;
    return e;
}

tc_err tc_match_watch(struct tc_node *n, struct tc_match **out, struct tc_diag *d)
{
    struct tc_match *m = NULL;
    tc_err e = match_new(n, &m, d);
    if (e)
        return e;
    const struct tc_watcher watcher = {.name = "match", .step = step, .self = m, .status = status};
    e = tc_node_watch(n, &watcher);
    if (e) {
        tc_match_free(m);
        return e;
    }
    *out = m;
    return TC_OK;
}

tc_err tc_match_past(struct tc_node *n, struct tc_match_past *p, struct tc_diag *d)
{
    struct tc_match *m = NULL;
    struct tc_follow_past past = {.id = p->id,
                                  .since = p->since,
                                  .until = tc_journal_head(n->journal),
                                  .progress = p->progress,
                                  .arg = p->arg};
    if (!past.until)
        return TC_E_NOTFOUND;
    tc_err e = match_new(n, &m, d);
    if (e)
        return e;
    e = begin(m, past.until);
    e = e ? e : tc_follow_past(m->follow, &past);
    e = e ? e : flush(m);
    show(m);
    p->observations = past.observations;
    p->counts = m->counts;
    tc_match_free(m);
    return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The reader "warn". In memory: the newest finding of each (incident, asset), grouped by incident
 * and operator into *pairs*, and the newest version of each warning, by id. A pair that a new
 * finding or a new warning touched is composed again:
 *
 *      released 1 .. n of the chain, n+1 = slot: nothing, a draft or a withdrawn one
 *
 *      compose says      slot is nothing     draft                     withdrawn
 *      nothing           -                   withdraw                  -
 *      a message         draft (or release)  new version if differing  new version: draft again
 *
 * Nothing is kept here that the journal does not hold: the first step after a start reads all. */
#include "warn/warn.h"

#include "base/list.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "codec/json.h"
#include "warn/compose.h"
#include "warn/second.h"
#include "warn/state.h"

#include <stdatomic.h>
#include <stdlib.h>

#define BATCH 200u          /* warnings appended at once */
#define MS    INT64_C(1000) /* microseconds */

struct fact { /* the newest finding of one (incident, asset) */
    char *body;
    size_t n;
    tc_time version;
    uint32_t pair;
    bool open;
    bool vouched;
};

struct pair {
    char *incident, *operator_ref;
    char reporter[TC_ID_MAX]; /* of the newest finding */
    uint32_t *facts;
    uint32_t n_facts, cap_facts;
    bool dirty;
    bool again; /* what was composed is not all that there is to say */
};

struct slot { /* the newest version of one warning */
    tc_time version, created, sent;
    enum tc_warn_state state;
    enum tc_warn_kind kind;
    struct tc_uuid digest;
};

struct tc_warn {
    struct tc_node *n;
    struct tc_warn *next; /* in running */
    _Atomic int rule;
    struct tc_list facts, pairs, slots, dirty; /* dirty: numbers of pairs */
    struct tc_map *fact_ids, *pair_ids, *slot_ids;
    struct tc_json_reader *json;
    struct tc_arena *arena;
    /* of one step */
    struct tc_principal reader; /* the recipient that a message is composed for */
    struct tc_org node_org;
    struct tc_buf text;
    size_t from[BATCH];
    struct tc_audience audience[BATCH];
    uint32_t n_texts;
};

static char *dup_z(struct tc_str s)
{
    char *z = malloc(s.n + 1);
    if (z) {
        memcpy(z, s.n ? s.p : "", s.n);
        z[s.n] = '\0';
    }
    return z;
}

/* ---- pairs ---- */

static bool mark(struct tc_warn *w, uint32_t pair)
{
    uint32_t i;
    struct pair *p = TC_LIST_AT(w->pairs, struct pair, pair);
    if (p->dirty)
        return true;
    uint32_t *d = tc_list_push(&w->dirty, sizeof *d, &i);
    if (!d)
        return false;
    *d = pair;
    p->dirty = true;
    return true;
}

static tc_err pair_of(struct tc_warn *w, struct tc_str incident, struct tc_str operator_ref,
                      uint32_t *out)
{
    struct tc_buf key;
    uint64_t v = 0;
    tc_buf_init(&key, (size_t)4 * TC_ID_MAX);
    tc_buf_str(&key, incident);
    tc_buf_char(&key, '|');
    tc_buf_str(&key, operator_ref);
    tc_err e = key.err;
    bool there = !e && tc_map_get(w->pair_ids, tc_buf_view(&key), &v);
    *out = (uint32_t)v;
    if (!e && !there) {
        char *a = dup_z(incident), *b = dup_z(operator_ref);
        struct pair *p = a && b ? tc_list_push(&w->pairs, sizeof *p, out) : NULL;
        e = p ? tc_map_put(w->pair_ids, tc_buf_view(&key), *out) : TC_E_NOMEM;
        if (!e) {
            p->incident = a;
            p->operator_ref = b;
        } else {
            w->pairs.n -= p != NULL;
            free(a);
            free(b);
        }
    }
    tc_buf_fini(&key);
    return e;
}

static bool pair_adds(struct tc_warn *w, uint32_t pair, uint32_t fact)
{
    struct pair *p = TC_LIST_AT(w->pairs, struct pair, pair);
    for (uint32_t i = 0; i < p->n_facts; i++)
        if (p->facts[i] == fact)
            return true;
    if (p->n_facts == p->cap_facts) {
        uint32_t cap = p->cap_facts ? 2 * p->cap_facts : 4;
        uint32_t *v = reallocarray(p->facts, cap, sizeof *v);
        if (!v)
            return false;
        p->facts = v;
        p->cap_facts = cap;
    }
    p->facts[p->n_facts++] = fact;
    return true;
}

/* ---- what the journal says ---- */

static tc_err slot_for(struct tc_list *l, struct tc_map *ids, const struct tc_uuid *u, size_t size,
                       uint32_t *index, bool *added)
{
    struct tc_str key = tc_str_view((const char *)u->b, sizeof u->b);
    uint64_t v = 0;
    *added = !tc_map_get(ids, key, &v);
    *index = (uint32_t)v;
    if (!*added)
        return TC_OK;
    if (!tc_list_push(l, size, index))
        return TC_E_NOMEM;
    tc_err e = tc_map_put(ids, key, *index);
    l->n -= e != TC_OK;
    return e;
}

static tc_err take_finding(struct tc_warn *w, const struct tc_row *row, yyjson_val *o)
{
    struct tc_finding f;
    uint32_t i = 0, pair = 0;
    bool added = false;
    tc_err e = tc_finding_read(o, w->arena, &f, NULL);
    if (e || !tc_str_is(f.creator, w->n->identity))
        return e == TC_E_NOMEM || e == TC_E_LIMIT ? e : TC_OK; /* not one of ours */
    if (!f.operator_ref.n) { /* nobody to warn; when it had one, that one is told: spared */
        uint64_t seen;
        struct tc_str key = tc_str_view((const char *)row->uuid.b, sizeof row->uuid.b);
        if (!tc_map_get(w->fact_ids, key, &seen))
            return TC_OK;
    }
    char *body = f.open ? dup_z(row->body) : NULL;
    if (f.open && !body)
        return TC_E_NOMEM;
    e = pair_of(w, f.incident, f.operator_ref, &pair);
    e = e ? e : slot_for(&w->facts, w->fact_ids, &row->uuid, sizeof(struct fact), &i, &added);
    struct fact *t = e ? NULL : TC_LIST_AT(w->facts, struct fact, i);
    if (t && added)
        t->version = TC_TIME_NONE;
    if (!t || row->version < t->version || !pair_adds(w, pair, i) || !mark(w, pair) ||
        (!added && !mark(w, t->pair))) {
        free(body);
        return e ? e : t && row->version < t->version ? TC_OK : TC_E_NOMEM;
    }
    free(t->body);
    *t = (struct fact){body, row->body.n, row->version, pair, f.open, f.vouched};
    if (!tc_str_copy(f.reporter, TC_LIST_AT(w->pairs, struct pair, pair)->reporter, TC_ID_MAX))
        TC_LIST_AT(w->pairs, struct pair, pair)->reporter[0] = '\0';
    return TC_OK;
}

static tc_err take_warning(struct tc_warn *w, const struct tc_row *row, yyjson_val *o)
{
    struct tc_message m;
    uint32_t i = 0;
    bool added = false;
    tc_err e = tc_message_read(o, w->arena, &m, NULL);
    if (e || !tc_str_is(m.sender, w->n->identity))
        return e == TC_E_NOMEM || e == TC_E_LIMIT ? e : TC_OK;
    struct tc_uuid digest;
    e = tc_message_digest(&m, &digest);
    e = e ? e : slot_for(&w->slots, w->slot_ids, &row->uuid, sizeof(struct slot), &i, &added);
    if (e)
        return e;
    struct slot *s = TC_LIST_AT(w->slots, struct slot, i);
    if (!added && row->version < s->version)
        return TC_OK;
    *s = (struct slot){.version = row->version,
                       .created = m.created,
                       .sent = m.sent,
                       .state = m.state,
                       .kind = m.kind,
                       .digest = digest};
    return TC_OK;
}

static tc_err take(struct tc_warn *w, const struct tc_row *row)
{
    yyjson_val *o = NULL;
    if (row->kind == TC_ENTRY_DELETE)
        return TC_OK;
    tc_arena_reset(w->arena);
    tc_err e = tc_json_reader_read(w->json, row->body, TC_MAX_OBJECT, 0, &o, NULL);
    if (e)
        return e;
    return tc_str_is(row->type, "finding") ? take_finding(w, row, o) : take_warning(w, row, o);
}

static tc_err read_rows(struct tc_warn *w, uint64_t after, uint64_t head)
{
    static const struct tc_str types[] = {{"finding", 7}, {"warning", 7}};
    const struct tc_query q = {.after = after,
                               .until = head,
                               .types = types,
                               .n_types = 2,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(w->n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        e = take(w, &row);
    tc_reader_close(r);
    return e;
}

/* ---- composing ---- */

/* The name of a supplier, read as the recipient reads it: whatever hides the object or the name
 * from it (audience, revocation, granular marking) hides it here. */
static bool name_for(void *arg, struct tc_str asset, struct tc_str *out)
{
    struct tc_warn *w = arg;
    const struct tc_query q = {.ids = &asset, .n_ids = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    struct tc_json j = {0};
    struct tc_str name = {"", 0};
    bool found = false;
    if (tc_reader_open(w->n->journal, &w->reader, &q, &r) == TC_OK &&
        tc_reader_next(r, &row) == TC_OK && row.seq && !row.revoked &&
        tc_json_read(row.body, TC_MAX_OBJECT, 0, &j, NULL) == TC_OK &&
        tc_json_str(j.root, "name", &name) && name.n) {
        *out = tc_arena_dup(w->arena, name);
        found = out->p != NULL;
    }
    tc_json_fini(&j);
    tc_reader_close(r);
    return found;
}

struct chain {
    unsigned released; /* messages 1 .. released */
    const struct slot *last;
    const struct slot *slot; /* the next place, or NULL */
    unsigned since;          /* first message that is still to be referenced */
};

static const struct slot *slot_at(struct tc_warn *w, const struct pair *p, unsigned place)
{
    char id[TC_ID_MAX];
    struct tc_uuid u;
    struct tc_str type;
    uint64_t v = 0;
    tc_warn_id(tc_str_cstr(p->incident), tc_str_cstr(p->operator_ref), place, id);
    if (tc_id_split(tc_str_cstr(id), &type, &u) ||
        !tc_map_get(w->slot_ids, tc_str_view((const char *)u.b, sizeof u.b), &v))
        return NULL;
    return TC_LIST_AT(w->slots, struct slot, v);
}

static struct chain chain_of(struct tc_warn *w, const struct pair *p)
{
    struct chain c = {.since = 1};
    for (;;) {
        const struct slot *s = slot_at(w, p, c.released + 1);
        if (!s || s->state != TC_WARN_RELEASED) {
            c.slot = s;
            return c;
        }
        c.released++;
        c.last = s;
        if (s->kind == TC_WARN_CANCEL)
            c.since = c.released + 1;
    }
}

static tc_err references(struct tc_warn *w, const struct pair *p, const struct chain *c,
                         struct tc_told *t)
{
    struct tc_warn_reference *v = tc_arena_zalloc(w->arena, c->released + 1u, sizeof *v);
    if (!v)
        return tc_arena_err(w->arena);
    for (unsigned i = c->since; i <= c->released; i++) {
        char id[TC_ID_MAX];
        tc_warn_id(tc_str_cstr(p->incident), tc_str_cstr(p->operator_ref), i, id);
        v[t->n_references].warning = tc_arena_dup(w->arena, tc_str_cstr(id));
        v[t->n_references++].sent = slot_at(w, p, i)->sent;
    }
    t->references = v;
    return TC_OK;
}

/* The newest version of the message at a place. id: room for its id, which the message borrows. */
static tc_err read_message(struct tc_warn *w, const struct pair *p, unsigned at, char id[TC_ID_MAX],
                           struct tc_message *out)
{
    tc_warn_id(tc_str_cstr(p->incident), tc_str_cstr(p->operator_ref), at, id);
    struct tc_str as_id = tc_str_cstr(id);
    const struct tc_query q = {.ids = &as_id, .n_ids = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    yyjson_val *o = NULL;
    tc_err e = tc_reader_open(w->n->journal, &tc_principal_system, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    if (!e && !row.seq)
        e = TC_E_NOTFOUND;
    e = e ? e : tc_json_reader_read(w->json, row.body, TC_MAX_OBJECT, 0, &o, NULL);
    e = e ? e : tc_message_read(o, w->arena, out, NULL);
    tc_reader_close(r);
    return e;
}

static tc_err told(struct tc_warn *w, const struct pair *p, const struct chain *c,
                   struct tc_told *out)
{
    struct tc_message m;
    char id[TC_ID_MAX];
    *out = (struct tc_told){0};
    if (!c->last)
        return TC_OK;
    tc_err e = read_message(w, p, c->released, id, &m);
    e = e ? e : tc_told_of(&m, w->arena, out);
    return e || !out->any ? e : references(w, p, c, out);
}

static tc_err open_findings(struct tc_warn *w, uint32_t pair, struct tc_compose *c)
{
    const struct pair *p = TC_LIST_AT(w->pairs, struct pair, pair);
    struct tc_finding *v = tc_arena_zalloc(w->arena, p->n_facts + 1u, sizeof *v);
    if (!v)
        return tc_arena_err(w->arena);
    c->now = TC_TIME_MIN;
    for (uint32_t i = 0; i < p->n_facts; i++) {
        const struct fact *t = TC_LIST_AT(w->facts, struct fact, p->facts[i]);
        yyjson_val *o = NULL;
        if (t->pair != pair)
            continue;
        c->now = t->version > c->now ? t->version : c->now;
        if (!t->open)
            continue;
        tc_err e =
            tc_json_reader_read(w->json, tc_str_view(t->body, t->n), TC_MAX_OBJECT, 0, &o, NULL);
        e = e ? e : tc_finding_read(o, w->arena, &v[c->n_findings], NULL);
        if (e)
            return e;
        c->exercise = v[c->n_findings++].exercise;
    }
    c->findings = v;
    return TC_OK;
}

static tc_err flush(struct tc_warn *w)
{
    struct tc_own_object own[BATCH];
    struct tc_item *items = w->n_texts ? calloc(w->n_texts, sizeof *items) : NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    if (!w->n_texts)
        return TC_OK;
    tc_err e = items ? w->text.err : TC_E_NOMEM;
    for (uint32_t i = 0; !e && i < w->n_texts; i++) {
        size_t to = i + 1 < w->n_texts ? w->from[i + 1] : w->text.n;
        own[i] = (struct tc_own_object){tc_str_view(w->text.p + w->from[i], to - w->from[i]),
                                        w->audience[i]};
    }
    e = e ? e : tc_intake_own(w->n, own, w->n_texts, items, &d);
    if (e)
        tc_log(TC_LOG_WARN, "warnings cannot be appended: %s %s", d.path, d.message);
    for (uint32_t i = 0; !e && i < w->n_texts; i++)
        if (items[i].state == TC_ITEM_SKIPPED)
            tc_log(TC_LOG_WARN, "warning %s: %s", items[i].id, items[i].diag.message);
    free(items);
    tc_buf_clear(&w->text);
    w->n_texts = 0;
    return e;
}

static tc_err put(struct tc_warn *w, const struct tc_message *m, uint32_t inbox)
{
    w->from[w->n_texts] = w->text.n;
    w->audience[w->n_texts++] = tc_warn_audience(w->n, m->state, inbox);
    tc_message_write(m, &w->text);
    return w->n_texts == BATCH ? flush(w) : TC_OK;
}

/* Every finding that the message rests on comes of a report by who answers for what it says: the
 * node's organisation, or the operator of what was reported out. */
static bool vouched(struct tc_warn *w, const struct pair *p)
{
    for (uint32_t i = 0; i < p->n_facts; i++) {
        const struct fact *t = TC_LIST_AT(w->facts, struct fact, p->facts[i]);
        if (TC_LIST_AT(w->pairs, struct pair, t->pair) == p && !t->vouched)
            return false;
    }
    return true;
}

static bool releases_itself(struct tc_warn *w, const struct pair *p, const struct tc_message *m)
{
    struct tc_rules asked;
    uint32_t community;
    if (!vouched(w, p))
        return false;
    int rule = atomic_load(&w->rule);
    if (rule != TC_WARN_AUTO_ALL &&
        (rule != TC_WARN_AUTO_EXERCISE || m->status != TC_WARN_EXERCISE))
        return false;
    /* a rule is no second person, and has no reason to give */
    return tc_warn_rules_of(w->n, tc_str_cstr(p->incident), &asked, &community) == TC_OK &&
           !(asked.four_eyes & TC_TWO_RELEASE) && !(asked.asks_reason & TC_WHY_RELEASE);
}

/* Gives the message its place in the chain; slot: what stands there now. */
static tc_err place(struct tc_warn *w, const struct pair *p, const struct chain *c,
                    struct tc_message *m, tc_time now, uint32_t inbox)
{
    char id[TC_ID_MAX];
    tc_time before = c->slot ? c->slot->version : TC_TIME_NONE;
    struct tc_uuid digest;
    tc_err e = tc_message_digest(m, &digest);
    if (e)
        return e;
    bool release = releases_itself(w, p, m);
    if (c->slot && c->slot->state == TC_WARN_DRAFT && !release &&
        memcmp(&digest, &c->slot->digest, sizeof digest) == 0)
        return TC_OK;
    tc_warn_id(tc_str_cstr(p->incident), tc_str_cstr(p->operator_ref), c->released + 1, id);
    m->id = tc_str_cstr(id);
    m->state = TC_WARN_DRAFT;
    m->modified = now / MS * MS;
    if (c->slot && m->modified <= before)
        m->modified = before / MS * MS + MS;
    m->created = c->slot ? c->slot->created : m->modified;
    if (release)
        tc_warn_mark_released(m, before, TC_STR("rule"));
    return put(w, m, inbox);
}

/* The draft says something that is no longer so: it is withdrawn, with what it said last. */
static tc_err withdraw(struct tc_warn *w, const struct pair *p, const struct chain *c, tc_time now)
{
    char id[TC_ID_MAX];
    struct tc_message m;
    tc_err e = read_message(w, p, c->released + 1, id, &m);
    if (e)
        return e;
    m.state = TC_WARN_WITHDRAWN;
    m.modified = now / MS * MS;
    if (m.modified <= c->slot->version)
        m.modified = c->slot->version / MS * MS + MS;
    return put(w, &m, 0);
}

static tc_err recipient(struct tc_warn *w, const struct pair *p, struct tc_org *org)
{
    struct tc_str identity = tc_str_cstr(p->operator_ref);
    if (!identity.n)
        return TC_E_NOTFOUND;
    tc_err e = tc_access_org_by(w->n->access, 0, identity, w->arena, org);
    if (!e && !tc_str_eq(org->identity, identity))
        e = TC_E_NOTFOUND; /* a name that looks like an id */
    return e ? e : tc_access_org_principal(w->n->access, org->number, w->arena, &w->reader);
}

/* Who reported it, for the one who has to decide whether to believe it. */
static tc_err reported(struct tc_warn *w, const struct pair *p, struct tc_message *m)
{
    struct tc_org org;
    m->reported_by = tc_str_cstr(p->reporter);
    if (!p->reporter[0])
        return TC_OK;
    tc_err e = tc_access_org_by(w->n->access, 0, m->reported_by, w->arena, &org);
    if (!e && tc_str_eq(org.identity, m->reported_by))
        m->reporter_name = org.name;
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

static tc_err compose_pair(struct tc_warn *w, uint32_t number)
{
    const struct pair *p = TC_LIST_AT(w->pairs, struct pair, number);
    struct tc_org org;
    struct tc_compose c = {.name = name_for, .arg = w};
    struct tc_message m;
    enum tc_compose_says says = TC_COMPOSE_NOTHING;
    tc_arena_reset(w->arena);
    tc_err e = recipient(w, p, &org);
    if (e == TC_E_NOTFOUND)
        return TC_OK; /* the operator is not of this node: the finding stands, nobody is warned */
    const struct chain chain = chain_of(w, p);
    e = e ? e : tc_access_org_by(w->n->access, w->n->org, TC_STR(""), w->arena, &w->node_org);
    e = e ? e : told(w, p, &chain, &c.told);
    e = e ? e : open_findings(w, number, &c);
    if (e)
        return e;
    c.recipient = org.identity;
    c.recipient_name = org.name;
    c.country = org.country;
    c.sender = tc_str_cstr(w->n->identity);
    c.sender_name = w->node_org.name;
    e = tc_compose(&c, w->arena, &m, &says);
    if (e)
        return e;
    TC_LIST_AT(w->pairs, struct pair, number)->again =
        says == TC_COMPOSE_MESSAGE && m.kind == TC_WARN_CANCEL && c.n_findings > 0;
    e = says == TC_COMPOSE_MESSAGE ? reported(w, p, &m) : TC_OK;
    if (e)
        return e;
    if (says == TC_COMPOSE_MESSAGE)
        return place(w, p, &chain, &m, c.now, org.inbox);
    if (chain.slot && chain.slot->state == TC_WARN_DRAFT)
        return withdraw(w, p, &chain, c.now);
    return TC_OK;
}

/* After an error the pairs that were marked are marked again with the rows of the next try, and
 * what was composed and not appended is composed again. */
static tc_err compose_dirty(struct tc_warn *w)
{
    tc_err e = TC_OK;
    for (uint32_t i = 0; !e && i < w->dirty.n; i++)
        e = compose_pair(w, *TC_LIST_AT(w->dirty, uint32_t, i));
    e = e ? e : flush(w);
    if (e) {
        tc_buf_clear(&w->text);
        w->n_texts = 0;
        return e;
    }
    uint32_t left = 0; /* a cancel first, then the alert: when the cancel came back as released */
    for (uint32_t i = 0; i < w->dirty.n; i++) {
        uint32_t number = *TC_LIST_AT(w->dirty, uint32_t, i);
        struct pair *p = TC_LIST_AT(w->pairs, struct pair, number);
        p->dirty = p->again;
        if (p->again)
            *TC_LIST_AT(w->dirty, uint32_t, left++) = number;
    }
    w->dirty.n = left;
    return TC_OK;
}

/* Under the lock the journal is read to its very end, so that no release of a moment ago is
 * overlooked; what is beyond head comes once more in the next step and changes nothing. */
static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    struct tc_warn *w = self;
    (void)pthread_mutex_lock(&tc_warn_lock);
    tc_err e = read_rows(w, after, tc_journal_head(n->journal));
    e = e ? e : compose_dirty(w);
    (void)pthread_mutex_unlock(&tc_warn_lock);
    if (!e)
        *reached = head;
    return e;
}

/* ---- life ---- */

/* The readers of this process, to find the one of a node. */
static struct tc_warn *running;
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;

static void run_with(struct tc_warn *w)
{
    (void)pthread_mutex_lock(&running_lock);
    w->next = running;
    running = w;
    (void)pthread_mutex_unlock(&running_lock);
}

static void run_without(struct tc_warn *w)
{
    (void)pthread_mutex_lock(&running_lock);
    for (struct tc_warn **at = &running; *at; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    (void)pthread_mutex_unlock(&running_lock);
}

void tc_warn_free(struct tc_warn *w)
{
    if (!w)
        return;
    run_without(w);
    for (uint32_t i = 0; i < w->facts.n; i++)
        free(TC_LIST_AT(w->facts, struct fact, i)->body);
    for (uint32_t i = 0; i < w->pairs.n; i++) {
        free(TC_LIST_AT(w->pairs, struct pair, i)->incident);
        free(TC_LIST_AT(w->pairs, struct pair, i)->operator_ref);
        free(TC_LIST_AT(w->pairs, struct pair, i)->facts);
    }
    free(w->facts.v);
    free(w->slots.v);
    free(w->pairs.v);
    free(w->dirty.v);
    tc_map_free(w->fact_ids);
    tc_map_free(w->pair_ids);
    tc_map_free(w->slot_ids);
    tc_json_reader_free(w->json);
    tc_arena_free(w->arena);
    tc_buf_fini(&w->text);
    free(w);
}

void tc_warn_rule_changed(const struct tc_node *n, enum tc_warn_auto rule)
{
    (void)pthread_mutex_lock(&running_lock);
    for (struct tc_warn *w = running; w; w = w->next)
        if (w->n == n)
            tc_warn_set_auto(w, rule);
    (void)pthread_mutex_unlock(&running_lock);
}

void tc_warn_set_auto(struct tc_warn *w, enum tc_warn_auto rule)
{
    atomic_store(&w->rule, (int)rule);
}

tc_err tc_warn_watch(struct tc_node *n, enum tc_warn_auto rule, struct tc_warn **out)
{
    struct tc_warn *w = calloc(1, sizeof *w);
    if (!w)
        return TC_E_NOMEM;
    w->n = n;
    tc_warn_set_auto(w, rule);
    w->fact_ids = tc_map_new(TC_MAX_EDGES);
    w->pair_ids = tc_map_new(TC_MAX_EDGES);
    w->slot_ids = tc_map_new(TC_MAX_EDGES);
    w->json = tc_json_reader_new();
    w->arena = tc_arena_new((size_t)512 << 20);
    tc_buf_init(&w->text, (size_t)256 << 20);
    const struct tc_watcher watcher = {.name = "warn", .step = step, .self = w, .ephemeral = true};
    tc_err e = w->fact_ids && w->pair_ids && w->slot_ids && w->json && w->arena
                   ? tc_node_watch(n, &watcher)
                   : TC_E_NOMEM;
    if (e) {
        tc_warn_free(w);
        return e;
    }
    run_with(w);
    *out = w;
    return TC_OK;
}

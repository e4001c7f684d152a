/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/rulebook.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/rule.h"
#include "pack/rules.h"
#include "pattern/explain.h"
#include "pattern/set.h"
#include "watch/hunt.h"
#include "watch/ruletrial.h"

#include <stdlib.h>

#define ARENA   ((size_t)64 << 20)
#define MUTES   10000u /* looked through for one page */
#define SCANNED 20000u /* indicators looked at for one page */
#define MS      INT64_C(1000)

static const struct tc_str indicator = {"indicator", 9}, mute = {"mute", 4};

/* ---- mutes ---- */

struct mute_row {
    struct tc_mute m;
    uint32_t by; /* organisation that posted it */
};

struct mutes {
    struct mute_row *v;
    size_t n, cap;
};

static tc_err keep_mute(struct mutes *all, struct tc_arena *a, const struct tc_mute *m, uint32_t by)
{
    if (all->n == all->cap) {
        size_t cap = all->cap ? all->cap * 2 : 32;
        struct mute_row *v = reallocarray(all->v, cap, sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        all->v = v;
        all->cap = cap;
    }
    struct tc_mute k = *m;
    struct tc_str *const texts[] = {&k.id, &k.rule, &k.creator, &k.value, &k.reason, &k.person};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = tc_arena_dup(a, *texts[i]);
        if (!texts[i]->p)
            return tc_arena_err(a);
    }
    all->v[all->n++] = (struct mute_row){k, by};
    return TC_OK;
}

/* Those that p may read and that are not over, of one rule or (empty) of all. */
static tc_err read_mutes(struct tc_node *n, const struct tc_principal *p, struct tc_str rule,
                         tc_time now, struct tc_arena *a, struct mutes *all)
{
    const struct tc_query q = {.types = &mute, .n_types = 1, .backwards = true};
    struct tc_json_reader *json = tc_json_reader_new();
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = json ? tc_reader_open(n->journal, p, &q, &r) : TC_E_NOMEM;
    while (!e && all->n < MUTES && !(e = tc_reader_next(r, &row)) && row.seq) {
        const struct tc_audience *who = tc_journal_audience_of(n->journal, row.audience);
        struct tc_diag quiet;
        struct tc_mute m;
        yyjson_val *o;
        tc_diag_init(&quiet);
        if (row.revoked || !who || tc_json_reader_read(json, row.body, TC_MAX_OBJECT, 0, &o, NULL))
            continue;
        if (tc_mute_read(o, &m, &quiet) || m.until <= now || (rule.n && !tc_str_eq(m.rule, rule)))
            continue;
        e = keep_mute(all, a, &m, who->creator_org);
    }
    tc_reader_close(r);
    tc_json_reader_free(json);
    return e;
}

/* ---- listing ---- */

struct listing {
    struct tc_node *n;
    const struct tc_rules_ask *ask;
    struct tc_arena *mutes_in, *a; /* a: of one rule */
    struct tc_json_reader *json;
    struct mutes mutes;
    struct tc_buf *out;
    size_t given;
};

static void put_mutes(struct listing *l, struct tc_jsonw *w, struct tc_str rule, uint32_t by)
{
    tc_jsonw_name(w, "mutes");
    tc_jsonw_array(w);
    for (size_t i = 0; i < l->mutes.n; i++) {
        const struct mute_row *m = &l->mutes.v[i];
        if (!tc_str_eq(m->m.rule, rule) || (m->by != by && m->by != l->n->org))
            continue;
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "id", m->m.id);
        if (m->m.one_value)
            tc_jsonw_kstr(w, "value", m->m.value);
        if (m->m.from != TC_TIME_MIN)
            tc_jsonw_ktime(w, "from", m->m.from);
        if (m->m.until != TC_TIME_MAX)
            tc_jsonw_ktime(w, "until", m->m.until);
        tc_jsonw_kstr(w, "reason", m->m.reason);
        tc_jsonw_ktext(w, "person", m->m.person);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

/* What live matching makes of it. *key: some literal leads to each of its [...]. */
static const char *state_of(struct listing *l, const struct tc_rule *r, bool *key,
                            struct tc_diag *why)
{
    struct tc_explained x;
    *key = true;
    if (tc_pattern_explain(r->pattern, l->a, &x, why))
        return "refused";
    for (size_t i = 0; i < x.n_observes; i++)
        *key = *key && !x.observes[i].open;
    return l->ask->now < r->from ? "early" : l->ask->now >= r->until ? "over" : "live";
}

/* One object: by: the organisation that posted it; pack: the name of its pack, or empty. */
static tc_err put_object(struct listing *l, struct tc_str body, yyjson_val *o, uint32_t by,
                         struct tc_str pack)
{
    struct tc_rule r = {0};
    struct tc_diag why;
    bool key = true;
    struct tc_jsonw w = tc_jsonw_into(l->out);
    tc_arena_reset(l->a);
    tc_diag_init(&why);
    tc_err e = tc_rule_read(o, l->a, &r, &why);
    if (e == TC_E_NOMEM)
        return e;
    if (!e && ((r.pattern_type.n && !tc_str_is(r.pattern_type, "stix")) || !r.pattern.n ||
               (l->ask->extended && !r.extended)))
        return TC_OK;
    const char *state = e ? "refused" : state_of(l, &r, &key, &why);
    if (l->given++)
        tc_buf_char(l->out, ',');
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "rule");
    tc_jsonw_raw(&w, body);
    tc_jsonw_ktext(&w, "pack", pack);
    tc_jsonw_kcstr(&w, "state", state);
    if (why.code)
        tc_jsonw_kcstr(&w, "why", why.message);
    tc_jsonw_kbool(&w, "key", key);
    struct tc_str id = {"", 0};
    (void)tc_json_str(o, "id", &id);
    put_mutes(l, &w, id, by);
    tc_jsonw_object_end(&w);
    return l->out->err;
}

static tc_err put_rule(struct listing *l, const struct tc_row *row, yyjson_val *o)
{
    const struct tc_audience *who = tc_journal_audience_of(l->n->journal, row->audience);
    return who ? put_object(l, row->body, o, who->creator_org, TC_STR("")) : TC_OK;
}

/* A rule of a pack as the indicator that it is: open to everybody. */
static tc_err put_pack_rule(struct listing *l, const struct tc_pack_rule *x)
{
    struct tc_json j = {0};
    struct tc_buf b;
    tc_buf_init(&b, TC_MAX_OBJECT);
    tc_rule_write(&x->rule, tc_str_cstr(tc_tlp_marking_id(TC_TLP_CLEAR)), &b);
    tc_err e = b.err ? b.err : tc_json_read(tc_buf_view(&b), TC_MAX_OBJECT, 0, &j, NULL);
    e = e ? e : put_object(l, tc_buf_view(&b), j.root, 0, x->pack);
    tc_json_fini(&j);
    tc_buf_fini(&b);
    return e;
}

static const struct tc_pack_rule *of_pack(const struct tc_node *n, struct tc_str id)
{
    for (size_t i = 0; n->rules && i < n->rules->n; i++)
        if (tc_str_eq(n->rules->v[i].rule.id, id))
            return &n->rules->v[i];
    return NULL;
}

/* They stand behind all entries: next is until + 1 + which. */
static tc_err list_packs(struct listing *l, size_t from, struct tc_rules_page *page)
{
    tc_err e = TC_OK;
    for (size_t i = from; !e && l->n->rules && i < l->n->rules->n; i++) {
        if (l->given == l->ask->limit) {
            page->next = page->until + 1 + i;
            break;
        }
        e = put_pack_rule(l, &l->n->rules->v[i]);
    }
    return e;
}

static tc_err listing_open(struct listing *l, const struct tc_principal *p, struct tc_str rule)
{
    l->mutes_in = tc_arena_new(ARENA);
    l->a = tc_arena_new(ARENA);
    l->json = tc_json_reader_new();
    if (!l->mutes_in || !l->a || !l->json)
        return TC_E_NOMEM;
    return read_mutes(l->n, p, rule, l->ask->now, l->mutes_in, &l->mutes);
}

static void listing_close(struct listing *l)
{
    tc_arena_free(l->mutes_in);
    tc_arena_free(l->a);
    tc_json_reader_free(l->json);
    free(l->mutes.v);
}

static tc_err list_rows(struct listing *l, struct tc_reader *r, struct tc_rules_page *page)
{
    struct tc_row row;
    size_t scanned = 0;
    tc_err e = TC_OK;
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        yyjson_val *o = NULL;
        if (!row.revoked && !tc_json_reader_read(l->json, row.body, TC_MAX_OBJECT, 0, &o, NULL))
            e = put_rule(l, &row, o);
        if (l->given == l->ask->limit || ++scanned == SCANNED) {
            page->next = row.seq;
            break;
        }
    }
    return e;
}

tc_err tc_rules_list(struct tc_node *n, const struct tc_principal *p, const struct tc_rules_ask *a,
                     struct tc_buf *out, struct tc_rules_page *page)
{
    struct listing l = {.n = n, .ask = a, .out = out};
    const struct tc_query q = {.types = &indicator,
                               .n_types = 1,
                               .after = a->after,
                               .until = a->until ? a->until : tc_journal_head(n->journal)};
    struct tc_reader *r = NULL;
    *page = (struct tc_rules_page){.until = q.until};
    tc_err e = listing_open(&l, p, TC_STR(""));
    if (!e && a->after < q.until) {
        e = tc_reader_open(n->journal, p, &q, &r);
        e = e ? e : list_rows(&l, r, page);
    }
    if (!e && !page->next)
        e = list_packs(&l, a->after > q.until ? (size_t)(a->after - q.until - 1) : 0, page);
    page->rules = l.given;
    tc_reader_close(r);
    listing_close(&l);
    return e;
}

/* ---- one ---- */

/* The newest version that p may read; what it gives lives until the reader is closed. */
static tc_err find_rule(struct tc_node *n, const struct tc_principal *p, const struct tc_query *q,
                        struct tc_reader **r, struct tc_row *row)
{
    tc_err e = tc_reader_open(n->journal, p, q, r);
    e = e ? e : tc_reader_next(*r, row);
    if (e)
        return e;
    return !row->seq || row->revoked || !tc_str_is(row->type, "indicator") ? TC_E_NOTFOUND : TC_OK;
}

tc_err tc_rules_one(struct tc_node *n, const struct tc_principal *p, struct tc_str id, tc_time now,
                    struct tc_buf *out)
{
    const struct tc_query q = {.ids = &id, .n_ids = 1};
    const struct tc_rules_ask ask = {.limit = 1, .now = now};
    struct listing l = {.n = n, .ask = &ask, .out = out};
    struct tc_reader *r = NULL;
    struct tc_row row;
    yyjson_val *o = NULL;
    const struct tc_pack_rule *pack = of_pack(n, id);
    tc_err e = listing_open(&l, p, id);
    if (!e && pack) {
        e = put_pack_rule(&l, pack);
    } else {
        e = e ? e : find_rule(n, p, &q, &r, &row);
        e = e ? e : tc_json_reader_read(l.json, row.body, TC_MAX_OBJECT, 0, &o, NULL);
        e = e ? e : put_rule(&l, &row, o);
    }
    if (!e && !l.given)
        e = TC_E_NOTFOUND;
    tc_reader_close(r);
    listing_close(&l);
    return e;
}

/* ---- new ones ---- */

static tc_err need(struct tc_diag *d, const char *path, const char *says)
{
    tc_diag_path(d, path, strlen(path));
    return tc_diag_set(d, TC_E_INVALID, "%s", says);
}

static tc_err form_time(yyjson_val *form, const char *name, tc_time *out, struct tc_diag *d)
{
    struct tc_str s;
    if (!tc_json_str(form, name, &s))
        return TC_OK;
    return tc_time_parse_z(s, out) ? need(d, name, "must be a time such as 2026-01-01T00:00:00Z")
                                   : TC_OK;
}

static tc_err form_says(yyjson_val *form, struct tc_arena *a, struct tc_rule *r, struct tc_diag *d)
{
    yyjson_val *says = tc_json_get(form, "says"), *key, *text;
    size_t i, n;
    if (!says)
        return TC_OK;
    if (!yyjson_is_obj(says) || yyjson_obj_size(says) > TC_MAX_RULE_LANGUAGES)
        return need(d, "says", "must be an object: a sentence by language, at most 40");
    struct tc_rule_says *v = tc_arena_zalloc(a, TC_MAX_RULE_LANGUAGES, sizeof *v);
    if (!v)
        return tc_arena_err(a);
    yyjson_obj_foreach (says, i, n, key, text) {
        if (!yyjson_is_str(text))
            return need(d, "says", "each sentence must be text");
        v[r->n_says++] = (struct tc_rule_says){tc_json_view(key), tc_json_view(text)};
    }
    r->says = v;
    return TC_OK;
}

static tc_err form_marking(yyjson_val *form, struct tc_str *marking, struct tc_diag *d)
{
    struct tc_str s;
    enum tc_tlp tlp;
    if (!tc_json_str(form, "marking", &s))
        return TC_OK;
    if (!tc_tlp_parse(s, &tlp))
        return need(d, "marking", "must be a TLP label such as TLP:AMBER");
    *marking = tc_str_cstr(tc_tlp_marking_id(tlp));
    return TC_OK;
}

/* What live matching would refuse. */
static tc_err pattern_fits(struct tc_str pattern, struct tc_str per, struct tc_diag *d)
{
    struct tc_set *s = tc_set_new(NULL);
    struct tc_buf at;
    if (!s)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = tc_set_add_per(s, TC_STR("new"), pattern, per, NULL, d);
    if (e && d->line) {
        tc_buf_init(&at, 64);
        tc_buf_fmt(&at, "pattern:%llu:%llu", (unsigned long long)d->line,
                   (unsigned long long)d->column);
        tc_diag_path(d, tc_buf_z(&at), at.n);
        tc_diag_at(d, 0, 0, UINT64_MAX);
        tc_buf_fini(&at);
    }
    tc_set_free(s);
    return e;
}

static tc_err read_form(yyjson_val *form, struct tc_arena *a, struct tc_rule *r, struct tc_diag *d)
{
    struct tc_str cooldown;
    uint64_t confidence;
    if (!tc_json_str(form, "name", &r->name) || !tc_str_trim(r->name).n || r->name.n > 1000)
        return need(d, "name", "a rule needs a name");
    if (!tc_json_str(form, "pattern", &r->pattern))
        return need(d, "pattern", "a rule needs a pattern");
    (void)tc_json_str(form, "description", &r->description);
    (void)tc_json_str(form, "per", &r->per);
    (void)tc_json_str(form, "about", &r->about);
    (void)tc_json_str(form, "severity", &r->severity);
    if (tc_json_get(form, "confidence")) {
        if (!tc_json_u64(form, "confidence", &confidence) || confidence > 100)
            return need(d, "confidence", "must be a whole number from 0 to 100");
        r->confidence = (int)confidence;
    }
    if (tc_json_str(form, "cooldown", &cooldown) &&
        tc_duration_parse(cooldown, TC_MAX_RULE_COOLDOWN, &r->cooldown))
        return need(d, "cooldown", "must be an ISO 8601 duration like PT1H, of at most 31 days");
    tc_err e = form_time(form, "valid_from", &r->from, d);
    e = e ? e : form_time(form, "valid_until", &r->until, d);
    e = e ? e : form_says(form, a, r, d);
    if (!e && r->until <= (r->from == TC_TIME_MIN ? r->created : r->from))
        e = need(d, "valid_until", "must be after valid_from");
    r->extended = r->per.n || r->about.n || r->severity.n || r->cooldown || r->n_says;
    e = e ? e : tc_rule_check(r, a, d);
    e = e ? e : pattern_fits(r->pattern, r->per, d);
    return e ? e : tc_rule_try(form, r, a, d);
}

static void new_id(struct tc_str type, char id[TC_ID_MAX])
{
    struct tc_uuid u = tc_uuid_v4();
    tc_id_make(type, &u, id);
}

static tc_err own_identity(struct tc_node *n, const struct tc_principal *p, struct tc_arena *a,
                           struct tc_str *out)
{
    struct tc_org org;
    tc_err e = tc_access_org_by(n->access, p->org, TC_STR(""), a, &org);
    if (!e)
        *out = org.identity;
    return e;
}

tc_err tc_rules_new(struct tc_node *n, const struct tc_principal *p, yyjson_val *form,
                    struct tc_buf *out, char id[TC_ID_MAX], struct tc_diag *d)
{
    struct tc_arena *a = tc_arena_new(ARENA);
    struct tc_rule r = {.confidence = -1, .from = TC_TIME_MIN, .until = TC_TIME_MAX};
    struct tc_str marking = {"", 0};
    r.created = r.modified = tc_time_now() / MS * MS;
    tc_err e = a ? own_identity(n, p, a, &r.creator) : TC_E_NOMEM;
    e = e ? e : read_form(form, a, &r, d);
    e = e ? e : form_marking(form, &marking, d);
    if (!e) {
        new_id(indicator, id);
        r.id = tc_str_cstr(id);
        tc_rule_write(&r, marking, out);
        e = out->err;
    }
    tc_arena_free(a);
    return e;
}

/* ---- muting ---- */

/* Is there such a rule, and would a mute of p's count? */
static tc_err may_mute(struct tc_node *n, const struct tc_principal *p, struct tc_str rule,
                       struct tc_diag *d)
{
    const struct tc_query q = {.ids = &rule, .n_ids = 1, .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (of_pack(n, rule))
        return p->org == n->org
                   ? TC_OK
                   : tc_diag_set(d, TC_E_DENIED,
                                 "only the node's own organisation can mute a rule of a pack");
    tc_err e = find_rule(n, p, &q, &r, &row);
    const struct tc_audience *who = e ? NULL : tc_journal_audience_of(n->journal, row.audience);
    tc_reader_close(r);
    if (e)
        return e == TC_E_NOTFOUND ? tc_diag_set(d, e, "there is no such rule") : e;
    if (p->org != n->org && (!who || who->creator_org != p->org))
        return tc_diag_set(d, TC_E_DENIED,
                           "only the organisation that posted the rule, and the "
                           "node's own, can mute it");
    return TC_OK;
}

tc_err tc_rules_mute(struct tc_node *n, const struct tc_principal *p, struct tc_str rule,
                     yyjson_val *form, struct tc_buf *out, char id[TC_ID_MAX], struct tc_diag *d)
{
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_person who = {0};
    struct tc_mute m = {.rule = rule, .from = TC_TIME_MIN, .until = TC_TIME_MAX};
    tc_err e = a ? may_mute(n, p, rule, d) : TC_E_NOMEM;
    e = e ? e : own_identity(n, p, a, &m.creator);
    if (!e && p->person)
        e = tc_access_person_by(n->access, p->person, TC_STR(""), a, &who);
    if (!e && (!tc_json_str(form, "reason", &m.reason) || !tc_str_trim(m.reason).n ||
               m.reason.n > TC_MAX_RULE_SAYS))
        e = need(d, "reason", "a mute needs a reason, of at most 2000 bytes");
    m.one_value = tc_json_str(form, "value", &m.value);
    e = e ? e : form_time(form, "from", &m.from, d);
    e = e ? e : form_time(form, "until", &m.until, d);
    m.created = m.modified = tc_time_now() / MS * MS;
    if (!e && m.until <= (m.from == TC_TIME_MIN ? m.created : m.from))
        e = need(d, "until", "must be to come, and after from");
    if (!e) {
        new_id(mute, id);
        m.id = tc_str_cstr(id);
        m.person = who.identity;
        tc_mute_write(&m, TC_STR(""), out);
        e = out->err;
    }
    tc_arena_free(a);
    return e;
}

tc_err tc_rules_unmute(struct tc_node *n, const struct tc_principal *p, struct tc_str rule,
                       yyjson_val *form, struct tc_buf *out, size_t *count, struct tc_diag *d)
{
    struct tc_arena *a = tc_arena_new(ARENA);
    struct mutes all = {0};
    struct tc_str value;
    tc_time now = tc_time_now() / MS * MS;
    bool one = tc_json_str(form, "value", &value);
    size_t taken = 0;
    tc_err e = a ? may_mute(n, p, rule, d) : TC_E_NOMEM;
    e = e ? e : read_mutes(n, p, rule, now, a, &all);
    tc_buf_char(out, '[');
    for (size_t i = 0; !e && i < all.n; i++) {
        struct tc_mute *m = &all.v[i].m;
        if (all.v[i].by != p->org || (one && !(m->one_value && tc_str_eq(m->value, value))))
            continue;
        if (taken++)
            tc_buf_char(out, ',');
        m->revoked = true;
        m->modified = now > m->modified ? now : m->modified + MS;
        tc_mute_write(m, TC_STR(""), out);
    }
    tc_buf_char(out, ']');
    free(all.v);
    tc_arena_free(a);
    e = e ? e : out->err;
    if (!e)
        *count = taken;
    return e;
}

/* ---- trying one on the past ---- */

struct testing {
    struct tc_jsonw w;
    uint64_t limit, shown;
};

static tc_err on_match(void *arg, const struct tc_hunt_match *m)
{
    struct testing *t = arg;
    if (t->shown == t->limit)
        return TC_OK;
    t->shown++;
    tc_hunt_match_write(m, TC_RULE_TEST_SHOWN, &t->w);
    return t->w.b->err;
}

/* The pattern and its per, of the rule that is named, or as they stand in the form. */
static tc_err tested(struct tc_node *n, const struct tc_principal *p, yyjson_val *form,
                     struct tc_arena *a, struct tc_hunt_ask *ask, struct tc_diag *d)
{
    struct tc_str id;
    struct tc_reader *r = NULL;
    struct tc_row row;
    struct tc_json j = {0};
    struct tc_rule rule;
    if (!tc_json_str(form, "id", &id)) {
        (void)tc_json_str(form, "per", &ask->per);
        return tc_json_str(form, "pattern", &ask->pattern)
                   ? TC_OK
                   : need(d, "pattern", "a pattern, or the id of a rule, is needed");
    }
    const struct tc_pack_rule *pack = of_pack(n, id);
    if (pack) {
        ask->pattern = pack->rule.pattern;
        ask->per = pack->rule.per;
        return TC_OK;
    }
    const struct tc_query q = {.ids = &id, .n_ids = 1};
    tc_err e = find_rule(n, p, &q, &r, &row);
    if (e == TC_E_NOTFOUND)
        (void)tc_diag_set(d, e, "there is no such rule");
    e = e ? e : tc_json_read(row.body, TC_MAX_OBJECT, 0, &j, d);
    e = e ? e : tc_rule_read(j.root, a, &rule, d);
    if (!e) {
        ask->pattern = tc_arena_dup(a, rule.pattern);
        ask->per = tc_arena_dup(a, rule.per);
        e = ask->pattern.p && ask->per.p ? TC_OK : tc_arena_err(a);
    }
    tc_json_fini(&j);
    tc_reader_close(r);
    return e;
}

static void put_result(const struct tc_hunt_result *r, struct tc_jsonw *w)
{
    tc_jsonw_ku64(w, "matches", r->matches);
    tc_jsonw_ku64(w, "observations", r->observations);
    tc_jsonw_ku64(w, "unreadable", r->unreadable);
    tc_jsonw_ku64(w, "undecided", r->undecided);
    tc_jsonw_kbool(w, "complete", r->complete);
    if (!r->complete)
        tc_jsonw_kcstr(w, "cut", r->matches == TC_RULE_TEST_COUNT ? "count" : "time");
    tc_jsonw_object_end(w);
}

tc_err tc_rules_test(struct tc_node *n, const struct tc_principal *p, yyjson_val *form,
                     int64_t time, struct tc_buf *out, struct tc_diag *d)
{
    struct tc_arena *a = tc_arena_new(ARENA);
    struct testing t = {.w = tc_jsonw_into(out), .limit = TC_RULE_TEST_SHOWN};
    struct tc_hunt_ask ask = {.since = tc_time_now() - TC_RULE_TEST_WINDOW,
                              .limit = TC_RULE_TEST_COUNT,
                              .time = time,
                              .found = on_match,
                              .arg = &t};
    struct tc_hunt_result r = {0};
    tc_err e = a ? tested(n, p, form, a, &ask, d) : TC_E_NOMEM;
    e = e ? e : form_time(form, "since", &ask.since, d);
    (void)tc_json_u64(form, "limit", &t.limit);
    t.limit = t.limit > TC_RULES_PAGE ? TC_RULES_PAGE : t.limit;
    if (!e) {
        tc_jsonw_object(&t.w);
        tc_jsonw_ktime(&t.w, "since", ask.since);
        tc_jsonw_name(&t.w, "shown");
        tc_jsonw_array(&t.w);
        e = tc_hunt(n->journal, p, &ask, &r, d);
    }
    if (!e) {
        tc_jsonw_array_end(&t.w);
        put_result(&r, &t.w);
        e = out->err;
    }
    tc_arena_free(a);
    return e;
}

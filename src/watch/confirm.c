/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/confirm.h"

#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "intake/paired.h"
#include "watch/facts.h"
#include "watch/standing.h"

#include <pthread.h>
#include <stdlib.h>

#define DAY        (86400 * TC_SECOND)
#define MAX_ROUND  200
#define MAX_OBJECT (1u << 20)

static const struct tc_str type_confirmation = {"confirmation", 12};

/* One after the other, so that a round is opened once and a question answered once. */
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;

/* ---- the object ---- */

/* As it stands; views live in the arena, those of assets in the parsed object. */
struct confirmation {
    struct tc_str id, round, asked_by, operator_ref, state, note, answered_by;
    tc_time asked, due, answered; /* answered: TC_TIME_NONE = not yet */
    const struct tc_str *assets;
    size_t n_assets;
};

static void put_extensions(struct tc_jsonw *w, const struct confirmation *c)
{
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, TC_EXT_CONFIRMATION);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "new-sdo");
    tc_jsonw_object_end(w);
    tc_jsonw_name(w, TC_EXT_SHARING);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
    tc_jsonw_name(w, "recipient_refs");
    tc_jsonw_array(w);
    tc_jsonw_str(w, c->operator_ref);
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

static void write_confirmation(const struct confirmation *c, tc_time modified, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "confirmation");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kstr(&w, "id", c->id);
    tc_jsonw_kstr(&w, "created_by_ref", c->asked_by);
    tc_jsonw_ktime(&w, "created", c->asked);
    tc_jsonw_ktime(&w, "modified", modified);
    tc_jsonw_name(&w, "object_marking_refs");
    tc_jsonw_array(&w);
    tc_jsonw_cstr(&w, tc_tlp_marking_id(TC_TLP_AMBER_STRICT));
    tc_jsonw_array_end(&w);
    put_extensions(&w, c);
    tc_jsonw_kstr(&w, "round", c->round);
    tc_jsonw_kstr(&w, "asked_by_ref", c->asked_by);
    tc_jsonw_ktime(&w, "asked_at", c->asked);
    tc_jsonw_ktime(&w, "due", c->due);
    tc_jsonw_kstr(&w, "operator_ref", c->operator_ref);
    tc_jsonw_name(&w, "asset_refs");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < c->n_assets; i++)
        tc_jsonw_str(&w, c->assets[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_kstr(&w, "state", c->state);
    tc_jsonw_ktext(&w, "answered_by_ref", c->answered_by);
    tc_jsonw_ktime(&w, "answered_at", c->answered);
    tc_jsonw_ktext(&w, "note", c->note);
    tc_jsonw_object_end(&w);
}

static bool take(yyjson_val *o, const char *name, struct tc_arena *a, struct tc_str *out)
{
    struct tc_str s = {"", 0};
    bool there = tc_json_str(o, name, &s) && s.n;
    *out = there ? tc_arena_dup(a, s) : TC_STR("");
    return there && out->p;
}

static bool take_time(yyjson_val *o, const char *name, tc_time *out)
{
    struct tc_str s;
    return tc_json_str(o, name, &s) && tc_time_parse_z(s, out) == TC_OK;
}

static bool take_assets(yyjson_val *o, struct tc_arena *a, struct confirmation *c)
{
    yyjson_val *list = tc_json_get(o, "asset_refs"), *one;
    size_t i, n;
    struct tc_str *v = tc_arena_zalloc(a, yyjson_arr_size(list) + 1, sizeof *v);
    c->assets = v;
    c->n_assets = 0;
    if (!v)
        return false;
    yyjson_arr_foreach (list, i, n, one)
        if (yyjson_is_str(one))
            v[c->n_assets++] = tc_arena_dup(a, tc_json_view(one));
    return !tc_arena_err(a);
}

/* Only what this node's organisation asked counts, whoever else posts such an object. */
static bool read_confirmation(const struct tc_node *n, const struct tc_row *row, struct tc_arena *a,
                              struct confirmation *c)
{
    struct tc_json j = {0};
    const struct tc_audience *of = tc_journal_audience_of(n->journal, row->audience);
    bool ok = of && of->creator_org == n->org && !row->revoked &&
              tc_json_read(row->body, TC_MAX_OBJECT, 0, &j, NULL) == TC_OK &&
              take(j.root, "id", a, &c->id) && take(j.root, "round", a, &c->round) &&
              take(j.root, "asked_by_ref", a, &c->asked_by) &&
              take(j.root, "operator_ref", a, &c->operator_ref) &&
              take(j.root, "state", a, &c->state) && take_time(j.root, "asked_at", &c->asked) &&
              take_time(j.root, "due", &c->due) && take_assets(j.root, a, c);
    c->answered = TC_TIME_NONE;
    if (ok) {
        (void)take_time(j.root, "answered_at", &c->answered);
        (void)take(j.root, "answered_by_ref", a, &c->answered_by);
        (void)take(j.root, "note", a, &c->note);
    }
    tc_json_fini(&j);
    return ok;
}

static tc_err post(struct tc_node *n, const struct confirmation *c, uint32_t operator_org,
                   tc_time now, struct tc_diag *d)
{
    struct tc_buf text;
    tc_buf_init(&text, MAX_OBJECT);
    write_confirmation(c, now, &text);
    tc_err e = text.err ? text.err
                        : tc_paired_append(n, tc_buf_view(&text), n->org, operator_org, NULL, d);
    tc_buf_fini(&text);
    return e;
}

/* ---- reading them ---- */

static bool is_open(const struct confirmation *c)
{
    return c->answered == TC_TIME_NONE;
}

static bool is_overdue(const struct confirmation *c, tc_time now)
{
    return is_open(c) && c->due <= now;
}

typedef bool (*see_one)(void *arg, const struct confirmation *c); /* false ends the walk */

/* Those that who may read, newest first. */
static tc_err each(struct tc_node *n, const struct tc_principal *who, see_one see, void *arg)
{
    const struct tc_query q = {
        .added_after = TC_TIME_NONE, .types = &type_confirmation, .n_types = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    bool more = true;
    struct tc_arena *a = tc_arena_new(8u << 20);
    tc_err e = a ? tc_reader_open(n->journal, who, &q, &r) : TC_E_NOMEM;
    while (!e && more && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct confirmation c = {.n_assets = 0};
        tc_arena_reset(a);
        if (read_confirmation(n, &row, a, &c))
            more = see(arg, &c);
    }
    tc_reader_close(r);
    tc_arena_free(a);
    return e;
}

/* ---- opening a round ---- */

struct party {
    struct tc_org org;
    struct tc_principal p;
    bool here, wanted;
    struct tc_list assets; /* struct tc_str, in the arena */
};

struct round {
    struct tc_node *n;
    struct tc_arena *a;
    struct tc_standing *who;
    struct tc_map *by_ref;    /* identity -> index */
    struct tc_list operators; /* struct party */
    const struct tc_confirm_ask *ask;
    struct tc_str name;
    uint64_t unreadable, elsewhere;
};

static bool is_wanted(const struct tc_confirm_ask *ask, const struct tc_org *org)
{
    for (size_t i = 0; i < ask->n_operators; i++)
        if (tc_str_eq(ask->operators[i], org->identity) || tc_str_eq(ask->operators[i], org->name))
            return true;
    return !ask->n_operators;
}

static tc_err operator_of(struct round *r, struct tc_str ref, struct party **out)
{
    uint64_t at = r->operators.n;
    bool added = false;
    uint32_t i;
    tc_err e = tc_map_intern(r->by_ref, ref, &at, &added);
    if (!e && added && !tc_list_push(&r->operators, sizeof(struct party), &i))
        e = TC_E_NOMEM;
    if (e)
        return e;
    struct party *o = TC_LIST_AT(r->operators, struct party, at);
    *out = o;
    if (!added)
        return TC_OK;
    e = tc_access_org_by(r->n->access, 0, ref, r->a, &o->org);
    o->here = !e && tc_str_eq(o->org.identity, ref);
    if (o->here)
        e = tc_access_org_principal(r->n->access, o->org.number, r->a, &o->p);
    o->wanted = o->here && is_wanted(r->ask, &o->org);
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

static bool counts(struct round *r, uint32_t poster, struct tc_str operator_ref)
{
    return tc_standing_keeper(r->who, poster) || tc_standing_is(r->who, poster, operator_ref);
}

static tc_err take_asset(struct round *r, const struct tc_row *row, yyjson_val *root)
{
    const struct tc_audience *of = tc_journal_audience_of(r->n->journal, row->audience);
    struct tc_asset_facts f;
    struct party *o = NULL;
    uint32_t at;
    if (row->revoked || !of || !tc_facts_asset(root, &f) || !f.operator_ref.n ||
        !counts(r, of->creator_org, f.operator_ref))
        return TC_OK;
    tc_err e = operator_of(r, f.operator_ref, &o);
    if (e)
        return e;
    r->elsewhere += !o->here && !r->ask->n_operators;
    if (!o->wanted)
        return TC_OK;
    if (!tc_may_read(&o->p, of)) {
        r->unreadable++;
        return TC_OK;
    }
    struct tc_str *asset = tc_list_push(&o->assets, sizeof *asset, &at);
    if (!asset)
        return TC_E_NOMEM;
    *asset = tc_arena_dup(r->a, row->id);
    return tc_arena_err(r->a);
}

static tc_err gather(struct round *r, const struct tc_principal *who)
{
    static const struct tc_str type = {"infrastructure", 14};
    const struct tc_query q = {.added_after = TC_TIME_NONE, .types = &type, .n_types = 1};
    struct tc_json_reader *json = tc_json_reader_new();
    struct tc_reader *reader = NULL;
    struct tc_row row;
    yyjson_val *root;
    tc_err e = json ? tc_reader_open(r->n->journal, who, &q, &reader) : TC_E_NOMEM;
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq)
        if (tc_json_reader_read(json, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL) ==
            TC_OK)
            e = take_asset(r, &row, root);
    tc_reader_close(reader);
    tc_json_reader_free(json);
    return e;
}

struct same_round {
    const struct round *r;
    bool found;
};

/* The same name to somebody who would be asked. */
static bool see_round(void *arg, const struct confirmation *c)
{
    struct same_round *s = arg;
    uint64_t at;
    if (tc_str_eq(c->round, s->r->name) && tc_map_get(s->r->by_ref, c->operator_ref, &at) &&
        TC_LIST_AT(s->r->operators, struct party, at)->assets.n)
        s->found = true;
    return !s->found;
}

static tc_err ask_one(struct round *r, const struct party *o, struct confirmation *c,
                      struct tc_jsonw *w, struct tc_diag *d)
{
    tc_err e = TC_OK;
    for (size_t first = 0; !e && first < o->assets.n; first += TC_CONFIRM_ASSETS) {
        struct tc_uuid u = tc_uuid_v4();
        char id[TC_ID_MAX];
        size_t left = o->assets.n - first;
        tc_id_make(type_confirmation, &u, id);
        c->id = tc_str_cstr(id);
        c->operator_ref = o->org.identity;
        c->assets = TC_LIST_AT(o->assets, const struct tc_str, first);
        c->n_assets = left < TC_CONFIRM_ASSETS ? left : TC_CONFIRM_ASSETS;
        e = post(r->n, c, o->org.number, c->asked, d);
        if (e)
            break;
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "id", id);
        tc_jsonw_kstr(w, "operator_ref", o->org.identity);
        tc_jsonw_kstr(w, "operator", o->org.name);
        tc_jsonw_ku64(w, "assets", c->n_assets);
        tc_jsonw_object_end(w);
    }
    return e;
}

static tc_err ask_all(struct round *r, struct confirmation *c, struct tc_buf *out,
                      struct tc_diag *d)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_err e = TC_OK;
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "round", c->round);
    tc_jsonw_ktime(&w, "due", c->due);
    tc_jsonw_name(&w, "confirmations");
    tc_jsonw_array(&w);
    for (uint32_t i = 0; !e && i < r->operators.n; i++)
        e = ask_one(r, TC_LIST_AT(r->operators, struct party, i), c, &w, d);
    tc_jsonw_array_end(&w);
    tc_jsonw_ku64(&w, "unreadable", r->unreadable);
    tc_jsonw_ku64(&w, "elsewhere", r->elsewhere);
    tc_jsonw_object_end(&w);
    return e ? e : out->err;
}

/* Each name that was given is an organisation of this node. */
static tc_err check_operators(struct tc_node *n, const struct tc_confirm_ask *ask,
                              struct tc_arena *a, struct tc_diag *d)
{
    struct tc_org org;
    for (size_t i = 0; i < ask->n_operators; i++)
        if (tc_access_org_by(n->access, 0, ask->operators[i], a, &org))
            return tc_diag_set(d, TC_E_NOTFOUND, "there is no organisation '%.*s'",
                               TC_FMT(ask->operators[i]));
    return TC_OK;
}

static tc_err is_there_somebody(const struct round *r, struct tc_diag *d)
{
    for (uint32_t i = 0; i < r->operators.n; i++)
        if (TC_LIST_AT(r->operators, struct party, i)->assets.n)
            return TC_OK;
    return r->unreadable
               ? tc_diag_set(
                     d, TC_E_NOTFOUND,
                     "there is nobody to ask: of %llu entries their operators may read none",
                     (unsigned long long)r->unreadable)
               : tc_diag_set(d, TC_E_NOTFOUND,
                             "there is nobody to ask: no entry has an operator of "
                             "this node");
}

static tc_err open_in(struct round *r, const struct tc_principal *who, struct tc_buf *out,
                      struct tc_diag *d)
{
    struct same_round same = {.r = r};
    struct tc_org own;
    tc_time now = tc_time_now() / 1000 * 1000;
    struct confirmation c = {.asked = now, .answered = TC_TIME_NONE, .state = TC_STR("asked")};
    c.due = r->ask->due == TC_TIME_NONE ? now + TC_CONFIRM_DAYS * DAY : r->ask->due / 1000 * 1000;
    if (c.due <= now)
        return tc_diag_set(d, TC_E_INVALID, "the due date is yet to come");
    char day[TC_TIME_SIZE];
    tc_time_format(c.due, 0, day);
    r->name = r->ask->round.n ? r->ask->round : tc_str_view(day, 10);
    if (r->name.n > MAX_ROUND)
        return tc_diag_set(d, TC_E_INVALID, "the name of a round is %d bytes at most", MAX_ROUND);
    c.round = r->name;
    tc_err e = tc_access_org_by(r->n->access, r->n->org, TC_STR(""), r->a, &own);
    e = e ? e : check_operators(r->n, r->ask, r->a, d);
    e = e ? e : gather(r, who);
    e = e ? e : is_there_somebody(r, d);
    e = e ? e : each(r->n, who, see_round, &same);
    if (!e && same.found)
        e = tc_diag_set(d, TC_E_CONFLICT, "there is a round '%.*s' already; --round names another",
                        TC_FMT(r->name));
    c.asked_by = own.identity;
    return e ? e : ask_all(r, &c, out, d);
}

tc_err tc_confirm_open(struct tc_node *n, const struct tc_principal *who,
                       const struct tc_confirm_ask *ask, struct tc_buf *out, struct tc_diag *d)
{
    if (who->org != n->org)
        return tc_diag_set(d, TC_E_DENIED, "the organisation that runs the node opens a round");
    struct round r = {.n = n,
                      .a = tc_arena_new((size_t)1 << 30),
                      .who = tc_standing_new(n->org, n->access),
                      .by_ref = tc_map_new(TC_CONFIRM_MOST),
                      .ask = ask};
    tc_err e = r.a && r.who && r.by_ref ? tc_standing_load(r.who, n->dir, d) : TC_E_NOMEM;
    (void)pthread_mutex_lock(&changing);
    e = e ? e : open_in(&r, who, out, d);
    (void)pthread_mutex_unlock(&changing);
    for (uint32_t i = 0; i < r.operators.n; i++)
        free(TC_LIST_AT(r.operators, struct party, i)->assets.v);
    free(r.operators.v);
    tc_map_free(r.by_ref);
    tc_standing_free(r.who);
    tc_arena_free(r.a);
    return e;
}

/* ---- answering ---- */

static tc_err answer_in(struct tc_node *n, const struct tc_principal *who, struct confirmation *c,
                        struct tc_arena *a, struct tc_diag *d)
{
    struct tc_org own;
    tc_err e = tc_access_org_by(n->access, who->org, TC_STR(""), a, &own);
    if (e || !tc_str_eq(own.identity, c->operator_ref))
        return tc_diag_set(d, TC_E_DENIED, "the operator whose entries they are answers");
    if (!is_open(c))
        return tc_diag_set(d, TC_E_CONFLICT, "it was answered before");
    c->answered = tc_time_now() / 1000 * 1000;
    if (c->answered <= c->asked)
        c->answered = c->asked + 1000; /* versions differ */
    c->answered_by = own.identity;
    return post(n, c, own.number, c->answered, d);
}

static tc_err check_answer(bool corrected, struct tc_str note, struct tc_diag *d)
{
    const char *says = note.n > TC_CONFIRM_NOTE ? "a note is 4000 bytes at most"
                       : corrected && !note.n   ? "what was corrected, or is to be, needs a note"
                                                : NULL;
    if (!says)
        return TC_OK;
    tc_diag_path(d, "note", 4);
    return tc_diag_set(d, TC_E_INVALID, "%s", says);
}

tc_err tc_confirm_answer(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                         bool corrected, struct tc_str note, struct tc_diag *d)
{
    const struct tc_query q = {.ids = &id, .n_ids = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    struct confirmation c = {.n_assets = 0};
    struct tc_arena *a = tc_arena_new(8u << 20);
    if (!a)
        return TC_E_NOMEM;
    (void)pthread_mutex_lock(&changing);
    tc_err e = tc_paired_newest(n, who, &q, &r, &row);
    if (!e && (!tc_str_eq(row.type, type_confirmation) || !read_confirmation(n, &row, a, &c)))
        e = TC_E_NOTFOUND;
    tc_reader_close(r);
    if (e)
        (void)tc_diag_set(d, e, "there is no such confirmation");
    e = e ? e : check_answer(corrected, note, d);
    c.state = corrected ? TC_STR("corrected") : TC_STR("confirmed");
    c.note = note;
    e = e ? e : answer_in(n, who, &c, a, d);
    (void)pthread_mutex_unlock(&changing);
    tc_arena_free(a);
    return e;
}

/* ---- listing ---- */

struct listing {
    struct tc_node *n;
    struct tc_jsonw w;
    struct tc_arena *a;
    tc_time now;
    bool only_overdue;
    size_t left;
    uint64_t overdue;
};

static void put_one(struct listing *l, const struct confirmation *c)
{
    struct tc_org org;
    struct tc_jsonw *w = &l->w;
    tc_arena_reset(l->a);
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "id", c->id);
    tc_jsonw_kstr(w, "round", c->round);
    tc_jsonw_kstr(w, "state", is_overdue(c, l->now) ? TC_STR("overdue") : c->state);
    tc_jsonw_ktime(w, "asked_at", c->asked);
    tc_jsonw_ktime(w, "due", c->due);
    tc_jsonw_kstr(w, "operator_ref", c->operator_ref);
    if (!tc_access_org_by(l->n->access, 0, c->operator_ref, l->a, &org))
        tc_jsonw_kstr(w, "operator", org.name);
    tc_jsonw_ku64(w, "assets", c->n_assets);
    tc_jsonw_ktext(w, "answered_by_ref", c->answered_by);
    tc_jsonw_ktime(w, "answered_at", c->answered);
    if (!is_open(c))
        tc_jsonw_kbool(w, "late", c->answered > c->due);
    tc_jsonw_ktext(w, "note", c->note);
    tc_jsonw_object_end(w);
}

static bool list_one(void *arg, const struct confirmation *c)
{
    struct listing *l = arg;
    bool overdue = is_overdue(c, l->now);
    l->overdue += overdue;
    if (l->left && (overdue || !l->only_overdue)) {
        put_one(l, c);
        l->left--;
    }
    return true;
}

tc_err tc_confirm_list(struct tc_node *n, const struct tc_principal *who, bool overdue,
                       size_t limit, struct tc_buf *out)
{
    struct listing l = {.n = n,
                        .w = tc_jsonw_into(out),
                        .a = tc_arena_new(1u << 16),
                        .now = tc_time_now(),
                        .only_overdue = overdue,
                        .left = limit};
    if (!l.a)
        return TC_E_NOMEM;
    tc_jsonw_object(&l.w);
    tc_jsonw_name(&l.w, "confirmations");
    tc_jsonw_array(&l.w);
    tc_err e = each(n, who, list_one, &l);
    tc_jsonw_array_end(&l.w);
    tc_jsonw_ku64(&l.w, "overdue", l.overdue);
    tc_jsonw_object_end(&l.w);
    tc_arena_free(l.a);
    return e ? e : out->err;
}

/* ---- what others ask ---- */

struct counting {
    struct tc_confirm_counts *out;
    tc_time now;
};

static bool count_one(void *arg, const struct confirmation *c)
{
    struct counting *x = arg;
    if (!is_open(c))
        x->out->answered++;
    else if (is_overdue(c, x->now))
        x->out->overdue++;
    else
        x->out->asked++;
    return true;
}

tc_err tc_confirm_count(struct tc_node *n, const struct tc_principal *who,
                        struct tc_confirm_counts *out)
{
    struct tc_confirm_counts c = {0};
    struct counting x = {&c, tc_time_now()};
    tc_err e = each(n, who, count_one, &x);
    if (!e)
        *out = c;
    return e;
}

struct seeing {
    bool (*seen)(void *arg, struct tc_str asset, tc_time at);
    void *arg;
};

static bool see_assets(void *arg, const struct confirmation *c)
{
    const struct seeing *s = arg;
    for (size_t i = 0; !is_open(c) && i < c->n_assets; i++)
        if (!s->seen(s->arg, c->assets[i], c->answered))
            return false;
    return true;
}

tc_err tc_confirm_each(struct tc_node *n, const struct tc_principal *who,
                       bool (*seen)(void *arg, struct tc_str asset, tc_time at), void *arg)
{
    struct seeing s = {seen, arg};
    return each(n, who, see_assets, &s);
}

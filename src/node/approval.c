/* SPDX-License-Identifier: Apache-2.0 */
#include "node/approval.h"

#include "base/limits.h"
#include "codec/json.h"
#include "codec/jsonw.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>

enum { MOST_KINDS = 16, ARENA = 32 << 20 };

static const struct tc_approval_kind *kinds[MOST_KINDS];
static size_t n_kinds;

/* Answers, and what the timer does, come one after the other. */
static pthread_mutex_t answering = PTHREAD_MUTEX_INITIALIZER;

static const struct tc_approval_kind *kind_of(struct tc_str name)
{
    for (size_t i = 0; i < n_kinds; i++)
        if (tc_str_is(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

tc_err tc_approval_kind_add(const struct tc_approval_kind *k)
{
    if (kind_of(tc_str_cstr(k->name)))
        return TC_E_CONFLICT;
    if (n_kinds == MOST_KINDS)
        return TC_E_LIMIT;
    kinds[n_kinds++] = k;
    return TC_OK;
}

/* ---- one act, read ---- */

struct held {
    struct tc_arena *a;
    struct tc_act act;
    struct tc_json ask;
    const struct tc_approval_kind *kind;
};

static void held_fini(struct held *h)
{
    tc_json_fini(&h->ask);
    tc_arena_free(h->a);
}

/* Kinds of a program that is newer, or of a part that is not in this process, are not known. */
static tc_err held_read(struct held *h)
{
    h->kind = kind_of(h->act.kind);
    if (!h->kind)
        return TC_E_UNSUPPORTED;
    return tc_json_read(h->act.ask, TC_ACT_ASK, 0, &h->ask, NULL);
}

static struct tc_str about(const struct held *h)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(h->ask.root, "object", &s);
    return s;
}

static tc_err held_by(struct tc_node *n, struct tc_str id, struct held *h)
{
    *h = (struct held){.a = tc_arena_new(ARENA)};
    tc_err e = h->a ? tc_access_act_by(n->access, id, h->a, &h->act) : TC_E_NOMEM;
    return e ? e : held_read(h);
}

/* ---- what it rests on ---- */

static tc_err digest(struct tc_node *n, const struct tc_approval_kind *k, struct tc_str text,
                     yyjson_val *ask, uint8_t out[TC_ACT_DIGEST], struct tc_diag *d)
{
    struct tc_buf on;
    crypto_hash_sha256_state sum;
    const struct tc_str name = tc_str_cstr(k->name);
    tc_buf_init(&on, 1u << 20);
    tc_err e = k->rests(n, ask, &on, d);
    e = e ? e : on.err;
    const struct tc_str parts[] = {name, text, tc_buf_view(&on)};
    (void)crypto_hash_sha256_init(&sum);
    for (size_t i = 0; i < 3; i++) { /* each behind its length */
        uint64_t len = parts[i].n;
        (void)crypto_hash_sha256_update(&sum, (const unsigned char *)&len, sizeof len);
        (void)crypto_hash_sha256_update(&sum, (const unsigned char *)(parts[i].n ? parts[i].p : ""),
                                        parts[i].n);
    }
    (void)crypto_hash_sha256_final(&sum, out);
    tc_buf_fini(&on);
    return e;
}

#define CHANGED "what it is about was changed after it was asked for"

tc_err tc_approval_still(struct tc_node *n, const struct tc_act *act, yyjson_val *ask,
                         struct tc_diag *d)
{
    uint8_t now[TC_ACT_DIGEST];
    const struct tc_approval_kind *k = kind_of(act->kind);
    tc_err e = k ? digest(n, k, act->ask, ask, now, d) : TC_E_UNSUPPORTED;
    if (!e && memcmp(now, act->digest, sizeof now) != 0)
        e = tc_diag_set(d, TC_E_CONFLICT, CHANGED);
    return e;
}

/* ---- who ---- */

static tc_err identity_of(struct tc_node *n, uint32_t person, struct tc_arena *a,
                          struct tc_person *out)
{
    *out = (struct tc_person){.identity = TC_STR("the folder"), .name = TC_STR("")};
    return person ? tc_access_person_by(n->access, person, TC_STR(""), a, out) : TC_OK;
}

/* Who may answer, apart from the right to the act itself. */
static bool other_person(struct tc_node *n, const struct tc_principal *p, const struct tc_act *act)
{
    return p->person && p->person <= act->people &&
           !(act->person && tc_access_same_person(n->access, p->person, act->person));
}

static bool is_asker(const struct tc_principal *p, const struct tc_act *act)
{
    return p->system ? !act->person : act->person && p->person == act->person;
}

/* What is read to decide this is not shown to anybody. */
static tc_err may(struct tc_node *n, const struct tc_principal *p, const struct held *h,
                  struct tc_diag *d)
{
    struct tc_principal quiet = *p;
    quiet.witness = NULL;
    return h->kind->may(n, &quiet, h->ask.root, d);
}

static bool may_see(struct tc_node *n, const struct tc_principal *p, const struct held *h)
{
    return is_asker(p, &h->act) || (p->person && p->person == h->act.second) ||
           (other_person(n, p, &h->act) && may(n, p, h, NULL) == TC_OK);
}

/* ---- on record ---- */

static tc_err record(struct tc_node *n, const struct held *h, enum tc_audit_kind kind, uint32_t org,
                     uint32_t person, const char *what, struct tc_str why, struct tc_str from)
{
    char how[96];
    (void)snprintf(how, sizeof how, "approval %s: %s", h->act.id, what);
    const struct tc_audit_event e = {.kind = kind,
                                     .org = org,
                                     .person = person,
                                     .object = about(h),
                                     .how = tc_str_cstr(how),
                                     .why = why,
                                     .from = from};
    return tc_audit_must(n->audit, &e);
}

/* ---- asking ---- */

struct tc_rules tc_approval_rules(struct tc_node *n, uint32_t community, uint32_t org)
{
    if (!tc_access_any_rules(n->access))
        return (struct tc_rules){0, 0};
    struct tc_rules r = {TC_TWO_ALL, TC_WHY_ALL}; /* what cannot be looked up asks for everything */
    struct tc_org o;
    struct tc_community c;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? TC_OK : TC_E_NOMEM;
    if (!e && !community) {
        e = tc_access_org_by(n->access, org, TC_STR(""), a, &o);
        community = e ? 0 : o.inbox;
        if (e == TC_E_NOTFOUND)
            r = (struct tc_rules){0, 0};
    }
    if (!e && !tc_access_community_by(n->access, community, NULL, TC_STR(""), a, &c))
        r = (struct tc_rules){c.four_eyes, c.asks_reason};
    tc_arena_free(a);
    return r;
}

tc_err tc_approval_gate(const struct tc_rules *r, unsigned two, unsigned why,
                        const struct tc_second *s, bool *second, struct tc_diag *d)
{
    *second = r->four_eyes & two;
    if (!(r->asks_reason & why) || tc_str_trim(s->why).n)
        return TC_OK;
    return tc_diag_set(d, TC_E_INVALID, "a reason is asked for: say why");
}

tc_err tc_approval_ask(struct tc_node *n, const struct tc_principal *p, const char *kind,
                       uint32_t community, struct tc_str ask, struct tc_second *s,
                       struct tc_diag *d)
{
    struct held h = {.kind = kind_of(tc_str_cstr(kind))};
    if (!h.kind)
        return tc_diag_set(d, TC_E_UNSUPPORTED, "nothing here can do that for two people");
    if (s->why.n > TC_WHY_TEXT || !tc_str_utf8(s->why))
        return tc_diag_set(d, TC_E_INVALID, "the reason is UTF-8 of at most %d bytes", TC_WHY_TEXT);
    h.act = (struct tc_act){.community = community,
                            .kind = tc_str_cstr(kind),
                            .ask = ask,
                            .org = p->system ? n->org : p->org,
                            .person = p->system ? 0 : p->person,
                            .why = s->why,
                            .due = tc_time_now() + TC_APPROVAL_US};
    tc_err e = tc_json_read(ask, TC_ACT_ASK, 0, &h.ask, d);
    e = e ? e : digest(n, h.kind, ask, h.ask.root, h.act.digest, d);
    e = e ? e : tc_access_act_add(n->access, &h.act, d);
    e = e ? e
          : record(n, &h, TC_AUDIT_ADMINISTRATION, h.act.org, h.act.person, "asked for", s->why,
                   s->from);
    if (!e)
        memcpy(s->id, h.act.id, sizeof s->id);
    held_fini(&h);
    return e;
}

/* ---- doing it ---- */

/* The one who asked, as they are now; the folder's own is the organisation that runs the node. */
struct asker {
    struct tc_login *login;
    struct tc_principal own;
    const struct tc_principal *p;
};

static tc_err asker_of(struct tc_node *n, const struct held *h, struct asker *w)
{
    if (h->act.person) {
        tc_err e = tc_access_login_as(n->access, h->act.person, &w->login);
        w->p = e ? NULL : &w->login->principal;
        return e;
    }
    tc_err e = tc_access_org_principal(n->access, n->org, h->a, &w->own);
    w->own.roles |= TC_ROLE_REPORTER | TC_ROLE_RELEASER | TC_ROLE_STEWARD;
    w->p = &w->own;
    return e;
}

/* Errors that pass: the act stays approved, and the timer tries again. */
static bool passes(tc_err e)
{
    return e == TC_E_BUSY || e == TC_E_TIMEOUT || e == TC_E_NOMEM || e == TC_E_FULL || e == TC_E_IO;
}

static tc_err lapse(struct tc_node *n, struct held *h, enum tc_act_state from, struct tc_str why,
                    struct tc_diag *d)
{
    struct tc_diag own;
    tc_diag_init(&own);
    tc_err e = record(n, h, TC_AUDIT_ADMINISTRATION, h->act.org, h->act.person, "lapsed", why,
                      TC_STR("local"));
    e = e ? e : tc_access_act_move(n->access, h->act.id, from, TC_ACT_LAPSED, 0, 0, why, &own);
    if (!e)
        h->act.state = TC_ACT_LAPSED;
    return e ? tc_diag_set(d, e, "%s", own.message) : TC_OK;
}

/* Both people, in one record. */
static tc_err record_doing(struct tc_node *n, const struct held *h)
{
    struct tc_person second;
    struct tc_buf why;
    tc_err e = identity_of(n, h->act.second, h->a, &second);
    tc_buf_init(&why, 4096);
    tc_buf_fmt(&why, "approved by %.*s", TC_FMT(second.identity));
    if (h->act.answer.n)
        tc_buf_fmt(&why, " (%.*s)", TC_FMT(h->act.answer));
    if (h->act.why.n)
        tc_buf_fmt(&why, "; asked for: %.*s", TC_FMT(h->act.why));
    e = e         ? e
        : why.err ? why.err
                  : record(n, h, h->kind->audit, h->act.org, h->act.person, "done",
                           tc_buf_view(&why), TC_STR("local"));
    tc_buf_fini(&why);
    return e;
}

/* Of an approved act. What was said before a crash may be said twice; it is done once. */
static tc_err finish(struct tc_node *n, struct held *h, struct tc_diag *d)
{
    struct asker w = {NULL};
    struct tc_diag own;
    tc_diag_init(&own);
    bool done = h->kind->is_done && h->kind->is_done(n, h->ask.root);
    tc_err e = done ? TC_OK : tc_approval_still(n, &h->act, h->ask.root, &own);
    if (!e && !done)
        e = asker_of(n, h, &w);
    if (!e && !done)
        e = record_doing(n, h);
    if (!e && !done)
        e = h->kind->run(n, w.p, &h->act, h->ask.root, &own);
    tc_login_unref(w.login);
    if (passes(e))
        return tc_diag_set(d, e, "approved; it could not be done yet: %s", tc_err_text(e));
    if (e)
        return lapse(n, h, TC_ACT_APPROVED,
                     own.message[0] ? tc_str_cstr(own.message) : tc_str_cstr(tc_err_text(e)), d);
    if (h->kind->is_done)
        e = tc_access_act_move(n->access, h->act.id, TC_ACT_APPROVED, TC_ACT_DONE, 0, 0, TC_STR(""),
                               d);
    if (!e)
        h->act.state = TC_ACT_DONE;
    return e;
}

/* ---- answering ---- */

/* Is it still what was asked, by somebody who may? Otherwise *why says why not. */
static tc_err stands(struct tc_node *n, const struct held *h, const char **why)
{
    struct asker w = {NULL};
    tc_err e = tc_approval_still(n, &h->act, h->ask.root, NULL);
    *why = e == TC_E_CONFLICT ? CHANGED : NULL;
    if (e || !h->act.person)
        return *why ? TC_OK : e;
    e = asker_of(n, h, &w);
    e = e ? e : may(n, w.p, h, NULL);
    tc_login_unref(w.login);
    if (e == TC_E_DENIED || e == TC_E_NOTFOUND || e == TC_E_AUTH)
        *why = "who asked for it may not do it any more";
    return *why ? TC_OK : e;
}

static tc_err waits_still(struct tc_node *n, struct held *h, struct tc_diag *d)
{
    if (h->act.state != TC_ACT_WAITING)
        return tc_diag_set(d, TC_E_CONFLICT, "it is %s", tc_act_state_word(h->act.state));
    if (h->act.due > tc_time_now())
        return TC_OK;
    tc_err e = lapse(n, h, TC_ACT_WAITING, TC_STR("nobody answered in time"), d);
    return e ? e : tc_diag_set(d, TC_E_CONFLICT, "its time is over");
}

static tc_err approve(struct tc_node *n, const struct tc_principal *p, struct held *h,
                      struct tc_str answer, struct tc_str from, struct tc_diag *d)
{
    const char *gone;
    tc_err e = stands(n, h, &gone);
    if (!e && gone) {
        e = lapse(n, h, TC_ACT_WAITING, tc_str_cstr(gone), d);
        return e ? e : tc_diag_set(d, TC_E_CONFLICT, "it lapsed: %s", gone);
    }
    e = e ? e : record(n, h, TC_AUDIT_ADMINISTRATION, p->org, p->person, "approved", answer, from);
    e = e ? e
          : tc_access_act_move(n->access, h->act.id, TC_ACT_WAITING, TC_ACT_APPROVED, p->org,
                               p->person, answer, d);
    if (e)
        return e;
    h->act.state = TC_ACT_APPROVED;
    h->act.second = p->person;
    h->act.second_org = p->org;
    h->act.answer = answer;
    return finish(n, h, d);
}

static tc_err refuse(struct tc_node *n, const struct tc_principal *p, struct held *h,
                     struct tc_str answer, struct tc_str from, struct tc_diag *d)
{
    tc_err e = record(n, h, TC_AUDIT_ADMINISTRATION, p->org, p->person, "refused", answer, from);
    e = e ? e
          : tc_access_act_move(n->access, h->act.id, TC_ACT_WAITING, TC_ACT_REFUSED, p->org,
                               p->person, answer, d);
    if (!e)
        h->act.state = TC_ACT_REFUSED;
    return e;
}

static tc_err not_there(struct tc_diag *d)
{
    return tc_diag_set(d, TC_E_NOTFOUND, "there is no such act that you could answer");
}

static tc_err may_answer(struct tc_node *n, const struct tc_principal *p, struct held *h,
                         struct tc_diag *d)
{
    if (!may_see(n, p, h))
        return not_there(d);
    if (is_asker(p, &h->act))
        return tc_diag_set(d, TC_E_DENIED, "it takes somebody else than who asked for it");
    if (!p->person)
        return tc_diag_set(d, TC_E_DENIED, "a person answers");
    return waits_still(n, h, d);
}

tc_err tc_approval_answer(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                          bool yes, struct tc_str answer, const struct tc_second *by,
                          enum tc_act_state *state, struct tc_diag *d)
{
    struct held h;
    if (answer.n > TC_WHY_TEXT || !tc_str_utf8(answer) || (!yes && !tc_str_trim(answer).n))
        return tc_diag_set(d, TC_E_INVALID, "say why, in at most %d bytes", TC_WHY_TEXT);
    (void)pthread_mutex_lock(&answering);
    tc_err e = held_by(n, id, &h);
    if (e == TC_E_NOTFOUND || e == TC_E_UNSUPPORTED)
        e = not_there(d);
    e = e ? e : may_answer(n, p, &h, d);
    if (!e)
        e = yes ? approve(n, p, &h, answer, by->from, d) : refuse(n, p, &h, answer, by->from, d);
    if (!e)
        *state = h.act.state;
    (void)pthread_mutex_unlock(&answering);
    held_fini(&h);
    return e;
}

tc_err tc_approval_withdraw(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                            const struct tc_second *by, struct tc_diag *d)
{
    struct held h;
    (void)pthread_mutex_lock(&answering);
    tc_err e = held_by(n, id, &h);
    if (e == TC_E_NOTFOUND || e == TC_E_UNSUPPORTED || (!e && !may_see(n, p, &h)))
        e = not_there(d);
    if (!e && !is_asker(p, &h.act))
        e = tc_diag_set(d, TC_E_DENIED, "who asked for it withdraws it");
    e = e ? e : waits_still(n, &h, d);
    e = e ? e
          : record(n, &h, TC_AUDIT_ADMINISTRATION, h.act.org, h.act.person, "withdrawn", by->why,
                   by->from);
    e = e ? e
          : tc_access_act_move(n->access, h.act.id, TC_ACT_WAITING, TC_ACT_WITHDRAWN, 0, 0,
                               TC_STR(""), d);
    (void)pthread_mutex_unlock(&answering);
    held_fini(&h);
    return e;
}

/* ---- looking ---- */

static void put_person(struct tc_node *n, struct tc_jsonw *w, const char *name, uint32_t org,
                       uint32_t person, struct tc_arena *a)
{
    struct tc_person p;
    struct tc_org o;
    tc_jsonw_name(w, name);
    tc_jsonw_object(w);
    if (identity_of(n, person, a, &p) == TC_OK) {
        tc_jsonw_kstr(w, "identity", p.identity);
        tc_jsonw_ktext(w, "name", p.name);
    }
    if (tc_access_org_by(n->access, org, TC_STR(""), a, &o) == TC_OK)
        tc_jsonw_kstr(w, "organisation", o.name);
    tc_jsonw_object_end(w);
}

static void put(struct tc_node *n, const struct tc_principal *p, const struct held *h,
                struct tc_jsonw *w)
{
    const struct tc_act *a = &h->act;
    struct tc_community c;
    char uuid[TC_UUID_TEXT];
    bool over = a->state == TC_ACT_WAITING && a->due <= tc_time_now();
    enum tc_act_state state = over ? TC_ACT_LAPSED : a->state;
    bool mine = is_asker(p, a);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "id", a->id);
    tc_jsonw_kcstr(w, "state", tc_act_state_word(state));
    tc_jsonw_kstr(w, "kind", a->kind);
    tc_jsonw_kcstr(w, "needs", tc_two_word(h->kind->two));
    if (tc_access_community_by(n->access, a->community, NULL, TC_STR(""), h->a, &c) == TC_OK) {
        tc_uuid_format(&c.uuid, uuid);
        tc_jsonw_kcstr(w, "community", uuid);
        tc_jsonw_kstr(w, "community_title", c.title);
    }
    tc_jsonw_name(w, "ask");
    tc_jsonw_raw(w, a->ask);
    put_person(n, w, "asked_by", a->org, a->person, h->a);
    tc_jsonw_ktext(w, "why", a->why);
    tc_jsonw_ktime(w, "asked", a->asked);
    tc_jsonw_ktime(w, "due", a->due);
    if (a->second)
        put_person(n, w, "answered_by", a->second_org, a->second, h->a);
    tc_jsonw_ktime(w, "answered", a->answered);
    tc_jsonw_ktext(w, "answer", a->answer);
    tc_jsonw_kbool(w, "yours", mine);
    tc_jsonw_kbool(w, "waits_for_you", !mine && p->person && state == TC_ACT_WAITING);
    tc_jsonw_object_end(w);
}

tc_err tc_approval_get(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                       struct tc_buf *out)
{
    struct held h;
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_err e = held_by(n, id, &h);
    if (e == TC_E_UNSUPPORTED || (!e && !may_see(n, p, &h)))
        e = TC_E_NOTFOUND;
    if (!e)
        put(n, p, &h, &w);
    held_fini(&h);
    return e ? e : out->err;
}

tc_err tc_approval_list(struct tc_node *n, const struct tc_principal *p, bool all,
                        struct tc_buf *out)
{
    struct tc_arena *a = tc_arena_new((size_t)512 << 20);
    struct tc_act *v = NULL;
    size_t count = 0;
    struct tc_jsonw w = tc_jsonw_into(out);
    const unsigned open = 1u << TC_ACT_WAITING | 1u << TC_ACT_APPROVED;
    tc_err e = a ? tc_access_acts(n->access, all ? TC_ACT_ALL : open, a, &v, &count) : TC_E_NOMEM;
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "approvals");
    tc_jsonw_array(&w);
    for (size_t i = 0; !e && i < count; i++) {
        struct held h = {.a = a, .act = v[i]};
        if (held_read(&h) == TC_OK && may_see(n, p, &h))
            put(n, p, &h, &w);
        tc_json_fini(&h.ask);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    tc_arena_free(a);
    return e ? e : out->err;
}

/* ---- the timer ---- */

static tc_err tick_one(struct tc_node *n, struct held *h)
{
    tc_err e = held_read(h);
    if (!e && h->act.state == TC_ACT_APPROVED)
        e = finish(n, h, NULL);
    else if (!e && h->act.due <= tc_time_now())
        e = lapse(n, h, TC_ACT_WAITING, TC_STR("nobody answered in time"), NULL);
    return e == TC_E_UNSUPPORTED ? TC_OK : e;
}

tc_err tc_approval_tick(struct tc_node *n)
{
    struct tc_arena *a = tc_arena_new((size_t)512 << 20);
    struct tc_act *v = NULL;
    size_t count = 0;
    tc_err e = TC_OK, failed = TC_OK;
    (void)pthread_mutex_lock(&answering);
    e = a ? tc_access_acts(n->access, 1u << TC_ACT_WAITING | 1u << TC_ACT_APPROVED, a, &v, &count)
          : TC_E_NOMEM;
    for (size_t i = 0; !e && i < count; i++) { /* one that fails holds up no other */
        struct held h = {.a = a, .act = v[i]};
        tc_err f = tick_one(n, &h);
        failed = failed ? failed : f;
        tc_json_fini(&h.ask);
    }
    (void)pthread_mutex_unlock(&answering);
    tc_arena_free(a);
    return e ? e : failed;
}

static tc_err tick(void *self, struct tc_node *n)
{
    (void)self;
    return tc_approval_tick(n);
}

/* Nothing that comes in matters to it. */
static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    (void)self;
    (void)n;
    (void)after;
    *reached = head;
    return TC_OK;
}

tc_err tc_approval_watch(struct tc_node *n)
{
    const struct tc_watcher w = {
        .name = "approvals", .step = step, .ephemeral = true, .tick = tick};
    return tc_node_watch(n, &w);
}

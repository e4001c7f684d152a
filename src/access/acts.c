/* SPDX-License-Identifier: Apache-2.0 */
#include "access/acts.h"

#include "access/state.h"

static const char *const words[] = {
    [TC_ACT_WAITING] = "waiting", [TC_ACT_APPROVED] = "approved",   [TC_ACT_DONE] = "done",
    [TC_ACT_REFUSED] = "refused", [TC_ACT_WITHDRAWN] = "withdrawn", [TC_ACT_LAPSED] = "lapsed",
};

const char *tc_act_state_word(enum tc_act_state s)
{
    return words[s];
}

/* ---- reading: under writing, since there is one connection ---- */

struct found {
    struct tc_arena *a;
    struct tc_act *v; /* NULL = only counting */
    size_t n, max;
    const struct tc_act *like;
    bool alike;
};

static tc_err copy(struct tc_arena *a, struct tc_str *s)
{
    *s = s->n ? tc_arena_dup(a, *s) : TC_STR("");
    return s->p ? TC_OK : TC_E_NOMEM;
}

static tc_err keep(void *arg, const struct tc_act *act)
{
    struct found *f = arg;
    if (f->n == f->max)
        return TC_OK;
    struct tc_act *to = &f->v[f->n++];
    *to = *act;
    tc_err e = copy(f->a, &to->kind);
    e = e ? e : copy(f->a, &to->ask);
    e = e ? e : copy(f->a, &to->why);
    return e ? e : copy(f->a, &to->answer);
}

static tc_err count(void *arg, const struct tc_act *act)
{
    struct found *f = arg;
    f->n++;
    f->alike = f->alike || (tc_str_eq(act->kind, f->like->kind) &&
                            memcmp(act->digest, f->like->digest, sizeof act->digest) == 0);
    return TC_OK;
}

tc_err tc_access_act_by(struct tc_access *x, struct tc_str id, struct tc_arena *a,
                        struct tc_act *out)
{
    struct tc_act one = {.person = 0};
    struct found f = {.a = a, .v = &one, .max = 1};
    if (id.n != TC_UUID_TEXT - 1)
        return TC_E_NOTFOUND;
    (void)pthread_mutex_lock(&x->writing);
    tc_err e = tc_accessdb_acts(x->store, id, TC_ACT_ALL, &f, keep);
    (void)pthread_mutex_unlock(&x->writing);
    if (!e && !f.n)
        return TC_E_NOTFOUND;
    if (!e)
        *out = one;
    return e;
}

tc_err tc_access_acts(struct tc_access *x, unsigned states, struct tc_arena *a, struct tc_act **out,
                      size_t *n)
{
    struct found f = {.a = a, .max = TC_ACT_MOST};
    f.v = tc_arena_zalloc(a, f.max, sizeof *f.v);
    if (!f.v)
        return TC_E_NOMEM;
    (void)pthread_mutex_lock(&x->writing);
    tc_err e = tc_accessdb_acts(x->store, TC_STR(""), states, &f, keep);
    (void)pthread_mutex_unlock(&x->writing);
    *out = f.v;
    *n = f.n;
    return e;
}

/* ---- changes ---- */

/* What others see of a change is in the store alone. */
static tc_err end(struct tc_access *x, tc_err e, struct tc_diag *d)
{
    e = tc_access_durable(x, e, d);
    if (e)
        tc_access_undone(x);
    else
        tc_access_seen(x);
    return e;
}

tc_err tc_access_act_add(struct tc_access *x, struct tc_act *act, struct tc_diag *d)
{
    struct tc_uuid u = tc_uuid_v4();
    struct found f = {.like = act};
    if (act->ask.n > TC_ACT_ASK)
        return tc_diag_set(d, TC_E_LIMIT, "this is too much for one act that waits for somebody");
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    tc_uuid_format(&u, act->id);
    act->state = TC_ACT_WAITING;
    act->people = x->people.n;
    act->asked = x->now();
    act->second = act->second_org = 0;
    act->answered = TC_TIME_NONE;
    act->answer = TC_STR("");
    e = tc_accessdb_acts_forget(x->store, act->asked - TC_ACT_KEPT);
    e = e ? e
          : tc_accessdb_acts(x->store, TC_STR(""), 1u << TC_ACT_WAITING | 1u << TC_ACT_APPROVED, &f,
                             count);
    if (!e && f.alike)
        e = tc_diag_set(d, TC_E_CONFLICT, "the same waits for a second person already");
    if (!e && f.n >= TC_ACT_MOST)
        e = tc_diag_set(d, TC_E_LIMIT, "%d acts wait for a second person already", TC_ACT_MOST);
    e = e ? e : tc_accessdb_act_add(x->store, act);
    return end(x, e, d);
}

static tc_err move(struct tc_access *x, const char *id, enum tc_act_state from,
                   enum tc_act_state to, uint32_t org, uint32_t person, struct tc_str text)
{
    struct tc_arena *a = tc_arena_new(2u << 20);
    struct tc_act act = {.person = 0};
    struct found f = {.a = a, .v = &act, .max = 1};
    tc_err e = a ? tc_accessdb_acts(x->store, tc_str_cstr(id), 1u << from, &f, keep) : TC_E_NOMEM;
    if (!e && !f.n)
        e = TC_E_CONFLICT;
    act.state = to;
    act.second_org = person ? org : act.second_org;
    act.second = person ? person : act.second;
    act.answer = text.n ? text : act.answer;
    act.answered = x->now();
    e = e ? e : tc_accessdb_act_move(x->store, id, from, &act);
    tc_arena_free(a);
    return e;
}

tc_err tc_access_act_move(struct tc_access *x, const char *id, enum tc_act_state from,
                          enum tc_act_state to, uint32_t org, uint32_t person, struct tc_str text,
                          struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    e = move(x, id, from, to, org, person, text);
    if (e == TC_E_CONFLICT)
        e = tc_diag_set(d, e, "it was answered, withdrawn or is over");
    return end(x, e, d);
}

tc_err tc_access_act_close(struct tc_access *x, const char *act)
{
    return act ? move(x, act, TC_ACT_APPROVED, TC_ACT_DONE, 0, 0, TC_STR("")) : TC_OK;
}

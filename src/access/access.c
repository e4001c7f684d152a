/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access.h"

#include "access/naming.h"
#include "access/state.h"

#include <stdlib.h>

/* ---- records ---- */

tc_err tc_access_room(struct tc_table *t)
{
    if (t->n < t->cap)
        return TC_OK;
    uint32_t cap = t->cap ? t->cap * 2 : 16;
    void **v = realloc(t->v, cap * sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    t->v = v;
    t->cap = cap;
    return TC_OK;
}

static void *table_at(const struct tc_table *t, uint32_t number)
{
    return number != 0 && number <= t->n ? t->v[number - 1] : NULL;
}

struct tc_org_rec *tc_access_org_rec(const struct tc_access *x, uint32_t number)
{
    return table_at(&x->orgs, number);
}

struct tc_person_rec *tc_access_person_rec(const struct tc_access *x, uint32_t number)
{
    return table_at(&x->people, number);
}

struct tc_community_rec *tc_access_community_rec(const struct tc_access *x, uint32_t number)
{
    return table_at(&x->communities, number);
}

static struct tc_str keep(char **at, struct tc_str s)
{
    char *p = *at;
    if (s.n)
        memcpy(p, s.p, s.n);
    *at += s.n;
    return tc_str_view(p, s.n);
}

/* One block: the record, then its text. */
struct tc_org_rec *tc_access_org_make(const struct tc_org *o)
{
    struct tc_org_rec *r =
        calloc(1, sizeof *r + o->identity.n + o->name.n + o->country.n + o->sectors.n + o->role.n);
    if (!r)
        return NULL;
    char *at = (char *)(r + 1);
    r->pub = (struct tc_org){o->number,
                             keep(&at, o->identity),
                             keep(&at, o->name),
                             keep(&at, o->country),
                             keep(&at, o->sectors),
                             keep(&at, o->role),
                             o->inbox};
    return r;
}

struct tc_person_rec *tc_access_person_make(const struct tc_person *p)
{
    struct tc_person_rec *r = calloc(1, sizeof *r + p->identity.n + p->login.n + p->name.n);
    if (!r)
        return NULL;
    char *at = (char *)(r + 1);
    r->pub = *p;
    r->pub.identity = keep(&at, p->identity);
    r->pub.login = keep(&at, p->login);
    r->pub.name = keep(&at, p->name);
    return r;
}

struct tc_community_rec *tc_access_community_make(const struct tc_community *c)
{
    struct tc_community_rec *r =
        calloc(1, sizeof *r + c->title.n + c->description.n + c->alias.n + c->kind.n + c->event.n);
    if (!r)
        return NULL;
    char *at = (char *)(r + 1);
    r->pub = *c;
    r->pub.title = keep(&at, c->title);
    r->pub.description = keep(&at, c->description);
    r->pub.alias = keep(&at, c->alias);
    r->pub.kind = keep(&at, c->kind);
    r->pub.event = keep(&at, c->event);
    return r;
}

/* ---- the name map ---- */

#define KEY_MAX (TC_MAX_NAME + 64)

static struct tc_str key_of(enum tc_access_key kind, struct tc_str text, char buf[KEY_MAX])
{
    buf[0] = (char)kind;
    if (text.n > KEY_MAX - 1) /* longer than anything that was let in: finds nothing */
        return tc_str_view(buf, 1);
    if (text.n)
        memcpy(buf + 1, text.p, text.n);
    return tc_str_view(buf, text.n + 1);
}

uint32_t tc_access_find(const struct tc_access *x, enum tc_access_key kind, struct tc_str text,
                        const struct tc_table *t)
{
    char buf[KEY_MAX];
    uint64_t number;
    if (text.n && tc_map_get(x->names, key_of(kind, text, buf), &number) && number <= t->n)
        return (uint32_t)number;
    return 0;
}

struct tc_str tc_access_uuid_text(const struct tc_uuid *u)
{
    return tc_str_view((const char *)u->b, sizeof u->b);
}

uint32_t tc_access_login_number(const struct tc_access *x, struct tc_str login)
{
    return tc_access_find(x, KEY_LOGIN, login, &x->people);
}

void tc_access_want(struct tc_access_keys *k, enum tc_access_key kind, struct tc_str text,
                    uint32_t number)
{
    if (!text.n)
        return;
    k->v[k->n].kind = kind;
    k->v[k->n].text = text;
    k->v[k->n++].number = number;
}

static void release(struct tc_access *x, const struct tc_access_keys *k, int n)
{
    char buf[KEY_MAX];
    for (int i = 0; i < n; i++)
        (void)tc_map_remove(x->names, key_of(k->v[i].kind, k->v[i].text, buf));
}

static const char *key_says(enum tc_access_key kind)
{
    switch (kind) {
    case KEY_ORG_NAME:
        return "name";
    case KEY_LOGIN:
        return "login";
    case KEY_ALIAS:
        return "alias";
    case KEY_UUID:
        return "UUID";
    case KEY_ORG_IDENTITY:
    case KEY_PERSON_IDENTITY:
        break;
    }
    return "identity";
}

tc_err tc_access_reserve(struct tc_access *x, const struct tc_access_keys *k, struct tc_diag *d)
{
    char buf[KEY_MAX];
    for (int i = 0; i < k->n; i++) {
        uint64_t number = k->v[i].number;
        bool added = false;
        tc_err e =
            tc_map_intern(x->names, key_of(k->v[i].kind, k->v[i].text, buf), &number, &added);
        if (!e && !added)
            e = tc_diag_set(d, TC_E_CONFLICT, "this %s is taken", key_says(k->v[i].kind));
        if (e) {
            release(x, k, i);
            return e;
        }
    }
    return TC_OK;
}

/* ---- the life of a change ---- */

tc_err tc_access_begin(struct tc_access *x, struct tc_diag *d)
{
    if (x->read_only)
        return tc_diag_set(d, TC_E_DENIED, "the node is open for reading only");
    (void)pthread_mutex_lock(&x->writing);
    tc_err e = tc_accessdb_begin(x->store);
    if (e) {
        (void)pthread_mutex_unlock(&x->writing);
        return tc_diag_set(d, e, "access.db: %s", tc_err_text(e));
    }
    return TC_OK;
}

tc_err tc_access_durable(struct tc_access *x, tc_err e, struct tc_diag *d)
{
    if (e) {
        tc_accessdb_rollback(x->store);
        if (d && d->code == TC_OK)
            tc_diag_set(d, e, "%s", tc_err_text(e));
        return e;
    }
    e = tc_accessdb_commit(x->store);
    if (e)
        return tc_diag_set(d, e, "access.db: %s", tc_err_text(e));
    (void)pthread_rwlock_wrlock(&x->lock);
    atomic_fetch_add(&x->epoch, 1);
    return TC_OK;
}

void tc_access_seen(struct tc_access *x)
{
    (void)pthread_rwlock_unlock(&x->lock);
    (void)pthread_mutex_unlock(&x->writing);
}

void tc_access_undone(struct tc_access *x)
{
    (void)pthread_mutex_unlock(&x->writing);
}

/* Keys and table room are changed under the write lock, since readers look at both. */
static tc_err reserve_locked(struct tc_access *x, const struct tc_access_keys *k,
                             struct tc_table *t1, struct tc_table *t2, struct tc_diag *d)
{
    (void)pthread_rwlock_wrlock(&x->lock);
    tc_err e = tc_access_room(t1);
    if (!e && t2)
        e = tc_access_room(t2);
    if (!e)
        e = tc_access_reserve(x, k, d);
    (void)pthread_rwlock_unlock(&x->lock);
    return e;
}

static void release_locked(struct tc_access *x, const struct tc_access_keys *k)
{
    (void)pthread_rwlock_wrlock(&x->lock);
    release(x, k, k->n);
    (void)pthread_rwlock_unlock(&x->lock);
}

static struct tc_str identity_or_new(struct tc_str given, char buf[TC_ID_MAX])
{
    if (given.n)
        return given;
    struct tc_uuid u = tc_uuid_v4();
    tc_id_make(TC_STR("identity"), &u, buf);
    return tc_str_cstr(buf);
}

/* ---- organisations ---- */

static tc_err org_check(const struct tc_org *o, struct tc_diag *d)
{
    tc_err e = tc_naming_text(o->name, 1, TC_MAX_NAME, "name", d);
    if (!e)
        e = tc_naming_identity(o->identity, d);
    if (!e)
        e = tc_naming_country(o->country, d);
    if (!e)
        e = tc_naming_code(o->sectors, true, TC_MAX_NAME, "sectors", d);
    if (!e)
        e = tc_naming_code(o->role, false, 32, "role", d);
    return e;
}

static tc_err org_store(struct tc_access *x, const struct tc_org *o, const struct tc_community *c)
{
    tc_err e = tc_accessdb_community(x->store, c);
    if (!e)
        e = tc_accessdb_org(x->store, o);
    if (!e)
        e = tc_accessdb_member(x->store, c->number, o->number, TC_MEMBER_RECEIVES, 0);
    return e;
}

tc_err tc_access_org_add(struct tc_access *x, const struct tc_org *given, uint32_t *number,
                         struct tc_diag *d)
{
    char identity[TC_ID_MAX];
    tc_err e = org_check(given, d);
    if (!e)
        e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_org o = *given;
    o.identity = identity_or_new(o.identity, identity);
    if (!o.role.n)
        o.role = TC_STR("other");
    o.number = x->orgs.n + 1;
    o.inbox = x->communities.n + 1;
    struct tc_community inbox = {
        .number = o.inbox, .uuid = tc_uuid_v4(), .title = o.name, .kind = TC_STR("inbox")};
    struct tc_access_keys k = {.n = 0};
    tc_access_want(&k, KEY_ORG_IDENTITY, o.identity, o.number);
    tc_access_want(&k, KEY_ORG_NAME, o.name, o.number);
    tc_access_want(&k, KEY_UUID, tc_access_uuid_text(&inbox.uuid), inbox.number);
    struct tc_org_rec *org = tc_access_org_make(&o);
    struct tc_community_rec *com = tc_access_community_make(&inbox);
    struct tc_member_rec *in = malloc(sizeof *in);
    uint32_t *orgs = malloc(sizeof *orgs);
    bool reserved = false;
    if (!org || !com || !in || !orgs)
        e = TC_E_NOMEM;
    else if (o.number > TC_MAX_ORGS)
        e = tc_diag_set(d, TC_E_LIMIT, "the node has %d organisations already", TC_MAX_ORGS);
    else
        e = reserve_locked(x, &k, &x->orgs, &x->communities, d);
    if (!e) {
        reserved = true;
        e = org_store(x, &o, &inbox);
    }
    e = tc_access_durable(x, e, d);
    if (e) {
        if (reserved)
            release_locked(x, &k);
        free(org);
        free(com);
        free(in);
        free(orgs);
        tc_access_undone(x);
        return e;
    }
    *in = (struct tc_member_rec){o.inbox, TC_MEMBER_RECEIVES, 0};
    *orgs = o.number;
    org->in = in;
    com->orgs = orgs;
    org->n_in = com->n_orgs = 1;
    org->changed = atomic_load(&x->epoch);
    x->orgs.v[x->orgs.n++] = org;
    x->communities.v[x->communities.n++] = com;
    tc_access_seen(x);
    *number = o.number;
    return TC_OK;
}

/* ---- people ---- */

#define ALL_ROLES                                                                                  \
    (TC_ROLE_READER | TC_ROLE_REPORTER | TC_ROLE_ANALYST | TC_ROLE_RELEASER | TC_ROLE_STEWARD |    \
     TC_ROLE_OPERATOR | TC_ROLE_AUDITOR)

static tc_err roles_check(uint32_t roles, struct tc_diag *d)
{
    if (roles & ~(uint32_t)ALL_ROLES)
        return tc_diag_set(d, TC_E_INVALID, "unknown role");
    return TC_OK;
}

static tc_err person_check(const struct tc_person *p, struct tc_str password, char *login,
                           struct tc_diag *d)
{
    tc_err e = tc_naming_login(p->login, login, d);
    if (!e)
        e = tc_naming_text(p->name, 0, TC_MAX_NAME, "name", d);
    if (!e)
        e = tc_naming_identity(p->identity, d);
    if (!e)
        e = roles_check(p->roles, d);
    if (!e && password.n)
        e = tc_access_password_check(tc_str_cstr(login), password, d);
    return e;
}

/* Under writing: whether the person may be added, and its record. */
static tc_err person_prepare(struct tc_access *x, const struct tc_person *p,
                             const struct tc_access_keys *k, struct tc_person_rec **rec,
                             struct tc_diag *d)
{
    if (!tc_access_org_rec(x, p->org))
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such organisation");
    if (p->number > TC_MAX_PEOPLE)
        return tc_diag_set(d, TC_E_LIMIT, "the node has %d people already", TC_MAX_PEOPLE);
    *rec = tc_access_person_make(p);
    if (!*rec)
        return TC_E_NOMEM;
    tc_err e = reserve_locked(x, k, &x->people, NULL, d);
    if (e) {
        free(*rec);
        *rec = NULL;
    }
    return e;
}

tc_err tc_access_person_add(struct tc_access *x, const struct tc_person *given,
                            struct tc_str password, uint32_t *number, struct tc_diag *d)
{
    char identity[TC_ID_MAX], login[TC_MAX_LOGIN + 1], hash[crypto_pwhash_STRBYTES] = "";
    tc_err e = person_check(given, password, login, d);
    if (!e && password.n)
        e = tc_access_hash(x, password, hash);
    if (!e)
        e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_person p = *given;
    p.login = tc_str_cstr(login);
    p.identity = identity_or_new(p.identity, identity);
    p.number = x->people.n + 1;
    struct tc_access_keys k = {.n = 0};
    tc_access_want(&k, KEY_PERSON_IDENTITY, p.identity, p.number);
    tc_access_want(&k, KEY_LOGIN, p.login, p.number);
    struct tc_person_rec *rec = NULL;
    e = person_prepare(x, &p, &k, &rec, d);
    if (!e)
        e = tc_accessdb_person(x->store, &p, tc_str_cstr(hash));
    e = tc_access_durable(x, e, d);
    if (e) {
        if (rec)
            release_locked(x, &k);
        free(rec);
        tc_access_undone(x);
    } else {
        memcpy(rec->hash, hash, sizeof hash);
        rec->changed = rec->generation = atomic_load(&x->epoch);
        x->people.v[x->people.n++] = rec;
        tc_access_seen(x);
        *number = p.number;
    }
    sodium_memzero(hash, sizeof hash);
    return e;
}

tc_err tc_access_person_set(struct tc_access *x, uint32_t person, uint32_t roles, bool active,
                            struct tc_diag *d)
{
    tc_err e = roles_check(roles, d);
    if (!e)
        e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_person_rec *rec = tc_access_person_rec(x, person);
    if (!rec)
        e = tc_diag_set(d, TC_E_NOTFOUND, "there is no such person");
    if (!e)
        e = tc_accessdb_person_set(x->store, person, roles, active);
    if (!e && !active)
        e = tc_accessdb_tokens_drop_of(x->store, person);
    e = tc_access_durable(x, e, d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    rec->pub.roles = roles;
    rec->pub.active = active;
    rec->changed = atomic_load(&x->epoch);
    if (!active)
        tc_access_tokens_forget(x, person, x->now());
    tc_access_seen(x);
    return TC_OK;
}

tc_err tc_access_password_set(struct tc_access *x, uint32_t person, struct tc_str password,
                              struct tc_diag *d)
{
    char hash[crypto_pwhash_STRBYTES], login[TC_MAX_LOGIN + 1] = "";
    (void)pthread_rwlock_rdlock(&x->lock);
    struct tc_person_rec *rec = tc_access_person_rec(x, person);
    if (rec)
        (void)tc_str_copy(rec->pub.login, login, sizeof login);
    (void)pthread_rwlock_unlock(&x->lock);
    if (!rec)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such person");
    tc_err e = tc_access_password_check(tc_str_cstr(login), password, d);
    if (!e)
        e = tc_access_hash(x, password, hash);
    if (!e)
        e = tc_access_begin(x, d);
    if (e)
        return e;
    e = tc_access_durable(x, tc_accessdb_password(x->store, person, tc_str_cstr(hash)), d);
    if (e) {
        tc_access_undone(x);
    } else {
        memcpy(rec->hash, hash, sizeof hash); /* records stay where they are */
        rec->changed = rec->generation = atomic_load(&x->epoch);
        tc_access_seen(x);
    }
    sodium_memzero(hash, sizeof hash);
    return e;
}

/* ---- communities and members ---- */

static tc_err community_check(const struct tc_community *c, struct tc_diag *d)
{
    tc_err e = tc_naming_text(c->title, 1, TC_MAX_NAME, "title", d);
    if (!e)
        e = tc_naming_text(c->description, 0, TC_MAX_DESCRIPTION, "description", d);
    if (!e)
        e = tc_naming_code(c->alias, false, 64, "alias", d);
    if (!e)
        e = tc_naming_code(c->kind, false, 32, "kind", d);
    struct tc_str type;
    struct tc_uuid event;
    if (!e && c->event.n && tc_id_split(c->event, &type, &event))
        e = tc_diag_set(d, TC_E_INVALID, "the event is named by the id of an object");
    if (!e && c->state != TC_COMMUNITY_OPEN && c->state != TC_COMMUNITY_REQUESTED)
        e = tc_diag_set(d, TC_E_INVALID, "a community begins requested or open");
    if (!e && tc_str_is(c->kind, "inbox"))
        e = tc_diag_set(d, TC_E_INVALID, "an inbox is made with its organisation, not by itself");
    struct tc_uuid u;
    if (!e && c->alias.n && tc_uuid_parse(c->alias, &u) == TC_OK)
        e = tc_diag_set(d, TC_E_INVALID, "an alias must not look like a UUID");
    return e;
}

tc_err tc_access_community_add(struct tc_access *x, const struct tc_community *given,
                               uint32_t *number, struct tc_diag *d)
{
    static const struct tc_uuid zero;
    tc_err e = community_check(given, d);
    if (!e)
        e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_community c = *given;
    c.number = x->communities.n + 1;
    c.era = 0;
    if (memcmp(&c.uuid, &zero, sizeof zero) == 0)
        c.uuid = tc_uuid_v4();
    if (!c.kind.n)
        c.kind = TC_STR("network");
    struct tc_access_keys k = {.n = 0};
    tc_access_want(&k, KEY_UUID, tc_access_uuid_text(&c.uuid), c.number);
    tc_access_want(&k, KEY_ALIAS, c.alias, c.number);
    struct tc_community_rec *rec = tc_access_community_make(&c);
    bool reserved = false;
    if (!rec)
        e = TC_E_NOMEM;
    else if (x->communities.n - x->orgs.n >= TC_MAX_COMMUNITIES)
        e = tc_diag_set(d, TC_E_LIMIT, "the node has %d communities already", TC_MAX_COMMUNITIES);
    else
        e = reserve_locked(x, &k, &x->communities, NULL, d);
    if (!e) {
        reserved = true;
        e = tc_accessdb_community(x->store, &c);
    }
    e = tc_access_durable(x, e, d);
    if (e) {
        if (reserved)
            release_locked(x, &k);
        free(rec);
        tc_access_undone(x);
        return e;
    }
    x->communities.v[x->communities.n++] = rec;
    tc_access_seen(x);
    *number = c.number;
    return TC_OK;
}

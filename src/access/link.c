/* SPDX-License-Identifier: Apache-2.0 */
#include "access/link.h"

#include "access/naming.h"
#include "access/state.h"

#include <stdlib.h>

struct tc_link_rec {
    uint32_t person;
    bool live; /* durable */
    tc_time added;
    size_t issuer; /* bytes of text before the space */
    struct tc_str text;
    char bytes[];
};

static struct tc_link_rec *as_link(uint64_t word)
{
    return (struct tc_link_rec *)(uintptr_t)word; /* NOLINT(performance-no-int-to-ptr) */
}

/* "ISSUER SUBJECT": an address holds no space. */
static struct tc_link_rec *make_rec(const struct tc_accessdb_link *l)
{
    size_t n = l->issuer.n + 1 + l->subject.n;
    struct tc_link_rec *r = calloc(1, sizeof *r + n);
    if (!r)
        return NULL;
    memcpy(r->bytes, l->issuer.p, l->issuer.n);
    r->bytes[l->issuer.n] = ' ';
    memcpy(r->bytes + l->issuer.n + 1, l->subject.p, l->subject.n);
    r->text = tc_str_view(r->bytes, n);
    r->issuer = l->issuer.n;
    r->person = l->person;
    r->added = l->added;
    return r;
}

/* Printable ASCII of 1 to max bytes. */
static bool ascii(struct tc_str s, size_t max, bool space)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] > 0x7e || s.p[i] < (space ? 0x20 : 0x21))
            return false;
    return s.n > 0 && s.n <= max;
}

static bool well_formed(struct tc_str issuer, struct tc_str subject)
{
    return ascii(issuer, TC_MAX_ISSUER, false) && ascii(subject, TC_MAX_SUBJECT, true) &&
           (tc_str_starts(issuer, TC_STR("https://")) || tc_str_starts(issuer, TC_STR("http://")));
}

/* Under lock or writing; NULL = none. */
static struct tc_link_rec *find(const struct tc_access *x, struct tc_str issuer,
                                struct tc_str subject)
{
    char key[TC_MAX_ISSUER + 1 + TC_MAX_SUBJECT];
    uint64_t word;
    if (!well_formed(issuer, subject))
        return NULL;
    memcpy(key, issuer.p, issuer.n);
    key[issuer.n] = ' ';
    memcpy(key + issuer.n + 1, subject.p, subject.n);
    return tc_map_get(x->links, tc_str_view(key, issuer.n + 1 + subject.n), &word) ? as_link(word)
                                                                                   : NULL;
}

static tc_err put(struct tc_access *x, struct tc_link_rec *r)
{
    return tc_map_put(x->links, r->text, (uint64_t)(uintptr_t)r);
}

static void take_out(struct tc_access *x, struct tc_link_rec *r)
{
    (void)tc_map_remove(x->links, r->text);
    free(r);
}

tc_err tc_access_link_load(struct tc_access *x, const struct tc_accessdb_link *l)
{
    if (!tc_access_person_rec(x, l->person) || !well_formed(l->issuer, l->subject))
        return TC_E_CORRUPT;
    struct tc_link_rec *r = make_rec(l);
    if (!r)
        return TC_E_NOMEM;
    r->live = true;
    tc_err e = put(x, r);
    if (e)
        free(r);
    return e;
}

/* ---- changes ---- */

static unsigned count_of(const struct tc_access *x, uint32_t person)
{
    size_t at = 0;
    struct tc_str key;
    uint64_t word;
    unsigned n = 0;
    while (tc_map_next(x->links, &at, &key, &word))
        n += as_link(word)->person == person;
    return n;
}

static tc_err may_add(const struct tc_access *x, const struct tc_accessdb_link *l,
                      struct tc_diag *d)
{
    const struct tc_person_rec *p = tc_access_person_rec(x, l->person);
    if (!p || !p->pub.active)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such person, or not an active one");
    if (!well_formed(l->issuer, l->subject))
        return tc_diag_set(d, TC_E_INVALID,
                           "the issuer is the provider's https address, letter by letter, and the "
                           "subject 1 to %d printable characters",
                           TC_MAX_SUBJECT);
    if (find(x, l->issuer, l->subject))
        return tc_diag_set(d, TC_E_CONFLICT, "this subject is linked already");
    if (count_of(x, l->person) >= TC_MAX_PERSON_LINKS)
        return tc_diag_set(d, TC_E_LIMIT, "this person has %d links already", TC_MAX_PERSON_LINKS);
    return TC_OK;
}

tc_err tc_access_link_add(struct tc_access *x, uint32_t person, struct tc_str issuer,
                          struct tc_str subject, struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    const struct tc_accessdb_link row = {person, issuer, subject, x->now()};
    struct tc_link_rec *r = NULL;
    bool in = false;
    e = may_add(x, &row, d);
    if (!e) {
        r = make_rec(&row);
        (void)pthread_rwlock_wrlock(&x->lock);
        e = r ? put(x, r) : TC_E_NOMEM; /* found by nobody while it is not live */
        in = r && !e;
        (void)pthread_rwlock_unlock(&x->lock);
    }
    if (!e)
        e = tc_accessdb_link_add(x->store, &row);
    e = tc_access_durable(x, e, d);
    if (!e) {
        r->live = true;
        tc_access_seen(x);
        return TC_OK;
    }
    (void)pthread_rwlock_wrlock(&x->lock);
    if (in)
        take_out(x, r);
    else
        free(r);
    (void)pthread_rwlock_unlock(&x->lock);
    tc_access_undone(x);
    return e;
}

tc_err tc_access_link_drop(struct tc_access *x, uint32_t person, struct tc_str issuer,
                           struct tc_str subject, struct tc_diag *d)
{
    tc_err e = tc_access_begin(x, d);
    if (e)
        return e;
    struct tc_link_rec *r = find(x, issuer, subject);
    if (!r || r->person != person)
        e = tc_diag_set(d, TC_E_NOTFOUND, "this person has no such link");
    e = tc_access_durable(x, e ? e : tc_accessdb_link_drop(x->store, issuer, subject), d);
    if (e) {
        tc_access_undone(x);
        return e;
    }
    take_out(x, r);
    tc_access_seen(x);
    return TC_OK;
}

/* ---- looking ---- */

/* Under lock. */
static uint32_t active(const struct tc_access *x, uint32_t person)
{
    const struct tc_person_rec *p = tc_access_person_rec(x, person);
    return p && p->pub.active ? person : 0;
}

uint32_t tc_access_link_person(struct tc_access *x, struct tc_str issuer, struct tc_str subject)
{
    (void)pthread_rwlock_rdlock(&x->lock);
    const struct tc_link_rec *r = find(x, issuer, subject);
    uint32_t person = r && r->live ? active(x, r->person) : 0;
    (void)pthread_rwlock_unlock(&x->lock);
    return person;
}

uint32_t tc_access_link_login(struct tc_access *x, struct tc_str login)
{
    char name[TC_MAX_LOGIN + 1];
    if (tc_naming_login(login, name, NULL) != TC_OK)
        return 0;
    (void)pthread_rwlock_rdlock(&x->lock);
    uint32_t person = active(x, tc_access_login_number(x, tc_str_cstr(name)));
    (void)pthread_rwlock_unlock(&x->lock);
    return person;
}

static int by_added(const void *a, const void *b)
{
    const struct tc_link_info *x = a, *y = b;
    int order = tc_str_cmp(x->subject, y->subject);
    if (x->added != y->added)
        return x->added < y->added ? -1 : 1;
    return order ? order : tc_str_cmp(x->issuer, y->issuer);
}

tc_err tc_access_links(struct tc_access *x, uint32_t person, struct tc_arena *a,
                       struct tc_link_info **out, size_t *n)
{
    size_t at = 0, count = 0;
    struct tc_str key;
    uint64_t word;
    (void)pthread_rwlock_rdlock(&x->lock);
    struct tc_link_info *v = tc_arena_zalloc(a, tc_map_count(x->links) + 1, sizeof *v);
    while (v && tc_map_next(x->links, &at, &key, &word)) {
        const struct tc_link_rec *r = as_link(word);
        if (!r->live || (person && r->person != person))
            continue;
        struct tc_str text = tc_arena_dup(a, r->text);
        if (!text.p)
            break; /* the arena remembers */
        v[count++] = (struct tc_link_info){
            .person = r->person,
            .issuer = tc_str_view(text.p, r->issuer),
            .subject = tc_str_view(text.p + r->issuer + 1, text.n - r->issuer - 1),
            .added = r->added};
    }
    (void)pthread_rwlock_unlock(&x->lock);
    if (!v || tc_arena_err(a))
        return TC_E_NOMEM;
    qsort(v, count, sizeof *v, by_added);
    *out = v;
    *n = count;
    return TC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/who.h"

#include "intake/intake.h"

#define ARENA ((size_t)256 << 20) /* a directory of TC_MAX_PEOPLE people with their names */

/* The roles that read. */
#define READS                                                                                      \
    (TC_ROLE_READER | TC_ROLE_REPORTER | TC_ROLE_ANALYST | TC_ROLE_RELEASER | TC_ROLE_STEWARD)

/* Each object is put to everybody. */
enum { MOST = 100 };

/* An organisation that is none of this node's: reads what is for everybody who is signed in. */
static const struct tc_principal any_org = {.org = UINT32_MAX, .roles = TC_ROLE_READER};

struct directory {
    struct tc_org *orgs;
    struct tc_principal *as; /* each organisation as such */
    size_t n_orgs;
    struct tc_person *people;
    size_t n_people;
};

static tc_err read_directory(struct tc_access *x, struct tc_arena *a, struct directory *d)
{
    tc_err e = tc_access_orgs(x, a, &d->orgs, &d->n_orgs);
    e = e ? e : tc_access_people(x, 0, a, &d->people, &d->n_people);
    d->as = e ? NULL : tc_arena_zalloc(a, d->n_orgs + 1, sizeof *d->as);
    if (!e && !d->as)
        e = tc_arena_err(a);
    for (size_t i = 0; !e && i < d->n_orgs; i++)
        e = tc_access_org_principal(x, d->orgs[i].number, a, &d->as[i]);
    return e;
}

static const struct tc_principal *org_of(const struct directory *d, uint32_t number)
{
    for (size_t i = 0; i < d->n_orgs; i++)
        if (d->orgs[i].number == number)
            return &d->as[i];
    return NULL;
}

void tc_who_handling(struct tc_jsonw *w, const struct tc_audience *a)
{
    tc_jsonw_kcstr(w, "marking", tc_tlp_label(a->tlp));
    if (a->pap)
        tc_jsonw_kcstr(w, "pap", tc_pap_label(a->pap));
    if (a->owner_releases)
        tc_jsonw_kbool(w, "originator_control", true);
    if (a->held_until)
        tc_jsonw_ktime(w, "embargo_until", a->held_until);
}

static void one(struct tc_jsonw *w, struct tc_str identity, struct tc_str name)
{
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "identity", identity);
    tc_jsonw_kstr(w, "name", name);
    tc_jsonw_object_end(w);
}

/* An object, or the fields of it that have this level. */
struct asked {
    const struct tc_audience *a, *level;
};

static bool reads(const struct tc_principal *p, const struct asked *x)
{
    return tc_may_read(p, x->a) && (!x->level || tc_may_read(p, x->level));
}

/* People who read although their organisation as such does not. */
static bool reads_alone(const struct directory *d, const struct tc_person *p, const struct asked *x)
{
    const struct tc_principal *org = org_of(d, p->org);
    if (!org || !p->active || !(p->roles & READS) || reads(org, x))
        return false;
    struct tc_principal who = *org;
    who.person = p->number;
    who.roles = p->roles;
    return reads(&who, x);
}

static void write_readers(struct tc_jsonw *w, const struct directory *d, const struct asked *x)
{
    bool everybody = reads(&tc_principal_anonymous, x);
    bool signed_in = reads(&any_org, x);
    tc_who_handling(w, x->level ? x->level : x->a);
    tc_jsonw_kbool(w, "everybody", everybody);
    tc_jsonw_kbool(w, "signed_in", signed_in);
    tc_jsonw_name(w, "organisations");
    tc_jsonw_array(w);
    for (size_t i = 0; !signed_in && i < d->n_orgs; i++)
        if (reads(&d->as[i], x))
            one(w, d->orgs[i].identity, d->orgs[i].name);
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "people");
    tc_jsonw_array(w);
    for (size_t i = 0; !signed_in && i < d->n_people; i++)
        if (reads_alone(d, &d->people[i], x))
            one(w, d->people[i].identity, d->people[i].name);
    tc_jsonw_array_end(w);
}

static void write_fields(struct tc_jsonw *w, const struct directory *d, const struct tc_audience *a)
{
    tc_jsonw_name(w, "fields");
    tc_jsonw_array(w);
    for (uint32_t i = 0; i < a->n_fields; i++) {
        const struct asked x = {a, &a->fields[i].level};
        struct tc_uuid u;
        char id[TC_ID_MAX];
        memcpy(u.b, a->fields[i].marking, sizeof u.b);
        tc_id_make(TC_STR("marking-definition"), &u, id);
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "marking_ref", id);
        write_readers(w, d, &x);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static void write_answer(struct tc_jsonw *w, const struct tc_intake_batch *b,
                         const struct directory *d)
{
    tc_jsonw_object(w);
    tc_jsonw_name(w, "objects");
    tc_jsonw_array(w);
    for (size_t i = 0; i < tc_intake_count(b); i++) {
        const struct tc_item *item = tc_intake_item(b, i);
        const struct tc_audience *a = tc_intake_audience(b, i);
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "id", item->id);
        if (a) {
            write_readers(w, d, &(struct asked){.a = a});
            if (a->n_fields)
                write_fields(w, d, a);
        } else {
            tc_jsonw_kcstr(w, "refused", item->diag.message);
        }
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
}

tc_err tc_who_reads(struct tc_node *n, const struct tc_intake_from *from, struct tc_str body,
                    struct tc_jsonw *w, struct tc_diag *d)
{
    struct tc_intake_batch *b = NULL;
    struct directory all = {0};
    struct tc_arena *a = tc_arena_new(ARENA);
    tc_err e = a ? tc_intake_prepare(n, from, body, &b, d) : TC_E_NOMEM;
    if (!e && tc_intake_count(b) > MOST)
        e = tc_diag_set(d, TC_E_LIMIT, "at most %d objects can be asked about at once", MOST);
    e = e ? e : read_directory(n->access, a, &all);
    if (!e)
        write_answer(w, b, &all);
    tc_intake_free(b);
    tc_arena_free(a);
    return e;
}

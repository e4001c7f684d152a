/* SPDX-License-Identifier: Apache-2.0 */
#include "node/asker.h"

#include "codec/json.h"
#include "node/reason.h"

static tc_err person_of(struct tc_op *op, struct tc_str as, struct tc_asker *w)
{
    struct tc_access *x = op->node->access;
    struct tc_person person;
    tc_err e = tc_access_person_by(x, 0, as, w->a, &person);
    e = e ? e : tc_access_login_as(x, person.number, &w->login);
    if (e)
        return tc_diag_set(op->diag, e, "there is no user '%.*s'", TC_FMT(as));
    w->own = w->login->principal;
    return TC_OK;
}

static tc_err organisation(struct tc_op *op, struct tc_asker *w)
{
    tc_err e = tc_access_org_principal(op->node->access, op->node->org, w->a, &w->own);
    return e ? tc_diag_set(op->diag, e, "the node's own organisation is not there") : TC_OK;
}

/* ---- what they are given ---- */

enum tc_audit_kind tc_asker_kind(struct tc_str op)
{
    static const struct {
        const char *op;
        enum tc_audit_kind kind;
    } kinds[] = {{"import", TC_AUDIT_COLLECTION},          {"export", TC_AUDIT_DISCLOSURE},
                 {"warning-release", TC_AUDIT_DISCLOSURE}, {"search", TC_AUDIT_CONSULTATION},
                 {"correlate", TC_AUDIT_COMBINATION},      {"hunt", TC_AUDIT_COMBINATION},
                 {"near", TC_AUDIT_COMBINATION},           {"rule-test", TC_AUDIT_COMBINATION}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (tc_str_is(op, kinds[i].op))
            return kinds[i].kind;
    bool looks = tc_str_ends(op, TC_STR("-list")) || tc_str_ends(op, TC_STR("-show"));
    return looks ? TC_AUDIT_CONSULTATION : TC_AUDIT_ADMINISTRATION;
}

static void record(struct tc_asker *w)
{
    struct tc_op *op = w->op;
    struct tc_audit_event v = {.org = w->own.org,
                               .person = w->own.person,
                               .list = &w->seen,
                               .how = tc_str_cstr(op->name),
                               .from = TC_STR("local")};
    v.kind = tc_asker_kind(v.how);
    if (v.kind == TC_AUDIT_ADMINISTRATION) /* what it read on the way */
        v.kind = TC_AUDIT_CONSULTATION;
    if (!tc_json_str(op->in, "reason", &v.why))
        (void)tc_json_str(op->in, "why", &v.why);
    tc_err e = tc_audit_must(op->node->audit, &v);
    op->unrecorded = op->unrecorded ? op->unrecorded : e;
}

static void saw(void *arg, uint64_t entry, uint32_t audience)
{
    struct tc_asker *w = arg;
    (void)audience;
    if (tc_audit_list_full(&w->seen))
        record(w);
    tc_audit_list_add(&w->seen, entry);
}

/* ---- who they are ---- */

tc_err tc_asker_find(struct tc_op *op, const struct tc_principal *otherwise, struct tc_asker *w)
{
    struct tc_str as = {"", 0};
    tc_err e = TC_OK;
    *w =
        (struct tc_asker){.p = &w->own, .a = tc_arena_new(1u << 20), .op = op, .witness = {saw, w}};
    if (!w->a)
        return tc_diag_set(op->diag, TC_E_NOMEM, "out of memory");
    if (tc_json_str(op->in, "as", &as) && as.n)
        e = person_of(op, as, w);
    else if (otherwise)
        w->own = *otherwise;
    else
        e = organisation(op, w);
    w->own.witness = op->node->audit ? &w->witness : NULL;
    return e ? e : tc_reason_of_op(op, w->a, &w->own);
}

void tc_asker_fini(struct tc_asker *w)
{
    if (w->seen.n)
        record(w);
    tc_login_unref(w->login);
    tc_arena_free(w->a);
}

tc_err tc_asker_run(struct tc_op *op, tc_err (*fn)(struct tc_op *, struct tc_asker *))
{
    struct tc_asker w;
    tc_err e = tc_asker_find(op, NULL, &w);
    e = e ? e : fn(op, &w);
    tc_asker_fini(&w);
    return e;
}

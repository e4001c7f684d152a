/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/asker.h"

#include "codec/json.h"
#include "node/reason.h"

tc_err tc_asker_find(struct tc_op *op, struct tc_asker *w)
{
    struct tc_access *x = op->node->access;
    struct tc_str as = {"", 0};
    struct tc_person person;
    (void)tc_json_str(op->in, "as", &as);
    w->a = tc_arena_new(1u << 20);
    if (!w->a)
        return TC_E_NOMEM;
    if (!as.n) {
        w->p = &w->own;
        tc_err e = tc_access_org_principal(x, op->node->org, w->a, &w->own);
        return e ? e : tc_reason_of_op(op, w->a, &w->own);
    }
    tc_err e = tc_access_person_by(x, 0, as, w->a, &person);
    e = e ? e : tc_access_login_as(x, person.number, &w->login);
    if (e)
        return tc_diag_set(op->diag, e, "there is no user '%.*s'", TC_FMT(as));
    w->own = w->login->principal;
    w->p = &w->own;
    return tc_reason_of_op(op, w->a, &w->own);
}

void tc_asker_fini(struct tc_asker *w)
{
    tc_login_unref(w->login);
    tc_arena_free(w->a);
}

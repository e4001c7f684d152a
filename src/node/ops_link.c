/* SPDX-License-Identifier: Apache-2.0 */
#include "node/ops_link.h"

#include "access/link.h"
#include "codec/json.h"
#include "codec/jsonw.h"

#define ARENA_MAX ((size_t)256 << 20)

/* The person that login names. */
static tc_err person_of(struct tc_op *op, struct tc_arena *a, struct tc_person *out)
{
    struct tc_str login = {"", 0};
    if (!tc_json_str(op->in, "login", &login) || !login.n)
        return tc_diag_set(op->diag, TC_E_USAGE, "login is missing");
    tc_err e = tc_access_person_by(op->node->access, 0, login, a, out);
    return e == TC_E_NOTFOUND ? tc_diag_set(op->diag, e, "there is no login '%.*s'", TC_FMT(login))
                              : e;
}

static tc_err change(struct tc_op *op, bool link)
{
    struct tc_person p;
    struct tc_str issuer = {"", 0}, subject = {"", 0};
    struct tc_access *x = op->node->access;
    struct tc_arena *a = tc_arena_new(1u << 16);
    if (!a)
        return TC_E_NOMEM;
    tc_err e = person_of(op, a, &p);
    if (!e &&
        (!tc_json_str(op->in, "issuer", &issuer) || !tc_json_str(op->in, "subject", &subject)))
        e = tc_diag_set(op->diag, TC_E_USAGE, "issuer and subject are needed");
    if (!e && link)
        e = tc_access_link_add(x, p.number, issuer, subject, op->diag);
    else if (!e)
        e = tc_access_link_drop(x, p.number, issuer, subject, op->diag);
    if (!e) {
        struct tc_jsonw w = tc_jsonw_into(op->out);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "user", p.login);
        tc_jsonw_object_end(&w);
    }
    tc_arena_free(a);
    return e;
}

static tc_err op_user_link(struct tc_op *op)
{
    return change(op, true);
}

static tc_err op_user_unlink(struct tc_op *op)
{
    return change(op, false);
}

static tc_err list(struct tc_op *op, struct tc_arena *a)
{
    struct tc_person p = {.number = 0};
    struct tc_link_info *v;
    size_t n;
    tc_err e = tc_json_get(op->in, "login") ? person_of(op, a, &p) : TC_OK;
    e = e ? e : tc_access_links(op->node->access, p.number, a, &v, &n);
    if (e)
        return e;
    struct tc_jsonw w = tc_jsonw_into(op->out);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "links");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < n; i++) {
        e = tc_access_person_by(op->node->access, v[i].person, TC_STR(""), a, &p);
        if (e)
            return e;
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "login", p.login);
        tc_jsonw_kstr(&w, "issuer", v[i].issuer);
        tc_jsonw_kstr(&w, "subject", v[i].subject);
        tc_jsonw_ktime(&w, "added", v[i].added);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

static tc_err op_user_link_list(struct tc_op *op)
{
    struct tc_arena *a = tc_arena_new(ARENA_MAX);
    tc_err e = a ? list(op, a) : TC_E_NOMEM;
    tc_arena_free(a);
    return e;
}

tc_err tc_node_ops_link_add(void)
{
    tc_err e = tc_node_op_add("user-link", op_user_link);
    e = e ? e : tc_node_op_add("user-unlink", op_user_unlink);
    return e ? e : tc_node_op_add("user-link-list", op_user_link_list);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log for auditors: a fresh checkpoint, and proofs against it. Any verifier of RFC 9162
 * proofs and C2SP checkpoints can check what is sent; hashes are hexadecimal. */
#include "access/audit_look.h"
#include "base/num.h"
#include "http/handlers.h"
#include "http/internal.h"
#include "http/media.h"

#include <sodium.h>

/* A checkpoint over all that was recorded before the request, and the tree that it speaks of. */
static tc_err fresh(struct tc_request *r, struct tc_audit_look **l)
{
    char note[TC_AUDIT_NOTE];
    uint8_t key[32];
    if (!r->node->audit)
        return tc_request_fail(r, TC_E_NOTFOUND, "this node keeps no audit log");
    tc_err e = tc_audit_publish(r->node->audit, note);
    tc_node_audit_key(r->node, key);
    return e ? e : tc_audit_look_open(r->node->dir, key, l, &r->diag);
}

static void put_hash(struct tc_jsonw *w, const char *name, const struct tc_merkle_hash *h)
{
    char hex[2 * TC_MERKLE_HASH + 1];
    (void)sodium_bin2hex(hex, sizeof hex, h->b, TC_MERKLE_HASH);
    if (name)
        tc_jsonw_kcstr(w, name, hex);
    else
        tc_jsonw_cstr(w, hex);
}

static void put_proof(struct tc_jsonw *w, const struct tc_audit_look *l,
                      const struct tc_merkle_proof *p)
{
    tc_jsonw_name(w, "proof");
    tc_jsonw_array(w);
    for (size_t i = 0; i < p->n; i++)
        put_hash(w, NULL, &p->v[i]);
    tc_jsonw_array_end(w);
    tc_jsonw_ku64(w, "size", tc_audit_look_head(l)->size);
    put_hash(w, "root", &tc_audit_look_head(l)->root);
    tc_jsonw_kcstr(w, "checkpoint", tc_audit_look_note(l));
    tc_jsonw_object_end(w);
}

tc_err tc_http_api_audit_checkpoint(struct tc_request *r)
{
    struct tc_audit_look *l = NULL;
    tc_err e = fresh(r, &l);
    if (e)
        return e;
    (void)tc_request_json(r, 200, "text/plain; charset=utf-8");
    tc_buf_cstr(&r->out, tc_audit_look_note(l));
    tc_audit_look_close(l);
    return TC_OK;
}

tc_err tc_http_api_audit_inclusion(struct tc_request *r)
{
    struct tc_audit_look *l = NULL;
    struct tc_merkle_proof p;
    struct tc_merkle_hash leaf;
    uint64_t index;
    if (tc_num_u64(r->param[0], TC_MERKLE_MAX, &index))
        return tc_request_fail(r, TC_E_NOTFOUND, "there is no such record");
    tc_err e = fresh(r, &l);
    if (!e)
        e = tc_audit_look_inclusion(l, index, &leaf, &p);
    if (e == TC_E_INVALID)
        e = tc_request_fail(r, TC_E_NOTFOUND, "there is no such record");
    if (!e) {
        struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
        tc_jsonw_object(&w);
        tc_jsonw_ku64(&w, "index", index);
        put_hash(&w, "leaf", &leaf);
        put_proof(&w, l, &p);
    }
    tc_audit_look_close(l);
    return e;
}

tc_err tc_http_api_audit_consistency(struct tc_request *r)
{
    struct tc_audit_look *l = NULL;
    struct tc_merkle_proof p;
    uint64_t old;
    if (tc_num_u64(r->param[0], TC_MERKLE_MAX, &old))
        return tc_request_fail(r, TC_E_NOTFOUND, "the log was never of that size");
    tc_err e = fresh(r, &l);
    if (!e)
        e = tc_audit_look_consistency(l, old, &p);
    if (e == TC_E_INVALID)
        e = tc_request_fail(r, TC_E_NOTFOUND, "the log was never of that size");
    if (!e) {
        struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
        tc_jsonw_object(&w);
        tc_jsonw_ku64(&w, "from", old);
        put_proof(&w, l, &p);
    }
    tc_audit_look_close(l);
    return e;
}

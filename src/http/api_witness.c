/* SPDX-License-Identifier: Apache-2.0 */
/* The one call of a witness (C2SP tlog-witness): whoever asks needs no account, since the log's
 * signature is all that counts. */
#include "http/handlers.h"
#include "http/internal.h"
#include "node/cosigner.h"

tc_err tc_http_add_checkpoint(struct tc_request *r)
{
    char line[TC_AUDIT_LINE];
    uint64_t size = 0;
    if (!r->node->cosigner)
        return tc_request_fail(r, TC_E_NOTFOUND, "this node is a witness of nobody");
    tc_err e = tc_cosigner_add(r->node->cosigner, tc_address_key(r), tc_buf_view(&r->body), line,
                               &size, &r->diag);
    if (e && e != TC_E_CONFLICT)
        return e;
    tc_buf_clear(&r->out);
    r->status = e ? 409 : 200;
    r->type = e ? "text/x.tlog.size" : "text/plain; charset=utf-8";
    if (e)
        tc_buf_fmt(&r->out, "%llu\n", (unsigned long long)size);
    else
        tc_buf_cstr(&r->out, line);
    return TC_OK;
}

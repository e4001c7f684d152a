/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded page, and signing in by a one-time code. The code is in an address that a mail
 * program or a preview may open by itself, so opening it spends nothing: it shows a button. */
#include "http/page.h"

#include "http/handlers.h"
#include "http/audited.h"
#include "http/internal.h"
#include "http/media.h"

static const struct tc_page_file *find_file(const struct tc_request *r)
{
    for (const struct tc_page_file *f = tc_page_files; f->path; f++) {
        if (r->target.n_segments == 0 && strcmp(f->path, "/") == 0)
            return f;
        if (r->target.n_segments == 1 && f->path[1] && tc_str_is(r->param[0], f->path + 1))
            return f;
    }
    return NULL;
}

tc_err tc_http_page(struct tc_request *r)
{
    const struct tc_page_file *f = find_file(r);
    if (!f)
        return tc_request_fail(r, TC_E_NOTFOUND, "there is nothing at this address");
    tc_request_header(r, "Cache-Control", "no-cache"); /* asks again, with the ETag */
    tc_request_header(r, "ETag", f->etag);
    if (tc_str_find(tc_request_get(r, "If-None-Match"), tc_str_cstr(f->etag)) != SIZE_MAX)
        return tc_request_empty(r, 304);
    bool packed = f->gzip && tc_media_accepts_coding(tc_request_get(r, "Accept-Encoding"), "gzip");
    if (f->gzip)
        tc_request_header(r, "Vary", "Accept-Encoding");
    if (packed)
        tc_request_header(r, "Content-Encoding", "gzip");
    r->status = 200;
    r->type = f->type;
    r->response = MHD_create_response_from_buffer(packed ? f->gzip_size : f->size,
                                                  (void *)(uintptr_t)(packed ? f->gzip : f->data),
                                                  MHD_RESPMEM_PERSISTENT);
    return r->response ? TC_OK : TC_E_NOMEM;
}

/* A code is letters and digits; nothing else gets into the form. */
static bool code_ok(struct tc_str code)
{
    if (code.n == 0 || code.n >= TC_TOKEN_SIZE)
        return false;
    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

tc_err tc_http_signin_form(struct tc_request *r)
{
    struct tc_str code;
    if (!tc_target_arg(&r->target, "code", &code) || !code_ok(code))
        return tc_request_fail(r, TC_E_SYNTAX, "this address needs the code that you were given");
    r->status = 200;
    r->type = "text/html; charset=utf-8";
    tc_buf_fmt(&r->out,
               "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tocsin: sign in"
               "</title><link rel=\"icon\" href=\"/icon.svg\"><link rel=\"stylesheet\" "
               "href=\"/page.css\"><main class=\"signin\"><h1>Tocsin</h1><form method=\"post\" "
               "action=\"/signin\"><input type=\"hidden\" name=\"code\" value=\"%.*s\"><button "
               "autofocus>Sign in</button></form></main></html>",
               TC_FMT(code));
    return TC_OK;
}

tc_err tc_http_signin(struct tc_request *r)
{
    struct tc_target form = {.n_args = 0};
    struct tc_str code;
    char session[TC_TOKEN_SIZE];
    if (tc_request_foreign(r))
        return tc_request_fail(r, TC_E_DENIED, "sign in from this node's own page");
    tc_err e = tc_args_parse(r->arena, tc_buf_view(&r->body), &form, &r->diag);
    if (e)
        return e;
    if (!tc_target_arg(&form, "code", &code) || !code_ok(code))
        return tc_request_fail(r, TC_E_SYNTAX, "the code is missing");
    e = tc_access_once(r->node->access, code, session);
    if (!e) {
        tc_login_unref(r->login); /* somebody else's session until now */
        r->login = NULL;
        e = tc_access_token(r->node->access, tc_str_cstr(session), &r->login);
        tc_request_is(r);
    }
    e = tc_audited_signin(r, e);
    if (e == TC_E_AUTH)
        return tc_request_fail(r, e,
                               "this code was used already, or is too old: ask for a new one");
    if (!e)
        e = tc_http_set_cookie(r, session);
    if (e)
        return e;
    tc_request_header(r, "Location", "/");
    return tc_request_empty(r, 303);
}

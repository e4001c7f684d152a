/* SPDX-License-Identifier: Apache-2.0 */
/* The answer: its headers, and errors in the form of the route's family. */
#include "http/reply.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define CSP_PAGE                                                                                   \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "                     \
    "data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
#define CSP_DATA "default-src 'none'; frame-ancestors 'none'"

void tc_request_header(struct tc_request *r, const char *name, const char *value)
{
    assert(r->n_headers < TC_MAX_HEADERS);
    if (value && r->n_headers < TC_MAX_HEADERS)
        r->header[r->n_headers++] = (struct tc_header){name, value};
}

struct tc_str tc_request_get(struct tc_request *r, const char *name)
{
    return tc_str_cstr(MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name));
}

struct tc_jsonw tc_request_json(struct tc_request *r, unsigned status, const char *type)
{
    r->status = status;
    r->type = type;
    tc_buf_clear(&r->out);
    return tc_jsonw_into(&r->out);
}

tc_err tc_request_empty(struct tc_request *r, unsigned status)
{
    r->status = status;
    tc_buf_clear(&r->out);
    return TC_OK;
}

tc_err tc_request_fail(struct tc_request *r, tc_err e, const char *fmt, ...)
{
    char text[sizeof r->diag.message];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return tc_diag_set(&r->diag, e, "%s", text);
}

/* Letters of a Host header; anything else is answered with our own address. */
static bool host_ok(struct tc_str host)
{
    if (host.n == 0 || host.n > 255)
        return false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '-' || c == ':' || c == '[' || c == ']'))
            return false;
    }
    return true;
}

const char *tc_request_base(struct tc_request *r)
{
    if (r->http->o.public_url)
        return r->http->o.public_url;
    struct tc_str host = tc_request_get(r, "Host");
    if (!host_ok(host))
        return r->http->url;
    return tc_arena_fmt(r->arena, "%s://%.*s", r->http->tls ? "https" : "http", TC_FMT(host));
}

/* ---- errors ---- */

static void error_taxii(struct tc_request *r, tc_err e, unsigned status)
{
    char code[8];
    (void)snprintf(code, sizeof code, "%u", status);
    struct tc_jsonw w = tc_request_json(r, status, TC_MEDIA_TAXII);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "title", tc_err_text(e));
    if (r->diag.message[0])
        tc_jsonw_kcstr(&w, "description", r->diag.message);
    tc_jsonw_kcstr(&w, "error_code", tc_err_name(e));
    tc_jsonw_kcstr(&w, "http_status", code);
    tc_jsonw_object_end(&w);
}

static void error_api(struct tc_request *r, tc_err e, unsigned status)
{
    struct tc_jsonw w = tc_request_json(r, status, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "error");
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "code", tc_err_name(e));
    tc_jsonw_kcstr(&w, "message", r->diag.message[0] ? r->diag.message : tc_err_text(e));
    if (r->diag.object[0])
        tc_jsonw_kcstr(&w, "object", r->diag.object);
    if (r->diag.path[0])
        tc_jsonw_kcstr(&w, "path", r->diag.path);
    tc_jsonw_object_end(&w);
    tc_jsonw_object_end(&w);
}

static void error_text(struct tc_request *r, tc_err e, unsigned status)
{
    tc_buf_clear(&r->out);
    tc_buf_fmt(&r->out, "%s\n", r->diag.message[0] ? r->diag.message : tc_err_text(e));
    r->type = "text/plain; charset=utf-8";
    r->status = status;
}

/* What went wrong inside is for the log, not for the client. */
static void hide(struct tc_request *r, tc_err e)
{
    if (tc_err_http(e) != 500)
        return;
    tc_log(TC_LOG_ERROR, "%s: %s: %s", r->route ? r->route->name : "request", tc_err_name(e),
           r->diag.message);
    r->diag.message[0] = '\0';
}

void tc_reply_error(struct tc_request *r, tc_err e)
{
    unsigned status = r->status >= 400 ? r->status : (unsigned)tc_err_http(e);
    enum tc_family family = r->route ? r->route->family : tc_route_family(&r->target);
    hide(r, e);
    if (status == 401) {
        tc_request_header(r, "WWW-Authenticate",
                          family == TC_FAMILY_TAXII || family == TC_FAMILY_CAP
                              ? "Basic realm=\"Tocsin\", charset=\"UTF-8\", Bearer"
                              : "Bearer realm=\"Tocsin\"");
    }
    if (status == 503)
        tc_request_header(r, "Retry-After", "2");
    if (family == TC_FAMILY_TAXII)
        error_taxii(r, e, status);
    else if (family == TC_FAMILY_API)
        error_api(r, e, status);
    else
        error_text(r, e, status);
}

/* ---- sending ---- */

static void standing_headers(struct tc_request *r, struct MHD_Response *m)
{
    bool page = r->route && r->route->family == TC_FAMILY_PAGE;
    (void)MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");
    /* the sign-in form must send its Origin; elsewhere no address leaves */
    (void)MHD_add_response_header(m, "Referrer-Policy", page ? "same-origin" : "no-referrer");
    (void)MHD_add_response_header(m, "Content-Security-Policy", page ? CSP_PAGE : CSP_DATA);
    (void)MHD_add_response_header(m, "Cross-Origin-Resource-Policy", "same-origin");
    if (page) {
        (void)MHD_add_response_header(m, "X-Frame-Options", "DENY");
        (void)MHD_add_response_header(m, "Cross-Origin-Opener-Policy", "same-origin");
    }
    bool cached = false;
    for (size_t i = 0; i < r->n_headers; i++)
        cached |= strcmp(r->header[i].name, "Cache-Control") == 0;
    if (!cached)
        (void)MHD_add_response_header(m, "Cache-Control", "no-store");
    if (r->http->tls)
        (void)MHD_add_response_header(m, "Strict-Transport-Security", "max-age=31536000");
}

/* The buffer moves into the answer, so a page of megabytes is never copied. */
static struct MHD_Response *from_buffer(struct tc_request *r)
{
    struct MHD_Response *m = NULL;
    if (r->out.n == 0)
        return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    m = MHD_create_response_from_buffer_with_free_callback(r->out.n, r->out.p, free);
    if (m)
        tc_buf_init(&r->out, TC_MAX_PAGE_BYTES + TC_MAX_OBJECT);
    return m;
}

enum MHD_Result tc_reply_send(struct tc_request *r)
{
    struct tc_counters *c = &r->http->counters;
    size_t bytes = r->out.n;
    if (r->out.err) {
        r->status = 0;
        r->response = NULL;
        tc_reply_error(r, r->out.err == TC_E_NOMEM ? TC_E_NOMEM : TC_E_INTERNAL);
    }
    struct MHD_Response *m = r->response ? r->response : from_buffer(r);
    r->response = NULL;
    if (!m)
        return MHD_NO;
    if (r->type && (bytes || r->status == 200))
        (void)MHD_add_response_header(m, "Content-Type", r->type);
    for (size_t i = 0; i < r->n_headers; i++)
        (void)MHD_add_response_header(m, r->header[i].name, r->header[i].value);
    standing_headers(r, m);
    r->stage = TC_STAGE_SEND;
    atomic_fetch_add_explicit(&c->bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->answers[r->status / 100 % 6], 1, memory_order_relaxed);
    enum MHD_Result ok = MHD_queue_response(r->mhd, r->status, m);
    MHD_destroy_response(m);
    return ok;
}

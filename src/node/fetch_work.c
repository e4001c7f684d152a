/* SPDX-License-Identifier: Apache-2.0 */
#include "node/fetch_keep.h"

#include "base/limits.h"
#include "node/confine.h"
#include "node/sock.h"
#include "node/wire.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct work {
    const struct tc_fetch_setup *setup;
    struct tc_buf in, body, out;
    CURL *curl;
    struct curl_slist *headers;
    struct tc_diag d;
    char error[CURL_ERROR_SIZE];
};

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
    struct work *w = arg;
    tc_buf_add(&w->body, p, size * n);
    return w->body.err ? 0 : size * n;
}

static bool is_configured(const struct work *w, const char *origin)
{
    for (size_t i = 0; i < w->setup->n; i++)
        if (strcmp(w->setup->origins[i].text, origin) == 0)
            return true;
    return false;
}

static tc_err add_header(struct work *w, const char *name, struct tc_str value)
{
    char line[TC_FETCH_HEADER + 32];
    if (value.n)
        (void)snprintf(line, sizeof line, "%s: %.*s", name, TC_FMT(value));
    else
        (void)snprintf(line, sizeof line, "%s:", name); /* curl's own is left out */
    struct curl_slist *longer = curl_slist_append(w->headers, line);
    if (!longer)
        return TC_E_NOMEM;
    w->headers = longer;
    return TC_OK;
}

/* Of the request: what was asked. */
static tc_err prepare_ask(struct work *w, const struct tc_fetch_ask *ask)
{
    char url[TC_FETCH_URL + 1];
    CURL *c = w->curl;
    bool ok =
        tc_str_copy(ask->url, url, sizeof url) && curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK;
    if (ok && strcmp(ask->method, "POST") == 0)
        ok =
            curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
            curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.n) == CURLE_OK &&
            curl_easy_setopt(c, CURLOPT_POSTFIELDS, ask->body.n ? ask->body.p : "") == CURLE_OK;
    tc_err e = ok ? add_header(w, "Expect", (struct tc_str){"", 0}) : TC_E_INVALID;
    if (!e && (ask->content_type.n || strcmp(ask->method, "POST") == 0))
        e = add_header(w, "Content-Type", ask->content_type);
    if (!e && ask->authorization.n)
        e = add_header(w, "Authorization", ask->authorization);
    if (!e && curl_easy_setopt(c, CURLOPT_HTTPHEADER, w->headers) != CURLE_OK)
        e = TC_E_NOMEM;
    return e;
}

/* Of every request: verified TLS, nothing followed, nothing from the environment. An option that
 * this libcurl does not take is an error, not a request without it. */
static tc_err prepare_walls(struct work *w)
{
    CURL *c = w->curl;
    const char *ca = w->setup->ca_file;
    bool ok = curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)TC_FETCH_SECONDS) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_USERAGENT, "tocsin") == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_WRITEDATA, w) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_ERRORBUFFER, w->error) == CURLE_OK;
    if (ok && ca[0])
        ok = curl_easy_setopt(c, CURLOPT_CAINFO, ca) == CURLE_OK &&
             curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == CURLE_OK;
    return ok ? TC_OK : tc_diag_set(&w->d, TC_E_INTERNAL, "this libcurl lacks what is needed");
}

static tc_err failed(struct work *w, const char *origin, CURLcode code)
{
    if (w->body.err == TC_E_LIMIT)
        return tc_diag_set(&w->d, TC_E_LIMIT, "%s answers with more than %u bytes", origin,
                           TC_FETCH_BODY);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return tc_diag_set(&w->d, TC_E_TIMEOUT, "%s did not answer within %d seconds", origin,
                           TC_FETCH_SECONDS);
    return tc_diag_set(&w->d, TC_E_IO, "%s: %s", origin,
                       w->error[0] ? w->error : curl_easy_strerror(code));
}

static tc_err perform(struct work *w, const struct tc_fetch_ask *ask, struct tc_fetch_reply *out)
{
    struct tc_fetch_origin origin;
    char *type = NULL;
    long status = 0;
    tc_err e = tc_fetch_origin_of(ask->url, &origin, &w->d);
    if (!e && !is_configured(w, origin.text))
        e = tc_diag_set(&w->d, TC_E_DENIED, "%s is not among what this node may ask", origin.text);
    if (!e)
        e = prepare_walls(w);
    if (!e && (e = prepare_ask(w, ask)))
        e = tc_diag_set(&w->d, e, "the request cannot be made");
    if (e)
        return e;
    CURLcode code = curl_easy_perform(w->curl);
    if (code != CURLE_OK)
        return failed(w, origin.text, code);
    (void)curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(w->curl, CURLINFO_CONTENT_TYPE, &type);
    *out = (struct tc_fetch_reply){(int)status, tc_str_cstr(type), tc_buf_view(&w->body)};
    if (out->content_type.n > TC_FETCH_HEADER)
        out->content_type.n = 0;
    return TC_OK;
}

static tc_err confine(const struct tc_fetch_setup *s, struct tc_diag *d)
{
    uint16_t ports[TC_FETCH_ORIGINS + 1] = {53}; /* an answer of the DNS may need TCP */
    for (size_t i = 0; i < s->n; i++)
        ports[1 + i] = s->origins[i].port;
    return tc_confine_fetch(s->ca_file[0] ? s->ca_file : NULL, ports, s->n + 1, d);
}

void tc_fetch_work(const struct tc_fetch_setup *s, int fd)
{
    struct work w = {.setup = s};
    struct tc_fetch_ask ask;
    struct tc_fetch_answer answer = {.reply = {.content_type = {"", 0}, .body = {"", 0}}};
    (void)alarm(TC_FETCH_SECONDS + 2); /* whatever hangs, hangs no longer */
    tc_diag_init(&w.d);
    tc_buf_init(&w.in, TC_FETCH_FRAME);
    tc_buf_init(&w.body, TC_FETCH_BODY);
    tc_buf_init(&w.out, TC_FETCH_FRAME);
    answer.err = confine(s, &w.d);
    if (!answer.err)
        answer.err = tc_sock_frame(fd, TC_FETCH_FRAME, TC_FETCH_SECONDS, &w.in, NULL, &w.d);
    if (!answer.err && (answer.err = tc_fetch_ask_read(tc_buf_view(&w.in), &ask)))
        (void)tc_diag_set(&w.d, answer.err, "this is no request");
    if (!answer.err && !(w.curl = curl_easy_init()))
        answer.err = tc_diag_set(&w.d, TC_E_NOMEM, "out of memory");
    if (!answer.err)
        answer.err = perform(&w, &ask, &answer.reply);
    if (answer.err)
        answer.why = tc_str_cstr(w.d.message);
    if (tc_fetch_answer_write(&w.out, &answer) == TC_OK)
        (void)!tc_sock_send(fd, tc_buf_view(&w.out), NULL, 0);
    _exit(0); /* without tidying: everything of it goes with the process */
}

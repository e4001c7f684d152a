/* SPDX-License-Identifier: Apache-2.0 */
#include "node/fetch_wire.h"

#include "base/limits.h"
#include "base/num.h"
#include "node/wire.h"

#include <curl/curl.h>
#include <stdio.h>

/* ---- frames ---- */

static void put_text(struct tc_buf *b, struct tc_str s)
{
    const char n[4] = {(char)(uint8_t)s.n, (char)(uint8_t)(s.n >> 8), (char)(uint8_t)(s.n >> 16),
                       (char)(uint8_t)(s.n >> 24)};
    tc_buf_add(b, n, sizeof n);
    tc_buf_str(b, s);
}

/* What is left of a frame; after what is missing everything is empty, and bad stays. */
struct left {
    struct tc_str s;
    bool bad;
};

static struct tc_str get(struct left *l, size_t n)
{
    if (l->bad || l->s.n < n) {
        l->bad = true;
        return (struct tc_str){"", 0};
    }
    struct tc_str got = tc_str_view(l->s.p, n);
    l->s = tc_str_view(l->s.p + n, l->s.n - n);
    return got;
}

static uint32_t get_number(struct left *l, size_t bytes)
{
    struct tc_str s = get(l, bytes);
    uint32_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v |= (uint32_t)(uint8_t)s.p[i] << (8 * i);
    return v;
}

static struct tc_str get_text(struct left *l)
{
    return get(l, get_number(l, 4));
}

/* Visible ASCII and spaces: nothing that could end a header line or be read in two ways. */
static bool is_plain(struct tc_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return true;
}

tc_err tc_fetch_ask_write(struct tc_buf *b, const struct tc_fetch_ask *ask, struct tc_diag *d)
{
    bool post = strcmp(ask->method, "POST") == 0;
    if (!post && strcmp(ask->method, "GET") != 0)
        return tc_diag_set(d, TC_E_INVALID, "the method is neither GET nor POST");
    if (!is_plain(ask->url) || !is_plain(ask->content_type) || !is_plain(ask->authorization))
        return tc_diag_set(d, TC_E_INVALID, "the request has a character that cannot be sent");
    if (ask->url.n > TC_FETCH_URL || ask->content_type.n > TC_FETCH_HEADER ||
        ask->authorization.n > TC_FETCH_HEADER || ask->body.n > TC_FETCH_BODY)
        return tc_diag_set(d, TC_E_LIMIT, "the request is over a limit");
    tc_wire_frame_begin(b);
    tc_buf_char(b, post ? 1 : 0);
    put_text(b, ask->url);
    put_text(b, ask->content_type);
    put_text(b, ask->authorization);
    put_text(b, ask->body);
    return tc_wire_frame_end(b);
}

tc_err tc_fetch_ask_read(struct tc_str body, struct tc_fetch_ask *out)
{
    struct left l = {body, false};
    uint32_t method = get_number(&l, 1);
    struct tc_fetch_ask ask = {.method = method ? "POST" : "GET"};
    ask.url = get_text(&l);
    ask.content_type = get_text(&l);
    ask.authorization = get_text(&l);
    ask.body = get_text(&l);
    if (l.bad || l.s.n || method > 1 || !is_plain(ask.url) || !is_plain(ask.content_type) ||
        !is_plain(ask.authorization))
        return TC_E_INVALID;
    *out = ask;
    return TC_OK;
}

tc_err tc_fetch_answer_write(struct tc_buf *b, const struct tc_fetch_answer *answer)
{
    tc_wire_frame_begin(b);
    tc_buf_char(b, (char)answer->err);
    tc_buf_char(b, (char)(uint8_t)answer->reply.status);
    tc_buf_char(b, (char)(uint8_t)(answer->reply.status >> 8));
    put_text(b, answer->reply.content_type);
    put_text(b, answer->reply.body);
    put_text(b, answer->why);
    return tc_wire_frame_end(b);
}

tc_err tc_fetch_answer_read(struct tc_str body, struct tc_fetch_answer *out)
{
    struct left l = {body, false};
    uint32_t err = get_number(&l, 1);
    struct tc_fetch_answer a = {.err = (tc_err)err};
    a.reply.status = (int)get_number(&l, 2);
    a.reply.content_type = get_text(&l);
    a.reply.body = get_text(&l);
    a.why = get_text(&l);
    if (l.bad || l.s.n || err >= TC_E_COUNT)
        return TC_E_INVALID;
    *out = a;
    return TC_OK;
}

/* ---- origins ---- */

static bool is_loopback(struct tc_str host)
{
    return tc_str_is(host, "localhost") || tc_str_is(host, "[::1]") ||
           (tc_str_starts(host, TC_STR("127.")) &&
            strspn(host.p, "0123456789.") == host.n); /* curl has made it four numbers */
}

/* A URL that is looked into; out of memory is not a verdict on it. */
struct url {
    CURLU *u;
    bool nomem;
};

static bool part(struct url *u, CURLUPart what, char *out, size_t size)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(u->u, what, &text, CURLU_DEFAULT_PORT);
    bool ok = code == CURLUE_OK && (!out || tc_str_copy(tc_str_cstr(text), out, size));
    u->nomem |= code == CURLUE_OUT_OF_MEMORY;
    curl_free(text);
    return ok;
}

static const char *form(struct url *u, struct tc_fetch_origin *o)
{
    char scheme[8], host[256], port[8];
    uint64_t n = 0;
    if (!part(u, CURLUPART_SCHEME, scheme, sizeof scheme) ||
        !part(u, CURLUPART_HOST, host, sizeof host) || !part(u, CURLUPART_PORT, port, sizeof port))
        return "is no whole URL";
    for (char *p = host; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    if (part(u, CURLUPART_USER, NULL, 0) || part(u, CURLUPART_PASSWORD, NULL, 0) ||
        part(u, CURLUPART_FRAGMENT, NULL, 0))
        return "has a user or a fragment";
    if (tc_num_u64(tc_str_cstr(port), 65535, &n) || n == 0)
        return "has no port that exists";
    bool http = strcmp(scheme, "http") == 0;
    if (!http && strcmp(scheme, "https") != 0)
        return "is not https";
    if (http && !is_loopback(tc_str_cstr(host)))
        return "is not https, which only loopback need not be";
    o->port = (uint16_t)n;
    (void)snprintf(o->text, sizeof o->text, "%s://%s:%s", scheme, host, port);
    return NULL;
}

static const char *read_url(struct url *u, struct tc_str s, struct tc_fetch_origin *o)
{
    char text[TC_FETCH_URL + 1];
    if (!is_plain(s) || !tc_str_copy(s, text, sizeof text))
        return "is no whole URL";
    CURLUcode code = curl_url_set(u->u, CURLUPART_URL, text, 0);
    u->nomem |= code == CURLUE_OUT_OF_MEMORY;
    return code == CURLUE_OK ? form(u, o) : "is no whole URL";
}

tc_err tc_fetch_origin_of(struct tc_str url, struct tc_fetch_origin *out, struct tc_diag *d)
{
    struct tc_fetch_origin o, same;
    struct url u = {curl_url(), false};
    const char *wrong = u.u ? read_url(&u, url, &o) : NULL;
    /* a host in disguise ("%34", which is 0.0.0.4) is another one when it is read again */
    if (u.u && !wrong && !u.nomem &&
        (read_url(&u, tc_str_cstr(o.text), &same) || strcmp(o.text, same.text) != 0))
        wrong = "does not say its host plainly";
    bool nomem = !u.u || u.nomem;
    curl_url_cleanup(u.u);
    if (nomem)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (wrong)
        return tc_diag_set(d, TC_E_INVALID, "'%.*s' %s", TC_FMT(url), wrong);
    *out = o;
    return TC_OK;
}

tc_err tc_fetch_origin_add(struct tc_fetch_origins *o, struct tc_str url, struct tc_diag *d)
{
    struct tc_fetch_origin one;
    tc_err e = tc_fetch_origin_of(url, &one, d);
    if (e)
        return e;
    for (size_t i = 0; i < o->n; i++)
        if (strcmp(o->origin[i], one.text) == 0)
            return TC_OK;
    if (o->n == TC_FETCH_ORIGINS)
        return tc_diag_set(d, TC_E_LIMIT, "more than %d origins to ask", TC_FETCH_ORIGINS);
    (void)tc_str_copy(tc_str_cstr(one.text), o->origin[o->n++], sizeof o->origin[0]);
    return TC_OK;
}

tc_err tc_fetch_ca_set(struct tc_fetch_origins *o, struct tc_str file, struct tc_diag *d)
{
    if (!file.n || tc_str_is(file, o->ca_file))
        return TC_OK;
    if (o->ca_file[0])
        return tc_diag_set(d, TC_E_CONFLICT,
                           "two files of trusted authorities are named, and a node has one");
    return tc_str_copy(file, o->ca_file, sizeof o->ca_file)
               ? TC_OK
               : tc_diag_set(d, TC_E_LIMIT, "the name of the file of authorities is too long");
}

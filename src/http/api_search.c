/* SPDX-License-Identifier: Apache-2.0 */
/* Searching by the JSON interface: one page of what the index finds and the caller may read. */
#include "http/internal.h"
#include "http/media.h"

#include "base/num.h"
#include "http/handlers.h"
#include "watch/find.h"

#define DEFAULT_LIMIT 100

struct asked {
    struct tc_find_ask ask;
    uint8_t bind[TC_SEAL_BIND];
};

static tc_err read_types(struct tc_request *r, struct tc_str list, struct tc_find_ask *a)
{
    struct tc_str *v = tc_arena_zalloc(r->arena, TC_MAX_MATCH, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    while (a->n_types < TC_MAX_MATCH && tc_list_next(&list, &v[a->n_types]))
        a->n_types++;
    if (list.p)
        return tc_request_fail(r, TC_E_SYNTAX, "type has more than %d values", TC_MAX_MATCH);
    a->types = v;
    return TC_OK;
}

static tc_err read_asked(struct tc_request *r, struct asked *a)
{
    struct tc_str v, type = {NULL, 0};
    uint64_t n = DEFAULT_LIMIT;
    tc_err e = TC_OK;
    a->ask.max_bytes = TC_MAX_PAGE_BYTES;
    (void)tc_target_arg(&r->target, "q", &a->ask.words);
    (void)tc_target_arg(&r->target, "value", &a->ask.value);
    (void)tc_target_arg(&r->target, "ref", &a->ask.ref);
    (void)tc_target_arg(&r->target, "box", &a->ask.box);
    if (tc_target_arg(&r->target, "type", &type))
        e = read_types(r, type, &a->ask);
    if (!e && tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, &n) || n == 0))
        e = tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    a->ask.limit = n > TC_MAX_PAGE ? TC_MAX_PAGE : (size_t)n;
    struct tc_str piece[] = {tc_str_view((const char *)&r->who->org, sizeof r->who->org),
                             a->ask.words,
                             a->ask.value,
                             a->ask.ref,
                             a->ask.box,
                             type};
    tc_seal_bind(&r->http->seal, "search", piece, 6, a->bind);
    if (!e && tc_target_arg(&r->target, "next", &v) &&
        (tc_seal_read(&r->http->seal, a->bind, v, &a->ask.at) || !a->ask.at))
        e = tc_request_fail(r, TC_E_SYNTAX, "next does not belong to this question");
    return e;
}

tc_err tc_http_api_search(struct tc_request *r)
{
    struct asked a = {0};
    struct tc_find_page page = {.objects = 0};
    tc_err e = read_asked(r, &a);
    if (e)
        return e;
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_buf_cstr(&r->out, "{\"objects\":[");
    e = tc_find_page(r->node, r->who, &a.ask, &r->out, &page, &r->diag);
    if (e)
        return e;
    tc_buf_char(&r->out, ']');
    if (page.next) {
        char next[TC_SEAL_TEXT];
        tc_seal_number(&r->http->seal, a.bind, page.next, next);
        tc_buf_fmt(&r->out, ",\"next\":\"%s\"", next);
    }
    if (page.hot)
        tc_buf_cstr(&r->out, ",\"hot\":true");
    tc_buf_fmt(&r->out, ",\"up_to_date\":%s}", page.lag ? "false" : "true");
    uint64_t lag = tc_request_watches(r) ? page.lag : page.lag > 0;
    tc_request_header(r, "X-Tocsin-Lag", tc_arena_fmt(r->arena, "%llu", (unsigned long long)lag));
    return TC_OK;
}

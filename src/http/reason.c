/* SPDX-License-Identifier: Apache-2.0 */
#include "http/reason.h"

#include "access/naming.h"
#include "access/rules.h"
#include "http/routes.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static tc_err percent(struct tc_str s, struct tc_arena *a, struct tc_str *out)
{
    char *to = tc_arena_alloc(a, s.n + 1);
    size_t n = 0;
    if (!to)
        return TC_E_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            to[n++] = s.p[i];
            continue;
        }
        int hi = i + 2 < s.n ? hex(s.p[i + 1]) : -1, lo = i + 2 < s.n ? hex(s.p[i + 2]) : -1;
        if (hi < 0 || lo < 0)
            return TC_E_INVALID;
        to[n++] = (char)(hi << 4 | lo);
        i += 2;
    }
    *out = tc_str_view(to, n);
    return TC_OK;
}

tc_err tc_reason_decode(struct tc_str value, struct tc_arena *a, struct tc_str *out)
{
    static const struct tc_str form = {"UTF-8''", 7};
    struct tc_str s = tc_str_trim(value);
    tc_err e = TC_OK;
    if (s.n >= form.n && tc_str_eq_nocase(tc_str_view(s.p, form.n), form))
        e = percent(tc_str_view(s.p + form.n, s.n - form.n), a, &s);
    s = tc_str_trim(s);
    if (!e && s.n)
        e = tc_naming_text(s, 1, TC_WHY_TEXT, "reason", NULL) ? TC_E_INVALID : TC_OK;
    if (!e)
        *out = s;
    return e;
}

/* ---- what is withheld ---- */

enum { MOST_NAMED = 64 };

/* What kind of reading a request is, bits of TC_WHY_...; any reading is a consultation. */
static unsigned activity(const struct tc_route *route)
{
    static const char *const searches[] = {"api_search",   "api_correlate", "api_correlate_many",
                                           "api_near",     "api_graph",     "api_hunt",
                                           "api_rule_test"};
    for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++)
        if (strcmp(route->name, searches[i]) == 0)
            return TC_WHY_CONSULTATION | TC_WHY_SEARCH;
    return TC_WHY_CONSULTATION | (route->family == TC_FAMILY_TAXII ? TC_WHY_EXPORT : 0);
}

static struct tc_str next(struct tc_str *list)
{
    size_t n = tc_str_find(*list, TC_STR(","));
    struct tc_str one = tc_str_view(list->p, n == SIZE_MAX ? list->n : n);
    *list = n == SIZE_MAX ? TC_STR("") : tc_str_view(list->p + n + 1, list->n - n - 1);
    return tc_str_trim(one);
}

/* The list without those that the reason is meant for; ids that are no community of this node mean
 * nothing. */
static tc_err without(struct tc_request *r, struct tc_str named, struct tc_u32s *list)
{
    uint32_t *v = tc_arena_zalloc(r->arena, list->n + (size_t)1, sizeof *v), n = 0;
    bool *out = tc_arena_zalloc(r->arena, list->n + (size_t)1, sizeof *out);
    if (!v || !out)
        return TC_E_NOMEM;
    for (int i = 0; named.n && i < MOST_NAMED; i++) {
        struct tc_uuid u;
        struct tc_community c;
        if (tc_uuid_parse(next(&named), &u) ||
            tc_access_community_by(r->node->access, 0, &u, TC_STR(""), r->arena, &c))
            continue;
        for (uint32_t k = 0; k < list->n; k++)
            out[k] = out[k] || list->v[k] == c.number;
    }
    for (uint32_t k = 0; k < list->n; k++)
        if (!out[k])
            v[n++] = list->v[k];
    *list = (struct tc_u32s){v, n};
    return TC_OK;
}

/* By membership alone: the same whether or not there is something to read. */
static tc_err say_asked(struct tc_request *r)
{
    struct tc_buf ids;
    unsigned told = 0;
    tc_buf_init(&ids, 40u * MOST_NAMED);
    for (uint32_t i = 0; i < r->me.withheld.n && told < MOST_NAMED; i++) {
        struct tc_community c;
        char uuid[TC_UUID_TEXT];
        uint32_t number = r->me.withheld.v[i];
        if (!tc_access_functions(r->node->access, number, r->me.org) ||
            tc_access_community_by(r->node->access, number, NULL, TC_STR(""), r->arena, &c))
            continue;
        tc_uuid_format(&c.uuid, uuid);
        tc_buf_fmt(&ids, "%s%s", told++ ? "," : "", uuid);
    }
    char *text = told ? tc_arena_cstr(r->arena, tc_buf_view(&ids)) : NULL;
    tc_err e = ids.err;
    if (told && text)
        tc_request_header(r, "X-Tocsin-Reason-Asked", text);
    else if (told)
        e = TC_E_NOMEM;
    tc_buf_fini(&ids);
    return e;
}

static struct tc_str given(struct tc_request *r, const char *header, const char *arg)
{
    struct tc_str s = tc_request_get(r, header);
    if (!s.n && strcmp(r->route->name, "api_stream") == 0)
        (void)tc_target_arg(&r->target, arg, &s);
    return s;
}

tc_err tc_reason_apply(struct tc_request *r)
{
    struct tc_u32s list;
    struct tc_str named = given(r, "X-Tocsin-Reason-For", "reason_for");
    if (tc_reason_decode(given(r, "X-Tocsin-Reason", "reason"), r->arena, &r->reason))
        return tc_request_fail(r, TC_E_SYNTAX, "the reason is no line of at most %d bytes",
                               TC_WHY_TEXT);
    tc_err e = tc_access_withheld(r->node->access, activity(r->route), r->arena, &list);
    if (!e && list.n && r->reason.n && named.n)
        e = without(r, named, &list);
    else if (!e && r->reason.n)
        list.n = 0;
    r->me.withheld = list;
    return e ? e : list.n ? say_asked(r) : TC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/filters.h"

#include "http/internal.h"

#include "base/num.h"

#define BAD(r, ...) tc_request_fail(r, TC_E_SYNTAX, __VA_ARGS__)

bool tc_http_is_id(struct tc_str s)
{
    struct tc_str type;
    struct tc_uuid uuid;
    return tc_id_split(s, &type, &uuid) == TC_OK;
}

static size_t values_in(struct tc_str list)
{
    size_t n = 1;
    for (size_t i = 0; i < list.n; i++)
        n += list.p[i] == ',';
    return n;
}

/* "a,b" into an array; OR between them. */
static tc_err split(struct tc_request *r, const char *name, struct tc_str list, struct tc_str **out,
                    size_t *n)
{
    size_t count = values_in(list);
    if (count > TC_MAX_MATCH)
        return BAD(r, "%s has more than %d values", name, TC_MAX_MATCH);
    struct tc_str *v = tc_arena_zalloc(r->arena, count, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    for (size_t i = 0; i < count && tc_list_next(&list, &v[i]); i++) {
        v[i] = tc_str_trim(v[i]);
        if (v[i].n == 0)
            return BAD(r, "%s has an empty value", name);
    }
    *out = v;
    *n = count;
    return TC_OK;
}

static tc_err ids(struct tc_request *r, struct tc_str list, struct tc_filters *f)
{
    struct tc_str *v = NULL;
    tc_err e = split(r, "match[id]", list, &v, &f->query.n_ids);
    for (size_t i = 0; !e && i < f->query.n_ids; i++)
        if (!tc_http_is_id(v[i]))
            e = BAD(r, "match[id] has a value that is no identifier");
    f->query.ids = v;
    return e;
}

static tc_err types(struct tc_request *r, struct tc_str list, struct tc_filters *f)
{
    struct tc_str *v = NULL;
    tc_err e = split(r, "match[type]", list, &v, &f->query.n_types);
    f->query.types = v;
    return e;
}

static tc_err versions(struct tc_request *r, struct tc_str list, struct tc_filters *f)
{
    struct tc_str *v = NULL;
    size_t n = 0;
    tc_err e = split(r, "match[version]", list, &v, &n);
    tc_time *given = e ? NULL : tc_arena_zalloc(r->arena, n, sizeof *given);
    if (!e && !given)
        e = TC_E_NOMEM;
    for (size_t i = 0; !e && i < n; i++) {
        if (tc_str_is(v[i], "last"))
            f->query.versions |= 1u << TC_VERSIONS_LAST;
        else if (tc_str_is(v[i], "first"))
            f->query.versions |= 1u << TC_VERSIONS_FIRST;
        else if (tc_str_is(v[i], "all"))
            f->query.versions |= 1u << TC_VERSIONS_ALL;
        else if (tc_time_parse_z(v[i], &given[f->query.n_given++]))
            e = BAD(r, "match[version] is first, last, all or a timestamp");
    }
    if (f->query.n_given)
        f->query.versions |= 1u << TC_VERSIONS_GIVEN;
    f->query.given = given;
    return e;
}

static tc_err specs(struct tc_request *r, struct tc_str list, struct tc_filters *f)
{
    struct tc_str *v = NULL;
    size_t n = 0;
    tc_err e = split(r, "match[spec_version]", list, &v, &n);
    for (size_t i = 0; !e && i < n; i++) {
        f->query.spec_20 |= tc_str_is(v[i], "2.0");
        f->query.spec_21 |= tc_str_is(v[i], "2.1");
    }
    f->query.newest_spec = false;
    f->nothing = !f->query.spec_20 && !f->query.spec_21;
    return e;
}

static tc_err limit(struct tc_request *r, struct tc_str text, struct tc_filters *f)
{
    uint64_t n = 0;
    tc_err e = tc_num_u64(text, UINT64_MAX, &n);
    if (e == TC_E_LIMIT) /* more than can be counted: lowered like any other */
        n = UINT64_MAX;
    else if (e || n == 0)
        return BAD(r, "limit must be a whole number above zero");
    f->limit = n > TC_MAX_PAGE ? TC_MAX_PAGE : (size_t)n;
    return TC_OK;
}

struct filter {
    const char *name;
    unsigned bit;
    tc_err (*read)(struct tc_request *r, struct tc_str value, struct tc_filters *f);
};

static tc_err added_after(struct tc_request *r, struct tc_str text, struct tc_filters *f)
{
    return tc_time_parse_z(text, &f->query.added_after)
               ? BAD(r, "added_after must be a timestamp such as 2026-01-01T00:00:00.000000Z")
               : TC_OK;
}

static const struct filter filters[] = {
    {"match[id]", TC_FILTER_ID, ids},
    {"match[type]", TC_FILTER_TYPE, types},
    {"match[version]", TC_FILTER_VERSION, versions},
    {"match[spec_version]", TC_FILTER_SPEC, specs},
    {"added_after", TC_FILTER_PAGE, added_after},
    {"limit", TC_FILTER_PAGE, limit},
};

#define FILTERS (sizeof filters / sizeof *filters)

/* A match that we do not know cannot be ignored: the answer would hold more than was asked for. */
static tc_err no_others(struct tc_request *r)
{
    for (size_t i = 0; i < r->target.n_args; i++) {
        struct tc_str name = r->target.arg[i].name;
        bool known = !tc_str_starts(name, TC_STR("match["));
        for (size_t k = 0; k < FILTERS; k++)
            known |= tc_str_is(name, filters[k].name);
        if (!known)
            return BAD(r, "'%.*s' is no filter that this server knows", TC_FMT(name));
    }
    return TC_OK;
}

static tc_err next_page(struct tc_request *r, const char *purpose, const struct tc_str *within,
                        size_t n_within, const struct tc_str *asked, struct tc_filters *f)
{
    struct tc_str piece[FILTERS + 8], next;
    size_t n = 0;
    for (size_t i = 0; i < n_within && i < 4; i++)
        piece[n++] = within[i];
    piece[n++] = tc_str_view((const char *)&r->who->org, sizeof r->who->org);
    for (size_t i = 0; i + 1 < FILTERS; i++) /* limit, the last one, may change between pages */
        piece[n++] = asked[i];
    tc_seal_bind(&r->http->seal, purpose, piece, n, f->bind);
    if (!tc_target_arg(&r->target, "next", &next))
        return TC_OK;
    return tc_seal_read(&r->http->seal, f->bind, next, &f->query.after)
               ? BAD(r, "next does not belong to this question: ask with the filters of the first "
                        "page")
               : TC_OK;
}

tc_err tc_filters_read(struct tc_request *r, unsigned known, const char *purpose,
                       const struct tc_str *within, size_t n_within, struct tc_filters *f)
{
    struct tc_str asked[FILTERS] = {{NULL, 0}};
    f->limit = TC_MAX_PAGE;
    f->query.added_after = TC_TIME_NONE;
    f->query.newest_spec = true;
    tc_err e = no_others(r);
    for (size_t i = 0; !e && i < FILTERS; i++) {
        if (!(known & filters[i].bit) || !tc_target_arg(&r->target, filters[i].name, &asked[i]))
            continue;
        f->narrowed = true;
        e = filters[i].read(r, asked[i], f);
    }
    if (!e && (known & TC_FILTER_PAGE))
        e = next_page(r, purpose, within, n_within, asked, f);
    return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/routes.h"

#include "http/handlers.h"

const struct tc_route tc_routes[] = {
#define R(method, path, family, body, roles, name)                                                 \
    {method,         path,  method " " path, #name, TC_FAMILY_##family,                            \
     TC_BODY_##body, roles, tc_http_##name},
#include "http/routes.def"
#undef R
};
const size_t tc_route_count = sizeof tc_routes / sizeof *tc_routes;

/* Compares a pattern with the segments; a pattern is ours, so it is well-formed. */
static bool matches(const char *pattern, const struct tc_target *t, struct tc_str *params)
{
    struct tc_str rest = tc_str_cstr(pattern + 1);
    size_t i = 0, n = 0;
    while (rest.n) {
        const char *slash = memchr(rest.p, '/', rest.n);
        size_t len = slash ? (size_t)(slash - rest.p) : rest.n;
        if (i == t->n_segments)
            return false;
        if (rest.p[0] == '{')
            params[n++] = t->segment[i];
        else if (!tc_str_eq(tc_str_view(rest.p, len), t->segment[i]))
            return false;
        i++;
        size_t skip = slash ? len + 1 : len;
        rest = tc_str_view(rest.p + skip, rest.n - skip);
    }
    bool slash = pattern[strlen(pattern) - 1] == '/';
    return i == t->n_segments && slash == t->slash;
}

tc_err tc_route_find(const char *method, const struct tc_target *target,
                     const struct tc_route **route, struct tc_str *params, char *allow, size_t size)
{
    struct tc_buf list;
    tc_buf_init(&list, size);
    bool path_known = false;
    for (size_t i = 0; i < tc_route_count; i++) {
        struct tc_str p[TC_MAX_PARAMS] = {{NULL, 0}};
        if (!matches(tc_routes[i].path, target, p))
            continue;
        if (strcmp(tc_routes[i].method, method) == 0) {
            memcpy(params, p, sizeof p);
            *route = &tc_routes[i];
            tc_buf_fini(&list);
            return TC_OK;
        }
        if (path_known)
            tc_buf_cstr(&list, ", ");
        tc_buf_cstr(&list, tc_routes[i].method);
        if (strcmp(tc_routes[i].method, "GET") == 0)
            tc_buf_cstr(&list, ", HEAD");
        path_known = true;
    }
    (void)tc_str_copy(tc_buf_view(&list), allow, size);
    tc_buf_fini(&list);
    return path_known ? TC_E_USAGE : TC_E_NOTFOUND;
}

enum tc_family tc_route_family(const struct tc_target *target)
{
    if (target->n_segments == 0)
        return TC_FAMILY_PAGE;
    if (tc_str_is(target->segment[0], "taxii2"))
        return TC_FAMILY_TAXII;
    if (tc_str_is(target->segment[0], "cap"))
        return TC_FAMILY_CAP;
    return tc_str_is(target->segment[0], "api") ? TC_FAMILY_API : TC_FAMILY_PAGE;
}

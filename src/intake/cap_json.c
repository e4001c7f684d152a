/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/cap_json.h"

#define DEPTH 5 /* alert, info, area, geocode, value */

static bool among(struct tc_str name, const char *const *list)
{
    for (; *list; list++)
        if (tc_str_is(name, *list))
            return true;
    return false;
}

static bool is_list(struct tc_str name)
{
    static const char *const lists[] = {"code",      "info",      "category", "responseType",
                                        "eventCode", "parameter", "resource", "area",
                                        "polygon",   "circle",    "geocode",  NULL};
    return among(name, lists);
}

static bool is_group(struct tc_str name)
{
    static const char *const groups[] = {"info", "eventCode", "parameter", "resource",
                                         "area", "geocode",   NULL};
    return among(name, groups);
}

/* responseType -> response_type; valueName of a pair -> name */
static void put_name(struct tc_jsonw *w, const struct tc_xml *x)
{
    char name[64];
    size_t n = 0;
    if (tc_str_is(x->name, "valueName")) {
        tc_jsonw_name(w, "name");
        return;
    }
    for (size_t i = 0; i < x->name.n && n + 2 < sizeof name; i++) {
        char c = x->name.p[i];
        if (c >= 'A' && c <= 'Z') {
            name[n++] = '_';
            c = (char)(c - 'A' + 'a');
        }
        name[n++] = c;
    }
    tc_jsonw_namen(w, tc_str_view(name, n));
}

static void put_group(const struct tc_xml *x, struct tc_jsonw *w, unsigned depth);

static void put_value(const struct tc_xml *x, struct tc_jsonw *w, unsigned depth)
{
    if (is_group(x->name))
        put_group(x, w, depth + 1);
    else
        tc_jsonw_str(w, tc_xml_text(x));
}

static bool is_first_of_name(const struct tc_xml *x)
{
    for (const struct tc_xml *s = x->parent->child; s != x; s = s->next)
        if (tc_str_eq(s->name, x->name))
            return false;
    return true;
}

static void put_list(const struct tc_xml *first, struct tc_jsonw *w, unsigned depth)
{
    tc_jsonw_array(w);
    for (const struct tc_xml *x = first; x; x = x->next)
        if (tc_str_eq(x->name, first->name))
            put_value(x, w, depth);
    tc_jsonw_array_end(w);
}

/* As deep as CAP's schema, which the alert was checked against; depth makes sure of it. */
static void put_group(const struct tc_xml *group, struct tc_jsonw *w, unsigned depth)
{
    tc_jsonw_object(w);
    for (const struct tc_xml *x = group->child; x && depth < DEPTH; x = x->next) {
        if (!tc_str_eq(x->ns, group->ns))
            continue; /* the signature */
        if (tc_str_is(x->name, "derefUri")) {
            tc_jsonw_ku64(w, "deref_size", tc_xml_text(x).n);
        } else if (is_list(x->name)) {
            if (is_first_of_name(x)) {
                put_name(w, x);
                put_list(x, w, depth);
            }
        } else {
            put_name(w, x);
            put_value(x, w, depth);
        }
    }
    tc_jsonw_object_end(w);
}

void tc_cap_json(const struct tc_xml *alert, struct tc_jsonw *w)
{
    put_group(alert, w, 0);
}

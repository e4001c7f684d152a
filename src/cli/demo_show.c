/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/demo_show.h"

#include "base/map.h"
#include "codec/json.h"
#include "model/extensions.h"
#include "warn/warn.h"

#include <stdio.h>
#include <stdlib.h>

struct asset {
    struct tc_str id, name, country;
};

struct tc_demo_assets {
    struct tc_arena *arena;
    struct tc_map *by_id;
    struct asset *v;
    size_t n, cap;
    uint64_t people;
};

void tc_demo_assets_free(struct tc_demo_assets *a)
{
    if (!a)
        return;
    tc_map_free(a->by_id);
    tc_arena_free(a->arena);
    free(a->v);
    free(a);
}

static tc_err take_asset(struct tc_demo_assets *a, const struct tc_row *row, yyjson_val *o)
{
    struct tc_str name = {"", 0}, country = {"", 0};
    uint64_t people = 0;
    yyjson_val *x = tc_json_get(tc_json_get(o, "extensions"), TC_EXT_ASSET);
    (void)tc_json_str(o, "name", &name);
    (void)tc_json_str(x, "country", &country);
    (void)tc_json_u64(x, "people", &people);
    if (a->n == a->cap) {
        size_t cap = a->cap ? a->cap * 2 : 256;
        struct asset *v = realloc(a->v, cap * sizeof *v);
        if (!v)
            return TC_E_NOMEM;
        a->v = v;
        a->cap = cap;
    }
    struct asset *t = &a->v[a->n];
    *t = (struct asset){tc_arena_dup(a->arena, row->id), tc_arena_dup(a->arena, name),
                        tc_arena_dup(a->arena, country)};
    if (!t->id.p || !t->name.p || !t->country.p)
        return TC_E_NOMEM;
    a->people += people;
    return tc_map_put(a->by_id, t->id, a->n++);
}

typedef tc_err (*each)(void *arg, const struct tc_row *row, yyjson_val *o);

/* The newest readable version of every object of one type. */
static tc_err walk(struct tc_node *n, const struct tc_principal *p, struct tc_str type, each f,
                   void *arg, struct tc_diag *d)
{
    const struct tc_query q = {.added_after = TC_TIME_NONE, .types = &type, .n_types = 1};
    struct tc_reader *r = NULL;
    struct tc_row row = {.seq = 1};
    tc_err e = tc_reader_open(n->journal, p, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct tc_json j = {NULL, NULL};
        e = tc_json_read(row.body, TC_MAX_OBJECT, 0, &j, d);
        if (!e && !row.revoked)
            e = f(arg, &row, j.root);
        tc_json_fini(&j);
    }
    tc_reader_close(r);
    return e;
}

static tc_err each_asset(void *arg, const struct tc_row *row, yyjson_val *o)
{
    return take_asset(arg, row, o);
}

tc_err tc_demo_assets_read(struct tc_node *n, const struct tc_principal *p,
                           struct tc_demo_assets **out, struct tc_diag *d)
{
    struct tc_demo_assets *a = calloc(1, sizeof *a);
    if (!a)
        return TC_E_NOMEM;
    a->arena = tc_arena_new(64u << 20);
    a->by_id = tc_map_new(TC_MAX_ASSETS);
    tc_err e =
        a->arena && a->by_id ? walk(n, p, TC_STR("infrastructure"), each_asset, a, d) : TC_E_NOMEM;
    if (e)
        tc_demo_assets_free(a);
    else
        *out = a;
    return e;
}

struct tc_str tc_demo_asset_named(const struct tc_demo_assets *a, struct tc_str name)
{
    for (size_t i = 0; i < a->n; i++)
        if (tc_str_eq(a->v[i].name, name))
            return a->v[i].id;
    return (struct tc_str){"", 0};
}

void tc_demo_say_register(const struct tc_demo_assets *a, uint64_t added, int64_t us)
{
    size_t countries = 0;
    for (size_t i = 0; i < a->n; i++) {
        size_t j = 0;
        while (j < i && !tc_str_eq(a->v[j].country, a->v[i].country))
            j++;
        countries += j == i;
    }
    (void)printf("   %zu assets in %zu countries, %.1f million people; %llu objects, checked, "
                 "durable and in the cascade after %lld ms\n",
                 a->n, countries, (double)a->people / 1e6, (unsigned long long)added,
                 (long long)us / 1000);
}

/* ---- findings ---- */

struct finding {
    tc_time from;
    char at[32], name[64], how[96];
};

struct findings {
    const struct tc_demo_assets *assets;
    struct finding v[512];
    size_t n;
};

static tc_err each_finding(void *arg, const struct tc_row *row, yyjson_val *o)
{
    struct findings *f = arg;
    struct tc_str status = {"", 0}, from = {"", 0}, how = {"", 0}, service = {"", 0};
    uint64_t at = 0, percent = 0;
    (void)row;
    yyjson_val *about = yyjson_arr_get_first(tc_json_get(o, "about_refs"));
    if (f->n == sizeof f->v / sizeof f->v[0] || !tc_json_str(o, "status", &status) ||
        !tc_str_is(status, "open") || !tc_json_str(o, "from", &from) || !about ||
        !tc_map_get(f->assets->by_id, tc_json_view(about), &at))
        return TC_OK;
    struct finding *t = &f->v[f->n];
    if (tc_time_parse_z(from, &t->from))
        return TC_OK;
    (void)tc_json_str(o, "how", &how);
    (void)tc_json_str(o, "service", &service);
    (void)tc_json_u64(o, "percent", &percent);
    (void)tc_str_copy(f->assets->v[at].name, t->name, sizeof t->name);
    (void)snprintf(t->at, sizeof t->at, "%.*s", (int)(from.n > 16 ? 16 : from.n), from.p);
    if (tc_str_is(how, "supply"))
        (void)snprintf(t->how, sizeof t->how, "no %.*s", TC_FMT(service));
    else
        (void)snprintf(t->how, sizeof t->how, "%s",
                       tc_str_is(how, "direct") ? "reported" : "in the storm's area");
    f->n++;
    return TC_OK;
}

static int by_time(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return tc_str_cmp(tc_str_cstr(a->name), tc_str_cstr(b->name));
}

static void say_lead(tc_time from, char out[32])
{
    int64_t s = (from - tc_time_now()) / TC_SECOND, min = (s + 30) / 60;
    if (s <= 0)
        (void)snprintf(out, 32, "now");
    else if (min < 60)
        (void)snprintf(out, 32, "in %lld min", (long long)min);
    else
        (void)snprintf(out, 32, "in %lld h %02lld min", (long long)min / 60, (long long)min % 60);
}

tc_err tc_demo_findings(struct tc_node *n, const struct tc_principal *p,
                        const struct tc_demo_assets *a, struct tc_diag *d)
{
    struct findings *f = calloc(1, sizeof *f);
    if (!f)
        return TC_E_NOMEM;
    f->assets = a;
    tc_err e = walk(n, p, TC_STR("finding"), each_finding, f, d);
    qsort(f->v, f->n, sizeof f->v[0], by_time);
    for (size_t i = 0; i < f->n && !e; i++) {
        char lead[32];
        if (i && f->v[i - 1].from == f->v[i].from &&
            tc_str_is(tc_str_cstr(f->v[i].name), f->v[i - 1].name))
            continue; /* two incidents together: a finding for each */
        say_lead(f->v[i].from, lead);
        (void)printf("   %-16s %-34s %s\n", lead, f->v[i].name, f->v[i].how);
    }
    free(f);
    return e;
}

/* ---- warnings ---- */

static tc_err list(struct tc_node *n, const struct tc_principal *p, struct tc_json *out,
                   struct tc_diag *d)
{
    struct tc_buf b;
    tc_buf_init(&b, TC_OP_ANSWER);
    tc_err e = tc_warn_list(n, p, 0, &b);
    if (!e)
        e = tc_json_read(tc_buf_view(&b), TC_OP_ANSWER, 0, out, d);
    tc_buf_fini(&b);
    return e;
}

static bool has(yyjson_val *o, const char *name, const char *value)
{
    struct tc_str s;
    return tc_json_str(o, name, &s) && tc_str_is(s, value);
}

tc_err tc_demo_drafts(struct tc_node *n, const struct tc_principal *p, struct tc_demo_ids *out,
                      struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    tc_err e = list(n, p, &j, d);
    size_t i, max;
    yyjson_val *w;
    yyjson_arr_foreach (tc_json_get(j.root, "warnings"), i, max, w) {
        struct tc_str id, to = {"", 0};
        if (e || !has(w, "state", "draft") || !tc_json_str(w, "id", &id) ||
            out->n == sizeof out->id / sizeof out->id[0])
            continue;
        (void)tc_json_str(w, "recipient_name", &to);
        (void)tc_str_copy(id, out->id[out->n++], TC_ID_MAX);
        (void)printf("   for %.*s\n", TC_FMT(to));
    }
    tc_json_fini(&j);
    return e;
}

/* Wraps at 88 columns behind an indent; text of the node's own words and names from the register.
 */
static void paragraph(struct tc_str s)
{
    size_t column = 0;
    char shown[8192];
    size_t n = tc_str_show(s, shown, sizeof shown);
    (void)fputs("      ", stdout);
    for (size_t i = 0; i < n;) {
        size_t word = strcspn(shown + i, " ");
        if (column && column + word > 88) {
            (void)fputs("\n      ", stdout);
            column = 0;
        }
        (void)printf("%s%.*s", column ? " " : "", (int)word, shown + i);
        column += word + (column > 0);
        i += word + (shown[i + word] == ' ');
    }
    (void)putchar('\n');
}

static void lines(struct tc_str s)
{
    while (s.n) {
        const char *nl = memchr(s.p, '\n', s.n);
        size_t n = nl ? (size_t)(nl - s.p) : s.n;
        if (n)
            paragraph(tc_str_view(s.p, n));
        n += nl != NULL;
        s = tc_str_view(s.p + n, s.n - n);
    }
}

tc_err tc_demo_warnings(struct tc_node *n, const struct tc_principal *p, const char *who,
                        struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    tc_err e = list(n, p, &j, d);
    size_t i, max;
    yyjson_val *w;
    (void)printf("\n   ---- %s ----\n", who);
    yyjson_arr_foreach (tc_json_get(j.root, "warnings"), i, max, w) {
        struct tc_str s = {"", 0};
        yyjson_val *t = yyjson_arr_get_first(tc_json_get(w, "texts"));
        if (e || !has(w, "state", "released"))
            continue;
        if (tc_json_str(t, "headline", &s)) {
            (void)putchar('\n');
            paragraph(s);
        }
        if (tc_json_str(t, "description", &s))
            lines(s);
        if (tc_json_str(t, "instruction", &s))
            lines(s);
    }
    tc_json_fini(&j);
    return e;
}

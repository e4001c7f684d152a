/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin register diff: two registers held against each other, field by field, and what the second
 * would change: which single outages have other consequences. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "base/num.h"
#include "cli/ask.h"
#include "cli/register_graph.h"
#include "cli/register_live.h"
#include "cli/register_verbs.h"
#include "codec/jsonw.h"
#include "impact/critical.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct table {
    struct tc_str *cell; /* rows times columns */
    struct tc_str *key;  /* by row: the id, or what makes a dependency one */
    size_t n, columns;
    struct tc_map *index; /* key -> row */
};

enum change { NEW, CHANGED, GONE, CHANGES };

struct difference {
    enum change change;
    size_t before, after; /* rows; SIZE_MAX = none */
};

struct outage_change {
    struct tc_str id;
    struct tc_critical_row before, after;
    bool was, is; /* it is in the register before, after */
};

struct diff {
    const struct tc_cli_files *files[2]; /* before, after */
    const struct tc_reg_diff_ask *ask;
    struct tc_arena *a;
    struct table table[2][2]; /* assets, dependencies; before, after */
    struct tc_list found[2];  /* struct difference */
    uint64_t count[2][CHANGES];
    struct tc_graph *g[2];
    struct tc_list outages; /* struct outage_change, the largest first */
    struct tc_list live;    /* struct tc_live_difference */
    tc_err e;
};

/* ---- rows ---- */

static struct tc_str key_of(struct diff *x, bool dependencies, const struct tc_str *cell)
{
    static const char *const parts[] = {"asset", "service", "group", "supplier"};
    size_t at[4];
    if (!dependencies)
        return cell[0];
    for (size_t i = 0; i < 4; i++) {
        struct tc_reg_columns c = tc_register_columns(true);
        for (at[i] = 0; at[i] < c.n && strcmp(c.name[at[i]], parts[i]);)
            at[i]++;
    }
    const char *s = tc_arena_fmt(x->a, "%.*s\x1f%.*s\x1f%.*s\x1f%.*s", TC_FMT(cell[at[0]]),
                                 TC_FMT(cell[at[1]]), TC_FMT(cell[at[2]]), TC_FMT(cell[at[3]]));
    return tc_str_cstr(s ? s : "");
}

static tc_err read_table(struct diff *x, const struct tc_reg_table *from, bool dependencies,
                         size_t rows, struct table *t)
{
    struct tc_reg_walk *w = NULL;
    struct tc_str cell[TC_REG_COLUMNS_MAX];
    t->columns = tc_register_columns(dependencies).n;
    t->cell = calloc(rows * t->columns + 1, sizeof *t->cell);
    t->key = calloc(rows + 1, sizeof *t->key);
    t->index = tc_map_new(rows + 1);
    tc_err e =
        t->cell && t->key && t->index ? tc_reg_walk_open(from->csv, dependencies, &w) : TC_E_NOMEM;
    while (!e && t->n < rows && tc_reg_walk_next(w, cell)) {
        struct tc_str *to = t->cell + t->n * t->columns;
        for (size_t i = 0; i < t->columns; i++)
            to[i] = cell[i].n ? tc_arena_dup(x->a, cell[i]) : tc_str_view("", 0);
        t->key[t->n] = key_of(x, dependencies, to);
        e = tc_arena_err(x->a) ? tc_arena_err(x->a) : tc_map_put(t->index, t->key[t->n], t->n);
        t->n++;
    }
    return tc_reg_walk_close(w, e);
}

static bool number_of(struct tc_str s, double *out)
{
    double unit = 1;
    if (tc_str_ends(s, TC_STR("%"))) {
        s = tc_str_trim(tc_str_view(s.p, s.n - 1));
        unit = 100;
    }
    if (tc_num_double(s, -1e15, 1e15, out))
        return false;
    *out /= unit;
    return true;
}

static bool of_numbers(const char *column)
{
    static const char *const list[] = {"lat",      "lon",    "people",  "share",
                                       "capacity", "demand", "priority"};
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (strcmp(column, list[i]) == 0)
            return true;
    return false;
}

/* The same in meaning: 52.10 and 52.1, 40% and 0.4, an empty need and 1, a name and the id. */
static bool same(const char *column, struct tc_str a, struct tc_str b, struct tc_str id)
{
    double x, y;
    if (strcmp(column, "need") == 0 && (!a.n || !b.n)) {
        a = a.n ? a : TC_STR("1");
        b = b.n ? b : TC_STR("1");
    }
    if (strcmp(column, "name") == 0) {
        a = a.n ? a : id;
        b = b.n ? b : id;
    }
    if (strcmp(column, "people") == 0) {
        a = a.n ? a : TC_STR("0");
        b = b.n ? b : TC_STR("0");
    }
    if (tc_str_eq(a, b))
        return true;
    if (strcmp(column, "need") == 0) /* 60% of the shares is not 0.6 of a supplier */
        return tc_str_eq_nocase(a, b);
    return of_numbers(column) && number_of(a, &x) && number_of(b, &y) && !(x < y) && !(y < x);
}

static bool cells_differ(const struct diff *x, int t, size_t before, size_t after, size_t column)
{
    const struct table *b = &x->table[t][0], *a = &x->table[t][1];
    return !same(tc_register_columns(t).name[column], b->cell[before * b->columns + column],
                 a->cell[after * a->columns + column], a->key[after]);
}

static bool rows_differ(const struct diff *x, int t, size_t before, size_t after)
{
    for (size_t i = 0; i < x->table[t][0].columns; i++)
        if (cells_differ(x, t, before, after, i))
            return true;
    return false;
}

static void add(struct diff *x, int t, enum change change, size_t before, size_t after)
{
    uint32_t at;
    struct difference *d = tc_list_push(&x->found[t], sizeof *d, &at);
    if (!d) {
        x->e = TC_E_NOMEM;
        return;
    }
    *d = (struct difference){change, before, after};
    x->count[t][change]++;
}

static void compare(struct diff *x, int t)
{
    const struct table *b = &x->table[t][0], *a = &x->table[t][1];
    uint64_t at;
    for (size_t i = 0; i < a->n && !x->e; i++)
        if (!tc_map_get(b->index, a->key[i], &at))
            add(x, t, NEW, SIZE_MAX, i);
    for (size_t i = 0; i < a->n && !x->e; i++)
        if (tc_map_get(b->index, a->key[i], &at) && rows_differ(x, t, at, i))
            add(x, t, CHANGED, at, i);
    for (size_t i = 0; i < b->n && !x->e; i++)
        if (!tc_map_get(a->index, b->key[i], &at))
            add(x, t, GONE, i, SIZE_MAX);
}

/* ---- consequences ---- */

static uint64_t apart(const struct outage_change *c)
{
    uint64_t a = c->before.people_seconds, b = c->after.people_seconds;
    return a > b ? a - b : b - a;
}

static int largest_first(const void *a, const void *b)
{
    const struct outage_change *x = a, *y = b;
    uint64_t p = apart(x), q = apart(y);
    if (p != q)
        return p > q ? -1 : 1;
    int64_t f = llabs((int64_t)x->before.failed - (int64_t)x->after.failed);
    int64_t g = llabs((int64_t)y->before.failed - (int64_t)y->after.failed);
    return f != g ? (f > g ? -1 : 1) : tc_str_cmp(x->id, y->id);
}

static void add_outage(struct diff *x, struct outage_change c)
{
    uint32_t at;
    bool differs =
        c.was != c.is || c.before.failed != c.after.failed || c.before.people != c.after.people ||
        c.before.people_seconds != c.after.people_seconds || c.before.seconds != c.after.seconds;
    struct outage_change *o = differs ? tc_list_push(&x->outages, sizeof *o, &at) : NULL;
    if (o)
        *o = c;
    else if (differs)
        x->e = TC_E_NOMEM;
}

static void outages(struct diff *x)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const struct tc_critical_opts o = {.horizon = x->ask->horizon,
                                       .threads = cores > 1 ? (uint32_t)cores : 1};
    struct tc_critical_row *rows[2] = {NULL, NULL};
    struct tc_diag d;
    tc_diag_init(&d);
    for (int i = 0; i < 2 && !x->e; i++) {
        x->e = tc_register_graph(x->files[i]->r, &x->g[i], &d);
        if (!x->e && !(rows[i] = calloc(x->g[i]->n + 1u, sizeof *rows[i])))
            x->e = TC_E_NOMEM;
        if (!x->e)
            x->e = tc_critical_run(x->g[i], &o, rows[i]);
    }
    uint32_t other;
    for (uint32_t v = 0; !x->e && v < x->g[1]->n; v++) {
        struct tc_str id = tc_graph_id(x->g[1], v);
        bool was = tc_graph_find(x->g[0], id, &other);
        struct outage_change c = {.id = id, .after = rows[1][v], .was = was, .is = true};
        if (was)
            c.before = rows[0][other];
        add_outage(x, c);
    }
    for (uint32_t v = 0; !x->e && v < x->g[0]->n; v++) {
        struct tc_str id = tc_graph_id(x->g[0], v);
        if (!tc_graph_find(x->g[1], id, &other))
            add_outage(x, (struct outage_change){.id = id, .before = rows[0][v], .was = true});
    }
    if (!x->e && x->outages.n)
        qsort(x->outages.v, x->outages.n, sizeof(struct outage_change), largest_first);
    free(rows[0]);
    free(rows[1]);
    if (!x->e && x->files[0]->node)
        x->e = tc_register_live(x->files[0], x->g[0], x->files[1], x->g[1], &x->live);
}

/* ---- JSON ---- */

static void json_names(struct tc_jsonw *w, const struct diff *x, int t, const struct difference *d)
{
    bool gone = d->change == GONE;
    const struct table *b = &x->table[t][gone ? 0 : 1];
    const struct tc_str *cell = b->cell + (gone ? d->before : d->after) * b->columns;
    struct tc_reg_columns c = tc_register_columns(t);
    for (size_t i = 0; i < c.n; i++)
        if (i == 0 || (t && (strcmp(c.name[i], "service") == 0 || strcmp(c.name[i], "group") == 0 ||
                             strcmp(c.name[i], "supplier") == 0)))
            tc_jsonw_ktext(w, c.name[i], cell[i]);
}

static void json_fields(struct tc_jsonw *w, const struct diff *x, int t, const struct difference *d)
{
    const struct table *b = &x->table[t][0], *a = &x->table[t][1];
    tc_jsonw_name(w, "fields");
    tc_jsonw_array(w);
    for (size_t i = 0; i < b->columns; i++) {
        if (!cells_differ(x, t, d->before, d->after, i))
            continue;
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "field", tc_register_columns(t).name[i]);
        tc_jsonw_kstr(w, "before", b->cell[d->before * b->columns + i]);
        tc_jsonw_kstr(w, "after", a->cell[d->after * a->columns + i]);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static void json_table(struct tc_jsonw *w, const struct diff *x, int t)
{
    static const char *const names[CHANGES] = {"new", "changed", "gone"};
    tc_jsonw_name(w, t ? "dependencies" : "assets");
    tc_jsonw_object(w);
    for (int c = 0; c < CHANGES; c++) {
        tc_jsonw_name(w, names[c]);
        tc_jsonw_array(w);
        for (uint32_t i = 0; i < x->found[t].n; i++) {
            const struct difference *d = TC_LIST_AT(x->found[t], struct difference, i);
            if ((int)d->change != c)
                continue;
            tc_jsonw_object(w);
            json_names(w, x, t, d);
            if (d->change == CHANGED)
                json_fields(w, x, t, d);
            tc_jsonw_object_end(w);
        }
        tc_jsonw_array_end(w);
    }
    tc_jsonw_object_end(w);
}

static void json_row(struct tc_jsonw *w, const char *name, const struct tc_critical_row *r,
                     bool there)
{
    tc_jsonw_name(w, name);
    if (!there) {
        tc_jsonw_null(w);
        return;
    }
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "failed", r->failed);
    tc_jsonw_ku64(w, "people", r->people);
    tc_jsonw_ku64(w, "people_hours", r->people_seconds / 3600);
    tc_jsonw_object_end(w);
}

static void json_live(struct tc_jsonw *w, const struct diff *x)
{
    tc_jsonw_name(w, "live");
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "incidents", x->files[0]->n_incidents);
    tc_jsonw_name(w, "changes");
    tc_jsonw_array(w);
    for (uint32_t i = 0; i < x->live.n; i++) {
        const struct tc_live_difference *d = TC_LIST_AT(x->live, struct tc_live_difference, i);
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "asset", d->asset);
        tc_jsonw_ktext(w, "operator", d->operated_by);
        tc_jsonw_kcstr(w, "change", tc_live_change_names[d->change]);
        tc_jsonw_ktime(w, "before", d->before);
        tc_jsonw_ktime(w, "after", d->after);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
}

static bool print_json(const struct diff *x)
{
    struct tc_buf b;
    tc_buf_init(&b, (size_t)4 << 30);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    json_table(&w, x, 0);
    json_table(&w, x, 1);
    tc_jsonw_ku64(&w, "horizon", x->ask->horizon);
    tc_jsonw_name(&w, "single_outages");
    tc_jsonw_array(&w);
    for (uint32_t i = 0; i < x->outages.n; i++) {
        const struct outage_change *c = TC_LIST_AT(x->outages, struct outage_change, i);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "asset", c->id);
        json_row(&w, "before", &c->before, c->was);
        json_row(&w, "after", &c->after, c->is);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    if (x->files[0]->node)
        json_live(&w, x);
    tc_jsonw_object_end(&w);
    tc_buf_char(&b, '\n');
    bool ok = !b.err && fwrite(b.p, 1, b.n, stdout) == b.n;
    tc_buf_fini(&b);
    return ok;
}

/* ---- for a person ---- */

static void print_name(const struct diff *x, int t, const struct difference *d)
{
    bool gone = d->change == GONE;
    const struct table *b = &x->table[t][gone ? 0 : 1];
    struct tc_str key = b->key[gone ? d->before : d->after];
    struct tc_str part[4];
    if (!t) {
        (void)printf("%.*s", TC_FMT(key));
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        const char *end = memchr(key.p, '\x1f', key.n);
        part[i] = tc_str_view(key.p, end ? (size_t)(end - key.p) : key.n);
        key = end ? tc_str_view(end + 1, key.n - part[i].n - 1) : tc_str_view("", 0);
    }
    (void)printf("%.*s needs %.*s from %.*s", TC_FMT(part[0]), TC_FMT(part[1]), TC_FMT(part[3]));
    if (part[2].n)
        (void)printf(" (%.*s)", TC_FMT(part[2]));
}

static void print_cell(struct tc_str s)
{
    if (s.n)
        (void)printf("'%.*s'", TC_FMT(s));
    else
        (void)printf("nothing");
}

static void print_difference(const struct diff *x, int t, const struct difference *d)
{
    static const char signs[CHANGES] = {'+', '~', '-'};
    const struct table *b = &x->table[t][0], *a = &x->table[t][1];
    const char *between = ": ";
    (void)printf("  %c ", signs[d->change]);
    print_name(x, t, d);
    for (size_t i = 0; d->change == CHANGED && i < b->columns; i++) {
        if (!cells_differ(x, t, d->before, d->after, i))
            continue;
        (void)printf("%s%s ", between, tc_register_columns(t).name[i]);
        print_cell(b->cell[d->before * b->columns + i]);
        (void)printf(" -> ");
        print_cell(a->cell[d->after * a->columns + i]);
        between = ", ";
    }
    (void)putchar('\n');
}

static void print_table(const struct diff *x, int t)
{
    (void)printf("%s: %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64 " gone\n",
                 t ? "dependencies" : "assets", x->count[t][NEW], x->count[t][CHANGED],
                 x->count[t][GONE]);
    uint32_t most = x->found[t].n < x->ask->top ? x->found[t].n : (uint32_t)x->ask->top;
    for (uint32_t i = 0; i < most; i++)
        print_difference(x, t, TC_LIST_AT(x->found[t], struct difference, i));
    if (x->found[t].n > most)
        (void)printf("  ... and %u more (--json has all)\n", x->found[t].n - most);
}

static void print_outage(const struct outage_change *c)
{
    (void)printf("  %.*s: ", TC_FMT(c->id));
    if (!c->was || !c->is) {
        const struct tc_critical_row *r = c->is ? &c->after : &c->before;
        (void)printf("%s %u assets, %" PRIu64 " people, %" PRIu64 " people x hours\n",
                     c->is ? "would take" : "took", r->failed, r->people, r->people_seconds / 3600);
        return;
    }
    (void)printf("%u -> %u assets, %" PRIu64 " -> %" PRIu64 " people, %" PRIu64 " -> %" PRIu64
                 " people x hours\n",
                 c->before.failed, c->after.failed, c->before.people, c->after.people,
                 c->before.people_seconds / 3600, c->after.people_seconds / 3600);
}

static void print_live_one(const struct tc_live_difference *d)
{
    char before[TC_TIME_SIZE], after[TC_TIME_SIZE];
    (void)printf("  %.*s", TC_FMT(d->asset));
    if (d->operated_by.n)
        (void)printf(" (%.*s)", TC_FMT(d->operated_by));
    if (d->before != TC_TIME_NONE)
        tc_time_format(d->before, 0, before);
    if (d->after != TC_TIME_NONE)
        tc_time_format(d->after, 0, after);
    if (d->change == TC_LIVE_NEW)
        (void)printf(": newly hit, %s\n", after);
    else if (d->change == TC_LIVE_SPARED)
        (void)printf(": spared, was %s\n", before);
    else
        (void)printf(": %s, %s -> %s\n", tc_live_change_names[d->change], before, after);
}

static void print_live(const struct diff *x)
{
    (void)printf("open incidents: %zu; findings, and the warnings that rest on them, that would "
                 "change: %u\n",
                 x->files[0]->n_incidents, x->live.n);
    uint32_t most = x->live.n < x->ask->top ? x->live.n : (uint32_t)x->ask->top;
    for (uint32_t i = 0; i < most; i++)
        print_live_one(TC_LIST_AT(x->live, struct tc_live_difference, i));
    if (x->live.n > most)
        (void)printf("  ... and %u more (--json has all)\n", x->live.n - most);
}

static void print_text(const struct diff *x)
{
    print_table(x, 0);
    print_table(x, 1);
    if (!x->found[0].n && !x->found[1].n)
        return;
    if (x->files[0]->node)
        print_live(x);
    (void)printf("single outages with other consequences within %u h: %u\n", x->ask->horizon / 3600,
                 x->outages.n);
    uint32_t most = x->outages.n < x->ask->top ? x->outages.n : (uint32_t)x->ask->top;
    for (uint32_t i = 0; i < most; i++)
        print_outage(TC_LIST_AT(x->outages, struct outage_change, i));
    if (x->outages.n > most)
        (void)printf("  ... and %u more (--json has all)\n", x->outages.n - most);
}

/* ---- all of it ---- */

static size_t rows_of(const struct tc_cli_files *f, int t)
{
    size_t n = 0;
    for (size_t i = 0; !t && i < f->r->asset_count; i++)
        n += !f->r->assets[i].elsewhere;
    return t ? f->r->row_count : n;
}

static void find_differences(struct diff *x)
{
    for (int t = 0; t < 2; t++) {
        for (int i = 0; i < 2 && !x->e; i++)
            x->e = read_table(x, &x->files[i]->source.table[t], t, rows_of(x->files[i], t),
                              &x->table[t][i]);
        if (!x->e)
            compare(x, t);
    }
    if (!x->e && (x->found[0].n || x->found[1].n))
        outages(x);
}

int tc_register_diff(const struct tc_cli_files *before, const struct tc_cli_files *after,
                     const struct tc_reg_diff_ask *ask)
{
    struct diff x = {.files = {before, after}, .ask = ask, .a = tc_arena_new((size_t)8 << 30)};
    struct tc_diag d;
    bool ok = true;
    tc_diag_init(&d);
    if (x.a)
        find_differences(&x);
    else
        x.e = TC_E_NOMEM;
    if (!x.e && ask->json)
        ok = print_json(&x);
    else if (!x.e)
        print_text(&x);
    int status = x.e   ? tc_cli_fail("register", x.e, &d)
                 : !ok ? 4
                       : (x.found[0].n || x.found[1].n ? 1 : 0);
    for (int t = 0; t < 2; t++) {
        for (int i = 0; i < 2; i++) {
            free(x.table[t][i].cell);
            free(x.table[t][i].key);
            tc_map_free(x.table[t][i].index);
        }
        free(x.found[t].v);
        tc_graph_free(x.g[t]);
    }
    free(x.outages.v);
    free(x.live.v);
    tc_arena_free(x.a);
    return status;
}

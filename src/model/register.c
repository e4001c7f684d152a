/* SPDX-License-Identifier: Apache-2.0 */
#include "model/register.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/num.h"
#include "base/week.h"
#include "codec/csv.h"
#include "model/register_more.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_FIELD 1000 /* bytes; what a graph takes as an id, too */
#define CEILING   ((size_t)4 << 30)

enum acol {
    A_ID,
    A_NAME,
    A_KIND,
    A_SECTOR,
    A_OPERATOR,
    A_COUNTRY,
    A_LAT,
    A_LON,
    A_PEOPLE,
    A_CAPACITY,
    A_CAUSES,
    A_AS_OF,
    A_COLS
};
enum dcol {
    D_ASSET,
    D_SERVICE,
    D_MODE,
    D_GROUP,
    D_NEED,
    D_SUPPLIER,
    D_SHARE,
    D_BUFFER,
    D_RESTORE,
    D_DEMAND,
    D_PRIORITY,
    D_RECHARGE,
    D_BUFFER_DRAW,
    D_RESTORE_DRAW,
    D_CALENDAR,
    D_TESTED,
    D_COLS
};
enum { A_MUST = A_CAPACITY, D_MUST = D_DEMAND }; /* columns that have to be there */

static const char *const acols[A_COLS] = {"id",       "name",     "kind",          "sector",
                                          "operator", "country",  "lat",           "lon",
                                          "people",   "capacity", "common_causes", "as_of"};
static const char *const dcols[D_COLS] = {"asset",       "service",      "mode",     "group",
                                          "need",        "supplier",     "share",    "buffer",
                                          "restore",     "demand",       "priority", "recharge",
                                          "buffer_draw", "restore_draw", "calendar", "tested"};

struct tc_reg_columns tc_register_columns(bool dependencies)
{
    return dependencies ? (struct tc_reg_columns){dcols, D_COLS, D_MUST}
                        : (struct tc_reg_columns){acols, A_COLS, A_MUST};
}

struct tc_register_own {
    struct tc_arena *arena;
};

struct reader {
    struct tc_register *r;
    const struct tc_register_opts *opts;
    struct tc_diag *first; /* the caller's */
    const char *file;
    const struct tc_reg_origin *from;
    const struct tc_reg_origin *at; /* of the row at hand */
    uint64_t line;
    struct tc_map *ids, *words, *groups, *pairs;
    struct tc_map *refused; /* ids of assets with errors -> their line */
    struct tc_str *word;    /* by number */
    size_t word_n, word_cap, asset_cap, group_cap, row_cap;
    tc_err fatal;
};

/* ---- saying what is wrong ---- */

static void tell(struct reader *x, struct tc_diag *d)
{
    if (x->r->errors++ == 0 && x->first)
        *x->first = *d;
    if (x->opts->report && x->r->errors <= TC_MAX_FINDINGS)
        x->opts->report(x->opts->report_ctx, d);
}

TC_PRINTF(5, 6)
static void wrong(struct reader *x, struct tc_str id, const char *column, uint64_t line,
                  const char *fmt, ...)
{
    struct tc_diag d;
    char text[360], path[160];
    va_list ap;
    tc_diag_init(&d);
    tc_diag_file(&d, x->file);
    tc_diag_at(&d, line, 0, UINT64_MAX);
    tc_diag_object(&d, id.p, id.n);
    if (x->at && line == x->line)
        (void)snprintf(path, sizeof path, "%s[%u]%s%s", x->at->within, x->at->index,
                       column[0] ? "." : "", column);
    else
        (void)snprintf(path, sizeof path, "%s", column);
    tc_diag_path(&d, path, strlen(path));
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    (void)tc_diag_set(&d, TC_E_INVALID, "%s", text);
    tell(x, &d);
}

/* ---- storage ---- */

static bool grow(struct reader *x, void **p, size_t *cap, size_t n, size_t item)
{
    if (n < *cap)
        return true;
    size_t want = *cap ? *cap * 2 : 256;
    void *q = reallocarray(*p, want, item);
    if (!q) {
        x->fatal = TC_E_NOMEM;
        return false;
    }
    *p = q;
    *cap = want;
    return true;
}

/* The number of a word that many rows share; its text is x->word[number]. */
static uint32_t intern(struct reader *x, struct tc_str s)
{
    uint64_t at = x->word_n;
    bool added = false;
    void *p = x->word;
    if (!grow(x, &p, &x->word_cap, x->word_n, sizeof *x->word))
        return 0;
    x->word = p;
    tc_err e = tc_map_intern(x->words, s, &at, &added);
    if (!e && added) {
        x->word[x->word_n] = tc_arena_dup(x->r->own->arena, s);
        e = tc_arena_err(x->r->own->arena);
        x->word_n += !e;
    }
    if (e)
        x->fatal = e;
    return (uint32_t)at;
}

static struct tc_str shared(struct reader *x, struct tc_str s)
{
    uint32_t at = s.n ? intern(x, s) : 0;
    return s.n && !x->fatal ? x->word[at] : tc_str_view("", 0);
}

static struct tc_str kept(struct reader *x, struct tc_str s)
{
    struct tc_str copy = tc_arena_dup(x->r->own->arena, s);
    if (tc_arena_err(x->r->own->arena))
        x->fatal = tc_arena_err(x->r->own->arena);
    return copy;
}

static struct tc_reg_asset *new_asset(struct reader *x, struct tc_str id)
{
    void *p = x->r->assets;
    if (!grow(x, &p, &x->asset_cap, x->r->asset_count, sizeof *x->r->assets))
        return NULL;
    x->r->assets = p;
    tc_err e = tc_map_put(x->ids, id, x->r->asset_count);
    if (e) {
        x->fatal = e;
        return NULL;
    }
    struct tc_reg_asset *a = &x->r->assets[x->r->asset_count++];
    *a = (struct tc_reg_asset){.id = kept(x, id), .capacity = UINT64_MAX, .line = x->line};
    return a;
}

/* ---- rows ---- */

/* Reads the header; column[i] becomes the place of the field names[i], SIZE_MAX where there is none
 * and none must be. */
static bool header(struct reader *x, struct tc_csv *csv, const char *const *names, size_t n,
                   size_t must, size_t *column)
{
    struct tc_diag d;
    tc_err e;
    tc_diag_init(&d);
    tc_diag_file(&d, x->file);
    const struct tc_str none = {NULL, 0};
    if (!tc_csv_next(csv, &e, &d)) {
        wrong(x, none, "", 1, "the file is empty; its first row must name the columns");
        return false;
    }
    if (e) {
        tell(x, &d);
        return false;
    }
    bool all = true;
    for (size_t i = 0; i < n; i++) {
        column[i] = SIZE_MAX;
        for (size_t j = 0; j < csv->fields; j++) {
            if (!tc_str_is(tc_str_trim(csv->field[j]), names[i]))
                continue;
            if (column[i] != SIZE_MAX)
                wrong(x, none, names[i], csv->row_line, "the column stands there twice");
            column[i] = j;
        }
        if (column[i] == SIZE_MAX && i < must) {
            wrong(x, none, names[i], csv->row_line, "the header has no column '%s'", names[i]);
            all = false;
        }
    }
    return all;
}

#define MOST_COLS ((int)A_COLS > (int)D_COLS ? (int)A_COLS : (int)D_COLS)

typedef void take_row(struct reader *x, const struct tc_str *field);

static void read_file(struct reader *x, struct tc_str text, const char *file,
                      const char *const *names, size_t n, size_t must, take_row *take)
{
    struct tc_csv csv;
    size_t column[MOST_COLS];
    struct tc_str field[MOST_COLS];
    x->file = file ? file : "";
    tc_csv_init(&csv, text);
    bool go = header(x, &csv, names, n, must, column);
    size_t width = csv.fields;
    struct tc_diag d;
    tc_err e;
    tc_diag_init(&d);
    tc_diag_file(&d, x->file);
    while (go && !x->fatal && tc_csv_next(&csv, &e, &d)) {
        x->at = x->from ? &x->from[csv.row_line - 2] : NULL;
        x->line = x->at ? x->at->line : csv.row_line;
        if (e == TC_E_NOMEM)
            x->fatal = e;
        if (e) {
            tell(x, &d);
            x->r->skipped++;
            continue;
        }
        if (csv.fields != width) {
            wrong(x, (struct tc_str){NULL, 0}, "", x->line,
                  "the row has %zu fields and the header %zu", csv.fields, width);
            x->r->skipped++;
            continue;
        }
        for (size_t i = 0; i < n; i++)
            field[i] = column[i] == SIZE_MAX ? TC_STR("") : tc_str_trim(csv.field[column[i]]);
        take(x, field);
    }
    tc_csv_fini(&csv);
}

static bool too_long(struct reader *x, struct tc_str id, const struct tc_str *field,
                     const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < field[i].n; j++) {
            if ((unsigned char)field[i].p[j] < 0x20 || field[i].p[j] == 0x7f) {
                wrong(x, id, names[i], x->line, "the field has a control character");
                return true;
            }
        }
        if (field[i].n > MAX_FIELD) {
            wrong(x, id, names[i], x->line, "the field is longer than %d bytes", MAX_FIELD);
            return true;
        }
    }
    return false;
}

static bool degree(struct reader *x, struct tc_str id, struct tc_str s, const char *name,
                   double most, double *out)
{
    tc_err e = tc_num_double(s, -most, most, out);
    if (e == TC_E_LIMIT)
        wrong(x, id, name, x->line, "%.*s is outside -%g to %g degrees", TC_FMT(s), most, most);
    else if (e)
        wrong(x, id, name, x->line, "'%.*s' is not a number of degrees", TC_FMT(s));
    return !e;
}

/* Both or none. */
static bool place(struct reader *x, const struct tc_str *f, struct tc_reg_asset *a)
{
    if (!f[A_LAT].n && !f[A_LON].n)
        return true;
    if (!f[A_LAT].n || !f[A_LON].n) {
        wrong(x, f[A_ID], f[A_LAT].n ? "lon" : "lat", x->line, "lat and lon go together");
        return false;
    }
    bool ok = degree(x, f[A_ID], f[A_LAT], "lat", 90, &a->lat);
    ok = degree(x, f[A_ID], f[A_LON], "lon", 180, &a->lon) && ok;
    a->placed = ok;
    return ok;
}

/* Tells what register_more.c found in the row at hand. */
struct say {
    struct reader *x;
    struct tc_str id;
    bool ok;
};

static void say(void *arg, const char *column, const char *text)
{
    struct say *to = arg;
    wrong(to->x, to->id, column, to->x->line, "%s", text);
    to->ok = false;
}

static bool asset_values(struct reader *x, const struct tc_str *f, struct tc_reg_asset *a)
{
    uint64_t there;
    bool ok = !too_long(x, f[A_ID], f, acols, A_COLS);
    if (!f[A_ID].n) {
        wrong(x, f[A_ID], "id", x->line, "the asset has no id");
        ok = false;
    } else if (tc_map_get(x->ids, f[A_ID], &there)) {
        wrong(x, f[A_ID], "id", x->line, "this id stands on line %llu already",
              (unsigned long long)x->r->assets[there].line);
        ok = false;
    }
    if (f[A_COUNTRY].n && !tc_country_known(f[A_COUNTRY])) {
        wrong(x, f[A_ID], "country", x->line, "'%.*s' is not a country code (ISO 3166-1 alpha-2)",
              TC_FMT(f[A_COUNTRY]));
        ok = false;
    }
    tc_err e = f[A_PEOPLE].n ? tc_num_u64(f[A_PEOPLE], UINT32_MAX, &a->people) : TC_OK;
    if (e) {
        wrong(x, f[A_ID], "people", x->line, "'%.*s' is %s", TC_FMT(f[A_PEOPLE]),
              e == TC_E_LIMIT ? "more people than there are" : "not a number of people");
        ok = false;
    }
    struct say to = {x, f[A_ID], ok};
    tc_reg_more_asset(&f[A_MUST], a, say, &to);
    return place(x, f, a) && to.ok;
}

static void take_asset(struct reader *x, const struct tc_str *f)
{
    struct tc_reg_asset values = {.capacity = UINT64_MAX};
    if (!asset_values(x, f, &values)) {
        x->r->skipped++;
        if (f[A_ID].n && tc_map_put(x->refused, f[A_ID], x->line) == TC_E_NOMEM)
            x->fatal = TC_E_NOMEM;
        return;
    }
    if (x->r->asset_count >= TC_MAX_ASSETS) {
        x->fatal = TC_E_LIMIT;
        return;
    }
    struct tc_reg_asset *a = new_asset(x, f[A_ID]);
    if (!a)
        return;
    a->name = kept(x, f[A_NAME]);
    a->kind = shared(x, f[A_KIND]);
    a->sector = shared(x, f[A_SECTOR]);
    a->operated_by = shared(x, f[A_OPERATOR]);
    a->country = shared(x, f[A_COUNTRY]);
    a->lat = values.lat;
    a->lon = values.lon;
    a->placed = values.placed;
    a->people = values.people;
    a->capacity = values.capacity;
    a->causes = shared(x, f[A_CAUSES]);
    a->as_of = values.as_of;
    a->as_of_text = shared(x, f[A_AS_OF]);
}

/* ---- dependencies ---- */

static bool find_asset(struct reader *x, struct tc_str id, uint32_t *out)
{
    uint64_t at;
    if (tc_map_get(x->ids, id, &at)) {
        *out = (uint32_t)at;
        return true;
    }
    if (!x->opts->known || !id.n || !x->opts->known(x->opts->known_ctx, id))
        return false;
    struct tc_reg_asset *a = new_asset(x, id);
    if (!a)
        return false;
    a->elsewhere = true;
    a->line = 0;
    *out = (uint32_t)(x->r->asset_count - 1);
    return true;
}

static bool percent(struct tc_str s, struct tc_str *number)
{
    if (!tc_str_ends(s, TC_STR("%")))
        return false;
    *number = tc_str_trim(tc_str_view(s.p, s.n - 1));
    return true;
}

static bool take_need(struct reader *x, const struct tc_str *f, struct tc_reg_group *g)
{
    struct tc_str s = f[D_NEED], number;
    double v = 0;
    uint64_t n = 0;
    tc_err e = TC_OK;
    g->need_text = s;
    if (!s.n || tc_str_eq_nocase(s, TC_STR("all"))) {
        g->rule = TC_REG_ALL;
    } else if (percent(s, &number)) {
        g->rule = TC_REG_SHARE;
        e = tc_num_double(number, 0.0001, 100, &v);
        g->need = e ? 0 : (uint32_t)llround(v * (TC_REGISTER_WHOLE / 100));
    } else {
        g->rule = TC_REG_COUNT;
        e = tc_num_u64(s, TC_MAX_EDGES, &n);
        if (!e && n == 0)
            e = TC_E_LIMIT;
        g->need = (uint32_t)n;
    }
    if (e == TC_E_LIMIT)
        wrong(x, f[D_ASSET], "need", x->line, "a need of %.*s is out of range", TC_FMT(s));
    else if (e)
        wrong(x, f[D_ASSET], "need", x->line,
              "'%.*s' is neither a count nor 'all' nor a percentage", TC_FMT(s));
    return !e;
}

static bool take_share(struct reader *x, const struct tc_str *f, struct tc_reg_row *row)
{
    struct tc_str number;
    double v = 0;
    if (!f[D_SHARE].n)
        return true;
    bool hundred = percent(f[D_SHARE], &number);
    tc_err e = tc_num_double(hundred ? number : f[D_SHARE], 0, hundred ? 100 : 1, &v);
    if (e == TC_E_LIMIT)
        wrong(x, f[D_ASSET], "share", x->line, "a share of %.*s is outside 0 to 1",
              TC_FMT(f[D_SHARE]));
    else if (e)
        wrong(x, f[D_ASSET], "share", x->line, "'%.*s' is not a share (0.4 or 40%%)",
              TC_FMT(f[D_SHARE]));
    row->has_share = !e;
    row->share = e ? 0 : (uint32_t)llround(v * TC_REGISTER_WHOLE / (hundred ? 100 : 1));
    return !e;
}

static bool take_time(struct reader *x, const struct tc_str *f, enum dcol which, int64_t *lo,
                      int64_t *hi)
{
    struct tc_str s = f[which];
    *lo = *hi = 0;
    if (!s.n)
        return true;
    tc_err e = tc_duration_range(s, TC_MAX_DURATION, lo, hi);
    if (!e)
        return true;
    const char *why = "is not a duration such as PT8H or a range such as PT4H..PT12H";
    if (s.p[0] == '-' || tc_str_find(s, TC_STR("..-")) != SIZE_MAX)
        why = "is negative";
    else if (e == TC_E_LIMIT)
        why = "is longer than ten years";
    else if (e == TC_E_INVALID)
        why = "runs from the longer to the shorter";
    else if (memchr(s.p, 'Y', s.n))
        why = "has years, which are not all as long: write days (P365D), ten years at most";
    wrong(x, f[D_ASSET], dcols[which], x->line, "'%.*s' %s", TC_FMT(s), why);
    return false;
}

/* What follows from an error that was told is not told again, but for what is left out for it. */
static bool names_asset(struct reader *x, const struct tc_str *f, enum dcol which, uint32_t *out)
{
    uint64_t line;
    if (find_asset(x, f[which], out))
        return true;
    if (tc_map_get(x->refused, f[which], &line)) {
        if (x->opts->keep_going)
            wrong(x, f[D_ASSET], dcols[which], x->line, "asset '%.*s' is left out, see line %llu",
                  TC_FMT(f[which]), (unsigned long long)line);
    } else if (f[which].n)
        wrong(x, f[D_ASSET], dcols[which], x->line, "there is no asset '%.*s'", TC_FMT(f[which]));
    else
        wrong(x, f[D_ASSET], dcols[which], x->line, "no asset is named");
    return false;
}

static bool row_ends(struct reader *x, const struct tc_str *f, struct tc_reg_row *row,
                     struct tc_reg_group *g)
{
    bool ok = names_asset(x, f, D_ASSET, &g->asset);
    bool supplied = names_asset(x, f, D_SUPPLIER, &row->supplier);
    if (ok && supplied && g->asset == row->supplier) {
        wrong(x, f[D_ASSET], "supplier", x->line, "an asset cannot depend on itself");
        return false;
    }
    return ok && supplied;
}

static bool row_values(struct reader *x, const struct tc_str *f, struct tc_reg_row *row,
                       struct tc_reg_group *g)
{
    bool ok = !too_long(x, f[D_ASSET], f, dcols, D_COLS);
    ok = row_ends(x, f, row, g) && ok;
    if (!f[D_SERVICE].n) {
        wrong(x, f[D_ASSET], "service", x->line, "no service is named");
        ok = false;
    }
    g->flow = tc_str_is(f[D_MODE], "flow");
    if (!g->flow && !tc_str_is(f[D_MODE], "support")) {
        wrong(x, f[D_ASSET], "mode", x->line, "'%.*s' is neither flow nor support",
              TC_FMT(f[D_MODE]));
        ok = false;
    }
    ok = take_need(x, f, g) && ok;
    ok = take_share(x, f, row) && ok;
    ok = take_time(x, f, D_BUFFER, &g->buffer_lo, &g->buffer_hi) && ok;
    ok = take_time(x, f, D_RESTORE, &g->restore_lo, &g->restore_hi) && ok;
    struct say to = {x, f[D_ASSET], ok};
    tc_reg_more_row(&f[D_MUST], row, g, say, &to);
    ok = to.ok;
    if (ok && g->rule == TC_REG_SHARE && !row->has_share) {
        wrong(x, f[D_ASSET], "share", x->line, "a need in percent wants a share in each row");
        ok = false;
    }
    return ok;
}

/* The group that the row belongs to, made at its first row; TC_MAX_EDGES when there is no room. */
static uint32_t group_of(struct reader *x, const struct tc_str *f, const struct tc_reg_group *v)
{
    uint32_t key[3] = {v->asset, intern(x, f[D_SERVICE]), intern(x, f[D_GROUP])};
    uint64_t at = x->r->group_count;
    bool added = false;
    void *p = x->r->groups;
    if (x->fatal || !grow(x, &p, &x->group_cap, x->r->group_count, sizeof *x->r->groups))
        return TC_MAX_EDGES;
    x->r->groups = p;
    tc_err e = tc_map_intern(x->groups, tc_str_view((char *)key, sizeof key), &at, &added);
    if (e) {
        x->fatal = e;
        return TC_MAX_EDGES;
    }
    if (added) {
        struct tc_reg_group *g = &x->r->groups[x->r->group_count++];
        *g = *v;
        g->service = x->word[key[1]];
        g->label = x->word[key[2]];
        g->need_text = shared(x, f[D_NEED]);
        g->buffer_text = shared(x, f[D_BUFFER]);
        g->restore_text = shared(x, f[D_RESTORE]);
        g->recharge_text = shared(x, f[D_RECHARGE]);
        g->buffer_draw_text = shared(x, f[D_BUFFER_DRAW]);
        g->restore_draw_text = shared(x, f[D_RESTORE_DRAW]);
        g->calendar_text = shared(x, f[D_CALENDAR]);
        g->tested_text = shared(x, f[D_TESTED]);
        g->line = x->line;
    }
    return (uint32_t)at;
}

static bool agrees(struct reader *x, const struct tc_str *f, const struct tc_reg_group *g,
                   const struct tc_reg_group *v)
{
    const char *column = NULL;
    if (g->flow != v->flow)
        column = "mode";
    else if (g->rule != v->rule || g->need != v->need || !g->need_text.n != !v->need_text.n)
        column = "need";
    else if (g->buffer_lo != v->buffer_lo || g->buffer_hi != v->buffer_hi)
        column = "buffer";
    else if (g->restore_lo != v->restore_lo || g->restore_hi != v->restore_hi)
        column = "restore";
    else if (g->recharge != v->recharge)
        column = "recharge";
    else if (g->buffer_draw != v->buffer_draw || g->buffer_likely != v->buffer_likely)
        column = "buffer_draw";
    else if (g->restore_draw != v->restore_draw || g->restore_likely != v->restore_likely)
        column = "restore_draw";
    else if (!tc_str_eq(g->calendar_text, f[D_CALENDAR]))
        column = "calendar";
    else if (g->tested != v->tested)
        column = "tested";
    if (column)
        wrong(x, f[D_ASSET], column, x->line,
              "it differs from line %llu, which is of the same asset, service and group",
              (unsigned long long)g->line);
    return !column;
}

static void take_dependency(struct reader *x, const struct tc_str *f)
{
    struct tc_reg_group v = {.asset = 0};
    struct tc_reg_row row = {.line = x->line};
    bool ok = row_values(x, f, &row, &v);
    uint64_t there;
    if (x->fatal)
        return;
    /* A bad row spoils the group it would belong to, where that can be told. */
    bool told = tc_map_get(x->ids, f[D_ASSET], &there) && f[D_SERVICE].n;
    row.group = ok || told ? group_of(x, f, &v) : TC_MAX_EDGES;
    if (x->fatal)
        return;
    struct tc_reg_group *g = row.group < TC_MAX_EDGES ? &x->r->groups[row.group] : NULL;
    if (ok && !agrees(x, f, g, &v))
        ok = false;
    uint32_t pair[2] = {row.group, row.supplier};
    bool added = true;
    if (ok) {
        uint64_t line = x->line;
        tc_err e = tc_map_intern(x->pairs, tc_str_view((char *)pair, sizeof pair), &line, &added);
        if (e)
            x->fatal = e;
        if (!added)
            wrong(x, f[D_ASSET], "supplier", x->line,
                  "'%.*s' supplies this group on line %llu already", TC_FMT(f[D_SUPPLIER]),
                  (unsigned long long)line);
    }
    if (!ok || !added) {
        x->r->skipped++;
        if (g)
            g->bad = true;
        return;
    }
    void *p = x->r->rows;
    if (x->r->row_count >= TC_MAX_EDGES)
        x->fatal = TC_E_LIMIT;
    else if (grow(x, &p, &x->row_cap, x->r->row_count, sizeof *x->r->rows)) {
        x->r->rows = p;
        x->r->rows[x->r->row_count++] = row;
        g->count++;
    }
}

/* ---- what can be told only of whole groups ---- */

static void check_group(struct reader *x, struct tc_reg_group *g)
{
    const struct tc_register *r = x->r;
    struct tc_str id = r->assets[g->asset].id;
    uint64_t sum = 0, before = r->errors;
    for (uint32_t i = 0; i < g->count; i++)
        sum += r->rows[r->order[g->first + i]].share;
    if (!g->need_text.n && g->count > 1)
        wrong(x, id, "need", g->line, "with %u suppliers the need must be said: 1, 2, all, 60%%",
              g->count);
    else if (g->count > TC_MAX_SUPPLIERS)
        wrong(x, id, "supplier", g->line, "the group has %u suppliers; at most %u are read",
              g->count, TC_MAX_SUPPLIERS);
    else if (g->rule == TC_REG_COUNT && g->need > g->count)
        wrong(x, id, "need", g->line, "%u suppliers are needed and the group has %u", g->need,
              g->count);
    else if (g->rule == TC_REG_SHARE && g->need > sum)
        wrong(x, id, "need", g->line, "all shares together are %.4g%%, the need is %.4g%%",
              (double)sum / 10000, (double)g->need / 10000);
    else if (g->rule == TC_REG_SHARE && sum > INT32_MAX)
        wrong(x, id, "share", g->line, "the shares add up to more than 2147");
    g->bad = g->bad || r->errors != before;
}

static bool order_rows(struct reader *x)
{
    struct tc_register *r = x->r;
    uint32_t *next = calloc(r->group_count + 1, sizeof *next);
    free(r->order);
    r->order = calloc(r->row_count + 1, sizeof *r->order);
    if (!next || !r->order) {
        free(next);
        x->fatal = TC_E_NOMEM;
        return false;
    }
    uint32_t sum = 0;
    for (size_t k = 0; k < r->group_count; k++) {
        r->groups[k].first = next[k] = sum;
        sum += r->groups[k].count;
    }
    for (size_t i = 0; i < r->row_count; i++)
        r->order[next[r->rows[i].group]++] = (uint32_t)i;
    free(next);
    return true;
}

/* Takes bad groups and their rows out. */
static bool drop_bad(struct reader *x)
{
    struct tc_register *r = x->r;
    uint32_t *renamed = calloc(r->group_count + 1, sizeof *renamed);
    if (!renamed) {
        x->fatal = TC_E_NOMEM;
        return false;
    }
    size_t groups = 0, rows = 0;
    for (size_t k = 0; k < r->group_count; k++) {
        renamed[k] = r->groups[k].bad ? UINT32_MAX : (uint32_t)groups;
        if (!r->groups[k].bad)
            r->groups[groups++] = r->groups[k];
    }
    for (size_t i = 0; i < r->row_count; i++) {
        uint32_t k = renamed[r->rows[i].group];
        r->skipped += k == UINT32_MAX;
        if (k == UINT32_MAX)
            continue;
        r->rows[rows] = r->rows[i];
        r->rows[rows++].group = k;
    }
    r->group_count = groups;
    r->row_count = rows;
    free(renamed);
    return order_rows(x);
}

static void read_all(struct reader *x, struct tc_str assets, struct tc_str dependencies)
{
    x->from = x->opts->from[0];
    if (assets.n)
        read_file(x, assets, x->opts->assets_file, acols, A_COLS, A_MUST, take_asset);
    x->from = x->opts->from[1];
    if (!x->fatal && dependencies.n)
        read_file(x, dependencies, x->opts->dependencies_file, dcols, D_COLS, D_MUST,
                  take_dependency);
    x->at = NULL; /* what is told from here on is of groups */
    if (x->fatal || !order_rows(x))
        return;
    for (size_t k = 0; k < x->r->group_count; k++)
        if (x->r->groups[k].count)
            check_group(x, &x->r->groups[k]);
        else
            x->r->groups[k].bad = true;
    if (x->r->errors && x->opts->keep_going)
        (void)drop_bad(x);
}

tc_err tc_register_read(struct tc_str assets, struct tc_str dependencies,
                        const struct tc_register_opts *opts, struct tc_register **out,
                        struct tc_diag *diag)
{
    struct tc_register *r = calloc(1, sizeof *r);
    struct reader x = {.r = r, .opts = opts, .first = diag};
    tc_err e = TC_E_NOMEM;
    if (r)
        r->own = calloc(1, sizeof *r->own);
    if (r && r->own)
        r->own->arena = tc_arena_new(CEILING);
    x.ids = tc_map_new(TC_MAX_ASSETS);
    x.refused = tc_map_new(TC_MAX_ASSETS);
    x.words = tc_map_new(TC_MAX_EDGES);
    x.groups = tc_map_new(TC_MAX_EDGES);
    x.pairs = tc_map_new(TC_MAX_EDGES);
    if (r && r->own && r->own->arena && x.ids && x.refused && x.words && x.groups && x.pairs) {
        read_all(&x, assets, dependencies);
        e = x.fatal;
    }
    tc_map_free(x.ids);
    tc_map_free(x.refused);
    tc_map_free(x.words);
    tc_map_free(x.groups);
    tc_map_free(x.pairs);
    free(x.word);
    if (e) {
        tc_register_free(r);
        return tc_diag_set(diag, e,
                           e == TC_E_LIMIT ? "the register is too large" : "out of memory");
    }
    if (r->errors && !opts->keep_going) {
        tc_register_free(r);
        return TC_E_INVALID;
    }
    *out = r;
    return TC_OK;
}

void tc_register_free(struct tc_register *r)
{
    if (!r)
        return;
    free(r->assets);
    free(r->groups);
    free(r->rows);
    free(r->order);
    if (r->own)
        tc_arena_free(r->own->arena);
    free(r->own);
    free(r);
}

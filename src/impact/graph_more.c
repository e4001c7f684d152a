/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/graph_more.h"

#include "base/limits.h"

#include <math.h>
#include <stdlib.h>

#define MAX_CAUSES 1000000u
#define MAX_WEEKS  65535u /* 16-bit numbers */

/* ---- checks ---- */

const char *tc_more_asset_wrong(const struct tc_asset_spec *s, const char **field, tc_err *code)
{
    *code = TC_E_INVALID;
    *field = "capacity";
    if (s->limited && s->capacity > (uint64_t)TC_MAX_CAPACITY * TC_UNIT) {
        *code = TC_E_LIMIT;
        return "a capacity over 1000000000";
    }
    *field = "lat";
    if (s->placed && !(fabs(s->lat) <= 90))
        return "a latitude outside -90 to 90 degrees";
    *field = "lon";
    if (s->placed && !(fabs(s->lon) <= 180))
        return "a longitude outside -180 to 180 degrees";
    return NULL;
}

static bool likely_fits(enum tc_draw kind, int64_t lo, int64_t likely, int64_t hi)
{
    return kind == TC_DRAW_TRIANGULAR ? likely >= lo && likely <= hi
                                      : kind != TC_DRAW_LOGNORMAL || lo > 0 || hi == lo;
}

const char *tc_more_group_wrong(const struct tc_group_spec *s, const char **field, tc_err *code)
{
    struct tc_week ignored;
    *code = TC_E_INVALID;
    *field = "recharge";
    if (s->recharge < 0)
        return "a time cannot be negative or run back";
    if (s->recharge > TC_MAX_DURATION) {
        *code = TC_E_LIMIT;
        return "longer than ten years";
    }
    *field = "buffer_draw";
    if (!likely_fits(s->buffer_draw, s->buffer_lo, s->buffer_likely, s->buffer_hi))
        return "it does not fit the range";
    *field = "restore_draw";
    if (!likely_fits(s->restore_draw, s->restore_lo, s->restore_likely, s->restore_hi))
        return "it does not fit the range";
    *field = "calendar";
    if (s->calendar.n && tc_week_parse(s->calendar, &ignored))
        return "the calendar cannot be read";
    *field = "demand";
    *code = TC_E_LIMIT;
    for (size_t i = 0; s->demands && i < s->n; i++)
        if (s->demands[i] > (uint64_t)TC_MAX_CAPACITY * TC_UNIT)
            return "a demand over 1000000000";
    return NULL;
}

/* ---- rows ---- */

static bool room(void **p, size_t *cap, size_t need, size_t item)
{
    if (need <= *cap)
        return true;
    size_t want = *cap ? *cap * 2 : 64;
    want = want < need ? need : want;
    void *q = reallocarray(*p, want, item);
    if (!q)
        return false;
    *p = q;
    *cap = want;
    return true;
}

/* room() for a typed list */
#define ROOM(list, cap, need)                                                                      \
    (p = (list), ok = room(&p, &(cap), (need), sizeof *(list)), (list) = p, ok)

static tc_err cause_number(struct tc_more_rows *r, struct tc_str name, uint64_t *number)
{
    void *p;
    bool ok, added = false;
    if (!r->cause_of && !(r->cause_of = tc_map_new(MAX_CAUSES)))
        return TC_E_NOMEM;
    if (!ROOM(r->causes, r->cause_cap, r->n_causes + 1))
        return TC_E_NOMEM;
    *number = r->n_causes;
    tc_err e = tc_map_intern(r->cause_of, name, number, &added);
    if (e || !added)
        return e;
    char *copy = malloc(name.n);
    if (!copy) {
        (void)tc_map_remove(r->cause_of, name);
        return TC_E_NOMEM;
    }
    memcpy(copy, name.p, name.n);
    r->causes[r->n_causes++] = tc_str_view(copy, name.n);
    return TC_OK;
}

static tc_err take_causes(struct tc_more_rows *r, uint32_t handle, struct tc_str s)
{
    void *p;
    bool ok;
    while (s.n) {
        const char *end = memchr(s.p, ';', s.n);
        struct tc_str one = tc_str_view(s.p, end ? (size_t)(end - s.p) : s.n);
        size_t step = end ? one.n + 1 : one.n;
        uint64_t number;
        s = tc_str_view(s.p + step, s.n - step);
        one = tc_str_trim(one);
        if (!one.n)
            continue;
        tc_err e = cause_number(r, one, &number);
        if (!e && !ROOM(r->members, r->member_cap, r->n_members + 1))
            e = TC_E_NOMEM;
        if (e)
            return e;
        r->members[r->n_members++] = number << 32 | handle;
    }
    return TC_OK;
}

tc_err tc_more_take_asset(struct tc_more_rows *r, uint32_t handle, const struct tc_asset_spec *s)
{
    void *p;
    bool ok;
    size_t had = r->n_members;
    tc_err e = take_causes(r, handle, s->causes);
    if (!e && (s->limited || s->placed)) {
        if (!ROOM(r->assets, r->asset_cap, r->n_assets + 1))
            e = TC_E_NOMEM;
        else
            r->assets[r->n_assets++] = (struct tc_more_asset){
                handle,
                s->limited ? s->capacity : TC_UNLIMITED,
                {s->placed ? s->lat : (double)NAN, s->placed ? s->lon : (double)NAN}};
    }
    if (e)
        r->n_members = had;
    return e;
}

static tc_err week_number(struct tc_more_rows *r, struct tc_str text, uint16_t *out)
{
    void *p;
    bool ok, added = false;
    if (!text.n)
        return TC_OK;
    if (!r->week_of && !(r->week_of = tc_map_new(MAX_WEEKS - 1)))
        return TC_E_NOMEM;
    r->n_weeks = r->n_weeks ? r->n_weeks : 1;
    uint64_t number = r->n_weeks;
    if (!ROOM(r->weeks, r->week_cap, r->n_weeks + 1))
        return TC_E_NOMEM;
    tc_err e = tc_week_parse(text, &r->weeks[r->n_weeks]);
    if (!e)
        e = tc_map_intern(r->week_of, text, &number, &added);
    r->n_weeks += !e && added;
    *out = (uint16_t)number;
    return e;
}

tc_err tc_more_take_group(struct tc_more_rows *r, uint32_t group, const struct tc_group_spec *s)
{
    void *p;
    bool ok, drawn = s->demands || s->priorities;
    struct tc_more_group row = {.group = group,
                                .recharge = (uint32_t)s->recharge,
                                .draw = {(uint8_t)s->buffer_draw, (uint8_t)s->restore_draw,
                                         (uint32_t)s->buffer_likely, (uint32_t)s->restore_likely},
                                .drawn = drawn,
                                .at = r->n_demands,
                                .n = drawn ? s->n : 0};
    if (!drawn && !s->recharge && !s->buffer_draw && !s->restore_draw && !s->calendar.n)
        return TC_OK;
    tc_err e = week_number(r, s->calendar, &row.calendar);
    if (e)
        return e;
    if (!ROOM(r->groups, r->group_cap, r->n_groups + 1) ||
        !ROOM(r->demands, r->demand_cap, r->n_demands + row.n) ||
        !ROOM(r->priorities, r->priority_cap, r->n_demands + row.n))
        return TC_E_NOMEM;
    r->groups[r->n_groups++] = row;
    for (size_t i = 0; i < row.n; i++, r->n_demands++) {
        r->demands[r->n_demands] = s->demands ? s->demands[i] : TC_UNIT;
        r->priorities[r->n_demands] = s->priorities ? s->priorities[i] : (uint16_t)TC_LAST;
    }
    return TC_OK;
}

/* ---- arrays ---- */

static void *array(struct tc_graph *g, size_t n, size_t item, bool *ok)
{
    void *p = calloc(n ? n : 1, item);
    *ok = *ok && p;
    g->bytes += n * item;
    return p;
}

static bool place_assets(const struct tc_more_rows *r, struct tc_graph *g, struct tc_graph_more *m,
                         const uint32_t *asset)
{
    bool limited = false, placed = false, ok = true;
    for (size_t i = 0; i < r->n_assets; i++) {
        limited = limited || r->assets[i].capacity != TC_UNLIMITED;
        placed = placed || !isnan(r->assets[i].place.lat);
    }
    if (limited)
        m->capacity = array(g, g->n, sizeof *m->capacity, &ok);
    if (placed)
        m->place = array(g, g->n, sizeof *m->place, &ok);
    for (uint32_t v = 0; ok && v < g->n; v++) {
        if (limited)
            m->capacity[v] = TC_UNLIMITED;
        if (placed)
            m->place[v] = (struct tc_place){(double)NAN, (double)NAN};
    }
    for (size_t i = 0; ok && i < r->n_assets; i++) {
        uint32_t v = asset[r->assets[i].handle];
        if (limited)
            m->capacity[v] = r->assets[i].capacity;
        if (placed)
            m->place[v] = r->assets[i].place;
    }
    return ok;
}

static bool place_edges(const struct tc_more_rows *r, struct tc_graph *g, struct tc_graph_more *m,
                        const uint32_t *group)
{
    bool ok = true;
    if (!r->n_demands)
        return true;
    m->demand = array(g, g->e, sizeof *m->demand, &ok);
    m->priority = array(g, g->e, sizeof *m->priority, &ok);
    for (uint32_t i = 0; ok && i < g->e; i++) {
        m->demand[i] = TC_UNIT;
        m->priority[i] = (uint16_t)TC_LAST;
    }
    for (size_t i = 0; ok && i < r->n_groups; i++) {
        const struct tc_more_group *k = &r->groups[i];
        if (!k->n)
            continue;
        uint32_t to = g->in_first[group[k->group]];
        memcpy(m->demand + to, r->demands + k->at, k->n * sizeof *m->demand);
        memcpy(m->priority + to, r->priorities + k->at, k->n * sizeof *m->priority);
    }
    return ok;
}

static bool place_groups(const struct tc_more_rows *r, struct tc_graph *g, struct tc_graph_more *m,
                         const uint32_t *group)
{
    bool recharge = false, draw = false, calendar = false, ok = true;
    for (size_t i = 0; i < r->n_groups; i++) {
        const struct tc_more_group *k = &r->groups[i];
        recharge = recharge || k->recharge;
        draw = draw || k->draw.buffer || k->draw.restore;
        calendar = calendar || k->calendar;
    }
    if (recharge)
        m->recharge = array(g, g->m, sizeof *m->recharge, &ok);
    if (draw)
        m->draw = array(g, g->m, sizeof *m->draw, &ok);
    if (calendar)
        m->calendar = array(g, g->m, sizeof *m->calendar, &ok);
    for (size_t i = 0; ok && i < r->n_groups; i++) {
        const struct tc_more_group *k = &r->groups[i];
        uint32_t to = group[k->group];
        if (recharge)
            m->recharge[to] = k->recharge;
        if (draw)
            m->draw[to] = k->draw;
        if (calendar)
            m->calendar[to] = k->calendar;
    }
    return ok;
}

static int by_name(const void *x, const void *y, void *arg)
{
    const struct tc_str *names = arg;
    return tc_str_cmp(names[*(const uint32_t *)x], names[*(const uint32_t *)y]);
}

static int by_value(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Causes in the order of their names, members in that of their ids, each once. */
static bool place_causes(struct tc_more_rows *r, struct tc_graph *g, struct tc_graph_more *m,
                         const uint32_t *asset)
{
    bool ok = true;
    size_t kept = 0;
    if (!r->n_members)
        return true;
    uint32_t *order = calloc(r->n_causes, sizeof *order);
    uint32_t *rank = calloc(r->n_causes, sizeof *rank);
    m->causes = array(g, r->n_causes, sizeof *m->causes, &ok);
    m->cause_first = array(g, r->n_causes + 1, sizeof(uint32_t), &ok);
    m->cause_asset = array(g, r->n_members, sizeof(uint32_t), &ok);
    ok = ok && order && rank;
    if (ok) {
        for (uint32_t i = 0; i < r->n_causes; i++)
            order[i] = i;
        qsort_r(order, r->n_causes, sizeof *order, by_name, r->causes);
        for (uint32_t i = 0; i < r->n_causes; i++) {
            rank[order[i]] = i;
            m->causes[i] = r->causes[order[i]];
        }
        m->cause_count = (uint32_t)r->n_causes; /* the names are the graph's now */
        r->n_causes = 0;
        for (size_t i = 0; i < r->n_members; i++)
            r->members[i] =
                (uint64_t)rank[r->members[i] >> 32] << 32 | asset[(uint32_t)r->members[i]];
        qsort(r->members, r->n_members, sizeof *r->members, by_value);
        for (size_t i = 0; i < r->n_members; i++) {
            if (i && r->members[i] == r->members[i - 1])
                continue;
            m->cause_asset[kept++] = (uint32_t)r->members[i];
            m->cause_first[(r->members[i] >> 32) + 1] = (uint32_t)kept;
        }
        for (uint32_t i = 0; i < m->cause_count; i++) /* every cause has a member */
            m->cause_first[i + 1] =
                m->cause_first[i + 1] ? m->cause_first[i + 1] : m->cause_first[i];
    }
    free(order);
    free(rank);
    return ok;
}

tc_err tc_more_finish(struct tc_more_rows *r, struct tc_graph *g, const uint32_t *asset,
                      const uint32_t *group)
{
    if (!r->n_assets && !r->n_groups && !r->n_members)
        return TC_OK;
    struct tc_graph_more *m = calloc(1, sizeof *m);
    if (!m)
        return TC_E_NOMEM;
    g->more = m;
    bool ok = place_assets(r, g, m, asset) && place_edges(r, g, m, group) &&
              place_groups(r, g, m, group) && place_causes(r, g, m, asset);
    m->weeks = r->weeks;
    m->week_count = (uint32_t)r->n_weeks;
    r->weeks = NULL;
    return ok ? TC_OK : TC_E_NOMEM;
}

static void free_names(struct tc_str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)list[i].p);
    free(list);
}

void tc_more_rows_fini(struct tc_more_rows *r)
{
    free(r->assets);
    free(r->groups);
    free(r->demands);
    free(r->priorities);
    free(r->members);
    free_names(r->causes, r->n_causes);
    free(r->weeks);
    tc_map_free(r->cause_of);
    tc_map_free(r->week_of);
    *r = (struct tc_more_rows){.n_assets = 0};
}

void tc_graph_more_free(struct tc_graph_more *m)
{
    if (!m)
        return;
    free(m->capacity);
    free(m->demand);
    free(m->priority);
    free(m->recharge);
    free(m->draw);
    free(m->calendar);
    free(m->weeks);
    free_names(m->causes, m->cause_count);
    free(m->cause_first);
    free(m->cause_asset);
    free(m->place);
    free(m);
}

bool tc_graph_cause(const struct tc_graph *g, struct tc_str name, uint32_t *cause)
{
    uint32_t lo = 0, hi = g->more ? g->more->cause_count : 0;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int order = tc_str_cmp(g->more->causes[mid], name);
        if (order == 0) {
            *cause = mid;
            return true;
        }
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

bool tc_graph_needs_engine(const struct tc_graph *g)
{
    return g->more && (g->more->capacity || g->more->calendar);
}

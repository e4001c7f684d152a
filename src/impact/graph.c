/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/graph.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/map.h"
#include "impact/graph_more.h"
#include "impact/loops.h"

#include <assert.h>
#include <stdlib.h>

#define MAX_TEXT  (UINT32_MAX - 1u)
#define MAX_WORDS 65535u /* services, sectors: 16-bit numbers */

struct asset_row {
    uint32_t id_at, id_n, name_n; /* the name follows the id in the text */
    uint16_t sector;
    char country[2];
    uint64_t people;
};

struct group_row {
    uint32_t owner, first, budget;
    uint32_t buffer_lo, buffer_hi, restore_lo, restore_hi;
    uint16_t service;
    uint8_t mode;
};

struct words { /* interned strings with 16-bit numbers */
    struct tc_map *map;
    struct tc_buf text;
    struct tc_str *list;
    uint32_t n, cap;
};

struct tc_graph_builder {
    struct asset_row *assets;
    size_t n, n_cap;
    struct group_row *groups;
    size_t m, m_cap;
    uint32_t *suppliers, *losses; /* parallel */
    size_t e, e_cap, l_cap;
    bool weighted;
    struct tc_buf text;
    struct tc_map *ids;
    struct words services, sectors;
    uint32_t *mark; /* per asset: the last group that named it, to see a supplier named twice */
    size_t mark_cap;
    struct tc_more_rows more;
};

/* Makes room for need items; the maximum was checked by the caller. */
static tc_err reserve(void **p, size_t *cap, size_t need, size_t item)
{
    if (need <= *cap)
        return TC_OK;
    size_t want = *cap ? *cap + *cap / 2 : 64;
    if (want < need)
        want = need;
    void *q = reallocarray(*p, want, item);
    if (!q)
        return TC_E_NOMEM;
    *p = q;
    *cap = want;
    return TC_OK;
}

static bool words_init(struct words *w)
{
    *w = (struct words){.map = tc_map_new(MAX_WORDS)};
    return w->map != NULL;
}

static void words_fini(struct words *w)
{
    for (uint32_t i = 0; i < w->n; i++)
        free((void *)(uintptr_t)w->list[i].p);
    free(w->list);
    tc_map_free(w->map);
}

static tc_err words_number(struct words *w, struct tc_str s, uint16_t *out)
{
    uint64_t at = w->n;
    bool added;
    tc_err e = tc_map_intern(w->map, s, &at, &added);
    if (e)
        return e;
    if (added) {
        size_t cap = w->cap;
        void *list = w->list;
        char *copy = malloc(s.n ? s.n : 1);
        e = copy ? reserve(&list, &cap, w->n + 1u, sizeof *w->list) : TC_E_NOMEM;
        if (e) {
            free(copy);
            (void)tc_map_remove(w->map, s);
            return e;
        }
        if (s.n)
            memcpy(copy, s.p, s.n);
        w->list = list;
        w->cap = (uint32_t)cap;
        w->list[w->n++] = tc_str_view(copy, s.n);
    }
    *out = (uint16_t)at;
    return TC_OK;
}

TC_API struct tc_graph_builder *tc_graph_builder_new(void)
{
    struct tc_graph_builder *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    tc_buf_init(&b->text, MAX_TEXT);
    b->ids = tc_map_new(TC_MAX_ASSETS);
    bool ok = words_init(&b->services) && words_init(&b->sectors);
    if (!ok || !b->ids) {
        tc_graph_builder_free(b);
        return NULL;
    }
    return b;
}

TC_API void tc_graph_builder_free(struct tc_graph_builder *b)
{
    if (!b)
        return;
    words_fini(&b->services);
    words_fini(&b->sectors);
    tc_map_free(b->ids);
    tc_buf_fini(&b->text);
    free(b->assets);
    free(b->groups);
    free(b->suppliers);
    free(b->losses);
    free(b->mark);
    tc_more_rows_fini(&b->more);
    free(b);
}

static tc_err says(struct tc_diag *d, uint64_t line, struct tc_str id, const char *field,
                   tc_err code, const char *text)
{
    if (d) {
        tc_diag_at(d, line, 0, UINT64_MAX);
        tc_diag_object(d, id.p, id.n);
        tc_diag_path(d, field, strlen(field));
    }
    return tc_diag_set(d, code, "%s", text);
}

static struct tc_str row_id(const struct tc_graph_builder *b, uint32_t handle)
{
    const struct asset_row *a = &b->assets[handle];
    return tc_str_view(b->text.p + a->id_at, a->id_n);
}

static tc_err check_asset(const struct tc_graph_builder *b, const struct tc_asset_spec *s,
                          struct tc_diag *d)
{
    uint64_t at;
    if (s->id.n == 0)
        return says(d, s->line, s->id, "id", TC_E_INVALID, "an asset needs an id");
    if (s->id.n > TC_GRAPH_ID_MAX)
        return says(d, s->line, s->id, "id", TC_E_LIMIT, "the id is longer than 1000 bytes");
    if (s->name.n > TC_GRAPH_ID_MAX)
        return says(d, s->line, s->id, "name", TC_E_LIMIT, "the name is longer than 1000 bytes");
    if (s->sector.n > TC_GRAPH_ID_MAX)
        return says(d, s->line, s->id, "sector", TC_E_LIMIT, "longer than 1000 bytes");
    if (s->country.n != 0 && s->country.n != 2)
        return says(d, s->line, s->id, "country", TC_E_INVALID, "a country has two letters");
    if (s->people > UINT32_MAX)
        return says(d, s->line, s->id, "people", TC_E_LIMIT, "more people than there are");
    if (b->n >= TC_MAX_ASSETS)
        return says(d, s->line, s->id, "", TC_E_LIMIT, "too many assets");
    if (tc_map_get(b->ids, s->id, &at))
        return says(d, s->line, s->id, "id", TC_E_CONFLICT, "this id is there already");
    const char *field;
    tc_err e;
    const char *wrong = tc_more_asset_wrong(s, &field, &e);
    return wrong ? says(d, s->line, s->id, field, e, wrong) : TC_OK;
}

tc_err tc_graph_add_asset(struct tc_graph_builder *b, const struct tc_asset_spec *spec,
                          uint32_t *handle, struct tc_diag *diag)
{
    tc_err e = check_asset(b, spec, diag);
    if (e)
        return e;
    uint16_t sector = 0;
    e = words_number(&b->sectors, spec->sector, &sector);
    if (e)
        return says(diag, spec->line, spec->id, "sector", e, "too many different sectors");
    void *p = b->assets;
    e = reserve(&p, &b->n_cap, b->n + 1, sizeof *b->assets);
    b->assets = p;
    if (!e)
        e = tc_map_put(b->ids, spec->id, b->n);
    bool put = !e;
    if (!e)
        e = tc_more_take_asset(&b->more, (uint32_t)b->n, spec);
    size_t at = b->text.n;
    tc_buf_str(&b->text, spec->id);
    tc_buf_str(&b->text, spec->name);
    if (!e)
        e = b->text.err;
    if (e) {
        b->text.n = at;
        b->text.err = TC_OK;
        if (put)
            (void)tc_map_remove(b->ids, spec->id);
        return says(diag, spec->line, spec->id, "", e, "no room for this asset");
    }
    struct asset_row *a = &b->assets[b->n];
    *a = (struct asset_row){.id_at = (uint32_t)at,
                            .id_n = (uint32_t)spec->id.n,
                            .name_n = (uint32_t)spec->name.n,
                            .sector = sector,
                            .people = spec->people};
    if (spec->country.n)
        memcpy(a->country, spec->country.p, 2);
    *handle = (uint32_t)b->n++;
    return TC_OK;
}

static tc_err check_range(int64_t lo, int64_t hi, struct tc_diag *d, const struct tc_group_spec *s,
                          struct tc_str id, const char *field)
{
    if (lo < 0 || hi < lo)
        return says(d, s->line, id, field, TC_E_INVALID, "a time cannot be negative or run back");
    if (hi > TC_MAX_DURATION)
        return says(d, s->line, id, field, TC_E_LIMIT, "longer than ten years");
    return TC_OK;
}

static tc_err check_suppliers(struct tc_graph_builder *b, const struct tc_group_spec *s,
                              struct tc_str id, struct tc_diag *d)
{
    void *p = b->mark;
    size_t had = b->mark_cap;
    if (reserve(&p, &b->mark_cap, b->n, sizeof *b->mark))
        return says(d, s->line, id, "", TC_E_NOMEM, "out of memory");
    b->mark = p;
    memset(b->mark + had, 0, (b->mark_cap - had) * sizeof *b->mark);
    uint32_t stamp = (uint32_t)b->m + 1; /* a failed group may leave its stamp: cleared below */
    tc_err e = TC_OK;
    size_t i = 0;
    for (; i < s->n && !e; i++) {
        if (b->mark[s->suppliers[i]] == stamp)
            e = says(d, s->line, id, "supplier", TC_E_INVALID,
                     "the same supplier stands twice in the group");
        else
            b->mark[s->suppliers[i]] = stamp;
    }
    for (size_t j = 0; e && j < i; j++)
        b->mark[s->suppliers[j]] = 0;
    return e;
}

/* The one rule: see the table in the header. */
static tc_err loss_budget(const struct tc_group_spec *s, struct tc_str id, uint32_t *budget,
                          struct tc_diag *d)
{
    if (s->rule == TC_NEED_ALL) {
        *budget = 0;
        return TC_OK;
    }
    if (s->need == 0)
        return says(d, s->line, id, "need", TC_E_INVALID, "a need of nothing is no need");
    if (s->rule == TC_NEED_COUNT) {
        if (s->need > s->n)
            return says(d, s->line, id, "need", TC_E_INVALID,
                        "more suppliers are needed than the group has");
        *budget = (uint32_t)s->n - s->need;
        return TC_OK;
    }
    if (!s->shares)
        return says(d, s->line, id, "share", TC_E_INVALID, "a need in percent needs shares");
    uint64_t sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->shares[i] > TC_SHARE_WHOLE)
            return says(d, s->line, id, "share", TC_E_INVALID, "a share is over 1");
        sum += s->shares[i];
    }
    if (s->need > sum)
        return says(d, s->line, id, "need", TC_E_INVALID,
                    "all shares together do not reach the need");
    if (sum > INT32_MAX)
        return says(d, s->line, id, "share", TC_E_LIMIT, "the shares add up to more than 2147");
    *budget = (uint32_t)(sum - s->need);
    return TC_OK;
}

tc_err tc_graph_check_group(const struct tc_group_spec *s, size_t assets, struct tc_str id,
                            uint32_t *budget, struct tc_diag *d)
{
    if (s->service.n == 0 || s->service.n > TC_GRAPH_ID_MAX)
        return says(d, s->line, id, "service", TC_E_INVALID, "the service needs a name");
    if (s->n == 0)
        return says(d, s->line, id, "supplier", TC_E_INVALID, "the group has no supplier");
    if (s->n > TC_MAX_SUPPLIERS)
        return says(d, s->line, id, "supplier", TC_E_LIMIT,
                    "more than 100000 suppliers in a group");
    tc_err e = check_range(s->buffer_lo, s->buffer_hi, d, s, id, "buffer");
    if (!e)
        e = check_range(s->restore_lo, s->restore_hi, d, s, id, "restore");
    for (size_t i = 0; i < s->n && !e; i++) {
        if (s->suppliers[i] >= assets)
            e = says(d, s->line, id, "supplier", TC_E_INVALID, "there is no such asset");
        else if (s->suppliers[i] == s->asset)
            e = says(d, s->line, id, "supplier", TC_E_INVALID, "an asset cannot supply itself");
    }
    if (!e)
        e = loss_budget(s, id, budget, d);
    tc_err code = TC_OK;
    const char *field, *wrong = e ? NULL : tc_more_group_wrong(s, &field, &code);
    return wrong ? says(d, s->line, id, field, code, wrong) : e;
}

static tc_err check_group(struct tc_graph_builder *b, const struct tc_group_spec *s,
                          uint32_t *budget, struct tc_diag *d)
{
    if (s->asset >= b->n)
        return says(d, s->line, (struct tc_str){NULL, 0}, "asset", TC_E_INVALID,
                    "there is no such asset");
    struct tc_str id = row_id(b, s->asset);
    if (s->n > TC_MAX_EDGES - b->e)
        return says(d, s->line, id, "supplier", TC_E_LIMIT, "too many dependencies");
    tc_err e = tc_graph_check_group(s, b->n, id, budget, d);
    return e ? e : check_suppliers(b, s, id, d);
}

static tc_err take_edges(struct tc_graph_builder *b, const struct tc_group_spec *s)
{
    void *p = b->suppliers, *q = b->losses;
    tc_err e = reserve(&p, &b->e_cap, b->e + s->n, sizeof *b->suppliers);
    b->suppliers = p;
    if (!e && (b->weighted || s->rule == TC_NEED_SHARE)) {
        e = reserve(&q, &b->l_cap, b->e + s->n, sizeof *b->losses);
        b->losses = q;
    }
    if (e)
        return e;
    if (s->rule == TC_NEED_SHARE && !b->weighted) {
        for (size_t i = 0; i < b->e; i++)
            b->losses[i] = 1;
        b->weighted = true;
    }
    for (size_t i = 0; i < s->n; i++) {
        b->suppliers[b->e + i] = s->suppliers[i];
        if (b->weighted)
            b->losses[b->e + i] = s->rule == TC_NEED_SHARE ? s->shares[i] : 1;
    }
    return TC_OK;
}

tc_err tc_graph_add_group(struct tc_graph_builder *b, const struct tc_group_spec *spec,
                          struct tc_diag *diag)
{
    uint32_t budget = 0;
    uint16_t service = 0;
    tc_err e = check_group(b, spec, &budget, diag);
    if (e)
        return e;
    void *p = b->groups;
    e = reserve(&p, &b->m_cap, b->m + 1, sizeof *b->groups);
    b->groups = p;
    if (!e)
        e = words_number(&b->services, spec->service, &service);
    if (!e)
        e = take_edges(b, spec);
    if (!e)
        e = tc_more_take_group(&b->more, (uint32_t)b->m, spec);
    if (e) {
        for (size_t i = 0; i < spec->n; i++)
            b->mark[spec->suppliers[i]] = 0;
        return says(diag, spec->line, row_id(b, spec->asset), "service", e,
                    "no room for this group");
    }
    b->groups[b->m++] = (struct group_row){.owner = spec->asset,
                                           .first = (uint32_t)b->e,
                                           .budget = budget,
                                           .buffer_lo = (uint32_t)spec->buffer_lo,
                                           .buffer_hi = (uint32_t)spec->buffer_hi,
                                           .restore_lo = (uint32_t)spec->restore_lo,
                                           .restore_hi = (uint32_t)spec->restore_hi,
                                           .service = service,
                                           .mode = (uint8_t)spec->mode};
    b->e += spec->n;
    return TC_OK;
}

/* ---- finishing ---- */

static void *array(struct tc_graph *g, size_t count, size_t item, bool *ok)
{
    void *p = calloc(count ? count : 1, item);
    *ok = *ok && p;
    g->bytes += count * item;
    return p;
}

static bool graph_arrays(struct tc_graph *g, const struct tc_graph_builder *b, bool times)
{
    bool ok = true;
    g->n = (uint32_t)b->n;
    g->m = (uint32_t)b->m;
    g->e = (uint32_t)b->e;
    g->group = array(g, g->m, sizeof *g->group, &ok);
    g->group_first = array(g, g->n + 1u, sizeof(uint32_t), &ok);
    g->in_first = array(g, g->m + 1u, sizeof(uint32_t), &ok);
    g->supplier = array(g, g->e, sizeof(uint32_t), &ok);
    if (b->weighted)
        g->loss = array(g, g->e, sizeof(uint32_t), &ok);
    if (times)
        g->times = array(g, g->m, sizeof *g->times, &ok);
    g->service = array(g, g->m, sizeof *g->service, &ok);
    g->mode = array(g, g->m, 1, &ok);
    g->people = array(g, g->n, sizeof *g->people, &ok);
    g->sector = array(g, g->n, sizeof *g->sector, &ok);
    g->country = array(g, g->n, 2, &ok);
    g->text_at = array(g, 2 * (size_t)g->n + 1, sizeof(uint32_t), &ok);
    g->text = array(g, b->text.n, 1, &ok);
    g->slot_mask = 15;
    while (g->slot_mask + 1 < 2 * (uint64_t)g->n)
        g->slot_mask = g->slot_mask * 2 + 1;
    g->slots = array(g, g->slot_mask + 1u, sizeof(uint32_t), &ok);
    return ok;
}

static int by_id(const void *x, const void *y, void *ctx)
{
    const struct tc_graph_builder *b = ctx;
    return tc_str_cmp(row_id(b, *(const uint32_t *)x), row_id(b, *(const uint32_t *)y));
}

static uint32_t slot_of(const struct tc_graph *g, struct tc_str id)
{
    return (uint32_t)tc_hash64(tc_hash_process_key(), id.p, id.n) & g->slot_mask;
}

/* order[new] = handle. Fills what belongs to assets, and number[handle] = new. */
static void place_assets(struct tc_graph *g, const struct tc_graph_builder *b,
                         const uint32_t *order, uint32_t *number)
{
    uint32_t at = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        const struct asset_row *a = &b->assets[order[v]];
        number[order[v]] = v;
        g->people[v] = a->people;
        g->sector[v] = a->sector;
        memcpy(g->country[v], a->country, 2);
        memcpy(g->text + at, b->text.p + a->id_at, a->id_n + a->name_n);
        g->text_at[2 * (size_t)v] = at;
        at += a->id_n;
        g->text_at[2 * (size_t)v + 1] = at;
        at += a->name_n;
        uint32_t s = slot_of(g, tc_str_view(b->text.p + a->id_at, a->id_n));
        while (g->slots[s])
            s = (s + 1) & g->slot_mask;
        g->slots[s] = v + 1;
    }
    g->text_at[2 * (size_t)g->n] = at;
}

static void place_group(struct tc_graph *g, const struct tc_graph_builder *b, uint32_t from,
                        uint32_t to, const uint32_t *number)
{
    const struct group_row *r = &b->groups[from];
    uint32_t end = from + 1 < b->m ? b->groups[from + 1].first : (uint32_t)b->e;
    g->group[to] = (struct tc_group){number[r->owner], r->budget, r->buffer_lo, TC_NONE};
    g->service[to] = r->service;
    g->mode[to] = r->mode;
    if (g->times)
        g->times[to] = (struct tc_times){r->buffer_hi, r->restore_lo, r->restore_hi};
    if (r->buffer_hi > g->max_buffer)
        g->max_buffer = r->buffer_hi;
    if (r->buffer_lo != r->buffer_hi || r->restore_lo != r->restore_hi)
        g->ranges = true;
    uint32_t at = g->in_first[to];
    for (uint32_t i = r->first; i < end; i++, at++) {
        g->supplier[at] = number[b->suppliers[i]];
        if (g->loss)
            g->loss[at] = b->losses[i];
    }
    g->in_first[to + 1] = at;
}

/* Groups go in the order of their owners; those of one owner in the order of calls. */
static tc_err place_groups(struct tc_graph *g, struct tc_graph_builder *b, const uint32_t *number)
{
    uint32_t *next = calloc(g->n + 1u, sizeof *next);
    uint32_t *from = calloc(g->m + 1u, sizeof *from);
    tc_err e = next && from ? TC_OK : TC_E_NOMEM;
    if (!e) {
        for (size_t i = 0; i < b->m; i++)
            g->group_first[number[b->groups[i].owner] + 1]++;
        for (uint32_t v = 0; v < g->n; v++) {
            g->group_first[v + 1] += g->group_first[v];
            next[v] = g->group_first[v];
        }
        for (uint32_t i = 0; i < g->m; i++)
            from[next[number[b->groups[i].owner]]++] = i;
        for (uint32_t k = 0; k < g->m; k++)
            place_group(g, b, from[k], k, number);
        if (b->more.n_groups) { /* as added -> here */
            free(next);
            next = calloc(g->m + 1u, sizeof *next);
            for (uint32_t k = 0; next && k < g->m; k++)
                next[from[k]] = k;
        }
        e = next ? tc_more_finish(&b->more, g, number, next) : TC_E_NOMEM;
    }
    free(next);
    free(from);
    return e;
}

static void take_words(struct words *w, struct tc_str **list, uint32_t *count)
{
    *list = w->list;
    *count = w->n;
    w->list = NULL;
    w->n = 0;
}

static bool needs_times(const struct tc_graph_builder *b)
{
    for (size_t i = 0; i < b->m; i++)
        if (b->groups[i].restore_hi || b->groups[i].buffer_lo != b->groups[i].buffer_hi)
            return true;
    return false;
}

tc_err tc_graph_finish(struct tc_graph_builder *b, struct tc_graph **out, struct tc_diag *diag)
{
    struct tc_graph *g = calloc(1, sizeof *g);
    uint32_t *order = calloc(b->n + 1, sizeof *order), *number = calloc(b->n + 1, sizeof *number);
    tc_err e = g && order && number ? TC_OK : TC_E_NOMEM;
    if (!e && !graph_arrays(g, b, needs_times(b)))
        e = TC_E_NOMEM;
    if (e)
        goto out;
    for (uint32_t i = 0; i < g->n; i++)
        order[i] = i;
    qsort_r(order, g->n, sizeof *order, by_id, b);
    place_assets(g, b, order, number);
    e = place_groups(g, b, number);
    if (e)
        goto out;
    take_words(&b->services, &g->services, &g->service_count);
    take_words(&b->sectors, &g->sectors, &g->sector_count);
    tc_graph_builder_free(b); /* before the loops: keeps the peak low */
    b = NULL;
    e = tc_loops_find(g);
out:
    free(order);
    free(number);
    tc_graph_builder_free(b);
    if (e) {
        tc_graph_free(g);
        return tc_diag_set(diag, e, "no memory for the graph");
    }
    *out = g;
    return TC_OK;
}

static void free_words(struct tc_str *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        free((void *)(uintptr_t)list[i].p);
    free(list);
}

TC_API void tc_graph_free(struct tc_graph *g)
{
    if (!g)
        return;
    void *arrays[] = {g->group,      g->group_first,    g->in_first,
                      g->supplier,   g->loss,           g->out_first,
                      g->out,        g->out_loss,       g->times,
                      g->service,    g->mode,           g->relay_owner,
                      g->relay_loop, g->relay_first,    g->relay_out_first,
                      g->relay_out,  g->relay_out_loss, g->supplier_relay,
                      g->loop_first, g->loop_relay,     g->people,
                      g->sector,     g->country,        g->text_at,
                      g->text,       g->slots};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    free_words(g->services, g->service_count);
    free_words(g->sectors, g->sector_count);
    tc_graph_more_free(g->more);
    free(g);
}

bool tc_graph_find(const struct tc_graph *g, struct tc_str id, uint32_t *asset)
{
    for (uint32_t s = slot_of(g, id); g->slots[s]; s = (s + 1) & g->slot_mask) {
        if (tc_str_eq(tc_graph_id(g, g->slots[s] - 1), id)) {
            *asset = g->slots[s] - 1;
            return true;
        }
    }
    return false;
}

static struct tc_str piece(const struct tc_graph *g, size_t i)
{
    return tc_str_view(g->text + g->text_at[i], g->text_at[i + 1] - g->text_at[i]);
}

struct tc_str tc_graph_id(const struct tc_graph *g, uint32_t asset)
{
    assert(asset < g->n);
    return piece(g, 2 * (size_t)asset);
}

struct tc_str tc_graph_name(const struct tc_graph *g, uint32_t asset)
{
    assert(asset < g->n);
    return piece(g, 2 * (size_t)asset + 1);
}

struct tc_str tc_graph_country(const struct tc_graph *g, uint32_t asset)
{
    assert(asset < g->n);
    return tc_str_view(g->country[asset], g->country[asset][0] ? 2 : 0);
}

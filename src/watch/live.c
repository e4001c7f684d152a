/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/live.h"

#include "watch/live_int.h"

#include "base/list.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "codec/json.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

const struct tc_str tc_live_types[] = {
    {"infrastructure", 14}, {"relationship", 12}, {"location", 8}};
const size_t tc_live_type_count = 3;

/* ---- life ---- */

struct tc_live *tc_live_new(struct tc_standing *who)
{
    struct tc_live *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->who = who;
    r->asset_ids = tc_map_new(TC_MAX_ASSETS);
    r->others = tc_map_new(TC_MAX_EDGES);
    r->word_index = tc_map_new(TC_MAX_ASSETS);
    r->json = tc_json_reader_new();
    r->changes = 1;
    if (!r->asset_ids || !r->others || !r->word_index || !r->json) {
        tc_live_free(r);
        return NULL;
    }
    return r;
}

void tc_live_free(struct tc_live *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->assets.n; i++) {
        free((char *)(uintptr_t)TC_LIST_AT(r->assets, struct asset, i)->pub.id.p);
        free(TC_LIST_AT(r->assets, struct asset, i)->text);
    }
    for (uint32_t i = 0; i < r->words.n; i++)
        free(*TC_LIST_AT(r->words, char *, i));
    free(r->assets.v);
    free(r->dependencies.v);
    free(r->places.v);
    free(r->links.v);
    free(r->words.v);
    free(r->changed.v);
    free(r->spots.v);
    free(r->told.v);
    tc_live_forget_patches(r);
    tc_map_free(r->asset_ids);
    tc_map_free(r->others);
    tc_map_free(r->word_index);
    tc_json_reader_free(r->json);
    tc_graph_free(r->graph);
    free(r->of_node);
    free(r);
}

/* ---- looking up, making when new ---- */

static char *dup_z(struct tc_str s)
{
    char *z = malloc(s.n + 1);
    if (z) {
        memcpy(z, s.n ? s.p : "", s.n);
        z[s.n] = '\0';
    }
    return z;
}

static tc_err asset_slot(struct tc_live *r, struct tc_str id, uint32_t *index)
{
    uint64_t v = 0;
    if (tc_map_get(r->asset_ids, id, &v)) {
        *index = (uint32_t)v;
        return TC_OK;
    }
    char *copy = dup_z(id);
    struct asset *a = copy ? tc_list_push(&r->assets, sizeof *a, index) : NULL;
    tc_err e = a ? tc_map_put(r->asset_ids, id, *index) : TC_E_NOMEM;
    if (e) {
        r->assets.n -= a != NULL;
        free(copy);
        return e;
    }
    a->pub.id = tc_str_view(copy, id.n);
    a->pub.node = TC_NONE;
    a->version = TC_TIME_NONE;
    a->location = TC_NONE;
    a->first = TC_NONE;
    return TC_OK;
}

/* ---- what is to be done to the graph ---- */

/* Something of the asset changed; needs: (perhaps) its suppliers too. The lists that are missing
 * for want of memory are made good by a new graph. */
static void asset_changed(struct tc_live *r, uint32_t i, bool needs)
{
    struct asset *a = asset_at(r, i);
    uint32_t at, unused;
    r->changes++;
    while (r->spots.n < r->assets.n && tc_list_push(&r->spots, sizeof(struct spot), &unused))
        TC_LIST_AT(r->spots, struct spot, unused)->lat = (double)NAN;
    if (i < r->spots.n)
        *TC_LIST_AT(r->spots, struct spot, i) =
            (struct spot){a->pub.present && a->pub.facts.placed ? a->pub.facts.lat : (double)NAN,
                          a->pub.facts.lon};
    r->whole = r->whole || r->spots.n < r->assets.n || a->pub.node == TC_NONE;
    if (needs && !a->needs) {
        a->needs = true;
        r->moved_needs++;
    }
    if (a->changed || r->whole)
        return;
    uint32_t *e = tc_list_push(&r->changed, sizeof *e, &at);
    r->whole = !e;
    if (e)
        *e = i;
    a->changed = e != NULL;
}

/* A dependency joins or leaves the chain of its asset. */
static void chain(struct tc_live *r, uint32_t i)
{
    struct dependency *d = TC_LIST_AT(r->dependencies, struct dependency, i);
    struct asset *a = asset_at(r, d->asset);
    d->next = a->first;
    d->chained = true;
    a->first = i;
}

static void unchain(struct tc_live *r, uint32_t i)
{
    struct dependency *d = TC_LIST_AT(r->dependencies, struct dependency, i);
    uint32_t *at = &asset_at(r, d->asset)->first;
    while (*at != TC_NONE && *at != i)
        at = &TC_LIST_AT(r->dependencies, struct dependency, *at)->next;
    if (*at == i)
        *at = d->next;
    d->chained = false;
}

static tc_err word(struct tc_live *r, struct tc_str s, uint32_t *index)
{
    uint64_t v = r->words.n;
    bool added = false;
    tc_err e = tc_map_intern(r->word_index, s, &v, &added);
    if (e || !added) {
        *index = (uint32_t)v;
        return e;
    }
    char *copy = dup_z(s);
    char **slot = copy ? tc_list_push(&r->words, sizeof *slot, index) : NULL;
    if (!slot) {
        (void)tc_map_remove(r->word_index, s);
        free(copy);
        return TC_E_NOMEM;
    }
    *slot = copy;
    return TC_OK;
}

/* The slot of an object that is not an asset, by kind and UUID. */
static void *other_slot(struct tc_live *r, char kind, const struct tc_uuid *u, struct tc_list *l,
                        size_t size, uint32_t *index, tc_err *err)
{
    char key[17];
    uint64_t v = 0;
    key[0] = kind;
    memcpy(key + 1, u->b, sizeof u->b);
    if (tc_map_get(r->others, tc_str_view(key, sizeof key), &v)) {
        *index = (uint32_t)v;
        return (char *)l->v + (size_t)v * size;
    }
    void *e = tc_list_push(l, size, index);
    *err = e ? tc_map_put(r->others, tc_str_view(key, sizeof key), *index) : TC_E_NOMEM;
    if (*err) {
        l->n -= e != NULL;
        return NULL;
    }
    return e;
}

static bool known(const struct tc_live *r, char kind, const struct tc_uuid *u)
{
    char key[17];
    uint64_t v;
    key[0] = kind;
    memcpy(key + 1, u->b, sizeof u->b);
    return tc_map_get(r->others, tc_str_view(key, sizeof key), &v);
}

/* ---- whose word counts ---- */

/* What org says of where an asset stands or of what it needs. */
bool tc_live_speaks_for(struct tc_live *r, uint32_t org, uint32_t asset)
{
    return tc_standing_keeper(r->who, org) ||
           tc_standing_is(r->who, org,
                          TC_LIST_AT(r->assets, struct asset, asset)->pub.facts.operator_ref);
}

/* May the row at hand take the place of what held_by said? Its own newer version may; a keeper's
 * newer version may, and whatever version when what is there does not count. */
static bool replaces(const struct tc_live *r, uint32_t held_by, tc_time held, bool counts,
                     tc_time version)
{
    if (held_by == 0)
        return true;
    if (held_by == r->poster)
        return version >= held;
    return tc_standing_keeper(r->who, r->poster) && (version >= held || !counts);
}

/* An asset is described by a keeper, or by the organisation that says it operates it, unless
 * another one is known to. A keeper who names another operator is believed over any version. */
static bool describes(struct tc_live *r, const struct asset *a, const struct tc_asset_facts *f,
                      tc_time version)
{
    bool keeper = tc_standing_keeper(r->who, r->poster);
    struct tc_str now = a ? a->pub.facts.operator_ref : TC_STR("");
    if (!keeper && f && !tc_standing_is(r->who, r->poster, f->operator_ref))
        return false;
    if (!a || a->poster == 0)
        return keeper || f;
    if (!keeper && a->pub.present && !tc_standing_is(r->who, r->poster, now))
        return false;
    if (!keeper && !a->pub.present && a->poster != r->poster)
        return false; /* withdrawn by somebody else */
    return version >= a->version || (keeper && f && !tc_standing_keeper(r->who, a->poster) &&
                                     !tc_str_eq(f->operator_ref, now));
}

/* ---- one object ---- */

/* One block for all texts of an asset; facts' views are moved into it. */
static char *own_text(struct tc_asset_facts *f)
{
    struct tc_str *const parts[] = {&f->name,         &f->kind,   &f->sector, &f->country,
                                    &f->operator_ref, &f->own_id, &f->causes};
    const size_t count = sizeof parts / sizeof parts[0];
    struct tc_buf causes;
    tc_buf_init(&causes, TC_MAX_OBJECT);
    tc_facts_causes(f, &causes);
    f->causes = tc_buf_view(&causes);
    f->cause_list = NULL; /* of the document */
    size_t n = 1;
    for (size_t i = 0; i < count; i++)
        n += parts[i]->n;
    char *text = causes.err ? NULL : malloc(n), *at = text;
    for (size_t i = 0; text && i < count; i++) {
        memcpy(at, parts[i]->n ? parts[i]->p : "", parts[i]->n);
        parts[i]->p = at;
        at += parts[i]->n;
    }
    tc_buf_fini(&causes);
    return text;
}

static void place_asset(struct tc_live *r, struct asset *a)
{
    if (a->own_place || a->location == TC_NONE)
        return;
    const struct place *p = TC_LIST_AT(r->places, struct place, a->location);
    uint32_t i = (uint32_t)(a - (struct asset *)r->assets.v);
    a->pub.facts.placed = p->present && tc_live_speaks_for(r, a->located_by, i) &&
                          (p->poster == a->located_by || tc_standing_keeper(r->who, p->poster));
    a->pub.facts.lat = p->lat;
    a->pub.facts.lon = p->lon;
}

static tc_err take_asset(struct tc_live *r, const struct tc_row *row, yyjson_val *o)
{
    uint32_t i = 0;
    struct tc_asset_facts f;
    bool is = !row->revoked && o && tc_facts_asset(o, &f);
    uint64_t known_as;
    if (!is && !tc_map_get(r->asset_ids, row->id, &known_as))
        return TC_OK;
    const struct asset *there = tc_map_get(r->asset_ids, row->id, &known_as)
                                    ? TC_LIST_AT(r->assets, struct asset, known_as)
                                    : NULL;
    if (r->poster && !describes(r, there, is ? &f : NULL, row->version))
        return TC_OK;
    char *text = is ? own_text(&f) : NULL;
    if (is && !text)
        return TC_E_NOMEM;
    tc_err e = asset_slot(r, row->id, &i);
    if (e) {
        free(text);
        return e;
    }
    struct asset *a = TC_LIST_AT(r->assets, struct asset, i);
    bool needs = !tc_str_eq(a->pub.facts.operator_ref, is ? f.operator_ref : TC_STR(""));
    r->whole = r->whole || (a->pub.present ? a->pub.facts.capacity : TC_UNLIMITED) !=
                               (is ? f.capacity : TC_UNLIMITED);
    free(a->text);
    a->text = text;
    a->pub.facts = is ? f : (struct tc_asset_facts){0};
    a->pub.present = is;
    a->own_place = is && f.placed;
    a->version = row->version;
    a->poster = r->poster;
    place_asset(r, a);
    asset_changed(r, i, needs);
    return TC_OK;
}

static tc_err take_dependency(struct tc_live *r, const struct tc_row *row, yyjson_val *o)
{
    struct tc_dependency_facts f;
    uint32_t i, asset = 0, supplier = 0, service = 0, group = 0, calendar = 0;
    bool is = !row->revoked && o && tc_facts_dependency(o, &f);
    tc_err e = TC_OK;
    if (!is && !known(r, 'd', &row->uuid))
        return TC_OK;
    if (is) {
        e = asset_slot(r, f.asset, &asset);
        e = e ? e : asset_slot(r, f.supplier, &supplier);
        e = e ? e : word(r, f.service, &service);
        e = e ? e : word(r, f.group, &group);
        e = e ? e : word(r, f.calendar, &calendar);
    }
    struct dependency *d =
        e ? NULL : other_slot(r, 'd', &row->uuid, &r->dependencies, sizeof *d, &i, &e);
    if (!d || (r->poster &&
               !replaces(r, d->poster, d->version,
                         d->present && tc_live_speaks_for(r, d->poster, d->asset), row->version)))
        return e;
    if (d->chained) {
        asset_changed(r, d->asset, true);
        unchain(r, i);
    }
    *d = (struct dependency){.version = row->version, .present = is, .poster = r->poster};
    if (is) {
        d->asset = asset;
        d->supplier = supplier;
        d->service = service;
        d->group = group;
        d->need = f.need;
        d->share = f.share;
        d->mode = (uint8_t)f.mode;
        d->rule = (uint8_t)f.rule;
        d->buffer_lo = (uint32_t)f.buffer_lo;
        d->buffer_hi = (uint32_t)f.buffer_hi;
        d->restore_lo = (uint32_t)f.restore_lo;
        d->restore_hi = (uint32_t)f.restore_hi;
        d->recharge = (uint32_t)f.recharge;
        d->buffer_likely = (uint32_t)f.buffer_likely;
        d->restore_likely = (uint32_t)f.restore_likely;
        d->buffer_draw = (uint8_t)f.buffer_draw;
        d->restore_draw = (uint8_t)f.restore_draw;
        d->calendar = calendar;
        d->demand = f.demand;
        d->priority = f.priority;
        chain(r, i);
        asset_changed(r, asset, true);
        r->whole = r->whole || asset_at(r, supplier)->pub.node == TC_NONE;
    }
    r->changes++;
    return TC_OK;
}

/* The slot of a location that may not have come yet. */
static tc_err place_slot(struct tc_live *r, struct tc_str id, uint32_t *index)
{
    struct tc_uuid u;
    struct tc_str type;
    tc_err e = tc_id_split(id, &type, &u);
    if (!e)
        (void)other_slot(r, 'p', &u, &r->places, sizeof(struct place), index, &e);
    return e;
}

static tc_err take_located(struct tc_live *r, const struct tc_row *row, yyjson_val *o)
{
    uint32_t i, asset = 0, location = 0;
    struct tc_str from = {"", 0}, to = {"", 0}, type = {"", 0};
    (void)tc_json_str(o, "relationship_type", &type);
    (void)tc_json_str(o, "source_ref", &from);
    (void)tc_json_str(o, "target_ref", &to);
    bool is = !row->revoked && tc_str_is(type, "located-at") &&
              tc_str_starts(from, TC_STR("infrastructure--")) &&
              tc_str_starts(to, TC_STR("location--"));
    tc_err e = TC_OK;
    if (!is && !known(r, 'l', &row->uuid))
        return TC_OK;
    if (is) {
        e = asset_slot(r, from, &asset);
        e = e ? e : place_slot(r, to, &location);
    }
    struct link *l = e ? NULL : other_slot(r, 'l', &row->uuid, &r->links, sizeof *l, &i, &e);
    if (!l || (r->poster &&
               !replaces(r, l->poster, l->version,
                         l->present && tc_live_speaks_for(r, l->poster, l->asset), row->version)))
        return e;
    struct asset *a = l->present ? TC_LIST_AT(r->assets, struct asset, l->asset) : NULL;
    if (a && a->location == l->location && a->located_by == l->poster) {
        a->location = TC_NONE;
        a->pub.facts.placed = a->own_place;
        asset_changed(r, l->asset, false);
    }
    *l = (struct link){asset, location, is, r->poster, row->version};
    a = is ? TC_LIST_AT(r->assets, struct asset, asset) : NULL;
    if (a && (a->location == TC_NONE || tc_live_speaks_for(r, r->poster, asset) ||
              !tc_live_speaks_for(r, a->located_by, asset))) {
        a->location = location;
        a->located_by = r->poster;
        place_asset(r, a);
        asset_changed(r, asset, false);
    }
    r->changes++;
    return TC_OK;
}

static tc_err take_place(struct tc_live *r, const struct tc_row *row, yyjson_val *o)
{
    uint32_t i;
    double lat = 0, lon = 0;
    tc_err e = TC_OK;
    bool is = !row->revoked && o && tc_json_double(o, "latitude", &lat) &&
              tc_json_double(o, "longitude", &lon);
    if (!is && !known(r, 'p', &row->uuid))
        return TC_OK;
    struct place *p = other_slot(r, 'p', &row->uuid, &r->places, sizeof *p, &i, &e);
    if (!p || (r->poster && !replaces(r, p->poster, p->version,
                                      tc_standing_keeper(r->who, p->poster), row->version)))
        return e;
    *p = (struct place){lat, lon, is, r->poster, row->version};
    for (uint32_t k = 0; k < r->links.n; k++) {
        const struct link *l = TC_LIST_AT(r->links, struct link, k);
        if (l->present && l->location == i) {
            place_asset(r, asset_at(r, l->asset));
            asset_changed(r, l->asset, false);
        }
    }
    r->changes++;
    return TC_OK;
}

static tc_err take_object(struct tc_live *r, const struct tc_row *row, yyjson_val *o)
{
    if (tc_str_is(row->type, "infrastructure"))
        return take_asset(r, row, o);
    if (tc_str_is(row->type, "location"))
        return take_place(r, row, o);
    if (!tc_str_is(row->type, "relationship"))
        return TC_OK;
    tc_err e = take_dependency(r, row, o);
    return e ? e : take_located(r, row, o);
}

static tc_err take_row(struct tc_live *r, struct tc_journal *j, const struct tc_row *row)
{
    yyjson_val *o = NULL;
    const struct tc_audience *a = tc_journal_audience_of(j, row->audience);
    r->poster = a ? a->creator_org : 0;
    if (r->poster == 0)
        return TC_OK; /* nobody answers for it */
    tc_err e = tc_json_reader_read(r->json, row->body, TC_MAX_OBJECT, 0, &o, NULL);
    return e ? e : take_object(r, row, o);
}

/* The slot of this object among those that are not assets is as new. */
static void forget_others(struct tc_live *r, const struct tc_uuid *u)
{
    for (size_t k = 0; k < 3; k++) {
        char key[17];
        uint64_t v;
        key[0] = "dpl"[k];
        memcpy(key + 1, u->b, sizeof u->b);
        if (!tc_map_get(r->others, tc_str_view(key, sizeof key), &v))
            continue;
        if (k == 0)
            TC_LIST_AT(r->dependencies, struct dependency, v)->version = TC_TIME_NONE;
        else if (k == 1)
            TC_LIST_AT(r->places, struct place, v)->version = TC_TIME_NONE;
        else
            TC_LIST_AT(r->links, struct link, v)->version = TC_TIME_NONE;
    }
}

/* What was known of the object is forgotten, then all versions that are left are taken. Nobody is
 * the poster meanwhile: the journal has deleted it, that is not a question of standing. */
static tc_err take_deletion(struct tc_live *r, struct tc_journal *j, const struct tc_row *row)
{
    struct tc_row gone = {.type = row->type, .id = row->id, .uuid = row->uuid, .revoked = true};
    struct tc_row left;
    struct tc_reader *reader = NULL;
    struct tc_str id = row->id;
    const struct tc_query q = {.ids = &id, .n_ids = 1, .versions = 1u << TC_VERSIONS_ALL};
    uint64_t v;
    gone.version = TC_TIME_MAX;
    r->poster = 0;
    tc_err e = take_object(r, &gone, NULL);
    if (tc_map_get(r->asset_ids, row->id, &v))
        TC_LIST_AT(r->assets, struct asset, v)->version = TC_TIME_NONE;
    forget_others(r, &row->uuid);
    e = e ? e : tc_reader_open(j, &tc_principal_system, &q, &reader);
    while (!e && !(e = tc_reader_next(reader, &left)) && left.seq)
        e = take_row(r, j, &left);
    tc_reader_close(reader);
    return e;
}

tc_err tc_live_row(struct tc_live *r, struct tc_journal *j, const struct tc_row *row)
{
    return row->kind == TC_ENTRY_DELETE ? take_deletion(r, j, row) : take_row(r, j, row);
}

tc_err tc_live_load(struct tc_live *r, struct tc_journal *j)
{
    return tc_live_load_as(r, j, &tc_principal_system);
}

tc_err tc_live_load_as(struct tc_live *r, struct tc_journal *j, const struct tc_principal *p)
{
    const struct tc_query q = {
        .types = tc_live_types, .n_types = tc_live_type_count, .versions = 1u << TC_VERSIONS_ALL};
    struct tc_reader *reader = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(j, p, &q, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq)
        e = tc_live_row(r, j, &row);
    tc_reader_close(reader);
    return e;
}

/* ---- asking ---- */

uint64_t tc_live_changes(const struct tc_live *r)
{
    return r->changes;
}

uint32_t tc_live_count(const struct tc_live *r)
{
    return r->assets.n;
}

bool tc_live_find(const struct tc_live *r, struct tc_str id, uint32_t *asset)
{
    uint64_t v = 0;
    if (!tc_map_get(r->asset_ids, id, &v))
        return false;
    *asset = (uint32_t)v;
    return true;
}

tc_err tc_live_intern(struct tc_live *r, struct tc_str id, uint32_t *asset)
{
    return asset_slot(r, id, asset);
}

const struct tc_live_asset *tc_live_asset(const struct tc_live *r, uint32_t asset)
{
    return &TC_LIST_AT(r->assets, struct asset, asset)->pub;
}

uint32_t tc_live_of_node(const struct tc_live *r, uint32_t node)
{
    return r->of_node[node];
}

void tc_live_in_area(const struct tc_live *r, const struct tc_area *area,
                     void (*hit)(void *arg, uint32_t asset), void *arg)
{
    struct tc_area_box box = tc_area_box(area);
    for (uint32_t i = 0; i < r->spots.n; i++) {
        const struct spot *s = TC_LIST_AT(r->spots, struct spot, i);
        if (s->lat >= box.south && s->lat <= box.north &&
            (box.round || (s->lon >= box.west && s->lon <= box.east)) &&
            tc_area_has(area, s->lat, s->lon))
            hit(arg, i);
    }
}

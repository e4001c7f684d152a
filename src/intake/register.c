/* SPDX-License-Identifier: Apache-2.0 */
/* A register becomes, for each asset, an infrastructure (extension asset), a location and the
 * located-at between them; an identity for each operator that is no organisation of this node; for
 * each row of the dependencies a depends-on (extension dependency). */
#include "model/register.h"

#include "base/map.h"
#include "intake/made.h"
#include "intake/source.h"
#include "model/extensions.h"

#include <stdlib.h>

#define LIST "tocsin-register"

struct reg {
    struct tc_import_job *j;
    struct tc_made *made;
    const struct tc_register *r;
    struct tc_map *operators; /* name -> index of operator_ids */
    struct tc_map *rows;      /* key of a dependency -> times met */
    struct operator_of {
        char id[TC_ID_MAX];
        bool here; /* an organisation of this node */
    } * operator_ids;
    size_t n_operators;
    struct tc_buf key;
    struct tc_diag *d;
};

static void asset_id(struct tc_made *m, struct tc_str id, char out[TC_ID_MAX])
{
    tc_made_id(m, "infrastructure", id, out);
}

static bool known(void *ctx, struct tc_str id)
{
    char object[TC_ID_MAX];
    asset_id(ctx, id, object);
    return tc_made_there(ctx, tc_str_cstr(object));
}

/* ---- operators ---- */

/* An organisation of this node of that name, so that its warnings reach it. */
static bool own_org(struct reg *g, struct tc_str name, char out[TC_ID_MAX])
{
    struct tc_org org;
    struct tc_arena *a = tc_arena_new(1u << 16);
    bool there = a && tc_access_org_by(g->j->n->access, 0, name, a, &org) == TC_OK &&
                 tc_str_copy(org.identity, out, TC_ID_MAX);
    tc_arena_free(a);
    return there;
}

static tc_err operator_id(struct reg *g, struct tc_str name, const struct operator_of **out)
{
    uint64_t at = g->n_operators;
    bool added;
    tc_err e = tc_map_intern(g->operators, name, &at, &added);
    if (e)
        return tc_diag_set(g->d, e, "too many operators");
    *out = &g->operator_ids[at];
    if (!added)
        return TC_OK;
    struct operator_of *o = &g->operator_ids[g->n_operators++];
    char *id = o->id;
    o->here = own_org(g, name, id);
    if (o->here)
        return TC_OK;
    tc_made_id(g->made, "identity", name, id);
    struct tc_jsonw *w = tc_made_begin(g->made, "identity", tc_str_cstr(id), name);
    tc_jsonw_kstr(w, "name", name);
    tc_jsonw_kcstr(w, "identity_class", "organization");
    return tc_made_end(g->made, TC_TIME_NONE, TC_TIME_NONE, g->d);
}

/* ---- assets ---- */

static void begin_extension(struct tc_jsonw *w, const char *id)
{
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, id);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
}

/* Who runs an asset reads its entry, also where the register is not shared with it. */
static void put_sharing(struct tc_jsonw *w, const char *with)
{
    tc_jsonw_object_end(w);
    tc_jsonw_name(w, TC_EXT_SHARING);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
    tc_jsonw_name(w, "recipient_refs");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, with);
    tc_jsonw_array_end(w);
}

static void end_extension(struct tc_jsonw *w)
{
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

static void put_place(struct tc_jsonw *w, const struct tc_reg_asset *a)
{
    if (!a->placed)
        return;
    tc_jsonw_name(w, "latitude");
    tc_jsonw_double(w, a->lat);
    tc_jsonw_name(w, "longitude");
    tc_jsonw_double(w, a->lon);
}

static void put_amount(struct tc_jsonw *w, const char *name, uint64_t thousandths)
{
    tc_jsonw_name(w, name);
    tc_jsonw_double(w, (double)thousandths / TC_REGISTER_UNIT);
}

/* "Inn valley; duct 7" */
static void put_causes(struct tc_jsonw *w, struct tc_str s)
{
    bool any = false;
    while (s.n) {
        const char *end = memchr(s.p, ';', s.n);
        struct tc_str one = tc_str_view(s.p, end ? (size_t)(end - s.p) : s.n);
        size_t step = end ? one.n + 1 : one.n;
        one = tc_str_trim(one);
        if (one.n && !any) {
            tc_jsonw_name(w, "common_causes");
            tc_jsonw_array(w);
        }
        if (one.n)
            tc_jsonw_str(w, one);
        any = any || one.n;
        s = tc_str_view(s.p + step, s.n - step);
    }
    if (any)
        tc_jsonw_array_end(w);
}

static tc_err put_asset(struct reg *g, const struct tc_reg_asset *a)
{
    char id[TC_ID_MAX];
    const struct operator_of *by = NULL;
    tc_err e = a->operated_by.n ? operator_id(g, a->operated_by, &by) : TC_OK;
    if (e)
        return e;
    asset_id(g->made, a->id, id);
    struct tc_jsonw *w = tc_made_begin(g->made, "infrastructure", tc_str_cstr(id), a->id);
    tc_jsonw_kstr(w, "name", a->name.n ? a->name : a->id);
    begin_extension(w, TC_EXT_ASSET);
    tc_jsonw_ktext(w, "kind", a->kind);
    tc_jsonw_ktext(w, "sector", a->sector);
    tc_jsonw_ktext(w, "country", a->country);
    if (by)
        tc_jsonw_kcstr(w, "operator_ref", by->id);
    put_place(w, a);
    tc_jsonw_ku64(w, "people", a->people);
    if (a->capacity != UINT64_MAX)
        put_amount(w, "capacity", a->capacity);
    put_causes(w, a->causes);
    tc_jsonw_ktext(w, "as_of", a->as_of_text);
    if (by && by->here && !g->j->o->from.community)
        put_sharing(w, by->id);
    end_extension(w);
    return tc_made_end(g->made, TC_TIME_NONE, TC_TIME_NONE, g->d);
}

static tc_err put_location(struct reg *g, const struct tc_reg_asset *a)
{
    char asset[TC_ID_MAX], place[TC_ID_MAX], link[TC_ID_MAX];
    if (!a->placed && !a->country.n)
        return TC_OK;
    asset_id(g->made, a->id, asset);
    tc_made_id(g->made, "location", a->id, place);
    struct tc_jsonw *w = tc_made_begin(g->made, "location", tc_str_cstr(place), a->id);
    tc_jsonw_ktext(w, "name", a->name);
    tc_jsonw_ktext(w, "country", a->country);
    put_place(w, a);
    tc_err e = tc_made_end(g->made, TC_TIME_NONE, TC_TIME_NONE, g->d);
    if (e)
        return e;
    tc_buf_clear(&g->key);
    tc_buf_cstr(&g->key, "located-at|");
    tc_buf_str(&g->key, a->id);
    if (g->key.err)
        return g->key.err;
    tc_made_id(g->made, "relationship", tc_buf_view(&g->key), link);
    w = tc_made_begin(g->made, "relationship", tc_str_cstr(link), tc_buf_view(&g->key));
    tc_jsonw_kcstr(w, "relationship_type", "located-at");
    tc_jsonw_kcstr(w, "source_ref", asset);
    tc_jsonw_kcstr(w, "target_ref", place);
    return tc_made_end(g->made, TC_TIME_NONE, TC_TIME_NONE, g->d);
}

static tc_err put_assets(struct reg *g)
{
    for (size_t i = 0; i < g->r->asset_count; i++) {
        const struct tc_reg_asset *a = &g->r->assets[i];
        tc_err e = a->elsewhere ? TC_OK : put_asset(g, a);
        if (!e && !a->elsewhere)
            e = put_location(g, a);
        if (e)
            return e;
    }
    return TC_OK;
}

/* ---- dependencies ---- */

/* "asset|service|group|supplier", with "|2" for the same row once more. */
static tc_err dependency_key(struct reg *g, const struct tc_reg_group *group,
                             const struct tc_reg_row *row)
{
    uint64_t times = 1;
    bool added;
    tc_buf_clear(&g->key);
    tc_buf_str(&g->key, g->r->assets[group->asset].id);
    tc_buf_char(&g->key, '|');
    tc_buf_str(&g->key, group->service);
    tc_buf_char(&g->key, '|');
    tc_buf_str(&g->key, group->label);
    tc_buf_char(&g->key, '|');
    tc_buf_str(&g->key, g->r->assets[row->supplier].id);
    tc_err e =
        g->key.err ? g->key.err : tc_map_intern(g->rows, tc_buf_view(&g->key), &times, &added);
    if (!e && !added) {
        e = tc_map_put(g->rows, tc_buf_view(&g->key), times + 1);
        tc_buf_fmt(&g->key, "|%llu", (unsigned long long)times + 1);
        e = e ? e : g->key.err;
    }
    return e ? tc_diag_set(g->d, e, "too many dependencies") : TC_OK;
}

static tc_err put_dependency(struct reg *g, const struct tc_reg_row *row)
{
    const struct tc_reg_group *group = &g->r->groups[row->group];
    char id[TC_ID_MAX], asset[TC_ID_MAX], supplier[TC_ID_MAX];
    tc_err e = dependency_key(g, group, row);
    if (e)
        return e;
    asset_id(g->made, g->r->assets[group->asset].id, asset);
    asset_id(g->made, g->r->assets[row->supplier].id, supplier);
    tc_made_id(g->made, "relationship", tc_buf_view(&g->key), id);
    struct tc_jsonw *w =
        tc_made_begin(g->made, "relationship", tc_str_cstr(id), tc_buf_view(&g->key));
    tc_jsonw_kcstr(w, "relationship_type", "depends-on");
    tc_jsonw_kcstr(w, "source_ref", asset);
    tc_jsonw_kcstr(w, "target_ref", supplier);
    begin_extension(w, TC_EXT_DEPENDENCY);
    tc_jsonw_kstr(w, "service", group->service);
    tc_jsonw_kcstr(w, "mode", group->flow ? "flow" : "support");
    tc_jsonw_ktext(w, "group", group->label);
    tc_jsonw_kstr(w, "need", group->need_text.n ? group->need_text : TC_STR("1"));
    if (row->has_share) {
        tc_jsonw_name(w, "share");
        tc_jsonw_double(w, (double)row->share / TC_REGISTER_WHOLE);
    }
    tc_jsonw_ktext(w, "buffer", group->buffer_text);
    tc_jsonw_ktext(w, "restore", group->restore_text);
    if (row->has_demand)
        put_amount(w, "demand", row->demand);
    if (row->has_priority)
        tc_jsonw_ku64(w, "priority", row->priority);
    tc_jsonw_ktext(w, "recharge", group->recharge_text);
    tc_jsonw_ktext(w, "buffer_draw", group->buffer_draw_text);
    tc_jsonw_ktext(w, "restore_draw", group->restore_draw_text);
    tc_jsonw_ktext(w, "calendar", group->calendar_text);
    tc_jsonw_ktext(w, "tested", group->tested_text);
    end_extension(w);
    return tc_made_end(g->made, TC_TIME_NONE, TC_TIME_NONE, g->d);
}

/* ---- all of it ---- */

static tc_err put_all(struct reg *g, bool assets, bool dependencies)
{
    static const char *const of_assets[] = {"infrastructure", "location", "identity"};
    static const char *const of_dependencies[] = {"relationship"};
    tc_err e = put_assets(g);
    for (size_t i = 0; i < g->r->row_count && !e; i++)
        e = put_dependency(g, &g->r->rows[i]);
    /* a file that was not given says nothing about what is gone; relationships stand in both */
    if (!e && assets)
        e = tc_made_revoke_gone(g->made, of_assets, 3, g->d);
    if (!e && assets && dependencies)
        e = tc_made_revoke_gone(g->made, of_dependencies, 1, g->d);
    return e ? e : tc_made_finish(g->made, g->d);
}

static tc_err put_register(struct reg *g, bool assets, bool dependencies)
{
    g->operators = tc_map_new(g->r->asset_count + 1);
    g->rows = tc_map_new(g->r->row_count + 1);
    g->operator_ids = calloc(g->r->asset_count + 1, sizeof *g->operator_ids);
    tc_buf_init(&g->key, TC_MAX_CSV_LINE + 1024);
    tc_err e = g->operators && g->rows && g->operator_ids
                   ? put_all(g, assets, dependencies)
                   : tc_diag_set(g->d, TC_E_NOMEM, "out of memory");
    tc_map_free(g->operators);
    tc_map_free(g->rows);
    free(g->operator_ids);
    tc_buf_fini(&g->key);
    return e;
}

void tc_import_register_report(void *ctx, const struct tc_diag *d)
{
    const struct tc_import_job *j = ctx;
    if (j->o->keep_going && j->o->skipped)
        j->o->skipped(j->o->arg, d);
    else if (!j->o->keep_going && j->o->wrong)
        j->o->wrong(j->o->arg, d);
}

/* Whose register it is: the organisation that imports, else the node. */
static void creator_of(struct tc_import_job *j, char out[TC_ID_MAX])
{
    struct tc_org org;
    struct tc_arena *a = tc_arena_new(1u << 16);
    uint32_t number = j->o->from.principal->org;
    if (!a || !number || tc_access_org_by(j->n->access, number, TC_STR(""), a, &org) ||
        !tc_str_copy(org.identity, out, TC_ID_MAX))
        (void)tc_str_copy(tc_str_cstr(j->n->identity), out, TC_ID_MAX);
    tc_arena_free(a);
}

tc_err tc_import_register(struct tc_import_job *j, const struct tc_reg_source *s, struct tc_diag *d)
{
    static const struct tc_str types[] = {
        {"infrastructure", 14}, {"relationship", 12}, {"location", 8}, {"identity", 8}};
    char creator[TC_ID_MAX];
    creator_of(j, creator);
    struct tc_made_list list = {.types = types,
                                .n_types = 4,
                                .creator = tc_str_cstr(creator),
                                .name = TC_STR(LIST),
                                .marking = j->o->from.unmarked};
    struct tc_register *r = NULL;
    struct reg g = {.j = j, .d = d};
    tc_err e = tc_made_new(j, &list, &g.made, d);
    struct tc_register_opts opts = {.known = known,
                                    .known_ctx = g.made,
                                    .report = tc_import_register_report,
                                    .report_ctx = j,
                                    .keep_going = j->o->keep_going};
    if (!e)
        e = tc_reg_source_read(s, &opts, &r, d);
    g.r = r;
    if (!e) {
        uint64_t skipped = r->skipped + s->errors;
        j->result.skipped += skipped;
        /* what was left out for an error is not gone */
        e = put_register(&g, s->table[0].csv.n != 0 && !skipped, s->table[1].csv.n != 0);
    }
    tc_register_free(r);
    tc_made_free(g.made);
    return e;
}

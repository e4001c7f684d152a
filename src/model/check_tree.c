/* SPDX-License-Identifier: Apache-2.0 */
#include "model/check_tree.h"

#include "base/limits.h"
#include "base/map.h"
#include "model/audience.h"
#include "model/check_parts.h"

/* Findings of one object: 100 of at most about 1 KiB. */
#define REPORT_ARENA ((size_t)1 << 20)

struct walk {
    const struct tc_check_tree *c;
    struct tc_check_totals *totals;
    struct tc_arena *arena, *scratch;
    struct tc_map *seen; /* id -> its first object, as a pointer */
};

yyjson_val *tc_check_members(yyjson_val *root)
{
    struct tc_str type;
    yyjson_val *list = tc_json_get(root, "objects");
    if (!yyjson_is_arr(list))
        return NULL;
    if (!tc_json_str(root, "type", &type))
        return list; /* a TAXII envelope */
    return tc_str_is(type, "bundle") ? list : NULL;
}

static struct tc_str id_of(yyjson_val *object)
{
    struct tc_str id = {0};
    (void)tc_json_str(object, "id", &id);
    return id;
}

/* ---- objects together ---- */

static tc_err remember(struct walk *w, yyjson_val *object)
{
    bool added;
    struct tc_str id = id_of(object);
    uint64_t at = (uint64_t)(uintptr_t)object;
    return id.n ? tc_map_intern(w->seen, id, &at, &added) : TC_OK;
}

/* The same id is fine for versions: then `modified` differs. */
static void check_twin(struct walk *w, struct tc_checking *k, yyjson_val *object)
{
    uint64_t first;
    struct tc_str a, b, id = id_of(object);
    if (!id.n || !tc_map_get(w->seen, id, &first) || first == (uint64_t)(uintptr_t)object)
        return;
    yyjson_val *other = (yyjson_val *)(uintptr_t)first;
    if (tc_json_str(object, "modified", &a) && tc_json_str(other, "modified", &b) &&
        tc_str_eq(a, b))
        tc_check_advise(k, k->t->check_duplicates, NULL,
                        "this version of the object stands twice in the bundle");
}

static bool is_ref_name(struct tc_str name)
{
    return tc_str_ends(name, TC_STR("_ref"));
}

static void check_inside(struct walk *w, struct tc_checking *k, const struct tc_at *at,
                         yyjson_val *ref)
{
    uint64_t ignored;
    enum tc_tlp tlp;
    bool old;
    struct tc_str s = tc_json_view(ref);
    if (yyjson_is_str(ref) && !tc_map_get(w->seen, s, &ignored) &&
        !tc_tlp_from_marking(s, &tlp, &old))
        tc_check_say(k, TC_LEVEL_MUST, "enforce-refs", at, "%.*s is not in this bundle", TC_FMT(s));
}

static void check_refs(struct walk *w, struct tc_checking *k, yyjson_val *object)
{
    size_t i, max, n, m;
    yyjson_val *key, *val, *item;
    yyjson_obj_foreach (object, i, max, key, val) {
        struct tc_at at = {NULL, tc_json_view(key), 0};
        if (is_ref_name(at.name))
            check_inside(w, k, &at, val);
        else if (tc_str_ends(at.name, TC_STR("_refs")))
            yyjson_arr_foreach (val, n, m, item) {
                struct tc_at here = {&at, {0}, n};
                check_inside(w, k, &here, item);
            }
    }
}

/* ---- one object ---- */

static const struct tc_check_options musts_only;

static tc_err check_together(struct walk *w, yyjson_val *object, struct tc_check_report *r)
{
    const struct tc_check_options *o = w->c->options ? w->c->options : &musts_only;
    struct tc_checking k = {.t = w->c->types, .o = o, .r = r, .root = object, .id = id_of(object)};
    check_twin(w, &k, object);
    if (w->c->refs_inside)
        check_refs(w, &k, object);
    return k.err;
}

static tc_err check_one(struct walk *w, yyjson_val *object)
{
    struct tc_check_report r = {.arena = w->arena, .scratch = w->scratch};
    struct tc_check_totals *t = w->totals;
    tc_err e = tc_check_object(w->c->types, object, w->c->options, &r);
    if (!e && w->seen)
        e = check_together(w, object, &r);
    t->objects++;
    t->bad += r.musts > 0;
    t->musts += r.musts;
    t->shoulds += r.shoulds;
    t->notes += r.notes;
    if (!e && w->c->each)
        e = w->c->each(w->c->arg, object, &r);
    tc_arena_reset(w->arena);
    return e;
}

static tc_err check_list(struct walk *w, yyjson_val *list)
{
    size_t i, max;
    yyjson_val *item;
    tc_err e = TC_OK;
    w->seen = tc_map_new(yyjson_arr_size(list) + 1);
    if (!w->seen)
        return TC_E_NOMEM;
    yyjson_arr_foreach (list, i, max, item) {
        if (!e)
            e = remember(w, item);
    }
    yyjson_arr_foreach (list, i, max, item) {
        if (!e)
            e = check_one(w, item);
    }
    tc_map_free(w->seen);
    w->seen = NULL;
    return e;
}

tc_err tc_check_tree_run(const struct tc_check_tree *c, yyjson_val *root,
                         struct tc_check_totals *totals)
{
    struct walk w = {.c = c,
                     .totals = totals,
                     .arena = tc_arena_new(REPORT_ARENA),
                     .scratch = tc_arena_new(TC_MAX_OBJECT)};
    yyjson_val *list = yyjson_is_arr(root) ? root : tc_check_members(root);
    tc_err e = TC_OK;
    if (!w.arena || !w.scratch)
        e = TC_E_NOMEM;
    if (!e && (!list || tc_json_get(root, "type")))
        e = check_one(&w, root);
    if (!e && list)
        e = check_list(&w, list);
    tc_arena_free(w.arena);
    tc_arena_free(w.scratch);
    return e;
}

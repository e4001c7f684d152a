/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/paths.h"

#include "base/map.h"

#include <stdlib.h>

#define FEW 12 /* kids that are asked for by name, one by one */

struct node {
    struct tc_str name; /* allocated */
    enum tc_step_kind kind;
    int64_t index;
    uint32_t kid, next, kids; /* first kid, next of the same parent; 0 = none */
    bool wanted;              /* some pattern compares what is here */
    bool ref;                 /* the last name says that a value here refers to an object */
    enum tc_reading reading;
    uint64_t visit; /* the last object in which it was looked for; see many_names */
};

struct tc_paths {
    struct node *v; /* v[0] is the root; its kids are the object types */
    size_t n, cap;
    struct tc_map *by_name; /* parent, kind, index, name -> node */
    struct tc_buf key;      /* scratch for by_name */
    uint64_t visits;
    size_t work;
    const struct tc_observation *o;
    struct tc_path_values *out;
    uint32_t root;
    tc_err err;
};

static tc_err room(struct tc_paths *p)
{
    if (p->n < p->cap)
        return TC_OK;
    size_t cap = p->cap ? p->cap * 2 : 32;
    struct node *v = realloc(p->v, cap * sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    p->v = v;
    p->cap = cap;
    return TC_OK;
}

struct tc_paths *tc_paths_new(void)
{
    struct tc_paths *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    tc_buf_init(&p->key, (size_t)4 << 20);
    p->by_name = tc_map_new(TC_PATHS_MAX);
    if (!p->by_name || room(p)) {
        tc_paths_free(p);
        return NULL;
    }
    p->v[p->n++] = (struct node){.kind = TC_STEP_NAME};
    return p;
}

void tc_paths_free(struct tc_paths *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        free((char *)(uintptr_t)p->v[i].name.p);
    free(p->v);
    tc_map_free(p->by_name);
    tc_buf_fini(&p->key);
    free(p);
}

size_t tc_paths_count(const struct tc_paths *p)
{
    return p->n;
}

enum tc_reading tc_paths_reading(const struct tc_paths *p, uint32_t path)
{
    return p->v[path].reading;
}

/* ---- adding ---- */

static bool is_ref(struct tc_str name)
{
    return tc_str_ends(name, TC_STR("_ref")) || tc_str_ends(name, TC_STR("_refs"));
}

static void key_of(struct tc_buf *b, uint32_t parent, const struct tc_step *s)
{
    int64_t index = s->kind == TC_STEP_INDEX ? s->index : 0;
    tc_buf_clear(b);
    tc_buf_add(b, &parent, sizeof parent);
    tc_buf_char(b, (char)s->kind);
    tc_buf_add(b, &index, sizeof index);
    if (s->kind == TC_STEP_NAME)
        tc_buf_str(b, s->name);
}

static tc_err new_kid(struct tc_paths *p, uint32_t parent, const struct tc_step *s)
{
    tc_err e = room(p);
    char *copy = s->kind == TC_STEP_NAME ? malloc(s->name.n + 1) : NULL;
    if (e || (s->kind == TC_STEP_NAME && !copy)) {
        free(copy);
        return TC_E_NOMEM;
    }
    struct node *up = &p->v[parent], *n = &p->v[p->n];
    *n = (struct node){.kind = s->kind, .next = up->kid, .ref = up->ref, .reading = up->reading};
    if (s->kind == TC_STEP_INDEX)
        n->index = s->index;
    if (copy) {
        if (s->name.n)
            memcpy(copy, s->name.p, s->name.n);
        n->name = tc_str_view(copy, s->name.n);
        n->ref = parent != 0 && is_ref(s->name);
        n->reading = parent != 0 ? tc_reading_of(s->name) : TC_READ_PLAIN;
    }
    up->kid = (uint32_t)p->n++;
    up->kids++;
    return TC_OK;
}

static tc_err step(struct tc_paths *p, uint32_t *at, const struct tc_step *s)
{
    struct tc_buf *b = &p->key;
    uint64_t kid = p->n;
    bool added = false;
    key_of(b, *at, s);
    tc_err e = b->err ? b->err : tc_map_intern(p->by_name, tc_buf_view(b), &kid, &added);
    if (!e && added) {
        e = new_kid(p, *at, s);
        if (e)
            (void)tc_map_remove(p->by_name, tc_buf_view(b));
    }
    *at = (uint32_t)kid;
    return e;
}

static tc_err too_long(const struct tc_path *path, struct tc_diag *d)
{
    size_t refs = 0;
    for (size_t i = 0; i + 1 < path->n; i++)
        refs += path->steps[i].kind == TC_STEP_NAME && is_ref(path->steps[i].name);
    if (path->n > TC_PATHS_MAX_STEPS)
        return tc_diag_set(d, TC_E_LIMIT, "an object path has at most %d steps",
                           TC_PATHS_MAX_STEPS);
    if (refs > TC_PATHS_MAX_REFS)
        return tc_diag_set(d, TC_E_LIMIT, "an object path follows at most %d references",
                           TC_PATHS_MAX_REFS);
    return TC_OK;
}

tc_err tc_paths_add(struct tc_paths *p, const struct tc_path *path, uint32_t *out,
                    struct tc_diag *d)
{
    uint32_t at = 0;
    tc_err e = too_long(path, d);
    if (e)
        return e;
    e = step(p, &at, &(struct tc_step){.kind = TC_STEP_NAME, .name = path->type});
    for (size_t i = 0; !e && i < path->n; i++)
        e = step(p, &at, &path->steps[i]);
    if (e)
        return tc_diag_set(d, e, "there are too many different object paths");
    p->v[at].wanted = true;
    *out = at;
    return TC_OK;
}

/* ---- values ---- */

static void put(struct tc_paths *p, uint32_t path, yyjson_val *v)
{
    struct tc_path_values *out = p->out;
    if (out->n == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 64;
        struct tc_path_value *more = realloc(out->v, cap * sizeof *more);
        if (!more) {
            p->err = TC_E_NOMEM;
            return;
        }
        out->v = more;
        out->cap = cap;
    }
    out->v[out->n++] = (struct tc_path_value){path, p->root, v};
}

static void walk(struct tc_paths *p, uint32_t at, yyjson_val *v);

/* Many kids of one node: the members of the object ask for them. Of a name that comes twice the
 * first counts, as it does for yyjson_obj_getn. */
static void many_names(struct tc_paths *p, uint32_t at, yyjson_val *object)
{
    uint64_t visit = ++p->visits;
    yyjson_val *k, *v;
    size_t i, max;
    yyjson_obj_foreach (object, i, max, k, v) {
        uint64_t kid = 0;
        struct tc_str name = {yyjson_get_str(k), yyjson_get_len(k)};
        key_of(&p->key, at, &(struct tc_step){.kind = TC_STEP_NAME, .name = name});
        if (!p->key.err && tc_map_get(p->by_name, tc_buf_view(&p->key), &kid) &&
            p->v[kid].visit != visit) {
            p->v[kid].visit = visit;
            walk(p, (uint32_t)kid, v);
        }
    }
}

static void walk_list(struct tc_paths *p, const struct node *kid, uint32_t at, yyjson_val *list)
{
    size_t i, max;
    yyjson_val *v;
    if (kid->kind == TC_STEP_INDEX) {
        v = kid->index >= 0 ? yyjson_arr_get(list, (size_t)kid->index) : NULL;
        if (v)
            walk(p, at, v);
        return;
    }
    yyjson_arr_foreach (list, i, max, v)
        walk(p, at, v);
}

/* Recursion is as deep as a path is long. */
static void walk(struct tc_paths *p, uint32_t at, yyjson_val *v)
{
    const struct node *n = &p->v[at];
    if (p->err || ++p->work > TC_PATHS_MAX_WORK)
        return;
    if (n->wanted)
        put(p, at, v);
    if (!n->kid)
        return;
    yyjson_val *object = v;
    if (n->ref && yyjson_is_str(v))
        object = tc_observation_object(p->o, tc_str_view(yyjson_get_str(v), yyjson_get_len(v)));
    bool is_object = yyjson_is_obj(object), many = is_object && n->kids > FEW;
    if (many)
        many_names(p, at, object);
    for (uint32_t k = n->kid; k; k = p->v[k].next) {
        const struct node *kid = &p->v[k];
        if (kid->kind != TC_STEP_NAME) {
            if (yyjson_is_arr(v))
                walk_list(p, kid, k, v);
        } else if (is_object && !many) {
            yyjson_val *member = yyjson_obj_getn(object, kid->name.p, kid->name.n);
            if (member)
                walk(p, k, member);
        }
    }
}

static uint32_t type_node(struct tc_paths *p, struct tc_str type)
{
    uint64_t kid = 0;
    if (p->v[0].kids <= FEW) {
        uint32_t k = p->v[0].kid;
        while (k && !tc_str_eq(p->v[k].name, type))
            k = p->v[k].next;
        return k;
    }
    key_of(&p->key, 0, &(struct tc_step){.kind = TC_STEP_NAME, .name = type});
    if (p->key.err || !tc_map_get(p->by_name, tc_buf_view(&p->key), &kid))
        kid = 0;
    return (uint32_t)kid;
}

tc_err tc_paths_values(struct tc_paths *p, const struct tc_observation *o,
                       struct tc_path_values *out, bool *cut)
{
    p->work = 0;
    p->o = o;
    p->out = out;
    p->err = TC_OK;
    for (uint32_t i = 0; i < o->n_roots; i++) {
        yyjson_val *type = yyjson_obj_get(o->roots[i], "type");
        if (!yyjson_is_str(type))
            continue;
        uint32_t at = type_node(p, tc_str_view(yyjson_get_str(type), yyjson_get_len(type)));
        p->root = i;
        if (at)
            walk(p, at, o->roots[i]);
    }
    *cut = p->work > TC_PATHS_MAX_WORK;
    return p->err;
}

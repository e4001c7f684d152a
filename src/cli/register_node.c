/* SPDX-License-Identifier: Apache-2.0 */
/* The register of a node as files would have it: the newest objects that an import of a register
 * made, put into a bundle in the order of their ids, and that is read like any other. */
#include "cli/register_files.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "cli/ask.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "journal/journal.h"
#include "model/extensions.h"
#include "node/node.h"

#include <stdlib.h>

struct object {
    struct tc_str key, body, id; /* in the arena */
};

struct gather {
    struct tc_node *n;
    struct tc_arena *a;
    struct tc_json_reader *json;
    struct tc_list objects;   /* struct object */
    struct tc_list incidents; /* struct tc_cli_incident, by STIX ids at first */
    struct tc_arena *kept;    /* of the incidents */
    struct tc_map *operators, *here;
    struct tc_buf identities;
};

static struct tc_str text_of(yyjson_val *o, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(o, name, &s);
    return s;
}

/* Organisations of the node are no objects of the journal; who runs an asset is told by name. */
static tc_err put_identity(struct gather *g, struct tc_str id)
{
    struct tc_org org;
    uint64_t at = 1;
    bool added = false;
    tc_err e = id.n ? tc_map_intern(g->operators, id, &at, &added) : TC_OK;
    if (e || !added)
        return e;
    struct tc_arena *a = tc_arena_new(1u << 16);
    if (a && tc_access_org_by(g->n->access, 0, id, a, &org) == TC_OK) {
        struct tc_jsonw w = tc_jsonw_into(&g->identities);
        tc_buf_cstr(&g->identities, ",\n");
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "type", "identity");
        tc_jsonw_kstr(&w, "id", id);
        tc_jsonw_kstr(&w, "name", org.name);
        tc_jsonw_object_end(&w);
        e = tc_map_put(g->here, org.name, 1);
    }
    tc_arena_free(a);
    return e ? e : g->identities.err;
}

/* An incident that is open and no exercise. */
static tc_err take_incident(struct gather *g, const struct tc_row *row, yyjson_val *root)
{
    struct tc_incident_facts f;
    uint32_t at;
    if (!tc_facts_incident(root, row->added, g->kept, &f) || f.over || f.exercise)
        return tc_arena_err(g->kept);
    struct tc_cli_incident *in = tc_list_push(&g->incidents, sizeof *in, &at);
    struct tc_str *ids = tc_arena_zalloc(g->kept, f.n_affected + 1, sizeof *ids);
    struct tc_area *areas = tc_arena_zalloc(g->kept, f.n_areas + 1, sizeof *areas);
    if (!in || !ids || !areas)
        return TC_E_NOMEM;
    for (size_t i = 0; i < f.n_affected; i++)
        ids[i] = tc_arena_dup(g->kept, f.affected[i]);
    for (size_t i = 0; i < f.n_areas; i++)
        areas[i] = f.areas[i];
    *in = (struct tc_cli_incident){f.started, f.expected_end, ids, f.n_affected, areas, f.n_areas};
    return tc_arena_err(g->kept);
}

static tc_err take(struct gather *g, const struct tc_row *row)
{
    yyjson_val *root;
    if (row->revoked || row->kind != TC_ENTRY_OBJECT ||
        tc_json_reader_read(g->json, row->body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL))
        return TC_OK;
    if (tc_str_is(row->type, "incident"))
        return take_incident(g, row, root);
    yyjson_val *first = yyjson_arr_get_first(tc_json_get(root, "external_references"));
    if (!tc_str_is(text_of(first, "source_name"), "tocsin-register"))
        return TC_OK;
    uint32_t at;
    struct object *o = tc_list_push(&g->objects, sizeof *o, &at);
    if (!o)
        return TC_E_NOMEM;
    o->key = tc_arena_dup(g->a, text_of(first, "external_id"));
    o->body = tc_arena_dup(g->a, row->body);
    o->id = tc_arena_dup(g->a, row->id);
    if (tc_arena_err(g->a))
        return tc_arena_err(g->a);
    yyjson_val *e = tc_json_get(tc_json_get(root, "extensions"), TC_EXT_ASSET);
    return put_identity(g, text_of(e, "operator_ref"));
}

static int by_key(const void *a, const void *b)
{
    const struct object *x = a, *y = b;
    int c = tc_str_cmp(x->key, y->key);
    return c ? c : tc_str_cmp(x->body, y->body);
}

static tc_err gather_all(struct gather *g)
{
    static const struct tc_str types[] = {
        {"infrastructure", 14}, {"relationship", 12}, {"identity", 8}, {"incident", 8}};
    const struct tc_query q = {.types = types, .n_types = 4, .added_after = TC_TIME_NONE};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    tc_err e = tc_reader_open(g->n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        e = take(g, &row);
    tc_reader_close(r);
    if (!e && g->objects.n)
        qsort(g->objects.v, g->objects.n, sizeof(struct object), by_key);
    return e;
}

static tc_err write_bundle(struct gather *g, struct tc_buf *out)
{
    tc_buf_cstr(out, "{\"type\":\"bundle\",\"objects\":[{\"type\":\"none\"}");
    for (uint32_t i = 0; i < g->objects.n; i++) {
        tc_buf_cstr(out, ",\n");
        tc_buf_str(out, TC_LIST_AT(g->objects, struct object, i)->body);
    }
    tc_buf_str(out, tc_buf_view(&g->identities));
    tc_buf_cstr(out, "]}\n");
    return out->err;
}

/* What the incidents name, by the ids that the register's files use. */
static tc_err name_affected(struct gather *g)
{
    struct tc_map *by_id = tc_map_new(g->objects.n + 1u);
    tc_err e = by_id ? TC_OK : TC_E_NOMEM;
    uint64_t at;
    for (uint32_t i = 0; !e && i < g->objects.n; i++)
        e = tc_map_put(by_id, TC_LIST_AT(g->objects, struct object, i)->id, i);
    for (uint32_t i = 0; !e && i < g->incidents.n; i++) {
        struct tc_cli_incident *in = TC_LIST_AT(g->incidents, struct tc_cli_incident, i);
        for (size_t k = 0; k < in->n; k++)
            if (tc_map_get(by_id, in->ids[k], &at))
                in->ids[k] = tc_arena_dup(g->kept, TC_LIST_AT(g->objects, struct object, at)->key);
    }
    tc_map_free(by_id);
    return e ? e : tc_arena_err(g->kept);
}

static tc_err see_entry(void *arg, const struct tc_lately_entry *x)
{
    struct tc_cli_files *f = arg;
    uint32_t at;
    if (!x->own_id.n)
        return TC_OK;
    struct tc_cli_lately *l = tc_list_push(&f->lately, sizeof *l, &at);
    if (!l)
        return TC_E_NOMEM;
    *l = (struct tc_cli_lately){x->at, x->by};
    return tc_map_put(f->lately_of, x->own_id, at);
}

static tc_err find_lately(struct tc_node *n, struct tc_cli_files *f)
{
    f->lately_of = tc_map_new(TC_MAX_ASSETS);
    return f->lately_of ? tc_lately_each(n, &tc_principal_system, see_entry, f) : TC_E_NOMEM;
}

static tc_err bundle_of(struct tc_node *n, struct tc_cli_files *f)
{
    struct tc_buf *out = &f->text[0];
    struct gather g = {.n = n,
                       .a = tc_arena_new((size_t)4 << 30),
                       .json = tc_json_reader_new(),
                       .kept = tc_arena_new((size_t)1 << 30),
                       .operators = tc_map_new(TC_MAX_ASSETS),
                       .here = tc_map_new(TC_MAX_ASSETS)};
    tc_buf_init(&g.identities, TC_MAX_REGISTER_JSON);
    tc_err e = g.a && g.kept && g.json && g.operators && g.here ? gather_all(&g) : TC_E_NOMEM;
    e = e ? e : name_affected(&g);
    e = e ? e : write_bundle(&g, out);
    f->node = true;
    f->arena = g.kept;
    f->here = g.here;
    f->incidents = g.incidents.v;
    f->n_incidents = g.incidents.n;
    tc_arena_free(g.a);
    tc_json_reader_free(g.json);
    tc_map_free(g.operators);
    tc_buf_fini(&g.identities);
    free(g.objects.v);
    return e;
}

int tc_cli_files_node(const char *command, const char *dir, struct tc_cli_files *out)
{
    const struct tc_register_opts opts = {.keep_going = true}; /* it was checked when it came */
    struct tc_node *n = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    *out = (struct tc_cli_files){.told = 0};
    tc_buf_init(&out->text[0], TC_MAX_REGISTER_JSON);
    tc_log_set_level(TC_LOG_WARN);
    tc_err e = tc_node_open(dir, TC_NODE_READ_ONLY, &n, &d);
    if (!e && ((e = bundle_of(n, out)) || (e = find_lately(n, out))))
        e = tc_diag_set(&d, e, "the register of the node could not be read: %s", tc_err_text(e));
    tc_node_close(n);
    e = e ? e
          : tc_reg_source_add(&out->source, tc_buf_view(&out->text[0]), dir, TC_REG_STIX, &opts,
                              &d);
    e = e ? e : tc_reg_source_read(&out->source, &opts, &out->r, &d);
    if (!e)
        return 0;
    tc_cli_files_fini(out);
    return tc_cli_fail(command, e, &d);
}

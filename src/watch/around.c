/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/around.h"

#include "base/arena.h"
#include "base/list.h"
#include "codec/jsonw.h"
#include "watch/glance.h"
#include "watch/near.h"
#include "watch/normal.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA = 8 << 20, TEXTS = 200, NONE = -1 }; /* TEXTS: of one object, references and values */

struct anode {
    struct tc_str id, type, name;
    unsigned depth;
    bool is_value, hot, more;
};

struct aedge {
    uint32_t from, to;
    const char *how;
    struct tc_str says;
};

/* What one object refers to or holds. */
struct atext {
    struct tc_str property, text;
    enum tc_spelling apart; /* NONE: it is an id */
};

struct around {
    struct tc_node *n;
    struct tc_index *x;
    struct tc_correlate *c;
    const struct tc_principal *p;
    const struct tc_around_ask *ask;
    struct tc_arena *a, *texts; /* of the graph; of the object that is looked at */
    struct tc_list nodes, edges;
    struct atext text[TEXTS];
    size_t n_text;
    size_t read;
    bool more;
};

static struct anode *node_at(const struct around *g, uint32_t i)
{
    return TC_LIST_AT(g->nodes, struct anode, i);
}

static int find_node(const struct around *g, struct tc_str id)
{
    for (uint32_t i = 0; i < g->nodes.n; i++)
        if (tc_str_eq(node_at(g, i)->id, id))
            return (int)i;
    return NONE;
}

/* NONE in *at: there is no room for another one, which is said of the node that led there. */
static tc_err add_node(struct around *g, uint32_t from, const struct anode *node, int *at)
{
    *at = find_node(g, node->id);
    if (*at != NONE)
        return TC_OK;
    if (g->nodes.n >= g->ask->nodes) {
        g->more = node_at(g, from)->more = true;
        return TC_OK;
    }
    uint32_t i = 0;
    struct anode *new = tc_list_push(&g->nodes, sizeof *new, &i);
    if (!new)
        return TC_E_NOMEM;
    *new = *node;
    new->id = tc_arena_dup(g->a, node->id);
    new->type = tc_arena_dup(g->a, node->type);
    new->name = tc_arena_dup(g->a, node->name);
    *at = (int)i;
    return tc_arena_err(g->a);
}

static tc_err add_row(struct around *g, uint32_t from, const struct tc_row *row,
                      const struct tc_glance *glance, int *at)
{
    const struct anode node = {.id = row->id,
                               .type = row->type,
                               .name = tc_str_cstr(glance->title),
                               .depth = g->nodes.n ? node_at(g, from)->depth + 1 : 0};
    return add_node(g, from, &node, at);
}

static tc_err add_edge(struct around *g, uint32_t from, uint32_t to, const char *how,
                       struct tc_str says)
{
    if (from == to)
        return TC_OK;
    for (uint32_t i = 0; i < g->edges.n; i++) {
        const struct aedge *e = TC_LIST_AT(g->edges, struct aedge, i);
        if (e->from == from && e->to == to && e->how == how && tc_str_eq(e->says, says))
            return TC_OK;
    }
    if (g->edges.n >= g->ask->nodes * TC_AROUND_EDGES) {
        g->more = true;
        return TC_OK;
    }
    uint32_t at = 0;
    struct aedge *e = tc_list_push(&g->edges, sizeof *e, &at);
    if (!e)
        return TC_E_NOMEM;
    *e = (struct aedge){from, to, how, tc_arena_dup(g->a, says)};
    return tc_arena_err(g->a);
}

/* The kinds of edges; compared by address. */
static const char relationship[] = "relationship", reference[] = "reference", value[] = "value",
                  near[] = "near";

/* ---- reading ---- */

/* False: enough has been read. */
static bool may_read_on(struct around *g)
{
    if (g->read < TC_AROUND_READ) {
        g->read++;
        return true;
    }
    g->more = true;
    return false;
}

/* The newest version for the asker; *row.seq 0 = none. Close *r when done. */
static tc_err open_object(struct around *g, const struct tc_str *id, struct tc_query *q,
                          struct tc_reader **r, struct tc_row *row)
{
    *q = (struct tc_query){.added_after = TC_TIME_NONE, .ids = id, .n_ids = 1, .newest_spec = true};
    *row = (struct tc_row){.seq = 0};
    tc_err e = tc_reader_open(g->n->journal, g->p, q, r);
    return e ? e : tc_reader_next(*r, row);
}

/* The object of this id as a node; NONE when the asker cannot read it or there is no room. */
static tc_err add_object(struct around *g, uint32_t from, struct tc_str id, int *at)
{
    struct tc_reader *r = NULL;
    struct tc_query q;
    struct tc_row row;
    struct tc_glance glance;
    *at = find_node(g, id);
    if (*at != NONE || !may_read_on(g))
        return TC_OK;
    tc_err e = open_object(g, &id, &q, &r, &row);
    if (!e && row.seq) {
        tc_glance_read(row.body, &glance);
        e = add_row(g, from, &row, &glance, at);
    }
    tc_reader_close(r);
    return e;
}

static bool ties_everything(struct tc_str property)
{
    return tc_str_is(property, "created_by_ref");
}

static void keep_text(struct around *g, struct tc_str property, enum tc_spelling apart,
                      struct tc_str text)
{
    if (g->n_text == TEXTS)
        return;
    g->text[g->n_text++] =
        (struct atext){tc_arena_dup(g->texts, property), tc_arena_dup(g->texts, text), apart};
}

static void on_value(void *arg, struct tc_str property, enum tc_spelling apart,
                     struct tc_str normal)
{
    keep_text(arg, property, apart, normal);
}

static void on_edge(void *arg, struct tc_str property, struct tc_str id)
{
    if (!ties_everything(property))
        keep_text(arg, property, TC_SPELLING_NONE, id);
}

/* ---- the neighbours of one object ---- */

/* How an object names another one: the first property that does; empty: only as its creator. */
struct naming {
    struct tc_str id;
    char property[80];
};

static void on_naming(void *arg, struct tc_str property, struct tc_str id)
{
    struct naming *n = arg;
    if (!n->property[0] && tc_str_eq(id, n->id) && !ties_everything(property))
        (void)tc_str_copy(property, n->property, sizeof n->property);
}

static tc_err add_relationship(struct around *g, const struct tc_glance *r)
{
    int from, to;
    struct tc_str source = tc_str_cstr(r->source), target = tc_str_cstr(r->target);
    int known = find_node(g, source);
    uint32_t here = (uint32_t)(known != NONE ? known : find_node(g, target));
    tc_err e = add_object(g, here, source, &from);
    e = e ? e : add_object(g, here, target, &to);
    if (!e && from != NONE && to != NONE)
        e = add_edge(g, (uint32_t)from, (uint32_t)to, relationship, tc_str_cstr(r->relationship));
    return e;
}

static tc_err add_referring(struct around *g, uint32_t i, const struct tc_row *row,
                            struct tc_extract *x)
{
    struct naming naming = {.id = node_at(g, i)->id};
    const struct tc_extract_sink sink = {.edge = on_naming, .arg = &naming};
    const struct tc_hash_key key = {0, 0};
    struct tc_glance glance;
    int at;
    tc_glance_read(row->body, &glance);
    if (tc_str_is(row->type, "relationship") && (tc_str_eq(tc_str_cstr(glance.source), naming.id) ||
                                                 tc_str_eq(tc_str_cstr(glance.target), naming.id)))
        return add_relationship(g, &glance);
    x->sink = &sink;
    tc_err e = tc_extract_object(x, key, row->type, row->body);
    if (e || !naming.property[0])
        return e == TC_E_SYNTAX ? TC_OK : e;
    e = add_row(g, i, row, &glance, &at);
    if (!e && at != NONE)
        e = add_edge(g, (uint32_t)at, i, reference, tc_str_cstr(naming.property));
    return e;
}

/* What refers to it, newest first. */
static tc_err referring(struct around *g, uint32_t i)
{
    const struct tc_search s = {
        .kind = TC_SEARCH_KEY, .key = TC_KEY_EDGE, .text = node_at(g, i)->id};
    struct tc_query q = {.until = tc_index_seq(g->x), .added_after = TC_TIME_NONE};
    struct tc_hits *h = NULL;
    struct tc_row row;
    struct tc_extract x;
    size_t n = 0;
    if (!q.until)
        return TC_OK;
    tc_extract_init(&x, NULL);
    x.no_values = true;
    tc_err e = tc_index_search(g->x, g->p, &s, &q, &h);
    while (!e && may_read_on(g) && !(e = tc_hits_next(h, &row)) && row.seq) {
        if (n++ == TC_AROUND_FAN) {
            g->more = node_at(g, i)->more = true;
            break;
        }
        e = add_referring(g, i, &row, &x);
    }
    tc_hits_close(h);
    tc_extract_fini(&x);
    return e;
}

static tc_err add_value_node(struct around *g, uint32_t i, const struct atext *t, bool hot, int *v)
{
    char id[TC_MAX_VALUE + 40];
    (void)snprintf(id, sizeof id, "value:%s:%.*s", tc_spelling_name(t->apart), TC_FMT(t->text));
    const struct anode node = {.id = tc_str_cstr(id),
                               .type = TC_STR("value"),
                               .name = t->text,
                               .depth = node_at(g, i)->depth + 1,
                               .is_value = true,
                               .hot = hot};
    tc_err e = add_node(g, i, &node, v);
    return e || *v == NONE ? e : add_edge(g, i, (uint32_t)*v, value, t->property);
}

/* The others that hold the value, newest first. */
static tc_err add_holders(struct around *g, uint32_t i, const struct atext *t,
                          const struct tc_value_found *f)
{
    uint64_t seqs[TC_MAX_CORRELATED];
    struct tc_query q = {.added_after = TC_TIME_NONE,
                         .backwards = true,
                         .seqs = seqs,
                         .n_seqs = f->n,
                         .newest_spec = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    struct tc_glance glance;
    size_t n = 0;
    int v = NONE, at;
    for (size_t k = 0; k < f->n; k++)
        seqs[k] = f->seq[k];
    tc_err e = tc_reader_open(g->n->journal, g->p, &q, &r);
    while (!e && may_read_on(g) && !(e = tc_reader_next(r, &row)) && row.seq) {
        if (tc_str_eq(row.id, node_at(g, i)->id))
            continue;
        if (v == NONE && ((e = add_value_node(g, i, t, false, &v)) != TC_OK || v == NONE))
            break;
        if (n++ == TC_AROUND_FAN) {
            g->more = node_at(g, (uint32_t)v)->more = true;
            break;
        }
        tc_glance_read(row.body, &glance);
        e = add_row(g, i, &row, &glance, &at);
        if (!e && at != NONE)
            e = add_edge(g, (uint32_t)at, (uint32_t)v, value, tc_str_view("", 0));
    }
    tc_reader_close(r);
    return e;
}

static tc_err holding(struct around *g, uint32_t i, const struct atext *t)
{
    struct tc_value_found *f = malloc(sizeof *f);
    int v;
    if (!f)
        return TC_E_NOMEM;
    tc_err e = tc_correlate_spelled(g->c, g->p, t->apart, t->text, f);
    if (!e && f->count > TC_MAX_CORRELATED)
        e = add_value_node(g, i, t, true, &v);
    else if (!e && f->n > 0)
        e = add_holders(g, i, t, f);
    free(f);
    return e;
}

struct nearby {
    struct around *g;
    char id[TC_AROUND_FAN][TC_ID_MAX];
    double metres[TC_AROUND_FAN];
    size_t n;
};

static tc_err on_near(void *arg, const struct tc_near_hit *hit)
{
    struct nearby *b = arg;
    if (b->n < TC_AROUND_FAN && tc_str_copy(hit->id, b->id[b->n], TC_ID_MAX))
        b->metres[b->n++] = hit->metres;
    return TC_OK;
}

static tc_err nearby(struct around *g, uint32_t i)
{
    const struct tc_near_ask ask = {.id = node_at(g, i)->id,
                                    .at = TC_TIME_NONE,
                                    .metres = g->ask->metres,
                                    .during = g->ask->during,
                                    .limit = TC_AROUND_FAN};
    struct nearby *b = calloc(1, sizeof *b);
    struct tc_near_found found = {.more = false};
    struct tc_diag d;
    if (!b)
        return TC_E_NOMEM;
    tc_diag_init(&d);
    tc_err e = tc_near_in(g->n->journal, g->x, g->p, &ask, on_near, b, &found, &d);
    if (e == TC_E_NOTFOUND || e == TC_E_INVALID)
        e = TC_OK; /* it has no place */
    if (found.more)
        g->more = node_at(g, i)->more = true;
    for (size_t k = 0; k < b->n && !e; k++) {
        char says[40];
        int at;
        (void)snprintf(says, sizeof says, "%.0f m", b->metres[k]);
        e = add_object(g, i, tc_str_cstr(b->id[k]), &at);
        if (!e && at != NONE)
            e = add_edge(g, i, (uint32_t)at, near, tc_str_cstr(says));
    }
    free(b);
    return e;
}

static tc_err read_texts(struct around *g, uint32_t i, struct tc_glance *glance)
{
    const struct tc_extract_sink sink = {on_value, on_edge, g};
    const struct tc_hash_key key = {0, 0};
    struct tc_str id = node_at(g, i)->id;
    struct tc_reader *r = NULL;
    struct tc_extract x;
    struct tc_query q;
    struct tc_row row;
    g->n_text = 0;
    tc_arena_reset(g->texts);
    tc_extract_init(&x, g->n->types);
    x.sink = &sink;
    tc_err e = open_object(g, &id, &q, &r, &row);
    *glance = (struct tc_glance){.title = ""};
    if (!e && row.seq) {
        tc_glance_read(row.body, glance);
        e = tc_extract_object(&x, key, row.type, row.body);
    }
    tc_reader_close(r);
    tc_extract_fini(&x);
    if (g->n_text == TEXTS)
        g->more = node_at(g, i)->more = true;
    return !e || e == TC_E_SYNTAX ? tc_arena_err(g->texts) : e;
}

static tc_err expand(struct around *g, uint32_t i)
{
    struct tc_glance glance;
    int at;
    tc_err e = may_read_on(g) ? read_texts(g, i, &glance) : TC_OK;
    for (size_t k = 0; k < g->n_text && !e; k++) {
        const struct atext *t = &g->text[k];
        if (t->apart != TC_SPELLING_NONE) {
            e = holding(g, i, t);
            continue;
        }
        e = add_object(g, i, t->text, &at);
        if (!e && at != NONE)
            e = add_edge(g, i, (uint32_t)at, reference, t->property);
    }
    e = e ? e : referring(g, i);
    if (!e && g->ask->metres > 0)
        e = nearby(g, i);
    return e;
}

/* ---- the whole ---- */

static void put_nodes(const struct around *g, struct tc_jsonw *w)
{
    tc_jsonw_name(w, "nodes");
    tc_jsonw_array(w);
    for (uint32_t i = 0; i < g->nodes.n; i++) {
        const struct anode *n = node_at(g, i);
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "id", n->id);
        tc_jsonw_kstr(w, "type", n->type);
        tc_jsonw_kstr(w, "name", n->name);
        tc_jsonw_ku64(w, "depth", n->depth);
        if (n->hot)
            tc_jsonw_kbool(w, "hot", true);
        if (n->more)
            tc_jsonw_kbool(w, "more", true);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static void put_edges(const struct around *g, struct tc_jsonw *w)
{
    tc_jsonw_name(w, "edges");
    tc_jsonw_array(w);
    for (uint32_t i = 0; i < g->edges.n; i++) {
        const struct aedge *e = TC_LIST_AT(g->edges, struct aedge, i);
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "from", node_at(g, e->from)->id);
        tc_jsonw_kstr(w, "to", node_at(g, e->to)->id);
        tc_jsonw_kcstr(w, "how", e->how);
        if (e->says.n)
            tc_jsonw_kstr(w, "says", e->says);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static tc_err walk(struct around *g, struct tc_diag *d)
{
    int at;
    tc_err e = add_object(g, 0, g->ask->id, &at);
    if (!e && at == NONE)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such object");
    for (uint32_t i = 0; i < g->nodes.n && !e; i++) /* nodes come in order of depth */
        if (!node_at(g, i)->is_value && node_at(g, i)->depth < g->ask->depth)
            e = expand(g, i);
    return e;
}

tc_err tc_around_put(struct tc_node *n, struct tc_index *x, struct tc_correlate *c,
                     const struct tc_principal *p, const struct tc_around_ask *ask,
                     struct tc_buf *out, struct tc_diag *d)
{
    struct around *g = calloc(1, sizeof *g);
    if (!g)
        return TC_E_NOMEM;
    *g = (struct around){.n = n,
                         .x = x,
                         .c = c,
                         .p = p,
                         .ask = ask,
                         .a = tc_arena_new(ARENA),
                         .texts = tc_arena_new(ARENA)};
    tc_err e = g->a && g->texts ? walk(g, d) : TC_E_NOMEM;
    if (!e) {
        struct tc_jsonw w = tc_jsonw_into(out);
        tc_jsonw_object(&w);
        put_nodes(g, &w);
        put_edges(g, &w);
        if (g->more)
            tc_jsonw_kbool(&w, "more", true);
        e = out->err;
    }
    free(g->nodes.v);
    free(g->edges.v);
    tc_arena_free(g->a);
    tc_arena_free(g->texts);
    free(g);
    return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/lately.h"

#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "watch/confirm.h"
#include "watch/facts.h"

#include <stdio.h>
#include <stdlib.h>

const char *tc_lately_word(enum tc_lately_by by)
{
    return by == TC_LATELY_CONFIRMED ? "confirmed" : by == TC_LATELY_AS_OF ? "as of" : "changed";
}

struct confirmed {
    struct tc_map *at; /* STIX id -> time */
    tc_err e;
};

static bool see_confirmed(void *arg, struct tc_str asset, tc_time at)
{
    struct confirmed *c = arg;
    uint64_t before;
    if (!tc_map_get(c->at, asset, &before) || (tc_time)before < at)
        c->e = tc_map_put(c->at, asset, (uint64_t)at);
    return !c->e;
}

static bool as_of_time(yyjson_val *root, tc_time *out)
{
    struct tc_str s = {"", 0};
    char text[TC_TIME_SIZE];
    (void)tc_json_str(tc_json_get(tc_json_get(root, "extensions"), TC_EXT_ASSET), "as_of", &s);
    if (s.n == 10) { /* a day */
        (void)snprintf(text, sizeof text, "%.*sT00:00:00Z", TC_FMT(s));
        s = tc_str_cstr(text);
    }
    return s.n && tc_time_parse_offset(s, out) == TC_OK;
}

static tc_err tell(const struct confirmed *c, const struct tc_row *row, yyjson_val *root,
                   tc_err (*see)(void *arg, const struct tc_lately_entry *x), void *arg)
{
    struct tc_asset_facts f;
    uint64_t confirmed;
    tc_time as_of;
    if (row->revoked || !tc_facts_asset(root, &f))
        return TC_OK;
    struct tc_lately_entry x = {.id = row->id,
                                .name = f.name,
                                .operator_ref = f.operator_ref,
                                .own_id = f.own_id,
                                .at = row->version,
                                .by = TC_LATELY_VERSION};
    if (as_of_time(root, &as_of)) {
        x.at = as_of;
        x.by = TC_LATELY_AS_OF;
    }
    if (tc_map_get(c->at, row->id, &confirmed) &&
        (x.by == TC_LATELY_VERSION || (tc_time)confirmed > x.at)) {
        x.at = (tc_time)confirmed;
        x.by = TC_LATELY_CONFIRMED;
    }
    return see(arg, &x);
}

tc_err tc_lately_each(struct tc_node *n, const struct tc_principal *who,
                      tc_err (*see)(void *arg, const struct tc_lately_entry *x), void *arg)
{
    static const struct tc_str type = {"infrastructure", 14};
    const struct tc_query q = {.added_after = TC_TIME_NONE, .types = &type, .n_types = 1};
    struct confirmed c = {.at = tc_map_new(TC_MAX_ASSETS)};
    struct tc_json_reader *json = tc_json_reader_new();
    struct tc_reader *r = NULL;
    struct tc_row row;
    yyjson_val *root;
    tc_err e = c.at && json ? tc_confirm_each(n, who, see_confirmed, &c) : TC_E_NOMEM;
    e = e ? e : c.e;
    e = e ? e : tc_reader_open(n->journal, who, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        if (tc_json_reader_read(json, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL) ==
            TC_OK)
            e = tell(&c, &row, root, see, arg);
    tc_reader_close(r);
    tc_json_reader_free(json);
    tc_map_free(c.at);
    return e;
}

/* ---- health ---- */

struct party { /* an operator */
    struct tc_str ref;
    uint64_t entries;
    tc_time newest;
};

struct health {
    struct tc_jsonw w;
    struct tc_arena *a;
    struct tc_map *by_ref;
    struct tc_list parties;
    tc_time before; /* older than this is stale */
    size_t left;
    uint64_t entries, stale;
};

static tc_err note_party(struct health *h, const struct tc_lately_entry *x)
{
    uint64_t at = h->parties.n;
    bool added = false;
    uint32_t i;
    if (!x->operator_ref.n)
        return TC_OK;
    tc_err e = tc_map_intern(h->by_ref, x->operator_ref, &at, &added);
    if (!e && added && !tc_list_push(&h->parties, sizeof(struct party), &i))
        e = TC_E_NOMEM;
    if (e)
        return e;
    struct party *p = TC_LIST_AT(h->parties, struct party, at);
    if (added)
        *p = (struct party){.ref = tc_arena_dup(h->a, x->operator_ref), .newest = x->at};
    p->entries++;
    p->newest = x->at > p->newest ? x->at : p->newest;
    return tc_arena_err(h->a);
}

static tc_err see_entry(void *arg, const struct tc_lately_entry *x)
{
    struct health *h = arg;
    h->entries++;
    if (x->at < h->before) {
        h->stale++;
        if (h->left) {
            h->left--;
            tc_jsonw_object(&h->w);
            tc_jsonw_kstr(&h->w, "asset_ref", x->id);
            tc_jsonw_ktext(&h->w, "name", x->name);
            tc_jsonw_ktext(&h->w, "operator_ref", x->operator_ref);
            tc_jsonw_ktime(&h->w, "at", x->at);
            tc_jsonw_kcstr(&h->w, "by", tc_lately_word(x->by));
            tc_jsonw_object_end(&h->w);
        }
    }
    return note_party(h, x);
}

static void put_parties(struct health *h, struct tc_node *n)
{
    struct tc_org org;
    tc_jsonw_name(&h->w, "operators");
    tc_jsonw_array(&h->w);
    for (uint32_t i = 0; i < h->parties.n; i++) {
        const struct party *p = TC_LIST_AT(h->parties, struct party, i);
        if (p->newest >= h->before)
            continue;
        tc_jsonw_object(&h->w);
        tc_jsonw_kstr(&h->w, "operator_ref", p->ref);
        if (!tc_access_org_by(n->access, 0, p->ref, h->a, &org))
            tc_jsonw_kstr(&h->w, "operator", org.name);
        tc_jsonw_ku64(&h->w, "entries", p->entries);
        tc_jsonw_ktime(&h->w, "newest", p->newest);
        tc_jsonw_object_end(&h->w);
    }
    tc_jsonw_array_end(&h->w);
}

tc_err tc_lately_health(struct tc_node *n, const struct tc_principal *who, int64_t older,
                        size_t limit, struct tc_buf *out)
{
    struct health h = {.w = tc_jsonw_into(out),
                       .a = tc_arena_new((size_t)256 << 20),
                       .by_ref = tc_map_new(TC_MAX_ASSETS),
                       .before = tc_time_now() - older * TC_SECOND,
                       .left = limit};
    tc_jsonw_object(&h.w);
    tc_jsonw_ku64(&h.w, "older", (uint64_t)older);
    tc_jsonw_name(&h.w, "stale_entries");
    tc_jsonw_array(&h.w);
    tc_err e = h.a && h.by_ref ? tc_lately_each(n, who, see_entry, &h) : TC_E_NOMEM;
    tc_jsonw_array_end(&h.w);
    if (!e) {
        tc_jsonw_ku64(&h.w, "entries", h.entries);
        tc_jsonw_ku64(&h.w, "stale", h.stale);
        put_parties(&h, n);
    }
    tc_jsonw_object_end(&h.w);
    free(h.parties.v);
    tc_map_free(h.by_ref);
    tc_arena_free(h.a);
    return e ? e : out->err;
}

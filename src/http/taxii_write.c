/* SPDX-License-Identifier: Apache-2.0 */
/* TAXII 2.1 sections 4.3, 5.5 and 5.7: adding objects, their status, deleting one. The connection
 * sleeps while the journal commits, so that many posts share one fsync; when the answer is there,
 * what it reports on is durable, so a status is always complete. */
#include "http/taxii.h"

#include "base/limits.h"
#include "codec/json.h"
#include "http/handlers.h"
#include "http/post.h"
#include "http/routes.h"
#include "node/approval.h"
#include "watch/deletion.h"

#include <stdlib.h>

static uint64_t owner_of(const struct tc_request *r)
{
    return (uint64_t)r->who->org << 32 | r->who->person;
}

/* ---- adding ---- */

static bool failed(const struct tc_item *item)
{
    return item->state != TC_ITEM_NEW && item->state != TC_ITEM_SAME;
}

static void detail(struct tc_jsonw *w, const struct tc_item *item, tc_time now)
{
    char version[TC_TIME_SIZE], said[512];
    tc_time t = item->version != TC_TIME_NONE ? item->version : item->added > 0 ? item->added : now;
    tc_taxii_version(t, version);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "id", item->id);
    tc_jsonw_kcstr(w, "version", version);
    if (failed(item)) {
        tc_diag_format(&item->diag, said, sizeof said);
        tc_jsonw_kcstr(w, "message", said);
    } else if (item->state == TC_ITEM_SAME) {
        tc_jsonw_kcstr(w, "message", "this version was here already");
    }
    tc_jsonw_object_end(w);
}

static void details(struct tc_jsonw *w, const struct tc_intake_batch *b, const char *name, bool bad,
                    tc_time now)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    for (size_t i = 0; i < tc_intake_count(b); i++)
        if (failed(tc_intake_item(b, i)) == bad)
            detail(w, tc_intake_item(b, i), now);
    tc_jsonw_array_end(w);
}

static tc_err added(struct tc_request *r)
{
    const struct tc_intake_batch *b = r->state;
    size_t n = tc_intake_count(b), bad = 0;
    char when[TC_TIME_SIZE];
    tc_time now = tc_time_now();
    if (r->result)
        return r->result;
    for (size_t i = 0; i < n; i++)
        bad += failed(tc_intake_item(b, i));
    tc_time_format(now, 6, when);
    struct tc_jsonw w = tc_request_json(r, 202, TC_MEDIA_TAXII);
    tc_jsonw_object(&w);
    /* tc_statuses_put writes the id over this one */
    tc_jsonw_kcstr(&w, "id", "00000000-0000-4000-8000-000000000000");
    size_t id_at = r->out.n - 37;
    tc_jsonw_kcstr(&w, "status", "complete");
    tc_jsonw_kcstr(&w, "request_timestamp", when);
    tc_jsonw_ku64(&w, "total_count", n);
    tc_jsonw_ku64(&w, "success_count", n - bad);
    details(&w, b, "successes", false, now);
    tc_jsonw_ku64(&w, "failure_count", bad);
    details(&w, b, "failures", true, now);
    tc_jsonw_ku64(&w, "pending_count", 0);
    tc_jsonw_object_end(&w);
    if (!r->out.err)
        tc_statuses_put(r->http->statuses, owner_of(r), r->out.p, r->out.n, id_at);
    return TC_OK;
}

tc_err tc_http_taxii_add(struct tc_request *r)
{
    struct tc_community c;
    tc_err e = tc_taxii_community(r, r->param[0], &c);
    if (!e && !tc_access_may_write(r->node->access, r->who, c.number))
        e = tc_request_fail(r, TC_E_DENIED, "you may read this collection, but not add to it");
    return e ? e : tc_post_body(r, c.number, added);
}

/* What became of a deletion that waited for a second person; its status has the id of the act. */
static tc_err of_act(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_str state, kind, asked;
    struct tc_buf b;
    tc_buf_init(&b, TC_MAX_BODY);
    tc_err e = tc_approval_get(r->node, r->who, r->param[0], &b);
    e = e ? e : tc_json_read(tc_buf_view(&b), TC_MAX_BODY, 0, &j, NULL);
    if (!e && (!tc_json_str(j.root, "state", &state) || !tc_json_str(j.root, "kind", &kind) ||
               !tc_json_str(j.root, "asked", &asked) || !tc_str_is(kind, "delete")))
        e = TC_E_NOTFOUND;
    if (!e) {
        uint64_t n = yyjson_arr_size(tc_json_get(tc_json_get(j.root, "ask"), "versions"));
        bool waits = tc_str_is(state, "waiting") || tc_str_is(state, "approved");
        bool done = tc_str_is(state, "done");
        struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_TAXII);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "id", r->param[0]);
        tc_jsonw_kcstr(&w, "status", waits ? "pending" : "complete");
        tc_jsonw_kstr(&w, "request_timestamp", asked);
        tc_jsonw_ku64(&w, "total_count", n);
        tc_jsonw_ku64(&w, "success_count", done ? n : 0);
        tc_jsonw_ku64(&w, "failure_count", !done && !waits ? n : 0);
        tc_jsonw_ku64(&w, "pending_count", waits ? n : 0);
        tc_jsonw_object_end(&w);
    }
    tc_json_fini(&j);
    tc_buf_fini(&b);
    return e;
}

tc_err tc_http_taxii_status(struct tc_request *r)
{
    struct tc_uuid id;
    (void)tc_request_json(r, 200, TC_MEDIA_TAXII);
    tc_err e = tc_uuid_parse(r->param[0], &id);
    if (!e)
        e = tc_statuses_get(r->http->statuses, owner_of(r), &id, &r->out);
    if (e == TC_E_NOTFOUND)
        e = of_act(r);
    return e ? tc_request_fail(r, TC_E_NOTFOUND, "there is no such status") : TC_OK;
}

/* ---- deleting ---- */

struct deletion {
    struct tc_entry_in *entries;
    size_t n, room;
};

static tc_err add_entry(struct tc_request *r, struct deletion *del, const struct tc_row *row)
{
    if (del->n == del->room)
        return tc_request_fail(r, TC_E_LIMIT,
                               "there are more than %zu versions: name them in "
                               "match[version]",
                               del->room);
    struct tc_entry_in *in = &del->entries[del->n++];
    *in = (struct tc_entry_in){.kind = TC_ENTRY_DELETE,
                               .id = r->param[1],
                               .type = tc_arena_dup(r->arena, row->type),
                               .uuid = row->uuid,
                               .version = row->version,
                               .spec_20 = row->spec_20,
                               .audience = row->audience,
                               .community = row->community};
    return in->type.p ? TC_OK : TC_E_NOMEM;
}

static tc_err collect(struct tc_request *r, const struct tc_query *q, struct deletion *del)
{
    struct tc_reader *reader = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(r->node->journal, r->who, q, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq) {
        /* whoever may write here must not be able to take away what another organisation put here;
         * a steward may */
        if (!tc_delete_may(r->who, tc_journal_audience_of(r->node->journal, row.audience)))
            e = tc_request_fail(r, TC_E_DENIED,
                                "only the organisation that created it, or a steward, deletes it");
        else
            e = add_entry(r, del, &row);
    }
    tc_reader_close(reader);
    return e;
}

/* TAXII 2.1 section 5.7 knows 200 for what is deleted, and no answer for what waits. RFC 9110
 * section 9.3.5 has one for DELETE: 202; with it goes the resource by which TAXII says elsewhere
 * what is pending (section 4.3.1), its id that of the act that waits. */
static tc_err waits(struct tc_request *r, const struct deletion *del, const char *id)
{
    char version[TC_TIME_SIZE], now[TC_TIME_SIZE];
    tc_time_format(tc_time_now(), 6, now);
    struct tc_jsonw w = tc_request_json(r, 202, TC_MEDIA_TAXII);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "id", id);
    tc_jsonw_kcstr(&w, "status", "pending");
    tc_jsonw_kcstr(&w, "request_timestamp", now);
    tc_jsonw_ku64(&w, "total_count", del->n);
    tc_jsonw_ku64(&w, "success_count", 0);
    tc_jsonw_ku64(&w, "failure_count", 0);
    tc_jsonw_ku64(&w, "pending_count", del->n);
    tc_jsonw_name(&w, "pendings");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < del->n; i++) {
        tc_taxii_version(del->entries[i].version, version);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "id", del->entries[i].id);
        tc_jsonw_kcstr(&w, "version", version);
        tc_jsonw_kcstr(&w, "message", "waits for a second person of this community");
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

static tc_err deleted(struct tc_request *r)
{
    return r->result ? r->result : tc_request_empty(r, 200);
}

tc_err tc_http_taxii_delete(struct tc_request *r)
{
    struct tc_community c;
    struct tc_filters f = {0};
    struct deletion del = {NULL, 0, 1000};
    tc_err e = tc_taxii_community(r, r->param[0], &c);
    if (!e && !tc_access_may_write(r->node->access, r->who, c.number))
        e = tc_request_fail(r, TC_E_DENIED, "you may read this collection, but not change it");
    if (!e && !tc_http_is_id(r->param[1]))
        e = tc_request_fail(r, TC_E_NOTFOUND, "there is no such object in this collection");
    if (!e)
        e = tc_filters_read(r, TC_FILTER_VERSION | TC_FILTER_SPEC, "delete", NULL, 0, &f);
    if (e)
        return e;
    del.entries = tc_arena_zalloc(r->arena, del.room, sizeof *del.entries);
    if (!del.entries)
        return TC_E_NOMEM;
    f.query.community = c.number;
    f.query.ids = &r->param[1];
    f.query.n_ids = 1;
    f.query.no_body = true;
    if (!f.nothing)
        e = collect(r, &f.query, &del);
    if (!e && del.n == 0)
        e = tc_request_fail(r, TC_E_NOTFOUND, "there is no such object in this collection");
    struct tc_second s;
    bool second = false;
    e = e ? e : tc_http_second(r, &s);
    if (!e) {
        const struct tc_rules rules = {c.four_eyes, c.asks_reason};
        e = tc_approval_gate(&rules, TC_TWO_DELETION, TC_WHY_DELETION, &s, &second, &r->diag);
    }
    if (!e && second) {
        e = tc_delete_ask(r->node, r->who, del.entries, del.n, &s, &r->diag);
        return e ? e : waits(r, &del, s.id);
    }
    return e ? e : tc_post_entries(r, del.entries, del.n, deleted);
}

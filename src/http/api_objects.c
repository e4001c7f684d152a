/* SPDX-License-Identifier: Apache-2.0 */
/* Objects by the JSON interface: lists newest first, one with what the node knows of it, its
 * versions, adding. An object that stands in two communities is listed once. */
#include "http/filters.h"
#include "http/internal.h"
#include "http/media.h"
#include "intake/who.h"

#include "base/map.h"
#include "base/num.h"
#include "http/handlers.h"
#include "http/post.h"
#include "http/taxii.h"

#define DEFAULT_LIMIT 100

struct asked {
    struct tc_query query;
    size_t limit;
    uint8_t bind[TC_SEAL_BIND];
};

static tc_err read_types(struct tc_request *r, struct tc_str list, struct asked *a)
{
    struct tc_str *v = tc_arena_zalloc(r->arena, TC_MAX_MATCH, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    while (a->query.n_types < TC_MAX_MATCH && tc_list_next(&list, &v[a->query.n_types]))
        a->query.n_types++;
    if (list.p)
        return tc_request_fail(r, TC_E_SYNTAX, "type has more than %d values", TC_MAX_MATCH);
    a->query.types = v;
    return TC_OK;
}

static tc_err read_asked(struct tc_request *r, struct asked *a)
{
    struct tc_str v, type = {NULL, 0}, community = {NULL, 0}, since = {NULL, 0};
    tc_err e = TC_OK;
    uint64_t n = DEFAULT_LIMIT;
    a->query.added_after = TC_TIME_NONE;
    a->query.backwards = true;
    if (tc_target_arg(&r->target, "type", &type))
        e = read_types(r, type, a);
    if (!e && tc_target_arg(&r->target, "community", &community)) {
        struct tc_community c;
        e = tc_taxii_community(r, community, &c);
        a->query.community = e ? 0 : c.number;
    }
    if (!e && tc_target_arg(&r->target, "since", &since) &&
        tc_time_parse_z(since, &a->query.added_after))
        e = tc_request_fail(r, TC_E_SYNTAX, "since must be a timestamp");
    if (!e && tc_target_arg(&r->target, "limit", &v) && (tc_num_u64(v, UINT32_MAX, &n) || n == 0))
        e = tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    a->limit = n > TC_MAX_PAGE ? TC_MAX_PAGE : (size_t)n;
    struct tc_str piece[] = {tc_str_view((const char *)&r->who->org, sizeof r->who->org), type,
                             community, since};
    tc_seal_bind(&r->http->seal, "api-objects", piece, 4, a->bind);
    if (!e && tc_target_arg(&r->target, "next", &v)) {
        e = tc_seal_read(&r->http->seal, a->bind, v, &n);
        if (e || n == 0)
            return tc_request_fail(r, TC_E_SYNTAX, "next does not belong to this question");
        a->query.until = n;
    }
    return e;
}

struct listing {
    struct tc_map *seen;
    size_t rows;
    bool more;
    uint64_t last;
};

/* A query with until answers as of then; what has a newer version by now stood on an earlier page.
 */
static tc_err newest_still(struct tc_request *r, const struct asked *a, const struct tc_row *row,
                           bool *is)
{
    struct tc_query q = a->query;
    struct tc_reader *reader = NULL;
    struct tc_row now = {.seq = 0};
    *is = a->query.until == 0;
    if (*is)
        return TC_OK;
    q.until = 0;
    q.ids = &row->id;
    q.n_ids = 1;
    q.no_body = true;
    tc_err e = tc_reader_open(r->node->journal, r->who, &q, &reader);
    while (!e && !*is && !(e = tc_reader_next(reader, &now)) && now.seq)
        *is = now.seq == row->seq;
    tc_reader_close(reader);
    return e;
}

static tc_err list_rows(struct tc_request *r, const struct asked *a, struct listing *l)
{
    struct tc_reader *reader = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(r->node->journal, r->who, &a->query, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq) {
        uint64_t here = row.seq;
        bool added = false;
        if (l->rows == a->limit || (l->rows && r->out.n + row.body.n > TC_MAX_PAGE_BYTES)) {
            l->more = true;
            break;
        }
        l->last = row.seq;
        bool newest = false;
        e = newest_still(r, a, &row, &newest);
        if (e || !newest)
            continue;
        e = tc_map_intern(l->seen, row.id, &here, &added);
        if (e || !added)
            continue;
        if (l->rows++)
            tc_buf_char(&r->out, ',');
        tc_buf_str(&r->out, row.body);
    }
    tc_reader_close(reader);
    return e;
}

tc_err tc_http_api_objects(struct tc_request *r)
{
    struct asked a = {0};
    struct listing l = {0};
    tc_err e = read_asked(r, &a);
    if (e)
        return e;
    l.seen = tc_map_new(TC_MAX_PAGE);
    if (!l.seen)
        return TC_E_NOMEM;
    tc_request_header(r, "X-Tocsin-Lag",
                      tc_arena_fmt(r->arena, "%llu", (unsigned long long)tc_http_lag(r)));
    (void)tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_buf_cstr(&r->out, "{\"objects\":[");
    e = list_rows(r, &a, &l);
    tc_map_free(l.seen);
    if (e)
        return e;
    tc_buf_char(&r->out, ']');
    if (l.more && l.last > 1) {
        char next[TC_SEAL_TEXT];
        tc_seal_number(&r->http->seal, a.bind, l.last - 1, next);
        tc_buf_fmt(&r->out, ",\"next\":\"%s\"", next);
    }
    tc_buf_char(&r->out, '}');
    return TC_OK;
}

/* ---- one object ---- */

static tc_err open_one(struct tc_request *r, unsigned versions, bool no_body,
                       struct tc_reader **out)
{
    if (!tc_http_is_id(r->param[0]))
        return tc_request_fail(r, TC_E_NOTFOUND, "there is no such object");
    struct tc_query *q = tc_arena_zalloc(r->arena, 1, sizeof *q);
    if (!q)
        return TC_E_NOMEM;
    q->ids = &r->param[0];
    q->n_ids = 1;
    q->added_after = TC_TIME_NONE;
    q->versions = 1u << versions;
    q->no_body = no_body;
    return tc_reader_open(r->node->journal, r->who, q, out);
}

static void write_place(struct tc_request *r, struct tc_jsonw *w, uint32_t community)
{
    struct tc_community c;
    char id[TC_UUID_TEXT];
    if (!community ||
        tc_access_community_by(r->node->access, community, NULL, TC_STR(""), r->arena, &c))
        return;
    /* GREEN and CLEAR are read from outside the community, whose existence stays its own */
    if (!tc_taxii_can_read(r, &c))
        return;
    tc_uuid_format(&c.uuid, id);
    tc_jsonw_name(w, "community");
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "id", id);
    tc_jsonw_kstr(w, "title", c.title);
    tc_jsonw_object_end(w);
}

static void write_one(struct tc_request *r, const struct tc_row *row)
{
    char text[TC_TIME_SIZE];
    const struct tc_audience *a = tc_journal_audience_of(r->node->journal, row->audience);
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_time_format(row->added, 6, text);
    tc_jsonw_kcstr(&w, "added", text);
    tc_taxii_version(row->version, text);
    tc_jsonw_kcstr(&w, "version", text);
    if (a)
        tc_who_handling(&w, a);
    write_place(r, &w, row->community);
    tc_jsonw_name(&w, "object");
    tc_jsonw_raw(&w, row->body);
    tc_jsonw_object_end(&w);
}

tc_err tc_http_api_object(struct tc_request *r)
{
    struct tc_reader *reader = NULL;
    struct tc_row row;
    tc_time newest = TC_TIME_NONE;
    tc_err e = open_one(r, TC_VERSIONS_LAST, false, &reader);
    if (e)
        return e;
    while (!(e = tc_reader_next(reader, &row)) && row.seq)
        if (newest == TC_TIME_NONE || row.version > newest) {
            newest = row.version;
            write_one(r, &row);
        }
    tc_reader_close(reader);
    if (!e && newest == TC_TIME_NONE)
        e = tc_request_fail(r, TC_E_NOTFOUND, "there is no such object");
    return e;
}

tc_err tc_http_api_versions(struct tc_request *r)
{
    struct tc_reader *reader = NULL;
    struct tc_row row;
    size_t n = 0;
    tc_err e = open_one(r, TC_VERSIONS_ALL, true, &reader);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "versions");
    tc_jsonw_array(&w);
    while (!(e = tc_reader_next(reader, &row)) && row.seq && n < TC_MAX_PAGE) {
        char text[TC_TIME_SIZE];
        n++;
        tc_jsonw_object(&w);
        tc_taxii_version(row.version, text);
        tc_jsonw_kcstr(&w, "version", text);
        tc_time_format(row.added, 6, text);
        tc_jsonw_kcstr(&w, "added", text);
        tc_jsonw_kbool(&w, "revoked", row.revoked);
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    tc_reader_close(reader);
    if (!e && n == 0)
        e = tc_request_fail(r, TC_E_NOTFOUND, "there is no such object");
    return e;
}

/* ---- adding ---- */

static tc_err added(struct tc_request *r)
{
    const struct tc_intake_batch *b = r->state;
    size_t bad = 0;
    if (r->result)
        return r->result;
    for (size_t i = 0; i < tc_intake_count(b); i++)
        bad += tc_intake_item(b, i)->state == TC_ITEM_SKIPPED;
    struct tc_jsonw w = tc_request_json(r, bad ? 422 : 201, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "objects");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < tc_intake_count(b); i++) {
        static const char *const states[] = {"new", "same", "refused", "pending"};
        const struct tc_item *item = tc_intake_item(b, i);
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "id", item->id);
        tc_jsonw_kcstr(&w, "state", states[item->state & 3]);
        if (item->state == TC_ITEM_SKIPPED) {
            tc_jsonw_kcstr(&w, "path", item->diag.path);
            tc_jsonw_kcstr(&w, "message", item->diag.message);
        }
        tc_jsonw_object_end(&w);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

/* The community named in the query, if any, must be one that the caller may add to. */
tc_err tc_http_post_to(struct tc_request *r, struct tc_str id, uint32_t *community)
{
    struct tc_community c;
    tc_err e = tc_taxii_community(r, id, &c);
    if (!e && !tc_access_may_write(r->node->access, r->who, c.number))
        e = tc_request_fail(r, TC_E_DENIED, "you may read this community, but not add to it");
    if (!e)
        *community = c.number;
    return e;
}

tc_err tc_http_api_add(struct tc_request *r)
{
    struct tc_str id;
    uint32_t community = 0;
    tc_err e = TC_OK;
    if (tc_target_arg(&r->target, "community", &id))
        e = tc_http_post_to(r, id, &community);
    return e ? e : tc_post_body(r, community, added);
}

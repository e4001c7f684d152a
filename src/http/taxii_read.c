/* SPDX-License-Identifier: Apache-2.0 */
/* TAXII 2.1 sections 5.3, 5.4, 5.6 and 5.8: manifest, objects, one object, its versions. What is
 * sent is the bytes that were received, joined by commas; nothing is parsed or written anew. */
#include "http/taxii.h"

#include "http/handlers.h"

#include <stdio.h>

struct page {
    struct tc_filters filters;
    size_t rows;
    bool more;
    uint64_t last;
    tc_time first_added, last_added;
};

void tc_taxii_version(tc_time t, char out[TC_TIME_SIZE])
{
    tc_time_format(t, t % 1000 ? 6 : 3, out);
}

static void add_object(struct tc_buf *b, const struct tc_row *row)
{
    tc_buf_str(b, row->body);
}

static void add_manifest(struct tc_buf *b, const struct tc_row *row)
{
    char added[TC_TIME_SIZE], version[TC_TIME_SIZE];
    tc_time_format(row->added, 6, added);
    tc_taxii_version(row->version, version);
    tc_buf_cstr(b, "{\"id\":");
    tc_json_quote(b, row->id);
    tc_buf_fmt(b,
               ",\"date_added\":\"%s\",\"version\":\"%s\",\"media_type\":"
               "\"application/stix+json;version=%s\"}",
               added, version, row->spec_20 ? "2.0" : "2.1");
}

static void add_version(struct tc_buf *b, const struct tc_row *row)
{
    char version[TC_TIME_SIZE];
    tc_taxii_version(row->version, version);
    tc_buf_fmt(b, "\"%s\"", version);
}

/* One page into r->out, from after its opening to before its close. */
static tc_err read_page(struct tc_request *r, struct page *p,
                        void (*add)(struct tc_buf *b, const struct tc_row *row))
{
    struct tc_reader *reader = NULL;
    struct tc_row row;
    p->filters.query.limit = p->filters.limit + 1; /* one more tells whether there is more */
    tc_err e = tc_reader_open(r->node->journal, r->who, &p->filters.query, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq) {
        bool full =
            p->rows == p->filters.limit || (p->rows && r->out.n + row.body.n > TC_MAX_PAGE_BYTES);
        if (full) {
            p->more = true;
            break;
        }
        if (p->rows++)
            tc_buf_char(&r->out, ',');
        else
            p->first_added = row.added;
        add(&r->out, &row);
        p->last = row.seq;
        p->last_added = row.added;
    }
    tc_reader_close(reader);
    return e;
}

static void finish_page(struct tc_request *r, struct page *p)
{
    char next[TC_SEAL_TEXT];
    tc_buf_char(&r->out, ']');
    if (p->more) {
        tc_seal_number(&r->http->seal, p->filters.bind, p->last, next);
        tc_buf_fmt(&r->out, ",\"more\":true,\"next\":\"%s\"}", next);
    } else {
        tc_buf_cstr(&r->out, ",\"more\":false}");
    }
    char *first = tc_arena_alloc(r->arena, TC_TIME_SIZE);
    char *last = tc_arena_alloc(r->arena, TC_TIME_SIZE);
    if (!first || !last)
        return;
    tc_time_format(p->first_added, 6, first);
    tc_time_format(p->last_added, 6, last);
    tc_request_header(r, "X-TAXII-Date-Added-First", first);
    tc_request_header(r, "X-TAXII-Date-Added-Last", last);
}

/* An object that is there but that no version of passes the filters is an empty answer; one that is
 * not there, or not for the caller, is not found. */
static tc_err must_exist(struct tc_request *r, uint32_t community)
{
    struct tc_query q = {.community = community,
                         .ids = &r->param[1],
                         .n_ids = 1,
                         .versions = 1u << TC_VERSIONS_ALL,
                         .added_after = TC_TIME_NONE,
                         .no_body = true};
    uint64_t n = 0;
    tc_err e = tc_journal_count(r->node->journal, r->who, &q, &n);
    if (!e && n == 0)
        e = tc_request_fail(r, TC_E_NOTFOUND, "there is no such object in this collection");
    return e;
}

struct endpoint {
    const char *name; /* a "next" is bound to it */
    const char *list; /* property that holds the rows */
    unsigned filters;
    bool one, no_body;
    void (*add)(struct tc_buf *b, const struct tc_row *row);
};

static tc_err answer(struct tc_request *r, const struct endpoint *what)
{
    struct tc_community c;
    struct page p = {0};
    tc_err e = tc_taxii_community(r, r->param[0], &c);
    if (!e && what->one && !tc_http_is_id(r->param[1]))
        e = tc_request_fail(r, TC_E_NOTFOUND, "there is no such object in this collection");
    if (e)
        return e;
    struct tc_str within[2] = {tc_str_view((const char *)&c.uuid, sizeof c.uuid), r->param[1]};
    p.filters.query.community = c.number;
    p.filters.query.no_body = what->no_body;
    e = tc_filters_read(r, what->filters, what->name, within, 2, &p.filters);
    if (e)
        return e;
    if (what->one) {
        p.filters.query.ids = &r->param[1];
        p.filters.query.n_ids = 1;
    }
    if (what->filters == (TC_FILTER_PAGE | TC_FILTER_SPEC))
        p.filters.query.versions = 1u << TC_VERSIONS_ALL;
    (void)tc_request_json(r, 200, TC_MEDIA_TAXII);
    tc_buf_fmt(&r->out, "{\"%s\":[", what->list);
    if (!p.filters.nothing)
        e = read_page(r, &p, what->add);
    if (e)
        return e;
    if (p.rows) {
        finish_page(r, &p);
        return TC_OK;
    }
    if (what->one && (e = must_exist(r, c.number)) != TC_OK)
        return e;
    tc_buf_clear(&r->out);
    tc_buf_cstr(&r->out, "{}");
    return TC_OK;
}

tc_err tc_http_taxii_objects(struct tc_request *r)
{
    static const struct endpoint what = {"objects",
                                         "objects",
                                         TC_FILTER_ID | TC_FILTER_TYPE | TC_FILTER_VERSION |
                                             TC_FILTER_SPEC | TC_FILTER_PAGE,
                                         false,
                                         false,
                                         add_object};
    return answer(r, &what);
}

tc_err tc_http_taxii_manifest(struct tc_request *r)
{
    static const struct endpoint what = {"manifest",
                                         "objects",
                                         TC_FILTER_ID | TC_FILTER_TYPE | TC_FILTER_VERSION |
                                             TC_FILTER_SPEC | TC_FILTER_PAGE,
                                         false,
                                         true,
                                         add_manifest};
    return answer(r, &what);
}

tc_err tc_http_taxii_object(struct tc_request *r)
{
    static const struct endpoint what = {
        "object", "objects", TC_FILTER_VERSION | TC_FILTER_SPEC | TC_FILTER_PAGE,
        true,     false,     add_object};
    return answer(r, &what);
}

tc_err tc_http_taxii_versions(struct tc_request *r)
{
    static const struct endpoint what = {"versions", "versions", TC_FILTER_SPEC | TC_FILTER_PAGE,
                                         true,       true,       add_version};
    return answer(r, &what);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The routes' side of cap_out.h: messages and the Atom feed, read as the principal who asks. */
#include "warn/cap_out.h"

#include "base/limits.h"
#include "codec/json.h"

#include <stdio.h>

/* ---- one message ---- */

/* The newest released version that the principal may read. A recipient reads no drafts; for the
 * node's own people the draft is simply not a CAP message. */
static tc_err read_released(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                            struct tc_arena *a, struct tc_message *m)
{
    const struct tc_query q = {.ids = &id, .n_ids = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    bool found = false;
    tc_err e = tc_reader_open(n->journal, p, &q, &r);
    while (!e && !found && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct tc_json j = {0};
        e = tc_json_read(row.body, TC_MAX_OBJECT, 0, &j, NULL);
        if (!e && tc_message_read(j.root, a, m, NULL) == TC_OK)
            found = m->state == TC_WARN_RELEASED;
        tc_json_fini(&j);
    }
    tc_reader_close(r);
    return e ? e : found ? TC_OK : TC_E_NOTFOUND;
}

tc_err tc_cap_message(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                      struct tc_buf *out)
{
    struct tc_message m;
    if (!tc_str_starts(id, TC_STR("warning--")))
        return TC_E_NOTFOUND;
    struct tc_arena *a = tc_arena_new(4 * (size_t)TC_MAX_OBJECT);
    if (!a)
        return TC_E_NOMEM;
    tc_err e = read_released(n, p, id, a, &m);
    e = e ? e : tc_cap_write(&m, out);
    tc_arena_free(a);
    return e == TC_E_INVALID ? TC_E_NOTFOUND : e;
}

/* ---- the feed ---- */

static void put(struct tc_buf *b, const char *name, struct tc_str s)
{
    tc_buf_fmt(b, "<%s>", name);
    tc_cap_escape(b, s);
    tc_buf_fmt(b, "</%s>\n", name);
}

static void put_time(struct tc_buf *b, const char *name, tc_time t)
{
    char z[TC_TIME_SIZE];
    tc_time_format(t, 0, z);
    put(b, name, tc_str_cstr(z));
}

/* Atom ids are URIs that never change: the UUID of the warning. */
static void put_urn(struct tc_buf *b, struct tc_str id)
{
    size_t at = tc_str_find(id, TC_STR("--"));
    tc_buf_cstr(b, "<id>urn:uuid:");
    tc_cap_escape(b, at == SIZE_MAX ? id : tc_str_view(id.p + at + 2, id.n - at - 2));
    tc_buf_cstr(b, "</id>\n");
}

static void put_entry(struct tc_buf *b, const struct tc_cap_feed_options *o,
                      const struct tc_message *m)
{
    tc_buf_cstr(b, "<entry>\n");
    put_urn(b, m->id);
    put(b, "title", m->n_texts ? m->texts[0].headline : TC_STR("warning"));
    put_time(b, "updated", m->sent);
    put_time(b, "published", m->sent);
    tc_buf_cstr(b, "<author>");
    put(b, "name", m->sender_name.n ? m->sender_name : m->sender);
    tc_buf_cstr(b, "</author>\n<link rel=\"alternate\" type=\"application/cap+xml\" href=\"");
    tc_cap_escape(b, o->base);
    tc_buf_cstr(b, "/cap/");
    tc_cap_escape(b, m->id);
    tc_buf_cstr(b, "\"/>\n<summary>");
    tc_cap_escape(b, m->n_texts ? m->texts[0].description : TC_STR(""));
    tc_buf_cstr(b, "</summary>\n</entry>\n");
}

struct feed {
    struct tc_buf entries;
    tc_time updated;
    uint64_t last; /* sequence number of the oldest entry on the page */
    bool more;
};

static tc_err read_entry(const struct tc_row *row, const struct tc_cap_feed_options *o,
                         struct tc_arena *a, struct feed *f, bool *taken)
{
    struct tc_json j = {0};
    struct tc_message m;
    *taken = false;
    tc_arena_reset(a);
    tc_err e = tc_json_read(row->body, TC_MAX_OBJECT, 0, &j, NULL);
    if (!e && tc_message_read(j.root, a, &m, NULL) == TC_OK && m.state == TC_WARN_RELEASED) {
        put_entry(&f->entries, o, &m);
        f->updated = f->updated == TC_TIME_NONE || m.sent > f->updated ? m.sent : f->updated;
        f->last = row->seq;
        *taken = true;
    }
    tc_json_fini(&j);
    return e ? e : f->entries.err;
}

static tc_err read_feed(struct tc_node *n, const struct tc_principal *p,
                        const struct tc_cap_feed_options *o, struct tc_arena *a, struct feed *f)
{
    static const struct tc_str type = {"warning", 7};
    const struct tc_query q = {.until = o->before > 1 ? o->before - 1 : 0,
                               .types = &type,
                               .n_types = 1,
                               .backwards = true};
    size_t limit = o->limit && o->limit < TC_MAX_PAGE ? o->limit : 100, taken = 0;
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (o->before == 1)
        return TC_OK;
    tc_err e = tc_reader_open(n->journal, p, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        bool one = false;
        if (taken == limit) {
            f->more = true;
            break;
        }
        e = read_entry(&row, o, a, f, &one);
        taken += one;
    }
    tc_reader_close(r);
    return e;
}

static void put_link(struct tc_buf *b, const char *rel, const struct tc_cap_feed_options *o,
                     uint64_t before)
{
    tc_buf_fmt(b, "<link rel=\"%s\" type=\"application/atom+xml\" href=\"", rel);
    tc_cap_escape(b, o->base);
    tc_buf_cstr(b, "/cap/");
    if (before) {
        char text[64];
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)before);
        if (o->seal)
            o->seal(o->arg, before, text);
        tc_buf_fmt(b, "?before=%s", text);
    }
    tc_buf_cstr(b, "\"/>\n");
}

tc_err tc_cap_feed(struct tc_node *n, const struct tc_principal *p,
                   const struct tc_cap_feed_options *o, struct tc_buf *out)
{
    struct feed f = {.updated = TC_TIME_NONE};
    struct tc_arena *a = tc_arena_new(4 * (size_t)TC_MAX_OBJECT);
    if (!a)
        return TC_E_NOMEM;
    tc_buf_init(&f.entries, out->max);
    tc_err e = read_feed(n, p, o, a, &f);
    if (!e) {
        tc_buf_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
        put_urn(out, tc_str_cstr(n->identity));
        put(out, "title", tc_str_cstr(n->title));
        put_time(out, "updated", f.updated == TC_TIME_NONE ? n->created : f.updated);
        put_link(out, "self", o, o->before);
        if (f.more)
            put_link(out, "next", o, f.last);
        tc_buf_str(out, tc_buf_view(&f.entries));
        tc_buf_cstr(out, "</feed>\n");
        e = out->err;
    }
    tc_buf_fini(&f.entries);
    tc_arena_free(a);
    return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Event streams (Server-Sent Events, HTML Living Standard section 9.2). One hub thread waits for
 * the journal and puts what is new into a ring, once for all streams; each stream takes from the
 * ring what tc_may_read allows it, and reads the journal itself when it is further behind.
 *
 * A stream is on its server thread, or asleep (suspended) until the hub wakes it: `asleep` changes
 * only under the hub's lock, so a wake is neither lost nor given twice.
 *
 *   id: sealed sequence number      event: object | deleted      data: the object | its id
 *
 * A stream ends when its login no longer holds; the client then signs in anew and goes on from
 * Last-Event-ID. The server thread keeps nothing for a client that does not read: what is sent is
 * at most the block that libmicrohttpd asks for. */
#include "http/audited.h"
#include "http/internal.h"

#include "base/log.h"
#include "access/rules.h"
#include "http/handlers.h"
#include "model/cut.h"

#include <stdlib.h>
#include <time.h>

#define HEARTBEAT (15 * TC_SECOND)
#define BLOCK     (32u << 10)
#define MAX_EVENT (TC_MAX_OBJECT + 1024u)

struct event {
    uint64_t seq;
    uint32_t audience;
    char *data; /* "id" is the stream's own; this is from "event:" on */
    uint32_t n;
    uint32_t object, object_n; /* where in it the whole object stands; a deletion has none */
};

struct stream {
    struct tc_hub *hub;
    struct MHD_Connection *mhd;
    struct tc_conn *conn;
    struct tc_login *login;
    struct tc_principal who; /* the login's, with a witness */
    struct tc_witness witness;
    char from[TC_ADDRESS_SIZE];
    char why[TC_WHY_TEXT + 1];
    uint32_t *withheld;        /* its own: the request is over before the stream */
    struct tc_audit_list seen; /* in out */
    bool seen_red;
    uint8_t bind[TC_SEAL_BIND];
    uint64_t at; /* everything up to here was sent or is not for it */
    struct tc_buf out;
    size_t sent; /* of out */
    int64_t last;
    bool asleep, ended;
    struct stream *prev, *next;
};

struct tc_hub {
    struct tc_http *http;
    pthread_t thread;
    pthread_mutex_t lock;
    struct event ring[TC_STREAM_RING];
    uint64_t first, end; /* positions in the ring, ever increasing */
    size_t bytes;
    uint64_t floor; /* the ring holds everything in (floor, head] */
    uint64_t head;
    struct stream list;
    unsigned count;
    bool stop, running;
};

/* ---- the ring ---- */

static struct event *slot(struct tc_hub *hub, uint64_t i)
{
    return &hub->ring[i % TC_STREAM_RING];
}

static void drop_oldest(struct tc_hub *hub)
{
    struct event *e = slot(hub, hub->first++);
    hub->floor = e->seq;
    hub->bytes -= e->n;
    free(e->data);
    e->data = NULL;
}

/* JSON never needs a raw line break, so one becomes a space: an event is one "data:" line. */
static void add_line(struct tc_buf *b, struct tc_str json)
{
    char *to = tc_buf_room(b, json.n);
    if (!to)
        return;
    for (size_t i = 0; i < json.n; i++)
        to[i] = json.p[i] == '\n' || json.p[i] == '\r' ? ' ' : json.p[i];
    b->n += json.n;
}

#define OBJECT_EVENT "event: object\ndata: "

static void format_event(struct tc_buf *b, const struct tc_row *row)
{
    if (row->kind == TC_ENTRY_DELETE) {
        tc_buf_cstr(b, "event: deleted\ndata: {\"id\":");
        tc_json_quote(b, row->id);
        tc_buf_cstr(b, "}\n\n");
    } else {
        tc_buf_cstr(b, OBJECT_EVENT);
        add_line(b, row->body);
        tc_buf_cstr(b, "\n\n");
    }
}

static tc_err put(struct tc_hub *hub, const struct tc_row *row)
{
    struct tc_buf b;
    tc_buf_init(&b, MAX_EVENT);
    format_event(&b, row);
    if (b.err) {
        tc_buf_fini(&b);
        return b.err;
    }
    (void)pthread_mutex_lock(&hub->lock);
    while (hub->first < hub->end &&
           (hub->end - hub->first == TC_STREAM_RING || hub->bytes + b.n > TC_STREAM_RING_BYTES))
        drop_oldest(hub);
    *slot(hub, hub->end++) = (struct event){.seq = row->seq,
                                            .audience = row->audience,
                                            .data = b.p,
                                            .n = (uint32_t)b.n,
                                            .object = sizeof OBJECT_EVENT - 1,
                                            .object_n = (uint32_t)row->body.n};
    hub->bytes += b.n;
    hub->head = row->seq;
    (void)pthread_mutex_unlock(&hub->lock);
    return TC_OK;
}

/* Reads what is new with the eyes of the node; what a stream gets of it is asked for each. */
static tc_err fill(struct tc_hub *hub, uint64_t head)
{
    struct tc_reader *reader = NULL;
    struct tc_row row;
    struct tc_query q = {.after = hub->head,
                         .until = head,
                         .added_after = TC_TIME_NONE,
                         .versions = 1u << TC_VERSIONS_ALL,
                         .with_deletions = true,
                         .whole = true};
    tc_err e = tc_reader_open(hub->http->node->journal, &tc_principal_system, &q, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq)
        e = put(hub, &row);
    tc_reader_close(reader);
    return e;
}

/* Nobody listens, or it is too much for the ring: streams behind it read for themselves. */
static void skip_to(struct tc_hub *hub, uint64_t head)
{
    (void)pthread_mutex_lock(&hub->lock);
    while (hub->first < hub->end)
        drop_oldest(hub);
    hub->floor = hub->head = head;
    (void)pthread_mutex_unlock(&hub->lock);
}

static void wake_all(struct tc_hub *hub)
{
    int64_t now = tc_time_monotonic();
    (void)pthread_mutex_lock(&hub->lock);
    for (struct stream *s = hub->list.next; s != &hub->list; s = s->next)
        if (s->asleep && (s->at < hub->head || now - s->last >= HEARTBEAT || hub->stop)) {
            s->asleep = false;
            MHD_resume_connection(s->mhd);
        }
    (void)pthread_mutex_unlock(&hub->lock);
}

static bool hub_state(struct tc_hub *hub, unsigned *count)
{
    (void)pthread_mutex_lock(&hub->lock);
    bool stop = hub->stop;
    *count = hub->count;
    (void)pthread_mutex_unlock(&hub->lock);
    return !stop;
}

static void *hub_main(void *arg)
{
    struct tc_hub *hub = arg;
    struct tc_journal *j = hub->http->node->journal;
    unsigned count;
    while (hub_state(hub, &count)) {
        uint64_t head = tc_journal_wait(j, hub->head, TC_SECOND / 4);
        if (head > hub->head) {
            tc_err e = TC_OK;
            if (count && head - hub->head <= TC_STREAM_RING)
                e = fill(hub, head);
            else
                skip_to(hub, head);
            if (e) {
                tc_log(TC_LOG_WARN, "event stream: %s", tc_err_text(e));
                skip_to(hub, head);
            }
        }
        wake_all(hub);
    }
    return NULL;
}

/* ---- one stream, on its server thread ---- */

static void saw(void *arg, uint64_t entry, uint32_t audience)
{
    struct stream *s = arg;
    const struct tc_audience *a = tc_journal_audience_of(s->hub->http->node->journal, audience);
    tc_audit_list_add(&s->seen, entry);
    s->seen_red = s->seen_red || !a || a->tlp == TC_TLP_RED;
}

/* For one event more in this block, and on its record. */
static bool has_room(const struct stream *s)
{
    return s->out.n < BLOCK && !tc_audit_list_full(&s->seen);
}

static void add_event(struct stream *s, uint64_t seq, struct tc_str data)
{
    char id[TC_SEAL_TEXT];
    tc_seal_number(&s->hub->http->seal, s->bind, seq, id);
    tc_buf_fmt(&s->out, "id: %s\n", id);
    tc_buf_str(&s->out, data);
}

/* The event as this stream may see it. */
static void add_seen(struct stream *s, const struct event *e, const struct tc_audience *a)
{
    const struct tc_principal *p = &s->who;
    if (!tc_may_read(p, a))
        return;
    saw(s, e->seq, e->audience);
    if (!e->object_n || tc_may_read_whole(p, a)) {
        add_event(s, e->seq, tc_str_view(e->data, e->n));
        return;
    }
    add_event(s, e->seq, TC_STR(OBJECT_EVENT));
    tc_err err = tc_cut(tc_str_view(e->data + e->object, e->object_n), p, a, &s->out);
    if (err && !s->out.err)
        s->out.err = err; /* nothing of it goes out: the stream ends */
    tc_buf_cstr(&s->out, "\n\n");
}

static bool from_ring(struct stream *s)
{
    struct tc_hub *hub = s->hub;
    const struct tc_journal *j = hub->http->node->journal;
    (void)pthread_mutex_lock(&hub->lock);
    bool there = s->at >= hub->floor;
    uint64_t lo = hub->first, hi = hub->end;
    while (there && lo < hi) { /* first event after s->at */
        uint64_t mid = lo + (hi - lo) / 2;
        if (slot(hub, mid)->seq > s->at)
            hi = mid;
        else
            lo = mid + 1;
    }
    for (; there && lo < hub->end && has_room(s); lo++) {
        const struct event *e = slot(hub, lo);
        const struct tc_audience *a = tc_journal_audience_of(j, e->audience);
        if (a)
            add_seen(s, e, a);
        s->at = e->seq;
    }
    if (there && lo == hub->end && s->at < hub->head)
        s->at = hub->head;
    (void)pthread_mutex_unlock(&hub->lock);
    return there;
}

static tc_err from_journal(struct stream *s)
{
    struct tc_reader *reader = NULL;
    struct tc_row row = {.seq = 0};
    struct tc_buf b;
    struct tc_journal *j = s->hub->http->node->journal;
    struct tc_query q = {.after = s->at,
                         .until = tc_journal_head(j),
                         .added_after = TC_TIME_NONE,
                         .versions = 1u << TC_VERSIONS_ALL,
                         .with_deletions = true};
    tc_buf_init(&b, MAX_EVENT);
    tc_err e = tc_reader_open(j, &s->who, &q, &reader);
    while (!e && has_room(s) && !(e = tc_reader_next(reader, &row)) && row.seq) {
        tc_buf_clear(&b);
        format_event(&b, &row);
        add_event(s, row.seq, tc_buf_view(&b));
        s->at = row.seq;
    }
    if (!e && row.seq == 0)
        s->at = q.until;
    tc_reader_close(reader);
    tc_buf_fini(&b);
    return e;
}

/* Puts the next block into s->out; false when the stream is over. */
static bool refill(struct stream *s)
{
    tc_buf_clear(&s->out);
    s->sent = 0;
    tc_audit_list_init(&s->seen);
    s->seen_red = false;
    if (s->ended || !tc_access_fresh(s->hub->http->node->access, s->login))
        return false;
    if (!from_ring(s) && from_journal(s))
        return false;
    if (tc_audited_given(s->hub->http->node, &s->who, "GET /api/v1/stream", s->from,
                         tc_str_cstr(s->why), &s->seen, s->seen_red))
        return false;
    if (s->out.n == 0 && tc_time_monotonic() - s->last >= HEARTBEAT)
        tc_buf_cstr(&s->out, ": still here\n\n");
    return s->out.err == TC_OK;
}

/* False when something came in between, so that there is more to send. */
static bool fall_asleep(struct stream *s)
{
    struct tc_hub *hub = s->hub;
    (void)pthread_mutex_lock(&hub->lock);
    bool sleep = !hub->stop && s->at >= hub->head;
    s->ended = hub->stop;
    if (sleep) {
        s->asleep = true;
        MHD_suspend_connection(s->mhd);
    }
    (void)pthread_mutex_unlock(&hub->lock);
    return sleep;
}

static ssize_t on_read(void *cls, uint64_t pos, char *to, size_t max)
{
    struct stream *s = cls;
    (void)pos;
    while (s->sent == s->out.n) {
        if (!refill(s))
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (s->out.n == 0 && fall_asleep(s))
            return 0;
    }
    size_t n = s->out.n - s->sent < max ? s->out.n - s->sent : max;
    memcpy(to, s->out.p + s->sent, n);
    s->sent += n;
    s->last = tc_time_monotonic();
    return (ssize_t)n;
}

static void on_free(void *cls)
{
    struct stream *s = cls;
    struct tc_hub *hub = s->hub;
    (void)pthread_mutex_lock(&hub->lock);
    s->prev->next = s->next;
    s->next->prev = s->prev;
    hub->count--;
    (void)pthread_mutex_unlock(&hub->lock);
    tc_login_unref(s->login);
    tc_buf_fini(&s->out);
    free(s->withheld);
    free(s);
}

static tc_err join(struct tc_hub *hub, struct stream *s)
{
    (void)pthread_mutex_lock(&hub->lock);
    bool full = hub->count >= hub->http->o.max_streams || hub->stop;
    if (!full) {
        hub->count++;
        s->next = &hub->list;
        s->prev = hub->list.prev;
        s->prev->next = s;
        hub->list.prev = s;
    }
    (void)pthread_mutex_unlock(&hub->lock);
    return full ? TC_E_BUSY : TC_OK;
}

/* Where it starts: after the event that the client saw last, otherwise now. */
static tc_err start_at(struct tc_request *r, struct stream *s)
{
    struct tc_str last = tc_request_get(r, "Last-Event-ID");
    struct tc_str who = tc_str_view((const char *)&r->who->org, sizeof r->who->org);
    tc_seal_bind(&r->http->seal, "stream", &who, 1, s->bind);
    s->at = tc_journal_head(r->node->journal);
    uint64_t seen;
    if (last.n == 0 && !tc_target_arg(&r->target, "last_event_id", &last))
        return TC_OK;
    if (tc_seal_read(&r->http->seal, s->bind, last, &seen))
        return tc_request_fail(r, TC_E_SYNTAX, "Last-Event-ID is not of this stream");
    if (seen < s->at)
        s->at = seen;
    return TC_OK;
}

static tc_err without_reason(struct tc_request *r, struct stream *s)
{
    const struct tc_u32s list = r->who->withheld;
    (void)tc_str_copy(r->reason, s->why, sizeof s->why);
    s->withheld = calloc(list.n + (size_t)1, sizeof *s->withheld);
    if (s->withheld && list.n)
        memcpy(s->withheld, list.v, list.n * sizeof *list.v);
    return s->withheld ? TC_OK : TC_E_NOMEM;
}

tc_err tc_http_api_stream(struct tc_request *r)
{
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return TC_E_NOMEM;
    s->hub = r->http->hub;
    s->mhd = r->mhd;
    s->last = tc_time_monotonic();
    tc_buf_init(&s->out, BLOCK + 2 * (size_t)MAX_EVENT);
    tc_err e = start_at(r, s);
    e = e ? e : without_reason(r, s);
    if (!e && (e = join(s->hub, s)) != TC_OK)
        e = tc_request_fail(r, e, "there are too many streams");
    if (e) {
        free(s->withheld);
        free(s);
        return e;
    }
    s->login = tc_login_ref(r->login);
    s->witness = (struct tc_witness){saw, s};
    s->who = s->login->principal;
    s->who.withheld = (struct tc_u32s){s->withheld, r->who->withheld.n};
    s->who.witness = &s->witness;
    tc_audited_address(r->mhd, s->from);
    r->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_read, s, on_free);
    if (!r->response) {
        on_free(s);
        return TC_E_NOMEM;
    }
    tc_buf_cstr(&s->out, ": tocsin\n\n"); /* so that the client sees at once that it is open */
    tc_conns_phase(r->conn, TC_PHASE_STREAM);
    r->status = 200;
    r->type = "text/event-stream";
    tc_request_header(r, "X-Accel-Buffering", "no");
    return TC_OK;
}

/* ---- life of the hub ---- */

tc_err tc_hub_start(struct tc_http *h, struct tc_hub **out)
{
    struct tc_hub *hub = calloc(1, sizeof *hub);
    if (!hub)
        return TC_E_NOMEM;
    hub->http = h;
    hub->list.prev = hub->list.next = &hub->list;
    hub->floor = hub->head = tc_journal_head(h->node->journal);
    (void)pthread_mutex_init(&hub->lock, NULL);
    *out = hub;
    if (pthread_create(&hub->thread, NULL, hub_main, hub) != 0)
        return TC_E_IO;
    hub->running = true;
    return TC_OK;
}

void tc_hub_stop(struct tc_hub *hub)
{
    if (!hub)
        return;
    (void)pthread_mutex_lock(&hub->lock);
    hub->stop = true;
    (void)pthread_mutex_unlock(&hub->lock);
    if (hub->running)
        (void)pthread_join(hub->thread, NULL);
    wake_all(hub);
    /* a suspended connection must not meet MHD_stop_daemon: wait until the streams have gone */
    for (unsigned n = 1; n;) {
        (void)hub_state(hub, &n);
        bool asleep = false;
        (void)pthread_mutex_lock(&hub->lock);
        for (struct stream *s = hub->list.next; s != &hub->list; s = s->next)
            asleep |= s->asleep;
        (void)pthread_mutex_unlock(&hub->lock);
        if (!asleep)
            break;
        (void)nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}

void tc_hub_free(struct tc_hub *hub)
{
    if (!hub)
        return;
    while (hub->first < hub->end)
        drop_oldest(hub);
    (void)pthread_mutex_destroy(&hub->lock);
    free(hub);
}

unsigned tc_hub_count(struct tc_hub *hub)
{
    unsigned n;
    (void)hub_state(hub, &n);
    return n;
}

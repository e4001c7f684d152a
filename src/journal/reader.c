/* SPDX-License-Identifier: Apache-2.0 */
/* A query is answered in three steps, repeated until the reader is closed:
 *
 *   source   gives seqs in order: a scan of all entries, a merge of the posting lists that the
 *            principal may read, or the sorted entries of the ids (or the seqs) asked for
 *   match    keeps those that pass: readable (the bit of the audience, from tc_may_read),
 *            community, not deleted, type, spec_version, version
 *   fetch    reads the bodies of up to 1,000 of them, neighbours by one range scan; a body with
 *            fields that the principal may not see is cut as it is given out
 *
 * LAST and FIRST look along the chain of the id in both directions at once and stop at the first
 * entry that beats this one. That is the nearer one, so all entries of a chain of n together cost
 * n log n steps, in whatever order somebody sends its versions. */
#include "base/limits.h"
#include "base/log.h"
#include "journal/private.h"
#include "model/cut.h"
#include "model/sealed.h"

#include <stdlib.h>

enum {
    WINDOW = 1000,          /* rows read ahead at most */
    WINDOW_BYTES = 2 << 20, /* and bytes, about */
    NEAR = 8,               /* seqs so close are read by one range scan */
    FEW_LISTS = 64          /* a merge of so many lists is always worth it */
};

struct list_at {
    const struct tc_posting *list;
    uint32_t pos, end; /* rising: pos .. end - 1; falling: pos - 1 .. end */
    uint32_t seq;
};

enum source { SCAN, MERGE, LISTED };

struct tc_reader {
    struct tc_journal *j;
    const struct tc_query *q;
    const struct tc_readable *readable;
    const struct tc_witness *witness;
    bool all;              /* the system: every bit is set */
    uint64_t head, lo, hi; /* as of head; lo <= seq <= hi */
    unsigned versions;
    uint8_t *types; /* bit per type, NULL = any */
    uint32_t n_types;

    enum source source;
    uint64_t at;           /* SCAN */
    struct list_at *lists; /* MERGE: a heap */
    size_t n_lists;
    uint32_t *seqs; /* LISTED */
    size_t n_seqs, at_seq;

    size_t given, window; /* rows given; how many to read next time */
    struct {
        uint32_t seq;
        size_t off, len;
    } * rows;
    size_t n_rows, cap_rows, at_row, n_read; /* rows[0..n_read) have their bodies */
    struct tc_buf bodies;
    struct tc_buf cut;          /* the row's body without what is not for this principal */
    struct tc_buf opened, left; /* with its sealed fields; without them, but cut */
    const struct tc_principal *p;
    char id[TC_ID_MAX];
};

/* ---- source ---- */

static bool before(const struct tc_reader *r, uint32_t a, uint32_t b)
{
    return r->q->backwards ? a > b : a < b;
}

static void sift(struct tc_reader *r, size_t i)
{
    struct list_at what = r->lists[i];
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= r->n_lists)
            break;
        if (c + 1 < r->n_lists && before(r, r->lists[c + 1].seq, r->lists[c].seq))
            c++;
        if (!before(r, r->lists[c].seq, what.seq))
            break;
        r->lists[i] = r->lists[c];
        i = c;
    }
    r->lists[i] = what;
}

/* Moves a list to its next seq; false at its end. */
static bool list_step(const struct tc_reader *r, struct list_at *l)
{
    if (l->pos == l->end)
        return false;
    l->seq = tc_posting_at(l->list, r->q->backwards ? --l->pos : l->pos++);
    return true;
}

static uint64_t merge_next(struct tc_reader *r)
{
    if (!r->n_lists)
        return 0;
    uint64_t seq = r->lists[0].seq;
    if (!list_step(r, &r->lists[0]))
        r->lists[0] = r->lists[--r->n_lists];
    if (r->n_lists)
        sift(r, 0);
    return seq;
}

static uint64_t scan_next(struct tc_reader *r)
{
    if (r->at < r->lo || r->at > r->hi)
        return 0;
    return r->q->backwards ? r->at-- : r->at++;
}

static uint64_t source_next(struct tc_reader *r)
{
    switch (r->source) {
    case SCAN:
        return scan_next(r);
    case MERGE:
        return merge_next(r);
    case LISTED:
        break;
    }
    return r->at_seq < r->n_seqs ? r->seqs[r->at_seq++] : 0;
}

/* ---- match ---- */

/* May this principal know of the entry at all, by this query's community? */
static bool in_view(const struct tc_reader *r, uint64_t seq)
{
    const struct tc_heads *h = r->j->heads;
    const struct tc_posting *l = tc_postings_of(h->postings, TC_HEADS_AT(h, list, seq));
    if (r->q->community && l->community != r->q->community)
        return false;
    if (!r->all)
        return tc_readable_has(r->readable, l->audience);
    return r->q->whole || !tc_audiences_of(r->j->audiences, l->audience)->held_until;
}

static bool spec_fits(const struct tc_query *q, uint32_t info)
{
    if (q->spec_20 == q->spec_21)
        return true;
    return q->spec_20 == ((info & TC_HEAD_SPEC_20) != 0);
}

static const struct tc_audience *audience_at(const struct tc_reader *r, uint64_t seq)
{
    const struct tc_heads *h = r->j->heads;
    return tc_audiences_of(r->j->audiences,
                           tc_postings_of(h->postings, TC_HEADS_AT(h, list, seq))->audience);
}

static bool same_version(const struct tc_heads *h, uint64_t a, uint64_t b)
{
    const uint32_t x = tc_heads_info(h, a), y = tc_heads_info(h, b);
    if ((x & TC_HEAD_UNVERSIONED) != (y & TC_HEAD_UNVERSIONED) ||
        y & (TC_HEAD_DELETE | TC_HEAD_GONE))
        return false;
    return x & TC_HEAD_UNVERSIONED || TC_HEADS_AT(h, version, a) == TC_HEADS_AT(h, version, b);
}

/* Held back until an embargo was lifted, and given as what was appended then. */
static bool superseded(const struct tc_reader *r, uint64_t seq)
{
    const struct tc_heads *h = r->j->heads;
    if (!tc_audience_lifts_at(audience_at(r, seq)))
        return false;
    const uint32_t here = tc_postings_of(h->postings, TC_HEADS_AT(h, list, seq))->community;
    for (uint32_t b = tc_heads_next(h, seq); b && b <= r->head; b = tc_heads_next(h, b))
        if (same_version(h, seq, b) && in_view(r, b) &&
            tc_postings_of(h->postings, TC_HEADS_AT(h, list, b))->community == here)
            return true;
    return false;
}

/* Does other, of the same id, stand before seq as the newest (the oldest)? */
static bool beats(const struct tc_reader *r, uint32_t other, uint64_t seq, bool newest)
{
    const struct tc_heads *h = r->j->heads;
    tc_time a = TC_HEADS_AT(h, version, other), b = TC_HEADS_AT(h, version, seq);
    if (a == b ? other > seq : (a > b) != newest)
        return false;
    uint32_t info = tc_heads_info(h, other);
    if (r->q->newest_spec && (info & TC_HEAD_SPEC_20) && !(tc_heads_info(h, seq) & TC_HEAD_SPEC_20))
        return false;
    return !(info & (TC_HEAD_DELETE | TC_HEAD_GONE)) && spec_fits(r->q, info) &&
           in_view(r, other) && !superseded(r, other);
}

static bool is_21(const struct tc_reader *r, uint32_t other)
{
    uint32_t info = tc_heads_info(r->j->heads, other);
    return !(info & (TC_HEAD_DELETE | TC_HEAD_GONE | TC_HEAD_SPEC_20)) && in_view(r, other);
}

/* Is this entry of STIX 2.0, and the object here in 2.1 too? Asked last: it walks the chain. */
static bool outdated(const struct tc_reader *r, uint64_t seq, uint32_t info)
{
    const struct tc_heads *h = r->j->heads;
    if (!r->q->newest_spec || !(info & TC_HEAD_SPEC_20))
        return false;
    for (uint32_t a = TC_HEADS_AT(h, prev, seq); a; a = TC_HEADS_AT(h, prev, a))
        if (is_21(r, a))
            return true;
    for (uint32_t b = tc_heads_next(h, seq); b && b <= r->head; b = tc_heads_next(h, b))
        if (is_21(r, b))
            return true;
    return false;
}

static bool stands(const struct tc_reader *r, uint64_t seq, bool newest)
{
    const struct tc_heads *h = r->j->heads;
    uint32_t a = TC_HEADS_AT(h, prev, seq), b = tc_heads_next(h, seq);
    while (a || (b && b <= r->head)) {
        if (a) {
            if (beats(r, a, seq, newest))
                return false;
            a = TC_HEADS_AT(h, prev, a);
        }
        if (b && b <= r->head) {
            if (beats(r, b, seq, newest))
                return false;
            b = tc_heads_next(h, b);
        }
    }
    return true;
}

static bool version_fits(const struct tc_reader *r, uint64_t seq)
{
    const struct tc_query *q = r->q;
    if (r->versions & 1u << TC_VERSIONS_ALL)
        return true;
    if (r->versions & 1u << TC_VERSIONS_GIVEN) {
        tc_time v = TC_HEADS_AT(r->j->heads, version, seq);
        for (size_t i = 0; i < q->n_given; i++)
            if (q->given[i] == v)
                return true;
    }
    if (r->versions & 1u << TC_VERSIONS_LAST && stands(r, seq, true))
        return true;
    return r->versions & 1u << TC_VERSIONS_FIRST && stands(r, seq, false);
}

static bool matches(const struct tc_reader *r, uint64_t seq)
{
    uint32_t info = tc_heads_info(r->j->heads, seq), type = info >> 8;
    if (info & TC_HEAD_GONE || !in_view(r, seq) || !spec_fits(r->q, info))
        return false;
    if (r->types && (type >= r->n_types || !(r->types[type >> 3] >> (type & 7) & 1)))
        return false;
    if (info & TC_HEAD_DELETE)
        return r->q->with_deletions;
    return version_fits(r, seq) && !superseded(r, seq) && !outdated(r, seq, info);
}

/* ---- fetch ---- */

/* take_body's way of ending a scan: no failure. */
#define ENOUGH TC_E_COUNT

struct fetching {
    struct tc_reader *r;
    size_t at;
    size_t end;
};

static tc_err take_body(void *ctx, uint64_t seq, struct tc_str body)
{
    struct fetching *f = ctx;
    struct tc_reader *r = f->r;
    if (f->at == f->end || r->rows[f->at].seq != seq)
        return TC_OK; /* one between that was not asked for */
    r->rows[f->at].off = r->bodies.n;
    r->rows[f->at].len = body.n;
    tc_buf_str(&r->bodies, body);
    f->at++;
    if (r->bodies.err)
        return r->bodies.err;
    return r->bodies.n < WINDOW_BYTES ? TC_OK : ENOUGH;
}

/* Bodies of the rows from r->n_read on, until there are enough bytes. */
static tc_err fetch(struct tc_reader *r)
{
    struct tc_store *s = tc_pool_take(r->j);
    tc_err e = tc_store_view(s);
    bool viewing = !e;
    tc_buf_clear(&r->bodies);
    while (!e && r->n_read < r->n_rows && r->bodies.n < WINDOW_BYTES) {
        size_t first = r->n_read, last = first;
        uint32_t a = r->rows[first].seq, b = a;
        while (last + 1 < r->n_rows && last - first < 128) {
            uint32_t c = r->rows[last + 1].seq;
            if ((r->q->backwards ? b - c : c - b) > NEAR)
                break;
            b = c;
            last++;
        }
        struct fetching f = {r, first, last + 1};
        e = r->q->backwards ? tc_store_bodies(s, b, a, true, take_body, &f)
                            : tc_store_bodies(s, a, b, false, take_body, &f);
        if (!e && f.at != last + 1)
            e = TC_E_CORRUPT; /* a row that has a head is missing */
        if (e == ENOUGH)
            e = TC_OK;
        r->n_read = f.at;
    }
    if (viewing)
        tc_store_view_end(s);
    tc_pool_give(r->j, s);
    return e;
}

/* The next window of matching rows; none = the end. */
static tc_err find_rows(struct tc_reader *r)
{
    size_t want = r->window;
    if (r->q->limit && r->q->limit - r->given < want)
        want = r->q->limit - r->given;
    r->n_rows = r->at_row = r->n_read = 0;
    if (want > r->cap_rows) {
        void *more = realloc(r->rows, want * sizeof *r->rows);
        if (!more)
            return TC_E_NOMEM;
        r->rows = more;
        r->cap_rows = want;
    }
    uint64_t seq;
    while (r->n_rows < want && (seq = source_next(r)) != 0)
        if (matches(r, seq))
            r->rows[r->n_rows++].seq = (uint32_t)seq;
    r->window = r->window * 4 > WINDOW ? WINDOW : r->window * 4;
    return TC_OK;
}

/* What is stored as it was received; for the node's own readers, who ask for no more, without what
 * is sealed. *without: that is still to be done, after the fields that have a marking of their own.
 */
static tc_err unsealed(struct tc_reader *r, uint64_t seq, const struct tc_head *h,
                       struct tc_str stored, struct tc_str *out, bool *without)
{
    struct tc_journal_place at;
    struct tc_sealed_blob blob;
    bool marked = tc_audiences_of(r->j->audiences, h->audience)->n_fields;
    *without = r->all && !r->q->whole && marked;
    if (r->all && !r->q->whole && !marked) {
        tc_err e = tc_sealed_parse(stored, &blob);
        *out = blob.left;
        return e;
    }
    if (!r->j->sealer.open)
        return TC_E_CORRUPT;
    tc_place_of(r->j, seq, h, &at);
    tc_buf_clear(&r->opened);
    tc_err e = r->j->sealer.open(r->j->sealer.arg, &at, stored, &r->opened);
    *out = tc_buf_view(&r->opened);
    return e;
}

/* The body as it may go out. */
static tc_err body_for(struct tc_reader *r, struct tc_str body, uint32_t audience,
                       struct tc_str *out)
{
    const struct tc_audience *a = tc_audiences_of(r->j->audiences, audience);
    bool whole = r->all ? r->q->whole || !a->n_fields : tc_readable_whole(r->readable, audience);
    *out = body;
    if (whole || !body.n)
        return TC_OK;
    tc_buf_clear(&r->cut);
    tc_err e = tc_cut(body, r->all ? NULL : r->p, a, &r->cut);
    *out = tc_buf_view(&r->cut);
    return e;
}

static tc_err sealed_body_for(struct tc_reader *r, uint64_t seq, const struct tc_head *h,
                              struct tc_str stored, struct tc_str *out)
{
    struct tc_str whole;
    bool without = false;
    tc_err e = unsealed(r, seq, h, stored, &whole, &without);
    e = e ? e : body_for(r, whole, h->audience, out);
    if (e || !without)
        return e;
    tc_buf_clear(&r->left);
    e = r->j->sealer.without(r->j->sealer.arg, tc_names_of(r->j->types, h->type), whole, *out,
                             &r->left);
    *out = tc_buf_view(&r->left);
    return e;
}

static tc_err fill_row(struct tc_reader *r, size_t i, struct tc_row *row)
{
    struct tc_head h;
    tc_heads_get(r->j->heads, r->rows[i].seq, &h);
    struct tc_str type = tc_names_of(r->j->types, h.type);
    tc_id_make(type, &h.uuid, r->id);
    *row = (struct tc_row){.seq = r->rows[i].seq,
                           .kind = h.flags & TC_HEAD_DELETE ? TC_ENTRY_DELETE : TC_ENTRY_OBJECT,
                           .id = tc_str_view(r->id, type.n + 38),
                           .type = type,
                           .uuid = h.uuid,
                           .added = h.added,
                           .version = h.version,
                           .revoked = h.flags & TC_HEAD_REVOKED,
                           .spec_20 = h.flags & TC_HEAD_SPEC_20,
                           .sealed = h.flags & TC_HEAD_SEALED,
                           .unversioned = h.flags & TC_HEAD_UNVERSIONED,
                           .audience = h.audience,
                           .community = h.community,
                           .creator = tc_names_of(r->j->creators, h.creator)};
    if (r->q->no_body)
        return TC_OK;
    struct tc_str stored = {r->rows[i].len ? r->bodies.p + r->rows[i].off : "", r->rows[i].len};
    tc_err e = row->sealed ? sealed_body_for(r, row->seq, &h, stored, &row->body)
                           : body_for(r, stored, h.audience, &row->body);
    if (e == TC_E_CORRUPT && row->sealed &&
        atomic_exchange(&r->j->told_damaged, row->seq) != row->seq)
        tc_log(TC_LOG_ERROR,
               "entry %u, %.*s: its sealed fields do not open: they were damaged or moved, or "
               "sealed with another key; it is not given out",
               r->rows[i].seq, TC_FMT(row->id));
    if (e)
        *row = (struct tc_row){.seq = 0};
    return e;
}

tc_err tc_reader_next(struct tc_reader *r, struct tc_row *row)
{
    tc_err e = TC_OK;
    for (;;) {
        if (r->at_row == r->n_rows) {
            e = find_rows(r);
            if (e)
                return e;
            if (!r->n_rows) {
                *row = (struct tc_row){.seq = 0};
                return TC_OK;
            }
        }
        if (!r->q->no_body && r->at_row == r->n_read) {
            e = fetch(r);
            if (e)
                return e;
        }
        size_t i = r->at_row++;
        uint32_t info = tc_heads_info(r->j->heads, r->rows[i].seq);
        if (info & TC_HEAD_GONE)
            continue; /* deleted since it was found */
        if (!r->q->no_body && !(info & TC_HEAD_DELETE) && !r->rows[i].len)
            continue; /* erased a moment ago, the head is about to say so */
        tc_err err = fill_row(r, i, row);
        if (err == TC_E_CORRUPT && (info & TC_HEAD_SEALED) && r->q->n_ids != 1 && r->q->n_seqs != 1)
            continue; /* the others are not to suffer */
        r->given++;
        if (!err && r->witness)
            r->witness->saw(r->witness->arg, row->seq, row->audience);
        return err;
    }
}

/* ---- opening ---- */

static tc_err pick_types(struct tc_reader *r)
{
    const struct tc_query *q = r->q;
    if (!q->n_types)
        return TC_OK;
    r->n_types = tc_names_count(r->j->types) + 1;
    r->types = calloc(1, r->n_types / 8 + 1);
    if (!r->types)
        return TC_E_NOMEM;
    for (size_t i = 0; i < q->n_types; i++) {
        uint32_t t;
        if (tc_names_find(r->j->types, q->types[i], &t) && t < r->n_types)
            r->types[t >> 3] = (uint8_t)(r->types[t >> 3] | 1u << (t & 7));
    }
    return TC_OK;
}

static int rising(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int falling(const void *a, const void *b)
{
    return rising(b, a);
}

static tc_err add_chain(struct tc_reader *r, uint32_t seq, size_t *cap)
{
    for (; seq; seq = TC_HEADS_AT(r->j->heads, prev, seq)) {
        if (seq < r->lo || seq > r->hi)
            continue;
        if (r->n_seqs == *cap) {
            *cap = *cap ? *cap * 2 : 16;
            uint32_t *more = realloc(r->seqs, *cap * sizeof *more);
            if (!more)
                return TC_E_NOMEM;
            r->seqs = more;
        }
        r->seqs[r->n_seqs++] = seq;
    }
    return TC_OK;
}

static tc_err add_given(struct tc_reader *r)
{
    r->seqs = calloc(r->q->n_seqs, sizeof *r->seqs);
    if (!r->seqs)
        return TC_E_NOMEM;
    for (size_t i = 0; i < r->q->n_seqs; i++)
        if (r->q->seqs[i] >= r->lo && r->q->seqs[i] <= r->hi)
            r->seqs[r->n_seqs++] = (uint32_t)r->q->seqs[i];
    return TC_OK;
}

static tc_err list_entries(struct tc_reader *r)
{
    const struct tc_query *q = r->q;
    size_t cap = 0, n = 0;
    tc_err e = q->n_seqs ? add_given(r) : TC_OK;
    r->source = LISTED;
    for (size_t i = 0; !e && i < q->n_ids; i++) {
        struct tc_str type;
        struct tc_uuid uuid;
        uint32_t t;
        if (tc_id_split(q->ids[i], &type, &uuid) == TC_OK && tc_names_find(r->j->types, type, &t))
            e = add_chain(r, tc_heads_find(r->j->heads, t, &uuid, r->head), &cap);
    }
    if (e || !r->n_seqs)
        return e;
    qsort(r->seqs, r->n_seqs, sizeof *r->seqs, q->backwards ? falling : rising);
    for (size_t i = 1; i < r->n_seqs; i++) /* one may be asked for twice */
        if (r->seqs[i] != r->seqs[n])
            r->seqs[++n] = r->seqs[i];
    r->n_seqs = n + 1;
    return TC_OK;
}

static bool lifts(const struct tc_reader *r, uint32_t audience)
{
    int64_t at = tc_audience_lifts_at(tc_audiences_of(r->j->audiences, audience));
    return at && at <= r->q->lifts_upto;
}

/* The list's part in lo .. hi; false when there is none or it must not be read. */
static bool open_list(const struct tc_reader *r, const struct tc_posting *l, struct list_at *at)
{
    if (!r->all && !tc_readable_has(r->readable, l->audience))
        return false;
    if (r->q->lifts_upto && !lifts(r, l->audience))
        return false;
    uint32_t n = atomic_load_explicit(&l->n, memory_order_acquire);
    uint32_t from = tc_posting_upto(l, n, r->lo - 1), to = tc_posting_upto(l, n, r->hi);
    if (from >= to)
        return false;
    *at = r->q->backwards ? (struct list_at){l, to, from, 0} : (struct list_at){l, from, to, 0};
    return true;
}

static tc_err add_list(struct tc_reader *r, const struct tc_posting *l, size_t *cap, uint64_t *sum)
{
    struct list_at at;
    if (!open_list(r, l, &at))
        return TC_OK;
    if (r->n_lists == *cap) {
        *cap = *cap ? *cap * 2 : 8;
        struct list_at *more = realloc(r->lists, *cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        r->lists = more;
    }
    *sum += at.pos > at.end ? at.pos - at.end : at.end - at.pos;
    r->lists[r->n_lists++] = at;
    return TC_OK;
}

static tc_err merge_lists(struct tc_reader *r)
{
    struct tc_postings *p = r->j->heads->postings;
    size_t cap = 0;
    uint64_t sum = 0;
    tc_err e = TC_OK;
    if (r->q->community) {
        for (uint32_t l = tc_postings_community(p, r->q->community); !e && l;
             l = tc_postings_of(p, l)->older)
            e = add_list(r, tc_postings_of(p, l), &cap, &sum);
    } else {
        for (uint32_t l = 1, n = tc_postings_count(p); !e && l <= n; l++)
            e = add_list(r, tc_postings_of(p, l), &cap, &sum);
    }
    if (e)
        return e;
    /* A step of the merge costs some ten times a step of the scan. */
    if (r->n_lists > FEW_LISTS && !r->q->lifts_upto && sum > (r->hi - r->lo) / 16) {
        r->source = SCAN;
        return TC_OK;
    }
    r->source = MERGE;
    for (size_t i = 0; i < r->n_lists; i++)
        (void)list_step(r, &r->lists[i]);
    for (size_t i = r->n_lists / 2; i-- > 0;)
        sift(r, i);
    return TC_OK;
}

static tc_err plan(struct tc_reader *r)
{
    const struct tc_query *q = r->q;
    r->source = MERGE; /* of no list: nothing */
    if (q->after >= r->head)
        return TC_OK;
    r->hi = r->head;
    r->lo = q->after + 1;
    if (q->added_after != TC_TIME_NONE) {
        uint64_t skip = tc_heads_added_upto(r->j->heads, q->added_after, r->head);
        if (skip >= r->lo)
            r->lo = skip + 1;
    }
    if (r->lo > r->hi)
        return TC_OK;
    if (q->n_ids || q->n_seqs)
        return list_entries(r);
    r->at = q->backwards ? r->hi : r->lo;
    r->source = SCAN;
    return r->all && !q->community && !q->lifts_upto ? TC_OK : merge_lists(r);
}

tc_err tc_reader_open(struct tc_journal *j, const struct tc_principal *p, const struct tc_query *q,
                      struct tc_reader **out)
{
    struct tc_reader *r = calloc(1, sizeof *r);
    if (!r)
        return TC_E_NOMEM;
    r->j = j;
    r->q = q;
    r->head = tc_journal_head(j);
    if (q->until && q->until < r->head)
        r->head = q->until;
    r->versions = q->versions ? q->versions : 1u << TC_VERSIONS_LAST;
    r->window = q->limit && q->limit <= WINDOW ? q->limit : 64;
    r->p = p;
    tc_buf_init(&r->bodies, (size_t)WINDOW_BYTES + TC_MAX_OBJECT + TC_SEALED_OVERHEAD);
    tc_buf_init(&r->opened, TC_MAX_OBJECT);
    tc_buf_init(&r->left, 2 * (size_t)TC_MAX_OBJECT);
    tc_buf_init(&r->cut, 2 * (size_t)TC_MAX_OBJECT); /* text may take more room when it is quoted */
    /* After the head: so every audience up to there is known. */
    tc_err e = tc_readable_get(j->readable, p, &r->readable);
    r->all = p->system && !p->withheld.n;
    r->witness = p->witness;
    if (!e)
        e = pick_types(r);
    if (!e)
        e = plan(r);
    if (e)
        tc_reader_close(r);
    else
        *out = r;
    return e;
}

void tc_reader_close(struct tc_reader *r)
{
    if (!r)
        return;
    tc_readable_unref(r->j->readable, r->readable);
    tc_buf_fini(&r->bodies);
    tc_buf_fini(&r->cut);
    tc_buf_fini(&r->opened);
    tc_buf_fini(&r->left);
    free(r->types);
    free(r->lists);
    free(r->seqs);
    free(r->rows);
    free(r);
}

tc_err tc_journal_count(struct tc_journal *j, const struct tc_principal *p,
                        const struct tc_query *q, uint64_t *out)
{
    struct tc_query heads = *q;
    heads.no_body = true;
    struct tc_reader *r = NULL;
    tc_err e = tc_reader_open(j, p, &heads, &r);
    uint64_t n = 0, seq;
    while (!e && (!q->limit || n < q->limit) && (seq = source_next(r)) != 0)
        n += matches(r, seq);
    tc_reader_close(r);
    if (!e)
        *out = n;
    return e;
}

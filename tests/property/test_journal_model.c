/* SPDX-License-Identifier: Apache-2.0 */
/* The journal against a slow, obvious twin: a list of everything that was appended, looked through
 * from end to end for each question, with tc_may_read for each row. Random batches (versions in
 * any order, revocations, deletions, other people's ids, two communities), random principals,
 * random queries, now and then a restart, a clock that also runs backwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/num.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 400, BATCH = 12, QUERIES = 25, IDS = 25, MOST = STEPS * BATCH, BODY = 80 };

struct known { /* one entry, as the twin remembers it */
    uint64_t seq;
    bool delete, revoked, spec_20, unversioned, gone;
    uint64_t id;
    const char *type, *creator;
    tc_time version, added;
    uint32_t audience, community;
    char body[BODY];
};

struct world {
    char *dir;
    struct tc_journal *j;
    struct known *list;
    size_t n;
    uint32_t audiences[64];
    struct tc_audience combos[64];
    uint32_t lists[64][2];
    size_t n_audiences;
};

static uint64_t state;
static tc_time now;

static uint32_t roll(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static tc_time clock_of_test(void)
{
    return now;
}

/* ---- the twin: appending ---- */

static bool same_object(const struct known *k, const struct tc_entry_in *in)
{
    struct tc_uuid u = tc_test_uuid(k->id);
    return tc_str_is(in->type, k->type) && memcmp(in->uuid.b, u.b, sizeof u.b) == 0;
}

static const struct tc_audience *combo(const struct world *w, uint32_t number);

static enum tc_outcome twin_object(struct world *w, const struct tc_entry_in *in, size_t *there)
{
    const char *owner = NULL;
    bool revoked_before = false, erased = false, posted = in->entitled;
    for (size_t i = 0; i < w->n; i++) {
        struct known *k = &w->list[i];
        if (!same_object(k, in))
            continue;
        erased = erased || (k->delete &&k->revoked);
        if (k->delete)
            continue;
        bool none = in->version == TC_TIME_NONE;
        if (!k->gone && k->community == in->community && k->unversioned == none &&
            (none || k->version == in->version)) {
            *there = i;
            return tc_str_is(in->body, k->body) ? TC_OUT_SAME : TC_OUT_DIFFERS;
        }
        if (k->unversioned)
            continue;
        if (!owner)
            owner = k->creator;
        if (combo(w, k->audience)->creator_org == combo(w, in->audience)->creator_org)
            posted = true;
        if (k->revoked && in->version > k->version)
            revoked_before = true;
    }
    if (in->version == TC_TIME_NONE)
        return TC_OUT_APPENDED;
    if (owner && (!tc_str_is(in->creator, owner) || !posted))
        return TC_OUT_NOT_CREATOR;
    if (erased)
        return TC_OUT_ERASED;
    return revoked_before ? TC_OUT_REVOKED : TC_OUT_APPENDED;
}

static enum tc_outcome twin_delete(struct world *w, const struct tc_entry_in *in)
{
    enum tc_outcome out = TC_OUT_GONE;
    for (size_t i = 0; i < w->n; i++) {
        struct known *k = &w->list[i];
        if (same_object(k, in) && !k->delete &&!k->gone && k->community == in->community &&
            (in->version == TC_TIME_NONE || k->version == in->version)) {
            k->gone = true;
            out = TC_OUT_APPENDED;
        }
    }
    return out;
}

static void twin_append(struct world *w, const struct tc_entry_in *in, uint64_t id)
{
    size_t there = 0;
    bool del = in->kind == TC_ENTRY_DELETE;
    enum tc_outcome expected = del ? twin_delete(w, in) : twin_object(w, in, &there);
    assert_int_equal(in->outcome, expected);
    if (expected == TC_OUT_SAME || expected == TC_OUT_DIFFERS) {
        assert_int_equal(in->seq, w->list[there].seq);
        assert_int_equal(in->added, w->list[there].added);
    }
    if (expected != TC_OUT_APPENDED)
        return;
    assert_int_equal(in->seq, w->n + 1);
    if (w->n)
        assert_true(in->added > w->list[w->n - 1].added);
    struct known *k = &w->list[w->n++];
    *k = (struct known){.seq = in->seq,
                        .delete = del,
                        .revoked = in->revoked,
                        .spec_20 = in->spec_20,
                        .unversioned = in->version == TC_TIME_NONE,
                        .id = id,
                        .type = in->type.p,
                        .creator = in->creator.n ? in->creator.p : "",
                        .version = in->version == TC_TIME_NONE ? in->added : in->version,
                        .added = in->added,
                        .audience = in->audience,
                        .community = in->community};
    (void)tc_str_copy(in->body, k->body, sizeof k->body);
}

static void random_entry(struct world *w, struct tc_entry_in *in, uint64_t *id, char body[BODY])
{
    static const char *const creators[] = {"", "identity--a", "identity--b"};
    static const char *const types[] = {"indicator", "malware", "x-odd"};
    *id = roll(IDS);
    (void)snprintf(body, BODY, "{\"n\":%u%.*s}", roll(3), (int)roll(40),
                   "----------------------------------------");
    *in = tc_test_entry(*id, roll(10) ? 100 + roll(12) : 0, w->audiences[roll(64)], 7 + roll(2),
                        body);
    for (int i = 0; i < 12 && combo(w, in->audience)->creator_org != *id % 4; i++)
        in->audience = w->audiences[roll(64)]; /* mostly those who posted it before */
    in->entitled = roll(8) == 0;
    in->type = tc_str_cstr(types[*id % 3]);
    in->creator = tc_str_cstr(creators[roll(12) ? *id % 3 : roll(3)]);
    in->revoked = roll(25) == 0;
    in->spec_20 = roll(5) == 0;
    if (roll(12) == 0) {
        in->kind = TC_ENTRY_DELETE;
        in->body = TC_STR("");
        /* The version of one that is there, so that also the unversioned are met. */
        if (roll(2) && w->n)
            in->version = w->list[roll((uint32_t)w->n)].version;
    }
}

static void random_batch(struct world *w)
{
    struct tc_entry_in in[BATCH];
    char bodies[BATCH][BODY];
    uint64_t ids[BATCH];
    size_t n = 1 + roll(BATCH);
    now += (tc_time)roll(2000) - 500;
    for (size_t i = 0; i < n; i++)
        random_entry(w, &in[i], &ids[i], bodies[i]);
    assert_int_equal(tc_journal_append(w->j, in, n), TC_OK);
    for (size_t i = 0; i < n; i++)
        twin_append(w, &in[i], ids[i]);
    assert_int_equal(tc_journal_head(w->j), w->n);
}

/* ---- the twin: reading ---- */

static const struct tc_audience *combo(const struct world *w, uint32_t number)
{
    for (size_t i = 0; i < 64; i++)
        if (w->audiences[i] == number)
            return &w->combos[i];
    fail();
    return NULL;
}

static bool spec_ok(const struct tc_query *q, const struct known *k)
{
    if (!q->spec_20 && !q->spec_21)
        return true;
    return k->spec_20 ? q->spec_20 : q->spec_21;
}

static bool visible(const struct world *w, const struct tc_principal *p, const struct tc_query *q,
                    const struct known *k)
{
    return !k->gone && (!q->community || k->community == q->community) && spec_ok(q, k) &&
           tc_may_read(p, combo(w, k->audience));
}

static bool is_extreme(const struct world *w, const struct tc_principal *p,
                       const struct tc_query *q, const struct known *k, size_t head, bool last)
{
    for (size_t i = 0; i < head; i++) {
        const struct known *o = &w->list[i];
        if (o == k || o->delete || o->id != k->id || strcmp(o->type, k->type) != 0 ||
            !visible(w, p, q, o))
            continue;
        if (last ? o->version > k->version : o->version < k->version)
            return false;
        if (o->version == k->version && o->seq < k->seq)
            return false;
    }
    return true;
}

static bool id_asked(const struct tc_query *q, const struct known *k)
{
    char id[TC_ID_MAX];
    struct tc_uuid u = tc_test_uuid(k->id);
    tc_id_make(tc_str_cstr(k->type), &u, id);
    for (size_t i = 0; i < q->n_ids; i++)
        if (tc_str_is(q->ids[i], id))
            return true;
    return q->n_ids == 0;
}

static bool expected(const struct world *w, const struct tc_principal *p, const struct tc_query *q,
                     const struct known *k, size_t head)
{
    if (k->seq <= q->after || k->seq > head || k->added <= q->added_after || !visible(w, p, q, k) ||
        !id_asked(q, k))
        return false;
    bool typed = q->n_types == 0;
    for (size_t i = 0; i < q->n_types; i++)
        typed = typed || tc_str_is(q->types[i], k->type);
    if (!typed)
        return false;
    if (k->delete)
        return q->with_deletions;
    unsigned v = q->versions ? q->versions : 1u << TC_VERSIONS_LAST;
    bool yes = v >> TC_VERSIONS_ALL & 1;
    for (size_t i = 0; v >> TC_VERSIONS_GIVEN & 1 && i < q->n_given; i++)
        yes = yes || q->given[i] == k->version;
    if (!yes && v >> TC_VERSIONS_LAST & 1)
        yes = is_extreme(w, p, q, k, head, true);
    if (!yes && v >> TC_VERSIONS_FIRST & 1)
        yes = is_extreme(w, p, q, k, head, false);
    return yes;
}

static void same_row(const struct known *k, const struct tc_row *row, bool no_body)
{
    char id[TC_ID_MAX];
    struct tc_uuid u = tc_test_uuid(k->id);
    tc_id_make(tc_str_cstr(k->type), &u, id);
    assert_int_equal(row->seq, k->seq);
    assert_int_equal(row->kind, k->delete ? TC_ENTRY_DELETE : TC_ENTRY_OBJECT);
    assert_true(tc_str_is(row->id, id));
    assert_true(tc_str_is(row->type, k->type));
    assert_true(tc_str_is(row->creator, k->creator));
    assert_int_equal(row->added, k->added);
    assert_int_equal(row->version, k->version);
    assert_int_equal(row->revoked, k->revoked);
    assert_int_equal(row->spec_20, k->spec_20);
    assert_int_equal(row->unversioned, k->unversioned);
    assert_int_equal(row->audience, k->audience);
    assert_int_equal(row->community, k->community);
    assert_true(tc_str_is(row->body, no_body ? "" : k->body));
}

/* Reads the whole answer page by page, each page by a new reader, and compares. */
static void compare(struct world *w, const struct tc_principal *p, struct tc_query q)
{
    size_t head = q.until && q.until < w->n ? (size_t)q.until : w->n, page = 1 + roll(40);
    size_t at = q.backwards ? w->n : 0;
    uint64_t counted, want = 0;
    for (size_t i = 0; i < w->n; i++)
        want += expected(w, p, &q, &w->list[i], head);
    assert_int_equal(tc_journal_count(w->j, p, &q, &counted), TC_OK);
    assert_int_equal(counted, want);
    struct tc_query turn = q;
    bool can_turn = !q.backwards; /* backwards goes on by until, which is another as-of */
    turn.limit = can_turn ? page : 0;
    for (bool more = true; more;) {
        struct tc_reader *r;
        struct tc_row row;
        more = false;
        assert_int_equal(tc_reader_open(w->j, p, &turn, &r), TC_OK);
        for (;;) {
            assert_int_equal(tc_reader_next(r, &row), TC_OK);
            if (!row.seq)
                break;
            const struct known *k = NULL;
            while (q.backwards ? at > 0 : at < w->n) {
                const struct known *c = &w->list[q.backwards ? --at : at++];
                if (expected(w, p, &q, c, head)) {
                    k = c;
                    break;
                }
            }
            assert_non_null(k);
            same_row(k, &row, q.no_body);
            want--;
            turn.after = can_turn ? row.seq : q.after;
            more = can_turn;
        }
        tc_reader_close(r);
    }
    assert_int_equal(want, 0);
}

static void random_query(struct world *w)
{
    static const struct tc_str types[] = {{"indicator", 9}, {"x-odd", 5}, {"nothing", 7}};
    uint32_t mine[2];
    uint32_t n_mine = 0;
    for (uint32_t c = 7; c <= 8; c++)
        if (roll(2))
            mine[n_mine++] = c;
    struct tc_principal p = {
        .org = roll(4), .person = roll(4), .communities = {mine, n_mine}, .system = roll(6) == 0};
    char ids[5][TC_ID_MAX];
    struct tc_str id_views[5];
    tc_time given[2] = {(100 + roll(12)) * TC_SECOND, (100 + roll(12)) * TC_SECOND};
    struct tc_query q = {.community = roll(3) ? 7 + roll(3) : 0,
                         .backwards = roll(4) == 0,
                         .ids = id_views,
                         .types = types + roll(2),
                         .n_types = roll(3) ? 0 : 1 + roll(2),
                         .versions = roll(16),
                         .given = given,
                         .n_given = roll(3),
                         .with_deletions = roll(2),
                         .no_body = roll(3) == 0,
                         .spec_20 = roll(4) == 0,
                         .spec_21 = roll(4) == 0};
    if (roll(3) == 0)
        q.after = roll((uint32_t)w->n + 2);
    if (roll(3) == 0)
        q.until = roll((uint32_t)w->n + 2);
    q.added_after = roll(3) ? TC_TIME_NONE : w->list[roll((uint32_t)w->n)].added;
    if (roll(3) == 0)
        q.n_ids = 1 + roll(4);
    for (size_t i = 0; i < q.n_ids; i++) {
        uint32_t n = roll(IDS);
        struct tc_uuid u = tc_test_uuid(n);
        const char *t = n % 3 == 0 ? "indicator" : n % 3 == 1 ? "malware" : "x-odd";
        tc_id_make(tc_str_cstr(t), &u, ids[i]);
        id_views[i] = tc_str_cstr(ids[i]);
    }
    compare(w, &p, q);
}

/* ---- */

static void open_world(struct world *w)
{
    struct tc_journal_options o = {.clock = clock_of_test};
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_journal_open(w->dir, &o, &w->j, &d), TC_OK);
}

static void make_audiences(struct world *w)
{
    for (size_t i = 0; i < 64; i++) {
        struct tc_audience *a = &w->combos[i];
        *a = (struct tc_audience){.tlp = (enum tc_tlp)roll(5),
                                  .creator_org = roll(4),
                                  .creator_person = roll(4),
                                  .community = roll(3) ? 7 + roll(2) : 0};
        w->lists[i][0] = 1 + roll(3);
        w->lists[i][1] = 1 + roll(3);
        if (roll(4) == 0)
            a->orgs = (struct tc_u32s){&w->lists[i][0], 1};
        if (roll(4) == 0)
            a->people = (struct tc_u32s){&w->lists[i][1], 1};
        assert_int_equal(tc_journal_audience(w->j, a, &w->audiences[i]), TC_OK);
    }
}

static void test_model(void **unused)
{
    (void)unused;
    const char *seed = getenv("TOCSIN_SEED");
    state = 20261121;
    if (seed)
        assert_int_equal(tc_num_u64(tc_str_cstr(seed), UINT64_MAX, &state), TC_OK);
    now = INT64_C(1790000000) * TC_SECOND;
    struct world w = {.dir = strdup(tc_test_dir()), .list = calloc(MOST, sizeof *w.list)};
    assert_non_null(w.list);
    open_world(&w);
    make_audiences(&w);
    for (int step = 0; step < STEPS; step++) {
        random_batch(&w);
        if (step % 10 == 9)
            for (int i = 0; w.n && i < QUERIES; i++)
                random_query(&w);
        if (roll(60) == 0) {
            tc_journal_close(w.j);
            open_world(&w);
        }
    }
    tc_journal_close(w.j);
    tc_test_dir_remove(w.dir);
    free(w.dir);
    free(w.list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

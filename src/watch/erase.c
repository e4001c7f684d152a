/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/erase.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/asker.h"
#include "watch/correlate.h"
#include "watch/deletion.h"
#include "watch/find.h"

#include <stdlib.h>
#include <time.h>

enum { ARENA = 64 << 20, ROUNDS = 8, BATCH = 4096 };
#define WAIT_US (30 * TC_SECOND)

/* Deletions that become one unit. Views live in the arena. */
struct plan {
    struct tc_node *n;
    struct tc_arena *a;
    struct tc_entry_in *in;
    size_t count, cap;
    struct tc_map *ids; /* UUIDs of what goes, as text: what is concluded before this entry goes */
    bool spared;        /* what was concluded from it stays */
};

#define FOREVER UINT64_MAX

static tc_err plan_init(struct tc_node *n, struct plan *p)
{
    *p = (struct plan){.n = n, .a = tc_arena_new(ARENA), .ids = tc_map_new(1u << 20)};
    return p->a && p->ids ? TC_OK : TC_E_NOMEM;
}

static void plan_fini(struct plan *p)
{
    tc_arena_free(p->a);
    tc_map_free(p->ids);
    free(p->in);
}

/* One deletion for each community that an object is in. */
static tc_err add(struct plan *p, const struct tc_row *row)
{
    for (size_t i = p->count; i-- > 0;)
        if (p->in[i].community == row->community && tc_str_eq(p->in[i].id, row->id))
            return TC_OK;
    if (p->count == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 64;
        struct tc_entry_in *more = realloc(p->in, cap * sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        p->in = more;
        p->cap = cap;
    }
    struct tc_str id = tc_arena_dup(p->a, row->id), type = tc_arena_dup(p->a, row->type);
    if (!id.p || !type.p)
        return TC_E_NOMEM;
    p->in[p->count++] = (struct tc_entry_in){.kind = TC_ENTRY_DELETE,
                                             .id = id,
                                             .type = type,
                                             .uuid = row->uuid,
                                             .version = TC_TIME_NONE,
                                             .revoked = true,
                                             .spared = p->spared,
                                             .audience = row->audience,
                                             .community = row->community};
    return tc_map_put(p->ids, tc_str_view(id.p + id.n - 36, 36), FOREVER);
}

/* ---- what is asked for ---- */

static const struct tc_query all_of = {.n_ids = 1,
                                       .added_after = TC_TIME_NONE,
                                       .versions = 1u << TC_VERSIONS_ALL,
                                       .backwards = true,
                                       .no_body = true,
                                       .whole = true};

static uint32_t poster(const struct tc_node *n, const struct tc_row *row)
{
    const struct tc_audience *a = tc_journal_audience_of(n->journal, row->audience);
    return a ? a->creator_org : 0;
}

/* Whose it is, as who may read it. Several may have posted what has no versions: own goes first. */
static tc_err whose(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                    uint32_t *org, struct tc_diag *d)
{
    struct tc_query q = all_of;
    struct tc_reader *r = NULL;
    struct tc_row row;
    bool any = false, own = false;
    q.ids = &id;
    tc_err e = tc_reader_open(n->journal, who, &q, &r);
    while (!e && !own && !(e = tc_reader_next(r, &row)) && row.seq) {
        own = poster(n, &row) == who->org && !who->system;
        *org = own || !any ? poster(n, &row) : *org;
        any = true;
    }
    tc_reader_close(r);
    if (!e && !any)
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no object %.*s", TC_FMT(id));
    if (!e && !own && !who->system && !(who->roles & TC_ROLE_STEWARD))
        return tc_diag_set(d, TC_E_DENIED,
                           "only the organisation that posted it, or a steward, erases it");
    return e;
}

/* Everything of it that this organisation posted, wherever that is; a steward's eyes find the rest
 * that is to go, and what neither of them may touch is not told of. */
static tc_err collect(struct plan *p, const struct tc_principal *who, struct tc_str id,
                      uint32_t org, uint32_t only, size_t *entries)
{
    bool steward = who->system || (who->roles & TC_ROLE_STEWARD);
    struct tc_query q = all_of;
    struct tc_reader *r = NULL;
    struct tc_row row;
    q.ids = &id;
    tc_err e = tc_reader_open(p->n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        const struct tc_audience *a = tc_journal_audience_of(p->n->journal, row.audience);
        bool reads = who->system || (a && tc_may_read(who, a));
        if (only ? poster(p->n, &row) != only : poster(p->n, &row) != org && !(steward && reads))
            continue;
        ++*entries;
        e = add(p, &row);
    }
    tc_reader_close(r);
    return e;
}

/* ---- what was concluded from it ---- */

/* Does the text name an id that goes, and that was not posted again before? Ids of the node's own
 * objects are written plainly. */
static bool names_one(const struct plan *p, struct tc_str text, uint64_t seq)
{
    uint64_t before;
    for (size_t i = 0; i + 38 <= text.n; i++) {
        const char *at = memchr(text.p + i, '-', text.n - 37 - i);
        if (!at)
            return false;
        i = (size_t)(at - text.p);
        if (at[1] == '-' && tc_map_get(p->ids, tc_str_view(at + 2, 36), &before) && seq < before)
            return true;
    }
    return false;
}

static tc_err conclusions_once(struct plan *p, size_t *found)
{
    static const struct tc_str types[] = {{"finding", 7}, {"sighting", 8}, {"warning", 7}};
    const struct tc_query q = {.added_after = TC_TIME_NONE,
                               .types = types,
                               .n_types = sizeof types / sizeof *types,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .whole = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    uint64_t before;
    tc_err e = tc_reader_open(p->n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct tc_str uuid = tc_str_view(row.id.p + row.id.n - 36, 36);
        bool known = tc_map_get(p->ids, uuid, &before) && row.seq < before;
        if (!tc_str_is(row.creator, p->n->identity) || (!known && !names_one(p, row.body, row.seq)))
            continue;
        *found += !known;
        e = add(p, &row);
    }
    tc_reader_close(r);
    return e;
}

/* A warning speaks of findings, these of the rest: until nothing more is found. */
static tc_err add_conclusions(struct plan *p, size_t *count)
{
    size_t found = 1;
    tc_err e = TC_OK;
    for (int i = 0; !e && found && i < ROUNDS; i++) {
        found = 0;
        e = conclusions_once(p, &found);
        *count += found;
    }
    return e;
}

/* ---- doing it ---- */

/* Who and why, before anything happens. */
static tc_err tell(struct plan *p, const struct tc_erase_ask *ask)
{
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < p->count; i++) {
        const struct tc_audit_event v = {.kind = TC_AUDIT_ERASURE,
                                         .org = ask->who->org,
                                         .person = ask->who->person,
                                         .object = p->in[i].id,
                                         .how = ask->how,
                                         .why = ask->why,
                                         .from = ask->from};
        if (i + 1 < p->count && tc_str_eq(p->in[i + 1].id, p->in[i].id))
            continue; /* the same in another community */
        e = i + 1 < p->count ? tc_audit_write(p->n->audit, &v, NULL)
                             : tc_audit_must(p->n->audit, &v);
    }
    return e;
}

static tc_err go(struct plan *p, const struct tc_erase_ask *ask)
{
    if (!p->count)
        return TC_OK;
    tc_err e = tell(p, ask);
    return e ? e : tc_journal_append(p->n->journal, p->in, p->count);
}

static tc_err check(const struct tc_erase_ask *ask, struct tc_diag *d)
{
    if (!ask->n || ask->n > TC_ERASE_MOST)
        return tc_diag_set(d, TC_E_USAGE, "from 1 to %d objects are erased at once", TC_ERASE_MOST);
    if (!tc_str_trim(ask->why).n || ask->why.n > TC_ERASE_WHY || !tc_str_utf8(ask->why))
        return tc_diag_set(d, TC_E_USAGE, "say why, in at most %d bytes", TC_ERASE_WHY);
    return TC_OK;
}

tc_err tc_erase_may(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                    struct tc_diag *d)
{
    uint32_t org;
    return whose(n, who, id, &org, d);
}

/* Does a community that one of them is in want two people? *community: which. */
static tc_err wants_two(struct plan *p, const struct tc_erase_ask *ask, uint32_t *community,
                        bool *second, struct tc_diag *d)
{
    const struct tc_second s = {.why = ask->why};
    tc_err e = TC_OK;
    *second = false;
    for (size_t i = 0; !e && !*second && i < p->count; i++) {
        const struct tc_audience *a = tc_journal_audience_of(p->n->journal, p->in[i].audience);
        uint32_t poster_org = a ? a->creator_org : 0;
        const struct tc_rules r = tc_approval_rules(p->n, p->in[i].community, poster_org);
        e = tc_approval_gate(&r, TC_TWO_DELETION, TC_WHY_DELETION, &s, second, d);
        *community = p->in[i].community;
        struct tc_org o;
        if (!e && *second && !*community &&
            !(e = tc_access_org_by(p->n->access, poster_org, TC_STR(""), p->a, &o)))
            *community = o.inbox;
    }
    return e;
}

static tc_err erase(struct tc_node *n, const struct tc_erase_ask *ask, bool approved,
                    struct tc_erased *out, struct tc_diag *d)
{
    struct plan p = {.n = NULL};
    bool second = false;
    uint32_t community = 0;
    struct tc_erased did = {.objects = 0};
    uint64_t there;
    tc_err e = check(ask, d);
    e = e ? e : plan_init(n, &p);
    p.spared = ask->keep_conclusions;
    for (size_t i = 0; !e && i < ask->n; i++) {
        struct tc_str type, id = ask->ids[i];
        struct tc_uuid u;
        uint32_t org = 0;
        if (tc_id_split(id, &type, &u))
            e = tc_diag_set(d, TC_E_NOTFOUND, "there is no object %.*s", TC_FMT(id));
        else if (tc_map_get(p.ids, tc_str_view(id.p + id.n - 36, 36), &there))
            continue;
        e = e ? e : whose(n, ask->who, id, &org, d);
        e = e ? e : collect(&p, ask->who, id, org, ask->only_org, &did.entries);
        did.objects++;
    }
    if (!e && !approved && !ask->who->system)
        e = wants_two(&p, ask, &community, &second, d);
    if (!e && second) {
        e = tc_erase_ask_second(n, ask, community, did.waits, d);
    } else if (!e) {
        if (!ask->keep_conclusions)
            e = add_conclusions(&p, &did.conclusions);
        e = e ? e : go(&p, ask);
    }
    plan_fini(&p);
    if (!e)
        *out = did;
    return e;
}

tc_err tc_erase(struct tc_node *n, const struct tc_erase_ask *ask, struct tc_erased *out,
                struct tc_diag *d)
{
    return erase(n, ask, false, out, d);
}

tc_err tc_erase_approved(struct tc_node *n, const struct tc_erase_ask *ask, struct tc_erased *out,
                         struct tc_diag *d)
{
    return erase(n, ask, true, out, d);
}

/* ---- what was concluded meanwhile ---- */

/* What names the erased object from here on speaks of one that was posted anew: FOREVER = none. */
static tc_err posted_again(struct tc_node *n, struct tc_str id, uint64_t after, uint64_t *out)
{
    const struct tc_query q = {.ids = &id,
                               .n_ids = 1,
                               .after = after,
                               .limit = 1,
                               .added_after = TC_TIME_NONE,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {.seq = 0};
    tc_err e = tc_reader_open(n->journal, &tc_principal_system, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    tc_reader_close(r);
    if (!e)
        *out = row.seq ? row.seq : FOREVER;
    return e;
}

static tc_err remember(struct plan *p, uint64_t seq)
{
    const struct tc_query q = {.seqs = &seq,
                               .n_seqs = 1,
                               .added_after = TC_TIME_NONE,
                               .with_deletions = true,
                               .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {.seq = 0};
    uint64_t before = FOREVER;
    tc_err e = tc_reader_open(p->n->journal, &tc_principal_system, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    if (!e && row.seq)
        e = posted_again(p->n, row.id, seq, &before);
    if (!e && row.seq)
        e = tc_map_put(p->ids, tc_str_view(row.id.p + row.id.n - 36, 36), before);
    tc_reader_close(r);
    return e;
}

/* Those of the erasures after..head that fit into one step; *reached is the last of them, or head.
 */
static tc_err erasures(struct plan *p, uint64_t after, uint64_t head, uint64_t *reached)
{
    uint64_t seq = after;
    tc_err e = TC_OK;
    *reached = head;
    for (int i = 0; !e && (seq = tc_journal_erasure(p->n->journal, seq, head)) != 0; i++) {
        e = remember(p, seq);
        if (i + 1 == BATCH) {
            *reached = seq;
            break;
        }
    }
    return e;
}

static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    const struct tc_erase_ask ask = {.who = &tc_principal_system,
                                     .why = TC_STR("concluded from what was erased"),
                                     .how = TC_STR("erasures")};
    struct plan p = {.n = NULL};
    size_t found = 0;
    uint64_t upto = head;
    (void)self;
    if (!tc_journal_erasure(n->journal, after, head)) {
        *reached = head;
        return TC_OK;
    }
    tc_err e = plan_init(n, &p);
    e = e ? e : erasures(&p, after, head, &upto);
    e = e ? e : add_conclusions(&p, &found);
    e = e ? e : go(&p, &ask);
    plan_fini(&p);
    if (!e && found)
        tc_log(TC_LOG_INFO, "erasures: %zu conclusions that came meanwhile went too", found);
    if (!e)
        *reached = upto;
    return e;
}

tc_err tc_erase_watch(struct tc_node *n)
{
    const struct tc_watcher w = {.name = "erasures", .step = step, .last = true};
    return tc_node_watch(n, &w);
}

/* ---- until it is out of every file ---- */

static tc_err index_alone(struct tc_node *n, struct tc_diag *d)
{
    struct tc_index *x = NULL;
    size_t done = 1;
    tc_err e = tc_index_open(n->dir, n->journal, &x, d);
    while (!e && (done || tc_index_untidy(x)))
        e = tc_index_step(x, BATCH, &done);
    tc_index_close(x);
    return e;
}

static tc_err values_alone(struct tc_node *n)
{
    struct tc_correlate *c = NULL;
    bool done = false;
    tc_err e = tc_correlate_alone(n, &c);
    while (!e && !done)
        e = tc_correlate_step(c, &done);
    tc_correlate_free(c);
    return e;
}

static bool clean(struct tc_node *n)
{
    struct tc_correlate *c = tc_correlate_of(n);
    return tc_journal_wiped(n->journal) && tc_find_tidy(n) && (!c || tc_correlate_clean(c));
}

tc_err tc_erase_wait(struct tc_node *n, int64_t timeout_us, struct tc_diag *d)
{
    int64_t until = tc_time_monotonic() + timeout_us;
    bool alone = n->mode == TC_NODE_COMMAND;
    tc_err e = alone && !tc_find_runs(n) ? index_alone(n, d) : TC_OK;
    if (!e && alone && !tc_correlate_of(n))
        e = values_alone(n);
    while (!e && !clean(n)) {
        if (tc_time_monotonic() > until)
            return tc_diag_set(d, TC_E_TIMEOUT,
                               "erased; the readers still take it out of their files");
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return e;
}

/* ---- the operation ---- */

static tc_err read_ids(struct tc_op *op, struct tc_arena *a, struct tc_erase_ask *ask)
{
    yyjson_val *list = tc_json_get(op->in, "ids"), *one;
    size_t i, n;
    struct tc_str *v = tc_arena_zalloc(a, TC_ERASE_MOST + 1, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    yyjson_arr_foreach (list, i, n, one)
        if (ask->n <= TC_ERASE_MOST)
            v[ask->n++] = yyjson_is_str(one) ? tc_json_view(one) : TC_STR("");
    ask->ids = v;
    return TC_OK;
}

static tc_err erase_in(struct tc_op *op, const struct tc_asker *w)
{
    struct tc_erase_ask ask = {.who = w->p, .how = TC_STR("erase"), .from = TC_STR("local")};
    struct tc_principal own = *w->p;
    struct tc_erased did;
    struct tc_diag late;
    if (!w->login) { /* who runs the node decides for its organisation */
        own.roles |= TC_ROLE_STEWARD;
        ask.who = &own;
    }
    (void)tc_json_str(op->in, "why", &ask.why);
    (void)tc_json_bool(op->in, "keep_conclusions", &ask.keep_conclusions);
    tc_err e = read_ids(op, w->a, &ask);
    e = e ? e : tc_erase(op->node, &ask, &did, op->diag);
    if (e)
        return e;
    if (did.waits[0]) {
        tc_buf_fmt(op->out, "{\"waits\":\"%s\"}", did.waits);
        return op->out->err;
    }
    tc_diag_init(&late);
    bool runs = tc_find_runs(op->node); /* then the reader "erasures" runs too */
    tc_err f = runs ? tc_node_settle(op->node, WAIT_US) : TC_OK;
    f = f ? f : tc_erase_wait(op->node, WAIT_US, &late);
    struct tc_jsonw j = tc_jsonw_into(op->out);
    tc_jsonw_object(&j);
    tc_jsonw_ku64(&j, "objects", did.objects);
    tc_jsonw_ku64(&j, "entries", did.entries);
    tc_jsonw_ku64(&j, "conclusions", did.conclusions);
    tc_jsonw_kbool(&j, "finished", !f);
    tc_jsonw_object_end(&j);
    return op->out->err;
}

static tc_err op_erase(struct tc_op *op)
{
    struct tc_asker w;
    tc_err e = tc_asker_find(op, NULL, &w);
    e = e ? e : erase_in(op, &w);
    tc_asker_fini(&w);
    return e;
}

tc_err tc_erase_ops(void)
{
    tc_err e = tc_node_op_add("erase", op_erase);
    return e ? e : tc_deletion_kinds();
}

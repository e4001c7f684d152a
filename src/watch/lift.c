/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/lift.h"

#include "base/limits.h"

static bool is_over(int64_t held_until, tc_time now)
{
    return held_until && held_until <= now;
}

/* Has this object been revoked since it was posted? */
static tc_err revoked_since(struct tc_node *n, const struct tc_row *row, bool *out)
{
    const struct tc_query q = {
        .ids = &row->id, .n_ids = 1, .added_after = TC_TIME_NONE, .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row newest;
    tc_err e = tc_reader_open(n->journal, &tc_principal_system, &q, &r);
    *out = false;
    while (!e && !(e = tc_reader_next(r, &newest)) && newest.seq)
        *out = *out || (newest.revoked && newest.version > row->version);
    tc_reader_close(r);
    return e;
}

/* The audience without what is over. */
static tc_err open_up(struct tc_node *n, const struct tc_audience *held, tc_time now,
                      uint32_t *audience)
{
    struct tc_field fields[TC_MAX_FIELD_MARKINGS];
    struct tc_audience a = *held;
    if (is_over(a.held_until, now))
        a.held_until = 0;
    for (uint32_t i = 0; i < a.n_fields; i++) {
        fields[i] = held->fields[i];
        if (is_over(fields[i].level.held_until, now))
            fields[i].level.held_until = 0;
    }
    a.fields = fields;
    return tc_journal_audience(n->journal, &a, audience);
}

static tc_err lift(struct tc_node *n, const struct tc_row *row, tc_time now, uint64_t *lifted)
{
    bool revoked;
    struct tc_entry_in in = {.kind = TC_ENTRY_OBJECT,
                             .id = row->id,
                             .type = row->type,
                             .uuid = row->uuid,
                             .version = row->unversioned ? TC_TIME_NONE : row->version,
                             .creator = row->creator,
                             .revoked = row->revoked,
                             .spec_20 = row->spec_20,
                             .entitled = true,
                             .lifts = true,
                             .seals = row->sealed,
                             .community = row->community,
                             .body = row->body};
    tc_err e = revoked_since(n, row, &revoked);
    if (e || revoked)
        return e;
    e = open_up(n, tc_journal_audience_of(n->journal, row->audience), now, &in.audience);
    e = e ? e : tc_journal_append(n->journal, &in, 1);
    *lifted += !e && in.outcome == TC_OUT_APPENDED;
    return e;
}

tc_err tc_lift_upto(struct tc_node *n, tc_time now, uint64_t *lifted)
{
    const struct tc_query q = {.added_after = TC_TIME_NONE,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .lifts_upto = now,
                               .whole = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    *lifted = 0;
    tc_err e = tc_reader_open(n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        e = lift(n, &row, now, lifted);
    tc_reader_close(r);
    return e;
}

static tc_err tick(void *self, struct tc_node *n)
{
    uint64_t lifted;
    (void)self;
    return tc_lift_upto(n, tc_time_now(), &lifted);
}

/* Nothing that comes in matters to it. */
static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    (void)self;
    (void)n;
    (void)after;
    *reached = head;
    return TC_OK;
}

tc_err tc_lift_watch(struct tc_node *n)
{
    const struct tc_watcher w = {.name = "lift", .step = step, .ephemeral = true, .tick = tick};
    return tc_node_watch(n, &w);
}

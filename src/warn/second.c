/* SPDX-License-Identifier: Apache-2.0 */
#include "warn/second.h"

#include "codec/json.h"
#include "warn/state.h"
#include "watch/finding.h"

/* Messages of one chain that are looked at to find a warning's incident. */
enum { PLACES = 200 };

struct asked {
    struct tc_rules rules;
    uint32_t community;
};

static void also(struct asked *q, const struct tc_community *c)
{
    q->rules.four_eyes |= c->four_eyes;
    q->rules.asks_reason |= c->asks_reason;
    if (c->four_eyes & TC_TWO_RELEASE && !q->community)
        q->community = c->number;
}

/* All communities of the node; *any: one of them asks for something when things are released. */
static tc_err communities(struct tc_node *n, struct tc_arena *a, struct tc_community **v,
                          size_t *count, bool *any)
{
    *any = false;
    if (!tc_access_any_rules(n->access))
        return TC_OK;
    tc_err e = tc_access_communities_for(n->access, &tc_principal_system, a, v, count);
    for (size_t i = 0; !e && i < *count; i++)
        *any = *any || (*v)[i].four_eyes & TC_TWO_RELEASE || (*v)[i].asks_reason & TC_WHY_RELEASE;
    return e;
}

/* The node's own organisation, whatever is released. */
static tc_err own(struct tc_node *n, struct tc_arena *a, const struct tc_community *v, size_t count,
                  struct asked *q)
{
    struct tc_org o;
    tc_err e = tc_access_org_by(n->access, n->org, TC_STR(""), a, &o);
    if (!e && o.inbox && o.inbox <= count)
        also(q, &v[o.inbox - 1]); /* the system knows of all, in order of number */
    return e;
}

static tc_err of_incident(struct tc_node *n, struct tc_str incident, const struct tc_community *v,
                          size_t count, struct asked *q)
{
    const struct tc_query query = {.ids = &incident,
                                   .n_ids = 1,
                                   .added_after = TC_TIME_NONE,
                                   .versions = 1u << TC_VERSIONS_ALL,
                                   .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    for (size_t i = 0; i < count; i++)
        if (v[i].event.n && tc_str_eq(v[i].event, incident))
            also(q, &v[i]);
    tc_err e = tc_reader_open(n->journal, &tc_principal_system, &query, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        if (row.community && row.community <= count)
            also(q, &v[row.community - 1]);
    tc_reader_close(r);
    return e;
}

tc_err tc_warn_rules_of(struct tc_node *n, struct tc_str incident, struct tc_rules *out,
                        uint32_t *community)
{
    struct tc_arena *a = tc_arena_new(256u << 20);
    struct tc_community *v = NULL;
    struct asked q = {{0, 0}, 0};
    size_t count = 0;
    bool any = false;
    tc_err e = a ? communities(n, a, &v, &count, &any) : TC_E_NOMEM;
    if (!e && any) {
        e = own(n, a, v, count, &q);
        e = e ? e : of_incident(n, incident, v, count, &q);
    }
    tc_arena_free(a);
    *out = q.rules;
    *community = q.community;
    return e;
}

/* ---- which incident ---- */

static bool gives(struct tc_str incident, struct tc_str recipient, struct tc_str warning)
{
    char id[TC_ID_MAX];
    for (unsigned place = 1; place <= PLACES; place++) {
        tc_warn_id(incident, recipient, place, id);
        if (tc_str_is(warning, id))
            return true;
    }
    return false;
}

/* The one that a finding about the recipient's assets rests on; empty = none was found. */
static tc_err incident_of(struct tc_node *n, struct tc_str warning, struct tc_str recipient,
                          struct tc_arena *a, struct tc_str *out)
{
    static const struct tc_str type = {"finding", 7};
    const struct tc_query q = {.added_after = TC_TIME_NONE,
                               .types = &type,
                               .n_types = 1,
                               .versions = 1u << TC_VERSIONS_ALL};
    struct tc_json_reader *json = tc_json_reader_new();
    struct tc_arena *one = tc_arena_new(16u << 20);
    struct tc_reader *r = NULL;
    struct tc_row row;
    struct tc_str before = {"", 0};
    tc_err e = json && one ? tc_reader_open(n->journal, &tc_principal_system, &q, &r) : TC_E_NOMEM;
    *out = (struct tc_str){"", 0};
    while (!e && !out->n && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct tc_finding f;
        yyjson_val *o;
        tc_arena_reset(one);
        if (tc_json_reader_read(json, row.body, TC_MAX_OBJECT, 0, &o, NULL) ||
            tc_finding_read(o, one, &f, NULL) || !tc_str_eq(f.operator_ref, recipient) ||
            tc_str_eq(f.incident, before))
            continue;
        before = tc_arena_dup(a, f.incident);
        if (gives(before, recipient, warning))
            *out = before;
    }
    tc_reader_close(r);
    tc_json_reader_free(json);
    tc_arena_free(one);
    return e;
}

static void everything(const struct tc_community *v, size_t count, struct asked *q)
{
    for (size_t i = 0; i < count; i++)
        also(q, &v[i]);
}

tc_err tc_warn_rules_for(struct tc_node *n, struct tc_str warning, struct tc_str recipient,
                         struct tc_rules *out, uint32_t *community)
{
    struct tc_arena *a = tc_arena_new(256u << 20);
    struct tc_community *v = NULL;
    struct tc_str incident = {"", 0};
    struct asked q = {{0, 0}, 0};
    size_t count = 0;
    bool any = false;
    tc_err e = a ? communities(n, a, &v, &count, &any) : TC_E_NOMEM;
    if (!e && any) {
        e = own(n, a, v, count, &q);
        e = e ? e : incident_of(n, warning, recipient, a, &incident);
        if (!e && incident.n)
            e = of_incident(n, incident, v, count, &q);
        else if (!e)
            everything(v, count, &q);
    }
    tc_arena_free(a);
    *out = q.rules;
    *community = q.community;
    return e;
}

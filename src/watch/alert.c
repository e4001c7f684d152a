/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/alert.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/extensions.h"
#include "node/approval.h"

#include <pthread.h>

#define ALERT_AREA "alert-area"

/* One at a time, so that an event has one area. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

/* ---- the event ---- */

struct event {
    uint32_t reporter;
    bool closed;
    tc_time over; /* when it is closed: since when */
};

static tc_err read_event(struct tc_node *n, struct tc_str id, struct event *out, struct tc_diag *d)
{
    const struct tc_query q = {
        .ids = &id, .n_ids = 1, .added_after = TC_TIME_NONE, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    struct tc_json j = {0};
    struct tc_str status;
    tc_err e = tc_reader_open(n->journal, &tc_principal_system, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    if (!e && (!row.seq || !tc_str_is(row.type, "incident")))
        e = tc_diag_set(d, TC_E_NOTFOUND, "there is no such incident");
    if (!e)
        e = tc_json_read(row.body, TC_MAX_OBJECT, 0, &j, NULL);
    if (!e) {
        yyjson_val *x = tc_json_get(tc_json_get(j.root, "extensions"), TC_EXT_EVENT);
        out->reporter = tc_journal_audience_of(n->journal, row.audience)->creator_org;
        out->closed =
            row.revoked || (tc_json_str(x, "status", &status) && tc_str_is(status, "closed"));
        out->over = row.version;
        if (tc_json_str(x, "ended", &status) && tc_time_parse_z(status, &out->over))
            out->over = row.version; /* what it says is no time */
    }
    tc_json_fini(&j);
    tc_reader_close(r);
    return e;
}

/* ---- the area ---- */

static tc_err find_area(struct tc_node *n, struct tc_str event, struct tc_arena *a, uint32_t *out)
{
    struct tc_community *v;
    size_t count;
    tc_err e = tc_access_communities_for(n->access, &tc_principal_system, a, &v, &count);
    *out = 0;
    for (size_t i = 0; !e && i < count; i++)
        if (tc_str_is(v[i].kind, ALERT_AREA) && tc_str_eq(v[i].event, event) &&
            v[i].state != TC_COMMUNITY_ARCHIVED)
            *out = v[i].number;
    return e;
}

static tc_err join(struct tc_node *n, struct tc_alert *area, uint32_t org, unsigned functions,
                   struct tc_diag *d)
{
    if (!org || tc_access_functions(n->access, area->community, org))
        return TC_OK;
    const struct tc_rules r = tc_approval_rules(n, area->community, 0);
    if (r.four_eyes & TC_TWO_MEMBERSHIP) {
        area->held++;
        return TC_OK;
    }
    tc_err e = tc_access_member_functions(n->access, area->community, org, functions, d);
    area->joined += !e;
    return e;
}

/* The operator that an open finding of this event names. */
static bool concerns(yyjson_val *finding, struct tc_str event, struct tc_str *operator)
{
    struct tc_str status;
    size_t i, n;
    yyjson_val *v;
    if (!tc_json_str(finding, "status", &status) || !tc_str_is(status, "open") ||
        !tc_json_str(finding, "operator_ref", operator))
        return false;
    yyjson_arr_foreach (tc_json_get(finding, "evidence_refs"), i, n, v)
        if (yyjson_is_str(v) && tc_str_eq(tc_json_view(v), event))
            return true;
    return false;
}

static tc_err join_concerned(struct tc_node *n, struct tc_str event, struct tc_alert *area,
                             struct tc_arena *a, struct tc_diag *d)
{
    static const struct tc_str type = {"finding", 7};
    const struct tc_query q = {.added_after = TC_TIME_NONE, .types = &type, .n_types = 1};
    struct tc_json_reader *json = tc_json_reader_new();
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = json ? tc_reader_open(n->journal, &tc_principal_system, &q, &r) : TC_E_NOMEM;
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct tc_org org;
        struct tc_str operator;
        yyjson_val *root;
        /* findings are the node's own word: anybody can post something that looks like one */
        if (tc_journal_audience_of(n->journal, row.audience)->creator_org != n->org ||
            tc_json_reader_read(json, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL) ||
            !concerns(root, event, &operator))
            continue;
        if (tc_access_org_by(n->access, 0, operator, a, &org) == TC_OK)
            e = join(n, area, org.number, TC_MEMBER_RECEIVES | TC_MEMBER_CONTRIBUTES, d);
    }
    tc_reader_close(r);
    tc_json_reader_free(json);
    return e;
}

static tc_err open_in(struct tc_node *n, struct tc_str incident, struct tc_str title,
                      struct tc_arena *a, struct tc_alert *area, struct tc_diag *d)
{
    struct event event = {0};
    const unsigned member = TC_MEMBER_RECEIVES | TC_MEMBER_CONTRIBUTES | TC_MEMBER_RELEASES;
    tc_err e = read_event(n, incident, &event, d);
    e = e ? e : find_area(n, incident, a, &area->community);
    if (!e && event.closed && !area->community)
        e = tc_diag_set(d, TC_E_CONFLICT, "the incident is closed");
    if (!e && !area->community) {
        const struct tc_community c = {.title = title.n ? title : TC_STR("Alert area"),
                                       .kind = TC_STR(ALERT_AREA),
                                       .event = incident};
        e = tc_access_community_add(n->access, &c, &area->community, d);
        area->opened = !e;
    }
    if (!e && event.closed) {
        area->archived = true;
        return tc_access_community_state(n->access, area->community, TC_COMMUNITY_ARCHIVED, d);
    }
    e = e ? e : join(n, area, n->org, TC_MEMBER_ALL, d);
    e = e ? e : join(n, area, event.reporter, member, d);
    return e ? e : join_concerned(n, incident, area, a, d);
}

tc_err tc_alert_open(struct tc_node *n, struct tc_str incident, struct tc_str title,
                     struct tc_alert *out, struct tc_diag *d)
{
    struct tc_alert area = {.community = 0};
    struct tc_arena *a = tc_arena_new(256u << 20);
    if (!a)
        return TC_E_NOMEM;
    (void)pthread_mutex_lock(&opening);
    tc_err e = open_in(n, incident, title, a, &area, d);
    (void)pthread_mutex_unlock(&opening);
    tc_arena_free(a);
    if (!e)
        *out = area;
    return e;
}

/* ---- the operation ---- */

static tc_err op_open(struct tc_op *op)
{
    struct tc_str incident = {"", 0}, title = {"", 0};
    struct tc_alert area;
    struct tc_community c;
    char uuid[TC_UUID_TEXT];
    (void)tc_json_str(op->in, "incident", &incident);
    (void)tc_json_str(op->in, "title", &title);
    tc_err e = tc_alert_open(op->node, incident, title, &area, op->diag);
    struct tc_arena *a = e ? NULL : tc_arena_new(1u << 16);
    if (!e)
        e = a ? tc_access_community_by(op->node->access, area.community, NULL, TC_STR(""), a, &c)
              : TC_E_NOMEM;
    if (!e) {
        struct tc_jsonw w = tc_jsonw_into(op->out);
        tc_uuid_format(&c.uuid, uuid);
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "id", uuid);
        tc_jsonw_ku64(&w, "joined", area.joined);
        tc_jsonw_ku64(&w, "held", area.held);
        tc_jsonw_kbool(&w, "opened", area.opened);
        tc_jsonw_kbool(&w, "archived", area.archived);
        tc_jsonw_object_end(&w);
    }
    tc_arena_free(a);
    return e ? e : op->out->err;
}

/* ---- the timer ---- */

#define DAY (INT64_C(86400) * TC_SECOND)

/* Is its time over, and since when? An event that is not there any more is over by its deletion:
 * then there is nobody left who could close it. */
static bool is_over(struct tc_node *n, const struct tc_community *c, tc_time now)
{
    struct event event = {0};
    if (c->ends)
        return c->ends <= now;
    tc_err e = read_event(n, c->event, &event, NULL);
    if (e)
        return e == TC_E_NOTFOUND;
    return event.closed && event.over <= now - (tc_time)c->days_after * DAY;
}

static tc_err archive(struct tc_node *n, const struct tc_community *c)
{
    char uuid[TC_UUID_TEXT];
    tc_uuid_format(&c->uuid, uuid);
    const struct tc_audit_event v = {.kind = TC_AUDIT_ALTERATION,
                                     .object = tc_str_cstr(uuid),
                                     .how = TC_STR("archived by the timer"),
                                     .why = c->ends ? TC_STR("the time that was set for it is over")
                                                    : TC_STR("its event is over"),
                                     .from = TC_STR("local")};
    tc_err e = tc_audit_must(n->audit, &v);
    e = e ? e : tc_access_community_state(n->access, c->number, TC_COMMUNITY_ARCHIVED, NULL);
    return e == TC_E_CONFLICT ? TC_OK : e; /* somebody was faster */
}

tc_err tc_alert_upto(struct tc_node *n, tc_time now, size_t *archived)
{
    struct tc_arena *a = tc_arena_new(256u << 20);
    struct tc_community *v = NULL;
    size_t count = 0;
    *archived = 0;
    tc_err e = a ? tc_access_ending(n->access, a, &v, &count) : TC_E_NOMEM;
    for (size_t i = 0; !e && i < count; i++) {
        if (!is_over(n, &v[i], now))
            continue;
        e = archive(n, &v[i]);
        *archived += !e;
    }
    tc_arena_free(a);
    return e;
}

static tc_err tick(void *self, struct tc_node *n)
{
    size_t archived;
    (void)self;
    return tc_alert_upto(n, tc_time_now(), &archived);
}

/* Nothing that comes in matters to it before its time. */
static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    (void)self;
    (void)n;
    (void)after;
    *reached = head;
    return TC_OK;
}

tc_err tc_alert_watch(struct tc_node *n)
{
    const struct tc_watcher w = {.name = "areas", .step = step, .ephemeral = true, .tick = tick};
    return tc_node_watch(n, &w);
}

tc_err tc_alert_ops(void)
{
    return tc_node_op_add("alert-open", op_open);
}

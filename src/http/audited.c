/* SPDX-License-Identifier: Apache-2.0 */
#include "http/audited.h"

#include "http/internal.h"
#include "http/routes.h"
#include "intake/intake.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

static enum tc_audit_kind change_kind(const struct tc_request *r)
{
    if (r->route->roles == TC_SIGNED || r->route->roles == TC_SELF) /* of one's own account */
        return TC_AUDIT_ADMINISTRATION;
    if (strcmp(r->method, "DELETE") == 0)
        return TC_AUDIT_ERASURE;
    if (strcmp(r->route->name, "api_release") == 0 ||
        strcmp(r->route->name, "api_onward_answer") == 0)
        return TC_AUDIT_DISCLOSURE;
    static const char *const decided[] = {"api_approve", "api_refuse", "api_withdraw",
                                          "api_community_rules"};
    for (size_t i = 0; i < sizeof decided / sizeof decided[0]; i++)
        if (strcmp(r->route->name, decided[i]) == 0)
            return TC_AUDIT_ADMINISTRATION;
    if (strcmp(r->route->name, "api_acknowledge") == 0 ||
        strcmp(r->route->name, "api_member_set") == 0 ||
        strcmp(r->route->name, "api_community_state") == 0 ||
        strcmp(r->route->name, "api_community_end") == 0 ||
        strcmp(r->route->name, "api_alert") == 0)
        return TC_AUDIT_ALTERATION;
    return TC_AUDIT_COLLECTION;
}

/* Questions that are too long for an address. */
static bool only_asks(const struct tc_request *r)
{
    static const char *const routes[] = {"api_audience", "api_correlate_many", "api_impact",
                                         "api_passkey_options", "api_rule_test"};
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(r->route->name, routes[i]) == 0)
            return true;
    return strcmp(r->method, "GET") == 0;
}

/* These are recorded by themselves: signing in and out; what is erased, each object with its
 * reason; what is held about a value. */
static bool is_change(const struct tc_request *r)
{
    return !only_asks(r) && strcmp(r->route->name, "api_erase") != 0 &&
           strcmp(r->route->name, "api_subject") != 0 && r->route->roles != TC_ANYONE;
}

/* Are there entries to record? A change appends or ends some, and its answer may tell of others. */
static bool is_read(const struct tc_request *r)
{
    if (!only_asks(r) && !r->seen)
        return false;
    switch (r->route->family) {
    case TC_FAMILY_TAXII:
        return r->seen != NULL;
    case TC_FAMILY_API:
    case TC_FAMILY_CAP:
        return r->route->roles != TC_ANYONE && r->route->roles != TC_SIGNED &&
               r->route->roles != TC_AUDITS;
    default:
        return false;
    }
}

/* What was done with the entries that were seen. Combined: held against each other, by a value, a
 * pattern, a place or a need (Directive (EU) 2016/680, Article 25). */
static enum tc_audit_kind seen_kind(const struct tc_request *r)
{
    static const char *const combines[] = {
        "api_correlate", "api_correlate_many", "api_critical", "api_critical_case", "api_graph",
        "api_hunt",      "api_impact",         "api_near",     "api_rule_test"};
    if (is_change(r))
        return change_kind(r);
    for (size_t i = 0; i < sizeof combines / sizeof combines[0]; i++)
        if (strcmp(r->route->name, combines[i]) == 0)
            return TC_AUDIT_COMBINATION;
    return r->route->family == TC_FAMILY_API ? TC_AUDIT_CONSULTATION : TC_AUDIT_DISCLOSURE;
}

void tc_audited_address(struct MHD_Connection *mhd, char out[TC_ADDRESS_SIZE])
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    out[0] = 0;
    if (i && i->client_addr && i->client_addr->sa_family == AF_INET)
        (void)inet_ntop(AF_INET,
                        &((const struct sockaddr_in *)(const void *)i->client_addr)->sin_addr, out,
                        TC_ADDRESS_SIZE);
    else if (i && i->client_addr && i->client_addr->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6,
                        &((const struct sockaddr_in6 *)(const void *)i->client_addr)->sin6_addr,
                        out, TC_ADDRESS_SIZE);
}

/* Looked up once for a connection. */
static const char *address(struct tc_request *r, char room[TC_ADDRESS_SIZE])
{
    char *at = r->conn ? r->conn->from : room;
    if (!r->conn || !at[0])
        tc_audited_address(r->mhd, at);
    return at;
}

static tc_err record(struct tc_request *r, enum tc_audit_kind kind, uint64_t *ticket)
{
    char from[TC_ADDRESS_SIZE];
    struct tc_audit_event e = {.kind = kind, .list = r->seen};
    if (r->who) {
        e.org = r->who->org;
        e.person = r->who->person;
    }
    /* the last "{...}" of a route is what it is about */
    for (size_t i = 0; i < TC_MAX_PARAMS; i++)
        if (r->param[i].n)
            e.object = r->param[i];
    e.how = tc_str_cstr(r->route->how);
    e.from = tc_str_cstr(address(r, from));
    e.why = r->reason;
    return tc_audit_write(r->node->audit, &e, ticket);
}

/* A list that is full, of what the answer so far tells of. */
static void record_seen(struct tc_request *r)
{
    uint64_t ticket = 0;
    tc_err e = is_read(r) ? record(r, seen_kind(r), r->seen_red ? &ticket : NULL) : TC_OK;
    if (!e && is_read(r) && r->seen_red && !ticket)
        e = TC_E_BUSY; /* there was no room for it */
    r->seen_err = r->seen_err ? r->seen_err : e;
    tc_audit_list_init(r->seen);
}

static void note(struct tc_request *r, uint64_t entry)
{
    if (!r->seen) {
        r->seen = tc_arena_alloc(r->arena, sizeof *r->seen);
        if (!r->seen) {
            r->seen_err = TC_E_NOMEM;
            return;
        }
        tc_audit_list_init(r->seen);
    }
    if (tc_audit_list_full(r->seen))
        record_seen(r);
    tc_audit_list_add(r->seen, entry);
}

static void note_posted(struct tc_request *r)
{
    for (size_t i = 0; r->posted && i < tc_intake_count(r->posted); i++) {
        const struct tc_item *item = tc_intake_item(r->posted, i);
        if (item->state == TC_ITEM_NEW && item->seq)
            note(r, item->seq);
    }
}

void tc_audited_saw(void *arg, uint64_t entry, uint32_t audience)
{
    struct tc_request *r = arg;
    if (!r->seen || audience != r->seen_audience) {
        const struct tc_audience *a = tc_journal_audience_of(r->node->journal, audience);
        r->seen_red = r->seen_red || !a || a->tlp == TC_TLP_RED;
        r->seen_audience = audience;
    }
    note(r, entry);
}

tc_err tc_audited_begin(struct tc_request *r)
{
    if (!is_change(r) || !r->node->audit)
        return TC_OK;
    return record(r, change_kind(r), &r->ticket);
}

tc_err tc_audited_end(struct tc_request *r, tc_err e)
{
    tc_err err = TC_OK;
    if (!r->node->audit)
        return e;
    if (!e)
        note_posted(r);
    if (e == TC_E_CLASSIFIED)
        err = record(r, TC_AUDIT_REFUSAL, &r->ticket);
    else if (!e && is_read(r))
        err = record(r, seen_kind(r), r->seen_red ? &r->ticket : NULL);
    if (!err && !e)
        err = r->seen_err;
    if (!err && (r->ticket || r->seen_red || (is_change(r) && !e)))
        err = tc_audit_wait(r->node->audit, r->ticket);
    return e ? e : err;
}

tc_err tc_audited_signin(struct tc_request *r, tc_err e)
{
    char from[TC_ADDRESS_SIZE];
    struct tc_person p = {.number = 0};
    uint64_t ticket;
    if (!r->node->audit || (e && e != TC_E_AUTH))
        return e;
    /* what was typed as a login may be a password: only a login that there is goes on record */
    if (r->login)
        p = (struct tc_person){.number = r->who->person, .org = r->who->org};
    else if (!r->shown.login.n ||
             tc_access_person_by(r->node->access, 0, r->shown.login, r->arena, &p) != TC_OK)
        p.number = 0;
    bool certificate = r->shown.scheme == TC_SCHEME_CERTIFICATE;
    const struct tc_audit_event v = {.kind = TC_AUDIT_SIGNIN,
                                     .org = p.number ? p.org : 0,
                                     .person = p.number,
                                     .how = tc_str_cstr(r->route->how),
                                     .from = tc_str_cstr(address(r, from)),
                                     .why = r->signin_why ? tc_str_cstr(r->signin_why)
                                            : e           ? TC_STR("failed")
                                            : certificate ? TC_STR("client certificate")
                                                          : TC_STR("")};
    tc_err err = tc_audit_write(r->node->audit, &v, &ticket);
    if (!err && !e)
        err = tc_audit_wait(r->node->audit, ticket);
    return e ? e : err;
}

tc_err tc_audited_given(struct tc_node *n, const struct tc_principal *p, const char *how,
                        const char *from, struct tc_str why, struct tc_audit_list *list, bool red)
{
    uint64_t ticket = 0;
    const struct tc_audit_event v = {.kind = TC_AUDIT_CONSULTATION,
                                     .org = p->org,
                                     .person = p->person,
                                     .list = list,
                                     .how = tc_str_cstr(how),
                                     .why = why,
                                     .from = tc_str_cstr(from)};
    if (!n->audit || !list->n)
        return TC_OK;
    tc_err e = tc_audit_write(n->audit, &v, red ? &ticket : NULL);
    return !e && red ? tc_audit_wait(n->audit, ticket) : e;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/audited.h"

#include "http/routes.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>

void tc_audited_saw(struct tc_request *r, const struct tc_row *row)
{
    if (!r->seen) {
        r->seen = tc_arena_alloc(r->arena, sizeof *r->seen);
        if (!r->seen)
            return; /* the record then tells of the request without its entries */
        tc_audit_list_init(r->seen);
    }
    tc_audit_list_add(r->seen, row->seq);
    const struct tc_audience *a = tc_journal_audience_of(r->node->journal, row->audience);
    r->seen_red = r->seen_red || !a || a->tlp == TC_TLP_RED;
}

static enum tc_audit_kind change_kind(const struct tc_request *r)
{
    if (strcmp(r->method, "DELETE") == 0)
        return TC_AUDIT_ERASURE;
    if (strcmp(r->route->name, "api_release") == 0)
        return TC_AUDIT_DISCLOSURE;
    if (strcmp(r->route->name, "api_acknowledge") == 0)
        return TC_AUDIT_ALTERATION;
    return TC_AUDIT_COLLECTION;
}

/* Signing in and out, the node's own state and the page tell of no object. */
static bool is_change(const struct tc_request *r)
{
    return strcmp(r->method, "GET") != 0 && r->route->roles != TC_ANYONE &&
           r->route->roles != TC_SIGNED;
}

static bool is_read(const struct tc_request *r)
{
    if (strcmp(r->method, "GET") != 0)
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

static void address(struct tc_request *r, char out[INET6_ADDRSTRLEN])
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    out[0] = 0;
    if (i && i->client_addr && i->client_addr->sa_family == AF_INET)
        (void)inet_ntop(AF_INET,
                        &((const struct sockaddr_in *)(const void *)i->client_addr)->sin_addr, out,
                        INET6_ADDRSTRLEN);
    else if (i && i->client_addr && i->client_addr->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6,
                        &((const struct sockaddr_in6 *)(const void *)i->client_addr)->sin6_addr,
                        out, INET6_ADDRSTRLEN);
}

static tc_err record(struct tc_request *r, enum tc_audit_kind kind, uint64_t *ticket)
{
    char how[128], from[INET6_ADDRSTRLEN];
    struct tc_audit_event e = {.kind = kind, .list = r->seen};
    (void)snprintf(how, sizeof how, "%s %s", r->method, r->route->path);
    address(r, from);
    if (r->who) {
        e.org = r->who->org;
        e.person = r->who->person;
    }
    /* the last "{...}" of a route is what it is about */
    for (size_t i = 0; i < TC_MAX_PARAMS; i++)
        if (r->param[i].n)
            e.object = r->param[i];
    e.how = tc_str_cstr(how);
    e.from = tc_str_cstr(from);
    struct tc_str why = tc_request_get(r, "X-Tocsin-Reason");
    if (tc_str_utf8(why))
        e.why = why;
    return tc_audit_write(r->node->audit, &e, ticket);
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
    if (e == TC_E_CLASSIFIED)
        err = record(r, TC_AUDIT_REFUSAL, &r->ticket);
    else if (!e && is_read(r))
        err = record(
            r, r->route->family == TC_FAMILY_API ? TC_AUDIT_CONSULTATION : TC_AUDIT_DISCLOSURE,
            r->seen_red ? &r->ticket : NULL);
    if (!err && (r->ticket || r->seen_red || (is_change(r) && !e)))
        err = tc_audit_wait(r->node->audit, r->ticket);
    return e ? e : err;
}

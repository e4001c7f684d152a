/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON interface: who am I, communities, how the node is. */
#include "http/internal.h"

#include "codec/json.h"
#include "http/handlers.h"
#include "http/taxii.h"
#include "http/media.h"
#include "http/oidc.h"

static const struct {
    unsigned bit;
    const char *name;
} roles[] = {
    {TC_ROLE_READER, "reader"},     {TC_ROLE_REPORTER, "reporter"}, {TC_ROLE_ANALYST, "analyst"},
    {TC_ROLE_RELEASER, "releaser"}, {TC_ROLE_STEWARD, "steward"},   {TC_ROLE_OPERATOR, "operator"},
    {TC_ROLE_AUDITOR, "auditor"},
};

static void write_node(struct tc_request *r, struct tc_jsonw *w)
{
    tc_jsonw_name(w, "node");
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "title", r->node->title);
    tc_jsonw_object_end(w);
}

static void write_roles(struct tc_request *r, struct tc_jsonw *w)
{
    tc_jsonw_name(w, "roles");
    tc_jsonw_array(w);
    for (size_t i = 0; r->login && i < sizeof roles / sizeof *roles; i++)
        if (r->who->roles & roles[i].bit)
            tc_jsonw_cstr(w, roles[i].name);
    tc_jsonw_array_end(w);
}

static tc_err write_person(struct tc_request *r, struct tc_jsonw *w)
{
    struct tc_person p = {0};
    struct tc_org o = {0};
    tc_err e = tc_access_org_by(r->node->access, r->who->org, TC_STR(""), r->arena, &o);
    if (!e && r->who->person)
        e = tc_access_person_by(r->node->access, r->who->person, TC_STR(""), r->arena, &p);
    if (e)
        return e;
    if (p.number) {
        tc_jsonw_kstr(w, "login", p.login);
        tc_jsonw_kstr(w, "name", p.name);
        tc_jsonw_kstr(w, "identity", p.identity);
    }
    tc_jsonw_name(w, "org");
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "identity", o.identity);
    tc_jsonw_kstr(w, "name", o.name);
    tc_jsonw_kstr(w, "country", o.country);
    tc_jsonw_object_end(w);
    return TC_OK;
}

tc_err tc_http_api_me(struct tc_request *r)
{
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kbool(&w, "signed_in", r->login != NULL);
    tc_err e = r->login ? write_person(r, &w) : TC_OK;
    if (e)
        return e;
    write_roles(r, &w);
    write_node(r, &w);
    if (!r->login)
        tc_jsonw_ktext(&w, "provider", tc_oidc_label(r->http));
    tc_jsonw_object_end(&w);
    return TC_OK;
}

/* ---- communities ---- */

/* ---- how the node is ---- */

#define MAX_WATCHERS 32

uint64_t tc_http_lag(struct tc_request *r)
{
    struct tc_watcher_state w[MAX_WATCHERS];
    size_t n = tc_node_watchers(r->node, w, MAX_WATCHERS);
    uint64_t head = tc_journal_head(r->node->journal), most = 0;
    for (size_t i = 0; i < n && i < MAX_WATCHERS; i++)
        if (w[i].cursor < head && head - w[i].cursor > most)
            most = head - w[i].cursor;
    /* how many entries there are that one may not read is nobody's business */
    return tc_request_watches(r) ? most : most > 0;
}

static void write_watchers(struct tc_request *r, struct tc_jsonw *w, uint64_t head, bool all)
{
    struct tc_watcher_state s[MAX_WATCHERS];
    size_t n = tc_node_watchers(r->node, s, MAX_WATCHERS);
    tc_jsonw_name(w, "watchers");
    tc_jsonw_array(w);
    for (size_t i = 0; i < n && i < MAX_WATCHERS; i++) {
        uint64_t lag = s[i].cursor < head ? head - s[i].cursor : 0;
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "name", s[i].name);
        tc_jsonw_kbool(w, "up_to_date", lag == 0);
        if (all)
            tc_jsonw_ku64(w, "lag", lag);
        if (all && s[i].failing)
            tc_jsonw_kcstr(w, "failure", s[i].failure);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

tc_err tc_http_api_status(struct tc_request *r)
{
    bool all = tc_request_watches(r);
    uint64_t head = tc_journal_head(r->node->journal);
    char *lag = tc_arena_fmt(r->arena, "%llu", (unsigned long long)tc_http_lag(r));
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_JSON);
    tc_request_header(r, "X-Tocsin-Lag", lag);
    tc_jsonw_object(&w);
    write_node(r, &w);
    if (all)
        tc_jsonw_ku64(&w, "head", head);
    write_watchers(r, &w, head, all);
    tc_node_watch_status(r->node, r->who, all, &w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

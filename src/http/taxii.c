/* SPDX-License-Identifier: Apache-2.0 */
/* TAXII 2.1 sections 4.1 to 4.2 and 5.1 to 5.2: discovery, the one API root, collections. */
#include "http/taxii.h"

#include "http/handlers.h"
#include "http/routes.h"

#define ROOT "/taxii2/root/"

tc_err tc_http_taxii_discovery(struct tc_request *r)
{
    const char *base = tc_request_base(r);
    char *root = base ? tc_arena_fmt(r->arena, "%s" ROOT, base) : NULL;
    if (!root)
        return TC_E_NOMEM;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_TAXII);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "title", r->node->title[0] ? r->node->title : "Tocsin");
    tc_jsonw_kcstr(&w, "description", "A node of a warning network");
    tc_jsonw_kcstr(&w, "default", root);
    tc_jsonw_name(&w, "api_roots");
    tc_jsonw_array(&w);
    tc_jsonw_cstr(&w, root);
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

tc_err tc_http_taxii_root(struct tc_request *r)
{
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_TAXII);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "title", r->node->title[0] ? r->node->title : "Tocsin");
    tc_jsonw_name(&w, "versions");
    tc_jsonw_array(&w);
    tc_jsonw_cstr(&w, TC_MEDIA_TAXII);
    tc_jsonw_array_end(&w);
    tc_jsonw_ku64(&w, "max_content_length", r->http->o.max_body);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

bool tc_taxii_can_read(const struct tc_request *r, const struct tc_community *c)
{
    if (r->login && !(r->who->roles & TC_READS))
        return false;
    return c->open_to_public || tc_u32s_has(r->who->communities, c->number);
}

bool tc_taxii_can_write(const struct tc_request *r, const struct tc_community *c)
{
    return (r->who->roles & TC_REPORTS) && tc_access_may_write(r->node->access, r->who, c->number);
}

tc_err tc_taxii_community(struct tc_request *r, struct tc_str id, struct tc_community *out)
{
    struct tc_uuid uuid;
    bool is_uuid = tc_uuid_parse(id, &uuid) == TC_OK;
    struct tc_community c;
    if (r->login && !(r->who->roles & TC_READS))
        return tc_request_fail(r, TC_E_DENIED, "your roles do not include this");
    tc_err e = tc_access_community_by(r->node->access, 0, is_uuid ? &uuid : NULL,
                                      is_uuid ? TC_STR("") : id, r->arena, &c);
    if (e && e != TC_E_NOTFOUND)
        return e;
    /* who only contributes knows of it too, and reads there what is its own */
    if (e || (!tc_taxii_can_read(r, &c) &&
              !tc_access_functions(r->node->access, c.number, r->who->org))) {
        if (!r->login)
            return tc_request_fail(r, TC_E_AUTH, "sign in first");
        return tc_request_fail(r, TC_E_NOTFOUND, "there is no such collection");
    }
    *out = c;
    return TC_OK;
}

static void collection(struct tc_request *r, struct tc_jsonw *w, const struct tc_community *c)
{
    char id[TC_UUID_TEXT];
    tc_uuid_format(&c->uuid, id);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "id", id);
    tc_jsonw_kstr(w, "title", c->title.n ? c->title : c->alias);
    if (c->description.n)
        tc_jsonw_kstr(w, "description", c->description);
    if (c->alias.n)
        tc_jsonw_kstr(w, "alias", c->alias);
    tc_jsonw_kbool(w, "can_read", tc_taxii_can_read(r, c));
    tc_jsonw_kbool(w, "can_write", tc_taxii_can_write(r, c));
    tc_jsonw_name(w, "media_types");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, "application/stix+json;version=2.1");
    tc_jsonw_cstr(w, "application/stix+json;version=2.0");
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
}

tc_err tc_http_taxii_collections(struct tc_request *r)
{
    struct tc_community *list = NULL;
    size_t n = 0;
    tc_err e = tc_access_communities_for(r->node->access, r->who, r->arena, &list, &n);
    if (e)
        return e;
    if (n == 0 && !r->login)
        return tc_request_fail(r, TC_E_AUTH, "sign in first");
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_TAXII);
    tc_jsonw_object(&w);
    if (n) {
        tc_jsonw_name(&w, "collections");
        tc_jsonw_array(&w);
        for (size_t i = 0; i < n; i++)
            collection(r, &w, &list[i]);
        tc_jsonw_array_end(&w);
    }
    tc_jsonw_object_end(&w);
    return TC_OK;
}

tc_err tc_http_taxii_collection(struct tc_request *r)
{
    struct tc_community c;
    tc_err e = tc_taxii_community(r, r->param[0], &c);
    if (e)
        return e;
    struct tc_jsonw w = tc_request_json(r, 200, TC_MEDIA_TAXII);
    collection(r, &w, &c);
    return TC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* "Report an incident": the short form of a person becomes a STIX incident with the extension
 * "event" (packs/critical-entities) and goes through the same door as everything else. */
#include "http/internal.h"

#include "codec/json.h"
#include "http/handlers.h"
#include "http/media.h"
#include "http/post.h"
#include "http/taxii.h"
#include "watch/facts.h"

#include <stdio.h>

#define MAX_AFFECTED 1000

static tc_err reported(struct tc_request *r)
{
    const struct tc_item *item = tc_intake_item(r->state, 0);
    if (r->result)
        return r->result;
    if (item->state == TC_ITEM_SKIPPED) {
        r->diag = item->diag;
        return item->diag.code ? item->diag.code : TC_E_INVALID;
    }
    struct tc_jsonw w = tc_request_json(r, 201, TC_MEDIA_JSON);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "id", item->id);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

static tc_err need(struct tc_request *r, const char *path, const char *says)
{
    tc_diag_path(&r->diag, path, strlen(path));
    return tc_request_fail(r, TC_E_INVALID, "%s", says);
}

/* A time of the form, as it was written; the door checks it again with the object. */
static tc_err copy_time(struct tc_request *r, yyjson_val *form, const char *name,
                        struct tc_jsonw *w)
{
    struct tc_str s;
    tc_time t;
    if (!tc_json_str(form, name, &s))
        return TC_OK;
    if (tc_time_parse_z(s, &t))
        return need(r, name, "must be a time such as 2026-01-01T00:00:00Z");
    tc_jsonw_kstr(w, name, s);
    return TC_OK;
}

/* Is there such an asset, for the caller? */
static tc_err is_asset(struct tc_request *r, struct tc_str id, bool *is)
{
    const struct tc_query q = {.ids = &id, .n_ids = 1, .backwards = true};
    struct tc_reader *reader = NULL;
    struct tc_row row;
    *is = false;
    tc_err e = tc_reader_open(r->node->journal, r->who, &q, &reader);
    e = e ? e : tc_reader_next(reader, &row);
    *is = !e && row.seq && !row.revoked && tc_str_is(row.type, "infrastructure");
    tc_reader_close(reader);
    return e;
}

/* The same words for an asset that there is not and one that the caller may not read. */
static tc_err copy_affected(struct tc_request *r, yyjson_val *form, struct tc_jsonw *w)
{
    yyjson_val *list = tc_json_get(form, "affected"), *v;
    size_t i, n;
    if (!list)
        return TC_OK;
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) > MAX_AFFECTED)
        return need(r, "affected", "must be a list of at most 1000 asset ids");
    tc_jsonw_name(w, "affected_refs");
    tc_jsonw_array(w);
    yyjson_arr_foreach (list, i, n, v) {
        if (!yyjson_is_str(v) || !tc_http_is_id(tc_json_view(v)))
            return need(r, "affected", "must be a list of asset ids");
        bool is = false;
        tc_err e = is_asset(r, tc_json_view(v), &is);
        if (e)
            return e;
        if (!is)
            return need(r, "affected",
                        "names something that is no asset, or none that you may "
                        "read; nothing was reported");
        tc_jsonw_str(w, tc_json_view(v));
    }
    tc_jsonw_array_end(w);
    return TC_OK;
}

/* path is one of capacities, such as "capacities[2].left". */
static tc_err need_at(struct tc_request *r, size_t i, const char *member, const char *says)
{
    char path[64];
    (void)snprintf(path, sizeof path, "capacities[%zu]%s%s", i, *member ? "." : "", member);
    return need(r, path, says);
}

/* "Substation back at 40 %": [{"asset", "left"}]. */
static tc_err copy_capacities(struct tc_request *r, yyjson_val *form, struct tc_jsonw *w)
{
    yyjson_val *list = tc_json_get(form, "capacities"), *v;
    size_t i, n;
    if (!list)
        return TC_OK;
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) > MAX_AFFECTED)
        return need(r, "capacities", "must be a list of at most 1000 of asset and left");
    tc_jsonw_name(w, "capacities");
    tc_jsonw_array(w);
    yyjson_arr_foreach (list, i, n, v) {
        struct tc_str id = {"", 0};
        double left = -1;
        bool is = false;
        if (!tc_json_str(v, "asset", &id) || !tc_http_is_id(id))
            return need_at(r, i, "asset", "must be the id of an asset");
        if (!tc_json_double(v, "left", &left) || !(left >= 0 && left <= 1))
            return need_at(r, i, "left", "must be a number from 0 to 1: what it still carries");
        tc_err e = is_asset(r, id, &is);
        if (e || !is)
            return e ? e
                     : need_at(r, i, "asset",
                               "is no asset, or none that you may read; nothing was reported");
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "asset_ref", id);
        tc_jsonw_name(w, "left");
        tc_jsonw_double(w, left);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    return TC_OK;
}

static tc_err write_event(struct tc_request *r, yyjson_val *form, struct tc_jsonw *w)
{
    struct tc_str severity;
    bool exercise = false;
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, TC_EXT_EVENT);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
    tc_err e = copy_affected(r, form, w);
    if (!e)
        e = copy_capacities(r, form, w);
    if (!e)
        e = copy_time(r, form, "started", w);
    if (!e)
        e = copy_time(r, form, "expected_end", w);
    if (e)
        return e;
    if (tc_json_str(form, "severity", &severity))
        tc_jsonw_kstr(w, "severity", severity);
    if (tc_json_bool(form, "exercise", &exercise) && exercise)
        tc_jsonw_kbool(w, "exercise", true);
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
    return TC_OK;
}

static tc_err write_incident(struct tc_request *r, yyjson_val *form, struct tc_buf *out)
{
    struct tc_org org;
    struct tc_str name, text;
    struct tc_uuid id = tc_uuid_v4();
    char sid[TC_ID_MAX], now[TC_TIME_SIZE];
    if (!tc_json_str(form, "name", &name) || tc_str_trim(name).n == 0 || name.n > 1000)
        return need(r, "name", "an incident needs a name");
    tc_err e = tc_access_org_by(r->node->access, r->who->org, TC_STR(""), r->arena, &org);
    if (e)
        return e;
    tc_id_make(TC_STR("incident"), &id, sid);
    tc_time_format(tc_time_now(), 3, now);
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "incident");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kcstr(&w, "id", sid);
    tc_jsonw_kstr(&w, "created_by_ref", org.identity);
    tc_jsonw_kcstr(&w, "created", now);
    tc_jsonw_kcstr(&w, "modified", now);
    tc_jsonw_kstr(&w, "name", name);
    if (tc_json_str(form, "description", &text) && text.n)
        tc_jsonw_kstr(&w, "description", text);
    if (tc_json_str(form, "marking", &text)) {
        enum tc_tlp tlp;
        if (!tc_tlp_parse(text, &tlp))
            return need(r, "marking", "must be a TLP label");
        tc_jsonw_name(&w, "object_marking_refs");
        tc_jsonw_array(&w);
        tc_jsonw_cstr(&w, tc_tlp_marking_id(tlp));
        tc_jsonw_array_end(&w);
    }
    e = write_event(r, form, &w);
    if (e)
        return e;
    tc_jsonw_object_end(&w);
    return out->err;
}

tc_err tc_http_api_incident(struct tc_request *r)
{
    struct tc_json j = {NULL, NULL};
    struct tc_buf text;
    struct tc_str where;
    uint32_t community = 0;
    tc_buf_init(&text, 4 * TC_MAX_FORM);
    tc_err e = tc_json_read(tc_buf_view(&r->body), TC_MAX_FORM, 0, &j, &r->diag);
    if (!e && tc_json_str(j.root, "community", &where))
        e = tc_http_post_to(r, tc_arena_dup(r->arena, where), &community);
    if (!e)
        e = write_incident(r, j.root, &text);
    if (!e)
        e = tc_post_text(r, community, tc_buf_view(&text), reported);
    tc_buf_fini(&text);
    tc_json_fini(&j);
    return e;
}

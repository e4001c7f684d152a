/* SPDX-License-Identifier: Apache-2.0 */
/* What the map shows: the assets that one may read, as GeoJSON (RFC 7946). */
#include "http/internal.h"

#include "base/map.h"
#include "codec/json.h"
#include "http/handlers.h"
#include "watch/facts.h"

/* More dots than this no map can show; the answer then says that it is not complete. */
#define MAX_FEATURES 50000

static void feature(struct tc_jsonw *w, struct tc_str id, const struct tc_asset_facts *f)
{
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", "Feature");
    tc_jsonw_kstr(w, "id", id);
    tc_jsonw_name(w, "geometry");
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", "Point");
    tc_jsonw_name(w, "coordinates");
    tc_jsonw_array(w);
    tc_jsonw_double(w, f->lon);
    tc_jsonw_double(w, f->lat);
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
    tc_jsonw_name(w, "properties");
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "name", f->name);
    tc_jsonw_kstr(w, "kind", f->kind);
    tc_jsonw_kstr(w, "sector", f->sector);
    tc_jsonw_kstr(w, "country", f->country);
    tc_jsonw_ku64(w, "people", f->people);
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

static tc_err features(struct tc_request *r, struct tc_jsonw *w, struct tc_map *seen,
                       struct tc_json_reader *json, bool *complete)
{
    const struct tc_str type = TC_STR("infrastructure");
    const struct tc_query q = {
        .types = &type, .n_types = 1, .added_after = TC_TIME_NONE, .backwards = true};
    struct tc_reader *reader = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(r->node->journal, r->who, &q, &reader);
    while (!e && !(e = tc_reader_next(reader, &row)) && row.seq) {
        struct tc_asset_facts f;
        yyjson_val *root;
        uint64_t here = 0;
        bool added = false;
        if (tc_map_count(seen) == MAX_FEATURES) {
            *complete = false;
            break;
        }
        e = tc_map_intern(seen, row.id, &here, &added);
        if (e || !added || row.revoked)
            continue;
        e = tc_json_reader_read(json, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL);
        if (!e && tc_facts_asset(root, &f) && f.placed)
            feature(w, row.id, &f);
    }
    tc_reader_close(reader);
    return e;
}

tc_err tc_http_api_assets(struct tc_request *r)
{
    struct tc_map *seen = tc_map_new(MAX_FEATURES);
    struct tc_json_reader *json = tc_json_reader_new();
    bool complete = true;
    tc_err e = seen && json ? TC_OK : TC_E_NOMEM;
    struct tc_jsonw w = tc_request_json(r, 200, "application/geo+json");
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "FeatureCollection");
    tc_jsonw_name(&w, "features");
    tc_jsonw_array(&w);
    if (!e)
        e = features(r, &w, seen, json, &complete);
    tc_json_reader_free(json);
    tc_map_free(seen);
    if (e)
        return e;
    tc_jsonw_array_end(&w);
    tc_jsonw_kbool(&w, "complete", complete);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

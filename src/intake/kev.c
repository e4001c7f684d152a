/* SPDX-License-Identifier: Apache-2.0 */
/* CISA's catalogue of known exploited vulnerabilities (JSON, schema 1.0): one vulnerability object
 * for each entry, created by CISA's identity, TLP:CLEAR as the catalogue is public domain. A new
 * release makes new versions of changed entries only. */
#include "codec/json.h"
#include "intake/made.h"
#include "intake/source.h"
#include "model/extensions.h"

#define LIST "cve" /* the source_name that STIX prescribes for a vulnerability's CVE */

struct kev {
    struct tc_import_job *j;
    struct tc_made *made;
    tc_time released;
    struct tc_diag *d;
};

static struct tc_str text_of(yyjson_val *v, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(v, name, &s);
    return s;
}

/* A date as midnight UTC. */
static tc_err date_of(struct tc_str date, tc_time *out)
{
    char text[] = "yyyy-mm-ddT00:00:00Z";
    if (date.n == 10)
        memcpy(text, date.p, date.n);
    return tc_time_parse_z(TC_STR(text), out);
}

static bool is_cve(struct tc_str s)
{
    if (s.n < 13 || s.n > 20 || !tc_str_starts(s, TC_STR("CVE-")) || s.p[8] != '-')
        return false;
    for (size_t i = 4; i < s.n; i++)
        if (i != 8 && (s.p[i] < '0' || s.p[i] > '9'))
            return false;
    return true;
}

static void put_extension(struct tc_jsonw *w, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *cwe;
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, TC_EXT_KEV);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
    tc_jsonw_ktext(w, "vendor", text_of(v, "vendorProject"));
    tc_jsonw_ktext(w, "product", text_of(v, "product"));
    tc_jsonw_ktext(w, "added", text_of(v, "dateAdded"));
    tc_jsonw_ktext(w, "due", text_of(v, "dueDate"));
    tc_jsonw_ktext(w, "action", text_of(v, "requiredAction"));
    tc_jsonw_ktext(w, "ransomware", text_of(v, "knownRansomwareCampaignUse"));
    tc_jsonw_ktext(w, "notes", text_of(v, "notes"));
    if (yyjson_arr_size(tc_json_get(v, "cwes"))) {
        tc_jsonw_name(w, "cwes");
        tc_jsonw_array(w);
        yyjson_arr_foreach (tc_json_get(v, "cwes"), i, n, cwe) {
            if (yyjson_is_str(cwe))
                tc_jsonw_str(w, tc_json_view(cwe));
        }
        tc_jsonw_array_end(w);
    }
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

static tc_err wrong(struct kev *k, size_t i, const char *name, const char *says)
{
    struct tc_diag *d = k->d;
    struct tc_buf path;
    tc_buf_init(&path, 128);
    tc_buf_fmt(&path, "vulnerabilities[%zu].%s", i, name);
    tc_diag_path(d, path.p, path.n);
    tc_buf_fini(&path);
    return tc_diag_set(d, TC_E_INVALID, "%s", says);
}

/* Everything that must be right, before anything is written. */
static tc_err check_entry(struct kev *k, size_t i, yyjson_val *v)
{
    tc_time t;
    struct tc_str cve = text_of(v, "cveID");
    tc_diag_object(k->d, cve.p, cve.n);
    if (!is_cve(cve))
        return wrong(k, i, "cveID", "must be a CVE number like CVE-2026-12345");
    if (date_of(text_of(v, "dateAdded"), &t))
        return wrong(k, i, "dateAdded", "must be an existing date like 2026-01-31");
    if (text_of(v, "dueDate").n && date_of(text_of(v, "dueDate"), &t))
        return wrong(k, i, "dueDate", "must be an existing date like 2026-01-31");
    return TC_OK;
}

static tc_err put_entry(struct kev *k, yyjson_val *v)
{
    char id[TC_ID_MAX];
    tc_time added = 0;
    struct tc_str cve = text_of(v, "cveID"), name = text_of(v, "vulnerabilityName");
    if (date_of(text_of(v, "dateAdded"), &added))
        return TC_E_INTERNAL;
    tc_made_id(k->made, "vulnerability", cve, id);
    struct tc_jsonw *w = tc_made_begin(k->made, "vulnerability", tc_str_cstr(id), cve);
    tc_jsonw_kstr(w, "name", name.n ? name : cve);
    tc_jsonw_ktext(w, "description", text_of(v, "shortDescription"));
    tc_jsonw_name(w, "labels");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, "known-exploited");
    if (tc_str_is(text_of(v, "knownRansomwareCampaignUse"), "Known"))
        tc_jsonw_cstr(w, "ransomware");
    tc_jsonw_array_end(w);
    put_extension(w, v);
    return tc_made_end(k->made, added, k->released, k->d);
}

/* The identity that all of them name; the same bytes each time. */
static tc_err put_cisa(struct kev *k, struct tc_str id)
{
    tc_time since = 0;
    struct tc_jsonw *w = tc_made_begin(k->made, "identity", id, TC_STR(""));
    tc_jsonw_kcstr(w, "name", "Cybersecurity and Infrastructure Security Agency (CISA)");
    tc_jsonw_kcstr(w, "identity_class", "organization");
    if (date_of(TC_STR("2021-11-03"), &since)) /* first release of the catalogue */
        return TC_E_INTERNAL;
    return tc_made_end(k->made, since, since, k->d);
}

static tc_err put_all(struct kev *k, yyjson_val *list, struct tc_str cisa)
{
    size_t i, n;
    yyjson_val *v;
    bool keep_going = k->j->o->keep_going;
    tc_err e = TC_OK;
    yyjson_arr_foreach (list, i, n, v) {
        e = keep_going ? TC_OK : check_entry(k, i, v);
        if (e)
            return e;
    }
    e = put_cisa(k, cisa);
    yyjson_arr_foreach (list, i, n, v) {
        if (e)
            return e;
        if (keep_going && check_entry(k, i, v)) {
            k->j->result.read++;
            k->j->result.skipped++;
            if (k->j->o->skipped)
                k->j->o->skipped(k->j->o->arg, k->d);
            continue;
        }
        e = put_entry(k, v);
    }
    return e ? e : tc_made_finish(k->made, k->d);
}

tc_err tc_import_kev(struct tc_import_job *j, struct tc_str text, struct tc_diag *d)
{
    static const struct tc_str types[] = {{"vulnerability", 13}};
    char cisa[TC_ID_MAX];
    struct tc_json json = {0};
    struct kev k = {.j = j, .released = TC_TIME_NONE, .d = d};
    tc_id_derive(TC_STR("identity"), &tc_uuid_ns_tocsin, TC_STR("cisa.gov"), cisa);
    struct tc_made_list list = {.types = types,
                                .n_types = 1,
                                .creator = tc_str_cstr(cisa),
                                .name = TC_STR(LIST),
                                .marking = TC_TLP_CLEAR};
    tc_err e = tc_json_read(text, 256u << 20, TC_JSON_REPEATS_OK, &json, d);
    if (e)
        return e;
    yyjson_val *entries = tc_json_get(json.root, "vulnerabilities");
    if (tc_time_parse_z(text_of(json.root, "dateReleased"), &k.released))
        e = tc_diag_set(d, TC_E_INVALID, "`dateReleased` must be a date and time");
    else if (!yyjson_is_arr(entries))
        e = tc_diag_set(d, TC_E_INVALID, "`vulnerabilities` must be a list");
    if (!e)
        e = tc_made_new(j, &list, &k.made, d);
    if (!e)
        e = put_all(&k, entries, tc_str_cstr(cisa));
    tc_made_free(k.made);
    tc_json_fini(&json);
    return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/finding.h"

#include "base/hash.h"
#include "base/limits.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/audience.h"

/* ---- words ---- */

static const char *const hows[] = {"supply", "direct", "area", NULL};
static const char *const changes[] = {"same", "new", "earlier", "later", "spared", NULL};
static const char *const forecasts[] = {"open", "confirmed", "contradicted", NULL};
static const char *const severities[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown", NULL};
static const char *const certainties[] = {"Observed", "Likely",  "Possible",
                                          "Unlikely", "Unknown", NULL};

const char *tc_how_word(enum tc_hit_how h)
{
    return hows[h];
}

const char *tc_change_word(enum tc_hit_change c)
{
    return changes[c];
}

const char *tc_severity_word(enum tc_severity s)
{
    return severities[s];
}

const char *tc_certainty_word(enum tc_certainty c)
{
    return certainties[c];
}

static bool word_of(struct tc_str s, const char *const *words, unsigned *out)
{
    for (unsigned i = 0; words[i]; i++)
        if (tc_str_eq_nocase(s, tc_str_cstr(words[i]))) {
            *out = i;
            return true;
        }
    return false;
}

bool tc_how_of(struct tc_str s, enum tc_hit_how *out)
{
    unsigned i = 0;
    bool ok = word_of(s, hows, &i);
    *out = ok ? (enum tc_hit_how)i : *out;
    return ok;
}

bool tc_change_of(struct tc_str s, enum tc_hit_change *out)
{
    unsigned i = 0;
    bool ok = word_of(s, changes, &i);
    *out = ok ? (enum tc_hit_change)i : *out;
    return ok;
}

bool tc_severity_of(struct tc_str s, enum tc_severity *out)
{
    unsigned i = 0;
    bool ok = word_of(s, severities, &i);
    *out = ok ? (enum tc_severity)i : *out;
    return ok;
}

bool tc_certainty_of(struct tc_str s, enum tc_certainty *out)
{
    unsigned i = 0;
    bool ok = word_of(s, certainties, &i);
    *out = ok ? (enum tc_certainty)i : *out;
    return ok;
}

/* ---- the object ---- */

void tc_finding_id(struct tc_str incident, struct tc_str asset, char out[TC_ID_MAX])
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, "impact|");
    tc_id_name_str(&name, incident);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, asset);
    tc_id_name_end(&name, TC_STR("finding"), out);
}

static void put_ref_list(struct tc_jsonw *w, const char *name, struct tc_str ref)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    tc_jsonw_str(w, ref);
    tc_jsonw_array_end(w);
}

static void put_causes(struct tc_jsonw *w, const struct tc_finding *f)
{
    if (!f->n_causes)
        return;
    tc_jsonw_name(w, "causes");
    tc_jsonw_array(w);
    for (size_t i = 0; i < f->n_causes; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "asset_ref", f->cause[i].asset);
        tc_jsonw_ktext(w, "sector", f->cause[i].sector);
        tc_jsonw_ktext(w, "country", f->cause[i].country);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

/* What was found; the digest is made of exactly these bytes. */
static void put_content(struct tc_jsonw *w, const struct tc_finding *f)
{
    tc_jsonw_ktext(w, "name", f->name);
    tc_jsonw_kcstr(w, "rule", "impact");
    tc_jsonw_kcstr(w, "status", f->open ? "open" : "closed");
    put_ref_list(w, "evidence_refs", f->incident);
    put_ref_list(w, "about_refs", f->asset);
    tc_jsonw_ktext(w, "sector", f->sector);
    tc_jsonw_ktext(w, "country", f->country);
    tc_jsonw_ktext(w, "operator_ref", f->operator_ref);
    if (f->placed) {
        tc_jsonw_name(w, "latitude");
        tc_jsonw_double(w, f->lat);
        tc_jsonw_name(w, "longitude");
        tc_jsonw_double(w, f->lon);
    }
    if (f->people)
        tc_jsonw_ku64(w, "people", f->people);
    tc_jsonw_kcstr(w, "how", hows[f->how]);
    if (f->forecast)
        tc_jsonw_kcstr(w, "forecast", forecasts[f->forecast]);
    tc_jsonw_ktext(w, "service", f->service);
    tc_jsonw_ktime(w, "from", f->at);
    tc_jsonw_ktime(w, "from_early", f->early);
    tc_jsonw_ktime(w, "from_late", f->late);
    tc_jsonw_ktime(w, "until", f->back);
    tc_jsonw_ktime(w, "expires", f->expires);
    if (f->percent)
        tc_jsonw_ku64(w, "percent", f->percent);
    tc_jsonw_kcstr(w, "severity", severities[f->severity]);
    tc_jsonw_kcstr(w, "certainty", certainties[f->certainty]);
    tc_jsonw_kbool(w, "exercise", f->exercise);
    if (f->unconfirmed)
        tc_jsonw_kbool(w, "unconfirmed", true);
    tc_jsonw_ktext(w, "reporter_ref", f->reporter);
    tc_jsonw_kbool(w, "vouched", f->vouched);
    put_causes(w, f);
}

void tc_new_sdo_write(struct tc_jsonw *w, const char *extension)
{
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, extension);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "new-sdo");
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

void tc_finding_write(const struct tc_finding *f, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "finding");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kstr(&w, "id", f->id);
    tc_jsonw_kstr(&w, "created_by_ref", f->creator);
    tc_jsonw_ktime(&w, "created", f->created);
    tc_jsonw_ktime(&w, "modified", f->modified);
    put_ref_list(&w, "object_marking_refs", tc_str_cstr(tc_tlp_marking_id(TC_TLP_AMBER_STRICT)));
    tc_new_sdo_write(&w, TC_EXT_FINDING);
    tc_jsonw_kcstr(&w, "change", changes[f->change]);
    put_content(&w, f);
    tc_jsonw_object_end(&w);
}

uint64_t tc_finding_digest(const struct tc_finding *f)
{
    static const struct tc_hash_key fixed = {0x746f6373696e2e31u, 0x66696e64696e672eu};
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    put_content(&w, f);
    tc_jsonw_object_end(&w);
    uint64_t digest = tc_hash64(fixed, b.p, b.n);
    digest = b.err ? 0 : digest ? digest : 1;
    tc_buf_fini(&b);
    return digest;
}

/* ---- reading ---- */

struct reading {
    struct tc_arena *a;
    struct tc_diag *d;
    tc_err err; /* sticky */
};

static void wrong(struct reading *r, const char *name)
{
    if (r->err)
        return;
    tc_diag_path(r->d, name, strlen(name));
    r->err = tc_diag_set(r->d, TC_E_INVALID, "this is missing or is not what a finding has here");
}

static struct tc_str copy(struct reading *r, struct tc_str s)
{
    struct tc_str c = tc_arena_dup(r->a, s);
    if (!c.p && !r->err)
        r->err = TC_E_NOMEM;
    return c;
}

static struct tc_str take_text(struct reading *r, yyjson_val *o, const char *name, bool must)
{
    struct tc_str s = {"", 0};
    if (tc_json_str(o, name, &s))
        return copy(r, s);
    if (must)
        wrong(r, name);
    return s;
}

static tc_time take_time(struct reading *r, yyjson_val *o, const char *name, bool must)
{
    struct tc_str s;
    tc_time t = TC_TIME_NONE;
    if (!tc_json_str(o, name, &s)) {
        if (must)
            wrong(r, name);
    } else if (tc_time_parse_z(s, &t)) {
        wrong(r, name);
    }
    return t;
}

static struct tc_str take_ref(struct reading *r, yyjson_val *o, const char *name)
{
    yyjson_val *first = yyjson_arr_get_first(tc_json_get(o, name));
    if (yyjson_is_str(first))
        return copy(r, tc_json_view(first));
    wrong(r, name);
    return TC_STR("");
}

static void take_words(struct reading *r, yyjson_val *o, struct tc_finding *f)
{
    struct tc_str s = {"", 0};
    if (!tc_json_str(o, "how", &s) || !tc_how_of(s, &f->how))
        wrong(r, "how");
    if (!tc_json_str(o, "change", &s) || !tc_change_of(s, &f->change))
        wrong(r, "change");
    if (!tc_json_str(o, "severity", &s) || !tc_severity_of(s, &f->severity))
        wrong(r, "severity");
    if (!tc_json_str(o, "certainty", &s) || !tc_certainty_of(s, &f->certainty))
        wrong(r, "certainty");
    if (!tc_json_str(o, "rule", &s) || !tc_str_is(s, "impact"))
        wrong(r, "rule");
    if (!tc_json_str(o, "status", &s))
        wrong(r, "status");
    f->open = tc_str_is(s, "open");
    unsigned forecast = TC_FORECAST_OPEN;
    if (tc_json_str(o, "forecast", &s) && !word_of(s, forecasts, &forecast))
        wrong(r, "forecast");
    f->forecast = (enum tc_forecast)forecast;
}

static void take_causes(struct reading *r, yyjson_val *o, struct tc_finding *f)
{
    yyjson_val *list = tc_json_get(o, "causes"), *e;
    size_t i, n;
    if (!yyjson_is_arr(list))
        return;
    yyjson_arr_foreach (list, i, n, e) {
        if (f->n_causes == TC_FINDING_CAUSES)
            return;
        f->cause[f->n_causes++] = (struct tc_finding_cause){take_text(r, e, "asset_ref", true),
                                                            take_text(r, e, "sector", false),
                                                            take_text(r, e, "country", false)};
    }
}

tc_err tc_finding_read(yyjson_val *o, struct tc_arena *a, struct tc_finding *out, struct tc_diag *d)
{
    struct tc_finding f = {0};
    struct reading r = {.a = a, .d = d};
    uint64_t percent = 0;
    take_words(&r, o, &f);
    f.id = take_text(&r, o, "id", true);
    f.creator = take_text(&r, o, "created_by_ref", true);
    f.created = take_time(&r, o, "created", true);
    f.modified = take_time(&r, o, "modified", true);
    f.incident = take_ref(&r, o, "evidence_refs");
    f.asset = take_ref(&r, o, "about_refs");
    f.name = take_text(&r, o, "name", false);
    f.sector = take_text(&r, o, "sector", false);
    f.country = take_text(&r, o, "country", false);
    f.operator_ref = take_text(&r, o, "operator_ref", false);
    f.placed = tc_json_double(o, "latitude", &f.lat) && tc_json_double(o, "longitude", &f.lon);
    (void)tc_json_u64(o, "people", &f.people);
    f.service = take_text(&r, o, "service", false);
    f.at = take_time(&r, o, "from", true);
    f.early = take_time(&r, o, "from_early", false);
    f.late = take_time(&r, o, "from_late", false);
    f.back = take_time(&r, o, "until", false);
    f.expires = take_time(&r, o, "expires", false);
    (void)tc_json_u64(o, "percent", &percent);
    f.percent = percent > 100 ? 100 : (unsigned)percent;
    (void)tc_json_bool(o, "exercise", &f.exercise);
    (void)tc_json_bool(o, "unconfirmed", &f.unconfirmed);
    (void)tc_json_bool(o, "vouched", &f.vouched);
    f.reporter = take_text(&r, o, "reporter_ref", false);
    take_causes(&r, o, &f);
    if (r.err)
        return r.err;
    *out = f;
    return TC_OK;
}

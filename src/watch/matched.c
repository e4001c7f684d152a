/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/matched.h"

#include "base/limits.h"
#include "codec/jsonw.h"
#include "watch/finding.h"

#define MAX_COUNT 999999999u /* of a sighting (STIX 2.1 section 5.2.1) */

void tc_matched_ids(const struct tc_matched *m, char sighting[TC_ID_MAX], char finding[TC_ID_MAX])
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, "match|");
    tc_id_name_str(&name, m->indicator);
    for (size_t i = 0; i < m->n; i++) {
        tc_id_name_cstr(&name, "|");
        tc_id_name_str(&name, m->observations[i]);
    }
    if (m->parted) { /* the same observations can hold for several values */
        tc_id_name_cstr(&name, "|per|");
        tc_id_name_str(&name, m->value);
    }
    tc_id_name_end(&name, TC_STR("sighting"), sighting);
    tc_id_name_end(&name, TC_STR("finding"), finding);
}

static void put_time(struct tc_jsonw *w, const char *name, tc_time t, int digits)
{
    char z[TC_TIME_SIZE];
    tc_time_format(t, digits, z);
    tc_jsonw_kcstr(w, name, z);
}

static void put_refs(struct tc_jsonw *w, const char *name, const struct tc_str *v, size_t n)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    for (size_t i = 0; i < n; i++)
        tc_jsonw_str(w, v[i]);
    tc_jsonw_array_end(w);
}

static void put_head(struct tc_jsonw *w, const struct tc_matched *m, const char *type,
                     const char *id)
{
    const struct tc_str marking = tc_str_cstr(tc_tlp_marking_id(m->tlp));
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", type);
    tc_jsonw_kcstr(w, "spec_version", "2.1");
    tc_jsonw_kcstr(w, "id", id);
    tc_jsonw_kstr(w, "created_by_ref", m->creator);
    put_time(w, "created", m->created, 3);
    put_time(w, "modified", m->modified, 3);
    put_refs(w, "object_marking_refs", &marking, 1);
}

void tc_matched_sighting(const struct tc_matched *m, const char *id, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    put_head(&w, m, "sighting", id);
    put_time(&w, "first_seen", m->first, 6);
    put_time(&w, "last_seen", m->last, 6);
    tc_jsonw_ku64(&w, "count", m->count > MAX_COUNT ? MAX_COUNT : m->count);
    tc_jsonw_kstr(&w, "sighting_of_ref", m->indicator);
    put_refs(&w, "observed_data_refs", m->observations, m->n);
    tc_jsonw_object_end(&w);
}

static void put_suppressed(struct tc_jsonw *w, const struct tc_matched *m)
{
    struct tc_buf b;
    tc_buf_init(&b, 4096);
    tc_buf_fmt(&b, "No sighting was made: all values that matched are on the warning list '%s'",
               m->suppressed);
    tc_jsonw_kbuf(w, "description", &b);
    tc_jsonw_kcstr(w, "suppressed_by", m->suppressed);
    tc_buf_fini(&b);
}

/* The sentence in English, else in the first language, is the description, too. */
static void put_says(struct tc_jsonw *w, const struct tc_matched *m)
{
    const struct tc_saying_about x = {m->value, m->count, m->first, m->last};
    const struct tc_rule *r = m->rule;
    struct tc_buf b;
    size_t main = 0;
    if (!m->saying || !r->n_says)
        return;
    for (size_t i = r->n_says; i-- > 0;)
        main = tc_str_is(r->says[i].language, "en") ? i : main;
    tc_buf_init(&b, (size_t)1 << 20);
    if (!m->suppressed) {
        tc_saying_put(m->saying, main, &x, &b);
        tc_jsonw_kbuf(w, "description", &b);
    }
    tc_jsonw_name(w, "says");
    tc_jsonw_object(w);
    for (size_t i = 0; i < r->n_says; i++) {
        tc_buf_clear(&b);
        tc_saying_put(m->saying, i, &x, &b);
        tc_jsonw_namen(w, r->says[i].language);
        tc_jsonw_str(w, tc_buf_view(&b));
    }
    tc_jsonw_object_end(w);
    tc_buf_fini(&b);
}

static void put_rule(struct tc_jsonw *w, const struct tc_matched *m)
{
    struct tc_str about[TC_MATCHED_ABOUT + 1] = {m->indicator};
    for (size_t i = 0; i < m->n_about; i++)
        about[i + 1] = m->about[i];
    put_refs(w, "about_refs", about, m->n_about + 1);
    if (m->n_keys)
        put_refs(w, "about_keys", m->keys, m->n_keys);
    if (m->parted)
        tc_jsonw_kstr(w, "value", m->value);
    if (m->matches)
        tc_jsonw_ku64(w, "matches", m->matches);
    if (!m->rule)
        return;
    if (m->rule->extended)
        tc_jsonw_ku64(w, "count", m->count ? m->count : 1);
    tc_jsonw_ktext(w, "severity", m->rule->severity);
    if (m->rule->confidence >= 0)
        tc_jsonw_ku64(w, "confidence", (uint64_t)m->rule->confidence);
    put_says(w, m);
}

void tc_matched_finding(const struct tc_matched *m, const char *id, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    put_head(&w, m, "finding", id);
    tc_new_sdo_write(&w, TC_EXT_FINDING);
    if (m->name.n)
        tc_jsonw_kstr(&w, "name", m->name);
    tc_jsonw_kstr(&w, "rule", m->indicator);
    tc_jsonw_kcstr(&w, "status", m->suppressed ? "closed" : "open");
    if (m->suppressed)
        put_suppressed(&w, m);
    tc_jsonw_kcstr(&w, "change", m->matches > 1 ? "same" : "new");
    put_refs(&w, "evidence_refs", m->observations, m->n);
    put_rule(&w, m);
    put_time(&w, "from", m->first, 3);
    if (m->last != m->first)
        put_time(&w, "last", m->last, 3);
    tc_jsonw_kcstr(&w, "certainty", "Observed");
    tc_jsonw_object_end(&w);
}

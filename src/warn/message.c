/* SPDX-License-Identifier: Apache-2.0 */
#include "warn/message.h"

#include "base/limits.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/audience.h"

static const char *const states[] = {"draft", "released", "withdrawn", NULL};
static const char *const kinds[] = {"alert", "update", "cancel", NULL};
static const char *const statuses[] = {"actual", "exercise", "test", NULL};
static const char *const urgencies[] = {"Immediate", "Expected", "Future", "Past", NULL};
static const char *const responses[] = {"Prepare", "Execute", "AllClear", NULL};

const char *tc_warn_state_word(enum tc_warn_state s)
{
    return states[s];
}

const char *tc_warn_kind_word(enum tc_warn_kind k)
{
    return kinds[k];
}

const char *tc_warn_status_word(enum tc_warn_status s)
{
    return statuses[s];
}

const char *tc_urgency_word(enum tc_urgency u)
{
    return urgencies[u];
}

const char *tc_response_word(enum tc_response r)
{
    return responses[r];
}

/* ---- writing ---- */

static void put_causes(struct tc_jsonw *w, const struct tc_warn_hit *h)
{
    if (!h->n_causes)
        return;
    tc_jsonw_name(w, "causes");
    tc_jsonw_array(w);
    for (size_t i = 0; i < h->n_causes; i++) {
        tc_jsonw_object(w);
        tc_jsonw_ktext(w, "asset_ref", h->causes[i].asset);
        tc_jsonw_ktext(w, "name", h->causes[i].name);
        tc_jsonw_ktext(w, "sector", h->causes[i].sector);
        tc_jsonw_ktext(w, "country", h->causes[i].country);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static void put_hit(struct tc_jsonw *w, const struct tc_warn_hit *h)
{
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "asset_ref", h->asset);
    tc_jsonw_kstr(w, "name", h->name);
    tc_jsonw_ktext(w, "sector", h->sector);
    tc_jsonw_ktext(w, "country", h->country);
    tc_jsonw_kcstr(w, "how", tc_how_word(h->how));
    tc_jsonw_kcstr(w, "change", tc_change_word(h->change));
    tc_jsonw_ktext(w, "service", h->service);
    tc_jsonw_ktime(w, "at", h->at);
    tc_jsonw_ktime(w, "at_early", h->early);
    tc_jsonw_ktime(w, "at_late", h->late);
    tc_jsonw_ktime(w, "back", h->back);
    if (h->percent)
        tc_jsonw_ku64(w, "percent", h->percent);
    if (h->placed) {
        tc_jsonw_name(w, "latitude");
        tc_jsonw_double(w, h->lat);
        tc_jsonw_name(w, "longitude");
        tc_jsonw_double(w, h->lon);
    }
    put_causes(w, h);
    tc_jsonw_object_end(w);
}

static void put_hits(struct tc_jsonw *w, const struct tc_message *m)
{
    if (!m->n_hits)
        return;
    tc_jsonw_name(w, "hits");
    tc_jsonw_array(w);
    for (size_t i = 0; i < m->n_hits; i++)
        put_hit(w, &m->hits[i]);
    tc_jsonw_array_end(w);
}

static void put_references(struct tc_jsonw *w, const struct tc_message *m)
{
    if (!m->n_references)
        return;
    tc_jsonw_name(w, "references");
    tc_jsonw_array(w);
    for (size_t i = 0; i < m->n_references; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "warning_ref", m->references[i].warning);
        tc_jsonw_ktime(w, "sent", m->references[i].sent);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static void put_texts(struct tc_jsonw *w, const struct tc_message *m)
{
    tc_jsonw_name(w, "texts");
    tc_jsonw_array(w);
    for (size_t i = 0; i < m->n_texts; i++) {
        const struct tc_warn_text *t = &m->texts[i];
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "language", t->language);
        tc_jsonw_kstr(w, "event", t->event);
        tc_jsonw_kstr(w, "headline", t->headline);
        tc_jsonw_kstr(w, "description", t->description);
        tc_jsonw_ktext(w, "instruction", t->instruction);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

/* What the recipient, or before that the releaser, would notice; the digest is made of exactly
 * these bytes. */
static void put_content(struct tc_jsonw *w, const struct tc_message *m)
{
    tc_jsonw_kcstr(w, "message_type", kinds[m->kind]);
    tc_jsonw_kcstr(w, "status", statuses[m->status]);
    tc_jsonw_ktext(w, "note", m->note);
    tc_jsonw_kstr(w, "recipient_ref", m->recipient);
    tc_jsonw_ktext(w, "recipient_name", m->recipient_name);
    tc_jsonw_ktext(w, "sender_name", m->sender_name);
    tc_jsonw_ktext(w, "reported_by_ref", m->reported_by);
    tc_jsonw_ktext(w, "reporter_name", m->reporter_name);
    tc_jsonw_name(w, "categories");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, "Infra");
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "response_types");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, responses[m->response]);
    tc_jsonw_array_end(w);
    tc_jsonw_kcstr(w, "urgency", urgencies[m->urgency]);
    tc_jsonw_kcstr(w, "severity", tc_severity_word(m->severity));
    tc_jsonw_kcstr(w, "certainty", tc_certainty_word(m->certainty));
    tc_jsonw_ktime(w, "onset", m->onset);
    tc_jsonw_ktime(w, "expires", m->expires);
    put_references(w, m);
    put_hits(w, m);
    put_texts(w, m);
}

void tc_message_write(const struct tc_message *m, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "warning");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kstr(&w, "id", m->id);
    tc_jsonw_kstr(&w, "created_by_ref", m->sender);
    tc_jsonw_ktime(&w, "created", m->created);
    tc_jsonw_ktime(&w, "modified", m->modified);
    tc_jsonw_name(&w, "object_marking_refs");
    tc_jsonw_array(&w);
    tc_jsonw_cstr(&w, tc_tlp_marking_id(TC_TLP_AMBER_STRICT));
    tc_jsonw_array_end(&w);
    tc_new_sdo_write(&w, TC_EXT_WARNING);
    if (m->n_texts)
        tc_jsonw_kstr(&w, "name", m->texts[0].headline);
    tc_jsonw_kcstr(&w, "state", states[m->state]);
    tc_jsonw_ktime(&w, "sent", m->sent);
    tc_jsonw_ktext(&w, "released_by", m->released_by);
    put_content(&w, m);
    tc_jsonw_object_end(&w);
}

tc_err tc_message_digest(const struct tc_message *m, struct tc_uuid *out)
{
    struct tc_buf b;
    tc_buf_init(&b, TC_MAX_OBJECT);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    put_content(&w, m);
    tc_jsonw_object_end(&w);
    tc_err e = b.err;
    if (!e)
        *out = tc_uuid_v5(&tc_uuid_ns_tocsin, tc_buf_view(&b));
    tc_buf_fini(&b);
    return e;
}

/* ---- reading ---- */

struct reading {
    struct tc_arena *a;
    struct tc_diag *d;
    tc_err err; /* sticky */
};

static void wrong(struct reading *r, const char *name, const char *says)
{
    if (r->err)
        return;
    tc_diag_path(r->d, name, strlen(name));
    r->err = tc_diag_set(r->d, TC_E_INVALID, "%s", says);
}

static struct tc_str take_text(struct reading *r, yyjson_val *o, const char *name, bool must)
{
    struct tc_str s = {"", 0};
    if (!tc_json_str(o, name, &s)) {
        if (must)
            wrong(r, name, "a warning must have this text");
        return s;
    }
    struct tc_str copy = tc_arena_dup(r->a, s);
    if (!copy.p && !r->err)
        r->err = TC_E_NOMEM;
    return copy;
}

static tc_time take_time(struct reading *r, yyjson_val *o, const char *name, bool must)
{
    struct tc_str s;
    tc_time t = TC_TIME_NONE;
    if (!tc_json_str(o, name, &s)) {
        if (must)
            wrong(r, name, "a warning must have this time");
        return t;
    }
    if (tc_time_parse_z(s, &t))
        wrong(r, name, "not a time");
    return t;
}

static unsigned take_word(struct reading *r, yyjson_val *o, const char *name,
                          const char *const *words)
{
    struct tc_str s;
    if (!tc_json_str(o, name, &s)) {
        wrong(r, name, "a warning must have this word");
        return 0;
    }
    for (unsigned i = 0; words[i]; i++)
        if (tc_str_is(s, words[i]))
            return i;
    wrong(r, name, "not one of the words that may stand here");
    return 0;
}

/* Room for the elements of an array member; NULL with *n 0 when there is none. */
static void *take_list(struct reading *r, yyjson_val *o, const char *name, size_t size, size_t *n,
                       yyjson_val **list)
{
    *list = tc_json_get(o, name);
    *n = yyjson_is_arr(*list) ? yyjson_arr_size(*list) : 0;
    if (*n > TC_MAX_LIST) {
        wrong(r, name, "too long a list");
        *n = 0;
    }
    void *p = *n ? tc_arena_zalloc(r->a, *n, size) : NULL;
    if (*n && !p) {
        *n = 0;
        r->err = r->err ? r->err : TC_E_NOMEM;
    }
    return p;
}

static void read_causes(struct reading *r, yyjson_val *o, struct tc_warn_hit *h)
{
    yyjson_val *list, *e;
    struct tc_warn_cause *c = take_list(r, o, "causes", sizeof *c, &h->n_causes, &list);
    h->causes = c;
    for (size_t i = 0; i < h->n_causes; i++) {
        e = yyjson_arr_get(list, i);
        c[i].asset = take_text(r, e, "asset_ref", false);
        c[i].name = take_text(r, e, "name", false);
        c[i].sector = take_text(r, e, "sector", false);
        c[i].country = take_text(r, e, "country", false);
    }
}

static void read_hit(struct reading *r, yyjson_val *o, struct tc_warn_hit *h)
{
    uint64_t percent = 0;
    h->asset = take_text(r, o, "asset_ref", true);
    h->name = take_text(r, o, "name", true);
    h->sector = take_text(r, o, "sector", false);
    h->country = take_text(r, o, "country", false);
    if (!tc_how_of(take_text(r, o, "how", true), &h->how))
        wrong(r, "how", "not one of the words that may stand here");
    if (!tc_change_of(take_text(r, o, "change", true), &h->change))
        wrong(r, "change", "not one of the words that may stand here");
    h->service = take_text(r, o, "service", false);
    h->at = take_time(r, o, "at", h->change != TC_HIT_SPARED);
    h->early = take_time(r, o, "at_early", false);
    h->late = take_time(r, o, "at_late", false);
    h->back = take_time(r, o, "back", false);
    (void)tc_json_u64(o, "percent", &percent);
    h->percent = percent > 100 ? 100 : (unsigned)percent;
    h->placed = tc_json_double(o, "latitude", &h->lat) && tc_json_double(o, "longitude", &h->lon);
    read_causes(r, o, h);
}

static void read_hits(struct reading *r, yyjson_val *o, struct tc_message *m)
{
    yyjson_val *list, *e;
    struct tc_warn_hit *h = take_list(r, o, "hits", sizeof *h, &m->n_hits, &list);
    m->hits = h;
    size_t i, n;
    if (h)
        yyjson_arr_foreach (list, i, n, e)
            read_hit(r, e, &h[i]);
}

static void read_texts(struct reading *r, yyjson_val *o, struct tc_message *m)
{
    yyjson_val *list;
    struct tc_warn_text *t = take_list(r, o, "texts", sizeof *t, &m->n_texts, &list);
    m->texts = t;
    for (size_t i = 0; i < m->n_texts; i++) {
        yyjson_val *e = yyjson_arr_get(list, i);
        t[i].language = take_text(r, e, "language", true);
        t[i].event = take_text(r, e, "event", true);
        t[i].headline = take_text(r, e, "headline", true);
        t[i].description = take_text(r, e, "description", true);
        t[i].instruction = take_text(r, e, "instruction", false);
    }
    if (!m->n_texts)
        wrong(r, "texts", "a warning must have a text");
}

static void read_references(struct reading *r, yyjson_val *o, struct tc_message *m)
{
    yyjson_val *list;
    struct tc_warn_reference *f = take_list(r, o, "references", sizeof *f, &m->n_references, &list);
    m->references = f;
    for (size_t i = 0; i < m->n_references; i++) {
        yyjson_val *e = yyjson_arr_get(list, i);
        f[i].warning = take_text(r, e, "warning_ref", true);
        f[i].sent = take_time(r, e, "sent", true);
    }
}

static void read_head(struct reading *r, yyjson_val *o, struct tc_message *m)
{
    m->id = take_text(r, o, "id", true);
    m->created = take_time(r, o, "created", true);
    m->modified = take_time(r, o, "modified", true);
    m->sender = take_text(r, o, "created_by_ref", true);
    m->sender_name = take_text(r, o, "sender_name", false);
    m->recipient = take_text(r, o, "recipient_ref", true);
    m->recipient_name = take_text(r, o, "recipient_name", false);
    m->state = (enum tc_warn_state)take_word(r, o, "state", states);
    m->kind = (enum tc_warn_kind)take_word(r, o, "message_type", kinds);
    m->status = (enum tc_warn_status)take_word(r, o, "status", statuses);
    m->urgency = (enum tc_urgency)take_word(r, o, "urgency", urgencies);
    if (!tc_severity_of(take_text(r, o, "severity", true), &m->severity))
        wrong(r, "severity", "not one of CAP's words");
    if (!tc_certainty_of(take_text(r, o, "certainty", true), &m->certainty))
        wrong(r, "certainty", "not one of CAP's words");
    m->sent = take_time(r, o, "sent", m->state == TC_WARN_RELEASED);
    m->onset = take_time(r, o, "onset", false);
    m->expires = take_time(r, o, "expires", false);
    m->released_by = take_text(r, o, "released_by", false);
    m->reported_by = take_text(r, o, "reported_by_ref", false);
    m->reporter_name = take_text(r, o, "reporter_name", false);
    m->note = take_text(r, o, "note", m->status != TC_WARN_ACTUAL);
}

tc_err tc_message_read(yyjson_val *object, struct tc_arena *a, struct tc_message *out,
                       struct tc_diag *d)
{
    struct tc_message m = {0};
    struct reading r = {.a = a, .d = d};
    read_head(&r, object, &m);
    yyjson_val *list = tc_json_get(object, "response_types");
    for (unsigned i = 0; responses[i]; i++)
        if (yyjson_equals_str(yyjson_arr_get_first(list), responses[i]))
            m.response = (enum tc_response)i;
    read_references(&r, object, &m);
    read_hits(&r, object, &m);
    read_texts(&r, object, &m);
    if (r.err)
        return r.err;
    *out = m;
    return TC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What people and routes do with warnings: list, look at, release, acknowledge. Everything is read
 * as the principal who asks, so what it may not read is not there. */
#include "warn/warn.h"

#include "base/limits.h"
#include "base/map.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "warn/second.h"
#include "warn/state.h"

#include <stdio.h>

#define MS INT64_C(1000) /* microseconds */

pthread_mutex_t tc_warn_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- shared with the reader ---- */

void tc_warn_id(struct tc_str incident, struct tc_str recipient, unsigned place,
                char out[TC_ID_MAX])
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, "warning|");
    tc_id_name_str(&name, incident);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, recipient);
    tc_id_name_cstr(&name, "|");
    tc_id_name_u64(&name, place);
    tc_id_name_end(&name, TC_STR("warning"), out);
}

struct tc_audience tc_warn_audience(const struct tc_node *n, enum tc_warn_state s, uint32_t inbox)
{
    return (struct tc_audience){.tlp = TC_TLP_AMBER_STRICT,
                                .creator_org = n->org,
                                .community = s == TC_WARN_RELEASED ? inbox : 0};
}

void tc_warn_mark_released(struct tc_message *m, tc_time before, struct tc_str by)
{
    tc_time now = tc_time_now() / MS * MS;
    if (before != TC_TIME_NONE && now <= before)
        now = before / MS * MS + MS;
    if (m->created == TC_TIME_NONE || m->created > now)
        m->created = now;
    m->state = TC_WARN_RELEASED;
    m->sent = m->modified = now;
    m->released_by = by;
    m->reported_by = m->reporter_name = TC_STR("");
}

/* ---- one warning ---- */

struct found {
    struct tc_arena *arena;
    struct tc_str body;
    struct tc_message m;
};

static void found_fini(struct found *f)
{
    tc_arena_free(f->arena);
}

/* The newest version that the principal may read, of however many places it stands in. */
static tc_err find(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                   struct found *f)
{
    const struct tc_query q = {.ids = &id, .n_ids = 1};
    struct tc_reader *r = NULL;
    struct tc_row row;
    struct tc_json j = {0};
    tc_time newest = TC_TIME_NONE;
    if (!tc_str_starts(id, TC_STR("warning--")))
        return TC_E_NOTFOUND;
    f->arena = tc_arena_new(4 * (size_t)TC_MAX_OBJECT);
    f->body = (struct tc_str){NULL, 0};
    if (!f->arena)
        return TC_E_NOMEM;
    tc_err e = tc_reader_open(n->journal, p, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        if (!f->body.p || row.version > newest) {
            newest = row.version;
            f->body = tc_arena_dup(f->arena, row.body);
            e = f->body.p ? TC_OK : TC_E_NOMEM;
        }
    tc_reader_close(r);
    if (!e && !f->body.p)
        e = TC_E_NOTFOUND;
    e = e ? e : tc_json_read(f->body, TC_MAX_OBJECT, 0, &j, NULL);
    e = e ? e : tc_message_read(j.root, f->arena, &f->m, NULL);
    tc_json_fini(&j);
    if (e)
        found_fini(f);
    return e == TC_E_INVALID ? TC_E_NOTFOUND : e; /* another node's, of another form */
}

/* ---- receipts ---- */

static const char *const receipt_states[] = {"delivered", "acknowledged"};
enum receipt { DELIVERED, ACKNOWLEDGED };

static void receipt_id(struct tc_str warning, struct tc_str recipient, enum receipt s,
                       char out[TC_ID_MAX])
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, "receipt|");
    tc_id_name_str(&name, warning);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, recipient);
    tc_id_name_cstr(&name, "|");
    tc_id_name_cstr(&name, receipt_states[s]);
    tc_id_name_end(&name, TC_STR("receipt"), out);
}

static tc_err is_there(struct tc_node *n, const char *id, bool *there)
{
    struct tc_str s = tc_str_cstr(id);
    const struct tc_query q = {.ids = &s, .n_ids = 1, .no_body = true};
    uint64_t count = 0;
    tc_err e = tc_journal_count(n->journal, &tc_principal_system, &q, &count);
    *there = count > 0;
    return e;
}

static void put_time(struct tc_jsonw *w, const char *name, tc_time t)
{
    char z[TC_TIME_SIZE];
    tc_time_format(t, 3, z);
    tc_jsonw_kcstr(w, name, z);
}

static void write_receipt(struct tc_node *n, const struct found *f, const char *id, enum receipt s,
                          struct tc_str person, struct tc_buf *out)
{
    tc_time now = tc_time_now() / MS * MS;
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "receipt");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kcstr(&w, "id", id);
    tc_jsonw_kcstr(&w, "created_by_ref", n->identity);
    put_time(&w, "created", now);
    put_time(&w, "modified", now);
    tc_jsonw_name(&w, "object_marking_refs");
    tc_jsonw_array(&w);
    tc_jsonw_cstr(&w, tc_tlp_marking_id(TC_TLP_AMBER_STRICT));
    tc_jsonw_array_end(&w);
    tc_new_sdo_write(&w, TC_EXT_RECEIPT);
    tc_jsonw_kstr(&w, "warning_ref", f->m.id);
    tc_jsonw_kstr(&w, "recipient_ref", f->m.recipient);
    tc_jsonw_kcstr(&w, "state", receipt_states[s]);
    put_time(&w, "at", now);
    if (person.n)
        tc_jsonw_kstr(&w, "person", person);
    tc_jsonw_object_end(&w);
}

/* Readable by the recipient's organisation and by the node's. */
static tc_err append_receipt(struct tc_node *n, const struct tc_principal *p, const struct found *f,
                             enum receipt s, struct tc_diag *d)
{
    char id[TC_ID_MAX];
    bool there = false;
    struct tc_person person = {0};
    struct tc_buf text;
    receipt_id(f->m.id, f->m.recipient, s, id);
    tc_err e = is_there(n, id, &there);
    if (e || there)
        return e;
    if (p->person)
        e = tc_access_person_by(n->access, p->person, TC_STR(""), f->arena, &person);
    if (e)
        return e;
    tc_buf_init(&text, 1u << 16);
    write_receipt(n, f, id, s, person.identity, &text);
    const uint32_t org = p->org;
    const struct tc_own_object own = {
        tc_buf_view(&text), {.tlp = TC_TLP_AMBER_STRICT, .creator_org = n->org, .orgs = {&org, 1}}};
    e = text.err ? text.err : tc_intake_own(n, &own, 1, NULL, d);
    tc_buf_fini(&text);
    return e;
}

static bool is_recipient(struct tc_node *n, const struct tc_principal *p, const struct found *f)
{
    struct tc_org org;
    return p->org != 0 && !p->system &&
           tc_access_org_by(n->access, p->org, TC_STR(""), f->arena, &org) == TC_OK &&
           tc_str_eq(org.identity, f->m.recipient);
}

tc_err tc_warn_acknowledge(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                           struct tc_diag *d)
{
    struct found f;
    tc_err e = find(n, p, id, &f);
    if (e)
        return tc_diag_set(d, e, "no such warning");
    if (!is_recipient(n, p, &f))
        e = tc_diag_set(d, TC_E_DENIED, "only the organisation that is warned can acknowledge");
    else if (f.m.state != TC_WARN_RELEASED)
        e = tc_diag_set(d, TC_E_CONFLICT, "the warning was not released");
    (void)pthread_mutex_lock(&tc_warn_lock);
    e = e ? e : append_receipt(n, p, &f, ACKNOWLEDGED, d);
    (void)pthread_mutex_unlock(&tc_warn_lock);
    found_fini(&f);
    return e;
}

/* Receipts that this process has seen, so that reading a page again asks nothing of the journal. */
#define SEEN_MAX 100000u
static struct tc_map *seen;

static bool seen_before(const char *receipt)
{
    uint64_t v;
    return seen && tc_map_get(seen, tc_str_cstr(receipt), &v);
}

static void remember(const char *receipt)
{
    if (seen && tc_map_count(seen) == SEEN_MAX) {
        tc_map_free(seen);
        seen = NULL;
    }
    if (!seen)
        seen = tc_map_new(SEEN_MAX);
    if (seen && tc_map_put(seen, tc_str_cstr(receipt), 1) != TC_OK)
        return; /* only a short cut */
}

static tc_err delivered(struct tc_node *n, const struct tc_principal *p, struct tc_str identity,
                        struct tc_str id)
{
    char receipt[TC_ID_MAX];
    struct found f;
    receipt_id(id, identity, DELIVERED, receipt);
    if (seen_before(receipt))
        return TC_OK;
    tc_err e = find(n, p, id, &f);
    if (e)
        return e == TC_E_NOTFOUND ? TC_OK : e;
    if (f.m.state == TC_WARN_RELEASED && tc_str_eq(f.m.recipient, identity))
        e = append_receipt(n, p, &f, DELIVERED, NULL);
    if (!e)
        remember(receipt);
    found_fini(&f);
    return e;
}

tc_err tc_warn_delivered(struct tc_node *n, const struct tc_principal *p, const struct tc_str *ids,
                         size_t count)
{
    struct tc_org org;
    if (p->org == 0 || p->system)
        return TC_OK;
    struct tc_arena *a = tc_arena_new(1u << 20);
    if (!a)
        return TC_E_NOMEM;
    tc_err e = tc_access_org_by(n->access, p->org, TC_STR(""), a, &org);
    (void)pthread_mutex_lock(&tc_warn_lock);
    for (size_t i = 0; !e && i < count; i++)
        e = delivered(n, p, org.identity, ids[i]);
    (void)pthread_mutex_unlock(&tc_warn_lock);
    tc_arena_free(a);
    return e;
}

/* ---- releasing ---- */

static tc_err may_release(struct tc_node *n, const struct tc_principal *p, const struct found *f,
                          struct tc_diag *d)
{
    if (!p->system && (p->org != n->org || !(p->roles & TC_ROLE_RELEASER)))
        return tc_diag_set(d, TC_E_DENIED, "only a releaser of the node's organisation may");
    if (f->m.state != TC_WARN_DRAFT)
        return tc_diag_set(d, TC_E_CONFLICT, "the warning is %s already",
                           tc_warn_state_word(f->m.state));
    return TC_OK;
}

static tc_err release(struct tc_node *n, const struct tc_principal *p, struct found *f,
                      struct tc_diag *d)
{
    struct tc_org org;
    struct tc_person person = {.identity = TC_STR("system")};
    struct tc_item item;
    struct tc_buf text;
    tc_err e = tc_access_org_by(n->access, 0, f->m.recipient, f->arena, &org);
    if (e || !tc_str_eq(org.identity, f->m.recipient))
        return tc_diag_set(d, e ? e : TC_E_NOTFOUND, "the recipient is not of this node any more");
    if (p->person)
        e = tc_access_person_by(n->access, p->person, TC_STR(""), f->arena, &person);
    if (e)
        return e;
    tc_warn_mark_released(&f->m, f->m.modified, person.identity);
    tc_buf_init(&text, TC_MAX_OBJECT);
    tc_message_write(&f->m, &text);
    const struct tc_own_object own = {tc_buf_view(&text),
                                      tc_warn_audience(n, TC_WARN_RELEASED, org.inbox)};
    e = text.err ? text.err : tc_intake_own(n, &own, 1, &item, d);
    if (!e && item.state == TC_ITEM_SKIPPED)
        e = tc_diag_set(d, item.diag.code, "%s", item.diag.message);
    tc_buf_fini(&text);
    return e;
}

static tc_err ask_release(struct tc_node *n, const struct tc_principal *p, const struct found *f,
                          uint32_t community, struct tc_second *s, struct tc_diag *d)
{
    struct tc_buf text;
    tc_buf_init(&text, 1u << 16);
    struct tc_jsonw w = tc_jsonw_into(&text);
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "object", f->m.id);
    tc_jsonw_kstr(&w, "recipient", f->m.recipient);
    tc_jsonw_kstr(&w, "recipient_name", f->m.recipient_name);
    if (f->m.n_texts)
        tc_jsonw_kstr(&w, "headline", f->m.texts[0].headline);
    tc_jsonw_object_end(&w);
    tc_err e = text.err
                   ? text.err
                   : tc_approval_ask(n, p, "warning-release", community, tc_buf_view(&text), s, d);
    tc_buf_fini(&text);
    return e;
}

/* At once, or as an act for two people. */
static tc_err release_or_ask(struct tc_node *n, const struct tc_principal *p, struct found *f,
                             struct tc_second *s, struct tc_diag *d)
{
    struct tc_rules rules;
    uint32_t community;
    bool second = false;
    tc_err e = tc_warn_rules_for(n, f->m.id, f->m.recipient, &rules, &community);
    e = e ? e : tc_approval_gate(&rules, TC_TWO_RELEASE, TC_WHY_RELEASE, s, &second, d);
    if (e)
        return e;
    return second ? ask_release(n, p, f, community, s, d) : release(n, p, f, d);
}

tc_err tc_warn_release(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                       struct tc_second *s, struct tc_diag *d)
{
    struct found f;
    struct tc_second none = {.from = TC_STR("local")};
    (void)pthread_mutex_lock(&tc_warn_lock);
    tc_err e = find(n, p, id, &f);
    if (e) {
        e = tc_diag_set(d, e, "no such warning");
    } else {
        e = may_release(n, p, &f, d);
        e = e ? e : release_or_ask(n, p, &f, s ? s : &none, d);
        found_fini(&f);
    }
    (void)pthread_mutex_unlock(&tc_warn_lock);
    return e;
}

/* ---- releasing by two ---- */

static struct tc_str object_of(yyjson_val *ask)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(ask, "object", &s);
    return s;
}

static tc_err second_may(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                         struct tc_diag *d)
{
    struct found f;
    tc_err e = find(n, p, object_of(ask), &f);
    if (e)
        return e;
    if (p->org != n->org || !(p->roles & TC_ROLE_RELEASER))
        e = tc_diag_set(d, TC_E_DENIED, "only a releaser of the node's organisation may");
    found_fini(&f);
    return e;
}

static tc_err second_rests(struct tc_node *n, yyjson_val *ask, struct tc_buf *out,
                           struct tc_diag *d)
{
    struct found f;
    tc_err e = find(n, &tc_principal_system, object_of(ask), &f);
    if (e == TC_E_NOTFOUND) {
        tc_buf_cstr(out, "none");
        return TC_OK;
    }
    if (e)
        return tc_diag_set(d, e, "the warning cannot be read");
    tc_buf_str(out, f.body);
    found_fini(&f);
    return TC_OK;
}

static tc_err second_run(struct tc_node *n, const struct tc_principal *asker,
                         const struct tc_act *act, yyjson_val *ask, struct tc_diag *d)
{
    struct found f;
    (void)pthread_mutex_lock(&tc_warn_lock);
    tc_err e = find(n, asker, object_of(ask), &f);
    if (!e) {
        e = may_release(n, asker, &f, d);
        e = e ? e : tc_approval_still(n, act, ask, d);
        e = e ? e : release(n, asker, &f, d);
        found_fini(&f);
    }
    (void)pthread_mutex_unlock(&tc_warn_lock);
    return e;
}

static bool second_done(struct tc_node *n, yyjson_val *ask)
{
    struct found f;
    if (find(n, &tc_principal_system, object_of(ask), &f))
        return false;
    bool done = f.m.state == TC_WARN_RELEASED;
    found_fini(&f);
    return done;
}

tc_err tc_warn_kind(void)
{
    static const struct tc_approval_kind kind = {.name = "warning-release",
                                                 .two = TC_TWO_RELEASE,
                                                 .audit = TC_AUDIT_DISCLOSURE,
                                                 .may = second_may,
                                                 .rests = second_rests,
                                                 .run = second_run,
                                                 .is_done = second_done};
    return tc_approval_kind_add(&kind);
}

/* ---- looking ---- */

/* The stored object with "acknowledged" added at its end. */
static void put_with_state(struct tc_buf *out, struct tc_str body, bool acknowledged)
{
    body = tc_str_trim(body);
    tc_buf_add(out, body.p, body.n - 1); /* without the last brace */
    tc_buf_fmt(out, ",\"acknowledged\":%s}", acknowledged ? "true" : "false");
}

static tc_err put_object(struct tc_node *n, struct tc_str body, struct tc_buf *out)
{
    struct tc_json j = {0};
    struct tc_str id, recipient;
    bool acknowledged = false;
    tc_err e = tc_json_read(body, TC_MAX_OBJECT, 0, &j, NULL);
    if (!e && tc_json_str(j.root, "id", &id) && tc_json_str(j.root, "recipient_ref", &recipient)) {
        char receipt[TC_ID_MAX];
        receipt_id(id, recipient, ACKNOWLEDGED, receipt);
        e = is_there(n, receipt, &acknowledged);
    }
    if (!e)
        put_with_state(out, body, acknowledged);
    tc_json_fini(&j);
    return e ? e : out->err;
}

tc_err tc_warn_get(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                   struct tc_buf *out)
{
    struct found f;
    tc_err e = find(n, p, id, &f);
    if (e)
        return e;
    e = put_object(n, f.body, out);
    found_fini(&f);
    return e;
}

struct newest { /* of one id */
    uint64_t seq;
    tc_time version;
};

/* Of each id the entry with the newest version: a draft and what was released of it stand in
 * different places, and the releaser may read both. */
static tc_err newest_of_each(struct tc_node *n, const struct tc_principal *p, struct tc_map *ids,
                             struct newest *v, size_t max, size_t *count)
{
    static const struct tc_str type = {"warning", 7};
    const struct tc_query q = {.types = &type, .n_types = 1, .backwards = true, .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(n->journal, p, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        uint64_t at = *count;
        bool added = false;
        if (*count == max && !tc_map_get(ids, row.id, &at))
            break; /* older than all that are listed */
        e = tc_map_intern(ids, row.id, &at, &added);
        if (!e && added)
            v[(*count)++] = (struct newest){row.seq, row.version};
        else if (!e && row.version > v[at].version)
            v[at] = (struct newest){row.seq, row.version};
    }
    tc_reader_close(r);
    return e;
}

static tc_err put_entry(struct tc_node *n, const struct tc_principal *p, uint64_t seq,
                        struct tc_buf *out)
{
    const struct tc_query q = {.after = seq - 1, .until = seq, .versions = 1u << TC_VERSIONS_ALL};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(n->journal, p, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    if (!e && row.seq) {
        if (out->n && out->p[out->n - 1] == '}')
            tc_buf_char(out, ',');
        e = put_object(n, row.body, out);
    }
    tc_reader_close(r);
    return e;
}

tc_err tc_warn_list(struct tc_node *n, const struct tc_principal *p, size_t limit,
                    struct tc_buf *out)
{
    size_t max = limit && limit < TC_MAX_PAGE ? limit : limit ? TC_MAX_PAGE : 200, count = 0;
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_map *ids = tc_map_new(max);
    struct newest *v = a ? tc_arena_zalloc(a, max, sizeof *v) : NULL;
    tc_err e = ids && v ? newest_of_each(n, p, ids, v, max, &count) : TC_E_NOMEM;
    tc_buf_cstr(out, "{\"warnings\":[");
    for (size_t i = 0; !e && i < count; i++)
        e = put_entry(n, p, v[i].seq, out);
    tc_buf_cstr(out, "]}");
    tc_map_free(ids);
    tc_arena_free(a);
    return e ? e : out->err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/cap_chain.h"

#include "codec/json.h"
#include "model/extensions.h"

#include <stdlib.h>

/* ---- ids ---- */

static void derive(const char *type, struct tc_str sender, struct tc_str identifier, tc_time at,
                   char out[TC_ID_MAX])
{
    char sent[TC_TIME_SIZE];
    struct tc_id_name name;
    tc_time_format(at, 0, sent);
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, "cap|");
    tc_id_name_str(&name, sender);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, identifier);
    tc_id_name_cstr(&name, "|");
    tc_id_name_cstr(&name, sent);
    tc_id_name_end(&name, tc_str_cstr(type), out);
}

void tc_cap_incident_id(const struct tc_cap_root *r, char out[TC_ID_MAX])
{
    derive("incident", r->sender, r->identifier, r->at, out);
}

void tc_cap_record_id(const struct tc_cap_key *k, char out[TC_ID_MAX])
{
    derive("observed-data", k->sender, k->identifier, k->at, out);
}

void tc_cap_duplicate_id(const char *incident, char out[TC_ID_MAX])
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, "cap|duplicate-of|");
    tc_id_name_cstr(&name, incident);
    tc_id_name_end(&name, TC_STR("relationship"), out);
}

static struct tc_cap_root root_at(const struct tc_cap_key *k)
{
    struct tc_cap_root r = {.sender = k->sender, .identifier = k->identifier, .at = k->at};
    tc_cap_incident_id(&r, r.incident);
    return r;
}

/* ---- asking the journal ---- */

/* The newest version of an object; found false when there is none. use is called with it. */
static tc_err newest(struct tc_import_job *j, const char *id, uint32_t community,
                     void (*use)(void *arg, yyjson_val *root), void *arg, bool *found)
{
    struct tc_str s = tc_str_cstr(id);
    struct tc_query q = {
        .community = community, .ids = &s, .n_ids = 1, .added_after = TC_TIME_NONE};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    struct tc_json json = {0};
    tc_err e = tc_reader_open(j->n->journal, &tc_principal_system, &q, &r);
    if (!e)
        e = tc_reader_next(r, &row);
    *found = !e && row.seq && row.kind == TC_ENTRY_OBJECT;
    if (*found)
        e = tc_json_read(row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &json, NULL);
    if (*found && !e)
        use(arg, json.root);
    tc_json_fini(&json);
    tc_reader_close(r);
    return e;
}

static yyjson_val *cap_of(yyjson_val *root)
{
    return tc_json_get(tc_json_get(root, "extensions"), TC_EXT_CAP);
}

struct taking {
    struct tc_arena *a;
    struct tc_cap_root root;
    bool ok;
};

static void take_root(void *arg, yyjson_val *root)
{
    struct taking *t = arg;
    struct tc_str sent, sender, identifier;
    yyjson_val *r = tc_json_get(cap_of(root), "root");
    t->ok = tc_json_str(cap_of(root), "sender", &sender) &&
            tc_json_str(r, "identifier", &identifier) && tc_json_str(r, "sent", &sent) &&
            tc_time_parse_z(sent, &t->root.at) == TC_OK;
    if (!t->ok)
        return;
    t->root.sender = tc_arena_dup(t->a, sender);
    t->root.identifier = tc_arena_dup(t->a, identifier);
    t->ok = t->root.sender.p && t->root.identifier.p;
    if (t->ok)
        tc_cap_incident_id(&t->root, t->root.incident);
}

/* The root that a duplicate-of names. */
static void take_link(void *arg, yyjson_val *root)
{
    struct taking *t = arg;
    struct tc_str s, source;
    struct tc_cap_key k;
    yyjson_val *first = yyjson_arr_get_first(tc_json_get(root, "external_references"));
    if (!tc_json_str(first, "source_name", &source) || !tc_str_is(source, "cap") ||
        !tc_json_str(first, "external_id", &s))
        return;
    s = tc_arena_dup(t->a, s);
    t->ok = s.p && tc_cap_key_read(s, &k, NULL) == TC_OK;
    if (t->ok)
        t->root = root_at(&k);
}

/* When it was revoked, TC_TIME_NONE = it is not. */
static void take_revoked(void *arg, yyjson_val *root)
{
    bool revoked = false;
    struct tc_str modified;
    if (tc_json_bool(root, "revoked", &revoked) && revoked &&
        tc_json_str(root, "modified", &modified) && tc_time_parse_z(modified, arg))
        *(tc_time *)arg = TC_TIME_MIN;
}

struct moving {
    const struct tc_cap_root *to;
    struct tc_buf *text;
    tc_time modified;
    bool failed;
};

static void move(void *arg, yyjson_val *root)
{
    struct moving *m = arg;
    struct tc_str modified;
    char created[TC_TIME_SIZE];
    size_t n = 0;
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *copy = doc ? yyjson_val_mut_copy(doc, root) : NULL;
    tc_time_format(m->to->at, 3, created);
    bool ok =
        copy && tc_json_str(root, "modified", &modified) &&
        tc_time_parse_z(modified, &m->modified) == TC_OK &&
        yyjson_mut_obj_put(copy, yyjson_mut_str(doc, "id"), yyjson_mut_str(doc, m->to->incident)) &&
        yyjson_mut_obj_put(copy, yyjson_mut_str(doc, "created"), yyjson_mut_str(doc, created));
    char *text = ok ? yyjson_mut_val_write(copy, 0, &n) : NULL;
    if (text)
        tc_buf_add(m->text, text, n);
    m->failed = !text || m->text->err;
    free(text);
    yyjson_mut_doc_free(doc);
}

tc_err tc_cap_moved(struct tc_import_job *j, const char *from, const struct tc_cap_root *to,
                    struct tc_buf *text, tc_time *modified, struct tc_diag *d)
{
    struct moving m = {.to = to, .text = text, .modified = TC_TIME_NONE};
    bool found;
    tc_err e = newest(j, from, j->o->from.community, move, &m, &found);
    if (!e && m.failed)
        e = TC_E_NOMEM;
    *modified = m.modified;
    return e ? tc_diag_set(d, e, "what is there already could not be read") : TC_OK;
}

struct comparing {
    struct tc_str artifact;
    bool same;
};

static void compare_artifact(void *arg, yyjson_val *root)
{
    struct comparing *c = arg;
    yyjson_val *ref = yyjson_arr_get_first(tc_json_get(root, "object_refs"));
    c->same = yyjson_is_str(ref) && tc_str_eq(tc_json_view(ref), c->artifact);
}

tc_err tc_cap_seen(struct tc_import_job *j, const struct tc_cap *cap, struct tc_str artifact,
                   enum tc_cap_seen *out, struct tc_diag *d)
{
    char id[TC_ID_MAX];
    bool found;
    struct comparing c = {.artifact = artifact};
    tc_cap_record_id(&cap->key, id);
    tc_err e = newest(j, id, j->o->from.community, compare_artifact, &c, &found);
    if (e)
        return tc_diag_set(d, e, "what is there already could not be read");
    *out = !found ? TC_CAP_UNKNOWN : c.same ? TC_CAP_SAME : TC_CAP_OTHER_CONTENT;
    return TC_OK;
}

/* ---- the chain ---- */

static bool same_key(const struct tc_cap_key *a, const struct tc_cap_key *b)
{
    return a->at == b->at && tc_str_eq(a->sender, b->sender) &&
           tc_str_eq(a->identifier, b->identifier);
}

struct finding {
    struct tc_import_job *j;
    const struct tc_cap *before;
    const struct tc_cap_chain *chains;
    size_t n_before;
    struct tc_arena *a;
    struct tc_cap_chain *out;
    bool have, have_known;
    bool linked; /* root was named by an earlier duplicate-of */
};

#define TC_CAP_LINKS 8 /* chains that became part of another one, in a row */

/* Follows duplicate-of from a root to where it belongs now. */
static tc_err follow_links(struct finding *f, struct tc_cap_root *root, bool *moved)
{
    tc_err e = TC_OK;
    bool found = true;
    for (unsigned i = 0; i < TC_CAP_LINKS && found && !e; i++) {
        char id[TC_ID_MAX];
        struct taking t = {.a = f->a};
        tc_cap_duplicate_id(root->incident, id);
        e = newest(f->j, id, 0, take_link, &t, &found);
        found = found && t.ok && tc_str_eq(t.root.sender, root->sender);
        if (!e && found) {
            *root = t.root;
            root->seen = *moved = true;
        }
    }
    return e;
}

/* The root of a message that was seen, in this document or before. */
static tc_err root_of(struct finding *f, const struct tc_cap_key *k, struct tc_cap_root *root,
                      bool *found)
{
    char id[TC_ID_MAX];
    struct taking t = {.a = f->a};
    for (size_t i = 0; i < f->n_before; i++)
        if (same_key(&f->before[i].key, k)) {
            *root = f->chains[i].root;
            root->seen = *found = true;
            return TC_OK;
        }
    tc_cap_record_id(k, id);
    tc_err e = newest(f->j, id, 0, take_root, &t, found);
    *found = *found && t.ok;
    if (*found)
        *root = t.root;
    root->seen = *found;
    return e ? e : follow_links(f, root, found);
}

static void add(struct tc_cap_root *list, size_t *n, const struct tc_cap_root *r)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(list[i].incident, r->incident) == 0)
            return;
    if (*n < TC_CAP_OTHERS)
        list[(*n)++] = *r;
}

static bool older(const struct tc_cap_root *a, const struct tc_cap_root *b)
{
    return a->at != b->at ? a->at < b->at : tc_str_cmp(a->identifier, b->identifier) < 0;
}

/* Known roots win over guessed ones, older ones over younger. */
static void offer(struct finding *f, const struct tc_cap_root *r, bool known)
{
    struct tc_cap_chain *c = f->out;
    bool better =
        !f->have || (known && !f->have_known) || (known == f->have_known && older(r, &c->root));
    if (!better) {
        if (strcmp(r->incident, c->root.incident) != 0)
            add(c->others, &c->n_others, r);
        return;
    }
    if (f->have && strcmp(r->incident, c->root.incident) != 0)
        add(c->others, &c->n_others, &c->root);
    c->root = *r;
    f->have = true;
    f->have_known = known;
}

/* Somebody who referred to this message before it came has said where it belongs. */
static tc_err linked_root(struct finding *f, const struct tc_cap_root *own)
{
    struct tc_cap_root r = *own;
    tc_err e = follow_links(f, &r, &f->linked);
    if (!e && f->linked)
        offer(f, &r, true);
    return e;
}

static tc_err follow(struct finding *f, const struct tc_cap *cap)
{
    for (size_t i = 0; i < cap->n_refs; i++) {
        const struct tc_cap_key *k = &cap->refs[i];
        struct tc_cap_root r = root_at(k);
        bool known = false;
        tc_err e = root_of(f, k, &r, &known);
        if (e)
            return e;
        f->out->unseen += !known;
        if (tc_str_eq(k->sender, cap->key.sender)) {
            f->out->own_refs++;
            offer(f, &r, known);
        } else if (known) {
            add(f->out->related, &f->out->n_related, &r);
        }
    }
    return TC_OK;
}

static bool is_among(const struct tc_cap_root *list, size_t n, const char *incident)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].incident, incident) == 0)
            return true;
    return false;
}

/* others must not hold the root itself (it may have been displaced and come back). */
static void tidy(struct tc_cap_chain *c)
{
    size_t to = 0;
    for (size_t i = 0; i < c->n_others; i++)
        if (strcmp(c->others[i].incident, c->root.incident) != 0)
            c->others[to++] = c->others[i];
    c->n_others = to;
}

tc_err tc_cap_chain_find(struct tc_import_job *j, const struct tc_cap *cap,
                         const struct tc_cap *before, const struct tc_cap_chain *chains,
                         size_t n_before, struct tc_arena *a, struct tc_cap_chain *out,
                         struct tc_diag *d)
{
    struct finding f = {
        .j = j, .before = before, .chains = chains, .n_before = n_before, .a = a, .out = out};
    struct tc_cap_root own = root_at(&cap->key);
    bool found = false;
    *out =
        (struct tc_cap_chain){.has_incident = cap->type != TC_CAP_ACK && cap->type != TC_CAP_ERROR};
    tc_err e = linked_root(&f, &own);
    if (!e)
        e = follow(&f, cap);
    if (!f.have || (cap->type == TC_CAP_ALERT && !f.linked))
        out->root = own;
    /* a message that referred to this one alone has made it a root */
    tc_time revoked = TC_TIME_NONE;
    if (!e && strcmp(out->root.incident, own.incident) != 0) {
        e = newest(j, own.incident, 0, take_revoked, &revoked, &found);
        own.seen = found;
        if (!e && found && !f.linked && !is_among(out->others, out->n_others, own.incident))
            add(out->others, &out->n_others, &own);
    }
    revoked = TC_TIME_NONE;
    if (!e)
        e = newest(j, out->root.incident, j->o->from.community, take_revoked, &revoked, &found);
    /* several messages of one second: each that refers to more is the later version */
    out->version = cap->key.at + (tc_time)(out->own_refs < 999 ? out->own_refs : 999) * 1000;
    out->final = revoked != TC_TIME_NONE && revoked < out->version;
    if (cap->type == TC_CAP_ALERT)
        out->n_others = 0;
    tidy(out);
    return e ? tc_diag_set(d, e, "what is there already could not be read") : TC_OK;
}

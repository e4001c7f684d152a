/* SPDX-License-Identifier: Apache-2.0 */
/* An alert becomes
 *   artifact       the file as it came, byte for byte (a signature stays verifiable)
 *   identity       the sender
 *   observed-data  the record of this message: its key, what it refers to, where it went
 *   incident       one version of the event (not for Ack and Error), see intake/cap_chain.h
 * and relationships to incidents that it supersedes or touches. */
#include "codec/json.h"
#include "intake/cap_chain.h"
#include "intake/cap_event.h"
#include "intake/cap_json.h"
#include "intake/classified.h"
#include "intake/source.h"
#include "model/extensions.h"

#include <sodium.h>
#include <stdlib.h>

struct capped {
    struct tc_import_job *j;
    struct tc_arena *a;
    struct tc_stage *stage;
    struct tc_buf text;
    struct tc_jsonw w;
    char artifact[TC_ID_MAX], sender[TC_ID_MAX];
    enum tc_tlp tlp;
    struct tc_diag *d;
};

/* Senders are anonymous strings; their identity is the same in every message. The date is CAP
 * 1.2's own. */
#define SENDER_SINCE "2010-07-01T00:00:00.000Z"

/* ---- helpers ---- */

static tc_err put_text(struct capped *c)
{
    tc_err e =
        c->text.err ? c->text.err : tc_stage_keep(c->stage, tc_buf_view(&c->text), UINT64_MAX);
    if (!e)
        c->j->result.read++;
    return e ? tc_diag_set(c->d, e, "the alert is too large to be kept") : TC_OK;
}

static tc_err put(struct capped *c)
{
    tc_jsonw_object_end(&c->w);
    return put_text(c);
}

static struct tc_jsonw *begin(struct capped *c, const char *type, const char *id)
{
    tc_buf_clear(&c->text);
    c->w = tc_jsonw_into(&c->text);
    tc_jsonw_object(&c->w);
    tc_jsonw_kcstr(&c->w, "type", type);
    tc_jsonw_kcstr(&c->w, "spec_version", "2.1");
    tc_jsonw_kcstr(&c->w, "id", id);
    return &c->w;
}

static void put_time(struct tc_jsonw *w, const char *name, tc_time t)
{
    char text[TC_TIME_SIZE];
    tc_time_format(t, 3, text);
    tc_jsonw_kcstr(w, name, text);
}

static void put_marking(struct capped *c)
{
    tc_jsonw_name(&c->w, "object_marking_refs");
    tc_jsonw_array(&c->w);
    tc_jsonw_cstr(&c->w, tc_tlp_marking_id(c->tlp));
    tc_jsonw_array_end(&c->w);
}

static void put_times(struct capped *c, tc_time created, tc_time modified)
{
    tc_jsonw_kcstr(&c->w, "created_by_ref", c->sender);
    put_time(&c->w, "created", created);
    put_time(&c->w, "modified", modified);
    put_marking(c);
}

static struct tc_str text_of(const struct tc_xml *x, const char *name)
{
    return tc_xml_text(tc_xml_child(x, name));
}

/* ---- markings ---- */

static tc_err classified(struct capped *c, const struct tc_xml *x, const char *level)
{
    tc_diag_at(c->d, x->line, 0, UINT64_MAX);
    tc_diag_path(c->d, x->name.p, x->name.n);
    return tc_diag_set(c->d, TC_E_CLASSIFIED,
                       "marked as %s: this node takes no classified information", level);
}

/* Looks at the alert's marking elements and headings, and at a wrapper's confidentiality. */
static tc_err gate(struct capped *c, const struct tc_xml *root)
{
    static const char *const marks[] = {"restriction", "code", "combinedConfidentiality",
                                        "confidentiality", "incidents"};
    static const char *const headings[] = {"headline", "note", "event", "senderName"};
    const char *level;
    const struct tc_xml *x = root;
    while (x) {
        struct tc_str t = tc_xml_text(x);
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (tc_str_is(x->name, marks[i]) && tc_classified_marking(t, &level))
                return classified(c, x, level);
        for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
            if (tc_str_is(x->name, headings[i]) && tc_classified_heading(t, &level))
                return classified(c, x, level);
        if (x->child) {
            x = x->child;
            continue;
        }
        while (x != root && !x->next)
            x = x->parent;
        x = x == root ? NULL : x->next;
    }
    return TC_OK;
}

/* Public says nothing of its own; Restricted stays with those who get it; Private names people whom
 * this node does not know, so it is for the one who brought it. */
static enum tc_tlp marking_of(const struct capped *c, const struct tc_cap *cap)
{
    struct tc_str scope = text_of(cap->alert, "scope");
    enum tc_tlp least = tc_str_is(scope, "Private")      ? TC_TLP_RED
                        : tc_str_is(scope, "Restricted") ? TC_TLP_AMBER_STRICT
                                                         : TC_TLP_CLEAR;
    return c->j->o->from.unmarked > least ? c->j->o->from.unmarked : least;
}

/* ---- objects ---- */

static tc_err put_artifact(struct capped *c, struct tc_str original)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    size_t size = sodium_base64_encoded_len(original.n, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = tc_arena_alloc(c->a, size);
    struct tc_id_name key;
    if (!base64)
        return tc_diag_set(c->d, tc_arena_err(c->a), "the alert is too large to be kept");
    crypto_hash_sha256(hash, (const unsigned char *)original.p, original.n);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    sodium_bin2base64(base64, size, (const unsigned char *)original.p, original.n,
                      sodium_base64_VARIANT_ORIGINAL);
    /* STIX 2.1 section 2.9: the id-contributing properties in canonical JSON; nothing here needs
     * escaping */
    tc_id_name_begin(&key, &tc_uuid_ns_sco);
    tc_id_name_cstr(&key, "{\"hashes\":{\"SHA-256\":\"");
    tc_id_name_cstr(&key, hex);
    tc_id_name_cstr(&key, "\"},\"payload_bin\":\"");
    tc_id_name_cstr(&key, base64);
    tc_id_name_cstr(&key, "\"}");
    tc_id_name_end(&key, TC_STR("artifact"), c->artifact);
    struct tc_jsonw *w = begin(c, "artifact", c->artifact);
    put_marking(c);
    tc_jsonw_kcstr(w, "mime_type", "application/cap+xml");
    tc_jsonw_kcstr(w, "payload_bin", base64);
    tc_jsonw_name(w, "hashes");
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "SHA-256", hex);
    tc_jsonw_object_end(w);
    return put(c);
}

static void sender_id(struct capped *c, struct tc_str sender)
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, "cap-sender|");
    tc_id_name_str(&name, sender);
    tc_id_name_end(&name, TC_STR("identity"), c->sender);
}

static tc_err put_sender(struct capped *c, const struct tc_cap *cap)
{
    struct tc_jsonw *w = begin(c, "identity", c->sender);
    tc_jsonw_kcstr(w, "created", SENDER_SINCE);
    tc_jsonw_kcstr(w, "modified", SENDER_SINCE);
    tc_jsonw_kstr(w, "name", cap->key.sender);
    tc_jsonw_kcstr(w, "identity_class", "organization");
    return put(c);
}

static void put_root(struct tc_jsonw *w, const struct tc_cap_root *r)
{
    tc_jsonw_name(w, "root");
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "identifier", r->identifier);
    put_time(w, "sent", r->at);
    tc_jsonw_object_end(w);
}

/* The extension "cap" up to its last members, which differ between record and incident. */
static void begin_cap(struct capped *c, const struct tc_cap *cap, const struct tc_cap_chain *chain)
{
    struct tc_jsonw *w = &c->w;
    char ref[TC_ID_MAX];
    tc_jsonw_name(w, TC_EXT_CAP);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
    tc_jsonw_kstr(w, "sender", cap->key.sender);
    tc_jsonw_kstr(w, "identifier", cap->key.identifier);
    put_time(w, "sent", cap->key.at);
    tc_jsonw_kstr(w, "msg_type", text_of(cap->alert, "msgType"));
    tc_jsonw_kstr(w, "status", cap->status);
    tc_jsonw_kstr(w, "scope", text_of(cap->alert, "scope"));
    tc_jsonw_kbool(w, "signature", cap->has_signature);
    if (cap->n_refs) {
        tc_jsonw_name(w, "reference_refs");
        tc_jsonw_array(w);
        for (size_t i = 0; i < cap->n_refs; i++) {
            tc_cap_record_id(&cap->refs[i], ref);
            tc_jsonw_cstr(w, ref);
        }
        tc_jsonw_array_end(w);
        tc_jsonw_ku64(w, "unseen_references", chain->unseen);
    }
}

static tc_err put_record(struct capped *c, const struct tc_cap *cap,
                         const struct tc_cap_chain *chain)
{
    char id[TC_ID_MAX];
    tc_cap_record_id(&cap->key, id);
    struct tc_jsonw *w = begin(c, "observed-data", id);
    put_times(c, cap->key.at, cap->key.at);
    put_time(w, "first_observed", cap->key.at);
    put_time(w, "last_observed", cap->key.at);
    tc_jsonw_ku64(w, "number_observed", 1);
    tc_jsonw_name(w, "object_refs");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, c->artifact);
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    begin_cap(c, cap, chain);
    if (chain->has_incident) {
        tc_jsonw_kcstr(w, "incident_ref", chain->root.incident);
        put_root(w, &chain->root);
    }
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
    return put(c);
}

/* Headline or event; what is not real says so first. */
static void put_title(struct capped *c, const struct tc_cap *cap, const struct tc_xml *info)
{
    struct tc_str title = text_of(info, "headline");
    struct tc_buf name;
    if (!title.n)
        title = text_of(info, "event");
    if (!title.n)
        title = cap->key.identifier;
    tc_buf_init(&name, TC_MAX_CAP + 64);
    if (!cap->actual)
        tc_buf_fmt(&name, "[%.*s] ", TC_FMT(cap->status));
    tc_buf_str(&name, title);
    tc_jsonw_kbuf(&c->w, "name", &name);
    tc_buf_fini(&name);
}

static tc_err put_incident(struct capped *c, const struct tc_cap *cap,
                           const struct tc_cap_chain *chain)
{
    const struct tc_xml *info = tc_xml_child(cap->alert, "info");
    char record[TC_ID_MAX];
    tc_cap_record_id(&cap->key, record);
    struct tc_jsonw *w = begin(c, "incident", chain->root.incident);
    put_times(c, chain->root.at, chain->version);
    if (cap->type == TC_CAP_CANCEL)
        tc_jsonw_kbool(w, "revoked", true);
    put_title(c, cap, info);
    if (text_of(info, "description").n)
        tc_jsonw_kstr(w, "description", text_of(info, "description"));
    if (text_of(info, "language").n)
        tc_jsonw_kstr(w, "lang", text_of(info, "language"));
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, TC_EXT_EVENT);
    tc_cap_event(cap, c->a, w);
    begin_cap(c, cap, chain);
    tc_jsonw_kcstr(w, "message_ref", record);
    tc_jsonw_name(w, "alert");
    tc_cap_json(cap->alert, w);
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
    return put(c);
}

static tc_err put_related(struct capped *c, const char *from, const char *to,
                          const struct tc_cap *cap)
{
    char id[TC_ID_MAX];
    struct tc_id_name key;
    tc_id_name_begin(&key, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&key, "cap|related-to|");
    tc_id_name_cstr(&key, from);
    tc_id_name_cstr(&key, "|");
    tc_id_name_cstr(&key, to);
    tc_id_name_end(&key, TC_STR("relationship"), id);
    struct tc_jsonw *w = begin(c, "relationship", id);
    put_times(c, cap->key.at, cap->key.at);
    tc_jsonw_kcstr(w, "relationship_type", "related-to");
    tc_jsonw_kcstr(w, "source_ref", from);
    tc_jsonw_kcstr(w, "target_ref", to);
    return put(c);
}

static tc_err put_duplicate(struct capped *c, const struct tc_cap_chain *chain,
                            const struct tc_cap_root *other, tc_time version)
{
    char id[TC_ID_MAX], sent[TC_TIME_SIZE];
    struct tc_buf key;
    tc_cap_duplicate_id(other->incident, id);
    struct tc_jsonw *w = begin(c, "relationship", id);
    put_times(c, other->at, version);
    tc_jsonw_kcstr(w, "relationship_type", "duplicate-of");
    tc_jsonw_kcstr(w, "source_ref", other->incident);
    tc_jsonw_kcstr(w, "target_ref", chain->root.incident);
    tc_time_format_cap(chain->root.at, sent);
    tc_buf_init(&key, TC_MAX_CAP + 64);
    tc_buf_str(&key, chain->root.sender);
    tc_buf_char(&key, ',');
    tc_buf_str(&key, chain->root.identifier);
    tc_buf_char(&key, ',');
    tc_buf_cstr(&key, sent);
    tc_jsonw_name(w, "external_references");
    tc_jsonw_array(w);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "source_name", "cap");
    tc_jsonw_kbuf(w, "external_id", &key);
    tc_jsonw_object_end(w);
    tc_jsonw_array_end(w);
    tc_buf_fini(&key);
    return put(c);
}

/* Another chain of the same sender that is now part of this one. What it knew later than this
 * message goes over to the incident that stays. */
static tc_err put_superseded(struct capped *c, const struct tc_cap_chain *chain,
                             const struct tc_cap_root *other)
{
    tc_time version = chain->version > other->at ? chain->version : other->at + 1000;
    tc_time known = TC_TIME_NONE;
    if (!other->seen)
        return put_duplicate(c, chain, other, version);
    tc_buf_clear(&c->text);
    tc_err e = tc_cap_moved(c->j, other->incident, &chain->root, &c->text, &known, c->d);
    if (!e && known != TC_TIME_NONE && known > chain->version)
        e = put_text(c);
    if (e)
        return e;
    if (known != TC_TIME_NONE && known >= version)
        version = known + 1000;
    struct tc_jsonw *w = begin(c, "incident", other->incident);
    put_times(c, other->at, version);
    tc_jsonw_kbool(w, "revoked", true);
    tc_jsonw_kcstr(w, "name", "Superseded");
    e = put(c);
    return e ? e : put_duplicate(c, chain, other, version);
}

static tc_err put_links(struct capped *c, const struct tc_cap *cap,
                        const struct tc_cap_chain *chain)
{
    tc_err e = TC_OK;
    for (size_t i = 0; i < chain->n_others && !e; i++)
        e = put_superseded(c, chain, &chain->others[i]);
    for (size_t i = 0; i < chain->n_related && !e; i++)
        e = put_related(c, chain->root.incident, chain->related[i].incident, cap);
    return e;
}

/* ---- documents ---- */

/* Counted like what would be made of it. */
static void count_same(struct capped *c, const struct tc_cap *cap)
{
    uint64_t n = cap->type == TC_CAP_ACK || cap->type == TC_CAP_ERROR ? 3 : 4;
    c->j->result.read += n;
    c->j->result.same += n;
}

static tc_err put_alert(struct capped *c, const struct tc_cap *caps, struct tc_cap_chain *chains,
                        size_t i)
{
    const struct tc_cap *cap = &caps[i];
    enum tc_cap_seen seen;
    tc_diag_object(c->d, cap->key.identifier.p, cap->key.identifier.n);
    tc_err e = tc_cap_chain_find(c->j, cap, caps, chains, i, c->a, &chains[i], c->d);
    if (!e)
        e = tc_cap_seen(c->j, cap, tc_str_cstr(c->artifact), &seen, c->d);
    if (e)
        return e;
    if (seen == TC_CAP_SAME) {
        count_same(c, cap);
        return TC_OK;
    }
    if (seen == TC_CAP_OTHER_CONTENT)
        return tc_diag_set(c->d, TC_E_CONFLICT,
                           "an alert with this sender, identifier and sent "
                           "is there already with other content");
    c->tlp = marking_of(c, cap);
    sender_id(c, cap->key.sender);
    e = put_sender(c, cap);
    if (!e)
        e = put_record(c, cap, &chains[i]);
    if (!e && chains[i].has_incident && !chains[i].final)
        e = put_incident(c, cap, &chains[i]);
    if (!e && chains[i].has_incident && !chains[i].final)
        e = put_links(c, cap, &chains[i]);
    return e;
}

static enum tc_tlp strictest(const struct capped *c, const struct tc_cap *caps, size_t n)
{
    enum tc_tlp tlp = TC_TLP_CLEAR;
    for (size_t i = 0; i < n; i++)
        tlp = marking_of(c, &caps[i]) > tlp ? marking_of(c, &caps[i]) : tlp;
    return tlp;
}

static tc_err put_document(struct capped *c, struct tc_str text, const struct tc_cap *caps,
                           size_t n)
{
    struct tc_cap_chain *chains = tc_arena_zalloc(c->a, n, sizeof *chains);
    const struct tc_xml *root = caps[0].alert;
    while (root->parent)
        root = root->parent;
    tc_err e = chains ? gate(c, root)
                      : tc_diag_set(c->d, tc_arena_err(c->a), "the alert takes too much memory");
    c->tlp = strictest(c, caps, n);
    if (!e)
        e = put_artifact(c, text);
    for (size_t i = 0; i < n && !e; i++)
        e = put_alert(c, caps, chains, i);
    return e;
}

/* Nothing of it is new when all that is staged is the artifact. */
static tc_err store(struct capped *c)
{
    if (tc_stage_count(c->stage) == 1) {
        c->j->result.read--; /* was counted with its alert */
        return TC_OK;
    }
    return tc_source_store(c->stage, c->d);
}

tc_err tc_import_cap(struct tc_import_job *j, struct tc_str text, struct tc_diag *d)
{
    struct tc_cap *caps;
    size_t n;
    struct tc_diag own;
    struct capped c = {.j = j, .d = d ? d : &own};
    if (!d)
        tc_diag_init(&own);
    tc_buf_init(&c.text, TC_MAX_OBJECT);
    c.a = tc_arena_new(TC_CAP_ARENA);
    c.stage = tc_stage_new(j, 8 * (size_t)TC_MAX_OBJECT);
    tc_err e = c.a && c.stage ? tc_cap_read(text, c.a, &caps, &n, NULL, NULL, c.d)
                              : tc_diag_set(c.d, TC_E_NOMEM, "out of memory");
    if (!e)
        e = put_document(&c, text, caps, n);
    if (!e)
        e = store(&c);
    tc_stage_free(c.stage);
    tc_arena_free(c.a);
    tc_buf_fini(&c.text);
    return e;
}

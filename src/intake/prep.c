/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/prep.h"

#include "base/limits.h"
#include "codec/json.h"
#include "model/check.h"
#include "model/sealed.h"

#include <stdlib.h>

struct tc_prep {
    struct tc_node *n;
    struct tc_markings *markings;
    struct tc_json_reader *reader;
    struct tc_arena *findings;
    bool keeper;              /* the node's own organisation brings it */
    char identity[TC_ID_MAX]; /* of the organisation that brings it, or "" */
};

/* Whose word it is, for the rule that only the creator makes new versions. */
static tc_err know_poster(struct tc_prep *p)
{
    const struct tc_principal *who = tc_markings_from(p->markings)->principal;
    struct tc_org org;
    p->keeper = who->system || (who->org != 0 && who->org == p->n->org);
    if (p->keeper || who->org == 0)
        return TC_OK;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? tc_access_org_by(p->n->access, who->org, TC_STR(""), a, &org) : TC_E_NOMEM;
    if (!e && !tc_str_copy(org.identity, p->identity, sizeof p->identity))
        p->identity[0] = '\0';
    tc_arena_free(a);
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

struct tc_prep *tc_prep_new(struct tc_node *n, struct tc_markings *m)
{
    struct tc_prep *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->n = n;
    p->markings = m;
    p->reader = tc_json_reader_new();
    p->findings = tc_arena_new(1u << 20);
    if (!p->reader || !p->findings || !m || know_poster(p)) {
        tc_prep_free(p);
        return NULL;
    }
    return p;
}

void tc_prep_free(struct tc_prep *p)
{
    if (!p)
        return;
    tc_json_reader_free(p->reader);
    tc_arena_free(p->findings);
    free(p);
}

bool tc_prep_objects_fault(tc_err e)
{
    return e == TC_E_SYNTAX || e == TC_E_INVALID || e == TC_E_LIMIT || e == TC_E_CONFLICT ||
           e == TC_E_DENIED;
}

/* Answers and the statuses that are kept of them must not repeat what is sealed at rest. */
static bool tells_sealed(const struct tc_prep *p, const struct tc_object *o, const char *path)
{
    struct tc_sealed_set set;
    size_t n = strcspn(path, ".[");
    if (tc_sealed_fields(p->n->types, o->type, o->root, &set))
        return true;
    for (size_t i = 0; i < set.n; i++) {
        struct tc_str s = set.path[i];
        if (s.n > n && memcmp(s.p + 1, path, n) == 0 && (s.n == n + 1 || s.p[n + 1] == '/'))
            return true;
    }
    return false;
}

/* The verdict costs no memory; only for an object that fails is it asked again, what is wrong. */
static tc_err check(struct tc_prep *p, const struct tc_object *o, struct tc_diag *d)
{
    struct tc_check_report r = {.scratch = p->findings};
    tc_err e = tc_check_object(p->n->types, o->root, NULL, &r);
    if (e || !r.musts)
        return e ? tc_diag_set(d, e, "the check failed") : TC_OK;
    tc_arena_reset(p->findings);
    r = (struct tc_check_report){.arena = p->findings};
    e = tc_check_object(p->n->types, o->root, NULL, &r);
    if (e)
        return tc_diag_set(d, e, "the check failed");
    for (uint32_t i = 0; i < r.n; i++)
        if (r.findings[i].level == TC_LEVEL_MUST) {
            if (d)
                tc_diag_path(d, r.findings[i].path, strlen(r.findings[i].path));
            return tc_diag_set(d, TC_E_INVALID, "%s",
                               tells_sealed(p, o, r.findings[i].path)
                                   ? "the value breaks a rule; it is sealed at rest, so it is not "
                                     "repeated here"
                                   : r.findings[i].says);
        }
    return tc_diag_set(d, TC_E_INVALID, "the object breaks a rule of STIX");
}

tc_err tc_prep_repeat(struct tc_repeats *r, const struct tc_entry_in *e, struct tc_repeat_key key,
                      struct tc_diag *d)
{
    enum tc_repeat repeat;
    tc_err err = tc_repeats_add(r, key, &repeat);
    if (err)
        return tc_diag_set(d, err, "out of memory");
    if (repeat != TC_REPEAT_DIFFERS)
        return TC_OK;
    if (d) {
        tc_diag_object(d, e->id.p, e->id.n);
        tc_diag_path(d, "id", 2);
    }
    return tc_diag_set(d, TC_E_CONFLICT,
                       "this id comes twice in the input with the same version and other content");
}

/* What is to be sealed at rest is never stored otherwise: not without a key when the object asks
 * for it, and not when it cannot be cut out. */
static tc_err can_seal(const struct tc_prep *p, const struct tc_object *o, bool asked,
                       struct tc_diag *d)
{
    struct tc_sealed_set set;
    struct tc_buf left, secret;
    size_t cuts = 0;
    if (!asked && (!p->n->seals || !tc_types_sealed(p->n->types, o->type, NULL)))
        return TC_OK;
    if (tc_sealed_fields(p->n->types, o->type, o->root, &set))
        return tc_diag_set(
            d, TC_E_INVALID,
            "what it asks to be sealed at rest are no pointers to fields that may be "
            "(not its type, id, times or markings), or too many");
    if (!p->n->seals)
        return tc_diag_set(
            d, TC_E_INVALID,
            "it asks for fields to be sealed at rest, and this node has no field key");
    tc_buf_init(&left, TC_MAX_OBJECT);
    tc_buf_init(&secret, TC_MAX_OBJECT + TC_SEALED_OVERHEAD);
    tc_err e = tc_sealed_cut(o->text, &set, &left, &secret, &cuts);
    tc_buf_fini(&left);
    tc_buf_fini(&secret);
    return e ? tc_diag_set(d, e, "its fields cannot be sealed at rest: too many places") : TC_OK;
}

static tc_err fill(struct tc_prep *p, const struct tc_object *o, struct tc_arena *a,
                   struct tc_entry_in *e, struct tc_diag *d)
{
    struct tc_entry_in in = {.kind = TC_ENTRY_OBJECT,
                             .uuid = o->uuid,
                             .version = o->version,
                             .revoked = o->revoked,
                             .spec_20 = o->spec_20,
                             .seals = tc_sealed_asked(o->root),
                             .body = o->text};
    tc_err err = can_seal(p, o, in.seals, d);
    if (err)
        return err;
    in.id = tc_arena_dup(a, o->id);
    in.creator = o->created_by.n ? tc_arena_dup(a, o->created_by) : TC_STR("");
    if (!in.id.p || !in.creator.p)
        return tc_diag_set(d, tc_arena_err(a), "the input takes too much memory");
    in.entitled = p->keeper || (p->identity[0] && tc_str_is(in.creator, p->identity));
    in.type = tc_str_view(in.id.p, o->type.n);
    err = tc_markings_set(p->markings, o, &in.audience);
    if (err)
        return tc_diag_set(d, err, "the markings take too much memory");
    *e = in;
    return TC_OK;
}

static tc_err look_at(struct tc_prep *p, const struct tc_object *o, unsigned what,
                      struct tc_arena *a, struct tc_entry_in *e, struct tc_diag *d)
{
    tc_err err = what & TC_PREP_GATE ? tc_markings_gate(o, d) : TC_OK;
    if (!err && what & TC_PREP_CHECK)
        err = check(p, o, d);
    if (!err)
        err = tc_markings_note(p->markings, o);
    return err ? err : fill(p, o, a, e, d);
}

tc_err tc_prep_object(struct tc_prep *p, struct tc_str text, unsigned what, struct tc_arena *a,
                      struct tc_entry_in *e, struct tc_diag *d)
{
    yyjson_val *root;
    struct tc_object o;
    tc_err err = tc_json_reader_read(p->reader, text, TC_MAX_OBJECT, 0, &root, d);
    if (err)
        return err;
    /* the place of an error costs more than the look: it is asked for only when there is one */
    if (tc_object_head(root, text, &o, NULL))
        return tc_object_head(root, text, &o, d);
    err = look_at(p, &o, what, a, e, d);
    if (err && d)
        tc_diag_object(d, o.id.p, o.id.n);
    return err;
}

tc_err tc_prep_finish(struct tc_markings *m, struct tc_entry_in *entries, size_t n,
                      struct tc_diag *d)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t audience;
        tc_err e = tc_markings_audience(m, entries[i].audience, &audience, d);
        if (e)
            return e;
        entries[i].audience = audience;
    }
    return TC_OK;
}

bool tc_prep_is_empty(struct tc_prep *p, struct tc_str text)
{
    yyjson_val *root, *key, *value;
    struct tc_str type;
    size_t i, n;
    if (tc_json_reader_read(p->reader, text, TC_MAX_OBJECT, 0, &root, NULL))
        return false;
    if (tc_json_str(root, "type", &type))
        return tc_str_is(type, "bundle") && !tc_json_get(root, "objects");
    yyjson_obj_foreach (root, i, n, key, value) {
        struct tc_str name = tc_json_view(key);
        if (!tc_str_is(name, "more") && !tc_str_is(name, "next"))
            return false;
    }
    return true;
}

tc_err tc_prep_outcome(const struct tc_entry_in *e, struct tc_diag *d)
{
    if (e->outcome != TC_OUT_APPENDED && e->outcome != TC_OUT_SAME)
        tc_diag_object(d, e->id.p, e->id.n);
    switch (e->outcome) {
    case TC_OUT_APPENDED:
    case TC_OUT_SAME:
        return TC_OK;
    case TC_OUT_DIFFERS:
        return tc_diag_set(d, TC_E_CONFLICT,
                           "this version is there already with other content, "
                           "which is kept");
    case TC_OUT_NOT_CREATOR:
        return tc_diag_set(d, TC_E_DENIED, "only the creator may make a new version or revoke");
    case TC_OUT_REVOKED:
        return tc_diag_set(d, TC_E_CONFLICT, "the object is revoked, which is final");
    case TC_OUT_ERASED:
        return tc_diag_set(d, TC_E_CONFLICT, "the object was erased, which is final");
    case TC_OUT_GONE:
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such object");
    case TC_OUT_PENDING:
        break;
    }
    return tc_diag_set(d, TC_E_INTERNAL, "the journal gave no outcome");
}

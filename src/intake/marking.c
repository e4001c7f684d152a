/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/marking.h"

#include "base/limits.h"
#include "base/map.h"
#include "codec/json.h"
#include "intake/classified.h"

#include <stdlib.h>

/* What a marking does to the audience. Values below MEANS_STATEMENT are enum tc_tlp. */
enum means { MEANS_STATEMENT = 8, MEANS_CREATOR_ALONE = 9 };

#define NO_NUMBER UINT32_MAX

struct tc_markings {
    struct tc_node *n;
    const struct tc_intake_from *from;
    struct tc_map *known;     /* marking id -> what it does */
    uint32_t number[5][2];    /* of audiences without names: by TLP, creator alone or community */
    struct tc_json_reader *r; /* for definitions that are in the journal */
};

struct tc_markings *tc_markings_new(struct tc_node *n, const struct tc_intake_from *from)
{
    struct tc_markings *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->n = n;
    m->from = from;
    m->known = tc_map_new(TC_MAX_LIST);
    m->r = tc_json_reader_new();
    for (size_t i = 0; i < 5; i++)
        m->number[i][0] = m->number[i][1] = NO_NUMBER;
    if (!m->known || !m->r) {
        tc_markings_free(m);
        return NULL;
    }
    return m;
}

void tc_markings_free(struct tc_markings *m)
{
    if (!m)
        return;
    tc_map_free(m->known);
    tc_json_reader_free(m->r);
    free(m);
}

/* ---- what a definition means ---- */

#define TLP_2_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

static bool tlp_of_definition(yyjson_val *root, enum tc_tlp *tlp)
{
    struct tc_str s;
    yyjson_val *ext = tc_json_get(tc_json_get(root, "extensions"), TLP_2_EXTENSION);
    return (tc_json_str(ext, "tlp_2_0", &s) && tc_tlp_parse(s, tlp)) ||
           (tc_json_str(tc_json_get(root, "definition"), "tlp", &s) && tc_tlp_parse(s, tlp)) ||
           (tc_json_str(root, "definition_type", &s) && tc_str_starts(s, TC_STR("TLP:")) &&
            tc_tlp_parse(s, tlp)) ||
           (tc_json_str(root, "name", &s) && tc_str_starts(s, TC_STR("TLP:")) &&
            tc_tlp_parse(s, tlp));
}

/* A statement (copyright, terms of use) narrows nothing; whatever else is not a TLP is foreign. */
static uint64_t means_of(yyjson_val *root)
{
    enum tc_tlp tlp;
    struct tc_str kind;
    yyjson_val *definition = tc_json_get(root, "definition");
    if (tlp_of_definition(root, &tlp))
        return (uint64_t)tlp;
    if (tc_json_str(root, "definition_type", &kind) && tc_str_is(kind, "statement") &&
        tc_json_get(definition, "statement") && yyjson_obj_size(definition) == 1 &&
        !tc_json_get(root, "extensions"))
        return MEANS_STATEMENT;
    return MEANS_CREATOR_ALONE;
}

tc_err tc_markings_note(struct tc_markings *m, const struct tc_object *o)
{
    if (!tc_str_is(o->type, "marking-definition"))
        return TC_OK;
    uint64_t means = means_of(o->root), there;
    bool added;
    there = means;
    tc_err e = tc_map_intern(m->known, o->id, &there, &added);
    /* two that differ in one input: neither is believed */
    if (!e && there != means)
        e = tc_map_put(m->known, o->id, MEANS_CREATOR_ALONE);
    return e;
}

/* Asks the journal for a definition that did not come along. */
static tc_err look_up(struct tc_markings *m, struct tc_str id, uint64_t *means)
{
    struct tc_query q = {.ids = &id, .n_ids = 1, .added_after = TC_TIME_NONE};
    struct tc_reader *r;
    struct tc_row row = {0};
    yyjson_val *root;
    *means = MEANS_CREATOR_ALONE;
    tc_err e = tc_reader_open(m->n->journal, &tc_principal_system, &q, &r);
    if (e)
        return e;
    e = tc_reader_next(r, &row);
    if (!e && row.seq && row.kind == TC_ENTRY_OBJECT &&
        tc_json_reader_read(m->r, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL) ==
            TC_OK)
        *means = means_of(root);
    tc_reader_close(r);
    return e;
}

static tc_err means_of_id(struct tc_markings *m, struct tc_str id, uint64_t *means)
{
    enum tc_tlp tlp;
    bool tlp1;
    if (tc_tlp_from_marking(id, &tlp, &tlp1)) {
        *means = (uint64_t)tlp;
        return TC_OK;
    }
    if (tc_map_get(m->known, id, means))
        return TC_OK;
    tc_err e = look_up(m, id, means);
    return e ? e : tc_map_put(m->known, id, *means);
}

/* ---- the gate ---- */

static tc_err classified(struct tc_diag *d, const char *path, const char *level)
{
    if (d)
        tc_diag_path(d, path, strlen(path));
    return tc_diag_set(d, TC_E_CLASSIFIED,
                       "marked as %s: this node takes no classified information", level);
}

static struct tc_str first_line(struct tc_str s)
{
    size_t n = 0;
    while (n < s.n && n < 200 && s.p[n] != '\n')
        n++;
    return tc_str_view(s.p, n);
}

tc_err tc_markings_gate(const struct tc_object *o, struct tc_diag *d)
{
    struct tc_str s;
    const char *level;
    size_t i, n;
    yyjson_val *v;
    bool marking = tc_str_is(o->type, "marking-definition");
    if (tc_json_str(o->root, "name", &s) &&
        (marking ? tc_classified_marking(s, &level) : tc_classified_heading(s, &level)))
        return classified(d, "name", level);
    if (tc_json_str(o->root, "description", &s) && tc_classified_heading(first_line(s), &level))
        return classified(d, "description", level);
    yyjson_arr_foreach (tc_json_get(o->root, "labels"), i, n, v) {
        if (yyjson_is_str(v) && tc_classified_marking(tc_json_view(v), &level))
            return classified(d, "labels", level);
    }
    if (!marking)
        return TC_OK;
    yyjson_val *key;
    yyjson_obj_foreach (tc_json_get(o->root, "definition"), i, n, key, v) {
        if (yyjson_is_str(v) && tc_classified_marking(tc_json_view(v), &level))
            return classified(d, "definition", level);
    }
    return TC_OK;
}

/* ---- the audience ---- */

struct verdict {
    int tlp; /* -1 = none said */
    bool creator_alone;
};

static tc_err add_marking(struct tc_markings *m, yyjson_val *id, struct verdict *v)
{
    uint64_t means = MEANS_CREATOR_ALONE;
    if (yyjson_is_str(id)) {
        tc_err e = means_of_id(m, tc_json_view(id), &means);
        if (e)
            return e;
    }
    if (means == MEANS_CREATOR_ALONE)
        v->creator_alone = true;
    else if (means != MEANS_STATEMENT && (int)means > v->tlp)
        v->tlp = (int)means;
    return TC_OK;
}

static tc_err collect(struct tc_markings *m, yyjson_val *root, struct verdict *v)
{
    size_t i, n;
    yyjson_val *x, *ref;
    yyjson_arr_foreach (tc_json_get(root, "object_marking_refs"), i, n, x) {
        tc_err e = add_marking(m, x, v);
        if (e)
            return e;
    }
    yyjson_arr_foreach (tc_json_get(root, "granular_markings"), i, n, x) {
        ref = tc_json_get(x, "marking_ref"); /* a language instead of a marking narrows nothing */
        tc_err e = ref ? add_marking(m, ref, v) : TC_OK;
        if (e)
            return e;
    }
    return TC_OK;
}

tc_err tc_markings_audience(struct tc_markings *m, const struct tc_object *o, uint32_t *number,
                            struct tc_diag *d)
{
    struct verdict v = {.tlp = -1};
    tc_err e = collect(m, o->root, &v);
    if (e)
        return tc_diag_set(d, e, "the markings could not be looked up");
    if (v.tlp < 0)
        v.tlp = (int)m->from->unmarked;
    if (v.creator_alone && v.tlp < TC_TLP_AMBER)
        v.tlp = TC_TLP_AMBER;
    struct tc_audience a = {.tlp = (enum tc_tlp)v.tlp,
                            .creator_org = m->from->principal->org,
                            .creator_person = m->from->principal->person,
                            .community = v.creator_alone ? 0 : m->from->community};
    uint32_t *known = &m->number[v.tlp][v.creator_alone];
    if (*known == NO_NUMBER) {
        e = tc_journal_audience(m->n->journal, &a, known);
        if (e) {
            *known = NO_NUMBER;
            return tc_diag_set(d, e, "the audience could not be stored");
        }
    }
    *number = *known;
    return TC_OK;
}

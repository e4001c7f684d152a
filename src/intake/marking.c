/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/marking.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "codec/json.h"
#include "intake/classified.h"
#include "intake/handling.h"
#include "model/check.h"
#include "model/cut.h"
#include "model/extensions.h"
#include "model/scoid.h"

#include <pthread.h>
#include <stdlib.h>

/* Different definitions of one input. */
#define MAX_MEANINGS 100000

#define NO_NUMBER UINT32_MAX

/* Distinct combinations of markings in one input; real ones have a handful. */
#define MAX_SETS 10000

struct set {
    struct tc_str ids; /* words, each followed by a space: ids, "@" ids, "#" a community,
                          "%" ids of markings of single fields, ascending by UUID */
    uint32_t audience; /* NO_NUMBER = not asked for yet */
};

struct tc_markings {
    struct tc_node *n;
    const struct tc_intake_from *from;
    pthread_mutex_t lock;
    struct tc_map *known; /* marking id -> what it does, an index */
    struct tc_handling *means;
    size_t n_means, cap_means;
    tc_time now;
    uint32_t era;         /* of the community */
    struct tc_map *index; /* ids of a set -> its number */
    struct set *sets;
    size_t n_sets, cap_sets;
    struct tc_arena *arena;
    struct tc_buf key, cut;
    struct tc_json_reader *r; /* for definitions that are in the journal */
};

/* Read before anything is appended: who joins meanwhile does not read it. */
static tc_err find_era(struct tc_markings *m)
{
    struct tc_community c;
    if (!m->from->community)
        return TC_OK;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? tc_access_community_by(m->n->access, m->from->community, NULL, TC_STR(""), a, &c)
                 : TC_E_NOMEM;
    if (!e)
        m->era = c.era;
    tc_arena_free(a);
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

struct tc_markings *tc_markings_new(struct tc_node *n, const struct tc_intake_from *from)
{
    struct tc_markings *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->n = n;
    m->from = from;
    m->now = tc_time_now();
    (void)pthread_mutex_init(&m->lock, NULL);
    m->known = tc_map_new(TC_MAX_LIST);
    m->index = tc_map_new(MAX_SETS);
    m->arena = tc_arena_new(64u << 20);
    m->r = tc_json_reader_new();
    tc_buf_init(&m->key, 1u << 20);
    tc_buf_init(&m->cut, 2 * (size_t)TC_MAX_OBJECT);
    if (!m->known || !m->index || !m->arena || !m->r || find_era(m)) {
        tc_markings_free(m);
        return NULL;
    }
    return m;
}

void tc_markings_free(struct tc_markings *m)
{
    if (!m)
        return;
    (void)pthread_mutex_destroy(&m->lock);
    tc_map_free(m->known);
    tc_map_free(m->index);
    tc_arena_free(m->arena);
    tc_json_reader_free(m->r);
    tc_buf_fini(&m->key);
    tc_buf_fini(&m->cut);
    free(m->sets);
    free(m->means);
    free(m);
}

const struct tc_intake_from *tc_markings_from(const struct tc_markings *m)
{
    return m->from;
}

/* ---- what a definition means ---- */

/* The number of this meaning, the same for equal ones. */
static tc_err add_means(struct tc_markings *m, const struct tc_handling *h, uint64_t *number)
{
    for (size_t i = m->n_means; i-- > 0 && i + 16 > m->n_means;) /* a few differ, if any */
        if (tc_handling_eq(h, &m->means[i])) {
            *number = i;
            return TC_OK;
        }
    if (m->n_means == m->cap_means) {
        size_t cap = m->cap_means ? 2 * m->cap_means : 8;
        struct tc_handling *more = reallocarray(m->means, cap, sizeof *more);
        if (!more)
            return TC_E_NOMEM;
        m->means = more;
        m->cap_means = cap;
    }
    if (m->n_means == MAX_MEANINGS)
        return TC_E_LIMIT;
    *number = m->n_means;
    m->means[m->n_means++] = *h;
    return TC_OK;
}

static const struct tc_handling foreign = {.tlp = -1, .creator_alone = true};

static tc_err note(struct tc_markings *m, const struct tc_object *o)
{
    struct tc_handling h;
    uint64_t means, there;
    bool added;
    tc_err e = tc_handling_read(m->n->access, o->root, m->arena, &h);
    e = e ? e : add_means(m, &h, &means);
    if (e)
        return e;
    there = means;
    e = tc_map_intern(m->known, o->id, &there, &added);
    if (e || tc_handling_eq(&m->means[there], &h))
        return e;
    /* two that differ in one input: neither is believed */
    e = add_means(m, &foreign, &means);
    return e ? e : tc_map_put(m->known, o->id, means);
}

tc_err tc_markings_note(struct tc_markings *m, const struct tc_object *o)
{
    if (!tc_str_is(o->type, "marking-definition"))
        return TC_OK;
    (void)pthread_mutex_lock(&m->lock);
    tc_err e = note(m, o);
    (void)pthread_mutex_unlock(&m->lock);
    return e;
}

/* Asks the journal for a definition that did not come along. */
static tc_err look_up(struct tc_markings *m, struct tc_str id, struct tc_handling *h)
{
    struct tc_query q = {.ids = &id, .n_ids = 1, .added_after = TC_TIME_NONE, .whole = true};
    struct tc_reader *r;
    struct tc_row row = {0};
    yyjson_val *root;
    *h = foreign;
    tc_err e = tc_reader_open(m->n->journal, &tc_principal_system, &q, &r);
    if (e)
        return e;
    e = tc_reader_next(r, &row);
    if (!e && row.seq && row.kind == TC_ENTRY_OBJECT &&
        tc_json_reader_read(m->r, row.body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &root, NULL) ==
            TC_OK)
        e = tc_handling_read(m->n->access, root, m->arena, h);
    tc_reader_close(r);
    return e;
}

static tc_err means_of_id(struct tc_markings *m, struct tc_str id, struct tc_handling *h)
{
    uint64_t means;
    if (tc_handling_known(id, h))
        return TC_OK;
    if (tc_map_get(m->known, id, &means)) {
        *h = m->means[means];
        return TC_OK;
    }
    tc_err e = look_up(m, id, h);
    e = e ? e : add_means(m, h, &means);
    return e ? e : tc_map_put(m->known, id, means);
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

/* A classification in an extension of a marking-definition. */
static tc_err extensions_gate(const struct tc_object *o, struct tc_diag *d)
{
    size_t i, n, k, m;
    const char *level;
    yyjson_val *key, *ext, *name, *v;
    yyjson_obj_foreach (tc_json_get(o->root, "extensions"), i, n, key, ext)
        yyjson_obj_foreach (ext, k, m, name, v)
            if (yyjson_is_str(v) && tc_classified_marking(tc_json_view(v), &level))
                return classified(d, "extensions", level);
    return TC_OK;
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
    static const char *const texts[] = {"description", "abstract", "content", "explanation"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        if (tc_json_str(o->root, texts[t], &s) && tc_classified_heading(first_line(s), &level))
            return classified(d, texts[t], level);
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
    return extensions_gate(o, d);
}

/* ---- sets ---- */

/* A word of the key, or "?" for what could be taken for something else. */
static void add_word(struct tc_markings *m, struct tc_str s, bool fit)
{
    tc_buf_str(&m->key, fit ? s : TC_STR("?"));
    tc_buf_char(&m->key, ' ');
}

/* What is no id at all is as foreign as an unknown one. */
static void add_ref(struct tc_markings *m, yyjson_val *ref)
{
    struct tc_str s = {yyjson_get_str(ref), yyjson_get_len(ref)}, type;
    add_word(m, s, yyjson_is_str(ref) && tc_id_split(s, &type, NULL) == TC_OK);
}

/* "@identity--..." for each recipient; a sharing extension without a list of them names nobody.
 * "#name" for the community. */
static void add_recipients(struct tc_markings *m, yyjson_val *sharing)
{
    size_t i, n;
    yyjson_val *x, *list = tc_json_get(sharing, "recipient_refs");
    x = tc_json_get(sharing, "community");
    if (x) {
        struct tc_str name = {yyjson_get_str(x), yyjson_get_len(x)};
        tc_buf_char(&m->key, '#');
        add_word(m, name, yyjson_is_str(x) && name.n && !memchr(name.p, ' ', name.n));
    }
    if (!sharing || (!list && x))
        return;
    if (!yyjson_arr_size(list))
        tc_buf_cstr(&m->key, "@? ");
    yyjson_arr_foreach (list, i, n, x) {
        tc_buf_char(&m->key, '@');
        add_ref(m, x);
    }
}

/* ---- fields with markings of their own ---- */

/* Properties that the node itself goes by, or that mark: an object is not taken apart at these. */
static bool holds_it_together(struct tc_str selector)
{
    static const char *const names[] = {
        "id",      "type",           "spec_version",        "created",          "modified",
        "revoked", "created_by_ref", "object_marking_refs", "granular_markings"};
    size_t n = tc_str_find(selector, TC_STR("."));
    struct tc_str first = tc_str_view(selector.p, n == SIZE_MAX ? selector.n : n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tc_str_is(first, names[i]))
            return true;
    return false;
}

static bool is_apart(const struct tc_object *o)
{
    size_t i, n, k, l;
    yyjson_val *x, *selector;
    yyjson_arr_foreach (tc_json_get(o->root, "granular_markings"), i, n, x)
        yyjson_arr_foreach (tc_json_get(x, "selectors"), k, l, selector)
            if (tc_json_get(x, "marking_ref") && holds_it_together(tc_json_view(selector)))
                return false;
    return true;
}

/* No memory to look is no verdict: the set is not made then. */
static void starved(struct tc_markings *m, tc_err e)
{
    if (e == TC_E_NOMEM)
        m->key.err = e;
}

/* Is what is left an object, and does its id tell nothing of what went? An id that is derived from
 * a value (section 2.9) can be held against guesses of that value. */
static bool stands_alone(struct tc_markings *m, const struct tc_object *o,
                         const struct tc_uuid *markings, size_t n)
{
    struct tc_check_report r = {0};
    struct tc_json json = {0};
    char before[TC_ID_MAX] = "", after[TC_ID_MAX] = "";
    tc_buf_clear(&m->cut);
    tc_err e = tc_cut_without(o->text, markings, n, &m->cut);
    e = e ? e : tc_json_read(tc_buf_view(&m->cut), TC_MAX_OBJECT, 0, &json, NULL);
    e = e ? e : tc_check_object(m->n->types, json.root, NULL, &r);
    bool ok = !e && !r.musts;
    if (ok && (e = tc_scoid(m->n->types, o->root, before, NULL)))
        before[0] = '\0';
    starved(m, e);
    if (ok && (e = tc_scoid(m->n->types, json.root, after, NULL)))
        after[0] = '\0';
    starved(m, e);
    tc_json_fini(&json);
    return ok && strcmp(before, after) == 0;
}

static int by_uuid(const void *a, const void *b)
{
    return memcmp(((const struct tc_uuid *)a)->b, ((const struct tc_uuid *)b)->b,
                  sizeof(struct tc_uuid));
}

/* The markings that fields can be taken out for, in every combination of those who may see some
 * and not others. 0: the markings count for the whole object. */
static size_t field_markings(struct tc_markings *m, const struct tc_object *o,
                             struct tc_uuid v[TC_MAX_FIELD_MARKINGS])
{
    size_t n = 0;
    if (!tc_json_get(o->root, "granular_markings") || tc_str_is(o->type, "marking-definition") ||
        tc_cut_markings(o->root, v, TC_MAX_FIELD_MARKINGS, &n) || !is_apart(o))
        return 0;
    qsort(v, n, sizeof *v, by_uuid);
    for (unsigned which = 1; which < 1u << n; which++) {
        struct tc_uuid some[TC_MAX_FIELD_MARKINGS];
        size_t k = 0;
        for (size_t i = 0; i < n; i++)
            if (which >> i & 1)
                some[k++] = v[i];
        if (!stands_alone(m, o, some, k))
            return 0;
    }
    return n;
}

static void add_field(struct tc_markings *m, const struct tc_uuid *marking)
{
    char id[TC_ID_MAX];
    tc_id_make(TC_STR("marking-definition"), marking, id);
    tc_buf_char(&m->key, '%');
    tc_buf_cstr(&m->key, id);
    tc_buf_char(&m->key, ' ');
}

static void add_granular(struct tc_markings *m, const struct tc_object *o)
{
    struct tc_uuid fields[TC_MAX_FIELD_MARKINGS];
    size_t i, n, n_fields = field_markings(m, o, fields);
    yyjson_val *x, *ref;
    for (i = 0; i < n_fields; i++)
        add_field(m, &fields[i]);
    if (n_fields)
        return;
    yyjson_arr_foreach (tc_json_get(o->root, "granular_markings"), i, n, x) {
        ref = tc_json_get(x, "marking_ref"); /* a language instead of a marking narrows nothing */
        if (ref) {
            tc_buf_char(&m->key, '&');
            add_ref(m, ref);
        }
    }
}

/* ---- the key of a set ---- */

static void write_key(struct tc_markings *m, const struct tc_object *o)
{
    size_t i, n;
    yyjson_val *x;
    enum tc_tlp tlp;
    bool tlp1;
    tc_buf_clear(&m->key);
    add_recipients(m, tc_json_get(tc_json_get(o->root, "extensions"), TC_EXT_SHARING));
    /* the five TLP objects themselves are for whoever may meet them */
    if (tc_tlp_from_marking(o->id, &tlp, &tlp1)) {
        tc_buf_cstr(&m->key, tc_tlp_marking_id(TC_TLP_CLEAR));
        tc_buf_char(&m->key, ' ');
        return;
    }
    yyjson_arr_foreach (tc_json_get(o->root, "object_marking_refs"), i, n, x)
        add_ref(m, x);
    add_granular(m, o);
}

static tc_err add_set(struct tc_markings *m, uint64_t number)
{
    if (m->n_sets == m->cap_sets) {
        size_t cap = m->cap_sets ? m->cap_sets * 2 : 16;
        struct set *grown = realloc(m->sets, cap * sizeof *grown);
        if (!grown)
            return TC_E_NOMEM;
        m->sets = grown;
        m->cap_sets = cap;
    }
    struct set *s = &m->sets[number];
    s->audience = NO_NUMBER;
    s->ids = tc_arena_dup(m->arena, tc_buf_view(&m->key));
    m->n_sets++;
    return m->key.n && !s->ids.p ? tc_arena_err(m->arena) : TC_OK;
}

static tc_err intern_set(struct tc_markings *m, const struct tc_object *o, uint32_t *set)
{
    uint64_t number = m->n_sets;
    bool added;
    write_key(m, o);
    if (m->key.err)
        return m->key.err;
    tc_err e = tc_map_intern(m->index, tc_buf_view(&m->key), &number, &added);
    if (!e && added)
        e = add_set(m, number);
    if (!e)
        *set = (uint32_t)number;
    return e;
}

tc_err tc_markings_set(struct tc_markings *m, const struct tc_object *o, uint32_t *set)
{
    (void)pthread_mutex_lock(&m->lock);
    tc_err e = intern_set(m, o, set);
    (void)pthread_mutex_unlock(&m->lock);
    return e;
}

/* ---- the audience ---- */

struct verdict {
    int tlp;    /* -1 = none said */
    int narrow; /* of fields that count for the whole: never wider than it is without them */
    bool creator_alone;
    bool named;
    uint32_t orgs[TC_MAX_RECIPIENTS], people[TC_MAX_RECIPIENTS];
    uint32_t n_orgs, n_people;
    struct tc_audience sum; /* of what the markings say, and its caveats */
    struct tc_release releases[TC_MAX_RELEASES];
    struct {
        struct tc_uuid marking;
        struct tc_handling means;
    } fields[TC_MAX_FIELD_MARKINGS];
    uint32_t n_fields;
};

/* Keeps list sorted and without repeats; false when it is full. */
static bool put_number(uint32_t *list, uint32_t *n, uint32_t number)
{
    uint32_t at = 0;
    while (at < *n && list[at] < number)
        at++;
    if (at < *n && list[at] == number)
        return true;
    if (*n == TC_MAX_RECIPIENTS)
        return false;
    memmove(list + at + 1, list + at, (*n - at) * sizeof *list);
    list[at] = number;
    (*n)++;
    return true;
}

/* An identity that is an organisation or a person of this node; any other names nobody. */
static tc_err recipient(struct tc_markings *m, struct tc_str identity, struct verdict *v)
{
    struct tc_org org;
    struct tc_person person;
    struct tc_arena *a = tc_arena_new(1u << 16);
    v->named = true;
    if (!a)
        return TC_E_NOMEM;
    tc_err e = tc_access_org_by(m->n->access, 0, identity, a, &org);
    if (!e && tc_str_eq(org.identity, identity) && !put_number(v->orgs, &v->n_orgs, org.number))
        v->creator_alone = true;
    if (e == TC_E_NOTFOUND) {
        e = tc_access_person_by(m->n->access, 0, identity, a, &person);
        if (!e && tc_str_eq(person.identity, identity) &&
            !put_number(v->people, &v->n_people, person.number))
            v->creator_alone = true;
    }
    tc_arena_free(a);
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

/* Meant for another community than the one where it is posted: then it is posted to none. */
static tc_err community(struct tc_markings *m, struct tc_str name, struct verdict *v)
{
    struct tc_community c = {.number = 0};
    struct tc_uuid uuid;
    struct tc_arena *a = tc_arena_new(1u << 16);
    if (!a)
        return TC_E_NOMEM;
    tc_err e = tc_uuid_parse(name, &uuid)
                   ? tc_access_community_by(m->n->access, 0, NULL, name, a, &c)
                   : tc_access_community_by(m->n->access, 0, &uuid, TC_STR(""), a, &c);
    v->creator_alone = v->creator_alone || e || c.number != m->from->community;
    tc_arena_free(a);
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

static tc_err field(struct tc_markings *m, struct tc_str id, struct verdict *v)
{
    struct tc_str type;
    if (v->n_fields == TC_MAX_FIELD_MARKINGS)
        return TC_E_LIMIT;
    tc_err e = means_of_id(m, id, &v->fields[v->n_fields].means);
    if (!e)
        e = tc_id_split(id, &type, &v->fields[v->n_fields].marking);
    v->n_fields += !e;
    return e;
}

/* What one word of a set's key does: a marking, "@" a recipient, "#" a community, "%" a marking of
 * fields, "&" one of fields that counts for the whole. */
static tc_err judge_word(struct tc_markings *m, struct tc_str word, struct verdict *v)
{
    struct tc_handling h;
    struct tc_str rest = tc_str_view(word.p + 1, word.n - 1);
    switch (word.p[0]) {
    case '@':
        return recipient(m, rest, v);
    case '#':
        return community(m, rest, v);
    case '%':
        return field(m, rest, v);
    default:
        break;
    }
    bool part = word.p[0] == '&';
    int *tlp = part ? &v->narrow : &v->tlp;
    tc_err e = means_of_id(m, part ? rest : word, &h);
    if (e)
        return e;
    v->creator_alone = v->creator_alone || h.creator_alone;
    *tlp = h.tlp > *tlp ? h.tlp : *tlp;
    tc_handling_add(&h, m->now, &v->sum, v->releases);
    return TC_OK;
}

static tc_err judge(struct tc_markings *m, struct tc_str ids, struct verdict *v)
{
    tc_err e = TC_OK;
    while (ids.n && !e) {
        size_t n = tc_str_find(ids, TC_STR(" "));
        e = judge_word(m, tc_str_view(ids.p, n), v);
        ids = tc_str_view(ids.p + n + 1, ids.n - n - 1);
    }
    return e;
}

/* The levels of fields: as the whole object would be, if it had this marking too. */
static void levels(const struct tc_markings *m, const struct verdict *v, struct tc_audience *a,
                   struct tc_field *fields, struct tc_release (*releases)[TC_MAX_RELEASES])
{
    bool any = false, owner = a->owner_releases;
    enum tc_pap pap = a->pap;
    for (uint32_t i = 0; i < v->n_fields; i++) {
        const struct tc_handling *h = &v->fields[i].means;
        struct tc_field *f = &fields[i];
        memcpy(f->marking, v->fields[i].marking.b, sizeof f->marking);
        f->level = *a;
        memcpy(releases[i], v->releases, sizeof releases[i]);
        f->level.releases = releases[i];
        tc_handling_add(h, m->now, &f->level, releases[i]);
        any = any || h->creator_alone || f->level.tlp != a->tlp ||
              f->level.held_until != a->held_until || f->level.n_releases != a->n_releases;
        /* what may be done with a part is what may be done with the whole */
        pap = f->level.pap > pap ? f->level.pap : pap;
        owner = owner || f->level.owner_releases;
    }
    a->pap = pap;
    a->owner_releases = owner;
    if (!any)
        return; /* no field is for fewer than the object */
    a->fields = fields;
    a->n_fields = v->n_fields;
}

static tc_err intern_audience(struct tc_markings *m, struct verdict *v, uint32_t *number)
{
    struct tc_field fields[TC_MAX_FIELD_MARKINGS];
    struct tc_release releases[TC_MAX_FIELD_MARKINGS][TC_MAX_RELEASES];
    struct tc_audience a = v->sum;
    if (v->named && !v->n_orgs && !v->n_people)
        v->creator_alone = true; /* addressed to nobody that this node knows */
    a.tlp = v->tlp < 0 ? m->from->unmarked : (enum tc_tlp)v->tlp;
    a.creator_org = m->from->principal->org;
    a.creator_person = m->from->principal->person;
    a.community = m->from->community;
    a.era = m->era;
    a.orgs = (struct tc_u32s){v->orgs, v->n_orgs};
    a.people = (struct tc_u32s){v->people, v->n_people};
    if (v->narrow > (int)a.tlp) {
        /* for people by name it would reach those outside the community, whom the rest does not */
        if (v->narrow == TC_TLP_RED && a.community)
            a.orgs.n = a.people.n = 0;
        a.tlp = (enum tc_tlp)v->narrow;
    }
    if (v->creator_alone)
        tc_handling_creator_alone(&a);
    levels(m, v, &a, fields, releases);
    return tc_journal_audience(m->n->journal, &a, number);
}

static tc_err audience_of(struct tc_markings *m, uint32_t set, uint32_t *audience,
                          struct tc_diag *d)
{
    struct set *s = &m->sets[set];
    struct verdict v = {.tlp = -1, .narrow = -1, .sum = {.community = 1}};
    if (s->audience == NO_NUMBER) {
        tc_err e = judge(m, s->ids, &v);
        if (e)
            return tc_diag_set(d, e, "the markings could not be looked up");
        v.creator_alone = v.creator_alone || !v.sum.community; /* too many caveats */
        e = intern_audience(m, &v, &s->audience);
        if (e) {
            s->audience = NO_NUMBER;
            return tc_diag_set(d, e, "the audience could not be stored");
        }
    }
    *audience = s->audience;
    return TC_OK;
}

tc_err tc_markings_audience(struct tc_markings *m, uint32_t set, uint32_t *audience,
                            struct tc_diag *d)
{
    (void)pthread_mutex_lock(&m->lock);
    tc_err e = audience_of(m, set, audience, d);
    (void)pthread_mutex_unlock(&m->lock);
    return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/told.h"

#include "base/limits.h"
#include "base/map.h"
#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>

#define MS INT64_C(1000)

struct open {
    struct tc_told_finding f; /* evidence: malloc'd text */
    uint64_t number;          /* which of its key */
    bool any;                 /* false: there is none yet */
    uint64_t next;            /* matches at which the next version is written */
    tc_time seen;             /* made of the last match counted */
};

struct tc_told {
    struct tc_journal *j;
    struct tc_map *keys; /* -> index into v */
    struct open **v;
    size_t n;
    struct tc_json_reader *json;
    struct tc_buf key;
};

struct tc_told *tc_told_new(struct tc_journal *j)
{
    struct tc_told *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->j = j;
    t->v = calloc(TC_TOLD_MAX, sizeof(struct open *));
    t->json = tc_json_reader_new();
    t->keys = tc_map_new(TC_TOLD_MAX);
    tc_buf_init(&t->key, (size_t)32 << 20);
    if (t->v && t->json && t->keys)
        return t;
    tc_told_free(t);
    return NULL;
}

static void open_free(struct open *o)
{
    for (uint32_t i = 0; i < o->f.n_evidence; i++)
        free((char *)(uintptr_t)o->f.evidence[i].p);
    free(o);
}

void tc_told_forget(struct tc_told *t)
{
    struct tc_map *fresh = tc_map_new(TC_TOLD_MAX);
    for (size_t i = 0; i < t->n; i++)
        open_free(t->v[i]);
    t->n = 0;
    tc_map_free(t->keys);
    t->keys = fresh; /* NULL is asked for at the next use */
}

void tc_told_free(struct tc_told *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++)
        open_free(t->v[i]);
    free(t->v);
    tc_map_free(t->keys);
    tc_json_reader_free(t->json);
    tc_buf_fini(&t->key);
    free(t);
}

/* ---- ids ---- */

static void key_of(struct tc_told *t, const struct tc_told_match *m)
{
    tc_buf_clear(&t->key);
    tc_buf_fmt(&t->key, "told|%u|", m->audience);
    tc_buf_str(&t->key, m->rule);
    tc_buf_char(&t->key, '|');
    tc_buf_str(&t->key, m->value);
}

static void id_of(struct tc_told *t, uint64_t number, char out[TC_ID_MAX])
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_str(&name, tc_buf_view(&t->key));
    tc_id_name_cstr(&name, "|");
    tc_id_name_u64(&name, number);
    tc_id_name_end(&name, TC_STR("finding"), out);
}

/* ---- out of the journal ---- */

static tc_err add_evidence(struct open *o, struct tc_str id)
{
    if (o->f.n_evidence == TC_TOLD_EVIDENCE)
        return TC_OK;
    char *text = malloc(id.n + 1);
    if (!text)
        return TC_E_NOMEM;
    if (id.n)
        memcpy(text, id.p, id.n);
    o->f.evidence[o->f.n_evidence++] = tc_str_view(text, id.n);
    return TC_OK;
}

static tc_time time_at(yyjson_val *o, const char *name)
{
    struct tc_str s;
    tc_time t = 0;
    if (!tc_json_str(o, name, &s) || tc_time_parse_z(s, &t))
        return 0;
    return t;
}

static tc_err read_finding(struct tc_told *t, const struct tc_row *row, struct open *o)
{
    yyjson_val *root = NULL, *one;
    size_t i, n;
    tc_err e = tc_json_reader_read(t->json, row->body, TC_MAX_OBJECT, 0, &root, NULL);
    if (e)
        return e;
    o->f.opened = time_at(root, "created");
    o->f.modified = row->version;
    o->f.first = time_at(root, "from");
    o->f.last = time_at(root, "last");
    o->f.matches = 1;
    (void)tc_json_u64(root, "matches", &o->f.matches);
    (void)tc_json_u64(root, "count", &o->f.count);
    yyjson_val *list = tc_json_get(root, "evidence_refs");
    yyjson_arr_foreach (list, i, n, one)
        if (!e && yyjson_is_str(one))
            e = add_evidence(o, tc_json_view(one));
    return e;
}

/* o NULL: only whether it is there. */
static tc_err look(struct tc_told *t, uint64_t number, bool *there, struct open *o)
{
    char id[TC_ID_MAX];
    struct tc_reader *r = NULL;
    struct tc_row row;
    id_of(t, number, id);
    const struct tc_str one = tc_str_cstr(id);
    const struct tc_query q = {.ids = &one, .n_ids = 1, .no_body = !o};
    tc_err e = tc_reader_open(t->j, &tc_principal_system, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    *there = !e && row.seq;
    if (*there && o) {
        (void)tc_str_copy(one, o->f.id, sizeof o->f.id);
        e = read_finding(t, &row, o);
    }
    tc_reader_close(r);
    return e;
}

/* Numbers have no gaps: doubles, then halves. */
static tc_err newest(struct tc_told *t, struct open *o)
{
    uint64_t lo = 0, hi = 1;
    bool there = false;
    tc_err e = look(t, 0, &there, NULL);
    if (e || !there)
        return e;
    while (!e && !(e = look(t, hi, &there, NULL)) && there) {
        lo = hi;
        hi *= 2;
    }
    while (!e && hi - lo > 1) {
        uint64_t mid = lo + (hi - lo) / 2;
        e = look(t, mid, &there, NULL);
        *(there ? &lo : &hi) = mid;
    }
    e = e ? e : look(t, lo, &there, o);
    o->any = there;
    o->seen = o->f.modified;
    o->number = lo;
    o->next = o->f.matches < TC_TOLD_VERSIONS ? o->f.matches + 1 : o->f.matches * 2;
    return e;
}

bool tc_told_full(const struct tc_told *t)
{
    return t->n == TC_TOLD_MAX;
}

static tc_err find(struct tc_told *t, struct open **out)
{
    uint64_t at = 0;
    if (t->keys && tc_map_get(t->keys, tc_buf_view(&t->key), &at)) {
        *out = t->v[at];
        return TC_OK;
    }
    if (!t->keys || tc_told_full(t))
        tc_told_forget(t);
    struct open *o = t->keys ? calloc(1, sizeof *o) : NULL;
    if (!o)
        return TC_E_NOMEM;
    tc_err e = newest(t, o);
    e = e ? e : tc_map_put(t->keys, tc_buf_view(&t->key), t->n);
    if (e) {
        open_free(o);
        return e;
    }
    t->v[t->n++] = o;
    *out = o;
    return TC_OK;
}

/* ---- deciding ---- */

static bool in(const struct open *o, struct tc_str id)
{
    for (uint32_t i = 0; i < o->f.n_evidence; i++)
        if (tc_str_eq(o->f.evidence[i], id))
            return true;
    return false;
}

/* Is there an observation in it that the finding does not know? Where it can name no more, the one
 * that came last stands for them. */
static tc_err take_new(struct open *o, const struct tc_told_match *m, bool *any)
{
    bool full = o->f.n_evidence == TC_TOLD_EVIDENCE;
    tc_err e = TC_OK;
    *any = false;
    for (size_t i = 0; !e && i < m->n; i++) {
        if (in(o, m->evidence[i]) || (full && !tc_str_eq(m->evidence[i], m->last)))
            continue;
        *any = true;
        o->f.count += m->numbers[i];
        e = add_evidence(o, m->evidence[i]);
    }
    return e;
}

static tc_err open_next(struct tc_told *t, struct open *o, const struct tc_told_match *m)
{
    bool any;
    uint64_t number = o->any ? o->number + 1 : 0;
    for (uint32_t i = 0; i < o->f.n_evidence; i++)
        free((char *)(uintptr_t)o->f.evidence[i].p);
    *o = (struct open){.number = number, .any = true, .next = 2, .seen = m->made};
    o->f.opened = o->f.modified = m->made;
    o->f.first = m->first_seen;
    o->f.last = m->last_seen;
    o->f.matches = 1;
    id_of(t, number, o->f.id);
    return take_new(o, m, &any);
}

static tc_err count_in(struct open *o, const struct tc_told_match *m, enum tc_told_what *what)
{
    bool any = false;
    tc_err e = take_new(o, m, &any);
    if (e || !any)
        return e;
    o->f.matches++;
    o->seen = m->made;
    o->f.first = m->first_seen < o->f.first ? m->first_seen : o->f.first;
    o->f.last = m->last_seen > o->f.last ? m->last_seen : o->f.last;
    *what = TC_TOLD_COUNTED;
    if (o->f.matches < o->next)
        return TC_OK;
    o->next = o->f.matches < TC_TOLD_VERSIONS ? o->f.matches + 1 : o->f.matches * 2;
    o->f.modified = m->made > o->f.modified ? m->made : o->f.modified + MS;
    *what = TC_TOLD_AGAIN;
    return TC_OK;
}

tc_err tc_told(struct tc_told *t, const struct tc_told_match *m, enum tc_told_what *what,
               const struct tc_told_finding **out)
{
    struct open *o = NULL;
    key_of(t, m);
    tc_err e = t->key.err ? t->key.err : find(t, &o);
    if (e)
        return e;
    *what = TC_TOLD_BEFORE;
    *out = &o->f;
    if (!o->any || m->made >= o->f.opened + m->cooldown) {
        *what = TC_TOLD_OPENED;
        return open_next(t, o, m);
    }
    if (m->made < o->seen)
        return TC_OK;
    return count_in(o, m, what);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/audience_form.h"

#include "base/cursor.h"
#include "base/limits.h"

static bool ascending(struct tc_u32s s)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (i ? s.v[i] <= s.v[i - 1] : s.v[i] == 0)
            return false;
    return true;
}

static void put_u32(struct tc_buf *b, uint32_t v)
{
    unsigned char c[4] = {(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16),
                          (unsigned char)(v >> 24)};
    tc_buf_add(b, c, sizeof c);
}

/* ---- writing ---- */

static tc_err list_fits(struct tc_u32s s)
{
    return s.n > TC_MAX_RECIPIENTS ? TC_E_LIMIT : ascending(s) ? TC_OK : TC_E_USAGE;
}

static tc_err fits(const struct tc_audience *a)
{
    if (a->tlp < TC_TLP_CLEAR || a->tlp > TC_TLP_RED || a->held_until < 0 || a->era >> 24)
        return TC_E_USAGE;
    if (a->n_releases > TC_MAX_RELEASES || a->n_fields > TC_MAX_FIELD_MARKINGS)
        return TC_E_LIMIT;
    if (a->pap < TC_PAP_NONE || a->pap > TC_PAP_RED)
        return TC_E_USAGE;
    tc_err e = list_fits(a->orgs);
    e = e ? e : list_fits(a->people);
    for (uint32_t i = 0; !e && i < a->n_releases; i++) {
        e = list_fits(a->releases[i].orgs);
        e = e ? e : list_fits(a->releases[i].communities);
        e = e ? e : list_fits(a->releases[i].countries);
    }
    for (uint32_t i = 0; !e && i < a->n_fields; i++) {
        const struct tc_field *f = &a->fields[i];
        bool rises = i == 0 || memcmp(f->marking, f[-1].marking, sizeof f->marking) > 0;
        e = !rises || f->level.n_fields ? TC_E_USAGE : fits(&f->level);
    }
    return e;
}

static void put_items(struct tc_buf *b, struct tc_u32s s)
{
    for (uint32_t i = 0; i < s.n; i++)
        put_u32(b, s.v[i]);
}

static void put_list(struct tc_buf *b, struct tc_u32s s)
{
    put_u32(b, s.n);
    put_items(b, s);
}

static void put(struct tc_buf *b, const struct tc_audience *a);

static void put_field(struct tc_buf *b, const struct tc_field *f)
{
    tc_buf_add(b, f->marking, sizeof f->marking);
    size_t at = b->n;
    put_u32(b, 0);
    put(b, &f->level);
    if (b->err)
        return;
    size_t n = b->n - at - 4;
    for (int i = 0; i < 4; i++)
        b->p[at + (size_t)i] = (char)(n >> 8 * i & 255);
}

/* Once deeper at most: the levels of fields have no fields. */
static void put(struct tc_buf *b, const struct tc_audience *a)
{
    put_u32(b, (uint32_t)a->tlp);
    put_u32(b, a->creator_org);
    put_u32(b, a->creator_person);
    put_u32(b, a->community);
    put_u32(b, a->orgs.n);
    put_u32(b, a->people.n);
    put_items(b, a->orgs);
    put_items(b, a->people);
    if (!a->held_until && !a->owner_releases && !a->pap && !a->era && !a->n_releases &&
        !a->n_fields)
        return;
    put_u32(b, (uint32_t)(uint64_t)a->held_until);
    put_u32(b, (uint32_t)((uint64_t)a->held_until >> 32));
    put_u32(b, (uint32_t)a->owner_releases | (uint32_t)a->pap << 1 | a->era << 8);
    put_u32(b, a->n_releases);
    for (uint32_t i = 0; i < a->n_releases; i++) {
        put_list(b, a->releases[i].orgs);
        put_list(b, a->releases[i].communities);
        put_list(b, a->releases[i].countries);
    }
    put_u32(b, a->n_fields);
    for (uint32_t i = 0; i < a->n_fields; i++)
        put_field(b, &a->fields[i]);
}

tc_err tc_audience_encode(const struct tc_audience *a, struct tc_buf *b)
{
    tc_err e = fits(a);
    if (!e)
        put(b, a);
    return e ? e : b->err;
}

/* ---- reading ---- */

static tc_err get_items(struct tc_cursor *c, struct tc_arena *a, uint32_t n, struct tc_u32s *out)
{
    if (c->err || n > TC_MAX_RECIPIENTS)
        return TC_E_CORRUPT;
    uint32_t *v = tc_arena_zalloc(a, n + 1, sizeof *v);
    if (!v)
        return TC_E_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        v[i] = tc_cursor_u32(c);
    *out = (struct tc_u32s){v, n};
    return c->err || !ascending(*out) ? TC_E_CORRUPT : TC_OK;
}

static tc_err get_list(struct tc_cursor *c, struct tc_arena *a, struct tc_u32s *out)
{
    uint32_t n = tc_cursor_u32(c);
    return get_items(c, a, n, out);
}

static tc_err get_releases(struct tc_cursor *c, struct tc_arena *a, struct tc_audience *out)
{
    uint32_t n = tc_cursor_u32(c);
    if (c->err || n > TC_MAX_RELEASES)
        return TC_E_CORRUPT;
    struct tc_release *v = tc_arena_zalloc(a, n + 1, sizeof *v);
    tc_err e = v ? TC_OK : TC_E_NOMEM;
    for (uint32_t i = 0; !e && i < n; i++) {
        e = get_list(c, a, &v[i].orgs);
        e = e ? e : get_list(c, a, &v[i].communities);
        e = e ? e : get_list(c, a, &v[i].countries);
    }
    out->releases = v;
    out->n_releases = n;
    return e;
}

static tc_err get(struct tc_str bytes, struct tc_arena *arena, bool with_fields,
                  struct tc_audience *out);

static tc_err get_fields(struct tc_cursor *c, struct tc_arena *a, struct tc_audience *out)
{
    uint32_t n = tc_cursor_u32(c);
    if (c->err || n > TC_MAX_FIELD_MARKINGS)
        return TC_E_CORRUPT;
    struct tc_field *v = tc_arena_zalloc(a, n + 1, sizeof *v);
    tc_err e = v ? TC_OK : TC_E_NOMEM;
    for (uint32_t i = 0; !e && i < n; i++) {
        struct tc_str marking = tc_cursor_bytes(c, sizeof v[i].marking);
        struct tc_str level = tc_cursor_bytes(c, tc_cursor_u32(c));
        if (c->err)
            return TC_E_CORRUPT;
        memcpy(v[i].marking, marking.p, sizeof v[i].marking);
        e = get(level, a, false, &v[i].level);
    }
    out->fields = v;
    out->n_fields = n;
    return e;
}

static tc_err get_rest(struct tc_cursor *c, struct tc_arena *a, bool with_fields,
                       struct tc_audience *out)
{
    uint64_t held = tc_cursor_u64(c);
    out->held_until = (int64_t)held;
    uint32_t bits = tc_cursor_u32(c);
    out->owner_releases = bits & 1;
    if ((bits >> 1 & 127) > TC_PAP_RED)
        return TC_E_CORRUPT;
    out->pap = (enum tc_pap)(bits >> 1 & 127);
    out->era = bits >> 8;
    tc_err e = get_releases(c, a, out);
    if (!e && with_fields)
        e = get_fields(c, a, out);
    else if (!e && tc_cursor_u32(c) != 0)
        e = TC_E_CORRUPT;
    if (!held && !bits && !out->n_releases && !out->n_fields)
        return TC_E_CORRUPT; /* what says nothing is not written: one form for each audience */
    return e ? e : held > INT64_MAX ? TC_E_CORRUPT : TC_OK;
}

/* Once deeper at most. */
static tc_err get(struct tc_str bytes, struct tc_arena *arena, bool with_fields,
                  struct tc_audience *out)
{
    struct tc_cursor c = tc_cursor_over(bytes);
    uint32_t tlp = tc_cursor_u32(&c);
    struct tc_audience a = {.tlp = (enum tc_tlp)tlp};
    a.creator_org = tc_cursor_u32(&c);
    a.creator_person = tc_cursor_u32(&c);
    a.community = tc_cursor_u32(&c);
    uint32_t orgs = tc_cursor_u32(&c), people = tc_cursor_u32(&c);
    if (c.err || tlp > TC_TLP_RED)
        return TC_E_CORRUPT;
    tc_err e = get_items(&c, arena, orgs, &a.orgs);
    e = e ? e : get_items(&c, arena, people, &a.people);
    if (!e && tc_cursor_left(&c))
        e = get_rest(&c, arena, with_fields, &a);
    if (!e && tc_cursor_end(&c))
        e = TC_E_CORRUPT;
    if (!e)
        *out = a;
    return e;
}

tc_err tc_audience_decode(struct tc_str bytes, struct tc_arena *a, struct tc_audience *out)
{
    return get(bytes, a, true, out);
}

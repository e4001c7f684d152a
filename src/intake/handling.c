/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/handling.h"

#include "base/limits.h"
#include "codec/json.h"
#include "model/extensions.h"

#include <stdlib.h>

static const struct tc_handling nothing = {.tlp = -1};

bool tc_handling_known(struct tc_str id, struct tc_handling *out)
{
    enum tc_tlp tlp;
    bool tlp1;
    struct tc_handling h = nothing;
    if (tc_tlp_from_marking(id, &tlp, &tlp1))
        h.tlp = (int)tlp;
    else if (!tc_pap_from_marking(id, &h.pap))
        return false;
    *out = h;
    return true;
}

static bool tlp_of(yyjson_val *root, enum tc_tlp *tlp)
{
    struct tc_str s;
    yyjson_val *ext = tc_json_get(tc_json_get(root, "extensions"), TC_EXT_TLP_2);
    return (tc_json_str(ext, "tlp_2_0", &s) && tc_tlp_parse(s, tlp)) ||
           (tc_json_str(tc_json_get(root, "definition"), "tlp", &s) && tc_tlp_parse(s, tlp)) ||
           (tc_json_str(root, "definition_type", &s) && tc_str_starts(s, TC_STR("TLP:")) &&
            tc_tlp_parse(s, tlp)) ||
           (tc_json_str(root, "name", &s) && tc_str_starts(s, TC_STR("TLP:")) &&
            tc_tlp_parse(s, tlp));
}

/* A statement (copyright, terms of use) narrows nothing. */
static bool is_statement(yyjson_val *root)
{
    struct tc_str kind;
    yyjson_val *definition = tc_json_get(root, "definition");
    return tc_json_str(root, "definition_type", &kind) && tc_str_is(kind, "statement") &&
           tc_json_get(definition, "statement") && yyjson_obj_size(definition) == 1;
}

/* ---- release caveats ---- */

static int rising(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static struct tc_u32s in_order(uint32_t *v, uint32_t n)
{
    uint32_t k = 0;
    qsort(v, n, sizeof *v, rising);
    for (uint32_t i = 0; i < n; i++)
        if (v[i] && (k == 0 || v[i] != v[k - 1]))
            v[k++] = v[i];
    return (struct tc_u32s){v, k};
}

static tc_err org_number(struct tc_access *x, struct tc_str s, struct tc_arena *a, uint32_t *out)
{
    struct tc_org org;
    *out = 0;
    tc_err e = tc_access_org_by(x, 0, s, a, &org);
    if (!e && tc_str_eq(org.identity, s))
        *out = org.number;
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

static tc_err community_number(struct tc_access *x, struct tc_str s, struct tc_arena *a,
                               uint32_t *out)
{
    struct tc_uuid uuid;
    struct tc_community c;
    *out = 0;
    tc_err e = tc_uuid_parse(s, &uuid) ? tc_access_community_by(x, 0, NULL, s, a, &c)
                                       : tc_access_community_by(x, 0, &uuid, TC_STR(""), a, &c);
    if (!e)
        *out = c.number;
    return e == TC_E_NOTFOUND ? TC_OK : e;
}

static tc_err country_number(struct tc_access *x, struct tc_str s, struct tc_arena *a,
                             uint32_t *out)
{
    (void)x;
    (void)a;
    *out = tc_country_number(s);
    return TC_OK;
}

typedef tc_err (*number_of)(struct tc_access *, struct tc_str, struct tc_arena *, uint32_t *);

/* INVALID: it is no list of texts, or too long. */
static tc_err read_list(struct tc_access *x, yyjson_val *list, number_of number, struct tc_arena *a,
                        struct tc_u32s *out)
{
    size_t i, n;
    yyjson_val *v;
    struct tc_arena *work;
    if (!list)
        return TC_OK;
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) > TC_MAX_RECIPIENTS)
        return TC_E_INVALID;
    uint32_t *numbers = tc_arena_zalloc(a, yyjson_arr_size(list) + 1, sizeof *numbers);
    work = numbers ? tc_arena_new(1u << 20) : NULL;
    tc_err e = work ? TC_OK : TC_E_NOMEM;
    yyjson_arr_foreach (list, i, n, v) {
        if (!e && !yyjson_is_str(v))
            e = TC_E_INVALID;
        e = e ? e : number(x, tc_json_view(v), work, &numbers[i]);
    }
    tc_arena_free(work);
    if (!e)
        *out = in_order(numbers, (uint32_t)yyjson_arr_size(list));
    return e;
}

static tc_err read_release(struct tc_access *x, yyjson_val *ext, struct tc_arena *a,
                           struct tc_handling *h)
{
    yyjson_val *orgs = tc_json_get(ext, "releasable_to_refs");
    yyjson_val *countries = tc_json_get(ext, "releasable_to_countries");
    yyjson_val *communities = tc_json_get(ext, "releasable_to_communities");
    h->releases = orgs || countries || communities;
    tc_err e = read_list(x, orgs, org_number, a, &h->release.orgs);
    e = e ? e : read_list(x, countries, country_number, a, &h->release.countries);
    return e ? e : read_list(x, communities, community_number, a, &h->release.communities);
}

/* ---- the extension ---- */

/* The end of an embargo is rounded up to a second, so that few different ones are there. */
static bool read_embargo(yyjson_val *ext, struct tc_handling *h)
{
    struct tc_str s;
    tc_time t;
    if (!tc_json_get(ext, "embargo_until"))
        return true;
    if (!tc_json_str(ext, "embargo_until", &s) || tc_time_parse_z(s, &t) || t <= 0)
        return false;
    h->held_until = (t + TC_SECOND - 1) / TC_SECOND * TC_SECOND;
    return true;
}

static bool read_pap(yyjson_val *ext, struct tc_handling *h)
{
    struct tc_str s;
    if (!tc_json_get(ext, "pap"))
        return true;
    return tc_json_str(ext, "pap", &s) && tc_pap_parse(s, &h->pap);
}

static tc_err read_extensions(struct tc_access *x, yyjson_val *all, struct tc_arena *a,
                              struct tc_handling *h)
{
    size_t i, n;
    yyjson_val *key, *ext;
    yyjson_obj_foreach (all, i, n, key, ext) {
        struct tc_str id = tc_json_view(key);
        yyjson_val *owner = tc_json_get(ext, "originator_control");
        bool handling = tc_str_is(id, TC_EXT_HANDLING), pap = tc_str_is(id, TC_EXT_PAP);
        if (tc_str_is(id, TC_EXT_TLP_2) && h->tlp >= 0)
            continue;
        if (!handling && !pap)
            return TC_E_INVALID;
        if (!read_pap(ext, h) || !read_embargo(ext, h) || (owner && !yyjson_is_bool(owner)))
            return TC_E_INVALID;
        h->owner_releases = h->owner_releases || yyjson_get_bool(owner);
        tc_err e = handling ? read_release(x, ext, a, h) : TC_OK;
        if (e)
            return e;
    }
    return TC_OK;
}

tc_err tc_handling_read(struct tc_access *x, yyjson_val *root, struct tc_arena *a,
                        struct tc_handling *out)
{
    struct tc_handling h = nothing;
    enum tc_tlp tlp;
    yyjson_val *ext = tc_json_get(root, "extensions");
    if (tlp_of(root, &tlp))
        h.tlp = (int)tlp;
    tc_err e = read_extensions(x, ext, a, &h);
    bool says = h.tlp >= 0 || yyjson_obj_size(ext) || is_statement(root);
    if (e == TC_E_INVALID || !says || (ext && !yyjson_is_obj(ext))) {
        h = nothing;
        h.creator_alone = true;
        e = TC_OK;
    }
    if (!e)
        *out = h;
    return e;
}

/* ---- together ---- */

static bool same(struct tc_u32s a, struct tc_u32s b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.v, b.v, a.n * sizeof *a.v) == 0);
}

static bool same_release(const struct tc_release *a, const struct tc_release *b)
{
    return same(a->orgs, b->orgs) && same(a->communities, b->communities) &&
           same(a->countries, b->countries);
}

bool tc_handling_eq(const struct tc_handling *a, const struct tc_handling *b)
{
    return a->tlp == b->tlp && a->creator_alone == b->creator_alone &&
           a->owner_releases == b->owner_releases && a->releases == b->releases &&
           a->pap == b->pap && a->held_until == b->held_until &&
           same_release(&a->release, &b->release);
}

void tc_handling_creator_alone(struct tc_audience *a)
{
    a->tlp = a->tlp < TC_TLP_AMBER ? TC_TLP_AMBER : a->tlp;
    a->community = 0;
    a->orgs.n = a->people.n = 0;
}

static bool add_release(const struct tc_release *r, struct tc_audience *a,
                        struct tc_release *releases)
{
    for (uint32_t i = 0; i < a->n_releases; i++)
        if (same_release(r, &releases[i]))
            return true;
    if (a->n_releases == TC_MAX_RELEASES)
        return false;
    releases[a->n_releases++] = *r;
    a->releases = releases;
    return true;
}

void tc_handling_add(const struct tc_handling *h, tc_time now, struct tc_audience *a,
                     struct tc_release *releases)
{
    if (h->tlp > (int)a->tlp)
        a->tlp = (enum tc_tlp)h->tlp;
    if (h->pap > a->pap)
        a->pap = h->pap;
    if (h->held_until > now && h->held_until > a->held_until)
        a->held_until = h->held_until;
    a->owner_releases = a->owner_releases || h->owner_releases;
    if (h->creator_alone || (h->releases && !add_release(&h->release, a, releases)))
        tc_handling_creator_alone(a);
}

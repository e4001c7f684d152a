/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/casefile.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN 64 /* links of a causal chain that are followed to the direct dependant */

/* ---- what the outage does ---- */

struct behind { /* of a direct dependant: what fails behind it */
    uint32_t asset, group, assets;
    uint64_t people, people_seconds;
};

/* The direct dependant through which a failure came: the last but one of its chain. */
static uint32_t first_hop(struct tc_cascade *c, const struct tc_failure *f)
{
    uint32_t chain[CHAIN];
    size_t direct = 0, n = tc_cascade_cause(c, f, chain, CHAIN, &direct);
    size_t rest = n - (direct > n ? n : direct);
    return n < 2 || !rest ? f->asset : rest > 1 ? chain[n - 2] : chain[0];
}

static int gravest_first(const void *x, const void *y)
{
    const struct behind *a = x, *b = y;
    if (a->people_seconds != b->people_seconds)
        return a->people_seconds > b->people_seconds ? -1 : 1;
    if (a->assets != b->assets)
        return a->assets > b->assets ? -1 : 1;
    return (a->asset > b->asset) - (a->asset < b->asset);
}

static tc_err find_reasons(const struct tc_graph *g, struct tc_cascade *c,
                           const struct tc_failure *f, size_t n, struct tc_case *x)
{
    struct behind *list = calloc(n + 1, sizeof *list);
    uint32_t *at = calloc(g->n + 1u, sizeof *at); /* index + 1 */
    uint32_t count = 0;
    if (!list || !at) {
        free(list);
        free(at);
        return TC_E_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (f[i].group == TC_NONE || (f[i].flags & TC_FAIL_UNSOURCED))
            continue;
        uint32_t hop = first_hop(c, &f[i]);
        if (!at[hop]) {
            list[count] = (struct behind){.asset = hop, .group = TC_NONE};
            at[hop] = ++count;
        }
        struct behind *b = &list[at[hop] - 1];
        b->group = f[i].asset == hop ? f[i].group : b->group;
        b->assets++;
        b->people += g->people[f[i].asset];
        b->people_seconds += g->people[f[i].asset] * (uint64_t)(x->horizon - f[i].at);
    }
    qsort(list, count, sizeof *list, gravest_first);
    for (uint32_t i = 0; i < count && i < TC_CASE_REASONS; i++)
        x->reason[x->n_reasons++] = (struct tc_case_reason){
            list[i].asset, list[i].group, list[i].assets, list[i].people, list[i].people_seconds};
    free(list);
    free(at);
    return TC_OK;
}

/* Would the groups that it supplies hold without it, all else being up? */
static void look_for_alternatives(const struct tc_graph *g, struct tc_case *x)
{
    for (uint32_t i = 0; i < g->e; i++) { /* all edges: those inside loops have another list */
        if (g->supplier[i] != x->asset)
            continue;
        uint32_t lo = 0, hi = g->m;
        while (hi - lo > 1) {
            uint32_t mid = lo + (hi - lo) / 2;
            if (g->in_first[mid] <= i)
                lo = mid;
            else
                hi = mid;
        }
        if ((g->loss ? g->loss[i] : 1) <= g->group[lo].budget)
            x->groups_hold++;
        else if (g->group[lo].buffer)
            x->groups_buffered++;
        else
            x->groups_stop++;
    }
}

static bool same_land(const struct tc_graph *g, uint32_t a, uint32_t b)
{
    return g->country[a][0] == g->country[b][0] && g->country[a][1] == g->country[b][1];
}

static void sum_up(const struct tc_graph *g, const struct tc_failure *f, size_t n,
                   struct tc_case *x)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t v = f[i].asset, end = f[i].until < x->horizon ? f[i].until : x->horizon;
        if (g->sector[v] == g->sector[x->asset] && same_land(g, v, x->asset))
            x->sector_people += g->people[v];
        x->people_seconds += g->people[v] * (uint64_t)(x->horizon - f[i].at);
        x->longest = end - f[i].at > x->longest ? end - f[i].at : x->longest;
        if (f[i].group != TC_NONE)
            x->services[g->service[f[i].group]] = true;
    }
    for (uint32_t v = 0; v < g->n; v++)
        if (g->sector[v] == g->sector[x->asset] && same_land(g, v, x->asset))
            x->sector_people_all += g->people[v];
    for (size_t i = 0; i < x->tally.sector_count; i++)
        x->other_sectors += !tc_str_eq(x->tally.sectors[i].name, g->sectors[g->sector[x->asset]]);
}

tc_err tc_case_make(const struct tc_graph *g, struct tc_cascade *c, uint32_t asset,
                    uint32_t horizon, struct tc_case *out)
{
    const struct tc_cascade_opts o = {.horizon = horizon};
    const struct tc_outage outage = {asset, 0, TC_NEVER};
    struct tc_case x = {.asset = asset, .horizon = horizon};
    size_t n = 0, kept = 0;
    tc_err e = tc_cascade_run(c, &outage, 1, &o, NULL);
    if (e)
        return e;
    const struct tc_failure *f = tc_cascade_failures(c, &n);
    struct tc_failure *own = calloc(n + 1, sizeof *own);
    x.services = calloc(g->service_count + 1u, sizeof *x.services);
    e = own && x.services ? find_reasons(g, c, f, n, &x) : TC_E_NOMEM;
    for (size_t i = 0; !e && i < n; i++)
        if (!(f[i].flags & TC_FAIL_UNSOURCED))
            own[kept++] = f[i];
    x.failed = (uint32_t)kept;
    e = e ? e : tc_tally_make(g, own, kept, &x.tally);
    if (!e) {
        sum_up(g, own, kept, &x);
        look_for_alternatives(g, &x);
        *out = x;
    } else {
        tc_case_fini(&x);
    }
    free(own);
    return e;
}

void tc_case_fini(struct tc_case *x)
{
    tc_tally_fini(&x->tally);
    free(x->services);
    *x = (struct tc_case){0};
}

/* ---- the criteria ---- */

const char *tc_judged_word(enum tc_judged j)
{
    static const char *const words[] = {"no threshold entered", "reached", "below", "not known"};
    return words[j];
}

static uint64_t share_of(const struct tc_case *x)
{
    return x->sector_people_all ? 100 * x->sector_people / x->sector_people_all : 0;
}

/* 0 full, 1 in part, 2 none: of those that it supplies. */
static uint64_t alternatives(const struct tc_case *x)
{
    return !x->groups_buffered && !x->groups_stop ? 0 : x->groups_hold ? 1 : 2;
}

void tc_case_criteria(const struct tc_case *x, const struct tc_impact_settings *s,
                      struct tc_criterion_row out[TC_CRITERIA])
{
    const struct tc_criterion_row rows[TC_CRITERIA] = {
        {"CER 7(1)(a)", "users that rely on it, directly and through others", "people", true,
         x->tally.people, TC_THRESHOLD_USERS, 0},
        {"CER 7(1)(b)", "other sectors that depend on it", "sectors", true, x->other_sectors,
         TC_THRESHOLD_DEPENDENT_SECTORS, 0},
        {"CER 7(1)(c)", "duration: the longest interruption within the horizon", "hours", true,
         x->longest / 3600, TC_THRESHOLD_HOURS, 0},
        {"CER 7(1)(d)", "share of the people of its sector and country in the register", "percent",
         x->sector_people_all > 0, share_of(x), TC_THRESHOLD_MARKET_SHARE, 0},
        {"CER 7(1)(e)", "countries hit; isolation is not in the register", "countries", true,
         x->tally.country_count, TC_THRESHOLD_COUNTRIES, 0},
        {"CER 7(1)(f)", "alternatives of those that it supplies: 0 all have one, 1 some, 2 none",
         "", true, alternatives(x), TC_THRESHOLDS, 0},
        {"ECI 3(2)(a)", "casualties", "people", false, 0, TC_THRESHOLD_CASUALTIES, 0},
        {"ECI 3(2)(b)", "economic effects", "euro", false, 0, TC_THRESHOLD_ECONOMIC_LOSS, 0},
        {"ECI 3(2)(c)", "public effects: people who lose an essential service", "people", true,
         x->tally.people, TC_THRESHOLD_USERS, 0},
    };
    for (int i = 0; i < TC_CRITERIA; i++) {
        out[i] = rows[i];
        bool given = rows[i].by < TC_THRESHOLDS && s->given[rows[i].by];
        bool hidden = strcmp(rows[i].unit, "people") == 0 && tc_case_hides(s, rows[i].value);
        out[i].known = rows[i].known && !hidden;
        out[i].judged = !rows[i].known                              ? TC_JUDGED_NOT_KNOWN
                        : !given                                    ? TC_JUDGED_NO_THRESHOLD
                        : rows[i].value >= s->threshold[rows[i].by] ? TC_JUDGED_REACHED
                                                                    : TC_JUDGED_BELOW;
    }
}

/* ---- JSON ---- */

static void json_criteria(const struct tc_case *x, const struct tc_impact_settings *s,
                          struct tc_jsonw *w)
{
    struct tc_criterion_row rows[TC_CRITERIA];
    tc_case_criteria(x, s, rows);
    tc_jsonw_name(w, "criteria");
    tc_jsonw_array(w);
    for (int i = 0; i < TC_CRITERIA; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "law", rows[i].law);
        tc_jsonw_kcstr(w, "text", rows[i].text);
        if (rows[i].known)
            tc_jsonw_ku64(w, "value", rows[i].value);
        if (rows[i].unit[0])
            tc_jsonw_kcstr(w, "unit", rows[i].unit);
        if (rows[i].by < TC_THRESHOLDS && s->given[rows[i].by])
            tc_jsonw_ku64(w, "threshold", s->threshold[rows[i].by]);
        tc_jsonw_kcstr(w, "result", tc_judged_word(rows[i].judged));
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
    if (s->as_of[0])
        tc_jsonw_kcstr(w, "thresholds_as_of", s->as_of);
    if (s->decided_by[0])
        tc_jsonw_kcstr(w, "thresholds_decided_by", s->decided_by);
}

/* people, and people x hours, unless they are too few to be told. */
static void json_people(struct tc_jsonw *w, const struct tc_impact_settings *s, uint64_t people,
                        const uint64_t *seconds)
{
    if (tc_case_hides(s, people)) {
        tc_jsonw_ku64(w, "people_below", s->suppress_below);
        return;
    }
    tc_jsonw_ku64(w, "people", people);
    if (seconds)
        tc_jsonw_ku64(w, "people_hours", *seconds / 3600);
}

static void json_parts(struct tc_jsonw *w, const struct tc_impact_settings *s, const char *name,
                       const struct tc_tally_part *p, size_t n)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    for (size_t i = 0; i < n; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "name", p[i].name);
        tc_jsonw_ku64(w, "assets", p[i].assets);
        json_people(w, s, p[i].people, NULL);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

static void json_reasons(const struct tc_case *x, const struct tc_graph *g,
                         const struct tc_impact_settings *s, struct tc_jsonw *w)
{
    tc_jsonw_name(w, "reasons");
    tc_jsonw_array(w);
    for (size_t i = 0; i < x->n_reasons; i++) {
        const struct tc_case_reason *r = &x->reason[i];
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "through", tc_graph_id(g, r->asset));
        tc_jsonw_ktext(w, "name", tc_graph_name(g, r->asset));
        if (r->group != TC_NONE)
            tc_jsonw_kstr(w, "service", g->services[g->service[r->group]]);
        tc_jsonw_ku64(w, "assets", r->assets);
        json_people(w, s, r->people, &r->people_seconds);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

void tc_case_json(const struct tc_case *x, const struct tc_graph *g,
                  const struct tc_impact_settings *s, struct tc_jsonw *w)
{
    tc_jsonw_kstr(w, "asset", tc_graph_id(g, x->asset));
    tc_jsonw_ktext(w, "name", tc_graph_name(g, x->asset));
    tc_jsonw_ktext(w, "sector", g->sectors[g->sector[x->asset]]);
    tc_jsonw_ktext(w, "country", tc_graph_country(g, x->asset));
    tc_jsonw_ku64(w, "horizon", x->horizon);
    tc_jsonw_ku64(w, "failed", x->failed);
    json_people(w, s, x->tally.people, &x->people_seconds);
    tc_jsonw_name(w, "services");
    tc_jsonw_array(w);
    for (uint32_t i = 0; i < g->service_count; i++)
        if (x->services[i])
            tc_jsonw_str(w, g->services[i]);
    tc_jsonw_array_end(w);
    json_parts(w, s, "sectors", x->tally.sectors, x->tally.sector_count);
    json_parts(w, s, "countries", x->tally.countries, x->tally.country_count);
    tc_jsonw_ku64(w, "member_states", x->tally.member_states);
    tc_jsonw_kbool(w, "two_or_more_states", x->tally.member_states >= 2);
    tc_jsonw_kbool(w, "six_or_more_states", x->tally.member_states >= 6);
    tc_jsonw_name(w, "alternatives");
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "groups_that_hold", x->groups_hold);
    tc_jsonw_ku64(w, "groups_with_a_buffer", x->groups_buffered);
    tc_jsonw_ku64(w, "groups_that_stop", x->groups_stop);
    tc_jsonw_object_end(w);
    json_reasons(x, g, s, w);
    json_criteria(x, s, w);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Forecast meets fact. A report that comes in names assets that are out, or that work; what it says
 * of an asset counts when the node's organisation or the asset's operator said it.
 *
 *      report of A              open forecast of A (another incident)     then
 *      out, about when foretold yes                                       forecast: confirmed
 *      out, cause not its own   none, others are down near it             finding: missing
 * dependency works                    yes, and A should be down by now          forecast:
 * contradicted, finding: stands
 *
 * Only what was foretold before the report came in is held against it, so that reading all again
 * finds the same. A confirmed forecast stays open as long as its incident is and the asset is
 * reported out. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "intake/intake.h"
#include "watch/contradiction.h"
#include "watch/impact_int.h"
#include "watch/sphere.h"

#include <math.h>
#include <stdlib.h>

/* A forecast that comes true half an hour early or late has come true. */
#define CLOSE (30 * 60 * TC_SECOND)
/* Suppliers are suspected within this distance. */
#define NEAR_METRES 100000.0

enum { SAYS_NOTHING, SAYS_OUT, SAYS_WORKS };

struct meeting {
    struct tc_impact *w;
    uint32_t report;
    struct tc_incident_facts f;
    struct tc_arena *arena;
    uint8_t *says; /* per asset */
    bool *foretold;
    uint32_t assets;
};

bool tc_impact_reported_down(const struct tc_impact *w, uint32_t asset, uint32_t but_for)
{
    for (uint32_t i = 0; i < w->n_incidents; i++) {
        const struct incident *in = &w->incidents[i];
        for (uint32_t k = 0; in->open && i != but_for && k < in->n_named; k++)
            if (in->out[k] == asset)
                return true;
    }
    return false;
}

tc_err tc_impact_take_contradiction(struct tc_impact *w, const struct tc_uuid *u)
{
    return tc_map_put(w->contradictions, tc_str_view((const char *)u->b, sizeof u->b), 1);
}

/* ---- one contradiction ---- */

static tc_err append(struct meeting *m, struct tc_contradiction *c)
{
    struct tc_impact *w = m->w;
    struct tc_own_object own = {.audience = {.tlp = TC_TLP_AMBER_STRICT, .creator_org = w->n->org}};
    struct tc_item item;
    struct tc_diag d;
    struct tc_buf text;
    struct tc_uuid u;
    struct tc_str type;
    uint64_t there;
    char id[TC_ID_MAX];
    tc_contradiction_id(c, id);
    tc_err e = tc_id_split(tc_str_cstr(id), &type, &u);
    if (e || tc_map_get(w->contradictions, tc_str_view((const char *)u.b, sizeof u.b), &there))
        return e;
    tc_diag_init(&d);
    tc_buf_init(&text, TC_MAX_OBJECT);
    tc_contradiction_write(c, &text);
    own.text = tc_buf_view(&text);
    e = text.err ? text.err : tc_intake_own(w->n, &own, 1, &item, &d);
    if (!e && item.state == TC_ITEM_SKIPPED)
        tc_log(TC_LOG_WARN, "contradiction %s: %s", item.id, item.diag.message);
    tc_buf_fini(&text);
    return e ? e : tc_impact_take_contradiction(w, &u);
}

static struct tc_contradiction about(const struct meeting *m, uint32_t asset)
{
    const struct tc_live_asset *a = tc_live_asset(m->w->reg, asset);
    return (struct tc_contradiction){.creator = tc_str_cstr(m->w->n->identity),
                                     .report = tc_impact_incident_id(m->w, m->report),
                                     .forecast = TC_STR(""),
                                     .asset = a->id,
                                     .name = a->facts.name,
                                     .sector = a->facts.sector,
                                     .country = a->facts.country,
                                     .operator_ref = a->facts.operator_ref,
                                     .found = m->w->now / MS * MS,
                                     .at = m->f.started,
                                     .exercise = m->w->incidents[m->report].exercise};
}

/* ---- forecasts of the assets ---- */

/* The newest version of a finding with another word on its forecast. */
static tc_err set_forecast(struct meeting *m, uint32_t k, enum tc_forecast forecast,
                           bool (*fits)(const struct meeting *m, const struct tc_finding *f),
                           bool *fitted)
{
    struct tc_impact *w = m->w;
    struct tc_finding f;
    char id[TC_ID_MAX];
    tc_id_make(TC_STR("finding"), &w->known[k].uuid, id);
    struct tc_str as_id = tc_str_cstr(id);
    const struct tc_query q = {.ids = &as_id, .n_ids = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    struct tc_json j = {0};
    *fitted = false;
    tc_err e = tc_reader_open(w->n->journal, &tc_principal_system, &q, &r);
    e = e ? e : tc_reader_next(r, &row);
    if (!e && row.seq && (e = tc_json_read(row.body, TC_MAX_OBJECT, 0, &j, NULL)) == TC_OK &&
        (e = tc_finding_read(j.root, m->arena, &f, NULL)) == TC_OK && fits(m, &f)) {
        *fitted = true;
        f.forecast = forecast;
        tc_impact_put(w, k, &f);
        e = w->err;
    }
    tc_json_fini(&j);
    tc_reader_close(r);
    return e;
}

static bool about_then(const struct meeting *m, const struct tc_finding *f)
{
    tc_time early = f->early == TC_TIME_NONE ? f->at : f->early,
            late = f->late == TC_TIME_NONE ? f->at : f->late;
    return m->f.started >= early - CLOSE && m->f.started <= late + CLOSE;
}

static bool by_now(const struct meeting *m, const struct tc_finding *f)
{
    tc_time late = f->late == TC_TIME_NONE ? f->at : f->late;
    return m->f.started > late + CLOSE && (f->back == TC_TIME_NONE || m->f.started < f->back);
}

static tc_err meet_forecast(struct meeting *m, uint32_t k)
{
    const struct known *n = &m->w->known[k];
    uint32_t asset = n->asset, forecaster = n->incident;
    bool fitted = false;
    if (m->says[asset] == SAYS_OUT) {
        m->foretold[asset] = true;
        return set_forecast(m, k, TC_FORECAST_CONFIRMED, about_then, &fitted);
    }
    tc_err e = set_forecast(m, k, TC_FORECAST_CONTRADICTED, by_now, &fitted);
    if (!e && fitted) {
        struct tc_contradiction c = about(m, asset);
        c.kind = TC_CONTRADICTS_STANDS;
        c.forecast = tc_impact_incident_id(m->w, forecaster);
        e = append(m, &c);
    }
    return e;
}

static tc_err meet_forecasts(struct meeting *m)
{
    struct tc_impact *w = m->w;
    tc_err e = TC_OK;
    for (uint32_t k = 0; !e && k < w->n_known; k++) {
        const struct known *n = &w->known[k];
        if (n->open && n->incident != m->report && n->created <= w->incidents[m->report].heard &&
            n->how != TC_HIT_DIRECT && n->asset < m->assets && m->says[n->asset] &&
            w->incidents[n->incident].exercise == w->incidents[m->report].exercise)
            e = meet_forecast(m, k);
    }
    return e;
}

/* ---- dependencies that the register may lack ---- */

struct suspect {
    uint32_t asset;
    double metres; /* INFINITY = it is not known how far */
};

static int nearest_first(const void *x, const void *y)
{
    const struct suspect *a = x, *b = y;
    if (a->metres < b->metres || a->metres > b->metres)
        return a->metres < b->metres ? -1 : 1;
    return (a->asset > b->asset) - (a->asset < b->asset);
}

/* What is down at that time by what others reported or foretold. */
static size_t find_suspects(struct meeting *m, uint32_t asset, struct suspect *list)
{
    const struct tc_impact *w = m->w;
    const struct tc_live_asset *a = tc_live_asset(w->reg, asset);
    size_t n = 0;
    for (uint32_t k = 0; k < w->n_known; k++) {
        const struct known *f = &w->known[k];
        const struct tc_live_asset *b = tc_live_asset(w->reg, f->asset);
        if (!f->open || f->asset == asset || f->incident == m->report ||
            f->created > w->incidents[m->report].heard || f->at > m->f.started + CLOSE ||
            w->incidents[f->incident].exercise != w->incidents[m->report].exercise)
            continue;
        double far = a->facts.placed && b->facts.placed
                         ? tc_sphere_metres(a->facts.lat, a->facts.lon, b->facts.lat, b->facts.lon)
                         : (double)INFINITY;
        if (far <= NEAR_METRES || isinf(far))
            list[n++] = (struct suspect){f->asset, far};
    }
    return n;
}

static tc_err suspect_missing(struct meeting *m, uint32_t asset)
{
    struct tc_contradiction c = about(m, asset);
    struct suspect *list = calloc(m->w->n_known + 1u, sizeof *list);
    size_t n = list ? find_suspects(m, asset, list) : 0;
    if (!list)
        return TC_E_NOMEM;
    qsort(list, n, sizeof *list, nearest_first);
    for (size_t i = 0; i < n && c.n_candidates < TC_FINDING_CAUSES; i++) {
        const struct tc_live_asset *b = tc_live_asset(m->w->reg, list[i].asset);
        if (i && list[i].asset == list[i - 1].asset)
            continue;
        c.candidate[c.n_candidates++] =
            (struct tc_finding_cause){b->id, b->facts.sector, b->facts.country};
    }
    free(list);
    c.kind = TC_CONTRADICTS_MISSING;
    return c.n_candidates ? append(m, &c) : TC_OK;
}

/* ---- one report ---- */

/* The word of the node's organisation, or of the asset's operator. */
static bool counts(const struct meeting *m, uint32_t asset)
{
    uint32_t poster = m->w->incidents[m->report].poster;
    return tc_standing_own(m->w->who, poster) ||
           tc_standing_is(m->w->who, poster, tc_live_asset(m->w->reg, asset)->facts.operator_ref);
}

static void note(struct meeting *m, const struct tc_str *ids, size_t n, uint8_t says)
{
    uint32_t asset;
    for (size_t i = 0; i < n; i++)
        if (tc_live_find(m->w->reg, ids[i], &asset) && asset < m->assets && counts(m, asset))
            m->says[asset] = says;
}

static tc_err meet(struct meeting *m)
{
    tc_err e = TC_OK;
    bool known_cause = m->f.cause == TC_CAUSE_OWN || m->f.cause == TC_CAUSE_NOT_SAID;
    note(m, m->f.affected, m->f.n_affected, SAYS_OUT);
    note(m, m->f.standing, m->f.n_standing, SAYS_WORKS);
    e = meet_forecasts(m);
    for (size_t i = 0; !e && !known_cause && i < m->f.n_affected; i++) {
        uint32_t asset;
        if (tc_live_find(m->w->reg, m->f.affected[i], &asset) && asset < m->assets &&
            m->says[asset] == SAYS_OUT && !m->foretold[asset])
            e = suspect_missing(m, asset);
    }
    return e;
}

static tc_err meet_report(struct tc_impact *w, uint32_t report)
{
    const struct incident *in = &w->incidents[report];
    struct meeting m = {.w = w, .report = report, .assets = tc_live_count(w->reg)};
    struct tc_json j = {0};
    m.arena = tc_arena_new(4 * (size_t)TC_MAX_OBJECT);
    m.says = calloc(m.assets + 1u, 1);
    m.foretold = calloc(m.assets + 1u, sizeof *m.foretold);
    tc_err e = m.arena && m.says && m.foretold
                   ? tc_json_read(tc_str_view(in->body, in->body_n), TC_MAX_OBJECT, 0, &j, NULL)
                   : TC_E_NOMEM;
    if (!e && tc_facts_incident(j.root, in->added, m.arena, &m.f))
        e = meet(&m);
    tc_json_fini(&j);
    tc_arena_free(m.arena);
    free(m.says);
    free(m.foretold);
    return e;
}

tc_err tc_impact_meet_facts(struct tc_impact *w)
{
    tc_err e = TC_OK;
    w->err = TC_OK;
    for (uint32_t i = 0; !e && i < w->n_incidents; i++) {
        if (!w->incidents[i].fresh)
            continue;
        if (w->incidents[i].open && w->n_known)
            e = meet_report(w, i);
        w->incidents[i].fresh = e != TC_OK;
    }
    return e ? e : tc_impact_flush(w);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a finding, for one (incident, asset):
 *
 *      none --hit: tell_hit--> open/new --hit again, other time: tell_hit--> open/earlier, later,
 * same ^  | hit again: tell_hit  not hit any more, or the incident is over: close_rest |  v
 *                               closed/spared
 *
 * Its version is the time at which the newest entry of the step came in (never the clock), at least
 * a millisecond after the version before: the same journal always gives the same findings. */
#include "watch/impact.h"

#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "intake/intake.h"
#include "watch/contradiction.h"
#include "watch/impact_int.h"

#include <stdlib.h>

#define ROUND     INT64_C(300) /* seconds: times that rest on draws are told in steps of 5 minutes */
#define TOLERANCE (60 * TC_SECOND)

static const struct tc_str types[] = {
    {"infrastructure", 14}, {"relationship", 12}, {"location", 8}, {"incident", 8}, {"finding", 7}};

/* ---- tables ---- */

static tc_err incident_of(struct tc_impact *w, struct tc_str id, uint32_t *out)
{
    uint64_t v = 0;
    if (tc_map_get(w->incident_ids, id, &v)) {
        *out = (uint32_t)v;
        return TC_OK;
    }
    if (w->n_incidents == w->cap_incidents) {
        uint32_t cap = w->cap_incidents ? 2 * w->cap_incidents : 64;
        struct incident *p = reallocarray(w->incidents, cap, sizeof *p);
        if (!p)
            return TC_E_NOMEM;
        w->incidents = p;
        w->cap_incidents = cap;
    }
    char *copy = malloc(id.n + 1);
    tc_err e = copy ? tc_map_put(w->incident_ids, id, w->n_incidents) : TC_E_NOMEM;
    if (e) {
        free(copy);
        return e;
    }
    memcpy(copy, id.p, id.n);
    copy[id.n] = '\0';
    *out = w->n_incidents++;
    w->incidents[*out] = (struct incident){.id = copy, .id_n = id.n, .version = TC_TIME_NONE};
    return TC_OK;
}

struct tc_str tc_impact_incident_id(const struct tc_impact *w, uint32_t i)
{
    return tc_str_view(w->incidents[i].id, w->incidents[i].id_n);
}

static bool list_finding(struct incident *in, uint32_t k)
{
    if (in->n_findings == in->cap_findings) {
        uint32_t cap = in->cap_findings ? 2 * in->cap_findings : 4;
        uint32_t *p = reallocarray(in->findings, cap, sizeof *p);
        if (!p)
            return false;
        in->findings = p;
        in->cap_findings = cap;
    }
    in->findings[in->n_findings++] = k;
    return true;
}

/* The slot of a finding, made when new. */
static tc_err known_of(struct tc_impact *w, const struct tc_uuid *u, uint32_t incident,
                       uint32_t asset, uint32_t *out)
{
    struct tc_str key = tc_str_view((const char *)u->b, sizeof u->b);
    uint64_t v = 0;
    if (tc_map_get(w->finding_ids, key, &v)) {
        *out = (uint32_t)v;
        return TC_OK;
    }
    if (w->n_known == w->cap_known) {
        uint32_t cap = w->cap_known ? 2 * w->cap_known : 64;
        struct known *p = reallocarray(w->known, cap, sizeof *p);
        if (!p)
            return TC_E_NOMEM;
        w->known = p;
        w->cap_known = cap;
    }
    if (!list_finding(&w->incidents[incident], w->n_known))
        return TC_E_NOMEM;
    tc_err e = tc_map_put(w->finding_ids, key, w->n_known);
    if (e) {
        w->incidents[incident].n_findings--;
        return e;
    }
    *out = w->n_known++;
    w->known[*out] = (struct known){.uuid = *u,
                                    .asset = asset,
                                    .incident = incident,
                                    .version = TC_TIME_NONE,
                                    .created = TC_TIME_NONE};
    return TC_OK;
}

/* ---- what the journal says ---- */

/* Taken off or put anew into its world by set_outages. */
static void incident_state(struct tc_impact *w, struct incident *in, bool open)
{
    w->n_open += open;
    w->n_open -= in->open;
    in->open = open;
    in->set = false;
}

static tc_err take_incident(struct tc_impact *w, const struct tc_row *row)
{
    uint32_t i = 0;
    yyjson_val *o = NULL;
    struct tc_incident_facts f = {0};
    uint64_t seen;
    tc_arena_reset(w->arena);
    tc_err e = tc_json_reader_read(w->json, row->body, TC_MAX_OBJECT, 0, &o, NULL);
    if (e)
        return e;
    bool concerns = tc_facts_incident(o, row->added, w->arena, &f);
    if (!concerns && !tc_map_get(w->incident_ids, row->id, &seen))
        return TC_OK;
    if ((e = incident_of(w, row->id, &i)))
        return e;
    struct incident *in = &w->incidents[i];
    if (row->version < in->version)
        return TC_OK;
    char *body = malloc(row->body.n + 1);
    if (!body)
        return TC_E_NOMEM;
    memcpy(body, row->body.p, row->body.n);
    if (in->version == TC_TIME_NONE)
        in->added = row->added;
    free(in->body);
    in->body = body;
    in->body_n = row->body.n;
    const struct tc_audience *a = tc_journal_audience_of(w->n->journal, row->audience);
    in->version = row->version;
    in->poster = a ? a->creator_org : 0;
    in->expected_end = f.expected_end;
    in->severity = f.severity;
    in->certainty = f.certainty;
    in->exercise = concerns ? f.exercise : in->exercise;
    in->planned = concerns && f.started > row->added;
    in->fresh = true;
    in->overdue = false;
    w->next_due = TC_TIME_MIN; /* to be looked for again */
    in->heard = row->added;
    incident_state(w, in, concerns && !f.over && !row->revoked);
    return TC_OK;
}

/* A deletion: what is left of it, if anything, is what holds. */
static tc_err take_gone(struct tc_impact *w, const struct tc_row *row)
{
    uint64_t i = 0;
    struct tc_row left;
    struct tc_reader *reader = NULL;
    struct tc_str id = row->id;
    const struct tc_query q = {.ids = &id, .n_ids = 1, .versions = 1u << TC_VERSIONS_LAST};
    if (!tc_map_get(w->incident_ids, row->id, &i))
        return TC_OK;
    w->incidents[i].version = TC_TIME_NONE;
    incident_state(w, &w->incidents[i], false);
    tc_err e = tc_reader_open(w->n->journal, &tc_principal_system, &q, &reader);
    while (!e && !(e = tc_reader_next(reader, &left)) && left.seq)
        e = take_incident(w, &left);
    tc_reader_close(reader);
    return e;
}

/* Our own findings come back through the journal; after a start this is how they are remembered. */
static tc_err take_finding(struct tc_impact *w, const struct tc_row *row)
{
    struct tc_finding f;
    uint32_t incident = 0, asset = 0, k = 0;
    yyjson_val *o = NULL;
    tc_arena_reset(w->arena);
    tc_err e = tc_json_reader_read(w->json, row->body, TC_MAX_OBJECT, 0, &o, NULL);
    if (e)
        return e;
    struct tc_str rule = {"", 0};
    if (tc_json_str(o, "rule", &rule) && tc_str_is(rule, TC_RULE_CONTRADICTION))
        return tc_impact_take_contradiction(w, &row->uuid);
    e = tc_finding_read(o, w->arena, &f, NULL);
    if (e || !tc_str_is(f.creator, w->n->identity))
        return e == TC_E_NOMEM ? e : TC_OK; /* another reader's finding, or another node's */
    e = incident_of(w, f.incident, &incident);
    e = e ? e : tc_live_intern(w->reg, f.asset, &asset);
    e = e ? e : known_of(w, &row->uuid, incident, asset, &k);
    if (e || row->version < w->known[k].version)
        return e;
    struct known *n = &w->known[k];
    n->version = row->version;
    n->created = f.created;
    n->digest = tc_finding_digest(&f);
    n->at = f.at;
    n->how = f.how;
    n->forecast = f.forecast;
    n->open = f.open;
    return TC_OK;
}

static tc_err take(struct tc_impact *w, const struct tc_row *row)
{
    if (tc_str_is(row->type, "incident"))
        return row->kind == TC_ENTRY_DELETE ? take_gone(w, row) : take_incident(w, row);
    if (tc_str_is(row->type, "finding"))
        return row->kind == TC_ENTRY_DELETE ? TC_OK : take_finding(w, row);
    return tc_live_row(w->reg, w->n->journal, row);
}

static tc_err read_rows(struct tc_impact *w, uint64_t after, uint64_t head)
{
    const struct tc_query q = {.after = after,
                               .until = head,
                               .types = types,
                               .n_types = sizeof types / sizeof *types,
                               .versions = 1u << TC_VERSIONS_ALL,
                               .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(w->n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        if (row.added > w->now)
            w->now = row.added;
        e = take(w, &row);
    }
    tc_reader_close(r);
    return e;
}

/* ---- incidents into the worlds ---- */

struct outages {
    struct tc_impact *w;
    struct tc_spread_outage *v;
    size_t n, cap;
    int64_t start, end;
    bool area, measured;
    uint32_t left; /* of what is measured */
    uint32_t poster;
    bool vouched;         /* the poster operates all of them */
    struct tc_list named; /* assets; the first n_named by name */
    uint32_t n_named;
    struct tc_list boxes;
    tc_err err;
};

static void add_outage(void *arg, uint32_t asset)
{
    struct outages *o = arg;
    uint32_t at, *named = tc_list_push(&o->named, sizeof *named, &at);
    if (!named) {
        o->err = TC_E_NOMEM;
        return;
    }
    *named = asset;
    o->vouched = o->vouched && tc_standing_is(o->w->who, o->poster,
                                              tc_live_asset(o->w->reg, asset)->facts.operator_ref);
    uint32_t node = tc_live_asset(o->w->reg, asset)->node;
    if (node == TC_NONE)
        return;
    if (o->n == o->cap) {
        size_t cap = o->cap ? 2 * o->cap : 16;
        struct tc_spread_outage *p = reallocarray(o->v, cap, sizeof *p);
        if (!p) {
            o->err = TC_E_NOMEM;
            return;
        }
        o->v = p;
        o->cap = cap;
    }
    o->v[o->n++] = (struct tc_spread_outage){.asset = node,
                                             .start = o->start,
                                             .end = o->end,
                                             .area = o->area,
                                             .measured = o->measured,
                                             .left = o->left};
}

static int64_t whole_seconds(tc_time t)
{
    return t >= 0 ? t / TC_SECOND : -((-t + TC_SECOND - 1) / TC_SECOND);
}

static tc_err find_outages(struct tc_impact *w, const struct incident *in, struct outages *o)
{
    struct tc_incident_facts f;
    yyjson_val *root = NULL;
    tc_arena_reset(w->arena);
    tc_err e = tc_json_reader_read(w->json, tc_str_view(in->body, in->body_n), TC_MAX_OBJECT, 0,
                                   &root, NULL);
    if (e || !tc_facts_incident(root, in->added, w->arena, &f))
        return e;
    o->start = whole_seconds(f.started);
    o->end = f.expected_end == TC_TIME_NONE ? INT64_MAX : whole_seconds(f.expected_end);
    for (size_t i = 0; i < f.n_affected && !e; i++) {
        uint32_t asset;
        e = tc_live_intern(w->reg, f.affected[i], &asset);
        if (!e)
            add_outage(o, asset);
    }
    o->n_named = o->named.n;
    o->measured = true;
    for (size_t i = 0; i < f.n_measured && !e; i++) {
        uint32_t asset;
        e = tc_live_intern(w->reg, f.measured[i].asset, &asset);
        o->left = f.measured[i].left;
        if (!e)
            add_outage(o, asset);
    }
    o->measured = false;
    o->area = true;
    for (size_t i = 0; i < f.n_areas && !e; i++) {
        uint32_t at;
        struct tc_area_box *box = tc_list_push(&o->boxes, sizeof *box, &at);
        if (!box)
            return TC_E_NOMEM;
        *box = tc_area_box(&f.areas[i]);
        tc_live_in_area(w->reg, &f.areas[i], add_outage, o);
    }
    return e ? e : o->err;
}

static tc_err set_outages(struct tc_impact *w, uint32_t i)
{
    struct incident *in = &w->incidents[i];
    struct outages o = {.w = w, .poster = in->poster, .vouched = true};
    enum world world = in->exercise ? EXERCISE : REAL;
    tc_err e = in->body ? find_outages(w, in, &o) : TC_OK;
    size_t n = in->open ? o.n : 0;
    if (!e && in->in != world)
        e = tc_spread_set(w->world[in->in], i, NULL, 0);
    e = e ? e : tc_spread_set(w->world[world], i, o.v, n);
    free(o.v);
    free(in->out);
    free(in->boxes);
    in->out = o.named.v;
    in->n_out = o.named.n;
    in->n_named = o.n_named;
    in->boxes = o.boxes.v;
    in->n_boxes = o.boxes.n;
    if (!e) {
        in->in = world;
        in->set = true;
        if (o.n || in->open) /* an end that names nothing is as good as what it ends */
            in->vouched = o.vouched && o.n > 0;
        in->vouched = in->vouched || tc_standing_own(w->who, in->poster);
    }
    return e;
}

/* All open incidents are to be put into their worlds again. */
static void unset_all(struct tc_impact *w)
{
    for (uint32_t i = 0; i < w->n_incidents; i++)
        w->incidents[i].set = w->incidents[i].set && !w->incidents[i].open;
}

/* Does what the incident puts out depend on what is known of this asset? */
static bool names(const struct incident *in, uint32_t asset, const struct tc_live_asset *a)
{
    for (uint32_t i = 0; i < in->n_out; i++)
        if (in->out[i] == asset)
            return true;
    for (uint32_t i = 0; a->facts.placed && i < in->n_boxes; i++) {
        const struct tc_area_box *b = &in->boxes[i];
        if (a->facts.lat >= b->south && a->facts.lat <= b->north &&
            (b->round || (a->facts.lon >= b->west && a->facts.lon <= b->east)))
            return true;
    }
    return false;
}

static tc_err asset_news(struct tc_impact *w, uint32_t asset)
{
    const struct tc_live_asset *a = tc_live_asset(w->reg, asset);
    tc_err e = TC_OK;
    for (int k = 0; !e && k < WORLDS; k++)
        e = tc_spread_stir(w->world[k], a->node);
    for (uint32_t i = 0; i < w->n_incidents; i++)
        if (w->incidents[i].set && w->incidents[i].open && names(&w->incidents[i], asset, a))
            w->incidents[i].set = false;
    return e;
}

static tc_err follow_register(struct tc_impact *w)
{
    const struct tc_graph *g = NULL;
    struct tc_live_news news;
    tc_err e = tc_live_follow(w->reg, &g, &news, NULL);
    bool whole = news.whole || !w->graph_of;
    for (int k = 0; !e && k < WORLDS; k++) {
        bool anew = whole;
        if (!whole)
            e = tc_spread_follow(w->world[k], news.patches, news.n_patches, &anew);
        if (!e && anew) {
            e = tc_spread_graph(w->world[k], g);
            unset_all(w);
        }
    }
    for (size_t i = 0; !e && !whole && i < news.n_assets; i++)
        e = asset_news(w, news.assets[i]);
    w->graph_of = e ? 0 : tc_live_changes(w->reg);
    return e;
}

/* The graph is brought up only when somebody asks something of it. */
static tc_err bring_up(struct tc_impact *w)
{
    tc_err e = TC_OK;
    if (w->graph_of != tc_live_changes(w->reg))
        e = follow_register(w);
    for (uint32_t i = 0; !e && i < w->n_incidents; i++)
        if (!w->incidents[i].set)
            e = set_outages(w, i);
    return e;
}

/* ---- findings ---- */

tc_err tc_impact_flush(struct tc_impact *w)
{
    struct tc_own_object own[BATCH];
    struct tc_item *items = w->n_texts ? calloc(w->n_texts, sizeof *items) : NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    if (!w->n_texts)
        return TC_OK;
    tc_err e = items ? w->text.err : TC_E_NOMEM;
    for (uint32_t i = 0; !e && i < w->n_texts; i++) {
        size_t to = i + 1 < w->n_texts ? w->from[i + 1] : w->text.n;
        own[i] = (struct tc_own_object){tc_str_view(w->text.p + w->from[i], to - w->from[i]),
                                        {.tlp = TC_TLP_AMBER_STRICT, .creator_org = w->n->org}};
    }
    e = e ? e : tc_intake_own(w->n, own, w->n_texts, items, &d);
    if (e)
        tc_log(TC_LOG_WARN, "findings cannot be appended: %s %s", d.path, d.message);
    for (uint32_t i = 0; !e && i < w->n_texts; i++) {
        if (items[i].state == TC_ITEM_SKIPPED)
            tc_log(TC_LOG_WARN, "finding %s: %s", items[i].id, items[i].diag.message);
        w->known[w->which[i]] = w->next[i];
    }
    free(items);
    tc_buf_clear(&w->text);
    w->n_texts = 0;
    return e;
}

/* Appends it unless the newest one says the same. */
void tc_impact_put(struct tc_impact *w, uint32_t k, struct tc_finding *f)
{
    struct known *n = &w->known[k];
    char id[TC_ID_MAX];
    n->round = w->round;
    uint64_t digest = tc_finding_digest(f);
    if (n->version != TC_TIME_NONE && digest && n->digest == digest)
        return;
    tc_time at = w->now / MS * MS;
    if (n->version != TC_TIME_NONE && at <= n->version)
        at = n->version / MS * MS + MS;
    tc_id_make(TC_STR("finding"), &n->uuid, id);
    f->id = tc_str_cstr(id);
    f->creator = tc_str_cstr(w->n->identity);
    f->modified = at;
    f->created = n->created == TC_TIME_NONE ? at : n->created;
    if (!f->open)
        f->change = TC_HIT_SPARED;
    else if (n->version == TC_TIME_NONE || !n->open)
        f->change = TC_HIT_NEW;
    else if (f->at < n->at - TOLERANCE)
        f->change = TC_HIT_EARLIER;
    else if (f->at > n->at + TOLERANCE)
        f->change = TC_HIT_LATER;
    else
        f->change = TC_HIT_SAME;
    w->from[w->n_texts] = w->text.n;
    w->which[w->n_texts] = k;
    w->next[w->n_texts] = *n;
    struct known *next = &w->next[w->n_texts++];
    next->digest = digest;
    next->created = f->created;
    next->version = at;
    next->at = f->at;
    next->how = f->how;
    next->forecast = f->forecast;
    next->open = f->open;
    tc_finding_write(f, &w->text);
    if (w->n_texts == BATCH && !w->err)
        w->err = tc_impact_flush(w);
}

static void about_asset(struct tc_impact *w, uint32_t asset, struct tc_finding *f)
{
    const struct tc_live_asset *a = tc_live_asset(w->reg, asset);
    f->asset = a->id;
    f->name = a->facts.name;
    f->sector = a->facts.sector;
    f->country = a->facts.country;
    f->operator_ref = a->facts.operator_ref;
    f->placed = a->facts.placed;
    f->lat = a->facts.lat;
    f->lon = a->facts.lon;
    f->people = a->facts.people;
}

static void about_incident(struct tc_impact *w, uint32_t i, struct tc_finding *f)
{
    const struct incident *in = &w->incidents[i];
    f->incident = tc_impact_incident_id(w, i);
    f->exercise = in->exercise;
    f->reporter = tc_standing_identity(w->who, in->poster);
    f->vouched = in->vouched;
    f->unconfirmed = in->overdue && in->open;
    f->expires = in->expected_end;
    f->severity = in->severity;
    f->certainty = in->certainty;
    if (in->planned && in->certainty == TC_CERTAINTY_UNKNOWN)
        f->certainty = TC_CERTAINTY_LIKELY; /* nobody has observed what is yet to come */
}

/* What was foretold is not surer than the incident itself; "likely" is more than one half. */
static enum tc_certainty certainty_of(const struct tc_finding *f, unsigned percent, bool possible)
{
    enum tc_certainty base = f->certainty;
    if (base == TC_CERTAINTY_UNKNOWN)
        base = f->how == TC_HIT_AREA || possible ? TC_CERTAINTY_POSSIBLE : TC_CERTAINTY_OBSERVED;
    enum tc_certainty of = percent > 50 ? TC_CERTAINTY_LIKELY : TC_CERTAINTY_POSSIBLE;
    return f->how != TC_HIT_SUPPLY || base > of ? base : of;
}

static tc_time rounded(int64_t seconds, bool drawn)
{
    int64_t s = drawn ? (seconds + ROUND / 2) / ROUND * ROUND : seconds;
    return s * TC_SECOND;
}

static void about_time(const struct tc_spread_hit *h, struct tc_finding *f)
{
    bool drawn = h->early != h->late || h->percent < 100;
    f->at = rounded(h->at, drawn);
    f->early = h->early != h->late ? rounded(h->early, drawn) : TC_TIME_NONE;
    f->late = h->early != h->late ? rounded(h->late, drawn) : TC_TIME_NONE;
    f->back = h->back == INT64_MAX ? TC_TIME_NONE : rounded(h->back, drawn);
    f->percent = 0;
    if (drawn && h->percent < 100) {
        f->percent = (h->percent + 2) / 5 * 5;
        f->percent = f->percent ? f->percent : 1;
    }
}

static void about_cause(struct tc_impact *w, const struct tc_spread_hit *h, struct tc_finding *f)
{
    const struct tc_graph *g = NULL;
    if (h->group == TC_NONE || tc_live_graph(w->reg, &g, NULL))
        return;
    f->service = g->services[g->service[h->group]];
    for (uint32_t i = 0; i < h->n_causes && f->n_causes < TC_FINDING_CAUSES; i++) {
        const struct tc_live_asset *a = tc_live_asset(w->reg, tc_live_of_node(w->reg, h->cause[i]));
        f->cause[f->n_causes++] =
            (struct tc_finding_cause){a->id, a->facts.sector, a->facts.country};
    }
}

/* A hit that several incidents cause together is as good as the worst of them. */
static bool all_vouched(const struct tc_impact *w, const struct tc_spread_hit *h)
{
    for (uint32_t i = 0; i < h->n_roots; i++)
        if (!w->incidents[h->root[i]].vouched)
            return false;
    return true;
}

static void tell_hit(void *arg, const struct tc_spread_hit *h)
{
    struct tc_impact *w = arg;
    uint32_t asset = tc_live_of_node(w->reg, h->asset);
    for (uint32_t i = 0; i < h->n_roots && !w->err; i++) {
        struct tc_finding f = {.open = true};
        char id[TC_ID_MAX];
        struct tc_uuid u;
        struct tc_str type;
        uint32_t k = 0;
        about_asset(w, asset, &f);
        about_incident(w, h->root[i], &f);
        f.vouched = all_vouched(w, h);
        f.how = !h->given ? TC_HIT_SUPPLY : h->area ? TC_HIT_AREA : TC_HIT_DIRECT;
        about_time(h, &f);
        about_cause(w, h, &f);
        f.certainty = certainty_of(&f, h->percent, h->possible && !h->given);
        tc_finding_id(f.incident, f.asset, id);
        w->err = tc_id_split(tc_str_cstr(id), &type, &u);
        w->err = w->err ? w->err : known_of(w, &u, h->root[i], asset, &k);
        if (!w->err && w->known[k].open)
            f.forecast = w->known[k].forecast;
        if (!w->err)
            tc_impact_put(w, k, &f);
    }
}

/* What was open and was not told in this round is spared. */
static void close_rest(void *arg)
{
    struct tc_impact *w = arg;
    for (size_t m = 0; m < w->n_members && !w->err; m++) {
        const struct incident *in = &w->incidents[w->members[m]];
        if (in->in != w->telling)
            continue; /* it moved to the other world, which tells of it */
        for (uint32_t i = 0; i < in->n_findings && !w->err; i++) {
            uint32_t k = in->findings[i];
            const struct known *n = &w->known[k];
            if (!n->open || n->round == w->round)
                continue;
            if (n->forecast == TC_FORECAST_CONFIRMED && in->open &&
                tc_impact_reported_down(w, n->asset, w->members[m]))
                continue; /* it came as foretold: that it is now reported does not spare it */
            struct tc_finding f = {.how = n->how, .at = n->at, .early = TC_TIME_NONE};
            f.late = f.back = TC_TIME_NONE;
            about_asset(w, n->asset, &f);
            about_incident(w, w->members[m], &f);
            f.certainty = certainty_of(&f, 100, false);
            tc_impact_put(w, k, &f);
        }
    }
}

static void tell_component(void *arg, const uint32_t *incidents, size_t n)
{
    struct tc_impact *w = arg;
    w->members = incidents;
    w->n_members = n;
}

static tc_err reckon(struct tc_impact *w)
{
    const struct tc_spread_tell tell = {tell_component, tell_hit, close_rest, w};
    tc_err e = TC_OK;
    w->err = TC_OK;
    for (int k = 0; !e && k < WORLDS; k++) {
        w->round++;
        w->telling = (enum world)k;
        e = tc_spread_run(w->world[k], &tell);
    }
    e = e ? e : w->err;
    return e ? e : tc_impact_flush(w);
}

/* Open incidents whose expected end has passed by now. What is found of it is as of that time, so
 * that the same journal gives the same findings whenever it is read. */
static bool note_overdue(struct tc_impact *w)
{
    tc_time now = tc_time_now(), next = TC_TIME_MAX;
    bool any = false;
    if (now < w->next_due)
        return false;
    for (uint32_t i = 0; i < w->n_incidents; i++) {
        struct incident *in = &w->incidents[i];
        if (!in->open || in->overdue || in->expected_end == TC_TIME_NONE)
            continue;
        if (in->expected_end > now) {
            next = in->expected_end < next ? in->expected_end : next;
            continue;
        }
        in->overdue = any = true;
        in->set = false;
        w->now = in->expected_end > w->now ? in->expected_end : w->now;
    }
    w->next_due = next;
    return any;
}

/* Nothing that was told may be taken for appended. */
static void start_over(struct tc_impact *w)
{
    tc_buf_clear(&w->text);
    w->n_texts = 0;
    w->graph_of = 0;
    w->next_due = TC_TIME_MIN;
    for (uint32_t i = 0; i < w->n_incidents; i++)
        w->incidents[i].set = false;
}

static tc_err tick(void *self, struct tc_node *n)
{
    struct tc_impact *w = self;
    (void)n;
    if (!note_overdue(w))
        return TC_OK;
    tc_err e = bring_up(w);
    e = e ? e : reckon(w);
    if (e)
        start_over(w);
    return e;
}

static tc_err step(void *self, struct tc_node *n, uint64_t after, uint64_t head, uint64_t *reached)
{
    struct tc_impact *w = self;
    (void)n;
    tc_err e = read_rows(w, after, head);
    (void)note_overdue(w);
    bool asked = w->n_open > 0;
    for (uint32_t i = 0; !asked && i < w->n_incidents; i++)
        asked = !w->incidents[i].set;
    if (!e && asked)
        e = bring_up(w);
    if (!e && asked)
        e = tc_impact_meet_facts(w);
    if (!e && asked)
        e = reckon(w);
    if (e) {
        start_over(w);
        return e;
    }
    *reached = head;
    return TC_OK;
}

/* ---- life ---- */

void tc_impact_free(struct tc_impact *w)
{
    if (!w)
        return;
    for (uint32_t i = 0; i < w->n_incidents; i++) {
        free(w->incidents[i].id);
        free(w->incidents[i].body);
        free(w->incidents[i].findings);
        free(w->incidents[i].out);
        free(w->incidents[i].boxes);
    }
    free(w->incidents);
    free(w->known);
    tc_map_free(w->incident_ids);
    tc_map_free(w->finding_ids);
    tc_map_free(w->contradictions);
    for (int k = 0; k < WORLDS; k++)
        tc_spread_free(w->world[k]);
    tc_live_free(w->reg);
    tc_standing_free(w->who);
    tc_json_reader_free(w->json);
    tc_arena_free(w->arena);
    tc_buf_fini(&w->text);
    free(w);
}

tc_err tc_impact_watch(struct tc_node *n, struct tc_impact **out)
{
    static const struct tc_spread_options options = {
        .horizon = TC_IMPACT_HORIZON, .samples = TC_IMPACT_SAMPLES, .seed = 1};
    struct tc_impact *w = calloc(1, sizeof *w);
    if (!w)
        return TC_E_NOMEM;
    w->n = n;
    w->now = TC_TIME_MIN;
    w->who = tc_standing_new(n->org, n->access);
    w->reg = w->who ? tc_live_new(w->who) : NULL;
    for (int k = 0; k < WORLDS; k++)
        w->world[k] = tc_spread_new(&options);
    w->incident_ids = tc_map_new(TC_MAX_ASSETS);
    w->finding_ids = tc_map_new(TC_MAX_EDGES);
    w->contradictions = tc_map_new(TC_MAX_EDGES);
    w->json = tc_json_reader_new();
    w->arena = tc_arena_new(4 * (size_t)TC_MAX_OBJECT);
    tc_buf_init(&w->text, (size_t)64 << 20);
    const struct tc_watcher watcher = {
        .name = "impact", .step = step, .self = w, .ephemeral = true, .tick = tick};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = w->reg && w->world[REAL] && w->world[EXERCISE] && w->incident_ids &&
                       w->finding_ids && w->contradictions && w->json && w->arena
                   ? tc_standing_load(w->who, n->dir, &d)
                   : TC_E_NOMEM;
    if (e)
        tc_log(TC_LOG_ERROR, "%s: %s", d.file, d.message);
    e = e ? e : tc_node_watch(n, &watcher);
    if (e) {
        tc_impact_free(w);
        return e;
    }
    *out = w;
    return TC_OK;
}

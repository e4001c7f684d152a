/* SPDX-License-Identifier: Apache-2.0 */
/* The reader "impact" as impact.c (incidents, findings) and meetfact.c (forecasts that meet
 * reports) share it. Nobody else includes this. */
#ifndef TC_WATCH_IMPACT_INT_H
#define TC_WATCH_IMPACT_INT_H

#include "base/map.h"
#include "codec/json.h"
#include "watch/impact.h"
#include "watch/live.h"
#include "watch/spread.h"

#define BATCH 500u          /* findings appended at once */
#define MS    INT64_C(1000) /* microseconds: STIX versions count in milliseconds */

enum world { REAL, EXERCISE, WORLDS };

struct incident {
    char *id, *body; /* body NULL = none that concerns the cascade */
    size_t id_n, body_n;
    tc_time version, added; /* added: of the first version */
    tc_time heard;          /* when the newest one came in */
    tc_time expected_end;
    enum tc_severity severity;
    enum tc_certainty certainty;
    bool open;       /* has a body and is not over */
    uint32_t poster; /* organisation that posted what holds */
    bool vouched;    /* by the node's organisation, or by the operator of all that it puts out */
    bool exercise;
    bool planned;  /* when it was posted, it was yet to begin */
    bool overdue;  /* the expected end has passed; it stays open until somebody says that it is over
                    */
    enum world in; /* where its outages are set */
    bool set;
    uint32_t *out;             /* assets that it names or that stand in its areas, known or not */
    uint32_t n_out, n_named;   /* the first n_named by name */
    bool fresh;                /* a version of it came in this step */
    struct tc_area_box *boxes; /* round its areas */
    uint32_t n_boxes;
    uint32_t *findings; /* indices into known */
    uint32_t n_findings, cap_findings;
};

struct known { /* the newest finding of one (incident, asset) */
    struct tc_uuid uuid;
    uint32_t asset; /* in the register */
    uint32_t incident;
    uint64_t digest;
    tc_time created, version, at;
    enum tc_hit_how how;
    enum tc_forecast forecast;
    bool open;
    uint64_t round; /* when it was last seen to be hit */
};

struct tc_impact {
    struct tc_node *n;
    struct tc_live *reg;
    struct tc_standing *who;
    uint64_t graph_of; /* tc_live_changes of the graph in the worlds; 0 = none yet */
    struct tc_spread *world[WORLDS];
    struct incident *incidents;
    uint32_t n_incidents, cap_incidents;
    uint32_t n_open;
    tc_time next_due;            /* the first expected end that has not passed */
    struct tc_map *incident_ids; /* id -> index */
    struct known *known;
    uint32_t n_known, cap_known;
    struct tc_map *finding_ids;    /* UUID -> index into known */
    struct tc_map *contradictions; /* UUIDs of those that were appended */
    struct tc_json_reader *json;
    struct tc_arena *arena; /* of one object */
    uint64_t round;
    /* of one step */
    tc_time now; /* when its newest entry came in */
    tc_err err;
    const uint32_t *members; /* incidents of the component that is being told */
    size_t n_members;
    enum world telling;
    struct tc_buf text;
    struct tc_str texts[BATCH];
    size_t from[BATCH];
    uint32_t which[BATCH]; /* known */
    struct known next[BATCH];
    uint32_t n_texts;
};

/* impact.c: appends it unless the newest one says the same; err is in w->err. */
void tc_impact_put(struct tc_impact *w, uint32_t known, struct tc_finding *f);
tc_err tc_impact_flush(struct tc_impact *w) TC_MUST_USE;
struct tc_str tc_impact_incident_id(const struct tc_impact *w, uint32_t incident);

/* meetfact.c: what the reports that came in this step say of open forecasts. After the incidents
 * were put into their worlds, before they are reckoned. */
tc_err tc_impact_meet_facts(struct tc_impact *w) TC_MUST_USE;
/* The asset is out by another open report that names it. */
bool tc_impact_reported_down(const struct tc_impact *w, uint32_t asset, uint32_t but_for);
/* A finding that is a contradiction, read again. */
tc_err tc_impact_take_contradiction(struct tc_impact *w, const struct tc_uuid *u) TC_MUST_USE;

#endif

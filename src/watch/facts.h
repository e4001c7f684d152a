/* SPDX-License-Identifier: Apache-2.0 */
/* What the cascade needs to know of STIX objects: the property names of packs/critical-entities
 * stand here and nowhere else in src/watch. Views are borrowed from the parsed document, lists from
 * the arena. A function returns false when the object is not of that kind (it then just does not
 * concern the cascade), not an error: what is stored was checked when it came in. */
#ifndef TC_WATCH_FACTS_H
#define TC_WATCH_FACTS_H

#include "impact/graph.h"
#include "model/extensions.h"
#include "watch/finding.h"

struct tc_asset_facts {
    struct tc_str name, kind, sector, country, operator_ref;
    struct tc_str own_id; /* its id in the register file that it came from, or empty */
    uint64_t people;
    bool placed;
    double lat, lon;
    uint64_t capacity;      /* thousandths; TC_UNLIMITED */
    yyjson_val *cause_list; /* common causes in the document, or NULL; see tc_facts_causes */
    struct tc_str causes;   /* names with ';' between, where the caller put them */
};

/* infrastructure with the extension "asset". */
bool tc_facts_asset(yyjson_val *object, struct tc_asset_facts *out);

/* The names of cause_list with ';' between, as a graph takes them, into out. */
void tc_facts_causes(const struct tc_asset_facts *f, struct tc_buf *out);

struct tc_dependency_facts {
    struct tc_str asset, supplier; /* source_ref, target_ref */
    struct tc_str service, group;
    enum tc_mode mode;
    enum tc_need rule;
    uint32_t need, share; /* as in struct tc_group_spec */
    int64_t buffer_lo, buffer_hi, restore_lo, restore_hi;
    uint64_t demand; /* thousandths */
    uint16_t priority;
    int64_t recharge, buffer_likely, restore_likely;
    enum tc_draw buffer_draw, restore_draw;
    struct tc_str calendar; /* empty, or as base/week.h reads it */
};

/* relationship "depends-on" with the extension "dependency". */
bool tc_facts_dependency(yyjson_val *object, struct tc_dependency_facts *out);

/* A closed line of latitudes and longitudes, or a circle. A polygon with a step of more than 180
 * degrees of longitude between two corners is taken to cross the date line; one that holds a pole
 * is not supported and holds nothing. */
struct tc_area {
    const double *points; /* lat, lon, lat, lon ...; NULL = circle */
    size_t n;
    double lat, lon, km;
};

bool tc_area_has(const struct tc_area *area, double lat, double lon);
/* "areas" of an incident: {"polygon": [[lat, lon], ...]} or {"circle": {"latitude", "longitude",
 * "radius_km"}}. false when it is neither or cannot be on the Earth. */
bool tc_facts_area(yyjson_val *area, struct tc_arena *a, struct tc_area *out);
/* Nothing outside of it is in the area. round: any longitude. */
struct tc_area_box {
    double south, north, west, east;
    bool round;
};
struct tc_area_box tc_area_box(const struct tc_area *area);

/* "substation back at 40 %": what an asset still carries of what it can, in millionths. */
struct tc_measured {
    struct tc_str asset;
    uint32_t left;
};

enum tc_report_cause { TC_CAUSE_NOT_SAID, TC_CAUSE_OWN, TC_CAUSE_SUPPLY, TC_CAUSE_UNKNOWN };

struct tc_incident_facts {
    const struct tc_str *affected;
    size_t n_affected;
    const struct tc_str *standing; /* assets that are reported to work at `started` */
    size_t n_standing;
    const struct tc_measured *measured;
    size_t n_measured;
    enum tc_report_cause cause;
    const struct tc_area *areas;
    size_t n_areas;
    tc_time started;
    tc_time expected_end; /* TC_TIME_NONE = not known */
    bool over;            /* revoked, closed, or ended */
    bool exercise;
    enum tc_severity severity;
    enum tc_certainty certainty;
};

/* incident with the extension "event"; false also when it says nothing that a cascade can start
 * from. started falls back to added. */
bool tc_facts_incident(yyjson_val *object, tc_time added, struct tc_arena *a,
                       struct tc_incident_facts *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A finding of the cascade in C: one asset that one incident hits, when, and why. Written as the
 * STIX object "finding" (packs/critical-entities) and read back from it. It names what nobody but
 * the node's organisation may know (whose asset hangs on whose), and so is for that one alone; the
 * warnings made of it are cut. Views are borrowed. */
#ifndef TC_WATCH_FINDING_H
#define TC_WATCH_FINDING_H

#include "base/arena.h"
#include "base/id.h"
#include "base/time.h"

#include <yyjson.h>

enum tc_hit_how { TC_HIT_SUPPLY, TC_HIT_DIRECT, TC_HIT_AREA };
enum tc_hit_change { TC_HIT_SAME, TC_HIT_NEW, TC_HIT_EARLIER, TC_HIT_LATER, TC_HIT_SPARED };
/* What reports say of the forecast: the asset was reported failed about then, or it was reported to
 * work when it should have failed. */
enum tc_forecast { TC_FORECAST_OPEN, TC_FORECAST_CONFIRMED, TC_FORECAST_CONTRADICTED };
/* CAP's own words and order. */
enum tc_severity {
    TC_SEVERITY_EXTREME,
    TC_SEVERITY_SEVERE,
    TC_SEVERITY_MODERATE,
    TC_SEVERITY_MINOR,
    TC_SEVERITY_UNKNOWN
};
enum tc_certainty {
    TC_CERTAINTY_OBSERVED,
    TC_CERTAINTY_LIKELY,
    TC_CERTAINTY_POSSIBLE,
    TC_CERTAINTY_UNLIKELY,
    TC_CERTAINTY_UNKNOWN
};

struct tc_finding_cause {
    struct tc_str asset, sector, country;
};

/* Suppliers named in one finding; further ones change nothing about what to do. */
#define TC_FINDING_CAUSES 8

struct tc_finding {
    struct tc_str id;
    tc_time created, modified;
    struct tc_str creator;                             /* the node's organisation */
    struct tc_str incident, asset;                     /* evidence_refs[0], about_refs[0] */
    struct tc_str name, sector, country, operator_ref; /* of the asset */
    bool placed;
    double lat, lon;
    bool open;                 /* false: spared, or the incident is over */
    enum tc_hit_change change; /* against the version before */
    enum tc_hit_how how;
    enum tc_forecast forecast;
    struct tc_str service;   /* what it loses, for SUPPLY */
    tc_time at, early, late; /* it stops; early and late TC_TIME_NONE without a range */
    tc_time back;            /* expected back, TC_TIME_NONE = not known */
    tc_time expires;         /* expected end of the incident, TC_TIME_NONE = not known */
    unsigned percent;        /* how likely; 0 = not said */
    enum tc_severity severity;
    enum tc_certainty certainty;
    bool exercise;
    bool unconfirmed;       /* the expected end has passed and nobody has said that it is over */
    struct tc_str reporter; /* identity of the organisation that posted the incident, or empty */
    bool vouched; /* by the node's organisation, or by the operator of all that was reported out */
    uint64_t people;
    struct tc_finding_cause cause[TC_FINDING_CAUSES];
    size_t n_causes;
};

/* Published with packs/critical-entities: what makes the types STIX extensions ("new-sdo"). */
#define TC_EXT_FINDING "extension-definition--13e13de4-f00e-47ce-bb93-eb5f3fa24811"
#define TC_EXT_WARNING "extension-definition--ab2eadf4-5866-4497-8483-b72417f9163a"
#define TC_EXT_RECEIPT "extension-definition--b70d488a-ef5a-4c0a-a416-4c2e3d29154a"

struct tc_jsonw;
/* Writes the member "extensions" of an object of such a type. */
void tc_new_sdo_write(struct tc_jsonw *w, const char *extension);

/* finding--UUIDv5(incident, asset) */
void tc_finding_id(struct tc_str incident, struct tc_str asset, char out[TC_ID_MAX]);
void tc_finding_write(const struct tc_finding *f, struct tc_buf *out);
/* Of all but id, creator, times of the version and change: equal = nothing new was found; 0 = no
 * memory: not known. */
uint64_t tc_finding_digest(const struct tc_finding *f);
/* INVALID when it is not a finding of the cascade, or something is missing. */
tc_err tc_finding_read(yyjson_val *object, struct tc_arena *a, struct tc_finding *out,
                       struct tc_diag *d) TC_MUST_USE;

/* ---- words of enums, both ways; shared with warnings. false when it is none of them. ---- */
const char *tc_how_word(enum tc_hit_how h);
const char *tc_change_word(enum tc_hit_change c);
const char *tc_severity_word(enum tc_severity s);
const char *tc_certainty_word(enum tc_certainty c);
bool tc_how_of(struct tc_str s, enum tc_hit_how *out);
bool tc_change_of(struct tc_str s, enum tc_hit_change *out);
bool tc_severity_of(struct tc_str s, enum tc_severity *out);
bool tc_certainty_of(struct tc_str s, enum tc_certainty *out);

#endif

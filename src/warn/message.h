/* SPDX-License-Identifier: Apache-2.0 */
/* A warning in C: what one organisation is told about one incident, already cut to what it may
 * see. Written as the STIX object "warning" (packs/critical-entities) and read back from it. All
 * views are borrowed (from the arena given to tc_message_read, or from the caller).
 *
 * One object is one message of CAP's chain: an alert, the updates that supersede it, a cancel. As
 * long as it is a draft it may change (new versions of the same id); once released it is never
 * altered, so that what the recipient holds stays what was sent. */
#ifndef TC_WARN_MESSAGE_H
#define TC_WARN_MESSAGE_H

#include "watch/finding.h"

enum tc_warn_state { TC_WARN_DRAFT, TC_WARN_RELEASED, TC_WARN_WITHDRAWN };
enum tc_warn_kind { TC_WARN_ALERT, TC_WARN_UPDATE, TC_WARN_CANCEL };
enum tc_warn_status { TC_WARN_ACTUAL, TC_WARN_EXERCISE, TC_WARN_TEST };
enum tc_urgency { TC_URGENCY_IMMEDIATE, TC_URGENCY_EXPECTED, TC_URGENCY_FUTURE, TC_URGENCY_PAST };
enum tc_response { TC_RESPONSE_PREPARE, TC_RESPONSE_EXECUTE, TC_RESPONSE_ALLCLEAR };

/* Why an asset is hit: a supplier. asset and name stay empty unless the recipient may read it. */
struct tc_warn_cause {
    struct tc_str asset, name;
    struct tc_str sector, country;
};

struct tc_warn_hit {
    struct tc_str asset, name, sector, country;
    enum tc_hit_how how;
    enum tc_hit_change change;
    struct tc_str service;   /* what it loses, for SUPPLY */
    tc_time at, early, late; /* when it stops; early and late TC_TIME_NONE without a range */
    tc_time back;            /* expected back, or TC_TIME_NONE */
    unsigned percent;        /* how likely, 1 to 100; 0 = not said */
    bool placed;
    double lat, lon;
    const struct tc_warn_cause *causes;
    size_t n_causes;
};

struct tc_warn_text {
    struct tc_str language, event, headline, description, instruction;
};

struct tc_warn_reference {
    struct tc_str warning;
    tc_time sent;
};

struct tc_message {
    struct tc_str id;
    tc_time created, modified;
    struct tc_str sender, sender_name;       /* the node's organisation */
    struct tc_str recipient, recipient_name; /* the organisation that is told */
    enum tc_warn_state state;
    enum tc_warn_kind kind;
    enum tc_warn_status status;
    enum tc_urgency urgency;
    enum tc_severity severity;
    enum tc_certainty certainty;
    enum tc_response response;
    tc_time sent;              /* TC_TIME_NONE until released */
    tc_time onset;             /* first hit; TC_TIME_NONE in a cancel */
    tc_time expires;           /* TC_TIME_NONE = not known */
    struct tc_str released_by; /* identity of the releaser, or "rule"; empty until then */
    struct tc_str reported_by; /* who posted the incident: until release, for the releaser only */
    struct tc_str reporter_name;
    struct tc_str note; /* always there unless actual */
    const struct tc_warn_reference *references;
    size_t n_references;
    const struct tc_warn_hit *hits;
    size_t n_hits;
    const struct tc_warn_text *texts;
    size_t n_texts;
};

/* The object's JSON. Appends to out. */
void tc_message_write(const struct tc_message *m, struct tc_buf *out);
/* Digest of what a recipient would notice: everything but id, versions, state and sent. */
tc_err tc_message_digest(const struct tc_message *m, struct tc_uuid *out) TC_MUST_USE; /* NOMEM */
/* INVALID when a field that the CAP message needs is not there. */
tc_err tc_message_read(yyjson_val *object, struct tc_arena *a, struct tc_message *out,
                       struct tc_diag *d) TC_MUST_USE;

/* CAP's own words ("Expected"); lower-case words of the object ("draft", "update", "exercise"). */
const char *tc_warn_state_word(enum tc_warn_state s);
const char *tc_warn_kind_word(enum tc_warn_kind k);
const char *tc_warn_status_word(enum tc_warn_status s);
const char *tc_urgency_word(enum tc_urgency u);
const char *tc_response_word(enum tc_response r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* CAP 1.2 alerts (OASIS, 1 July 2010; ITU-T X.1303bis): reading and the rules of the standard.
 * What becomes of an alert in the node is in intake/cap_stix.h.
 *
 * An alert may stand alone or inside an EDXL-DE or Atom wrapper. A signature (xmldsig) is noted,
 * never verified here and never a reason to refuse (CAP 1.2 section 3.3.2.1). Everything lives in
 * the caller's arena. Any thread, one arena each. */
#ifndef TC_INTAKE_CAP_H
#define TC_INTAKE_CAP_H

#include "base/limits.h"
#include "base/time.h"
#include "codec/xml.h"

#define TC_CAP_NS "urn:oasis:names:tc:emergency:cap:1.2"

/* Ceiling of the arena for one document: the tree of 5 MB of text is a few times its size, only a
 * document made to hurt needs more. */
#define TC_CAP_ARENA (20 * (size_t)TC_MAX_CAP)

enum tc_cap_type { TC_CAP_ALERT, TC_CAP_UPDATE, TC_CAP_CANCEL, TC_CAP_ACK, TC_CAP_ERROR };

/* What names one message: "sender,identifier,sent". */
struct tc_cap_key {
    struct tc_str sender, identifier, sent; /* as written */
    tc_time at;
};

struct tc_cap {
    const struct tc_xml *alert;
    struct tc_cap_key key;
    enum tc_cap_type type;
    struct tc_str status; /* Actual, Exercise, System, Test, Draft */
    bool actual;
    bool has_signature;
    struct tc_cap_key *refs; /* as listed */
    size_t n_refs;
};

/* One thing that is wrong, with line, path ("info[1].area[0].polygon[0]") and sentence. must: the
 * alert breaks the standard; otherwise it is against good practice. */
typedef void (*tc_cap_say)(void *arg, const struct tc_diag *d, bool must);

/* Reads all alerts of a document and checks each. say may be NULL. INVALID when any breaks a must
 * (the first is in d), UNSUPPORTED for XML that holds no CAP 1.2 alert. */
tc_err tc_cap_read(struct tc_str text, struct tc_arena *a, struct tc_cap **out, size_t *n,
                   tc_cap_say say, void *arg, struct tc_diag *d) TC_MUST_USE;

/* The same for "tocsin check": nothing is kept. */
tc_err tc_cap_check(struct tc_str text, tc_cap_say say, void *arg, struct tc_diag *d) TC_MUST_USE;

/* "sender,identifier,sent"; views into the text. */
tc_err tc_cap_key_read(struct tc_str text, struct tc_cap_key *out, struct tc_diag *d) TC_MUST_USE;
/* The n points of a polygon, or SYNTAX/INVALID/LIMIT: "lat,lon lat,lon ...", at least four, the
 * first equal to the last. points: lat, lon, lat, lon ... in the arena. */
tc_err tc_cap_polygon(struct tc_str text, struct tc_arena *a, double **points, size_t *n,
                      struct tc_diag *d) TC_MUST_USE;
/* "lat,lon radius", radius in kilometres: lat, lon, radius. */
tc_err tc_cap_circle(struct tc_str text, double out[3], struct tc_diag *d) TC_MUST_USE;

#endif

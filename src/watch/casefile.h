/* SPDX-License-Identifier: Apache-2.0 */
/* Why one asset may be critical: what its outage alone does, held against the criteria of Directive
 * (EU) 2022/2557, Article 7(1) (a) to (f), and the cross-cutting criteria of Directive 2008/114/EC,
 * Article 3(2). Everything comes from the graph; what a register cannot say (casualties, money,
 * isolation) is said to be not known. A threshold is the authority's (settings.h): where none is
 * entered, nothing is judged.
 *
 * Needs a graph only: of a node (desk.h) or of files. The result owns its lists; names point into
 * the graph. */
#ifndef TC_WATCH_CASEFILE_H
#define TC_WATCH_CASEFILE_H

#include "codec/jsonw.h"
#include "impact/tally.h"
#include "watch/settings.h"

enum tc_judged { TC_JUDGED_NO_THRESHOLD, TC_JUDGED_REACHED, TC_JUDGED_BELOW, TC_JUDGED_NOT_KNOWN };

#define TC_CASE_REASONS 5

/* One way by which the outage spreads: a direct dependant and all that fails behind it. */
struct tc_case_reason {
    uint32_t asset, group; /* group: what the dependant lacks */
    uint32_t assets;
    uint64_t people, people_seconds;
};

struct tc_case {
    uint32_t asset, horizon;
    uint32_t failed; /* itself counted */
    uint64_t people_seconds;
    uint32_t longest; /* seconds of the longest interruption within the horizon */
    struct tc_tally tally;
    bool *services; /* by number: somebody fails for want of it */
    struct tc_case_reason reason[TC_CASE_REASONS];
    size_t n_reasons;
    uint32_t other_sectors;
    uint64_t sector_people; /* of its sector and country in the register, hit by it */
    uint64_t sector_people_all;
    /* Groups that it supplies, if it alone were gone: */
    uint32_t groups_hold, groups_buffered, groups_stop;
};

/* c: a working space over g. The outage begins at second 0 and does not end. NOMEM, LIMIT. */
tc_err tc_case_make(const struct tc_graph *g, struct tc_cascade *c, uint32_t asset,
                    uint32_t horizon, struct tc_case *out) TC_MUST_USE;
void tc_case_fini(struct tc_case *x);

enum tc_criterion {
    TC_CER_7A,
    TC_CER_7B,
    TC_CER_7C,
    TC_CER_7D,
    TC_CER_7E,
    TC_CER_7F,
    TC_ECI_A,
    TC_ECI_B,
    TC_ECI_C,
    TC_CRITERIA
};

struct tc_criterion_row {
    const char *law, *text, *unit; /* "CER 7(1)(a)"; unit may be empty */
    bool known;
    uint64_t value;
    enum tc_threshold by; /* TC_THRESHOLDS = none can be entered */
    enum tc_judged judged;
};
void tc_case_criteria(const struct tc_case *x, const struct tc_impact_settings *s,
                      struct tc_criterion_row out[TC_CRITERIA]);
const char *tc_judged_word(enum tc_judged j);

/* Numbers of people below s->suppress_below are left out; whoever has the right to all of the
 * register sets it to 0. */
static inline bool tc_case_hides(const struct tc_impact_settings *s, uint64_t people)
{
    return people && people < s->suppress_below;
}

/* Members of an open object. */
void tc_case_json(const struct tc_case *x, const struct tc_graph *g,
                  const struct tc_impact_settings *s, struct tc_jsonw *w);
/* A page by itself that prints well, with its marking and number on every sheet; Markdown for a
 * terminal. at: when it was made. marking: a TLP label. */
void tc_case_html(const struct tc_case *x, const struct tc_graph *g,
                  const struct tc_impact_settings *s, const char *at, const char *marking,
                  struct tc_buf *out);
void tc_case_text(const struct tc_case *x, const struct tc_graph *g,
                  const struct tc_impact_settings *s, const char *at, const char *marking,
                  struct tc_buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* TAXII 2.1 section 3.4 (filters) and 3.5 (pages): from the parameters of a request to a query of
 * the journal. Everything is in the request's arena. */
#ifndef TC_HTTP_FILTERS_H
#define TC_HTTP_FILTERS_H

#include "http/request.h"
#include "http/seal.h"

/* Which of them an endpoint knows; others of the standard are ignored there. */
#define TC_FILTER_ID      1u
#define TC_FILTER_TYPE    2u
#define TC_FILTER_VERSION 4u
#define TC_FILTER_SPEC    8u
#define TC_FILTER_PAGE    16u /* added_after, limit, next */

struct tc_filters {
    struct tc_query query; /* community and what the endpoint adds is set by the caller before */
    size_t limit;          /* 1 to TC_MAX_PAGE */
    bool narrowed;         /* some filter was given */
    bool nothing;          /* the filters can match nothing (spec_version=2.2) */
    uint8_t bind[TC_SEAL_BIND]; /* what a "next" of this question is bound to */
};

/* purpose: name of the endpoint; within: collection and perhaps object. SYNTAX (400) for a
 * malformed filter and for a "next" that is not of this question. */
tc_err tc_filters_read(struct tc_request *r, unsigned known, const char *purpose,
                       const struct tc_str *within, size_t n_within,
                       struct tc_filters *f) TC_MUST_USE;

/* "type--uuid". */
bool tc_http_is_id(struct tc_str s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Media types of requests and answers (RFC 9110 sections 8.3 and 12.5.1; TAXII 2.1 section 1.6.8:
 * "application/taxii+json", whose version parameter may be left out). Pure. */
#ifndef TC_HTTP_MEDIA_H
#define TC_HTTP_MEDIA_H

#include "base/str.h"

#define TC_MEDIA_TAXII "application/taxii+json;version=2.1"
#define TC_MEDIA_JSON  "application/json"

/* Whether an Accept header allows type/subtype with that version (version "" = none is known).
 * Absent (n = 0) allows everything; q=0 forbids. The most specific range decides. */
bool tc_media_accepts(struct tc_str accept, const char *type, const char *subtype,
                      const char *version);

/* Whether a Content-Type header names type/subtype, and a version only if it is that one. */
bool tc_media_is(struct tc_str content_type, const char *type, const char *subtype,
                 const char *version);

/* Whether an Accept-Encoding header (RFC 9110 section 12.5.3) names this coding without q=0. */
bool tc_media_accepts_coding(struct tc_str header, const char *coding);

#endif

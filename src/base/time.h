/* SPDX-License-Identifier: Apache-2.0 */
/* tc_time: microseconds since 1970-01-01T00:00:00Z, no leap seconds, years 0001 to 9999.
 * Text is RFC 3339: STIX wants "Z" (STIX 2.1 section 3.2), CAP wants an offset (CAP 1.2 section
 * 3.2.1). A date that does not exist (30 February, 24:00, second 61) is INVALID; second 60 is
 * accepted at 23:59 UTC only and reads as the second after. More than six digits of fraction
 * are cut, never rounded up. Durations are ISO 8601 without years and months, which have no
 * fixed length. */
#ifndef TC_BASE_TIME_H
#define TC_BASE_TIME_H

#include "base/str.h"

typedef int64_t tc_time;

#define TC_TIME_NONE INT64_MIN
#define TC_TIME_MIN  INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define TC_TIME_MAX  INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */
#define TC_SECOND    INT64_C(1000000)
#define TC_TIME_SIZE 28 /* "2026-11-21T20:15:00.123456Z" and NUL */

tc_time tc_time_now(void);       /* wall clock; TOCSIN_FAKE_NOW is not read here */
int64_t tc_time_monotonic(void); /* microseconds, for measuring only */

tc_err tc_time_parse_z(struct tc_str s, tc_time *out) TC_MUST_USE;      /* ends with Z */
tc_err tc_time_parse_offset(struct tc_str s, tc_time *out) TC_MUST_USE; /* Z or +hh:mm */

/* digits: 0, 3 or 6 of fraction. Always "Z". */
void tc_time_format(tc_time t, int digits, char out[TC_TIME_SIZE]);
/* CAP form "2026-11-21T20:15:00-00:00": no fraction, UTC is -00:00. */
void tc_time_format_cap(tc_time t, char out[TC_TIME_SIZE]);

/* "PT8H", "P1DT30M", "P2W", whole numbers only; result in seconds, at most max. */
tc_err tc_duration_parse(struct tc_str s, int64_t max, int64_t *seconds) TC_MUST_USE;
/* "PT4H" or "PT4H..PT12H"; one value gives lo == hi; lo > hi is INVALID. */
tc_err tc_duration_range(struct tc_str s, int64_t max, int64_t *lo, int64_t *hi) TC_MUST_USE;

#endif

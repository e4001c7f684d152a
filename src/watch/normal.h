/* SPDX-License-Identifier: Apache-2.0 */
/* One spelling for values that mean the same, so that they meet. Pure, any thread.
 *
 * By the shape of the text alone, whatever property it stands in:
 *
 *   shape             becomes                                                   after
 *   address, network  198.51.100.7; 10.0.0.0/8 without host bits; 2001:db8::1   RFC 4632, 5952
 *   hardware address  00:1b:21:3a:4f:5c                                         IEEE 802
 *   URL               scheme and host as here, default port dropped, path kept  RFC 3986 6.2
 *   e-mail            lower case, the domain as here                            RFC 5321 2.4
 *   domain            lower case, A-labels, no dot at the end                   RFC 3492, 5890
 *   telephone         +31201234567; "(0)" after the country code is dropped     E.164, E.123
 *   the rest          ASCII lower case, no white space at the ends
 *
 * By the kind of key field that a pack says it is (model/spelling.def):
 *
 *   plate    AB12CD: upper case, no separators; Greek and Cyrillic letters that look like a Latin
 *            one are that one (Vienna Convention on Road Traffic, annex 2: plates abroad are read
 *            as Latin capitals)
 *   cas      7732-18-5, when the check digit holds: digits times their place from the right,
 *            modulo 10 (CAS)
 *   serial   upper case, no separators
 *   phone    as the telephone above, also from 0031..., tel:+31... (RFC 3966); a number that names
 *            no country is its digits, and meets only its like
 *   email    as the e-mail above, also from mailto:... and from Name <...>
 *
 * What is not of its kind is spelled by its shape. Letters outside ASCII change case one by one;
 * composed and decomposed forms stay different. */
#ifndef TC_WATCH_NORMAL_H
#define TC_WATCH_NORMAL_H

#include "base/hash.h"
#include "model/spelling.h"

#define TC_MAX_VALUE 4096 /* bytes of a value that count */

/* Writes at most TC_MAX_VALUE bytes (what is longer is cut before); returns their number. */
size_t tc_normal_value(struct tc_str text, char out[TC_MAX_VALUE]);

/* The same of a key field. *apart: among what it meets its like: VALUE for everything that is
 * spelled as its shape says (a telephone number with its country, a CAS number), else its kind
 * (the plate AB12CD is not the serial number AB12CD). False when it is not of that kind; it has
 * then been spelled by its shape. */
bool tc_normal_as(enum tc_spelling as, struct tc_str text, char out[TC_MAX_VALUE], size_t *n,
                  enum tc_spelling *apart);

/* What a spelled value is posted under. */
uint64_t tc_normal_hash(struct tc_hash_key key, enum tc_spelling apart, struct tc_str normal);

/* The check digit that the digits before it ask for, when text is shaped like a CAS registry
 * number (2 to 7 digits, 2 digits, 1 digit, hyphens between); -1 when it is not. */
int tc_normal_cas_digit(struct tc_str text);

#endif

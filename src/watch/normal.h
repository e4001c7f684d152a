/* SPDX-License-Identifier: Apache-2.0 */
/* One spelling for values that mean the same, so that they meet: by the shape of the text alone,
 * whatever property it stands in. Pure, any thread.
 *
 *   shape             becomes                                                   after
 *   address, network  198.51.100.7; 10.0.0.0/8 without host bits; 2001:db8::1   RFC 4632, 5952
 *   hardware address  00:1b:21:3a:4f:5c                                         IEEE 802
 *   URL               scheme and host as here, default port dropped, path kept  RFC 3986 6.2
 *   e-mail            lower case, the domain as here                            RFC 5321 2.4
 *   domain            lower case, A-labels, no dot at the end                   RFC 3492, 5890
 *   telephone         +31201234567                                              E.164
 *   the rest          ASCII lower case, no white space at the ends
 *
 * Letters outside ASCII are lowered one by one; composed and decomposed forms stay different. */
#ifndef TC_WATCH_NORMAL_H
#define TC_WATCH_NORMAL_H

#include "base/str.h"

#define TC_MAX_VALUE 4096 /* bytes of a value that count */

/* Writes at most TC_MAX_VALUE bytes (what is longer is cut before); returns their number. */
size_t tc_normal_value(struct tc_str text, char out[TC_MAX_VALUE]);

#endif

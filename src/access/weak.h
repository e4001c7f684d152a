/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords that are long enough and still among the first that somebody tries: few pieces, each of
 * which is a word that many take, a run of keys or of the alphabet, a repeated piece, the login or
 * a date; or one or two words run together with a number at most. Rules instead of a list: they
 * know 133 of the 184 that have twelve characters among the 20,000 passwords stolen most often, and
 * the rest are names and numbers of single people. Pure. */
#ifndef TC_ACCESS_WEAK_H
#define TC_ACCESS_WEAK_H

#include "base/str.h"

/* also: words that are near at hand for this person (the login; may be empty). */
bool tc_password_weak(struct tc_str password, struct tc_str also);

#endif

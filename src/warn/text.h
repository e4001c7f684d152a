/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the sentences of a warning in one language, from what the message says. Pure. */
#ifndef TC_WARN_TEXT_H
#define TC_WARN_TEXT_H

#include "warn/message.h"
#include "warn/words.h"

/* CAP suggests headlines of fewer than 140 characters (some receivers cut there). */
#define TC_HEADLINE_MAX 139

/* The texts live in the arena. Sites beyond TC_WARN_TEXT_HITS are counted, not listed, in the
 * sentences; the object itself lists all. LIMIT or NOMEM. */
#define TC_WARN_TEXT_HITS 50
tc_err tc_warn_text(const struct tc_message *m, const struct tc_words *w, struct tc_arena *a,
                    struct tc_warn_text *out) TC_MUST_USE;

/* The note that everything but an actual warning carries; empty for actual. */
struct tc_str tc_warn_note(const struct tc_words *w, enum tc_warn_status s);

/* "2026-11-21 14:10 UTC"; nothing for TC_TIME_NONE. */
#define TC_WARN_TIME_SIZE 24
void tc_warn_time(tc_time t, char out[TC_WARN_TIME_SIZE]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of src/warn: what the reader (warn.c) and the calls (calls.c) share. */
#ifndef TC_WARN_STATE_H
#define TC_WARN_STATE_H

#include "intake/intake.h"
#include "warn/message.h"

#include <pthread.h>

/* Held while the state of a warning is looked at and its next version appended, so that a release
 * and a new draft of the same warning cannot cross. One for the process: the hold is one append. */
extern pthread_mutex_t tc_warn_lock;

/* The id of message number place (1, 2, ...) to an organisation about an incident. */
void tc_warn_id(struct tc_str incident, struct tc_str recipient, unsigned place,
                char out[TC_ID_MAX]);
/* Where a version of the message may be read. inbox: of the recipient, for what is released. */
struct tc_audience tc_warn_audience(const struct tc_node *n, enum tc_warn_state s, uint32_t inbox);
/* Sets state, sent, released_by, forgets who reported; the next version after before (a millisecond
 * at least). */
void tc_warn_mark_released(struct tc_message *m, tc_time before, struct tc_str by);

#endif

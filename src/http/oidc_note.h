/* SPDX-License-Identifier: Apache-2.0 */
/* A sign-in that is under way at the provider. What the node must remember of it stands, sealed, in
 * a cookie of the browser that began it, so that beginning costs no memory however many do; what
 * came back is remembered until it would be over anyway, in a fixed table, so that it counts once.
 * The key is new in each process. Any thread. */
#ifndef TC_HTTP_OIDC_NOTE_H
#define TC_HTTP_OIDC_NOTE_H

#include "base/time.h"

#define TC_OIDC_TEXT   44  /* 256 random bits in base64url and a NUL */
#define TC_OIDC_COOKIE 512 /* base64url and a NUL */

struct tc_oidc_note {
    char state[TC_OIDC_TEXT], nonce[TC_OIDC_TEXT], verifier[TC_OIDC_TEXT];
    char session[17]; /* id of the session that the browser showed when it began, or "" */
    int64_t until;    /* monotonic */
    tc_time began;    /* wall clock, for the token's own times */
};

struct tc_oidc_notes;

struct tc_oidc_notes *tc_oidc_notes_new(void); /* NULL = out of memory */
void tc_oidc_notes_free(struct tc_oidc_notes *n);

/* A new one, and the cookie that it stands in. session may be "". */
tc_err tc_oidc_note_make(const struct tc_oidc_notes *n, const char *session, int64_t now,
                         tc_time began, struct tc_oidc_note *out,
                         char cookie[TC_OIDC_COOKIE]) TC_MUST_USE;
/* Is it one of this process, whether or not it still counts? */
bool tc_oidc_note_is(const struct tc_oidc_notes *n, struct tc_str cookie);
/* It came back, with this cookie and this state: spends it. AUTH: it is not of this browser or of
 * this process, is over, or came back before (d->path: cookie, state, late, replay). BUSY: so many
 * came back lately that one would have to be forgotten. */
tc_err tc_oidc_note_take(struct tc_oidc_notes *n, struct tc_str cookie, struct tc_str state,
                         int64_t now, struct tc_oidc_note *out, struct tc_diag *d) TC_MUST_USE;

#endif

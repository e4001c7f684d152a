/* SPDX-License-Identifier: Apache-2.0 */
/* Second factors: time-based codes (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, one step of
 * drift) and recovery codes. Whoever has one does not sign in by a password alone: the password
 * gives a ticket, and ticket and code together give a session. Programs use tokens instead.
 *
 *   none --totp_start--> waiting (in memory, ten minutes) --totp_confirm--> TOTP, ten recovery
 * codes any  --factors_drop--> none
 *
 * A code is good once, and tries are counted for the person as wrong passwords are. Secrets of
 * TOTP are sealed with the node's key, recovery codes hashed: access.db opens nothing. Any thread.
 * Errors as in access.h; AUTH for every kind of wrong or spent code. */
#ifndef TC_ACCESS_FACTOR_H
#define TC_ACCESS_FACTOR_H

#include "access/access.h"

enum tc_factor_kind { /* numbers are on disk */
                      TC_FACTOR_TOTP = 1,
                      TC_FACTOR_RECOVERY = 2,
                      TC_FACTOR_PASSKEY = 3 /* passkey.h */
};

#define TC_TOTP_SECRET    20
#define TC_TOTP_TEXT      33 /* base32 and a NUL */
#define TC_RECOVERY_CODES 10
#define TC_RECOVERY_TEXT  20 /* "abcd-efgh-ijkl-mnop" and a NUL: 80 random bits */

struct tc_recovery_codes {
    char code[TC_RECOVERY_CODES][TC_RECOVERY_TEXT];
};

/* Once, before anybody signs in. Without it nothing can be enrolled (USAGE). */
void tc_access_factor_key(struct tc_access *x, const uint8_t key[32]);

/* secret: RFC 4648 base32 without padding, for an otpauth: address. Starting again replaces what
 * waits. */
tc_err tc_access_totp_start(struct tc_access *x, uint32_t person, char secret[TC_TOTP_TEXT],
                            struct tc_diag *d) TC_MUST_USE;
/* The code proves that the other side has the secret. Replaces what was there before; the recovery
 * codes are shown once. */
tc_err tc_access_totp_confirm(struct tc_access *x, uint32_t person, struct tc_str code,
                              struct tc_recovery_codes *out, struct tc_diag *d) TC_MUST_USE;
tc_err tc_access_factors_drop(struct tc_access *x, uint32_t person, struct tc_diag *d) TC_MUST_USE;
/* *totp: has one. *recovery: codes left. */
void tc_access_factors(struct tc_access *x, uint32_t person, bool *totp, unsigned *recovery);

/* As tc_access_password, for a session: whoever has a second factor gets *out NULL and a ticket,
 * which is good for five minutes and for tc_access_second only. */
tc_err tc_access_password_first(struct tc_access *x, struct tc_str login, struct tc_str password,
                                struct tc_login **out, char ticket[64]) TC_MUST_USE;
/* Spends ticket and code, gives a session token. */
tc_err tc_access_second(struct tc_access *x, struct tc_str ticket, struct tc_str code,
                        char session[64]) TC_MUST_USE;
/* Is this code good for the person now? Spends it. For what a signed-in person must confirm. */
tc_err tc_access_code(struct tc_access *x, uint32_t person, struct tc_str code) TC_MUST_USE;

/* RFC 6238 for one step (RFC 4226 truncation), 0 .. 999,999. Pure. */
uint32_t tc_totp(const uint8_t *secret, size_t n, uint64_t step);

#endif

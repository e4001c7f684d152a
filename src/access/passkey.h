/* SPDX-License-Identifier: Apache-2.0 */
/* Passkeys (W3C Web Authentication, Level 2; signatures checked by libfido2). One signs its person
 * in by itself when the device verified who holds it (PIN, finger), or in place of a code behind a
 * right password. Who has one has a second factor (factor.h): a password alone is not enough.
 *
 * A challenge is a sealed note of what it is for, for whom and until when, so asking costs no
 * memory; it is good for two minutes and one success. Attestation is not asked for: what kind of
 * device somebody has is theirs. What is kept opens nothing. Any thread. Errors as in access.h;
 * AUTH for every kind of answer that does not count. */
#ifndef TC_ACCESS_PASSKEY_H
#define TC_ACCESS_PASSKEY_H

#include "access/factor.h"

/* The address of the page: rp is its host, origin scheme, host and port. */
struct tc_passkey_site {
    struct tc_str rp, origin;
};

enum tc_passkey_purpose { TC_PASSKEY_ENROL = 1, TC_PASSKEY_SIGN_IN = 2 };

#define TC_PASSKEY_CHALLENGE 80 /* base64url and a NUL */
#define TC_PASSKEY_USER      16 /* bytes that name the person to the device: their identity's UUID */

/* person 0 with SIGN_IN = whoever it will be. */
void tc_access_passkey_challenge(struct tc_access *x, enum tc_passkey_purpose purpose,
                                 uint32_t person, char out[TC_PASSKEY_CHALLENGE]);

/* What the device answered, as bytes. */
struct tc_passkey_answer {
    struct tc_str client_data;         /* JSON */
    struct tc_str authenticator_data;  /* WebAuthn section 6.1 */
    struct tc_str signature, id, user; /* for signing in; user may be empty behind a password */
};

/* codes is filled, and *with_codes set, when the person had no second factor before. INVALID: what
 * came is no such answer; CONFLICT: is enrolled already; LIMIT. */
tc_err tc_access_passkey_add(struct tc_access *x, uint32_t person,
                             const struct tc_passkey_site *site,
                             const struct tc_passkey_answer *answer, struct tc_str label,
                             struct tc_recovery_codes *codes, bool *with_codes,
                             struct tc_diag *d) TC_MUST_USE;
/* The last factor takes the recovery codes with it. */
tc_err tc_access_passkey_drop(struct tc_access *x, uint32_t person, struct tc_str id,
                              struct tc_diag *d) TC_MUST_USE;

struct tc_passkey_info {
    char id[65];              /* names it in lists */
    struct tc_str credential; /* bytes, for the browser to find the device's key */
    struct tc_str label;
    tc_time added;
};
/* Oldest first. */
tc_err tc_access_passkeys(struct tc_access *x, uint32_t person, struct tc_arena *a,
                          struct tc_passkey_info **out, size_t *n) TC_MUST_USE;
/* Whose ticket (tc_access_password_first) this is; 0 = nobody's. */
uint32_t tc_access_ticket_person(struct tc_access *x, struct tc_str ticket);

/* Checks the answer and gives a session; an empty ticket needs a device that verified its holder.
 */
tc_err tc_access_passkey_sign_in(struct tc_access *x, const struct tc_passkey_site *site,
                                 const struct tc_passkey_answer *answer, struct tc_str ticket,
                                 char session[TC_TOKEN_SIZE]) TC_MUST_USE;

/* Parsing alone, for fuzzing: the type and challenge of client data; NULL d is fine. Pure. */
tc_err tc_passkey_client_data(struct tc_str json, bool enrol, struct tc_str origin,
                              uint8_t challenge[TC_PASSKEY_CHALLENGE], size_t *n) TC_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider is asked, by the node's one way out (node/fetch.h): what it says of itself and
 * its keys, both kept for an hour, and who has signed in. A key that is not known is looked for
 * once more, at most every TC_OIDC_KEYS_SECONDS; a provider that does not answer is asked again
 * after TC_OIDC_RETRY_SECONDS, and what it said before is good for a day meanwhile. Each call may
 * take the time of several requests. Any thread; one asks at a time. d->path has one word for the
 * cause (discovery, keys, trade, userinfo, or one of access/oidc.h). */
#ifndef TC_HTTP_OIDC_ASK_H
#define TC_HTTP_OIDC_ASK_H

#include "access/provider.h"
#include "node/fetch.h"

#define TC_OIDC_KEYS_SECONDS  10
#define TC_OIDC_RETRY_SECONDS 5

struct tc_oidc_asker;

/* p and f are borrowed. NULL = out of memory. */
struct tc_oidc_asker *tc_oidc_asker_new(const struct tc_provider *p, struct tc_fetch *f);
void tc_oidc_asker_free(struct tc_oidc_asker *s);
/* What is asked after this fails at once. */
void tc_oidc_asker_stop(struct tc_oidc_asker *s);

tc_err tc_oidc_ask_where(struct tc_oidc_asker *s, struct tc_arena *a, struct tc_endpoints *out,
                         struct tc_diag *d) TC_MUST_USE;

struct tc_oidc_back { /* what the browser brought back, and what it is held against */
    struct tc_str code;
    const char *redirect, *nonce, *verifier;
    tc_time began;
};
/* Trades the code and checks the id token. AUTH, UNSUPPORTED, NOTFOUND ...: it does not count;
 * BUSY: the provider could not be asked. */
tc_err tc_oidc_ask_who(struct tc_oidc_asker *s, const struct tc_oidc_back *b, struct tc_arena *a,
                       struct tc_oidc_claims *out, struct tc_str *access,
                       struct tc_diag *d) TC_MUST_USE;
/* Adds what the provider tells beside the token; nothing when it has no such address. */
tc_err tc_oidc_ask_more(struct tc_oidc_asker *s, struct tc_str access, struct tc_arena *a,
                        struct tc_oidc_claims *io, struct tc_diag *d) TC_MUST_USE;

#endif

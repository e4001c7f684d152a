/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the signing process (signer.h): its keys, and what it answers. */
#ifndef TC_NODE_SIGNER_WORK_H
#define TC_NODE_SIGNER_WORK_H

#include "node/signer.h"

#include <sys/types.h>

#define TC_SIGNER_FRAME 4096

struct tc_signer_keys;

/* Reads the keys. dir: the node's folder. */
tc_err tc_signer_keys_read(const char *dir, const char *tls_key, struct tc_signer_keys **out,
                           struct tc_diag *d) TC_MUST_USE;
void tc_signer_keys_free(struct tc_signer_keys *k); /* wipes them; NULL is fine */

/* One frame of n bytes; the answer's bytes go to out (TC_SIGNER_FRAME), *out_n of them.
 * UNSUPPORTED: the frame is none. Pure but for the state of what was signed. */
tc_err tc_signer_answer(struct tc_signer_keys *k, const uint8_t *in, size_t n, uint8_t *out,
                        size_t *out_n) TC_MUST_USE;

/* The process: reads the keys, tells over the socket how that went, locks itself up and answers
 * until the other side is gone. */
_Noreturn void tc_signer_run(const char *dir, const char *tls_key, int fd, pid_t parent);

/* What follows the outcome byte of the first answer when the keys were read, otherwise the text of
 * why not. */
void tc_signer_info_write(const struct tc_signer_info *i, uint8_t *out, size_t *n);
bool tc_signer_info_read(const uint8_t *p, size_t n, struct tc_signer_info *out);

#endif

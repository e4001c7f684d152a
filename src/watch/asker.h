/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks for an operation of the command line: the person named with "as", else the node's
 * organisation. Zeroed before; tc_asker_fini after, also when it failed. */
#ifndef TC_WATCH_ASKER_H
#define TC_WATCH_ASKER_H

#include "node/node.h"

struct tc_asker {
    const struct tc_principal *p;
    struct tc_arena *a; /* a MiB, of the question */
    struct tc_login *login;
    struct tc_principal own;
};

tc_err tc_asker_find(struct tc_op *op, struct tc_asker *w) TC_MUST_USE;
void tc_asker_fini(struct tc_asker *w);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts bring to a node: the operations that commands ask for, and the readers of the
 * journal that work while it is served. A part that has some adds its line in parts.c. */
#ifndef TC_CLI_PARTS_H
#define TC_CLI_PARTS_H

#include "node/fetch.h"
#include "node/node.h"

/* Registers the operations of every part (a second call does nothing) and quiets the log to
 * warnings: a command says what it has to say by itself. One thread. */
tc_err tc_cli_parts(void) TC_MUST_USE;

/* Collects what the parts are configured to ask outside, from their files in the folder DIR, before
 * the node is opened. A file that is not there asks nothing. */
tc_err tc_cli_origins(const char *dir, struct tc_fetch_origins *o, struct tc_diag *d) TC_MUST_USE;

/* Adds the readers of every part to a node that was opened and not yet started. What they keep in
 * memory is freed by tc_cli_readers_free after the node was closed. */
struct tc_cli_readers;
tc_err tc_cli_readers(struct tc_node *n, struct tc_cli_readers **out,
                      struct tc_diag *d) TC_MUST_USE;
void tc_cli_readers_free(struct tc_cli_readers *r); /* NULL is fine */

#endif

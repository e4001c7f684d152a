/* SPDX-License-Identifier: Apache-2.0 */
/* What the administration commands share: asking the node for an operation, answers as JSON or as
 * a table, errors as one line. */
#ifndef TC_CLI_ASK_H
#define TC_CLI_ASK_H

#include "codec/json.h"
#include "codec/jsonw.h"

/* One line on standard error, "tocsin user: ..."; returns the exit status of d->code (or e). */
int tc_cli_fail(const char *command, tc_err e, const struct tc_diag *d);

/* A request being written; the object is open. */
struct tc_ask {
    struct tc_buf buf;
    struct tc_jsonw w;
};
void tc_ask_init(struct tc_ask *a);
/* "reason" of an open object, where --reason was given: a request of one's own has it, too. */
void tc_ask_reason(struct tc_jsonw *w);
/* Says which communities asked for a reason, if that is what a node tells; for a tell of one's own.
 */
void tc_ask_told(void *arg, struct tc_str json);
/* Ends the object, asks the node in dir, parses the answer and forgets the request (wiping it).
 * Returns -1 to go on with answer (tc_json_fini it), else the exit status; it has said why. */
int tc_ask_send(struct tc_ask *a, const char *command, const char *dir, const char *op,
                struct tc_json *answer);

/* The same with an open file (-1 = none), for who says by itself what went wrong. */
tc_err tc_ask_file(struct tc_ask *a, const char *dir, const char *op, int fd,
                   struct tc_json *answer, struct tc_diag *d) TC_MUST_USE;

/* The answer as it came, one line. */
void tc_cli_json(const struct tc_json *answer);

struct tc_cli_column {
    const char *title, *member; /* a member of each row's object: text, number, bool (yes/no) */
};
/* rows: an array of objects. Columns as wide as they need to be; control characters as '?'.
 * Prints nothing but the line none when there are no rows. */
void tc_cli_table(yyjson_val *rows, const struct tc_cli_column *columns, size_t n,
                  const char *none);

/* A password into out: file "-" is standard input, NULL asks on the terminal, twice. The first
 * line without its end. Returns -1 to go on, else the exit status; it has said why. */
int tc_cli_password(const char *command, const char *file, char *out, size_t size);

#endif

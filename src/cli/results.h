/* SPDX-License-Identifier: Apache-2.0 */
/* What the forms of results have in common: the options --format, --marking, --out, lengths of time
 * in words, files written whole or not at all. */
#ifndef TC_CLI_RESULTS_H
#define TC_CLI_RESULTS_H

#include "base/str.h"

/* Checks them: *format NULL, "csv", "geojson" or "html" ("json" and "table" become NULL where they
 * are what the command does anyway); *marking becomes the label of a TLP marking. */
int tc_cli_results_ask(const char *command, const char **format, bool json, const char **marking,
                       const char *out);
/* To the file, or to standard output where it is NULL. Returns the exit status. */
int tc_cli_results_write(const char *command, const struct tc_buf *b, const char *out);

/* Writes b in the end, or says why it could not be made (d), and frees it. */
int tc_cli_results_end(const char *command, tc_err e, const struct tc_diag *d, struct tc_buf *b,
                       const char *out);

/* "now", "45 s", "20 min", "8 h 05 min", "3 d 04 h" */
const char *tc_cli_lead(uint32_t seconds, char out[32]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a register on the command line: one (JSON, GeoJSON, STIX) or two (CSV), or what a
 * node's register is now. Errors are printed on standard error as they are found. */
#ifndef TC_CLI_REGISTER_FILES_H
#define TC_CLI_REGISTER_FILES_H

#include "model/register_form.h"

struct tc_cli_files {
    struct tc_buf text[2];
    struct tc_reg_source source;
    struct tc_register *r;
    uint64_t told;
};

/* Reads and checks them. Returns 0 or the exit status; then there is nothing to free. */
int tc_cli_files_read(const char *command, const char *const *files, size_t n,
                      struct tc_cli_files *out);
/* The register of the node in dir, served or not: what its organisation has in it as a register's
 * rows. In the order of ids. */
int tc_cli_files_node(const char *command, const char *dir, struct tc_cli_files *out);
void tc_cli_files_fini(struct tc_cli_files *f);

#endif

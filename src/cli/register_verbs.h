/* SPDX-License-Identifier: Apache-2.0 */
/* What "tocsin register" does with a register that was read; private to its files. */
#ifndef TC_CLI_REGISTER_VERBS_H
#define TC_CLI_REGISTER_VERBS_H

#include "base/time.h"
#include "cli/register_files.h"

struct tc_reg_check_ask {
    int64_t older; /* seconds after which a test or an entry counts as old */
    tc_time now;
    uint64_t top; /* lines of each kind */
    bool json;
};
/* Prints the findings. The exit status: 0 none, 1 some. */
int tc_register_check(const struct tc_cli_files *f, const struct tc_reg_check_ask *ask);

struct tc_reg_diff_ask {
    uint32_t horizon;
    uint64_t top; /* lines of each part */
    bool json;
};
/* Prints what is new, changed and gone, and what it would change. 0 the same, 1 it differs. */
int tc_register_diff(const struct tc_cli_files *before, const struct tc_cli_files *after,
                     const struct tc_reg_diff_ask *ask);

/* "confirm" and "confirmations", with options of their own. */
int tc_register_confirm(int argc, char **argv);
int tc_register_confirmations(int argc, char **argv);

#endif

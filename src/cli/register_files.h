/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a register on the command line: one (JSON, GeoJSON, STIX) or two (CSV), or what a
 * node's register is now. Errors are printed on standard error as they are found. */
#ifndef TC_CLI_REGISTER_FILES_H
#define TC_CLI_REGISTER_FILES_H

#include "base/time.h"
#include "model/register_form.h"
#include "base/list.h"
#include "watch/facts.h"
#include "watch/lately.h"

/* An incident of a node that is open now, by the ids of the register. */
struct tc_cli_incident {
    tc_time started, ends; /* TC_TIME_NONE = not known */
    struct tc_str *ids;    /* assets that it names */
    size_t n;
    struct tc_area *areas; /* what stands in one of them is hit, too */
    size_t n_areas;
};

/* When somebody last looked at an entry of a node (watch/lately.h). */
struct tc_cli_lately {
    tc_time at;
    enum tc_lately_by by;
};

struct tc_cli_files {
    struct tc_buf text[2];
    struct tc_reg_source source;
    struct tc_register *r;
    uint64_t told;
    bool node; /* read from a node: the open incidents are known */
    struct tc_cli_incident *incidents;
    size_t n_incidents;
    struct tc_arena *arena;   /* of the incidents */
    struct tc_map *lately_of; /* id of the register -> index into lately; NULL = no node */
    struct tc_list lately;    /* struct tc_cli_lately */
    struct tc_map *here;      /* names of operators that are organisations of the node */
};

/* Reads and checks them. rest, which must outlive out, gives the table that they do not have (an
 * import of assets alone leaves the dependencies as they are); NULL = that one is empty. Returns 0
 * or the exit status; then there is nothing to free. */
int tc_cli_files_read(const char *command, const char *const *files, size_t n,
                      const struct tc_cli_files *rest, struct tc_cli_files *out);
/* The register of the node in dir, served or not: what its organisation has in it as a register's
 * rows. In the order of ids. */
int tc_cli_files_node(const char *command, const char *dir, struct tc_cli_files *out);
void tc_cli_files_fini(struct tc_cli_files *f);

#endif

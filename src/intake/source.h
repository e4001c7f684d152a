/* SPDX-License-Identifier: Apache-2.0 */
/* The formats that tc_import tells apart; private to src/intake. Each reads its file (from the
 * descriptor's present position, or whole in memory) and puts objects through a stage. */
#ifndef TC_INTAKE_SOURCE_H
#define TC_INTAKE_SOURCE_H

#include "intake/stage.h"

/* STIX of any size; size is what is left of the regular file fd. */
tc_err tc_import_stix(struct tc_import_job *j, int fd, uint64_t size,
                      struct tc_diag *d) TC_MUST_USE;
tc_err tc_import_cap(struct tc_import_job *j, struct tc_str text, struct tc_diag *d) TC_MUST_USE;
tc_err tc_import_kev(struct tc_import_job *j, struct tc_str text, struct tc_diag *d) TC_MUST_USE;
/* dependencies may be empty. names: of both files. */
tc_err tc_import_register(struct tc_import_job *j, struct tc_str assets, struct tc_str dependencies,
                          const char *const names[2], struct tc_diag *d) TC_MUST_USE;

/* Reads n bytes of fd into out (n bytes there); IO when there are fewer. */
tc_err tc_source_read(int fd, char *out, size_t n, struct tc_diag *d) TC_MUST_USE;
/* Prepares and appends all that is in the stage, as one: check first, then write. */
tc_err tc_source_store(struct tc_stage *s, struct tc_diag *d) TC_MUST_USE;

#endif

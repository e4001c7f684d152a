/* SPDX-License-Identifier: Apache-2.0 */
/* The formats that tc_import tells apart; private to src/intake. Each reads its file (from the
 * descriptor's present position, or whole in memory) and puts objects through a stage. */
#ifndef TC_INTAKE_SOURCE_H
#define TC_INTAKE_SOURCE_H

#include "intake/stage.h"
#include "model/register_form.h"

/* STIX of any size; size is what is left of the regular file fd. */
tc_err tc_import_stix(struct tc_import_job *j, int fd, uint64_t size,
                      struct tc_diag *d) TC_MUST_USE;
tc_err tc_import_cap(struct tc_import_job *j, struct tc_str text, struct tc_diag *d) TC_MUST_USE;
tc_err tc_import_kev(struct tc_import_job *j, struct tc_str text, struct tc_diag *d) TC_MUST_USE;
/* One of its tables may be absent. */
tc_err tc_import_register(struct tc_import_job *j, const struct tc_reg_source *s,
                          struct tc_diag *d) TC_MUST_USE;
/* What is left out with keep_going; ctx is the job. */
void tc_import_register_report(void *ctx, const struct tc_diag *d);

/* Reads n bytes of fd into out (n bytes there); IO when there are fewer. */
tc_err tc_source_read(int fd, char *out, size_t n, struct tc_diag *d) TC_MUST_USE;
/* Prepares and appends all that is in the stage, as one: check first, then write. */
tc_err tc_source_store(struct tc_stage *s, struct tc_diag *d) TC_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of intake share: a node in a temporary folder, bodies and files made of texts. */
#ifndef TC_TEST_INTAKE_FIXTURE_H
#define TC_TEST_INTAKE_FIXTURE_H

#include "intake/intake.h"

struct fix {
    char root[64], dir[96];
    struct tc_node *n;
    struct tc_principal principal; /* the node's organisation */
    struct tc_import_result result;
    struct tc_diag d;
    struct tc_diag skipped; /* the last one told */
    unsigned n_skipped;
};

int fix_up(void **state);
int fix_down(void **state);

/* Imports texts as files of these names (second NULL = one); the outcome is in f->result, f->d. */
tc_err fix_import(struct fix *f, const char *name, struct tc_str text, bool keep_going);
tc_err fix_import2(struct fix *f, struct tc_str assets, struct tc_str dependencies);
uint64_t fix_head(const struct fix *f);
/* Newest version of an object as text, for whom it may concern; empty when there is none. To be
 * freed. */
char *fix_newest(struct fix *f, const struct tc_principal *p, const char *id);
/* How many objects of a type the node's readers see. */
uint64_t fix_count(struct fix *f, const char *type);

#endif

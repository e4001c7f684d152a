/* SPDX-License-Identifier: Apache-2.0 */
/* The forms in which a register is written down. Whatever came becomes the two CSV texts of
 * register.h, row by row, with the line that each row had; so every form is read by the same
 * rules, and every error is told with file, line and field.
 *
 *   CSV      two files, told apart by their headers
 *   JSON     {"assets":[{...}],"dependencies":[{...}]}: the columns as members, text or numbers
 *   GeoJSON  RFC 7946: a FeatureCollection; a feature is an asset, its properties are the columns,
 *            its geometry is lat and lon. Dependencies are a foreign member "dependencies" (as in
 *            JSON) or features whose properties name a supplier; their geometry is not looked at.
 *            A line is placed at the middle of its length, an area at a point inside of it.
 *   STIX     a bundle: infrastructure with the extension "asset", depends-on with the extension
 *            "dependency", identities as operators (packs/critical-entities). The newest version
 *            of each id counts; what else is in it is passed over. An id is the external id that a
 *            register gave it, where no two share it, else the STIX id.
 *
 * Members that are no columns are passed over, null and what is absent are empty fields. Bounds:
 * TC_MAX_REGISTER_JSON, TC_MAX_ASSETS, TC_MAX_EDGES. Pure; one thread. */
#ifndef TC_MODEL_REGISTER_FORM_H
#define TC_MODEL_REGISTER_FORM_H

#include "model/register.h"

enum tc_reg_form {
    TC_REG_NONE,
    TC_REG_CSV_ASSETS,
    TC_REG_CSV_DEPENDENCIES,
    TC_REG_JSON,
    TC_REG_GEOJSON,
    TC_REG_STIX
};

/* What the first bytes of a file (some thousands) look like. */
enum tc_reg_form tc_reg_form_of(struct tc_str head);

struct tc_reg_table {
    const char *file;  /* for messages; borrowed */
    struct tc_str csv; /* .n 0 = not given */
    struct tc_buf own; /* holds csv when it was made here */
    struct tc_reg_origin *from;
    size_t rows, cap;
};

/* Zeroed = nothing yet. */
struct tc_reg_source {
    struct tc_reg_table table[2]; /* assets, dependencies */
    uint64_t errors;              /* rows left out with keep_going among them */
    uint64_t lines, areas;        /* geometries that became one point */
};

/* Adds a file. Its text and name must outlive s. Of opts only report and keep_going count. SYNTAX,
 * INVALID (the first error in diag), LIMIT, NOMEM, CONFLICT when that table is there already. */
tc_err tc_reg_source_add(struct tc_reg_source *s, struct tc_str text, const char *file,
                         enum tc_reg_form form, const struct tc_register_opts *opts,
                         struct tc_diag *diag) TC_MUST_USE;
/* The register; opts as for tc_register_read, files and origins are filled in here. */
tc_err tc_reg_source_read(const struct tc_reg_source *s, const struct tc_register_opts *opts,
                          struct tc_register **out, struct tc_diag *diag) TC_MUST_USE;
void tc_reg_source_fini(struct tc_reg_source *s);

/* ---- rows of such a text, for those who write them in another form ---- */

#define TC_REG_COLUMNS_MAX 32

/* Goes over a text that tc_register_read takes. Cells are trimmed views, by the number of the
 * column in tc_register_columns; empty where the text has no such column. */
struct tc_reg_walk;
tc_err tc_reg_walk_open(struct tc_str csv, bool dependencies, struct tc_reg_walk **out) TC_MUST_USE;
bool tc_reg_walk_next(struct tc_reg_walk *w, struct tc_str cell[TC_REG_COLUMNS_MAX]);
/* e, or NOMEM when the walk ended because a row could not be read without memory. NULL is fine. */
tc_err tc_reg_walk_close(struct tc_reg_walk *w, tc_err e) TC_MUST_USE;

#endif

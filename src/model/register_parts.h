/* SPDX-License-Identifier: Apache-2.0 */
/* Between the readers of a register's forms; private to src/model. */
#ifndef TC_MODEL_REGISTER_PARTS_H
#define TC_MODEL_REGISTER_PARTS_H

#include "codec/json.h"
#include "model/register_form.h"

/* One file being made into rows. */
struct tc_reg_into {
    struct tc_reg_source *s;
    const char *file;
    const struct tc_register_opts *opts;
    struct tc_diag *first;
    struct tc_json doc;
    struct tc_str text; /* the file */
    const char *within; /* the array that is read now, and the element */
    uint32_t index;
    uint64_t line;
    size_t counted; /* bytes of the file up to which lines were counted */
    uint64_t counted_line;
    struct tc_str cell[2][TC_REG_COLUMNS_MAX];
    struct tc_buf words; /* a list of the element at hand, as one text */
    tc_err fatal;
};

/* Makes element `index` of the array `within` the one at hand: finds its line, empties the cells.
 */
void tc_reg_into_at(struct tc_reg_into *x, const char *within, size_t index, yyjson_val *element);
/* Tells what is wrong with the element at hand, or with a member of it. */
void tc_reg_into_wrong(struct tc_reg_into *x, const char *field, const char *fmt, ...)
    TC_PRINTF(3, 4);
/* The cells of a table from the members of an object. False: told. */
bool tc_reg_into_members(struct tc_reg_into *x, bool dependencies, yyjson_val *obj);
/* The number of a column, or SIZE_MAX. */
size_t tc_reg_column(bool dependencies, const char *name);
/* Appends the cells as a row. */
void tc_reg_into_put(struct tc_reg_into *x, bool dependencies);
/* An array of objects with the columns as members. */
void tc_reg_into_array(struct tc_reg_into *x, bool dependencies, yyjson_val *array,
                       const char *within);

/* Both read x->doc. */
void tc_reg_into_geojson(struct tc_reg_into *x);
void tc_reg_into_stix(struct tc_reg_into *x);

/* A point for a geometry (RFC 7946 section 3.1), longitude first. POINT: the texts of its numbers
 * are in *lon and *lat. */
enum tc_reg_shape { TC_REG_NOWHERE, TC_REG_POINT, TC_REG_LINE, TC_REG_AREA, TC_REG_BAD };
struct tc_reg_spot {
    struct tc_str lon, lat; /* POINT: as written */
    double x, y;            /* LINE, AREA */
    char why[200];          /* BAD */
    bool starved;           /* there was no memory to look: no answer */
    const char *where;      /* BAD: "geometry", "geometry.coordinates" */
};
enum tc_reg_shape tc_reg_spot_of(yyjson_val *geometry, struct tc_reg_spot *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as of RFC 4180 over a view of memory: fields with or without quotes, "" for a quote inside
 * quotes, line breaks inside quotes, rows ended by CRLF or LF, the last one's end may be absent. A
 * UTF-8 byte order mark is skipped, blank rows are skipped. Text must be UTF-8 without NUL.
 *
 * The reader borrows the input and owns the row: fields are valid until the next row. A row that is
 * malformed is reported and left behind at its end as well as can be told, so a caller may go on
 * and collect more. One thread. */
#ifndef TC_CODEC_CSV_H
#define TC_CODEC_CSV_H

#include "base/limits.h"
#include "base/str.h"

#define TC_CSV_FIELDS 64 /* columns that one row may have */

struct tc_csv {
    const char *at, *end;
    uint64_t line; /* of the next row, 1-based */
    struct tc_str field[TC_CSV_FIELDS];
    size_t fields;
    uint64_t row_line;  /* where the present row begins */
    struct tc_buf text; /* fields that had "" inside */
    const char *start;
};

void tc_csv_init(struct tc_csv *c, struct tc_str input);
void tc_csv_fini(struct tc_csv *c);
/* Reads the next row into field[0 .. fields-1]; false at the end of the input. *err is OK or says
 * why this row is no row: SYNTAX (quotes, NUL, not UTF-8), LIMIT (fields, TC_MAX_CSV_LINE), NOMEM,
 * with line, column and offset in diag. Then fields is 0. */
bool tc_csv_next(struct tc_csv *c, tc_err *err, struct tc_diag *diag);

/* Writes one field as RFC 4180 wants it, quoted when it must be; no separator. */
void tc_csv_quote(struct tc_buf *b, struct tc_str field);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A report as one HTML file: nothing is loaded, no script, all drawn in SVG; reads on a screen and
 * prints on A4 with its marking on every page. Text is escaped here and nowhere else.
 *
 * The buffer is the caller's and carries the sticky error. One thread. */
#ifndef TC_CLI_REPORT_H
#define TC_CLI_REPORT_H

#include "base/time.h"

struct tc_report_head {
    const char *title, *about; /* about: one line under the title */
    const char *marking;       /* "TLP:AMBER", from tc_tlp_label */
    tc_time made;
};
void tc_report_begin(struct tc_buf *b, const struct tc_report_head *h);
void tc_report_end(struct tc_buf *b, const struct tc_report_head *h);

void tc_report_text(struct tc_buf *b, struct tc_str s);                     /* escaped */
void tc_report_fmt(struct tc_buf *b, const char *fmt, ...) TC_PRINTF(2, 3); /* escaped, 1 KiB */
void tc_report_heading(struct tc_buf *b, const char *text);
/* A number with its digits in groups of three. */
void tc_report_number(struct tc_buf *b, uint64_t v);
/* One of a row of large numbers; all of them between the two others. */
void tc_report_facts_begin(struct tc_buf *b);
void tc_report_fact(struct tc_buf *b, uint64_t v, const char *of_what);
void tc_report_facts_end(struct tc_buf *b);

/* titles: "#" in front of one that heads numbers. Cells are written one by one. */
void tc_report_table(struct tc_buf *b, const char *const *titles, size_t n);
void tc_report_row(struct tc_buf *b);
void tc_report_row_end(struct tc_buf *b);
void tc_report_cell(struct tc_buf *b, struct tc_str s);
void tc_report_cell_number(struct tc_buf *b, uint64_t v);
void tc_report_table_end(struct tc_buf *b);

/* ---- charts: each has a title, labelled scales, and its numbers as text ---- */

struct tc_report_step { /* the value from this second on */
    uint32_t at;
    uint64_t v;
};
void tc_report_steps(struct tc_buf *b, const char *title, const struct tc_report_step *s, size_t n,
                     uint32_t horizon);

struct tc_report_bar {
    struct tc_str id, name; /* names alone may repeat; either may be empty */
    uint64_t v;
};
void tc_report_bars(struct tc_buf *b, const char *title, const struct tc_report_bar *bars,
                    size_t n);

struct tc_report_dot {
    double lat, lon;
    double weight; /* 0..1: how large */
    bool given;    /* drawn as a cross, above the others */
    struct tc_str name;
};
/* Longitude and latitude with a grid of degrees, no map behind; nothing when n is 0. */
void tc_report_places(struct tc_buf *b, const char *title, const char *dots_are,
                      const char *crosses_are, const struct tc_report_dot *dots, size_t n);

#endif

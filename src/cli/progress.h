/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on standard error when that is a terminal, nothing otherwise. Redrawn at most ten
 * times a second, so it may be told of every single step. One thread. */
#ifndef TC_CLI_PROGRESS_H
#define TC_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct tc_progress {
    const char *what; /* "import"; borrowed */
    const char *unit; /* "objects"; "B" shows MB; borrowed */
    uint64_t done, total;
    int64_t started, drawn; /* monotonic, microseconds */
    bool on;
};

/* total 0 = not known: shows count and rate only. */
void tc_progress_start(struct tc_progress *p, const char *what, const char *unit, uint64_t total);
void tc_progress_at(struct tc_progress *p, uint64_t done);
/* Wipes the bar, so that what is printed next stands on a clean line. */
void tc_progress_end(struct tc_progress *p);

/* The bar as text without moving a cursor: what the functions above draw. size >= 1, columns is
 * the terminal's width, elapsed in microseconds. */
void tc_progress_format(const struct tc_progress *p, int64_t elapsed, int columns, char *out,
                        uint64_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzz target rests on. A target is one function, fuzz_one; run.c calls it for libFuzzer and
 * for replay_main.c, also with allocations that are refused: the k-th alone, or all from it on.
 *
 * A target says what it found out with fuzz_tell and fuzz_err. A run in which an allocation was
 * refused must tell the same as one without, or NOMEM must be among its errors: an answer that is
 * neither is a wrong answer. Whatever happened, nothing may be lost (LeakSanitizer). One thread
 * calls fuzz_one; the program under test may have others. */
#ifndef TC_FUZZ_TARGET_H
#define TC_FUZZ_TARGET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int fuzz_one(const uint8_t *data, size_t size); /* always 0 */

void fuzz_tell(const void *p, size_t n);
/* Tells e and returns it. NOMEM ends the program when nothing was refused. */
tc_err fuzz_err(tc_err e);
/* The same for a function that says NULL or false when there is no memory; returns ok. */
bool fuzz_have(bool ok);
/* Was an allocation of this run refused? */
bool fuzz_starved(void);
/* No refusals until fuzz_go_on: what sets a target up, or a library that cannot bear them. */
void fuzz_hold(void);
void fuzz_go_on(void);

/* What must hold; nothing has to after a refusal, where it is not said with assert. */
#define HOLDS(x) ((x) || fuzz_starved() ? (void)0 : fuzz_broken(#x, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* ---- run.c, for replay_main.c ---- */

struct fuzz_run {
    int64_t refuse; /* the refuse-th allocation, from 1; 0 = none */
    bool from_then; /* and all after it */
    /* out */
    int64_t allocations;
    bool starved, nomem;
    uint64_t told;
};
extern bool fuzz_show; /* under a sanitizer: the place of each refusal on standard error */
void fuzz_run(const uint8_t *data, size_t size, struct fuzz_run *r);
/* Ends the program when a run with refusals is neither as the one without nor NOMEM. */
void fuzz_same(const struct fuzz_run *with, const struct fuzz_run *without);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What compile.c (names, vocabularies, types) and compile_shape.c (properties, rules) share. */
#ifndef TC_PACK_COMPILE_PARTS_H
#define TC_PACK_COMPILE_PARTS_H

#include "pack/compile.h"

#include <stdio.h>

struct tc_packc {
    struct tc_arena *arena;
    struct tc_types *t;
    const struct tc_pack_block **blocks; /* of each shape */
    uint8_t *state;                      /* of each shape: 0 not begun, 1 begun, 2 filled */
    tc_pack_tell tell;
    void *arg;
    uint32_t errors, max_refs;
    bool failed; /* memory */
};

void tc_packc_error(struct tc_packc *c, const struct tc_pack_line *at, const char *fmt, ...)
    TC_PRINTF(3, 4);
void *tc_packc_alloc(struct tc_packc *c, size_t count, size_t size);

/* Position by name, TC_NONE when there is none. */
unsigned tc_packc_check(const struct tc_packc *c, struct tc_str name);
unsigned tc_packc_vocab(const struct tc_packc *c, struct tc_str name);
unsigned tc_packc_shape(const struct tc_packc *c, struct tc_str name);
bool tc_packc_type_known(const struct tc_packc *c, struct tc_str name);

/* Properties and rules of shape number i, those of what it includes first. */
void tc_packc_fill_shape(struct tc_packc *c, uint32_t i);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of .types files -> the tables of model/types.h. All errors are told, each with file and
 * line; the tables come only when there was none. */
#ifndef TC_PACK_COMPILE_H
#define TC_PACK_COMPILE_H

#include "model/types.h"
#include "pack/lines.h"

typedef void (*tc_pack_tell)(void *arg, const struct tc_diag *d);

/* *out owns everything it points to, except for the text of the blocks' words, which must live as
 * long: pass the arena that holds them, it becomes the tables' own when this succeeds. */
tc_err tc_pack_compile(struct tc_arena *arena, const struct tc_pack_block *blocks,
                       tc_pack_tell tell, void *arg, struct tc_types **out) TC_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a pack's folder. Everything lives in the arena given. */
#ifndef TC_PACK_FILES_H
#define TC_PACK_FILES_H

#include "base/arena.h"

/* Files of one kind that are read of one pack; further ones are not. */
#define TC_PACK_MAX_FILES 256

struct tc_pack_names {
    const char *v[TC_PACK_MAX_FILES]; /* DIR/SUB/NAME */
    size_t n;
    bool there; /* the folder is */
};

/* The files DIR/SUB/NAME.suffix in the order of their names, so that errors come in the same order
 * everywhere. NOMEM, LIMIT of the arena. */
tc_err tc_pack_names(struct tc_arena *a, const char *dir, const char *sub, const char *suffix,
                     struct tc_pack_names *out) TC_MUST_USE;
/* The pack folders in the folder DIR/packs of a node, in the order of their names; none when there
 * is no such folder. LIMIT over TC_PACK_MAX_FILES, NOMEM, IO. */
tc_err tc_pack_folders(struct tc_arena *a, const char *dir, struct tc_pack_names *out,
                       struct tc_diag *d) TC_MUST_USE;
/* Is text the name of a pack in one of the folders? */
bool tc_pack_named(struct tc_arena *a, const char *const *dirs, size_t n, const char *name);
/* The name that DIR/pack.txt gives, else that of the folder; in the arena. */
struct tc_str tc_pack_name(struct tc_arena *a, const char *dir);
/* All of one file, at most TC_MAX_PACK_FILE. d names it. */
tc_err tc_pack_file(struct tc_arena *a, const char *path, struct tc_str *out,
                    struct tc_diag *d) TC_MUST_USE;

#endif

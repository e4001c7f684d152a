/* SPDX-License-Identifier: Apache-2.0 */
/* Packs: folders of plain files that teach the node a domain without C. A pack folder holds
 *
 *     pack.txt        name, title, version: one "key value" a line, # comments
 *     types/ *.types  checks, vocabularies, shapes, types, extensions (packs/README.md)
 *     objects/ *.json what the pack publishes: extension-definition objects, as a bundle
 *
 * The packs of the source tree are built into the program; more folders can be loaded at run time
 * and are compiled together with them. The tables are made once at start-up and then read-only. */
#ifndef TC_PACK_PACK_H
#define TC_PACK_PACK_H

#include "model/types.h"
#include "pack/compile.h"

/* A file that the build put into the program; data is NUL-terminated, size without the NUL. */
struct tc_pack_file {
    const char *pack, *path; /* "stix21", "types/common.types" */
    const char *data;
    size_t size;
};
extern const struct tc_pack_file tc_pack_builtin[];
extern const size_t tc_pack_builtin_count;

/* The built-in packs and n more folders. *out is freed with tc_types_free. d gets the first error;
 * tell (may be NULL) gets each one. INVALID, SYNTAX, NOTFOUND, IO, LIMIT, NOMEM. */
tc_err tc_pack_load(const char *const *dirs, size_t n, tc_pack_tell tell, void *arg,
                    struct tc_types **out, struct tc_diag *d) TC_MUST_USE;

/* The same from texts in memory instead of folders (fuzzing, tests): one .types file. With
 * builtin false only that text is compiled. */
tc_err tc_pack_load_text(struct tc_str text, bool builtin, tc_pack_tell tell, void *arg,
                         struct tc_types **out, struct tc_diag *d) TC_MUST_USE;

/* The bundle that a built-in pack publishes ("critical-entities", "objects/extensions.json"). */
struct tc_str tc_pack_builtin_text(const char *pack, const char *path);

#endif

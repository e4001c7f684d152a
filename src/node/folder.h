/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a node: what may be used, its lock, node.json and the key file. */
#ifndef TC_NODE_FOLDER_H
#define TC_NODE_FOLDER_H

#include "base/id.h"
#include "base/time.h"

#define TC_NODE_FORMAT 1 /* of the folder as a whole; parts number their own files */
#define TC_NODE_KEY    32

struct tc_folder_info { /* node.json */
    char title[256];
    char identity[TC_ID_MAX];
    uint32_t org;
    tc_time created;
};

/* Opens DIR as a file descriptor; path becomes its absolute name. USAGE: it is not there; DENIED
 * when it is somebody else's or others may write to it. */
tc_err tc_folder_open(const char *dir, int *fd, char *path, size_t path_size,
                      struct tc_diag *d) TC_MUST_USE;
/* Makes DIR (*made), or takes it when it is empty; then as above. CONFLICT when it is not. */
tc_err tc_folder_make(const char *dir, int *fd, char *path, size_t path_size, bool *made,
                      struct tc_diag *d) TC_MUST_USE;
/* After a making that failed: removes the files that it may have left, and DIR if we made it. */
void tc_folder_unmake(int dir, const char *path, bool made);
/* The lock as a file descriptor: it lasts until that is closed. BUSY names the process. */
tc_err tc_folder_lock(int dir, const char *path, int *fd, struct tc_diag *d) TC_MUST_USE;

/* info_read: USAGE when there is no node here. info_write replaces the file in one step. */
tc_err tc_folder_info_read(int dir, const char *path, struct tc_folder_info *out,
                           struct tc_diag *d) TC_MUST_USE;
tc_err tc_folder_info_write(int dir, const struct tc_folder_info *info,
                            struct tc_diag *d) TC_MUST_USE;
/* The text of node.json. Pure. */
tc_err tc_folder_info_parse(struct tc_str text, struct tc_folder_info *out,
                            struct tc_diag *d) TC_MUST_USE;

/* DIR/key; it may be a link to a file elsewhere (DENIED: others may read that), which the serving
 * process then cannot open: what it may read is its folder. */
tc_err tc_folder_key_read(int dir, uint8_t key[TC_NODE_KEY], struct tc_diag *d) TC_MUST_USE;
tc_err tc_folder_key_make(int dir, struct tc_diag *d) TC_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the audit log, relative to its folder's descriptor. */
#ifndef TC_ACCESS_AUDIT_FILES_H
#define TC_ACCESS_AUDIT_FILES_H

#include "base/str.h"

/* Whole file of at most max bytes into out; NOTFOUND, LIMIT, IO. */
tc_err tc_audit_load(int dir, const char *path, void *out, size_t max, size_t *n) TC_MUST_USE;
/* Replaces the file in one step, making folders on the way; durable: fsync before the step, so
 * that after a power loss there is the old file or the new one, whole. */
tc_err tc_audit_store(int dir, const char *path, struct tc_str bytes, bool durable) TC_MUST_USE;
tc_err tc_audit_pwrite(int fd, const void *p, size_t n, uint64_t at) TC_MUST_USE;
/* fsync of a file that is there. */
tc_err tc_audit_sync(int dir, const char *path) TC_MUST_USE;

/* A segment mapped for reading; empty when n is 0. */
struct tc_audit_map {
    const uint8_t *p;
    size_t n;
};
tc_err tc_audit_map(int dir, uint64_t segment, struct tc_audit_map *out) TC_MUST_USE;
void tc_audit_unmap(struct tc_audit_map *m);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A growable array of equal elements, named by index since they move when it grows. The owner
 * frees v. A zeroed one is empty. Not shared between threads. */
#ifndef TC_BASE_LIST_H
#define TC_BASE_LIST_H

#include "base/err.h"

#include <stddef.h>

struct tc_list {
    void *v;
    uint32_t n, cap;
};

#define TC_LIST_AT(list, type, i) (&((type *)(list).v)[i])

/* One more element of size bytes, cleared, and its index; NULL = no memory, nothing changed. */
void *tc_list_push(struct tc_list *l, size_t size, uint32_t *index);

#endif

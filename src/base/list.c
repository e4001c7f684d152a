/* SPDX-License-Identifier: Apache-2.0 */
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

void *tc_list_push(struct tc_list *l, size_t size, uint32_t *index)
{
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 64;
        void *v = reallocarray(l->v, cap, size);
        if (!v)
            return NULL;
        l->v = v;
        l->cap = cap;
    }
    *index = l->n++;
    void *e = (char *)l->v + (size_t)*index * size;
    memset(e, 0, size);
    return e;
}

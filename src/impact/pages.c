/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE ((size_t)2 << 20)

void *tc_pages_new(size_t count, size_t item)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, item, &bytes) || bytes > SIZE_MAX - LARGE)
        return NULL;
    size_t align = bytes < 2 * LARGE ? 64 : LARGE;
    size_t all = (bytes / align + 1) * align;
    void *p = aligned_alloc(align, all);
#ifdef MADV_HUGEPAGE
    if (p && align == LARGE)
        (void)madvise(p, all, MADV_HUGEPAGE); /* a wish: without it all is as before, but slower */
#endif
    return p;
}

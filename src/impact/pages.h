/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for large arrays that are read at random: on large pages where the system has them, since
 * finding the page costs as much as the read otherwise. Freed with free(). */
#ifndef TC_IMPACT_PAGES_H
#define TC_IMPACT_PAGES_H

#include <stddef.h>

/* Not cleared; at a multiple of 64 bytes. NULL = out of memory. */
void *tc_pages_new(size_t count, size_t item);

#endif

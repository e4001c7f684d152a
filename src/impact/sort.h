/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts 64-bit keys, lowest first, byte by byte, without the bytes that are alike in all keys (LSD
 * radix sort). tmp has room for n, too. */
#ifndef TC_IMPACT_SORT_H
#define TC_IMPACT_SORT_H

#include <stddef.h>
#include <stdint.h>

void tc_sort_u64(uint64_t *keys, uint64_t *tmp, size_t n);

#endif

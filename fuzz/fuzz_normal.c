/* SPDX-License-Identifier: Apache-2.0 */
/* One spelling of a value, by its shape and as each kind of key field: within its bounds, and what
 * is of a kind stays what it is when it is spelled again. */
#include "watch/normal.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char once[TC_MAX_VALUE], twice[TC_MAX_VALUE];
    size_t n = tc_normal_value(tc_str_view((const char *)data, size), once);
    if (n > sizeof once)
        abort();
    size_t m = tc_normal_value(tc_str_view(once, n), twice);
    if (m > sizeof twice)
        abort();
    for (int k = TC_SPELLING_VALUE; k < TC_SPELLING_COUNT; k++) {
        enum tc_spelling as = (enum tc_spelling)k, apart, again;
        bool is = tc_normal_as(as, tc_str_view((const char *)data, size), once, &n, &apart);
        if (n > sizeof once)
            abort();
        if (!is || as == TC_SPELLING_VALUE)
            continue;
        is = tc_normal_as(as, tc_str_view(once, n), twice, &m, &again);
        if (!is || m != n || again != apart || memcmp(once, twice, n) != 0)
            abort();
    }
    return 0;
}

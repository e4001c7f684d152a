/* SPDX-License-Identifier: Apache-2.0 */
/* One spelling of a value: within its bounds, also when it is spelled again. */
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
    return 0;
}

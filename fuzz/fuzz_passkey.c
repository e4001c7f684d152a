/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a browser says of a passkey: refused, or of this origin and kind, with a
 * challenge that fits. */
#include "target.h"

#include "access/passkey.h"

int fuzz_one(const uint8_t *data, size_t size)
{
    uint8_t challenge[TC_PASSKEY_CHALLENGE];
    struct tc_str in = tc_str_view((const char *)data, size), origin = TC_STR("https://localhost");
    for (int enrol = 0; enrol < 2; enrol++) {
        size_t n = 0;
        if (!fuzz_err(tc_passkey_client_data(in, enrol == 1, origin, challenge, &n)))
            HOLDS(n <= sizeof challenge && tc_str_find(in, TC_STR("challenge")) != SIZE_MAX);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a certificate: refused with a word, or read the same twice, in a subject that can be
 * shown. */
#include "access/cert.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_str in = tc_str_view((const char *)data, size);
    struct tc_cert c, again;
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_cert_read(in, &c, &d)) {
        if (!d.message[0])
            abort();
        return 0;
    }
    struct tc_str s = tc_str_cstr(c.subject);
    if (tc_cert_read(in, &again, &d) || memcmp(c.print, again.print, sizeof c.print) != 0 ||
        strcmp(c.subject, again.subject) != 0 || !tc_str_utf8(s))
        abort();
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20)
            abort();
    return 0;
}

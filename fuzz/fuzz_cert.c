/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a certificate: refused with a word, or read the same twice, in a subject that can be
 * shown. */
#include "target.h"

#include "access/cert.h"

#include <assert.h>
#include <string.h>

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str in = tc_str_view((const char *)data, size);
    struct tc_cert c, again;
    struct tc_diag d;
    tc_diag_init(&d);
    fuzz_hold(); /* libtasn1 writes to NULL when there is no memory */
    if (fuzz_err(tc_cert_read(in, &c, &d))) {
        HOLDS(d.message[0]);
        return 0;
    }
    struct tc_str s = tc_str_cstr(c.subject);
    fuzz_tell(s.p, s.n);
    HOLDS(tc_cert_read(in, &again, &d) == TC_OK &&
          memcmp(c.print, again.print, sizeof c.print) == 0 &&
          strcmp(c.subject, again.subject) == 0);
    assert(tc_str_utf8(s));
    for (size_t i = 0; i < s.n; i++)
        assert((unsigned char)s.p[i] >= 0x20);
    return 0;
}

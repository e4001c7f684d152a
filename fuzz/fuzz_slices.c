/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner of slices on any bytes: in one piece and in pieces of seven it must find the same
 * objects, and each is the bytes at its offset. */
#include "target.h"

#include "codec/slices.h"

#include <assert.h>
#include <stdlib.h>

struct seen {
    struct tc_str input;
    uint64_t sum, n;
};

static tc_err see(void *arg, const struct tc_slice *s)
{
    struct seen *seen = arg;
    assert(s->offset + s->bytes.n <= seen->input.n &&
           memcmp(seen->input.p + s->offset, s->bytes.p, s->bytes.n) == 0);
    seen->sum = seen->sum * 31 + s->offset * 7 + s->bytes.n;
    seen->n++;
    return TC_OK;
}

static tc_err scan(struct seen *seen, size_t chunk)
{
    struct tc_slices *s = tc_slices_new(4096, see, seen);
    if (!s)
        return TC_E_NOMEM;
    tc_err e = TC_OK;
    for (size_t at = 0; at < seen->input.n && !e; at += chunk) {
        size_t n = seen->input.n - at < chunk ? seen->input.n - at : chunk;
        e = tc_slices_feed(s, tc_str_view(seen->input.p + at, n), NULL);
    }
    if (!e)
        e = tc_slices_end(s, NULL);
    tc_slices_free(s);
    return e;
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str input = tc_str_view((const char *)data, size);
    struct seen whole = {.input = input}, pieces = {.input = input};
    tc_err a = scan(&whole, size + 1), b = scan(&pieces, 7);
    /* which of several errors comes first may differ: too large is known earlier in pieces */
    HOLDS((!a) == (!b) && (a || (whole.sum == pieces.sum && whole.n == pieces.n)));
    (void)fuzz_err(a);
    (void)fuzz_err(b);
    fuzz_tell(&whole.sum, sizeof whole.sum);
    fuzz_tell(&pieces.sum, sizeof pieces.sum);
    return 0;
}

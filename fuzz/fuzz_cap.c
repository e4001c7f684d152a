/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as CAP: read, checked, and what passes is written as JSON, which must be JSON. */
#include "target.h"

#include "codec/json.h"
#include "intake/cap.h"
#include "intake/cap_event.h"
#include "intake/cap_json.h"

static void say(void *arg, const struct tc_diag *d, bool must)
{
    (void)must;
    if (d->message[0])
        ++*(unsigned *)arg;
}

static void write_out(const struct tc_cap *cap, struct tc_arena *a)
{
    struct tc_buf b;
    struct tc_json json = {0};
    tc_buf_init(&b, 16u << 20);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_array(&w);
    tc_cap_json(cap->alert, &w);
    tc_cap_event(cap, a, &w);
    tc_jsonw_array_end(&w);
    fuzz_tell(b.p, b.n);
    if (!fuzz_err(b.err))
        HOLDS(tc_json_read(tc_buf_view(&b), 16u << 20, 0, &json, NULL) == TC_OK);
    tc_json_fini(&json);
    tc_buf_fini(&b);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_arena *a = tc_arena_new(16u << 20);
    struct tc_cap *caps;
    struct tc_diag d;
    size_t n;
    unsigned said = 0;
    if (!fuzz_have(a != NULL))
        return 0;
    tc_diag_init(&d);
    tc_err e =
        fuzz_err(tc_cap_read(tc_str_view((const char *)data, size), a, &caps, &n, say, &said, &d));
    HOLDS(!e || d.message[0]);
    for (size_t i = 0; !e && i < n; i++)
        write_out(&caps[i], a);
    (void)fuzz_err(tc_arena_err(a));
    fuzz_tell(&said, sizeof said);
    tc_arena_free(a);
    return 0;
}

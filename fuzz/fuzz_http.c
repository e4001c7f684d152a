/* SPDX-License-Identifier: Apache-2.0 */
/* Everything of src/http that reads foreign text by itself: targets and forms, Accept and
 * Content-Type, Authorization, cookies, sealed numbers. The first byte chooses. */
#include "http/credentials.h"
#include "http/media.h"
#include "http/routes.h"
#include "http/seal.h"

#include <assert.h>
#include <sodium.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void target(struct tc_arena *a, struct tc_str s)
{
    struct tc_target t;
    const struct tc_route *route;
    struct tc_str params[TC_MAX_PARAMS], v;
    char allow[128];
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_target_parse(a, s, &t, &d))
        return;
    for (size_t i = 0; i < t.n_segments; i++)
        assert(t.segment[i].n && !memchr(t.segment[i].p, '/', t.segment[i].n) &&
               !memchr(t.segment[i].p, 0, t.segment[i].n));
    for (size_t i = 0; i < t.n_args; i++)
        for (struct tc_str list = t.arg[i].value; tc_list_next(&list, &v);)
            assert(!memchr(v.n ? v.p : "", ',', v.n));
    (void)tc_route_family(&t);
    if (!tc_route_find("GET", &t, &route, params, allow, sizeof allow))
        assert(route->run);
}

static void sealed(struct tc_str s)
{
    static const struct tc_seal seal = {.key = {1, 2, 3}};
    uint8_t bind[TC_SEAL_BIND];
    uint64_t n, offset;
    uint32_t segment;
    struct tc_uuid u;
    tc_seal_bind(&seal, "fuzz", NULL, 0, bind);
    if (!tc_seal_read(&seal, bind, s, &n)) {
        char text[TC_SEAL_TEXT];
        tc_seal_number(&seal, bind, n, text);
        assert(tc_str_is(s, text));
    }
    if (!tc_uuid_parse(s, &u))
        assert(tc_seal_place_read(&seal, &u, &segment, &offset) || segment < 1u << 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tc_arena *a;
    struct tc_credentials c;
    struct tc_target form = {.n_args = 0};
    struct tc_str s, v;
    if (size == 0 || sodium_init() < 0 || (!a && !(a = tc_arena_new(1u << 20))))
        return 0;
    tc_arena_reset(a);
    s = tc_str_view((const char *)data + 1, size - 1);
    switch (data[0] % 6) {
    case 0:
        target(a, s);
        break;
    case 1:
        (void)tc_media_accepts(s, "application", "taxii+json", "2.1");
        (void)tc_media_is(s, "application", "json", "");
        (void)tc_media_accepts_coding(s, "gzip");
        break;
    case 2:
        if (!tc_credentials_parse(a, s, &c))
            assert(!memchr(c.login.p, ':', c.login.n));
        break;
    case 3:
        if (!tc_cookie_find(s, "tocsin", &v))
            assert(v.n < s.n);
        break;
    case 4:
        sealed(s);
        break;
    default:
        if (tc_args_parse(a, s, &form, NULL))
            form.n_args = 0;
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Everything of src/http that reads foreign text by itself: targets and forms, Accept and
 * Content-Type, Authorization, cookies, sealed numbers. The first byte chooses. */
#include "target.h"

#include "http/credentials.h"
#include "http/media.h"
#include "http/routes.h"
#include "http/seal.h"

#include <sodium.h>

static void target(struct tc_arena *a, struct tc_str s)
{
    struct tc_target t;
    const struct tc_route *route;
    struct tc_str params[TC_MAX_PARAMS], v;
    char allow[128];
    struct tc_diag d;
    tc_diag_init(&d);
    if (fuzz_err(tc_target_parse(a, s, &t, &d)))
        return;
    for (size_t i = 0; i < t.n_segments; i++)
        HOLDS(t.segment[i].n && !memchr(t.segment[i].p, '/', t.segment[i].n) &&
              !memchr(t.segment[i].p, 0, t.segment[i].n));
    for (size_t i = 0; i < t.n_args; i++)
        for (struct tc_str list = t.arg[i].value; tc_list_next(&list, &v);)
            HOLDS(!memchr(v.n ? v.p : "", ',', v.n));
    (void)tc_route_family(&t);
    if (!tc_route_find("GET", &t, &route, params, allow, sizeof allow))
        HOLDS(route->run);
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
        HOLDS(tc_str_is(s, text));
    }
    if (!tc_uuid_parse(s, &u))
        HOLDS(tc_seal_place_read(&seal, &u, &segment, &offset) || segment < 1u << 20);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_arena *a;
    struct tc_credentials c;
    struct tc_target form = {.n_args = 0};
    struct tc_str s, v;
    if (size == 0 || sodium_init() < 0 || !fuzz_have((a = tc_arena_new(1u << 20)) != NULL))
        return 0;
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
        if (!fuzz_err(tc_credentials_parse(a, s, &c)))
            HOLDS(!memchr(c.login.p, ':', c.login.n));
        break;
    case 3:
        if (!tc_cookie_find(s, "tocsin", &v))
            HOLDS(v.n < s.n);
        break;
    case 4:
        sealed(s);
        break;
    default:
        (void)fuzz_err(tc_args_parse(a, s, &form, NULL));
    }
    tc_arena_free(a);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin correlate: what else has this value. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"

#include <stdio.h>

static void say_one(yyjson_val *v)
{
    yyjson_val *list = tc_json_get(v, "objects"), *o;
    struct tc_str s = {"", 0};
    char text[400];
    size_t i, n;
    bool hot = false, more = false;
    (void)tc_json_str(v, "normal", &s);
    (void)tc_str_show(s, text, sizeof text);
    (void)tc_json_bool(v, "hot", &hot);
    (void)tc_json_bool(v, "more", &more);
    (void)printf("%s: %s\n", text,
                 hot                     ? "hot, in more than 1000 entries; the newest"
                 : yyjson_arr_size(list) ? "held by"
                                         : "held by nothing");
    yyjson_arr_foreach (list, i, n, o) {
        if (tc_json_str(o, "id", &s)) {
            (void)tc_str_show(s, text, sizeof text);
            (void)printf("  %s\n", text);
        }
    }
    if (more)
        (void)puts("  and more; say --limit N");
}

static bool say(const struct tc_json *r, bool json)
{
    yyjson_val *list = tc_json_get(r->root, "values"), *v;
    size_t i, n, found = 0;
    uint64_t lag = 0;
    yyjson_arr_foreach (list, i, n, v) {
        found += yyjson_arr_size(tc_json_get(v, "objects")) > 0;
        if (!json)
            say_one(v);
    }
    if (json)
        tc_cli_json(r);
    else if (tc_json_u64(r->root, "lag", &lag) && lag)
        (void)fprintf(stderr, "tocsin correlate: %llu entries are not looked into yet\n",
                      (unsigned long long)lag);
    return found > 0;
}

int tc_cmd_correlate(int argc, char **argv)
{
    const char *as = NULL;
    uint64_t limit = 100;
    bool json = false;
    size_t n;
    struct tc_ask a;
    struct tc_json r;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &as),
                                  TC_OPT_U64("limit", &limit, 1, TC_MAX_CORRELATED),
                                  TC_OPT_FLAG("json", &json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 1 + TC_MAX_LOOKUP, &n);
    if (status >= 0)
        return status;
    tc_ask_init(&a);
    if (as)
        tc_jsonw_kcstr(&a.w, "as", as);
    tc_jsonw_ku64(&a.w, "limit", limit);
    tc_jsonw_name(&a.w, "values");
    tc_jsonw_array(&a.w);
    for (size_t i = 2; i <= n; i++)
        tc_jsonw_cstr(&a.w, argv[i]);
    tc_jsonw_array_end(&a.w);
    status = tc_ask_send(&a, "correlate", argv[1], "correlate", &r);
    if (status >= 0)
        return status;
    bool found = say(&r, json);
    tc_json_fini(&r);
    return found ? 0 : 1;
}

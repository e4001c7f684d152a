/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin subject: what is held about an identifier, and who saw it. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>

static void say(const struct tc_json *r)
{
    static const struct tc_cli_column held[] = {
        {"ENTRY", "entry"}, {"ADDED", "added"}, {"ID", "id"}};
    static const struct tc_cli_column seen[] = {{"AT", "at"},     {"KIND", "kind"},
                                                {"WHO", "login"}, {"OF", "organisation"},
                                                {"HOW", "how"},   {"WHY", "why"}};
    uint64_t lag = 0;
    bool more = false;
    (void)tc_json_u64(r->root, "lag", &lag);
    (void)tc_json_bool(r->root, "more", &more);
    tc_cli_table(tc_json_get(r->root, "objects"), held, 3, "nothing is held about it");
    if (more)
        (void)puts("there is more than can be listed: these are the newest");
    if (lag)
        (void)printf("%llu newer entries were not looked at yet\n", (unsigned long long)lag);
    if (tc_json_get(r->root, "consultations"))
        tc_cli_table(tc_json_get(r->root, "consultations"), seen, 6, "nobody was given any of it");
}

int tc_cmd_subject(int argc, char **argv)
{
    const char *value = NULL, *as = NULL;
    bool json = false;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("value", &value), TC_OPT_TEXT("as", &as),
                                  TC_OPT_FLAG("json", &json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status >= 0)
        return status;
    if (!value)
        return tc_cli_usage("subject", "--value VALUE is needed");
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    tc_jsonw_kcstr(&a.w, "value", value);
    if (as)
        tc_jsonw_kcstr(&a.w, "as", as);
    status = tc_ask_send(&a, "subject", argv[1], "subject", &r);
    if (status >= 0)
        return status;
    if (json)
        tc_cli_json(&r);
    else
        say(&r);
    tc_json_fini(&r);
    return 0;
}

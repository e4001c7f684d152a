/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin erase: objects for good, with all their versions and what was concluded from them. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/opts.h"

#include <stdio.h>

static void say(const struct tc_json *r)
{
    uint64_t objects = 0, entries = 0, conclusions = 0;
    bool finished = false;
    (void)tc_json_u64(r->root, "objects", &objects);
    (void)tc_json_u64(r->root, "entries", &entries);
    (void)tc_json_u64(r->root, "conclusions", &conclusions);
    (void)tc_json_bool(r->root, "finished", &finished);
    (void)printf("erased: %llu object%s, %llu entr%s", (unsigned long long)objects,
                 objects == 1 ? "" : "s", (unsigned long long)entries, entries == 1 ? "y" : "ies");
    if (conclusions)
        (void)printf(", %llu conclusion%s", (unsigned long long)conclusions,
                     conclusions == 1 ? "" : "s");
    (void)puts(finished ? "; no file of the node holds them any more"
                        : "; the readers still take them out of their files");
}

int tc_cmd_erase(int argc, char **argv)
{
    const char *why = NULL, *as = NULL;
    bool json = false, keep = false;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("why", &why), TC_OPT_TEXT("as", &as),
                                  TC_OPT_FLAG("keep-conclusions", &keep),
                                  TC_OPT_FLAG("json", &json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 2, 1001, &n);
    if (status >= 0)
        return status;
    if (!why)
        return tc_cli_usage("erase", "--why TEXT is needed: it goes on record");
    struct tc_ask a;
    struct tc_json r;
    struct tc_str waits;
    tc_ask_init(&a);
    if (as)
        tc_jsonw_kcstr(&a.w, "as", as);
    tc_jsonw_kcstr(&a.w, "why", why);
    tc_jsonw_kbool(&a.w, "keep_conclusions", keep);
    tc_jsonw_name(&a.w, "ids");
    tc_jsonw_array(&a.w);
    for (size_t i = 2; i <= n; i++)
        tc_jsonw_cstr(&a.w, argv[i]);
    tc_jsonw_array_end(&a.w);
    status = tc_ask_send(&a, "erase", argv[1], "erase", &r);
    if (status >= 0)
        return status;
    if (json)
        tc_cli_json(&r);
    else if (tc_json_str(r.root, "waits", &waits))
        (void)printf("waits for a second person: approval %.*s\n", TC_FMT(waits));
    else
        say(&r);
    tc_json_fini(&r);
    return 0;
}

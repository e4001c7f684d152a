/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin retention: personal data that is due for review, and what goes next. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/opts.h"

#include <stdio.h>

int tc_cmd_retention(int argc, char **argv)
{
    static const struct tc_cli_column review[] = {
        {"REVIEW DUE", "review_due"}, {"ERASED", "erase_due"}, {"BY", "by"}, {"ID", "id"}};
    static const struct tc_cli_column erase[] = {
        {"ERASED", "erase_due"}, {"BY", "by"}, {"PURPOSE", "purpose"}, {"ID", "id"}};
    const char *as = NULL;
    bool json = false;
    uint64_t limit = 100;
    size_t n;
    const struct tc_opt opts[] = {TC_OPT_TEXT("as", &as), TC_OPT_U64("limit", &limit, 1, 1000),
                                  TC_OPT_FLAG("json", &json), TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 1, 1, &n);
    if (status >= 0)
        return status;
    struct tc_ask a;
    struct tc_json r;
    tc_ask_init(&a);
    if (as)
        tc_jsonw_kcstr(&a.w, "as", as);
    tc_jsonw_ku64(&a.w, "limit", limit);
    status = tc_ask_send(&a, "retention", argv[1], "retention-list", &r);
    if (status >= 0)
        return status;
    if (json) {
        tc_cli_json(&r);
    } else {
        tc_cli_table(tc_json_get(r.root, "reviews"), review, 4, "nothing is due for review");
        tc_cli_table(tc_json_get(r.root, "erasures"), erase, 4, "nothing has an erase date");
    }
    tc_json_fini(&r);
    return 0;
}

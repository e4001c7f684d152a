/* SPDX-License-Identifier: Apache-2.0 */
#include "node/reason.h"

#include "access/naming.h"
#include "access/rules.h"
#include "codec/json.h"
#include "codec/jsonw.h"

static unsigned activity(const char *op)
{
    static const char *const searches[] = {"search", "correlate", "hunt", "rule-run", "rule-test"};
    const struct tc_str name = tc_str_cstr(op ? op : "");
    for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++)
        if (tc_str_is(name, searches[i]))
            return TC_WHY_CONSULTATION | TC_WHY_SEARCH;
    return TC_WHY_CONSULTATION | (tc_str_is(name, "export") ? TC_WHY_EXPORT : 0);
}

static void tell(struct tc_op *op, const struct tc_principal *p, struct tc_arena *a)
{
    struct tc_buf b;
    size_t told = 0;
    tc_buf_init(&b, 1u << 18);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "reason_asked");
    tc_jsonw_array(&w);
    for (uint32_t i = 0; i < p->withheld.n; i++) {
        struct tc_community c;
        uint32_t number = p->withheld.v[i];
        if (!p->system && !tc_access_functions(op->node->access, number, p->org))
            continue;
        if (tc_access_community_by(op->node->access, number, NULL, TC_STR(""), a, &c) == TC_OK) {
            tc_jsonw_str(&w, c.title);
            told++;
        }
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    if (told && !b.err)
        op->tell(op->tell_arg, tc_buf_view(&b));
    tc_buf_fini(&b);
}

tc_err tc_reason_of_op(struct tc_op *op, struct tc_arena *a, struct tc_principal *p)
{
    struct tc_str reason = {"", 0};
    if (tc_json_get(op->in, "reason")) {
        (void)tc_json_str(op->in, "reason", &reason);
        return tc_naming_text(tc_str_trim(reason), 1, TC_WHY_TEXT, "reason", NULL)
                   ? tc_diag_set(op->diag, TC_E_USAGE, "the reason is a line of 1 to %d bytes",
                                 TC_WHY_TEXT)
                   : TC_OK;
    }
    tc_err e = tc_access_withheld(op->node->access, activity(op->name), a, &p->withheld);
    if (!e && p->withheld.n && op->tell)
        tell(op, p, a);
    return e;
}

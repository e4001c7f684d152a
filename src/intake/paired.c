/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/paired.h"

tc_err tc_paired_newest(struct tc_node *n, const struct tc_principal *who, const struct tc_query *q,
                        struct tc_reader **r, struct tc_row *row)
{
    tc_err e = tc_reader_open(n->journal, who, q, r);
    e = e ? e : tc_reader_next(*r, row);
    return e ? e : row->seq ? TC_OK : TC_E_NOTFOUND;
}

tc_err tc_paired_append(struct tc_node *n, struct tc_str text, uint32_t asks, uint32_t answers,
                        const struct tc_own_object *first, struct tc_diag *d)
{
    struct tc_own_object objects[2];
    struct tc_item items[2];
    const uint32_t both[] = {asks < answers ? asks : answers, asks < answers ? answers : asks};
    size_t count = 0;
    if (first)
        objects[count++] = *first;
    objects[count++] =
        (struct tc_own_object){.text = text,
                               .audience = {.tlp = TC_TLP_AMBER_STRICT,
                                            .creator_org = asks,
                                            .orgs = {both, asks == answers ? 1u : 2u}}};
    tc_err e = tc_intake_own(n, objects, count, items, d);
    for (size_t i = 0; !e && i < count; i++)
        if (items[i].state == TC_ITEM_SKIPPED)
            e = tc_diag_set(d, items[i].diag.code, "%s", items[i].diag.message);
    return e;
}

void tc_paired_marks(struct tc_jsonw *w, const char *extension)
{
    tc_jsonw_name(w, "object_marking_refs");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, tc_tlp_marking_id(TC_TLP_AMBER_STRICT));
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, extension);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "new-sdo");
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

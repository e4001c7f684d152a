/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/contradiction.h"

#include "codec/jsonw.h"
#include "model/audience.h"

static const char *const kinds[] = {"missing-dependency", "stands"};
static const char *const says[] = {
    "It failed, its reporter knows of no fault of its own, and nothing that is foretold hits it: a "
    "dependency may be missing in the register.",
    "It is reported to work, though it was foretold to have failed by then."};

void tc_contradiction_id(const struct tc_contradiction *c, char out[TC_ID_MAX])
{
    struct tc_id_name name;
    tc_id_name_begin(&name, &tc_uuid_ns_tocsin);
    tc_id_name_cstr(&name, TC_RULE_CONTRADICTION);
    tc_id_name_cstr(&name, "|");
    tc_id_name_cstr(&name, kinds[c->kind]);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, c->report);
    tc_id_name_cstr(&name, "|");
    tc_id_name_str(&name, c->asset);
    tc_id_name_end(&name, TC_STR("finding"), out);
}

static void put_evidence(struct tc_jsonw *w, const struct tc_contradiction *c)
{
    tc_jsonw_name(w, "evidence_refs");
    tc_jsonw_array(w);
    tc_jsonw_str(w, c->report);
    if (c->forecast.n)
        tc_jsonw_str(w, c->forecast);
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "about_refs");
    tc_jsonw_array(w);
    tc_jsonw_str(w, c->asset);
    tc_jsonw_array_end(w);
}

static void put_candidates(struct tc_jsonw *w, const struct tc_contradiction *c)
{
    if (!c->n_candidates)
        return;
    tc_jsonw_name(w, "causes");
    tc_jsonw_array(w);
    for (size_t i = 0; i < c->n_candidates; i++) {
        tc_jsonw_object(w);
        tc_jsonw_kstr(w, "asset_ref", c->candidate[i].asset);
        tc_jsonw_ktext(w, "sector", c->candidate[i].sector);
        tc_jsonw_ktext(w, "country", c->candidate[i].country);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

void tc_contradiction_write(const struct tc_contradiction *c, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    char id[TC_ID_MAX];
    tc_contradiction_id(c, id);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "finding");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kcstr(&w, "id", id);
    tc_jsonw_kstr(&w, "created_by_ref", c->creator);
    tc_jsonw_ktime(&w, "created", c->found);
    tc_jsonw_ktime(&w, "modified", c->found);
    tc_jsonw_name(&w, "object_marking_refs");
    tc_jsonw_array(&w);
    tc_jsonw_cstr(&w, tc_tlp_marking_id(TC_TLP_AMBER_STRICT));
    tc_jsonw_array_end(&w);
    tc_new_sdo_write(&w, TC_EXT_FINDING);
    tc_jsonw_ktext(&w, "name", c->name);
    tc_jsonw_kcstr(&w, "description", says[c->kind]);
    tc_jsonw_kcstr(&w, "rule", TC_RULE_CONTRADICTION);
    tc_jsonw_kcstr(&w, "contradiction", kinds[c->kind]);
    tc_jsonw_kcstr(&w, "status", "open");
    put_evidence(&w, c);
    tc_jsonw_ktext(&w, "sector", c->sector);
    tc_jsonw_ktext(&w, "country", c->country);
    tc_jsonw_ktext(&w, "operator_ref", c->operator_ref);
    tc_jsonw_ktime(&w, "from", c->at);
    tc_jsonw_kbool(&w, "exercise", c->exercise);
    put_candidates(&w, c);
    tc_jsonw_object_end(&w);
}

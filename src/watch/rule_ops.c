/* SPDX-License-Identifier: Apache-2.0 */
/* The operations behind "tocsin rule". Asked as the person named with "as", else as the node's
 * organisation; the rest of a request is the form of rulebook.h. */
#include "watch/rulebook.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "intake/intake.h"
#include "node/asker.h"
#include "watch/match.h"

static tc_err op_list(struct tc_op *op)
{
    struct tc_asker w;
    struct tc_rules_page page = {.next = 1};
    struct tc_rules_ask ask = {.limit = 100, .now = tc_time_now()};
    uint64_t limit = ask.limit;
    tc_err e = tc_asker_find(op, NULL, &w);
    (void)tc_json_u64(op->in, "limit", &limit);
    (void)tc_json_bool(op->in, "extended", &ask.extended);
    size_t left = limit ? (size_t)limit : 1;
    tc_buf_cstr(op->out, "{\"rules\":[");
    while (!e && left && page.next) {
        size_t before = op->out->n;
        ask.limit = left > TC_RULES_PAGE ? TC_RULES_PAGE : left;
        if (ask.after && op->out->p[before - 1] != '[')
            tc_buf_char(op->out, ',');
        size_t start = op->out->n;
        e = tc_rules_list(op->node, w.p, &ask, op->out, &page);
        if (op->out->n == start)
            op->out->n = before; /* nothing came: no comma */
        left -= page.rules < left ? page.rules : left;
        ask.after = page.next;
        ask.until = page.until;
    }
    tc_buf_fmt(op->out, "],\"more\":%s}", page.next ? "true" : "false");
    tc_asker_fini(&w);
    return e ? e : op->out->err;
}

static tc_err op_show(struct tc_op *op)
{
    struct tc_asker w;
    struct tc_str id = {"", 0};
    tc_err e = tc_asker_find(op, NULL, &w);
    (void)tc_json_str(op->in, "id", &id);
    e = e ? e : tc_rules_one(op->node, w.p, id, tc_time_now(), op->out);
    if (e == TC_E_NOTFOUND && !op->diag->code)
        (void)tc_diag_set(op->diag, e, "there is no such rule");
    tc_asker_fini(&w);
    return e;
}

/* Through the door; all of it or none. */
static tc_err post(struct tc_op *op, const struct tc_principal *p, uint32_t community,
                   struct tc_str text)
{
    const struct tc_intake_from from = {
        .principal = p, .community = community, .unmarked = TC_TLP_AMBER};
    struct tc_intake_batch *b = NULL;
    tc_err e = tc_intake_prepare(op->node, &from, text, &b, op->diag);
    for (size_t i = 0; !e && i < tc_intake_count(b); i++)
        if (tc_intake_item(b, i)->state == TC_ITEM_SKIPPED) {
            *op->diag = tc_intake_item(b, i)->diag;
            e = op->diag->code ? op->diag->code : TC_E_INVALID;
        }
    e = e ? e : tc_intake_append(b);
    for (size_t i = 0; !e && i < tc_intake_count(b); i++)
        if (tc_intake_item(b, i)->state == TC_ITEM_SKIPPED) {
            *op->diag = tc_intake_item(b, i)->diag;
            e = op->diag->code ? op->diag->code : TC_E_INVALID;
        }
    tc_intake_free(b);
    return e;
}

static tc_err community_of(struct tc_op *op, const struct tc_asker *w, uint32_t *out)
{
    struct tc_str s = {"", 0};
    struct tc_community c;
    struct tc_uuid uuid;
    if (!tc_json_str(op->in, "community", &s))
        return TC_OK;
    bool by_uuid = tc_uuid_parse(s, &uuid) == TC_OK;
    tc_err e = tc_access_community_by(op->node->access, 0, by_uuid ? &uuid : NULL,
                                      by_uuid ? TC_STR("") : s, w->a, &c);
    if (!e && !tc_access_may_write(op->node->access, w->p, c.number))
        e = TC_E_NOTFOUND;
    if (e)
        return tc_diag_set(op->diag, e, "there is no community '%.*s' to post to", TC_FMT(s));
    *out = c.number;
    return TC_OK;
}

static tc_err say_id(struct tc_op *op, const char *id)
{
    struct tc_jsonw w = tc_jsonw_into(op->out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "id", id);
    tc_jsonw_object_end(&w);
    return op->out->err;
}

static tc_err op_add(struct tc_op *op)
{
    struct tc_asker w;
    struct tc_buf text;
    uint32_t community = 0;
    char id[TC_ID_MAX];
    tc_buf_init(&text, 4 * TC_OP_REQUEST);
    tc_err e = tc_asker_find(op, NULL, &w);
    e = e ? e : community_of(op, &w, &community);
    e = e ? e : tc_rules_new(op->node, w.p, op->in, &text, id, op->diag);
    e = e ? e : post(op, w.p, community, tc_buf_view(&text));
    e = e ? e : say_id(op, id);
    tc_buf_fini(&text);
    tc_asker_fini(&w);
    return e;
}

static tc_err op_test(struct tc_op *op)
{
    struct tc_asker w;
    tc_err e = tc_asker_find(op, NULL, &w);
    e = e ? e : tc_rules_test(op->node, w.p, op->in, 0, op->out, op->diag);
    tc_asker_fini(&w);
    return e;
}

static tc_err op_mute(struct tc_op *op)
{
    struct tc_asker w;
    struct tc_buf text;
    struct tc_str rule = {"", 0};
    char id[TC_ID_MAX];
    tc_buf_init(&text, TC_OP_REQUEST);
    (void)tc_json_str(op->in, "id", &rule);
    tc_err e = tc_asker_find(op, NULL, &w);
    e = e ? e : tc_rules_mute(op->node, w.p, rule, op->in, &text, id, op->diag);
    e = e ? e : post(op, w.p, 0, tc_buf_view(&text));
    e = e ? e : say_id(op, id);
    tc_buf_fini(&text);
    tc_asker_fini(&w);
    return e;
}

static tc_err op_unmute(struct tc_op *op)
{
    struct tc_asker w;
    struct tc_buf text;
    struct tc_str rule = {"", 0};
    size_t count = 0;
    tc_buf_init(&text, (size_t)64 << 20);
    (void)tc_json_str(op->in, "id", &rule);
    tc_err e = tc_asker_find(op, NULL, &w);
    e = e ? e : tc_rules_unmute(op->node, w.p, rule, op->in, &text, &count, op->diag);
    if (!e && count)
        e = post(op, w.p, 0, tc_buf_view(&text));
    if (!e)
        tc_buf_fmt(op->out, "{\"unmuted\":%zu}", count);
    tc_buf_fini(&text);
    tc_asker_fini(&w);
    return e;
}

static void on_progress(void *arg, uint64_t done)
{
    struct tc_op *op = arg;
    struct tc_buf b;
    if (!op->tell)
        return;
    tc_buf_init(&b, 1000);
    tc_buf_fmt(&b, "{\"progress\":{\"done\":%llu}}", (unsigned long long)done);
    op->tell(op->tell_arg, tc_buf_view(&b));
    tc_buf_fini(&b);
}

/* The node's own work, by the command line only. */
static tc_err op_run(struct tc_op *op)
{
    struct tc_match_past p = {.since = TC_TIME_NONE, .progress = on_progress, .arg = op};
    struct tc_str since;
    struct tc_jsonw w = tc_jsonw_into(op->out);
    (void)tc_json_str(op->in, "id", &p.id);
    if (tc_json_str(op->in, "since", &since) && tc_time_parse_offset(since, &p.since))
        return tc_diag_set(op->diag, TC_E_USAGE, "--since is a time like 2026-11-21T00:00:00Z");
    tc_err e = tc_match_past(op->node, &p, op->diag);
    if (e == TC_E_NOTFOUND)
        return tc_diag_set(op->diag, e, "there is no such rule that is live");
    if (e)
        return e;
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "observations", p.observations);
    tc_jsonw_ku64(&w, "sightings", p.counts.sightings);
    tc_jsonw_ku64(&w, "counted", p.counts.counted);
    tc_jsonw_ku64(&w, "muted", p.counts.muted);
    tc_jsonw_ku64(&w, "suppressed", p.counts.suppressed);
    tc_jsonw_ku64(&w, "over_day", p.counts.over_day);
    tc_jsonw_ku64(&w, "nobody", p.counts.nobody);
    tc_jsonw_ku64(&w, "undecided", p.counts.undecided);
    tc_jsonw_object_end(&w);
    return op->out->err;
}

tc_err tc_rule_ops(void)
{
    tc_err e = tc_node_op_add("rule-list", op_list);
    e = e ? e : tc_node_op_add("rule-show", op_show);
    e = e ? e : tc_node_op_add("rule-add", op_add);
    e = e ? e : tc_node_op_add("rule-test", op_test);
    e = e ? e : tc_node_op_add("rule-mute", op_mute);
    e = e ? e : tc_node_op_add("rule-unmute", op_unmute);
    return e ? e : tc_node_op_add("rule-run", op_run);
}

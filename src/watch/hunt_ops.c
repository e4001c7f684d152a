/* SPDX-License-Identifier: Apache-2.0 */
/* The operation "hunt": matches and progress are told on the way, {"match":{...}} and
 * {"progress":{...}}; the answer is the sum. Asked as the person named with "as", else as the
 * node's organisation. */
#include "watch/hunt.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/asker.h"

#define SHOWN 100u /* observations of one match that are listed */

static void tell(struct tc_op *op, struct tc_buf *b)
{
    if (op->tell && !b->err)
        op->tell(op->tell_arg, tc_buf_view(b));
    tc_buf_fini(b);
}

static tc_err on_found(void *arg, const struct tc_hunt_match *m)
{
    struct tc_buf b;
    tc_buf_init(&b, 1u << 20);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "match");
    tc_hunt_match_write(m, SHOWN, &w);
    tc_jsonw_object_end(&w);
    tell(arg, &b);
    return TC_OK;
}

static void on_progress(void *arg, uint64_t done, uint64_t all)
{
    struct tc_buf b;
    tc_buf_init(&b, 1000);
    tc_buf_fmt(&b, "{\"progress\":{\"done\":%llu,\"all\":%llu}}", (unsigned long long)done,
               (unsigned long long)all);
    tell(arg, &b);
}

static tc_err hunt_as(struct tc_op *op, const struct tc_principal *p)
{
    struct tc_hunt_ask ask = {.since = TC_TIME_NONE,
                              .count = true,
                              .found = on_found,
                              .progress = on_progress,
                              .arg = op};
    struct tc_hunt_result r = {0};
    struct tc_str since = {"", 0};
    (void)tc_json_str(op->in, "pattern", &ask.pattern);
    (void)tc_json_str(op->in, "since", &since);
    (void)tc_json_u64(op->in, "limit", &ask.limit);
    if (since.n && tc_time_parse_offset(since, &ask.since))
        return tc_diag_set(op->diag, TC_E_USAGE, "--since is a time like 2026-11-21T00:00:00Z");
    tc_err e = tc_hunt(op->node->journal, p, &ask, &r, op->diag);
    if (!e)
        tc_hunt_result_write(&r, op->out);
    return e;
}

static tc_err op_hunt(struct tc_op *op)
{
    struct tc_asker w;
    tc_err e = tc_asker_find(op, NULL, &w);
    e = e ? e : hunt_as(op, w.p);
    tc_asker_fini(&w);
    return e;
}

tc_err tc_hunt_ops(void)
{
    return tc_node_op_add("hunt", op_hunt);
}

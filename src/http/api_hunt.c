/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern against what the caller may read of the past. Handlers share few threads with
 * everybody: one hunt at a time, bounded in time and matches; a longer one is "tocsin hunt". */
#include "http/internal.h"
#include "http/media.h"

#include "base/num.h"
#include "http/handlers.h"
#include "watch/hunt.h"

#include <stdatomic.h>

#define TIME          (1 * TC_SECOND)
#define DEFAULT_LIMIT 100
#define SHOWN         100 /* observations of one match */

struct found {
    struct tc_jsonw w;
};

static tc_err on_found(void *arg, const struct tc_hunt_match *m)
{
    struct found *f = arg;
    tc_hunt_match_write(m, SHOWN, &f->w);
    return f->w.b->err;
}

static tc_err read_ask(struct tc_request *r, struct tc_hunt_ask *a)
{
    struct tc_str v;
    a->limit = DEFAULT_LIMIT;
    a->since = TC_TIME_NONE;
    if (!tc_target_arg(&r->target, "pattern", &a->pattern))
        return tc_request_fail(r, TC_E_SYNTAX, "pattern is missing");
    if (tc_target_arg(&r->target, "since", &v) && tc_time_parse_z(v, &a->since))
        return tc_request_fail(r, TC_E_SYNTAX, "since must be a time in UTC, ending with Z");
    if (tc_target_arg(&r->target, "limit", &v) &&
        (tc_num_u64(v, UINT32_MAX, &a->limit) || a->limit == 0))
        return tc_request_fail(r, TC_E_SYNTAX, "limit must be a whole number above zero");
    a->limit = a->limit > TC_MAX_PAGE ? TC_MAX_PAGE : a->limit;
    return TC_OK;
}

static tc_err answer(struct tc_request *r, struct tc_hunt_ask *a)
{
    struct tc_hunt_result result = {0};
    struct found f = {.w = tc_request_json(r, 200, TC_MEDIA_JSON)};
    a->found = on_found;
    a->arg = &f;
    a->time = TIME;
    tc_jsonw_object(&f.w);
    tc_jsonw_name(&f.w, "matches");
    tc_jsonw_array(&f.w);
    tc_err e = tc_hunt(r->node->journal, r->who, a, &result, &r->diag);
    if (e)
        return e;
    tc_jsonw_array_end(&f.w);
    tc_jsonw_ku64(&f.w, "observations", result.observations);
    tc_jsonw_ku64(&f.w, "unreadable", result.unreadable);
    tc_jsonw_ku64(&f.w, "undecided", result.undecided);
    tc_jsonw_kbool(&f.w, "complete", result.complete);
    tc_jsonw_object_end(&f.w);
    return TC_OK;
}

tc_err tc_http_api_hunt(struct tc_request *r)
{
    static atomic_flag hunting = ATOMIC_FLAG_INIT;
    struct tc_hunt_ask a = {.time = TIME};
    tc_err e = read_ask(r, &a);
    if (e)
        return e;
    if (atomic_flag_test_and_set(&hunting))
        return tc_request_fail(r, TC_E_BUSY, "another hunt runs now; ask again in a second");
    e = answer(r, &a);
    atomic_flag_clear(&hunting);
    return e;
}

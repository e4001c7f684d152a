/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that the command line asks for over the control socket: the first line is the
 * operation, the rest its JSON. An answer is JSON, a refusal has a sentence, and the node goes on.
 */
#include "target.h"

#include "codec/json.h"
#include "intake/ops.h"
#include "node.h"
#include "node/ops.h"
#include "watch/confirm.h"
#include "watch/rulebook.h"

#include <assert.h>
#include <unistd.h>

static void once(void)
{
    static bool added;
    if (added)
        return;
    added = true;
    fuzz_hold();
    bool ok = tc_node_ops_add() == TC_OK && tc_intake_ops_add() == TC_OK &&
              tc_confirm_ops_add() == TC_OK && tc_rule_ops() == TC_OK;
    assert(ok);
    fuzz_go_on();
}

static void tell(void *arg, struct tc_str json)
{
    struct tc_json j = {0};
    (void)arg;
    HOLDS(tc_json_read(json, TC_OP_ANSWER, TC_JSON_REPEATS_OK, &j, NULL) == TC_OK);
    tc_json_fini(&j);
}

/* What costs Argon2id is left to the tests of passwords. */
static bool costly(struct tc_str in)
{
    return tc_str_find(in, TC_STR("password")) != SIZE_MAX ||
           tc_str_find(in, TC_STR("\\")) != SIZE_MAX;
}

int fuzz_one(const uint8_t *data, size_t size)
{
    static unsigned runs;
    struct tc_str s = tc_str_view((const char *)data, size), in;
    size_t nl = tc_str_find(s, TC_STR("\n"));
    char op[40];
    struct tc_diag d;
    struct tc_buf out;
    tc_diag_init(&d);
    if (nl == SIZE_MAX || !tc_str_copy(tc_str_view(s.p, nl), op, sizeof op))
        return 0;
    in = tc_str_view(s.p + nl + 1, s.n - nl - 1);
    if (costly(in))
        return 0;
    once();
    if (++runs % 400 == 0)
        fuzz_node_end();
    struct fuzz_node *f = fuzz_node();
    fuzz_hold();
    int fd = fuzz_file(TC_STR("{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[]}"));
    fuzz_go_on();
    tc_buf_init(&out, 1u << 22);
    tc_err e = tc_node_op_run(f->n, op, in, &fd, 1, &out, tell, NULL, &d);
    HOLDS(e || fuzz_starved() || out.n);
    if (e == TC_E_NOMEM)
        (void)fuzz_err(e);
    HOLDS(!e || d.message[0]);
    if (!e)
        tell(NULL, tc_buf_view(&out));
    tc_buf_fini(&out);
    (void)close(fd);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 around an act of two people. What was approved is durable before it is begun: killed
 * before, within and after the doing, and then opened again, the node ends it, and it was done
 * once. Acts on access.db are killed at random moments, too: the act says done exactly when the
 * membership was changed. */
#include "node/approval.h"

#include "codec/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 16 };

static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};
static char root[] = "/tmp/tocsin-approval-XXXXXX", dir[64];
static uint32_t community, water, first, second;
static int here = -1; /* in the child: where it tells that it is inside, and then waits */
static enum { BEFORE, AFTER } where;
static unsigned ran;

/* ---- a kind that appends one entry to the journal, and can be stopped there ---- */

static const char probe[] = "indicator--00000000-0000-4000-8000-00000000000";

static void stop_here(void)
{
    if (here >= 0 && write(here, "x", 1) == 1)
        for (;;)
            (void)pause();
}

static tc_err may(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                  struct tc_diag *d)
{
    (void)n;
    (void)ask;
    (void)d;
    return p->roles & TC_ROLE_STEWARD ? TC_OK : TC_E_DENIED;
}

static tc_err rests(struct tc_node *n, yyjson_val *ask, struct tc_buf *out, struct tc_diag *d)
{
    (void)n;
    (void)ask;
    (void)d;
    tc_buf_cstr(out, "nothing");
    return TC_OK;
}

static uint64_t entries(struct tc_node *n, yyjson_val *ask)
{
    struct tc_str id = {"", 0};
    uint64_t count = 0;
    (void)tc_json_str(ask, "object", &id);
    const struct tc_query q = {
        .ids = &id, .n_ids = 1, .added_after = TC_TIME_NONE, .versions = 1u << TC_VERSIONS_ALL};
    assert_int_equal(tc_journal_count(n->journal, &tc_principal_system, &q, &count), TC_OK);
    return count;
}

static tc_err run(struct tc_node *n, const struct tc_principal *asker, const struct tc_act *act,
                  yyjson_val *ask, struct tc_diag *d)
{
    struct tc_str id = {"", 0}, type;
    const struct tc_audience a = {.tlp = TC_TLP_AMBER, .creator_org = asker->org};
    struct tc_entry_in in = {.type = TC_STR("indicator"), .version = tc_time_now()};
    (void)act;
    (void)d;
    ran++;
    (void)tc_json_str(ask, "object", &id);
    in.id = id;
    in.body = TC_STR("{}");
    assert_int_equal(tc_id_split(id, &type, &in.uuid), TC_OK);
    assert_int_equal(tc_journal_audience(n->journal, &a, &in.audience), TC_OK);
    if (where == BEFORE)
        stop_here();
    tc_err e = tc_journal_append(n->journal, &in, 1);
    stop_here();
    return e;
}

static bool is_done(struct tc_node *n, yyjson_val *ask)
{
    return entries(n, ask) > 0;
}

static const struct tc_approval_kind kind = {.name = "append",
                                             .two = TC_TWO_RELEASE,
                                             .audit = TC_AUDIT_COLLECTION,
                                             .may = may,
                                             .rests = rests,
                                             .run = run,
                                             .is_done = is_done};

/* ---- the node ---- */

static struct tc_node *opened(void)
{
    struct tc_node *n = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_node_open(dir, TC_NODE_COMMAND, &n, &d), TC_OK);
    return n;
}

static uint32_t person(struct tc_node *n, const char *login)
{
    struct tc_diag d;
    uint32_t number = 0;
    tc_diag_init(&d);
    const struct tc_person p = {
        .org = n->org, .roles = TC_ROLE_STEWARD, .login = tc_str_cstr(login), .active = true};
    assert_int_equal(tc_access_person_add(n->access, &p, TC_STR(""), &number, &d), TC_OK);
    return number;
}

static int setup(void **state)
{
    struct tc_diag d;
    const struct tc_org other = {.name = TC_STR("Water works"), .country = TC_STR("BE")};
    const struct tc_community c = {.title = TC_STR("Circle"), .alias = TC_STR("circle")};
    const struct tc_rules none = {0, 0}, two = {TC_TWO_MEMBERSHIP, 0};
    (void)state;
    tc_diag_init(&d);
    assert_non_null(mkdtemp(root));
    (void)snprintf(dir, sizeof dir, "%s/node", root);
    assert_int_equal(tc_approval_ops(), TC_OK);
    assert_int_equal(tc_approval_kind_add(&kind), TC_OK);
    assert_int_equal(tc_node_init(dir, "Test node", &grid, &d), TC_OK);
    struct tc_node *n = opened();
    assert_int_equal(tc_access_org_add(n->access, &other, &water, &d), TC_OK);
    assert_int_equal(tc_access_community_add(n->access, &c, &community, &d), TC_OK);
    assert_int_equal(tc_access_member_functions(n->access, community, n->org, TC_MEMBER_ALL, &d),
                     TC_OK);
    first = person(n, "first");
    second = person(n, "second");
    assert_int_equal(tc_access_rules_set(n->access, community, &none, &two, NULL, &d), TC_OK);
    tc_node_close(n);
    return 0;
}

static void empty(const char *path)
{
    DIR *list = opendir(path);
    const struct dirent *item;
    char below[512];
    while (list && (item = readdir(list)) != NULL) {
        if (item->d_name[0] == '.')
            continue;
        (void)snprintf(below, sizeof below, "%.200s/%.255s", path, item->d_name);
        if (unlink(below) != 0)
            empty(below);
    }
    if (list)
        (void)closedir(list);
    (void)rmdir(path);
}

static int teardown(void **state)
{
    (void)state;
    empty(root);
    return 0;
}

static const struct tc_principal *as(struct tc_node *n, uint32_t p, struct tc_login **l)
{
    assert_int_equal(tc_access_login_as(n->access, p, l), TC_OK);
    return &(*l)->principal;
}

static void approve(struct tc_node *n, const char *id)
{
    struct tc_login *l;
    const struct tc_second by = {.from = TC_STR("test")};
    enum tc_act_state state;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_approval_answer(n, as(n, second, &l), tc_str_cstr(id), true, TC_STR("yes"), &by,
                                  &state, &d);
    if (e)
        _exit(7);
    tc_login_unref(l);
}

static enum tc_act_state state_of(struct tc_node *n, const char *id)
{
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_act act;
    assert_int_equal(tc_access_act_by(n->access, tc_str_cstr(id), a, &act), TC_OK);
    tc_arena_free(a);
    return act.state;
}

static pid_t child(int p[2])
{
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    (void)close(p[pid != 0]);
    return pid;
}

static void killed(pid_t pid)
{
    int status;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

/* ---- before and after the doing ---- */

static void ask_append(struct tc_node *n, const char *text, char id[TC_UUID_TEXT])
{
    struct tc_login *l;
    struct tc_diag d;
    struct tc_second s = {.why = TC_STR("a test"), .from = TC_STR("test")};
    tc_diag_init(&d);
    assert_int_equal(
        tc_approval_ask(n, as(n, first, &l), "append", community, tc_str_cstr(text), &s, &d),
        TC_OK);
    memcpy(id, s.id, sizeof s.id);
    tc_login_unref(l);
}

static void kill_within(int moment)
{
    char id[TC_UUID_TEXT], text[128], x;
    int p[2];
    struct tc_json j;
    (void)snprintf(text, sizeof text, "{\"object\":\"%s%d\"}", probe, moment);
    assert_int_equal(tc_json_read(tc_str_cstr(text), 1000, 0, &j, NULL), TC_OK);
    struct tc_node *n = opened();
    ask_append(n, text, id);
    tc_node_close(n);
    pid_t pid = child(p);
    if (pid == 0) {
        here = p[1];
        where = moment;
        approve(opened(), id);
        _exit(8);
    }
    assert_int_equal(read(p[0], &x, 1), 1); /* it is inside */
    killed(pid);
    (void)close(p[0]);
    n = opened();
    assert_int_equal(state_of(n, id), TC_ACT_APPROVED);
    assert_int_equal(entries(n, j.root), moment == AFTER);
    ran = 0;
    assert_int_equal(tc_approval_tick(n), TC_OK);
    assert_int_equal(ran, moment == BEFORE);
    assert_int_equal(state_of(n, id), TC_ACT_DONE);
    assert_int_equal(tc_approval_tick(n), TC_OK);
    assert_int_equal(entries(n, j.root), 1);
    tc_node_close(n);
    tc_json_fini(&j);
}

static void test_within(void **state)
{
    (void)state;
    kill_within(BEFORE);
    kill_within(AFTER);
}

/* ---- at any moment ---- */

static void ask_member(struct tc_node *n, bool in, char id[TC_UUID_TEXT])
{
    struct tc_login *l;
    struct tc_diag d;
    struct tc_second s = {.from = TC_STR("test")};
    tc_diag_init(&d);
    assert_int_equal(tc_member_change(n, as(n, first, &l), community, water,
                                      in ? TC_MEMBER_RECEIVES : 0, &s, &d),
                     TC_OK);
    assert_int_equal(s.id[0] != 0, 1);
    memcpy(id, s.id, sizeof s.id);
    tc_login_unref(l);
}

static void test_any_moment(void **state)
{
    unsigned done = 0;
    (void)state;
    srand(20261122);
    for (int i = 0; i < ROUNDS; i++) {
        char id[TC_UUID_TEXT], x;
        int p[2];
        struct tc_node *n = opened();
        bool was = tc_access_functions(n->access, community, water);
        ask_member(n, !was, id);
        tc_node_close(n);
        pid_t pid = child(p);
        if (pid == 0) {
            n = opened();
            if (write(p[1], "x", 1) != 1)
                _exit(9);
            approve(n, id);
            for (;;)
                (void)pause();
        }
        assert_int_equal(read(p[0], &x, 1), 1);
        (void)usleep((useconds_t)(rand() % 60000));
        killed(pid);
        (void)close(p[0]);
        n = opened();
        enum tc_act_state s = state_of(n, id);
        bool is = tc_access_functions(n->access, community, water);
        assert_int_equal(s == TC_ACT_DONE, is != was);
        assert_int_equal(tc_approval_tick(n), TC_OK);
        assert_int_not_equal(state_of(n, id), TC_ACT_APPROVED);
        is = tc_access_functions(n->access, community, water);
        assert_int_equal(state_of(n, id) == TC_ACT_DONE, is != was);
        if (state_of(n, id) == TC_ACT_WAITING)
            approve(n, id);
        assert_true(tc_access_functions(n->access, community, water) != was);
        done += s == TC_ACT_DONE;
        tc_node_close(n);
    }
    print_message("%u of %d were done before the kill\n", done, ROUNDS);
}

/* ---- in time ---- */

static void test_lapse(void **state)
{
    struct tc_diag d;
    struct tc_login *l;
    struct tc_node *n = opened();
    enum tc_act_state s;
    const struct tc_second by = {.from = TC_STR("test")};
    struct tc_act act = {
        .community = community,
        .kind = TC_STR("append"),
        .ask = TC_STR("{\"object\":\"indicator--00000000-0000-4000-8000-0000000000ff\"}"),
        .org = n->org,
        .person = first,
        .due = tc_time_now() - 1};
    (void)state;
    tc_diag_init(&d);
    assert_int_equal(tc_access_act_add(n->access, &act, &d), TC_OK);
    assert_int_equal(tc_approval_answer(n, as(n, second, &l), tc_str_cstr(act.id), true,
                                        TC_STR("yes"), &by, &s, &d),
                     TC_E_CONFLICT);
    assert_int_equal(state_of(n, act.id), TC_ACT_LAPSED);
    assert_int_equal(tc_access_act_add(n->access, &act, &d), TC_OK);
    assert_int_equal(tc_approval_tick(n), TC_OK);
    assert_int_equal(state_of(n, act.id), TC_ACT_LAPSED);
    tc_login_unref(l);
    /* who came later is no second */
    char id[TC_UUID_TEXT];
    ask_append(n, "{\"object\":\"indicator--00000000-0000-4000-8000-0000000000fe\"}", id);
    uint32_t late = person(n, "late");
    assert_int_equal(
        tc_approval_answer(n, as(n, late, &l), tc_str_cstr(id), true, TC_STR("yes"), &by, &s, &d),
        TC_E_NOTFOUND);
    tc_login_unref(l);
    /* who asked may not any more */
    assert_int_equal(tc_access_person_set(n->access, first, TC_ROLE_READER, true, &d), TC_OK);
    assert_int_equal(
        tc_approval_answer(n, as(n, second, &l), tc_str_cstr(id), true, TC_STR("yes"), &by, &s, &d),
        TC_E_CONFLICT);
    assert_int_equal(state_of(n, id), TC_ACT_LAPSED);
    tc_login_unref(l);
    tc_node_close(n);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_within),
                                              cmocka_unit_test(test_any_moment),
                                              cmocka_unit_test(test_lapse)};
    return cmocka_run_group_tests(tests, setup, teardown);
}

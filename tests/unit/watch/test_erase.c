/* SPDX-License-Identifier: Apache-2.0 */
/* What readers conclude from an object while it is being erased goes too. The readers here are held
 * at the worst moment: they have read, and have not appended yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/log.h"
#include "watch/erase.h"
#include "watch/retention.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT (20 * TC_SECOND)

/* A reader that concludes, from each object of a type, one of another type that names it. */
struct holder {
    const char *name, *from, *makes;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool has_read, may_append;
    unsigned made;
    struct fix *fix;
};

struct fix {
    char root[64], dir[96];
    struct tc_node *n;
    struct tc_retention *r;
    uint32_t audience;
    struct holder impact, warn;
};

static const struct tc_org grid = {.name = {"Grid authority", 14}, .country = {"NL", 2}};
static const struct tc_str url = {"url--00000000-0000-4000-8000-000000000001", 41};

static void post(struct fix *f, struct tc_str id, struct tc_str creator, const char *text)
{
    char body[512];
    struct tc_entry_in in = {.version = TC_TIME_NONE,
                             .id = id,
                             .creator = creator,
                             .audience = f->audience,
                             .community = 1};
    (void)snprintf(body, sizeof body, "{\"type\":\"x\",\"id\":\"%.*s\",\"says\":\"%s\"}",
                   TC_FMT(id), text);
    in.body = tc_str_cstr(body);
    assert_int_equal(tc_id_split(id, &in.type, &in.uuid), TC_OK);
    assert_int_equal(tc_journal_append(f->n->journal, &in, 1), TC_OK);
    assert_int_equal(in.outcome, TC_OUT_APPENDED);
}

static void conclude(struct fix *f, const char *type, unsigned number, const char *of)
{
    char id[TC_ID_MAX];
    (void)snprintf(id, sizeof id, "%s--00000000-0000-4000-8000-%03u000000%03u", type,
                   (unsigned)type[0], number);
    post(f, tc_str_cstr(id), tc_str_cstr(f->n->identity), of);
}

static void hold(struct holder *h)
{
    (void)pthread_mutex_lock(&h->lock);
    h->has_read = true;
    (void)pthread_cond_broadcast(&h->moved);
    while (!h->may_append)
        (void)pthread_cond_wait(&h->moved, &h->lock);
    (void)pthread_mutex_unlock(&h->lock);
}

static void wait_read(struct holder *h)
{
    (void)pthread_mutex_lock(&h->lock);
    while (!h->has_read)
        (void)pthread_cond_wait(&h->moved, &h->lock);
    (void)pthread_mutex_unlock(&h->lock);
}

static void release(struct holder *h)
{
    (void)pthread_mutex_lock(&h->lock);
    h->may_append = true;
    (void)pthread_cond_broadcast(&h->moved);
    (void)pthread_mutex_unlock(&h->lock);
}

static tc_err holder_step(void *self, struct tc_node *n, uint64_t after, uint64_t head,
                          uint64_t *reached)
{
    struct holder *h = self;
    const struct tc_query q = {.after = after, .until = head, .added_after = TC_TIME_NONE};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        if (!tc_str_is(row.type, h->from))
            continue;
        char id[TC_ID_MAX];
        assert_true(tc_str_copy(row.id, id, sizeof id));
        hold(h);
        conclude(h->fix, h->makes, ++h->made, id);
    }
    tc_reader_close(r);
    *reached = head;
    return e;
}

static void holder_watch(struct fix *f, struct holder *h, const char *name, const char *from,
                         const char *makes)
{
    *h = (struct holder){.name = name, .from = from, .makes = makes, .fix = f};
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_cond_init(&h->moved, NULL);
    const struct tc_watcher w = {.name = name, .step = holder_step, .self = h};
    assert_int_equal(tc_node_watch(f->n, &w), TC_OK);
}

static int set_up(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    struct tc_diag d;
    const struct tc_audience green = {.tlp = TC_TLP_GREEN, .creator_org = 1};
    tc_diag_init(&d);
    tc_log_set_level(TC_LOG_ERROR);
    (void)snprintf(f->root, sizeof f->root, "/tmp/tocsin-erase-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    (void)snprintf(f->dir, sizeof f->dir, "%s/node", f->root);
    assert_int_equal(tc_node_init(f->dir, "Test", &grid, &d), TC_OK);
    assert_int_equal(tc_node_open(f->dir, TC_NODE_COMMAND, &f->n, &d), TC_OK);
    assert_int_equal(tc_journal_audience(f->n->journal, &green, &f->audience), TC_OK);
    assert_int_equal(tc_erase_watch(f->n), TC_OK); /* first: it goes last all the same */
    holder_watch(f, &f->impact, "concludes", "url", "finding");
    holder_watch(f, &f->warn, "warns", "finding", "warning");
    *state = f;
    return 0;
}

static void empty(const char *dir, int depth)
{
    DIR *list = opendir(dir);
    const struct dirent *item;
    char path[600];
    while (list && depth && (item = readdir(list)) != NULL) {
        if (item->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, item->d_name);
        if (unlink(path))
            empty(path, depth - 1);
    }
    if (list)
        (void)closedir(list);
    (void)rmdir(dir);
}

static int tear_down(void **state)
{
    struct fix *f = *state;
    tc_node_close(f->n);
    tc_retention_free(f->r);
    empty(f->root, 8);
    free(f);
    return 0;
}

static void start(struct fix *f)
{
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_node_start(f->n, &d), TC_OK);
}

static uint64_t there(struct fix *f, const char *type)
{
    const struct tc_str t = tc_str_cstr(type);
    const struct tc_query q = {
        .types = &t, .n_types = 1, .added_after = TC_TIME_NONE, .versions = 1u << TC_VERSIONS_ALL};
    uint64_t n = 0;
    assert_int_equal(tc_journal_count(f->n->journal, &tc_principal_system, &q, &n), TC_OK);
    return n;
}

static void erase(struct fix *f, bool keep)
{
    const struct tc_erase_ask ask = {.who = &tc_principal_system,
                                     .ids = &url,
                                     .n = 1,
                                     .why = TC_STR("case 12"),
                                     .how = TC_STR("test"),
                                     .keep_conclusions = keep};
    struct tc_erased did;
    struct tc_diag d;
    tc_diag_init(&d);
    assert_int_equal(tc_erase(f->n, &ask, &did, &d), TC_OK);
    assert_int_equal(did.entries, 1);
    assert_int_equal(did.conclusions, 0);
}

static void test_concluded_meanwhile(void **state)
{
    struct fix *f = *state;
    post(f, url, TC_STR(""), "secret");
    start(f);
    wait_read(&f->impact); /* it holds what it read */
    erase(f, false);
    release(&f->impact); /* appends a finding that names what is gone */
    wait_read(&f->warn); /* the next one holds the finding */
    int64_t until = tc_time_monotonic() + WAIT;
    while (there(f, "finding") && tc_time_monotonic() < until) /* which goes all the same */
        (void)tc_journal_wait(f->n->journal, tc_journal_head(f->n->journal), 1000);
    assert_int_equal(there(f, "finding"), 0);
    release(&f->warn); /* appends a warning that names the finding */
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    assert_int_equal(f->impact.made, 1);
    assert_int_equal(f->warn.made, 1);
    assert_int_equal(there(f, "finding"), 0);
    assert_int_equal(there(f, "warning"), 0);
}

static void test_retention_too(void **state)
{
    struct fix *f = *state;
    size_t erased = 0;
    assert_int_equal(tc_retention_alone(f->n, &f->r), TC_OK);
    post(f, url, TC_STR(""),
         "\",\"extensions\":{\"extension-definition--670108fa-ff1d-5a5b-a491-a12d9af1cf5e\":"
         "{\"erase_due\":\"2001-01-01T00:00:00Z\"}},\"x\":\"");
    start(f);
    wait_read(&f->impact);
    assert_int_equal(tc_retention_read(f->r, tc_journal_head(f->n->journal)), TC_OK);
    assert_int_equal(tc_retention_run(f->r, &erased), TC_OK);
    assert_int_equal(erased, 1);
    release(&f->impact);
    release(&f->warn);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    assert_int_equal(f->impact.made, 1);
    assert_int_equal(there(f, "finding"), 0);
    assert_int_equal(there(f, "warning"), 0);
}

static void test_kept(void **state)
{
    struct fix *f = *state;
    post(f, url, TC_STR(""), "secret");
    start(f);
    wait_read(&f->impact);
    erase(f, true);
    release(&f->impact);
    release(&f->warn);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    assert_int_equal(there(f, "finding"), 1);
    assert_int_equal(there(f, "warning"), 1);
}

/* A value without versions may be posted anew; what is concluded from then on stays. The reader
 * comes to all of it late, as after a crash. */
static void test_posted_anew(void **state)
{
    struct fix *f = *state;
    release(&f->impact);
    release(&f->warn);
    f->impact.from = f->warn.from = "nothing";
    post(f, url, TC_STR(""), "secret");
    erase(f, false);
    conclude(f, "finding", 1, url.p);
    post(f, url, TC_STR(""), "again");
    conclude(f, "finding", 2, url.p);
    start(f);
    assert_int_equal(tc_node_settle(f->n, WAIT), TC_OK);
    assert_int_equal(there(f, "finding"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_concluded_meanwhile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_retention_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_posted_anew, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

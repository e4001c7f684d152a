/* SPDX-License-Identifier: Apache-2.0 */
/* From report to warning: incidents are reported at a steady rate to a node with a register, and a
 * recipient waits at the journal, reading as itself. The time from "accepted" to "the warning was
 * read by its recipient": three commits, of the report, the finding and the warning.
 * Reports come when they are due, whether or not the node keeps up. One JSON line.
 *
 *   bench_warn [RATE [SECONDS [IMPORT]]]    500 reports a second, 10 seconds; IMPORT 1: a bulk
 *                                           import runs meanwhile */
#include "base/log.h"
#include "base/num.h"
#include "intake/intake.h"
#include "model/extensions.h"
#include "warn/warn.h"
#include "watch/impact.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { POSTERS = 4, DEPENDANTS = 3, ROOM = 16 << 20 };

static struct tc_node *node;
static uint64_t rate = 500, lasting = 10, importing, reports;
static uint32_t care, community;
static char care_id[TC_ID_MAX];
static tc_time *accepted, *seen; /* 0 = not yet */
static int64_t begin;
static _Atomic bool over;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_warn: %s failed\n", what);
    exit(4);
}

static void empty(const char *dir)
{
    DIR *list = opendir(dir);
    const struct dirent *item;
    while (list && (item = readdir(list)) != NULL)
        (void)unlinkat(dirfd(list), item->d_name, 0);
    if (list)
        (void)closedir(list);
    (void)rmdir(dir);
}

/* ---- objects ---- */

static void head(struct tc_buf *b, const char *type, unsigned kind, uint64_t number)
{
    tc_buf_fmt(b,
               "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"%s--%08x-0000-4000-8000-%012llx"
               "\",\"created_by_ref\":\"%s\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"
               "\"2026-01-01T00:00:00.000Z\"",
               type, type, kind, (unsigned long long)number, node->identity);
}

static void extension(struct tc_buf *b, const char *id)
{
    tc_buf_fmt(b, ",\"extensions\":{\"%s\":{\"extension_type\":\"property-extension\"", id);
}

static void put_asset(struct tc_buf *b, unsigned kind, uint64_t number)
{
    head(b, "infrastructure", kind, number);
    tc_buf_fmt(b, ",\"name\":\"Site %u-%llu\"", kind, (unsigned long long)number);
    extension(b, TC_EXT_ASSET);
    tc_buf_fmt(b, ",\"sector\":\"%s\",\"country\":\"NL\",\"operator_ref\":\"%s\"}}}",
               kind ? "health" : "energy", kind ? care_id : node->identity);
}

static void put_dependency(struct tc_buf *b, unsigned kind, uint64_t number)
{
    head(b, "relationship", kind, number);
    tc_buf_fmt(b,
               ",\"relationship_type\":\"depends-on\",\"source_ref\":\"infrastructure--%08x-0000-"
               "4000-8000-%012llx\",\"target_ref\":\"infrastructure--%08x-0000-4000-8000-%012llx\"",
               kind, (unsigned long long)number, 0, (unsigned long long)number);
    extension(b, TC_EXT_DEPENDENCY);
    tc_buf_cstr(b, ",\"service\":\"electricity\",\"mode\":\"flow\",\"group\":\"grid\",\"need\":"
                   "\"1\",\"buffer\":\"PT4H\"}}}");
}

static void put_incident(struct tc_buf *b, uint64_t number)
{
    head(b, "incident", 9, number);
    tc_buf_cstr(b, ",\"name\":\"Outage\"");
    extension(b, TC_EXT_EVENT);
    tc_buf_fmt(b,
               ",\"affected_refs\":[\"infrastructure--00000000-0000-4000-8000-%012llx\"],"
               "\"started\":\"2026-11-21T10:00:00Z\",\"exercise\":true}}}",
               (unsigned long long)number);
}

/* Returns when the first of them was accepted, by the journal's own clock: before the commit that
 * makes it durable, so what is measured is rather too much than too little. */
static tc_time append(struct tc_buf *b)
{
    const struct tc_principal by = {.org = node->org};
    const struct tc_intake_from from = {&by, community, TC_TLP_AMBER};
    struct tc_intake_batch *batch = NULL;
    must(!b->err && tc_intake_prepare(node, &from, tc_buf_view(b), &batch, NULL) == TC_OK &&
             tc_intake_append(batch) == TC_OK && tc_intake_item(batch, 0)->state == TC_ITEM_NEW,
         "an append");
    tc_time added = tc_intake_item(batch, 0)->added;
    tc_intake_free(batch);
    tc_buf_clear(b);
    return added;
}

static void make_register(void)
{
    struct tc_buf b;
    tc_buf_init(&b, ROOM);
    for (uint64_t i = 0; i < reports;) {
        tc_buf_cstr(&b, "[");
        for (uint64_t end = i + 1000 < reports ? i + 1000 : reports; i < end; i++) {
            put_asset(&b, 0, i);
            for (unsigned k = 1; k <= DEPENDANTS; k++) {
                tc_buf_char(&b, ',');
                put_asset(&b, k, i);
                tc_buf_char(&b, ',');
                put_dependency(&b, k, i);
            }
            tc_buf_cstr(&b, i + 1 < end ? "," : "]");
        }
        (void)append(&b);
    }
    tc_buf_fini(&b);
}

/* ---- the run ---- */

static void *post(void *arg)
{
    uint64_t first = (uint64_t)(uintptr_t)arg;
    struct tc_buf b;
    tc_buf_init(&b, ROOM);
    for (uint64_t i = first; i < reports; i += POSTERS) {
        int64_t due = begin + (int64_t)(i * 1000000 / rate), now = tc_time_monotonic();
        const struct timespec wait = {(due - now) / 1000000, (due - now) % 1000000 * 1000};
        if (due > now)
            (void)nanosleep(&wait, NULL);
        put_incident(&b, i);
        accepted[i] = append(&b);
    }
    tc_buf_fini(&b);
    return NULL;
}

static void *import(void *arg)
{
    struct tc_buf b;
    (void)arg;
    tc_buf_init(&b, ROOM);
    for (uint64_t i = 0; !atomic_load(&over);) {
        tc_buf_cstr(&b, "[");
        for (uint64_t end = i + 2000; i < end; i++) {
            head(&b, "identity", 7, i);
            tc_buf_fmt(&b, ",\"name\":\"Somebody %llu\"}%s", (unsigned long long)i,
                       i + 1 < end ? "," : "]");
        }
        (void)append(&b);
    }
    tc_buf_fini(&b);
    return NULL;
}

/* Which report a warning is for: its sites carry the number of the substation. */
static void note(struct tc_str body, tc_time now)
{
    const struct tc_str mark = TC_STR("\"asset_ref\":\"infrastructure--0000000");
    size_t at = tc_str_find(body, mark);
    must(at != SIZE_MAX && body.n > at + mark.n + 40, "finding the site in a warning");
    uint64_t i = 0;
    for (const char *c = body.p + at + mark.n + 1 + 16; *c != '"'; c++)
        i = i * 16 + (uint64_t)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
    must(i < reports, "reading a warning");
    if (!seen[i])
        seen[i] = now;
}

static void receive(struct tc_arena *a)
{
    static const struct tc_str type = {"warning", 7};
    struct tc_principal p;
    uint64_t after = 0, found = 0;
    int64_t give_up = begin + (int64_t)(lasting + 30) * 1000000;
    must(tc_access_org_principal(node->access, care, a, &p) == TC_OK, "the recipient");
    while (found < reports && tc_time_monotonic() < give_up) {
        uint64_t head_now = tc_journal_wait(node->journal, after, 100000);
        const struct tc_query q = {.after = after,
                                   .until = head_now,
                                   .types = &type,
                                   .n_types = 1,
                                   .versions = 1u << TC_VERSIONS_ALL};
        struct tc_reader *r = NULL;
        struct tc_row row;
        if (head_now <= after)
            continue;
        must(tc_reader_open(node->journal, &p, &q, &r) == TC_OK, "reading");
        while (tc_reader_next(r, &row) == TC_OK && row.seq) {
            note(row.body, tc_time_now());
            found++;
        }
        tc_reader_close(r);
        after = head_now;
    }
}

static int by_value(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static void report(void)
{
    uint64_t n = 0;
    int64_t *late = calloc(reports, sizeof *late);
    must(late != NULL, "memory");
    for (uint64_t i = 0; i < reports; i++)
        if (seen[i])
            late[n++] = seen[i] > accepted[i] ? seen[i] - accepted[i] : 0;
    qsort(late, n, sizeof *late, by_value);
    must(n > 0, "any warning");
    (void)printf("{\"bench\":\"warn\",\"reports_per_second\":%llu,\"reports\":%llu,\"warned\":%llu,"
                 "\"bulk_import\":%s,\"entries\":%llu,\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"max_ms\":"
                 "%.1f,\"limit_p99_ms\":%d}\n",
                 (unsigned long long)rate, (unsigned long long)reports, (unsigned long long)n,
                 importing ? "true" : "false", (unsigned long long)tc_journal_head(node->journal),
                 (double)late[n / 2] / 1e3, (double)late[n * 99 / 100] / 1e3,
                 (double)late[n - 1] / 1e3, importing ? 1000 : 100);
    free(late);
}

static void run(struct tc_arena *a)
{
    pthread_t posters[POSTERS], importer;
    begin = tc_time_monotonic() + 100000;
    for (uint64_t i = 0; i < POSTERS; i++)
        must(!pthread_create(&posters[i], NULL, post, (void *)(uintptr_t)i), "a thread");
    if (importing)
        must(!pthread_create(&importer, NULL, import, NULL), "a thread");
    receive(a);
    atomic_store(&over, true);
    for (uint64_t i = 0; i < POSTERS; i++)
        (void)pthread_join(posters[i], NULL);
    if (importing)
        (void)pthread_join(importer, NULL);
    report();
}

static void make_node(const char *dir, struct tc_arena *a)
{
    const struct tc_org self = {.name = TC_STR("Contact point"), .country = TC_STR("NL")};
    struct tc_org org = {.name = TC_STR("Care group"), .country = TC_STR("NL")};
    const struct tc_community c = {.title = TC_STR("energy"), .kind = TC_STR("sector")};
    must(tc_node_init(dir, "bench", &self, NULL) == TC_OK &&
             tc_node_open(dir, TC_NODE_COMMAND, &node, NULL) == TC_OK &&
             tc_access_org_add(node->access, &org, &care, NULL) == TC_OK &&
             tc_access_org_by(node->access, care, TC_STR(""), a, &org) == TC_OK &&
             tc_access_community_add(node->access, &c, &community, NULL) == TC_OK &&
             tc_access_member_set(node->access, community, node->org, true, true, NULL) == TC_OK,
         "making a node");
    (void)tc_str_copy(org.identity, care_id, sizeof care_id);
}

int main(int argc, char **argv)
{
    char root[64] = "/tmp/tocsin-bench-warn-XXXXXX", dir[96];
    struct tc_impact *impact = NULL;
    struct tc_warn *warn = NULL;
    uint64_t *const numbers[] = {&rate, &lasting, &importing};
    for (int i = 1; i < argc && i < 4; i++)
        must(tc_num_u64(tc_str_cstr(argv[i]), 100000, numbers[i - 1]) == TC_OK, "reading a number");
    reports = rate * lasting;
    accepted = calloc(reports + 1, sizeof *accepted);
    seen = calloc(reports + 1, sizeof *seen);
    struct tc_arena *a = tc_arena_new(1u << 20);
    must(reports && accepted && seen && a && mkdtemp(root), "beginning");
    tc_log_set_level(TC_LOG_WARN);
    (void)snprintf(dir, sizeof dir, "%s/node", root);
    make_node(dir, a);
    make_register();
    must(tc_impact_watch(node, &impact) == TC_OK &&
             tc_warn_watch(node, TC_WARN_AUTO_ALL, &warn) == TC_OK &&
             tc_node_start(node, NULL) == TC_OK && tc_node_settle(node, 60 * TC_SECOND) == TC_OK,
         "starting");
    run(a);
    tc_node_close(node);
    tc_warn_free(warn);
    tc_impact_free(impact);
    tc_arena_free(a);
    free(accepted);
    free(seen);
    empty(dir);
    empty(root);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* From one change to the findings that follow from it, in a register of 100,000 assets and 300,000
 * dependencies with one large outage open: an incident, its end, a changed number of people at a
 * site that is hit, a new dependency on what is out, and its withdrawal. Measured from "accepted"
 * (the journal's clock, before the commit that makes it durable) to "the finding was read": two
 * commits with their fsync, which are given beside it. One JSON line. */
#include "base/log.h"
#include "intake/intake.h"
#include "model/extensions.h"
#include "watch/impact.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { N = 100000, SUPPLIERS = 3, ROUNDS = 40, KINDS = 5, ROOM = 32 << 20 };
enum { TIER1 = 500, TIER2 = 5000, TIER3 = 25000 };

#define WANTED_MS 5 /* of each median */

static const char *const kinds[KINDS] = {"incident", "recovery", "asset_changed",
                                         "dependency_added", "dependency_withdrawn"};
static struct tc_node *node;
static uint64_t read_to; /* findings up to here were read */
static unsigned version;
static int64_t took[KINDS][ROUNDS];

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_findings: %s failed\n", what);
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

static void head(struct tc_buf *b, const char *type, unsigned kind, uint32_t number)
{
    tc_buf_fmt(b,
               "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"%s--%08x-0000-4000-8000-%012x\","
               "\"created_by_ref\":\"%s\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":"
               "\"2026-01-01T00:%02u:%02u.000Z\"",
               type, type, kind, number, node->identity, version / 60, version % 60);
}

static void extension(struct tc_buf *b, const char *id)
{
    tc_buf_fmt(b, ",\"extensions\":{\"%s\":{\"extension_type\":\"property-extension\"", id);
}

static void put_asset(struct tc_buf *b, uint32_t number, uint32_t people)
{
    head(b, "infrastructure", 0, number);
    tc_buf_fmt(b, ",\"name\":\"Site %u\"", number);
    extension(b, TC_EXT_ASSET);
    tc_buf_fmt(b,
               ",\"sector\":\"energy\",\"country\":\"NL\",\"people\":%u,\"operator_ref\":\"%s\"}}}",
               people, node->identity);
}

static void put_dependency(struct tc_buf *b, unsigned kind, uint32_t number, uint32_t supplier,
                           bool revoked)
{
    head(b, "relationship", kind, number);
    tc_buf_fmt(
        b,
        ",\"relationship_type\":\"depends-on\",\"source_ref\":\"infrastructure--00000000-0000"
        "-4000-8000-%012x\",\"target_ref\":\"infrastructure--00000000-0000-4000-8000-%012x\"%s",
        number, supplier, revoked ? ",\"revoked\":true" : "");
    extension(b, TC_EXT_DEPENDENCY);
    tc_buf_fmt(b, ",\"service\":\"%s\",\"mode\":\"flow\",\"need\":\"1\"}}}",
               kind == 9 ? "gas" : "electricity");
}

static void put_incident(struct tc_buf *b, uint32_t number, uint32_t asset, bool over)
{
    head(b, "incident", 8, number);
    tc_buf_cstr(b, ",\"name\":\"Outage\"");
    extension(b, TC_EXT_EVENT);
    tc_buf_fmt(b,
               ",\"affected_refs\":[\"infrastructure--00000000-0000-4000-8000-%012x\"],"
               "\"started\":\"2026-11-21T10:00:00Z\"%s}}}",
               asset, over ? ",\"status\":\"closed\"" : "");
}

static tc_time append(struct tc_buf *b)
{
    const struct tc_principal by = {.org = node->org};
    const struct tc_intake_from from = {&by, 0, TC_TLP_AMBER};
    struct tc_intake_batch *batch = NULL;
    must(!b->err && tc_intake_prepare(node, &from, tc_buf_view(b), &batch, NULL) == TC_OK &&
             tc_intake_append(batch) == TC_OK && tc_intake_item(batch, 0)->state == TC_ITEM_NEW,
         "an append");
    tc_time added = tc_intake_item(batch, 0)->added;
    tc_intake_free(batch);
    tc_buf_clear(b);
    return added;
}

/* Waits for a finding that is newer than what was read; how long after `from`. */
static int64_t until_found(tc_time from)
{
    static const struct tc_str type = {"finding", 7};
    int64_t give_up = tc_time_monotonic() + 20 * TC_SECOND;
    while (tc_time_monotonic() < give_up) {
        uint64_t to = tc_journal_wait(node->journal, read_to, 100000);
        const struct tc_query q = {.after = read_to,
                                   .until = to,
                                   .types = &type,
                                   .n_types = 1,
                                   .versions = 1u << TC_VERSIONS_ALL};
        struct tc_reader *r = NULL;
        struct tc_row row;
        must(tc_reader_open(node->journal, &tc_principal_system, &q, &r) == TC_OK &&
                 tc_reader_next(r, &row) == TC_OK,
             "reading");
        bool found = row.seq != 0;
        tc_time now = tc_time_now();
        tc_reader_close(r);
        read_to = to;
        if (found)
            return now > from ? now - from : 0;
    }
    must(false, "waiting for a finding");
    return 0;
}

static void make_register(void)
{
    static const uint32_t tier[] = {0, TIER1, TIER2, TIER3, N};
    struct tc_buf b;
    tc_buf_init(&b, ROOM);
    for (uint32_t t = 0; t < 4; t++)
        for (uint32_t v = tier[t]; v < tier[t + 1];) {
            tc_buf_cstr(&b, "[");
            for (uint32_t end = v + 1000 < tier[t + 1] ? v + 1000 : tier[t + 1]; v < end; v++) {
                put_asset(&b, v, 100);
                for (unsigned k = 0; t && k < SUPPLIERS; k++) {
                    uint32_t width = tier[t] - tier[t - 1];
                    tc_buf_char(&b, ',');
                    put_dependency(&b, 1 + k, v, tier[t - 1] + (v * 7 + k * 31) % width, false);
                }
                tc_buf_cstr(&b, v + 1 < end ? "," : "]");
            }
            (void)append(&b);
        }
    put_incident(&b, 0, 3, false); /* open all the time */
    (void)append(&b);
    tc_buf_fini(&b);
}

static void one_round(int i)
{
    struct tc_buf b;
    const uint32_t site = TIER3 + 1000 + (uint32_t)i, plant = TIER2 + 500 + (uint32_t)i;
    tc_buf_init(&b, 1u << 20);
    for (int kind = 0; kind < KINDS; kind++) {
        version++;
        if (kind < 2)
            put_incident(&b, 1 + (uint32_t)i, plant, kind == 1);
        else if (kind == 2)
            put_asset(&b, 3, 200 + (uint32_t)i);
        else
            put_dependency(&b, 9, site, 3, kind == 4);
        must(tc_node_settle(node, 10 * TC_SECOND) == TC_OK, "settling");
        read_to = tc_journal_head(node->journal);
        took[kind][i] = until_found(append(&b));
    }
    tc_buf_fini(&b);
}

static int by_value(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* Two commits of one small entry each, one after the other. */
static double two_commits(void)
{
    int64_t t[ROUNDS];
    struct tc_buf b;
    tc_buf_init(&b, 1u << 16);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        int64_t begin = tc_time_monotonic();
        for (uint32_t k = 0; k < 2; k++) {
            head(&b, "identity", 7, 2 * i + k);
            tc_buf_cstr(&b, ",\"name\":\"Somebody\"}");
            (void)append(&b);
        }
        t[i] = tc_time_monotonic() - begin;
    }
    tc_buf_fini(&b);
    qsort(t, ROUNDS, sizeof *t, by_value);
    return (double)t[ROUNDS / 2] / 1e3;
}

int main(void)
{
    char root[64] = "/tmp/tocsin-bench-findings-XXXXXX", dir[96];
    const struct tc_org self = {.name = TC_STR("Contact point"), .country = TC_STR("NL")};
    struct tc_impact *impact = NULL;
    tc_log_set_level(TC_LOG_WARN);
    must(mkdtemp(root) != NULL, "a folder");
    (void)snprintf(dir, sizeof dir, "%s/node", root);
    must(tc_node_init(dir, "bench", &self, NULL) == TC_OK &&
             tc_node_open(dir, TC_NODE_COMMAND, &node, NULL) == TC_OK,
         "making a node");
    make_register();
    double commits = two_commits();
    must(tc_impact_watch(node, &impact) == TC_OK && tc_node_start(node, NULL) == TC_OK &&
             tc_node_settle(node, 60 * TC_SECOND) == TC_OK,
         "starting");
    for (int i = 0; i < ROUNDS; i++)
        one_round(i);
    (void)printf(
        "{\"bench\":\"findings\",\"assets\":%d,\"dependencies\":%d,\"two_commits_ms\":%.2f", N,
        (N - TIER1) * SUPPLIERS, commits);
    bool holds = true;
    for (int k = 0; k < KINDS; k++) {
        qsort(took[k], ROUNDS, sizeof took[k][0], by_value);
        (void)printf(",\"%s_ms\":{\"p50\":%.2f,\"max\":%.2f}", kinds[k],
                     (double)took[k][ROUNDS / 2] / 1e3, (double)took[k][ROUNDS - 1] / 1e3);
        holds = holds && took[k][ROUNDS / 2] < WANTED_MS * 1000;
    }
    (void)printf(",\"wanted_ms\":%d,\"holds\":%s}\n", WANTED_MS, holds ? "true" : "false");
    tc_node_close(node);
    tc_impact_free(impact);
    empty(dir);
    empty(root);
    return 0;
}

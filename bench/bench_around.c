/* SPDX-License-Identifier: Apache-2.0 */
/* Correlation as it is asked of a node: through the journal, for an organisation that may read all
 * of it, to the JSON of the answer. One JSON line: how fast lists and index are made of the
 * journal, what one more object costs until it is found, a thousand values at once (each held by a
 * few objects, and all of them hot), what was near, and the graph around an object two steps deep.
 *
 *   bench_around [OBJECTS]      200,000, in a new folder under /var/tmp */
#include "base/log.h"
#include "base/num.h"
#include "base/time.h"
#include "watch/around.h"
#include "watch/find.h"
#include "watch/near.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BATCH = 2000, ROUNDS = 20, MORE = 200, ASKS = 200, HOT_ONE_IN = 20 };

static struct tc_node *node;
static struct tc_index *index_;
static struct tc_correlate *lists;
static const struct tc_principal member = {.org = 5};
static uint32_t audience;
static uint64_t made;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_around: %s failed\n", what);
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

/* Object i: an observation with a place, a time and two addresses; the first is shared by four
 * objects, the second is hot. It refers to the one before. */
static void body_of(uint64_t i, char id[64], char *out, size_t size)
{
    uint64_t shared = i / 4;
    (void)snprintf(id, 64, "x-seen--00000000-0000-4000-8000-%012llx", (unsigned long long)i);
    (void)snprintf(
        out, size,
        "{\"type\":\"x-seen\",\"id\":\"%s\",\"first_observed\":\"2026-01-%02dT%02d:00:00Z\","
        "\"latitude\":%.4f,\"longitude\":%.4f,\"before_ref\":\"x-seen--00000000-0000-4000-"
        "8000-%012llx\",\"objects\":{\"0\":{\"type\":\"ipv4-addr\",\"value\":\"%u.%u.%u.%u\"}%s}}",
        id, (int)(1 + i % 28), (int)(i / 28 % 24), 50 + (double)(i % 3000) / 1000,
        4 + (double)(i / 3000 % 3000) / 1000, (unsigned long long)(i ? i - 1 : 0),
        (unsigned)(10 + (shared >> 24 & 63)), (unsigned)(shared >> 16 & 255),
        (unsigned)(shared >> 8 & 255), (unsigned)(shared & 255),
        i % HOT_ONE_IN ? "" : ",\"1\":{\"type\":\"domain-name\",\"value\":\"hot.example\"}");
}

static void append(uint64_t count)
{
    static struct tc_entry_in in[BATCH];
    static char id[BATCH][64], body[BATCH][500];
    while (count) {
        size_t n = 0;
        for (; n < BATCH && count; n++, count--) {
            body_of(made++, id[n], body[n], sizeof body[n]);
            in[n] = (struct tc_entry_in){.kind = TC_ENTRY_OBJECT,
                                         .id = tc_str_cstr(id[n]),
                                         .type = TC_STR("x-seen"),
                                         .audience = audience,
                                         .community = 7,
                                         .version = TC_SECOND,
                                         .body = tc_str_cstr(body[n])};
            must(!tc_uuid_parse(tc_str_cstr(id[n] + 8), &in[n].uuid), "an id");
        }
        must(!tc_journal_append(node->journal, in, n), "appending");
    }
}

static double seconds_since(int64_t start)
{
    return (double)(tc_time_monotonic() - start) / 1e6;
}

static void lists_catch_up(void)
{
    for (bool done = false; !done;)
        must(!tc_correlate_step(lists, &done), "reading for the lists");
}

static void index_catches_up(void)
{
    for (size_t done = 1; done;)
        must(!tc_index_step(index_, 4096, &done), "reading for the index");
}

/* Milliseconds for a thousand values, the mean of ROUNDS. */
static double thousand(uint64_t objects, bool hot)
{
    static struct tc_str v[1000];
    static char text[1000][32];
    struct tc_buf out;
    uint64_t lag;
    double all = 0;
    tc_buf_init(&out, 64 << 20);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        for (uint64_t i = 0; i < 1000; i++) {
            uint64_t shared = (i * 7919 + round * 104729) % objects / 4;
            int n = snprintf(text[i], sizeof text[i], "%u.%u.%u.%u",
                             (unsigned)(10 + (shared >> 24 & 63)), (unsigned)(shared >> 16 & 255),
                             (unsigned)(shared >> 8 & 255), (unsigned)(shared & 255));
            v[i] = hot ? TC_STR("HOT.example") : tc_str_view(text[i], (size_t)n);
        }
        const struct tc_correlate_what what = {
            .values = v, .count = 1000, .limit = tc_correlate_limit(1000, 0)};
        int64_t start = tc_time_monotonic();
        tc_buf_clear(&out);
        must(!tc_correlate_in(lists, &member, &what, &out, &lag), "a bulk look-up");
        all += seconds_since(start);
        must(out.n > 100000, "finding anything");
    }
    tc_buf_fini(&out);
    return all / ROUNDS * 1e3;
}

/* One object more at a time: appended, read by the lists. Microseconds without the append. */
static double one_more(void)
{
    double all = 0;
    for (int i = 0; i < MORE; i++) {
        append(1);
        int64_t start = tc_time_monotonic();
        lists_catch_up();
        all += seconds_since(start);
    }
    return all / MORE * 1e6;
}

static double near_us(void)
{
    struct tc_diag d;
    struct tc_buf out;
    double all = 0;
    tc_diag_init(&d);
    tc_buf_init(&out, 8 << 20);
    for (int i = 0; i < ASKS; i++) {
        struct tc_near_ask ask = {.at = INT64_C(1767960000) * TC_SECOND,
                                  .metres = 500,
                                  .during = 7200,
                                  .limit = 100,
                                  .lat = 50 + i % 90 / 30.0,
                                  .lon = 4 + i % 60 / 1000.0};
        int64_t start = tc_time_monotonic();
        tc_buf_clear(&out);
        must(!tc_near_put(node->journal, index_, &member, &ask, &out, &d), "looking round");
        all += seconds_since(start);
    }
    tc_buf_fini(&out);
    return all / ASKS * 1e6;
}

static double graph_ms(uint64_t objects)
{
    struct tc_diag d;
    struct tc_buf out;
    double all = 0;
    char id[64], body[500];
    tc_diag_init(&d);
    tc_buf_init(&out, 8 << 20);
    for (uint64_t i = 0; i < ASKS; i++) {
        body_of((i * 7919 + 1) % objects, id, body, sizeof body);
        struct tc_around_ask ask = {.id = tc_str_cstr(id), .depth = 2, .nodes = 100, .during = -1};
        int64_t start = tc_time_monotonic();
        tc_buf_clear(&out);
        must(!tc_around_put(node, index_, lists, &member, &ask, &out, &d), "a graph");
        all += seconds_since(start);
    }
    tc_buf_fini(&out);
    return all / ASKS * 1e3;
}

int main(int argc, char **argv)
{
    static const struct tc_org org = {.name = {"Grid authority", 14}, .country = {"NL", 2}};
    const struct tc_audience green = {.tlp = TC_TLP_GREEN, .creator_org = 1};
    uint64_t count = 200000;
    char root[] = "/var/tmp/tocsin-around-XXXXXX", dir[64];
    struct tc_diag d;
    tc_diag_init(&d);
    tc_log_set_level(TC_LOG_WARN);
    if (argc > 1)
        must(!tc_num_u64(tc_str_cstr(argv[1]), 100000000, &count) && count >= 20000, "the count");
    must(mkdtemp(root) != NULL, "a folder");
    (void)snprintf(dir, sizeof dir, "%s/node", root);
    must(!tc_node_init(dir, "Bench", &org, &d) && !tc_node_open(dir, TC_NODE_COMMAND, &node, &d) &&
             !tc_journal_audience(node->journal, &green, &audience) &&
             !tc_correlate_alone(node, &lists) && !tc_index_open(dir, node->journal, &index_, &d),
         "a node");
    append(count);
    int64_t start = tc_time_monotonic();
    lists_catch_up();
    double reading = seconds_since(start);
    start = tc_time_monotonic();
    index_catches_up();
    double indexing = seconds_since(start);
    double bulk = thousand(count, false), hot = thousand(count, true), nearby = near_us(),
           graph = graph_ms(count), more = one_more();
    (void)printf("{\"bench\":\"around\",\"objects\":%llu,\"lists_s\":%.2f,\"index_s\":%.2f,"
                 "\"one_more_us\":%.0f,\"thousand_values_ms\":%.1f,\"thousand_hot_ms\":%.1f,"
                 "\"near_us\":%.0f,\"graph_ms\":%.2f,\"wanted\":{\"one_more_us\":1000,"
                 "\"thousand_values_ms\":50},\"holds\":%s}\n",
                 (unsigned long long)count, reading, indexing, more, bulk, hot, nearby, graph,
                 more < 1000 && bulk < 50 ? "true" : "false");
    tc_index_close(index_);
    tc_correlate_free(lists);
    tc_node_close(node);
    empty(dir);
    empty(root);
    return 0;
}

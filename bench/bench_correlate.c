/* SPDX-License-Identifier: Apache-2.0 */
/* Correlation without the journal: objects as JSON text are read, their values spelled and posted,
 * as the reader does; then values are looked up. Prints a line of JSON: seconds for all, and for
 * the longest single step; bytes a value on disk, memory of the tail; microseconds a look-up (mean,
 * 99th in a hundred, worst), milliseconds for a thousand; and one value posted over and over: bytes
 * on disk at most, microseconds a look-up.
 *
 *   bench_correlate [VALUES]      10 million, in a new folder under /var/tmp */
#include "base/num.h"
#include "base/time.h"
#include "pack/pack.h"
#include "watch/extract.h"
#include "watch/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { STEP = 4096, LOOKUPS = 200000, HOT = 2000 * 4096 };

static const struct tc_hash_key key = {3, 5};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_correlate: %s\n", what);
    exit(4);
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 31) * 0x7fb5d329728ea185u;
    x = (x ^ x >> 27) * 0x81dadef4bc2dd44du;
    return x ^ x >> 33;
}

/* The value of object i: addresses, domains, hashes; one in four occurs again and again. */
static struct tc_str value_of(uint64_t i, char *out, size_t size, const char **type)
{
    static const char *const types[] = {"ipv4-addr", "domain-name", "url"};
    uint64_t v = mix(i % 4 ? i : i % 100000), kind = v % 3;
    int n;
    *type = types[kind];
    if (kind == 0)
        n = snprintf(out, size, "%u.%u.%u.%u", (unsigned)(v >> 8 & 255), (unsigned)(v >> 16 & 255),
                     (unsigned)(v >> 24 & 255), (unsigned)(v >> 32 & 255));
    else if (kind == 1)
        n = snprintf(out, size, "Host-%llx.Example.org", (unsigned long long)v);
    else
        n = snprintf(out, size, "https://example.org/%llx", (unsigned long long)v);
    return tc_str_view(out, (size_t)n);
}

static bool everybody(void *arg, uint32_t audience)
{
    (void)arg;
    return audience < 3;
}

struct times {
    int64_t all, worst;
};

static struct times build(struct tc_values *v, const struct tc_types *types, uint64_t count)
{
    static struct tc_posting post[STEP];
    struct tc_extract x;
    struct times t = {tc_time_monotonic(), 0};
    tc_extract_init(&x, types);
    for (uint64_t i = 0; i < count;) {
        int64_t start = tc_time_monotonic();
        size_t n = 0;
        for (; i < count && n < STEP; i++) {
            char text[64], body[256];
            const char *type;
            struct tc_str s = value_of(i, text, sizeof text, &type);
            int size = snprintf(body, sizeof body,
                                "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":"
                                "\"%s--00000000-0000-4000-8000-%012llx\",\"value\":\"%.*s\"}",
                                type, type, (unsigned long long)i, TC_FMT(s));
            must(!tc_extract_object(&x, key, tc_str_cstr(type), tc_str_view(body, (size_t)size)),
                 "an object cannot be read");
            for (size_t k = 0; k < x.n_keys; k++)
                if (x.keys[k].kind == TC_KEY_VALUE)
                    post[n++] =
                        (struct tc_posting){x.keys[k].hash, (uint32_t)(i % 5), (uint32_t)i + 1};
        }
        must(!tc_values_add(v, post, n, i, i), "values cannot be added");
        int64_t took = tc_time_monotonic() - start;
        t.worst = took > t.worst ? took : t.worst;
    }
    t.all = tc_time_monotonic() - t.all;
    tc_extract_fini(&x);
    return t;
}

static int64_t nanoseconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t look_up(struct tc_values *v, uint64_t i)
{
    static struct tc_value_found f;
    char text[64];
    const char *type;
    struct tc_str s = value_of(i, text, sizeof text, &type);
    int64_t start = nanoseconds();
    must(!tc_values_find(v, tc_extract_hash(key, TC_KEY_VALUE, s), everybody, NULL, &f),
         "a look-up failed");
    int64_t took = nanoseconds() - start;
    must(f.count >= (i % 5 < 3), "a value was not found");
    return took;
}

/* One member posts one value again and again: what that costs on disk, and a look-up then. */
static void hot(uint64_t *bytes, double *lookup_us, double *seconds)
{
    static struct tc_posting post[STEP];
    static struct tc_value_found f;
    char dir[] = "/var/tmp/tocsin-values-XXXXXX";
    struct tc_values *v = NULL;
    struct tc_values_stats s;
    must(mkdtemp(dir) && !tc_values_open(dir, key, NULL, NULL, &v), "no folder");
    int64_t start = tc_time_monotonic();
    *bytes = 0;
    for (uint32_t seq = 0; seq < HOT;) {
        for (size_t i = 0; i < STEP; i++)
            post[i] = (struct tc_posting){42, 1, ++seq};
        must(!tc_values_add(v, post, STEP, seq, 0), "values cannot be added");
        tc_values_stats(v, &s);
        *bytes = s.disk_bytes > *bytes ? s.disk_bytes : *bytes;
    }
    *seconds = (double)(tc_time_monotonic() - start) / 1e6;
    start = nanoseconds();
    for (int i = 0; i < 1000; i++)
        must(!tc_values_find(v, 42, everybody, NULL, &f) && f.n == TC_HOT_KEPT, "a look-up failed");
    *lookup_us = (double)(nanoseconds() - start) / 1e6;
    tc_values_close(v);
    tc_values_remove(dir);
    (void)rmdir(dir);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    uint64_t count = 10000000;
    char dir[] = "/var/tmp/tocsin-values-XXXXXX";
    struct tc_values *v = NULL;
    struct tc_values_stats s;
    if (argc > 1)
        must(!tc_num_u64(tc_str_cstr(argv[1]), 4000000000u, &count) && count, "how many values?");
    must(mkdtemp(dir) && !tc_values_open(dir, key, NULL, NULL, &v), "no folder");
    struct tc_types *types = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    must(!tc_pack_load(NULL, 0, NULL, NULL, &types, &d), "no packs");
    struct times t = build(v, types, count);
    tc_values_stats(v, &s);
    int64_t *took = malloc(LOOKUPS * sizeof *took), all = 0, bulk = tc_time_monotonic();
    must(took != NULL, "out of memory");
    for (uint64_t i = 0; i < 1000; i++)
        (void)look_up(v, mix(i + LOOKUPS) % count);
    bulk = tc_time_monotonic() - bulk;
    for (uint64_t i = 0; i < LOOKUPS; i++)
        all += took[i] = look_up(v, mix(i) % count);
    uint64_t hot_bytes;
    double hot_us, hot_s;
    hot(&hot_bytes, &hot_us, &hot_s);
    qsort(took, LOOKUPS, sizeof *took, by_time);
    (void)printf(
        "{\"bench\":\"correlate\",\"values\":%llu,\"build_s\":%.1f,\"per_object_us\":%.2f,"
        "\"longest_step_ms\":%.0f,\"disk_bytes_a_value\":%.1f,\"runs\":%llu,"
        "\"tail_mb\":%.1f,\"lookup_us\":%.1f,\"lookup_p99_us\":%.1f,\"lookup_max_us\":%.0f,"
        "\"thousand_ms\":%.1f,\"hot_postings\":%d,\"hot_s\":%.1f,\"hot_disk_bytes_at_most\":%llu,"
        "\"hot_lookup_us\":%.1f,\"wanted\":{\"values\":10000000,\"build_s\":60,"
        "\"per_object_us\":1000,\"disk_bytes_a_value\":100,\"lookup_us\":1000,"
        "\"thousand_ms\":50},\"holds\":%s}\n",
        (unsigned long long)count, (double)t.all / 1e6, (double)t.all / (double)count,
        (double)t.worst / 1e3, (double)s.disk_bytes / (double)count, (unsigned long long)s.runs,
        (double)s.memory_bytes / 1e6, (double)all / LOOKUPS / 1e3,
        (double)took[LOOKUPS * 99 / 100] / 1e3, (double)took[LOOKUPS - 1] / 1e3, (double)bulk / 1e3,
        HOT, hot_s, (unsigned long long)hot_bytes, hot_us,
        (double)t.all / 1e6 <= 60 && t.all / (int64_t)count < 1000 &&
                s.disk_bytes + s.memory_bytes <= 100 * count && all / LOOKUPS < 1000 * 1000 &&
                bulk < 50 * 1000
            ? "true"
            : "false");
    free(took);
    tc_types_free(types);
    tc_values_close(v);
    tc_values_remove(dir);
    (void)rmdir(dir);
    return 0;
}

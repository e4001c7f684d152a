/* SPDX-License-Identifier: Apache-2.0 */
/* Parse + check against a bare yyjson parse of the same bytes, object by object, in one run: on
 * each bundle named, and on generated objects. Both sides reuse one memory pool. Prints a line of
 * JSON for each: MB/s of the bare parse, of parse + MUST, of parse + MUST + SHOULD, and ratios.
 *
 *   bench_check [--objects N] [BUNDLE.json ...] */
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "codec/slices.h"
#include "model/check.h"
#include "pack/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_FILE    ((size_t)512 << 20)
#define ROUND_BYTES ((size_t)8 << 20) /* each turn works through about this much */
#define TURNS       8

struct texts {
    struct tc_str *v;
    size_t n, cap, bytes;
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_check: %s\n", what);
    exit(4);
}

static tc_err take(void *arg, const struct tc_slice *s)
{
    struct texts *t = arg;
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 1024;
        t->v = realloc(t->v, t->cap * sizeof *t->v);
        must(t->v != NULL, "out of memory");
    }
    t->v[t->n++] = s->bytes;
    t->bytes += s->bytes.n;
    return TC_OK;
}

/* Processor time of this thread: others on the machine do not count. Microseconds. */
static int64_t used(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * TC_SECOND + ts.tv_nsec / 1000;
}

static double rate(size_t bytes, int64_t start)
{
    return (double)bytes / (double)(used() - start); /* bytes a microsecond = MB/s */
}

static double bare(const struct texts *t, size_t rounds)
{
    size_t cap = yyjson_read_max_memory_usage(TC_MAX_OBJECT, 0), sum = 0;
    void *mem = malloc(cap);
    must(mem != NULL, "out of memory");
    int64_t start = used();
    for (size_t r = 0; r < rounds; r++)
        for (size_t i = 0; i < t->n; i++) {
            yyjson_alc alc;
            union {
                const char *in;
                char *out;
            } p = {t->v[i].p};
            (void)yyjson_alc_pool_init(&alc, mem, cap);
            yyjson_doc *d = yyjson_read_opts(p.out, t->v[i].n, 0, &alc, NULL);
            must(d != NULL, "the text is not JSON");
            sum += yyjson_doc_get_val_count(d);
        }
    double x = rate(t->bytes * rounds, start);
    must(sum > 0, "nothing was parsed");
    free(mem);
    return x;
}

static double checked(const struct tc_types *types, const struct texts *t, size_t rounds,
                      bool shoulds, uint64_t *musts)
{
    struct tc_json_reader *reader = tc_json_reader_new();
    const struct tc_check_options o = {.shoulds = shoulds};
    struct tc_check_report r = {.scratch = tc_arena_new(TC_MAX_OBJECT)};
    must(reader != NULL && r.scratch != NULL, "out of memory");
    int64_t start = used();
    for (size_t k = 0; k < rounds; k++)
        for (size_t i = 0; i < t->n; i++) {
            yyjson_val *root = NULL;
            must(!tc_json_reader_read(reader, t->v[i], TC_MAX_OBJECT, 0, &root, NULL) &&
                     !tc_check_object(types, root, &o, &r),
                 "an object was refused");
        }
    double x = rate(t->bytes * rounds, start);
    *musts = r.musts;
    tc_json_reader_free(reader);
    tc_arena_free(r.scratch);
    return x;
}

/* The machine is shared: the sides take turns, and the best turn of each counts. */
static void measure(const struct tc_types *types, const char *name, const struct texts *t)
{
    size_t rounds = ROUND_BYTES / (t->bytes + 1) + 1;
    uint64_t musts = 0, ignored = 0;
    double b = 0, c = 0, s = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        double x = bare(t, rounds), y = checked(types, t, rounds, false, &musts);
        double z = checked(types, t, rounds, true, &ignored);
        b = x > b ? x : b;
        c = y > c ? y : c;
        s = z > s ? z : s;
    }
    printf("{\"bench\":\"check\",\"input\":\"%s\",\"objects\":%zu,\"bytes\":%zu,\"bare_mb_s\":%.0f,"
           "\"check_mb_s\":%.0f,\"check_all_mb_s\":%.0f,\"ratio\":%.2f,\"ratio_all\":%.2f,"
           "\"musts\":%llu,\"wanted\":0.4,\"holds\":%s}\n",
           name, t->n, t->bytes, b, c, s, c / b, s / b, (unsigned long long)musts / rounds,
           c / b >= 0.4 ? "true" : "false");
}

/* ---- generated: what a node sees most, an indicator, a sighting and an address in turn ---- */

static void head(struct tc_jsonw *w, const char *type, uint64_t i)
{
    char id[TC_ID_MAX];
    struct tc_uuid u = tc_uuid_v4();
    u.b[0] = (uint8_t)i;
    tc_id_make(tc_str_cstr(type), &u, id);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", type);
    tc_jsonw_kcstr(w, "spec_version", "2.1");
    tc_jsonw_kcstr(w, "id", id);
    tc_jsonw_kcstr(w, "created", "2026-11-21T14:00:00.000Z");
    tc_jsonw_kcstr(w, "modified", "2026-11-21T14:00:00.000Z");
    tc_jsonw_kcstr(w, "created_by_ref", "identity--0f5f2a0e-53a6-4d55-9d3c-3a5a1f2b7c01");
}

static void list_of(struct tc_jsonw *w, const char *name, const char *value)
{
    tc_jsonw_name(w, name);
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, value);
    tc_jsonw_array_end(w);
}

static void indicator(struct tc_jsonw *w, uint64_t i)
{
    char pattern[64];
    (void)snprintf(pattern, sizeof pattern, "[ipv4-addr:value = '198.51.%u.%u']",
                   (unsigned)(i >> 8 & 255), (unsigned)(i & 255));
    head(w, "indicator", i);
    tc_jsonw_kcstr(w, "name", "Address seen in scans of substations");
    tc_jsonw_kcstr(w, "description", "Scans of port 102 and 2404, several a day, since October");
    tc_jsonw_kcstr(w, "pattern", pattern);
    tc_jsonw_kcstr(w, "pattern_type", "stix");
    tc_jsonw_kcstr(w, "valid_from", "2026-11-21T14:00:00Z");
    list_of(w, "indicator_types", "malicious-activity");
    list_of(w, "labels", "scan");
    list_of(w, "object_marking_refs", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb");
    tc_jsonw_object_end(w);
}

static void sighting(struct tc_jsonw *w, uint64_t i)
{
    head(w, "sighting", i);
    tc_jsonw_kcstr(w, "sighting_of_ref", "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f");
    tc_jsonw_kcstr(w, "first_seen", "2026-11-21T13:00:00Z");
    tc_jsonw_kcstr(w, "last_seen", "2026-11-21T13:30:00Z");
    tc_jsonw_ku64(w, "count", i % 100 + 1);
    list_of(w, "where_sighted_refs", "identity--0f5f2a0e-53a6-4d55-9d3c-3a5a1f2b7c01");
    tc_jsonw_object_end(w);
}

static void address(struct tc_jsonw *w, uint64_t i)
{
    char value[32];
    (void)snprintf(value, sizeof value, "203.0.%u.%u", (unsigned)(i >> 8 & 255),
                   (unsigned)(i & 255));
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", "ipv4-addr");
    tc_jsonw_kcstr(w, "spec_version", "2.1");
    tc_jsonw_kcstr(w, "id", "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    tc_jsonw_kcstr(w, "value", value);
    tc_jsonw_object_end(w);
}

static void generated(const struct tc_types *types, uint64_t n)
{
    struct tc_buf b;
    struct texts t = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_init(&b, MAX_FILE);
    for (uint64_t i = 0; i < n; i++) {
        struct tc_jsonw w = tc_jsonw_into(&b);
        if (i % 3 == 0)
            indicator(&w, i);
        else if (i % 3 == 1)
            sighting(&w, i);
        else
            address(&w, i);
        tc_buf_char(&b, '\n');
    }
    must(!b.err && !tc_slices_memory(tc_buf_view(&b), TC_MAX_OBJECT, take, &t, &d), "no objects");
    measure(types, "generated", &t);
    free(t.v);
    tc_buf_fini(&b);
}

static void file(const struct tc_types *types, const char *name)
{
    FILE *f = fopen(name, "rb");
    if (!f) {
        printf("{\"bench\":\"check\",\"input\":\"%s\",\"skipped\":true}\n", name);
        return;
    }
    char *p = malloc(MAX_FILE);
    must(p != NULL, "out of memory");
    size_t n = fread(p, 1, MAX_FILE, f);
    struct texts t = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    const char *base = strrchr(name, '/');
    must(!tc_slices_memory(tc_str_view(p, n), TC_MAX_OBJECT, take, &t, &d), "no objects");
    measure(types, base ? base + 1 : name, &t);
    free(t.v);
    free(p);
    (void)fclose(f);
}

int main(int argc, char **argv)
{
    struct tc_types *types = NULL;
    struct tc_diag d;
    uint64_t objects = 30000;
    int at = 1;
    tc_diag_init(&d);
    must(!tc_pack_load(NULL, 0, NULL, NULL, &types, &d), "the packs do not load");
    if (argc > 2 && strcmp(argv[1], "--objects") == 0) {
        must(!tc_num_u64(tc_str_cstr(argv[2]), 10000000, &objects), "--objects takes a number");
        at = 3;
    }
    for (; at < argc; at++)
        file(types, argv[at]);
    generated(types, objects);
    tc_types_free(types);
    return 0;
}

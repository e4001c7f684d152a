/* SPDX-License-Identifier: Apache-2.0 */
/* The pattern engine: 1 M equality indicators (load, memory, parsed observations, JSON lines,
 * beside a bare hash probe of the same values), a mixed set, and how REPEATS and FOLLOWEDBY grow
 * with the window. A line of JSON each; times are this thread's processor time.
 *
 *   bench_pattern [--indicators N] [--mixed N]
 *   bench_pattern --cases PATTERNS BUNDLES TURNS     a pattern, a bundle a line; for
 * bench_oasis.py:
 *       {"seconds","matches":[[pattern,bundle]...]}, the least of the turns, each with a new set */
#include "rand.h"

#include "base/id.h"
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "pattern/set.h"

#include <malloc.h>
#include <string.h>
#include <time.h>

#define OBSERVATIONS 200000u
#define TURNS        3

static uint64_t seed = 1;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_pattern: %s\n", what);
    exit(4);
}

static double now(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* ---- values: the i-th of a kind is always the same ---- */

static void value_of(uint64_t i, char out[80])
{
    uint64_t r = i * 7919 + 1;
    switch (i % 3) {
    case 0:
        (void)snprintf(out, 80, "%016llx%016llx%016llx%016llx", (unsigned long long)test_rand(&r),
                       (unsigned long long)test_rand(&r), (unsigned long long)test_rand(&r),
                       (unsigned long long)test_rand(&r));
        return;
    case 1:
        (void)snprintf(out, 80, "host-%llx.example-%llu.net",
                       (unsigned long long)test_rand(&r) >> 32, (unsigned long long)i);
        return;
    default:
        r = test_rand(&r);
        (void)snprintf(out, 80, "%u.%u.%u.%u", (unsigned)(r & 255), (unsigned)(r >> 8 & 255),
                       (unsigned)(r >> 16 & 255), (unsigned)(r >> 24 & 255));
    }
}

static void pattern_of(uint64_t i, char out[160])
{
    static const char *const paths[] = {"file:hashes.'SHA-256'", "domain-name:value",
                                        "ipv4-addr:value"};
    char v[80];
    value_of(i, v);
    (void)snprintf(out, 160, "[%s = '%s']", paths[i % 3], v);
}

static void id_of(uint64_t i, char out[TC_ID_MAX])
{
    struct tc_uuid u = {{0}};
    uint64_t r = i;
    for (int k = 0; k < 2; k++) {
        uint64_t x = test_rand(&r);
        memcpy(u.b + 8 * k, &x, 8);
    }
    tc_id_make(TC_STR("indicator"), &u, out);
}

/* ---- observations: a file, a domain and an address each; one in hits values is an indicator's
 * ---- */

static void one_observation(struct tc_jsonw *w, uint64_t i, uint64_t indicators, unsigned hits)
{
    static const char *const types[] = {"file", "domain-name", "ipv4-addr"};
    char id[TC_ID_MAX], v[80];
    id_of(i, id);
    memcpy(id, "observed-", 9); /* "indicator" has as many letters; any id will do */
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", "observed-data");
    tc_jsonw_kcstr(w, "id", id);
    tc_jsonw_kcstr(w, "first_observed", "2026-11-21T14:00:00.000Z");
    tc_jsonw_kcstr(w, "last_observed", "2026-11-21T14:00:01.000Z");
    tc_jsonw_ku64(w, "number_observed", 1);
    tc_jsonw_name(w, "objects");
    tc_jsonw_object(w);
    for (uint64_t k = 0; k < 3; k++) {
        uint64_t which = test_rand(&seed);
        which = which % hits ? indicators + which % 100000000 : (which >> 32) % indicators;
        value_of(which / 3 * 3 + k, v);
        tc_jsonw_name(w, k == 0 ? "0" : k == 1 ? "1" : "2");
        tc_jsonw_object(w);
        tc_jsonw_kcstr(w, "type", types[k]);
        if (k == 0) {
            tc_jsonw_kcstr(w, "name", "report.pdf");
            tc_jsonw_ku64(w, "size", which % 100000);
            tc_jsonw_name(w, "hashes");
            tc_jsonw_object(w);
            tc_jsonw_kcstr(w, "SHA-256", v);
            tc_jsonw_object_end(w);
        } else {
            tc_jsonw_kcstr(w, "value", v);
        }
        tc_jsonw_object_end(w);
    }
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

struct input {
    struct tc_buf lines;
    struct tc_json all; /* the same as one list */
    struct tc_observations *reader;
    const struct tc_observation *v;
    size_t n;
};

static void make_input(struct input *in, uint64_t indicators, unsigned hits)
{
    struct tc_buf list;
    *in = (struct input){0};
    tc_buf_init(&in->lines, (size_t)1 << 30);
    tc_buf_init(&list, (size_t)1 << 30);
    tc_buf_char(&list, '[');
    for (uint64_t i = 0; i < OBSERVATIONS; i++) {
        size_t from = in->lines.n;
        struct tc_jsonw w = tc_jsonw_into(&in->lines);
        one_observation(&w, i, indicators, hits);
        if (i)
            tc_buf_char(&list, ',');
        tc_buf_add(&list, in->lines.p + from, in->lines.n - from);
        tc_buf_char(&in->lines, '\n');
    }
    tc_buf_char(&list, ']');
    in->reader = tc_observations_new();
    must(!in->lines.err && !list.err && in->reader, "out of memory");
    must(!tc_json_read(tc_buf_view(&list), (size_t)1 << 30, 0, &in->all, NULL), "no JSON");
    must(!tc_observations_read(in->reader, in->all.root, &in->v, &in->n, NULL), "not read");
    tc_buf_fini(&list);
}

static void input_fini(struct input *in)
{
    tc_buf_fini(&in->lines);
    tc_observations_free(in->reader);
    tc_json_fini(&in->all);
}

static tc_err count(void *arg, const struct tc_set_match *m)
{
    *(uint64_t *)arg += m->n > 0;
    return TC_OK;
}

/* Observations a second, the best of some turns: the machine is shared. */
static double parsed_rate(struct tc_set *s, const struct input *in, uint64_t *matches)
{
    double best = 0;
    for (int t = 0; t < TURNS; t++) {
        *matches = 0;
        double start = now();
        must(!tc_set_feed(s, in->v, in->n, count, matches), "feeding failed");
        double rate = (double)in->n / (now() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

static double line_rate(struct tc_set *s, const struct input *in, uint64_t *matches)
{
    struct tc_json_reader *json = tc_json_reader_new();
    struct tc_observations *reader = tc_observations_new();
    size_t lines = 0;
    must(json && reader, "out of memory");
    *matches = 0;
    double start = now();
    for (size_t at = 0; at < in->lines.n; lines++) {
        const char *p = in->lines.p + at, *nl = memchr(p, '\n', in->lines.n - at);
        yyjson_val *root;
        const struct tc_observation *v;
        size_t n;
        must(nl &&
                 !tc_json_reader_read(json, tc_str_view(p, (size_t)(nl - p)), TC_MAX_OBJECT, 0,
                                      &root, NULL) &&
                 !tc_observations_read(reader, root, &v, &n, NULL) &&
                 !tc_set_feed(s, v, n, count, matches),
             "a line was refused");
        at += (size_t)(nl - p) + 1;
    }
    double rate = (double)lines / (now() - start);
    tc_json_reader_free(json);
    tc_observations_free(reader);
    return rate;
}

/* ---- the limit: a bare probe of the same values, hashed and fetched ahead by 16 ---- */

static uint64_t quick_hash(const char *p, size_t n)
{
    uint64_t h = n * 0x9e3779b97f4a7c15u, w;
    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&w, p, 8);
        h = (h ^ w) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    w = 0;
    memcpy(&w, p, n);
    h = (h ^ w) * 0xff51afd7ed558ccdu;
    return (h ^ h >> 29) | 1;
}

static size_t values_of(const struct input *in, struct tc_str *out)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++)
        for (uint32_t k = 0; k < in->v[i].n_roots; k++) {
            yyjson_val *o = in->v[i].roots[k], *v = yyjson_obj_get(o, "value");
            if (!v)
                v = yyjson_obj_get(yyjson_obj_get(o, "hashes"), "SHA-256");
            out[n++] = tc_str_view(yyjson_get_str(v), yyjson_get_len(v));
        }
    return n;
}

static double probe_rate(const struct input *in, uint64_t indicators, uint64_t *found)
{
    size_t size = 1024, n;
    while (size < indicators * 2)
        size *= 2;
    uint64_t *table = calloc(size, sizeof *table), h[16];
    struct tc_str *values = calloc(in->n * 3, sizeof *values);
    must(table && values, "out of memory");
    for (uint64_t i = 0; i < indicators; i++) {
        char v[80];
        value_of(i, v);
        uint64_t k = quick_hash(v, strlen(v));
        size_t at = k >> 3 & (size - 1);
        while (table[at] && table[at] != k)
            at = (at + 1) & (size - 1);
        table[at] = k;
    }
    n = values_of(in, values) / 16 * 16;
    double best = 0;
    for (int t = 0; t < TURNS; t++) {
        *found = 0;
        double start = now();
        for (size_t i = 0; i < n; i += 16) {
            for (size_t k = 0; k < 16; k++) {
                h[k] = quick_hash(values[i + k].p, values[i + k].n);
                __builtin_prefetch(&table[h[k] >> 3 & (size - 1)]);
            }
            for (size_t k = 0; k < 16; k++) {
                size_t at = h[k] >> 3 & (size - 1);
                while (table[at] && table[at] != h[k])
                    at = (at + 1) & (size - 1);
                *found += table[at] == h[k];
            }
        }
        double rate = (double)n / (now() - start);
        best = rate > best ? rate : best;
    }
    free(table);
    free(values);
    return best;
}

static void equality(uint64_t n)
{
    struct input in;
    char pattern[160], id[TC_ID_MAX];
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    struct tc_set *s = tc_set_new(NULL);
    must(s != NULL, "out of memory");
    double start = now();
    for (uint64_t i = 0; i < n; i++) { /* making the text is not the engine's work */
        pattern_of(i, pattern);
        id_of(i, id);
    }
    double making = now() - start;
    start = now();
    for (uint64_t i = 0; i < n; i++) {
        pattern_of(i, pattern);
        id_of(i, id);
        must(!tc_set_add(s, tc_str_cstr(id), tc_str_cstr(pattern), NULL, NULL), "refused");
    }
    double load = now() - start - making;
    size_t bytes = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    make_input(&in, n, 100);
    uint64_t a, b, found;
    double parsed = parsed_rate(s, &in, &a), lines = line_rate(s, &in, &b);
    double probe = probe_rate(&in, n, &found), ratio = parsed * 3 / probe;
    must(a == b, "the lines match otherwise than the list");
    double each = (double)bytes / (double)n;
    printf("{\"bench\":\"pattern equality\",\"indicators\":%llu,\"load_s\":%.2f,"
           "\"bytes_each\":%.0f,\"parsed_per_s\":%.0f,\"values_per_s\":%.0f,\"lines_per_s\":%.0f,"
           "\"matches\":%llu,\"probe_per_s\":%.0f,\"found\":%llu,\"ratio\":%.2f,"
           "\"wanted\":{\"load_s\":5,\"bytes_each\":150,\"parsed_per_s\":1000000,"
           "\"lines_per_s\":200000,\"ratio\":0.3},\"holds\":%s}\n",
           (unsigned long long)n, load, each, parsed, parsed * 3, lines, (unsigned long long)a,
           probe, (unsigned long long)found, ratio,
           load <= 5 && each <= 150 && parsed >= 1e6 && lines >= 2e5 && ratio >= 0.3 ? "true"
                                                                                     : "false");
    input_fini(&in);
    tc_set_free(s);
}

/* ---- 70 % equality, 10 % IN, 10 % CIDR, 5 % LIKE, 3 % MATCHES, 2 % over time ---- */

static void mixed_pattern(uint64_t i, struct tc_buf *b)
{
    char text[160], v[80];
    uint64_t r = i, x = test_rand(&r);
    tc_buf_clear(b);
    unsigned kind = (unsigned)(i % 100);
    if (kind < 70) {
        pattern_of(i, text);
        tc_buf_cstr(b, text);
    } else if (kind < 80) {
        tc_buf_cstr(b, "[domain-name:value IN (");
        for (uint64_t k = 0; k < 5; k++) {
            value_of((i * 5 + k) * 3 + 1, v);
            tc_buf_fmt(b, "%s'%s'", k ? ", " : "", v);
        }
        tc_buf_cstr(b, ")]");
    } else if (kind < 90) {
        tc_buf_fmt(b, "[ipv4-addr:value ISSUBSET '%u.%u.%u.0/%u']", (unsigned)(x & 255),
                   (unsigned)(x >> 8 & 255), (unsigned)(x >> 16 & 255),
                   20 + (unsigned)(x >> 24 & 7));
    } else if (kind < 95) {
        tc_buf_fmt(b, "[domain-name:value LIKE '%%.example-%llu.net']",
                   (unsigned long long)(x % 100000000));
    } else if (kind < 98) {
        tc_buf_fmt(b, "[domain-name:value MATCHES '^host-[0-9a-f]+\\\\.example-%llu[0-9]\\\\.']",
                   (unsigned long long)(x % 10000000));
    } else {
        char a[160], z[160];
        pattern_of(i, a);
        pattern_of(i + 1, z);
        tc_buf_fmt(b,
                   i % 2 ? "%s FOLLOWEDBY %s WITHIN 300 SECONDS"
                         : "(%s OR %s) REPEATS 5 TIMES WITHIN 300 SECONDS",
                   a, z);
    }
}

static void mixed(uint64_t n)
{
    struct input in;
    struct tc_buf b;
    char id[TC_ID_MAX];
    struct tc_set *s = tc_set_new(NULL);
    must(s != NULL, "out of memory");
    tc_buf_init(&b, 1 << 20);
    double start = now();
    for (uint64_t i = 0; i < n; i++) {
        id_of(i, id);
        mixed_pattern(i, &b);
        must(!tc_set_add(s, tc_str_cstr(id), tc_buf_view(&b), NULL, NULL), "refused");
    }
    double load = now() - start;
    make_input(&in, n, 100);
    uint64_t matches;
    double rate = parsed_rate(s, &in, &matches);
    struct tc_set_counts c = tc_set_counts(s);
    printf("{\"bench\":\"pattern mixed\",\"patterns\":%llu,\"load_s\":%.2f,\"parsed_per_s\":%.0f,"
           "\"matches\":%llu,\"without_literal\":%llu,\"undecided\":%llu,\"wanted\":200000,"
           "\"holds\":%s}\n",
           (unsigned long long)n, load, rate, (unsigned long long)matches,
           (unsigned long long)c.residual, (unsigned long long)c.undecided,
           rate >= 200000 ? "true" : "false");
    tc_buf_fini(&b);
    input_fini(&in);
    tc_set_free(s);
}

/* ---- curves: what an observation costs with so many in the window ---- */

static void curve(const char *name, const char *pattern, unsigned window, unsigned kinds)
{
    struct tc_set *s = tc_set_new(NULL);
    struct tc_observations *reader = tc_observations_new();
    uint64_t matches = 0;
    struct tc_buf b;
    must(s && reader && !tc_set_add(s, TC_STR("p"), tc_str_cstr(pattern), NULL, NULL), "refused");
    tc_buf_init(&b, 1 << 20);
    double spent = 0;
    unsigned n = window * 2 < 4000 ? 4000 : window * 2;
    for (unsigned i = 0; i < n; i++) {
        char t[TC_TIME_SIZE];
        struct tc_json j;
        const struct tc_observation *v;
        size_t many = 0;
        tc_time at = INT64_C(1767225600) * TC_SECOND + (tc_time)i * 1000 * TC_SECOND / window;
        tc_time_format(at, 6, t);
        tc_buf_clear(&b);
        tc_buf_fmt(&b,
                   "{\"type\":\"observed-data\",\"id\":\"o%u\",\"first_observed\":\"%s\","
                   "\"last_observed\":\"%s\",\"number_observed\":1,"
                   "\"objects\":{\"0\":{\"type\":\"t\",\"k\":%u}}}",
                   i, t, t, (unsigned)(test_rand(&seed) % kinds));
        must(!tc_json_read(tc_buf_view(&b), TC_MAX_OBJECT, 0, &j, NULL) &&
                 !tc_observations_read(reader, j.root, &v, &many, NULL),
             "not read");
        double start = now();
        must(!tc_set_feed(s, v, many, count, &matches), "feeding failed");
        if (i >= n / 2)
            spent += now() - start;
        tc_json_fini(&j);
    }
    struct tc_set_counts c = tc_set_counts(s);
    printf("{\"bench\":\"pattern curve\",\"pattern\":\"%s\",\"window\":%u,\"us_per_observation\":"
           "%.2f,\"matches\":%llu,\"undecided\":%llu,\"forgotten\":%llu}\n",
           name, window, spent / (n - n / 2) * 1e6, (unsigned long long)matches,
           (unsigned long long)c.undecided, (unsigned long long)c.forgotten);
    tc_buf_fini(&b);
    tc_observations_free(reader);
    tc_set_free(s);
}

static void curves(void)
{
    char text[200];
    for (unsigned w = 250; w <= 4000; w *= 2) {
        (void)snprintf(text, sizeof text, "[t:k = 0] REPEATS %u TIMES WITHIN 1000 SECONDS", w / 2);
        curve("REPEATS half of the window", text, w, 1);
    }
    for (unsigned w = 250; w <= 4000; w *= 2)
        curve("FOLLOWEDBY", "([t:k = 0] FOLLOWEDBY [t:k = 1]) WITHIN 1000 SECONDS", w, 2);
    for (unsigned w = 250; w <= 2000; w *= 2)
        curve("nested, wants the same",
              "(([t:k >= 0] FOLLOWEDBY [t:k <= 1]) FOLLOWEDBY [t:k != 7] REPEATS 3 TIMES) "
              "WITHIN 1000 SECONDS",
              w, 2);
}

/* What an observation costs when a rule is kept apart by so many values. */
static void per_value(unsigned values)
{
    struct tc_set *s = tc_set_new(NULL);
    struct tc_observations *reader = tc_observations_new();
    uint64_t matches = 0;
    unsigned n = 400000;
    double spent = 0;
    struct tc_buf b;
    must(s && reader &&
             !tc_set_add_per(s, TC_STR("p"),
                             TC_STR("[t:k >= 0] REPEATS 5 TIMES WITHIN 3600 SECONDS"),
                             TC_STR("t:who"), NULL, NULL),
         "refused");
    tc_buf_init(&b, 1 << 20);
    for (unsigned i = 0; i < n; i++) {
        char t[TC_TIME_SIZE];
        struct tc_json j;
        const struct tc_observation *v;
        size_t many = 0;
        tc_time_format(INT64_C(1767225600) * TC_SECOND + (tc_time)i * 10000, 6, t);
        tc_buf_clear(&b);
        tc_buf_fmt(&b,
                   "{\"type\":\"observed-data\",\"id\":\"o%u\",\"first_observed\":\"%s\","
                   "\"last_observed\":\"%s\",\"number_observed\":1,"
                   "\"objects\":{\"0\":{\"type\":\"t\",\"k\":1,\"who\":\"198.51.%u\"}}}",
                   i, t, t, (unsigned)(test_rand(&seed) % values));
        must(!tc_json_read(tc_buf_view(&b), TC_MAX_OBJECT, 0, &j, NULL) &&
                 !tc_observations_read(reader, j.root, &v, &many, NULL),
             "not read");
        double start = now();
        must(!tc_set_feed(s, v, many, count, &matches), "feeding failed");
        spent += now() - start;
        tc_json_fini(&j);
    }
    struct tc_set_counts c = tc_set_counts(s);
    printf("{\"bench\":\"pattern per value\",\"values\":%u,\"us_per_observation\":%.2f,"
           "\"matches\":%llu,\"kept\":%llu,\"dropped\":%llu,\"remembered\":%llu,"
           "\"megabytes\":%.1f}\n",
           values, spent / n * 1e6, (unsigned long long)matches, (unsigned long long)c.partitions,
           (unsigned long long)c.dropped, (unsigned long long)c.remembered, (double)c.bytes / 1e6);
    tc_buf_fini(&b);
    tc_observations_free(reader);
    tc_set_free(s);
}

/* ---- the adversary: patterns made so that the index does not help ---- */

/* %u: number of the pattern. */
static struct tc_str numbered(const char *pattern, unsigned i, struct tc_buf *b)
{
    tc_buf_clear(b);
    for (const char *p = pattern; *p; p++)
        if (p[0] == '%' && p[1] == 'u') {
            tc_buf_fmt(b, "%u", i);
            p++;
        } else {
            tc_buf_char(b, *p);
        }
    return tc_buf_view(b);
}

static void say_refused(const char *name, unsigned i, const struct tc_diag *d)
{
    (void)printf("{\"bench\":\"pattern adversary\",\"set\":\"%s\",\"refused_at\":%u,\"because\":"
                 "\"%s\"}\n",
                 name, i + 1, d->message);
}

/* As many as are asked for or taken, then OBSERVED observations that meet all of them. */
#define OBSERVED 200u
static void hostile(const char *name, const char *pattern, unsigned n)
{
    static const char seen[] = "{\"type\":\"url\",\"value\":\"https://example.com/a/long/path/that/"
                               "all/of/them/begin/with/so/"
                               "that/the/index/cannot/tell/them/apart/999999999\",\"size\":5}";
    struct tc_buf b, o;
    struct tc_set *s = tc_set_new(NULL);
    struct tc_observations *reader = tc_observations_new();
    struct tc_json j;
    const struct tc_observation *v;
    char id[20];
    size_t many, before = mallinfo2().uordblks + mallinfo2().hblkhd;
    uint64_t matches = 0;
    unsigned i = 0;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_buf_init(&b, 1 << 20);
    tc_buf_init(&o, 1 << 20);
    must(s && reader, "out of memory");
    for (; i < n; i++) {
        (void)snprintf(id, sizeof id, "%u", i);
        if (tc_set_add(s, tc_str_cstr(id), numbered(pattern, i, &b), NULL, &d)) {
            say_refused(name, i, &d);
            break;
        }
    }
    double bytes = i ? (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / i : 0,
           spent = 0;
    for (unsigned k = 0; i && k < OBSERVED; k++) {
        tc_buf_clear(&o);
        tc_buf_fmt(&o,
                   "{\"type\":\"observed-data\",\"id\":\"o%u\",\"first_observed\":"
                   "\"2026-01-01T00:%02u:%02uZ\",\"last_observed\":\"2026-01-01T00:%02u:%02uZ\","
                   "\"number_observed\":1,\"objects\":{\"0\":%s}}",
                   k, k / 60, k % 60, k / 60, k % 60, seen);
        must(!tc_json_read(tc_buf_view(&o), TC_MAX_OBJECT, 0, &j, NULL) &&
                 !tc_observations_read(reader, j.root, &v, &many, NULL),
             "not read");
        double start = now();
        must(!tc_set_feed(s, v, many, count, &matches), "feeding failed");
        spent += now() - start;
        tc_json_fini(&j);
    }
    struct tc_set_counts c = tc_set_counts(s);
    double after = i ? (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / i : 0;
    if (i)
        (void)printf("{\"bench\":\"pattern adversary\",\"set\":\"%s\",\"patterns\":%u,"
                     "\"without_literal\":%llu,\"us_per_observation\":%.1f,\"ns_per_pattern\":%.0f,"
                     "\"bytes_each\":%.0f,\"bytes_each_after\":%.0f,\"matches\":%llu,"
                     "\"undecided\":%llu}\n",
                     name, i, (unsigned long long)c.residual, spent / OBSERVED * 1e6,
                     spent / OBSERVED / i * 1e9, bytes, after, (unsigned long long)matches,
                     (unsigned long long)c.undecided);
    tc_buf_fini(&b);
    tc_buf_fini(&o);
    tc_observations_free(reader);
    tc_set_free(s);
}

static void adversary(void)
{
    struct tc_buf b;
    hostile("all wildcards", "[url:value LIKE '%_%' OR url:value = '%u']", 30000);
    hostile("NOT and !=", "[url:value != 'x%u' AND url:size NOT IN (7, %u)]", 30000);
    hostile("regular expressions without a literal", "[url:value MATCHES '^([a-z]+.*)*[0-9]+x%u$']",
            300);
    hostile("a shared prefix",
            "[url:value LIKE 'https://example.com/a/long/path/that/all/of/them/begin/with/so/that/"
            "the/index/cannot/tell/them/apart/%u%']",
            20000);
    hostile("one-sided ranges, all of them hold", "[url:size < 1%u]", 20000);
    hostile("REPEATS 1000", "[url:value LIKE 'https%'] REPEATS 1000 TIMES WITHIN 9%u SECONDS",
            1000);
    hostile("nested FOLLOWEDBY",
            "(([url:size > 1] FOLLOWEDBY [url:size > 2]) FOLLOWEDBY ([url:size > 3] FOLLOWEDBY "
            "[url:size < 1%u])) WITHIN 60 SECONDS",
            100);
    hostile("REPEATS over FOLLOWEDBY",
            "([url:size = %u] FOLLOWEDBY [url:size = 5]) REPEATS 33 TIMES", 1);
    tc_buf_init(&b, 1 << 20);
    tc_buf_cstr(&b, "[url:size = 5]");
    for (int i = 0; i < 64; i++)
        tc_buf_cstr(&b, " FOLLOWEDBY [url:size = 5]");
    hostile("65 times FOLLOWEDBY", tc_buf_z(&b), 1);
    tc_buf_fini(&b);
}

/* ---- cases of somebody else ---- */

static struct tc_str whole(const char *name)
{
    FILE *f = fopen(name, "r");
    struct tc_buf b;
    must(f != NULL, name);
    tc_buf_init(&b, (size_t)1 << 30);
    for (size_t n = 1; n;) {
        char *p = tc_buf_room(&b, 1 << 16);
        must(p != NULL, "out of memory");
        n = fread(p, 1, 1 << 16, f);
        b.n += n;
    }
    (void)fclose(f);
    return tc_buf_view(&b); /* as long as the program */
}

static bool next_line(struct tc_str *rest, struct tc_str *line)
{
    const char *nl = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    if (!nl)
        return false;
    *line = tc_str_view(rest->p, (size_t)(nl - rest->p));
    *rest = tc_str_view(nl + 1, rest->n - line->n - 1);
    return true;
}

struct pairs {
    struct tc_buf out;
    unsigned bundle;
};

static tc_err pair(void *arg, const struct tc_set_match *m)
{
    struct pairs *p = arg;
    tc_buf_fmt(&p->out, "%s[%.*s,%u]", p->out.n ? "," : "", TC_FMT(m->pattern), p->bundle);
    return TC_OK;
}

struct bundle {
    struct tc_json json;
    struct tc_observations *reader;
    const struct tc_observation *v;
    size_t n;
};

static size_t read_bundles(struct tc_str text, struct bundle *v, size_t most)
{
    struct tc_str line;
    size_t n = 0;
    for (; n < most && next_line(&text, &line); n++) {
        v[n].reader = tc_observations_new();
        must(v[n].reader && !tc_json_read(line, TC_MAX_BODY, 0, &v[n].json, NULL) &&
                 !tc_observations_read(v[n].reader, v[n].json.root, &v[n].v, &v[n].n, NULL),
             "a bundle was refused");
    }
    return n;
}

static void cases(const char *patterns, const char *bundles, uint64_t turns)
{
    static struct bundle v[10000];
    struct tc_str text = whole(patterns), line, rest;
    size_t n = read_bundles(whole(bundles), v, 10000);
    double least = 1e9;
    struct pairs p = {.bundle = 0};
    tc_buf_init(&p.out, (size_t)1 << 30);
    for (uint64_t t = 0; t < turns; t++) {
        struct tc_set *s = tc_set_new(NULL);
        char id[20];
        unsigned k = 0;
        must(s != NULL, "out of memory");
        for (rest = text; next_line(&rest, &line); k++) {
            (void)snprintf(id, sizeof id, "%u", k);
            must(!tc_set_add(s, tc_str_cstr(id), line, NULL, NULL), "a pattern was refused");
        }
        tc_buf_clear(&p.out);
        double start = now();
        for (p.bundle = 0; p.bundle < n; p.bundle++)
            must(!tc_set_feed(s, v[p.bundle].v, v[p.bundle].n, pair, &p), "feeding failed");
        double spent = now() - start;
        least = spent < least ? spent : least;
        must(!tc_set_counts(s).undecided, "undecided");
        tc_set_free(s);
    }
    (void)printf("{\"seconds\":%.9f,\"matches\":[%.*s]}\n", least, (int)p.out.n,
                 p.out.p ? p.out.p : "");
    for (size_t i = 0; i < n; i++) {
        tc_observations_free(v[i].reader);
        tc_json_fini(&v[i].json);
    }
}

int main(int argc, char **argv)
{
    uint64_t turns = 0;
    if (argc == 5 && strcmp(argv[1], "--cases") == 0) {
        must(!tc_num_u64(tc_str_cstr(argv[4]), 1000, &turns) && turns, "1 to 1000 turns");
        cases(argv[2], argv[3], turns);
        return 0;
    }
    uint64_t indicators = 1000000, patterns = 100000;
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t *to = strcmp(argv[i], "--mixed") == 0 ? &patterns : &indicators;
        must(!tc_num_u64(tc_str_cstr(argv[i + 1]), 100000000, to) && *to >= 100,
             "a count from 100 to 100000000 is needed");
    }
    equality(indicators);
    mixed(patterns);
    curves();
    for (unsigned values = 100; values <= 100000; values *= 10)
        per_value(values);
    adversary();
    return 0;
}

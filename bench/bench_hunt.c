/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern against the past: observations a second out of a journal, by the shape of what is
 * stored and by the pattern. A node in a temporary folder; per_s is of one core (processor time),
 * wall_per_s by the clock on the wall. A line of JSON each.
 *
 *   bench_hunt [--observations N] [--dir DIR] */
#include "intake/intake.h"
#include "watch/hunt.h"

#include "base/num.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TURNS  3
#define WANTED 300000
#define POOL   20000u /* objects that many observations name, in the shape "shared" */

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_hunt: %s\n", what);
    exit(4);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
    (void)st;
    (void)kind;
    (void)f;
    return remove(path);
}

static double cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned long long mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* ---- what is stored ---- */

enum shape { OWN, SHARED, EMBEDDED, SHAPES };
static const char *const names[] = {"an object of its own", "three objects out of 20,000",
                                    "three objects inside (STIX 2.0)"};

static void put_id(FILE *f, const char *type, uint64_t i)
{
    unsigned long long a = mix(i), b = mix(a);
    (void)fprintf(f, "%s--%08llx-%04llx-5%03llx-8%03llx-%012llx", type, a >> 32, a >> 16 & 0xffff,
                  a & 0xfff, b & 0xfff, b >> 16);
}

static const char *const types[] = {"ipv4-addr", "domain-name", "file"};

static void put_value(FILE *f, uint64_t i)
{
    unsigned long long a = mix(i * 3 + 7);
    if (i % 3 == 0)
        (void)fprintf(f, "\"value\":\"198.%llu.%llu.%llu\"", a & 255, a >> 8 & 255, a >> 16 & 255);
    else if (i % 3 == 1)
        (void)fprintf(f, "\"value\":\"host-%llx.example-%llu.net\"", a >> 40, (a & 0xffff) % 1000);
    else
        (void)fprintf(f, "\"name\":\"report-%llu.pdf\",\"size\":%llu", a >> 50, a & 0xfffff);
}

/* The i-th object is always the same; its type goes round. */
static void put_object(FILE *f, uint64_t i)
{
    (void)fprintf(f, "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"", types[i % 3]);
    put_id(f, types[i % 3], i);
    (void)fputs("\",", f);
    put_value(f, i);
    (void)fputs("},\n", f);
}

static void put_observation(FILE *f, enum shape shape, uint64_t i)
{
    unsigned s = (unsigned)(i % 86400);
    (void)fputs("{\"type\":\"observed-data\",", f);
    (void)fputs(shape == EMBEDDED ? "\"id\":\"" : "\"spec_version\":\"2.1\",\"id\":\"", f);
    put_id(f, "observed-data", i + 1000000000);
    (void)fprintf(f,
                  "\",\"created\":\"2026-01-02T00:00:00.000Z\",\"modified\":\"2026-01-02T00:00:00."
                  "000Z\",\"first_observed\":\"2026-01-01T%02u:%02u:%02uZ\",\"last_observed\":"
                  "\"2026-01-01T%02u:%02u:%02uZ\",\"number_observed\":1,",
                  s / 3600, s / 60 % 60, s % 60, s / 3600, s / 60 % 60, s % 60);
    (void)fputs(shape == EMBEDDED ? "\"objects\":{" : "\"object_refs\":[", f);
    for (unsigned k = 0; k < (shape == OWN ? 1 : 3); k++) {
        uint64_t which = shape == OWN      ? i
                         : shape == SHARED ? mix(i * 3 + k) % (POOL / 3) * 3 + k
                                           : i * 3 + k;
        (void)fputs(k ? "," : "", f);
        if (shape == EMBEDDED) {
            (void)fprintf(f, "\"%u\":{\"type\":\"%s\",", k, types[which % 3]);
            put_value(f, which);
            (void)fputc('}', f);
        } else {
            (void)fputc('"', f);
            put_id(f, types[which % 3], which);
            (void)fputc('"', f);
        }
    }
    (void)fprintf(f, "%c}", shape == EMBEDDED ? '}' : ']');
}

static int generate(const char *root, enum shape shape, uint64_t observations)
{
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/generated.json", root);
    FILE *f = fopen(path, "w+");
    must(f != NULL, "no file");
    (void)fputs("{\"type\":\"bundle\",\"id\":\"bundle--5c1f2a9e-0000-4000-8000-000000000000\","
                "\"objects\":[\n",
                f);
    for (uint64_t i = 0; shape == SHARED && i < POOL; i++)
        put_object(f, i);
    for (uint64_t i = 0; i < observations; i++) {
        if (shape == OWN)
            put_object(f, i);
        put_observation(f, shape, i);
        (void)fputs(i + 1 < observations ? ",\n" : "\n", f);
    }
    (void)fputs("]}\n", f);
    must(fflush(f) == 0, "the file was not written");
    int fd = dup(fileno(f));
    (void)fclose(f);
    (void)unlink(path);
    return fd;
}

static struct tc_node *fill(const char *root, const char *dir, enum shape shape, uint64_t n)
{
    static const struct tc_org org = {.name = {"Bench", 5}, .country = {"NL", 2}};
    const char *name = "generated";
    struct tc_node *node;
    struct tc_diag d;
    struct tc_import_result r = {0};
    int fd = generate(root, shape, n);
    tc_diag_init(&d);
    must(!tc_node_init(dir, "Bench", &org, &d), d.message);
    must(!tc_node_open(dir, TC_NODE_COMMAND, &node, &d), d.message);
    struct tc_principal p = {.org = node->org};
    struct tc_import_options o = {.from = {.principal = &p, .unmarked = TC_TLP_AMBER}};
    must(lseek(fd, 0, SEEK_SET) == 0 && !tc_import(node, &name, &fd, 1, &o, &r, &d), d.message);
    must(r.skipped == 0, "objects were skipped");
    (void)close(fd);
    return node;
}

/* ---- hunts ---- */

static tc_err found(void *arg, const struct tc_hunt_match *m)
{
    *(uint64_t *)arg += m->n;
    return TC_OK;
}

static void hunt(struct tc_node *node, enum shape shape, const char *what, const char *pattern)
{
    struct tc_principal p = {.org = node->org};
    struct tc_hunt_result r = {0};
    double wall = 1e9, cpu = 1e9;
    for (int t = 0; t < TURNS; t++) {
        uint64_t bound = 0;
        struct tc_diag d;
        const struct tc_hunt_ask ask = {
            .pattern = tc_str_cstr(pattern), .since = TC_TIME_NONE, .found = found, .arg = &bound};
        tc_diag_init(&d);
        double c = cpu_seconds();
        int64_t start = tc_time_monotonic();
        must(!tc_hunt(node->journal, &p, &ask, &r, &d), d.message);
        double s = (double)(tc_time_monotonic() - start) / 1e6;
        c = cpu_seconds() - c;
        cpu = c < cpu ? c : cpu;
        wall = s < wall ? s : wall;
    }
    double rate = (double)r.observations / cpu;
    (void)printf("{\"bench\":\"hunt\",\"stored\":\"%s\",\"pattern\":\"%s\",\"observations\":%llu,"
                 "\"matches\":%llu,\"per_s\":%.0f,\"wall_per_s\":%.0f,\"wanted\":%d,\"holds\":%s}"
                 "\n",
                 names[shape], what, (unsigned long long)r.observations,
                 (unsigned long long)r.matches, rate, (double)r.observations / wall, WANTED,
                 rate >= WANTED ? "true" : "false");
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    uint64_t n = 300000;
    char root[4096] = "/var/tmp/tocsin-bench-XXXXXX", dir[4200];
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--dir") == 0)
            (void)snprintf(root, sizeof root, "%s/tocsin-bench-XXXXXX", argv[i + 1]);
        else
            must(!tc_num_u64(tc_str_cstr(argv[i + 1]), 10000000, &n) && n, "--observations N");
    }
    must(mkdtemp(root) != NULL, root);
    for (int shape = 0; shape < SHAPES; shape++) {
        (void)snprintf(dir, sizeof dir, "%s/%d", root, shape);
        struct tc_node *node = fill(root, dir, (enum shape)shape, n);
        hunt(node, (enum shape)shape, "one address", "[ipv4-addr:value = '198.51.100.7']");
        hunt(node, (enum shape)shape, "a network", "[ipv4-addr:value ISSUBSET '198.51.0.0/16']");
        hunt(node, (enum shape)shape, "LIKE, any domain",
             "[domain-name:value LIKE '%.example-77_.net']");
        hunt(node, (enum shape)shape, "no literal", "[file:size > 1040000]");
        hunt(node, (enum shape)shape, "over time, all types",
             "([ipv4-addr:value ISSUBSET '198.51.0.0/16'] FOLLOWEDBY [domain-name:value LIKE "
             "'%.example-77_.net']) WITHIN 60 SECONDS");
        hunt(node, (enum shape)shape, "follows references",
             "[domain-name:resolves_to_refs[*].value = '198.51.100.7' OR ipv4-addr:value = "
             "'198.51.100.7']");
        tc_node_close(node);
        (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Import (checked, durable) against bare SQLite in the same run: the same rows appended to one
 * table without secondary index, WAL, synchronous=FULL, batches of 2,000. One JSON line for each
 * input.
 *
 *   bench_import [--objects N] [--large BYTES] [--dir DIR] FILE...
 *
 * objects: how many to generate (default 1000000, 0 = none). large: instead, one bundle of about so
 * many bytes is imported and the peak of resident memory printed. */
#include "intake/intake.h"

#include "base/limits.h"
#include "base/num.h"
#include "codec/slices.h"

#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_import: %s failed\n", what);
    exit(4);
}

static double seconds_since(int64_t start)
{
    return (double)(tc_time_monotonic() - start) / 1e6;
}

/* Of the whole process, all threads; what is left when others use the machine too. */
static double cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
    (void)st;
    (void)kind;
    (void)f;
    return remove(path);
}

static void empty(const char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- bare SQLite ---- */

struct bare {
    sqlite3 *db;
    sqlite3_stmt *insert;
    uint64_t n;
};

static void sql(sqlite3 *db, const char *text)
{
    must(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static tc_err insert(void *arg, const struct tc_slice *s)
{
    struct bare *b = arg;
    if (b->n % 2000 == 0)
        sql(b->db, b->n ? "COMMIT; BEGIN" : "BEGIN");
    b->n++;
    (void)sqlite3_bind_int64(b->insert, 1, (sqlite3_int64)b->n);
    (void)sqlite3_bind_blob(b->insert, 2, s->bytes.p, (int)s->bytes.n, SQLITE_STATIC);
    must(sqlite3_step(b->insert) == SQLITE_DONE, "insert");
    (void)sqlite3_reset(b->insert);
    return TC_OK;
}

/* The slices are found as fast as memory goes; only the rows cost. */
static double bare_seconds(const char *root, int fd, uint64_t *objects)
{
    static char chunk[1u << 20];
    char path[4200];
    struct bare b = {0};
    ssize_t n;
    (void)snprintf(path, sizeof path, "%s/bare", root);
    empty(path);
    (void)snprintf(path, sizeof path, "%s/bare.db", root);
    must(sqlite3_open(path, &b.db) == SQLITE_OK, "open");
    sql(b.db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-262144;"
              "CREATE TABLE t(seq INTEGER PRIMARY KEY, body BLOB)");
    must(sqlite3_prepare_v2(b.db, "INSERT INTO t VALUES(?,?)", -1, &b.insert, NULL) == SQLITE_OK,
         "prepare");
    int64_t start = tc_time_monotonic();
    struct tc_slices *s = tc_slices_new(TC_MAX_OBJECT, insert, &b);
    must(s && lseek(fd, 0, SEEK_SET) == 0, "scan");
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        must(!tc_slices_feed(s, tc_str_view(chunk, (size_t)n), NULL), "scan");
    must(!tc_slices_end(s, NULL), "scan");
    if (b.n)
        sql(b.db, "COMMIT");
    double t = seconds_since(start);
    tc_slices_free(s);
    (void)sqlite3_finalize(b.insert);
    (void)sqlite3_close(b.db);
    (void)unlink(path);
    *objects = b.n;
    return t;
}

/* ---- import ---- */

static double import_seconds(const char *root, int fd, const char *name, uint64_t *added)
{
    static const struct tc_org org = {.name = {"Bench", 5}, .country = {"NL", 2}};
    char dir[4200];
    struct tc_node *n;
    struct tc_diag d;
    struct tc_import_result r = {0};
    (void)snprintf(dir, sizeof dir, "%s/node", root);
    empty(dir);
    tc_diag_init(&d);
    must(!tc_node_init(dir, "Bench", &org, &d), d.message);
    must(!tc_node_open(dir, TC_NODE_COMMAND, &n, &d), d.message);
    struct tc_principal p = {.org = n->org};
    struct tc_import_options o = {.from = {.principal = &p, .unmarked = TC_TLP_AMBER}};
    must(lseek(fd, 0, SEEK_SET) == 0, "seek");
    int64_t start = tc_time_monotonic();
    tc_err e = tc_import(n, &name, &fd, 1, &o, &r, &d);
    double t = seconds_since(start);
    must(!e, d.message);
    *added = r.added + r.same;
    tc_node_close(n);
    empty(dir);
    return t;
}

/* Best of several runs for small files, which the disk's mood rules otherwise. */
static void measure(const char *root, int fd, const char *name)
{
    uint64_t size = (uint64_t)lseek(fd, 0, SEEK_END), rows = 0, added = 0;
    int runs = size < 16u << 20 ? 5 : 1;
    double bare = 1e9, import = 1e9, bare_cpu = 0, import_cpu = 0;
    for (int i = 0; i < runs; i++) {
        double c = cpu_seconds(), b = bare_seconds(root, fd, &rows);
        bare_cpu = cpu_seconds() - c;
        c = cpu_seconds();
        double t = import_seconds(root, fd, name, &added);
        import_cpu = cpu_seconds() - c;
        bare = b < bare ? b : bare;
        import = t < import ? t : import;
    }
    const char *base = strrchr(name, '/');
    (void)printf("{\"bench\":\"import\",\"input\":\"%s\",\"bytes\":%llu,\"objects\":%llu,"
                 "\"bare_per_s\":%.0f,\"import_per_s\":%.0f,\"ratio\":%.2f,\"bare_cpu_s\":%.3f,"
                 "\"import_cpu_s\":%.3f}\n",
                 base ? base + 1 : name, (unsigned long long)size, (unsigned long long)added,
                 (double)rows / bare, (double)added / import, bare / import, bare_cpu, import_cpu);
    (void)fflush(stdout);
}

/* ---- generated ---- */

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* Indicators of about 620 bytes. */
static int generate(const char *root, uint64_t objects)
{
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/generated.json", root);
    FILE *f = fopen(path, "w+");
    must(f != NULL, "generate");
    (void)fputs("{\"type\":\"bundle\",\"id\":\"bundle--5c1f2a9e-0000-4000-8000-000000000000\","
                "\"objects\":[\n",
                f);
    for (uint64_t i = 0; i < objects; i++) {
        unsigned long long a = mix(i), b = mix(a);
        (void)fprintf(
            f,
            "%s{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--%08llx-%04llx-"
            "4%03llx-8%03llx-%012llx\",\"created_by_ref\":\"identity--5c1f2a9e-0000-4000-8000-"
            "000000000001\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:"
            "00:00.000Z\",\"name\":\"Address seen in scan %llu\",\"description\":\"Seen knocking "
            "at "
            "several sites within an hour; no answer was given and nothing else is known of it.\","
            "\"indicator_types\":[\"anomalous-activity\"],\"pattern\":\"[ipv4-addr:value = "
            "'198.%llu.%llu.%llu']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:"
            "00."
            "000Z\",\"confidence\":%llu,\"object_marking_refs\":[\"marking-definition--bab4a63c-"
            "aed9-4cf5-a766-dfca5abac2bb\"]}",
            i ? ",\n" : "", a >> 32, a >> 16 & 0xffff, a & 0xfff, b & 0xfff, b >> 16,
            (unsigned long long)i, a & 255, a >> 8 & 255, b & 255, b % 100);
    }
    (void)fputs("]}\n", f);
    must(fflush(f) == 0, "generate");
    int fd = dup(fileno(f));
    (void)fclose(f);
    (void)unlink(path);
    return fd;
}

static void measure_memory(const char *root, uint64_t bytes)
{
    int fd = generate(root, bytes / 690);
    uint64_t size = (uint64_t)lseek(fd, 0, SEEK_END), added = 0;
    double t = import_seconds(root, fd, "generated", &added);
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    (void)printf("{\"bench\":\"import memory\",\"bytes\":%llu,\"objects\":%llu,\"seconds\":%.1f,"
                 "\"peak_mb\":%ld}\n",
                 (unsigned long long)size, (unsigned long long)added, t, u.ru_maxrss / 1024);
    (void)close(fd);
}

int main(int argc, char **argv)
{
    uint64_t objects = 1000000, large = 0;
    char root[4096] = "/var/tmp/tocsin-bench-XXXXXX";
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        struct tc_str v = tc_str_cstr(argv[i + 1]);
        if (strcmp(argv[i], "--objects") == 0)
            must(!tc_num_u64(v, 100000000, &objects), "--objects");
        else if (strcmp(argv[i], "--large") == 0)
            must(!tc_num_u64(v, UINT64_C(1) << 40, &large), "--large");
        else if (strcmp(argv[i], "--dir") == 0)
            (void)snprintf(root, sizeof root, "%s/tocsin-bench-XXXXXX", argv[i + 1]);
        else
            must(false, argv[i]);
    }
    must(mkdtemp(root) != NULL, root);
    if (large) {
        measure_memory(root, large);
    } else {
        for (; i < argc; i++) {
            int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
            if (fd < 0) {
                (void)fprintf(stderr, "bench_import: %s is not there, left out\n", argv[i]);
                continue;
            }
            measure(root, fd, argv[i]);
            (void)close(fd);
        }
        if (objects) {
            int fd = generate(root, objects);
            measure(root, fd, "generated");
            (void)close(fd);
        }
    }
    empty(root);
    return 0;
}

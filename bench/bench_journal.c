/* SPDX-License-Identifier: Apache-2.0 */
/* The journal against bare SQLite: the same rows (600-byte bodies, batches of 2,000), appended to
 * one table without secondary index with WAL and synchronous=FULL, and by tc_journal_append from
 * several threads. Then pages of 1,000, and start-up with memory. One JSON line for each figure.
 *
 *   bench_journal [--entries N] [--threads N] [--dir DIR]     N: the largest size, default 2000000
 */
#include "base/num.h"
#include "journal/journal.h"
#include "watch/index.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 2000, BODY = 600, AUDIENCES = 20, SMALL = 50000, PAGE = 1000 };

static char body_text[BODY];

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static struct tc_uuid uuid_of(uint64_t i)
{
    struct tc_uuid u;
    uint64_t a = mix(i), b = mix(a);
    memcpy(u.b, &a, 8);
    memcpy(u.b + 8, &b, 8);
    return u;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_journal: %s failed\n", what);
    exit(4);
}

static double seconds_since(int64_t start)
{
    return (double)(tc_time_monotonic() - start) / 1e6;
}

/* Of the whole process; what is left when others use the machine too. */
static double cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void empty_dir(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        (void)closedir(d);
}

/* ---- bare SQLite ---- */

static double bare(const char *dir, uint64_t n, int page_size)
{
    char path[512], sql[256];
    sqlite3 *db;
    sqlite3_stmt *st;
    (void)snprintf(path, sizeof path, "%s/bare.db", dir);
    must(!sqlite3_open_v2(path, &db,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL),
         "open");
    (void)snprintf(sql, sizeof sql,
                   "PRAGMA page_size=%d; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "PRAGMA cache_size=-262144;",
                   page_size);
    must(!sqlite3_exec(db, sql, NULL, NULL, NULL), "pragma");
    must(!sqlite3_exec(db,
                       "CREATE TABLE entry(seq INTEGER PRIMARY KEY, added INTEGER, flags INTEGER,"
                       " audience INTEGER, community INTEGER, type INTEGER, uuid BLOB,"
                       " version INTEGER, prev INTEGER, creator INTEGER, body BLOB)",
                       NULL, NULL, NULL),
         "create");
    must(!sqlite3_prepare_v2(db, "INSERT INTO entry VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)", -1,
                             &st, NULL),
         "prepare");
    int64_t start = tc_time_monotonic();
    for (uint64_t i = 0; i < n;) {
        must(!sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), "begin");
        for (int k = 0; k < BATCH && i < n; k++, i++) {
            struct tc_uuid u = uuid_of(i);
            sqlite3_bind_int64(st, 1, (sqlite3_int64)i + 1);
            sqlite3_bind_int64(st, 2, tc_time_now());
            sqlite3_bind_int64(st, 3, 0);
            sqlite3_bind_int64(st, 4, 1 + (sqlite3_int64)(i % AUDIENCES));
            sqlite3_bind_int64(st, 5, 7);
            sqlite3_bind_int64(st, 6, 1);
            sqlite3_bind_blob(st, 7, u.b, 16, SQLITE_STATIC);
            sqlite3_bind_int64(st, 8, 1790000000000000);
            sqlite3_bind_int64(st, 9, 0);
            sqlite3_bind_int64(st, 10, 1);
            sqlite3_bind_blob(st, 11, body_text, BODY, SQLITE_STATIC);
            must(sqlite3_step(st) == SQLITE_DONE, "insert");
            sqlite3_reset(st);
        }
        must(!sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), "commit");
    }
    double rate = (double)n / seconds_since(start);
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(db);
    empty_dir(dir);
    return rate;
}

/* ---- the journal ---- */

struct work {
    struct tc_journal *j;
    uint64_t next, end; /* shared under lock */
    pthread_mutex_t lock;
    uint32_t audiences[AUDIENCES];
};

static void *submit(void *arg)
{
    struct work *w = arg;
    struct tc_entry_in *in = calloc(BATCH, sizeof *in);
    must(in != NULL, "memory");
    for (;;) {
        (void)pthread_mutex_lock(&w->lock);
        uint64_t from = w->next, to = from + BATCH < w->end ? from + BATCH : w->end;
        w->next = to;
        (void)pthread_mutex_unlock(&w->lock);
        if (from == to)
            break;
        for (uint64_t i = from; i < to; i++)
            in[i - from] = (struct tc_entry_in){.type = TC_STR("indicator"),
                                                .uuid = uuid_of(i),
                                                .version = 1790000000000000,
                                                .creator = TC_STR("identity--bench"),
                                                .audience = w->audiences[i % AUDIENCES],
                                                .community = 7,
                                                .body = {body_text, BODY}};
        must(tc_journal_append(w->j, in, to - from) == TC_OK, "append");
        must(in[0].outcome == TC_OUT_APPENDED, "append: outcome");
    }
    free(in);
    return NULL;
}

static struct tc_journal *open_journal(const char *dir)
{
    struct tc_journal *j = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    must(tc_journal_open(dir, NULL, &j, &d) == TC_OK, "tc_journal_open");
    return j;
}

/* Entries from .. to; the rate of this part. */
static double append_part(struct tc_journal *j, uint64_t from, uint64_t to, int threads)
{
    struct work w = {.j = j, .next = from, .end = to, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t t[64];
    for (uint32_t i = 0; i < AUDIENCES; i++) {
        struct tc_audience a = {.tlp = TC_TLP_AMBER, .creator_org = i + 1, .community = 7};
        must(tc_journal_audience(j, &a, &w.audiences[i]) == TC_OK, "audience");
    }
    int64_t start = tc_time_monotonic();
    for (int i = 0; i < threads; i++)
        must(!pthread_create(&t[i], NULL, submit, &w), "thread");
    for (int i = 0; i < threads; i++)
        (void)pthread_join(t[i], NULL);
    return (double)(to - from) / seconds_since(start);
}

/* ---- single entries ---- */

enum { CLIENTS = 32, SINGLES = 600 };

struct client {
    struct tc_journal *j;
    uint32_t audience;
    uint64_t base;
    int64_t took[SINGLES]; /* microseconds */
};

static void *post(void *arg)
{
    struct client *c = arg;
    for (uint64_t i = 0; i < SINGLES; i++) {
        struct tc_entry_in in = {.type = TC_STR("indicator"),
                                 .uuid = uuid_of(c->base + i),
                                 .version = 1790000000000000,
                                 .audience = c->audience,
                                 .community = 7,
                                 .body = {body_text, BODY}};
        int64_t start = tc_time_monotonic();
        must(tc_journal_append(c->j, &in, 1) == TC_OK, "single append");
        c->took[i] = tc_time_monotonic() - start;
    }
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* One entry at a time from 32 threads, as single POSTs come. */
static void singles(const char *dir)
{
    struct tc_journal *j = open_journal(dir);
    struct client *c = calloc(CLIENTS, sizeof *c);
    int64_t *all = calloc((size_t)CLIENTS * SINGLES, sizeof *all);
    struct tc_audience a = {.tlp = TC_TLP_GREEN, .creator_org = 1};
    pthread_t t[CLIENTS];
    uint32_t number;
    must(c && all && tc_journal_audience(j, &a, &number) == TC_OK, "memory");
    int64_t start = tc_time_monotonic();
    for (uint64_t i = 0; i < CLIENTS; i++) {
        c[i] = (struct client){.j = j, .audience = number, .base = (i + 1) << 40};
        must(!pthread_create(&t[i], NULL, post, &c[i]), "thread");
    }
    for (int i = 0; i < CLIENTS; i++) {
        (void)pthread_join(t[i], NULL);
        memcpy(all + i * SINGLES, c[i].took, sizeof c[i].took);
    }
    double s = seconds_since(start);
    size_t n = (size_t)CLIENTS * SINGLES;
    qsort(all, n, sizeof *all, by_time);
    printf("{\"bench\":\"journal.single\",\"threads\":%d,\"rate\":%.0f,\"p50_ms\":%.2f,"
           "\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
           CLIENTS, (double)n / s, (double)all[n / 2] / 1e3, (double)all[n - n / 100 - 1] / 1e3,
           (double)all[n - 1] / 1e3);
    free(c);
    free(all);
    tc_journal_close(j);
    empty_dir(dir);
}

static double resident_mib(void)
{
    char text[4096];
    FILE *f = fopen("/proc/self/status", "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        (void)fclose(f);
    text[n] = '\0';
    const char *at = strstr(text, "VmRSS:");
    if (!at)
        return 0;
    at += 6;
    while (*at == ' ' || *at == '\t')
        at++;
    size_t len = 0;
    while (at[len] >= '0' && at[len] <= '9')
        len++;
    uint64_t kib = 0;
    must(tc_num_u64(tc_str_view(at, len), UINT64_MAX, &kib) == TC_OK, "VmRSS");
    return (double)kib / 1024;
}

static void read_pages(struct tc_journal *j, uint64_t n, uint64_t most)
{
    uint32_t mine[] = {7};
    struct tc_principal p = {.org = 5, .communities = {mine, 1}};
    uint64_t pages = 0, rows = 0, bytes = 0, state = 42;
    int64_t start = tc_time_monotonic();
    double cpu = cpu_seconds();
    for (; pages < most; pages++) {
        struct tc_query q = {.community = 7, .limit = PAGE};
        struct tc_reader *r;
        struct tc_row row;
        state = mix(state);
        q.after = n > PAGE ? state % (n - PAGE) : 0;
        must(tc_reader_open(j, &p, &q, &r) == TC_OK, "reader");
        while (tc_reader_next(r, &row) == TC_OK && row.seq) {
            rows++;
            bytes += row.body.n;
        }
        tc_reader_close(r);
    }
    double s = seconds_since(start);
    cpu = cpu_seconds() - cpu;
    printf("{\"bench\":\"journal.page\",\"entries\":%llu,\"us_per_page\":%.0f,"
           "\"cpu_us_per_page\":%.0f,\"rows_per_s\":%.0f,"
           "\"MB_per_s\":%.0f}\n",
           (unsigned long long)n, s * 1e6 / (double)pages, cpu * 1e6 / (double)pages,
           (double)rows / s, (double)bytes / s / 1e6);
}

static void start_up(const char *dir, uint64_t n)
{
    double before = resident_mib();
    int64_t start = tc_time_monotonic();
    struct tc_journal *j = open_journal(dir);
    double s = seconds_since(start);
    struct tc_journal_stats stats;
    tc_journal_stats(j, &stats);
    printf("{\"bench\":\"journal.start\",\"entries\":%llu,\"seconds\":%.3f,\"rss_mib\":%.0f,"
           "\"rss_before_mib\":%.0f,\"table_bytes_per_entry\":%.1f}\n",
           (unsigned long long)n, s, resident_mib(), before,
           (double)stats.memory_bytes / (double)n);
    tc_journal_close(j);
}

static double whole(const char *dir, uint64_t n, int threads)
{
    struct tc_journal *j = open_journal(dir);
    double rate = append_part(j, 0, n, threads);
    tc_journal_close(j);
    return rate;
}

/* Bare and journal in turns, the best of so many of each; leaves the last journal in dir. */
static void compare(const char *dir, uint64_t n, int rounds, int threads)
{
    double b4 = 0, b16 = 0, ours = 0, cpu_bare = 0, cpu_ours = 0;
    for (int i = 0; i < rounds; i++) {
        empty_dir(dir);
        double a = bare(dir, n, 4096), cpu = cpu_seconds();
        double b = bare(dir, n, 16384);
        cpu_bare = cpu_seconds() - cpu;
        cpu = cpu_seconds();
        double c = whole(dir, n, threads);
        cpu_ours = cpu_seconds() - cpu;
        b4 = a > b4 ? a : b4;
        b16 = b > b16 ? b : b16;
        ours = c > ours ? c : ours;
    }
    printf("{\"bench\":\"journal.append\",\"entries\":%llu,\"rate\":%.0f,\"bare_page_4k\":%.0f,"
           "\"bare_page_16k\":%.0f,\"ratio\":%.2f,\"cpu_us_per_entry\":%.2f,"
           "\"bare_16k_cpu_us_per_entry\":%.2f}\n",
           (unsigned long long)n, ours, b4, b16, ours / (b4 > b16 ? b4 : b16),
           cpu_ours * 1e6 / (double)n, cpu_bare * 1e6 / (double)n);
    (void)fflush(stdout);
}

/* What 50,000 entries take in an empty journal, and on top of n: the size itself, not how busy the
 * disk is. In turns, because others use the machine too; the best of five of each. */
static void flat(struct tc_journal *j, const char *dir, uint64_t n, uint64_t step, int threads)
{
    double small = 0, large = 0;
    uint64_t at = n;
    for (int i = 0; i < 5; i++, at += step) {
        double a = whole(dir, step, threads), b = append_part(j, at, at + step, threads);
        small = a > small ? a : small;
        large = b > large ? b : large;
        empty_dir(dir);
    }
    printf("{\"bench\":\"journal.flat\",\"small\":%llu,\"large\":%llu,\"rate_at_small\":%.0f,"
           "\"rate_at_large\":%.0f,\"ratio\":%.2f}\n",
           (unsigned long long)step, (unsigned long long)n, small, large, large / small);
}

/* The derived index over objects with a reference, a value and a dozen words each. */
static void index_rate(const char *dir, uint64_t n)
{
    struct tc_journal *j = open_journal(dir);
    struct tc_index *x = NULL;
    struct tc_diag d;
    struct tc_audience a = {.tlp = TC_TLP_GREEN, .creator_org = 1};
    uint32_t number;
    static char text[BATCH][BODY];
    static struct tc_entry_in in[BATCH];
    tc_diag_init(&d);
    must(tc_journal_audience(j, &a, &number) == TC_OK, "audience");
    for (uint64_t i = 0; i < n; i += BATCH) {
        for (uint64_t k = 0; k < BATCH; k++) {
            int len = snprintf(text[k], BODY,
                               "{\"type\":\"domain-name\",\"value\":\"host%llu.example\","
                               "\"created_by_ref\":\"identity--%llu\",\"description\":\"seen near "
                               "site %llu by sensor %llu while the pumps of unit %llu were idle\"}",
                               (unsigned long long)(i + k), (unsigned long long)(mix(i + k) % 99),
                               (unsigned long long)(mix(i + k) % 5000), (unsigned long long)k,
                               (unsigned long long)(mix(k) % 300));
            in[k] = (struct tc_entry_in){.type = TC_STR("domain-name"),
                                         .uuid = uuid_of(i + k),
                                         .version = TC_TIME_NONE,
                                         .audience = number,
                                         .community = 7,
                                         .body = {text[k], (size_t)len}};
        }
        must(tc_journal_append(j, in, BATCH) == TC_OK, "append");
    }
    must(tc_index_open(dir, j, &x, &d) == TC_OK, "tc_index_open");
    int64_t start = tc_time_monotonic();
    size_t done = 1;
    while (done)
        must(tc_index_step(x, 10000, &done) == TC_OK, "tc_index_step");
    printf("{\"bench\":\"index.step\",\"entries\":%llu,\"rate\":%.0f}\n",
           (unsigned long long)tc_index_seq(x), (double)tc_index_seq(x) / seconds_since(start));
    (void)fflush(stdout);
    tc_index_close(x);
    tc_journal_close(j);
    empty_dir(dir);
}

int main(int argc, char **argv)
{
    uint64_t most = 2000000, threads = 4, pages = 1000;
    const char *base = "/tmp";
    for (int i = 1; i + 1 < argc; i += 2) {
        struct tc_str v = tc_str_cstr(argv[i + 1]);
        bool ok = true;
        if (strcmp(argv[i], "--entries") == 0)
            ok = tc_num_u64(v, 50000000, &most) == TC_OK;
        else if (strcmp(argv[i], "--threads") == 0)
            ok = tc_num_u64(v, 64, &threads) == TC_OK && threads;
        else if (strcmp(argv[i], "--pages") == 0)
            ok = tc_num_u64(v, 1000000, &pages) == TC_OK && pages;
        else if (strcmp(argv[i], "--dir") == 0)
            base = argv[i + 1];
        must(ok, argv[i]);
    }
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/tocsin-bench-XXXXXX", base);
    must(mkdtemp(dir) != NULL, "mkdtemp");
    memset(body_text, 'x', sizeof body_text);
    singles(dir);
    char second[600];
    (void)snprintf(second, sizeof second, "%s/.second", dir);
    must(!mkdir(second, 0700), "mkdir");
    uint64_t tiny = most < SMALL ? most : SMALL;
    uint64_t sizes[] = {tiny, most > 1000000 ? 1000000 : most, most};
    int t = (int)threads;
    for (int i = 0; i < 3; i++) {
        uint64_t n = sizes[i];
        if (i && n == sizes[i - 1])
            continue;
        compare(dir, n, n <= SMALL ? 5 : 1, t);
        if (n == most || n >= 1000000) {
            start_up(dir, n);
            struct tc_journal *j = open_journal(dir);
            read_pages(j, n, pages);
            if (n == most)
                flat(j, second, n, tiny, t);
            tc_journal_close(j);
        }
        empty_dir(dir);
    }
    index_rate(dir, most < 200000 ? most : 200000);
    (void)rmdir(second);
    (void)rmdir(dir);
    return 0;
}

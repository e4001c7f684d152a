/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at random moments. A child appends and deletes from two threads and says through a pipe
 * what was acknowledged; the parent kills it, opens the journal and checks: every acknowledged
 * entry is there byte for byte, what was deleted with acknowledgement is not, every batch is there
 * whole or not at all, nothing else is there. Opening compares the chains with what was written.
 * One folder is used for many rounds, so recovery is killed too.
 *
 *   test_journal_kill [ROUNDS]            default 200
 *   test_journal_kill child DIR ROUND     writes acknowledgements to standard output */
#include "base/log.h"
#include "base/num.h"
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 2, MOST_BATCH = 40, BODY = 3000, ROUNDS_PER_DIR = 20 };

/* Object numbers are batch << 8 | place; batch = round << 20 | thread << 16 | count. */
struct ack {
    uint64_t batch;
    uint32_t n, deleted; /* deleted: place of the deleted entry + 1, 0 = an appended batch */
    uint64_t first_seq;
};

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static uint32_t size_of(uint64_t batch)
{
    return 1 + (uint32_t)(mix(batch) % MOST_BATCH);
}

/* The one body that this object can have. */
static size_t body_of(uint64_t number, char out[BODY])
{
    size_t n = 20 + mix(number) % (mix(number + 1) % 8 ? 300 : BODY - 20);
    for (size_t i = 0; i < n; i++)
        out[i] = (char)('a' + (mix(number) >> i % 50) % 26);
    return n;
}

static void must(bool ok, const char *what, uint64_t detail)
{
    if (ok)
        return;
    (void)fprintf(stderr, "test_journal_kill: %s (%llu)\n", what, (unsigned long long)detail);
    _exit(1);
}

static struct tc_journal *open_in(const char *dir)
{
    struct tc_journal *j = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_journal_open(dir, NULL, &j, &d);
    must(e == TC_OK, d.message, (uint64_t)e);
    return j;
}

/* ---- the child ---- */

struct child {
    struct tc_journal *j;
    uint64_t base;
};

static void tell(const struct ack *a)
{
    must(write(STDOUT_FILENO, a, sizeof *a) == (ssize_t)sizeof *a, "write to the pipe", 0);
}

static void *append_on(void *arg)
{
    const struct child *c = arg;
    static _Thread_local char bodies[MOST_BATCH][BODY];
    uint32_t audience = tc_test_audience(c->j, TC_TLP_GREEN, 1 + (uint32_t)(c->base % 50), 7);
    for (uint64_t k = 0;; k++) {
        struct tc_entry_in in[MOST_BATCH];
        uint64_t batch = c->base + k;
        uint32_t n = size_of(batch);
        for (uint32_t i = 0; i < n; i++) {
            in[i] = tc_test_entry(batch << 8 | i, 1, audience, 7, "");
            in[i].body = tc_str_view(bodies[i], body_of(batch << 8 | i, bodies[i]));
        }
        tc_err e = tc_journal_append(c->j, in, n);
        must(e == TC_OK && in[n - 1].outcome == TC_OUT_APPENDED, "append", (uint64_t)e);
        tell(&(struct ack){batch, n, 0, in[0].seq});
        if (k % 5 == 4) { /* take one of them away again */
            struct tc_entry_in del = tc_test_entry(batch << 8, 0, audience, 7, "");
            del.kind = TC_ENTRY_DELETE;
            e = tc_journal_append(c->j, &del, 1);
            must(e == TC_OK && del.outcome == TC_OUT_APPENDED, "delete", (uint64_t)e);
            tell(&(struct ack){batch, n, 1, in[0].seq});
        }
    }
    return NULL;
}

static int run_child(const char *dir, uint64_t round)
{
    struct child c[THREADS];
    pthread_t t[THREADS];
    struct tc_journal *j = open_in(dir);
    tell(&(struct ack){0});
    for (uint64_t i = 0; i < THREADS; i++) {
        c[i] = (struct child){j, round << 20 | i << 16};
        must(!pthread_create(&t[i], NULL, append_on, &c[i]), "thread", i);
    }
    (void)pthread_join(t[0], NULL);
    return 1;
}

/* ---- the parent ---- */

struct record {
    struct ack *acks;
    size_t n, cap;
    uint64_t first_round;
};

static void remember(struct record *r, const struct ack *a)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 1024;
        r->acks = realloc(r->acks, r->cap * sizeof *r->acks);
        must(r->acks != NULL, "memory", 0);
    }
    r->acks[r->n++] = *a;
}

/* Slot of a batch: rounds of this folder, threads, 4096 batches each. */
static size_t slot(const struct record *r, uint64_t batch)
{
    uint64_t round = (batch >> 20) - r->first_round, thread = batch >> 16 & 15;
    must(round < ROUNDS_PER_DIR && thread < THREADS && (batch & 0xffff) < 4096, "unknown batch",
         batch);
    return (size_t)((round * THREADS + thread) * 4096 + (batch & 0xffff));
}

static uint64_t number_of(const struct tc_uuid *u)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n = n << 8 | (i == 0 ? u->b[8 + i] & 0x7f : u->b[8 + i]);
    return n;
}

static void verify(const char *dir, const struct record *rec)
{
    enum { SLOTS = ROUNDS_PER_DIR * THREADS * 4096 };
    uint64_t *first = calloc(SLOTS, sizeof *first);
    uint8_t *count = calloc(SLOTS, 1), *gone = calloc(SLOTS, 1);
    struct tc_journal *j = open_in(dir);
    struct tc_query q = {.versions = 1u << TC_VERSIONS_ALL, .with_deletions = true};
    struct tc_reader *r = NULL;
    struct tc_row row;
    static char body[BODY];
    must(first && count && gone, "memory", 0);
    must(tc_reader_open(j, &tc_principal_system, &q, &r) == TC_OK, "reader", 0);
    for (;;) {
        tc_err e = tc_reader_next(r, &row);
        must(e == TC_OK, tc_err_text(e), 0);
        if (!row.seq)
            break;
        uint64_t number = number_of(&row.uuid);
        size_t s = slot(rec, number >> 8);
        if (row.kind == TC_ENTRY_DELETE) {
            gone[s]++;
            must((number & 255) == 0, "deletion of something else", number);
            count[s]++; /* stands for what it deleted: its body must be gone */
            continue;
        }
        must(tc_str_eq(row.body, tc_str_view(body, body_of(number, body))), "body differs", number);
        if (number & 255)
            first[s] = row.seq - (number & 255);
        else
            first[s] = row.seq;
        count[s]++;
    }
    tc_reader_close(r);
    for (size_t s = 0; s < SLOTS; s++) {
        uint64_t batch =
            (rec->first_round + s / 4096 / THREADS) << 20 | (s / 4096 % THREADS) << 16 | s % 4096;
        must(count[s] == 0 || count[s] == size_of(batch), "half a batch", batch);
        must(gone[s] <= 1, "deleted twice", batch);
    }
    for (size_t i = 0; i < rec->n; i++) {
        const struct ack *a = &rec->acks[i];
        size_t s = slot(rec, a->batch);
        must(count[s] == a->n, "an acknowledged batch is not there", a->batch);
        must(a->n == 1 || first[s] == a->first_seq, "seq differs", a->batch);
        must(!a->deleted || gone[s] == 1, "an acknowledged deletion is not there", a->batch);
    }
    tc_journal_close(j);
    free(first);
    free(count);
    free(gone);
}

static void round_of(const char *self, const char *dir, uint64_t round, struct record *rec)
{
    int pipes[2];
    must(!pipe(pipes), "pipe", 0);
    char number[24];
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)round);
    pid_t pid = fork();
    must(pid >= 0, "fork", 0);
    if (pid == 0) {
        (void)dup2(pipes[1], STDOUT_FILENO);
        (void)close(pipes[0]);
        (void)close(pipes[1]);
        (void)execl(self, self, "child", dir, number, (char *)NULL);
        _exit(127);
    }
    (void)close(pipes[1]);
    struct ack a;
    uint64_t when = mix(round ^ 0xfeed);
    /* Every fourth is killed somewhere in its start, the others while they write. */
    if (round % 4)
        must(read(pipes[0], &a, sizeof a) == (ssize_t)sizeof a, "the child did not start", round);
    (void)usleep((useconds_t)(when % (round % 4 ? 60000 : 30000)));
    (void)kill(pid, SIGKILL);
    ssize_t n;
    while ((n = read(pipes[0], &a, sizeof a)) == (ssize_t)sizeof a)
        if (a.n)
            remember(rec, &a);
    must(n == 0, "half an acknowledgement", (uint64_t)n);
    (void)close(pipes[0]);
    int status;
    must(waitpid(pid, &status, 0) == pid, "waitpid", 0);
    must(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child ended by itself",
         (uint64_t)status);
}

int main(int argc, char **argv)
{
    uint64_t rounds = 200, acknowledged = 0;
    tc_log_set_level(TC_LOG_WARN);
    if (argc == 4 && strcmp(argv[1], "child") == 0) {
        uint64_t round = 0;
        must(tc_num_u64(tc_str_cstr(argv[3]), 1000000, &round) == TC_OK, "round", 0);
        return run_child(argv[2], round);
    }
    if (argc == 2)
        must(tc_num_u64(tc_str_cstr(argv[1]), 1000000, &rounds) == TC_OK, "rounds", 0);
    struct record rec = {0};
    char *dir = NULL;
    for (uint64_t i = 0; i < rounds; i++) {
        if (i % ROUNDS_PER_DIR == 0) {
            if (dir)
                tc_test_dir_remove(dir);
            free(dir);
            dir = strdup(tc_test_dir());
            rec.n = 0;
            rec.first_round = i;
        }
        size_t before = rec.n;
        round_of("/proc/self/exe", dir, i, &rec);
        acknowledged += rec.n - before;
        verify(dir, &rec);
    }
    if (dir)
        tc_test_dir_remove(dir);
    free(dir);
    free(rec.acks);
    (void)printf("%llu kills, %llu acknowledged batches, all there\n", (unsigned long long)rounds,
                 (unsigned long long)acknowledged);
    must(rounds < 50 || acknowledged > rounds, "too little was acknowledged to mean anything", 0);
    return 0;
}

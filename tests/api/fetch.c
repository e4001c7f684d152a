/* SPDX-License-Identifier: Apache-2.0 */
/* The way out, for tests: fetch CA-FILE|- ORIGIN... starts it, then reads lines
 *
 *   METHOD URL TYPE AUTHORIZATION BODY        one "-" is nothing
 *
 * with a tab between, makes the requests of one line each (a line that ends with a tab and "&":
 * from a thread, beside the next), and prints for each one line of tabs: error, status, type, bytes
 * of the body, the body's first 200 bytes or what was wrong. The first line that it prints is its
 * number. */
#include "base/limits.h"
#include "node/fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct tc_fetch *way;

struct job {
    char line[16384];
    pthread_t thread;
};

static struct tc_str word(char **rest)
{
    char *s = strsep(rest, "\t");
    return !s || strcmp(s, "-") == 0 ? (struct tc_str){"", 0} : tc_str_cstr(s);
}

static void *ask(void *arg)
{
    struct job *j = arg;
    char *rest = j->line;
    struct tc_fetch_reply r = {.status = 0, .content_type = {"", 0}, .body = {"", 0}};
    struct tc_diag d;
    struct tc_arena *a = tc_arena_new(4u << 20);
    const char *method = strsep(&rest, "\t");
    tc_diag_init(&d);
    if (!a)
        exit(4);
    struct tc_fetch_ask q = {.method = method, .url = word(&rest)};
    q.content_type = word(&rest);
    q.authorization = word(&rest);
    q.body = word(&rest);
    tc_err e = tc_fetch(way, &q, a, &r, &d);
    (void)printf("%s\t%d\t%.*s\t%zu\t%.*s\n", tc_err_name(e), r.status, TC_FMT(r.content_type),
                 r.body.n, e ? (int)strlen(d.message) : (int)(r.body.n < 200 ? r.body.n : 200),
                 e ? d.message : r.body.p);
    (void)fflush(stdout);
    tc_arena_free(a);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct job jobs[64];
    struct tc_diag d;
    size_t n = 0;
    if (argc < 3)
        return 2;
    tc_diag_init(&d);
    tc_err e = tc_fetch_start((const char *const *)argv + 2, (size_t)argc - 2,
                              strcmp(argv[1], "-") == 0 ? NULL : argv[1], &way, &d);
    if (e) {
        (void)printf("%s\t0\t\t0\t%s\n", tc_err_name(e), d.message);
        return 1;
    }
    (void)printf("%d\n", (int)getpid());
    (void)fflush(stdout);
    while (n < 64 && fgets(jobs[n].line, sizeof jobs[n].line, stdin)) {
        char *end = strchr(jobs[n].line, '\n');
        if (!end)
            return 2;
        *end = '\0';
        if (end - jobs[n].line > 2 && strcmp(end - 2, "\t&") == 0) {
            end[-2] = '\0';
            if (pthread_create(&jobs[n].thread, NULL, ask, &jobs[n]) != 0)
                return 4;
            n++;
        } else {
            (void)ask(&jobs[n]);
        }
    }
    while (n)
        (void)pthread_join(jobs[--n].thread, NULL);
    tc_fetch_stop(way);
    return 0;
}

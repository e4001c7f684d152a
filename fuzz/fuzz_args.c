/* SPDX-License-Identifier: Apache-2.0 */
/* What is typed: the first byte 'a' makes each line a word of a command with an option of every
 * kind, what is accepted lies within the option's bounds; otherwise the input is a scenario file
 * over a small register, which makes a scenario that the cascade may be given, or says what is
 * wrong and where. */
#include "target.h"

#include "cli/opts.h"
#include "cli/register_graph.h"
#include "cli/scenario_file.h"
#include "impact/cascade.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS 40

static struct tc_graph *graph;
static FILE *nowhere; /* for what a wrong call is told */

static void forget(void)
{
    tc_graph_free(graph);
    (void)fclose(nowhere);
}

static void make(void)
{
    static const char assets[] =
        "id,name,kind,sector,operator,country,lat,lon,people,capacity,common_causes\n"
        "a,A,plant,energy,,NL,52,5,10,100,flood\n"
        "b,B,grid,energy,,NL,51,4,20,,flood;storm\n"
        "c,C,site,health,,BE,50,4,30,,\n";
    static const char needs[] = "asset,service,mode,group,need,supplier,share,buffer,restore\n"
                                "b,electricity,flow,grid,1,a,,PT8H,PT1H\n"
                                "c,electricity,flow,grid,1,b,,PT2H,\n"
                                "c,water,support,tank,1,a,,P1D,\n";
    const struct tc_register_opts o = {.keep_going = false};
    struct tc_register *r = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    fuzz_hold();
    bool ok = tc_register_read(TC_STR(assets), TC_STR(needs), &o, &r, &d) == TC_OK &&
              tc_register_graph(r, &graph, &d) == TC_OK;
    if (!ok)
        (void)fprintf(stderr, "%s\n", d.message);
    assert(ok);
    tc_register_free(r);
    nowhere = fopen("/dev/null", "w");
    assert(nowhere);
    (void)atexit(forget);
    fuzz_go_on();
}

static void words(struct tc_str s)
{
    char text[4096], *argv[WORDS + 2] = {text};
    int argc = 1;
    bool flag = false;
    uint64_t number = 5;
    int64_t duration = 5;
    tc_time at = 5;
    const char *name = "x";
    struct tc_opt_list list = {0};
    size_t n = 0;
    const struct tc_opt opts[] = {TC_OPT_FLAG("flag", &flag),
                                  TC_OPT_U64("number", &number, 3, 1000),
                                  TC_OPT_DURATION("within", &duration, 86400),
                                  TC_OPT_TIME("at", &at),
                                  TC_OPT_TEXT("name", &name),
                                  TC_OPT_LIST("list", &list, 1, 3),
                                  TC_OPT_END};
    if (!tc_str_copy(s, text + 1, sizeof text - 1) || (s.n && memchr(s.p, 0, s.n)))
        return;
    text[0] = '\0';
    for (char *p = text + 1; *p && argc <= WORDS;) {
        char *nl = strchr(p, '\n');
        argv[argc++] = p;
        if (!nl)
            break;
        *nl = '\0';
        p = nl + 1;
    }
    FILE *said = stderr, *told = stdout;
    stderr = stdout = nowhere;
    int status = tc_cli_opts(argc, argv, opts, 0, 5, &n);
    stderr = said;
    stdout = told;
    fuzz_tell(&status, sizeof status);
    if (status == 4)
        (void)fuzz_err(TC_E_NOMEM);
    if (status < 0) {
        assert(n <= 5 && number >= 3 && number <= 1000 && duration >= 0 && duration <= 86400);
        assert(at == 5 || (at >= TC_TIME_MIN && at <= TC_TIME_MAX));
        assert(name && list.n <= (size_t)argc);
        tc_opt_list_free(&list);
    }
}

static void scenario(struct tc_str s)
{
    struct tc_scenario_list l = {0};
    tc_time start = TC_TIME_NONE;
    char path[40];
    struct tc_diag d;
    tc_diag_init(&d);
    int fd = memfd_create("scenario", MFD_CLOEXEC);
    bool ok = fd >= 0 && write(fd, s.p, s.n) == (ssize_t)s.n;
    assert(ok);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    tc_err e = fuzz_err(tc_cli_scenario(path, graph, &l, &start, &d));
    (void)close(fd);
    HOLDS(!e || d.message[0]);
    if (!e) {
        struct tc_scenario all = tc_scenario_of(&l, start);
        e = tc_scenario_check(&all, graph, &d);
        (void)fuzz_err(e);
        HOLDS(!e || d.message[0]);
        fuzz_tell(&l.n_outages, sizeof l.n_outages);
    } else {
        assert(start == TC_TIME_NONE);
    }
    tc_scenario_list_fini(&l);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size);
    if (!graph)
        make();
    if (size && data[0] == 'a')
        words(tc_str_view(s.p + 1, s.n - 1));
    else if (size)
        scenario(s);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include "base/log.h"
#include "target.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void (*fuzz_node_opened)(struct fuzz_node *f);
void (*fuzz_node_closing)(struct fuzz_node *f);

static struct fuzz_node it;

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void fuzz_node_end(void)
{
    fuzz_hold();
    if (it.n) {
        if (fuzz_node_closing)
            fuzz_node_closing(&it);
        tc_node_close(it.n);
        tc_arena_free(it.arena);
        (void)nftw(it.dir, drop, 16, FTW_DEPTH | FTW_PHYS);
    }
    it = (struct fuzz_node){.n = NULL};
    fuzz_go_on();
}

static void finish(void)
{
    fuzz_node_end();
    fuzz_hold();
}

static void must(tc_err e)
{
    if (e) {
        (void)fprintf(stderr, "the node: %s\n", tc_err_text(e));
        abort();
    }
}

static uint32_t person(uint32_t org, const char *login, uint32_t roles)
{
    struct tc_diag d;
    uint32_t number = 0;
    tc_diag_init(&d);
    const struct tc_person p = {.org = org,
                                .roles = roles,
                                .login = tc_str_cstr(login),
                                .name = tc_str_cstr(login),
                                .active = true};
    must(tc_access_person_add(it.n->access, &p, TC_STR(""), &number, &d));
    return number;
}

/* Whoever asks: a person of the organisation, in the communities that it is in now. */
static struct tc_principal as(uint32_t org, uint32_t number, uint32_t roles)
{
    struct tc_principal p;
    must(tc_access_org_principal(it.n->access, org, it.arena, &p));
    p.person = number;
    p.roles = roles;
    return p;
}

static void make(void)
{
    const uint32_t all = (TC_ROLE_AUDITOR << 1) - 1;
    struct tc_diag d;
    const struct tc_org own = {
        .name = TC_STR("Contact point"), .country = TC_STR("NL"), .role = TC_STR("authority")};
    const struct tc_org grid = {
        .name = TC_STR("Grid operator"), .country = TC_STR("BE"), .role = TC_STR("operator")};
    struct tc_community c = {
        .title = TC_STR("Forum"), .alias = TC_STR("forum"), .kind = TC_STR("network")};
    tc_diag_init(&d);
    must((it.arena = tc_arena_new(1u << 16)) ? TC_OK : TC_E_NOMEM);
    (void)snprintf(it.dir, sizeof it.dir, "%s/tocsin-fuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(it.dir) ? TC_OK : TC_E_IO);
    tc_log_set_level(TC_LOG_ERROR);
    must(tc_node_init(it.dir, "Fuzzed", &own, &d));
    must(tc_node_open(it.dir, TC_NODE_SERVE, &it.n, &d));
    it.officer_org = it.n->org;
    must(tc_access_org_add(it.n->access, &grid, &it.reader_org, &d));
    must(tc_access_community_add(it.n->access, &c, &it.community, &d));
    must(tc_access_member_set(it.n->access, it.community, it.officer_org, true, true, &d));
    must(tc_access_member_set(it.n->access, it.community, it.reader_org, true, false, &d));
    it.officer = person(it.officer_org, "officer", all);
    it.reader = person(it.reader_org, "reader", TC_ROLE_READER);
    it.may = as(it.officer_org, it.officer, all);
    it.other = as(it.reader_org, it.reader, TC_ROLE_READER);
}

struct fuzz_node *fuzz_node(void)
{
    static bool registered;
    if (it.n)
        return &it;
    fuzz_hold();
    if (!registered)
        (void)atexit(finish);
    registered = true;
    make();
    if (fuzz_node_opened)
        fuzz_node_opened(&it);
    fuzz_go_on();
    return &it;
}

void fuzz_node_fresh(uint64_t entries)
{
    if (it.n && tc_journal_head(it.n->journal) > entries)
        fuzz_node_end();
}

int fuzz_file(struct tc_str text)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    assert(fd >= 0);
    for (size_t at = 0; at < text.n;) {
        ssize_t n = write(fd, text.p + at, text.n - at);
        assert(n > 0);
        at += (size_t)n;
    }
    (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

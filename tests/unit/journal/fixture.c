/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *tc_test_dir(void)
{
    static char path[256];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(path, sizeof path, "%s/tocsin-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(path))
        abort();
    return path;
}

void tc_test_dir_remove(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        (void)closedir(d);
    (void)rmdir(dir);
}

struct tc_uuid tc_test_uuid(uint64_t number)
{
    struct tc_uuid u = {{0}};
    for (int i = 0; i < 8; i++)
        u.b[15 - i] = (uint8_t)(number >> (8 * i));
    u.b[6] = 0x40;
    u.b[8] = (uint8_t)(u.b[8] | 0x80);
    return u;
}

struct tc_entry_in tc_test_entry(uint64_t number, int64_t version, uint32_t audience,
                                 uint32_t community, const char *body)
{
    struct tc_entry_in in = {.kind = TC_ENTRY_OBJECT,
                             .type = TC_STR("indicator"),
                             .uuid = tc_test_uuid(number),
                             .version = version ? version * TC_SECOND : TC_TIME_NONE,
                             .audience = audience,
                             .community = community,
                             .body = tc_str_cstr(body)};
    return in;
}

uint32_t tc_test_audience(struct tc_journal *j, enum tc_tlp tlp, uint32_t org, uint32_t community)
{
    struct tc_audience a = {.tlp = tlp, .creator_org = org, .community = community};
    uint32_t n = 0;
    if (tc_journal_audience(j, &a, &n))
        abort();
    return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations, people, communities: what is let in, what is refused, what is there after the
 * file was opened again, who may know of what. */
#include "access/access.h"
#include "access/naming.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fix {
    char dir[64];
    struct tc_access *x;
    struct tc_arena *a;
    struct tc_diag d;
};

static int setup(void **state)
{
    struct fix *f = calloc(1, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/tocsin-access-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    tc_diag_init(&f->d);
    assert_int_equal(tc_access_open(f->dir, &f->x, &f->d), TC_OK);
    f->a = tc_arena_new(1 << 20);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    tc_access_close(f->x);
    tc_arena_free(f->a);
    static const char *const files[] = {"access.db", "access.db-wal", "access.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(f->dir);
    free(f);
    return 0;
}

static void reopen(struct fix *f)
{
    tc_access_close(f->x);
    f->x = NULL;
    assert_int_equal(tc_access_open(f->dir, &f->x, &f->d), TC_OK);
}

static uint32_t org(struct fix *f, const char *name)
{
    struct tc_org o = {
        .name = tc_str_cstr(name), .country = TC_STR("NL"), .sectors = TC_STR("energy,water")};
    uint32_t n = 0;
    assert_int_equal(tc_access_org_add(f->x, &o, &n, &f->d), TC_OK);
    return n;
}

static uint32_t person(struct fix *f, uint32_t in, const char *login)
{
    struct tc_person p = {.org = in,
                          .roles = TC_ROLE_READER | TC_ROLE_REPORTER,
                          .login = tc_str_cstr(login),
                          .name = TC_STR("duty officer"),
                          .active = true};
    uint32_t n = 0;
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR(""), &n, &f->d), TC_OK);
    return n;
}

static uint32_t community(struct fix *f, const char *alias, bool open)
{
    struct tc_community c = {.title = TC_STR("Energy sector"),
                             .alias = tc_str_cstr(alias),
                             .kind = TC_STR("sector"),
                             .open_to_public = open};
    uint32_t n = 0;
    assert_int_equal(tc_access_community_add(f->x, &c, &n, &f->d), TC_OK);
    return n;
}

static void test_add_and_reopen(void **state)
{
    struct fix *f = *state;
    uint32_t a = org(f, "Grid operator"), b = org(f, "Réseau d'eau");
    assert_int_equal(a, 1);
    assert_int_equal(b, 2);
    uint32_t p = person(f, b, "Duty.Officer@water");
    uint32_t c = community(f, "energy", false);
    assert_int_equal(tc_access_member_set(f->x, c, a, true, true, &f->d), TC_OK);
    assert_int_equal(tc_access_member_set(f->x, c, b, true, false, &f->d), TC_OK);
    for (int round = 0; round < 2; round++) {
        struct tc_org o;
        assert_int_equal(tc_access_org_by(f->x, 0, TC_STR("Réseau d'eau"), f->a, &o), TC_OK);
        assert_int_equal(o.number, b);
        assert_true(tc_str_is(o.role, "other"));
        assert_true(tc_str_starts(o.identity, TC_STR("identity--")));
        struct tc_org again;
        assert_int_equal(tc_access_org_by(f->x, 0, o.identity, f->a, &again), TC_OK);
        assert_int_equal(again.number, b);
        struct tc_person who;
        assert_int_equal(tc_access_person_by(f->x, 0, TC_STR("DUTY.officer@WATER"), f->a, &who),
                         TC_OK);
        assert_int_equal(who.number, p);
        assert_true(tc_str_is(who.login, "duty.officer@water"));
        struct tc_community com, same;
        assert_int_equal(tc_access_community_by(f->x, 0, NULL, TC_STR("energy"), f->a, &com),
                         TC_OK);
        assert_int_equal(tc_access_community_by(f->x, 0, &com.uuid, TC_STR(""), f->a, &same),
                         TC_OK);
        assert_int_equal(com.number, c);
        assert_int_equal(same.number, c);
        struct tc_u32s members;
        assert_int_equal(tc_access_members(f->x, &tc_principal_system, c, f->a, &members), TC_OK);
        assert_int_equal(members.n, 2);
        assert_int_equal(members.v[0], a);
        assert_int_equal(members.v[1], b);
        reopen(f);
    }
    assert_int_equal(org(f, "third"), 3);
}

static void test_inbox(void **state)
{
    struct fix *f = *state;
    uint32_t a = org(f, "A"), b = org(f, "B");
    struct tc_org oa;
    struct tc_community in;
    struct tc_u32s members;
    assert_int_equal(tc_access_org_by(f->x, a, TC_STR(""), f->a, &oa), TC_OK);
    assert_int_equal(tc_access_community_by(f->x, oa.inbox, NULL, TC_STR(""), f->a, &in), TC_OK);
    assert_true(tc_str_is(in.kind, "inbox"));
    struct tc_principal pa = {.org = a}, pb = {.org = b};
    assert_int_equal(tc_access_members(f->x, &pa, oa.inbox, f->a, &members), TC_OK);
    assert_int_equal(members.n, 1);
    assert_int_equal(tc_access_members(f->x, &pb, oa.inbox, f->a, &members), TC_E_DENIED);
    assert_int_equal(tc_access_members(f->x, &pb, 999, f->a, &members), TC_E_DENIED);
    assert_false(tc_access_may_write(f->x, &pa, oa.inbox));
    assert_true(tc_access_may_write(f->x, &tc_principal_system, oa.inbox));
    assert_int_equal(tc_access_member_set(f->x, oa.inbox, b, true, true, &f->d), TC_E_INVALID);
    assert_int_equal(tc_access_member_set(f->x, oa.inbox, a, false, false, &f->d), TC_E_INVALID);
    struct tc_community fake = {.title = TC_STR("x"), .kind = TC_STR("inbox")};
    uint32_t n;
    assert_int_equal(tc_access_community_add(f->x, &fake, &n, &f->d), TC_E_INVALID);
}

static size_t known_to(struct fix *f, const struct tc_principal *p)
{
    struct tc_community *v;
    size_t n = 0;
    assert_int_equal(tc_access_communities_for(f->x, p, f->a, &v, &n), TC_OK);
    return n;
}

static void test_who_knows(void **state)
{
    struct fix *f = *state;
    uint32_t a = org(f, "A"), b = org(f, "B");
    uint32_t closed = community(f, "closed", false), open = community(f, "open", true);
    struct tc_principal pa = {.org = a}, pb = {.org = b};
    assert_int_equal(known_to(f, &tc_principal_anonymous), 1);
    assert_int_equal(known_to(f, &pa), 2); /* its inbox and the open one */
    assert_int_equal(known_to(f, &tc_principal_system), 4);
    assert_int_equal(tc_access_member_set(f->x, closed, a, true, true, &f->d), TC_OK);
    assert_int_equal(known_to(f, &pa), 3);
    assert_int_equal(known_to(f, &pb), 2);
    assert_true(tc_access_may_write(f->x, &pa, closed));
    assert_false(tc_access_may_write(f->x, &pb, closed));
    assert_false(tc_access_may_write(f->x, &pa, open));
    assert_false(tc_access_may_write(f->x, &tc_principal_anonymous, open));
    /* a principal that claims a community is not believed */
    uint32_t claim[] = {closed};
    struct tc_principal liar = {.org = b, .communities = {claim, 1}};
    struct tc_u32s members;
    assert_int_equal(tc_access_members(f->x, &liar, closed, f->a, &members), TC_E_DENIED);
    assert_int_equal(tc_access_member_set(f->x, closed, a, false, false, &f->d), TC_OK);
    assert_int_equal(known_to(f, &pa), 2);
    assert_false(tc_access_may_write(f->x, &pa, closed));
    assert_int_equal(tc_access_members(f->x, &tc_principal_anonymous, open, f->a, &members),
                     TC_E_DENIED);
}

static void test_taken(void **state)
{
    struct fix *f = *state;
    uint32_t a = org(f, "A"), n = 77;
    (void)person(f, a, "reader");
    (void)community(f, "one", false);
    uint64_t epoch = tc_access_epoch(f->x);
    struct tc_org o = {.name = TC_STR("A"), .country = TC_STR("NL")};
    assert_int_equal(tc_access_org_add(f->x, &o, &n, &f->d), TC_E_CONFLICT);
    assert_non_null(strstr(f->d.message, "name"));
    struct tc_person p = {.org = a, .login = TC_STR("READER"), .active = true};
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR(""), &n, &f->d), TC_E_CONFLICT);
    p.login = TC_STR("other");
    p.org = 9;
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR(""), &n, &f->d), TC_E_NOTFOUND);
    struct tc_community c = {.title = TC_STR("x"), .alias = TC_STR("one")};
    assert_int_equal(tc_access_community_add(f->x, &c, &n, &f->d), TC_E_CONFLICT);
    assert_int_equal(n, 77);
    assert_true(tc_access_epoch(f->x) == epoch);
    /* what was refused left no key behind */
    p.org = a;
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR(""), &n, &f->d), TC_OK);
    reopen(f);
    struct tc_org *orgs;
    size_t count;
    assert_int_equal(tc_access_orgs(f->x, f->a, &orgs, &count), TC_OK);
    assert_int_equal(count, 1);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " a",
                                      "a ",
                                      "a\nb",
                                      "a\x1b[2J",
                                      "a\xc2\x85",
                                      "\xe2\x80\xae",
                                      ("a\xe2\x80\x8b"
                                       "b"),
                                      "\xff",
                                      "\xed\xa0\x80",
                                      "a\x7f",
                                      "\xf3\xa0\x81\x81"};
    struct tc_diag d;
    tc_diag_init(&d);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(tc_naming_text(tc_str_cstr(bad[i]), 1, 200, "name", &d), TC_E_INVALID);
    assert_string_equal(d.path, "name");
    assert_int_equal(tc_naming_text(TC_STR("Ελληνικά, Български ✓"), 1, 200, "name", &d), TC_OK);
    assert_int_equal(tc_naming_text(tc_str_view("a\0b", 3), 1, 200, "name", &d), TC_E_INVALID);
    char long_name[TC_MAX_NAME + 1];
    memset(long_name, 'x', sizeof long_name);
    assert_int_equal(tc_naming_text(tc_str_view(long_name, TC_MAX_NAME), 1, TC_MAX_NAME, "n", &d),
                     TC_OK);
    assert_int_equal(
        tc_naming_text(tc_str_view(long_name, TC_MAX_NAME + 1), 1, TC_MAX_NAME, "n", &d),
        TC_E_LIMIT);
    char out[TC_MAX_LOGIN + 1];
    assert_int_equal(tc_naming_login(TC_STR("A.b_c@d+e-9"), out, &d), TC_OK);
    assert_string_equal(out, "a.b_c@d+e-9");
    assert_int_equal(tc_naming_login(TC_STR("a:b"), out, &d), TC_E_INVALID);
    assert_int_equal(tc_naming_login(TC_STR("a b"), out, &d), TC_E_INVALID);
    assert_int_equal(tc_naming_login(TC_STR("é"), out, &d), TC_E_INVALID);
    assert_int_equal(tc_naming_login(tc_str_view("a\0", 2), out, &d), TC_E_INVALID);
    assert_int_equal(tc_naming_login(tc_str_view(long_name, TC_MAX_LOGIN + 1), out, &d),
                     TC_E_LIMIT);
    assert_int_equal(tc_naming_country(TC_STR("nl"), &d), TC_E_INVALID);
    assert_int_equal(tc_naming_country(TC_STR("NLD"), &d), TC_E_INVALID);
    assert_int_equal(tc_naming_identity(TC_STR("tool--9c5be2d4-4f6c-4a0e-9a5a-0f5a7b5d2f10"), &d),
                     TC_E_INVALID);
}

static void test_refused(void **state)
{
    struct fix *f = *state;
    uint32_t n = 0, a = org(f, "A");
    struct tc_org o = {.name = TC_STR("B\r\n"), .country = TC_STR("NL")};
    assert_int_equal(tc_access_org_add(f->x, &o, &n, &f->d), TC_E_INVALID);
    o = (struct tc_org){.name = TC_STR("B"), .country = TC_STR("Nl")};
    assert_int_equal(tc_access_org_add(f->x, &o, &n, &f->d), TC_E_INVALID);
    o = (struct tc_org){.name = TC_STR("B"), .country = TC_STR("NL"), .sectors = TC_STR("a b")};
    assert_int_equal(tc_access_org_add(f->x, &o, &n, &f->d), TC_E_INVALID);
    struct tc_person p = {.org = a, .login = TC_STR("p"), .roles = 1u << 20, .active = true};
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR(""), &n, &f->d), TC_E_INVALID);
    p.roles = 1;
    assert_int_equal(tc_access_person_add(f->x, &p, TC_STR("short"), &n, &f->d), TC_E_INVALID);
    struct tc_community c = {.title = TC_STR("x"),
                             .alias = TC_STR("9c5be2d4-4f6c-4a0e-9a5a-0f5a7b5d2f10")};
    assert_int_equal(tc_access_community_add(f->x, &c, &n, &f->d), TC_E_INVALID);
    assert_int_equal(tc_access_member_set(f->x, 99, a, true, true, &f->d), TC_E_NOTFOUND);
    assert_int_equal(tc_access_member_set(f->x, 1, 99, true, true, &f->d), TC_E_NOTFOUND);
    assert_int_equal(tc_access_person_set(f->x, 99, 1, true, &f->d), TC_E_NOTFOUND);
    assert_int_equal(n, 0);
}

static void test_files(void **state)
{
    struct fix *f = *state;
    char path[128];
    struct stat st;
    (void)org(f, "A");
    static const char *const files[] = {"access.db", "access.db-wal", "access.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    struct tc_access *r = NULL;
    assert_int_equal(tc_access_open_read_only(f->dir, &r, &f->d), TC_OK);
    struct tc_org o = {.name = TC_STR("B"), .country = TC_STR("NL")};
    uint32_t n = 0;
    assert_int_equal(tc_access_org_add(r, &o, &n, &f->d), TC_E_DENIED);
    assert_int_equal(tc_access_org_by(r, 0, TC_STR("A"), f->a, &o), TC_OK);
    tc_access_close(r);
    r = NULL;
    assert_int_equal(tc_access_open_read_only("/nowhere", &r, &f->d), TC_E_NOTFOUND);
    assert_null(r);
}

static void test_damaged(void **state)
{
    struct fix *f = *state;
    tc_access_close(f->x);
    f->x = NULL;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/access.db", f->dir);
    FILE *w = fopen(path, "wb");
    assert_non_null(w);
    for (int i = 0; i < 512; i++)
        (void)fputs("not a database ", w);
    assert_int_equal(fclose(w), 0);
    assert_int_equal(tc_access_open(f->dir, &f->x, &f->d), TC_E_CORRUPT);
    assert_null(f->x);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_add_and_reopen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_inbox, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_knows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_taken, setup, teardown),
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

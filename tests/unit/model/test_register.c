/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "model/register.h"

#include <stdio.h>

#define AHEAD "id,name,kind,sector,operator,country,lat,lon,people\n"
#define DHEAD "asset,service,mode,group,need,supplier,share,buffer,restore\n"
#define AB    AHEAD "a,A,plant,energy,op,NL,52.1,4.3,0\nb,B,site,health,op,DE,,,120\nc,,,,,,,,\n"

static struct tc_buf told;

static void report(void *ctx, const struct tc_diag *d)
{
    (void)ctx;
    tc_buf_fmt(&told, "%s%s:%u:%s", told.n ? " " : "", d->file, (unsigned)d->line, d->path);
}

static struct tc_register *reads(const char *a, const char *d, bool keep_going)
{
    struct tc_register *r = NULL;
    struct tc_diag diag;
    const struct tc_register_opts o = {
        .assets_file = "A", .dependencies_file = "D", .report = report, .keep_going = keep_going};
    tc_diag_init(&diag);
    tc_buf_clear(&told);
    tc_err e = tc_register_read(tc_str_cstr(a), tc_str_cstr(d), &o, &r, &diag);
    assert_int_equal(e, r ? TC_OK : TC_E_INVALID);
    return r;
}

/* Each error as FILE:LINE:COLUMN. */
static void refuses(const char *a, const char *d, const char *errors)
{
    struct tc_register *r = reads(a, d, false);
    assert_string_equal(tc_buf_z(&told), errors);
    if (*errors)
        assert_null(r);
    tc_register_free(r);
}

#define ROW(row, errors) refuses(AB, DHEAD row, errors)

static void reading(void **state)
{
    (void)state;
    struct tc_register *r = reads(AB,
                                  DHEAD "b,electricity,flow,,1,a,,PT4H..PT12H,PT30M\n"
                                        "b,water,support,main,60%,a,0.4,,\n"
                                        "b,electricity,flow,,1,c,,PT4H..PT12H,PT30M\n"
                                        "b,water,support,main,60%,c,35%,,\n"
                                        "b,staff,support,x,ALL,a,,P1D,\n",
                                  false);
    assert_non_null(r);
    assert_int_equal(r->asset_count, 3);
    assert_int_equal(r->group_count, 3);
    assert_int_equal(r->row_count, 5);
    assert_true(r->assets[0].placed);
    assert_true(r->assets[0].lat > 52.09 && r->assets[0].lat < 52.11);
    assert_int_equal(r->assets[1].people, 120);
    assert_false(r->assets[2].placed);
    const struct tc_reg_group *g = r->groups;
    assert_true(g[0].flow && g[0].rule == TC_REG_COUNT && g[0].need == 1 && g[0].count == 2);
    assert_int_equal(g[0].buffer_lo, 4 * 3600);
    assert_int_equal(g[0].buffer_hi, 12 * 3600);
    assert_int_equal(g[0].restore_lo, 1800);
    assert_true(tc_str_is(g[0].buffer_text, "PT4H..PT12H"));
    assert_int_equal(r->rows[r->order[g[0].first + 1]].supplier, 2);
    assert_true(!g[1].flow && g[1].rule == TC_REG_SHARE && g[1].need == 600000);
    assert_int_equal(r->rows[r->order[g[1].first]].share, 400000);
    assert_int_equal(r->rows[r->order[g[1].first + 1]].share, 350000);
    assert_int_equal(g[2].rule, TC_REG_ALL);
    assert_int_equal(g[2].buffer_hi, 86400);
    tc_register_free(r);
}

static void headers(void **state)
{
    (void)state;
    refuses("", "", "");
    refuses("\n", "", "A:1:");
    refuses("id,name\n", "",
            "A:1:kind A:1:sector A:1:operator A:1:country A:1:lat A:1:lon A:1:people");
    refuses(AHEAD, DHEAD, "");
    /* any order, more columns, spaces, a byte order mark */
    refuses(
        "\xef\xbb\xbfname, id ,note,kind,sector,operator,country,lat,lon,people\nA, a ,x,,,,,,,\n",
        "", "");
    refuses("id,id,name,kind,sector,operator,country,lat,lon,people\n", "", "A:1:id");
}

static void bad_assets(void **state)
{
    (void)state;
    refuses(AHEAD ",x,,,,,,,\n", "", "A:2:id");
    refuses(AHEAD "a,,,,,,,,\na,,,,,,,,\n", "", "A:3:id");
    refuses(AHEAD "a,,,,,ZZ,,,\n", "", "A:2:country");
    refuses(AHEAD "a,,,,,nl,,,\n", "", "A:2:country");
    refuses(AHEAD "a,,,,,NLD,,,\n", "", "A:2:country");
    refuses(AHEAD "a,,,,,EL,90,180,\n", "", "");
    refuses(AHEAD "a,,,,,,91,0,\n", "", "A:2:lat");
    refuses(AHEAD "a,,,,,,0,-180.5,\n", "", "A:2:lon");
    refuses(AHEAD "a,,,,,,nan,1e999,\n", "", "A:2:lat A:2:lon");
    refuses(AHEAD "a,,,,,,1,,\n", "", "A:2:lon");
    refuses(AHEAD "a,,,,,,,,-1\n", "", "A:2:people");
    refuses(AHEAD "a,,,,,,,,18446744073709551616\n", "", "A:2:people");
    refuses(AHEAD "a,,,,,,,,4294967295\n", "", "");
    refuses(AHEAD "a,b\n", "", "A:2:");
    refuses(AHEAD "\"a\x01\",,,,,,,,\n", "", "A:2:id");
    refuses(AHEAD "\"a\n,,,,,,,,\n", "", "A:2: A:3:id");
    /* all of them, not only the first */
    refuses(AHEAD "a,,,,,ZZ,91,0,x\na,,,,,,,,\nb,,,,,QQ,,,\n", "",
            "A:2:country A:2:people A:2:lat A:4:country");
}

static void bad_dependencies(void **state)
{
    (void)state;
    ROW("b,e,flow,,1,x,,,\n", "D:2:supplier");
    ROW("x,e,flow,,1,a,,,\n", "D:2:asset");
    ROW("b,e,flow,,1,,,,\n", "D:2:supplier");
    ROW("b,e,flow,,1,b,,,\n", "D:2:supplier");
    ROW("b,,flow,,1,a,,,\n", "D:2:service");
    ROW("b,e,feed,,1,a,,,\n", "D:2:mode");
    ROW("b,e,flow,,0,a,,,\n", "D:2:need");
    ROW("b,e,flow,,2,a,,,\n", "D:2:need");
    ROW("b,e,flow,,some,a,,,\n", "D:2:need");
    ROW("b,e,flow,,99999999999999999999,a,,,\n", "D:2:need");
    ROW("b,e,flow,,,a,,,\n", "");
    ROW("b,e,flow,,,a,,,\nb,e,flow,,,c,,,\n", "D:2:need");
    ROW("b,e,flow,,60%,a,,,\n", "D:2:share");
    ROW("b,e,flow,,60%,a,0.5,,\n", "D:2:need");
    ROW("b,e,flow,,101%,a,1,,\n", "D:2:need");
    ROW("b,e,flow,,60%,a,1.2,,\n", "D:2:share");
    ROW("b,e,flow,,60%,a,-0.1,,\n", "D:2:share");
    ROW("b,e,flow,,60%,a,much,,\n", "D:2:share");
    ROW("b,e,flow,,1,a,,-PT1H,\n", "D:2:buffer");
    ROW("b,e,flow,,1,a,,8 hours,\n", "D:2:buffer");
    ROW("b,e,flow,,1,a,,P1000W,\n", "D:2:buffer");
    ROW("b,e,flow,,1,a,,P366000D,P99999999999999999999D\n", "D:2:buffer D:2:restore");
    ROW("b,e,flow,,1,a,,PT2H..PT1H,PT1H..\n", "D:2:buffer D:2:restore");
    ROW("b,e,flow,,1,a,,,\nb,e,flow,,1,a,,,\n", "D:3:supplier");
    ROW("b,e,flow,,1,a,,,\nb,e,support,,1,c,,,\n", "D:3:mode");
    ROW("b,e,flow,,1,a,,,\nb,e,flow,,2,c,,,\n", "D:3:need");
    ROW("b,e,flow,,1,a,,PT1H,\nb,e,flow,,1,c,,,\n", "D:3:buffer");
    ROW("b,e,flow,,1,a,,,PT60M\nb,e,flow,,1,c,,,PT1H\n", "");
    ROW("b,e,flow,,1,a,,,PT61M\nb,e,flow,,1,c,,,PT1H\n", "D:3:restore");
    ROW("b,e,flow,1,1,a,,PT1H,\nb,e,flow,2,1,c,,,\n", "");
}

static void keeping_going(void **state)
{
    (void)state;
    struct tc_register *r = reads(AHEAD "a,,,,,,,,\nb,,,,,ZZ,,,\nc,,,,,,,,\nd,,,,,,,,\n",
                                  DHEAD "c,e,flow,,1,a,,,\n"
                                        "a,w,flow,,all,c,,,\n" /* its group is spoilt by the next */
                                        "a,w,flow,,all,b,,,\n"
                                        "d,e,flow,,1,c,,,\n",
                                  true);
    assert_non_null(r);
    assert_int_equal(r->errors, 2);
    assert_int_equal(r->skipped, 3);
    assert_int_equal(r->asset_count, 3);
    assert_int_equal(r->group_count, 2);
    assert_int_equal(r->row_count, 2);
    assert_true(tc_str_is(r->assets[r->groups[1].asset].id, "d"));
    assert_int_equal(r->order[r->groups[1].first], 1);
    tc_register_free(r);
}

static bool knows_x(void *ctx, struct tc_str id)
{
    (void)ctx;
    return tc_str_is(id, "x");
}

static void assets_known_elsewhere(void **state)
{
    (void)state;
    struct tc_register *r = NULL;
    const struct tc_register_opts o = {.known = knows_x};
    assert_int_equal(tc_register_read(TC_STR(AB),
                                      TC_STR(DHEAD "a,e,flow,,1,x,,,\nb,e,flow,,1,x,,,\n"), &o, &r,
                                      NULL),
                     TC_OK);
    assert_int_equal(r->asset_count, 4);
    assert_true(r->assets[3].elsewhere);
    tc_register_free(r);
}

static void many_errors_are_capped(void **state)
{
    (void)state;
    struct tc_buf b;
    tc_buf_init(&b, 1 << 20);
    tc_buf_cstr(&b, AHEAD);
    for (int i = 0; i < 300; i++)
        tc_buf_cstr(&b, "a,,,,,ZZ,,,\n");
    tc_buf_clear(&told);
    struct tc_register *r = NULL;
    struct tc_diag d;
    const struct tc_register_opts o = {.report = report};
    tc_diag_init(&d);
    assert_int_equal(tc_register_read(tc_buf_view(&b), TC_STR(""), &o, &r, &d), TC_E_INVALID);
    size_t calls = 1;
    for (size_t i = 0; i < told.n; i++)
        calls += told.p[i] == ' ';
    assert_int_equal(calls, TC_MAX_FINDINGS);
    assert_int_equal(d.line, 2);
    assert_string_equal(d.path, "country");
    tc_buf_fini(&b);
}

int main(void)
{
    tc_buf_init(&told, 1 << 16);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),
        cmocka_unit_test(headers),
        cmocka_unit_test(bad_assets),
        cmocka_unit_test(bad_dependencies),
        cmocka_unit_test(keeping_going),
        cmocka_unit_test(assets_known_elsewhere),
        cmocka_unit_test(many_errors_are_capped),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tc_buf_fini(&told);
    return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opts.h"

#include "cli/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

const struct tc_cli_page tc_cli_pages[] = {
    {"tocsin", "", "PROGRAM\n"}, {"impact", "who fails when", "IMPACT PAGE\n"}, {0}};

static char said[4096]; /* what the last run wrote to standard error, then to standard output */
static bool json;
static const char *at;
static uint64_t top;
static int64_t horizon;
static tc_time since;
static struct tc_opt_list outage, registers;
static size_t words;
static char *args[32];

static const struct tc_opt opts[] = {TC_OPT_FLAG("json", &json),
                                     TC_OPT_TEXT("at", &at),
                                     TC_OPT_U64("top", &top, 1, 1000),
                                     TC_OPT_DURATION("horizon", &horizon, 10 * 86400),
                                     TC_OPT_TIME("since", &since),
                                     TC_OPT_LIST("outage", &outage, 1, SIZE_MAX),
                                     TC_OPT_LIST("register", &registers, 2, 2),
                                     TC_OPT_END};

static int redirected(int argc)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    (void)fflush(stdout);
    int out = dup(1), err = dup(2);
    dup2(fileno(f), 1);
    dup2(fileno(f), 2);
    int status = tc_cli_opts(argc, args, opts, 0, 2, &words);
    (void)fflush(stdout);
    (void)fflush(stderr);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    rewind(f);
    said[fread(said, 1, sizeof said - 1, f)] = '\0';
    (void)fclose(f);
    return status;
}

/* Runs "impact" with the words of one line parted by single spaces. */
static int run(const char *line)
{
    static char copy[512];
    assert_true(tc_str_copy(tc_str_cstr(line), copy, sizeof copy));
    tc_opt_list_free(&outage);
    tc_opt_list_free(&registers);
    json = false;
    at = NULL;
    top = 10;
    horizon = since = 0;
    int argc = 1;
    static char command[] = "impact";
    args[0] = command;
    for (char *p = copy; *p; argc++) {
        args[argc] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    return redirected(argc);
}

static void forms_of_a_value(void **state)
{
    (void)state;
    assert_int_equal(run("dir --at T --top=7 --json"), -1);
    assert_string_equal(at, "T");
    assert_int_equal(top, 7);
    assert_true(json);
    assert_int_equal(words, 1);
    assert_string_equal(args[1], "dir");
    assert_int_equal(run("--at= x"), -1);
    assert_string_equal(at, "");
    assert_int_equal(run(""), -1);
    assert_int_equal(words, 0);
    assert_null(at);
}

static void positional_words_anywhere(void **state)
{
    (void)state;
    assert_int_equal(run("a --json b"), -1);
    assert_int_equal(words, 2);
    assert_string_equal(args[2], "b");
    assert_int_equal(run("-- --json -"), -1);
    assert_false(json);
    assert_string_equal(args[1], "--json");
    assert_int_equal(run("-"), -1);
    assert_string_equal(args[1], "-");
    assert_int_equal(run("a b c"), 2);
    assert_string_equal(said, "tocsin impact: unexpected word 'c'; see tocsin impact --help\n");
}

static void lists(void **state)
{
    (void)state;
    assert_int_equal(run("--outage a b --register x y dir --outage=c"), -1);
    assert_int_equal(outage.n, 3);
    assert_string_equal(outage.v[2], "c");
    assert_int_equal(registers.n, 2);
    assert_int_equal(words, 1);
    assert_int_equal(run("--outage --json"), 2);
    assert_int_equal(run("--register x"), 2);
    assert_non_null(strstr(said, "--register needs 2 values"));
    assert_null(registers.v);
    assert_int_equal(run("--register=x y"), 2);
}

static void numbers_and_times(void **state)
{
    (void)state;
    assert_int_equal(run("--horizon 72h --since 2026-11-21T20:15:00+01:00"), -1);
    assert_int_equal(horizon, 72 * 3600);
    assert_int_equal(since % (86400 * TC_SECOND), (19 * 60 + 15) * 60 * TC_SECOND);
    assert_int_equal(run("--horizon=PT90M"), -1);
    assert_int_equal(horizon, 5400);
    assert_int_equal(run("--horizon 240h"), -1);
    assert_int_equal(run("--horizon 241h"), 2);
    assert_int_equal(run("--horizon 99999999999999999999w"), 2);
    assert_int_equal(run("--horizon h"), 2);
    assert_int_equal(run("--horizon -1h"), 2);
    assert_int_equal(run("--since 2026-02-30T00:00:00Z"), 2);
    assert_int_equal(run("--top 0"), 2);
    assert_string_equal(
        said, "tocsin impact: --top must be 1 to 1000, not '0'; see tocsin impact --help\n");
    assert_int_equal(run("--top 1001"), 2);
    assert_int_equal(run("--top 18446744073709551616"), 2);
    assert_int_equal(run("--top x"), 2);
    assert_int_equal(top, 10);
}

static void wrong_calls(void **state)
{
    (void)state;
    assert_int_equal(run("--horizont 1h"), 2);
    assert_non_null(strstr(said, "did you mean --horizon?"));
    assert_int_equal(run("--zebra"), 2);
    assert_null(strstr(said, "did you mean"));
    assert_int_equal(run("-x"), 2);
    assert_int_equal(run("--json=1"), 2);
    assert_int_equal(run("--at"), 2);
    assert_int_equal(run("--at --json"), 2);
    assert_int_equal(run("--\x1b[2J"), 2);
    assert_null(strchr(said, 0x1b));
}

static void help_is_answered(void **state)
{
    (void)state;
    assert_int_equal(run("x --help --nonsense"), 0);
    assert_string_equal(said, "IMPACT PAGE\n");
}

static int fini(void **state)
{
    (void)state;
    tc_opt_list_free(&outage);
    tc_opt_list_free(&registers);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_a_value),
        cmocka_unit_test(positional_words_anywhere),
        cmocka_unit_test(lists),
        cmocka_unit_test(numbers_and_times),
        cmocka_unit_test(wrong_calls),
        cmocka_unit_test(help_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, fini);
}

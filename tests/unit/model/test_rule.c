/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and mutes: read, refused with path and reason, written and read back. */
#include "model/rule.h"

#include "codec/json.h"
#include "model/extensions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct tc_arena *arena;
static struct tc_json json;
static struct tc_diag diag;

static int setup(void **state)
{
    (void)state;
    arena = tc_arena_new(1 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    tc_json_fini(&json);
    json = (struct tc_json){0};
    tc_arena_free(arena);
    return 0;
}

/* members: of the extension, after extension_type */
static tc_err read_with(const char *members, struct tc_rule *r)
{
    struct tc_buf b;
    tc_buf_init(&b, 1 << 20);
    tc_buf_fmt(&b,
               "{\"type\":\"indicator\",\"id\":\"indicator--52bd2e38-2591-4f25-86f1-3e59893c544e\","
               "\"name\":\"N\",\"pattern\":\"[a:b = 1]\",\"pattern_type\":\"stix\","
               "\"confidence\":70,\"valid_until\":\"2027-01-01T00:00:00Z\","
               "\"extensions\":{\"" TC_EXT_RULE
               "\":{\"extension_type\":\"property-extension\"%s}}}",
               members);
    tc_json_fini(&json);
    assert_int_equal(tc_json_read(tc_buf_view(&b), 1 << 20, 0, &json, &diag), TC_OK);
    tc_buf_fini(&b);
    tc_diag_init(&diag);
    return tc_rule_read(json.root, arena, r, &diag);
}

static void a_rule_is_read(void **state)
{
    (void)state;
    struct tc_rule r;
    assert_int_equal(
        read_with(
            ",\"per\":\"network-traffic:src_ref.value\",\"severity\":\"Severe\","
            "\"about\":\"x-site:key\",\"cooldown\":\"PT90M\","
            "\"says\":{\"en\":\"{count} from {per}, {{so}\",\"de-AT\":\"{a:b.'c}'} {place}\"}",
            &r),
        TC_OK);
    assert_true(r.extended);
    assert_int_equal(r.confidence, 70);
    assert_int_equal(r.cooldown, 5400);
    assert_int_equal(r.n_says, 2);
    assert_true(tc_str_is(r.says[1].language, "de-AT"));
    assert_true(tc_str_is(r.per, "network-traffic:src_ref.value"));
    assert_int_equal(r.from, TC_TIME_MIN);
    assert_true(r.until < TC_TIME_MAX);
}

static void sentences_are_cut_into_pieces(void **state)
{
    (void)state;
    static const struct {
        enum tc_say_kind kind;
        const char *text;
    } want[] = {{TC_SAY_COUNT, "count"}, {TC_SAY_TEXT, " from "}, {TC_SAY_PATH, "a:b.'c}'"},
                {TC_SAY_TEXT, "{"},      {TC_SAY_TEXT, "x} "},    {TC_SAY_BAD, "{nonsense}"},
                {TC_SAY_PER, "per"},     {TC_SAY_BAD, "{open"}};
    struct tc_str rest = TC_STR("{count} from {a:b.'c}'}{{x} {nonsense}{per}{open");
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct tc_say_piece p = tc_say_next(&rest);
        assert_int_equal(p.kind, want[i].kind);
        assert_true(tc_str_is(p.text, want[i].text));
    }
    assert_int_equal(tc_say_next(&rest).kind, TC_SAY_END);
}

static void what_is_wrong_is_said_with_its_path(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {",\"per\":5", "extensions.rule.per"},
        {",\"per\":\"\"", "extensions.rule.per"},
        {",\"per\":\"value\"", "extensions.rule.per"},
        {",\"per\":\"a:b = 1\"", "extensions.rule.per"},
        {",\"about\":\"a:b[\"", "extensions.rule.about"},
        {",\"severity\":\"high\"", "extensions.rule.severity"},
        {",\"cooldown\":\"1h\"", "extensions.rule.cooldown"},
        {",\"cooldown\":\"P32D\"", "extensions.rule.cooldown"},
        {",\"says\":[]", "extensions.rule.says"},
        {",\"says\":{\"en\":5}", "extensions.rule.says"},
        {",\"says\":{\"en\":\"\"}", "extensions.rule.says.en"},
        {",\"says\":{\"english!\":\"x\"}", "extensions.rule.says.english!"},
        {",\"says\":{\"en\":\"{per}\"}", "extensions.rule.says.en"},
        {",\"says\":{\"en\":\"{counts}\"}", "extensions.rule.says.en"},
        {",\"says\":{\"en\":\"{a:}\"}", "extensions.rule.says.en"},
        {",\"says\":{\"en\":\"{\"}", "extensions.rule.says.en"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tc_rule r = {.confidence = 55};
        tc_err e = read_with(cases[i][0], &r);
        if (e == TC_OK || strcmp(diag.path, cases[i][1]) != 0)
            fail_msg("%s: %d at '%s'", cases[i][0], (int)e, diag.path);
        assert_true(diag.message[0]);
        assert_true(strncmp(diag.object, "indicator--", 11) == 0);
        assert_int_equal(r.confidence, 55); /* untouched */
    }
}

static void bounds_hold(void **state)
{
    (void)state;
    struct tc_rule r;
    char *text = malloc(10000);
    assert_non_null(text);
    int n = snprintf(text, 10000, ",\"says\":{\"en\":\"%*s\"}", 2001, "x");
    assert_true(n > 2000);
    assert_int_equal(read_with(text, &r), TC_E_INVALID);
    (void)snprintf(text, 10000, ",\"per\":\"a:%01001d\"", 0);
    assert_int_equal(read_with(text, &r), TC_E_LIMIT);
    size_t at = (size_t)snprintf(text, 10000, ",\"says\":{");
    for (int i = 0; i < 41; i++)
        at += (size_t)snprintf(text + at, 10000 - at, "%s\"a%c%c\":\"x\"", i ? "," : "",
                               'a' + i % 26, 'a' + i / 26);
    (void)snprintf(text + at, 10000 - at, "}");
    assert_int_equal(read_with(text, &r), TC_E_INVALID);
    free(text);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    const struct tc_rule_says says[] = {{TC_STR("en"), TC_STR("Say \"{per}\"")}};
    const struct tc_rule r = {.id = TC_STR("indicator--52bd2e38-2591-4f25-86f1-3e59893c544e"),
                              .name = TC_STR("Name"),
                              .pattern = TC_STR("[a:b = 'c']"),
                              .creator = TC_STR("identity--52bd2e38-2591-4f25-86f1-3e59893c544e"),
                              .created = INT64_C(1790000000000000),
                              .modified = INT64_C(1790000001000000),
                              .from = TC_TIME_MIN,
                              .until = TC_TIME_MAX,
                              .extended = true,
                              .confidence = 0,
                              .per = TC_STR("a:b"),
                              .severity = TC_STR("Minor"),
                              .cooldown = 86400,
                              .says = says,
                              .n_says = 1};
    struct tc_rule back;
    struct tc_buf b;
    tc_buf_init(&b, 1 << 16);
    tc_rule_write(&r, TC_STR(""), &b);
    assert_int_equal(tc_json_read(tc_buf_view(&b), 1 << 20, 0, &json, &diag), TC_OK);
    assert_int_equal(tc_rule_read(json.root, arena, &back, &diag), TC_OK);
    assert_true(tc_str_eq(back.per, r.per) && tc_str_eq(back.severity, r.severity));
    assert_int_equal(back.cooldown, r.cooldown);
    assert_int_equal(back.confidence, 0);
    assert_int_equal(back.modified, r.modified);
    assert_true(tc_str_eq(back.says[0].text, says[0].text));
    assert_int_equal(back.from, r.created); /* valid_from is required (STIX 2.1 section 4.7) */
    tc_buf_fini(&b);
}

static void mutes_are_read_written_and_asked(void **state)
{
    (void)state;
    const struct tc_mute m = {.id = TC_STR("mute--52bd2e38-2591-4f25-86f1-3e59893c544e"),
                              .rule = TC_STR("indicator--52bd2e38-2591-4f25-86f1-3e59893c544e"),
                              .one_value = true,
                              .value = TC_STR("198.51.100.7"),
                              .reason = TC_STR("our own scanner"),
                              .person = TC_STR("duty officer"),
                              .created = 0,
                              .modified = 0,
                              .from = 1000000,
                              .until = 2000000};
    struct tc_mute back;
    struct tc_buf b;
    tc_buf_init(&b, 1 << 16);
    tc_mute_write(&m, TC_STR(""), &b);
    assert_int_equal(tc_json_read(tc_buf_view(&b), 1 << 20, 0, &json, &diag), TC_OK);
    assert_int_equal(tc_mute_read(json.root, &back, &diag), TC_OK);
    assert_true(tc_mute_holds(&back, m.value, 1000000));
    assert_false(tc_mute_holds(&back, m.value, 999999));
    assert_false(tc_mute_holds(&back, m.value, 2000000));
    assert_false(tc_mute_holds(&back, TC_STR("other"), 1000000));
    back.one_value = false;
    assert_true(tc_mute_holds(&back, TC_STR("other"), 1000000));
    back.revoked = true;
    assert_false(tc_mute_holds(&back, m.value, 1000000));
    tc_json_fini(&json);
    assert_int_equal(
        tc_json_read(TC_STR("{\"id\":\"mute--1\",\"rule_ref\":\"x\"}"), 100, 0, &json, &diag),
        TC_OK);
    assert_int_equal(tc_mute_read(json.root, &back, &diag), TC_E_INVALID);
    assert_string_equal(diag.path, "reason");
    tc_buf_fini(&b);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_rule_is_read), T(sentences_are_cut_into_pieces), T(what_is_wrong_is_said_with_its_path),
        T(bounds_hold),    T(what_is_written_is_read_back),  T(mutes_are_read_written_and_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed fields: what goes out of a text against a slow twin that works on the tree, and the way
 * back, byte for byte; the stored form, damaged in each byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"
#include "codec/json.h"
#include "model/sealed.h"
#include "rand.h"

#include <stdio.h>
#include <stdlib.h>

static struct tc_sealed_set set_of(const char *const *paths)
{
    struct tc_sealed_set s = {.n = 0};
    for (; *paths; paths++)
        s.path[s.n++] = tc_str_cstr(*paths);
    return s;
}

struct cut {
    struct tc_buf left, secret, again;
    size_t n;
    tc_err err;
};

static struct cut cut(struct tc_str text, const struct tc_sealed_set *set)
{
    struct cut c = {.n = 0};
    tc_buf_init(&c.left, TC_MAX_OBJECT);
    tc_buf_init(&c.secret, TC_MAX_OBJECT + TC_SEALED_OVERHEAD);
    tc_buf_init(&c.again, TC_MAX_OBJECT);
    c.err = tc_sealed_cut(text, set, &c.left, &c.secret, &c.n);
    if (!c.err && c.n)
        assert_int_equal(tc_sealed_join(tc_buf_view(&c.left), tc_buf_view(&c.secret), &c.again),
                         TC_OK);
    return c;
}

static void fini(struct cut *c)
{
    tc_buf_fini(&c->left);
    tc_buf_fini(&c->secret);
    tc_buf_fini(&c->again);
}

static void leaves(const char *text, const char *const *paths, const char *left)
{
    const struct tc_sealed_set set = set_of(paths);
    struct cut c = cut(tc_str_cstr(text), &set);
    assert_int_equal(c.err, TC_OK);
    if (c.n) {
        assert_int_equal(c.left.n, strlen(left));
        assert_memory_equal(c.left.p, left, c.left.n);
        assert_int_equal(c.again.n, strlen(text));
        assert_memory_equal(c.again.p, text, c.again.n);
    } else {
        assert_string_equal(text, left);
    }
    fini(&c);
}

static void test_examples(void **state)
{
    static const char *const a[] = {"/a", NULL}, *const ab[] = {"/a", "/b", NULL},
                             *const deep[] = {"/p/x", NULL}, *const odd[] = {"/a~1b", "/~0", NULL},
                             *const item[] = {"/l/0", NULL}, *const items[] = {"/p/0/x", NULL};
    (void)state;
    leaves("{\"a\":1}", a, "{}");
    leaves("{ \"a\" : 1 , \"b\":2}", a, "{ \"b\":2}");
    leaves("{\"b\":2 , \"a\": {\"x\":[1,2]} }", a, "{\"b\":2 }");
    leaves("{\"a\":1,\"b\":2,\"c\":3}", ab, "{\"c\":3}");
    leaves("{\"c\":3,\"a\":1,\"b\":2}", ab, "{\"c\":3}");
    leaves("{\"a\":1,\"c\":3,\"b\":2}", ab, "{\"c\":3}");
    leaves("{\"a\":1,\"b\":2}", ab, "{}");
    leaves("{\"c\":[]}", ab, "{\"c\":[]}");
    leaves("{\"p\":{\"x\":\"}]\\\"\",\"y\":1},\"q\":{\"x\":2}}", deep,
           "{\"p\":{\"y\":1},\"q\":{\"x\":2}}");
    leaves("{\"p\":[{\"x\":1},{\"y\":2,\"x\":3},[{\"x\":4}],5]}", items,
           "{\"p\":[{},{\"y\":2},[],5]}");
    leaves("{\"p\":[{\"x\":1},2]}", deep, "{\"p\":[]}"); /* not an object: all of it goes */
    leaves("{\"a/b\":1,\"~\":2,\"a\":{\"b\":3}}", odd, "{\"a\":{\"b\":3}}");
    leaves("{\"l\":[1,2,3],\"m\":[1]}", item, "{\"l\":[],\"m\":[1]}");
    /* a name written with escapes is the same name; one that comes twice goes twice */
    leaves("{\"\\u0061\":1,\"b\":2}", a, "{\"b\":2}");
    leaves("{\"a\":1,\"b\":2,\"a\":3}", a, "{\"b\":2}");
    leaves("{\"b\":{\"a\":1}}", a, "{\"b\":{\"a\":1}}");
}

static void test_not_followed(void **state)
{
    static const char *const a[] = {"/a/b", NULL};
    static const char *const bad[] = {
        "",           "[]",         "{",           "{\"a\":{",     "{\"a\":}",    "{\"a\"}",
        "{\"a\":1,}", "{\"a\":1}}", "{\"a\":1} x", "{\"a\":[1,]}", "{\"\\x\":1}", "{\"\\u00g0\":1}",
        "{a:1}",      "{\"a\":\"b}"};
    const struct tc_sealed_set set = set_of(a);
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cut c = cut(tc_str_cstr(bad[i]), &set);
        assert_int_equal(c.err, TC_E_INVALID);
        fini(&c);
    }
}

static void test_pointers(void **state)
{
    static const char *const good[] = {"/a",
                                       "/a/b",
                                       "/~0~1",
                                       "/extensions/extension-definition--x/y",
                                       "/external_references/url",
                                       "/name",
                                       "//x"};
    static const char *const bad[] = {"",
                                      "/",
                                      "a",
                                      "/a~",
                                      "/a~2",
                                      "/type",
                                      "/id",
                                      "/created",
                                      "/granular_markings/0",
                                      "/extensions",
                                      "/extensions/x",
                                      "/a\x01",
                                      "/\xff"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(tc_sealed_pointer(tc_str_cstr(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(tc_sealed_pointer(tc_str_cstr(bad[i])));
}

static void test_too_many(void **state)
{
    static const char *const l[] = {"/l/x", NULL};
    const struct tc_sealed_set set = set_of(l);
    struct tc_buf text;
    (void)state;
    tc_buf_init(&text, 1 << 20);
    tc_buf_cstr(&text, "{\"l\":[{\"x\":0}");
    for (int i = 0; i < TC_MAX_SEALED_CUTS; i++)
        tc_buf_cstr(&text, ",{\"x\":1}");
    tc_buf_cstr(&text, "]}");
    struct cut c = cut(tc_buf_view(&text), &set);
    assert_int_equal(c.err, TC_E_LIMIT);
    fini(&c);
    tc_buf_fini(&text);
}

/* ---- the slow twin ---- */

static bool part_of(const char *path, unsigned depth, char *out, size_t size)
{
    const char *p = path;
    for (unsigned d = 0; *p == '/'; d++) {
        const char *end = strchr(++p, '/');
        size_t n = end ? (size_t)(end - p) : strlen(p);
        if (d == depth) {
            (void)snprintf(out, size, "%.*s", (int)n, p);
            return true;
        }
        p += n;
    }
    return false;
}

/* Goes the pointer on from here; is this its end? */
static bool gone_at(const char *path, unsigned depth)
{
    char part[64];
    return !part_of(path, depth + 1, part, sizeof part);
}

static void twin(yyjson_mut_doc *doc, yyjson_mut_val *v, const char *path, unsigned depth)
{
    char part[64];
    if (!part_of(path, depth, part, sizeof part))
        return;
    if (yyjson_mut_is_obj(v)) {
        yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(v);
        for (yyjson_mut_val *key; (key = yyjson_mut_obj_iter_next(&it)) != NULL;) {
            if (strcmp(yyjson_mut_get_str(key), part) != 0)
                continue;
            if (gone_at(path, depth))
                (void)yyjson_mut_obj_iter_remove(&it);
            else
                twin(doc, yyjson_mut_obj_iter_get_val(key), path, depth + 1);
        }
    } else if (yyjson_mut_is_arr(v)) {
        yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(v);
        for (yyjson_mut_val *one; (one = yyjson_mut_arr_iter_next(&it)) != NULL;) {
            if (gone_at(path, depth))
                (void)yyjson_mut_arr_iter_remove(&it);
            else
                twin(doc, one, path, depth + 1);
        }
    }
}

static const char *const names[] = {"a", "b", "c", "\\u0061", "d\\n", "\\ud83d\\ude00"};
static const char *const steps[] = {"a", "b", "c", "0"};

static void blank(uint64_t *s, struct tc_buf *b)
{
    static const char *const kinds[] = {"", "", "", " ", "\n", " \t"};
    tc_buf_cstr(b, kinds[(test_rand(s) % 6)]);
}

static void value(uint64_t *s, struct tc_buf *b, int depth)
{
    static const char *const plain[] = {"1",        "-2.50e3",  "true", "null",
                                        "\"x,}]\"", "\"\\\"\"", "\"\""};
    unsigned kind = (unsigned)(test_rand(s) % (depth > 3 ? 1u : 3u));
    if (kind == 0) {
        tc_buf_cstr(b, plain[(test_rand(s) % 7)]);
        return;
    }
    unsigned n = (unsigned)(test_rand(s) % 4);
    tc_buf_char(b, kind == 1 ? '{' : '[');
    blank(s, b);
    for (unsigned i = 0; i < n; i++) {
        if (kind == 1) {
            tc_buf_fmt(b, "\"%s\"", names[(test_rand(s) % 6)]);
            blank(s, b);
            tc_buf_char(b, ':');
            blank(s, b);
        }
        value(s, b, depth + 1);
        blank(s, b);
        if (i + 1 < n) {
            tc_buf_char(b, ',');
            blank(s, b);
        }
    }
    tc_buf_char(b, kind == 1 ? '}' : ']');
}

static void against_twin(struct tc_str text, const char paths[][64], size_t n)
{
    struct tc_sealed_set set = {.n = n};
    struct tc_json whole, left;
    for (size_t i = 0; i < n; i++)
        set.path[i] = tc_str_cstr(paths[i]);
    struct cut c = cut(text, &set);
    assert_int_equal(c.err, TC_OK);
    assert_int_equal(tc_json_read(text, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, &whole, NULL), TC_OK);
    assert_int_equal(tc_json_read(c.n ? tc_buf_view(&c.left) : text, TC_MAX_OBJECT,
                                  TC_JSON_REPEATS_OK, &left, NULL),
                     TC_OK);
    yyjson_mut_doc *slow = yyjson_doc_mut_copy(whole.doc, NULL);
    yyjson_mut_doc *fast = yyjson_doc_mut_copy(left.doc, NULL);
    for (size_t i = 0; i < n; i++)
        twin(slow, yyjson_mut_doc_get_root(slow), paths[i], 0);
    char *a = yyjson_mut_write(slow, 0, NULL), *b = yyjson_mut_write(fast, 0, NULL);
    assert_string_equal(a, b);
    if (c.n) {
        assert_int_equal(c.again.n, text.n);
        assert_memory_equal(c.again.p, text.p, text.n);
    }
    free(a);
    free(b);
    yyjson_mut_doc_free(slow);
    yyjson_mut_doc_free(fast);
    tc_json_fini(&whole);
    tc_json_fini(&left);
    fini(&c);
}

static void test_twin(void **state)
{
    uint64_t s = test_seed();
    size_t cuts = 0;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct tc_buf text;
        char paths[4][64];
        size_t n = 1 + (test_rand(&s) % 4);
        tc_buf_init(&text, 1 << 20);
        do {
            tc_buf_clear(&text);
            value(&s, &text, 0);
        } while (text.p[0] != '{');
        for (size_t i = 0; i < n; i++) {
            paths[i][0] = '\0';
            for (size_t k = 1 + (test_rand(&s) % 3); k; k--) {
                size_t at = strlen(paths[i]);
                (void)snprintf(paths[i] + at, sizeof paths[i] - at, "/%s",
                               steps[(test_rand(&s) % 4)]);
            }
        }
        against_twin(tc_buf_view(&text), paths, n);
        cuts += n;
        tc_buf_fini(&text);
    }
    assert_true(cuts > 0);
}

/* ---- the stored form ---- */

static void test_stored(void **state)
{
    struct tc_sealed_blob b = {.key_id = {1, 2, 3}, .nonce = {4, 5}, .left = TC_STR("{\"a\":1}")};
    struct tc_sealed_blob got;
    struct tc_buf out;
    (void)state;
    tc_buf_init(&out, 1000);
    tc_sealed_write(&out, &b);
    assert_int_equal(tc_sealed_parse(tc_buf_view(&out), &got), TC_E_CORRUPT); /* no box */
    tc_buf_cstr(&out, "0123456789abcdefX");
    assert_int_equal(tc_sealed_parse(tc_buf_view(&out), &got), TC_OK);
    assert_memory_equal(got.key_id, b.key_id, 8);
    assert_memory_equal(got.nonce, b.nonce, 24);
    assert_true(tc_str_eq(got.left, b.left));
    assert_int_equal(got.box.n, 17);
    for (size_t n = 0; n < out.n - 1; n++) /* cut short anywhere: refused, or another box */
        (void)!tc_sealed_parse(tc_str_view(out.p, n), &got);
    out.p[36] = (char)0xff;
    assert_int_equal(tc_sealed_parse(tc_buf_view(&out), &got), TC_E_CORRUPT);
    out.p[36] = 7;
    out.p[0] = '{';
    assert_int_equal(tc_sealed_parse(tc_buf_view(&out), &got), TC_E_CORRUPT);
    tc_buf_fini(&out);
}

static void test_join_refuses(void **state)
{
    static const uint8_t bad[][20] = {{0},
                                      {0, 0, 0, 0},
                                      {1, 0, 0, 0},
                                      {1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0},
                                      {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0},
                                      {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}};
    static const size_t len[] = {1, 4, 4, 12, 12, 8};
    struct tc_buf out;
    (void)state;
    for (size_t i = 0; i < sizeof len / sizeof *len; i++) {
        tc_buf_init(&out, 1000);
        assert_int_equal(
            tc_sealed_join(TC_STR("{}"), tc_str_view((const char *)bad[i], len[i]), &out),
            TC_E_CORRUPT);
        tc_buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),     cmocka_unit_test(test_not_followed),
        cmocka_unit_test(test_pointers),     cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_twin),         cmocka_unit_test(test_stored),
        cmocka_unit_test(test_join_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner of slices: forms, limits, and random documents in random chunks against yyjson. */
#include "codec/slices.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <yyjson.h>

#define MAX_SLICES 4096

struct found {
    struct tc_buf text; /* slices one after another, each followed by \n */
    uint64_t offset[MAX_SLICES];
    size_t length[MAX_SLICES];
    size_t n;
};

static tc_err note(void *arg, const struct tc_slice *s)
{
    struct found *f = arg;
    assert_int_equal(s->index, f->n);
    assert_true(f->n < MAX_SLICES);
    f->offset[f->n] = s->offset;
    f->length[f->n++] = s->bytes.n;
    tc_buf_str(&f->text, s->bytes);
    tc_buf_char(&f->text, '\n');
    return TC_OK;
}

static void found_init(struct found *f)
{
    f->n = 0;
    tc_buf_init(&f->text, 64u << 20);
}

/* chunk 0 = all at once, SIZE_MAX = random sizes */
static tc_err scan(struct tc_str text, size_t chunk, struct found *f, struct tc_diag *d)
{
    struct tc_slices *s = tc_slices_new(1u << 16, note, f);
    assert_non_null(s);
    tc_err e = TC_OK;
    for (size_t at = 0; at < text.n && !e;) {
        size_t n = chunk == 0 ? text.n : chunk == SIZE_MAX ? (size_t)rand() % 200 : chunk;
        if (n > text.n - at)
            n = text.n - at;
        /* a copy of its own, so that reads beyond the chunk are seen by the sanitizer */
        char *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, text.p + at, n);
        e = tc_slices_feed(s, tc_str_view(copy, n), d);
        free(copy);
        at += n;
    }
    if (!e)
        e = tc_slices_end(s, d);
    tc_slices_free(s);
    return e;
}

static void expect(const char *text, const char *slices)
{
    for (size_t chunk = 0; chunk < 20; chunk++) {
        struct found f;
        struct tc_diag d;
        tc_diag_init(&d);
        found_init(&f);
        assert_int_equal(scan(tc_str_cstr(text), chunk, &f, &d), TC_OK);
        assert_string_equal(tc_buf_z(&f.text), slices);
        for (size_t i = 0, at = 0; i < f.n; at += f.length[i++] + 1)
            assert_memory_equal(text + f.offset[i], f.text.p + at, f.length[i]);
        tc_buf_fini(&f.text);
    }
}

static void refuse(const char *text, tc_err code, uint64_t offset, const char *says)
{
    for (size_t chunk = 0; chunk < 20; chunk++) {
        struct found f;
        struct tc_diag d;
        tc_diag_init(&d);
        found_init(&f);
        assert_int_equal(scan(tc_str_cstr(text), chunk, &f, &d), code);
        assert_int_equal(d.offset, offset);
        assert_non_null(strstr(d.message, says));
        tc_buf_fini(&f.text);
    }
}

static void forms(void **state)
{
    (void)state;
    expect("{\"type\":\"bundle\",\"objects\":[{\"a\":1},{\"b\":[2]}]}", "{\"a\":1}\n{\"b\":[2]}\n");
    expect("{\"objects\":[ {\"a\" : 1.50} , {} ],\"more\":true}", "{\"a\" : 1.50}\n{}\n");
    expect("[{\"a\":\"]}\\\"{[\"},\n{\"a\":\"\\\\\"}]\n",
           "{\"a\":\"]}\\\"{[\"}\n{\"a\":\"\\\\\"}\n");
    expect("[]", "");
    expect("{\"objects\":[]}", "");
    expect(" {\"type\":\"identity\",\"x\":\"\\\\\"} ", "{\"type\":\"identity\",\"x\":\"\\\\\"}\n");
    expect("{\"type\":\"a\"}\n{\"type\":\"b\"}\n", "{\"type\":\"a\"}\n{\"type\":\"b\"}\n");
    expect("\xef\xbb\xbf{\"type\":\"a\"}", "{\"type\":\"a\"}\n");
    /* a root that has a type of its own is the object, whatever is in it */
    expect("{\"type\":\"x-list\",\"objects\":[{}]}", "{\"type\":\"x-list\",\"objects\":[{}]}\n");
    expect("{\"type\":\"observed-data\",\"objects\":{\"0\":{}}}",
           "{\"type\":\"observed-data\",\"objects\":{\"0\":{}}}\n");
    expect("{\"typ\\u0065\":\"bundl\\u0065\",\"\\u006fbjects\":[{\"a\":1}]}", "{\"a\":1}\n");
    expect("{\"objects\":[{\"a\":1}],\"type\":\"bundle\",\"id\":\"x\",\"n\":[[],{\"q\":null}]}",
           "{\"a\":1}\n");
}

static void wrong(void **state)
{
    (void)state;
    refuse("", TC_E_SYNTAX, 0, "empty");
    refuse("  \n", TC_E_SYNTAX, 3, "empty");
    refuse("hello", TC_E_SYNTAX, 0, "expected");
    refuse("[[", TC_E_INVALID, 1, "element 0");
    refuse("[{},7]", TC_E_INVALID, 4, "element 1");
    refuse("{\"objects\":[{},]}", TC_E_INVALID, 15, "element 1");
    refuse("[{}", TC_E_SYNTAX, 3, "middle");
    refuse("{\"objects\":[{\"a\":1", TC_E_SYNTAX, 18, "middle");
    refuse("{\"objects\":[{\"a\":1}", TC_E_SYNTAX, 19, "middle");
    refuse("{\"objects\":[{\"a\":1}]", TC_E_SYNTAX, 20, "middle");
    refuse("{\"objects\":[{} {}]}", TC_E_SYNTAX, 15, "expected ',' or ']'");
    refuse("{\"objects\":[{}],\"objects\":[{}]}", TC_E_INVALID, 26, "two lists");
    refuse("{\"objects\":[{}],\"type\":\"identity\"}", TC_E_INVALID, 33, "not a bundle");
    refuse("{\"x\":01,\"objects\":[{}]}", TC_E_SYNTAX, 18, "not JSON");
    refuse("{\"objects\":[{}],\"x\":01}", TC_E_SYNTAX, 22, "not JSON");
    refuse("{\"a\" 1}", TC_E_SYNTAX, 5, "':'");
    refuse("{\"a\":}", TC_E_SYNTAX, 5, "value");
    refuse("{a:1}", TC_E_SYNTAX, 1, "name in quotes");
}

/* One gigabyte of '[', made as it is read: refused with the second byte. */
static void brackets(void **state)
{
    (void)state;
    static char chunk[1u << 16];
    memset(chunk, '[', sizeof chunk);
    static const char *const before[] = {"", "{\"a\":", "[{\"a\":", "{\"objects\":[{\"a\":"};
    for (size_t k = 0; k < 4; k++) {
        struct found f;
        struct tc_diag d;
        tc_diag_init(&d);
        found_init(&f);
        struct tc_slices *s = tc_slices_new(TC_MAX_OBJECT, note, &f);
        assert_non_null(s);
        tc_err e = tc_slices_feed(s, tc_str_cstr(before[k]), &d);
        size_t chunks = 0;
        for (; !e && chunks < (1u << 30) / sizeof chunk; chunks++)
            e = tc_slices_feed(s, tc_str_view(chunk, sizeof chunk), &d);
        assert_int_equal(chunks, 1);
        assert_int_equal(e, k ? TC_E_LIMIT : TC_E_INVALID);
        assert_true(d.offset < 128);
        assert_int_equal(f.n, 0);
        tc_slices_free(s);
    }
}

static void sizes(void **state)
{
    (void)state;
    enum { MAX = 1 << 16 };
    char *text = malloc(MAX + 64);
    assert_non_null(text);
    for (int over = 0; over < 2; over++)
        for (int kind = 0; kind < 2; kind++)
            for (size_t chunk = 0; chunk < 3000; chunk += 1500) {
                size_t n = MAX + (size_t)over;
                memset(text, 'x', MAX + 64);
                memcpy(text, "[{\"a\":\"", 7);
                memcpy(text + 1 + n - 2, "\"}]", 3);
                struct tc_str t = kind ? tc_str_view(text, n + 2) : tc_str_view(text + 1, n);
                struct found f;
                struct tc_diag d;
                tc_diag_init(&d);
                found_init(&f);
                assert_int_equal(scan(t, chunk, &f, &d), over ? TC_E_LIMIT : TC_OK);
                assert_int_equal(f.n, !over);
                if (over)
                    assert_int_equal(d.offset, kind);
                tc_buf_fini(&f.text);
            }
    free(text);
}

static void depth(void **state)
{
    (void)state;
    for (size_t chunk = 0; chunk < 30; chunk += 7)
        for (size_t deep = TC_MAX_DEPTH; deep <= TC_MAX_DEPTH + 1; deep++) {
            struct tc_buf b;
            tc_buf_init(&b, 1000);
            tc_buf_cstr(&b, "[{\"a\":");
            for (size_t i = 1; i < deep; i++)
                tc_buf_char(&b, '[');
            for (size_t i = 1; i < deep; i++)
                tc_buf_char(&b, ']');
            tc_buf_cstr(&b, "}]");
            struct found f;
            struct tc_diag d;
            found_init(&f);
            assert_int_equal(scan(tc_buf_view(&b), chunk, &f, &d),
                             deep > TC_MAX_DEPTH ? TC_E_LIMIT : TC_OK);
            tc_buf_fini(&f.text);
            tc_buf_fini(&b);
        }
}

/* ---- random documents ---- */

static void add_string(struct tc_buf *b)
{
    static const char *const parts[] = {"a",        "{",       "}",  "[",   "]",
                                        "\\\"",     "\\\\",    ",",  ":",   "\\u00e9",
                                        "\xc3\xa9", "objects", "  ", "\\n", "0123456789abcdef"};
    tc_buf_char(b, '"');
    for (int n = rand() % 12; n > 0; n--)
        tc_buf_cstr(b, parts[(size_t)rand() % (sizeof parts / sizeof *parts)]);
    tc_buf_char(b, '"');
}

static void add_space(struct tc_buf *b)
{
    if (rand() % 8 == 0)
        tc_buf_char(b, " \n\r\t"[rand() % 4]);
}

static void add_value(struct tc_buf *b, int deep)
{
    static const char *const scalars[] = {"0", "-1.5e10", "true", "null", "123456789012345678"};
    add_space(b);
    int kind = rand() % (deep > 5 ? 4 : 8);
    if (kind < 2) {
        tc_buf_cstr(b, scalars[rand() % 5]);
    } else if (kind < 4) {
        add_string(b);
    } else {
        tc_buf_char(b, kind < 6 ? '{' : '[');
        for (int i = 0, n = rand() % 5; i < n; i++) {
            if (i)
                tc_buf_char(b, ',');
            add_space(b);
            if (kind < 6) {
                tc_buf_fmt(b, "\"k%d\"", i);
                add_space(b);
                tc_buf_char(b, ':');
            }
            add_value(b, deep + 1);
        }
        add_space(b);
        tc_buf_char(b, kind < 6 ? '}' : ']');
    }
    add_space(b);
}

static void add_object(struct tc_buf *b)
{
    tc_buf_cstr(b, "{");
    for (int i = 0, n = rand() % 6; i < n; i++) {
        tc_buf_fmt(b, "%s\"k%d\":", i ? "," : "", i);
        add_value(b, 1);
    }
    tc_buf_char(b, '}');
}

static void add_list(struct tc_buf *b)
{
    tc_buf_char(b, '[');
    for (int i = 0, n = rand() % 6; i < n; i++) {
        if (i)
            tc_buf_char(b, ',');
        add_space(b);
        add_object(b);
        add_space(b);
    }
    tc_buf_char(b, ']');
}

static void add_root(struct tc_buf *b)
{
    add_space(b);
    switch (rand() % 4) {
    case 0:
        add_list(b);
        return;
    case 1:
        add_object(b);
        return;
    default:
        tc_buf_char(b, '{');
        for (int i = 0, n = rand() % 4; i < n; i++) {
            tc_buf_fmt(b, "\"before%d\":", i);
            add_value(b, 0);
            tc_buf_char(b, ',');
        }
        if (rand() % 2)
            tc_buf_cstr(b, "\"type\" : \"bundle\",");
        tc_buf_cstr(b, "\"objects\":");
        add_list(b);
        for (int i = 0, n = rand() % 3; i < n; i++) {
            tc_buf_fmt(b, ",\"after%d\":", i);
            add_value(b, 0);
        }
        tc_buf_char(b, '}');
    }
}

struct whole {
    bool valid;
    yyjson_doc *docs[64];
    size_t n_docs;
    yyjson_val *objects[MAX_SLICES];
    size_t n;
};

static void whole_free(struct whole *w)
{
    for (size_t i = 0; i < w->n_docs; i++)
        yyjson_doc_free(w->docs[i]);
}

/* The slow twin: parses everything at once and picks the objects from the tree. */
static void whole_read(struct tc_str t, struct whole *w)
{
    w->n = w->n_docs = 0;
    w->valid = false;
    for (t = tc_str_trim(t); t.n; t = tc_str_trim(t)) {
        char *copy = malloc(t.n);
        assert_non_null(copy);
        memcpy(copy, t.p, t.n);
        yyjson_doc *doc = yyjson_read_opts(copy, t.n, YYJSON_READ_STOP_WHEN_DONE, NULL, NULL);
        free(copy);
        if (!doc)
            return;
        assert_true(w->n_docs < 64);
        w->docs[w->n_docs++] = doc;
        size_t used = yyjson_doc_get_read_size(doc);
        t.p += used;
        t.n -= used;
        yyjson_val *root = yyjson_doc_get_root(doc);
        yyjson_val *list = yyjson_is_arr(root) ? root : yyjson_obj_get(root, "objects");
        yyjson_val *type = yyjson_obj_get(root, "type");
        if (yyjson_is_arr(root) ||
            (yyjson_is_arr(list) && (!type || yyjson_equals_str(type, "bundle")))) {
            size_t i, n;
            yyjson_val *v;
            yyjson_arr_foreach (list, i, n, v) {
                if (!yyjson_is_obj(v))
                    return;
                w->objects[w->n++] = v;
            }
        } else if (yyjson_is_obj(root)) {
            w->objects[w->n++] = root;
        } else {
            return;
        }
    }
    w->valid = w->n_docs > 0;
}

/* Accepted and every slice is JSON <=> the whole is valid; then slice i is object i. */
static void compare(struct tc_str t)
{
    struct found f;
    struct whole w;
    struct tc_diag d;
    tc_diag_init(&d);
    found_init(&f);
    whole_read(t, &w);
    tc_err e = scan(t, rand() % 3 ? SIZE_MAX : 0, &f, &d);
    bool fine = !e;
    size_t at = 0;
    for (size_t i = 0; i < f.n; at += f.length[i++] + 1) {
        assert_memory_equal(f.text.p + at, t.p + f.offset[i], f.length[i]);
        yyjson_doc *doc = yyjson_read(f.text.p + at, f.length[i], 0);
        fine = fine && doc;
        if (doc && w.valid && !e)
            assert_true(yyjson_equals(yyjson_doc_get_root(doc), w.objects[i]));
        yyjson_doc_free(doc);
    }
    if (fine != w.valid)
        print_message("%.*s\n%s\n", (int)t.n, t.p, d.message);
    assert_int_equal(fine, w.valid);
    if (w.valid)
        assert_int_equal(f.n, w.n);
    whole_free(&w);
    tc_buf_fini(&f.text);
}

static void random_documents(void **state)
{
    (void)state;
    srand(20261121);
    for (int round = 0; round < 4000; round++) {
        struct tc_buf b;
        tc_buf_init(&b, 1u << 20);
        for (int roots = rand() % 8 ? 1 : 3; roots; roots--)
            add_root(&b);
        compare(tc_buf_view(&b));
        for (int k = 0; k < 4 && b.n; k++) { /* broken ones: agree on whether it is broken */
            size_t at = (size_t)rand() % b.n;
            char was = b.p[at];
            b.p[at] = "{}[]\",:\\ 0"[rand() % 10];
            compare(tc_buf_view(&b));
            compare(tc_str_view(b.p, at));
            b.p[at] = was;
        }
        tc_buf_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms), cmocka_unit_test(wrong), cmocka_unit_test(brackets),
        cmocka_unit_test(sizes), cmocka_unit_test(depth), cmocka_unit_test(random_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

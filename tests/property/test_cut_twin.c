/* SPDX-License-Identifier: Apache-2.0 */
/* tc_cut against a slow twin that goes by the text of paths: random objects with random granular
 * markings, each cut for random sets of hidden markings. The twin writes what is left of a value,
 * or nothing; selectors that stay must lead to what they led to before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/cut.h"

#include <stdio.h>
#include <stdlib.h>

enum { OBJECTS = 20000, MOST_PATHS = 400, PATH = 96, MARKINGS = 3, ENTRIES = 5 };

static uint64_t state = 20261122;

static uint32_t roll(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

/* ---- a random object, and all its paths ---- */

struct made {
    struct tc_buf text;
    char paths[MOST_PATHS][PATH];
    size_t n;
};

static void value(struct made *m, const char *path, unsigned depth);

static void note(struct made *m, const char *path)
{
    if (m->n < MOST_PATHS)
        (void)tc_str_copy(tc_str_cstr(path), m->paths[m->n++], PATH);
}

static void members(struct made *m, const char *path, unsigned depth, uint32_t n)
{
    char name[8], below[PATH];
    for (uint32_t i = 0; i < n; i++) {
        (void)snprintf(name, sizeof name, "p%02u", i);
        (void)snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", name);
        tc_buf_fmt(&m->text, "%s\"%s\": ", i ? ", " : "", name);
        note(m, below);
        value(m, below, depth + 1);
    }
}

static void value(struct made *m, const char *path, unsigned depth)
{
    static const char *const scalars[] = {
        "1.0", "true", "null", "\"a\\u00e9\\n\"", "12345678901234567890", "\"\""};
    uint32_t n = roll(4), kind = depth > 3 ? 2 : roll(5);
    char below[PATH];
    if (kind == 0) {
        tc_buf_cstr(&m->text, "{");
        members(m, path, depth, n);
        tc_buf_cstr(&m->text, "}");
    } else if (kind == 1) {
        tc_buf_cstr(&m->text, "[");
        for (uint32_t i = 0; i < n; i++) {
            (void)snprintf(below, sizeof below, "%s.[%u]", path, i);
            tc_buf_cstr(&m->text, i ? "," : "");
            note(m, below);
            value(m, below, depth + 1);
        }
        tc_buf_cstr(&m->text, "]");
    } else {
        tc_buf_cstr(&m->text, scalars[roll(6)]);
    }
}

struct entry {
    int marking; /* -1 = a language */
    const char *selectors[3];
    size_t n;
};

static struct tc_uuid marking(int i)
{
    struct tc_uuid u = {.b = {0xaa, (uint8_t)i}};
    return u;
}

static size_t make(struct made *m, struct entry entries[ENTRIES])
{
    size_t n = 1 + roll(ENTRIES);
    m->n = 0;
    tc_buf_clear(&m->text);
    tc_buf_cstr(&m->text, "{");
    members(m, "", 0, 1 + roll(6));
    tc_buf_cstr(&m->text, ",\"granular_markings\":[");
    for (size_t i = 0; i < n; i++) {
        char id[TC_ID_MAX];
        struct entry *e = &entries[i];
        e->marking = (int)roll(MARKINGS + 1) - 1;
        e->n = 1 + roll(3);
        struct tc_uuid u = marking(e->marking);
        tc_id_make(TC_STR("marking-definition"), &u, id);
        tc_buf_fmt(&m->text, e->marking < 0 ? "%s{\"lang\":\"en\"," : "%s{\"marking_ref\":\"%s\",",
                   i ? "," : "", id);
        tc_buf_cstr(&m->text, "\"selectors\":[");
        for (size_t k = 0; k < e->n; k++) {
            e->selectors[k] = m->paths[roll((uint32_t)m->n)];
            tc_buf_fmt(&m->text, "%s\"%s\"", k ? "," : "", e->selectors[k]);
        }
        tc_buf_cstr(&m->text, "]}");
    }
    tc_buf_cstr(&m->text, "],\"last\":0}");
    assert_int_equal(m->text.err, TC_OK);
    return n;
}

/* ---- the twin ---- */

struct twin {
    const struct entry *entries;
    size_t n;
    unsigned hidden; /* bit per marking */
};

static bool under(const char *path, const char *selector)
{
    size_t n = strlen(selector);
    return strncmp(path, selector, n) == 0 && (path[n] == '\0' || path[n] == '.');
}

static bool gone(const struct twin *t, const char *path)
{
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->entries[i].n; k++)
            if (t->entries[i].marking >= 0 && t->hidden >> t->entries[i].marking & 1 &&
                under(path, t->entries[i].selectors[k]))
                return true;
    return false;
}

/* What is left of the value at path, appended to b; false when nothing is. */
static bool left(const struct twin *t, yyjson_val *v, const char *path, struct tc_buf *b)
{
    char below[PATH];
    size_t i, n, start = b->n, written = 0;
    yyjson_val *key, *one;
    if (gone(t, path))
        return false;
    if (!yyjson_is_ctn(v)) {
        char *text = yyjson_val_write(v, 0, NULL);
        tc_buf_cstr(b, text);
        free(text);
        return true;
    }
    tc_buf_char(b, yyjson_is_arr(v) ? '[' : '{');
    yyjson_arr_foreach (v, i, n, one) {
        size_t before = b->n;
        (void)snprintf(below, sizeof below, "%s.[%zu]", path, i);
        tc_buf_cstr(b, written ? "," : "");
        if (left(t, one, below, b))
            written++;
        else
            b->n = before;
    }
    yyjson_obj_foreach (v, i, n, key, one) {
        size_t before = b->n;
        if (*path == '\0' && tc_str_is(tc_json_view(key), "granular_markings"))
            continue;
        struct tc_str name = tc_json_view(key);
        (void)snprintf(below, sizeof below, "%s%s%.*s", path, *path ? "." : "", TC_FMT(name));
        tc_buf_fmt(b, "%s\"%.*s\":", written ? "," : "", TC_FMT(name));
        if (left(t, one, below, b))
            written++;
        else
            b->n = before;
    }
    tc_buf_char(b, yyjson_is_arr(v) ? ']' : '}');
    if (!written && yyjson_get_len(v) && *path) {
        b->n = start;
        return false;
    }
    return true;
}

static yyjson_val *at(yyjson_val *v, const char *path)
{
    while (v && *path) {
        size_t n = strcspn(path, ".");
        uint64_t i = 0;
        if (*path == '[' && tc_num_u64(tc_str_view(path + 1, n - 2), UINT32_MAX, &i))
            return NULL;
        v = *path == '[' ? yyjson_arr_get(v, (size_t)i) : yyjson_obj_getn(v, path, n);
        path += n + (path[n] == '.');
    }
    return v;
}

/* ---- holding them against each other ---- */

static const struct twin nothing_hidden;

static void same_selectors(const struct twin *t, yyjson_val *was, yyjson_val *is)
{
    struct tc_buf a, b;
    yyjson_val *list = yyjson_obj_get(is, "granular_markings");
    size_t entry = 0;
    tc_buf_init(&a, 1u << 20);
    tc_buf_init(&b, 1u << 20);
    for (size_t i = 0; i < t->n; i++) {
        const struct entry *e = &t->entries[i];
        size_t kept = 0;
        yyjson_val *now = yyjson_arr_get(list, entry),
                   *selectors = yyjson_obj_get(now, "selectors");
        if (e->marking >= 0 && t->hidden >> e->marking & 1)
            continue;
        for (size_t k = 0; k < e->n; k++) {
            tc_buf_clear(&a);
            tc_buf_clear(&b);
            if (!left(t, at(was, e->selectors[k]), e->selectors[k], &a))
                continue;
            yyjson_val *to = at(is, yyjson_get_str(yyjson_arr_get(selectors, kept++)));
            assert_non_null(to);
            assert_true(left(&nothing_hidden, to, "x", &b));
            assert_true(tc_str_eq(tc_buf_view(&a), tc_buf_view(&b)));
        }
        if (!kept)
            continue;
        assert_int_equal(yyjson_arr_size(selectors), kept);
        assert_int_equal(yyjson_obj_get(now, "lang") != NULL, e->marking < 0);
        entry++;
    }
    assert_int_equal(yyjson_arr_size(list), entry);
    assert_int_equal(list != NULL, entry != 0);
    tc_buf_fini(&a);
    tc_buf_fini(&b);
}

static void without_granular(yyjson_val *root, struct tc_buf *b)
{
    tc_buf_clear(b);
    assert_true(left(&nothing_hidden, root, "", b));
}

static void test_twin(void **unused)
{
    static struct made m;
    static struct entry entries[ENTRIES];
    struct tc_buf out, again, want, got;
    size_t smaller = 0;
    (void)unused;
    const char *seed = getenv("TOCSIN_SEED");
    if (seed)
        assert_int_equal(tc_num_u64(tc_str_cstr(seed), UINT64_MAX, &state), TC_OK);
    tc_buf_init(&m.text, 1u << 20);
    tc_buf_init(&out, 1u << 20);
    tc_buf_init(&again, 1u << 20);
    tc_buf_init(&want, 1u << 20);
    tc_buf_init(&got, 1u << 20);
    for (int i = 0; i < OBJECTS; i++) {
        struct tc_uuid hidden[MARKINGS];
        size_t n_hidden = 0;
        struct twin t = {
            .entries = entries, .n = make(&m, entries), .hidden = roll(1u << MARKINGS)};
        struct tc_json was, is;
        for (int k = 0; k < MARKINGS; k++)
            if (t.hidden >> k & 1)
                hidden[n_hidden++] = marking(k);
        tc_buf_clear(&out);
        tc_buf_clear(&again);
        assert_int_equal(tc_cut_without(tc_buf_view(&m.text), hidden, n_hidden, &out), TC_OK);
        assert_int_equal(tc_cut_without(tc_buf_view(&m.text), hidden, n_hidden, &again), TC_OK);
        assert_true(tc_str_eq(tc_buf_view(&out), tc_buf_view(&again)));
        assert_int_equal(
            tc_json_read(tc_buf_view(&m.text), 1u << 20, TC_JSON_RAW_NUMBERS, &was, NULL), TC_OK);
        assert_int_equal(tc_json_read(tc_buf_view(&out), 1u << 20, TC_JSON_RAW_NUMBERS, &is, NULL),
                         TC_OK);
        tc_buf_clear(&want);
        assert_true(left(&t, was.root, "", &want));
        without_granular(is.root, &got);
        if (!tc_str_eq(tc_buf_view(&want), tc_buf_view(&got))) {
            print_error("object %d, hidden %u:\n%s\ncut:\n%s\ntwin:\n%s\n", i, t.hidden,
                        tc_buf_z(&m.text), tc_buf_z(&out), tc_buf_z(&want));
            fail();
        }
        same_selectors(&t, was.root, is.root);
        smaller += out.n + 20 < m.text.n;
        tc_json_fini(&was);
        tc_json_fini(&is);
    }
    assert_in_range(smaller, OBJECTS / 3, OBJECTS);
    tc_buf_fini(&m.text);
    tc_buf_fini(&out);
    tc_buf_fini(&again);
    tc_buf_fini(&want);
    tc_buf_fini(&got);
}

/* By principal: a marking that the audience does not know hides, and so does every one from
 * everybody together. */
static void test_by_principal(void **unused)
{
    static const uint32_t forum[] = {7};
    const struct tc_field field = {
        .marking = {0xaa, 1}, .level = {.tlp = TC_TLP_AMBER, .creator_org = 3, .community = 7}};
    const struct tc_audience a = {
        .tlp = TC_TLP_CLEAR, .creator_org = 3, .fields = &field, .n_fields = 1};
    const struct tc_principal member = {.org = 4, .communities = {forum, 1}}, other = {.org = 5};
    static const char object[] =
        "{\"a\":1,\"b\":2,\"c\":3,\"granular_markings\":["
        "{\"marking_ref\":\"marking-definition--aa010000-0000-0000-0000-000000000000\","
        "\"selectors\":[\"b\"]},"
        "{\"marking_ref\":\"marking-definition--aa020000-0000-0000-0000-000000000000\","
        "\"selectors\":[\"c\"]}]}";
    struct tc_buf b;
    (void)unused;
    tc_buf_init(&b, 1000);
    assert_int_equal(tc_cut(TC_STR(object), &member, &a, &b), TC_OK);
    assert_string_equal(tc_buf_z(&b),
                        "{\"a\":1,\"b\":2,\"granular_markings\":[{\"selectors\":[\"b\"],"
                        "\"marking_ref\":"
                        "\"marking-definition--aa010000-0000-0000-0000-000000000000\"}]}");
    tc_buf_clear(&b);
    assert_int_equal(tc_cut(TC_STR(object), &other, &a, &b), TC_OK);
    assert_string_equal(tc_buf_z(&b), "{\"a\":1}");
    tc_buf_clear(&b);
    assert_int_equal(tc_cut(TC_STR(object), NULL, &a, &b), TC_OK);
    assert_string_equal(tc_buf_z(&b), "{\"a\":1}");
    tc_buf_clear(&b);
    assert_int_equal(tc_cut(TC_STR("[1]"), &other, &a, &b), TC_E_CORRUPT);
    assert_int_equal(tc_cut(TC_STR("{\"granular_markings\":[{\"marking_ref\":\"x--1\","
                                   "\"selectors\":[\"nowhere\"]}]}"),
                            &other, &a, &b),
                     TC_E_CORRUPT);
    tc_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_twin),
                                       cmocka_unit_test(test_by_principal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "warn/words.h"

#include "base/map.h"
#include "codec/json.h"

#include <pthread.h>
#include <stdlib.h>

#define MAX_FILE (256u << 10)
#define MAX_KEYS 4096u

/* Written by the build from packs/critical-entities/words/: text after text, English first. */
extern const struct tc_str tc_words_files[];

struct tc_words {
    struct tc_json json;
    struct tc_str language;
    struct tc_map *keys; /* key -> pointer to its yyjson string */
};

void tc_words_free(struct tc_words *w)
{
    if (!w)
        return;
    tc_map_free(w->keys);
    tc_json_fini(&w->json);
    free(w);
}

static tc_err read_keys(struct tc_words *w, struct tc_diag *d)
{
    yyjson_val *words = tc_json_get(w->json.root, "words");
    if (!tc_json_str(w->json.root, "language", &w->language) || !yyjson_is_obj(words))
        return tc_diag_set(d, TC_E_INVALID, "a words file has \"language\" and \"words\"");
    size_t i, n;
    yyjson_val *key, *value;
    yyjson_obj_foreach (words, i, n, key, value) {
        if (!yyjson_is_str(value)) {
            tc_diag_path(d, yyjson_get_str(key), yyjson_get_len(key));
            return tc_diag_set(d, TC_E_INVALID, "a sentence must be text");
        }
        tc_err e = tc_map_put(w->keys, tc_json_view(key), (uint64_t)(uintptr_t)value);
        if (e)
            return tc_diag_set(d, e, "too many sentences");
    }
    return TC_OK;
}

tc_err tc_words_parse(struct tc_str text, struct tc_words **out, struct tc_diag *d)
{
    struct tc_words *w = calloc(1, sizeof *w);
    if (!w)
        return TC_E_NOMEM;
    tc_err e = TC_E_NOMEM;
    w->keys = tc_map_new(MAX_KEYS);
    if (w->keys)
        e = tc_json_read(text, MAX_FILE, 0, &w->json, d);
    if (!e)
        e = read_keys(w, d);
    if (e) {
        tc_words_free(w);
        return e;
    }
    *out = w;
    return TC_OK;
}

#define MAX_BUILTIN 64
static struct tc_words *builtin[MAX_BUILTIN];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A built-in file that does not parse is left out; a test says so. */
static void load_builtin(void)
{
    size_t at = 0;
    for (size_t i = 0; tc_words_files[i].p && at < MAX_BUILTIN - 1; i++)
        if (tc_words_parse(tc_words_files[i], &builtin[at], NULL) == TC_OK)
            at++;
}

const struct tc_words *tc_words_builtin(size_t i)
{
    (void)pthread_once(&once, load_builtin);
    return i < MAX_BUILTIN ? builtin[i] : NULL;
}

struct tc_str tc_words_language(const struct tc_words *w)
{
    return w->language;
}

bool tc_words_serves(const struct tc_words *w, struct tc_str country)
{
    yyjson_val *list = tc_json_get(w->json.root, "countries"), *c;
    size_t i, n;
    if (yyjson_is_arr(list))
        yyjson_arr_foreach (list, i, n, c)
            if (tc_str_eq(tc_json_view(c), country))
                return true;
    return false;
}

size_t tc_words_count(const struct tc_words *w)
{
    return tc_map_count(w->keys);
}

struct tc_str tc_words_get(const struct tc_words *w, struct tc_str key)
{
    uint64_t v = 0;
    if (tc_map_get(w->keys, key, &v))
        return tc_json_view((yyjson_val *)(uintptr_t)v);
    const struct tc_words *english = tc_words_builtin(0);
    if (english && english != w && tc_map_get(english->keys, key, &v))
        return tc_json_view((yyjson_val *)(uintptr_t)v);
    return (struct tc_str){NULL, 0};
}

struct tc_str tc_words_code(const struct tc_words *w, const char *prefix, struct tc_str code)
{
    struct tc_buf key;
    tc_buf_init(&key, 256);
    tc_buf_cstr(&key, prefix);
    tc_buf_str(&key, code);
    struct tc_str found = {NULL, 0};
    if (!key.err)
        found = tc_words_get(w, tc_buf_view(&key));
    if (!found.n) {
        tc_buf_clear(&key);
        tc_buf_cstr(&key, prefix);
        tc_buf_cstr(&key, "other");
        found = tc_words_get(w, tc_buf_view(&key));
    }
    tc_buf_fini(&key);
    return found;
}

static void fill_one(struct tc_str name, const struct tc_word *values, size_t n, struct tc_buf *out)
{
    for (size_t i = 0; i < n; i++)
        if (tc_str_is(name, values[i].name))
            tc_buf_str(out, values[i].value);
}

void tc_words_fill(const struct tc_words *w, const char *key, const struct tc_word *values,
                   size_t n, struct tc_buf *out)
{
    struct tc_str s = tc_words_get(w, tc_str_cstr(key));
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '{')
            continue;
        const char *end = memchr(s.p + i, '}', s.n - i);
        if (!end)
            break;
        tc_buf_add(out, s.p + from, i - from);
        size_t close = (size_t)(end - s.p);
        fill_one(tc_str_view(s.p + i + 1, close - i - 1), values, n, out);
        i = close;
        from = close + 1;
    }
    tc_buf_add(out, s.p ? s.p + from : "", s.n - from);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns and observations: lines of patterns, a line "----", JSON. What parses is compiled into
 * one set and the first of it explained, the JSON is fed twice, and everything is taken out again;
 * then nothing may be left. */
#include "target.h"

#include "codec/json.h"
#include "pattern/explain.h"
#include "pattern/parse.h"
#include "pattern/set.h"

#include <assert.h>
#include <stdio.h>

static tc_err look(void *arg, const struct tc_set_match *m)
{
    (void)arg;
    assert(m->pattern.n > 0 && m->n > 0);
    fuzz_tell(m->pattern.p, m->pattern.n);
    return TC_OK;
}

static void add_lines(struct tc_set *s, struct tc_str text)
{
    unsigned line = 0;
    for (size_t at = 0; at < text.n && line < 200; line++) {
        const char *p = text.p + at, *nl = memchr(p, '\n', text.n - at);
        struct tc_str one = {p, nl ? (size_t)(nl - p) : text.n - at};
        struct tc_diag d;
        struct tc_buf b;
        char id[16];
        tc_diag_init(&d);
        (void)snprintf(id, sizeof id, "%u", line);
        if (fuzz_err(tc_set_add(s, tc_str_cstr(id), one, NULL, &d))) {
            HOLDS(d.message[0]);
            tc_buf_init(&b, 4096);
            tc_pattern_caret(one, &d, &b);
            tc_buf_fini(&b);
        }
        at += one.n + 1;
    }
}

static void explain(struct tc_str text)
{
    struct tc_arena *a = tc_arena_new((size_t)64 << 20);
    const char *nl = text.n ? memchr(text.p, '\n', text.n) : NULL;
    struct tc_explained x;
    struct tc_diag d;
    struct tc_buf b;
    tc_diag_init(&d);
    tc_buf_init(&b, 1 << 20);
    if (fuzz_have(a != NULL) &&
        !fuzz_err(tc_pattern_explain(nl ? tc_str_view(text.p, (size_t)(nl - text.p)) : text, a, &x,
                                     &d))) {
        tc_explained_say(&x, "", &b);
        HOLDS(x.n_observes && x.n_types && x.needs);
        (void)fuzz_err(b.err);
        fuzz_tell(b.p, b.n);
    }
    tc_buf_fini(&b);
    tc_arena_free(a);
}

static void feed(struct tc_set *s, struct tc_str text)
{
    struct tc_json j = {0};
    struct tc_observations *r = tc_observations_new();
    const struct tc_observation *v;
    size_t n;
    if (fuzz_have(r != NULL) &&
        !fuzz_err(tc_json_read(text, 1 << 20, TC_JSON_REPEATS_OK, &j, NULL)) &&
        !fuzz_err(tc_observations_read(r, j.root, &v, &n, NULL)))
        for (int turn = 0; turn < 2; turn++)
            if (fuzz_err(tc_set_feed(s, v, n, look, NULL)))
                break; /* out of memory */
    tc_observations_free(r);
    tc_json_fini(&j);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct tc_str s = tc_str_view((const char *)data, size);
    size_t cut = tc_str_find(s, TC_STR("----\n"));
    struct tc_set *set = tc_set_new(NULL);
    uint32_t handle;
    if (!fuzz_have(set != NULL))
        return 0;
    add_lines(set, tc_str_view(s.p, cut == SIZE_MAX ? s.n : cut));
    explain(tc_str_view(s.p, cut == SIZE_MAX ? s.n : cut));
    if (cut != SIZE_MAX)
        feed(set, tc_str_view(s.p + cut + 5, s.n - cut - 5));
    for (unsigned line = 0; line < 200; line++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%u", line);
        if (tc_set_find(set, tc_str_cstr(id), &handle))
            tc_set_remove(set, handle);
    }
    HOLDS(tc_set_counts(set).patterns == 0 && tc_set_counts(set).residual == 0);
    tc_set_free(set);
    return 0;
}

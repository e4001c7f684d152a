/* SPDX-License-Identifier: Apache-2.0 */
/* The public face of the engine: C strings and numbers instead of the types of base. */
#include "tocsin/pattern.h"

#include "base/limits.h"
#include "codec/json.h"
#include "pattern/set.h"

#include <stdlib.h>

struct tc_patterns {
    struct tc_set *set;
    struct tc_observations *reader;
    struct tc_json_reader *json;
    struct tc_buf text; /* ids of a match, each with its NUL */
    const char **ids;   /* into text */
    size_t ids_cap;
    tc_pattern_told told; /* of the call that is running */
    void *arg;
    bool stopped;
    const char *value; /* of "per", into text */
};

TC_API tc_patterns *tc_patterns_new(void)
{
    tc_patterns *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    tc_buf_init(&p->text, (size_t)1 << 30);
    p->set = tc_set_new(NULL);
    p->reader = tc_observations_new();
    p->json = tc_json_reader_new();
    if (p->set && p->reader && p->json)
        return p;
    tc_patterns_free(p);
    return NULL;
}

TC_API void tc_patterns_free(tc_patterns *p)
{
    if (!p)
        return;
    tc_set_free(p->set);
    tc_observations_free(p->reader);
    tc_json_reader_free(p->json);
    tc_buf_fini(&p->text);
    free(p->ids);
    free(p);
}

static int say(tc_err e, const struct tc_diag *d, char *why, size_t size)
{
    if (e && why && size)
        tc_diag_format(d, why, size);
    switch (e) {
    case TC_OK:
        return TC_PATTERN_OK;
    case TC_E_SYNTAX:
        return TC_PATTERN_SYNTAX;
    case TC_E_INVALID:
        return TC_PATTERN_INVALID;
    case TC_E_CONFLICT:
        return TC_PATTERN_CONFLICT;
    case TC_E_NOMEM:
        return TC_PATTERN_NOMEM;
    default:
        return TC_PATTERN_LIMIT;
    }
}

TC_API int tc_pattern_compile(tc_patterns *p, const char *id, const char *pattern, char *why,
                              size_t why_size)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_set_add(p->set, tc_str_cstr(id), tc_str_cstr(pattern), NULL, &d);
    return say(e, &d, why, why_size);
}

TC_API int tc_pattern_compile_per(tc_patterns *p, const char *id, const char *pattern,
                                  const char *per, char *why, size_t why_size)
{
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e =
        tc_set_add_per(p->set, tc_str_cstr(id), tc_str_cstr(pattern), tc_str_cstr(per), NULL, &d);
    return say(e, &d, why, why_size);
}

TC_API const char *tc_pattern_value(const tc_patterns *p)
{
    return p->value;
}

TC_API int tc_pattern_remove(tc_patterns *p, const char *id)
{
    uint32_t handle;
    if (!tc_set_find(p->set, tc_str_cstr(id), &handle))
        return 0;
    tc_set_remove(p->set, handle);
    return 1;
}

static tc_err tell(void *arg, const struct tc_set_match *m)
{
    tc_patterns *p = arg;
    if (m->n > p->ids_cap) {
        const char **v = realloc(p->ids, m->n * sizeof(const char *));
        if (!v)
            return TC_E_NOMEM;
        p->ids = v;
        p->ids_cap = m->n;
    }
    tc_buf_clear(&p->text);
    tc_buf_str(&p->text, m->pattern);
    tc_buf_char(&p->text, '\0');
    for (size_t i = 0; i < m->n; i++) {
        tc_buf_str(&p->text, m->observations[i]);
        tc_buf_char(&p->text, '\0');
    }
    size_t value = p->text.n;
    tc_buf_str(&p->text, m->per);
    tc_buf_char(&p->text, '\0');
    if (p->text.err)
        return p->text.err;
    p->value = m->parted ? p->text.p + value : NULL;
    const char *at = p->text.p + m->pattern.n + 1; /* the buffer grows no more */
    for (size_t i = 0; i < m->n; at += m->observations[i++].n + 1)
        p->ids[i] = at;
    p->stopped = p->told(p->arg, p->text.p, p->ids, m->n) != 0;
    p->value = NULL;
    return p->stopped ? TC_E_USAGE : TC_OK; /* any error stops the feeding */
}

TC_API int tc_pattern_feed(tc_patterns *p, const char *json, size_t length, tc_pattern_told told,
                           void *arg, char *why, size_t why_size)
{
    struct tc_diag d;
    yyjson_val *root = NULL;
    const struct tc_observation *v = NULL;
    size_t n = 0;
    tc_diag_init(&d);
    tc_err e = tc_json_reader_read(p->json, tc_str_view(json, length), TC_MAX_BODY, 0, &root, &d);
    if (!e)
        e = tc_observations_read(p->reader, root, &v, &n, &d);
    if (e)
        return say(e, &d, why, why_size);
    p->told = told;
    p->arg = arg;
    p->stopped = false;
    e = tc_set_feed(p->set, v, n, tell, p);
    if (p->stopped)
        return TC_PATTERN_STOPPED;
    if (e)
        (void)tc_diag_set(&d, e, "%s", tc_err_text(e));
    return say(e, &d, why, why_size);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/trial.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "pattern/set.h"

#include <stdlib.h>

#define BEGIN      (INT64_C(1767225600) * TC_SECOND) /* 2026-01-01 */
#define MAX_NESTED 32u                               /* objects in the place of references */

struct trial {
    const struct tc_pack_rule *rule;
    struct tc_set *set;
    struct tc_observations *reader;
    tc_time now;
    unsigned number; /* of the next observation */
    size_t matches;
    yyjson_val *nested[MAX_NESTED];
    unsigned n_nested;
    struct tc_buf text;
    struct tc_diag *d;
};

/* ---- an observed-data of one line ---- */

static tc_err wrong(struct trial *t, tc_err e, const char *says)
{
    return tc_diag_set(t->d, e, "%s", says);
}

static bool refers(struct tc_str name, bool many)
{
    return tc_str_ends(name, many ? TC_STR("_refs") : TC_STR("_ref"));
}

static void put_value(struct trial *t, struct tc_jsonw *w, struct tc_str name, yyjson_val *v)
{
    size_t n = 0, i, m;
    yyjson_val *one;
    char key[16];
    if (refers(name, true) && yyjson_is_arr(v)) {
        tc_jsonw_array(w);
        yyjson_arr_foreach (v, i, m, one)
            put_value(t, w, TC_STR("_ref"), one);
        tc_jsonw_array_end(w);
    } else if (refers(name, false) && yyjson_is_obj(v) && t->n_nested < MAX_NESTED) {
        t->nested[t->n_nested++] = v;
        (void)snprintf(key, sizeof key, "%u", t->n_nested - 1);
        tc_jsonw_cstr(w, key);
    } else {
        char *text = yyjson_val_write(v, 0, &n);
        tc_jsonw_raw(w, text ? tc_str_view(text, n) : TC_STR("null"));
        if (!text)
            t->text.err = TC_E_NOMEM;
        free(text);
    }
}

/* References in lists inside of objects (body_multipart[*].body_raw_ref) are found, too. */
static void put_object(struct trial *t, struct tc_jsonw *w, yyjson_val *o, unsigned depth)
{
    size_t i, n, k, m;
    yyjson_val *key, *v, *one;
    tc_jsonw_object(w);
    yyjson_obj_foreach (o, i, n, key, v) {
        struct tc_str name = tc_json_view(key);
        bool plain = depth > 8 || refers(name, false) || refers(name, true);
        tc_jsonw_namen(w, name);
        if (!plain && yyjson_is_obj(v)) {
            put_object(t, w, v, depth + 1);
        } else if (!plain && yyjson_is_obj(yyjson_arr_get_first(v))) {
            tc_jsonw_array(w);
            yyjson_arr_foreach (v, k, m, one)
                if (yyjson_is_obj(one))
                    put_object(t, w, one, depth + 1);
                else
                    put_value(t, w, TC_STR(""), one);
            tc_jsonw_array_end(w);
        } else {
            put_value(t, w, name, v);
        }
    }
    tc_jsonw_object_end(w);
}

static void put_observed(struct trial *t, yyjson_val *object)
{
    char key[16], z[TC_TIME_SIZE];
    tc_time_format(t->now, 6, z);
    tc_buf_clear(&t->text);
    struct tc_jsonw w = tc_jsonw_into(&t->text);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "observed-data");
    (void)snprintf(key, sizeof key, "%u", t->number++);
    tc_jsonw_kcstr(&w, "id", key);
    tc_jsonw_kcstr(&w, "first_observed", z);
    tc_jsonw_kcstr(&w, "last_observed", z);
    tc_jsonw_name(&w, "objects");
    tc_jsonw_object(&w);
    t->nested[0] = object;
    t->n_nested = 1;
    for (unsigned i = 0; i < t->n_nested; i++) {
        (void)snprintf(key, sizeof key, "%u", i);
        tc_jsonw_name(&w, key);
        put_object(t, &w, t->nested[i], 0);
    }
    tc_jsonw_object_end(&w);
    tc_jsonw_object_end(&w);
}

static tc_err count(void *arg, const struct tc_set_match *m)
{
    size_t *n = arg;
    (void)m;
    ++*n;
    return TC_OK;
}

static tc_err feed(struct trial *t, yyjson_val *object)
{
    const struct tc_observation *v = NULL;
    struct tc_json j = {0};
    size_t n = 0;
    put_observed(t, object);
    if (t->text.err)
        return wrong(t, t->text.err, "the observation is too large");
    tc_err e = tc_json_read(tc_buf_view(&t->text), TC_MAX_OBJECT, 0, &j, t->d);
    e = e ? e : tc_observations_read(t->reader, j.root, &v, &n, t->d);
    e = e ? e : tc_set_feed(t->set, v, n, count, &t->matches);
    tc_json_fini(&j);
    return e;
}

/* ---- lines ---- */

static struct tc_str word(struct tc_str *rest)
{
    size_t i = 0;
    *rest = tc_str_trim(*rest);
    while (i < rest->n && rest->p[i] != ' ')
        i++;
    struct tc_str w = tc_str_view(rest->p, i);
    *rest = tc_str_trim(tc_str_view(rest->p + i, rest->n - i));
    return w;
}

static tc_err see_line(struct trial *t, struct tc_str line)
{
    uint64_t times = 1;
    int64_t apart = 0;
    struct tc_json j = {0};
    struct tc_str rest = line;
    struct tc_diag own;
    if (line.p[0] >= '0' && line.p[0] <= '9' &&
        (tc_num_u64(word(&rest), TC_TRIAL_MAX, &times) || !tc_str_is(word(&rest), "x")))
        return wrong(t, TC_E_SYNTAX, "how often is said like \"12 x\", at most 10000 in a block");
    if (rest.n && rest.p[0] == '+') {
        struct tc_str w = word(&rest);
        if (tc_duration_parse(tc_str_view(w.p + 1, w.n - 1), TC_MAX_DURATION, &apart))
            return wrong(t, TC_E_SYNTAX, "how much later is said like \"+PT30S\"");
    }
    if (!rest.n || rest.p[0] != '{')
        return wrong(t, TC_E_SYNTAX,
                     "an observation is [COUNT x] [+DURATION] and an object as JSON, on one line");
    tc_diag_init(&own);
    tc_err e = tc_json_read(rest, TC_MAX_PACK_FILE, 0, &j, &own);
    if (e)
        return wrong(t, e, own.message);
    if (times > TC_TRIAL_MAX - t->number)
        e = wrong(t, TC_E_LIMIT, "a block has at most 10000 observations");
    for (; !e && times; times--) {
        t->now += apart * TC_SECOND;
        e = feed(t, j.root);
    }
    tc_json_fini(&j);
    return e;
}

static tc_err see_block(struct trial *t, const struct tc_pack_trial *b, unsigned *line)
{
    struct tc_cursor c = tc_cursor_over(b->text);
    struct tc_str l;
    bool any = false;
    tc_err e = TC_OK;
    t->now = BEGIN;
    t->number = 0;
    t->matches = 0;
    for (*line = b->line; !e && tc_cursor_line(&c, &l); *line += !e) {
        l = tc_str_trim(l);
        if (!l.n || l.p[0] == '#' || (*line == b->line && l.p[0] == '"'))
            continue; /* on the first line: the label */
        e = see_line(t, l);
        any = true;
    }
    if (!e && !any) {
        *line = b->line;
        e = wrong(t, TC_E_INVALID, "the block holds no observation");
    }
    return e;
}

/* ---- rules ---- */

static tc_err try_block(struct trial *t, const struct tc_pack_trial *b)
{
    const struct tc_rule *r = &t->rule->rule;
    unsigned line = t->rule->line;
    t->set = tc_set_new(NULL);
    t->reader = tc_observations_new();
    tc_err e = t->set && t->reader ? tc_set_add_per(t->set, r->id, r->pattern, r->per, NULL, t->d)
                                   : tc_diag_set(t->d, TC_E_NOMEM, "out of memory");
    if (!e)
        e = see_block(t, b, &line);
    if (!e && b->match != (t->matches > 0)) {
        line = b->line;
        e = wrong(t, TC_E_INVALID,
                  b->match ? "the rule must match these observations, and does not"
                           : "the rule must not match these observations, and does");
    }
    tc_diag_at(t->d, line, 0, UINT64_MAX);
    tc_set_free(t->set);
    tc_observations_free(t->reader);
    return e;
}

tc_err tc_pack_try(const struct tc_pack_rules *r, tc_pack_tell tell, void *arg, size_t *trials,
                   struct tc_diag *d)
{
    struct trial t = {0};
    struct tc_diag own;
    tc_err first = TC_OK;
    size_t n = 0;
    tc_buf_init(&t.text, TC_MAX_OBJECT);
    t.d = &own;
    for (size_t i = 0; i < r->n; i++) {
        t.rule = &r->v[i];
        for (size_t k = 0; k < t.rule->n_trials; k++, n++) {
            tc_diag_init(&own);
            tc_err e = try_block(&t, &t.rule->trials[k]);
            if (!e)
                continue;
            tc_diag_file(&own, t.rule->file);
            tc_diag_object(&own, t.rule->word.p, t.rule->word.n);
            if (!first && d)
                *d = own;
            first = first ? first : e;
            if (tell)
                tell(arg, &own);
        }
    }
    tc_buf_fini(&t.text);
    if (trials)
        *trials = n;
    return first;
}

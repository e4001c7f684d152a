/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin/check.h: the checker and the packs that are built in, behind names that do not change. */
#include "tocsin/check.h"

#include "base/limits.h"
#include "codec/json.h"
#include "model/check_tree.h"
#include "pack/pack.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct tc_checker {
    struct tc_types *types;
};

struct telling {
    tc_checker_tell *tell;
    void *arg;
};

TC_API tc_checker *tc_checker_new(void)
{
    struct tc_diag d;
    struct tc_checker *c = calloc(1, sizeof *c);
    tc_diag_init(&d);
    if (c && tc_pack_load(NULL, 0, NULL, NULL, &c->types, &d)) {
        free(c);
        return NULL;
    }
    return c;
}

TC_API void tc_checker_free(tc_checker *c)
{
    if (c)
        tc_types_free(c->types);
    free(c);
}

static tc_err tell_all(void *arg, yyjson_val *object, const struct tc_check_report *r)
{
    static const enum tc_checker_level level[] = {[TC_LEVEL_NOTE] = TC_CHECKER_NOTE,
                                                  [TC_LEVEL_SHOULD] = TC_CHECKER_SHOULD,
                                                  [TC_LEVEL_MUST] = TC_CHECKER_MUST};
    const struct telling *t = arg;
    const char *id = yyjson_get_str(tc_json_get(object, "id"));
    for (uint32_t i = 0; t->tell && i < r->n; i++) {
        const struct tc_check_finding *f = &r->findings[i];
        const struct tc_checker_problem p = {.level = level[f->level],
                                             .object = id ? id : "",
                                             .path = f->path,
                                             .rule = f->rule,
                                             .says = f->says};
        t->tell(t->arg, &p);
    }
    return TC_OK;
}

TC_API long tc_checker_text(const tc_checker *c, const char *json, size_t length,
                            tc_checker_tell *tell, void *arg, char *error, size_t size)
{
    const struct tc_check_options options = {.shoulds = true};
    struct telling t = {tell, arg};
    const struct tc_check_tree tree = {
        .types = c->types, .options = &options, .each = tell_all, .arg = &t};
    struct tc_check_totals totals = {0};
    struct tc_json j = {NULL, NULL};
    struct tc_diag d;
    tc_diag_init(&d);
    tc_err e = tc_json_read(tc_str_view(json, length), TC_MAX_BODY, 0, &j, &d);
    if (!e)
        e = tc_check_tree_run(&tree, j.root, &totals);
    if (e && !d.code)
        (void)tc_diag_set(&d, e, "%s", tc_err_text(e));
    tc_json_fini(&j);
    if (e && size)
        tc_diag_format(&d, error, size);
    return e ? -1 : totals.musts > LONG_MAX ? LONG_MAX : (long)totals.musts;
}

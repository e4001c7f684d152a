/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/ruletrial.h"

#include "base/limits.h"
#include "codec/json.h"
#include "pack/trial.h"

#include <stdio.h>
#include <stdlib.h>

static tc_err wrong(struct tc_diag *d, const char *path, tc_err e, const char *says)
{
    tc_diag_path(d, path, strlen(path));
    return tc_diag_set(d, e, "%s", says);
}

/* A block in lines. */
static tc_err text_of(yyjson_val *block, struct tc_arena *a, struct tc_str *out)
{
    struct tc_buf b;
    size_t i, n, size;
    yyjson_val *line;
    if (yyjson_is_str(block)) {
        *out = tc_json_view(block);
        return TC_OK;
    }
    tc_buf_init(&b, TC_MAX_PACK_FILE);
    yyjson_arr_foreach (block, i, n, line) {
        char *text = yyjson_is_obj(line) ? yyjson_val_write(line, 0, &size) : NULL;
        if (text)
            tc_buf_str(&b, tc_str_view(text, size));
        else if (yyjson_is_str(line))
            tc_buf_str(&b, tc_json_view(line));
        else
            b.err = b.err ? b.err : TC_E_SYNTAX;
        tc_buf_char(&b, '\n');
        free(text);
    }
    tc_err e = b.err ? b.err : yyjson_is_arr(block) ? TC_OK : TC_E_SYNTAX;
    if (!e) {
        *out = tc_arena_dup(a, tc_buf_view(&b));
        e = out->p || !b.n ? TC_OK : TC_E_NOMEM;
    }
    tc_buf_fini(&b);
    return e;
}

static tc_err try_block(yyjson_val *block, bool match, const char *path, const struct tc_rule *r,
                        struct tc_arena *a, struct tc_diag *d)
{
    struct tc_pack_trial trial = {.match = match, .line = 1, .text = {"", 0}};
    struct tc_pack_rule rule = {.rule = *r, .word = r->name, .trials = &trial, .n_trials = 1};
    struct tc_pack_rules rules = {NULL, &rule, 1};
    struct tc_diag own;
    tc_diag_init(&own);
    rule.rule.id = TC_STR("new");
    rule.file = "";
    tc_err e = text_of(block, a, &trial.text);
    if (e)
        return wrong(
            d, path, e,
            "a block is a text with an observation on each line, or a list of observations");
    e = tc_pack_try(&rules, NULL, NULL, NULL, &own);
    return e ? wrong(d, path, e, own.message) : TC_OK;
}

static tc_err try_blocks(yyjson_val *form, const char *name, const struct tc_rule *r,
                         struct tc_arena *a, struct tc_diag *d)
{
    yyjson_val *blocks = tc_json_get(form, name), *block;
    size_t i, n;
    char path[32];
    tc_err e = TC_OK;
    if (!blocks)
        return TC_OK;
    if (!yyjson_is_arr(blocks) || yyjson_arr_size(blocks) > TC_RULE_TRIALS)
        return wrong(d, name, TC_E_INVALID, "must be a list of at most 20 blocks of observations");
    yyjson_arr_foreach (blocks, i, n, block) {
        (void)snprintf(path, sizeof path, "%s[%zu]", name, i);
        e = e ? e : try_block(block, name[0] == 'm', path, r, a, d);
    }
    return e;
}

tc_err tc_rule_try(yyjson_val *form, const struct tc_rule *r, struct tc_arena *a, struct tc_diag *d)
{
    tc_err e = try_blocks(form, "match", r, a, d);
    return e ? e : try_blocks(form, "quiet", r, a, d);
}

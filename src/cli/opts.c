/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opts.h"

#include "base/num.h"
#include "cli/help.h"
#include "node/fieldkey.h"

#include <stdlib.h>

struct run {
    const char *command;
    const struct tc_opt *opts;
    char **argv;
    int argc, at; /* at: the next word to read */
};

enum { GO_ON = -1 };

static bool is_option(const char *word)
{
    return strncmp(word, "--", 2) == 0;
}

static int unknown(const struct run *r, struct tc_str name)
{
    const char *names[64] = {"help"};
    size_t n = 1;
    for (const struct tc_opt *o = r->opts; o->name && n < 63; o++)
        names[n++] = o->name;
    char word[64];
    (void)tc_str_copy(name, word, sizeof word);
    const char *near = tc_cli_nearest(word, names);
    return near ? tc_cli_usage(r->command, "no option '--%s' (did you mean --%s?)", word, near)
                : tc_cli_usage(r->command, "no option '--%s'", word);
}

/* "72h": the form people type; everything else is ISO 8601 */
static tc_err duration(struct tc_str s, int64_t max, int64_t *out)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    for (size_t i = 0; s.n > 1 && i < sizeof units / sizeof *units; i++) {
        if (s.p[s.n - 1] != units[i].unit)
            continue;
        int64_t v;
        tc_err e = tc_num_i64(tc_str_view(s.p, s.n - 1), 0, max / units[i].seconds, &v);
        if (!e)
            *out = v * units[i].seconds;
        return e;
    }
    return tc_duration_parse(s, max, out);
}

static int convert(const struct run *r, const struct tc_opt *o, const char *value)
{
    struct tc_str s = tc_str_cstr(value);
    const char *wants = "a number";
    tc_err e;
    switch (o->kind) {
    case TC_OPT_KIND_TEXT:
        *(const char **)o->to = value;
        return GO_ON;
    case TC_OPT_KIND_DURATION:
        wants = "a duration such as 72h or PT8H";
        e = duration(s, o->max > INT64_MAX ? INT64_MAX : (int64_t)o->max, o->to);
        break;
    case TC_OPT_KIND_TIME:
        wants = "a time such as 2026-11-21T20:15:00Z";
        e = tc_time_parse_offset(s, o->to);
        break;
    default: {
        uint64_t v;
        e = tc_num_u64(s, o->max, &v);
        if (!e && v < o->min)
            e = TC_E_LIMIT;
        if (!e)
            *(uint64_t *)o->to = v;
    }
    }
    if (!e)
        return GO_ON;
    if (e == TC_E_LIMIT && o->kind == TC_OPT_KIND_U64)
        return tc_cli_usage(r->command, "--%s must be %llu to %llu, not '%s'", o->name,
                            (unsigned long long)o->min, (unsigned long long)o->max, value);
    return tc_cli_usage(r->command, "--%s must be %s%s, not '%s'", o->name, wants,
                        e == TC_E_LIMIT ? " within its limit" : "", value);
}

static bool keep(const struct run *r, struct tc_opt_list *l, const char *value)
{
    /* argc bounds what all uses of the option can give together */
    if (!l->v)
        l->v = calloc((size_t)r->argc, sizeof *l->v);
    if (l->v)
        l->v[l->n++] = value;
    return l->v != NULL;
}

static int list(struct run *r, const struct tc_opt *o, const char *inline_value)
{
    uint64_t n = 0;
    const char *value = inline_value;
    for (; n < o->max; n++) {
        if (!inline_value) {
            if (r->at == r->argc || is_option(r->argv[r->at]))
                break;
            value = r->argv[r->at++];
        } else if (n == 1) {
            break;
        }
        if (!keep(r, o->to, value))
            return tc_err_exit(TC_E_NOMEM);
    }
    if (n < o->min)
        return tc_cli_usage(r->command, "--%s needs %llu value%s", o->name,
                            (unsigned long long)o->min, o->min == 1 ? "" : "s");
    return GO_ON;
}

const char *tc_cli_reason;

static int option(struct run *r, const char *word)
{
    struct tc_str name = tc_str_cstr(word + 2);
    size_t eq = tc_str_find(name, TC_STR("="));
    const char *value = NULL;
    if (eq != SIZE_MAX) {
        value = name.p + eq + 1;
        name.n = eq;
    }
    if (tc_str_is(name, "help") && !value)
        return tc_cli_help(r->command);
    const char *field_key = NULL; /* of every command: it may have to open a node */
    const struct tc_opt key = TC_OPT_TEXT("field-key", &field_key);
    const struct tc_opt *o = tc_str_is(name, key.name) ? &key : r->opts;
    while (o->name && !tc_str_is(name, o->name))
        o++;
    bool reason = !o->name && tc_str_is(name, "reason"); /* of every command that asks a node */
    const struct tc_opt of_all = TC_OPT_TEXT("reason", &tc_cli_reason);
    if (reason)
        o = &of_all;
    if (!o->name)
        return unknown(r, name);
    if (o->kind == TC_OPT_KIND_FLAG) {
        if (value)
            return tc_cli_usage(r->command, "--%s takes no value", o->name);
        *(bool *)o->to = true;
        return GO_ON;
    }
    if (o->kind == TC_OPT_KIND_LIST)
        return list(r, o, value);
    if (!value) {
        if (r->at == r->argc || is_option(r->argv[r->at]))
            return tc_cli_usage(r->command, "--%s needs a value", o->name);
        value = r->argv[r->at++];
    }
    if (o == &key)
        tc_field_key_file(value);
    return o == &key ? GO_ON : convert(r, o, value);
}

static int give_up(const struct tc_opt *opts, int status)
{
    for (const struct tc_opt *o = opts; o->name; o++)
        if (o->kind == TC_OPT_KIND_LIST)
            tc_opt_list_free(o->to);
    return status;
}

int tc_cli_opts(int argc, char **argv, const struct tc_opt *opts, size_t least, size_t most,
                size_t *words)
{
    struct run r = {argc ? argv[0] : "", opts, argv, argc, 1};
    size_t n = 0;
    bool options = true;
    while (r.at < argc) {
        char *word = argv[r.at++];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && word[0] == '-' && word[1] != '\0') {
            int status = is_option(word) ? option(&r, word)
                                         : tc_cli_usage(r.command, "no option '%s'", word);
            if (status != GO_ON)
                return give_up(opts, status);
        } else {
            argv[++n] = word; /* n < at: every earlier word was read */
        }
    }
    if (n < least)
        return give_up(opts,
                       tc_cli_usage(r.command, "too few words: %zu given, %zu needed", n, least));
    if (n > most)
        return give_up(opts, tc_cli_usage(r.command, "unexpected word '%s'", argv[most + 1]));
    *words = n;
    return GO_ON;
}

void tc_opt_list_free(struct tc_opt_list *l)
{
    free(l->v);
    *l = (struct tc_opt_list){0};
}

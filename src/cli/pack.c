/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin pack check DIR ...: every error of pack folders, by file and line. tocsin pack list: what
 * the packs hold that are built in, and those of a node. */
#include "cli/commands.h"

#include "cli/help.h"
#include "cli/opts.h"
#include "pack/files.h"
#include "pack/pack.h"
#include "pack/trial.h"

#include <stdio.h>

static void tell(void *arg, const struct tc_diag *d)
{
    char text[1200];
    unsigned *n = arg;
    (*n)++;
    tc_diag_format(d, text, sizeof text);
    (void)puts(text);
}

static int done(int status)
{
    if (ferror(stdout) || fflush(stdout)) {
        (void)fputs("tocsin pack: the answer could not be written\n", stderr);
        return 4;
    }
    return status;
}

static int check(const char *const *dirs, size_t n)
{
    unsigned errors = 0;
    struct tc_types *t = NULL;
    struct tc_diag d;
    tc_diag_init(&d);
    struct tc_pack_rules *rules = NULL;
    size_t rule_count = 0, trials = 0;
    tc_err e = tc_pack_load(dirs, n, tell, &errors, &t, &d);
    tc_err f = tc_pack_rules_load(dirs, n, false, tell, &errors, &rules, &d);
    if (!f) {
        f = tc_pack_try(rules, tell, &errors, &trials, &d);
        rule_count = rules->n;
    }
    e = e ? e : f;
    if (e && errors == 0)
        tell(&errors, &d);
    if (e)
        (void)printf("%u error%s\n", errors, errors == 1 ? "" : "s");
    else
        (void)printf("no errors: %u types, %u extensions, %u vocabularies, %u recommendations "
                     "with those built in\n",
                     t->n_types, t->n_extensions, t->n_vocabs, t->n_checks);
    if (!e && rule_count)
        (void)printf("%zu rule%s, tried on %zu blocks of observations: as they say\n", rule_count,
                     rule_count == 1 ? "" : "s", trials);
    tc_pack_rules_free(rules);
    tc_types_free(t);
    return done(tc_err_exit(e));
}

static const char *kind_name(const struct tc_type *t)
{
    static const char *const names[] = {"domain object", "cyber-observable", "relationship object",
                                        "meta object", "object"};
    return t->bundle ? "bundle" : names[t->kind];
}

static void print_types(const struct tc_types *t)
{
    for (uint32_t i = 0; i < t->n_types; i++)
        (void)printf("%-22.*s %-20s %3u properties\n", TC_FMT(t->types[i].name),
                     kind_name(&t->types[i]), t->shapes[t->types[i].shape].n_props);
    for (uint32_t i = 0; i < t->n_extensions; i++)
        (void)printf("%-60.*s extension\n", TC_FMT(t->extensions[i].key));
}

/* node: NULL, or a node's folder, whose own packs are there, too. */
static int list(const char *node)
{
    struct tc_types *t = NULL;
    struct tc_pack_rules *rules = NULL;
    struct tc_diag d;
    struct tc_pack_names own = {.n = 0};
    tc_diag_init(&d);
    struct tc_arena *a = tc_arena_new((size_t)4 << 20);
    tc_err e = a ? TC_OK : TC_E_NOMEM;
    if (!e && node)
        e = tc_pack_folders(a, node, &own, &d);
    if (!e)
        e = tc_pack_load(own.v, own.n, NULL, NULL, &t, &d);
    if (!e)
        e = tc_pack_rules_load(own.v, own.n, true, NULL, NULL, &rules, &d);
    if (e) {
        char text[1200];
        tc_diag_format(&d, text, sizeof text);
        (void)fprintf(stderr, "tocsin pack: %s\n", text[0] ? text : tc_err_text(e));
    } else {
        print_types(t);
        for (size_t i = 0; i < rules->n; i++)
            (void)printf("%-60.*s rule of %.*s\n", TC_FMT(rules->v[i].word),
                         TC_FMT(rules->v[i].pack));
    }
    tc_pack_rules_free(rules);
    tc_types_free(t);
    tc_arena_free(a);
    return e ? tc_err_exit(e) : done(0);
}

int tc_cmd_pack(int argc, char **argv)
{
    const struct tc_opt opts[] = {TC_OPT_END};
    size_t words = 0;
    int status = tc_cli_opts(argc, argv, opts, 1, SIZE_MAX, &words);
    if (status >= 0)
        return status;
    if (tc_str_is(tc_str_cstr(argv[1]), "list"))
        return words <= 2 ? list(words == 2 ? argv[2] : NULL)
                          : tc_cli_usage("pack", "list takes one node at most");
    if (!tc_str_is(tc_str_cstr(argv[1]), "check"))
        return tc_cli_usage("pack", "'%s' is neither check nor list", argv[1]);
    if (words < 2)
        return tc_cli_usage("pack", "check needs a folder");
    return check((const char *const *)argv + 2, words - 1);
}

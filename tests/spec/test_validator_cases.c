/* SPDX-License-Identifier: Apache-2.0 */
/* The verdicts of the OASIS STIX validator's own tests (data/stix/validator-cases.jsonl, not part
 * of this tree) against the checker. Usage: test_validator_cases CASES.jsonl DISAGREEMENTS.txt A
 * case on which we disagree must stand in the second file with its reason; a line there that no
 * longer disagrees is an error too. Prints TAP. */
#include "codec/json.h"
#include "model/check_tree.h"
#include "pack/pack.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_FILE (64u << 20)

static char *slurp(const char *name, size_t *size)
{
    FILE *f = fopen(name, "rb");
    char *p = f ? malloc(MAX_FILE) : NULL;
    *size = p ? fread(p, 1, MAX_FILE, f) : 0;
    if (f)
        (void)fclose(f);
    return p;
}

static bool is_true(yyjson_val *options, const char *name)
{
    bool b = false;
    return tc_json_bool(options, name, &b) && b;
}

static bool listed(yyjson_val *options, const char *list, const char *name)
{
    size_t i, max;
    yyjson_val *v;
    yyjson_arr_foreach (tc_json_get(options, list), i, max, v) {
        if (yyjson_equals_str(v, name))
            return true;
    }
    return false;
}

/* Their --disable takes away more than it names: with it, these are never looked at. */
static const char *const dropped[] = {"uuid-check",
                                      "grouping-context",
                                      "implementation-languages",
                                      "infrastructure-types",
                                      "malware-result",
                                      "malware-capabilities",
                                      "processor-architecture",
                                      "extension-description",
                                      "extension-properties"};

static void map_disabled(const struct tc_types *t, yyjson_val *options, struct tc_check_options *o)
{
    size_t i, max;
    yyjson_val *v, *list = tc_json_get(options, "disabled");
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) == 0)
        return;
    yyjson_arr_foreach (list, i, max, v) {
        (void)tc_types_checks(t, tc_json_view(v), &o->off);
    }
    for (i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        (void)tc_types_checks(t, tc_str_cstr(dropped[i]), &o->off);
}

static void map_enabled(const struct tc_types *t, yyjson_val *options, struct tc_check_options *o)
{
    size_t i, max;
    struct tc_checks on = {0};
    yyjson_val *v, *list = tc_json_get(options, "enabled");
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) == 0)
        return;
    yyjson_arr_foreach (list, i, max, v) {
        (void)tc_types_checks(t, tc_json_view(v), &on);
    }
    o->off = (struct tc_checks){{~on.bits[0], ~on.bits[1]}};
    if (listed(options, "enabled", "custom-prefix-lax") ||
        listed(options, "enabled", "custom-prefix"))
        (void)tc_types_checks(t, TC_STR("extensions-use"), &o->off);
}

static tc_err keep_first(void *arg, yyjson_val *object, const struct tc_check_report *r)
{
    struct tc_buf *b = arg;
    (void)object;
    for (uint32_t i = 0; i < r->n && b->n < 3000; i++)
        if (r->findings[i].level != TC_LEVEL_NOTE)
            tc_buf_fmt(b, "#     %s %s: %s: %s\n", tc_level_name(r->findings[i].level),
                       r->findings[i].rule, r->findings[i].path, r->findings[i].says);
    return TC_OK;
}

static bool verdict(const struct tc_types *t, yyjson_val *row, struct tc_buf *why)
{
    yyjson_val *options = tc_json_get(row, "options"), *instance = tc_json_get(row, "instance");
    struct tc_check_options o = {.shoulds = true};
    struct tc_check_totals n = {0};
    struct tc_json inner = {0};
    struct tc_str version = {0};
    bool strict = is_true(options, "strict");
    o.strict_types = is_true(options, "strict_types");
    o.strict_properties = is_true(options, "strict_properties");
    o.interop = is_true(options, "interop");
    (void)tc_json_str(options, "version", &version);
    o.spec_20 = tc_str_is(version, "2.0");
    map_disabled(t, options, &o);
    map_enabled(t, options, &o);
    if (yyjson_is_str(instance)) { /* some cases hold the text itself */
        if (tc_json_read(tc_json_view(instance), MAX_FILE, 0, &inner, NULL))
            return false;
        instance = inner.root;
    }
    struct tc_check_tree c = {.types = t,
                              .options = &o,
                              .refs_inside = is_true(options, "enforce_refs"),
                              .each = keep_first,
                              .arg = why};
    bool ok = !tc_check_tree_run(&c, instance, &n) && n.musts == 0 && (!strict || n.shoulds == 0);
    tc_json_fini(&inner);
    return ok;
}

/* The entry "CASE NAME#n" (n-th case of that name) of the file of disagreements. */
static bool explained(struct tc_str text, const char *name)
{
    for (const char *p = text.p, *end = text.p + text.n; p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        struct tc_str line = {p, (size_t)((nl ? nl : end) - p)};
        if (tc_str_is(tc_str_trim(line), name))
            return true;
        p = nl ? nl + 1 : end;
    }
    return false;
}

static int run(const struct tc_types *t, struct tc_str cases, struct tc_str known)
{
    struct tc_json_reader *reader = tc_json_reader_new();
    unsigned count = 0, bad = 0;
    for (const char *p = cases.p, *end = cases.p + cases.n; reader && p < end;) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        struct tc_str line = {p, (size_t)((nl ? nl : end) - p)}, test = {0};
        struct tc_buf why;
        yyjson_val *row;
        char name[300];
        bool want = false;
        p = nl ? nl + 1 : end;
        if (tc_json_reader_read(reader, line, MAX_FILE, TC_JSON_REPEATS_OK, &row, NULL))
            continue;
        const char *raw = yyjson_get_str(tc_json_get(row, "test"));
        const char *tail = raw ? strrchr(raw, '/') : NULL;
        (void)snprintf(name, sizeof name, "%s", tail ? tail + 1 : raw ? raw : "?");
        test = tc_str_cstr(name);
        static char last[300];
        static unsigned same;
        same = strcmp(last, name) == 0 ? same + 1 : 1;
        (void)snprintf(last, sizeof last, "%s", name);
        (void)snprintf(name + test.n, sizeof name - test.n, "#%u", same);
        (void)tc_json_bool(row, "valid", &want);
        tc_buf_init(&why, 4096);
        bool have = verdict(t, row, &why), agree = have == want, said = explained(known, name);
        bool ok = agree != said;
        printf("%s %u - %s%s\n", ok ? "ok" : "not ok", ++count, name,
               agree  ? ""
               : said ? " # differs, explained"
                      : " # differs");
        if (!ok) {
            bad++;
            printf("# %s: the validator says %s\n%s", said ? "explained, but agrees" : "differs",
                   want ? "valid" : "invalid", tc_buf_z(&why));
            yyjson_val *first = yyjson_arr_get_first(tc_json_get(row, "errors"));
            if (first)
                printf("#   their reason: %.200s\n", yyjson_get_str(first));
        }
        tc_buf_fini(&why);
    }
    tc_json_reader_free(reader);
    printf("1..%u\n# %u unexplained\n", count, bad);
    return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct tc_types *t = NULL;
    struct tc_diag d;
    size_t n_cases, n_known;
    char text[1024];
    tc_diag_init(&d);
    char *cases = argc > 1 ? slurp(argv[1], &n_cases) : NULL;
    char *known = argc > 2 ? slurp(argv[2], &n_known) : NULL;
    if (!cases) {
        printf("1..0 # SKIP the validator's cases are not here\n");
        free(known);
        return 0;
    }
    if (tc_pack_load(NULL, 0, NULL, NULL, &t, &d)) {
        tc_diag_format(&d, text, sizeof text);
        printf("Bail out! %s\n", text);
        return 1;
    }
    int status =
        run(t, tc_str_view(cases, n_cases), tc_str_view(known ? known : "", known ? n_known : 0));
    tc_types_free(t);
    free(cases);
    free(known);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin check: what is wrong with STIX, CAP or patterns, by file, object and path. A file of up to
 * TC_MAX_BODY is read whole, so that the bundle itself and repeated ids are looked at too; a larger
 * one, or JSON lines, goes through the slice scanner one object at a time. */
#include "cli/commands.h"

#include "base/limits.h"
#include "base/map.h"
#include "cli/check_pattern.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "cli/progress.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "codec/slices.h"
#include "intake/cap.h"
#include "model/check_tree.h"
#include "pack/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lines that a person is shown of one recommendation in one file; the rest is counted. */
#define SHOWN 10

struct checking {
    const struct tc_types *types;
    struct tc_check_options options;
    struct tc_check_totals totals;
    struct tc_json_reader *reader;
    struct tc_map *shown; /* rule -> times shown, of this file */
    struct tc_buf line;
    const char *file;
    bool json, quiet, refs_inside;
    unsigned files, refused; /* refused: could not be read as JSON at all */
    tc_err worst;            /* of the refused */
    bool cap_bad;            /* the alert at hand breaks the standard */
    struct tc_check_patterns patterns;
};

/* ---- printing ---- */

/* Foreign text on a terminal: control characters are shown as '?'. */
static void print_safe(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)putchar((uint8_t)s[i] < ' ' || s[i] == 127 ? '?' : s[i]);
}

static void json_finding(struct checking *c, struct tc_str id, const struct tc_check_finding *f)
{
    tc_buf_clear(&c->line);
    struct tc_jsonw w = tc_jsonw_into(&c->line);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "file", c->file);
    tc_jsonw_kstr(&w, "object", id);
    tc_jsonw_kcstr(&w, "path", f->path);
    tc_jsonw_kcstr(&w, "level", tc_level_name(f->level));
    tc_jsonw_kcstr(&w, "rule", f->rule);
    tc_jsonw_kcstr(&w, "says", f->says);
    tc_jsonw_object_end(&w);
    (void)puts(tc_buf_z(&c->line));
}

static bool show(struct checking *c, const struct tc_check_finding *f)
{
    uint64_t n = 0;
    if (f->level == TC_LEVEL_MUST)
        return true;
    if (c->quiet)
        return false;
    (void)tc_map_get(c->shown, tc_str_cstr(f->rule), &n);
    return !tc_map_put(c->shown, tc_str_cstr(f->rule), n + 1) && n < SHOWN;
}

static void person_finding(struct checking *c, struct tc_str id, const struct tc_check_finding *f,
                           bool *headed)
{
    if (!show(c, f))
        return;
    if (!*headed) {
        print_safe(c->file, strlen(c->file));
        (void)fputs(": ", stdout);
        print_safe(id.n ? id.p : "(no id)", id.n ? id.n : 7);
        (void)putchar('\n');
        *headed = true;
    }
    (void)printf("  %-6s ", tc_level_name(f->level));
    print_safe(f->path, strlen(f->path));
    (void)fputs(f->path[0] ? ": " : "", stdout);
    print_safe(f->says, strlen(f->says));
    (void)printf("  [%s]\n", f->rule);
}

static tc_err print_report(void *arg, yyjson_val *object, const struct tc_check_report *r)
{
    struct checking *c = arg;
    struct tc_str id = {"", 0};
    bool headed = false;
    (void)tc_json_str(object, "id", &id);
    for (uint32_t i = 0; i < r->n; i++)
        if (c->json)
            json_finding(c, id, &r->findings[i]);
        else
            person_finding(c, id, &r->findings[i], &headed);
    uint32_t all = r->musts + r->shoulds + r->notes;
    if (!c->json && headed && all > r->n)
        (void)printf("  ... and %u more of this object\n", all - r->n);
    return TC_OK;
}

static void print_rest(struct checking *c)
{
    size_t at = 0;
    struct tc_str rule;
    uint64_t n;
    while (!c->json && tc_map_next(c->shown, &at, &rule, &n))
        if (n > SHOWN)
            (void)printf("%s: %.*s was found %llu times in all\n", c->file, TC_FMT(rule),
                         (unsigned long long)n);
}

static void refuse(struct checking *c, const struct tc_diag *d)
{
    c->refused++;
    c->worst = d->code;
    if (c->json) {
        tc_buf_clear(&c->line);
        struct tc_jsonw w = tc_jsonw_into(&c->line);
        tc_jsonw_object(&w);
        tc_jsonw_kcstr(&w, "file", c->file);
        tc_jsonw_kcstr(&w, "object", d->object);
        tc_jsonw_kcstr(&w, "path", d->path);
        tc_jsonw_kcstr(&w, "level", "MUST");
        tc_jsonw_kcstr(&w, "rule", tc_err_name(d->code));
        tc_jsonw_kcstr(&w, "says", d->message);
        if (d->line) {
            tc_jsonw_ku64(&w, "line", d->line);
            tc_jsonw_ku64(&w, "column", d->column);
        }
        if (d->offset != UINT64_MAX)
            tc_jsonw_ku64(&w, "offset", d->offset);
        tc_jsonw_object_end(&w);
        (void)puts(tc_buf_z(&c->line));
        return;
    }
    char text[1200];
    tc_diag_format(d, text, sizeof text);
    (void)puts(text);
}

/* ---- reading ---- */

static struct tc_check_tree tree_of(struct checking *c)
{
    return (struct tc_check_tree){.types = c->types,
                                  .options = &c->options,
                                  .refs_inside = c->refs_inside,
                                  .each = print_report,
                                  .arg = c};
}

static tc_err check_slice(void *arg, const struct tc_slice *s)
{
    struct checking *c = arg;
    struct tc_diag d;
    yyjson_val *root;
    tc_diag_init(&d);
    tc_diag_file(&d, c->file);
    tc_err e = tc_json_reader_read(c->reader, s->bytes, TC_MAX_OBJECT, 0, &root, &d);
    if (e) {
        tc_diag_at(&d, 0, 0, s->offset + (d.offset == UINT64_MAX ? 0 : d.offset));
        refuse(c, &d);
        return e == TC_E_NOMEM ? e : TC_OK;
    }
    struct tc_check_tree t = tree_of(c);
    t.refs_inside = false;
    return tc_check_tree_run(&t, root, &c->totals);
}

static void check_slices(struct checking *c, struct tc_str first, int fd, struct tc_diag *d)
{
    struct tc_slices *s = tc_slices_new(TC_MAX_OBJECT, check_slice, c);
    size_t size = (size_t)1 << 20;
    char *chunk = malloc(size);
    tc_err e =
        s && chunk ? tc_slices_feed(s, first, d) : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    for (ssize_t n = 1; !e && fd >= 0 && n > 0;) {
        n = read(fd, chunk, size);
        if (n > 0)
            e = tc_slices_feed(s, tc_str_view(chunk, (size_t)n), d);
        else if (n < 0 && errno == EINTR)
            n = 1;
        else if (n < 0)
            e = tc_diag_set(d, TC_E_IO, "cannot be read");
    }
    if (!e)
        e = tc_slices_end(s, d);
    if (e) {
        if (!d->message[0])
            (void)tc_diag_set(d, e, "%s", tc_err_text(e));
        refuse(c, d);
    }
    tc_slices_free(s);
    free(chunk);
}

static tc_err count_slice(void *arg, const struct tc_slice *s)
{
    (void)s;
    ++*(unsigned *)arg;
    return TC_OK;
}

/* JSON lines are no one JSON text, but the scanner gets through; else the first error stands. */
static bool is_lines(struct tc_str text)
{
    unsigned n = 0;
    struct tc_diag d;
    tc_diag_init(&d);
    return !tc_slices_memory(text, TC_MAX_OBJECT, count_slice, &n, &d) && n > 1;
}

static void check_text(struct checking *c, struct tc_str text)
{
    struct tc_json j = {0};
    struct tc_diag d, quiet;
    tc_diag_init(&d);
    tc_diag_init(&quiet);
    tc_diag_file(&d, c->file);
    tc_err e = tc_json_read(text, TC_MAX_BODY, 0, &j, &d);
    if (e == TC_E_SYNTAX && is_lines(text)) {
        tc_diag_file(&quiet, c->file);
        check_slices(c, text, -1, &quiet);
        return;
    }
    if (e) {
        refuse(c, &d);
        return;
    }
    struct tc_check_tree t = tree_of(c);
    e = tc_check_tree_run(&t, j.root, &c->totals);
    if (e) {
        (void)tc_diag_set(&d, e, "%s", tc_err_text(e));
        refuse(c, &d);
    }
    tc_json_fini(&j);
}

/* One thing of a CAP alert, printed like a finding of an object; the line goes into the path. */
static void cap_finding(void *arg, const struct tc_diag *d, bool must)
{
    struct checking *c = arg;
    struct tc_check_totals *t = &c->totals;
    char path[sizeof d->path + 32];
    bool headed = false;
    (void)snprintf(path, sizeof path, "line %llu%s%s", (unsigned long long)d->line,
                   d->path[0] ? ": " : "", d->path);
    const struct tc_check_finding f = {.level = must ? TC_LEVEL_MUST : TC_LEVEL_SHOULD,
                                       .rule = "cap",
                                       .path = path,
                                       .says = d->message};
    t->bad += must && !c->cap_bad;
    c->cap_bad = c->cap_bad || must;
    t->musts += must;
    t->shoulds += !must;
    if (c->json)
        json_finding(c, TC_STR("alert"), &f);
    else
        person_finding(c, TC_STR("alert"), &f, &headed);
}

/* Alerts of the Common Alerting Protocol, alone or in EDXL-DE or Atom. */
static void check_cap(struct checking *c, struct tc_str text, struct tc_diag *d)
{
    c->cap_bad = false;
    tc_err e = tc_cap_check(text, cap_finding, c, d);
    c->totals.objects++;
    if (e && !c->cap_bad)
        refuse(c, d);
}

/* Reads up to TC_MAX_BODY; *more when the file goes on behind that. */
static tc_err read_some(int fd, struct tc_buf *b, bool *more)
{
    for (;;) {
        size_t want = TC_MAX_BODY - b->n;
        char *p = want ? tc_buf_room(b, want < 65536 ? want : 65536) : NULL;
        *more = want == 0;
        if (want == 0)
            return TC_OK;
        if (!p)
            return b->err;
        ssize_t n = read(fd, p, want < 65536 ? want : 65536);
        if (n == 0)
            return TC_OK;
        if (n < 0 && errno != EINTR)
            return TC_E_IO;
        b->n += n > 0 ? (size_t)n : 0;
    }
}

static void check_patterns(struct checking *c, struct tc_str text, bool more, struct tc_diag *d)
{
    tc_err e = more ? tc_diag_set(d, TC_E_LIMIT, "has more than %u MiB", TC_MAX_BODY >> 20)
                    : tc_check_patterns(&c->patterns, c->file, text);
    if (e) {
        if (!d->code)
            (void)tc_diag_set(d, e, "%s", tc_err_text(e));
        refuse(c, d);
    }
}

static void check_open(struct checking *c, int fd)
{
    struct tc_buf b;
    struct tc_diag d;
    bool more = false;
    tc_diag_init(&d);
    tc_diag_file(&d, c->file);
    tc_buf_init(&b, (size_t)TC_MAX_BODY + 1);
    tc_err e = read_some(fd, &b, &more);
    if (e) {
        (void)tc_diag_set(&d, e, "cannot be read");
        refuse(c, &d);
    } else if (tc_check_is_patterns(c->file)) {
        check_patterns(c, tc_buf_view(&b), more, &d);
    } else if (tc_str_starts(tc_str_trim(tc_buf_view(&b)), TC_STR("<"))) {
        check_cap(c, tc_buf_view(&b), &d);
    } else if (more) {
        check_slices(c, tc_buf_view(&b), fd, &d);
    } else {
        check_text(c, tc_buf_view(&b));
    }
    tc_buf_fini(&b);
}

static void check_file(struct checking *c, const char *name)
{
    bool in = strcmp(name, "-") == 0;
    int fd = in ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    c->file = in ? "standard input" : name;
    c->files++;
    c->shown = tc_map_new(1000);
    if (fd < 0 || !c->shown) {
        struct tc_diag d;
        tc_diag_init(&d);
        tc_diag_file(&d, name);
        (void)tc_diag_set(&d, fd < 0 ? tc_err_from_errno(errno) : TC_E_NOMEM, "cannot be opened");
        refuse(c, &d);
    } else {
        check_open(c, fd);
        print_rest(c);
    }
    if (fd >= 0 && !in)
        (void)close(fd);
    tc_map_free(c->shown);
}

/* ---- the command ---- */

static void print_patterns(const struct tc_check_patterns *p)
{
    (void)printf("%u pattern%s: %u refused, %u without an index key\n", p->patterns,
                 p->patterns == 1 ? "" : "s", p->refused, p->open);
}

static void print_summary(struct checking *c)
{
    const struct tc_check_totals *t = &c->totals;
    const struct tc_check_patterns *p = &c->patterns;
    if (c->json) {
        tc_buf_clear(&c->line);
        struct tc_jsonw w = tc_jsonw_into(&c->line);
        tc_jsonw_object(&w);
        tc_jsonw_ku64(&w, "files", c->files);
        tc_jsonw_ku64(&w, "refused", c->refused);
        tc_jsonw_ku64(&w, "objects", t->objects);
        tc_jsonw_ku64(&w, "bad", t->bad);
        tc_jsonw_ku64(&w, "musts", t->musts);
        tc_jsonw_ku64(&w, "shoulds", t->shoulds);
        tc_jsonw_ku64(&w, "notes", t->notes);
        if (p->patterns) {
            tc_jsonw_ku64(&w, "patterns", p->patterns);
            tc_jsonw_ku64(&w, "patterns_refused", p->refused);
            tc_jsonw_ku64(&w, "patterns_without_key", p->open);
        }
        tc_jsonw_object_end(&w);
        (void)puts(tc_buf_z(&c->line));
        return;
    }
    if (p->patterns)
        print_patterns(p);
    if (p->patterns && !t->objects && !c->refused)
        return;
    (void)printf("%u file%s, %llu object%s: ", c->files, c->files == 1 ? "" : "s",
                 (unsigned long long)t->objects, t->objects == 1 ? "" : "s");
    if (c->refused)
        (void)printf("%u could not be read, ", c->refused);
    (void)printf("%llu must be mended (%llu MUST)", (unsigned long long)t->bad,
                 (unsigned long long)t->musts);
    if (!c->quiet)
        (void)printf(", %llu recommendation%s (SHOULD)", (unsigned long long)t->shoulds,
                     t->shoulds == 1 ? "" : "s");
    (void)putchar('\n');
}

static int switch_off(struct checking *c, const struct tc_opt_list *off)
{
    for (size_t i = 0; i < off->n; i++) {
        struct tc_str rest = tc_str_cstr(off->v[i]);
        for (;;) {
            size_t comma = tc_str_find(rest, TC_STR(","));
            struct tc_str name = {rest.p, comma == SIZE_MAX ? rest.n : comma};
            if (!tc_types_checks(c->types, name, &c->options.off))
                return tc_cli_usage("check", "there is no recommendation '%.*s'", TC_FMT(name));
            if (comma == SIZE_MAX)
                break;
            rest = tc_str_view(rest.p + comma + 1, rest.n - comma - 1);
        }
    }
    return 0;
}

static int status_of(const struct checking *c, bool strict)
{
    if (ferror(stdout) || fflush(stdout)) {
        (void)fputs("tocsin check: the answer could not be written\n", stderr);
        return 4;
    }
    if ((c->refused && tc_err_exit(c->worst) == 4) ||
        (c->patterns.refused && tc_err_exit(c->patterns.worst) == 4))
        return 4;
    if (c->refused || c->patterns.refused || c->totals.musts)
        return 3;
    return strict && c->totals.shoulds ? 1 : 0;
}

static int run(struct checking *c, char **names, size_t n, const struct tc_opt_list *patterns,
               bool strict)
{
    tc_err e = TC_OK;
    c->reader = tc_json_reader_new();
    tc_buf_init(&c->line, (size_t)1 << 20);
    if (!c->reader) {
        (void)fputs("tocsin check: out of memory\n", stderr);
        return 4;
    }
    for (size_t i = 0; !e && i < patterns->n; i++)
        e = tc_check_patterns(&c->patterns, NULL, tc_str_cstr(patterns->v[i]));
    for (size_t i = 0; i < n; i++)
        check_file(c, names[i]);
    print_summary(c);
    tc_json_reader_free(c->reader);
    tc_buf_fini(&c->line);
    return status_of(c, strict);
}

int tc_cmd_check(int argc, char **argv)
{
    struct checking c = {0};
    struct tc_opt_list packs = {0}, off = {0}, patterns = {0};
    bool strict = false;
    struct tc_types *types = NULL;
    size_t words = 0;
    const struct tc_opt opts[] = {TC_OPT_FLAG("strict", &strict),
                                  TC_OPT_FLAG("json", &c.json),
                                  TC_OPT_FLAG("quiet", &c.quiet),
                                  TC_OPT_FLAG("refs", &c.refs_inside),
                                  TC_OPT_FLAG("interop", &c.options.interop),
                                  TC_OPT_FLAG("stix20", &c.options.spec_20),
                                  TC_OPT_FLAG("known-types", &c.options.strict_types),
                                  TC_OPT_FLAG("known-properties", &c.options.strict_properties),
                                  TC_OPT_LIST("off", &off, 1, 1),
                                  TC_OPT_LIST("pack", &packs, 1, 1),
                                  TC_OPT_LIST("pattern", &patterns, 1, 1),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 0, SIZE_MAX, &words);
    if (status >= 0)
        return status;
    if (!words && !patterns.n) {
        tc_opt_list_free(&packs);
        tc_opt_list_free(&off);
        return tc_cli_usage("check", "a FILE or --pattern is needed");
    }
    struct tc_diag d;
    char text[1200];
    tc_diag_init(&d);
    c.options.shoulds = !c.quiet || strict || c.options.strict_properties;
    tc_err e = tc_pack_load(packs.v, packs.n, NULL, NULL, &types, &d);
    if (e) {
        tc_diag_format(&d, text, sizeof text);
        (void)fprintf(stderr, "tocsin check: %s\n", text);
        status = tc_err_exit(e);
    } else {
        c.types = types;
        c.patterns.json = c.json;
        c.patterns.quiet = c.quiet;
        status = switch_off(&c, &off);
    }
    if (!status)
        status = run(&c, argv + 1, words, &patterns, strict);
    tc_types_free(types);
    tc_opt_list_free(&packs);
    tc_opt_list_free(&off);
    tc_opt_list_free(&patterns);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* tocsin match: the pattern engine as a filter. Observations come as JSON lines, read as they
 * arrive, or as one JSON text over many lines, read whole. Objects on lines of their own are kept
 * for observed-data that refer to them; an observed-data whose objects have not come waits for the
 * end. */
#include "cli/commands.h"

#include "base/limits.h"
#include "cli/help.h"
#include "cli/opts.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "pattern/parse.h"
#include "pattern/set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Bytes: a file that is read whole; objects kept and observations that wait, as JSON; one read. */
#define MAX_TEXT ((size_t)1 << 30)
#define MAX_KEPT ((size_t)256 << 20)
#define CHUNK    ((size_t)1 << 20)

struct waiting {
    struct tc_str text;
    uint64_t line;
};

struct matching {
    struct tc_set *set;
    struct tc_observations *reader;
    struct tc_json_reader *json;
    struct tc_json *kept; /* trees of objects on lines of their own */
    size_t n_kept, kept_cap;
    struct waiting *waiting;
    size_t n_waiting, waiting_cap;
    size_t held; /* bytes of both */
    struct tc_buf out;
    const char *patterns, *observations;
    bool as_json, keep_going, explain;
    uint64_t matches, skipped, line;
};

/* ---- errors ---- */

static void complain(const struct tc_diag *d)
{
    char text[1200];
    tc_diag_format(d, text, sizeof text);
    (void)fprintf(stderr, "tocsin match: %s\n", text);
}

/* What was wrong is said; with --keep-going the run goes on unless the system failed. */
static tc_err refuse(struct matching *m, const struct tc_diag *d)
{
    complain(d);
    if (!m->keep_going || tc_err_exit(d->code) == 4)
        return d->code;
    m->skipped++;
    return TC_OK;
}

static void show_place(struct tc_str pattern, const struct tc_diag *d)
{
    struct tc_buf b;
    tc_buf_init(&b, 4096);
    if (d->offset != UINT64_MAX)
        tc_pattern_caret(pattern, d, &b);
    (void)fputs(tc_buf_z(&b), stderr);
    tc_buf_fini(&b);
}

static tc_err out_of_memory(void)
{
    (void)fputs("tocsin match: out of memory\n", stderr);
    return TC_E_NOMEM;
}

/* ---- files ---- */

static tc_err open_file(const char *name, int *fd)
{
    *fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
    if (*fd >= 0)
        return TC_OK;
    struct tc_diag d;
    tc_diag_init(&d);
    tc_diag_file(&d, name);
    int why = errno;
    (void)tc_diag_set(&d, TC_E_IO, why == ENOENT ? "there is no such file" : "cannot be opened");
    complain(&d);
    return TC_E_IO; /* never 1: that says that nothing matched */
}

/* What some editors put in front of UTF-8. */
static void drop_mark(struct tc_buf *b)
{
    if (!tc_str_starts(tc_buf_view(b), TC_STR("\xef\xbb\xbf")))
        return;
    b->n -= 3;
    memmove(b->p, b->p + 3, b->n);
}

/* Appends what one read gives; *end at the end of the file. */
static tc_err read_more(int fd, const char *name, struct tc_buf *b, bool *end)
{
    struct tc_diag d;
    char *p = tc_buf_room(b, CHUNK);
    tc_diag_init(&d);
    tc_diag_file(&d, name);
    if (!p) {
        tc_err e = tc_diag_set(&d, b->err, "is too long");
        complain(&d);
        return e;
    }
    ssize_t n = read(fd, p, CHUNK);
    if (n < 0 && errno != EINTR) {
        tc_err e = tc_diag_set(&d, TC_E_IO, "cannot be read");
        complain(&d);
        return e;
    }
    b->n += n > 0 ? (size_t)n : 0;
    *end = n == 0;
    return TC_OK;
}

/* ---- patterns ---- */

static tc_err add_pattern(struct matching *m, struct tc_str id, struct tc_str pattern,
                          uint64_t line)
{
    struct tc_diag d;
    uint32_t there;
    if (!id.n)
        id = pattern;
    if (id.p == pattern.p && tc_set_find(m->set, id, &there))
        return TC_OK; /* the same line twice */
    tc_diag_init(&d);
    tc_diag_file(&d, m->patterns);
    if (id.p != pattern.p)
        tc_diag_object(&d, id.p, id.n);
    tc_err e = tc_set_add(m->set, id, pattern, NULL, &d);
    if (!e)
        return TC_OK;
    struct tc_diag shown = d; /* the line of the file, not of the pattern */
    if (d.line <= 1)
        tc_diag_at(&shown, line, d.line ? d.column : 0, d.offset);
    e = refuse(m, &shown);
    show_place(pattern, &d);
    return e;
}

static tc_err add_object(struct matching *m, yyjson_val *v, uint64_t line)
{
    struct tc_str id = {"", 0}, pattern, type;
    struct tc_diag d;
    if (tc_json_str(v, "pattern_type", &type) && !tc_str_is(type, "stix"))
        return TC_OK; /* an indicator in another language */
    (void)tc_json_str(v, "id", &id);
    if (tc_json_str(v, "pattern", &pattern))
        return add_pattern(m, id, pattern, line);
    tc_diag_init(&d);
    tc_diag_file(&d, m->patterns);
    tc_diag_at(&d, line, 1, UINT64_MAX);
    (void)tc_diag_set(&d, TC_E_INVALID, "this object has no \"pattern\"");
    return refuse(m, &d);
}

/* {"id","pattern"}, an indicator, or a bundle with indicators among others. */
static tc_err add_json(struct matching *m, yyjson_val *root, uint64_t line)
{
    yyjson_val *v, *list = yyjson_is_arr(root) ? root : yyjson_obj_get(root, "objects");
    size_t i, max;
    tc_err e = TC_OK;
    if (!yyjson_is_arr(list))
        return add_object(m, root, line);
    yyjson_arr_foreach (list, i, max, v)
        if (!e && yyjson_obj_get(v, "pattern"))
            e = add_object(m, v, line);
    return e;
}

static tc_err bad_json(struct matching *m, struct tc_diag *d, const char *name, uint64_t line)
{
    tc_diag_file(d, name);
    if (line && d->line <= 1)
        tc_diag_at(d, line, d->column, d->offset);
    return refuse(m, d);
}

static tc_err pattern_line(struct matching *m, struct tc_str text, uint64_t line, bool *json)
{
    yyjson_val *root;
    struct tc_diag d;
    *json = true;
    if (!text.n || text.p[0] == '#')
        return TC_OK;
    if (text.p[0] != '{')
        return add_pattern(m, (struct tc_str){"", 0}, text, line);
    tc_diag_init(&d);
    *json = !tc_json_reader_read(m->json, text, MAX_TEXT, 0, &root, &d);
    if (*json)
        return add_json(m, root, line);
    return line == 1 ? TC_OK : bad_json(m, &d, m->patterns, line);
}

static tc_err whole_patterns(struct matching *m, struct tc_str text)
{
    struct tc_json j = {0};
    struct tc_diag d;
    tc_diag_init(&d);
    if (tc_json_read(text, MAX_TEXT, 0, &j, &d))
        return bad_json(m, &d, m->patterns, 0);
    tc_err e = add_json(m, j.root, 1);
    tc_json_fini(&j);
    return e;
}

static tc_err pattern_lines(struct matching *m, struct tc_str text)
{
    uint64_t line = 0;
    tc_err e = TC_OK;
    for (size_t at = 0; !e && at < text.n;) {
        const char *p = text.p + at, *nl = memchr(p, '\n', text.n - at);
        size_t n = nl ? (size_t)(nl - p) : text.n - at;
        bool json;
        e = pattern_line(m, tc_str_trim(tc_str_view(p, n)), ++line, &json);
        if (!json && line == 1)
            return whole_patterns(m, text); /* one JSON text over many lines */
        at += n + 1;
    }
    return e;
}

static tc_err load_patterns(struct matching *m)
{
    struct tc_buf b;
    int fd = -1;
    bool end = false;
    tc_err e = open_file(m->patterns, &fd);
    if (e)
        return e;
    tc_buf_init(&b, MAX_TEXT);
    while (!e && !end)
        e = read_more(fd, m->patterns, &b, &end);
    drop_mark(&b);
    if (!e)
        e = pattern_lines(m, tc_buf_view(&b));
    tc_buf_fini(&b);
    (void)close(fd);
    return e;
}

/* ---- matches ---- */

static tc_err print_match(void *arg, const struct tc_set_match *x)
{
    struct matching *m = arg;
    m->matches++;
    tc_buf_clear(&m->out);
    if (m->as_json) {
        struct tc_jsonw w = tc_jsonw_into(&m->out);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "pattern", x->pattern);
        tc_jsonw_name(&w, "observations");
        tc_jsonw_array(&w);
        for (size_t i = 0; i < x->n; i++)
            tc_jsonw_str(&w, x->observations[i]);
        tc_jsonw_array_end(&w);
        tc_jsonw_object_end(&w);
    } else {
        tc_buf_str(&m->out, x->pattern);
        for (size_t i = 0; i < x->n; i++) {
            tc_buf_cstr(&m->out, i ? " " : "\t");
            tc_buf_str(&m->out, x->observations[i]);
        }
        for (size_t i = 0; i < m->out.n; i++) /* a terminal must not be driven by input */
            if ((uint8_t)m->out.p[i] < ' ' && m->out.p[i] != '\t')
                m->out.p[i] = '?';
    }
    tc_buf_char(&m->out, '\n');
    if (m->out.err || fwrite(m->out.p, 1, m->out.n, stdout) != m->out.n)
        return m->out.err ? m->out.err : TC_E_IO;
    return TC_OK;
}

static tc_err feed(struct matching *m, const struct tc_observation *v, size_t n)
{
    tc_err e = tc_set_feed(m->set, v, n, print_match, m);
    if (e)
        (void)fprintf(stderr, "tocsin match: %s\n", tc_err_text(e));
    return e;
}

/* ---- observations ---- */

static tc_err hold(struct matching *m, size_t bytes)
{
    if (m->held + bytes <= MAX_KEPT) {
        m->held += bytes;
        return TC_OK;
    }
    (void)fputs("tocsin match: too many objects on lines of their own; put them into one bundle "
                "with what refers to them\n",
                stderr);
    return TC_E_LIMIT;
}

static tc_err wait_for_end(struct matching *m, struct tc_str text)
{
    tc_err e = hold(m, text.n);
    if (e)
        return e;
    if (m->n_waiting == m->waiting_cap) {
        size_t cap = m->waiting_cap ? m->waiting_cap * 2 : 64;
        struct waiting *v = realloc(m->waiting, cap * sizeof *v);
        if (!v)
            return out_of_memory();
        m->waiting = v;
        m->waiting_cap = cap;
    }
    char *copy = malloc(text.n);
    if (!copy)
        return out_of_memory();
    memcpy(copy, text.p, text.n);
    m->waiting[m->n_waiting++] = (struct waiting){{copy, text.n}, m->line};
    return TC_OK;
}

static tc_err keep_object(struct matching *m, struct tc_str text)
{
    tc_err e = hold(m, text.n);
    if (e)
        return e;
    if (m->n_kept == m->kept_cap) {
        size_t cap = m->kept_cap ? m->kept_cap * 2 : 64;
        struct tc_json *v = realloc(m->kept, cap * sizeof *v);
        if (!v)
            return out_of_memory();
        m->kept = v;
        m->kept_cap = cap;
    }
    struct tc_json *j = &m->kept[m->n_kept];
    if (tc_json_read(text, MAX_TEXT, 0, j, NULL))
        return out_of_memory(); /* it was read once already */
    m->n_kept++;
    return tc_observations_keep(m->reader, j->root) ? out_of_memory() : TC_OK;
}

/* last: nothing more will come, a reference that leads nowhere stays so. */
static tc_err observe(struct matching *m, struct tc_str text, yyjson_val *root, bool last)
{
    const struct tc_observation *v = NULL;
    struct tc_diag d;
    struct tc_str type;
    size_t n = 0;
    tc_diag_init(&d);
    tc_diag_file(&d, m->observations);
    tc_diag_at(&d, m->line, 0, UINT64_MAX);
    if (tc_observations_read(m->reader, root, &v, &n, &d))
        return refuse(m, &d);
    if (!n && !last && yyjson_is_obj(root) && !yyjson_is_arr(yyjson_obj_get(root, "objects")) &&
        tc_json_str(root, "type", &type))
        return keep_object(m, text);
    for (size_t i = 0; i < n && !last; i++)
        if (v[i].missing)
            return wait_for_end(m, text);
    return feed(m, v, n);
}

static tc_err observation_line(struct matching *m, struct tc_str text, bool *json)
{
    yyjson_val *root;
    struct tc_diag d;
    m->line++;
    *json = true;
    text = tc_str_trim(text);
    if (!text.n)
        return TC_OK;
    tc_diag_init(&d);
    *json = !tc_json_reader_read(m->json, text, MAX_TEXT, 0, &root, &d);
    if (*json)
        return observe(m, text, root, false);
    return m->line == 1 ? TC_OK : bad_json(m, &d, m->observations, m->line);
}

static tc_err rest_as_one(struct matching *m, int fd, struct tc_buf *b, bool end)
{
    struct tc_json j = {0};
    struct tc_diag d;
    tc_err e = TC_OK;
    while (!e && !end)
        e = read_more(fd, m->observations, b, &end);
    if (e)
        return e;
    tc_diag_init(&d);
    if (tc_json_read(tc_buf_view(b), MAX_TEXT, 0, &j, &d))
        return bad_json(m, &d, m->observations, 0);
    e = observe(m, tc_buf_view(b), j.root, true);
    tc_json_fini(&j);
    return e;
}

static tc_err waiting_ones(struct matching *m)
{
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < m->n_waiting; i++) {
        yyjson_val *root;
        m->line = m->waiting[i].line;
        if (tc_json_reader_read(m->json, m->waiting[i].text, MAX_TEXT, 0, &root, NULL))
            return out_of_memory();
        e = observe(m, m->waiting[i].text, root, true);
    }
    return e;
}

/* Whole lines of b, from the start; what is left of the last one moves to the front. */
static tc_err whole_lines(struct matching *m, struct tc_buf *b, bool end, bool *one)
{
    size_t at = 0;
    tc_err e = TC_OK;
    *one = false;
    while (!e && at < b->n) {
        const char *p = b->p + at, *nl = memchr(p, '\n', b->n - at);
        if (!nl && !end)
            break;
        size_t n = nl ? (size_t)(nl - p) : b->n - at;
        bool json;
        e = observation_line(m, tc_str_view(p, n), &json);
        if (!json && m->line == 1) {
            *one = true;
            return e;
        }
        at += n + (nl != NULL);
    }
    memmove(b->p, b->p + at, b->n - at);
    b->n -= at;
    return e;
}

static tc_err read_observations(struct matching *m)
{
    struct tc_buf b;
    int fd = -1;
    bool end = false, one = false;
    tc_err e = open_file(m->observations, &fd);
    if (e)
        return e;
    tc_buf_init(&b, MAX_TEXT);
    while (!e && !end && !one) {
        e = read_more(fd, m->observations, &b, &end);
        if (!e && !m->line)
            drop_mark(&b);
        if (!e && b.n)
            e = whole_lines(m, &b, end, &one);
        if (!e && one)
            e = rest_as_one(m, fd, &b, end);
        (void)fflush(stdout); /* as a filter: what is known now is shown now */
    }
    if (!e)
        e = waiting_ones(m);
    tc_buf_fini(&b);
    (void)close(fd);
    return e;
}

/* ---- the command ---- */

static void explain(const struct matching *m)
{
    struct tc_set_counts c = tc_set_counts(m->set);
    size_t at = 0;
    uint32_t handle;
    (void)fprintf(stderr, "%llu patterns, %llu decided by the index alone, %llu bytes\n",
                  (unsigned long long)c.patterns, (unsigned long long)c.direct,
                  (unsigned long long)c.bytes);
    (void)fprintf(stderr, "%llu comparisons that no literal leads to, at most %u:\n",
                  (unsigned long long)c.residual, TC_SET_MAX_RESIDUAL);
    while (tc_set_residual(m->set, &at, &handle)) {
        char text[160];
        (void)tc_str_show(tc_set_id(m->set, handle), text, sizeof text);
        (void)fprintf(stderr, "  %s\n", text);
    }
}

static void warn(uint64_t n, const char *what)
{
    if (n)
        (void)fprintf(stderr, "tocsin match: %llu %s\n", (unsigned long long)n, what);
}

static void say_bounds(const struct matching *m)
{
    struct tc_set_counts c = tc_set_counts(m->set);
    warn(m->skipped,
         m->skipped == 1 ? "piece of input was skipped" : "pieces of input were skipped");
    warn(c.undecided, "times a pattern took too much work to decide; it may have matched");
    warn(c.forgotten, "observations were forgotten by patterns that remember too many");
    warn(c.regex_gave_up, "times a regular expression ran into its bound; taken as no match");
    warn(c.cut, "observations have too many values; not all were looked at");
}

static int run(struct matching *m)
{
    tc_err e = load_patterns(m);
    if (!e && m->explain)
        explain(m);
    if (!e)
        e = read_observations(m);
    if (!e && (ferror(stdout) || fflush(stdout))) {
        (void)fputs("tocsin match: the answer could not be written\n", stderr);
        e = TC_E_IO;
    }
    say_bounds(m);
    return e ? tc_err_exit(e) : m->matches == 0;
}

static void matching_fini(struct matching *m)
{
    for (size_t i = 0; i < m->n_kept; i++)
        tc_json_fini(&m->kept[i]);
    for (size_t i = 0; i < m->n_waiting; i++)
        free((char *)(uintptr_t)m->waiting[i].text.p);
    free(m->kept);
    free(m->waiting);
    tc_buf_fini(&m->out);
    tc_observations_free(m->reader);
    tc_json_reader_free(m->json);
    tc_set_free(m->set);
}

int tc_cmd_match(int argc, char **argv)
{
    struct matching m = {0};
    int64_t late = TC_WHEN_LATE / TC_SECOND;
    size_t words = 0;
    const struct tc_opt opts[] = {TC_OPT_TEXT("patterns", &m.patterns),
                                  TC_OPT_TEXT("observations", &m.observations),
                                  TC_OPT_FLAG("json", &m.as_json),
                                  TC_OPT_FLAG("keep-going", &m.keep_going),
                                  TC_OPT_FLAG("explain", &m.explain),
                                  TC_OPT_DURATION("late", &late, TC_MAX_DURATION),
                                  TC_OPT_END};
    int status = tc_cli_opts(argc, argv, opts, 0, 0, &words);
    if (status >= 0)
        return status;
    if (!m.patterns || !m.observations)
        return tc_cli_usage("match", "--patterns FILE and --observations FILE are needed");
    const struct tc_set_options o = {.late = late ? late * TC_SECOND : 1};
    m.set = tc_set_new(&o);
    m.reader = tc_observations_new();
    m.json = tc_json_reader_new();
    tc_buf_init(&m.out, MAX_TEXT);
    status = m.set && m.reader && m.json ? run(&m) : tc_err_exit(out_of_memory());
    matching_fini(&m);
    return status;
}

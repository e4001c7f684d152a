/* SPDX-License-Identifier: Apache-2.0 */
/* tc_import: finds out what a file is and hands it to its reader. */
#include "intake/intake.h"

#include "base/limits.h"
#include "codec/xml.h"
#include "intake/source.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much of a file decides what it is. */
#define HEAD 4096

struct source {
    const char *name;
    int fd;
    uint64_t size; /* from where it stands */
    char head[HEAD];
    size_t head_n;
};

static tc_err source_open(struct source *s, const char *name, int fd, struct tc_diag *d)
{
    struct stat st;
    off_t at = lseek(fd, 0, SEEK_CUR);
    s->name = name;
    s->fd = fd;
    if (d)
        tc_diag_file(d, name);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || at < 0)
        return tc_diag_set(d, TC_E_USAGE, "only regular files are imported");
    s->size = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
    s->head_n = s->size < HEAD ? (size_t)s->size : HEAD;
    for (size_t n = 0; n < s->head_n;) {
        ssize_t got = pread(fd, s->head + n, s->head_n - n, at + (off_t)n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return tc_diag_set(d, tc_err_from_errno(got < 0 ? errno : EIO),
                               "the file cannot be read");
        n += (size_t)got;
    }
    return TC_OK;
}

/* By the names of columns, which may stand in any order. */
static enum tc_csv_kind csv_kind(struct tc_str head)
{
    enum tc_reg_form form = tc_reg_form_of(head);
    return form == TC_REG_CSV_ASSETS         ? TC_CSV_ASSETS
           : form == TC_REG_CSV_DEPENDENCIES ? TC_CSV_DEPENDENCIES
                                             : TC_CSV_NONE;
}

enum tc_csv_kind tc_import_csv_kind(int fd)
{
    char head[HEAD];
    ssize_t n = pread(fd, head, sizeof head, 0);
    return n > 0 ? csv_kind(tc_str_view(head, (size_t)n)) : TC_CSV_NONE;
}

static bool starts_json(struct tc_str head)
{
    if (tc_str_starts(head, TC_STR("\xef\xbb\xbf")))
        head = tc_str_view(head.p + 3, head.n - 3);
    head = tc_str_trim(head);
    return head.n && (head.p[0] == '{' || head.p[0] == '[');
}

static tc_err find_format(const struct source *s, enum tc_file_format *out, struct tc_diag *d)
{
    struct tc_str head = tc_str_view(s->head, s->head_n);
    if (!tc_str_trim(head).n)
        return tc_diag_set(d, TC_E_SYNTAX, "the input is empty");
    if (tc_xml_looks_like(head)) {
        *out = TC_FILE_CAP;
    } else if (starts_json(head)) {
        bool kev = tc_str_find(head, TC_STR("\"cveID\"")) != SIZE_MAX &&
                   tc_str_find(head, TC_STR("\"vulnerabilities\"")) != SIZE_MAX;
        bool misp = tc_str_starts(tc_str_trim(head), TC_STR("{\"Event\"")) ||
                    tc_str_find(head, TC_STR("\"threat_level_id\"")) != SIZE_MAX;
        if (misp)
            return tc_diag_set(d, TC_E_UNSUPPORTED, "this is a MISP event, which is not read yet");
        enum tc_reg_form form = tc_reg_form_of(head);
        bool reg = form == TC_REG_JSON || form == TC_REG_GEOJSON;
        *out = kev ? TC_FILE_KEV : reg ? TC_FILE_REGISTER : TC_FILE_STIX;
    } else if (csv_kind(head) != TC_CSV_NONE) {
        *out = TC_FILE_REGISTER;
    } else {
        return tc_diag_set(d, TC_E_UNSUPPORTED,
                           "this is neither STIX (JSON), CAP 1.2 (XML), the "
                           "CISA KEV catalogue (JSON) nor a register (CSV, JSON, GeoJSON)");
    }
    return TC_OK;
}

/* What formats other than STIX are read whole; the largest register of 4 M assets is under it. */
#define MAX_WHOLE ((uint64_t)1 << 29)

static tc_err read_whole(const struct source *s, char **text, struct tc_diag *d)
{
    if (s->size > MAX_WHOLE)
        return tc_diag_set(d, TC_E_LIMIT, "the file is larger than %llu MB",
                           (unsigned long long)(MAX_WHOLE >> 20));
    char *p = malloc((size_t)s->size + 1);
    if (!p)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = tc_source_read(s->fd, p, (size_t)s->size, d);
    if (e)
        free(p);
    else
        *text = p;
    return e;
}

static tc_err add_register(struct tc_import_job *j, const struct source *s, char **text,
                           struct tc_reg_source *to, struct tc_diag *d)
{
    const struct tc_register_opts opts = {
        .report = tc_import_register_report, .report_ctx = j, .keep_going = j->o->keep_going};
    enum tc_reg_form form = tc_reg_form_of(tc_str_view(s->head, s->head_n));
    tc_diag_file(d, s->name);
    if (form == TC_REG_NONE)
        return tc_diag_set(d, TC_E_UNSUPPORTED,
                           "a register is one file of assets (id, name, kind ...) and one of "
                           "dependencies (asset, service ... supplier), or both in JSON or "
                           "GeoJSON");
    tc_err e = read_whole(s, text, d);
    return e ? e
             : tc_reg_source_add(to, tc_str_view(*text, (size_t)s->size), s->name, form, &opts, d);
}

static tc_err import_register(struct tc_import_job *j, struct source *s, size_t files,
                              struct tc_diag *d)
{
    char *text[2] = {NULL, NULL};
    struct tc_reg_source source = {.errors = 0};
    tc_err e = TC_OK;
    for (size_t i = 0; i < files && !e; i++)
        e = add_register(j, &s[i], &text[i], &source, d);
    if (!e)
        e = tc_import_register(j, &source, d);
    tc_reg_source_fini(&source);
    free(text[0]);
    free(text[1]);
    return e;
}

static tc_err import_one(struct tc_import_job *j, const struct source *s, enum tc_file_format f,
                         struct tc_diag *d)
{
    char *text;
    if (f == TC_FILE_STIX)
        return tc_import_stix(j, s->fd, s->size, d);
    if (f == TC_FILE_CAP && s->size > TC_MAX_CAP)
        return tc_diag_set(d, TC_E_LIMIT, "a CAP alert is at most %u bytes", TC_MAX_CAP);
    tc_err e = read_whole(s, &text, d);
    if (e)
        return e;
    struct tc_str t = tc_str_view(text, (size_t)s->size);
    e = f == TC_FILE_CAP ? tc_import_cap(j, t, d) : tc_import_kev(j, t, d);
    free(text);
    return e;
}

static tc_err import_files(struct tc_import_job *j, struct source *s, size_t files,
                           enum tc_file_format format, struct tc_diag *d)
{
    tc_err e = format == TC_FILE_AUTO ? find_format(&s[0], &format, d) : TC_OK;
    if (e)
        return e;
    if (format == TC_FILE_REGISTER)
        return import_register(j, s, files, d);
    if (files != 1)
        return tc_diag_set(d, TC_E_USAGE, "only a register is two files");
    return import_one(j, &s[0], format, d);
}

tc_err tc_import(struct tc_node *n, const char *const *names, const int *fds, size_t files,
                 const struct tc_import_options *o, struct tc_import_result *result,
                 struct tc_diag *d)
{
    struct source s[2];
    struct tc_import_job j;
    struct tc_diag own;
    if (!d)
        d = &own;
    if (files < 1 || files > 2)
        return tc_diag_set(d, TC_E_USAGE, "one file, or two of a register");
    if (!tc_access_may_write(n->access, o->from.principal, o->from.community))
        return tc_intake_not_there(&o->from, d);
    tc_diag_init(d);
    for (size_t i = 0; i < files; i++) {
        tc_err e = source_open(&s[i], names[i], fds[i], d);
        if (e)
            return e;
    }
    tc_diag_file(d, names[0]);
    tc_err e = tc_import_job_init(&j, n, o, names[0]);
    if (e)
        return tc_diag_set(d, e, "out of memory");
    e = import_files(&j, s, files, o->format, d);
    if (!e)
        *result = j.result;
    tc_import_job_fini(&j);
    return e;
}

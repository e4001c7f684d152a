/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include "base/str.h"

#include <errno.h>
#include <stdio.h>

static const struct {
    const char *name, *text;
    int http, exit;
} rows[] = {
#define TC_ERR(name, text, http, exit) {#name, text, http, exit},
#include "base/err.def"
#undef TC_ERR
};

void tc_diag_init(struct tc_diag *d)
{
    memset(d, 0, sizeof *d);
    d->offset = UINT64_MAX;
}

tc_err tc_diag_set(struct tc_diag *d, tc_err code, const char *fmt, ...)
{
    if (d) {
        char text[2 * sizeof d->message];
        va_list ap;
        va_start(ap, fmt);
        int n = vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        d->code = code;
        (void)tc_str_show(tc_str_cstr(n < 0 ? "" : text), d->message, sizeof d->message);
    }
    return code;
}

void tc_diag_at(struct tc_diag *d, uint64_t line, uint64_t column, uint64_t offset)
{
    if (!d)
        return;
    d->line = line;
    d->column = column;
    d->offset = offset;
}

void tc_diag_file(struct tc_diag *d, const char *name)
{
    if (d)
        (void)tc_str_show(tc_str_cstr(name), d->file, sizeof d->file);
}

void tc_diag_object(struct tc_diag *d, const char *id, uint64_t len)
{
    if (d)
        (void)tc_str_show(tc_str_view(id, len), d->object, sizeof d->object);
}

void tc_diag_path(struct tc_diag *d, const char *path, uint64_t len)
{
    if (d)
        (void)tc_str_show(tc_str_view(path, len), d->path, sizeof d->path);
}

/* "12:5: ", "12: ", " byte 99: " or "" */
static void where(const struct tc_diag *d, char *out, size_t size)
{
    unsigned long long line = d->line, column = d->column, offset = d->offset;
    if (line && column)
        (void)snprintf(out, size, "%llu:%llu: ", line, column);
    else if (line)
        (void)snprintf(out, size, "%llu: ", line);
    else if (d->offset != UINT64_MAX)
        (void)snprintf(out, size, "%sbyte %llu: ", d->file[0] ? " " : "", offset);
    else
        (void)snprintf(out, size, "%s", d->file[0] ? " " : "");
}

void tc_diag_format(const struct tc_diag *d, char *out, uint64_t size)
{
    char place[64], text[sizeof *d + sizeof place + 16];
    where(d, place, sizeof place);
    (void)snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s", d->file, d->file[0] ? ":" : "", place,
                   d->object, d->object[0] ? ": " : "", d->path, d->path[0] ? ": " : "",
                   d->message[0] ? d->message : tc_err_text(d->code));
    (void)tc_str_show(tc_str_cstr(text), out, size);
}

const char *tc_err_name(tc_err e)
{
    return e < TC_E_COUNT ? rows[e].name : "UNKNOWN";
}

const char *tc_err_text(tc_err e)
{
    return e < TC_E_COUNT ? rows[e].text : "unknown error";
}

int tc_err_http(tc_err e)
{
    return e < TC_E_COUNT ? rows[e].http : 500;
}

int tc_err_exit(tc_err e)
{
    return e < TC_E_COUNT ? rows[e].exit : 4;
}

tc_err tc_err_from_errno(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return TC_E_FULL;
    case ENOMEM:
        return TC_E_NOMEM;
    case EACCES:
    case EPERM:
        return TC_E_DENIED;
    case ENOENT:
        return TC_E_NOTFOUND;
    default:
        return TC_E_IO;
    }
}

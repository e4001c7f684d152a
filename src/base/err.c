/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
        d->code = code;
        va_list ap;
        va_start(ap, fmt);
        int n = vsnprintf(d->message, sizeof d->message, fmt, ap);
        va_end(ap);
        if (n < 0)
            d->message[0] = '\0';
        else if ((size_t)n >= sizeof d->message)
            memcpy(d->message + sizeof d->message - 4, "...", 4);
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

static void put(char *to, size_t size, const char *from, uint64_t len)
{
    if (len < size) {
        memcpy(to, from, len);
        to[len] = '\0';
    } else {
        memcpy(to, from, size - 4);
        memcpy(to + size - 4, "...", 4);
    }
}

void tc_diag_file(struct tc_diag *d, const char *name)
{
    if (d)
        put(d->file, sizeof d->file, name, strlen(name));
}

void tc_diag_object(struct tc_diag *d, const char *id, uint64_t len)
{
    if (d)
        put(d->object, sizeof d->object, id, len);
}

void tc_diag_path(struct tc_diag *d, const char *path, uint64_t len)
{
    if (d)
        put(d->path, sizeof d->path, path, len);
}

struct out {
    char *p;
    uint64_t n, size;
};

static void add(struct out *o, const char *s)
{
    for (; *s && o->n + 1 < o->size; s++) {
        unsigned char c = (unsigned char)*s;
        o->p[o->n++] = (c < 0x20 || c == 0x7f) ? '?' : (char)c;
    }
}

void tc_diag_format(const struct tc_diag *d, char *out, uint64_t size)
{
    if (size == 0)
        return;
    struct out o = {out, 0, size};
    char num[64];
    if (d->file[0]) {
        add(&o, d->file);
        add(&o, ":");
    }
    if (d->line) {
        if (d->column)
            (void)snprintf(num, sizeof num, "%llu:%llu:", (unsigned long long)d->line,
                           (unsigned long long)d->column);
        else
            (void)snprintf(num, sizeof num, "%llu:", (unsigned long long)d->line);
        add(&o, num);
    } else if (d->offset != UINT64_MAX) {
        (void)snprintf(num, sizeof num, " byte %llu:", (unsigned long long)d->offset);
        add(&o, num);
    }
    if (o.n)
        add(&o, " ");
    if (d->object[0]) {
        add(&o, d->object);
        add(&o, ": ");
    }
    if (d->path[0]) {
        add(&o, d->path);
        add(&o, ": ");
    }
    add(&o, d->message[0] ? d->message : tc_err_text(d->code));
    out[o.n] = '\0';
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

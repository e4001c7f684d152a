/* SPDX-License-Identifier: Apache-2.0 */
/* Errors. Every fallible function returns tc_err, 0 is success, results are untouched on failure.
 * What is wrong with somebody's input goes into the caller's tc_diag; what is wrong with us is an
 * assert. A tc_diag owns its text (fixed arrays, cut with "..." when longer, put through
 * tc_str_show), so it can outlive the input and be shown or sent. Not shared between threads. */
#ifndef TC_BASE_ERR_H
#define TC_BASE_ERR_H

#include <stdarg.h>
#include <stdint.h>

typedef enum tc_err {
#define TC_ERR(name, text, http, exit) TC_E_##name,
#include "base/err.def"
#undef TC_ERR
    TC_E_COUNT
} tc_err;

#define TC_OK TC_E_OK

#define TC_MUST_USE         __attribute__((warn_unused_result))
#define TC_PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define TC_API              __attribute__((visibility("default")))

struct tc_diag {
    tc_err code;
    char file[256];    /* name the person gave, or "" */
    char object[128];  /* id of the object at fault, or "" */
    char path[192];    /* path inside the object ("external_references[2].url"), or "" */
    char message[400]; /* one sentence without the final period */
    uint64_t line;     /* 1-based, 0 = not known */
    uint64_t column;   /* 1-based, 0 = not known */
    uint64_t offset;   /* byte offset from the start of the input, UINT64_MAX = not known */
};

void tc_diag_init(struct tc_diag *d);

/* Sets code and message and returns code, so that "return tc_diag_set(d, TC_E_SYNTAX, ...)" works.
 * d may be NULL. The place (file, object, path, line, offset) is left as it is. */
tc_err tc_diag_set(struct tc_diag *d, tc_err code, const char *fmt, ...) TC_PRINTF(3, 4);

void tc_diag_at(struct tc_diag *d, uint64_t line, uint64_t column, uint64_t offset);
void tc_diag_file(struct tc_diag *d, const char *name);
void tc_diag_object(struct tc_diag *d, const char *id, uint64_t len);
void tc_diag_path(struct tc_diag *d, const char *path, uint64_t len);

/* "FILE:LINE:COL: OBJECT: PATH: message" with the absent parts left out; without a line, "byte N"
 * when the offset is known. Valid UTF-8 without control characters, so that a terminal cannot be
 * driven by input. NUL-terminated when size > 0. */
void tc_diag_format(const struct tc_diag *d, char *out, uint64_t size);

const char *tc_err_name(tc_err e);
const char *tc_err_text(tc_err e);
int tc_err_http(tc_err e);
int tc_err_exit(tc_err e);

/* Maps errno of a failed write/open to FULL, NOMEM, DENIED, NOTFOUND or IO. */
tc_err tc_err_from_errno(int errnum);

#endif

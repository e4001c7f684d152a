/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask.h"

#include "cli/opts.h"
#include "cli/parts.h"
#include "node/node.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

int tc_cli_fail(const char *command, tc_err e, const struct tc_diag *d)
{
    char text[1200];
    if (d->code == TC_OK)
        (void)snprintf(text, sizeof text, "%s", tc_err_text(e));
    else
        tc_diag_format(d, text, sizeof text);
    (void)fprintf(stderr, "tocsin %s: %s\n", command, text);
    return tc_err_exit(e);
}

/* ---- asking ---- */

void tc_ask_init(struct tc_ask *a)
{
    tc_buf_init(&a->buf, TC_OP_REQUEST);
    a->w = tc_jsonw_into(&a->buf);
    tc_jsonw_object(&a->w);
    tc_ask_reason(&a->w);
}

void tc_ask_reason(struct tc_jsonw *w)
{
    if (tc_cli_reason)
        tc_jsonw_kcstr(w, "reason", tc_cli_reason);
}

void tc_ask_told(void *arg, struct tc_str json)
{
    struct tc_json j = {NULL, NULL};
    size_t i, n;
    yyjson_val *v;
    (void)arg;
    if (tc_json_read(json, TC_OP_REQUEST, 0, &j, NULL))
        return;
    yyjson_val *list = tc_json_get(j.root, "reason_asked");
    if (list)
        (void)fputs("communities that ask for a reason (--reason TEXT): ", stderr);
    yyjson_arr_foreach (list, i, n, v) {
        char shown[400];
        size_t len = tc_str_show(tc_json_view(v), shown, sizeof shown);
        (void)fprintf(stderr, "%s%.*s%s", i ? ", " : "", (int)len, shown, i + 1 < n ? "" : "\n");
    }
    tc_json_fini(&j);
}

static void wipe(struct tc_buf *b)
{
    if (b->p)
        sodium_memzero(b->p, b->cap);
    tc_buf_fini(b);
}

tc_err tc_ask_file(struct tc_ask *a, const char *dir, const char *op, int fd,
                   struct tc_json *answer, struct tc_diag *d)
{
    struct tc_buf out;
    tc_buf_init(&out, TC_OP_ANSWER);
    tc_jsonw_object_end(&a->w);
    tc_err e = tc_cli_parts();
    if (!e)
        e = a->buf.err;
    if (!e)
        e = tc_node_call(dir, op, tc_buf_view(&a->buf), fd, &out, tc_ask_told, NULL, d);
    if (!e)
        e = tc_json_read(tc_buf_view(&out), TC_OP_ANSWER, 0, answer, d);
    wipe(&a->buf);
    wipe(&out);
    return e;
}

int tc_ask_send(struct tc_ask *a, const char *command, const char *dir, const char *op,
                struct tc_json *answer)
{
    struct tc_diag d;
    struct tc_json j = {NULL, NULL};
    tc_diag_init(&d);
    tc_err e = tc_ask_file(a, dir, op, -1, &j, &d);
    if (e)
        return tc_cli_fail(command, e, &d);
    *answer = j;
    return -1;
}

/* ---- showing ---- */

void tc_cli_json(const struct tc_json *answer)
{
    size_t n = 0;
    char *text = yyjson_val_write(answer->root, 0, &n);
    if (text) {
        (void)fwrite(text, 1, n, stdout);
        (void)fputc('\n', stdout);
    }
    free(text);
}

/* One cell as text in buf (or a view of the value). */
static struct tc_str cell(yyjson_val *row, const char *member, char *buf, size_t size)
{
    yyjson_val *v = tc_json_get(row, member);
    if (yyjson_is_str(v)) {
        size_t n = tc_str_show(tc_json_view(v), buf, size);
        return tc_str_view(buf, n);
    }
    if (yyjson_is_bool(v))
        return yyjson_get_bool(v) ? TC_STR("yes") : TC_STR("no");
    if (!yyjson_is_uint(v))
        return TC_STR("");
    int n = snprintf(buf, size, "%llu", (unsigned long long)yyjson_get_uint(v));
    return tc_str_view(buf, n > 0 ? (size_t)n : 0);
}

static size_t width(struct tc_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

static void put(struct tc_str s, size_t to, bool last)
{
    (void)fwrite(s.p, 1, s.n, stdout);
    for (size_t n = width(s); !last && n < to + 2; n++)
        (void)fputc(' ', stdout);
}

#define COLUMNS 10
#define CELL    1024

void tc_cli_table(yyjson_val *rows, const struct tc_cli_column *columns, size_t n, const char *none)
{
    char buf[CELL];
    size_t wide[COLUMNS], i, max;
    yyjson_val *row;
    if (yyjson_arr_size(rows) == 0) {
        (void)puts(none);
        return;
    }
    n = n < COLUMNS ? n : COLUMNS;
    for (size_t c = 0; c < n; c++)
        wide[c] = strlen(columns[c].title);
    yyjson_arr_foreach (rows, i, max, row) {
        for (size_t c = 0; c < n; c++) {
            size_t w = width(cell(row, columns[c].member, buf, sizeof buf));
            wide[c] = w > wide[c] ? w : wide[c];
        }
    }
    for (size_t c = 0; c < n; c++)
        put(tc_str_cstr(columns[c].title), wide[c], c + 1 == n);
    (void)fputc('\n', stdout);
    yyjson_arr_foreach (rows, i, max, row) {
        for (size_t c = 0; c < n; c++)
            put(cell(row, columns[c].member, buf, sizeof buf), wide[c], c + 1 == n);
        (void)fputc('\n', stdout);
    }
}

/* ---- passwords ---- */

/* One line of at most size - 1 bytes; false when it is longer or cannot be read. */
static bool read_line(int fd, char *out, size_t size)
{
    size_t n = 0;
    char c;
    ssize_t got;
    while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
        if (n + 1 >= size)
            return false;
        out[n++] = c;
    }
    if (n && out[n - 1] == '\r')
        n--;
    out[n] = '\0';
    return got >= 0;
}

static int from_terminal(const char *command, char *out, size_t size)
{
    char again[1100];
    struct termios old, quiet;
    bool ok = false;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &old) != 0) {
        (void)fprintf(stderr,
                      "tocsin %s: no terminal to ask for a password on; give "
                      "--password-file\n",
                      command);
        return 2;
    }
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    (void)fputs("Password: ", stderr);
    if (read_line(STDIN_FILENO, out, size)) {
        (void)fputs("\nOnce more: ", stderr);
        ok = read_line(STDIN_FILENO, again, sizeof again) && strcmp(out, again) == 0;
    }
    (void)fputc('\n', stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
    sodium_memzero(again, sizeof again);
    if (ok)
        return -1;
    (void)fprintf(stderr, "tocsin %s: the two are not the same\n", command);
    return 3;
}

int tc_cli_password(const char *command, const char *file, char *out, size_t size)
{
    if (!file)
        return from_terminal(command, out, size);
    bool in = strcmp(file, "-") == 0;
    int fd = in ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        (void)fprintf(stderr, "tocsin %s: %s: %s\n", command, file,
                      tc_err_text(tc_err_from_errno(errno)));
        return 3;
    }
    bool ok = read_line(fd, out, size);
    if (!in)
        (void)close(fd);
    if (ok)
        return -1;
    (void)fprintf(stderr, "tocsin %s: %s: the password's line is too long\n", command, file);
    return 3;
}

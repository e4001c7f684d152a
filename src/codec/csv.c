/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/csv.h"

void tc_csv_init(struct tc_csv *c, struct tc_str input)
{
    if (tc_str_starts(input, TC_STR("\xef\xbb\xbf"))) {
        input.p += 3;
        input.n -= 3;
    }
    *c = (struct tc_csv){.at = input.p, .end = input.p + input.n, .line = 1, .start = input.p};
    tc_buf_init(&c->text, TC_MAX_CSV_LINE);
}

void tc_csv_fini(struct tc_csv *c)
{
    tc_buf_fini(&c->text);
}

static tc_err bad(const struct tc_csv *c, struct tc_diag *d, tc_err code, const char *row,
                  const char *text)
{
    if (d)
        tc_diag_at(d, c->line, (uint64_t)(c->at - row) + 1, (uint64_t)(c->at - c->start));
    return tc_diag_set(d, code, "%s", text);
}

/* Behind the next line break that is outside quotes, as far as that can be told after an error:
 * the first line break of all. */
static void skip_line(struct tc_csv *c)
{
    const char *nl = c->at < c->end ? memchr(c->at, '\n', (size_t)(c->end - c->at)) : NULL;
    c->at = nl ? nl + 1 : c->end;
    c->line++;
}

/* c->at stands behind the opening quote; afterwards behind the closing one. The field is a view
 * of the input, or of text when quotes had to be taken out. *row moves with line breaks. */
static tc_err quoted(struct tc_csv *c, struct tc_str *field, const char **row, struct tc_diag *d)
{
    const char *from = c->at;
    size_t begin = c->text.n;
    bool copied = false;
    for (;;) {
        const char *q = c->at < c->end ? memchr(c->at, '"', (size_t)(c->end - c->at)) : NULL;
        if (!q)
            return bad(c, d, TC_E_SYNTAX, *row, "a quote is opened and never closed");
        for (const char *p = c->at; p < q; p++) {
            if (*p == '\n') {
                c->line++;
                *row = p + 1;
            }
        }
        c->at = q + 1;
        if (c->at == c->end || *c->at != '"') {
            if (copied) {
                tc_buf_add(&c->text, from, (size_t)(q - from));
                *field = tc_str_view((const char *)NULL, c->text.n - begin);
            } else {
                *field = tc_str_view(from, (size_t)(q - from));
            }
            return c->text.err ? bad(c, d, c->text.err, *row, "the row is too long") : TC_OK;
        }
        copied = true;
        tc_buf_add(&c->text, from, (size_t)(c->at - from)); /* with one of the two quotes */
        from = ++c->at;
    }
}

static tc_err unquoted(struct tc_csv *c, struct tc_str *field, const char *row, struct tc_diag *d)
{
    const char *from = c->at;
    while (c->at < c->end && *c->at != ',' && *c->at != '\n' && *c->at != '"')
        c->at++;
    if (c->at < c->end && *c->at == '"')
        return bad(c, d, TC_E_SYNTAX, row, "a quote inside a field that does not begin with one");
    size_t n = (size_t)(c->at - from);
    bool line_ends = c->at == c->end || *c->at == '\n';
    if (line_ends && n && from[n - 1] == '\r')
        n--;
    *field = tc_str_view(from, n);
    return TC_OK;
}

static tc_err check_field(const struct tc_csv *c, struct tc_str f, const char *row,
                          struct tc_diag *d)
{
    if (f.n && memchr(f.p, 0, f.n))
        return bad(c, d, TC_E_SYNTAX, row, "a NUL byte in a field");
    if (!tc_str_utf8(f))
        return bad(c, d, TC_E_SYNTAX, row, "a field is not UTF-8");
    return TC_OK;
}

/* Behind a field: 1 another one follows, 0 the row is over, -1 neither. */
static int behind(struct tc_csv *c)
{
    if (c->at == c->end)
        return 0;
    if (*c->at == ',') {
        c->at++;
        return 1;
    }
    if (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n')
        c->at++;
    if (*c->at == '\n' || (*c->at == '\r' && c->at + 1 == c->end)) {
        c->at++;
        c->line++;
        return 0;
    }
    return -1;
}

static tc_err read_row(struct tc_csv *c, struct tc_diag *d)
{
    const char *row = c->at, *first = c->at;
    int more = 1;
    while (more > 0) {
        struct tc_str *f = &c->field[c->fields];
        tc_err e;
        if (c->fields == TC_CSV_FIELDS)
            return bad(c, d, TC_E_LIMIT, row, "more than 64 fields in a row");
        if (c->at < c->end && *c->at == '"') {
            c->at++;
            e = quoted(c, f, &row, d);
        } else {
            e = unquoted(c, f, row, d);
        }
        if (e)
            return e;
        c->fields++;
        if ((size_t)(c->at - first) > TC_MAX_CSV_LINE)
            return bad(c, d, TC_E_LIMIT, row, "the row is too long");
        more = behind(c);
        if (more < 0)
            return bad(c, d, TC_E_SYNTAX, row, "text behind a closing quote");
    }
    /* Only now is the text buffer where it stays. */
    size_t used = 0;
    for (size_t i = 0; i < c->fields; i++) {
        if (!c->field[i].p) {
            c->field[i].p = c->text.p + used;
            used += c->field[i].n;
        }
        tc_err e = check_field(c, c->field[i], row, d);
        if (e)
            return e;
    }
    return TC_OK;
}

static bool blank(const struct tc_csv *c)
{
    return *c->at == '\n' || (*c->at == '\r' && (c->at + 1 == c->end || c->at[1] == '\n'));
}

bool tc_csv_next(struct tc_csv *c, tc_err *err, struct tc_diag *diag)
{
    *err = TC_OK;
    while (c->at < c->end && blank(c)) {
        c->at += *c->at == '\r' && c->at + 1 < c->end ? 2 : 1;
        c->line++;
    }
    c->fields = 0;
    c->row_line = c->line;
    if (c->at == c->end)
        return false;
    tc_buf_clear(&c->text);
    const char *begin = c->at;
    *err = read_row(c, diag);
    if (*err) {
        c->fields = 0;
        /* An error seen after the row's end has left nothing of it to skip. */
        if (c->at == begin || c->at[-1] != '\n')
            skip_line(c);
    }
    return true;
}

void tc_csv_quote(struct tc_buf *b, struct tc_str field)
{
    bool quote = false;
    for (size_t i = 0; i < field.n && !quote; i++)
        quote = memchr("\",\r\n", field.p[i], 4) != NULL;
    if (!quote) {
        tc_buf_str(b, field);
        return;
    }
    tc_buf_char(b, '"');
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] == '"')
            tc_buf_char(b, '"');
        tc_buf_char(b, field.p[i]);
    }
    tc_buf_char(b, '"');
}

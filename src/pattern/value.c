/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/value.h"

#include "base/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <uninorm.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct tc_values {
    struct tc_buf text, bytes;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_compile_context *compile;
    uint64_t gave_up;
    bool starved;
};

struct tc_values *tc_values_new(void)
{
    struct tc_values *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    tc_buf_init(&v->text, (size_t)TC_MAX_OBJECT * 4);
    tc_buf_init(&v->bytes, (size_t)TC_MAX_OBJECT * 4);
    v->data = pcre2_match_data_create(1, NULL);
    v->context = pcre2_match_context_create(NULL);
    v->compile = pcre2_compile_context_create(NULL);
    if (!v->data || !v->context || !v->compile) {
        tc_values_free(v);
        return NULL;
    }
    (void)pcre2_set_match_limit(v->context, TC_PATTERN_REGEX_STEPS);
    (void)pcre2_set_depth_limit(v->context, TC_PATTERN_REGEX_STEPS);
    (void)pcre2_set_heap_limit(v->context, TC_PATTERN_REGEX_MEMORY);
    (void)pcre2_set_max_pattern_length(v->compile, TC_PATTERN_MAX_REGEX);
    return v;
}

void tc_values_free(struct tc_values *v)
{
    if (!v)
        return;
    tc_buf_fini(&v->text);
    tc_buf_fini(&v->bytes);
    pcre2_match_data_free(v->data);
    pcre2_match_context_free(v->context);
    pcre2_compile_context_free(v->compile);
    free(v);
}

bool tc_values_starved(struct tc_values *v)
{
    bool yes = v->starved;
    v->starved = false;
    return yes;
}

uint64_t tc_values_gave_up(const struct tc_values *v)
{
    return v->gave_up;
}

enum tc_reading tc_reading_of(struct tc_str property)
{
    return tc_str_ends(property, TC_STR("_hex"))   ? TC_READ_HEX
           : tc_str_ends(property, TC_STR("_bin")) ? TC_READ_BASE64
                                                   : TC_READ_PLAIN;
}

/* ---- text and bytes ---- */

static int digit_of(unsigned char c, enum tc_reading reading)
{
    if (c >= '0' && c <= '9')
        return c - '0' + (reading == TC_READ_HEX ? 0 : 52);
    if (reading == TC_READ_HEX) {
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool tc_values_decode(struct tc_values *v, struct tc_str s, enum tc_reading reading,
                      struct tc_str *out)
{
    uint32_t acc = 0;
    unsigned bits = 0, per = reading == TC_READ_HEX ? 4 : 6;
    tc_buf_clear(&v->bytes);
    char *to = tc_buf_room(&v->bytes, s.n + 1);
    while (reading == TC_READ_BASE64 && s.n && s.p[s.n - 1] == '=')
        s.n--;
    for (size_t i = 0; to && i < s.n; i++) {
        int d = digit_of((unsigned char)s.p[i], reading);
        if (d < 0)
            return false;
        acc = acc << per | (uint32_t)d;
        bits += per;
        if (bits >= 8) {
            bits -= 8;
            to[v->bytes.n++] = (char)(acc >> bits & 0xff);
        }
    }
    *out = tc_buf_view(&v->bytes);
    v->starved = v->starved || v->bytes.err == TC_E_NOMEM;
    return to != NULL;
}

/* Text as bytes, a character each; false above U+00FF. to has s.n bytes. */
static bool latin1(struct tc_str s, char *to, size_t *n)
{
    size_t o = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80) {
            if ((c != 0xc2 && c != 0xc3) || i + 1 == s.n)
                return false;
            c = (unsigned char)((c & 3) << 6 | ((unsigned char)s.p[++i] & 0x3f));
        }
        to[o++] = (char)c;
    }
    *n = o;
    return true;
}

static bool ascii(struct tc_str s)
{
    size_t i = 0;
    for (uint64_t w; i + 8 <= s.n; i += 8) {
        memcpy(&w, s.p + i, 8);
        if (w & UINT64_C(0x8080808080808080))
            return false;
    }
    for (; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

bool tc_values_text(struct tc_values *v, struct tc_str s, enum tc_reading reading,
                    struct tc_str *out)
{
    if (reading != TC_READ_PLAIN)
        return tc_values_decode(v, s, reading, out);
    *out = s;
    if (ascii(s))
        return true;
    tc_buf_clear(&v->text);
    size_t n = s.n * 3 + 32; /* normal form C has at most three times the bytes */
    char *to = tc_buf_room(&v->text, n);
    uint8_t *r =
        to ? u8_normalize(UNINORM_NFC, (const uint8_t *)s.p, s.n, (uint8_t *)to, &n) : NULL;
    if (!r) {
        v->starved = v->starved || v->text.err == TC_E_NOMEM || (to && errno == ENOMEM);
        return false;
    }
    if (r != (uint8_t *)to) {
        tc_buf_add(&v->text, r, n);
        free(r);
        n = v->text.n;
    }
    *out = tc_str_view(v->text.p, n);
    v->starved = v->starved || v->text.err == TC_E_NOMEM;
    return !v->text.err;
}

/* ---- addresses ---- */

struct tc_net tc_net_of(struct tc_str s)
{
    struct tc_net net = {0}, none = {0};
    char z[64];
    size_t slash = tc_str_find(s, TC_STR("/"));
    struct tc_str host = slash == SIZE_MAX ? s : tc_str_view(s.p, slash);
    if (!host.n || memchr(host.p, '\0', host.n) || !tc_str_copy(host, z, sizeof z))
        return none;
    bool six = memchr(host.p, ':', host.n) != NULL;
    unsigned most = six ? 128 : 32, bits = most;
    if (inet_pton(six ? AF_INET6 : AF_INET, z, net.b) != 1)
        return none;
    if (slash != SIZE_MAX) {
        bits = 0;
        if (slash + 1 == s.n || s.n - slash > 4)
            return none;
        for (size_t i = slash + 1; i < s.n; i++) {
            if (s.p[i] < '0' || s.p[i] > '9')
                return none;
            bits = bits * 10 + (unsigned)(s.p[i] - '0');
        }
    }
    if (bits > most)
        return none;
    net.family = six ? 6 : 4;
    net.bits = (uint8_t)bits;
    return net;
}

static bool inside(const struct tc_net *small, const struct tc_net *big)
{
    unsigned whole = big->bits / 8u, rest = big->bits % 8u;
    if (!small->family || small->family != big->family || small->bits < big->bits)
        return false;
    if (memcmp(small->b, big->b, whole) != 0)
        return false;
    return !rest || (small->b[whole] ^ big->b[whole]) >> (8 - rest) == 0;
}

/* ---- order ---- */

static bool holds_order(int c, enum tc_cmp_op op)
{
    switch (op) {
    case TC_OP_EQ:
        return c == 0;
    case TC_OP_NE:
        return c != 0;
    case TC_OP_LT:
        return c < 0;
    case TC_OP_LE:
        return c <= 0;
    case TC_OP_GT:
        return c > 0;
    case TC_OP_GE:
        return c >= 0;
    default:
        return false;
    }
}

static bool number_holds(yyjson_val *value, enum tc_cmp_op op, const struct tc_const *c)
{
    if (!yyjson_is_num(value))
        return op == TC_OP_NE;
    bool fits =
        yyjson_is_int(value) && !(yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX);
    if (c->kind == TC_LIT_INT && fits) {
        int64_t i = yyjson_get_sint(value);
        return holds_order(i < c->i ? -1 : i > c->i, op);
    }
    double x = yyjson_get_num(value), y = c->kind == TC_LIT_INT ? (double)c->i : c->d;
    return holds_order(x < y ? -1 : x > y, op);
}

static bool text_holds(yyjson_val *value, const struct tc_test *t, enum tc_cmp_op op,
                       const struct tc_const *c, struct tc_values *v)
{
    bool differ = op == TC_OP_NE;
    if (!yyjson_is_str(value) || c->never)
        return differ;
    struct tc_str s = {yyjson_get_str(value), yyjson_get_len(value)};
    if (t->reading != TC_READ_PLAIN) {
        if (!tc_values_decode(v, s, t->reading, &s))
            return differ;
    } else if (c->bytes) {
        tc_buf_clear(&v->bytes);
        char *to = tc_buf_room(&v->bytes, s.n + 1);
        if (!to || !latin1(s, to, &v->bytes.n))
            return differ;
        s = tc_buf_view(&v->bytes);
    }
    if (op == TC_OP_EQ)
        return tc_str_eq(s, c->s);
    return holds_order(tc_str_cmp(s, c->s), op);
}

static bool compare(yyjson_val *value, const struct tc_test *t, enum tc_cmp_op op,
                    const struct tc_const *c, struct tc_values *v)
{
    tc_time at;
    switch (c->kind) {
    case TC_LIT_INT:
    case TC_LIT_FLOAT:
        return number_holds(value, op, c);
    case TC_LIT_BOOL:
        return yyjson_is_bool(value) ? holds_order(yyjson_get_bool(value) - c->b, op)
                                     : op == TC_OP_NE;
    case TC_LIT_TIME:
        if (!yyjson_is_str(value) ||
            tc_time_parse_z(tc_str_view(yyjson_get_str(value), yyjson_get_len(value)), &at))
            return op == TC_OP_NE;
        return holds_order(at < c->i ? -1 : at > c->i, op);
    case TC_LIT_STRING:
    case TC_LIT_HEX:
    case TC_LIT_BINARY:
        break;
    }
    return text_holds(value, t, op, c, v);
}

/* ---- LIKE and MATCHES ---- */

static size_t character(struct tc_str s, size_t at, bool bytes)
{
    size_t n = 1;
    while (!bytes && at + n < s.n && ((unsigned char)s.p[at + n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* '%' any number of characters, '_' one. Only the last '%' is ever tried again: O(n * m). */
static bool like(struct tc_str s, struct tc_str p, bool bytes)
{
    size_t i = 0, j = 0, again = SIZE_MAX, mark = 0;
    while (i < s.n) {
        if (j < p.n && p.p[j] == '%') {
            again = ++j;
            mark = i;
        } else if (j < p.n && p.p[j] == '_') {
            i += character(s, i, bytes);
            j++;
        } else if (j < p.n && p.p[j] == s.p[i]) {
            i++;
            j++;
        } else if (again != SIZE_MAX) {
            mark += character(s, mark, bytes);
            i = mark;
            j = again;
        } else {
            return false;
        }
    }
    while (j < p.n && p.p[j] == '%')
        j++;
    return j == p.n;
}

static bool regex_holds(const struct tc_test *t, struct tc_str s, struct tc_values *v)
{
    if (!t->regex)
        return false;
    /* normal form C of well-formed text is well-formed: no second look by PCRE2 */
    uint32_t options = t->reading == TC_READ_PLAIN ? PCRE2_NO_UTF_CHECK : 0;
    const char *p = s.p ? s.p : "";
    int r = pcre2_match(t->regex, (PCRE2_SPTR)p, s.n, 0, options, v->data, v->context);
    if (r == PCRE2_ERROR_NOMEMORY)
        v->starved = true;
    else if (r < 0 && r != PCRE2_ERROR_NOMATCH)
        v->gave_up++;
    return r >= 0;
}

static bool text_op_holds(const struct tc_test *t, yyjson_val *value, struct tc_values *v)
{
    if (!yyjson_is_str(value))
        return false;
    struct tc_str s = {yyjson_get_str(value), yyjson_get_len(value)};
    if (t->op == TC_OP_ISSUBSET || t->op == TC_OP_ISSUPERSET) {
        struct tc_net net = tc_net_of(s);
        return t->op == TC_OP_ISSUBSET ? inside(&net, &t->net) : inside(&t->net, &net);
    }
    if (t->consts[0].never || !tc_values_text(v, s, t->reading, &s))
        return false;
    return t->op == TC_OP_LIKE ? like(s, t->consts[0].s, t->reading != TC_READ_PLAIN)
                               : regex_holds(t, s, v);
}

bool tc_test_holds(const struct tc_test *t, yyjson_val *value, struct tc_values *v)
{
    bool r = false;
    if (t->op == TC_OP_EXISTS)
        return true;
    if (t->op == TC_OP_IN) {
        for (size_t i = 0; i < t->n && !r; i++)
            r = compare(value, t, TC_OP_EQ, &t->consts[i], v);
    } else if (t->op >= TC_OP_LIKE) {
        r = text_op_holds(t, value, v);
    } else {
        r = compare(value, t, t->op, &t->consts[0], v);
    }
    return r != t->negated;
}

/* ---- making ---- */

static tc_err compile_regex(struct tc_test *t, size_t at, struct tc_values *v, struct tc_diag *d)
{
    int code;
    PCRE2_SIZE where, size = 0;
    struct tc_str s = t->consts[0].s;
    uint32_t options = t->reading == TC_READ_PLAIN ? PCRE2_UTF | PCRE2_UCP : 0;
    if (t->consts[0].never)
        return TC_OK;
    t->regex = pcre2_compile((PCRE2_SPTR)(s.p ? s.p : ""), s.n, PCRE2_DOTALL | options, &code,
                             &where, v->compile);
    if (!t->regex && code == PCRE2_ERROR_HEAP_FAILED)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (!t->regex) {
        unsigned char why[128];
        (void)pcre2_get_error_message(code, why, sizeof why);
        tc_diag_at(d, 0, 0, at);
        return tc_diag_set(d, TC_E_INVALID, "the regular expression is none: %s", (char *)why);
    }
    (void)pcre2_pattern_info(t->regex, PCRE2_INFO_SIZE, &size);
    if (size > TC_PATTERN_MAX_REGEX_COMPILED) {
        tc_diag_at(d, 0, 0, at);
        return tc_diag_set(d, TC_E_LIMIT, "the regular expression takes too much memory");
    }
    (void)pcre2_jit_compile(t->regex, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
    return TC_OK;
}

static size_t room_for(const struct tc_cmp *c)
{
    size_t n = 1;
    for (size_t i = 0; i < c->n_lits; i++)
        n += c->lits[i].s.n;
    return n;
}

/* to: where the text of the constant goes. */
static tc_err make_const(const struct tc_lit *lit, struct tc_test *t, struct tc_values *v,
                         struct tc_const *c, char **to)
{
    bool pattern = t->op == TC_OP_LIKE || t->op == TC_OP_MATCHES;
    struct tc_str s = lit->s;
    *c = (struct tc_const){.kind = lit->kind, .i = lit->i, .d = lit->d, .b = lit->b};
    if (lit->kind == TC_LIT_TIME)
        c->i = lit->t;
    c->bytes = t->reading != TC_READ_PLAIN || lit->kind != TC_LIT_STRING;
    if (lit->kind == TC_LIT_STRING && c->bytes) {
        c->never = !latin1(s, *to, &c->s.n);
    } else if (s.n) {
        if (pattern && !tc_values_text(v, s, TC_READ_PLAIN, &s))
            return TC_E_NOMEM;
        if (s.n >
            lit->s.n) { /* rare: normal form C is longer (LIKE and MATCHES have one constant) */
            char *more = malloc(s.n);
            if (!more)
                return TC_E_NOMEM;
            free(t->text);
            t->text = *to = more;
        }
        memcpy(*to, s.p, s.n);
        c->s.n = s.n;
    }
    c->s.p = *to;
    return TC_OK;
}

tc_err tc_test_init(const struct tc_cmp *c, enum tc_reading reading, struct tc_values *v,
                    struct tc_test *out, struct tc_diag *d)
{
    struct tc_test t = {.op = c->op, .negated = c->negated, .reading = reading, .n = c->n_lits};
    tc_err e = TC_OK;
    t.consts = calloc(c->n_lits + 1, sizeof *t.consts);
    t.text = malloc(room_for(c));
    if (!t.consts || !t.text)
        e = tc_diag_set(d, TC_E_NOMEM, "out of memory");
    char *to = t.text;
    for (size_t i = 0; !e && i < t.n; i++) {
        e = make_const(&c->lits[i], &t, v, &t.consts[i], &to);
        to += t.consts[i].s.n;
    }
    if (!e && (c->op == TC_OP_ISSUBSET || c->op == TC_OP_ISSUPERSET))
        t.net = tc_net_of(c->lits[0].s);
    if (!e && c->op == TC_OP_MATCHES)
        e = compile_regex(&t, c->at, v, d);
    if (e)
        tc_test_fini(&t);
    else
        *out = t;
    return e;
}

void tc_test_fini(struct tc_test *t)
{
    free(t->consts);
    free(t->text);
    pcre2_code_free(t->regex);
    memset(t, 0, sizeof *t);
}

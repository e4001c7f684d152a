/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/parse.h"

#include "base/num.h"
#include "pattern/token.h"

#include <float.h>

struct parser {
    struct tc_lexer lexer;
    struct tc_token now;
    struct tc_arena *arena;
    struct tc_diag *d;
    struct tc_pattern *out;
    tc_err err; /* sticky */
    unsigned depth;
};

/* ---- errors ---- */

static void place(struct parser *p, size_t at)
{
    uint64_t line = 1, column = 1;
    for (size_t i = 0; i < at && i < p->lexer.text.n; i++) {
        column++;
        if (p->lexer.text.p[i] == '\n') {
            line++;
            column = 1;
        }
    }
    tc_diag_at(p->d, line, column, at);
}

static void fail(struct parser *p, tc_err code, size_t at, const char *what)
{
    if (p->err)
        return;
    p->err = tc_diag_set(p->d, code, "%s", what);
    place(p, at);
}

static void expected(struct parser *p, const char *what)
{
    if (p->err)
        return;
    const struct tc_token *t = &p->now;
    if (t->kind == TC_TOK_BAD)
        p->err = tc_diag_set(p->d, TC_E_SYNTAX, "%s (expected %s)", t->bad, what);
    else if (t->kind == TC_TOK_END)
        p->err = tc_diag_set(p->d, TC_E_SYNTAX, "the pattern ends where %s is expected", what);
    else
        p->err = tc_diag_set(p->d, TC_E_SYNTAX, "expected %s, found %.*s", what,
                             (int)(t->text.n > 60 ? 60 : t->text.n), t->text.p);
    place(p, t->at);
}

static void no_memory(struct parser *p)
{
    fail(p, tc_arena_err(p->arena), p->now.at, "the pattern takes too much memory");
}

/* ---- words ---- */

static void advance(struct parser *p)
{
    p->now = tc_lexer_next(&p->lexer);
}

static bool is_punct(const struct parser *p, char c)
{
    return !p->err && p->now.kind == TC_TOK_PUNCT && p->now.text.p[0] == c;
}

static bool take_punct(struct parser *p, char c)
{
    if (!is_punct(p, c))
        return false;
    advance(p);
    return true;
}

static bool is_word(const struct parser *p, const char *word)
{
    return !p->err && p->now.kind == TC_TOK_NAME &&
           tc_str_eq_nocase(p->now.text, tc_str_cstr(word));
}

static bool take_word(struct parser *p, const char *word)
{
    if (!is_word(p, word))
        return false;
    advance(p);
    return true;
}

/* ---- lists that grow in the arena: doubled by copying, so all of a list costs twice its end ----
 */

struct list {
    void *v;
    size_t n, cap;
};

static void *push(struct parser *p, struct list *l, size_t size)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 4;
        char *v = tc_arena_zalloc(p->arena, cap, size);
        if (!v) {
            no_memory(p);
            return NULL;
        }
        if (l->n)
            memcpy(v, l->v, l->n * size);
        l->v = v;
        l->cap = cap;
    }
    return (char *)l->v + l->n++ * size;
}

static void *node(struct parser *p, size_t size)
{
    void *v = tc_arena_zalloc(p->arena, 1, size);
    if (!v)
        no_memory(p);
    return v;
}

/* ---- literals ---- */

/* 'a\'b' -> a'b ; prefix: bytes before the opening quote. */
static struct tc_str unquote(struct parser *p, struct tc_str raw, size_t prefix)
{
    struct tc_str in = {raw.p + prefix + 1, raw.n - prefix - 2};
    if (in.n == 0 || !memchr(in.p, '\\', in.n))
        return in;
    char *out = tc_arena_alloc(p->arena, in.n);
    size_t n = 0;
    if (!out) {
        no_memory(p);
        return in;
    }
    for (size_t i = 0; i < in.n; i++) {
        i += in.p[i] == '\\';
        out[n++] = in.p[i];
    }
    return (struct tc_str){out, n};
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool decode_hex(struct tc_str in, char *out, size_t *n)
{
    if (in.n % 2)
        return false;
    for (size_t i = 0; i < in.n; i += 2) {
        int hi = hex_value(in.p[i]), lo = hex_value(in.p[i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        out[i / 2] = (char)(hi << 4 | lo);
    }
    *n = in.n / 2;
    return true;
}

/* RFC 4648 section 4 with its padding, no line breaks. */
static bool decode_base64(struct tc_str in, char *out, size_t *n)
{
    size_t pad = 0, o = 0;
    uint32_t bits = 0;
    if (in.n % 4)
        return false;
    while (pad < 2 && pad < in.n && in.p[in.n - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < in.n; i++) {
        int v = i < in.n - pad ? base64_value(in.p[i]) : 0;
        if (v < 0)
            return false;
        bits = bits << 6 | (uint32_t)v;
        if (i % 4 == 3)
            for (int k = 16; k >= 0; k -= 8)
                out[o++] = (char)(bits >> k & 0xff);
    }
    *n = o - pad;
    return true;
}

static void bytes_literal(struct parser *p, struct tc_lit *lit, bool hex)
{
    struct tc_str in = {p->now.text.p + 2, p->now.text.n - 3};
    char *out = tc_arena_alloc(p->arena, in.n + 1);
    if (!out) {
        no_memory(p);
        return;
    }
    lit->kind = hex ? TC_LIT_HEX : TC_LIT_BINARY;
    lit->s.p = out;
    if (!(hex ? decode_hex(in, out, &lit->s.n) : decode_base64(in, out, &lit->s.n)))
        fail(p, TC_E_SYNTAX, p->now.at,
             hex ? "h'...' takes an even number of hexadecimal digits"
                 : "b'...' takes base64 with its padding");
}

static void number_literal(struct parser *p, struct tc_lit *lit)
{
    struct tc_str s = p->now.text;
    if (s.p[0] == '+') {
        s.p++;
        s.n--;
    }
    if (p->now.kind == TC_TOK_INT) {
        lit->kind = TC_LIT_INT;
        if (tc_num_i64(s, INT64_MIN, INT64_MAX, &lit->i))
            fail(p, TC_E_LIMIT, p->now.at, "the number does not fit into 64 bits");
        return;
    }
    lit->kind = TC_LIT_FLOAT;
    size_t sign = s.p[0] == '-', point = s.p[sign] == '.';
    char *z =
        point ? tc_arena_fmt(p->arena, "%s0%.*s", sign ? "-" : "", (int)(s.n - sign), s.p + sign)
              : NULL; /* ".5" is a float here, not in the number grammar of base */
    if (tc_num_double(z ? tc_str_cstr(z) : s, -DBL_MAX, DBL_MAX, &lit->d))
        fail(p, TC_E_LIMIT, p->now.at, "the number is too long or too large");
}

static bool literal(struct parser *p, struct tc_lit *lit)
{
    if (p->err)
        return false;
    *lit = (struct tc_lit){.kind = TC_LIT_STRING};
    switch (p->now.kind) {
    case TC_TOK_STRING:
        lit->s = unquote(p, p->now.text, 0);
        break;
    case TC_TOK_INT:
    case TC_TOK_FLOAT:
        number_literal(p, lit);
        break;
    case TC_TOK_HEX:
    case TC_TOK_BINARY:
        bytes_literal(p, lit, p->now.kind == TC_TOK_HEX);
        break;
    case TC_TOK_TIME:
        lit->kind = TC_LIT_TIME;
        if (tc_time_parse_z(unquote(p, p->now.text, 1), &lit->t))
            fail(p, TC_E_SYNTAX, p->now.at, "t'...' takes a time such as 2026-01-31T08:00:00Z");
        break;
    default:
        if (!is_word(p, "true") && !is_word(p, "false")) {
            expected(p, "a value (text, number, true, false, h'..', b'..' or t'..')");
            return false;
        }
        lit->kind = TC_LIT_BOOL;
        lit->b = is_word(p, "true");
    }
    if (p->err)
        return false;
    advance(p);
    return true;
}

/* ---- object paths ---- */

/* One "[...]" step; the bracket is taken already. */
static void index_step(struct parser *p, struct tc_step *step)
{
    if (take_punct(p, '*')) {
        step->kind = TC_STEP_ANY;
    } else if (p->now.kind == TC_TOK_INT) {
        step->kind = TC_STEP_INDEX;
        struct tc_lit lit;
        if (literal(p, &lit))
            step->index = lit.i;
    } else {
        expected(p, "a list index or *");
    }
    if (!p->err && !take_punct(p, ']'))
        expected(p, "]");
}

static void name_step(struct parser *p, struct tc_step *step)
{
    step->kind = TC_STEP_NAME;
    if (p->now.kind == TC_TOK_STRING) {
        step->name = unquote(p, p->now.text, 0);
    } else if (p->now.kind == TC_TOK_NAME) {
        step->name = p->now.text;
        const char *hyphen = memchr(step->name.p, '-', step->name.n);
        if (hyphen) {
            fail(p, TC_E_SYNTAX, p->now.at + (size_t)(hyphen - step->name.p),
                 "a property name with a hyphen must stand in quotes");
            return;
        }
    } else {
        expected(p, "a property name");
        return;
    }
    advance(p);
}

static void path(struct parser *p, struct tc_path *out)
{
    struct list steps = {0};
    size_t from = p->now.at, end;
    if (p->now.kind != TC_TOK_NAME) {
        expected(p, "an object path such as file:name");
        return;
    }
    out->type = p->now.text;
    advance(p);
    if (!take_punct(p, ':')) {
        expected(p, "':' between object type and property");
        return;
    }
    do {
        struct tc_step *s = push(p, &steps, sizeof *s);
        if (!s)
            return;
        name_step(p, s);
        while (!p->err && take_punct(p, '[')) {
            s = push(p, &steps, sizeof *s);
            if (!s)
                return;
            index_step(p, s);
        }
        end = p->now.at;
    } while (take_punct(p, '.'));
    out->steps = steps.v;
    out->n = steps.n;
    out->text = tc_str_trim(tc_str_view(p->lexer.text.p + from, end - from));
}

/* ---- comparisons ---- */

static bool operator_symbol(struct parser *p, enum tc_cmp_op *op)
{
    static const struct {
        const char *text;
        enum tc_cmp_op op;
    } ops[] = {{"=", TC_OP_EQ}, {"==", TC_OP_EQ}, {"!=", TC_OP_NE}, {"<>", TC_OP_NE},
               {"<", TC_OP_LT}, {"<=", TC_OP_LE}, {">", TC_OP_GT},  {">=", TC_OP_GE}};
    for (size_t i = 0; p->now.kind == TC_TOK_OP && i < sizeof ops / sizeof ops[0]; i++)
        if (tc_str_is(p->now.text, ops[i].text)) {
            *op = ops[i].op;
            advance(p);
            return true;
        }
    return false;
}

static bool operator_word(struct parser *p, enum tc_cmp_op *op)
{
    static const struct {
        const char *text;
        enum tc_cmp_op op;
    } ops[] = {{"IN", TC_OP_IN},
               {"LIKE", TC_OP_LIKE},
               {"MATCHES", TC_OP_MATCHES},
               {"ISSUBSET", TC_OP_ISSUBSET},
               {"ISSUPERSET", TC_OP_ISSUPERSET}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (take_word(p, ops[i].text)) {
            *op = ops[i].op;
            return true;
        }
    return false;
}

static void literal_set(struct parser *p, struct list *lits)
{
    if (!take_punct(p, '(')) {
        expected(p, "'(' before the values of IN");
        return;
    }
    if (take_punct(p, ')'))
        return;
    do {
        struct tc_lit *lit = push(p, lits, sizeof *lit);
        if (!lit || !literal(p, lit))
            return;
    } while (take_punct(p, ','));
    if (!take_punct(p, ')'))
        expected(p, "',' or ')' after a value of IN");
}

/* Values of which one must be a number and the other a string cannot be in one set. */
static bool same_family(enum tc_lit_kind a, enum tc_lit_kind b)
{
    bool na = a == TC_LIT_INT || a == TC_LIT_FLOAT, nb = b == TC_LIT_INT || b == TC_LIT_FLOAT;
    return a == b || (na && nb);
}

static void check_operand(struct parser *p, const struct tc_cmp *c, size_t at)
{
    if (p->err)
        return;
    if (c->op >= TC_OP_LIKE && c->op <= TC_OP_ISSUPERSET && c->lits[0].kind != TC_LIT_STRING)
        fail(p, TC_E_SYNTAX, at, "LIKE, MATCHES, ISSUBSET and ISSUPERSET take a text in quotes");
    if (c->op >= TC_OP_LT && c->op <= TC_OP_GE && c->lits[0].kind == TC_LIT_BOOL)
        fail(p, TC_E_SYNTAX, at, "true and false have no order");
    for (size_t i = 1; c->op == TC_OP_IN && i < c->n_lits; i++)
        if (!same_family(c->lits[0].kind, c->lits[i].kind))
            fail(p, TC_E_INVALID, at, "the values of IN must be of one kind");
}

static const struct tc_cmp *comparison(struct parser *p);

static const struct tc_cmp *test(struct parser *p)
{
    struct tc_cmp *c = node(p, sizeof *c);
    struct list lits = {0};
    if (!c)
        return NULL;
    c->kind = TC_CMP_TEST;
    c->at = p->now.at;
    if (++p->out->tests > TC_PATTERN_MAX_TESTS) {
        fail(p, TC_E_LIMIT, c->at, "the pattern has too many comparisons");
        return NULL;
    }
    struct parser before = *p;
    if (take_word(p, "EXISTS") && !is_punct(p, ':')) {
        c->op = TC_OP_EXISTS;
        path(p, &c->path);
        return c;
    }
    p->lexer = before.lexer; /* "exists" was an object type after all */
    p->now = before.now;
    path(p, &c->path);
    c->negated = take_word(p, "NOT");
    size_t at = p->now.at;
    if (!operator_symbol(p, &c->op) && !operator_word(p, &c->op)) {
        expected(p, "a comparison such as =, !=, <, IN, LIKE or MATCHES");
        return NULL;
    }
    if (c->op == TC_OP_IN) {
        literal_set(p, &lits);
    } else {
        struct tc_lit *lit = push(p, &lits, sizeof *lit);
        at = p->now.at;
        if (lit)
            (void)literal(p, lit);
    }
    c->lits = lits.v;
    c->n_lits = lits.n;
    check_operand(p, c, at);
    return p->err ? NULL : c;
}

static bool deeper(struct parser *p)
{
    if (++p->depth <= TC_PATTERN_MAX_DEPTH)
        return true;
    fail(p, TC_E_LIMIT, p->now.at, "the pattern is nested too deeply");
    return false;
}

static const struct tc_cmp *primary(struct parser *p)
{
    if (p->err || !deeper(p))
        return NULL;
    const struct tc_cmp *c;
    if (take_punct(p, '(')) {
        c = comparison(p);
        if (!p->err && !take_punct(p, ')'))
            expected(p, "AND, OR or ')'");
    } else {
        c = test(p);
    }
    p->depth--;
    return p->err ? NULL : c;
}

/* One level of AND or OR: a single part stays itself. */
static const struct tc_cmp *chain(struct parser *p, const char *word, enum tc_cmp_kind kind,
                                  const struct tc_cmp *(*part)(struct parser *))
{
    struct list kids = {0};
    size_t at = p->now.at;
    do {
        const struct tc_cmp **slot = push(p, &kids, sizeof *slot);
        if (!slot)
            return NULL;
        *slot = part(p);
    } while (!p->err && take_word(p, word));
    if (p->err)
        return NULL;
    const struct tc_cmp **v = kids.v;
    if (kids.n == 1)
        return v[0];
    struct tc_cmp *c = node(p, sizeof *c);
    if (c)
        *c = (struct tc_cmp){
            .kind = kind, .at = at, .kids = (const struct tc_cmp *const *)v, .n = kids.n};
    return c;
}

static const struct tc_cmp *conjunction(struct parser *p)
{
    return chain(p, "AND", TC_CMP_AND, primary);
}

static const struct tc_cmp *comparison(struct parser *p)
{
    return chain(p, "OR", TC_CMP_OR, conjunction);
}

/* ---- observations ---- */

static void start_stop(struct parser *p, struct tc_qual *q)
{
    q->kind = TC_QUAL_STARTSTOP;
    for (int i = 0; i < 2 && !p->err; i++) {
        tc_time *to = i ? &q->stop : &q->start;
        if (i && !take_word(p, "STOP")) {
            expected(p, "STOP and a time");
            return;
        }
        size_t at = p->now.at;
        struct tc_lit lit;
        if (p->now.kind != TC_TOK_TIME && p->now.kind != TC_TOK_STRING) {
            expected(p, "a time such as t'2026-01-31T08:00:00Z'");
            return;
        }
        if (!literal(p, &lit))
            return;
        *to = lit.t;
        if (lit.kind == TC_LIT_STRING && tc_time_parse_z(lit.s, to))
            fail(p, TC_E_SYNTAX, at, "expected a time such as t'2026-01-31T08:00:00Z'");
    }
}

static void within(struct parser *p, struct tc_qual *q)
{
    q->kind = TC_QUAL_WITHIN;
    size_t at = p->now.at;
    struct tc_lit lit;
    if (p->now.kind != TC_TOK_INT && p->now.kind != TC_TOK_FLOAT) {
        expected(p, "a number of seconds");
        return;
    }
    if (!literal(p, &lit))
        return;
    double s = lit.kind == TC_LIT_INT ? (double)lit.i : lit.d;
    if (s <= 0 || s > 1e10) {
        fail(p, TC_E_INVALID, at, "WITHIN takes a number of seconds above 0, at most 10000000000");
        return;
    }
    q->within = lit.kind == TC_LIT_INT ? lit.i * TC_SECOND : (int64_t)(s * (double)TC_SECOND);
    if (!take_word(p, "SECONDS"))
        expected(p, "SECONDS");
}

static void repeats(struct parser *p, struct tc_qual *q)
{
    q->kind = TC_QUAL_REPEATS;
    size_t at = p->now.at;
    struct tc_lit lit;
    if (p->now.kind != TC_TOK_INT) {
        expected(p, "a whole number of times");
        return;
    }
    if (!literal(p, &lit))
        return;
    if (lit.i < 1 || lit.i > (int64_t)TC_PATTERN_MAX_REPEATS) {
        fail(p, TC_E_INVALID, at, "REPEATS takes a whole number from 1 to 1000000");
        return;
    }
    q->repeats = (uint64_t)lit.i;
    if (!take_word(p, "TIMES"))
        expected(p, "TIMES");
}

static const struct tc_obs *qualified(struct parser *p, struct tc_obs *o)
{
    struct list quals = {0};
    unsigned seen = 0;
    while (!p->err) {
        struct tc_qual q = {0};
        size_t at = p->now.at;
        if (take_word(p, "WITHIN"))
            within(p, &q);
        else if (take_word(p, "REPEATS"))
            repeats(p, &q);
        else if (take_word(p, "START"))
            start_stop(p, &q);
        else
            break;
        if (seen & 1u << q.kind && !o->kids && p->out->doubled == SIZE_MAX)
            p->out->doubled = at;
        seen |= 1u << q.kind;
        struct tc_qual *slot = push(p, &quals, sizeof *slot);
        if (slot)
            *slot = q;
    }
    o->quals = quals.v;
    o->n_quals = quals.n;
    return p->err ? NULL : o;
}

static const struct tc_obs *followed(struct parser *p);

static const struct tc_obs *observation(struct parser *p)
{
    if (p->err || !deeper(p))
        return NULL;
    struct tc_obs *o = node(p, sizeof *o);
    if (!o)
        return NULL;
    o->at = p->now.at;
    if (take_punct(p, '[')) {
        p->out->observations++;
        o->cmp = comparison(p);
        if (!p->err && !take_punct(p, ']'))
            expected(p, "AND, OR or ']'");
    } else if (take_punct(p, '(')) {
        const struct tc_obs *inner = followed(p);
        if (!p->err && !take_punct(p, ')'))
            expected(p, "AND, OR, FOLLOWEDBY or ')'");
        const struct tc_obs **kid = node(p, sizeof *kid);
        if (kid) {
            *kid = inner; /* kept as a node of one: its qualifiers come after those inside */
            o->kind = TC_OBS_AND;
            o->kids = kid;
            o->n = 1;
        }
    } else {
        expected(p, "'[' or '('");
    }
    const struct tc_obs *done = p->err ? NULL : qualified(p, o);
    p->depth--;
    return done;
}

static const struct tc_obs *obs_chain(struct parser *p, const char *word, enum tc_obs_kind kind,
                                      const struct tc_obs *(*part)(struct parser *))
{
    struct list kids = {0};
    size_t at = p->now.at;
    do {
        const struct tc_obs **slot = push(p, &kids, sizeof *slot);
        if (!slot)
            return NULL;
        *slot = part(p);
    } while (!p->err && take_word(p, word));
    if (p->err)
        return NULL;
    const struct tc_obs **v = kids.v;
    if (kids.n == 1)
        return v[0];
    struct tc_obs *o = node(p, sizeof *o);
    if (o)
        *o = (struct tc_obs){
            .kind = kind, .at = at, .kids = (const struct tc_obs *const *)v, .n = kids.n};
    return o;
}

static const struct tc_obs *obs_and(struct parser *p)
{
    return obs_chain(p, "AND", TC_OBS_AND, observation);
}

static const struct tc_obs *obs_or(struct parser *p)
{
    return obs_chain(p, "OR", TC_OBS_OR, obs_and);
}

static const struct tc_obs *followed(struct parser *p)
{
    return obs_chain(p, "FOLLOWEDBY", TC_OBS_FOLLOWEDBY, obs_or);
}

tc_err tc_pattern_parse(struct tc_str text, struct tc_arena *a, struct tc_pattern *out,
                        struct tc_diag *d)
{
    struct tc_pattern result = {.doubled = SIZE_MAX};
    struct parser p = {.lexer = {text, 0}, .arena = a, .d = d, .out = &result};
    if (text.n > TC_PATTERN_MAX_TEXT)
        return tc_diag_set(d, TC_E_LIMIT, "a pattern has at most %u bytes", TC_PATTERN_MAX_TEXT);
    if (!tc_str_utf8(text))
        return tc_diag_set(d, TC_E_SYNTAX, "a pattern is UTF-8 text");
    advance(&p);
    result.root = followed(&p);
    if (!p.err && p.now.kind != TC_TOK_END)
        expected(&p, "AND, OR, FOLLOWEDBY, a qualifier or the end");
    if (p.err)
        return p.err;
    *out = result;
    return TC_OK;
}

tc_err tc_pattern_parse_path(struct tc_str text, struct tc_arena *a, struct tc_path *out,
                             struct tc_diag *d)
{
    struct tc_pattern unused = {.doubled = SIZE_MAX};
    struct tc_path result = {0};
    struct parser p = {.lexer = {text, 0}, .arena = a, .d = d, .out = &unused};
    if (text.n > TC_PATTERN_MAX_TEXT)
        return tc_diag_set(d, TC_E_LIMIT, "a path has at most %u bytes", TC_PATTERN_MAX_TEXT);
    if (!tc_str_utf8(text))
        return tc_diag_set(d, TC_E_SYNTAX, "a path is UTF-8 text");
    advance(&p);
    if (!p.err)
        path(&p, &result);
    if (!p.err && p.now.kind != TC_TOK_END)
        expected(&p, "'.', '[' or the end of the path");
    if (p.err)
        return p.err;
    *out = result;
    return TC_OK;
}

void tc_pattern_caret(struct tc_str text, const struct tc_diag *d, struct tc_buf *out)
{
    if (d->offset > text.n)
        return;
    size_t at = (size_t)d->offset, from = at, to = at;
    while (from > 0 && text.p[from - 1] != '\n' && at - from < 60)
        from--;
    while (to < text.n && text.p[to] != '\n' && to - from < 76)
        to++;
    for (size_t i = from; i < to; i++) /* a terminal must not be driven by input */
        tc_buf_char(out, (unsigned char)text.p[i] < 0x20 ? ' ' : text.p[i]);
    tc_buf_char(out, '\n');
    for (size_t i = from; i < at; i++) /* one column for each character, not for each byte */
        if (((unsigned char)text.p[i] & 0xc0) != 0x80)
            tc_buf_char(out, ' ');
    tc_buf_cstr(out, "^\n");
}

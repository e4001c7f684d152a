/* SPDX-License-Identifier: Apache-2.0 */
#include "slow.h"

#include "base/time.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <uninorm.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* ---- values ---- */

static struct tc_str text_of(yyjson_val *v)
{
    return (struct tc_str){yyjson_get_str(v), yyjson_get_len(v)};
}

/* How the property that holds the value says it is to be read (STIX 2.1 section 2.4, 2.7). */
enum reading { READ_PLAIN, READ_HEX, READ_BASE64 };

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool decode(struct tc_str in, enum reading how, struct tc_buf *out)
{
    uint32_t acc = 0;
    unsigned bits = 0, per = how == READ_HEX ? 4 : 6;
    while (how == READ_BASE64 && in.n && in.p[in.n - 1] == '=')
        in.n--;
    for (size_t i = 0; i < in.n; i++) {
        int v = how == READ_HEX ? hex_digit(in.p[i]) : base64_digit(in.p[i]);
        if (v < 0)
            return false;
        acc = acc << per | (uint32_t)v;
        bits += per;
        if (bits >= 8) {
            bits -= 8;
            tc_buf_char(out, (char)(acc >> bits & 0xff));
        }
    }
    return true;
}

/* A text constant against bytes: each character is one byte; above U+00FF nothing is equal. */
static bool latin1(struct tc_str in, struct tc_buf *out)
{
    for (size_t i = 0; i < in.n; i++) {
        unsigned char c = (unsigned char)in.p[i];
        if (c < 0x80) {
            tc_buf_char(out, (char)c);
        } else if ((c == 0xc2 || c == 0xc3) && i + 1 < in.n) {
            tc_buf_char(out, (char)((c & 3) << 6 | ((unsigned char)in.p[++i] & 0x3f)));
        } else {
            return false;
        }
    }
    return true;
}

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

static int order_double(double a, double b)
{
    return a < b ? -1 : a > b;
}

static bool compare(yyjson_val *v, enum reading how, enum tc_cmp_op op, const struct tc_lit *lit)
{
    bool differ = op == TC_OP_NE; /* values of kinds that do not compare are not equal */
    tc_time t;
    switch (lit->kind) {
    case TC_LIT_INT:
        if (yyjson_is_int(v) && !(yyjson_is_uint(v) && yyjson_get_uint(v) > INT64_MAX))
            return holds_order(yyjson_get_sint(v) < lit->i ? -1 : yyjson_get_sint(v) > lit->i, op);
        return yyjson_is_num(v) ? holds_order(order_double(yyjson_get_num(v), (double)lit->i), op)
                                : differ;
    case TC_LIT_FLOAT:
        return yyjson_is_num(v) ? holds_order(order_double(yyjson_get_num(v), lit->d), op) : differ;
    case TC_LIT_BOOL:
        return yyjson_is_bool(v) ? holds_order(yyjson_get_bool(v) - lit->b, op) : differ;
    case TC_LIT_TIME:
        if (!yyjson_is_str(v) || tc_time_parse_z(text_of(v), &t))
            return differ;
        return holds_order(t < lit->t ? -1 : t > lit->t, op);
    case TC_LIT_STRING:
    case TC_LIT_HEX:
    case TC_LIT_BINARY:
        break;
    }
    if (!yyjson_is_str(v))
        return differ;
    if (lit->kind == TC_LIT_STRING && how == READ_PLAIN)
        return holds_order(tc_str_cmp(text_of(v), lit->s), op);
    struct tc_buf a, b;
    tc_buf_init(&a, 1 << 20);
    tc_buf_init(&b, 1 << 20);
    bool same = how == READ_PLAIN ? latin1(text_of(v), &a) : decode(text_of(v), how, &a);
    if (lit->kind == TC_LIT_STRING)
        same = same && latin1(lit->s, &b);
    else
        tc_buf_str(&b, lit->s);
    bool r = same ? holds_order(tc_str_cmp(tc_buf_view(&a), tc_buf_view(&b)), op) : differ;
    tc_buf_fini(&a);
    tc_buf_fini(&b);
    return r;
}

/* Both sides of LIKE and MATCHES are compared in normal form C (STIX 2.1 section 9.6). */
static bool nfc(struct tc_str in, struct tc_buf *out)
{
    size_t n = 0;
    uint8_t *v = u8_normalize(UNINORM_NFC, (const uint8_t *)in.p, in.n, NULL, &n);
    if (v)
        tc_buf_add(out, v, n);
    free(v);
    return v != NULL;
}

static size_t character(struct tc_str s, bool bytes)
{
    size_t n = 1;
    while (!bytes && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static bool like(struct tc_str s, struct tc_str pattern, bool bytes)
{
    if (!pattern.n)
        return !s.n;
    struct tc_str rest = {pattern.p + 1, pattern.n - 1};
    if (pattern.p[0] == '%') {
        for (;;) {
            if (like(s, rest, bytes))
                return true;
            if (!s.n)
                return false;
            size_t n = character(s, bytes);
            s = tc_str_view(s.p + n, s.n - n);
        }
    }
    if (!s.n)
        return false;
    if (pattern.p[0] == '_') {
        size_t n = character(s, bytes);
        return like(tc_str_view(s.p + n, s.n - n), rest, bytes);
    }
    return s.p[0] == pattern.p[0] && like(tc_str_view(s.p + 1, s.n - 1), rest, bytes);
}

static bool matches(struct tc_str s, struct tc_str regex, bool bytes)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *re =
        pcre2_compile((PCRE2_SPTR)regex.p, regex.n,
                      PCRE2_DOTALL | (bytes ? 0 : PCRE2_UTF | PCRE2_UCP), &code, &at, NULL);
    if (!re)
        return false;
    pcre2_match_data *md = pcre2_match_data_create_from_pattern(re, NULL);
    bool r = pcre2_match(re, (PCRE2_SPTR)s.p, s.n, 0, 0, md, NULL) >= 0;
    pcre2_match_data_free(md);
    pcre2_code_free(re);
    return r;
}

struct net {
    int family;
    uint8_t b[16];
    unsigned bits;
};

static bool parse_net(struct tc_str s, struct net *n)
{
    char z[64];
    size_t slash = tc_str_find(s, TC_STR("/"));
    if (!tc_str_copy(slash == SIZE_MAX ? s : tc_str_view(s.p, slash), z, sizeof z))
        return false;
    memset(n, 0, sizeof *n);
    n->family = strchr(z, ':') ? AF_INET6 : AF_INET;
    unsigned most = n->family == AF_INET ? 32 : 128;
    if (inet_pton(n->family, z, n->b) != 1)
        return false;
    n->bits = most;
    if (slash != SIZE_MAX) {
        n->bits = 0;
        if (slash + 1 == s.n || s.n - slash > 4)
            return false;
        for (size_t i = slash + 1; i < s.n; i++) {
            if (s.p[i] < '0' || s.p[i] > '9')
                return false;
            n->bits = n->bits * 10 + (unsigned)(s.p[i] - '0');
        }
    }
    return n->bits <= most;
}

static bool inside(const struct net *small, const struct net *big)
{
    if (small->family != big->family || small->bits < big->bits)
        return false;
    for (unsigned i = 0; i < big->bits; i++)
        if ((small->b[i / 8] ^ big->b[i / 8]) >> (7 - i % 8) & 1)
            return false;
    return true;
}

static bool text_op(yyjson_val *v, enum reading how, enum tc_cmp_op op, struct tc_str lit)
{
    if (!yyjson_is_str(v))
        return false;
    if (op == TC_OP_ISSUBSET || op == TC_OP_ISSUPERSET) {
        struct net a, b;
        if (!parse_net(text_of(v), &a) || !parse_net(lit, &b))
            return false;
        return op == TC_OP_ISSUBSET ? inside(&a, &b) : inside(&b, &a);
    }
    struct tc_buf a, b;
    tc_buf_init(&a, 1 << 20);
    tc_buf_init(&b, 1 << 20);
    bool bytes = how != READ_PLAIN, ok;
    if (bytes)
        ok = decode(text_of(v), how, &a) && latin1(lit, &b);
    else
        ok = nfc(text_of(v), &a) && nfc(lit, &b);
    struct tc_str s = tc_buf_view(&a), p = tc_buf_view(&b);
    bool r = ok && (op == TC_OP_LIKE ? like(s, p, bytes) : matches(s, p, bytes));
    tc_buf_fini(&a);
    tc_buf_fini(&b);
    return r;
}

static bool value_holds(const struct tc_cmp *c, yyjson_val *v, enum reading how)
{
    bool r = false;
    if (c->op == TC_OP_EXISTS)
        return true;
    if (c->op == TC_OP_IN) {
        for (size_t i = 0; i < c->n_lits; i++)
            r = r || compare(v, how, TC_OP_EQ, &c->lits[i]);
    } else if (c->op >= TC_OP_LIKE) {
        r = text_op(v, how, c->op, c->lits[0].s);
    } else {
        r = compare(v, how, c->op, &c->lits[0]);
    }
    return r != c->negated;
}

/* ---- paths ---- */

static yyjson_val *object_of(const struct slow_obs *o, struct tc_str key)
{
    for (size_t i = 0; i < o->n_objects; i++)
        if (tc_str_eq(o->objects[i].key, key))
            return o->objects[i].object;
    return NULL;
}

/* Any value that the rest of the path reaches from v for which the comparison holds. from: the name
 * of the property that v came from. */
static bool walk(const struct tc_cmp *c, const struct slow_obs *o, yyjson_val *v, size_t step,
                 struct tc_str from)
{
    if (!v)
        return false;
    if (step == c->path.n) {
        enum reading how = tc_str_ends(from, TC_STR("_hex"))   ? READ_HEX
                           : tc_str_ends(from, TC_STR("_bin")) ? READ_BASE64
                                                               : READ_PLAIN;
        return value_holds(c, v, how);
    }
    const struct tc_step *s = &c->path.steps[step];
    if (s->kind == TC_STEP_NAME) {
        bool ref = tc_str_ends(from, TC_STR("_ref")) || tc_str_ends(from, TC_STR("_refs"));
        if (ref && yyjson_is_str(v))
            v = object_of(o, text_of(v));
        if (!yyjson_is_obj(v))
            return false;
        return walk(c, o, yyjson_obj_getn(v, s->name.p, s->name.n), step + 1, s->name);
    }
    if (!yyjson_is_arr(v))
        return false;
    if (s->kind == TC_STEP_INDEX)
        return s->index >= 0 && walk(c, o, yyjson_arr_get(v, (size_t)s->index), step + 1, from);
    size_t i, max;
    yyjson_val *e;
    yyjson_arr_foreach (v, i, max, e)
        if (walk(c, o, e, step + 1, from))
            return true;
    return false;
}

/* Root objects of the observation for which the comparison expression holds, as bits. */
static uint64_t roots(const struct tc_cmp *c, const struct slow_obs *o)
{
    uint64_t r = 0;
    if (c->kind != TC_CMP_TEST) {
        r = roots(c->kids[0], o);
        for (size_t i = 1; i < c->n; i++)
            r = c->kind == TC_CMP_AND ? r & roots(c->kids[i], o) : r | roots(c->kids[i], o);
        return r;
    }
    for (size_t i = 0; i < o->n_objects; i++) {
        yyjson_val *type = yyjson_obj_get(o->objects[i].object, "type");
        if (o->objects[i].root && yyjson_is_str(type) && tc_str_eq(text_of(type), c->path.type) &&
            walk(c, o, o->objects[i].object, 0, (struct tc_str){"", 0}))
            r |= UINT64_C(1) << i;
    }
    return r;
}

/* ---- bindings: how many instances of each observation an expression has taken ---- */

struct binding {
    uint32_t used[SLOW_MAX_OBS];
};

struct set {
    struct binding *v;
    size_t n, cap;
};

struct eval {
    const struct slow_obs *obs;
    size_t n;
    bool too_big;
};

#define TOO_MANY 200000

static void add(struct eval *e, struct set *s, const struct binding *b)
{
    for (size_t i = 0; i < s->n; i++)
        if (memcmp(&s->v[i], b, sizeof *b) == 0)
            return;
    if (s->n == TOO_MANY) {
        e->too_big = true;
        return;
    }
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 16;
        struct binding *v = realloc(s->v, cap * sizeof *v);
        if (!v)
            abort();
        s->v = v;
        s->cap = cap;
    }
    s->v[s->n++] = *b;
}

static bool join(const struct eval *e, const struct binding *a, const struct binding *b,
                 struct binding *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < e->n; i++) {
        out->used[i] = a->used[i] + b->used[i];
        if (out->used[i] > e->obs[i].number)
            return false;
    }
    return true;
}

struct span {
    tc_time first_max, last_min;
};

static struct span span_of(const struct eval *e, const struct binding *b)
{
    struct span s = {INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < e->n; i++)
        if (b->used[i]) {
            if (e->obs[i].first > s.first_max)
                s.first_max = e->obs[i].first;
            if (e->obs[i].last < s.last_min)
                s.last_min = e->obs[i].last;
        }
    return s;
}

static struct set product(struct eval *e, const struct set *a, const struct set *b, bool followed)
{
    struct set out = {0};
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++) {
            struct binding both;
            if (!join(e, &a->v[i], &b->v[j], &both))
                continue;
            if (followed && span_of(e, &a->v[i]).first_max > span_of(e, &b->v[j]).last_min)
                continue;
            add(e, &out, &both);
        }
    return out;
}

static struct set qualify(struct eval *e, struct set in, const struct tc_qual *q)
{
    struct set out = {0};
    if (q->kind == TC_QUAL_REPEATS) {
        for (size_t i = 0; i < in.n; i++)
            add(e, &out, &in.v[i]);
        for (uint64_t k = 1; k < q->repeats && out.n && !e->too_big; k++) {
            struct set more = product(e, &out, &in, false);
            free(out.v);
            out = more;
        }
    }
    for (size_t i = 0; q->kind != TC_QUAL_REPEATS && i < in.n; i++) {
        const struct binding *b = &in.v[i];
        bool ok = true;
        struct span s = span_of(e, b);
        if (q->kind == TC_QUAL_WITHIN)
            ok = s.first_max <= s.last_min || s.first_max - s.last_min <= q->within;
        for (size_t k = 0; q->kind == TC_QUAL_STARTSTOP && k < e->n; k++)
            if (b->used[k] &&
                !(q->start < q->stop && e->obs[k].first < q->stop && e->obs[k].last >= q->start))
                ok = false;
        if (ok)
            add(e, &out, b);
    }
    free(in.v);
    return out;
}

static struct set bindings(struct eval *e, const struct tc_obs *o)
{
    struct set s = {0};
    if (o->kind == TC_OBS_OBSERVE) {
        for (size_t i = 0; i < e->n; i++)
            if (roots(o->cmp, &e->obs[i])) {
                struct binding b = {0};
                b.used[i] = 1;
                add(e, &s, &b);
            }
    } else {
        s = bindings(e, o->kids[0]);
        for (size_t i = 1; i < o->n && !e->too_big; i++) {
            struct set k = bindings(e, o->kids[i]);
            if (o->kind == TC_OBS_OR) {
                for (size_t j = 0; j < k.n; j++)
                    add(e, &s, &k.v[j]);
            } else {
                struct set both = product(e, &s, &k, o->kind == TC_OBS_FOLLOWEDBY);
                free(s.v);
                s = both;
            }
            free(k.v);
        }
    }
    for (size_t i = 0; i < o->n_quals && !e->too_big; i++)
        s = qualify(e, s, &o->quals[i]);
    return s;
}

enum slow_result slow_match(const struct tc_pattern *p, const struct slow_obs *obs, size_t n)
{
    struct eval e = {obs, n, false};
    if (n > SLOW_MAX_OBS)
        return SLOW_TOO_BIG;
    struct set s = bindings(&e, p->root);
    enum slow_result r = e.too_big ? SLOW_TOO_BIG : s.n ? SLOW_YES : SLOW_NO;
    free(s.v);
    return r;
}

/* ---- reading ---- */

static bool read_head(yyjson_val *od, struct slow_obs *out)
{
    yyjson_val *first = yyjson_obj_get(od, "first_observed");
    yyjson_val *last = yyjson_obj_get(od, "last_observed");
    if (!first || !last || tc_time_parse_z(text_of(first), &out->first) ||
        tc_time_parse_z(text_of(last), &out->last))
        return false;
    yyjson_val *number = yyjson_obj_get(od, "number_observed");
    out->number = number ? (uint32_t)yyjson_get_uint(number) : 1;
    return true;
}

static void put(struct slow_obs *o, struct tc_str key, yyjson_val *object, bool root)
{
    if (o->n_objects == sizeof o->objects / sizeof o->objects[0])
        return;
    o->objects[o->n_objects].key = key;
    o->objects[o->n_objects].object = object;
    o->objects[o->n_objects++].root = root;
}

static void read_one(yyjson_val *all, yyjson_val *od, struct slow_obs *out)
{
    yyjson_val *o, *key, *ref, *own = yyjson_obj_get(od, "objects");
    yyjson_val *refs = yyjson_obj_get(od, "object_refs");
    size_t i, max, j, jmax;
    if (own)
        yyjson_obj_foreach (own, i, max, key, o)
            put(out, text_of(key), o, true);
    yyjson_arr_foreach (all, i, max, o) {
        yyjson_val *id = yyjson_obj_get(o, "id");
        bool root = false;
        if (o == od || !id)
            continue;
        if (refs)
            yyjson_arr_foreach (refs, j, jmax, ref)
                root = root || tc_str_eq(text_of(ref), text_of(id));
        put(out, text_of(id), o, root);
    }
}

size_t slow_from_bundle(yyjson_val *bundle, struct slow_obs *out, size_t n)
{
    yyjson_val *all = yyjson_obj_get(bundle, "objects"), *o;
    size_t i, max;
    yyjson_arr_foreach (all, i, max, o) {
        if (n == SLOW_MAX_OBS || !tc_str_is(text_of(yyjson_obj_get(o, "type")), "observed-data"))
            continue;
        memset(&out[n], 0, sizeof out[n]);
        if (read_head(o, &out[n]))
            read_one(all, o, &out[n++]);
    }
    return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gen.h"

#include "rand.h"

#include "base/time.h"
#include "codec/jsonw.h"

static unsigned pick(struct gen *g, unsigned n)
{
    return (unsigned)(test_rand(&g->rand) % n);
}

static const char *const words[] = {"a",   "b",   "ab",        "abc",    "xabcx", "A",
                                    "q%_", "aéb", "ae\u0301b", "abcabc", "",      "it's"};
static const char *const nets[] = {"10.0.0.1",   "10.0.0.0/8",    "10.1.2.3/16",   "192.168.1.7",
                                   "0.0.0.0/0",  "2001:db8::1",   "2001:db8::/32", "::/0",
                                   "10.0.0.300", "192.168.1.0/25"};
static const char *const likes[] = {"a%",    "%b",  "%bc%", "_b", "%",   "a_c",
                                    "%abc%", "x%x", "ab%c", "",   "aé%", "%é_"};
static const char *const regexes[] = {"^a",     "b$",  "abc",     "a.c",  "(ab|x)", "a{2}",
                                      "b+c",    "xab", "[a-b]c",  "^$",   "ab?c",   "é",
                                      "abca+b", "^.b", "bc\\\\b", "a(b)c"};
static const char *const hexes[] = {"6162", "61", "616263", "ff", ""};
static const char *const base64s[] = {"YWI=", "YQ==", "YWJj", "/w=="};
static const char *const times[] = {"2020-01-01T00:00:00Z", "2020-01-01T00:00:05Z",
                                    "2020-01-01T00:00:05.5Z"};

#define PICK(g, list) list[pick(g, sizeof list / sizeof list[0])]

/* The matcher gives up on what is no IPv4 address. */
static const char *net(struct gen *g)
{
    return g->plain ? nets[pick(g, 4)] : PICK(g, nets);
}

/* ---- patterns ---- */

static void quoted(struct tc_buf *b, const char *s)
{
    tc_buf_char(b, '\'');
    for (; *s; s++) {
        if (*s == '\'')
            tc_buf_char(b, '\\');
        tc_buf_char(b, *s);
    }
    tc_buf_char(b, '\'');
}

static void number(struct gen *g, struct tc_buf *b)
{
    static const char *const numbers[] = {"0",   "1", "2", "1.0", "1.5", "-1", "9007199254740993",
                                          "-0.0"};
    tc_buf_cstr(b, g->plain ? numbers[pick(g, 3)] : PICK(g, numbers));
}

static const char *text_path(struct gen *g)
{
    static const char *const paths[] = {"t:s",     "t:list[*]",       "t:list[1]",
                                        "t:d.'k'", "t:o_ref.s",       "t:o_refs[*].s",
                                        "u:s",     "t:o_ref.o_ref.s", "t:list[0]"};
    return g->plain ? paths[pick(g, 3)] : PICK(g, paths);
}

static void bytes_test(struct gen *g, struct tc_buf *b)
{
    static const char *const paths[] = {"t:x_hex", "t:x_bin", "t:s"};
    const char *op = pick(g, 3) ? (pick(g, 2) ? "=" : "!=") : pick(g, 2) ? "<" : ">=";
    tc_buf_fmt(b, "%s %s ", PICK(g, paths), op);
    switch (pick(g, 3)) {
    case 0:
        tc_buf_fmt(b, "h'%s'", PICK(g, hexes));
        break;
    case 1:
        tc_buf_fmt(b, "b'%s'", PICK(g, base64s));
        break;
    default:
        quoted(b, PICK(g, words));
    }
}

/* Both ends of a range, of one value or of several. */
static void two_sided(struct gen *g, struct tc_buf *b)
{
    const char *path = pick(g, 2) ? "t:n" : pick(g, 2) ? "t:nums[*]" : "t:when";
    for (int i = 0; i < 2; i++) {
        tc_buf_fmt(b, "%s%s %s ", i ? " AND " : "(", path,
                   i ? (pick(g, 2) ? "<" : "<=") : (pick(g, 2) ? ">" : ">="));
        if (path[2] == 'w')
            tc_buf_fmt(b, "t'%s'", PICK(g, times));
        else
            number(g, b);
    }
    tc_buf_char(b, ')');
}

static void order_test(struct gen *g, struct tc_buf *b)
{
    static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">="};
    switch (pick(g, g->plain ? 2 : 5)) {
    case 0:
        tc_buf_fmt(b, "%s %s ", g->plain || pick(g, 3) ? "t:n" : "t:nums[*]", PICK(g, ops));
        number(g, b);
        break;
    case 4:
        two_sided(g, b);
        break;
    case 1:
        tc_buf_fmt(b, "%s %s ", text_path(g), PICK(g, ops));
        quoted(b, PICK(g, words));
        break;
    case 2:
        tc_buf_fmt(b, "t:when %s t'%s'", PICK(g, ops), PICK(g, times));
        break;
    default:
        tc_buf_fmt(b, "t:flag %s %s", pick(g, 2) ? "=" : "!=", pick(g, 2) ? "true" : "false");
    }
}

static void in_test(struct gen *g, struct tc_buf *b)
{
    unsigned n = 1 + pick(g, 3);
    bool numbers = pick(g, 3) == 0;
    tc_buf_fmt(b, "%s%s IN (", numbers ? "t:n" : text_path(g), pick(g, 4) ? "" : " NOT");
    for (unsigned i = 0; i < n; i++) {
        tc_buf_cstr(b, i ? ", " : "");
        if (numbers)
            number(g, b);
        else
            quoted(b, PICK(g, words));
    }
    tc_buf_char(b, ')');
}

static void gen_test(struct gen *g, struct tc_buf *b)
{
    const char *not = pick(g, 4) ? "" : " NOT";
    switch (pick(g, g->plain ? 8 : 12)) {
    case 0:
        in_test(g, b);
        return;
    case 1:
        tc_buf_fmt(b, "%s%s LIKE ", g->plain || pick(g, 4) ? text_path(g) : "t:x_hex", not );
        quoted(b, PICK(g, likes));
        return;
    case 2:
        tc_buf_fmt(b, "%s%s MATCHES '%s'", g->plain || pick(g, 4) ? text_path(g) : "t:x_bin", not,
                   PICK(g, regexes));
        return;
    case 3:
        tc_buf_fmt(b, "t:ip%s %s '%s'", not, pick(g, 3) ? "ISSUBSET" : "ISSUPERSET", net(g));
        return;
    case 8:
        bytes_test(g, b);
        return;
    case 9:
        tc_buf_fmt(b, "EXISTS %s", text_path(g));
        return;
    case 10:
        tc_buf_fmt(b, "t:ip = '%s'", net(g));
        return;
    default:
        order_test(g, b);
    }
}

static void comparison(struct gen *g, unsigned depth, struct tc_buf *b)
{
    unsigned n = depth && pick(g, 2) ? 2 + pick(g, 2) : 1;
    for (unsigned i = 0; i < n; i++) {
        bool paren = n > 1 && pick(g, 3) == 0;
        if (i)
            tc_buf_cstr(b, pick(g, 2) ? " AND " : " OR ");
        tc_buf_cstr(b, paren ? "(" : "");
        if (paren)
            comparison(g, depth - 1, b);
        else
            gen_test(g, b);
        tc_buf_cstr(b, paren ? ")" : "");
    }
}

static void qualifier(struct gen *g, struct tc_buf *b)
{
    char a[TC_TIME_SIZE], z[TC_TIME_SIZE];
    tc_time t = INT64_C(1577836800) * TC_SECOND + pick(g, 12) * TC_SECOND;
    switch (pick(g, 3)) {
    case 0:
        if (pick(g, 4))
            tc_buf_fmt(b, " WITHIN %u SECONDS", 1 + pick(g, 6));
        else
            tc_buf_cstr(b, " WITHIN 2.5 SECONDS");
        return;
    case 1:
        tc_buf_fmt(b, " REPEATS %u TIMES", 1 + pick(g, 4));
        return;
    default:
        tc_time_format(t, 3, a);
        tc_time_format(t + pick(g, 8) * TC_SECOND, 3, z);
        tc_buf_fmt(b, " START t'%s' STOP t'%s'", a, z);
    }
}

static void observation(struct gen *g, unsigned parts, struct tc_buf *b)
{
    static const char *const ops[] = {" AND ", " OR ", " FOLLOWEDBY "};
    if (parts == 1 && pick(g, 6)) {
        tc_buf_char(b, '[');
        comparison(g, 1, b);
        tc_buf_char(b, ']');
    } else {
        unsigned left = parts == 1 ? 1 : 1 + pick(g, parts - 1);
        tc_buf_char(b, '(');
        observation(g, left, b);
        if (parts > 1) {
            tc_buf_cstr(b, PICK(g, ops));
            observation(g, parts - left, b);
        }
        tc_buf_char(b, ')');
    }
    /* the OASIS matcher takes one of each kind at most; one in all keeps to that */
    for (unsigned q = pick(g, 3) ? 0 : 1 + (g->plain ? 0 : pick(g, 2)); q; q--)
        qualifier(g, b);
}

void gen_pattern(struct gen *g, unsigned parts, struct tc_buf *out)
{
    observation(g, 1 + pick(g, parts), out);
}

/* ---- observations ---- */

static void value(struct gen *g, struct tc_jsonw *w, const char *text)
{
    if (g->plain || pick(g, 12)) {
        tc_jsonw_cstr(w, text);
    } else if (pick(g, 2)) {
        tc_jsonw_u64(w, pick(g, 3));
    } else {
        tc_jsonw_null(w);
    }
}

static void some_number(struct gen *g, struct tc_jsonw *w)
{
    switch (pick(g, g->plain ? 1 : 5)) {
    case 1:
        tc_jsonw_double(w, 1.5);
        return;
    case 2:
        tc_jsonw_i64(w, -1);
        return;
    case 3:
        tc_jsonw_u64(w, UINT64_C(9007199254740992) + pick(g, 3));
        return;
    case 4:
        tc_jsonw_cstr(w, "1");
        return;
    default:
        tc_jsonw_u64(w, pick(g, 3));
    }
}

static void rare(struct gen *g, struct tc_jsonw *w, const char *ref)
{
    tc_jsonw_kbool(w, "flag", pick(g, 2));
    tc_jsonw_kcstr(w, "when", pick(g, 4) ? PICK(g, times) : "no time");
    tc_jsonw_kcstr(w, "x_hex", pick(g, 4) ? PICK(g, hexes) : "6g");
    tc_jsonw_kcstr(w, "x_bin", pick(g, 4) ? PICK(g, base64s) : "*");
    tc_jsonw_name(w, "nums");
    tc_jsonw_array(w);
    for (unsigned n = pick(g, 4); n; n--)
        some_number(g, w);
    tc_jsonw_array_end(w);
    tc_jsonw_name(w, "d");
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "k", PICK(g, words));
    tc_jsonw_object_end(w);
    tc_jsonw_kcstr(w, "o_ref", ref);
    tc_jsonw_name(w, "o_refs");
    tc_jsonw_array(w);
    tc_jsonw_cstr(w, ref);
    tc_jsonw_cstr(w, pick(g, 2) ? "0" : "t--1");
    tc_jsonw_array_end(w);
}

static void object(struct gen *g, struct tc_jsonw *w, const char *id, const char *ref)
{
    tc_jsonw_object(w);
    if (id)
        tc_jsonw_kcstr(w, "id", id);
    tc_jsonw_kcstr(w, "type", pick(g, 4) ? "t" : "u");
    if (pick(g, 5)) {
        tc_jsonw_name(w, "s");
        value(g, w, PICK(g, words));
    }
    if (pick(g, 2)) {
        tc_jsonw_name(w, "n");
        some_number(g, w);
    }
    if (pick(g, 2))
        tc_jsonw_kcstr(w, "ip", net(g));
    tc_jsonw_name(w, "list");
    tc_jsonw_array(w);
    for (unsigned n = pick(g, 3); n; n--)
        value(g, w, PICK(g, words));
    tc_jsonw_array_end(w);
    if (!g->plain && pick(g, 2))
        rare(g, w, ref);
    tc_jsonw_object_end(w);
}

/* Ids of the 2.1 form: OBSERVATION * 4 + which. */
static void id_of(unsigned i, char out[16])
{
    (void)snprintf(out, 16, "t--%u", i);
}

static void observed(struct gen *g, struct tc_jsonw *w, unsigned i, bool old)
{
    char t[TC_TIME_SIZE], id[32], ref[16];
    tc_time first = INT64_C(1577836800) * TC_SECOND + pick(g, 24) * TC_SECOND / 2;
    tc_time last = first + (pick(g, 2) ? 0 : pick(g, 6) * TC_SECOND);
    unsigned objects = 1 + pick(g, 3);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", "observed-data");
    (void)snprintf(id, sizeof id, "observed-data--%u", i);
    tc_jsonw_kcstr(w, "id", id);
    tc_time_format(first, 3, t);
    tc_jsonw_kcstr(w, "first_observed", t);
    tc_time_format(last, 3, t);
    tc_jsonw_kcstr(w, "last_observed", t);
    tc_jsonw_ku64(w, "number_observed", pick(g, 4) ? 1 : 1 + pick(g, 3));
    tc_jsonw_name(w, old ? "objects" : "object_refs");
    if (old)
        tc_jsonw_object(w);
    else
        tc_jsonw_array(w);
    for (unsigned k = 0; k < objects; k++) {
        if (old) {
            (void)snprintf(ref, sizeof ref, "%u", k);
            tc_jsonw_name(w, ref);
            (void)snprintf(ref, sizeof ref, "%u", pick(g, objects + 1));
            object(g, w, NULL, ref);
        } else {
            id_of(i * 4 + k, ref);
            tc_jsonw_cstr(w, ref);
        }
    }
    if (old)
        tc_jsonw_object_end(w);
    else
        tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
}

void gen_bundle(struct gen *g, unsigned n, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    bool old = !g->plain && pick(g, 2);
    char id[16], ref[16];
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "bundle");
    tc_jsonw_kcstr(&w, "id", "bundle--1");
    tc_jsonw_name(&w, "objects");
    tc_jsonw_array(&w);
    for (unsigned i = 0; i < n; i++)
        observed(g, &w, i, old);
    for (unsigned i = 0; i < n && !old; i++)
        for (unsigned k = 0; k < 3; k++) {
            id_of(i * 4 + k, id);
            id_of(pick(g, n * 4), ref);
            object(g, &w, id, ref);
        }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
}

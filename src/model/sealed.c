/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the text, without a tree: a stack of the containers that a pointer leads through,
 * each with the set of pointers that are still on their way. Everything else is skipped by its
 * brackets. The text was checked at the door; here it only must not be misunderstood, so whatever
 * is not as expected is INVALID and nothing of it is stored. */
#include "model/sealed.h"

#include "base/limits.h"
#include "codec/json.h"
#include "model/extensions.h"

enum { HEAD = 40, LONGEST = 256 };

/* ---- pointers ---- */

/* The step after the first depth ones; false when there is none. */
static bool step_of(struct tc_str path, unsigned depth, struct tc_str *step)
{
    size_t i = 0;
    for (unsigned d = 0;; d++) {
        size_t from = ++i; /* behind the '/' */
        while (i < path.n && path.p[i] != '/')
            i++;
        if (d == depth) {
            *step = tc_str_view(path.p + from, i - from);
            return from <= path.n;
        }
        if (i >= path.n)
            return false;
    }
}

static bool last_step(struct tc_str path, unsigned depth)
{
    struct tc_str step;
    return !step_of(path, depth + 1, &step);
}

bool tc_sealed_pointer(struct tc_str path)
{
    static const char *const kept[] = {
        "/type",           "/id",      "/spec_version",        "/created",    "/modified",
        "/created_by_ref", "/revoked", "/object_marking_refs", "/extensions", "/granular_markings",
        "/objects"};
    size_t steps = 0;
    if (path.n < 2 || path.n > LONGEST || path.p[0] != '/' || !tc_str_utf8(path))
        return false;
    for (size_t i = 0; i < path.n; i++) {
        bool tilde = path.p[i] == '~';
        if (tilde && (i + 1 == path.n || (path.p[i + 1] != '0' && path.p[i + 1] != '1')))
            return false;
        if ((unsigned char)path.p[i] < ' ')
            return false;
        steps += path.p[i] == '/';
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (tc_str_is(path, kept[i]))
            return false;
    if (tc_str_starts(path, TC_STR("/granular_markings/")) ||
        tc_str_starts(path, TC_STR("/object_marking_refs/")))
        return false;
    /* the extension that says so must stay readable, and an extension is never cut as a whole: it
     * says how the object is to be read */
    if (tc_str_starts(path, TC_STR("/extensions/")) &&
        (steps < 3 || tc_str_starts(path, TC_STR("/extensions/" TC_EXT_PERSONAL_DATA "/"))))
        return false;
    return steps < TC_MAX_DEPTH;
}

/* ---- which ---- */

static yyjson_val *own_list(yyjson_val *root)
{
    return tc_json_get(tc_json_get(tc_json_get(root, "extensions"), TC_EXT_PERSONAL_DATA),
                       "sealed");
}

bool tc_sealed_never(struct tc_str type)
{
    return tc_str_is(type, "marking-definition") || tc_str_is(type, "extension-definition");
}

bool tc_sealed_asked(yyjson_val *root)
{
    return own_list(root) != NULL;
}

tc_err tc_sealed_fields(const struct tc_types *t, struct tc_str type, yyjson_val *root,
                        struct tc_sealed_set *out)
{
    yyjson_val *list = own_list(root), *one;
    size_t i, n;
    out->n = 0;
    for (const struct tc_sealed_rule *r = tc_types_sealed(t, type, NULL); r;
         r = tc_types_sealed(t, type, r))
        for (uint32_t k = 0; k < r->n_fields; k++) {
            if (out->n == TC_MAX_SEALED)
                return TC_E_LIMIT;
            out->path[out->n++] = r->fields[k];
        }
    if (!list)
        return TC_OK;
    if (!yyjson_is_arr(list) || tc_sealed_never(type))
        return TC_E_INVALID;
    yyjson_arr_foreach (list, i, n, one) {
        if (!yyjson_is_str(one) || !tc_sealed_pointer(tc_json_view(one)))
            return TC_E_INVALID;
        if (out->n == TC_MAX_SEALED)
            return TC_E_LIMIT;
        out->path[out->n++] = tc_json_view(one);
    }
    return TC_OK;
}

/* ---- names ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static size_t put_utf8(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* Four hexadecimal digits at i, -1 = they are not there. */
static int32_t unit_at(struct tc_str s, size_t i)
{
    int32_t v = 0;
    if (i + 4 > s.n)
        return -1;
    for (size_t k = 0; k < 4; k++) {
        int d = hex(s.p[i + k]);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

/* A name between its quotes, its escapes undone; one that is longer than any step is cut short and
 * equals none. False: not an escape of JSON. */
static bool plain_name(struct tc_str raw, char out[LONGEST + 8], size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < raw.n && *n <= LONGEST; i++) {
        if (raw.p[i] != '\\') {
            out[(*n)++] = raw.p[i];
            continue;
        }
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        if (++i == raw.n)
            return false;
        const char *at = raw.p[i] ? strchr(from, raw.p[i]) : NULL;
        if (at) {
            out[(*n)++] = to[at - from];
            continue;
        }
        int32_t u = raw.p[i] == 'u' ? unit_at(raw, i + 1) : -1, low = -1;
        if (u < 0)
            return false;
        i += 4;
        if (u >= 0xd800 && u < 0xdc00 && i + 2 < raw.n && raw.p[i + 1] == '\\' &&
            raw.p[i + 2] == 'u')
            low = unit_at(raw, i + 3);
        if (low >= 0xdc00 && low < 0xe000) {
            u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
        }
        *n += put_utf8((uint32_t)u, out + *n);
    }
    return true;
}

static bool step_is(struct tc_str step, struct tc_str name)
{
    size_t k = 0;
    for (size_t i = 0; i < step.n; i++, k++) {
        char c = step.p[i];
        if (c == '~') /* "~0" is "~", "~1" is "/" */
            c = step.p[++i] == '0' ? '~' : '/';
        if (k == name.n || name.p[k] != c)
            return false;
    }
    return k == name.n;
}

/* ---- walking ---- */

struct frame {
    uint64_t alive; /* pointers whose first steps lead here */
    bool list, kept;
};

struct walk {
    struct tc_str s;
    size_t i, done; /* read up to; written to left up to */
    const struct tc_sealed_set *set;
    struct frame stack[TC_MAX_DEPTH];
    unsigned depth;
    struct tc_buf *left, *secret, *places;
    size_t cuts, gone;
};

static void blanks(struct walk *w)
{
    while (w->i < w->s.n && (w->s.p[w->i] == ' ' || w->s.p[w->i] == '\t' || w->s.p[w->i] == '\n' ||
                             w->s.p[w->i] == '\r'))
        w->i++;
}

static bool is(const struct walk *w, char c)
{
    return w->i < w->s.n && w->s.p[w->i] == c;
}

/* A string from its quote; raw is what stands between the quotes. */
static bool string(struct walk *w, struct tc_str *raw)
{
    if (!is(w, '"'))
        return false;
    size_t from = ++w->i;
    while (w->i < w->s.n && w->s.p[w->i] != '"')
        w->i += w->s.p[w->i] == '\\' ? 2 : 1;
    if (w->i >= w->s.n)
        return false;
    *raw = tc_str_view(w->s.p + from, w->i - from);
    w->i++;
    return true;
}

/* Any value, by its brackets. */
static bool skip(struct walk *w)
{
    struct tc_str raw;
    unsigned open = 0;
    do {
        blanks(w);
        if (w->i >= w->s.n)
            return false;
        char c = w->s.p[w->i];
        if (c == '"') {
            if (!string(w, &raw))
                return false;
        } else if (c == '{' || c == '[') {
            open++;
            w->i++;
        } else if (c == '}' || c == ']') {
            if (!open)
                return false;
            open--;
            w->i++;
        } else if (c == ',' || c == ':') {
            if (!open)
                return false;
            w->i++;
        } else {
            size_t from = w->i;
            while (w->i < w->s.n && !strchr(" \t\r\n,:]}[{\"", w->s.p[w->i]))
                w->i++;
            if (w->i == from)
                return false;
        }
    } while (open);
    return true;
}

static uint8_t *le32(uint8_t out[4], size_t v)
{
    for (int k = 0; k < 4; k++)
        out[k] = (uint8_t)(v >> 8 * k);
    return out;
}

/* from .. to goes out. */
static bool cut(struct walk *w, size_t from, size_t to)
{
    uint8_t at[4], n[4];
    if (from < w->done || w->cuts == TC_MAX_SEALED_CUTS)
        return false;
    tc_buf_add(w->left, w->s.p + w->done, from - w->done);
    tc_buf_add(w->secret, w->s.p + from, to - from);
    tc_buf_add(w->places, le32(at, from - w->gone), 4);
    tc_buf_add(w->places, le32(n, to - from), 4);
    w->gone += to - from;
    w->done = to;
    w->cuts++;
    return true;
}

/* The pointers that lead on to this member; *hit: one ends here. */
static uint64_t leading(const struct walk *w, const struct frame *f, struct tc_str name, bool *hit)
{
    uint64_t on = 0;
    struct tc_str step;
    *hit = false;
    for (size_t k = 0; k < w->set->n; k++) {
        if (!(f->alive >> k & 1) || !step_of(w->set->path[k], w->depth - 1, &step) ||
            (!f->list && !step_is(step, name)))
            continue;
        if (last_step(w->set->path[k], w->depth - 1))
            *hit = true;
        else
            on |= UINT64_C(1) << k;
    }
    return on;
}

static bool push(struct walk *w, uint64_t alive)
{
    if (w->depth == TC_MAX_DEPTH)
        return false;
    w->stack[w->depth++] = (struct frame){.alive = alive, .list = w->s.p[w->i] == '['};
    w->i++;
    return true;
}

static bool at_end(const struct walk *w, const struct frame *f)
{
    return is(w, f->list ? ']' : '}');
}

/* One member or item from behind the bracket or comma; *in: a container was entered. */
static bool element(struct walk *w, bool *in)
{
    struct frame *f = &w->stack[w->depth - 1];
    char plain[LONGEST + 8];
    struct tc_str raw, name = {"", 0};
    size_t from = w->i;
    bool hit = false;
    *in = false;
    blanks(w);
    if (!f->list) {
        if (!string(w, &raw) || !plain_name(raw, plain, &name.n))
            return false;
        name.p = plain;
        blanks(w);
        if (!is(w, ':'))
            return false;
        w->i++;
        blanks(w);
    }
    uint64_t on = leading(w, f, name, &hit);
    if (!hit && on && (is(w, '{') || is(w, '['))) {
        f->kept = true;
        *in = true;
        return push(w, on);
    }
    if (!skip(w))
        return false;
    if (!hit) {
        f->kept = true;
        return true;
    }
    blanks(w);
    if (f->kept) /* with the comma before; otherwise with the one behind, if there is one */
        return cut(w, from - 1, w->i);
    return cut(w, from, w->i + is(w, ','));
}

/* What comes after an element: false and *over when the last bracket was closed. */
static bool next(struct walk *w, bool *over)
{
    for (;;) {
        blanks(w);
        if (is(w, ',')) {
            w->i++;
            return true;
        }
        if (!at_end(w, &w->stack[w->depth - 1]))
            return false;
        w->i++;
        if (--w->depth == 0) {
            *over = true;
            return true;
        }
    }
}

static bool walk(struct walk *w)
{
    bool in = true, over = false; /* in: a bracket was opened just now */
    blanks(w);
    if (!is(w, '{') || !push(w, UINT64_MAX))
        return false;
    while (!over) {
        size_t from = w->i;
        blanks(w);
        if (!in || !at_end(w, &w->stack[w->depth - 1])) {
            w->i = from;
            if (!element(w, &in))
                return false;
            if (in)
                continue;
        }
        in = false;
        if (!next(w, &over))
            return false;
    }
    blanks(w);
    return w->i == w->s.n;
}

tc_err tc_sealed_cut(struct tc_str text, const struct tc_sealed_set *set, struct tc_buf *left,
                     struct tc_buf *secret, size_t *cuts)
{
    struct tc_buf places, values;
    uint8_t n[4];
    tc_buf_init(&places, 8 * TC_MAX_SEALED_CUTS);
    tc_buf_init(&values, TC_MAX_OBJECT);
    struct walk w = {.s = text, .set = set, .left = left, .secret = &values, .places = &places};
    bool ok = text.n <= TC_MAX_OBJECT && walk(&w);
    tc_err e = left->err ? left->err : values.err ? values.err : places.err;
    if (!e && !ok)
        e = w.cuts == TC_MAX_SEALED_CUTS ? TC_E_LIMIT : TC_E_INVALID;
    if (!e && w.cuts) {
        tc_buf_add(left, text.p + w.done, text.n - w.done);
        tc_buf_add(secret, le32(n, w.cuts), 4);
        tc_buf_str(secret, tc_buf_view(&places));
        tc_buf_str(secret, tc_buf_view(&values));
        e = left->err ? left->err : secret->err;
    }
    if (values.p)
        memset(values.p, 0, values.n);
    tc_buf_fini(&places);
    tc_buf_fini(&values);
    if (!e)
        *cuts = w.cuts;
    return e;
}

/* ---- putting back ---- */

static size_t le32_at(struct tc_str s, size_t i)
{
    size_t v = 0;
    for (size_t k = 0; k < 4; k++)
        v |= (size_t)(uint8_t)s.p[i + k] << 8 * k;
    return v;
}

tc_err tc_sealed_join(struct tc_str left, struct tc_str secret, struct tc_buf *out)
{
    if (secret.n < 4)
        return TC_E_CORRUPT;
    size_t n = le32_at(secret, 0), done = 0;
    if (!n || n > TC_MAX_SEALED_CUTS || secret.n < 4 + 8 * n)
        return TC_E_CORRUPT;
    size_t value = 4 + 8 * n;
    if (left.n + (secret.n - value) > TC_MAX_OBJECT)
        return TC_E_CORRUPT;
    for (size_t k = 0; k < n; k++) {
        size_t at = le32_at(secret, 4 + 8 * k), len = le32_at(secret, 8 + 8 * k);
        if (at < done || at > left.n || len > secret.n - value)
            return TC_E_CORRUPT;
        tc_buf_add(out, left.p + done, at - done);
        tc_buf_add(out, secret.p + value, len);
        done = at;
        value += len;
    }
    if (value != secret.n)
        return TC_E_CORRUPT;
    tc_buf_add(out, left.p + done, left.n - done);
    return out->err;
}

/* ---- the stored form ---- */

tc_err tc_sealed_parse(struct tc_str stored, struct tc_sealed_blob *out)
{
    if (stored.n < HEAD + 16 || memcmp(stored.p, "TcS1", 4) != 0)
        return TC_E_CORRUPT;
    size_t left = le32_at(stored, 36);
    if (left > TC_MAX_OBJECT || left > stored.n - HEAD - 16 ||
        stored.n - HEAD - left > (size_t)TC_MAX_OBJECT + TC_SEALED_OVERHEAD)
        return TC_E_CORRUPT;
    memcpy(out->key_id, stored.p + 4, sizeof out->key_id);
    memcpy(out->nonce, stored.p + 12, sizeof out->nonce);
    out->left = tc_str_view(stored.p + HEAD, left);
    out->box = tc_str_view(stored.p + HEAD + left, stored.n - HEAD - left);
    return TC_OK;
}

void tc_sealed_write(struct tc_buf *out, const struct tc_sealed_blob *b)
{
    uint8_t n[4];
    tc_buf_add(out, "TcS1", 4);
    tc_buf_add(out, b->key_id, sizeof b->key_id);
    tc_buf_add(out, b->nonce, sizeof b->nonce);
    tc_buf_add(out, le32(n, b->left.n), 4);
    tc_buf_str(out, b->left);
}

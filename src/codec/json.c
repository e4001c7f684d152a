/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <stdlib.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- depth before parsing ----
 * 64 bytes at a time become four bit masks: quotes, backslashes, openers, closers. Escaped quotes
 * are dropped, the running XOR of the others tells what lies inside strings, and the brackets
 * outside are counted. Their order inside a block matters only when the limit could be passed. */

struct masks {
    uint64_t quote, slash, open, close;
};

#ifdef __SSE2__
static struct masks block_masks(const uint8_t p[64])
{
    struct masks m = {0};
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i bit = _mm_set1_epi8(0x20), open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}');
    for (unsigned i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        __m128i w = _mm_or_si128(v, bit); /* '[' and '{' differ in this bit only, ']' and '}' too */
        unsigned at = 16 * i;
        m.quote |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote)) << at;
        m.slash |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, slash)) << at;
        m.open |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(w, open)) << at;
        m.close |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(w, close)) << at;
    }
    return m;
}
#else
static struct masks block_masks(const uint8_t p[64])
{
    struct masks m = {0};
    for (unsigned i = 0; i < 64; i++) {
        uint64_t bit = UINT64_C(1) << i;
        m.quote |= p[i] == '"' ? bit : 0;
        m.slash |= p[i] == '\\' ? bit : 0;
        m.open |= (p[i] | 0x20) == '{' ? bit : 0;
        m.close |= (p[i] | 0x20) == '}' ? bit : 0;
    }
    return m;
}
#endif

/* Bits that follow an unescaped backslash. *carry: the last byte of the block before was one. */
static uint64_t escaped_bits(uint64_t slash, bool *carry)
{
    uint64_t escaped = *carry ? 1 : 0;
    slash &= ~escaped;
    *carry = false;
    while (slash) {
        uint64_t low = slash & (~slash + 1);
        if (low == UINT64_C(1) << 63) {
            *carry = true;
            break;
        }
        escaped |= low << 1;
        slash &= ~(low | low << 1);
    }
    return escaped;
}

static uint64_t prefix_xor(uint64_t x)
{
    for (unsigned s = 1; s < 64; s <<= 1)
        x ^= x << s;
    return x;
}

static unsigned exact_depth(uint64_t open, uint64_t close, unsigned depth, unsigned limit,
                            bool *over)
{
    for (uint64_t both = open | close; both; both &= both - 1) {
        uint64_t bit = both & (~both + 1);
        if (close & bit)
            depth -= depth > 0;
        else if (++depth > limit) {
            *over = true;
            return depth;
        }
    }
    return depth;
}

unsigned tc_json_depth(struct tc_str text, unsigned limit)
{
    unsigned depth = 0, deepest = 0;
    bool carry = false, over = false;
    uint64_t in_string = 0; /* all ones when the block begins inside a string */
    uint8_t last[64];
    for (size_t at = 0; at < text.n && !over; at += 64) {
        const uint8_t *p = (const uint8_t *)text.p + at;
        if (text.n - at < 64) {
            memset(last, ' ', sizeof last);
            memcpy(last, p, text.n - at);
            p = last;
        }
        struct masks m = block_masks(p);
        if (m.slash || carry)
            m.quote &= ~escaped_bits(m.slash, &carry);
        uint64_t inside = prefix_xor(m.quote) ^ in_string;
        in_string = (inside >> 63) ? ~UINT64_C(0) : 0;
        m.open &= ~inside;
        m.close &= ~inside;
        if (!(m.open | m.close))
            continue;
        unsigned opens = (unsigned)__builtin_popcountll(m.open);
        unsigned closes = (unsigned)__builtin_popcountll(m.close);
        if (depth + opens <= deepest && closes <= depth) {
            depth += opens - closes; /* cannot be a new maximum, so the order does not matter */
            continue;
        }
        for (uint64_t both = m.open | m.close; both && !over; both &= both - 1) {
            uint64_t bit = both & (~both + 1);
            depth = exact_depth(m.open & bit, m.close & bit, depth, limit, &over);
            deepest = depth > deepest ? depth : deepest;
        }
    }
    return deepest;
}

/* ---- places ---- */

void tc_json_locate(struct tc_str text, size_t offset, struct tc_diag *d)
{
    if (!d)
        return;
    uint64_t line = 1;
    size_t start = 0;
    if (offset > text.n)
        offset = text.n;
    for (const char *p = text.p, *nl; offset && (nl = memchr(p, '\n', offset - start));
         p = nl + 1) {
        line++;
        start = (size_t)(nl - text.p) + 1;
    }
    tc_diag_at(d, line, offset - start + 1, offset);
}

/* ---- repeated names ---- */

static unsigned name_bit(struct tc_str s)
{
    if (s.n == 0)
        return 0;
    uint32_t h = (uint32_t)(uint8_t)s.p[0] | (uint32_t)(uint8_t)s.p[s.n / 2] << 8 |
                 (uint32_t)(uint8_t)s.p[s.n - 1] << 16 | (uint32_t)s.n << 24;
    return (h * 0x9E3779B1u) >> 23;
}

static bool name_among_first(yyjson_val *obj, size_t count, struct tc_str name)
{
    yyjson_obj_iter it = yyjson_obj_iter_with(obj);
    for (size_t i = 0; i < count; i++)
        if (tc_str_eq(tc_json_view(yyjson_obj_iter_next(&it)), name))
            return true;
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    yyjson_val *const *x = a, *const *y = b;
    return tc_str_cmp(tc_json_view(*x), tc_json_view(*y));
}

/* Objects of many members: sort, so that hostile input costs n log n. */
static tc_err repeat_in_many(yyjson_val *obj, yyjson_val **repeated)
{
    size_t n = yyjson_obj_size(obj), i = 0;
    yyjson_val **names = calloc(n, sizeof(yyjson_val *)), *k;
    if (!names)
        return TC_E_NOMEM;
    yyjson_obj_iter it = yyjson_obj_iter_with(obj);
    while ((k = yyjson_obj_iter_next(&it)))
        names[i++] = k;
    qsort(names, n, sizeof(yyjson_val *), by_bytes);
    for (i = 1; i < n; i++)
        if (by_bytes(&names[i - 1], &names[i]) == 0)
            *repeated = names[i];
    free(names);
    return TC_OK;
}

static tc_err repeat_in(yyjson_val *obj, yyjson_val **repeated)
{
    if (yyjson_obj_size(obj) > 64)
        return repeat_in_many(obj, repeated);
    uint64_t seen[8] = {0};
    size_t i = 0;
    if (yyjson_obj_size(obj) < 2)
        return TC_OK;
    yyjson_obj_iter it = yyjson_obj_iter_with(obj);
    for (yyjson_val *k; (k = yyjson_obj_iter_next(&it)); i++) {
        struct tc_str name = tc_json_view(k);
        unsigned bit = name_bit(name);
        uint64_t mask = UINT64_C(1) << (bit & 63);
        if ((seen[bit >> 6] & mask) && name_among_first(obj, i, name)) {
            *repeated = k;
            return TC_OK;
        }
        seen[bit >> 6] |= mask;
    }
    return TC_OK;
}

/* Writes the path of target ("a.b[3].c") into b; false when it is not under v. Depth is bounded
 * by tc_json_depth before any tree exists. */
static bool path_to(yyjson_val *v, const yyjson_val *target, struct tc_buf *b)
{
    size_t keep = b->n, i, max;
    yyjson_val *key, *val;
    if (yyjson_is_obj(v)) {
        yyjson_obj_foreach (v, i, max, key, val) {
            tc_buf_cstr(b, keep ? "." : "");
            tc_buf_str(b, tc_json_view(key));
            if (key == target || path_to(val, target, b))
                return true;
            b->n = keep;
        }
    } else if (yyjson_is_arr(v)) {
        yyjson_arr_foreach (v, i, max, val) {
            tc_buf_fmt(b, "[%zu]", i);
            if (path_to(val, target, b))
                return true;
            b->n = keep;
        }
    }
    return false;
}

static tc_err say_repeated(yyjson_val *root, yyjson_val *key, struct tc_diag *d)
{
    struct tc_str name = tc_json_view(key);
    if (d) {
        struct tc_buf b;
        tc_buf_init(&b, 1 << 16);
        if (path_to(root, key, &b))
            tc_diag_path(d, tc_buf_z(&b), b.n);
        tc_buf_fini(&b);
    }
    return tc_diag_set(d, TC_E_SYNTAX, "the name \"%.*s\" stands twice in one object",
                       TC_FMT(name));
}

/* One pass over the tree for depth and repeated names. yyjson keeps all values side by side, in the
 * order of the text; end[] are the places where the containers that are open now end. */
static tc_err refuse_tree(yyjson_doc *doc, bool repeats_ok, struct tc_diag *d)
{
    yyjson_val *root = yyjson_doc_get_root(doc), *v = root, *end[TC_MAX_DEPTH];
    unsigned depth = 0;
    for (size_t left = yyjson_doc_get_val_count(doc); left; left--, v++) {
        if (!yyjson_is_ctn(v))
            continue;
        while (depth && v >= end[depth - 1])
            depth--;
        if (depth == TC_MAX_DEPTH)
            return tc_diag_set(d, TC_E_LIMIT, "nested deeper than %d levels", TC_MAX_DEPTH);
        end[depth++] = unsafe_yyjson_get_next(v);
        yyjson_val *repeated = NULL;
        tc_err e = repeats_ok || !yyjson_is_obj(v) ? TC_OK : repeat_in(v, &repeated);
        if (e)
            return tc_diag_set(d, e, "out of memory");
        if (repeated)
            return say_repeated(root, repeated, d);
    }
    return TC_OK;
}

/* ---- reading ---- */

/* Up to here the tree is small (at most 16 bytes a character) and the parser does not recurse, so
 * depth can wait for the tree; longer texts are scanned before any memory is taken. */
#define SMALL_TEXT ((size_t)1 << 20)

static tc_err refuse_size(struct tc_str text, size_t max, struct tc_diag *d)
{
    if (text.n > max)
        return tc_diag_set(d, TC_E_LIMIT, "%zu bytes of JSON, at most %zu are read", text.n, max);
    if (text.n > SMALL_TEXT && tc_json_depth(text, TC_MAX_DEPTH) > TC_MAX_DEPTH)
        return tc_diag_set(d, TC_E_LIMIT, "nested deeper than %d levels", TC_MAX_DEPTH);
    return TC_OK;
}

static tc_err say_bad(struct tc_str text, const yyjson_read_err *err, struct tc_diag *d)
{
    if (err->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_json_locate(text, err->pos, d);
    if (text.n == 0)
        return tc_diag_set(d, TC_E_SYNTAX, "there is nothing here to read");
    if (err->pos >= text.n || err->code == YYJSON_READ_ERROR_UNEXPECTED_END)
        return tc_diag_set(d, TC_E_SYNTAX, "not JSON: it ends too early");
    return tc_diag_set(d, TC_E_SYNTAX, "not JSON: %s", err->msg);
}

static tc_err read_with(struct tc_str text, unsigned flags, const yyjson_alc *alc, yyjson_doc **out,
                        struct tc_diag *d)
{
    yyjson_read_err err = {0};
    yyjson_read_flag f = (flags & TC_JSON_RAW_NUMBERS) ? YYJSON_READ_NUMBER_AS_RAW : 0;
    /* yyjson does not write to the text without YYJSON_READ_INSITU; its parameter is not const. */
    union {
        const char *in;
        char *out;
    } p = {text.p};
    yyjson_doc *doc = yyjson_read_opts(p.out, text.n, f, alc, &err);
    if (!doc)
        return say_bad(text, &err, d);
    tc_err e = refuse_tree(doc, flags & TC_JSON_REPEATS_OK, d);
    if (e)
        yyjson_doc_free(doc);
    else
        *out = doc;
    return e;
}

tc_err tc_json_read(struct tc_str text, size_t max, unsigned flags, struct tc_json *out,
                    struct tc_diag *d)
{
    yyjson_doc *doc = NULL;
    tc_err e = refuse_size(text, max, d);
    if (!e)
        e = read_with(text, flags, NULL, &doc, d);
    if (!e)
        *out = (struct tc_json){doc, yyjson_doc_get_root(doc)};
    return e;
}

void tc_json_fini(struct tc_json *j)
{
    if (j->doc)
        yyjson_doc_free(j->doc);
    *j = (struct tc_json){0};
}

struct tc_json_reader {
    void *mem;
    size_t cap;
};

/* Kept between reads at most; a larger document's memory goes back at the next read. */
#define READER_KEEPS ((size_t)4 << 20)

struct tc_json_reader *tc_json_reader_new(void)
{
    return calloc(1, sizeof(struct tc_json_reader));
}

void tc_json_reader_free(struct tc_json_reader *r)
{
    if (!r)
        return;
    free(r->mem);
    free(r);
}

static bool reader_room(struct tc_json_reader *r, size_t need)
{
    if (r->cap >= need && (r->cap <= READER_KEEPS || need > READER_KEEPS))
        return true;
    free(r->mem);
    r->cap = need < 65536 ? 65536 : need;
    r->mem = malloc(r->cap);
    if (!r->mem)
        r->cap = 0;
    return r->mem != NULL;
}

tc_err tc_json_reader_read(struct tc_json_reader *r, struct tc_str text, size_t max, unsigned flags,
                           yyjson_val **root, struct tc_diag *d)
{
    tc_err e = refuse_size(text, max, d);
    if (e)
        return e;
    yyjson_alc alc;
    yyjson_doc *doc = NULL;
    size_t need = yyjson_read_max_memory_usage(text.n, 0) + 256;
    if (!reader_room(r, need) || !yyjson_alc_pool_init(&alc, r->mem, r->cap))
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    e = read_with(text, flags, &alc, &doc, d);
    if (!e)
        *root = yyjson_doc_get_root(doc); /* freed with the pool */
    return e;
}

/* ---- getters ---- */

yyjson_val *tc_json_get(yyjson_val *obj, const char *name)
{
    return yyjson_obj_get(obj, name);
}

yyjson_val *tc_json_getn(yyjson_val *obj, struct tc_str name)
{
    return yyjson_obj_getn(obj, name.p, name.n);
}

bool tc_json_str(yyjson_val *obj, const char *name, struct tc_str *out)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    if (!yyjson_is_str(v))
        return false;
    *out = tc_json_view(v);
    return true;
}

bool tc_json_bool(yyjson_val *obj, const char *name, bool *out)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    if (!yyjson_is_bool(v))
        return false;
    *out = yyjson_get_bool(v);
    return true;
}

bool tc_json_u64(yyjson_val *obj, const char *name, uint64_t *out)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    if (!yyjson_is_uint(v))
        return false;
    *out = yyjson_get_uint(v);
    return true;
}

bool tc_json_i64(yyjson_val *obj, const char *name, int64_t *out)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    if (yyjson_is_sint(v))
        *out = yyjson_get_sint(v);
    else if (yyjson_is_uint(v) && yyjson_get_uint(v) <= INT64_MAX)
        *out = (int64_t)yyjson_get_uint(v);
    else
        return false;
    return true;
}

bool tc_json_double(yyjson_val *obj, const char *name, double *out)
{
    yyjson_val *v = yyjson_obj_get(obj, name);
    if (yyjson_is_real(v))
        *out = yyjson_get_real(v);
    else if (yyjson_is_uint(v))
        *out = (double)yyjson_get_uint(v);
    else if (yyjson_is_sint(v))
        *out = (double)yyjson_get_sint(v);
    else
        return false;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Two speeds. Between objects a small state machine reads byte by byte:
 *
 *   START --'{'--> KEY_FIRST --'"'--> IN_KEY --'"'--> COLON --':'--> VALUE --+--> AFTER_VALUE
 *     |               '}' ends the root                                      |      ',' -> KEY
 *     |                                  "objects": [  (switch to a list) ---+      '}' ends it
 *     '--'['--> ELEM_FIRST <--------------------------------------------------'
 *                  '{' -> IN_NEST ... -> ELEM_AFTER --','--> ELEM    ']' ends the list
 *
 * Inside an object or a nested value (IN_NEST) blocks of 64 bytes are turned into bit masks
 * (quotes, backslashes, opening and closing brackets), so that strings cost nothing to skip.
 *
 * What must be kept over the end of a chunk goes to carry: the one object at hand, or a root that
 * may still turn out to be the one object. Of a list's root the members around the objects are kept
 * in head and parsed when the root ends, so that nothing in the input stays unread. */
#include "codec/slices.h"

#include "base/limits.h"

#include <stdlib.h>
#include <yyjson.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum state {
    S_START,
    S_BOM1, /* second and third byte of a UTF-8 byte order mark */
    S_BOM2,
    S_KEY_FIRST,
    S_KEY,
    S_IN_KEY,
    S_COLON,
    S_VALUE,
    S_IN_STRING,
    S_IN_SCALAR,
    S_IN_NEST,
    S_AFTER_VALUE,
    S_ELEM_FIRST,
    S_ELEM,
    S_ELEM_AFTER
};

/* Long enough for "objects" with every letter written as \uXXXX; anything longer is neither name.
 */
#define WORD_MAX  48
#define WORD_ROOM 2048 /* yyjson_read_max_memory_usage(WORD_MAX + 2) and what a pool needs */

struct word {
    char p[WORD_MAX];
    size_t n; /* counts on beyond WORD_MAX */
    bool escaped;
};

struct tc_slices {
    size_t max_object;
    tc_slice_emit emit;
    void *arg;
    enum state state;
    bool root_array; /* the list is the root itself */
    bool list;       /* in a root with a list: its objects member was met */
    bool in_list;    /* between '[' and ']' of the list */
    bool dead;
    bool keeping;
    uint64_t keep_offset; /* of the first kept byte */
    size_t keep_from;     /* its place in this chunk, 0 when it came earlier */
    uint64_t base;        /* offset of this chunk */
    uint64_t index;       /* objects emitted */
    uint64_t element;     /* in this list */
    uint64_t roots;
    struct word key, type;
    bool has_type, in_type; /* the first member "type" counts, as in yyjson */
    struct tc_buf carry, head;
    /* IN_NEST and IN_STRING */
    uint64_t in_string; /* all ones or 0 */
    uint64_t escaped;   /* the next byte is escaped: 1 or 0 */
    uint32_t depth;
};

struct tc_slices *tc_slices_new(size_t max_object, tc_slice_emit emit, void *arg)
{
    struct tc_slices *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->max_object = max_object;
    s->emit = emit;
    s->arg = arg;
    tc_buf_init(&s->carry, max_object);
    tc_buf_init(&s->head, max_object);
    return s;
}

void tc_slices_free(struct tc_slices *s)
{
    if (!s)
        return;
    tc_buf_fini(&s->carry);
    tc_buf_fini(&s->head);
    free(s);
}

/* ---- errors ---- */

static tc_err fail(struct tc_slices *s, struct tc_diag *d, tc_err code, size_t at, const char *says)
{
    s->dead = true;
    if (d)
        d->offset = s->base + at;
    return tc_diag_set(d, code, "%s", says);
}

static tc_err fail_element(struct tc_slices *s, struct tc_diag *d, size_t at)
{
    s->dead = true;
    if (d)
        d->offset = s->base + at;
    return tc_diag_set(d, TC_E_INVALID, "element %llu of the list of objects is not an object",
                       (unsigned long long)s->element);
}

/* ---- keeping bytes ---- */

static void keep(struct tc_slices *s, size_t at)
{
    s->keeping = true;
    s->keep_from = at;
    s->keep_offset = s->base + at;
    tc_buf_clear(&s->carry);
}

/* The kept bytes up to end (exclusive) in this chunk; LIMIT or NOMEM. */
static tc_err kept(struct tc_slices *s, struct tc_str chunk, size_t end, struct tc_str *out)
{
    size_t here = end - s->keep_from;
    s->keeping = false;
    if (here > s->max_object || s->carry.n > s->max_object - here)
        return TC_E_LIMIT;
    if (s->carry.n == 0) {
        *out = tc_str_view(chunk.p + s->keep_from, here);
        return TC_OK;
    }
    tc_buf_add(&s->carry, chunk.p + s->keep_from, here);
    *out = tc_buf_view(&s->carry);
    return s->carry.err;
}

static tc_err too_large(struct tc_slices *s, struct tc_diag *d, tc_err e)
{
    s->dead = true;
    if (e != TC_E_LIMIT)
        return tc_diag_set(d, e, "out of memory");
    if (d)
        d->offset = s->keep_offset;
    return tc_diag_set(d, e, "an object is larger than %zu bytes", s->max_object);
}

static tc_err emit_kept(struct tc_slices *s, struct tc_str chunk, size_t end, struct tc_diag *d)
{
    struct tc_slice slice = {.offset = s->keep_offset, .index = s->index};
    tc_err e = kept(s, chunk, end, &slice.bytes);
    if (e)
        return too_large(s, d, e);
    s->index++;
    e = s->emit(s->arg, &slice);
    s->dead = e != TC_OK;
    return e;
}

/* ---- words: the names and the type at the root ---- */

static void word_start(struct word *w)
{
    w->n = 0;
    w->escaped = false;
}

static void word_add(struct word *w, const char *p, size_t n)
{
    size_t room = w->n < WORD_MAX ? WORD_MAX - w->n : 0;
    memcpy(w->p + (room ? w->n : 0), p, n < room ? n : room);
    if (!w->escaped && memchr(p, '\\', n))
        w->escaped = true;
    w->n += n;
}

static bool word_is(const struct word *w, const char *z)
{
    if (w->n > WORD_MAX)
        return false;
    if (!w->escaped)
        return tc_str_is(tc_str_view(w->p, w->n), z);
    char quoted[WORD_MAX + 2];
    quoted[0] = '"';
    memcpy(quoted + 1, w->p, w->n);
    quoted[w->n + 1] = '"';
    /* In memory of its own: a name that is not recognised because there was none would change
     * what the input means. */
    _Alignas(16) char room[WORD_ROOM];
    yyjson_alc pool;
    (void)yyjson_alc_pool_init(&pool, room, sizeof room);
    yyjson_doc *doc = yyjson_read_opts(quoted, w->n + 2, 0, &pool, NULL);
    bool same = doc && yyjson_equals_str(yyjson_doc_get_root(doc), z);
    yyjson_doc_free(doc);
    return same;
}

/* ---- the fast part ---- */

#define EVEN_BITS UINT64_C(0x5555555555555555)

/* Bits of the bytes that a backslash before them escapes; *carry: the first byte is, and then
 * whether the byte after the block is. Runs of backslashes are told odd from even by the carry of
 * an addition (a run that starts at an odd bit flips the parity of what follows it). */
static uint64_t escaped_bits(uint64_t backslash, uint64_t *carry)
{
    if (!backslash) {
        uint64_t first = *carry;
        *carry = 0;
        return first;
    }
    backslash &= ~*carry;
    uint64_t follows = backslash << 1 | *carry;
    uint64_t odd_starts = backslash & ~EVEN_BITS & ~follows;
    unsigned long long even_runs = 0;
    *carry = __builtin_uaddll_overflow(odd_starts, backslash, &even_runs) ? 1 : 0;
    return (EVEN_BITS ^ (uint64_t)even_runs << 1) & follows;
}

/* Bit i = XOR of bits 0..i: turns quotes into "inside a string" (with the opening quote). */
static uint64_t prefix_xor(uint64_t x)
{
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    x ^= x << 32;
    return x;
}

struct masks {
    uint64_t quote, backslash, open, close;
};

#if defined(__SSE2__)
static inline uint64_t bits16(__m128i equal, unsigned shift)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << shift;
}

static inline struct masks block_masks(const char *p)
{
    struct masks m = {0};
    for (unsigned i = 0; i < 64; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        /* '[' and ']' differ from '{' and '}' by bit 5 alone */
        __m128i w = _mm_or_si128(v, _mm_set1_epi8(0x20));
        m.quote |= bits16(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), i);
        m.backslash |= bits16(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')), i);
        m.open |= bits16(_mm_cmpeq_epi8(w, _mm_set1_epi8('{')), i);
        m.close |= bits16(_mm_cmpeq_epi8(w, _mm_set1_epi8('}')), i);
    }
    return m;
}
#else
static inline struct masks block_masks(const char *p)
{
    struct masks m = {0};
    for (unsigned i = 0; i < 64; i++) {
        m.quote |= (uint64_t)(p[i] == '"') << i;
        m.backslash |= (uint64_t)(p[i] == '\\') << i;
        m.open |= (uint64_t)((p[i] | 0x20) == '{') << i;
        m.close |= (uint64_t)((p[i] | 0x20) == '}') << i;
    }
    return m;
}
#endif

/* One byte of a nested value; true when it closes it. */
static bool nest_byte(struct tc_slices *s, char c)
{
    if (s->escaped) {
        s->escaped = 0;
    } else if (c == '\\') {
        s->escaped = 1;
    } else if (s->in_string) {
        if (c == '"')
            s->in_string = 0;
    } else if (c == '"') {
        s->in_string = ~UINT64_C(0);
    } else if (c == '{' || c == '[') {
        s->depth++;
    } else if (c == '}' || c == ']') {
        return --s->depth == 0;
    }
    return false;
}

/* Walks the brackets of a block where the value may end or go too deep. The bit where it ends, 64
 * when it does not, 65 when it is too deep. */
static unsigned walk_brackets(struct tc_slices *s, uint64_t open, uint64_t close)
{
    for (uint64_t all = open | close; all; all &= all - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(all);
        if (open >> bit & 1) {
            if (++s->depth > TC_MAX_DEPTH)
                return 65;
        } else if (--s->depth == 0) {
            return bit;
        }
    }
    return 64;
}

/* Goes on in a nested value from *at; *at stops after its last byte (then *ended) or at n. */
static tc_err nest(struct tc_slices *s, struct tc_str chunk, size_t *at, bool *ended,
                   struct tc_diag *d)
{
    size_t i = *at;
    *ended = false;
    for (; chunk.n - i >= 64; i += 64) {
        struct masks m = block_masks(chunk.p + i);
        if (m.backslash | s->escaped) {
            /* outside of strings a backslash is wrong JSON, as the parser of the slice will say */
            uint64_t skip = escaped_bits(m.backslash, &s->escaped);
            m.quote &= ~skip;
            m.open &= ~skip;
            m.close &= ~skip;
        }
        uint64_t inside = prefix_xor(m.quote) ^ s->in_string;
        s->in_string = (uint64_t)0 - (inside >> 63);
        m.open &= ~inside;
        m.close &= ~inside;
        if (!(m.open | m.close))
            continue;
        uint32_t opens = (uint32_t)__builtin_popcountll(m.open);
        uint32_t closes = (uint32_t)__builtin_popcountll(m.close);
        if (closes < s->depth && s->depth + opens <= TC_MAX_DEPTH) {
            s->depth += opens - closes;
            continue;
        }
        unsigned end = walk_brackets(s, m.open, m.close);
        if (end == 65)
            return fail(s, d, TC_E_LIMIT, i, "the input is nested too deep");
        if (end < 64) {
            *at = i + end + 1;
            *ended = true;
            return TC_OK;
        }
    }
    for (; i < chunk.n; i++) {
        if (nest_byte(s, chunk.p[i])) {
            *at = i + 1;
            *ended = true;
            return TC_OK;
        }
        if (s->depth > TC_MAX_DEPTH)
            return fail(s, d, TC_E_LIMIT, i, "the input is nested too deep");
    }
    *at = i;
    return TC_OK;
}

/* Index of the first '"' or '\\' at or after i, n when there is none. */
static size_t string_stop(struct tc_str chunk, size_t i)
{
#if defined(__SSE2__)
    for (; chunk.n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(chunk.p + i));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        int bits = _mm_movemask_epi8(hit);
        if (bits)
            return i + (size_t)__builtin_ctz((unsigned)bits);
    }
#endif
    while (i < chunk.n && chunk.p[i] != '"' && chunk.p[i] != '\\')
        i++;
    return i;
}

/* Goes on in a string at the root from *at; *at stops after its closing quote (then *ended). */
static void string(struct tc_slices *s, struct tc_str chunk, size_t *at, struct word *w,
                   bool *ended)
{
    size_t i = *at;
    *ended = false;
    while (i < chunk.n) {
        size_t from = i;
        if (s->escaped) {
            s->escaped = 0;
            i++;
        } else {
            i = string_stop(chunk, i);
            *ended = i < chunk.n && chunk.p[i] == '"';
            if (!*ended && i < chunk.n) {
                s->escaped = 1;
                i++;
            }
        }
        if (w)
            word_add(w, chunk.p + from, i - from);
        if (*ended) {
            *at = i + 1;
            return;
        }
    }
    *at = i;
}

/* ---- between objects ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool may_be_list(const struct tc_slices *s)
{
    return word_is(&s->key, "objects") && (!s->has_type || word_is(&s->type, "bundle"));
}

/* head holds a list's root without its objects: it must be JSON and, if typed, a bundle. */
static tc_err check_head(struct tc_slices *s, size_t at, const char *closing, struct tc_diag *d)
{
    size_t n = s->head.n;
    tc_buf_cstr(&s->head, closing);
    if (s->head.err)
        return fail(s, d, s->head.err, at, "what surrounds the list of objects is too large");
    yyjson_read_err why = {.code = 0};
    yyjson_doc *doc = yyjson_read_opts(s->head.p, s->head.n, 0, NULL, &why);
    s->head.n = n;
    if (!doc && why.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return fail(s, d, TC_E_NOMEM, at, "out of memory");
    if (!doc)
        return fail(s, d, TC_E_SYNTAX, at, "what surrounds the list of objects is not JSON");
    yyjson_val *root = yyjson_doc_get_root(doc);
    yyjson_val *type = yyjson_obj_get(root, "type");
    bool right = !type || yyjson_equals_str(type, "bundle");
    yyjson_doc_free(doc);
    if (!right)
        return fail(s, d, TC_E_INVALID, at, "a list of objects in something that is not a bundle");
    return TC_OK;
}

static tc_err enter_list(struct tc_slices *s, struct tc_str chunk, size_t at, struct tc_diag *d)
{
    struct tc_str head;
    if (s->list)
        return fail(s, d, TC_E_INVALID, at, "two lists of objects in one bundle");
    tc_err e = kept(s, chunk, at + 1, &head);
    if (e)
        return too_large(s, d, e);
    tc_buf_clear(&s->head);
    tc_buf_str(&s->head, head);
    s->list = s->in_list = true;
    s->element = 0;
    s->state = S_ELEM_FIRST;
    return check_head(s, at, "]}", d);
}

static tc_err leave_list(struct tc_slices *s, size_t at)
{
    s->in_list = false;
    if (s->root_array) {
        s->root_array = false;
        s->roots++;
        s->state = S_START;
        return TC_OK;
    }
    keep(s, at); /* from the ']' on, to complete head */
    s->state = S_AFTER_VALUE;
    return TC_OK;
}

static tc_err end_root(struct tc_slices *s, struct tc_str chunk, size_t at, struct tc_diag *d)
{
    s->state = S_START;
    s->roots++;
    if (!s->list)
        return emit_kept(s, chunk, at + 1, d);
    s->list = false;
    struct tc_str rest;
    tc_err e = kept(s, chunk, at + 1, &rest);
    if (e)
        return too_large(s, d, e);
    tc_buf_str(&s->head, rest);
    return check_head(s, at, "", d);
}

static tc_err start_root(struct tc_slices *s, size_t at, char c, struct tc_diag *d)
{
    if (c == '{') {
        keep(s, at);
        s->has_type = false;
        s->state = S_KEY_FIRST;
    } else if (c == '[') {
        s->root_array = s->in_list = true;
        s->element = 0;
        s->state = S_ELEM_FIRST;
    } else if (c == '\xef' && s->base + at == 0) {
        s->state = S_BOM1;
    } else {
        return fail(s, d, TC_E_SYNTAX, at, "expected '{' or '['");
    }
    return TC_OK;
}

static tc_err start_element(struct tc_slices *s, size_t at, char c, struct tc_diag *d)
{
    if (c == ']' && s->state == S_ELEM_FIRST)
        return leave_list(s, at);
    if (c != '{')
        return fail_element(s, d, at);
    keep(s, at);
    s->depth = 1;
    s->in_string = s->escaped = 0;
    s->state = S_IN_NEST;
    return TC_OK;
}

static tc_err start_value(struct tc_slices *s, struct tc_str chunk, size_t at, struct tc_diag *d)
{
    char c = chunk.p[at];
    s->in_string = s->escaped = 0;
    if (c == '[' && may_be_list(s))
        return enter_list(s, chunk, at, d);
    if (c == '{' || c == '[') {
        s->depth = 1;
        s->state = S_IN_NEST;
    } else if (c == '"') {
        s->in_type = !s->has_type && word_is(&s->key, "type");
        if (s->in_type) {
            word_start(&s->type);
            s->has_type = true;
        }
        s->state = S_IN_STRING;
    } else if (c == ',' || c == '}' || c == ']' || c == ':') {
        return fail(s, d, TC_E_SYNTAX, at, "expected a value");
    } else {
        s->state = S_IN_SCALAR;
    }
    return TC_OK;
}

/* One byte that matters between objects. */
static tc_err step(struct tc_slices *s, struct tc_str chunk, size_t at, struct tc_diag *d)
{
    char c = chunk.p[at];
    switch (s->state) {
    case S_START:
        return start_root(s, at, c, d);
    case S_BOM1:
    case S_BOM2:
        if (c != (s->state == S_BOM1 ? '\xbb' : '\xbf'))
            return fail(s, d, TC_E_SYNTAX, at, "expected '{' or '['");
        s->state = s->state == S_BOM1 ? S_BOM2 : S_START;
        return TC_OK;
    case S_KEY_FIRST:
        if (c == '}')
            return end_root(s, chunk, at, d);
        /* fallthrough */
    case S_KEY:
        if (c != '"')
            return fail(s, d, TC_E_SYNTAX, at, "expected a name in quotes");
        word_start(&s->key);
        s->escaped = 0;
        s->state = S_IN_KEY;
        return TC_OK;
    case S_COLON:
        if (c != ':')
            return fail(s, d, TC_E_SYNTAX, at, "expected ':'");
        s->state = S_VALUE;
        return TC_OK;
    case S_VALUE:
        return start_value(s, chunk, at, d);
    case S_AFTER_VALUE:
        if (c == '}')
            return end_root(s, chunk, at, d);
        if (c != ',')
            return fail(s, d, TC_E_SYNTAX, at, "expected ',' or '}'");
        s->state = S_KEY;
        return TC_OK;
    case S_ELEM_FIRST:
    case S_ELEM:
        return start_element(s, at, c, d);
    case S_ELEM_AFTER:
        if (c == ']')
            return leave_list(s, at);
        if (c != ',')
            return fail(s, d, TC_E_SYNTAX, at, "expected ',' or ']' after an object");
        s->state = S_ELEM;
        return TC_OK;
    case S_IN_KEY:
    case S_IN_STRING:
    case S_IN_SCALAR:
    case S_IN_NEST:
        break;
    }
    return fail(s, d, TC_E_INTERNAL, at, "the scanner lost its way");
}

static tc_err go_on_nest(struct tc_slices *s, struct tc_str chunk, size_t *at, struct tc_diag *d)
{
    bool ended;
    tc_err e = nest(s, chunk, at, &ended, d);
    if (e || !ended)
        return e;
    if (!s->in_list) {
        s->state = S_AFTER_VALUE;
        return TC_OK;
    }
    s->element++;
    s->state = S_ELEM_AFTER;
    return emit_kept(s, chunk, *at, d);
}

static void go_on_scalar(struct tc_slices *s, struct tc_str chunk, size_t *at)
{
    while (*at < chunk.n && chunk.p[*at] != ',' && chunk.p[*at] != '}' && !is_space(chunk.p[*at]))
        ++*at;
    if (*at < chunk.n)
        s->state = S_AFTER_VALUE;
}

static tc_err feed(struct tc_slices *s, struct tc_str chunk, struct tc_diag *d)
{
    size_t at = 0;
    tc_err e = TC_OK;
    while (at < chunk.n && !e) {
        bool ended;
        switch (s->state) {
        case S_IN_NEST:
            e = go_on_nest(s, chunk, &at, d);
            break;
        case S_IN_KEY:
            string(s, chunk, &at, &s->key, &ended);
            if (ended)
                s->state = S_COLON;
            break;
        case S_IN_STRING:
            string(s, chunk, &at, s->in_type ? &s->type : NULL, &ended);
            if (ended)
                s->state = S_AFTER_VALUE;
            break;
        case S_IN_SCALAR:
            go_on_scalar(s, chunk, &at);
            break;
        default:
            if (!is_space(chunk.p[at]))
                e = step(s, chunk, at, d);
            at++;
        }
    }
    return e;
}

tc_err tc_slices_feed(struct tc_slices *s, struct tc_str chunk, struct tc_diag *d)
{
    if (s->dead)
        return tc_diag_set(d, TC_E_INTERNAL, "the scan is over");
    s->keep_from = 0;
    tc_err e = feed(s, chunk, d);
    if (e) {
        s->dead = true;
        return e;
    }
    if (s->keeping) {
        tc_buf_add(&s->carry, chunk.p + s->keep_from, chunk.n - s->keep_from);
        if (s->carry.err)
            return too_large(s, d, s->carry.err);
    }
    s->base += chunk.n;
    return TC_OK;
}

tc_err tc_slices_end(struct tc_slices *s, struct tc_diag *d)
{
    if (s->dead)
        return tc_diag_set(d, TC_E_INTERNAL, "the scan is over");
    if (s->state != S_START)
        return fail(s, d, TC_E_SYNTAX, 0, "the input stops in the middle");
    if (!s->roots)
        return fail(s, d, TC_E_SYNTAX, 0, "the input is empty");
    s->dead = true;
    return TC_OK;
}

tc_err tc_slices_memory(struct tc_str text, size_t max_object, tc_slice_emit emit, void *arg,
                        struct tc_diag *d)
{
    struct tc_slices *s = tc_slices_new(max_object, emit, arg);
    if (!s)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = tc_slices_feed(s, text, d);
    if (!e)
        e = tc_slices_end(s, d);
    tc_slices_free(s);
    return e;
}

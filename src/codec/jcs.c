/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jcs.h"

#include "base/limits.h"
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"

#include <stdlib.h>

/* UTF-8 sorts like code points. UTF-16 differs in one thing: U+10000 and above (lead bytes F0 to
 * F4, surrogates D800.. in UTF-16) come before U+E000 to U+FFFF (lead bytes EE and EF). */
static unsigned rank(char c)
{
    unsigned u = (uint8_t)c;
    return u == 0xEE || u == 0xEF ? u + 0x10 : u;
}

int tc_jcs_order(struct tc_str a, struct tc_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++)
        if (a.p[i] != b.p[i])
            return rank(a.p[i]) < rank(b.p[i]) ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

static int by_order(const void *a, const void *b)
{
    yyjson_val *const *x = a, *const *y = b;
    return tc_jcs_order(tc_json_view(*x), tc_json_view(*y));
}

static tc_err write_value(yyjson_val *v, struct tc_buf *b, struct tc_diag *d, unsigned depth);

static tc_err write_members(yyjson_val **names, size_t n, struct tc_buf *b, struct tc_diag *d,
                            unsigned depth)
{
    tc_err e = TC_OK;
    qsort(names, n, sizeof(yyjson_val *), by_order);
    for (size_t i = 0; i < n && !e; i++) {
        if (i)
            tc_buf_char(b, ',');
        tc_json_quote(b, tc_json_view(names[i]));
        tc_buf_char(b, ':');
        e = write_value(yyjson_obj_iter_get_val(names[i]), b, d, depth);
    }
    return e;
}

static tc_err write_object(yyjson_val *v, struct tc_buf *b, struct tc_diag *d, unsigned depth)
{
    yyjson_val *few[16], **names = few, *key;
    size_t n = yyjson_obj_size(v), i = 0;
    if (n > 16 && !(names = calloc(n, sizeof(yyjson_val *))))
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    yyjson_obj_iter it = yyjson_obj_iter_with(v);
    while ((key = yyjson_obj_iter_next(&it)))
        names[i++] = key;
    tc_buf_char(b, '{');
    tc_err e = n ? write_members(names, n, b, d, depth) : TC_OK;
    tc_buf_char(b, '}');
    if (names != few)
        free(names);
    return e;
}

static tc_err write_array(yyjson_val *v, struct tc_buf *b, struct tc_diag *d, unsigned depth)
{
    size_t i, max;
    yyjson_val *item;
    tc_err e = TC_OK;
    tc_buf_char(b, '[');
    yyjson_arr_foreach (v, i, max, item) {
        if (i)
            tc_buf_char(b, ',');
        if ((e = write_value(item, b, d, depth)))
            break;
    }
    tc_buf_char(b, ']');
    return e;
}

/* An integer that a double holds, or that is spelled as the double nearest to it is: the canonical
 * text of 90071992154740992 is 90071992154741000, and must read back. */
static bool keeps(yyjson_val *v, double x, struct tc_str text)
{
    int64_t i;
    uint64_t u;
    if (yyjson_is_uint(v))
        return (x < 18446744073709551616.0 && (uint64_t)x == yyjson_get_uint(v)) ||
               (tc_num_u64(text, UINT64_MAX, &u) == TC_OK && u == yyjson_get_uint(v));
    if (yyjson_is_sint(v))
        return (int64_t)x == yyjson_get_sint(v) ||
               (tc_num_i64(text, INT64_MIN, INT64_MAX, &i) == TC_OK && i == yyjson_get_sint(v));
    return true;
}

static tc_err write_number(yyjson_val *v, struct tc_buf *b, struct tc_diag *d)
{
    char text[TC_JSON_NUMBER];
    double x = yyjson_get_num(v);
    size_t n = tc_json_number(x, text);
    if (!keeps(v, x, tc_str_view(text, n)))
        return yyjson_is_uint(v)
                   ? tc_diag_set(d, TC_E_INVALID, "the integer %llu has no canonical form",
                                 (unsigned long long)yyjson_get_uint(v))
                   : tc_diag_set(d, TC_E_INVALID, "the integer %lld has no canonical form",
                                 (long long)yyjson_get_sint(v));
    tc_buf_add(b, text, n);
    return TC_OK;
}

static tc_err write_value(yyjson_val *v, struct tc_buf *b, struct tc_diag *d, unsigned depth)
{
    if (depth > TC_MAX_DEPTH)
        return tc_diag_set(d, TC_E_LIMIT, "nested deeper than %d levels", TC_MAX_DEPTH);
    switch (yyjson_get_type(v)) {
    case YYJSON_TYPE_OBJ:
        return write_object(v, b, d, depth + 1);
    case YYJSON_TYPE_ARR:
        return write_array(v, b, d, depth + 1);
    case YYJSON_TYPE_STR:
        tc_json_quote(b, tc_json_view(v));
        return TC_OK;
    case YYJSON_TYPE_NUM:
        return write_number(v, b, d);
    case YYJSON_TYPE_BOOL:
        tc_buf_cstr(b, yyjson_get_bool(v) ? "true" : "false");
        return TC_OK;
    case YYJSON_TYPE_NULL:
        tc_buf_cstr(b, "null");
        return TC_OK;
    default:
        return tc_diag_set(d, TC_E_INVALID, "this value has no canonical form");
    }
}

tc_err tc_jcs_write(yyjson_val *v, struct tc_buf *b, struct tc_diag *d)
{
    tc_err e = write_value(v, b, d, 0);
    return e ? e : b->err ? tc_diag_set(d, b->err, "canonical form is too long") : TC_OK;
}

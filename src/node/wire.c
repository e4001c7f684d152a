/* SPDX-License-Identifier: Apache-2.0 */
#include "node/wire.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/node.h"

#include <sodium.h>
#include <stdlib.h>

void tc_wire_frame_begin(struct tc_buf *b)
{
    tc_buf_clear(b);
    tc_buf_add(b, "\0\0\0", 4);
}

tc_err tc_wire_frame_end(struct tc_buf *b)
{
    if (b->err)
        return b->err;
    size_t n = b->n - 4;
    for (int i = 0; i < 4; i++)
        b->p[i] = (char)(uint8_t)(n >> (8 * i));
    return TC_OK;
}

uint32_t tc_wire_length(const uint8_t head[4])
{
    return (uint32_t)head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 |
           (uint32_t)head[3] << 24;
}

/* ---- asked ---- */

tc_err tc_wire_request_write(struct tc_buf *b, const char *op, struct tc_str in, size_t files)
{
    tc_wire_frame_begin(b);
    struct tc_jsonw w = tc_jsonw_into(b);
    tc_jsonw_object(&w);
    tc_jsonw_ku64(&w, "v", TC_WIRE_VERSION);
    tc_jsonw_kcstr(&w, "op", op);
    tc_jsonw_ku64(&w, "files", files);
    tc_jsonw_name(&w, "in");
    tc_jsonw_raw(&w, in);
    tc_jsonw_object_end(&w);
    return tc_wire_frame_end(b);
}

/* The text of one value, from its tree; free() it. */
static tc_err value_text(yyjson_val *v, char **out, size_t *n)
{
    *out = yyjson_val_write(v, 0, n);
    return *out ? TC_OK : TC_E_NOMEM;
}

tc_err tc_wire_request_read(struct tc_str text, struct tc_wire_request *out, struct tc_diag *d)
{
    struct tc_json j = {NULL, NULL};
    struct tc_wire_request r = {.files = 0};
    struct tc_str op = {"", 0};
    uint64_t v = 0, files = 0;
    size_t n = 0;
    tc_err e = tc_json_read(text, TC_OP_REQUEST, 0, &j, d);
    if (e)
        return e;
    yyjson_val *in = tc_json_get(j.root, "in");
    if (!tc_json_u64(j.root, "v", &v) || v != TC_WIRE_VERSION)
        e = tc_diag_set(d, TC_E_UNSUPPORTED, "this is no request of version %d", TC_WIRE_VERSION);
    else if (!tc_json_str(j.root, "op", &op) || !tc_json_u64(j.root, "files", &files) ||
             !yyjson_is_obj(in))
        e = tc_diag_set(d, TC_E_INVALID, "the request lacks op, files or in");
    else if (!tc_str_copy(op, r.op, sizeof r.op) || files > TC_OP_FILES)
        e = tc_diag_set(d, TC_E_LIMIT, "the request is over a limit");
    else
        e = value_text(in, &r.owned, &n);
    tc_json_fini(&j);
    if (e)
        return e;
    r.files = (size_t)files;
    r.in = tc_str_view(r.owned, n);
    *out = r;
    return TC_OK;
}

void tc_wire_request_fini(struct tc_wire_request *r)
{
    if (r->owned)
        sodium_memzero(r->owned, r->in.n); /* it may hold a password */
    free(r->owned);
    r->owned = NULL;
    r->in = tc_str_view(NULL, 0);
}

/* ---- answered ---- */

tc_err tc_wire_answer_write(struct tc_buf *b, enum tc_wire_kind kind, struct tc_str json)
{
    tc_wire_frame_begin(b);
    struct tc_jsonw w = tc_jsonw_into(b);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, kind == TC_WIRE_TELL ? "tell" : "ok");
    tc_jsonw_raw(&w, json);
    tc_jsonw_object_end(&w);
    return tc_wire_frame_end(b);
}

tc_err tc_wire_error_write(struct tc_buf *b, tc_err code, const struct tc_diag *d)
{
    tc_wire_frame_begin(b);
    struct tc_jsonw w = tc_jsonw_into(b);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "error");
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "code", tc_err_name(code));
    tc_jsonw_kcstr(&w, "message", d->message[0] ? d->message : tc_err_text(code));
    tc_jsonw_kcstr(&w, "file", d->file);
    tc_jsonw_kcstr(&w, "object", d->object);
    tc_jsonw_kcstr(&w, "path", d->path);
    tc_jsonw_ku64(&w, "line", d->line);
    tc_jsonw_ku64(&w, "column", d->column);
    if (d->offset != UINT64_MAX)
        tc_jsonw_ku64(&w, "offset", d->offset);
    tc_jsonw_object_end(&w);
    tc_jsonw_object_end(&w);
    return tc_wire_frame_end(b);
}

static tc_err code_of(struct tc_str name)
{
    for (int i = 1; i < TC_E_COUNT; i++)
        if (tc_str_is(name, tc_err_name((tc_err)i)))
            return (tc_err)i;
    return TC_E_INTERNAL;
}

static void read_error(yyjson_val *v, tc_err *code, struct tc_diag *d)
{
    struct tc_str s = {"", 0};
    uint64_t line = 0, column = 0, offset = UINT64_MAX;
    struct tc_diag got;
    tc_diag_init(&got);
    (void)tc_json_str(v, "code", &s);
    *code = code_of(s);
    s = TC_STR("");
    (void)tc_json_str(v, "message", &s);
    (void)tc_diag_set(&got, *code, "%.*s", TC_FMT(s));
    if (tc_json_str(v, "object", &s))
        tc_diag_object(&got, s.p, s.n);
    if (tc_json_str(v, "path", &s))
        tc_diag_path(&got, s.p, s.n);
    if (tc_json_str(v, "file", &s))
        (void)tc_str_copy(s, got.file, sizeof got.file);
    (void)tc_json_u64(v, "line", &line);
    (void)tc_json_u64(v, "column", &column);
    (void)tc_json_u64(v, "offset", &offset);
    tc_diag_at(&got, line, column, offset);
    if (d)
        *d = got;
}

tc_err tc_wire_answer_read(struct tc_str text, size_t max, enum tc_wire_kind *kind,
                           struct tc_buf *body, tc_err *code, struct tc_diag *error)
{
    static const char *const names[] = {"tell", "ok", "error"};
    struct tc_json j = {NULL, NULL};
    tc_err e = tc_json_read(text, max, 0, &j, error);
    if (e)
        return e;
    e = tc_diag_set(error, TC_E_SYNTAX, "the node's answer is not understood");
    for (int i = TC_WIRE_TELL; i <= TC_WIRE_ERROR; i++) {
        yyjson_val *v = tc_json_get(j.root, names[i]);
        if (!v || !yyjson_is_obj(v))
            continue;
        *kind = (enum tc_wire_kind)i;
        e = TC_OK;
        if (i == TC_WIRE_ERROR) {
            read_error(v, code, error);
        } else {
            size_t n = 0;
            char *s = NULL;
            e = value_text(v, &s, &n);
            if (!e)
                tc_buf_add(body, s, n);
            if (!e)
                e = body->err;
            free(s);
            if (!e)
                tc_diag_init(error);
        }
        break;
    }
    tc_json_fini(&j);
    return e;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/ops.h"

#include "base/limits.h"
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "intake/duty.h"
#include "intake/export.h"
#include "intake/intake.h"
#include "intake/onward.h"
#include "intake/who.h"
#include "node/asker.h"

#include <errno.h>
#include <unistd.h>

/* Who asks, and in which community. */
struct asker {
    struct tc_asker who;
    const struct tc_principal *principal;
    uint32_t community;
};

static struct tc_str text_of(yyjson_val *in, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(in, name, &s);
    return s;
}

static tc_err find_community(struct tc_op *op, struct asker *w)
{
    struct tc_str s = text_of(op->in, "community");
    struct tc_community c;
    struct tc_uuid uuid;
    uint64_t number;
    tc_err e;
    if (!s.n)
        return TC_OK;
    if (!tc_uuid_parse(s, &uuid))
        e = tc_access_community_by(op->node->access, 0, &uuid, TC_STR(""), w->who.a, &c);
    else
        e = tc_access_community_by(op->node->access, 0, NULL, s, w->who.a, &c);
    if (e == TC_E_NOTFOUND && !tc_num_u64(s, UINT32_MAX, &number) && number)
        e = tc_access_community_by(op->node->access, (uint32_t)number, NULL, TC_STR(""), w->who.a,
                                   &c);
    if (e)
        return tc_diag_set(op->diag, e, "there is no community '%.*s'", TC_FMT(s));
    w->community = c.number;
    return TC_OK;
}

static tc_err asker_init(struct tc_op *op, struct asker *w)
{
    w->community = 0;
    tc_err e = tc_asker_find(op, NULL, &w->who);
    if (!e && !w->who.login)
        w->who.own.roles = TC_ROLE_READER | TC_ROLE_REPORTER; /* it posts, too */
    w->principal = w->who.p;
    return e ? e : find_community(op, w);
}

/* ---- import ---- */

static void put_text(struct tc_jsonw *w, const char *name, const char *z)
{
    if (z[0])
        tc_jsonw_kcstr(w, name, z);
}

static void tell_progress(void *arg, uint64_t done, uint64_t all, uint64_t objects)
{
    const struct tc_op *op = arg;
    struct tc_buf b;
    if (!op->tell)
        return;
    tc_buf_init(&b, 4096);
    tc_buf_fmt(&b, "{\"progress\":{\"done\":%llu,\"all\":%llu,\"objects\":%llu}}",
               (unsigned long long)done, (unsigned long long)all, (unsigned long long)objects);
    if (!b.err)
        op->tell(op->tell_arg, tc_buf_view(&b));
    tc_buf_fini(&b);
}

static void tell_diag(const struct tc_op *op, const char *what, const struct tc_diag *d)
{
    struct tc_buf b;
    char line[1200];
    if (!op->tell)
        return;
    tc_buf_init(&b, 16384);
    struct tc_jsonw w = tc_jsonw_into(&b);
    tc_diag_format(d, line, sizeof line);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, what);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "code", tc_err_name(d->code));
    put_text(&w, "file", d->file);
    put_text(&w, "object", d->object);
    put_text(&w, "path", d->path);
    tc_jsonw_kcstr(&w, "message", d->message);
    if (d->line)
        tc_jsonw_ku64(&w, "line", d->line);
    if (d->offset != UINT64_MAX)
        tc_jsonw_ku64(&w, "offset", d->offset);
    tc_jsonw_kcstr(&w, "text", line);
    tc_jsonw_object_end(&w);
    tc_jsonw_object_end(&w);
    if (!b.err)
        op->tell(op->tell_arg, tc_buf_view(&b));
    tc_buf_fini(&b);
}

static void tell_skipped(void *arg, const struct tc_diag *d)
{
    tell_diag(arg, "skipped", d);
}

static void tell_wrong(void *arg, const struct tc_diag *d)
{
    tell_diag(arg, "wrong", d);
}

static tc_err format_of(struct tc_op *op, enum tc_file_format *out)
{
    static const struct {
        const char *name;
        enum tc_file_format format;
    } known[] = {{"", TC_FILE_AUTO},   {"auto", TC_FILE_AUTO}, {"stix", TC_FILE_STIX},
                 {"cap", TC_FILE_CAP}, {"kev", TC_FILE_KEV},   {"register", TC_FILE_REGISTER}};
    struct tc_str s = text_of(op->in, "format");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (tc_str_is(s, known[i].name)) {
            *out = known[i].format;
            return TC_OK;
        }
    return tc_diag_set(op->diag, TC_E_USAGE, "'%.*s' is no format: auto, stix, cap, kev, register",
                       TC_FMT(s));
}

static tc_err options_of(struct tc_op *op, const struct asker *w, struct tc_import_options *o)
{
    struct tc_str marking = text_of(op->in, "marking");
    o->from = (struct tc_intake_from){
        .principal = w->principal, .community = w->community, .unmarked = TC_TLP_AMBER};
    if (marking.n && !tc_tlp_parse(marking, &o->from.unmarked))
        return tc_diag_set(op->diag, TC_E_USAGE,
                           "'%.*s' is no marking: TLP:CLEAR, TLP:GREEN, TLP:AMBER, "
                           "TLP:AMBER+STRICT, TLP:RED",
                           TC_FMT(marking));
    (void)tc_json_bool(op->in, "keep_going", &o->keep_going);
    o->progress = tell_progress;
    o->skipped = tell_skipped;
    o->wrong = tell_wrong;
    o->arg = op;
    return format_of(op, &o->format);
}

static tc_err import(struct tc_op *op, struct asker *w)
{
    struct tc_import_options o = {.format = TC_FILE_AUTO};
    struct tc_import_result r = {0};
    const char *names[2] = {"-", "-"};
    yyjson_val *list = tc_json_get(op->in, "names"), *v;
    size_t i, n;
    if (op->n_fds < 1 || op->n_fds > 2)
        return tc_diag_set(op->diag, TC_E_USAGE, "one file, or two of a register");
    yyjson_arr_foreach (list, i, n, v) {
        if (i < 2 && yyjson_is_str(v))
            names[i] = yyjson_get_str(v);
    }
    tc_err e = options_of(op, w, &o);
    if (!e)
        e = tc_import(op->node, names, op->fds, op->n_fds, &o, &r, op->diag);
    if (e)
        return e;
    tc_buf_fmt(op->out,
               "{\"read\":%llu,\"added\":%llu,\"same\":%llu,\"skipped\":%llu,"
               "\"first_seq\":%llu,\"last_seq\":%llu}",
               (unsigned long long)r.read, (unsigned long long)r.added, (unsigned long long)r.same,
               (unsigned long long)r.skipped, (unsigned long long)r.first_seq,
               (unsigned long long)r.last_seq);
    return op->out->err;
}

static tc_err op_import(struct tc_op *op)
{
    struct asker w;
    tc_err e = asker_init(op, &w);
    if (!e)
        e = import(op, &w);
    tc_asker_fini(&w.who);
    return e;
}

/* ---- export ---- */

static tc_err export_to(struct tc_op *op, const struct asker *w)
{
    struct tc_str format = text_of(op->in, "format");
    enum tc_export_format f = TC_EXPORT_STIX;
    uint64_t objects = 0;
    if (tc_str_is(format, "csv"))
        f = TC_EXPORT_CSV;
    else if (tc_str_is(format, "geojson"))
        f = TC_EXPORT_GEOJSON;
    else if (format.n && !tc_str_is(format, "stix"))
        return tc_diag_set(op->diag, TC_E_USAGE, "'%.*s' is no format: stix, csv, geojson",
                           TC_FMT(format));
    if (op->n_fds != 1)
        return tc_diag_set(op->diag, TC_E_USAGE, "one file to write to");
    tc_err e = tc_export(op->node, w->principal, w->community, f, op->fds[0], &objects, op->diag);
    if (!e)
        tc_buf_fmt(op->out, "{\"objects\":%llu}", (unsigned long long)objects);
    return e ? e : op->out->err;
}

static tc_err op_export(struct tc_op *op)
{
    struct asker w;
    tc_err e = asker_init(op, &w);
    if (!e)
        e = export_to(op, &w);
    tc_asker_fini(&w.who);
    return e;
}

/* ---- who will see this? ---- */

static tc_err read_all(int fd, struct tc_buf *b, struct tc_diag *d)
{
    for (;;) {
        char *to = tc_buf_room(b, 1u << 16);
        ssize_t n = to ? read(fd, to, 1u << 16) : -1;
        if (!to)
            return tc_diag_set(d, b->err, "the file is larger than %u bytes", TC_MAX_BODY);
        if (n < 0 && errno != EINTR)
            return tc_diag_set(d, tc_err_from_errno(errno), "the file cannot be read");
        if (n == 0)
            return TC_OK;
        b->n += n > 0 ? (size_t)n : 0;
    }
}

static tc_err audience(struct tc_op *op, struct asker *w)
{
    const struct tc_intake_from from = {
        .principal = w->principal, .community = w->community, .unmarked = TC_TLP_AMBER};
    struct tc_jsonw j = tc_jsonw_into(op->out);
    struct tc_buf body;
    if (op->n_fds != 1)
        return tc_diag_set(op->diag, TC_E_USAGE, "one file to ask about");
    tc_buf_init(&body, TC_MAX_BODY + (1u << 17));
    tc_err e = read_all(op->fds[0], &body, op->diag);
    e = e ? e : tc_who_reads(op->node, &from, tc_buf_view(&body), &j, op->diag);
    tc_buf_fini(&body);
    return e ? e : op->out->err;
}

/* ---- letting something go on ---- */

static tc_err onward_list(struct tc_op *op, struct asker *w)
{
    return tc_onward_list(op->node, w->principal, 1000, op->out);
}

static tc_err onward_ask(struct tc_op *op, struct asker *w)
{
    struct tc_str due = text_of(op->in, "due");
    struct tc_onward_ask ask = {.object = text_of(op->in, "object"),
                                .community = text_of(op->in, "to"),
                                .why = text_of(op->in, "why"),
                                .due = TC_TIME_NONE};
    char id[TC_ID_MAX];
    if (due.n && tc_time_parse_z(due, &ask.due))
        return tc_diag_set(op->diag, TC_E_USAGE, "'%.*s' is no time like 2026-01-01T12:00:00Z",
                           TC_FMT(due));
    tc_err e = tc_onward_request(op->node, w->principal, &ask, id, op->diag);
    if (!e)
        tc_buf_fmt(op->out, "{\"id\":\"%s\"}", id);
    return e ? e : op->out->err;
}

static tc_err onward_answer(struct tc_op *op, struct asker *w)
{
    bool grant = false;
    (void)tc_json_bool(op->in, "grant", &grant);
    struct tc_second s = {
        .why = text_of(op->in, "why"), .how = TC_STR("onward-answer"), .from = TC_STR("local")};
    tc_err e = tc_onward_answer(op->node, w->principal, text_of(op->in, "request"), grant,
                                text_of(op->in, "answer"), &s, op->diag);
    if (!e && s.id[0])
        tc_buf_fmt(op->out, "{\"waits\":\"%s\"}", s.id);
    else if (!e)
        tc_buf_cstr(op->out, "{}");
    return e ? e : op->out->err;
}

/* ---- the directory of contacts ---- */

static tc_err duty_list(struct tc_op *op, struct asker *w)
{
    return tc_duty_list(op->node, w->principal, 200, op->out);
}

static tc_err duty_calls(struct tc_op *op, struct asker *w)
{
    return tc_duty_calls(op->node, w->principal, 1000, op->out);
}

static tc_err duty_call(struct tc_op *op, struct asker *w)
{
    uint64_t minutes = 0;
    char id[TC_ID_MAX];
    (void)tc_json_u64(op->in, "minutes", &minutes);
    tc_err e =
        tc_duty_call(op->node, w->principal, text_of(op->in, "duty_point"), minutes, id, op->diag);
    if (!e)
        tc_buf_fmt(op->out, "{\"id\":\"%s\"}", id);
    return e ? e : op->out->err;
}

static tc_err duty_answer(struct tc_op *op, struct asker *w)
{
    uint64_t seconds = 0;
    tc_err e = tc_duty_answer(op->node, w->principal, text_of(op->in, "call"), &seconds, op->diag);
    if (!e)
        tc_buf_fmt(op->out, "{\"seconds\":%llu}", (unsigned long long)seconds);
    return e ? e : op->out->err;
}

static tc_err as_asker(struct tc_op *op, tc_err (*fn)(struct tc_op *, struct asker *))
{
    struct asker w;
    tc_err e = asker_init(op, &w);
    e = e ? e : fn(op, &w);
    tc_asker_fini(&w.who);
    return e;
}

static tc_err op_audience(struct tc_op *op)
{
    return as_asker(op, audience);
}

static tc_err op_onward_list(struct tc_op *op)
{
    return as_asker(op, onward_list);
}

static tc_err op_onward_ask(struct tc_op *op)
{
    return as_asker(op, onward_ask);
}

static tc_err op_onward_answer(struct tc_op *op)
{
    return as_asker(op, onward_answer);
}

static tc_err op_duty_list(struct tc_op *op)
{
    return as_asker(op, duty_list);
}

static tc_err op_duty_calls(struct tc_op *op)
{
    return as_asker(op, duty_calls);
}

static tc_err op_duty_call(struct tc_op *op)
{
    return as_asker(op, duty_call);
}

static tc_err op_duty_answer(struct tc_op *op)
{
    return as_asker(op, duty_answer);
}

tc_err tc_intake_ops_add(void)
{
    tc_err e = tc_node_op_add("import", op_import);
    e = e ? e : tc_node_op_add("export", op_export);
    e = e ? e : tc_node_op_add("audience", op_audience);
    e = e ? e : tc_node_op_add("duty-list", op_duty_list);
    e = e ? e : tc_node_op_add("duty-calls", op_duty_calls);
    e = e ? e : tc_node_op_add("duty-call", op_duty_call);
    e = e ? e : tc_node_op_add("duty-answer", op_duty_answer);
    e = e ? e : tc_node_op_add("onward-list", op_onward_list);
    e = e ? e : tc_node_op_add("onward-ask", op_onward_ask);
    e = e ? e : tc_node_op_add("onward-answer", op_onward_answer);
    return e ? e : tc_onward_kind();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/duty.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "intake/paired.h"
#include "model/extensions.h"

#include <pthread.h>

/* A call as it stands; views live in the arena. */
struct call {
    struct tc_str id, point, called_by, answers, answered_at;
    tc_time called, due, answered; /* answered: TC_TIME_NONE = not yet */
    uint32_t asker;                /* the organisation that posted it */
};

static pthread_mutex_t answering = PTHREAD_MUTEX_INITIALIZER;

/* ---- the object ---- */

static uint64_t seconds_of(const struct call *c)
{
    return c->answered > c->called ? (uint64_t)((c->answered - c->called) / TC_SECOND) : 0;
}

static void write_call(const struct call *c, tc_time modified, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "test-call");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kstr(&w, "id", c->id);
    tc_jsonw_kstr(&w, "created_by_ref", c->called_by);
    tc_jsonw_ktime(&w, "created", c->called);
    tc_jsonw_ktime(&w, "modified", modified);
    tc_paired_marks(&w, TC_EXT_TEST_CALL);
    tc_jsonw_kstr(&w, "duty_point_ref", c->point);
    tc_jsonw_kstr(&w, "called_by_ref", c->called_by);
    tc_jsonw_kstr(&w, "answers_ref", c->answers);
    tc_jsonw_ktime(&w, "due", c->due);
    tc_jsonw_ktime(&w, "answered_at", c->answered);
    if (c->answered != TC_TIME_NONE)
        tc_jsonw_ku64(&w, "seconds", seconds_of(c));
    tc_jsonw_object_end(&w);
}

static bool take(yyjson_val *o, const char *name, struct tc_arena *a, struct tc_str *out)
{
    struct tc_str s;
    if (!tc_json_str(o, name, &s) || !s.n)
        return false;
    *out = tc_arena_dup(a, s);
    return out->p != NULL;
}

static bool take_time(yyjson_val *o, const char *name, tc_time *out)
{
    struct tc_str s;
    return tc_json_str(o, name, &s) && tc_time_parse_z(s, out) == TC_OK;
}

static bool read_call(const struct tc_node *n, const struct tc_row *row, struct tc_arena *a,
                      struct call *c)
{
    struct tc_json j = {0};
    const struct tc_audience *of = tc_journal_audience_of(n->journal, row->audience);
    bool ok = of && tc_json_read(row->body, TC_MAX_OBJECT, 0, &j, NULL) == TC_OK &&
              take(j.root, "id", a, &c->id) && take(j.root, "duty_point_ref", a, &c->point) &&
              take(j.root, "called_by_ref", a, &c->called_by) &&
              take(j.root, "answers_ref", a, &c->answers) &&
              take_time(j.root, "created", &c->called) && take_time(j.root, "due", &c->due);
    c->answered = TC_TIME_NONE;
    if (ok) {
        (void)take_time(j.root, "answered_at", &c->answered);
        c->asker = of->creator_org;
    }
    tc_json_fini(&j);
    return ok;
}

static tc_err post_call(struct tc_node *n, const struct call *c, uint32_t answers, tc_time now,
                        struct tc_diag *d)
{
    struct tc_buf text;
    tc_buf_init(&text, 1u << 16);
    write_call(c, now, &text);
    tc_err e =
        text.err ? text.err : tc_paired_append(n, tc_buf_view(&text), c->asker, answers, NULL, d);
    tc_buf_fini(&text);
    return e;
}

/* ---- calling ---- */

static tc_err call_in(struct tc_node *n, const struct tc_principal *who, struct call *c,
                      struct tc_arena *a, struct tc_diag *d)
{
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    struct tc_org caller, owner;
    const struct tc_query q = {.ids = &c->point, .n_ids = 1, .backwards = true, .no_body = true};
    tc_err e = tc_access_org_by(n->access, who->org, TC_STR(""), a, &caller);
    e = e ? e : tc_paired_newest(n, who, &q, &r, &row);
    if (!e && (!tc_str_is(row.type, "duty-point") || row.revoked))
        e = TC_E_NOTFOUND;
    bool personal = false;
    if (!e) {
        const struct tc_audience *of = tc_journal_audience_of(n->journal, row.audience);
        personal = of->tlp == TC_TLP_RED || of->people.n;
        e = tc_access_org_by(n->access, of->creator_org, TC_STR(""), a, &owner);
    }
    tc_reader_close(r);
    if (!e && personal) /* a call names it to both organisations */
        return tc_diag_set(d, TC_E_DENIED, "this duty point is for people by name only");
    if (e)
        return tc_diag_set(d, e, "there is no such duty point");
    c->called_by = caller.identity;
    c->answers = owner.identity;
    c->asker = caller.number;
    return post_call(n, c, owner.number, c->called, d);
}

tc_err tc_duty_call(struct tc_node *n, const struct tc_principal *who, struct tc_str duty_point,
                    uint64_t minutes, char id[TC_ID_MAX], struct tc_diag *d)
{
    struct tc_uuid u = tc_uuid_v4();
    tc_time now = tc_time_now() / 1000 * 1000;
    struct call c = {.point = duty_point, .called = now, .answered = TC_TIME_NONE};
    if (minutes > TC_DUTY_MAX_MINUTES)
        return tc_diag_set(d, TC_E_INVALID, "an answer is due within %d minutes",
                           TC_DUTY_MAX_MINUTES);
    struct tc_arena *a = tc_arena_new(1u << 20);
    if (!a)
        return TC_E_NOMEM;
    c.due = now + (int64_t)(minutes ? minutes : TC_DUTY_MINUTES) * 60 * TC_SECOND;
    tc_id_make(TC_STR("test-call"), &u, id);
    c.id = tc_str_cstr(id);
    tc_err e = call_in(n, who, &c, a, d);
    tc_arena_free(a);
    return e;
}

/* ---- answering ---- */

static tc_err answer_in(struct tc_node *n, const struct tc_principal *who, struct call *c,
                        struct tc_arena *a, struct tc_diag *d)
{
    struct tc_org own;
    tc_err e = tc_access_org_by(n->access, who->org, TC_STR(""), a, &own);
    if (e || !tc_str_eq(own.identity, c->answers))
        return tc_diag_set(d, TC_E_DENIED, "whose duty point it is answers");
    if (c->answered != TC_TIME_NONE)
        return tc_diag_set(d, TC_E_CONFLICT, "the call was answered before");
    c->answered = tc_time_now() / 1000 * 1000;
    if (c->answered <= c->called)
        c->answered = c->called + 1000; /* versions differ */
    return post_call(n, c, own.number, c->answered, d);
}

tc_err tc_duty_answer(struct tc_node *n, const struct tc_principal *who, struct tc_str call,
                      uint64_t *seconds, struct tc_diag *d)
{
    const struct tc_query q = {.ids = &call, .n_ids = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    struct call c = {.asker = 0};
    struct tc_arena *a = tc_arena_new(1u << 20);
    if (!a)
        return TC_E_NOMEM;
    (void)pthread_mutex_lock(&answering);
    tc_err e = tc_paired_newest(n, who, &q, &r, &row);
    if (!e && (!tc_str_is(row.type, "test-call") || !read_call(n, &row, a, &c)))
        e = TC_E_NOTFOUND;
    tc_reader_close(r);
    if (e)
        (void)tc_diag_set(d, e, "there is no such call");
    e = e ? e : answer_in(n, who, &c, a, d);
    (void)pthread_mutex_unlock(&answering);
    if (!e)
        *seconds = seconds_of(&c);
    tc_arena_free(a);
    return e;
}

/* ---- listing ---- */

static const char *state_of(const struct call *c)
{
    return c->answered != TC_TIME_NONE ? "answered"
           : c->due <= tc_time_now()   ? "overdue"
                                       : "called";
}

static void put_call(struct tc_jsonw *w, const struct call *c)
{
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "id", c->id);
    tc_jsonw_kstr(w, "duty_point_ref", c->point);
    tc_jsonw_kstr(w, "called_by_ref", c->called_by);
    tc_jsonw_kstr(w, "answers_ref", c->answers);
    tc_jsonw_kcstr(w, "state", state_of(c));
    tc_jsonw_ktime(w, "called", c->called);
    tc_jsonw_ktime(w, "due", c->due);
    if (c->answered != TC_TIME_NONE) {
        tc_jsonw_ktime(w, "answered_at", c->answered);
        tc_jsonw_ku64(w, "seconds", seconds_of(c));
        tc_jsonw_kbool(w, "late", c->answered > c->due);
    }
    tc_jsonw_object_end(w);
}

typedef bool (*see_call)(void *arg, const struct call *c); /* false ends the walk */

/* Looked at for one point, the newest. */
enum { CALLS = 1000 };

/* Calls that who may read, newest first. */
static tc_err each_call(struct tc_node *n, const struct tc_principal *who, see_call see, void *arg)
{
    static const struct tc_str type = {"test-call", 9};
    const struct tc_query q = {.added_after = TC_TIME_NONE,
                               .types = &type,
                               .n_types = 1,
                               .backwards = true,
                               .limit = CALLS};
    struct tc_reader *r = NULL;
    struct tc_row row;
    bool more = true;
    struct tc_arena *a = tc_arena_new(1u << 20);
    tc_err e = a ? tc_reader_open(n->journal, who, &q, &r) : TC_E_NOMEM;
    while (!e && more && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct call c = {.asker = 0};
        tc_arena_reset(a);
        if (read_call(n, &row, a, &c))
            more = see(arg, &c);
    }
    tc_reader_close(r);
    tc_arena_free(a);
    return e;
}

struct listing {
    struct tc_jsonw *w;
    size_t left;
    struct tc_str point; /* only of this one */
};

static bool list_call(void *arg, const struct call *c)
{
    struct listing *l = arg;
    if (l->point.n && !tc_str_eq(l->point, c->point))
        return true;
    put_call(l->w, c);
    return --l->left > 0;
}

tc_err tc_duty_calls(struct tc_node *n, const struct tc_principal *who, size_t limit,
                     struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    struct listing l = {.w = &w, .left = limit};
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "test_calls");
    tc_jsonw_array(&w);
    tc_err e = each_call(n, who, list_call, &l);
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    return e ? e : out->err;
}

/* The object as it is read, and the newest call of it in a list of one. */
static tc_err put_point(struct tc_node *n, const struct tc_principal *who, const struct tc_row *row,
                        struct tc_jsonw *w)
{
    struct listing l = {.w = w, .left = 1, .point = row->id};
    tc_jsonw_object(w);
    tc_jsonw_name(w, "duty_point");
    tc_jsonw_raw(w, row->body);
    tc_jsonw_name(w, "newest_call");
    tc_jsonw_array(w);
    tc_err e = each_call(n, who, list_call, &l);
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
    return e;
}

tc_err tc_duty_list(struct tc_node *n, const struct tc_principal *who, size_t limit,
                    struct tc_buf *out)
{
    static const struct tc_str type = {"duty-point", 10};
    const struct tc_query q = {
        .added_after = TC_TIME_NONE, .types = &type, .n_types = 1, .limit = limit};
    struct tc_jsonw w = tc_jsonw_into(out);
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "duty_points");
    tc_jsonw_array(&w);
    tc_err e = tc_reader_open(n->journal, who, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq)
        if (!row.revoked)
            e = put_point(n, who, &row, &w);
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    tc_reader_close(r);
    return e ? e : out->err;
}

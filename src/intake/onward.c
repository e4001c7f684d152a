/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/onward.h"

#include "codec/json.h"
#include "codec/jsonw.h"
#include "intake/paired.h"
#include "model/extensions.h"

#include <pthread.h>

#define DAYS_TO_ANSWER 3
#define MOST_TEXT      2000

/* A request as it stands; views live in the arena. */
struct request {
    struct tc_str id, created, object, version, community, requested_by, owner, state, why, due;
    struct tc_str answered_by, answered_at, answer;
    uint32_t asker; /* the organisation that posted it */
};

/* Answers come one after the other, so that a request is answered once. */
static pthread_mutex_t answering = PTHREAD_MUTEX_INITIALIZER;

/* ---- the object ---- */

static void write_request(const struct request *q, tc_time modified, struct tc_buf *out)
{
    char when[TC_TIME_SIZE];
    tc_time_format(modified, 3, when);
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "type", "release-request");
    tc_jsonw_kcstr(&w, "spec_version", "2.1");
    tc_jsonw_kstr(&w, "id", q->id);
    tc_jsonw_kstr(&w, "created_by_ref", q->requested_by);
    tc_jsonw_kstr(&w, "created", q->created.n ? q->created : tc_str_cstr(when));
    tc_jsonw_kcstr(&w, "modified", when);
    tc_paired_marks(&w, TC_EXT_RELEASE_REQUEST);
    tc_jsonw_kstr(&w, "object_ref", q->object);
    tc_jsonw_ktext(&w, "object_version", q->version);
    tc_jsonw_kstr(&w, "community", q->community);
    tc_jsonw_kstr(&w, "requested_by_ref", q->requested_by);
    tc_jsonw_kstr(&w, "owner_ref", q->owner);
    tc_jsonw_kstr(&w, "state", q->state);
    tc_jsonw_ktext(&w, "why", q->why);
    tc_jsonw_kstr(&w, "due", q->due);
    tc_jsonw_ktext(&w, "answered_by_ref", q->answered_by);
    tc_jsonw_ktext(&w, "answered_at", q->answered_at);
    tc_jsonw_ktext(&w, "answer", q->answer);
    tc_jsonw_object_end(&w);
}

static bool take(yyjson_val *o, const char *name, struct tc_arena *a, struct tc_str *out)
{
    struct tc_str s = {"", 0};
    bool there = tc_json_str(o, name, &s);
    *out = s.n ? tc_arena_dup(a, s) : TC_STR("");
    return there && out->p;
}

static bool read_request(const struct tc_node *n, const struct tc_row *row, struct tc_arena *a,
                         struct request *q)
{
    struct tc_json j = {0};
    const struct tc_audience *of = tc_journal_audience_of(n->journal, row->audience);
    bool ok = of && tc_json_read(row->body, TC_MAX_OBJECT, 0, &j, NULL) == TC_OK &&
              take(j.root, "id", a, &q->id) && take(j.root, "created", a, &q->created) &&
              take(j.root, "object_ref", a, &q->object) &&
              take(j.root, "community", a, &q->community) &&
              take(j.root, "requested_by_ref", a, &q->requested_by) &&
              take(j.root, "owner_ref", a, &q->owner) && take(j.root, "state", a, &q->state) &&
              take(j.root, "due", a, &q->due);
    if (ok) {
        (void)take(j.root, "object_version", a, &q->version);
        (void)take(j.root, "why", a, &q->why);
        (void)take(j.root, "answered_by_ref", a, &q->answered_by);
        (void)take(j.root, "answered_at", a, &q->answered_at);
        (void)take(j.root, "answer", a, &q->answer);
        q->asker = of->creator_org;
    }
    tc_json_fini(&j);
    return ok;
}

static tc_err find_community(struct tc_node *n, struct tc_str name, struct tc_arena *a,
                             struct tc_community *c)
{
    struct tc_uuid u;
    return tc_uuid_parse(name, &u) ? tc_access_community_by(n->access, 0, NULL, name, a, c)
                                   : tc_access_community_by(n->access, 0, &u, TC_STR(""), a, c);
}

static bool belongs(struct tc_node *n, uint32_t org, uint32_t community, struct tc_arena *a)
{
    struct tc_principal p;
    return !tc_access_org_principal(n->access, org, a, &p) && tc_u32s_has(p.communities, community);
}

/* ---- asking ---- */

static tc_err owner_of(struct tc_node *n, const struct tc_row *row, struct tc_arena *a,
                       struct tc_org *owner, struct tc_diag *d)
{
    const struct tc_audience *of = tc_journal_audience_of(n->journal, row->audience);
    if (of->tlp == TC_TLP_RED)
        return tc_diag_set(d, TC_E_CONFLICT, "TLP:RED goes from person to person only");
    tc_err e = tc_access_org_by(n->access, of->creator_org, TC_STR(""), a, owner);
    return e ? tc_diag_set(d, TC_E_CONFLICT, "the object has no owner here who could answer") : e;
}

/* Posts a version of the request for both sides. */
static tc_err post_request(struct tc_node *n, const struct request *q, uint32_t owner,
                           const struct tc_own_object *first, struct tc_diag *d)
{
    struct tc_buf text;
    tc_buf_init(&text, 1u << 16);
    write_request(q, tc_time_now() / 1000 * 1000, &text);
    tc_err e =
        text.err ? text.err : tc_paired_append(n, tc_buf_view(&text), q->asker, owner, first, d);
    tc_buf_fini(&text);
    return e;
}

static tc_err request_in(struct tc_node *n, const struct tc_principal *who,
                         const struct tc_onward_ask *ask, struct tc_arena *a, struct request *q,
                         struct tc_org *owner, struct tc_diag *d)
{
    struct tc_community c;
    struct tc_org asker;
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    char text[TC_TIME_SIZE], uuid[TC_UUID_TEXT];
    const struct tc_query query = {
        .ids = &ask->object, .n_ids = 1, .backwards = true, .no_body = true};
    tc_err e = find_community(n, ask->community, a, &c);
    if (e || !belongs(n, who->org, c.number, a))
        return tc_diag_set(d, TC_E_NOTFOUND, "there is no such community");
    e = tc_access_org_by(n->access, who->org, TC_STR(""), a, &asker);
    e = e ? e : tc_paired_newest(n, who, &query, &r, &row);
    if (e)
        (void)tc_diag_set(d, e, "there is no such object");
    if (!e && row.community == c.number)
        e = tc_diag_set(d, TC_E_CONFLICT, "the object is in this community already");
    e = e ? e : owner_of(n, &row, a, owner, d);
    if (!e) {
        tc_uuid_format(&c.uuid, uuid);
        q->community = tc_arena_dup(a, tc_str_cstr(uuid));
        q->object = ask->object;
        tc_time_format(row.version, 3, text);
        q->version = row.unversioned ? TC_STR("") : tc_arena_dup(a, tc_str_cstr(text));
        q->requested_by = asker.identity;
        q->owner = owner->identity;
        q->asker = asker.number;
    }
    tc_reader_close(r);
    return e;
}

tc_err tc_onward_request(struct tc_node *n, const struct tc_principal *who,
                         const struct tc_onward_ask *ask, char id[TC_ID_MAX], struct tc_diag *d)
{
    struct request q = {.state = TC_STR("asked"), .why = ask->why};
    struct tc_org owner;
    struct tc_uuid u = tc_uuid_v4();
    char due[TC_TIME_SIZE];
    tc_time now = tc_time_now();
    tc_time until = ask->due == TC_TIME_NONE ? now + DAYS_TO_ANSWER * 86400 * TC_SECOND : ask->due;
    if (ask->why.n > MOST_TEXT)
        return tc_diag_set(d, TC_E_INVALID, "the reason is longer than %d bytes", MOST_TEXT);
    if (until <= now)
        return tc_diag_set(d, TC_E_INVALID, "the deadline is over already");
    struct tc_arena *a = tc_arena_new(1u << 20);
    if (!a)
        return TC_E_NOMEM;
    tc_err e = request_in(n, who, ask, a, &q, &owner, d);
    tc_id_make(TC_STR("release-request"), &u, id);
    tc_time_format(until, 3, due);
    q.id = tc_str_cstr(id);
    q.due = tc_str_cstr(due);
    e = e ? e : post_request(n, &q, owner.number, NULL, d);
    tc_arena_free(a);
    return e;
}

/* ---- answering ---- */

static bool is_over(const struct request *q)
{
    tc_time due;
    return tc_time_parse_z(q->due, &due) || due <= tc_time_now();
}

/* The object for the members of the community, as its owner posts it. What its fields and caveats
 * say goes on to hold; recipients that were named were those of the first community. */
static tc_err grant(struct tc_node *n, const struct tc_principal *who, const struct request *q,
                    const struct tc_community *c, struct tc_diag *d)
{
    const struct tc_query query = {.ids = &q->object, .n_ids = 1, .backwards = true, .whole = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    tc_err e = tc_paired_newest(n, &tc_principal_system, &query, &r, &row);
    const struct tc_audience *of = e ? NULL : tc_journal_audience_of(n->journal, row.audience);
    if (e == TC_E_NOTFOUND || (of && of->creator_org != who->org))
        e = tc_diag_set(d, TC_E_CONFLICT, "the object is not there any more, or not yours");
    else if (of && (of->tlp == TC_TLP_RED || of->held_until))
        e = tc_diag_set(d, TC_E_CONFLICT, "TLP:RED and what is under an embargo do not go on");
    if (!e && row.community &&
        !(tc_access_functions(n->access, row.community, who->org) & TC_MEMBER_RELEASES))
        e = tc_diag_set(d, TC_E_DENIED, "your organisation does not release what it posted there");
    if (!e) {
        struct tc_own_object o = {.text = row.body, .audience = *of};
        o.audience.community = c->number;
        o.audience.era = c->era;
        o.audience.orgs.n = o.audience.people.n = 0;
        e = post_request(n, q, who->org, &o, d);
    }
    tc_reader_close(r);
    return e;
}

/* May who answer it at all? */
static tc_err may_answer(struct tc_node *n, const struct tc_principal *who, const struct request *q,
                         struct tc_arena *a, struct tc_diag *d)
{
    struct tc_org own;
    tc_err e = tc_access_org_by(n->access, who->org, TC_STR(""), a, &own);
    if (e || !tc_str_eq(own.identity, q->owner) || !(who->roles & TC_ROLE_RELEASER))
        return tc_diag_set(d, TC_E_DENIED, "a releaser of the owner's organisation answers");
    return TC_OK;
}

static tc_err answer_in(struct tc_node *n, const struct tc_principal *who, struct request *q,
                        bool granted, struct tc_arena *a, struct tc_diag *d)
{
    struct tc_community c;
    char now[TC_TIME_SIZE];
    tc_err e = find_community(n, q->community, a, &c);
    if (!e && c.state != TC_COMMUNITY_OPEN)
        return tc_diag_set(d, TC_E_CONFLICT, "nothing is posted to that community any more");
    if (e || !belongs(n, q->asker, c.number, a))
        return tc_diag_set(d, TC_E_CONFLICT, "who asks does not belong to that community any more");
    tc_time_format(tc_time_now(), 3, now);
    q->state = granted ? TC_STR("granted") : TC_STR("refused");
    q->answered_by = q->owner;
    q->answered_at = tc_arena_dup(a, tc_str_cstr(now));
    return granted ? grant(n, who, q, &c, d) : post_request(n, q, who->org, NULL, d);
}

/* The request as who reads it, and where in the journal it stands. */
static tc_err find_request(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                           struct tc_arena *a, struct request *q, uint64_t *seq, struct tc_diag *d)
{
    const struct tc_query query = {.ids = &id, .n_ids = 1, .backwards = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    tc_err e = tc_paired_newest(n, who, &query, &r, &row);
    if (!e && (!tc_str_is(row.type, "release-request") || !read_request(n, &row, a, q)))
        e = TC_E_NOTFOUND;
    *seq = row.seq;
    tc_reader_close(r);
    return e == TC_E_NOTFOUND ? tc_diag_set(d, e, "there is no such request") : e;
}

static tc_err find_answerable(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                              struct tc_arena *a, struct request *q, struct tc_diag *d)
{
    uint64_t seq;
    tc_err e = find_request(n, who, id, a, q, &seq, d);
    e = e ? e : may_answer(n, who, q, a, d);
    if (!e && (!tc_str_is(q->state, "asked") || is_over(q)))
        e = tc_diag_set(d, TC_E_CONFLICT, "the request was answered, or its time is over");
    return e;
}

/* Where the object of a request is: its newest entry. */
static tc_err place_of(struct tc_node *n, const struct request *q, uint64_t *seq,
                       uint32_t *community)
{
    const struct tc_query query = {
        .ids = &q->object, .n_ids = 1, .backwards = true, .no_body = true};
    struct tc_reader *r = NULL;
    struct tc_row row = {0};
    tc_err e = tc_paired_newest(n, &tc_principal_system, &query, &r, &row);
    *seq = row.seq;
    *community = row.community;
    tc_reader_close(r);
    return e == TC_E_NOTFOUND ? TC_OK : e; /* then it cannot be granted, which is said later */
}

static tc_err ask_second(struct tc_node *n, const struct tc_principal *who, const struct request *q,
                         uint32_t community, struct tc_second *s, struct tc_diag *d)
{
    struct tc_buf text;
    tc_buf_init(&text, 1u << 16);
    struct tc_jsonw w = tc_jsonw_into(&text);
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "object", q->id);
    tc_jsonw_kstr(&w, "lets_go_on", q->object);
    tc_jsonw_kstr(&w, "to", q->community);
    tc_jsonw_kstr(&w, "answer", q->answer);
    tc_jsonw_object_end(&w);
    tc_err e = text.err
                   ? text.err
                   : tc_approval_ask(n, who, "onward-grant", community, tc_buf_view(&text), s, d);
    tc_buf_fini(&text);
    return e;
}

/* A yes for which two people are wanted only begins to wait. */
static tc_err answer_or_ask(struct tc_node *n, const struct tc_principal *who, struct request *q,
                            bool granted, struct tc_arena *a, struct tc_second *s,
                            struct tc_diag *d)
{
    uint64_t seq;
    uint32_t community;
    bool second = false;
    if (!granted)
        return answer_in(n, who, q, false, a, d);
    if (!s->why.n)
        s->why = q->answer.n <= TC_WHY_TEXT ? q->answer : TC_STR("");
    tc_err e = place_of(n, q, &seq, &community);
    if (!e) {
        const struct tc_rules rules = tc_approval_rules(n, community, who->org);
        e = tc_approval_gate(&rules, TC_TWO_RELEASE, TC_WHY_RELEASE, s, &second, d);
    }
    if (!e && second && !community) { /* the rules are those of the owner's inbox */
        struct tc_org own;
        e = tc_access_org_by(n->access, who->org, TC_STR(""), a, &own);
        community = e ? 0 : own.inbox;
    }
    if (e)
        return e;
    return second ? ask_second(n, who, q, community, s, d) : answer_in(n, who, q, true, a, d);
}

tc_err tc_onward_answer(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                        bool granted, struct tc_str answer, struct tc_second *s, struct tc_diag *d)
{
    struct request q = {.asker = 0};
    if (answer.n > MOST_TEXT)
        return tc_diag_set(d, TC_E_INVALID, "the answer is longer than %d bytes", MOST_TEXT);
    struct tc_arena *a = tc_arena_new(1u << 20);
    if (!a)
        return TC_E_NOMEM;
    (void)pthread_mutex_lock(&answering);
    tc_err e = find_answerable(n, who, id, a, &q, d);
    q.answer = answer;
    e = e ? e : answer_or_ask(n, who, &q, granted, a, s, d);
    (void)pthread_mutex_unlock(&answering);
    tc_arena_free(a);
    return e;
}

/* ---- a yes of two people ---- */

static struct tc_str text_in(yyjson_val *ask, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(ask, name, &s);
    return s;
}

static tc_err second_may(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                         struct tc_diag *d)
{
    struct request q = {.asker = 0};
    uint64_t seq;
    struct tc_arena *a = tc_arena_new(1u << 20);
    tc_err e = a ? find_request(n, p, text_in(ask, "object"), a, &q, &seq, d) : TC_E_NOMEM;
    e = e ? e : may_answer(n, p, &q, a, d);
    tc_arena_free(a);
    return e;
}

static tc_err second_rests(struct tc_node *n, yyjson_val *ask, struct tc_buf *out,
                           struct tc_diag *d)
{
    struct request q = {.asker = 0};
    uint64_t seq = 0, object = 0;
    uint32_t community = 0;
    struct tc_arena *a = tc_arena_new(1u << 20);
    tc_err e = a ? find_request(n, &tc_principal_system, text_in(ask, "object"), a, &q, &seq, NULL)
                 : TC_E_NOMEM;
    e = e ? e : place_of(n, &q, &object, &community);
    if (!e || e == TC_E_NOTFOUND)
        tc_buf_fmt(out, "%llu %llu %u", (unsigned long long)seq, (unsigned long long)object,
                   community);
    tc_arena_free(a);
    return !e || e == TC_E_NOTFOUND ? TC_OK : tc_diag_set(d, e, "%s", tc_err_text(e));
}

static tc_err second_run(struct tc_node *n, const struct tc_principal *asker,
                         const struct tc_act *act, yyjson_val *ask, struct tc_diag *d)
{
    struct request q = {.asker = 0};
    struct tc_arena *a = tc_arena_new(1u << 20);
    if (!a)
        return TC_E_NOMEM;
    (void)pthread_mutex_lock(&answering);
    tc_err e = find_answerable(n, asker, text_in(ask, "object"), a, &q, d);
    q.answer = text_in(ask, "answer");
    e = e ? e : tc_approval_still(n, act, ask, d);
    e = e ? e : answer_in(n, asker, &q, true, a, d);
    (void)pthread_mutex_unlock(&answering);
    tc_arena_free(a);
    return e;
}

static bool second_done(struct tc_node *n, yyjson_val *ask)
{
    struct request q = {.asker = 0};
    uint64_t seq;
    struct tc_arena *a = tc_arena_new(1u << 20);
    bool done = a &&
                !find_request(n, &tc_principal_system, text_in(ask, "object"), a, &q, &seq, NULL) &&
                tc_str_is(q.state, "granted");
    tc_arena_free(a);
    return done;
}

tc_err tc_onward_kind(void)
{
    static const struct tc_approval_kind kind = {.name = "onward-grant",
                                                 .two = TC_TWO_RELEASE,
                                                 .audit = TC_AUDIT_DISCLOSURE,
                                                 .may = second_may,
                                                 .rests = second_rests,
                                                 .run = second_run,
                                                 .is_done = second_done};
    return tc_approval_kind_add(&kind);
}

/* ---- listing ---- */

static void list_one(struct tc_jsonw *w, const struct request *q)
{
    bool expired = tc_str_is(q->state, "asked") && is_over(q);
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "id", q->id);
    tc_jsonw_kstr(w, "object_ref", q->object);
    tc_jsonw_kstr(w, "community", q->community);
    tc_jsonw_kstr(w, "requested_by_ref", q->requested_by);
    tc_jsonw_kstr(w, "owner_ref", q->owner);
    tc_jsonw_kstr(w, "state", expired ? TC_STR("expired") : q->state);
    tc_jsonw_ktext(w, "why", q->why);
    tc_jsonw_kstr(w, "asked", q->created);
    tc_jsonw_kstr(w, "due", q->due);
    tc_jsonw_ktext(w, "answered_at", q->answered_at);
    tc_jsonw_ktext(w, "answer", q->answer);
    tc_jsonw_object_end(w);
}

tc_err tc_onward_list(struct tc_node *n, const struct tc_principal *who, size_t limit,
                      struct tc_buf *out)
{
    static const struct tc_str type = {"release-request", 15};
    const struct tc_query query = {.added_after = TC_TIME_NONE,
                                   .types = &type,
                                   .n_types = 1,
                                   .backwards = true,
                                   .limit = limit};
    struct tc_arena *a = tc_arena_new(1u << 20);
    struct tc_reader *r = NULL;
    struct tc_row row;
    if (!a)
        return TC_E_NOMEM;
    struct tc_jsonw w = tc_jsonw_into(out);
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, "requests");
    tc_jsonw_array(&w);
    tc_err e = tc_reader_open(n->journal, who, &query, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        struct request q = {.asker = 0};
        tc_arena_reset(a);
        if (read_request(n, &row, a, &q))
            list_one(&w, &q);
    }
    tc_jsonw_array_end(&w);
    tc_jsonw_object_end(&w);
    tc_reader_close(r);
    tc_arena_free(a);
    return e ? e : out->err;
}

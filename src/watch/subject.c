/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/subject.h"

#include "access/audit_look.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/asker.h"
#include "watch/correlate.h"
#include "watch/subject_sealed.h"

#include <stdlib.h>

enum {
    READS = TC_ROLE_READER | TC_ROLE_REPORTER | TC_ROLE_ANALYST | TC_ROLE_RELEASER | TC_ROLE_STEWARD
};

struct telling {
    struct tc_node *node;
    const struct tc_subject_ask *ask;
    struct tc_arena *a;
    struct tc_diag *d;
    struct tc_buf *out;
    struct tc_principal eyes; /* whose audience rules apply */
    bool content, consultations;
    struct tc_jsonw w;
    struct tc_value_found found;
    uint64_t until;
    struct tc_str id[TC_MAX_CORRELATED]; /* of the entries that were told */
    uint64_t seq[TC_MAX_CORRELATED];
    size_t n;
    struct tc_audit_list list;
    struct tc_arena *line; /* of one record */
};

/* ---- which entries ---- */

/* Lists that nobody keeps now are brought up to date here. */
static tc_err look_up(struct telling *t, struct tc_str value)
{
    struct tc_correlate *alone = NULL, *c = tc_correlate_of(t->node);
    tc_err e = TC_OK;
    if (!c) {
        bool done = false;
        e = tc_correlate_alone(t->node, &alone);
        while (!e && !done)
            e = tc_correlate_step(alone, &done);
        c = alone;
    }
    e = e ? e : tc_correlate_entries(c, &t->eyes, value, &t->found, &t->until);
    tc_correlate_free(alone);
    return e ? e : tc_subject_sealed(t->node, &t->eyes, value, t->until, &t->found);
}

static void put_entry(struct telling *t, const struct tc_row *row)
{
    struct tc_jsonw *w = &t->w;
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "entry", t->ask->numbered ? t->n + 1 : row->seq);
    tc_jsonw_kstr(w, "id", row->id);
    tc_jsonw_kstr(w, "type", row->type);
    tc_jsonw_ktime(w, "version", row->version);
    tc_jsonw_ktime(w, "added", row->added);
    if (t->content) {
        tc_jsonw_name(w, "object");
        tc_jsonw_raw(w, row->body);
    }
    tc_jsonw_object_end(w);
}

static tc_err record(struct telling *t)
{
    const struct tc_audit_event v = {.kind = TC_AUDIT_CONSULTATION,
                                     .org = t->ask->who->org,
                                     .person = t->ask->who->person,
                                     .list = &t->list,
                                     .how = t->ask->how,
                                     .why = t->ask->why,
                                     .from = t->ask->from};
    return tc_audit_must(t->node->audit, &v);
}

static tc_err put_entries(struct telling *t)
{
    uint64_t seqs[TC_MAX_CORRELATED];
    struct tc_query q = {.until = t->until,
                         .added_after = TC_TIME_NONE,
                         .versions = 1u << TC_VERSIONS_ALL,
                         .seqs = seqs,
                         .n_seqs = t->found.n,
                         .no_body = !t->content};
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_jsonw_name(&t->w, "objects");
    tc_jsonw_array(&t->w);
    for (size_t i = 0; i < t->found.n; i++) /* oldest first */
        seqs[i] = t->found.seq[t->found.n - 1 - i];
    tc_err e = t->found.n ? tc_reader_open(t->node->journal, &t->eyes, &q, &r) : TC_OK;
    while (t->found.n && !e && !(e = tc_reader_next(r, &row)) && row.seq) {
        put_entry(t, &row);
        t->id[t->n] = tc_arena_dup(t->a, row.id);
        if (!t->id[t->n].p)
            e = TC_E_NOMEM;
        t->seq[t->n++] = row.seq;
        if (!e && tc_audit_list_full(&t->list))
            e = record(t);
        if (!e)
            tc_audit_list_add(&t->list, row.seq);
    }
    tc_reader_close(r);
    tc_jsonw_array_end(&t->w);
    return e;
}

/* ---- who saw them ---- */

static void put_who(struct telling *t, yyjson_val *said)
{
    struct tc_access *x = t->node->access;
    struct tc_person p;
    struct tc_org o;
    uint64_t n;
    if (tc_json_u64(said, "person", &n) && n && n <= UINT32_MAX &&
        !tc_access_person_by(x, (uint32_t)n, TC_STR(""), t->line, &p))
        tc_jsonw_kstr(&t->w, "login", p.login);
    if (tc_json_u64(said, "org", &n) && n && n <= UINT32_MAX &&
        !tc_access_org_by(x, (uint32_t)n, TC_STR(""), t->line, &o))
        tc_jsonw_kstr(&t->w, "organisation", o.name);
}

static void put_record(struct telling *t, const struct tc_audit_record *r, yyjson_val *said,
                       struct tc_str ranges, struct tc_str object)
{
    static const char *const texts[] = {"how", "from", "why"};
    struct tc_jsonw *w = &t->w;
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "index", r->index);
    tc_jsonw_ktime(w, "at", r->leaf.at);
    tc_jsonw_kcstr(w, "kind", tc_audit_kind_name(r->leaf.kind));
    put_who(t, said);
    tc_jsonw_ktext(w, "object", object);
    for (size_t i = 0; i < 3; i++) {
        struct tc_str s = {"", 0};
        (void)tc_json_str(said, texts[i], &s);
        tc_jsonw_ktext(w, texts[i], s);
    }
    tc_jsonw_name(w, "entries");
    tc_jsonw_array(w);
    for (size_t i = 0; ranges.n && i < t->n; i++)
        if (tc_audit_ranges_have(ranges, t->seq[i]))
            tc_jsonw_u64(w, t->ask->numbered ? i + 1 : t->seq[i]);
    tc_jsonw_array_end(w);
    tc_jsonw_object_end(w);
}

static tc_err on_record(void *arg, const struct tc_audit_record *r)
{
    struct telling *t = arg;
    struct tc_json j = {NULL, NULL};
    struct tc_str object = {"", 0}, ranges = {"", 0}, mine = {"", 0};
    bool tells = false;
    if (r->erased)
        return TC_OK;
    if (tc_json_read(r->payload, TC_AUDIT_PAYLOAD, 0, &j, NULL))
        return TC_E_CORRUPT;
    (void)tc_json_str(j.root, "object", &object);
    (void)tc_json_str(j.root, "entries", &ranges);
    for (size_t i = 0; i < t->n; i++) {
        tells = tells || (ranges.n && tc_audit_ranges_have(ranges, t->seq[i]));
        if (object.n && tc_str_eq(object, t->id[i]))
            mine = object; /* another object's id is not told */
    }
    if (tells || mine.n)
        put_record(t, r, j.root, ranges, mine);
    tc_json_fini(&j);
    tc_arena_reset(t->line);
    return t->out->err;
}

static tc_err put_consultations(struct telling *t)
{
    struct tc_audit_look *l = NULL;
    uint8_t key[32];
    tc_node_audit_key(t->node, key);
    tc_jsonw_name(&t->w, "consultations");
    tc_jsonw_array(&t->w);
    tc_err e = tc_audit_look_open(t->node->dir, key, &l, t->d);
    e = e ? e : tc_audit_look_each(l, 0, on_record, t);
    tc_audit_look_close(l);
    tc_jsonw_array_end(&t->w);
    return e;
}

/* ---- the whole ---- */

/* What may be told to whom. */
static tc_err rights(struct telling *t)
{
    const struct tc_principal *p = t->ask->who;
    bool local = t->ask->local;
    t->content = local || (p->roles & READS);
    t->consultations = local || (p->roles & TC_ROLE_AUDITOR);
    t->eyes = *p;
    t->eyes.witness = NULL; /* what is told goes on record here, as what it is */
    if (!t->content && !t->consultations)
        return tc_diag_set(t->d, TC_E_DENIED, "who asks neither reads nor audits");
    if (t->content)
        return TC_OK;
    tc_err e = tc_access_org_principal(t->node->access, p->org, t->a, &t->eyes);
    t->eyes.only = p->only; /* a token that is good for less tells no more */
    t->eyes.withheld = p->withheld;
    return e;
}

static tc_err tell(struct telling *t, struct tc_str value)
{
    uint64_t head = tc_journal_head(t->node->journal);
    struct tc_jsonw *w = &t->w;
    *w = tc_jsonw_into(t->out);
    tc_audit_list_init(&t->list);
    tc_err e = rights(t);
    e = e ? e : look_up(t, value);
    if (e)
        return e;
    tc_jsonw_object(w);
    tc_jsonw_kstr(w, "value", value);
    tc_jsonw_ktime(w, "as_of", tc_time_now());
    if (t->ask->numbered)
        tc_jsonw_kbool(w, "up_to_date", head <= t->until);
    else
        tc_jsonw_ku64(w, "lag", head > t->until ? head - t->until : 0);
    tc_jsonw_kbool(w, "more", t->found.count > TC_MAX_CORRELATED);
    e = put_entries(t);
    if (!e && t->consultations)
        e = put_consultations(t);
    tc_jsonw_object_end(w);
    return e ? e : record(t);
}

tc_err tc_subject_tell(struct tc_node *n, const struct tc_subject_ask *ask, struct tc_buf *out,
                       struct tc_diag *d)
{
    if (!tc_str_trim(ask->value).n)
        return tc_diag_set(d, TC_E_USAGE, "say which value");
    struct telling *t = calloc(1, sizeof *t);
    if (!t)
        return TC_E_NOMEM;
    t->node = n;
    t->ask = ask;
    t->d = d;
    t->out = out;
    t->a = tc_arena_new(1u << 20);
    t->line = tc_arena_new(1u << 20);
    tc_err e = t->a && t->line ? tell(t, ask->value) : TC_E_NOMEM;
    tc_arena_free(t->line);
    tc_arena_free(t->a);
    free(t);
    return e;
}

static tc_err op_subject(struct tc_op *op)
{
    struct tc_asker who = {NULL};
    struct tc_subject_ask ask = {.how = TC_STR("subject"), .from = TC_STR("local")};
    tc_err e = tc_asker_find(op, NULL, &who);
    (void)tc_json_str(op->in, "value", &ask.value);
    (void)tc_json_str(op->in, "why", &ask.why);
    if (!e) {
        ask.who = who.p;
        ask.local = !who.login;
        e = tc_subject_tell(op->node, &ask, op->out, op->diag);
    }
    tc_asker_fini(&who);
    return e ? e : op->out->err;
}

tc_err tc_subject_ops(void)
{
    return tc_node_op_add("subject", op_subject);
}

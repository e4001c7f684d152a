/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/deletion.h"

#include "base/limits.h"
#include "codec/json.h"
#include "codec/jsonw.h"

enum { VERSIONS = 1000 };
#define MAY_DELETE (TC_ROLE_REPORTER | TC_ROLE_ANALYST | TC_ROLE_RELEASER | TC_ROLE_STEWARD)

static struct tc_str text_in(yyjson_val *ask, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(ask, name, &s);
    return s;
}

/* The entries of an object that are there, in one community or (0) in all. */
static struct tc_query all_of(const struct tc_str *id, uint32_t community)
{
    return (struct tc_query){.community = community,
                             .ids = id,
                             .n_ids = 1,
                             .added_after = TC_TIME_NONE,
                             .versions = 1u << TC_VERSIONS_ALL,
                             .no_body = true};
}

/* Their numbers, which change with every version that comes or goes. */
static tc_err numbers(struct tc_node *n, struct tc_str id, uint32_t community, struct tc_buf *out,
                      size_t *count)
{
    const struct tc_query q = all_of(&id, community);
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = tc_reader_open(n->journal, &tc_principal_system, &q, &r);
    while (!e && !(e = tc_reader_next(r, &row)) && row.seq) {
        ++*count;
        if (out)
            tc_buf_fmt(out, "%llu ", (unsigned long long)row.seq);
    }
    tc_reader_close(r);
    return e;
}

/* ---- delete ---- */

bool tc_delete_may(const struct tc_principal *p, const struct tc_audience *a)
{
    return a && (a->creator_org == p->org || (p->roles & TC_ROLE_STEWARD));
}

static tc_err find_community(struct tc_node *n, yyjson_val *ask, uint32_t *out)
{
    struct tc_uuid u;
    struct tc_community c;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? tc_uuid_parse(text_in(ask, "community"), &u) : TC_E_NOMEM;
    e = e ? e : tc_access_community_by(n->access, 0, &u, TC_STR(""), a, &c);
    if (!e)
        *out = c.number;
    tc_arena_free(a);
    return e;
}

static bool named(yyjson_val *list, const struct tc_row *row)
{
    size_t i, n;
    yyjson_val *v;
    yyjson_arr_foreach (list, i, n, v) {
        int64_t version;
        bool spec_20 = false;
        (void)tc_json_bool(v, "spec_20", &spec_20);
        if (tc_json_i64(v, "version", &version) && version == row->version &&
            spec_20 == row->spec_20)
            return true;
    }
    return false;
}

/* The entries that ask names, as p finds them; DENIED when one is not p's to delete. */
static tc_err collect(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                      struct tc_arena *a, struct tc_entry_in *in, size_t *count, struct tc_diag *d)
{
    struct tc_str id = text_in(ask, "object");
    uint32_t community = 0;
    struct tc_reader *r = NULL;
    struct tc_row row;
    tc_err e = find_community(n, ask, &community);
    if (!e && !p->system && !tc_access_may_write(n->access, p, community))
        e = TC_E_DENIED;
    const struct tc_query q = all_of(&id, community);
    e = e ? e : tc_reader_open(n->journal, p, &q, &r);
    *count = 0;
    while (!e && *count < VERSIONS && !(e = tc_reader_next(r, &row)) && row.seq) {
        if (!named(tc_json_get(ask, "versions"), &row))
            continue;
        if (!p->system && !tc_delete_may(p, tc_journal_audience_of(n->journal, row.audience)))
            e = tc_diag_set(d, TC_E_DENIED,
                            "only the organisation that created it, or a steward, deletes it");
        in[(*count)++] = (struct tc_entry_in){.kind = TC_ENTRY_DELETE,
                                              .id = id,
                                              .type = tc_arena_dup(a, row.type),
                                              .uuid = row.uuid,
                                              .version = row.version,
                                              .spec_20 = row.spec_20,
                                              .audience = row.audience,
                                              .community = row.community};
    }
    tc_reader_close(r);
    return e;
}

/* Those of them that p may delete, in an arena of their own. */
static tc_err entries_of(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                         struct tc_arena **a, struct tc_entry_in **in, size_t *count,
                         struct tc_diag *d)
{
    *a = tc_arena_new(4u << 20);
    *in = *a ? tc_arena_zalloc(*a, VERSIONS, sizeof **in) : NULL;
    return *in ? collect(n, p, ask, *a, *in, count, d) : TC_E_NOMEM;
}

static tc_err delete_may(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                         struct tc_diag *d)
{
    struct tc_arena *a;
    struct tc_entry_in *in;
    size_t count = 0;
    if (!(p->roles & MAY_DELETE))
        return TC_E_DENIED;
    tc_err e = entries_of(n, p, ask, &a, &in, &count, d);
    tc_arena_free(a);
    return e ? e : count ? TC_OK : TC_E_NOTFOUND;
}

static tc_err delete_rests(struct tc_node *n, yyjson_val *ask, struct tc_buf *out,
                           struct tc_diag *d)
{
    uint32_t community;
    size_t count = 0;
    tc_err e = find_community(n, ask, &community);
    e = e ? e : numbers(n, text_in(ask, "object"), community, out, &count);
    return e ? tc_diag_set(d, e, "the object cannot be looked up") : TC_OK;
}

static tc_err delete_run(struct tc_node *n, const struct tc_principal *asker,
                         const struct tc_act *act, yyjson_val *ask, struct tc_diag *d)
{
    struct tc_arena *a;
    struct tc_entry_in *in;
    size_t count = 0;
    (void)act;
    tc_err e = entries_of(n, asker, ask, &a, &in, &count, d);
    if (!e && count != yyjson_arr_size(tc_json_get(ask, "versions")))
        e = tc_diag_set(d, TC_E_CONFLICT, "some of it is not there any more");
    e = e ? e : tc_journal_append(n->journal, in, count);
    tc_arena_free(a);
    return e;
}

static bool delete_done(struct tc_node *n, yyjson_val *ask)
{
    struct tc_arena *a;
    struct tc_entry_in *in;
    size_t count = 0;
    tc_err e = entries_of(n, &tc_principal_system, ask, &a, &in, &count, NULL);
    tc_arena_free(a);
    return !e && !count;
}

static void put_versions(struct tc_jsonw *w, const struct tc_entry_in *v, size_t count)
{
    tc_jsonw_name(w, "versions");
    tc_jsonw_array(w);
    for (size_t i = 0; i < count; i++) {
        tc_jsonw_object(w);
        tc_jsonw_name(w, "version");
        tc_jsonw_i64(w, v[i].version);
        if (v[i].spec_20)
            tc_jsonw_kbool(w, "spec_20", true);
        tc_jsonw_object_end(w);
    }
    tc_jsonw_array_end(w);
}

tc_err tc_delete_ask(struct tc_node *n, const struct tc_principal *p,
                     const struct tc_entry_in *entries, size_t count, struct tc_second *s,
                     struct tc_diag *d)
{
    struct tc_buf text;
    struct tc_community c;
    char uuid[TC_UUID_TEXT];
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_buf_init(&text, TC_ACT_ASK);
    tc_err e = a ? tc_access_community_by(n->access, entries[0].community, NULL, TC_STR(""), a, &c)
                 : TC_E_NOMEM;
    if (!e) {
        struct tc_jsonw w = tc_jsonw_into(&text);
        tc_uuid_format(&c.uuid, uuid);
        tc_jsonw_object(&w);
        tc_jsonw_kstr(&w, "object", entries[0].id);
        tc_jsonw_kcstr(&w, "community", uuid);
        put_versions(&w, entries, count);
        tc_jsonw_object_end(&w);
        e = text.err ? text.err
                     : tc_approval_ask(n, p, "delete", c.number, tc_buf_view(&text), s, d);
    }
    tc_buf_fini(&text);
    tc_arena_free(a);
    return e;
}

/* ---- erase ---- */

static tc_err read_ids(yyjson_val *ask, struct tc_arena *a, const struct tc_str **out, size_t *n)
{
    size_t i, all;
    yyjson_val *v, *list = tc_json_get(ask, "ids");
    struct tc_str *ids = tc_arena_zalloc(a, TC_ERASE_MOST, sizeof *ids);
    *n = 0;
    if (!ids)
        return TC_E_NOMEM;
    yyjson_arr_foreach (list, i, all, v)
        if (yyjson_is_str(v) && *n < TC_ERASE_MOST)
            ids[(*n)++] = tc_json_view(v);
    *out = ids;
    return TC_OK;
}

static tc_err erase_may(struct tc_node *n, const struct tc_principal *p, yyjson_val *ask,
                        struct tc_diag *d)
{
    const struct tc_str *ids = NULL;
    size_t count = 0;
    struct tc_arena *a = tc_arena_new(1u << 20);
    tc_err e = a ? read_ids(ask, a, &ids, &count) : TC_E_NOMEM;
    if (!e && !(p->roles & MAY_DELETE))
        e = TC_E_DENIED;
    for (size_t i = 0; !e && i < count; i++)
        e = tc_erase_may(n, p, ids[i], d);
    tc_arena_free(a);
    return e;
}

static tc_err erase_numbers(struct tc_node *n, yyjson_val *ask, struct tc_buf *out, size_t *there)
{
    const struct tc_str *ids = NULL;
    size_t count = 0;
    struct tc_arena *a = tc_arena_new(1u << 20);
    tc_err e = a ? read_ids(ask, a, &ids, &count) : TC_E_NOMEM;
    *there = 0;
    for (size_t i = 0; !e && i < count; i++)
        e = numbers(n, ids[i], 0, out, there);
    tc_arena_free(a);
    return e;
}

static tc_err erase_rests(struct tc_node *n, yyjson_val *ask, struct tc_buf *out, struct tc_diag *d)
{
    size_t there;
    tc_err e = erase_numbers(n, ask, out, &there);
    return e ? tc_diag_set(d, e, "the objects cannot be looked up") : TC_OK;
}

static bool erase_done(struct tc_node *n, yyjson_val *ask)
{
    size_t there;
    return !erase_numbers(n, ask, NULL, &there) && !there;
}

static tc_err erase_run(struct tc_node *n, const struct tc_principal *asker,
                        const struct tc_act *act, yyjson_val *ask, struct tc_diag *d)
{
    struct tc_erase_ask what = {.who = asker,
                                .why = text_in(ask, "why"),
                                .how = TC_STR("erase, approved"),
                                .from = TC_STR("local")};
    struct tc_erased did;
    struct tc_arena *a = tc_arena_new(1u << 20);
    (void)act;
    tc_err e = a ? read_ids(ask, a, &what.ids, &what.n) : TC_E_NOMEM;
    (void)tc_json_bool(ask, "keep_conclusions", &what.keep_conclusions);
    e = e ? e : tc_erase_approved(n, &what, &did, d);
    tc_arena_free(a);
    return e;
}

tc_err tc_erase_ask_second(struct tc_node *n, const struct tc_erase_ask *ask, uint32_t community,
                           char id[TC_UUID_TEXT], struct tc_diag *d)
{
    struct tc_buf text;
    struct tc_second s = {.why = ask->why, .how = ask->how, .from = ask->from};
    tc_buf_init(&text, TC_ACT_ASK);
    struct tc_jsonw w = tc_jsonw_into(&text);
    tc_jsonw_object(&w);
    tc_jsonw_kstr(&w, "object", ask->ids[0]);
    tc_jsonw_name(&w, "ids");
    tc_jsonw_array(&w);
    for (size_t i = 0; i < ask->n; i++)
        tc_jsonw_str(&w, ask->ids[i]);
    tc_jsonw_array_end(&w);
    tc_jsonw_kbool(&w, "keep_conclusions", ask->keep_conclusions);
    tc_jsonw_kstr(&w, "why", ask->why);
    tc_jsonw_object_end(&w);
    tc_err e = text.err
                   ? text.err
                   : tc_approval_ask(n, ask->who, "erase", community, tc_buf_view(&text), &s, d);
    tc_buf_fini(&text);
    memcpy(id, s.id, sizeof s.id);
    return e;
}

tc_err tc_deletion_kinds(void)
{
    static const struct tc_approval_kind deletes = {.name = "delete",
                                                    .two = TC_TWO_DELETION,
                                                    .audit = TC_AUDIT_ERASURE,
                                                    .may = delete_may,
                                                    .rests = delete_rests,
                                                    .run = delete_run,
                                                    .is_done = delete_done};
    static const struct tc_approval_kind erases = {.name = "erase",
                                                   .two = TC_TWO_DELETION,
                                                   .audit = TC_AUDIT_ERASURE,
                                                   .may = erase_may,
                                                   .rests = erase_rests,
                                                   .run = erase_run,
                                                   .is_done = erase_done};
    tc_err e = tc_approval_kind_add(&deletes);
    return e ? e : tc_approval_kind_add(&erases);
}

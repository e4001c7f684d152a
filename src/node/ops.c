/* SPDX-License-Identifier: Apache-2.0 */
#include "node/ops.h"

#include "access/factor.h"
#include "access/cert.h"
#include "access/naming.h"
#include "base/num.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "node/approval.h"
#include "node/ops_link.h"
#include "node/status.h"

#include <sodium.h>
#include <stdio.h>

#define ARENA_MAX ((size_t)256 << 20) /* a list of TC_MAX_PEOPLE people with their names */

/* One operation's memory and writer. */
struct job {
    struct tc_op *op;
    struct tc_access *x;
    struct tc_arena *a;
    struct tc_jsonw w;
};

static struct tc_str str_of(const struct job *j, const char *name)
{
    struct tc_str s = {"", 0};
    (void)tc_json_str(j->op->in, name, &s);
    return s;
}

static bool has(const struct job *j, const char *name)
{
    return tc_json_get(j->op->in, name) != NULL;
}

static bool bool_of(const struct job *j, const char *name)
{
    bool b = false;
    (void)tc_json_bool(j->op->in, name, &b);
    return b;
}

static uint32_t number_of(struct tc_str s)
{
    uint64_t n;
    return tc_num_u64(s, UINT32_MAX, &n) == TC_OK ? (uint32_t)n : 0;
}

/* ---- finding what a person named ---- */

static tc_err none(struct job *j, const char *what, struct tc_str s)
{
    if (!s.n)
        return tc_diag_set(j->op->diag, TC_E_USAGE, "%s is missing", what);
    return tc_diag_set(j->op->diag, TC_E_NOTFOUND, "there is no %s '%.*s'", what, TC_FMT(s));
}

static tc_err find_org(struct job *j, struct tc_org *out)
{
    struct tc_str s = str_of(j, "org");
    tc_err e = s.n ? tc_access_org_by(j->x, 0, s, j->a, out) : TC_E_NOTFOUND;
    if (e == TC_E_NOTFOUND && number_of(s))
        e = tc_access_org_by(j->x, number_of(s), TC_STR(""), j->a, out);
    return e == TC_E_NOTFOUND ? none(j, "organisation", s) : e;
}

static tc_err find_person(struct job *j, struct tc_person *out)
{
    struct tc_str s = str_of(j, "login");
    tc_err e = s.n ? tc_access_person_by(j->x, 0, s, j->a, out) : TC_E_NOTFOUND;
    return e == TC_E_NOTFOUND ? none(j, "login", s) : e;
}

static tc_err community_named(struct job *j, struct tc_str s, struct tc_community *out)
{
    struct tc_uuid u;
    tc_err e = TC_E_NOTFOUND;
    if (tc_uuid_parse(s, &u) == TC_OK)
        e = tc_access_community_by(j->x, 0, &u, TC_STR(""), j->a, out);
    else if (s.n)
        e = tc_access_community_by(j->x, 0, NULL, s, j->a, out);
    if (e == TC_E_NOTFOUND && number_of(s))
        e = tc_access_community_by(j->x, number_of(s), NULL, TC_STR(""), j->a, out);
    return e == TC_E_NOTFOUND ? none(j, "community", s) : e;
}

static tc_err find_community(struct job *j, struct tc_community *out)
{
    return community_named(j, str_of(j, "community"), out);
}

/* ---- writing ---- */

static void put_org(struct tc_jsonw *w, const struct tc_org *o)
{
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "number", o->number);
    tc_jsonw_kstr(w, "identity", o->identity);
    tc_jsonw_kstr(w, "name", o->name);
    tc_jsonw_kstr(w, "country", o->country);
    tc_jsonw_kstr(w, "sectors", o->sectors);
    tc_jsonw_kstr(w, "role", o->role);
    tc_jsonw_ku64(w, "inbox", o->inbox);
    tc_jsonw_object_end(w);
}

static void put_person(struct job *j, const struct tc_person *p)
{
    char roles[TC_ROLES_TEXT];
    struct tc_org o;
    tc_naming_roles_text(p->roles, roles);
    tc_jsonw_object(&j->w);
    tc_jsonw_ku64(&j->w, "number", p->number);
    tc_jsonw_kstr(&j->w, "identity", p->identity);
    tc_jsonw_kstr(&j->w, "login", p->login);
    tc_jsonw_kstr(&j->w, "name", p->name);
    tc_jsonw_ku64(&j->w, "org", p->org);
    if (tc_access_org_by(j->x, p->org, TC_STR(""), j->a, &o) == TC_OK)
        tc_jsonw_kstr(&j->w, "org_name", o.name);
    tc_jsonw_kcstr(&j->w, "roles", roles);
    tc_jsonw_kbool(&j->w, "active", p->active);
    tc_jsonw_object_end(&j->w);
}

static void put_community(struct tc_jsonw *w, const struct tc_community *c, size_t members)
{
    char uuid[TC_UUID_TEXT];
    tc_uuid_format(&c->uuid, uuid);
    tc_jsonw_object(w);
    tc_jsonw_ku64(w, "number", c->number);
    tc_jsonw_kcstr(w, "id", uuid);
    tc_jsonw_kstr(w, "alias", c->alias);
    tc_jsonw_kstr(w, "title", c->title);
    tc_jsonw_kstr(w, "description", c->description);
    tc_jsonw_kstr(w, "kind", c->kind);
    tc_jsonw_kcstr(w, "state", tc_community_state_word(c->state));
    tc_jsonw_kcstr(w, "past", c->since_joining ? "since-joining" : "all");
    tc_jsonw_ktext(w, "event", c->event);
    tc_jsonw_kbool(w, "open", c->open_to_public);
    tc_rules_put(w, c->four_eyes, c->asks_reason);
    tc_community_end_put(w, c);
    tc_jsonw_ku64(w, "members", members);
    tc_jsonw_object_end(w);
}

static size_t count_members(struct job *j, uint32_t community)
{
    struct tc_u32s orgs = {NULL, 0};
    return tc_access_members(j->x, &tc_principal_system, community, j->a, &orgs) ? 0 : orgs.n;
}

static void put_time(struct tc_jsonw *w, const char *name, tc_time t)
{
    char when[TC_TIME_SIZE];
    tc_time_format(t, 0, when);
    tc_jsonw_kcstr(w, name, when);
}

/* ---- organisations ---- */

static tc_err org_add(struct job *j)
{
    struct tc_org o = {.name = str_of(j, "name"),
                       .country = str_of(j, "country"),
                       .sectors = str_of(j, "sectors"),
                       .role = str_of(j, "role"),
                       .identity = str_of(j, "identity")};
    uint32_t number;
    tc_err e = tc_access_org_add(j->x, &o, &number, j->op->diag);
    if (!e)
        e = tc_access_org_by(j->x, number, TC_STR(""), j->a, &o);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "org");
    put_org(&j->w, &o);
    return TC_OK;
}

static tc_err org_list(struct job *j)
{
    struct tc_org *v;
    size_t n;
    tc_err e = tc_access_orgs(j->x, j->a, &v, &n);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "orgs");
    tc_jsonw_array(&j->w);
    for (size_t i = 0; i < n; i++)
        put_org(&j->w, &v[i]);
    tc_jsonw_array_end(&j->w);
    return TC_OK;
}

/* ---- people ---- */

#define ONCE_WEEK (INT64_C(7) * 86400 * TC_SECOND)

static tc_err roles_of(struct job *j, uint32_t *roles)
{
    return tc_naming_roles(str_of(j, "roles"), roles, j->op->diag);
}

static tc_err put_user(struct job *j, uint32_t number)
{
    struct tc_person p;
    tc_err e = tc_access_person_by(j->x, number, TC_STR(""), j->a, &p);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "user");
    put_person(j, &p);
    return TC_OK;
}

static tc_err user_add(struct job *j)
{
    struct tc_org o;
    struct tc_person p = {.login = str_of(j, "login"),
                          .name = str_of(j, "name"),
                          .identity = str_of(j, "identity"),
                          .roles = TC_ROLE_READER | TC_ROLE_REPORTER,
                          .active = true};
    uint32_t number;
    tc_err e = find_org(j, &o);
    if (!e && has(j, "roles"))
        e = roles_of(j, &p.roles);
    if (e)
        return e;
    p.org = o.number;
    e = tc_access_person_add(j->x, &p, str_of(j, "password"), &number, j->op->diag);
    if (!e)
        e = put_user(j, number);
    if (e || !bool_of(j, "once"))
        return e;
    char code[TC_TOKEN_SIZE];
    e = tc_access_token_new(j->x, number, TC_TOKEN_ONCE, TC_STR("first sign-in"),
                            tc_time_now() + ONCE_WEEK, code, j->op->diag);
    if (!e)
        tc_jsonw_kcstr(&j->w, "once", code);
    return e;
}

static tc_err user_list(struct job *j)
{
    struct tc_org o = {.number = 0};
    struct tc_person *v;
    size_t n;
    tc_err e = has(j, "org") ? find_org(j, &o) : TC_OK;
    if (!e)
        e = tc_access_people(j->x, o.number, j->a, &v, &n);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "users");
    tc_jsonw_array(&j->w);
    for (size_t i = 0; i < n; i++)
        put_person(j, &v[i]);
    tc_jsonw_array_end(&j->w);
    return TC_OK;
}

static tc_err user_set(struct job *j)
{
    struct tc_person p;
    tc_err e = find_person(j, &p);
    if (!e && has(j, "roles"))
        e = roles_of(j, &p.roles);
    if (!e && has(j, "active"))
        p.active = bool_of(j, "active");
    if (!e)
        e = tc_access_person_set(j->x, p.number, p.roles, p.active, j->op->diag);
    return e ? e : put_user(j, p.number);
}

static tc_err user_password(struct job *j)
{
    struct tc_person p;
    tc_err e = find_person(j, &p);
    if (!e)
        e = tc_access_password_set(j->x, p.number, str_of(j, "password"), j->op->diag);
    return e ? e : put_user(j, p.number);
}

static void put_cert(struct job *j, const struct tc_cert_info *c, struct tc_str login)
{
    tc_jsonw_object(&j->w);
    tc_jsonw_kcstr(&j->w, "id", c->id);
    tc_jsonw_kstr(&j->w, "login", login);
    tc_jsonw_kstr(&j->w, "subject", c->subject);
    put_time(&j->w, "added", c->added);
    put_time(&j->w, "from", c->from);
    put_time(&j->w, "until", c->until);
    tc_jsonw_object_end(&j->w);
}

static tc_err user_cert_list(struct job *j)
{
    struct tc_person p = {.number = 0};
    struct tc_cert_info *v;
    size_t n;
    tc_err e = has(j, "login") ? find_person(j, &p) : TC_OK;
    e = e ? e : tc_access_certs(j->x, p.number, j->a, &v, &n);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "certificates");
    tc_jsonw_array(&j->w);
    for (size_t i = 0; i < n && !e; i++) {
        e = tc_access_person_by(j->x, v[i].person, TC_STR(""), j->a, &p);
        if (!e)
            put_cert(j, &v[i], p.login);
    }
    tc_jsonw_array_end(&j->w);
    return e;
}

static tc_err user_cert_add(struct job *j)
{
    struct tc_person p;
    struct tc_cert c;
    struct tc_cert_info *v;
    size_t n, i = 0;
    char id[TC_CERT_ID];
    tc_err e = find_person(j, &p);
    e = e ? e : tc_cert_read(str_of(j, "pem"), &c, j->op->diag);
    e = e ? e : tc_access_cert_add(j->x, p.number, &c, j->op->diag);
    e = e ? e : tc_access_certs(j->x, p.number, j->a, &v, &n);
    if (e)
        return e;
    (void)sodium_bin2hex(id, sizeof id, c.print, sizeof c.print);
    while (i < n && strcmp(v[i].id, id) != 0)
        i++;
    if (i < n) { /* nobody took it away meanwhile */
        tc_jsonw_name(&j->w, "certificate");
        put_cert(j, &v[i], p.login);
    }
    return TC_OK;
}

static tc_err user_cert_remove(struct job *j)
{
    struct tc_person p;
    struct tc_str id = str_of(j, "cert");
    tc_err e = find_person(j, &p);
    e = e ? e : tc_access_cert_drop(j->x, p.number, id, j->op->diag);
    if (!e)
        tc_jsonw_kstr(&j->w, "id", id);
    return e;
}

/* For whom has lost their device: by an operator on the machine, on record. */
static tc_err user_factors_drop(struct job *j)
{
    struct tc_person p;
    tc_err e = find_person(j, &p);
    if (!e)
        e = tc_access_factors_drop(j->x, p.number, j->op->diag);
    return e ? e : put_user(j, p.number);
}

/* ---- communities ---- */

static tc_err community_add(struct job *j)
{
    struct tc_community c = {.title = str_of(j, "title"),
                             .alias = str_of(j, "alias"),
                             .description = str_of(j, "description"),
                             .kind = str_of(j, "kind"),
                             .since_joining = bool_of(j, "since_joining"),
                             .state = bool_of(j, "requested") ? TC_COMMUNITY_REQUESTED
                                                              : TC_COMMUNITY_OPEN,
                             .open_to_public = bool_of(j, "open")};
    uint32_t number;
    tc_err e = tc_access_community_add(j->x, &c, &number, j->op->diag);
    if (!e)
        e = tc_access_community_by(j->x, number, NULL, TC_STR(""), j->a, &c);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "community");
    put_community(&j->w, &c, 0);
    return TC_OK;
}

static tc_err community_list(struct job *j)
{
    struct tc_community *v;
    size_t n;
    tc_err e = tc_access_communities_for(j->x, &tc_principal_system, j->a, &v, &n);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "communities");
    tc_jsonw_array(&j->w);
    for (size_t i = 0; i < n; i++)
        put_community(&j->w, &v[i], count_members(j, v[i].number));
    tc_jsonw_array_end(&j->w);
    return TC_OK;
}

static const struct {
    const char *word;
    unsigned bit;
} functions[] = {{"receive", TC_MEMBER_RECEIVES},
                 {"contribute", TC_MEMBER_CONTRIBUTES},
                 {"release", TC_MEMBER_RELEASES},
                 {"steward", TC_MEMBER_STEWARD}};

static void functions_text(unsigned bits, char out[64])
{
    struct tc_buf b;
    tc_buf_init(&b, 64);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (bits & functions[i].bit)
            tc_buf_fmt(&b, "%s%s", b.n ? "," : "", functions[i].word);
    (void)tc_str_copy(tc_buf_view(&b), out, 64);
    tc_buf_fini(&b);
}

/* "receive,contribute" and so on. */
static tc_err functions_of(struct job *j, unsigned *bits)
{
    struct tc_str s = str_of(j, "takes_part");
    *bits = 0;
    while (s.n) {
        size_t n = tc_str_find(s, TC_STR(",")), k = 0;
        struct tc_str word = tc_str_view(s.p, n == SIZE_MAX ? s.n : n);
        while (k < sizeof functions / sizeof *functions && !tc_str_is(word, functions[k].word))
            k++;
        if (k == sizeof functions / sizeof *functions)
            return tc_diag_set(j->op->diag, TC_E_USAGE,
                               "'%.*s' is none of receive, contribute, release, steward",
                               TC_FMT(word));
        *bits |= functions[k].bit;
        s = n == SIZE_MAX ? TC_STR("") : tc_str_view(s.p + n + 1, s.n - n - 1);
    }
    return TC_OK;
}

static tc_err community_state(struct job *j)
{
    struct tc_community c;
    enum tc_community_state state;
    tc_err e = find_community(j, &c);
    if (!e && !tc_community_state_parse(str_of(j, "state"), &state))
        e = tc_diag_set(j->op->diag, TC_E_USAGE, "it is open, read-only or archived");
    e = e ? e : tc_access_community_state(j->x, c.number, state, j->op->diag);
    if (e)
        return e;
    c.state = state;
    tc_jsonw_name(&j->w, "community");
    put_community(&j->w, &c, count_members(j, c.number));
    return TC_OK;
}

static tc_err community_members(struct job *j)
{
    struct tc_community c;
    struct tc_u32s orgs = {NULL, 0};
    struct tc_org o;
    tc_err e = find_community(j, &c);
    if (!e)
        e = tc_access_members(j->x, &tc_principal_system, c.number, j->a, &orgs);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "community");
    put_community(&j->w, &c, orgs.n);
    tc_jsonw_name(&j->w, "orgs");
    tc_jsonw_array(&j->w);
    for (uint32_t i = 0; i < orgs.n && !e; i++) {
        char words[64];
        e = tc_access_org_by(j->x, orgs.v[i], TC_STR(""), j->a, &o);
        if (e)
            break;
        tc_jsonw_object(&j->w);
        tc_jsonw_ku64(&j->w, "number", o.number);
        tc_jsonw_kstr(&j->w, "name", o.name);
        tc_jsonw_kstr(&j->w, "country", o.country);
        functions_text(tc_access_functions(j->x, c.number, o.number), words);
        tc_jsonw_kbool(&j->w, "write",
                       tc_access_functions(j->x, c.number, o.number) & TC_MEMBER_CONTRIBUTES);
        tc_jsonw_kcstr(&j->w, "takes_part", words);
        tc_jsonw_object_end(&j->w);
    }
    tc_jsonw_array_end(&j->w);
    return e;
}

#define ALL_BUT_STEWARD (TC_MEMBER_RECEIVES | TC_MEMBER_CONTRIBUTES | TC_MEMBER_RELEASES)

static tc_err member_set(struct job *j)
{
    struct tc_community c;
    struct tc_org o;
    bool member = bool_of(j, "member");
    unsigned bits = 0;
    tc_err e = find_community(j, &c);
    if (!e)
        e = find_org(j, &o);
    if (!e && member && has(j, "takes_part"))
        e = functions_of(j, &bits);
    if (!e && member && !bits)
        bits = bool_of(j, "write") ? ALL_BUT_STEWARD : TC_MEMBER_RECEIVES;
    struct tc_second s = {
        .why = str_of(j, "why"), .how = TC_STR("member-set"), .from = TC_STR("local")};
    e = e ? e
          : tc_member_change(j->op->node, &tc_principal_system, c.number, o.number, bits, &s,
                             j->op->diag);
    if (e)
        return e;
    if (s.id[0])
        tc_jsonw_kcstr(&j->w, "waits", s.id);
    tc_jsonw_name(&j->w, "community");
    put_community(&j->w, &c, count_members(j, c.number));
    tc_jsonw_name(&j->w, "org");
    put_org(&j->w, &o);
    return TC_OK;
}

/* ---- tokens ---- */

static const char *const uses[] = {[TC_TOKEN_API] = "api",
                                   [TC_TOKEN_SESSION] = "session",
                                   [TC_TOKEN_ONCE] = "once",
                                   [TC_TOKEN_SECOND] = "second"};

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* "communities": names, "roles": a list. Absent = all. */
static tc_err scope_of(struct job *j, struct tc_token_scope *scope)
{
    yyjson_val *list = tc_json_get(j->op->in, "communities"), *item;
    size_t i, n = yyjson_arr_size(list), k = 0;
    tc_err e = has(j, "roles") ? roles_of(j, &scope->roles) : TC_OK;
    if (!e && has(j, "roles") && !scope->roles)
        e = tc_diag_set(j->op->diag, TC_E_INVALID, "a token without a role opens nothing");
    if (!e && n > TC_MAX_TOKEN_COMMUNITIES)
        e = tc_diag_set(j->op->diag, TC_E_LIMIT, "a token is for at most %d communities",
                        TC_MAX_TOKEN_COMMUNITIES);
    uint32_t *v = tc_arena_zalloc(j->a, n + 1, sizeof *v);
    if (e || !v)
        return e ? e : TC_E_NOMEM;
    yyjson_arr_foreach (list, i, n, item) {
        struct tc_community c;
        e = e ? e
              : community_named(j,
                                tc_str_view(yyjson_is_str(item) ? yyjson_get_str(item) : "",
                                            yyjson_get_len(item)),
                                &c);
        if (!e)
            v[k++] = c.number;
    }
    if (k)
        qsort(v, k, sizeof *v, ascending);
    for (i = 0, n = 0; i < k; i++) /* the same one by two names */
        if (!i || v[i] != v[i - 1])
            v[n++] = v[i];
    scope->communities = (struct tc_u32s){v, (uint32_t)n};
    return e;
}

static tc_err token_new(struct job *j)
{
    struct tc_person p;
    struct tc_str use = str_of(j, "use"), expires = str_of(j, "expires");
    enum tc_token_use u = tc_str_is(use, "once") ? TC_TOKEN_ONCE : TC_TOKEN_API;
    tc_time t = TC_TIME_NONE;
    char secret[TC_TOKEN_SIZE];
    struct tc_token_scope scope = {0, {NULL, 0}};
    tc_err e = find_person(j, &p);
    if (!e)
        e = scope_of(j, &scope);
    if (!e && u == TC_TOKEN_ONCE && (scope.roles || scope.communities.n))
        e = tc_diag_set(j->op->diag, TC_E_INVALID,
                        "a one-time sign-in gives the whole account: a token can be narrowed");
    if (!e && use.n && u == TC_TOKEN_API && !tc_str_is(use, "api"))
        e = tc_diag_set(j->op->diag, TC_E_INVALID, "use is api or once");
    if (!e && expires.n)
        e = tc_time_parse_z(expires, &t);
    if (!e)
        e = tc_access_token_scoped(j->x, p.number, u, &scope, str_of(j, "label"), t, secret,
                                   j->op->diag);
    if (e)
        return e;
    tc_jsonw_kcstr(&j->w, "token", secret);
    tc_jsonw_kcstr(&j->w, "use", uses[u]);
    tc_jsonw_kstr(&j->w, "login", p.login);
    return TC_OK;
}

/* "scope" in words: "reader; energy, water"; "" = whole. */
static void put_scope(struct job *j, const struct tc_token_scope *s)
{
    char roles[TC_ROLES_TEXT];
    struct tc_buf b;
    tc_naming_roles_text(s->roles, roles);
    tc_buf_init(&b, TC_MAX_TOKEN_COMMUNITIES * (TC_MAX_NAME + 2) + sizeof roles);
    tc_buf_cstr(&b, roles);
    for (uint32_t i = 0; i < s->communities.n; i++) {
        struct tc_community c;
        if (tc_access_community_by(j->x, s->communities.v[i], NULL, TC_STR(""), j->a, &c))
            continue;
        tc_buf_cstr(&b, i ? ", " : roles[0] ? "; " : "");
        tc_buf_add(&b, c.alias.n ? c.alias.p : c.title.p, c.alias.n ? c.alias.n : c.title.n);
    }
    tc_jsonw_kstr(&j->w, "scope", tc_buf_view(&b));
    tc_buf_fini(&b);
}

static tc_err token_list(struct job *j)
{
    struct tc_person p = {.number = 0};
    struct tc_token_info *v;
    size_t n;
    tc_err e = has(j, "login") ? find_person(j, &p) : TC_OK;
    if (!e)
        e = tc_access_tokens(j->x, p.number, j->a, &v, &n);
    if (e)
        return e;
    tc_jsonw_name(&j->w, "tokens");
    tc_jsonw_array(&j->w);
    for (size_t i = 0; i < n; i++) {
        struct tc_person owner = {.login = {"", 0}};
        if (tc_access_person_by(j->x, v[i].person, TC_STR(""), j->a, &owner))
            continue;
        tc_jsonw_object(&j->w);
        tc_jsonw_kcstr(&j->w, "id", v[i].id);
        tc_jsonw_kstr(&j->w, "login", owner.login);
        tc_jsonw_kcstr(&j->w, "use", uses[v[i].use]);
        tc_jsonw_kstr(&j->w, "label", v[i].label);
        put_time(&j->w, "added", v[i].added);
        put_time(&j->w, "expires", v[i].expires);
        put_scope(j, &v[i].scope);
        tc_jsonw_object_end(&j->w);
    }
    tc_jsonw_array_end(&j->w);
    return TC_OK;
}

static tc_err token_revoke(struct job *j)
{
    struct tc_str id = str_of(j, "id");
    tc_err e = tc_access_token_revoke_id(j->x, id);
    if (e == TC_E_NOTFOUND)
        return none(j, "token", id);
    if (!e)
        tc_jsonw_kstr(&j->w, "id", id);
    return e;
}

static tc_err status(struct job *j)
{
    return tc_node_status(j->op->node, j->a, &j->w);
}

/* ---- the table ---- */

static tc_err run(struct tc_op *op, tc_err (*fn)(struct job *))
{
    struct job j = {.op = op, .x = op->node->access, .a = tc_arena_new(ARENA_MAX)};
    if (!j.a)
        return TC_E_NOMEM;
    j.w = tc_jsonw_into(op->out);
    tc_jsonw_object(&j.w);
    tc_err e = fn(&j);
    if (!e)
        tc_jsonw_object_end(&j.w);
    tc_arena_free(j.a);
    return e;
}

#define OP(fn)                                                                                     \
    static tc_err op_##fn(struct tc_op *op)                                                        \
    {                                                                                              \
        return run(op, fn);                                                                        \
    }

OP(org_add)
OP(org_list)
OP(user_add)
OP(user_list)
OP(user_set)
OP(user_password)
OP(user_factors_drop)
OP(user_cert_add)
OP(user_cert_list)
OP(user_cert_remove)
OP(community_add)
OP(community_list)
OP(community_members)
OP(community_state)
OP(member_set)
OP(token_new)
OP(token_list)
OP(token_revoke)
OP(status)

static tc_err op_audit_checkpoint(struct tc_op *op)
{
    char note[TC_AUDIT_NOTE];
    struct tc_jsonw w = tc_jsonw_into(op->out);
    if (!op->node->audit)
        return tc_diag_set(op->diag, TC_E_DENIED, "the node is open for reading only");
    tc_err e = tc_audit_publish(op->node->audit, note);
    if (e)
        return tc_diag_set(op->diag, e, "no checkpoint could be made: %s", tc_err_text(e));
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "checkpoint", note);
    tc_jsonw_object_end(&w);
    return TC_OK;
}

/* Says so in a record of its own, which the audit log demands; hence no other one. */
static tc_err op_audit_redact(struct tc_op *op)
{
    struct tc_str why = {"", 0}, as = {"", 0};
    struct tc_person p = {.number = 0};
    uint64_t index;
    struct tc_arena *a = tc_arena_new(1u << 16);
    tc_err e = a ? TC_OK : TC_E_NOMEM;
    if (!e && !op->node->audit)
        e = tc_diag_set(op->diag, TC_E_DENIED, "the node is open for reading only");
    if (!e && !tc_json_u64(op->in, "index", &index))
        e = tc_diag_set(op->diag, TC_E_USAGE, "say which record");
    if (!e && (!tc_json_str(op->in, "why", &why) || !tc_str_trim(why).n))
        e = tc_diag_set(op->diag, TC_E_USAGE, "say why");
    if (!e && tc_json_str(op->in, "as", &as) && tc_access_person_by(op->node->access, 0, as, a, &p))
        e = tc_diag_set(op->diag, TC_E_NOTFOUND, "there is no user '%.*s'", TC_FMT(as));
    const struct tc_audit_event said = {.org = p.org,
                                        .person = p.number,
                                        .how = TC_STR("audit-redact"),
                                        .why = why,
                                        .from = TC_STR("local")};
    e = e ? e : tc_audit_redact(op->node->audit, index, &said);
    if (e == TC_E_NOTFOUND && !op->diag->code)
        (void)tc_diag_set(op->diag, e, "there is no record %llu whose words could be erased",
                          (unsigned long long)index);
    tc_arena_free(a);
    if (!e)
        tc_buf_fmt(op->out, "{\"index\":%llu}", (unsigned long long)index);
    return e ? e : op->out->err;
}

tc_err tc_node_ops_add(void)
{
    static const struct {
        const char *name;
        tc_op_fn fn;
    } table[] = {
        {"org-add", op_org_add},
        {"org-list", op_org_list},
        {"user-add", op_user_add},
        {"user-list", op_user_list},
        {"user-set", op_user_set},
        {"user-password", op_user_password},
        {"user-factors-drop", op_user_factors_drop},
        {"user-cert-add", op_user_cert_add},
        {"user-cert-list", op_user_cert_list},
        {"user-cert-remove", op_user_cert_remove},
        {"community-add", op_community_add},
        {"community-list", op_community_list},
        {"community-members", op_community_members},
        {"community-state", op_community_state},
        {"member-set", op_member_set},
        {"token-new", op_token_new},
        {"token-list", op_token_list},
        {"token-revoke", op_token_revoke},
        {"status", op_status},
        {"audit-checkpoint", op_audit_checkpoint},
        {"audit-redact", op_audit_redact},
    };
    tc_err e = TC_OK;
    for (size_t i = 0; !e && i < sizeof table / sizeof table[0]; i++)
        e = tc_node_op_add(table[i].name, table[i].fn);
    e = e ? e : tc_node_ops_link_add();
    return e ? e : tc_approval_ops();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/rule.h"

#include "base/limits.h"
#include "codec/json.h"
#include "codec/jsonw.h"
#include "model/extensions.h"
#include "model/format.h"
#include "pattern/parse.h"

#include <stdio.h>

/* ---- sentences ---- */

static struct tc_say_piece brace(struct tc_str *rest)
{
    static const struct {
        const char *word;
        enum tc_say_kind kind;
    } words[] = {{"per", TC_SAY_PER},
                 {"count", TC_SAY_COUNT},
                 {"first", TC_SAY_FIRST},
                 {"last", TC_SAY_LAST},
                 {"place", TC_SAY_PLACE}};
    struct tc_say_piece x = {TC_SAY_BAD, *rest};
    size_t end = 1;
    bool quoted = false; /* a quoted step may hold a brace */
    for (; end < rest->n && (quoted || rest->p[end] != '}'); end++)
        quoted ^= rest->p[end] == '\'';
    if (end == rest->n) {
        rest->n = 0;
        return x;
    }
    struct tc_str inside = tc_str_view(rest->p + 1, end - 1);
    x.text = tc_str_view(rest->p, end + 1);
    *rest = tc_str_view(rest->p + end + 1, rest->n - end - 1);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tc_str_is(inside, words[i].word))
            return (struct tc_say_piece){words[i].kind, inside};
    if (tc_str_find(inside, TC_STR(":")) == SIZE_MAX)
        return x;
    return (struct tc_say_piece){TC_SAY_PATH, inside};
}

struct tc_say_piece tc_say_next(struct tc_str *rest)
{
    size_t at = 0;
    if (!rest->n)
        return (struct tc_say_piece){TC_SAY_END, TC_STR("")};
    if (rest->p[0] == '{' && (rest->n < 2 || rest->p[1] != '{'))
        return brace(rest);
    if (rest->p[0] == '{') {
        struct tc_say_piece one = {TC_SAY_TEXT, tc_str_view(rest->p, 1)};
        *rest = tc_str_view(rest->p + 2, rest->n - 2);
        return one;
    }
    while (at < rest->n && rest->p[at] != '{')
        at++;
    struct tc_say_piece x = {TC_SAY_TEXT, tc_str_view(rest->p, at)};
    *rest = tc_str_view(rest->p + at, rest->n - at);
    return x;
}

/* ---- checking ---- */

static tc_err wrong(struct tc_diag *d, const char *path, const char *says)
{
    tc_diag_path(d, path, strlen(path));
    return tc_diag_set(d, TC_E_INVALID, "%s", says);
}

static tc_err check_path(struct tc_str text, struct tc_arena *a, const char *where,
                         struct tc_diag *d)
{
    struct tc_path path;
    if (text.n > TC_MAX_RULE_PATH) {
        tc_diag_path(d, where, strlen(where));
        return tc_diag_set(d, TC_E_LIMIT, "a path has at most %u bytes", TC_MAX_RULE_PATH);
    }
    tc_err e = tc_pattern_parse_path(text, a, &path, d);
    if (e)
        tc_diag_path(d, where, strlen(where));
    return e;
}

static tc_err check_sentence(const struct tc_rule *r, const struct tc_rule_says *s,
                             struct tc_arena *a, struct tc_diag *d)
{
    struct tc_str rest = s->text;
    char where[100];
    struct tc_buf path;
    tc_err e = TC_OK;
    tc_buf_init(&path, sizeof where);
    tc_buf_fmt(&path, "extensions.rule.says.%.*s", (int)(s->language.n > 40 ? 40 : s->language.n),
               s->language.p);
    (void)tc_str_copy(tc_buf_view(&path), where, sizeof where);
    tc_buf_fini(&path);
    if (!tc_format_ok(TC_FORMAT_LANG, s->language))
        return wrong(d, where, "a language must be an RFC 5646 tag like en or de-AT");
    if (!s->text.n || s->text.n > TC_MAX_RULE_SAYS)
        return wrong(d, where, "a sentence has 1 to 2000 bytes");
    for (struct tc_say_piece x; !e && (x = tc_say_next(&rest)).kind != TC_SAY_END;) {
        if (x.kind == TC_SAY_BAD)
            e = wrong(d, where,
                      "in {} stands an object path, per, count, first, last or place; a brace "
                      "itself is {{");
        else if (x.kind == TC_SAY_PER && !r->per.n)
            e = wrong(d, where, "{per} needs a rule that has per");
        else if (x.kind == TC_SAY_PATH)
            e = check_path(x.text, a, where, d);
    }
    return e;
}

static bool severity(struct tc_str s)
{
    static const char *const words[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (tc_str_is(s, words[i]))
            return true;
    return false;
}

tc_err tc_rule_check(const struct tc_rule *r, struct tc_arena *a, struct tc_diag *d)
{
    tc_err e = r->per.n ? check_path(r->per, a, "extensions.rule.per", d) : TC_OK;
    if (!e && r->about.n)
        e = check_path(r->about, a, "extensions.rule.about", d);
    if (e)
        return e;
    if (r->severity.n && !severity(r->severity))
        return wrong(d, "extensions.rule.severity",
                     "the severity is one of Extreme, Severe, Moderate, Minor, Unknown");
    if (r->cooldown < 0 || r->cooldown > TC_MAX_RULE_COOLDOWN)
        return wrong(d, "extensions.rule.cooldown", "a cooldown has at most 31 days");
    if (r->confidence < -1 || r->confidence > 100)
        return wrong(d, "confidence", "the confidence is a number from 0 to 100");
    if (r->n_says > TC_MAX_RULE_LANGUAGES)
        return wrong(d, "extensions.rule.says", "there are at most 40 languages");
    for (size_t i = 0; !e && i < r->n_says; i++)
        e = check_sentence(r, &r->says[i], a, d);
    return e;
}

/* ---- reading ---- */

static tc_err text_of(yyjson_val *x, const char *name, const char *where, struct tc_str *out,
                      struct tc_diag *d)
{
    yyjson_val *v = tc_json_get(x, name);
    if (!v)
        return TC_OK;
    if (!yyjson_is_str(v) || !yyjson_get_len(v))
        return wrong(d, where, "this must be text that is not empty");
    *out = tc_json_view(v);
    return TC_OK;
}

static tc_err read_says(yyjson_val *x, struct tc_arena *a, struct tc_rule *r, struct tc_diag *d)
{
    yyjson_val *v = tc_json_get(x, "says"), *key, *text;
    size_t i, n;
    if (!v)
        return TC_OK;
    if (!yyjson_is_obj(v))
        return wrong(d, "extensions.rule.says", "this must be an object: a sentence by language");
    if (yyjson_obj_size(v) > TC_MAX_RULE_LANGUAGES)
        return wrong(d, "extensions.rule.says", "there are at most 40 languages");
    struct tc_rule_says *list = tc_arena_zalloc(a, yyjson_obj_size(v) + 1, sizeof *list);
    if (!list)
        return tc_diag_set(d, tc_arena_err(a), "out of memory");
    yyjson_obj_foreach (v, i, n, key, text) {
        if (!yyjson_is_str(text))
            return wrong(d, "extensions.rule.says", "each sentence must be text");
        list[r->n_says++] = (struct tc_rule_says){tc_json_view(key), tc_json_view(text)};
    }
    r->says = list;
    return TC_OK;
}

static tc_err read_extension(yyjson_val *x, struct tc_arena *a, struct tc_rule *r,
                             struct tc_diag *d)
{
    struct tc_str cooldown = {"", 0};
    if (!yyjson_is_obj(x))
        return wrong(d, "extensions.rule", "this must be an object");
    r->extended = true;
    tc_err e = text_of(x, "per", "extensions.rule.per", &r->per, d);
    e = e ? e : text_of(x, "about", "extensions.rule.about", &r->about, d);
    e = e ? e : text_of(x, "severity", "extensions.rule.severity", &r->severity, d);
    e = e ? e : text_of(x, "cooldown", "extensions.rule.cooldown", &cooldown, d);
    e = e ? e : read_says(x, a, r, d);
    if (!e && cooldown.n && tc_duration_parse(cooldown, TC_MAX_RULE_COOLDOWN, &r->cooldown))
        e = wrong(d, "extensions.rule.cooldown",
                  "this must be an ISO 8601 duration like PT1H, of at most 31 days");
    return e ? e : tc_rule_check(r, a, d);
}

static tc_time time_of(yyjson_val *o, const char *name, tc_time without)
{
    struct tc_str s;
    tc_time t;
    if (!tc_json_str(o, name, &s))
        return without;
    /* a time that cannot be read has passed */
    return tc_time_parse_z(s, &t) ? (without == TC_TIME_MAX ? TC_TIME_MIN : without) : t;
}

tc_err tc_rule_read(yyjson_val *object, struct tc_arena *a, struct tc_rule *out, struct tc_diag *d)
{
    struct tc_rule r = {.confidence = -1};
    int64_t n;
    (void)tc_json_str(object, "id", &r.id);
    (void)tc_json_str(object, "name", &r.name);
    (void)tc_json_str(object, "description", &r.description);
    (void)tc_json_str(object, "pattern", &r.pattern);
    (void)tc_json_str(object, "pattern_type", &r.pattern_type);
    (void)tc_json_str(object, "created_by_ref", &r.creator);
    r.created = time_of(object, "created", TC_TIME_NONE);
    r.modified = time_of(object, "modified", TC_TIME_NONE);
    r.from = time_of(object, "valid_from", TC_TIME_MIN);
    r.until = time_of(object, "valid_until", TC_TIME_MAX);
    (void)tc_json_bool(object, "revoked", &r.revoked);
    if (tc_json_i64(object, "confidence", &n) && n >= 0 && n <= 100)
        r.confidence = (int)n;
    yyjson_val *x = tc_json_get(tc_json_get(object, "extensions"), TC_EXT_RULE);
    tc_err e = x ? read_extension(x, a, &r, d) : TC_OK;
    if (e) {
        tc_diag_object(d, r.id.p ? r.id.p : "", r.id.n);
        return e;
    }
    *out = r;
    return TC_OK;
}

static tc_err want(yyjson_val *o, const char *name, struct tc_str *out, struct tc_diag *d)
{
    if (tc_json_str(o, name, out) && out->n)
        return TC_OK;
    return wrong(d, name, "this is missing or is no text");
}

tc_err tc_mute_read(yyjson_val *object, struct tc_mute *out, struct tc_diag *d)
{
    struct tc_mute m = {0};
    tc_err e = want(object, "id", &m.id, d);
    e = e ? e : want(object, "rule_ref", &m.rule, d);
    e = e ? e : want(object, "reason", &m.reason, d);
    if (e)
        return e;
    (void)tc_json_str(object, "created_by_ref", &m.creator);
    (void)tc_json_str(object, "person", &m.person);
    m.one_value = tc_json_str(object, "value", &m.value);
    m.created = time_of(object, "created", TC_TIME_NONE);
    m.modified = time_of(object, "modified", TC_TIME_NONE);
    m.from = time_of(object, "from", TC_TIME_MIN);
    m.until = time_of(object, "until", TC_TIME_MAX);
    (void)tc_json_bool(object, "revoked", &m.revoked);
    *out = m;
    return TC_OK;
}

bool tc_mute_holds(const struct tc_mute *m, struct tc_str value, tc_time now)
{
    return !m->revoked && now >= m->from && now < m->until &&
           (!m->one_value || tc_str_eq(m->value, value));
}

/* ---- writing ---- */

static void put_duration(struct tc_jsonw *w, int64_t seconds)
{
    char text[40];
    long long n = seconds;
    if (n % 86400 == 0)
        (void)snprintf(text, sizeof text, "P%lldD", n / 86400);
    else if (n % 3600 == 0)
        (void)snprintf(text, sizeof text, "PT%lldH", n / 3600);
    else if (n % 60 == 0)
        (void)snprintf(text, sizeof text, "PT%lldM", n / 60);
    else
        (void)snprintf(text, sizeof text, "PT%lldS", n);
    tc_jsonw_kcstr(w, "cooldown", text);
}

static void put_extension(struct tc_jsonw *w, const struct tc_rule *r)
{
    tc_jsonw_name(w, "extensions");
    tc_jsonw_object(w);
    tc_jsonw_name(w, TC_EXT_RULE);
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "extension_type", "property-extension");
    tc_jsonw_ktext(w, "per", r->per);
    tc_jsonw_ktext(w, "severity", r->severity);
    tc_jsonw_ktext(w, "about", r->about);
    if (r->cooldown)
        put_duration(w, r->cooldown);
    if (r->n_says) {
        tc_jsonw_name(w, "says");
        tc_jsonw_object(w);
        for (size_t i = 0; i < r->n_says; i++) {
            tc_jsonw_namen(w, r->says[i].language);
            tc_jsonw_str(w, r->says[i].text);
        }
        tc_jsonw_object_end(w);
    }
    tc_jsonw_object_end(w);
    tc_jsonw_object_end(w);
}

static void put_head(struct tc_jsonw *w, const char *type, struct tc_str id, struct tc_str creator,
                     struct tc_str marking)
{
    tc_jsonw_object(w);
    tc_jsonw_kcstr(w, "type", type);
    tc_jsonw_kcstr(w, "spec_version", "2.1");
    tc_jsonw_kstr(w, "id", id);
    tc_jsonw_ktext(w, "created_by_ref", creator);
    if (marking.n) {
        tc_jsonw_name(w, "object_marking_refs");
        tc_jsonw_array(w);
        tc_jsonw_str(w, marking);
        tc_jsonw_array_end(w);
    }
}

void tc_rule_write(const struct tc_rule *r, struct tc_str marking, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    put_head(&w, "indicator", r->id, r->creator, marking);
    tc_jsonw_ktime(&w, "created", r->created);
    tc_jsonw_ktime(&w, "modified", r->modified);
    if (r->revoked)
        tc_jsonw_kbool(&w, "revoked", true);
    tc_jsonw_ktext(&w, "name", r->name);
    tc_jsonw_ktext(&w, "description", r->description);
    if (r->confidence >= 0)
        tc_jsonw_ku64(&w, "confidence", (uint64_t)r->confidence);
    tc_jsonw_kstr(&w, "pattern", r->pattern);
    tc_jsonw_kcstr(&w, "pattern_type", "stix");
    tc_jsonw_ktime(&w, "valid_from", r->from == TC_TIME_MIN ? r->created : r->from);
    if (r->until != TC_TIME_MAX)
        tc_jsonw_ktime(&w, "valid_until", r->until);
    if (r->extended)
        put_extension(&w, r);
    tc_jsonw_object_end(&w);
}

void tc_mute_write(const struct tc_mute *m, struct tc_str marking, struct tc_buf *out)
{
    struct tc_jsonw w = tc_jsonw_into(out);
    put_head(&w, "mute", m->id, m->creator, marking);
    tc_jsonw_ktime(&w, "created", m->created);
    tc_jsonw_ktime(&w, "modified", m->modified);
    if (m->revoked)
        tc_jsonw_kbool(&w, "revoked", true);
    tc_jsonw_name(&w, "extensions");
    tc_jsonw_object(&w);
    tc_jsonw_name(&w, TC_EXT_MUTE);
    tc_jsonw_object(&w);
    tc_jsonw_kcstr(&w, "extension_type", "new-sdo");
    tc_jsonw_object_end(&w);
    tc_jsonw_object_end(&w);
    tc_jsonw_kstr(&w, "rule_ref", m->rule);
    if (m->one_value)
        tc_jsonw_kstr(&w, "value", m->value);
    if (m->from != TC_TIME_MIN)
        tc_jsonw_ktime(&w, "from", m->from);
    if (m->until != TC_TIME_MAX)
        tc_jsonw_ktime(&w, "until", m->until);
    tc_jsonw_kstr(&w, "reason", m->reason);
    tc_jsonw_ktext(&w, "person", m->person);
    tc_jsonw_object_end(&w);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/cap.h"

#include "base/limits.h"
#include "intake/cap_rules.h"

#define DSIG_NS "http://www.w3.org/2000/09/xmldsig#"

/* ---- references: "sender,identifier,sent" groups, separated by white space ---- */

tc_err tc_cap_key_read(struct tc_str group, struct tc_cap_key *k, struct tc_diag *d)
{
    size_t first = tc_str_find(group, TC_STR(","));
    struct tc_str rest = first == SIZE_MAX ? (struct tc_str){0}
                                           : tc_str_view(group.p + first + 1, group.n - first - 1);
    size_t second = tc_str_find(rest, TC_STR(","));
    if (first == 0 || first == SIZE_MAX || second == 0 || second == SIZE_MAX)
        return tc_diag_set(d, TC_E_SYNTAX, "a reference is sender,identifier,sent");
    k->sender = tc_str_view(group.p, first);
    k->identifier = tc_str_view(rest.p, second);
    k->sent = tc_str_view(rest.p + second + 1, rest.n - second - 1);
    return tc_cap_time(k->sent, &k->at, d);
}

static size_t word_end(struct tc_str s)
{
    size_t n = 0;
    while (n < s.n && !memchr(" \t\r\n", s.p[n], 4))
        n++;
    return n;
}

static tc_err read_references(struct tc_cap *cap, struct tc_arena *a, struct tc_cap_report *r)
{
    const struct tc_xml *x = tc_xml_child(cap->alert, "references");
    struct tc_str rest = tc_xml_text(x);
    struct tc_diag d;
    size_t max = 0;
    for (size_t i = 0; i + 1 < rest.n; i++)
        max += rest.p[i] == ',';
    if (!rest.n)
        return TC_OK;
    cap->refs = tc_arena_zalloc(a, max / 2 + 1, sizeof *cap->refs);
    if (!cap->refs)
        return tc_arena_err(a);
    while (rest.n) {
        size_t n = word_end(rest);
        tc_diag_init(&d);
        if (cap->n_refs > max / 2 ||
            tc_cap_key_read(tc_str_view(rest.p, n), &cap->refs[cap->n_refs], &d))
            tc_cap_wrong(r, x, true, "%s",
                         d.code ? d.message : "a reference is sender,identifier,sent");
        else
            cap->n_refs++;
        rest = tc_str_trim(tc_str_view(rest.p + n, rest.n - n));
    }
    return TC_OK;
}

/* ---- one alert ---- */

static enum tc_cap_type type_of(struct tc_str s)
{
    static const char *const names[] = {"Alert", "Update", "Cancel", "Ack", "Error"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tc_str_is(s, names[i]))
            return (enum tc_cap_type)i;
    return TC_CAP_ALERT;
}

static tc_err read_alert(struct tc_xml *alert, struct tc_arena *a, struct tc_cap_report *r,
                         struct tc_cap *cap)
{
    cap->alert = alert;
    cap->key.identifier = tc_xml_text(tc_xml_child(alert, "identifier"));
    cap->key.sender = tc_xml_text(tc_xml_child(alert, "sender"));
    cap->key.sent = tc_xml_text(tc_xml_child(alert, "sent"));
    cap->status = tc_xml_text(tc_xml_child(alert, "status"));
    cap->actual = tc_str_is(cap->status, "Actual");
    cap->type = type_of(tc_xml_text(tc_xml_child(alert, "msgType")));
    cap->has_signature = tc_xml_find(alert, DSIG_NS, "Signature") != NULL;
    r->top = alert;
    tc_cap_check_elements(r, alert);
    if (tc_cap_time(cap->key.sent, &cap->key.at, NULL))
        return TC_OK; /* was said; what depends on it cannot be checked */
    tc_err e = read_references(cap, a, r);
    if (!e)
        tc_cap_check_sense(r, cap);
    return e;
}

/* ---- documents ---- */

static bool is_other_cap(struct tc_str ns)
{
    return tc_str_starts(ns, TC_STR("urn:oasis:names:tc:emergency:cap:")) ||
           tc_str_starts(ns, TC_STR("http://www.incident.com/cap/"));
}

static struct tc_xml *next_in_order(struct tc_xml *x, bool inside)
{
    if (inside && x->child)
        return x->child;
    while (x && !x->next)
        x = x->parent;
    return x ? x->next : NULL;
}

/* Why there is no CAP 1.2 alert in it. */
static tc_err not_cap(struct tc_xml *root, struct tc_diag *d)
{
    for (struct tc_xml *x = root; x; x = next_in_order(x, true))
        if (tc_str_is(x->name, "alert") && is_other_cap(x->ns)) {
            size_t colon = x->ns.n;
            while (colon && x->ns.p[colon - 1] != ':' && x->ns.p[colon - 1] != '/')
                colon--;
            if (d)
                tc_diag_at(d, x->line, 0, UINT64_MAX);
            return tc_diag_set(d, TC_E_UNSUPPORTED, "this is CAP %.*s; what is read is CAP 1.2",
                               TC_FMT(tc_str_view(x->ns.p + colon, x->ns.n - colon)));
        }
    if (tc_str_is(root->name, "feed") || tc_str_is(root->name, "rss"))
        return tc_diag_set(d, TC_E_UNSUPPORTED,
                           "this feed only links to alerts; give the alerts "
                           "themselves");
    return tc_diag_set(d, TC_E_UNSUPPORTED, "XML with root <%.*s> holds no CAP 1.2 alert",
                       TC_FMT(root->name));
}

static bool is_alert(const struct tc_xml *x)
{
    return tc_str_is(x->name, "alert") && tc_str_is(x->ns, TC_CAP_NS);
}

static tc_err read_alerts(struct tc_xml *root, struct tc_arena *a, struct tc_cap_report *r,
                          struct tc_cap **out, size_t *n, struct tc_diag *d)
{
    size_t count = 0;
    for (struct tc_xml *x = root; x; x = next_in_order(x, !is_alert(x)))
        count += is_alert(x);
    if (!count)
        return not_cap(root, d);
    struct tc_cap *caps = tc_arena_zalloc(a, count, sizeof *caps);
    if (!caps)
        return tc_diag_set(d, tc_arena_err(a), "the alerts take too much memory");
    size_t i = 0;
    for (struct tc_xml *x = root; x; x = next_in_order(x, !is_alert(x))) {
        tc_err e = is_alert(x) ? read_alert(x, a, r, &caps[i++]) : TC_OK;
        if (e)
            return tc_diag_set(d, e, "the alert takes too much memory");
    }
    *out = caps;
    *n = count;
    return TC_OK;
}

tc_err tc_cap_read(struct tc_str text, struct tc_arena *a, struct tc_cap **out, size_t *n,
                   tc_cap_say say, void *arg, struct tc_diag *d)
{
    struct tc_diag first;
    struct tc_cap_report r = {.say = say, .arg = arg, .first = &first, .arena = a};
    struct tc_cap *caps = NULL;
    struct tc_xml *root;
    size_t count = 0;
    tc_diag_init(&first);
    tc_err e = tc_xml_read(text, TC_MAX_CAP, a, &root, d);
    if (!e)
        e = read_alerts(root, a, &r, &caps, &count, d);
    if (e)
        return e;
    if (r.musts) {
        if (d) {
            tc_diag_path(d, first.path, strlen(first.path));
            tc_diag_at(d, first.line, 0, UINT64_MAX);
            tc_diag_object(d, caps[0].key.identifier.p, caps[0].key.identifier.n);
        }
        return tc_diag_set(d, TC_E_INVALID, "%s", first.message);
    }
    *out = caps;
    *n = count;
    return TC_OK;
}

tc_err tc_cap_check(struct tc_str text, tc_cap_say say, void *arg, struct tc_diag *d)
{
    struct tc_arena *a = tc_arena_new(TC_CAP_ARENA);
    struct tc_cap *caps;
    size_t n;
    if (!a)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    tc_err e = tc_cap_read(text, a, &caps, &n, say, arg, d);
    tc_arena_free(a);
    return e;
}

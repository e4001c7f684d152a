/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/cap_rules.h"

#include "base/limits.h"
#include "base/num.h"

#include <stdio.h>

#define DSIG_NS "http://www.w3.org/2000/09/xmldsig#"

enum kind {
    TEXT,
    NAME,
    TIME,
    WORD,
    LANGUAGE,
    URI,
    COUNT,
    DECIMAL,
    BASE64,
    DIGEST,
    AREA_POLYGON,
    AREA_CIRCLE,
    GROUP
};

struct element {
    const char *name;
    enum kind kind;
    bool required, many;
    const char *const *words;     /* of WORD, NULL at the end */
    const struct element *inside; /* of GROUP, name NULL at the end */
};

static const char *const statuses[] = {"Actual", "Exercise", "System", "Test", "Draft", NULL};
static const char *const types[] = {"Alert", "Update", "Cancel", "Ack", "Error", NULL};
static const char *const scopes[] = {"Public", "Restricted", "Private", NULL};
static const char *const categories[] = {"Geo",   "Met",    "Safety", "Security",  "Rescue",
                                         "Fire",  "Health", "Env",    "Transport", "Infra",
                                         "CBRNE", "Other",  NULL};
static const char *const responses[] = {"Shelter", "Evacuate", "Prepare",  "Execute", "Avoid",
                                        "Monitor", "Assess",   "AllClear", "None",    NULL};
static const char *const urgencies[] = {"Immediate", "Expected", "Future", "Past", "Unknown", NULL};
static const char *const severities[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown", NULL};
static const char *const certainties[] = {"Observed", "Likely",  "Possible",
                                          "Unlikely", "Unknown", NULL};

static const struct element pair[] = {
    {.name = "valueName", .required = true}, {.name = "value", .required = true}, {0}};

static const struct element resource[] = {{.name = "resourceDesc", .required = true},
                                          {.name = "mimeType", .required = true},
                                          {.name = "size", .kind = COUNT},
                                          {.name = "uri", .kind = URI},
                                          {.name = "derefUri", .kind = BASE64},
                                          {.name = "digest", .kind = DIGEST},
                                          {0}};

static const struct element area[] = {{.name = "areaDesc", .required = true},
                                      {.name = "polygon", .kind = AREA_POLYGON, .many = true},
                                      {.name = "circle", .kind = AREA_CIRCLE, .many = true},
                                      {.name = "geocode", GROUP, .many = true, .inside = pair},
                                      {.name = "altitude", .kind = DECIMAL},
                                      {.name = "ceiling", .kind = DECIMAL},
                                      {0}};

static const struct element info[] = {
    {.name = "language", .kind = LANGUAGE},
    {.name = "category", WORD, .required = true, .many = true, .words = categories},
    {.name = "event", .required = true},
    {.name = "responseType", WORD, .many = true, .words = responses},
    {.name = "urgency", WORD, .required = true, .words = urgencies},
    {.name = "severity", WORD, .required = true, .words = severities},
    {.name = "certainty", WORD, .required = true, .words = certainties},
    {.name = "audience"},
    {.name = "eventCode", GROUP, .many = true, .inside = pair},
    {.name = "effective", .kind = TIME},
    {.name = "onset", .kind = TIME},
    {.name = "expires", .kind = TIME},
    {.name = "senderName"},
    {.name = "headline"},
    {.name = "description"},
    {.name = "instruction"},
    {.name = "web", .kind = URI},
    {.name = "contact"},
    {.name = "parameter", GROUP, .many = true, .inside = pair},
    {.name = "resource", GROUP, .many = true, .inside = resource},
    {.name = "area", GROUP, .many = true, .inside = area},
    {0}};

static const struct element alert[] = {
    {.name = "identifier", .kind = NAME, .required = true},
    {.name = "sender", .kind = NAME, .required = true},
    {.name = "sent", .kind = TIME, .required = true},
    {.name = "status", WORD, .required = true, .words = statuses},
    {.name = "msgType", WORD, .required = true, .words = types},
    {.name = "source"},
    {.name = "scope", WORD, .required = true, .words = scopes},
    {.name = "restriction"},
    {.name = "addresses"},
    {.name = "code", .many = true},
    {.name = "note"},
    {.name = "references"},
    {.name = "incidents"},
    {.name = "info", GROUP, .many = true, .inside = info},
    {0}};

/* ---- saying where ---- */

/* Index of x among its siblings of the same name. */
static size_t index_of(const struct tc_xml *x)
{
    size_t i = 0;
    for (const struct tc_xml *s = x->parent->child; s != x; s = s->next)
        i += tc_str_eq(s->name, x->name);
    return i;
}

static bool is_many(const struct tc_xml *x)
{
    for (const struct tc_xml *s = x->parent->child; s; s = s->next)
        if (s != x && tc_str_eq(s->name, x->name))
            return true;
    static const char *const lists[] = {"info",     "area",      "polygon",   "circle",  "geocode",
                                        "resource", "parameter", "eventCode", "category"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (tc_str_is(x->name, lists[i]))
            return true;
    return false;
}

static void add_path(char *out, size_t size, const struct tc_xml *x, const struct tc_xml *top)
{
    const struct tc_xml *up[TC_MAX_DEPTH];
    size_t n = 0, at = 0;
    for (; x && x != top && n < TC_MAX_DEPTH; x = x->parent)
        up[n++] = x;
    out[0] = '\0';
    while (n-- > 0 && at < size) {
        int wrote = is_many(up[n]) ? snprintf(out + at, size - at, "%.*s[%zu]%s",
                                              TC_FMT(up[n]->name), index_of(up[n]), n ? "." : "")
                                   : snprintf(out + at, size - at, "%.*s%s", TC_FMT(up[n]->name),
                                              n ? "." : "");
        at += wrote > 0 ? (size_t)wrote : 0;
    }
}

void tc_cap_wrong(struct tc_cap_report *r, const struct tc_xml *x, bool must, const char *fmt, ...)
{
    struct tc_diag d;
    char message[sizeof d.message], path[sizeof d.path];
    if (++r->all > TC_MAX_FINDINGS && !must)
        return;
    tc_diag_init(&d);
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    add_path(path, sizeof path, x, r->top);
    tc_diag_path(&d, path, strlen(path));
    tc_diag_at(&d, x->line, 0, UINT64_MAX);
    (void)tc_diag_set(&d, TC_E_INVALID, "%s", message);
    if (must && ++r->musts == 1 && r->first)
        *r->first = d;
    if (r->say && r->all <= TC_MAX_FINDINGS)
        r->say(r->arg, &d, must);
}

/* ---- values ---- */

tc_err tc_cap_time(struct tc_str t, tc_time *out, struct tc_diag *d)
{
    static const char form[] = "0000-00-00T00:00:00+00:00";
    bool right = t.n == sizeof form - 1;
    for (size_t i = 0; right && i < t.n; i++)
        right = form[i] == '0'   ? t.p[i] >= '0' && t.p[i] <= '9'
                : form[i] == '+' ? t.p[i] == '+' || t.p[i] == '-'
                                 : t.p[i] == form[i];
    if (!right)
        return tc_diag_set(d, TC_E_SYNTAX,
                           "a time is written like 2026-01-31T10:20:30+01:00, "
                           "without fraction and without Z");
    if (tc_time_parse_offset(t, out))
        return tc_diag_set(d, TC_E_INVALID, "this time does not exist: %.*s", TC_FMT(t));
    return TC_OK;
}

static bool is_language(struct tc_str s)
{
    size_t part = 0;
    bool first = true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '-' && part) {
            part = 0;
            first = false;
        } else if (letter || (!first && c >= '0' && c <= '9')) {
            if (++part > 8)
                return false;
        } else {
            return false;
        }
    }
    return part > 0;
}

static bool is_base64(struct tc_str s)
{
    size_t n = 0, pad = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        if (c == '=')
            pad++;
        else if (pad || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '+' || c == '/'))
            return false;
        n++;
    }
    return n % 4 == 0 && pad <= 2;
}

static bool is_hex(struct tc_str s, size_t n)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
              ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'f')))
            return false;
    return s.n == n;
}

static void check_word(struct tc_cap_report *r, const struct tc_xml *x, const struct element *e)
{
    char words[300];
    size_t at = 0;
    for (const char *const *w = e->words; *w; w++) {
        if (tc_str_is(tc_xml_text(x), *w))
            return;
        int n = snprintf(words + at, sizeof words - at, "%s%s", at ? ", " : "", *w);
        at += n > 0 && (size_t)n < sizeof words - at ? (size_t)n : 0;
    }
    struct tc_str is = tc_xml_text(x);
    if (is.n > 40)
        is.n = 40;
    tc_cap_wrong(r, x, true, "\"%.*s\" is not one of %s", TC_FMT(is), words);
}

static void check_text(struct tc_cap_report *r, const struct tc_xml *x)
{
    struct tc_str t = tc_xml_text(x);
    for (size_t i = 0; i + 2 < t.n; i++) {
        bool tag = t.p[i] == '<' &&
                   (t.p[i + 1] == '/' || (t.p[i + 1] | 0x20) == 'b' || (t.p[i + 1] | 0x20) == 'p');
        bool entity = t.p[i] == '&' && (t.p[i + 1] == '#' ||
                                        ((t.p[i + 1] | 0x20) >= 'a' && (t.p[i + 1] | 0x20) <= 'z'));
        if (tag || (entity && memchr(t.p + i, ';', t.n - i < 9 ? t.n - i : 9))) {
            tc_cap_wrong(r, x, false, "text should hold no HTML tags or entities");
            return;
        }
    }
    if (tc_str_is(x->name, "headline") && t.n > 140)
        tc_cap_wrong(r, x, false, "a headline should be short: at most 140 characters");
}

static void check_value(struct tc_cap_report *r, const struct tc_xml *x, const struct element *e)
{
    struct tc_str t = tc_xml_text(x);
    struct tc_diag d;
    double number, circle[3], *points;
    uint64_t count;
    size_t n;
    tc_time at;
    tc_diag_init(&d);
    if (t.n == 0) {
        if (e->kind != TEXT && e->required)
            tc_cap_wrong(r, x, true, "<%s> is empty", e->name);
        else if (e->required)
            tc_cap_wrong(r, x, false, "<%s> should not be empty", e->name);
        else if (e->kind != TEXT && e->kind != URI && e->kind != BASE64 && e->kind != DIGEST)
            tc_cap_wrong(r, x, true, "<%s> is empty", e->name);
        return;
    }
    switch (e->kind) {
    case NAME:
        for (size_t i = 0; i < t.n; i++)
            if (memchr(" ,<&\t\r\n", t.p[i], 7)) {
                tc_cap_wrong(r, x, true, "<%s> must hold no space, comma, '<' or '&'", e->name);
                break;
            }
        break;
    case TIME:
        if (tc_cap_time(t, &at, &d))
            tc_cap_wrong(r, x, true, "%s", d.message);
        else if (tc_str_ends(t, TC_STR("+00:00")))
            tc_cap_wrong(r, x, false, "UTC should be written -00:00");
        break;
    case WORD:
        check_word(r, x, e);
        break;
    case LANGUAGE:
        if (!is_language(t))
            tc_cap_wrong(r, x, true, "\"%.*s\" is not a language code such as en-GB", TC_FMT(t));
        break;
    case URI:
        if (memchr(t.p, ' ', t.n) || memchr(t.p, '<', t.n))
            tc_cap_wrong(r, x, true, "<%s> is not a URI", e->name);
        break;
    case COUNT:
        if (tc_num_u64(t, INT64_MAX, &count))
            tc_cap_wrong(r, x, true, "<%s> must be a whole number", e->name);
        break;
    case DECIMAL:
        if (memchr(t.p, 'e', t.n) || memchr(t.p, 'E', t.n) || tc_num_double(t, -1e6, 1e6, &number))
            tc_cap_wrong(r, x, true, "<%s> must be a decimal number of feet", e->name);
        break;
    case BASE64:
        if (!is_base64(t))
            tc_cap_wrong(r, x, true, "<%s> is not base64", e->name);
        break;
    case DIGEST:
        if (!is_hex(t, 40))
            tc_cap_wrong(r, x, false, "<digest> should be a SHA-1 in 40 hexadecimal digits");
        break;
    case AREA_POLYGON:
        if (tc_cap_polygon(t, r->arena, &points, &n, &d))
            tc_cap_wrong(r, x, true, "%s", d.message);
        break;
    case AREA_CIRCLE:
        if (tc_cap_circle(t, circle, &d))
            tc_cap_wrong(r, x, true, "%s", d.message);
        break;
    case TEXT:
        check_text(r, x);
        break;
    case GROUP:
        break;
    }
}

/* ---- order and number ---- */

static const struct element *row_of(const struct element *table, struct tc_str name)
{
    for (; table->name; table++)
        if (tc_str_is(name, table->name))
            return table;
    return NULL;
}

static void check_missing(struct tc_cap_report *r, const struct tc_xml *parent,
                          const struct element *table)
{
    for (const struct element *e = table; e->name; e++)
        if (e->required && !tc_xml_child(parent, e->name))
            tc_cap_wrong(r, parent, true, "<%.*s> lacks <%s>", TC_FMT(parent->name), e->name);
}

/* Checks the children of parent against the table; child groups are left to the caller. */
static void check_children(struct tc_cap_report *r, const struct tc_xml *parent,
                           const struct element *table, bool top)
{
    const struct element *last = table;
    const struct tc_xml *before = NULL;
    bool signature = false;
    for (const struct tc_xml *x = parent->child; x; x = x->next) {
        if (top && tc_str_is(x->ns, DSIG_NS)) {
            if (signature)
                tc_cap_wrong(r, x, false, "an alert should have one signature");
            signature = true;
            continue;
        }
        const struct element *e = tc_str_eq(x->ns, parent->ns) ? row_of(table, x->name) : NULL;
        if (!e) {
            tc_cap_wrong(r, x, true, "<%.*s> is not an element of <%.*s> in CAP 1.2",
                         TC_FMT(x->name), TC_FMT(parent->name));
            continue;
        }
        if (e < last || signature)
            tc_cap_wrong(r, x, true, "<%s> must stand before <%s>", e->name,
                         signature ? "Signature" : last->name);
        else if (e == last && before && !e->many)
            tc_cap_wrong(r, x, true, "<%s> may stand only once", e->name);
        if (e >= last)
            last = e;
        before = x;
        if (e->kind != GROUP && x->child)
            tc_cap_wrong(r, x, true, "<%s> holds text, not elements", e->name);
        else if (e->kind != GROUP)
            check_value(r, x, e);
    }
    check_missing(r, parent, table);
}

/* The table of a group element whose parent is a known group itself, NULL for anything else. */
static const struct element *inside_of(const struct tc_xml *x, const struct tc_xml *top)
{
    const struct tc_xml *up = x->parent;
    const struct element *table = up == top                     ? alert
                                  : tc_str_is(up->name, "info") ? info
                                  : tc_str_is(up->name, "area") ? area
                                                                : resource;
    const struct element *e = tc_str_eq(x->ns, top->ns) ? row_of(table, x->name) : NULL;
    return e ? e->inside : NULL;
}

/* Walks alert, info, area: only known groups are entered, so the walk is four levels deep. */
void tc_cap_check_elements(struct tc_cap_report *r, const struct tc_xml *top)
{
    check_children(r, top, alert, true);
    const struct tc_xml *x = top->child;
    while (x) {
        const struct element *inside = inside_of(x, top);
        if (inside) {
            check_children(r, x, inside, false);
            if (x->child) {
                x = x->child;
                continue;
            }
        }
        while (x != top && !x->next)
            x = x->parent;
        x = x == top ? NULL : x->next;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml.h"

#include "base/limits.h"

#include <libxml/xmlreader.h>
#include <pthread.h>

/* ---- what the parser must never see ---- */

static void at_line(struct tc_str text, size_t offset, struct tc_diag *d)
{
    uint64_t line = 1;
    for (size_t i = 0; i < offset && i < text.n; i++)
        line += text.p[i] == '\n';
    if (d)
        tc_diag_at(d, line, 0, offset);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(struct tc_str t, size_t i)
{
    while (i < t.n && is_space(t.p[i]))
        i++;
    return i;
}

static bool here(struct tc_str t, size_t i, const char *z)
{
    size_t n = strlen(z);
    return i <= t.n && t.n - i >= n && memcmp(t.p + i, z, n) == 0;
}

/* Index after the next z at or after i, or the end. */
static size_t after(struct tc_str t, size_t i, const char *z)
{
    size_t at = tc_str_find(tc_str_view(t.p + i, t.n - i), tc_str_cstr(z));
    return at == SIZE_MAX ? t.n : i + at + strlen(z);
}

static size_t skip_bom(struct tc_str t)
{
    return here(t, 0, "\xef\xbb\xbf") ? 3 : 0;
}

bool tc_xml_looks_like(struct tc_str t)
{
    size_t i = skip_space(t, skip_bom(t));
    return i < t.n && t.p[i] == '<';
}

static bool known_encoding(struct tc_str name)
{
    static const char *const known[] = {"UTF-8",     "US-ASCII",    "ASCII",       "ISO-8859-1",
                                        "ISO8859-1", "ISO-8859-15", "windows-1252"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (tc_str_eq_nocase(name, tc_str_cstr(known[i])))
            return true;
    return false;
}

/* The encoding in "<?xml ... encoding = 'X' ...?>"; empty when it is not said. */
static struct tc_str declared_encoding(struct tc_str declaration)
{
    size_t at = tc_str_find(declaration, TC_STR("encoding"));
    if (at == SIZE_MAX)
        return (struct tc_str){0};
    size_t i = skip_space(declaration, at + 8);
    if (!here(declaration, i, "="))
        return (struct tc_str){0};
    i = skip_space(declaration, i + 1);
    if (i >= declaration.n)
        return (struct tc_str){0};
    size_t end = i + 1;
    while (end < declaration.n && declaration.p[end] != declaration.p[i])
        end++;
    return tc_str_view(declaration.p + i + 1, end - i - 1);
}

/* Reads what may stand before the root: declaration, comments, instructions. A document type is
 * the only other thing that XML allows there, and it is refused. */
static tc_err check_prolog(struct tc_str t, struct tc_diag *d)
{
    if (memchr(t.p, 0, t.n))
        return tc_diag_set(d, TC_E_UNSUPPORTED,
                           "the encoding of this XML is not one that is read "
                           "(UTF-8, ISO-8859-1)");
    size_t i = skip_bom(t);
    if (here(t, i, "<?xml") && i + 5 < t.n && is_space(t.p[i + 5])) {
        size_t end = after(t, i, "?>");
        struct tc_str encoding = declared_encoding(tc_str_view(t.p + i, end - i));
        if (encoding.n && !known_encoding(encoding)) {
            at_line(t, i, d);
            return tc_diag_set(d, TC_E_UNSUPPORTED, "XML in encoding %.*s is not read",
                               TC_FMT(encoding));
        }
        i = end;
    }
    for (;;) {
        i = skip_space(t, i);
        if (here(t, i, "<?")) {
            i = after(t, i, "?>");
        } else if (here(t, i, "<!--")) {
            i = after(t, i + 4, "-->");
        } else if (here(t, i, "<!")) {
            at_line(t, i, d);
            return tc_diag_set(d, TC_E_INVALID,
                               "a document type declaration (DTD, entities) is "
                               "never read");
        } else {
            return TC_OK;
        }
    }
}

/* ---- the tree ---- */

struct build {
    struct tc_arena *a;
    struct tc_xml *root, *open, *last; /* last: newest child of open, NULL = none yet */
    struct tc_diag *d;
    bool failed; /* the parser's own error is in d */
};

/* What libxml2 could not get while this thread reads: it says so only now and then, and may go on
 * without the attribute that it had no room for. Its allocators are those that were set before,
 * whoever set them; they only note what fails. */
static _Thread_local bool starved;
static xmlMallocFunc next_malloc;
static xmlReallocFunc next_realloc;
static xmlStrdupFunc next_strdup;
static xmlFreeFunc next_free;

static void *note(void *p)
{
    starved = starved || !p;
    return p;
}

static void *noting_malloc(size_t n)
{
    return note(next_malloc(n));
}

static void *noting_realloc(void *p, size_t n)
{
    return note(next_realloc(p, n));
}

static char *noting_strdup(const char *s)
{
    return note(next_strdup(s));
}

static void set_up(void)
{
    xmlInitParser();
    if (xmlMemGet(&next_free, &next_malloc, &next_realloc, &next_strdup) == 0)
        (void)xmlMemSetup(next_free, noting_malloc, noting_realloc, noting_strdup);
}

/* Only the first complaint is kept: what follows it is noise. */
static void complain(void *arg, xmlErrorPtr error)
{
    struct build *b = arg;
    if (b->failed || error->level < XML_ERR_ERROR)
        return;
    b->failed = true;
    struct tc_str says = tc_str_trim(tc_str_cstr(error->message));
    if (b->d)
        tc_diag_at(b->d, error->line > 0 ? (uint64_t)error->line : 0, 0, UINT64_MAX);
    (void)tc_diag_set(b->d, TC_E_SYNTAX, "not well-formed XML: %.*s", TC_FMT(says));
}

static tc_err no_room(struct build *b)
{
    tc_err e = tc_arena_err(b->a);
    return tc_diag_set(b->d, e ? e : TC_E_NOMEM, "the XML takes too much memory");
}

static struct tc_str copy(struct build *b, const xmlChar *z)
{
    return z && *z ? tc_arena_dup(b->a, tc_str_cstr((const char *)z)) : TC_STR("");
}

static tc_err add_attrs(struct build *b, xmlTextReaderPtr r, struct tc_xml *x)
{
    struct tc_xml_attr **to = &x->attrs;
    while (xmlTextReaderMoveToNextAttribute(r) == 1) {
        struct tc_xml_attr *at = tc_arena_zalloc(b->a, 1, sizeof *at);
        if (!at)
            return no_room(b);
        at->name = copy(b, xmlTextReaderConstLocalName(r));
        at->value = copy(b, xmlTextReaderConstValue(r));
        if (!at->name.p || !at->value.p)
            return no_room(b);
        *to = at;
        to = &at->next;
    }
    (void)xmlTextReaderMoveToElement(r);
    return TC_OK;
}

static void close_element(struct build *b)
{
    b->last = b->open;
    b->open = b->open->parent;
}

static tc_err open_element(struct build *b, xmlTextReaderPtr r)
{
    struct tc_xml *x = tc_arena_zalloc(b->a, 1, sizeof *x);
    if (!x)
        return no_room(b);
    x->line = (uint64_t)xmlGetLineNo(xmlTextReaderCurrentNode(r));
    x->ns = copy(b, xmlTextReaderConstNamespaceUri(r));
    x->name = copy(b, xmlTextReaderConstLocalName(r));
    x->parent = b->open;
    bool empty = xmlTextReaderIsEmptyElement(r) == 1;
    tc_err e = x->ns.p && x->name.p ? add_attrs(b, r, x) : no_room(b);
    if (e)
        return e;
    if (b->last)
        b->last->next = x;
    else if (b->open)
        b->open->child = x;
    else
        b->root = x;
    b->open = x;
    b->last = NULL;
    if (empty)
        close_element(b);
    return TC_OK;
}

static tc_err add_text(struct build *b, const char *z)
{
    struct tc_xml *x = b->open;
    size_t n = strlen(z);
    if (!x || n == 0)
        return TC_OK;
    char *joined = tc_arena_alloc(b->a, x->text.n + n);
    if (!joined)
        return no_room(b);
    if (x->text.n)
        memcpy(joined, x->text.p, x->text.n);
    memcpy(joined + x->text.n, z, n);
    x->text = tc_str_view(joined, x->text.n + n);
    return TC_OK;
}

static tc_err add_node(struct build *b, xmlTextReaderPtr r)
{
    switch (xmlTextReaderNodeType(r)) {
    case XML_READER_TYPE_ELEMENT:
        if (xmlTextReaderDepth(r) >= TC_MAX_DEPTH) {
            if (b->d)
                tc_diag_at(b->d, (uint64_t)xmlTextReaderGetParserLineNumber(r), 0, UINT64_MAX);
            return tc_diag_set(b->d, TC_E_LIMIT, "the XML is nested too deep");
        }
        return open_element(b, r);
    case XML_READER_TYPE_END_ELEMENT:
        close_element(b);
        return TC_OK;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        return add_text(b, (const char *)xmlTextReaderConstValue(r));
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
    case XML_READER_TYPE_ENTITY:
        return tc_diag_set(b->d, TC_E_INVALID,
                           "a document type declaration (DTD, entities) is "
                           "never read");
    default:
        return TC_OK;
    }
}

static tc_err read_all(struct build *b, xmlTextReaderPtr r)
{
    int more;
    while ((more = xmlTextReaderRead(r)) == 1) {
        tc_err e = add_node(b, r);
        if (e)
            return e;
    }
    if (starved)
        return tc_diag_set(b->d, TC_E_NOMEM, "out of memory");
    if (b->failed)
        return TC_E_SYNTAX;
    if (more < 0 || !b->root)
        return tc_diag_set(b->d, TC_E_SYNTAX, "not well-formed XML");
    return TC_OK;
}

tc_err tc_xml_read(struct tc_str text, size_t max, struct tc_arena *a, struct tc_xml **root,
                   struct tc_diag *d)
{
    if (text.n > max || text.n > INT32_MAX)
        return tc_diag_set(d, TC_E_LIMIT, "the XML is larger than %zu bytes", max);
    tc_err e = text.n ? check_prolog(text, d) : tc_diag_set(d, TC_E_SYNTAX, "the input is empty");
    if (e)
        return e;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, set_up);
    starved = false;
    struct build b = {.a = a, .d = d};
    xmlTextReaderPtr r =
        xmlReaderForMemory(text.p, (int)text.n, NULL, NULL, XML_PARSE_NONET | XML_PARSE_BIG_LINES);
    if (!r)
        return tc_diag_set(d, TC_E_NOMEM, "out of memory");
    xmlTextReaderSetStructuredErrorHandler(r, complain, &b);
    e = read_all(&b, r);
    xmlFreeTextReader(r);
    if (!e)
        *root = b.root;
    return e;
}

/* ---- walking ---- */

struct tc_xml *tc_xml_child(const struct tc_xml *x, const char *name)
{
    for (struct tc_xml *c = x ? x->child : NULL; c; c = c->next)
        if (tc_str_is(c->name, name) && tc_str_eq(c->ns, x->ns))
            return c;
    return NULL;
}

struct tc_xml *tc_xml_find(struct tc_xml *x, const char *ns, const char *name)
{
    const struct tc_xml *top = x;
    while (x) {
        if (tc_str_is(x->name, name) && tc_str_is(x->ns, ns))
            return x;
        if (x->child) {
            x = x->child;
            continue;
        }
        while (x != top && !x->next)
            x = x->parent;
        if (x == top)
            return NULL;
        x = x->next;
    }
    return NULL;
}

struct tc_str tc_xml_text(const struct tc_xml *x)
{
    return x ? tc_str_trim(x->text) : (struct tc_str){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A small, bounded tree of an XML 1.0 document (libxml2 text reader). Hostile by assumption: a
 * document type declaration is refused before the parser sees it, so there are no entities but the
 * five predefined and character references, no expansion, no external anything, no network. Depth
 * is bounded by TC_MAX_DEPTH, size by max and by the arena. Encodings: UTF-8, US-ASCII, ISO-8859-1,
 * ISO-8859-15 and windows-1252, by declaration; others are UNSUPPORTED.
 *
 * All nodes and views live in the arena and are UTF-8. Comments and processing instructions are
 * left out. Any thread, one arena each. */
#ifndef TC_CODEC_XML_H
#define TC_CODEC_XML_H

#include "base/arena.h"

struct tc_xml_attr {
    struct tc_str name, value; /* local name */
    struct tc_xml_attr *next;
};

struct tc_xml {
    struct tc_str ns; /* namespace, empty = none */
    struct tc_str name;
    struct tc_str text; /* all text directly inside, joined, not trimmed */
    uint64_t line;
    struct tc_xml_attr *attrs;
    struct tc_xml *parent, *child, *next; /* first child, next sibling */
};

/* SYNTAX, LIMIT, UNSUPPORTED, INVALID (a document type) or NOMEM, with the line in d. */
tc_err tc_xml_read(struct tc_str text, size_t max, struct tc_arena *a, struct tc_xml **root,
                   struct tc_diag *d) TC_MUST_USE;

/* First child element of this name in the same namespace, NULL when there is none. */
struct tc_xml *tc_xml_child(const struct tc_xml *x, const char *name);
/* First element of this namespace and name in the tree under x (x included), in document order. */
struct tc_xml *tc_xml_find(struct tc_xml *x, const char *ns, const char *name);
/* Trimmed text; empty for NULL. */
struct tc_str tc_xml_text(const struct tc_xml *x);
/* Looks like XML: after a byte order mark and white space comes '<'. */
bool tc_xml_looks_like(struct tc_str text);

#endif

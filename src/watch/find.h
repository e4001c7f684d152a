/* SPDX-License-Identifier: Apache-2.0 */
/* Searching a node: the reader "index" that keeps the derived index of index.h up with the journal,
 * and one page of an answer out of it for somebody who asks.
 *
 * index.db may be absent, deleted, damaged or of another journal: it is made again while the node
 * runs. Until the reader has caught up, answers say how far behind they are (tc_find_page.lag), and
 * a node whose index cannot be opened says BUSY; nothing is ever missing in silence.
 *
 * An answer is as of the entry that the index had reached when its first page was asked for: later
 * pages neither lose nor repeat an object, whatever comes in meanwhile. Pages and whether there is
 * another one are reckoned over what the principal may read, nothing else. Any thread. */
#ifndef TC_WATCH_FIND_H
#define TC_WATCH_FIND_H

#include "node/node.h"
#include "watch/index.h"

struct tc_find;

/* Adds the reader to the node; before tc_node_start. Free after tc_node_close. */
tc_err tc_find_watch(struct tc_node *n, struct tc_find **out) TC_MUST_USE;
void tc_find_free(struct tc_find *f); /* NULL is fine */

/* What is looked for: exactly one of the first four, empty = not given. Views must live as long as
 * the call. */
struct tc_find_ask {
    struct tc_str words;        /* all of them, in any order; "pow*" is the beginning of a word */
    struct tc_str value;        /* an address, a hash, a plate ... as extract.h reads them */
    struct tc_str ref;          /* objects that refer to this id */
    struct tc_str box;          /* "west,south,east,north" in degrees (RFC 7946 section 5) */
    const struct tc_str *types; /* only of these types; none = any */
    size_t n_types;
    size_t limit;     /* objects of this page, 1 to TC_MAX_PAGE */
    size_t max_bytes; /* of this page; one object is always given */
    uint64_t at;      /* tc_find_page.next of the page before, 0 = the first */
};

struct tc_find_page {
    size_t objects;
    bool hot;      /* too many hold the value: the newest at hand are given, there are more */
    uint64_t next; /* 0 = that was all. Speaks of the journal: seal it before it leaves the node */
    uint64_t lag;  /* entries that the index had not reached */
};

/* Appends the objects to out, as they are stored, with commas between. USAGE: not exactly one
 * thing is looked for, or it is none; BUSY: there is no index now. */
tc_err tc_find_page(struct tc_node *n, const struct tc_principal *p, const struct tc_find_ask *a,
                    struct tc_buf *out, struct tc_find_page *page, struct tc_diag *d) TC_MUST_USE;
/* The same in an index, of a value in lists, that the caller holds open. */
tc_err tc_find_in(struct tc_index *x, const struct tc_principal *p, const struct tc_find_ask *a,
                  struct tc_buf *out, struct tc_find_page *page, struct tc_diag *d) TC_MUST_USE;
struct tc_correlate;
tc_err tc_find_value(struct tc_node *n, struct tc_correlate *c, const struct tc_principal *p,
                     const struct tc_find_ask *a, struct tc_buf *out, struct tc_find_page *page,
                     struct tc_diag *d) TC_MUST_USE;
/* True when it is a value that is looked for: lists answer it (correlate.h), not the index. */
bool tc_find_by_value(const struct tc_find_ask *a);

/* Calls fn with the index of a running node, which nobody takes away meanwhile. BUSY: there is none
 * now. */
tc_err tc_find_use(struct tc_node *n, tc_err (*fn)(void *arg, struct tc_index *x), void *arg,
                   struct tc_diag *d) TC_MUST_USE;

/* The operation behind "tocsin search" (find_ops.c); once, before the first tc_node_call. */
tc_err tc_find_ops(void) TC_MUST_USE;
/* True when the index of this node has come to the head and holds nothing of what was deleted; also
 * when it keeps none. */
bool tc_find_tidy(const struct tc_node *n);
/* True when this node keeps an index (the reader was added to it). */
bool tc_find_runs(const struct tc_node *n);

#endif

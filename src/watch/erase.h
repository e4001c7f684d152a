/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing objects for good: all their versions, wherever who asks may erase them, and what the node
 * concluded from them (its findings, sightings and warnings repeat what they said). In the journal
 * it is an entry like any other, in which the id, the place and the time are left; the audit log
 * says who and why, and it says so first.
 *
 * The bytes go out of journal.db in the transaction itself, out of the log within moments, out of
 * index.db and the lists of values when their readers come to the entry. Each of them finishes
 * after a crash, too: the journal empties its log at each start, the index keeps "untidy" beside
 * its place, a list of values knows up to which deletion it is clean. */
#ifndef TC_WATCH_ERASE_H
#define TC_WATCH_ERASE_H

#include "node/node.h"

struct tc_erase_ask {
    const struct tc_principal *who; /* &tc_principal_system: the node itself, by its rules */
    const struct tc_str *ids;
    size_t n;
    struct tc_str why;       /* must be given; at most TC_ERASE_WHY bytes */
    struct tc_str how, from; /* for the audit log: route or command, address */
    bool keep_conclusions;
    uint32_t only_org; /* what this organisation posted of them, 0 = any */
};
#define TC_ERASE_WHY  500
#define TC_ERASE_MOST 1000 /* ids of one call */

struct tc_erased {
    size_t objects, entries; /* of those asked for */
    size_t conclusions;      /* objects of the node's own that went with them */
    char waits[37];          /* of the act that waits for a second person; "" = it is done */
};

/* All or nothing. NOTFOUND: one is not there for who; DENIED: neither is it of who's organisation
 * nor is who a steward; USAGE: no reason. Durable when it returns. Any thread but the journal's
 * writer. Where one of the communities that the objects are in wants two people for a deletion,
 * nothing is done yet and out->waits names the act; what the node itself erases by its rules goes
 * by the rules alone. */
tc_err tc_erase(struct tc_node *n, const struct tc_erase_ask *ask, struct tc_erased *out,
                struct tc_diag *d) TC_MUST_USE;
/* The same for what a second person approved. */
tc_err tc_erase_approved(struct tc_node *n, const struct tc_erase_ask *ask, struct tc_erased *out,
                         struct tc_diag *d) TC_MUST_USE;
/* May who erase this object? NOTFOUND, DENIED. */
tc_err tc_erase_may(struct tc_node *n, const struct tc_principal *who, struct tc_str id,
                    struct tc_diag *d) TC_MUST_USE;
/* What readers concluded from an object that they had read before it was erased, and append only
 * afterwards, goes by this reader ("erasures"): it comes to an erasure when all others have passed
 * it, so none of them holds the object any more, and erases what names it. That is an erasure too,
 * so what was concluded from the conclusion follows; until nothing is left. Its place is durable:
 * after a crash it goes on. Before tc_node_start. */
tc_err tc_erase_watch(struct tc_node *n) TC_MUST_USE;
/* Waits until no file of the node holds what was deleted. TIMEOUT. Where nobody serves the node it
 * does the readers' work itself. */
tc_err tc_erase_wait(struct tc_node *n, int64_t timeout_us, struct tc_diag *d) TC_MUST_USE;

/* "erase": {"ids":[...], "why", "keep_conclusions", "as"}
 *          answers {"objects","entries","conclusions","finished"}
 * Once, before the first tc_node_call. */
tc_err tc_erase_ops(void) TC_MUST_USE;

#endif

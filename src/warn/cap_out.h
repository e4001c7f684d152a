/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings as CAP 1.2 (OASIS Standard, 1 July 2010) and as an Atom feed (RFC 4287) of links to
 * them. Writing only; what comes out is valid by the schema and by the rules that it cannot say:
 * times with an offset and never "Z", identifiers without space, comma, '<' and '&', polygons and
 * circles of WGS 84 degrees, one info block for each language with the same category, scope
 * Private with the addressee, a note in everything that is not actual. */
#ifndef TC_WARN_CAP_OUT_H
#define TC_WARN_CAP_OUT_H

#include "node/node.h"
#include "warn/message.h"

/* Radius in kilometres of the circle that stands for a site whose outline is not known. */
#define TC_CAP_SITE_KM "0.5"

/* Appends the whole XML document. INVALID for a draft that was never sent: there is no CAP
 * message before the release. */
tc_err tc_cap_write(const struct tc_message *m, struct tc_buf *out) TC_MUST_USE;

/* Text content or attribute value: & < > " ' escaped, control characters that XML 1.0 forbids and
 * malformed UTF-8 shown as U+FFFD. */
void tc_cap_escape(struct tc_buf *out, struct tc_str s);

/* ---- for the routes: reads as the principal, so what it may not read is NOTFOUND ---- */

/* The CAP message of one warning ("warning--..."). */
tc_err tc_cap_message(struct tc_node *n, const struct tc_principal *p, struct tc_str id,
                      struct tc_buf *out) TC_MUST_USE;

struct tc_cap_feed_options {
    struct tc_str base; /* "https://host:port", no slash at the end; from the settings */
    size_t limit;       /* entries, newest first; 0 = 100 */
    uint64_t before;    /* warnings older than this sequence number; 0 = the newest */
    /* How a link writes a sequence number ("?before="), since the number itself says how much there
     * is that the reader may not see; text has 64 bytes. NULL = plainly. */
    void (*seal)(void *arg, uint64_t seq, char *text);
    void *arg;
};

/* The Atom feed of the warnings that the principal may read: base + "/cap/" is its address,
 * base + "/cap/" + id the address of a message. A rel="next" link leads to older ones. */
tc_err tc_cap_feed(struct tc_node *n, const struct tc_principal *p,
                   const struct tc_cap_feed_options *o, struct tc_buf *out) TC_MUST_USE;

#endif

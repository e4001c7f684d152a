/* SPDX-License-Identifier: Apache-2.0 */
/* The register in memory: assets, who needs whom, where they stand; kept in step with the journal
 * row by row (new versions, revocations, deletions), and made into the compact graph when somebody
 * asks for it after a change. Read as the system: a cascade runs over everybody's dependencies.
 * What leaves here is cut elsewhere (src/warn).
 *
 * Only the word of who has standing (standing.h) counts: an asset is described by a keeper of the
 * register or by the organisation that operates it; who needs whom, and where an asset stands, is
 * said by a keeper or by the operator of the (dependent) asset. What anybody else posted about
 * them is passed over, whatever its version.
 *
 * A supplier that no asset object describes counts as an asset that never fails by itself: an
 * object that was withdrawn or has not come yet is no outage. One thread. */
#ifndef TC_WATCH_LIVE_H
#define TC_WATCH_LIVE_H

#include "impact/patch.h"
#include "journal/journal.h"
#include "watch/facts.h"
#include "watch/standing.h"

struct tc_live;

struct tc_live_asset { /* views live until this asset changes */
    struct tc_str id;
    struct tc_asset_facts facts; /* placed also by a located-at relationship */
    bool present;                /* false: only named as a supplier, or revoked */
    uint32_t node;               /* its number in the graph of the last build, or TC_NONE */
};

/* who must outlive it; NULL = out of memory. */
struct tc_live *tc_live_new(struct tc_standing *who);
void tc_live_free(struct tc_live *r);

/* The object types that it wants to see, for struct tc_query. */
extern const struct tc_str tc_live_types[];
extern const size_t tc_live_type_count;

/* Takes one row (others than its types change nothing). j: to read what is left after a deletion.
 * LIMIT or NOMEM or what the journal says; then the register is as it was. */
tc_err tc_live_row(struct tc_live *r, struct tc_journal *j, const struct tc_row *row) TC_MUST_USE;
/* Reads the whole journal into an empty register: for commands. */
tc_err tc_live_load(struct tc_live *r, struct tc_journal *j) TC_MUST_USE;

/* The part of it that p may read. */
tc_err tc_live_load_as(struct tc_live *r, struct tc_journal *j,
                       const struct tc_principal *p) TC_MUST_USE;

/* Counts changes: another number than before = ask for the graph again. */
uint64_t tc_live_changes(const struct tc_live *r);
/* Builds it when something changed since the last call. Borrowed until the next call. A group that
 * cannot be (need over its suppliers, a share that is missing) is left out and logged. */
tc_err tc_live_graph(struct tc_live *r, const struct tc_graph **out, struct tc_diag *d) TC_MUST_USE;

/* The same, but for what the graph says of an asset by itself (name, sector, country, people,
 * place, common causes: as of when it was made; tc_live_asset knows), and what changed since the
 * last call of either: for who keeps something that rests on the graph. A change of who needs whom
 * is patched into the graph (tc_graph_set_groups) where that can be done and is of a few assets; a
 * changed name, place, operator or number of people concerns no graph. A new asset, and a change
 * that cannot be patched, makes a new graph. */
struct tc_live_news {
    bool whole;                           /* another graph; nothing else is said then */
    const struct tc_graph_patch *patches; /* in the order in which they were made */
    size_t n_patches;
    const uint32_t *assets; /* those of which something else changed, each once */
    size_t n_assets;
};
/* news lives until the next call. */
tc_err tc_live_follow(struct tc_live *r, const struct tc_graph **out, struct tc_live_news *news,
                      struct tc_diag *d) TC_MUST_USE;

/* A graph of the caller's, under the ids that the register's files used (STIX ids where there are
 * none or two are the same), in their order: what tocsin impact says of a node is what it says of
 * the files. */
tc_err tc_live_graph_own(struct tc_live *r, struct tc_graph **out, struct tc_diag *d) TC_MUST_USE;

uint32_t tc_live_count(const struct tc_live *r);
bool tc_live_find(const struct tc_live *r, struct tc_str id, uint32_t *asset);
/* The same; makes a slot that is not present when the id is new. */
tc_err tc_live_intern(struct tc_live *r, struct tc_str id, uint32_t *asset) TC_MUST_USE;
const struct tc_live_asset *tc_live_asset(const struct tc_live *r, uint32_t asset);
/* The asset behind a number of the graph of the last build. */
uint32_t tc_live_of_node(const struct tc_live *r, uint32_t node);

/* Calls with each present asset that stands in the area. */
void tc_live_in_area(const struct tc_live *r, const struct tc_area *area,
                     void (*hit)(void *arg, uint32_t asset), void *arg);

#endif

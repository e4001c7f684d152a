/* SPDX-License-Identifier: Apache-2.0 */
/* What a list of failures comes to: people, countries, sectors. People are added up as the register
 * has them; who counts nobody twice gives them to the assets that serve them (homes, patients), not
 * to those behind. */
#ifndef TC_IMPACT_TALLY_H
#define TC_IMPACT_TALLY_H

#include "impact/cascade.h"

struct tc_tally_part {
    struct tc_str name; /* two letters; a sector as the register writes it */
    uint32_t assets;
    uint64_t people;
};

struct tc_tally {
    uint64_t people;
    struct tc_tally_part *countries; /* by code; assets without a country are not in it */
    struct tc_tally_part *sectors;   /* by name; assets without a sector are not in it */
    size_t country_count, sector_count;
    uint32_t member_states; /* of the EU, among the countries */
};

/* Names point into the graph. NOMEM. */
tc_err tc_tally_make(const struct tc_graph *g, const struct tc_failure *f, size_t n,
                     struct tc_tally *out) TC_MUST_USE;
void tc_tally_fini(struct tc_tally *t);
bool tc_country_is_member(struct tc_str code); /* of the EU; EL and GR are one */

#endif

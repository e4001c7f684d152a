/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/tally.h"

#include <stdlib.h>

bool tc_country_is_member(struct tc_str code)
{
    static const char members[] = "ATBEBGCYCZDEDKEEELESFIFRGRHRHUIEITLTLULVMTNLPLPTROSESISK";
    for (const char *p = members; code.n == 2 && *p; p += 2)
        if (p[0] == code.p[0] && p[1] == code.p[1])
            return true;
    return false;
}

static int by_name(const void *x, const void *y)
{
    const struct tc_tally_part *a = x, *b = y;
    return tc_str_cmp(a->name, b->name);
}

/* Part number `at` of a table that grows as numbers are seen for the first time. */
static struct tc_tally_part *part(struct tc_tally_part *parts, size_t *count, uint32_t *number,
                                  struct tc_str name)
{
    if (*number == 0) {
        parts[*count].name = name;
        *number = (uint32_t)++ * count;
    }
    return &parts[*number - 1];
}

static size_t country_slot(const struct tc_graph *g, uint32_t v)
{
    return (size_t)((unsigned char)g->country[v][0] << 8 | (unsigned char)g->country[v][1]);
}

tc_err tc_tally_make(const struct tc_graph *g, const struct tc_failure *f, size_t n,
                     struct tc_tally *out)
{
    struct tc_tally t = {.people = 0};
    size_t most = n < 65536 ? n : 65536;
    uint32_t *country = calloc(65536, sizeof *country);
    uint32_t *sector = calloc(g->sector_count + 1u, sizeof *sector);
    t.countries = calloc(most + 1, sizeof *t.countries);
    t.sectors = calloc(most + 1, sizeof *t.sectors);
    tc_err e = country && sector && t.countries && t.sectors ? TC_OK : TC_E_NOMEM;
    for (size_t i = 0; !e && i < n; i++) {
        uint32_t v = f[i].asset;
        t.people += g->people[v];
        struct tc_str code = tc_graph_country(g, v), name = g->sectors[g->sector[v]];
        struct tc_tally_part *p;
        if (code.n) {
            p = part(t.countries, &t.country_count, &country[country_slot(g, v)], code);
            p->assets++;
            p->people += g->people[v];
        }
        if (name.n) {
            p = part(t.sectors, &t.sector_count, &sector[g->sector[v]], name);
            p->assets++;
            p->people += g->people[v];
        }
    }
    free(country);
    free(sector);
    if (e) {
        tc_tally_fini(&t);
        return e;
    }
    qsort(t.countries, t.country_count, sizeof *t.countries, by_name);
    qsort(t.sectors, t.sector_count, sizeof *t.sectors, by_name);
    bool greece = false;
    for (size_t i = 0; i < t.country_count; i++) {
        struct tc_str code = t.countries[i].name;
        bool greek = tc_str_is(code, "GR") || tc_str_is(code, "EL");
        t.member_states += tc_country_is_member(code) && !(greek && greece);
        greece = greece || greek;
    }
    *out = t;
    return TC_OK;
}

void tc_tally_fini(struct tc_tally *t)
{
    free(t->countries);
    free(t->sectors);
    *t = (struct tc_tally){.people = 0};
}

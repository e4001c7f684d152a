/* SPDX-License-Identifier: Apache-2.0 */
#include "impact/compare.h"

#include <stdlib.h>

const char *tc_change_kind_word(enum tc_change_kind k)
{
    static const char *const words[TC_CHANGE_KINDS] = {"new", "earlier", "later", "spared"};
    return words[k];
}

/* When each asset fails; TC_NEVER = not. */
static void times_of(const struct tc_graph *g, const struct tc_failure *f, size_t n, uint32_t *at)
{
    for (uint32_t v = 0; v < g->n; v++)
        at[v] = TC_NEVER;
    for (size_t i = 0; i < n; i++)
        if (!(f[i].flags & TC_FAIL_UNSOURCED))
            at[f[i].asset] = f[i].at;
}

static int in_order(const void *x, const void *y)
{
    const struct tc_change *a = x, *b = y;
    uint32_t ta = a->kind == TC_CHANGE_SPARED ? a->first : a->second,
             tb = b->kind == TC_CHANGE_SPARED ? b->first : b->second;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (ta != tb)
        return ta < tb ? -1 : 1;
    return (a->asset > b->asset) - (a->asset < b->asset);
}

static bool differ(uint32_t a, uint32_t b, uint32_t tolerance, enum tc_change_kind *kind)
{
    *kind = a == TC_NEVER   ? TC_CHANGE_NEW
            : b == TC_NEVER ? TC_CHANGE_SPARED
            : b < a         ? TC_CHANGE_EARLIER
                            : TC_CHANGE_LATER;
    if (a == TC_NEVER || b == TC_NEVER)
        return a != b;
    return (a > b ? a - b : b - a) > tolerance;
}

tc_err tc_compare(const struct tc_graph *g, const struct tc_failure *first, size_t n_first,
                  const struct tc_failure *second, size_t n_second, uint32_t tolerance,
                  struct tc_comparison *out)
{
    struct tc_comparison c = {0};
    uint32_t *at = calloc(2 * (size_t)g->n + 1, sizeof *at);
    c.rows = calloc(n_first + n_second + 1, sizeof *c.rows);
    if (!at || !c.rows) {
        free(at);
        free(c.rows);
        return TC_E_NOMEM;
    }
    times_of(g, first, n_first, at);
    times_of(g, second, n_second, at + g->n);
    for (uint32_t v = 0; v < g->n; v++) {
        enum tc_change_kind kind;
        uint32_t a = at[v], b = at[g->n + v];
        if (!differ(a, b, tolerance, &kind)) {
            c.same += a != TC_NEVER;
            continue;
        }
        c.rows[c.n++] = (struct tc_change){v, kind, a, b};
        c.count[kind]++;
        c.people[kind] += g->people[v];
    }
    qsort(c.rows, c.n, sizeof *c.rows, in_order);
    free(at);
    *out = c;
    return TC_OK;
}

void tc_comparison_fini(struct tc_comparison *c)
{
    free(c->rows);
    *c = (struct tc_comparison){0};
}

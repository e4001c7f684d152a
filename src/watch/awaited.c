/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/awaited.h"

#include "base/list.h"
#include "base/map.h"

#include <stdlib.h>

struct waiting {
    uint64_t seq;
    tc_time since;
    uint32_t next; /* for the same id; index + 1 */
};

/* Pairs of an id are a chain; pairs that were taken stay as holes until the sweep. */
struct tc_awaited {
    struct tc_map *heads; /* id -> index + 1 */
    struct tc_list pairs;
    size_t n;
    uint64_t over;
};

struct tc_awaited *tc_awaited_new(void)
{
    struct tc_awaited *a = calloc(1, sizeof *a);
    if (a && (a->heads = tc_map_new(TC_AWAITED_MAX)))
        return a;
    free(a);
    return NULL;
}

void tc_awaited_free(struct tc_awaited *a)
{
    if (!a)
        return;
    tc_map_free(a->heads);
    free(a->pairs.v);
    free(a);
}

static struct waiting *at(const struct tc_awaited *a, uint64_t place)
{
    return TC_LIST_AT(a->pairs, struct waiting, place - 1);
}

tc_err tc_awaited_add(struct tc_awaited *a, struct tc_str id, uint64_t seq, tc_time now)
{
    uint64_t head = 0, each = 0;
    uint32_t place;
    (void)tc_map_get(a->heads, id, &head);
    for (uint64_t p = head; p; p = at(a, p)->next, each++)
        if (at(a, p)->seq == seq)
            return TC_OK;
    if (each >= TC_AWAITED_EACH || a->pairs.n >= TC_AWAITED_MAX) {
        a->over++;
        return TC_OK;
    }
    struct waiting *w = tc_list_push(&a->pairs, sizeof *w, &place);
    if (!w)
        return TC_E_NOMEM;
    *w = (struct waiting){seq, now, (uint32_t)head};
    a->n++;
    return tc_map_put(a->heads, id, (uint64_t)place + 1);
}

bool tc_awaited_has(const struct tc_awaited *a, struct tc_str id)
{
    uint64_t head;
    return a->n && tc_map_get(a->heads, id, &head);
}

uint64_t tc_awaited_take(struct tc_awaited *a, struct tc_str id)
{
    uint64_t head = 0;
    if (!tc_map_get(a->heads, id, &head))
        return 0;
    struct waiting *w = at(a, head);
    uint64_t seq = w->seq;
    /* replaces what is there: needs no memory */
    if (!w->next || tc_map_put(a->heads, id, w->next))
        (void)tc_map_remove(a->heads, id);
    w->seq = 0;
    a->n--;
    return seq;
}

/* Made anew of the chains that are left. */
tc_err tc_awaited_sweep(struct tc_awaited *a, tc_time now)
{
    struct tc_awaited *fresh = tc_awaited_new();
    struct tc_str id;
    uint64_t head = 0;
    size_t walk = 0;
    tc_err e = fresh ? TC_OK : TC_E_NOMEM;
    while (!e && tc_map_next(a->heads, &walk, &id, &head))
        for (uint64_t p = head; !e && p; p = at(a, p)->next)
            if (at(a, p)->since > now - TC_AWAITED_FOR)
                e = tc_awaited_add(fresh, id, at(a, p)->seq, at(a, p)->since);
    if (e) {
        tc_awaited_free(fresh);
        return e;
    }
    struct tc_awaited old = *a;
    fresh->over = old.over;
    *a = *fresh;
    *fresh = old;
    tc_awaited_free(fresh);
    return TC_OK;
}

size_t tc_awaited_count(const struct tc_awaited *a)
{
    return a->n;
}

uint64_t tc_awaited_over(const struct tc_awaited *a)
{
    return a->over;
}

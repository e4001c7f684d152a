/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/mutes.h"

#include "base/hash.h"
#include "base/list.h"

#include <stdlib.h>

struct kept {
    struct tc_mute mute; /* views into text */
    char *text;
    uint64_t rule; /* hash of the rule's id: nearly all others are passed over by it */
    uint32_t org, community;
};

struct tc_mutes {
    struct tc_list v;
    uint64_t over;
};

struct tc_mutes *tc_mutes_new(void)
{
    return calloc(1, sizeof(struct tc_mutes));
}

static struct kept *at(const struct tc_mutes *m, uint32_t i)
{
    return TC_LIST_AT(m->v, struct kept, i);
}

void tc_mutes_free(struct tc_mutes *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; i < m->v.n; i++)
        free(at(m, i)->text);
    free(m->v.v);
    free(m);
}

static uint64_t hash_of(struct tc_str s)
{
    return tc_hash64(tc_hash_process_key(), s.p, s.n);
}

static void remove_at(struct tc_mutes *m, uint32_t i)
{
    free(at(m, i)->text);
    *at(m, i) = *at(m, --m->v.n);
}

static struct tc_str copy(char **to, struct tc_str s)
{
    struct tc_str c = {*to, s.n};
    if (s.n)
        memcpy(*to, s.p, s.n);
    *to += s.n;
    return c;
}

static tc_err keep(struct kept *k, const struct tc_mute *mute)
{
    char *text = malloc(mute->id.n + mute->rule.n + mute->value.n + 1), *to = text;
    if (!text)
        return TC_E_NOMEM;
    free(k->text);
    k->text = text;
    k->mute = *mute;
    k->mute.id = copy(&to, mute->id);
    k->mute.rule = copy(&to, mute->rule);
    k->mute.value = copy(&to, mute->value);
    k->mute.reason = k->mute.person = k->mute.creator = TC_STR("");
    k->rule = hash_of(mute->rule);
    return TC_OK;
}

static uint32_t place_of(const struct tc_mutes *m, struct tc_str id, uint32_t community)
{
    uint32_t i = 0;
    while (i < m->v.n && (at(m, i)->community != community || !tc_str_eq(at(m, i)->mute.id, id)))
        i++;
    return i;
}

tc_err tc_mutes_take(struct tc_mutes *m, const struct tc_mute *mute, uint32_t org,
                     uint32_t community)
{
    uint32_t i = place_of(m, mute->id, community), of_org = 0;
    if (mute->revoked) { /* final: no later version comes in */
        if (i < m->v.n)
            remove_at(m, i);
        return TC_OK;
    }
    if (i < m->v.n)
        return mute->modified < at(m, i)->mute.modified ? TC_OK : keep(at(m, i), mute);
    for (uint32_t k = 0; k < m->v.n; k++)
        of_org += at(m, k)->org == org;
    if (m->v.n >= TC_MUTES_MAX || of_org >= TC_MUTES_ORG) {
        m->over++;
        return TC_OK;
    }
    struct kept *k = tc_list_push(&m->v, sizeof *k, &i);
    if (!k)
        return TC_E_NOMEM;
    k->org = org;
    k->community = community;
    tc_err e = keep(k, mute);
    if (e)
        m->v.n--;
    return e;
}

void tc_mutes_drop(struct tc_mutes *m, struct tc_str id, uint32_t community)
{
    uint32_t i = place_of(m, id, community);
    if (i < m->v.n)
        remove_at(m, i);
}

void tc_mutes_sweep(struct tc_mutes *m, tc_time now)
{
    for (uint32_t i = m->v.n; i-- > 0;)
        if (at(m, i)->mute.until <= now)
            remove_at(m, i);
}

bool tc_mutes_hold(const struct tc_mutes *m, struct tc_str rule, struct tc_str value,
                   uint32_t rule_org, uint32_t own, tc_time now)
{
    uint64_t h = m->v.n ? hash_of(rule) : 0;
    for (uint32_t i = 0; i < m->v.n; i++) {
        const struct kept *k = at(m, i);
        if (k->rule == h && (k->org == own || (rule_org && k->org == rule_org)) &&
            tc_str_eq(k->mute.rule, rule) && tc_mute_holds(&k->mute, value, now))
            return true;
    }
    return false;
}

size_t tc_mutes_count(const struct tc_mutes *m)
{
    return m->v.n;
}

uint64_t tc_mutes_over(const struct tc_mutes *m)
{
    return m->over;
}

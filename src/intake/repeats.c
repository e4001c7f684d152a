/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/repeats.h"

#include "base/hash.h"

#include <stdlib.h>

struct tc_repeats {
    struct tc_repeat_key *slots; /* object 0 = free */
    size_t mask, n;
};

struct tc_repeats *tc_repeats_new(void)
{
    struct tc_repeats *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->mask = 1023;
    r->slots = calloc(r->mask + 1, sizeof *r->slots);
    if (!r->slots) {
        free(r);
        return NULL;
    }
    return r;
}

void tc_repeats_free(struct tc_repeats *r)
{
    if (!r)
        return;
    free(r->slots);
    free(r);
}

static struct tc_repeat_key *find(struct tc_repeat_key *slots, size_t mask, uint64_t key)
{
    size_t i = (size_t)key & mask;
    while (slots[i].object && slots[i].object != key)
        i = (i + 1) & mask;
    return &slots[i];
}

static tc_err grow(struct tc_repeats *r)
{
    size_t mask = r->mask * 2 + 1;
    struct tc_repeat_key *slots = calloc(mask + 1, sizeof *slots);
    if (!slots)
        return TC_E_NOMEM;
    for (size_t i = 0; i <= r->mask; i++)
        if (r->slots[i].object)
            *find(slots, mask, r->slots[i].object) = r->slots[i];
    free(r->slots);
    r->slots = slots;
    r->mask = mask;
    return TC_OK;
}

/* Quick rather than strong: who makes two texts that meet here gains nothing, the journal compares
 * the bytes themselves. */
static uint64_t digest(struct tc_str s, uint64_t h)
{
    size_t i = 0;
    for (; s.n - i >= 8; i += 8) {
        uint64_t v;
        memcpy(&v, s.p + i, 8);
        h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
    }
    for (; i < s.n; i++)
        h = (h ^ (uint8_t)s.p[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return (h ^ h >> 32) + s.n;
}

struct tc_repeat_key tc_repeat_key(struct tc_str id, tc_time version, struct tc_str text)
{
    struct tc_hash_key k = tc_hash_process_key();
    struct tc_hash_key with_version = {k.k0 ^ (uint64_t)version, k.k1};
    uint64_t object = tc_hash64(with_version, id.p, id.n);
    return (struct tc_repeat_key){object + (object == 0), digest(text, k.k1)};
}

tc_err tc_repeats_add(struct tc_repeats *r, struct tc_repeat_key key, enum tc_repeat *out)
{
    if (r->n * 5 > r->mask * 4) {
        tc_err e = grow(r);
        if (e)
            return e;
    }
    struct tc_repeat_key *s = find(r->slots, r->mask, key.object);
    if (s->object) {
        *out = s->content == key.content ? TC_REPEAT_SAME : TC_REPEAT_DIFFERS;
        return TC_OK;
    }
    *s = key;
    r->n++;
    *out = TC_REPEAT_NEW;
    return TC_OK;
}

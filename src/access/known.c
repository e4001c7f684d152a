/* SPDX-License-Identifier: Apache-2.0 */
#include "access/known.h"

#include "base/time.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define ROWS 256
#define WAYS 4

struct entry {
    struct tc_known_key key;
    uint64_t generation;
    int64_t until; /* 0 = empty */
    uint32_t person;
};

struct tc_known {
    pthread_mutex_t lock;
    uint8_t *secret; /* sodium_malloc: locked, guarded, wiped when freed */
    struct entry rows[ROWS][WAYS];
};

struct tc_known *tc_known_new(void)
{
    struct tc_known *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->secret = sodium_malloc(crypto_generichash_KEYBYTES);
    if (!k->secret) {
        free(k);
        return NULL;
    }
    randombytes_buf(k->secret, crypto_generichash_KEYBYTES);
    (void)pthread_mutex_init(&k->lock, NULL);
    return k;
}

void tc_known_free(struct tc_known *k)
{
    if (!k)
        return;
    sodium_free(k->secret);
    (void)pthread_mutex_destroy(&k->lock);
    sodium_memzero(k, sizeof *k);
    free(k);
}

void tc_known_key(const struct tc_known *k, struct tc_str login, struct tc_str password,
                  struct tc_known_key *out)
{
    crypto_generichash_state st;
    uint64_t n = login.n; /* length first: "ab"+"c" is not "a"+"bc" */
    (void)crypto_generichash_init(&st, k->secret, crypto_generichash_KEYBYTES, sizeof out->b);
    (void)crypto_generichash_update(&st, (const uint8_t *)&n, sizeof n);
    (void)crypto_generichash_update(&st, (const uint8_t *)login.p, login.n);
    (void)crypto_generichash_update(&st, (const uint8_t *)password.p, password.n);
    (void)crypto_generichash_final(&st, out->b, sizeof out->b);
    sodium_memzero(&st, sizeof st);
}

bool tc_known_has(struct tc_known *k, const struct tc_known_key *key, uint32_t person,
                  uint64_t generation, int64_t now)
{
    bool found = false;
    (void)pthread_mutex_lock(&k->lock);
    for (int i = 0; i < WAYS; i++) {
        const struct entry *e = &k->rows[key->b[0]][i];
        if (e->until > now && e->person == person && e->generation == generation &&
            sodium_memcmp(&e->key, key, sizeof *key) == 0)
            found = true;
    }
    (void)pthread_mutex_unlock(&k->lock);
    return found;
}

static void sweep(struct tc_known *k, int64_t now)
{
    for (int r = 0; r < ROWS; r++)
        for (int i = 0; i < WAYS; i++)
            if (k->rows[r][i].until && k->rows[r][i].until <= now)
                sodium_memzero(&k->rows[r][i], sizeof k->rows[r][i]);
}

void tc_known_put(struct tc_known *k, const struct tc_known_key *key, uint32_t person,
                  uint64_t generation, int64_t now)
{
    (void)pthread_mutex_lock(&k->lock);
    sweep(k, now);
    struct entry *to = &k->rows[key->b[0]][0];
    for (int i = 0; i < WAYS; i++) {
        struct entry *e = &k->rows[key->b[0]][i];
        if (e->person == person && sodium_memcmp(&e->key, key, sizeof *key) == 0) {
            to = e;
            break;
        }
        if (e->until < to->until)
            to = e;
    }
    *to = (struct entry){*key, generation, now + TC_KNOWN_SECONDS * TC_SECOND, person};
    (void)pthread_mutex_unlock(&k->lock);
}

void tc_known_sweep(struct tc_known *k, int64_t now)
{
    (void)pthread_mutex_lock(&k->lock);
    sweep(k, now);
    (void)pthread_mutex_unlock(&k->lock);
}

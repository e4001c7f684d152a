/* SPDX-License-Identifier: Apache-2.0 */
#include "http/oidc_note.h"

#include "base/limits.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

struct spent {
    char state[TC_OIDC_TEXT];
    int64_t until;
};

struct tc_oidc_notes {
    uint8_t key[crypto_secretbox_KEYBYTES];
    pthread_mutex_t lock;
    struct spent spent[TC_MAX_OIDC_SPENT];
};

/* random number | sealed note */
struct sealed {
    uint8_t number[crypto_secretbox_NONCEBYTES];
    uint8_t box[crypto_secretbox_MACBYTES + sizeof(struct tc_oidc_note)];
};

struct tc_oidc_notes *tc_oidc_notes_new(void)
{
    struct tc_oidc_notes *n = calloc(1, sizeof *n);
    if (n) {
        crypto_secretbox_keygen(n->key);
        (void)pthread_mutex_init(&n->lock, NULL);
    }
    return n;
}

void tc_oidc_notes_free(struct tc_oidc_notes *n)
{
    if (!n)
        return;
    (void)pthread_mutex_destroy(&n->lock);
    sodium_memzero(n->key, sizeof n->key);
    free(n);
}

static void random_text(char out[TC_OIDC_TEXT])
{
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2base64(out, TC_OIDC_TEXT, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

tc_err tc_oidc_note_make(const struct tc_oidc_notes *n, const char *session, int64_t now,
                         tc_time began, struct tc_oidc_note *out, char cookie[TC_OIDC_COOKIE])
{
    struct sealed s;
    struct tc_oidc_note note;
    memset(&note, 0, sizeof note); /* what stands between the members is sealed, too */
    if (!tc_str_copy(tc_str_cstr(session), note.session, sizeof note.session))
        return TC_E_INVALID;
    random_text(note.state);
    random_text(note.nonce);
    random_text(note.verifier);
    note.until = now + TC_OIDC_SECONDS * TC_SECOND;
    note.began = began;
    randombytes_buf(s.number, sizeof s.number);
    if (crypto_secretbox_easy(s.box, (const uint8_t *)&note, sizeof note, s.number, n->key) != 0)
        return TC_E_INTERNAL;
    (void)sodium_bin2base64(cookie, TC_OIDC_COOKIE, (const uint8_t *)&s, sizeof s,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    *out = note;
    sodium_memzero(&note, sizeof note);
    return TC_OK;
}

static bool unseal(const struct tc_oidc_notes *n, struct tc_str cookie, struct tc_oidc_note *out)
{
    struct sealed s;
    size_t size = 0;
    return sodium_base642bin((uint8_t *)&s, sizeof s, cookie.n ? cookie.p : "", cookie.n, NULL,
                             &size, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           size == sizeof s &&
           crypto_secretbox_open_easy((uint8_t *)out, s.box, sizeof s.box, s.number, n->key) == 0;
}

bool tc_oidc_note_is(const struct tc_oidc_notes *n, struct tc_str cookie)
{
    struct tc_oidc_note note;
    bool is = unseal(n, cookie, &note);
    sodium_memzero(&note, sizeof note);
    return is;
}

static tc_err spend(struct tc_oidc_notes *n, const struct tc_oidc_note *note, int64_t now)
{
    struct spent *room = NULL;
    for (size_t i = 0; i < TC_MAX_OIDC_SPENT; i++) {
        if (n->spent[i].until <= now)
            room = &n->spent[i];
        else if (memcmp(n->spent[i].state, note->state, sizeof note->state) == 0)
            return TC_E_AUTH;
    }
    if (!room)
        return TC_E_BUSY;
    memcpy(room->state, note->state, sizeof room->state);
    room->until = note->until;
    return TC_OK;
}

static tc_err refuse(struct tc_diag *d, const char *cause, const char *text)
{
    tc_diag_path(d, cause, strlen(cause));
    return tc_diag_set(d, TC_E_AUTH, "%s", text);
}

tc_err tc_oidc_note_take(struct tc_oidc_notes *n, struct tc_str cookie, struct tc_str state,
                         int64_t now, struct tc_oidc_note *out, struct tc_diag *d)
{
    struct tc_oidc_note note;
    if (!unseal(n, cookie, &note))
        return refuse(d, "cookie", "this browser began no sign-in here");
    if (state.n != sizeof note.state - 1 || sodium_memcmp(state.p, note.state, state.n) != 0)
        return refuse(d, "state", "what came back is of another sign-in");
    if (note.until <= now)
        return refuse(d, "late", "this sign-in took too long");
    (void)pthread_mutex_lock(&n->lock);
    tc_err e = spend(n, &note, now);
    (void)pthread_mutex_unlock(&n->lock);
    if (e == TC_E_AUTH)
        return refuse(d, "replay", "this sign-in came back before");
    if (!e)
        *out = note;
    sodium_memzero(&note, sizeof note);
    return e;
}

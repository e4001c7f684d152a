/* SPDX-License-Identifier: Apache-2.0 */
#include "node/fieldkey.h"

#include "base/limits.h"
#include "codec/json.h"
#include "model/sealed.h"
#include "model/types.h"
#include "node/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LIST "field-keys"
#define WORD "tocsin-field-key-1 "

enum { TEXT = sizeof WORD - 1 + 64, MOST = 2, ABYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES };

struct field_key {
    uint8_t id[8], key[32];
    char name[TC_FIELD_KEY_ID];
};

struct tc_field_keys {
    struct field_key v[MOST]; /* the first one seals */
    size_t n;
    const struct tc_types *types;
    struct tc_journal_sealer sealer;
};

/* ---- key files ---- */

static const char *given, *next_given;
static char credential[PATH_MAX];

void tc_field_key_file(const char *file)
{
    given = file;
}

void tc_field_key_next(const char *file)
{
    next_given = file;
}

const char *tc_field_key_path(void)
{
    const char *said = getenv("TOCSIN_FIELD_KEY"), *folder = getenv("CREDENTIALS_DIRECTORY");
    if (given)
        return given;
    if (said && *said)
        return said;
    if (!folder ||
        snprintf(credential, sizeof credential, "%s/field-key", folder) >= (int)sizeof credential)
        return NULL;
    return access(credential, F_OK) == 0 ? credential : NULL;
}

static tc_err say(struct tc_diag *d, tc_err e, const char *file, const char *what)
{
    return tc_diag_set(d, e, "the field key %s: %s", file, what);
}

tc_err tc_field_key_make(const char *file, char id[TC_FIELD_KEY_ID], struct tc_diag *d)
{
    uint8_t key[32];
    char text[TEXT + 2] = WORD;
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST ? say(d, TC_E_CONFLICT, file, "is there already, and is kept")
                               : say(d, tc_err_from_errno(errno), file, "cannot be made");
    randombytes_buf(key, sizeof key);
    (void)sodium_bin2hex(text + sizeof WORD - 1, 65, key, sizeof key);
    text[TEXT] = '\n';
    bool ok = write(fd, text, TEXT + 1) == TEXT + 1 && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    uint8_t name[16];
    (void)crypto_kdf_derive_from_key(name, sizeof name, 2, "tcfields", key);
    (void)sodium_bin2hex(id, TC_FIELD_KEY_ID, name, 8);
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    if (!ok) {
        (void)unlink(file);
        return say(d, TC_E_IO, file, "cannot be written");
    }
    return TC_OK;
}

/* A copy of the folder must not hold what opens it. */
static bool lies_in(const char *file, const char *folder)
{
    char real[PATH_MAX], top[PATH_MAX];
    if (!realpath(file, real) || !realpath(folder, top))
        return false;
    size_t n = strlen(top);
    return strncmp(real, top, n) == 0 && (real[n] == '/' || top[n - 1] == '/');
}

static tc_err read_text(const char *file, const char *folder, char text[TEXT + 2], size_t *n,
                        struct tc_diag *d)
{
    struct stat st;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return say(d, tc_err_from_errno(errno), file, "cannot be opened");
    tc_err e = TC_OK;
    ssize_t got = -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        e = say(d, TC_E_USAGE, file, "is not a file");
    else if (st.st_mode & 077)
        e = say(d, TC_E_DENIED, file, "others may read it: chmod 600");
    else if (lies_in(file, folder))
        e = say(d, TC_E_DENIED, file, "lies in the node's folder; whoever copies that has it too");
    else if ((got = read(fd, text, TEXT + 2)) < 0)
        e = say(d, tc_err_from_errno(errno), file, "cannot be read");
    (void)close(fd);
    *n = got < 0 ? 0 : (size_t)got;
    return e;
}

static tc_err read_key(const char *file, const char *folder, struct field_key *k, struct tc_diag *d)
{
    char text[TEXT + 2];
    uint8_t raw[32], id[16];
    size_t n = 0, used = 0;
    tc_err e = read_text(file, folder, text, &n, d);
    if (e)
        return e;
    bool ok = (n == TEXT || (n == TEXT + 1 && text[TEXT] == '\n')) &&
              memcmp(text, WORD, sizeof WORD - 1) == 0 &&
              sodium_hex2bin(raw, sizeof raw, text + sizeof WORD - 1, 64, NULL, &used, NULL) == 0 &&
              used == sizeof raw;
    if (ok) {
        (void)crypto_kdf_derive_from_key(k->key, sizeof k->key, 1, "tcfields", raw);
        (void)crypto_kdf_derive_from_key(id, sizeof id, 2, "tcfields", raw);
        memcpy(k->id, id, sizeof k->id);
        (void)sodium_bin2hex(k->name, sizeof k->name, k->id, sizeof k->id);
    }
    sodium_memzero(text, sizeof text);
    sodium_memzero(raw, sizeof raw);
    return ok ? TC_OK : say(d, TC_E_INVALID, file, "is none; tocsin key new makes one");
}

/* ---- the list of keys in use ---- */

struct key_list {
    char name[MOST][TC_FIELD_KEY_ID];
    size_t n;
};

static bool all_hex(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f')))
            return false;
    return true;
}

static tc_err list_damaged(struct tc_diag *d)
{
    return tc_diag_set(d, TC_E_CORRUPT, LIST " in the node's folder is damaged");
}

static tc_err list_read(int dir, struct key_list *out, struct tc_diag *d)
{
    char text[MOST * TC_FIELD_KEY_ID + 1];
    out->n = 0;
    int fd = openat(dir, LIST, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? TC_OK
                               : tc_diag_set(d, tc_err_from_errno(errno), LIST " cannot be read");
    ssize_t n = read(fd, text, sizeof text);
    (void)close(fd);
    if (n < 0)
        return tc_diag_set(d, TC_E_IO, LIST " cannot be read");
    if (n == 0 || n % TC_FIELD_KEY_ID || n > MOST * TC_FIELD_KEY_ID)
        return list_damaged(d);
    for (ssize_t i = 0; i < n; i += TC_FIELD_KEY_ID) {
        if (text[i + TC_FIELD_KEY_ID - 1] != '\n' || !all_hex(text + i, TC_FIELD_KEY_ID - 1))
            return list_damaged(d);
        memcpy(out->name[out->n], text + i, TC_FIELD_KEY_ID - 1);
        out->name[out->n++][TC_FIELD_KEY_ID - 1] = '\0';
    }
    return TC_OK;
}

static bool list_has(const struct key_list *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->name[i], name) == 0)
            return true;
    return false;
}

static tc_err list_write(int dir, const struct key_list *l, struct tc_diag *d)
{
    int fd = openat(dir, LIST ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0;
    for (size_t i = 0; ok && i < l->n; i++)
        ok = write(fd, l->name[i], TC_FIELD_KEY_ID - 1) == TC_FIELD_KEY_ID - 1 &&
             write(fd, "\n", 1) == 1;
    ok = ok && fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    ok = ok && renameat(dir, LIST ".new", dir, LIST) == 0 && fsync(dir) == 0;
    return ok ? TC_OK : tc_diag_set(d, tc_err_from_errno(errno), LIST " cannot be written");
}

/* ---- sealing ---- */

/* All that the entry says of itself and what is left of the text in the open: a sealed text that
 * was put elsewhere, or stands with another text, does not open. */
static void about(const struct tc_journal_place *at, struct tc_str left, uint8_t out[32])
{
    crypto_generichash_state h;
    const int64_t n[] = {(int64_t)at->seq,
                         at->added,
                         at->version,
                         (int64_t)at->audience,
                         (int64_t)at->community,
                         (int64_t)at->type.n,
                         (int64_t)at->creator.n,
                         at->revoked | at->spec_20 << 1};
    (void)crypto_generichash_init(&h, (const uint8_t *)"tocsin fields 1", 16, 32);
    (void)crypto_generichash_update(&h, (const uint8_t *)n, sizeof n);
    (void)crypto_generichash_update(&h, at->uuid.b, sizeof at->uuid.b);
    (void)crypto_generichash_update(&h, (const uint8_t *)at->type.p, at->type.n);
    (void)crypto_generichash_update(&h, (const uint8_t *)at->creator.p, at->creator.n);
    (void)crypto_generichash_update(&h, (const uint8_t *)left.p, left.n);
    (void)crypto_generichash_final(&h, out, 32);
}

static tc_err lock_up(const struct field_key *k, const struct tc_journal_place *at,
                      struct tc_str left, struct tc_str secret, struct tc_buf *out)
{
    struct tc_sealed_blob b = {.left = left};
    uint8_t ad[32];
    about(at, left, ad);
    memcpy(b.key_id, k->id, sizeof b.key_id);
    randombytes_buf(b.nonce, sizeof b.nonce);
    tc_sealed_write(out, &b);
    char *room = out->err ? NULL : tc_buf_room(out, secret.n + ABYTES);
    if (!room)
        return out->err ? out->err : TC_E_NOMEM;
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt((uint8_t *)room, NULL,
                                                     (const uint8_t *)secret.p, secret.n, ad,
                                                     sizeof ad, NULL, b.nonce, k->key);
    out->n += secret.n + ABYTES;
    return TC_OK;
}

static tc_err unlock(const struct tc_field_keys *f, const struct tc_journal_place *at,
                     struct tc_str stored, struct tc_sealed_blob *b, struct tc_buf *secret)
{
    const struct field_key *k = NULL;
    uint8_t ad[32];
    tc_err e = tc_sealed_parse(stored, b);
    for (size_t i = 0; !e && i < f->n; i++)
        if (memcmp(f->v[i].id, b->key_id, sizeof b->key_id) == 0)
            k = &f->v[i];
    if (e || !k)
        return TC_E_CORRUPT;
    about(at, b->left, ad);
    char *room = tc_buf_room(secret, b->box.n - ABYTES + 1);
    if (!room)
        return secret->err ? secret->err : TC_E_NOMEM;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)room, NULL, NULL,
                                                   (const uint8_t *)b->box.p, b->box.n, ad,
                                                   sizeof ad, b->nonce, k->key))
        return TC_E_CORRUPT;
    secret->n += b->box.n - ABYTES;
    return TC_OK;
}

static void secret_init(struct tc_buf *b)
{
    tc_buf_init(b, TC_MAX_OBJECT + TC_SEALED_OVERHEAD);
}

static void secret_fini(struct tc_buf *b)
{
    if (b->p)
        sodium_memzero(b->p, b->cap);
    tc_buf_fini(b);
}

/* Which fields of it. The tree is needed only where the object itself says so. */
static tc_err fields_of(const struct tc_field_keys *f, struct tc_str type, bool asked,
                        struct tc_str body, struct tc_json *j, struct tc_sealed_set *set)
{
    if (asked && tc_json_read(body, TC_MAX_OBJECT, TC_JSON_REPEATS_OK, j, NULL))
        return TC_E_INVALID;
    return tc_sealed_fields(f->types, type, j->root, set);
}

static tc_err seal(void *arg, const struct tc_journal_place *at, bool asked, struct tc_str body,
                   struct tc_buf *out, bool *sealed)
{
    const struct tc_field_keys *f = arg;
    struct tc_json j = {NULL, NULL};
    struct tc_sealed_set set;
    struct tc_buf left, secret;
    size_t cuts = 0;
    *sealed = false;
    if (!asked && !tc_types_sealed(f->types, at->type, NULL))
        return TC_OK;
    tc_buf_init(&left, TC_MAX_OBJECT);
    secret_init(&secret);
    tc_err e = fields_of(f, at->type, asked, body, &j, &set);
    if (!e && set.n)
        e = tc_sealed_cut(body, &set, &left, &secret, &cuts);
    if (!e && cuts)
        e = lock_up(&f->v[0], at, tc_buf_view(&left), tc_buf_view(&secret), out);
    *sealed = cuts != 0;
    tc_json_fini(&j);
    tc_buf_fini(&left);
    secret_fini(&secret);
    return e;
}

static tc_err open_up(void *arg, const struct tc_journal_place *at, struct tc_str stored,
                      struct tc_buf *out)
{
    struct tc_sealed_blob b;
    struct tc_buf secret;
    secret_init(&secret);
    tc_err e = unlock(arg, at, stored, &b, &secret);
    e = e ? e : tc_sealed_join(b.left, tc_buf_view(&secret), out);
    secret_fini(&secret);
    return e;
}

static tc_err without(void *arg, struct tc_str type, struct tc_str whole, struct tc_str some,
                      struct tc_buf *out)
{
    struct tc_json j = {NULL, NULL};
    struct tc_sealed_set set;
    struct tc_buf secret;
    size_t cuts = 0, start = out->n;
    secret_init(&secret);
    tc_err e = fields_of(arg, type, true, whole, &j, &set);
    e = e ? e : tc_sealed_cut(some, &set, out, &secret, &cuts);
    if (!e && !cuts) {
        out->n = start;
        tc_buf_str(out, some);
        e = out->err;
    }
    tc_json_fini(&j);
    secret_fini(&secret);
    return e;
}

static tc_err reseal(void *arg, const struct tc_journal_place *at, struct tc_str stored,
                     struct tc_buf *out, bool *changed)
{
    const struct tc_field_keys *f = arg;
    struct tc_sealed_blob b;
    struct tc_buf secret;
    *changed = false;
    tc_err e = tc_sealed_parse(stored, &b);
    if (e || memcmp(b.key_id, f->v[0].id, sizeof b.key_id) == 0)
        return e;
    secret_init(&secret);
    e = unlock(f, at, stored, &b, &secret);
    e = e ? e : lock_up(&f->v[0], at, b.left, tc_buf_view(&secret), out);
    *changed = !e;
    secret_fini(&secret);
    return e;
}

/* ---- opening ---- */

static tc_err needed(const struct tc_field_keys *f, const struct key_list *used,
                     const struct tc_types *types, struct tc_diag *d)
{
    const struct tc_sealed_rule *rule = tc_types_sealed_required(types);
    for (size_t i = 0; i < used->n; i++) {
        bool has = false;
        for (size_t k = 0; k < f->n; k++)
            has = has || strcmp(f->v[k].name, used->name[i]) == 0;
        if (!has)
            return tc_diag_set(
                d, TC_E_DENIED,
                "fields of this node are sealed with the key %s, and %s%s was given: say "
                "--field-key FILE or TOCSIN_FIELD_KEY=FILE%s",
                used->name[i], f->n ? "the key " : "none", f->n ? f->v[0].name : "",
                used->n > 1 ? "; a change of keys was broken off: repeat tocsin key rotate" : "");
    }
    if (rule && !f->n)
        return tc_diag_set(d, TC_E_DENIED,
                           "a pack demands that fields of every '%.*s' are sealed at rest: make a "
                           "key with tocsin key new FILE, and say --field-key FILE",
                           TC_FMT(rule->type));
    return TC_OK;
}

static tc_err put_down(const struct tc_field_keys *f, int dir, struct key_list *used,
                       struct tc_diag *d)
{
    if (list_has(used, f->v[0].name))
        return TC_OK;
    if (used->n == MOST)
        return tc_diag_set(d, TC_E_CONFLICT,
                           "a change to another key was begun: finish that first");
    memcpy(used->name[used->n++], f->v[0].name, TC_FIELD_KEY_ID);
    return list_write(dir, used, d);
}

tc_err tc_field_keys_open(int dir, const char *path, const struct tc_types *types, bool read_only,
                          struct tc_field_keys **out, struct tc_diag *d)
{
    const char *files[MOST] = {next_given, tc_field_key_path()};
    struct key_list used;
    struct tc_field_keys *f = sodium_malloc(sizeof *f);
    if (!f)
        return tc_diag_set(d, TC_E_NOMEM, "no memory for the field keys");
    memset(f, 0, sizeof *f);
    f->types = types;
    f->sealer = (struct tc_journal_sealer){
        .arg = f, .seal = seal, .open = open_up, .without = without, .reseal = reseal};
    tc_err e = list_read(dir, &used, d);
    for (size_t i = 0; !e && i < MOST; i++)
        if (files[i])
            e = read_key(files[i], path, &f->v[f->n++], d);
    e = e ? e : needed(f, &used, types, d);
    if (!e && f->n && !read_only)
        e = put_down(f, dir, &used, d);
    if (e || !f->n) {
        tc_field_keys_free(f);
        return e;
    }
    *out = f;
    return TC_OK;
}

void tc_field_keys_free(struct tc_field_keys *k)
{
    sodium_free(k); /* wipes it */
}

const char *tc_field_keys_id(const struct tc_field_keys *k)
{
    return k->v[0].name;
}

const struct tc_journal_sealer *tc_field_keys_sealer(const struct tc_field_keys *k)
{
    return &k->sealer;
}

/* ---- another key ---- */

/* Nothing is sealed with any but the first one: the other is no longer asked for. */
static tc_err only_first(const struct tc_field_keys *k, int dir, struct tc_diag *d)
{
    struct key_list l = {.n = 1};
    memcpy(l.name[0], k->v[0].name, TC_FIELD_KEY_ID);
    return list_write(dir, &l, d);
}

static tc_err wait_wiped(const struct tc_node *n, struct tc_diag *d)
{
    int64_t until = tc_time_monotonic() + 30 * TC_SECOND;
    while (!tc_journal_wiped(n->journal)) {
        if (tc_time_monotonic() > until)
            return tc_diag_set(d, TC_E_TIMEOUT,
                               "the journal's log could not be emptied; repeat it");
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return TC_OK;
}

tc_err tc_node_reseal(struct tc_node *n, struct tc_resealed *out, struct tc_diag *d)
{
    const struct tc_field_keys *k = n->priv->field_keys;
    struct tc_resealed did = {.entries = 0};
    const struct tc_audit_event v = {.kind = TC_AUDIT_ADMINISTRATION,
                                     .org = n->org,
                                     .object = TC_STR("field-key"),
                                     .how = TC_STR("key rotate"),
                                     .from = TC_STR("local")};
    if (!k)
        return tc_diag_set(d, TC_E_USAGE, "the node has no field key");
    tc_err e = tc_audit_must(n->audit, &v);
    for (uint64_t at = 0, head = tc_journal_head(n->journal); !e && at < head;) {
        uint64_t some = 0, damaged = 0;
        e = tc_journal_reseal(n->journal, at, &at, &some, &damaged);
        did.entries += some;
        did.damaged += damaged;
    }
    if (e)
        return tc_diag_set(d, e, "not everything is sealed with the new key yet (%s); repeat it",
                           tc_err_text(e));
    e = wait_wiped(n, d);
    e = e ? e : only_first(k, n->priv->dir, d);
    memcpy(did.key, k->v[0].name, sizeof did.key);
    if (!e)
        *out = did;
    return e;
}

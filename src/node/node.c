/* SPDX-License-Identifier: Apache-2.0 */
#include "node/node.h"

#include "access/factor.h"
#include "base/log.h"
#include "codec/json.h"
#include "node/asker.h"
#include "node/control.h"
#include "node/cosigned.h"
#include "node/cosigner.h"
#include "node/priv.h"
#include "node/signer.h"
#include "pack/files.h"
#include "pack/pack.h"
#include "pack/trial.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- making ---- */

static tc_err make_stores(const char *path, int dir, const char *title, const struct tc_org *org,
                          struct tc_diag *d)
{
    struct tc_access *x = NULL;
    struct tc_journal *j = NULL;
    struct tc_folder_info info = {.created = tc_time_now()};
    struct tc_uuid u = tc_uuid_v4();
    const struct tc_journal_options options = {.read_only = false};
    tc_id_make(TC_STR("identity"), &u, info.identity);
    if (!tc_str_copy(tc_str_cstr(title), info.title, sizeof info.title))
        return tc_diag_set(d, TC_E_LIMIT, "the title is too long");
    tc_err e = tc_folder_key_make(dir, d);
    if (!e)
        e = tc_access_open(path, &x, d);
    if (!e)
        e = tc_access_org_add(x, org, &info.org, d);
    tc_access_close(x);
    if (!e)
        e = tc_journal_open(path, &options, &j, d);
    tc_journal_close(j);
    return e ? e : tc_folder_info_write(dir, &info, d);
}

tc_err tc_node_init(const char *dir, const char *title, const struct tc_org *org, struct tc_diag *d)
{
    char path[sizeof((struct tc_node *)0)->dir];
    int fd, lock;
    if (sodium_init() < 0)
        return tc_diag_set(d, TC_E_INTERNAL, "libsodium cannot start");
    (void)umask(077);
    bool made;
    tc_err e = tc_folder_make(dir, &fd, path, sizeof path, &made, d);
    if (e)
        return e;
    e = tc_folder_lock(fd, path, &lock, d);
    if (!e) {
        e = make_stores(path, fd, title, org, d);
        if (e)
            tc_folder_unmake(fd, path, made);
        (void)close(lock);
    }
    (void)close(fd);
    return e;
}

/* ---- audit ---- */

static tc_err sign_elsewhere(void *arg, const struct tc_audit_head *h, uint8_t sig[64])
{
    return tc_signer_checkpoint(arg, h, sig);
}

static tc_err open_audit(struct tc_node *n, struct tc_diag *d)
{
    char origin[TC_AUDIT_ORIGIN];
    uint8_t seed[32];
    tc_audit_origin(n->identity, origin);
    if (n->mode == TC_NODE_READ_ONLY)
        return TC_OK;
    if (n->signer) {
        struct tc_audit_key key = {.sign = sign_elsewhere, .arg = n->signer};
        const struct tc_signer_info *i = tc_signer_info(n->signer);
        memcpy(key.pub, i->audit, sizeof key.pub);
        memcpy(key.alias, i->alias, sizeof key.alias);
        return tc_audit_open_signed(n->dir, origin, &key, &n->audit, d);
    }
    tc_node_key(n, "audit", seed);
    tc_err e = tc_audit_open(n->dir, origin, seed, &n->audit, d);
    sodium_memzero(seed, sizeof seed);
    return e;
}

static void public_of(const struct tc_node *n, const char *purpose, uint8_t out[32])
{
    uint8_t seed[32], secret[64];
    tc_node_key(n, purpose, seed);
    (void)crypto_sign_seed_keypair(out, secret, seed);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(secret, sizeof secret);
}

void tc_node_audit_key(const struct tc_node *n, uint8_t out[32])
{
    if (n->signer)
        memcpy(out, tc_signer_info(n->signer)->audit, 32);
    else
        public_of(n, "audit", out);
}

void tc_node_cosign_key(const struct tc_node *n, uint8_t out[32])
{
    if (n->signer)
        memcpy(out, tc_signer_info(n->signer)->cosign, 32);
    else
        public_of(n, "witness", out);
}

/* That it was asked for is on record before it is done, but for lists; what was given, asker.h. */
static tc_err audit_op(struct tc_node *n, const char *name, yyjson_val *in)
{
    static const char *const objects[] = {"id", "login", "org", "community", "name", "title"};
    struct tc_str s = tc_str_cstr(name), object = {"", 0}, as = {"", 0};
    struct tc_audit_event e = {.kind = tc_asker_kind(s), .how = s, .from = TC_STR("local")};
    struct tc_person person;
    bool reason = tc_json_str(in, "reason", &e.why);
    if (!reason)
        (void)tc_json_str(in, "why", &e.why);
    if ((tc_str_ends(s, TC_STR("-list")) && !reason) || tc_str_is(s, "status") ||
        tc_str_is(s, "erase") || tc_str_is(s, "subject") || /* record objects by themselves */
        tc_str_starts(s, TC_STR("audit-")))
        return TC_OK;
    for (size_t i = 0; !object.n && i < sizeof objects / sizeof objects[0]; i++)
        (void)tc_json_str(in, objects[i], &object);
    e.object = object;
    struct tc_arena *a = tc_arena_new(1u << 16);
    if (a && tc_json_str(in, "as", &as) &&
        tc_access_person_by(n->access, 0, as, a, &person) == TC_OK) {
        e.org = person.org;
        e.person = person.number;
    }
    tc_arena_free(a);
    return tc_audit_must(n->audit, &e);
}

/* ---- opening ---- */

static void cond_monotonic(pthread_cond_t *c)
{
    pthread_condattr_t a;
    (void)pthread_condattr_init(&a);
    (void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
    (void)pthread_cond_init(c, &a);
    (void)pthread_condattr_destroy(&a);
}

static struct tc_node *node_new(enum tc_node_mode mode)
{
    struct tc_node *n = calloc(1, sizeof *n);
    struct tc_node_private *p = calloc(1, sizeof *p);
    if (!n || !p) {
        free(n);
        free(p);
        return NULL;
    }
    n->mode = mode;
    n->priv = p;
    p->dir = p->lock_fd = -1;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_mutex_init(&p->key_lock, NULL);
    cond_monotonic(&p->moved);
    return n;
}

static tc_err open_stores(struct tc_node *n, struct tc_diag *d)
{
    bool read_only = n->mode == TC_NODE_READ_ONLY;
    const struct tc_journal_options options = {
        .read_only = read_only,
        .sealer = n->seals ? tc_field_keys_sealer(n->priv->field_keys) : NULL};
    tc_err e = read_only ? tc_access_open_read_only(n->dir, &n->access, d)
                         : tc_access_open(n->dir, &n->access, d);
    if (!e) {
        uint8_t key[32];
        tc_node_key(n, "factors", key);
        tc_access_factor_key(n->access, key);
        sodium_memzero(key, sizeof key);
    }
    return e ? e : tc_journal_open(n->dir, &options, &n->journal, d);
}

static void tell_pack(void *arg, const struct tc_diag *d)
{
    char text[1200];
    (void)arg;
    tc_diag_format(d, text, sizeof text);
    tc_log(TC_LOG_ERROR, "pack: %s", text);
}

/* The packs that are built in and those of the folder DIR/packs. What `tocsin pack check` would
 * refuse is refused; a node that serves tries the rules of its own, too. */
static tc_err load_packs(struct tc_node *n, struct tc_diag *d)
{
    struct tc_node_private *p = n->priv;
    struct tc_arena *a = tc_arena_new((size_t)4 << 20);
    struct tc_pack_names own = {.n = 0};
    struct tc_pack_rules *tried = NULL;
    bool serves = n->mode == TC_NODE_SERVE;
    tc_pack_tell tell = serves ? tell_pack : NULL;
    tc_err e =
        a ? tc_pack_folders(a, n->dir, &own, d) : tc_diag_set(d, TC_E_NOMEM, "out of memory");
    if (!e)
        e = tc_pack_load(own.v, own.n, tell, NULL, &p->types, d);
    if (!e)
        e = tc_pack_rules_load(own.v, own.n, true, tell, NULL, &p->rules, d);
    if (!e && serves && own.n)
        e = tc_pack_rules_load(own.v, own.n, false, tell, NULL, &tried, d);
    if (tried && !e)
        e = tc_pack_try(tried, tell, NULL, NULL, d);
    tc_pack_rules_free(tried);
    tc_arena_free(a);
    n->types = p->types;
    n->rules = p->rules;
    return e;
}

static tc_err open_node(const char *dir, enum tc_node_mode mode, struct tc_signer *signer,
                        struct tc_node **out, struct tc_diag *d)
{
    if (sodium_init() < 0)
        return tc_diag_set(d, TC_E_INTERNAL, "libsodium cannot start");
    (void)umask(077);
    struct tc_node *n = node_new(mode);
    if (!n)
        return TC_E_NOMEM;
    struct tc_node_private *p = n->priv;
    struct tc_folder_info info;
    n->signer = signer;
    tc_err e = tc_folder_open(dir, &p->dir, n->dir, sizeof n->dir, d);
    if (!e)
        e = tc_folder_info_read(p->dir, n->dir, &info, d);
    if (!e && mode != TC_NODE_READ_ONLY)
        e = tc_folder_lock(p->dir, n->dir, &p->lock_fd, d);
    if (!e && !signer)
        e = tc_folder_key_read(p->dir, p->key, d);
    if (!e)
        e = load_packs(n, d);
    if (!e)
        e = tc_field_keys_open(p->dir, n->dir, p->types, mode == TC_NODE_READ_ONLY, &p->field_keys,
                               d);
    n->seals = p->field_keys != NULL;
    if (!e)
        e = open_stores(n, d);
    if (e) {
        tc_node_close(n);
        return e;
    }
    memcpy(n->title, info.title, sizeof n->title);
    memcpy(n->identity, info.identity, sizeof n->identity);
    n->org = info.org;
    n->created = info.created;
    e = open_audit(n, d);
    if (e)
        tc_node_close(n);
    else
        *out = n;
    return e;
}

tc_err tc_node_open(const char *dir, enum tc_node_mode mode, struct tc_node **out,
                    struct tc_diag *d)
{
    return open_node(dir, mode, NULL, out, d);
}

tc_err tc_node_open_signed(const char *dir, struct tc_signer *s, struct tc_node **out,
                           struct tc_diag *d)
{
    return open_node(dir, TC_NODE_SERVE, s, out, d);
}

void tc_node_close(struct tc_node *n)
{
    if (!n)
        return;
    struct tc_node_private *p = n->priv;
    tc_control_stop(p->control); /* operations first: they use everything below */
    tc_node_watch_stop(n);
    tc_cosigned_stop(n->cosigned);
    tc_cosigner_close(n->cosigner);
    free(p->cosign);
    tc_journal_close(n->journal);
    tc_audit_close(n->audit);
    tc_access_close(n->access);
    tc_field_keys_free(p->field_keys);
    tc_types_free(p->types);
    tc_pack_rules_free(p->rules);
    if (p->lock_fd >= 0)
        (void)close(p->lock_fd);
    if (p->dir >= 0)
        (void)close(p->dir);
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_mutex_destroy(&p->key_lock);
    (void)pthread_cond_destroy(&p->moved);
    sodium_memzero(p, sizeof *p);
    free(p);
    free(n);
}

/* Witnesses, where the node serves and its keys are with a signer. */
static tc_err start_cosigning(struct tc_node *n, struct tc_diag *d)
{
    struct tc_node_private *p = n->priv;
    tc_err e = n->signer ? tc_cosign_config_load(n->dir, &p->cosign, d) : TC_OK;
    if (!e && p->cosign && p->cosign->n_logs)
        e = tc_cosigner_open(n, p->cosign, &n->cosigner, d);
    if (!e && p->cosign && p->cosign->n_peers)
        e = tc_cosigned_start(n, p->cosign, &n->cosigned, d);
    return e;
}

tc_err tc_node_start(struct tc_node *n, struct tc_diag *d)
{
    if (n->mode == TC_NODE_READ_ONLY)
        return tc_diag_set(d, TC_E_DENIED, "the node is open for reading only");
    tc_err e = start_cosigning(n, d);
    e = e ? e : tc_node_watch_start(n, d);
    if (!e && n->mode == TC_NODE_SERVE)
        e = tc_control_start(n, n->priv->dir, &n->priv->control, d);
    return e;
}

/* ---- keys ---- */

static void asked_key(const struct tc_node *n, const char context[crypto_kdf_CONTEXTBYTES],
                      uint8_t out[32])
{
    struct tc_node_private *p = n->priv;
    char purpose[crypto_kdf_CONTEXTBYTES + 1] = {0};
    size_t i = 0;
    memcpy(purpose, context, crypto_kdf_CONTEXTBYTES);
    (void)pthread_mutex_lock(&p->key_lock);
    while (i < p->n_told && memcmp(p->told[i].purpose, context, sizeof p->told[i].purpose) != 0)
        i++;
    if (i == p->n_told) {
        tc_err e =
            i < TC_MAX_PURPOSES ? tc_signer_key(n->signer, purpose, p->told[i].key) : TC_E_LIMIT;
        if (e) {
            tc_log(TC_LOG_ERROR, "no key for %s: %s", purpose, tc_err_text(e));
            abort();
        }
        memcpy(p->told[i].purpose, context, sizeof p->told[i].purpose);
        p->n_told++;
    }
    memcpy(out, p->told[i].key, 32);
    (void)pthread_mutex_unlock(&p->key_lock);
}

void tc_node_key(const struct tc_node *n, const char *purpose, uint8_t out[32])
{
    char context[crypto_kdf_CONTEXTBYTES] = {0};
    (void)tc_str_copy(tc_str_cstr(purpose), context, sizeof context);
    if (strlen(purpose) >= sizeof context)
        context[sizeof context - 1] = purpose[sizeof context - 1];
    if (n->signer)
        asked_key(n, context, out);
    else
        (void)crypto_kdf_derive_from_key(out, 32, 1, context, n->priv->key);
}

/* ---- operations ---- */

static struct {
    const char *name;
    tc_op_fn fn;
} ops[TC_MAX_OPS];
static size_t n_ops;

tc_op_fn tc_node_op_find(struct tc_str name)
{
    for (size_t i = 0; i < n_ops; i++)
        if (tc_str_is(name, ops[i].name))
            return ops[i].fn;
    return NULL;
}

tc_err tc_node_op_add(const char *name, tc_op_fn fn)
{
    if (tc_node_op_find(tc_str_cstr(name)))
        return TC_E_CONFLICT;
    if (n_ops == TC_MAX_OPS)
        return TC_E_LIMIT;
    ops[n_ops].name = name;
    ops[n_ops++].fn = fn;
    return TC_OK;
}

tc_err tc_node_op_run(struct tc_node *n, const char *name, struct tc_str in, const int *fds,
                      size_t n_fds, struct tc_buf *out, void (*tell)(void *arg, struct tc_str json),
                      void *tell_arg, struct tc_diag *d)
{
    tc_op_fn fn = tc_node_op_find(tc_str_cstr(name));
    if (!fn)
        return tc_diag_set(d, TC_E_UNSUPPORTED, "this tocsin knows no operation '%s'", name);
    struct tc_json j = {NULL, NULL};
    size_t before = out->n;
    tc_err e = tc_json_read(in, TC_OP_REQUEST, 0, &j, d);
    if (e)
        return e;
    struct tc_op op = {.node = n,
                       .name = name,
                       .in = j.root,
                       .fd = n_fds ? fds[0] : -1,
                       .fds = fds,
                       .n_fds = n_fds,
                       .out = out,
                       .diag = d,
                       .tell = tell,
                       .tell_arg = tell_arg};
    e = yyjson_is_obj(j.root) ? audit_op(n, name, j.root)
                              : tc_diag_set(d, TC_E_SYNTAX, "the request is not a JSON object");
    if (!e)
        e = fn(&op);
    if (!e && op.unrecorded) {
        out->n = before;
        e = op.unrecorded;
    }
    if (e == TC_E_CLASSIFIED) {
        const struct tc_audit_event refusal = {
            .kind = TC_AUDIT_REFUSAL, .how = tc_str_cstr(name), .why = TC_STR("classified")};
        (void)!tc_audit_must(n->audit, &refusal);
    }
    if (!e && out->err)
        e = tc_diag_set(d, out->err, "the answer is too large");
    if (e && d && d->code == TC_OK)
        tc_diag_set(d, e, "%s", tc_err_text(e));
    tc_json_fini(&j);
    return e;
}
